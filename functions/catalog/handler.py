"""TMF620 over HTTP: the catalog as a channel sees it, and a word to the bus when a customer looks at an offer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import BotoCoreError, ClientError

from functions.catalog import draft, drafts, jobs, publication, store
from functions.catalog.catalog import KINDS, Catalog, released
from functions.catalog.drafts import Found
from functions.shared import aws, clock, lists, tmf
from functions.shared.access import Caller
from functions.shared.errors import Malformed, NotFound
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product catalog API."""
    return api.resolve(event, context)


def _serve_readers(kind: str) -> None:
    """Registers how a kind of catalog resource is read."""
    path = f"{tmf.BASE['TMF620']}/{kind}"

    @api.serves("GET", path, "catalog.read")
    def find(incoming: Incoming) -> Response[str]:
        """What of this kind the channel may show; for an operator all of it, as it would be once published."""
        catalog, held = _held(incoming.caller, kind)
        language = incoming.language(catalog.languages)
        found = [_rendered(catalog, kind, stored, incoming.caller, language) for stored in held]
        return lists.of_bodies(incoming, lists.asked(incoming), found, {"Content-Language": language})

    @api.serves("GET", f"{path}/<id_>", "catalog.read")
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """One of them, if the channel may show it; a customer's look at an offering is remembered."""
        caller = incoming.caller
        if caller.role == "operator":
            return _answer(200, incoming, drafts.find(caller, kind, id_))
        catalog = store.current(caller.brand)
        stored = catalog.held[kind].get(id_)
        if stored is None or not _shown(catalog, kind, stored, caller, clock.now()):
            raise NotFound(kind)
        made = _answer(200, incoming, drafts.Found(kind, catalog, stored, catalog.sequence(kind, id_), None))
        if kind == "productOffering" and caller.customer_id:
            _viewed(caller, id_, catalog.text(stored["name"], incoming.language(catalog.languages)))
        return made


def _serve_operators(kind: str) -> None:
    """Registers how a kind of catalog resource is written."""
    path = f"{tmf.BASE['TMF620']}/{kind}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, "catalog.write")
    def write(incoming: Incoming) -> Response[str]:
        """Writes a new one as a draft, in the language of Content-Language; channels see it once it is published."""
        caller, sent, catalog = incoming.caller, incoming.body, store.live(incoming.caller.brand)
        language = _written_in(incoming, catalog)
        body = draft.new(kind, sent, language, clock.text(clock.now()))
        found, replayed = drafts.open_new(caller, kind, catalog, body, incoming.key)
        where = tmf.href(kind, found.stored["id"])
        return _answer(201, incoming, found, language, location=where, replayed=replayed)

    @api.serves("PATCH", one, "catalog.write")
    def change(incoming: Incoming, id_: str) -> Response[str]:
        """Merges a patch into the draft, which begins with what is published; other languages keep their words."""
        patch, found = incoming.body, _found(incoming, kind, id_)
        language = _written_in(incoming, found.catalog)
        body = draft.changed(found.stored, patch, language, clock.text(clock.now()))
        return _answer(200, incoming, drafts.change(incoming.caller, found, body), language)

    @api.serves("DELETE", one, "catalog.write")
    def delete(incoming: Incoming, id_: str) -> Response[str]:
        """Takes it out of the draft; channels see it until that is published."""
        drafts.delete(incoming.caller, _found(incoming, kind, id_))
        return nothing()


def _held(caller: Caller, kind: str) -> tuple[Catalog, list[Json]]:
    """The published catalog, and what of a kind is listed for that caller."""
    if caller.role == "operator":
        waiting = drafts.waiting(caller.brand, kind)
        catalog = store.live(caller.brand)
        return catalog, [*draft.overlaid(catalog.held[kind], waiting).values()]
    catalog, now = store.current(caller.brand), clock.now()
    return catalog, [each for each in catalog.held[kind].values() if _shown(catalog, kind, each, caller, now)]


def _shown(catalog: Catalog, kind: str, stored: Json, caller: Caller, now: datetime) -> bool:
    """Whether a channel shows it: an offering where it is sold, all else as soon as it is released."""
    return catalog.shown(stored, caller.channel, now) if kind == "productOffering" else released(stored)


