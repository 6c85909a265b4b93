"""Where price rises are kept, beside the products they touch, and of each the bills that it will change."""

from collections.abc import Callable

from functions.inventory import raised, store
from functions.inventory import rise as rises
from functions.inventory.rise import BILL, KIND, Market
from functions.shared import clock, keys, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource, ref
from functions.shared.rows import Index, Operation, Place, Row
from functions.shared.settings import settings

LISTED = Resource(KIND, "price rise", customer=(), dated="creationDate")
BILLS = Resource(BILL, "bill", customer=())


class Overtaken(Exception):
    """The price rise is not at the version that a step began with; a later step goes on from there."""


def load(caller: Caller, id_: str) -> Row:
    """The row of a price rise; raises NotFound where there is none."""
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None:
        raise NotFound("price rise")
    return row


def draft(caller: Caller, make: Callable[[], Json], asked: Key | None) -> tuple[Row, bool]:
    """Puts the price rise that is made, as a draft; with a key that made one before, that one (and True) instead."""
    table = settings.inventory_table

    def drafted() -> Row:
        now = clock.text(clock.now())
        row = rows.new(caller, KIND, clock.new_id(), {**make(), "creationDate": now}, created=now)
        keys.save(table, caller, asked, row["id"], rows.put(table, row))
        return row

    return keys.once(table, caller, asked, drafted, lambda id_: load(caller, id_))


def save(caller: Caller, row: Row, body: Json, walked: Place | None = None) -> Row:
    """Writes a price rise over the version it was read at, and how far the installed base was walked for it."""
    after = {**row, **rows.touched(caller), "version": row["version"] + 1, "body": body}
    after["walked"] = list(walked) if walked else None
    rows.save_over(LISTED.words, rows.put(settings.inventory_table, after, seen=row["version"]))
    return after


def bills(brand: str, id_: str) -> Index:
    """The bills that a price rise changes."""
    return rows.listed("by_kind", f"{brand}#{BILL}#{id_}")


def rendered(found: list[Row]) -> list[Json]:
    """Price rises as they are answered."""
    return [tmf.resource(KIND, row["id"], row["body"]) for row in found]


def rendered_bills(found: list[Row]) -> list[Json]:
    """Bills as they are answered."""
    return [{"id": row["id"], "@type": tmf.type_of(BILL), **row["body"]} for row in found]


def put_bill(caller: Caller, rise: Row, customer: str, body: Json, page: str) -> bool:
    """Puts a bill that a rise changes, or a part of one; whether this page of the walk made the bill, now or before."""
    account = (body.get("billingAccount") or {}).get("id") or ""
    id_, now = clock.derived_id(rise["id"], customer, account, str(body["part"])), clock.text(clock.now())
    named = {"customer": ref(customer, tmf.href("customer", customer), "Customer"), **body}
    listed = bills(caller.brand, rise["id"]).entry
    row = rows.new(caller, BILL, id_, named, customer=customer, created=now, page=page, **listed)
    try:
        rows.save(rows.put(settings.inventory_table, row))
    except rows.Refused as refused:
        return body["part"] == 1 and bool(refused.row and refused.row["page"] == page)
    return bool(body["part"] == 1)


def raise_product(caller: Caller, rise: Row, market: Market, id_: str) -> bool:
    """Tells a product what was decided of its prices; whether it is told. One that changed its terms is left alone."""
    row = rows.load(settings.inventory_table, caller.brand, store.KIND, id_)
    if row is None:
        return False
    held = row.get("rises", [])
    if any(each["id"] == rise["id"] for each in held):
        return True
    found = rises.entries(rise["id"], rise["body"], row["body"], held, market)
    if not found:
        return False
    kept = [raised.noticed(each, rise["body"]["noticeDays"], clock.now()) for each in found]
    sets = {**rows.touched(caller), "rises": [*held, *kept]}
    try:
        # Held to the rise: nobody is told of one that is taken back at this moment.
        rows.save(rows.unmoved(settings.inventory_table, rise), _over(caller, row, sets))
    except rows.Refused as refused:
        if refused.index == 0:
            raise Overtaken from None
        raise rows.moved_on(refused.row) from None
    return True


def spare_product(caller: Caller, rise: Row, id_: str) -> bool:
    """Gives a product back the terms it had before a rise was told to it; whether it has them now."""
    row = rows.load(settings.inventory_table, caller.brand, store.KIND, id_)
    held = row.get("rises", []) if row else []
    left = raised.without(held, rise["id"])
    if row is None or len(left) == len(held):
        return False
    try:
        rows.save(_over(caller, row, {**rows.touched(caller), "rises": left or None}))
    except rows.Refused as refused:
        raise rows.moved_on(refused.row) from None
    return True


def _over(caller: Caller, row: Row, sets: Row) -> Operation:
    seen = {":seen": row["version"]}
    where = rows.key(caller.brand, store.KIND, row["id"])
    return rows.update(settings.inventory_table, where, sets, when="version = :seen", values=seen)
