"""TMF637 over HTTP: the installed base, read by every channel; written by fulfilment, and by operators who bring it."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response

from functions.catalog import store as catalogs
from functions.inventory import billing, product, rise, rises, store
from functions.inventory.billing import Subject
from functions.shared import audit, clock, grants, lists, tmf
from functions.shared.errors import Malformed
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json, ref
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

PRODUCTS = f"{tmf.BASE['TMF637']}/product"
RISES = f"{tmf.BASE['omnihub']}/{rise.KIND}"
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product inventory API."""
    return api.resolve(event, context)


@api.serves("POST", PRODUCTS, "product.write")
def bring_product(incoming: Incoming) -> Response[str]:
    """Takes up a product that was sold elsewhere, as a migration brings it."""
    row, replayed = store.bring(incoming.caller, product.brought(incoming.body, incoming.caller), incoming.key)
    return _answer(201, row, incoming, location=tmf.href(store.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{PRODUCTS}/<id_>", "product.read")
def read_product(incoming: Incoming, id_: str) -> Response[str]:
    """One installed product."""
    return _answer(200, store.load(incoming.caller, id_), incoming)


@api.serves(
    "GET",
    f"{PRODUCTS}/<id_>/billPreview",
    "product.read",
    gives="omnihub.BillPreview",
    many=False,
    asks=billing.ASKED_OF_WHAT_RUNS,
)
def preview_bills(incoming: Incoming, id_: str) -> Response[str]:
    """What the product's next bills take on the terms it was sold on, and what ending it early costs on a day."""
    row = store.load(incoming.caller, id_)
    catalog = catalogs.current(incoming.caller.brand)
    named = ref(id_, tmf.href(store.KIND, id_), "Product")
    sold, began = product.billed(row, catalog.rounding, ZoneInfo(catalog.time_zone))
    subject = Subject({"product": named}, row.get("customer"), [sold], catalog, began, runs=True)
    return answer(200, tmf.chosen(billing.preview(incoming, subject), incoming.query), version=row["version"])


@api.serves("GET", PRODUCTS, "product.list")
def list_products(incoming: Incoming) -> Response[str]:
    """The installed base, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return store.rendered(incoming.caller, found)

    return lists.of_rows(incoming, settings.inventory_table, store.LISTED, rendered, branch=catalogs.branch)


@api.serves("PATCH", f"{PRODUCTS}/<id_>", "product.write")
def correct_product(incoming: Incoming, id_: str) -> Response[str]:
    """Corrects a product on which no order is open."""
    row = store.load(incoming.caller, id_, "product.write")
    same_version(row, incoming.if_match())
    after = store.correct(incoming.caller, row, product.corrected(row["body"], incoming.body))
    return _answer(200, after, incoming)


@api.serves("DELETE", f"{PRODUCTS}/<id_>", "product.write")
def delete_product(incoming: Incoming, id_: str) -> Response[str]:
    """Takes a product off the installed base that should never have been there."""
    row = store.load(incoming.caller, id_, "product.write")
    same_version(row, incoming.if_match())
    store.delete(row)
    return nothing()


def _answer(status: int, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    (body,) = store.rendered(incoming.caller, [row])
    return answer(status, tmf.chosen(body, incoming.query), version=row["version"], **headers)


@api.serves("POST", RISES, "priceRise.write")
def draft_price_rise(incoming: Incoming) -> Response[str]:
    """Drafts a price rise over products that are sold already; its preview follows, bill by bill."""
    caller = incoming.caller
    sent, asked = incoming.body, incoming.key

    def drafted() -> Json:
        return rise.drafted(sent, catalogs.current(caller.brand), clock.now())

    row, replayed = rises.draft(caller, drafted, asked)
    return _risen(201, row, incoming, location=tmf.href(rise.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{RISES}/<id_>", "priceRise.read")
def read_price_rise(incoming: Incoming, id_: str) -> Response[str]:
    """A price rise, with what it does to bills and how many products are told of it."""
    return _risen(200, rises.load(incoming.caller, id_), incoming)


@api.serves("GET", RISES, "priceRise.read")
def list_price_rises(incoming: Incoming) -> Response[str]:
    """The price rises of the brand, the newest first."""
    return lists.of_rows(incoming, settings.inventory_table, rises.LISTED, rises.rendered)


@api.serves("GET", f"{RISES}/<id_>/bill", "priceRise.read", gives="PriceRiseBill")
def list_bills(incoming: Incoming, id_: str) -> Response[str]:
    """The bills that a price rise changes, each without and with it, and the products on it that rise."""
    row = rises.load(incoming.caller, id_)
    index = rises.bills(incoming.caller.brand, row["id"])
    return lists.of_rows(incoming, settings.inventory_table, rises.BILLS, rises.rendered_bills, index)


@api.serves("PATCH", f"{RISES}/<id_>", "priceRise.write")
def decide_price_rise(incoming: Incoming, id_: str) -> Response[str]:
    """Decides a price rise whose preview is complete, and products are told of it; or takes it back before its day."""
    caller, row = incoming.caller, rises.load(incoming.caller, id_)
    same_version(row, incoming.if_match())
    now, wanted = clock.now(), str(incoming.body.get("state"))
    if incoming.body.keys() != {"state"} or wanted not in rise.DECISIONS:
        raise Malformed(
            "A price rise is decided as it is, or drafted anew: send state decided, or cancelled to take it back.",
            code="priceRiseUnclear",
        )
    if row["body"]["state"] == wanted:  # a repeat: it stays as it was decided
        return _risen(200, row, incoming)
    touch = {"by": caller.subject, "channel": caller.channel, "at": clock.text(now)}
    return _risen(200, rises.save(caller, row, rise.DECISIONS[wanted](row["body"], touch, now)), incoming)


def _risen(status: int, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    (body,) = rises.rendered([row])
    return answer(status, tmf.chosen(body, incoming.query), version=row["version"], **headers)
