"""Price rises: the installed base is walked for each, page by page, first to see what it does, then to tell products;
and once more where it is taken back.

The row of a price rise says how far the walk is; writing the next page's end on it is the event that the page after
follows from. So a walk of any length needs neither a clock nor a list, and goes on where it was cut off.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from functions.cart import context
from functions.catalog import promotion, rule
from functions.catalog import store as catalogs
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts
from functions.inventory import rise, rise_preview, rises
from functions.inventory import store as inventory
from functions.inventory.rise import Market
from functions.shared import access, clock, rows
from functions.shared.access import Caller
from functions.shared.resource import Json
from functions.shared.rows import Index, Place, Row
from functions.shared.settings import settings

PAGE = 50  # products that one step looks at
TOLD = 10  # bills, of at most 100 products each, that one step tells of


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Walks on by one page for the price rise that an event tells of; one that is at its end is left alone."""
    happened = event["detail"]
    ((_, named),) = happened["event"].items()
    hub = {"brand": happened["brand"], "market": happened["market"], "correlation_id": happened["correlationId"]}
    caller = access.hub(hub, "rise")
    row = rises.load(caller, named["id"])
    if row["version"] != happened["sequence"]:
        return {"walked": False}  # a later event goes on from there
    step = _step(row)
    if step:
        try:
            step(caller, row)
        except rises.Overtaken:
            return {"walked": False}
    return {"walked": step is not None}


def _step(row: Row) -> Callable[[Caller, Row], None] | None:
    body = row["body"]
    if body["state"] == "draft":
        return None if body["preview"]["complete"] else _look
    if body["state"] == "cancelled":
        return None if body["cancellation"]["complete"] else _take_back
    return None if body["told"]["complete"] else _tell


def _page(row: Row, index: Index, most: int) -> tuple[list[Place], bool]:
    after = Place(*row["walked"]) if row.get("walked") else None
    return rows.keys_in(settings.inventory_table, index, most=most, newest_first=False, after=after)


def _look(caller: Caller, row: Row) -> None:
    """Adds a page of the installed base to the preview, and puts the bills it touches."""
    places, more = _page(row, rows.of_kind(caller.brand, inventory.KIND), PAGE)
    ids = [place.id for place in places]
    products = rows.load_many(settings.inventory_table, caller.brand, inventory.KIND, ids)
    catalog = catalogs.current(caller.brand)
    market, body, page = Market.of(catalog), row["body"], "/".join(row.get("walked") or ["begin"])
    found = [each for held in products if (each := rise_preview.touched(row["id"], body, held, market))]
    meant = _meant(caller, body, catalog, sorted({c for each in found if (c := each.row.get("customer"))}))
    found = [each for each in found if each.row.get("customer") in meant]
    open_ = [each for each in found if not rise.is_protected(body, each.row["body"], market)]
    made = sum(_put_bills(caller, row, customer, market, page) for customer in _customers(open_))
    seen = rise_preview.counted(body["preview"], open_)
    seen |= {"bill": seen["bill"] + made, "withinTerm": seen["withinTerm"] + len(found) - len(open_)}
    seen["complete"] = not more
    rises.save(caller, row, {**body, "preview": seen}, places[-1] if more else None)


def _customers(found: Sequence[rise_preview.Touched]) -> list[str]:
    return sorted({each.row["customer"] for each in found})


def _meant(caller: Caller, body: Json, catalog: Catalog, customers: Sequence[str]) -> set[str]:
    """Those of these customers whom the rise is about."""
    predicate = rule.read(body)
    if not list(predicate.criteria()):
        return set(customers)
    return {each for each in customers if predicate.holds(_facts(caller, each, catalog))}


def _facts(caller: Caller, customer: str, catalog: Catalog) -> Facts:
    known = context.of_customer(caller, customer, catalog).known
    return Facts({**known, "segment": promotion.segments(catalog, known, clock.now())})


def _put_bills(caller: Caller, row: Row, customer: str, market: Market, page: str) -> int:
    bills = rise_preview.bills(row["id"], row["body"], inventory.running(caller, customer), market)
    return sum(rises.put_bill(caller, row, customer, bill, page) for bill in bills)


def _tell(caller: Caller, row: Row) -> None:
    """Tells the products on a page of bills what was decided."""
    market = Market.of(catalogs.current(caller.brand))
    _on(caller, row, "told", lambda id_: rises.raise_product(caller, row, market, id_))


def _take_back(caller: Caller, row: Row) -> None:
    """Gives the products on a page of bills back what they had before."""
    _on(caller, row, "cancellation", lambda id_: rises.spare_product(caller, row, id_))


def _on(caller: Caller, row: Row, name: str, act: Callable[[str], bool]) -> None:
    """Acts on the products of a page of bills, and counts under that name those that it was something to."""
    places, more = _page(row, rises.bills(caller.brand, row["id"]), TOLD)
    ids = [place.id for place in places]
    bills = rows.load_many(settings.inventory_table, caller.brand, rise.BILL, ids)
    named = [each["id"] for bill in bills for each in bill["body"]["product"]]
    counted = sum(rows.repeated(partial(act, id_)) for id_ in named)
    body = row["body"]
    done = {**body[name], "complete": not more, "product": body[name]["product"] + counted}
    rises.save(caller, row, {**body, name: done}, places[-1] if more else None)
