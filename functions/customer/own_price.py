"""Prices of single customers' own: granted until a moment and for a reason, ended, and kept while the customer is.

A grant is one row: who gave it, when and why, later who ended it. What a sale needs of all that were granted to a
customer is one more row, their price book, so that one read decides; each write of the one writes the other with it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.shared import clock, keys, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import Busy, ChangedMeanwhile, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource, ref
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

KIND, BOOK = "customerPrice", "priceBook"
LISTED = Resource(KIND, "price of a customer", dated="creationDate")
MOST = 100  # that are in one customer's book: it is read whole
KEPT = timedelta(days=90)  # that one stays there after its end, for carts that were told it
ENTRY = ("productOfferingPrice", "price", "validFor")


def of(caller: Caller, customer: str) -> list[Json]:
    """What is granted to a customer: {id, productOfferingPrice, price, validFor} each, in force or not, in one read."""
    book = _book(caller, customer)
    return list(book["body"]["entry"]) if book else []


def _book(caller: Caller, customer: str) -> Row | None:
    return rows.load(settings.customer_table, caller.brand, BOOK, _book_id(caller, customer))


def _book_id(caller: Caller, customer: str) -> str:
    return clock.derived_id(caller.brand, BOOK, customer)


def grant(caller: Caller, customer: str, body: Json, asked: Key | None) -> tuple[Row, bool]:
    """Grants a price; with a key that granted one before, that one (and True) instead."""
    return keys.once(
        settings.customer_table,
        caller,
        asked,
        lambda: rows.repeated(lambda: _granted_now(caller, customer, body, asked)),
        lambda id_: load(caller, id_),
    )


def _granted_now(caller: Caller, customer: str, body: Json, asked: Key | None) -> Row:
    table, now = settings.customer_table, clock.text(clock.now())
    told = {**body, "state": "active", "author": caller.subject, "creationDate": now}
    row = rows.new(caller, KIND, clock.new_id(), told, **rows.owned_by(caller.brand, KIND, customer), created=now)
    book = _book(caller, customer)
    held = _fresh(book)
    if other := next((each for each in held if _same_time(each, body)), None):
        raise RuleBroken(
            "They have a price of their own for this already at that time; end that one first.",
            code="exists",
            customerPrice=other["id"],
        )
    if len(held) >= MOST:
        raise RuleBroken(f"A customer has at most {MOST} prices of their own; end some.", code="tooManyPrices")
    entry = {"id": row["id"], **{name: body[name] for name in ENTRY}}
    there = rows.there(table, caller.brand, "customer", customer)  # who is deleted meanwhile is promised nothing
    book_ = _written(caller, customer, book, [*held, entry])
    try:
        keys.save(table, caller, asked, row["id"], there, rows.put(table, row), book_)
    except rows.Refused as refused:
        if refused.index == 0:
            raise unknown_customer() from None
        raise rows.moved_on(refused.row) from None
    return row


def unknown_customer() -> RuleBroken:
    """The fact that there is nobody to promise a price to."""
    return RuleBroken("There is no such customer.", code="customerUnknown")


def _fresh(book: Row | None) -> list[Json]:
    """The entries of a book without those that are over for long."""
    over = clock.text(clock.now() - KEPT)
    entries = book["body"]["entry"] if book else []
    return [each for each in entries if each["validFor"].get("endDateTime", "9") > over]


def _same_time(one: Json, other: Json) -> bool:
    """Whether two are for the same price, and there is a moment at which both would hold."""
    if one["productOfferingPrice"] != other["productOfferingPrice"]:
        return False
    spans = [(each["validFor"]["startDateTime"], each["validFor"].get("endDateTime", "9")) for each in (one, other)]
    return bool(max(start for start, _ in spans) < min(end for _, end in spans))


def _written(caller: Caller, customer: str, book: Row | None, entries: list[Json]) -> Operation:
    """The write of a book over the one that was seen."""
    version = book["version"] if book else 0
    after = rows.new(caller, BOOK, _book_id(caller, customer), {"entry": entries}, customer=customer)
    return rows.put(settings.customer_table, {**after, "version": version + 1}, seen=version or None)


def load(caller: Caller, id_: str, right: str = "read") -> Row:
    """The row of a grant, ended or not; raises NotFound where there is none or it is not the caller's to see."""
    row = rows.load(settings.customer_table, caller.brand, KIND, id_)
    if row is None or not caller.opens(f"{KIND}.{right}", row):
        raise NotFound(LISTED.words)
    return row


def end(caller: Caller, id_: str) -> None:
    """Ends it from this moment on, and says who did; what is ended stays so."""
    rows.repeated(lambda: _ended_now(caller, load(caller, id_, "end")))


def _ended_now(caller: Caller, row: Row) -> None:
    if row["body"]["state"] == "ended":
        return
    table, customer, now = settings.customer_table, row["customer"], clock.text(clock.now())
    start, until = (row["body"]["validFor"].get(name, "9") for name in ("startDateTime", "endDateTime"))
    period = {"startDateTime": start, "endDateTime": min(until, max(start, now))}
    body = {**row["body"], "state": "ended", "validFor": period, "endDate": now, "endedBy": caller.subject}
    after = {**row, **rows.touched(caller), "version": row["version"] + 1, "body": body}
    book = _book(caller, customer)
    entries = [{**each, "validFor": period} if each["id"] == row["id"] else each for each in _fresh(book)]
    try:
        rows.save(rows.put(table, after, seen=row["version"]), _written(caller, customer, book, entries))
    except rows.Refused as refused:
        raise ChangedMeanwhile("This changed since you read it; read it again.") from refused


def leaving(caller: Caller, customer: str, room: int) -> list[Operation]:
    """The writes that take all that was granted to a customer away with them, their book last.

    What has no room there goes at once, before them: first what has ended. Raises Busy where even that is more than
    one request takes; the same request goes on then.
    """
    table, book = settings.customer_table, _book(caller, customer)
    if book is None:
        return []  # they never had any
    places, more = rows.keys_in(table, rows.of_customer(caller.brand, KIND, customer), most=rows.MOST)
    # The index follows the table by a moment; the book knows every grant of late.
    ids = list(dict.fromkeys([*(each["id"] for each in book["body"]["entry"]), *(place.id for place in places)]))
    parts = [ids[start : start + rows.MOST] for start in range(0, len(ids), rows.MOST)]
    found = [row for part in parts for row in rows.load_many(table, caller.brand, KIND, part)]
    found.sort(key=lambda row: str(row["body"]["state"]))  # active, ended
    fit = 0 if more else max(room - 1, 0)  # beside the book
    _take_away(found[fit:])
    if more:
        raise Busy("They had more prices of their own than go at once. Send the same request again to go on.")
    return [rows.delete(table, row) for row in (*found[:fit], book)]


def _take_away(found: list[Row]) -> None:
    for start in range(0, len(found), rows.MOST):
        try:
            rows.save(*(rows.delete(settings.customer_table, row) for row in found[start : start + rows.MOST]))
        except rows.Refused:
            raise ChangedMeanwhile("Their prices changed meanwhile; send the same request again.") from None


def render(row: Mapping[str, Any]) -> Json:
    """The grant as the API shows it."""
    party = ref(row["customer"], tmf.href("customer", row["customer"]), "Customer", role="customer")
    price = row["body"]["productOfferingPrice"]["id"]
    named = ref(price, tmf.href("productOfferingPrice", price), "ProductOfferingPrice")
    return tmf.resource(KIND, row["id"], {**row["body"], "productOfferingPrice": named, "relatedParty": [party]})
