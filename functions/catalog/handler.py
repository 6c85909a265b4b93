"""TMF620 and TMF671 over HTTP: the catalog as a channel sees it, and a word to the bus about who looked at an offer."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from botocore.exceptions import BotoCoreError, ClientError

from functions.catalog import (
    draft,
    drafts,
    jobs,
    listing,
    preview,
    price,
    publication,
    shelf,
    stages,
    store,
    versions,
    whole,
)
from functions.catalog.book import SEARCHED
from functions.catalog.catalog import Catalog, released
from functions.catalog.drafts import Found
from functions.catalog.kinds import HELD, WRITTEN, channels
from functions.catalog.listing import Sight
from functions.catalog.sale import Sale
from functions.shared import aws, clock, lists, tmf
from functions.shared.access import Caller
from functions.shared.errors import Malformed, NotFound
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming, moment_written
from functions.shared.resource import Json
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings
from functions.shared.shape import MAX_BYTES

api = Api(previewed=preview.shown)
PREVIEW = ("asOf", "channel", "partner")  # with which an operator sees what a channel will show


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product catalog API."""
    return api.resolve(event, context)


def _serve_readers(kind: str) -> None:
    """Registers how a kind of catalog resource is read."""
    path = f"{tmf.BASE[tmf.API[kind]]}/{kind}"

    @api.serves("GET", path, "catalog.read", previews=True)
    def find(incoming: Incoming) -> Response[str]:
        """What of this kind the channel may show; for an operator all of it, as it would be once published."""
        caller, also = incoming.caller, (listing.SEARCH,) if kind == SEARCHED else ()
        wanted = lists.asked(incoming, also=(*also, *(PREVIEW if _writes(incoming) else ())))
        sight = _sight(incoming, kind)
        language = incoming.language(sight.catalog.languages)
        render = lambda stored: _rendered(sight, kind, stored, caller, language)  # noqa: E731
        return listing.page(incoming, wanted.without(*PREVIEW), kind, sight, language, render)

    @api.serves("GET", f"{path}/<id_>", "catalog.read", previews=True)
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """One of them, if the channel may show it; a customer's look at an offering is remembered."""
        caller = incoming.caller
        if _writes(incoming) and not any(map(incoming.asked, PREVIEW)):
            return _answer(200, incoming, drafts.find(caller, kind, id_))
        sight = _sight(incoming, kind)
        stored = sight.catalog.held[kind].get(id_)
        if stored is None or not _shown(sight, kind, stored):
            raise NotFound(kind)
        found = drafts.Found(kind, sight.catalog, stored, sight.catalog.sequence(kind, id_), None)
        made = _answer(200, incoming, found, sight=sight)
        if kind == "productOffering" and caller.customer_id and not incoming.as_of:
            _viewed(caller, id_, sight.catalog.text(stored["name"], incoming.language(sight.catalog.languages)))
        return made


def _serve_operators(kind: str) -> None:
    """Registers how a kind of catalog resource is written."""
    path = f"{tmf.BASE[tmf.API[kind]]}/{kind}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, "catalog.write")
    def write(incoming: Incoming) -> Response[str]:
        """Writes a new one as a draft, in the language of Content-Language; channels see it once it is published."""
        caller, sent, catalog = incoming.caller, incoming.body, store.newest(incoming.caller.brand)
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


def _writes(incoming: Incoming) -> bool:
    """Whether they see what is written of the catalog; with a preview token everybody sees what their channel shows."""
    return incoming.caller.role == "operator" and incoming.as_of is None


def _sight(incoming: Incoming, kind: str) -> Sight:
    """What of the catalog the caller sees: a channel what it shows now, an operator all there is and the drafts.

    An operator may ask for what a channel will show, and for a moment: of what is published by then, without drafts.
    """
    caller, now = incoming.caller, incoming.now
    if not _writes(incoming):
        return Sight(store.seen(caller.brand, incoming.as_of), caller.channel, now, partner=caller.seller)
    as_of, channel, partner = incoming.moment("asOf"), incoming.asked("channel"), incoming.asked("partner")
    if partner and not channel:
        raise Malformed("Say in which channel the partner sells: channel.", code="badFilter")
    if as_of or channel:
        moment = as_of or now
        return Sight(store.live(caller.brand, moment), channel, moment, partner=partner)
    waiting = drafts.waiting(caller.brand, kind)
    # In this order: a draft that was published in between is found in what the schedule then ends with.
    return Sight(store.newest(caller.brand), None, now, waiting)


