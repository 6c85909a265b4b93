"""TMF620 over HTTP: the catalog as a channel sees it, and a word to the bus when a customer looks at an offer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import BotoCoreError, ClientError

from functions.catalog import store
from functions.catalog.catalog import KINDS, Catalog
from functions.shared import aws, clock, tmf
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.http import Api, answer
from functions.shared.resource import Json
from functions.shared.settings import settings

CATALOG = tmf.BASE["TMF620"]
FILTERS = [
    "id",
    "name",
    "lifecycleStatus",
    "isBundle",
    "category.id",
    "channel.id",
    "productSpecification.id",
    "priceType",
]
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product catalog API."""
    return api.resolve(event, context)


@api.get(f"{CATALOG}/<kind>")
def list_resources(kind: str) -> Response[str]:
    """The resources of a kind that this channel may show."""
    incoming = api.incoming("catalog.read")
    catalog = _catalog(incoming.caller, kind)
    language, now = incoming.language(catalog.languages), clock.now()
    wanted = tmf.filters(incoming.query, FILTERS)
    found = [
        _rendered(catalog, kind, stored, incoming.caller, language)
        for stored in catalog.held[kind].values()
        if _shown(catalog, kind, stored, incoming.caller, now)
    ]
    found = [body for body in found if tmf.meets(body, wanted)]
    status, entries, headers = tmf.page(found, incoming.query)
    return answer(status, entries, headers={**headers, "Content-Language": language})


@api.get(f"{CATALOG}/<kind>/<id_>")
def read_resource(kind: str, id_: str) -> Response[str]:
    """One resource, if this channel may show it; a customer's look at an offering is remembered."""
    incoming = api.incoming("catalog.read")
    caller = incoming.caller
    catalog = _catalog(caller, kind)
    language, stored = incoming.language(catalog.languages), catalog.held[kind].get(id_)
    if stored is None or not _shown(catalog, kind, stored, caller, clock.now()):
        raise NotFound(kind)
    body = tmf.chosen(_rendered(catalog, kind, stored, caller, language), incoming.query)
    made = answer(200, body, headers={"Content-Language": language})
    if kind == "productOffering" and caller.customer_id:
        _viewed(caller, id_, catalog.text(stored["name"], language))
    return made


def _catalog(caller: Caller, kind: str) -> Catalog:
    if kind not in KINDS:
        raise NotFound("path")
    return store.current(caller.brand)


def _shown(catalog: Catalog, kind: str, stored: Json, caller: Caller, now: datetime) -> bool:
    """Whether a channel shows it: an offering where it is sold, all else everywhere; an operator sees all."""
    return kind != "productOffering" or caller.role == "operator" or catalog.shown(stored, caller.channel, now)


def _rendered(catalog: Catalog, kind: str, stored: Json, caller: Caller, language: str) -> Json:
    body = catalog.rendered(kind, stored, language)
    if kind == "productOffering":
        promotions = catalog.promotions_seen(stored["id"], caller.channel, clock.now(), language, staff=caller.staff)
        if promotions:
            body["promotion"] = promotions
    return body


def _viewed(caller: Caller, offering: str, name: str) -> None:
    """One best-effort event that no row holds: it may be lost, it may not delay or fail the answer."""
    now = clock.text(clock.now())
    event = {
        "eventId": f"offeringView-{clock.new_id()}",
        "eventTime": now,
        "eventType": "ProductOfferingViewEvent",
        "correlationId": caller.correlation_id,
        "brand": caller.brand,
        "market": caller.market,
        "channel": caller.channel,
        "customer": caller.customer_id,
        "offering": offering,
        "name": name,
    }
    entry = {
        "Source": "omnihub.productCatalog",
        "DetailType": "ProductOfferingViewEvent",
        "Detail": json.dumps(event),
        "EventBusName": settings.bus_name,
    }
    try:
        aws.events().put_events(Entries=[entry])  # type: ignore[list-item]
    except (BotoCoreError, ClientError):
        api.logger.warning("a look at an offer was not remembered")