def _found(incoming: Incoming, kind: str, id_: str) -> Found:
    found = drafts.find(incoming.caller, kind, id_)
    same_version({"version": found.version}, incoming.if_match())
    return found


def _written_in(incoming: Incoming, catalog: Catalog) -> str:
    """The language of the texts that are sent: Content-Language, else the market's own."""
    said = incoming.headers.get("content-language", catalog.languages[0]).strip().lower()
    language = said.partition("-")[0]
    if language not in catalog.languages:
        spoken = " and ".join(catalog.languages)
        raise Malformed(f"Content-Language must be one of the languages spoken here: {spoken}.", code="badLanguage")
    return language


def _answer(status: int, incoming: Incoming, found: Found, language: str | None = None, **more: Any) -> Response[str]:
    """The resource in that language, else in the reader's."""
    language = language or incoming.language(found.catalog.languages)
    body = tmf.chosen(_rendered(found.catalog, found.kind, found.stored, incoming.caller, language), incoming.query)
    return answer(status, body, version=found.version, headers={"Content-Language": language}, **more)


def _rendered(catalog: Catalog, kind: str, stored: Json, caller: Caller, language: str) -> Json:
    body = catalog.rendered(kind, stored, language)
    if kind == "productOffering":
        promotions = catalog.promotions_seen(stored["id"], caller.channel, clock.now(), language, staff=caller.staff)
        if promotions:
            body["promotion"] = promotions
    return body


PUBLICATIONS = f"{tmf.BASE['omnihub']}/{publication.KIND}"


@api.serves("POST", PUBLICATIONS, "catalog.publish")
def publish(incoming: Incoming) -> Response[str]:
    """Publishes all drafts as one new version of the catalog; says which is live where nothing would change."""
    _ = incoming.body  # says nothing that we need, and has to be one
    row, replayed = publication.publish(incoming.caller, incoming.key)
    return _told(201, incoming, row, location=tmf.href(publication.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{PUBLICATIONS}/<id_>", "catalog.publish")
def read_publication(incoming: Incoming, id_: str) -> Response[str]:
    """One publication: which version, who and when."""
    return _told(200, incoming, publication.load(incoming.caller, id_))


@api.serves("GET", PUBLICATIONS, "catalog.publish")
def list_publications(incoming: Incoming) -> Response[str]:
    """What was published, the newest first."""
    return lists.of_rows(incoming, settings.catalog_table, publication.LISTED, _rendered_rows)


def _serve_jobs(kind: str) -> None:
    """Registers the operations on a kind of job."""
    path = f"{tmf.BASE['TMF620']}/{kind}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, "catalog.write")
    def begin(incoming: Incoming) -> Response[str]:
        """Does the job at once, and says what became of it."""
        row, replayed = jobs.run(incoming.caller, kind, incoming.body, incoming.key)
        return _told(201, incoming, row, location=tmf.href(kind, row["id"]), replayed=replayed)

    @api.serves("GET", path, "catalog.write")
    def find(incoming: Incoming) -> Response[str]:
        """The jobs that were done, the newest first."""
        return lists.of_rows(incoming, settings.catalog_table, jobs.LISTED[kind], _rendered_rows)

    @api.serves("GET", one, "catalog.write")
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """What became of a job."""
        row = jobs.load(incoming.caller, kind, id_)
        return _told(200, incoming, row, version=row["version"])

    @api.serves("DELETE", one, "catalog.write")
    def delete(incoming: Incoming, id_: str) -> Response[str]:
        """Deletes what is known of a job; what it named or wrote stays."""
        row = jobs.load(incoming.caller, kind, id_)
        same_version(row, incoming.if_match())
        jobs.forget(row)
        return nothing()


def _rendered_rows(found: list[Row]) -> list[Json]:
    return [tmf.resource(row["type"], row["id"], row["body"]) for row in found]


def _told(status: int, incoming: Incoming, row: Row, **more: Any) -> Response[str]:
    (body,) = _rendered_rows([row])
    return answer(status, tmf.chosen(body, incoming.query), **more)


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
    _serve_readers(each)
    _serve_operators(each)
for each in (jobs.EXPORT, jobs.IMPORT):
    _serve_jobs(each)