def _shown(sight: Sight, kind: str, stored: Json) -> bool:
    """Whether a channel shows it: an offering where it is sold, a promotion where it is given, all else as released."""
    if sight.channel is None:
        return True
    if kind == "promotion":
        named = channels(stored)
        here = named is None or sight.channel in named
        return here and released(stored) and sight.catalog.tells(stored, sight.partner)
    if kind != "productOffering":
        return released(stored)
    return sight.catalog.shown(stored, sight.channel, sight.moment, partner=sight.partner)


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


def _answer(
    status: int, incoming: Incoming, found: Found, language: str | None = None, sight: Sight | None = None, **more: Any
) -> Response[str]:
    """The resource in that language, else in the reader's."""
    language = language or incoming.language(found.catalog.languages)
    sight = sight or Sight(found.catalog, None, clock.now())
    body = tmf.chosen(_rendered(sight, found.kind, found.stored, incoming.caller, language), incoming.query)
    return answer(status, body, version=found.version, headers={"Content-Language": language}, **more)


def _rendered(sight: Sight, kind: str, stored: Json, caller: Caller, language: str) -> Json:
    body = sight.catalog.rendered(kind, stored, language)
    if kind == "productOffering":
        if stage := stages.at(stored, sight.moment):
            body["saleStage"] = stage
        sale = Sale(sight.channel or caller.channel, sight.moment, language, partner=sight.partner)
        operator = caller.role == "operator"
        if given := price.promotions_seen(sight.catalog, stored, sale, staff=caller.staff, operator=operator):
            body["promotion"] = given
    return body


@api.serves("GET", f"{tmf.BASE['omnihub']}/catalogPreview/<as_of>", "catalog.preview")
def give_preview(incoming: Incoming, as_of: str) -> Response[str]:
    """A token with which every channel of the brand shows the catalog of that moment to who sends it along."""
    until = incoming.moment("validFor.endDateTime")
    told = preview.given(incoming.caller, moment_written("asOf", as_of), until)
    return answer(200, told, headers={"Cache-Control": "no-store"})


PUBLICATIONS = f"{tmf.BASE['omnihub']}/{publication.KIND}"


@api.serves("POST", PUBLICATIONS, "catalog.publish", largest=whole.LARGEST_BODY)
def publish(incoming: Incoming) -> Response[str]:
    """Publishes all drafts, or the content sent, as one new version, at once or for later; or an earlier version."""
    row, replayed = publication.publish(incoming.caller, incoming.body, incoming.key)
    return _told(201, incoming, row, location=tmf.href(publication.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{PUBLICATIONS}/<id_>", "catalog.publish")
def read_publication(incoming: Incoming, id_: str) -> Response[str]:
    """One publication: which version, who and when."""
    return _told(200, incoming, publication.load(incoming.caller, id_))


@api.serves("GET", PUBLICATIONS, "catalog.publish")
def list_publications(incoming: Incoming) -> Response[str]:
    """What was published, the newest first."""
    return lists.of_rows(incoming, settings.catalog_table, publication.LISTED, _rendered_rows)


VERSIONS = f"{tmf.BASE['omnihub']}/{versions.KIND}"


@api.serves("GET", VERSIONS, "catalog.publish")
def list_versions(incoming: Incoming) -> Response[str]:
    """Which versions were, are and will be on sale, from when until when."""
    brand = incoming.caller.brand
    return lists.of_bodies(incoming, lists.asked(incoming), versions.scheduled(store.schedule(brand), clock.now()))


@api.serves("GET", f"{VERSIONS}/<id_>", "catalog.publish")
def read_version(incoming: Incoming, id_: str) -> Response[str]:
    """All that a version says, as one JSON: what an exportJob names, and what may be sent to be published."""
    if not shelf.is_kept(incoming.caller.brand, id_):
        raise NotFound("version")
    catalog = store.at_version(incoming.caller.brand, id_)
    named = [each.partition(".")[0] for each in tmf.fields(incoming.query)]
    kinds = [kind for kind in HELD if not named or kind in named]
    whole.must_be_sendable(catalog, kinds, packed="gzip" in incoming.headers.get("accept-encoding", ""))
    body = tmf.resource(versions.KIND, id_, whole.told(catalog, kinds))
    return answer(200, tmf.chosen(body, incoming.query), compressed=True)


def _serve_jobs(kind: str) -> None:
    """Registers the operations on a kind of job."""
    path = f"{tmf.BASE[tmf.API[kind]]}/{kind}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, "catalog.write", largest=whole.LARGEST_BODY if kind == jobs.CHECK else MAX_BYTES)
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


for each in WRITTEN:
    _serve_readers(each)
    _serve_operators(each)
for each in jobs.LISTED:
    _serve_jobs(each)
