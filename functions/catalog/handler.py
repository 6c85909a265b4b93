"""TMF620 over HTTP: the catalog as a channel sees it, and a word to the bus when a customer looks at an offer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import BotoCoreError, ClientError

from functions.catalog import store
from functions.catalog.catalog import KINDS, Catalog
from functions.shared import aws, clock, lists, tmf
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.http import Api, answer
from functions.shared.incoming import Incoming
from functions.shared.resource import Json
from functions.shared.settings import settings

api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product catalog API."""
    return api.resolve(event, context)


def _serve(kind: str) -> None:
    """Registers the operations on a kind of catalog resource."""
    path = f"{tmf.BASE['TMF620']}/{kind}"

    @api.serves("GET", path, "catalog.read")
    def find(incoming: Incoming) -> Response[str]:
        """What of this kind the channel may show."""
        caller, catalog = incoming.caller, store.current(incoming.caller.brand)
        language, now = incoming.language(catalog.languages), clock.now()
        found = [
            _rendered(catalog, kind, stored, caller, language)
            for stored in catalog.held[kind].values()
            if _shown(catalog, kind, stored, caller, now)
        ]
        return lists.of_bodies(incoming, lists.asked(incoming), found, {"Content-Language": language})

    @api.serves("GET", f"{path}/<id_>", "catalog.read")
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """One of them, if the channel may show it; a customer's look at an offering is remembered."""
        caller, catalog = incoming.caller, store.current(incoming.caller.brand)
        language, stored = incoming.language(catalog.languages), catalog.held[kind].get(id_)
        if stored is None or not _shown(catalog, kind, stored, caller, clock.now()):
            raise NotFound(kind)
        body = tmf.chosen(_rendered(catalog, kind, stored, caller, language), incoming.query)
        made = answer(200, body, headers={"Content-Language": language})
        if kind == "productOffering" and caller.customer_id:
            _viewed(caller, id_, catalog.text(stored["name"], language))
        return made


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


for each in KINDS:
    _serve(each)
