"""Where the installed base is kept; fulfilment writes it, and operators who bring it along; never a channel."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from functions.customer import private
from functions.customer import store as customers
from functions.inventory import product
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import Busy, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource, customer_named
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

KIND = "product"
READ = 1000  # products of a customer that one look reads
LISTED = Resource(KIND, "product", dated="startDate")


def load(caller: Caller, id_: str, operation: str = "product.read") -> Row:
    """The row of an installed product; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None or not caller.opens(operation, row):
        raise NotFound("product")
    return row


def bring(caller: Caller, body: Json, asked: Key | None) -> tuple[Row, bool]:
    """Puts a product that was sold elsewhere; with a key that brought one before, that one (and True) instead."""
    customer, id_ = customer_named(body, "owner"), clock.new_id()
    body, written, beside = _kept(caller, body, customer, None)
    owned = rows.owned_by(caller.brand, KIND, customer)
    row = rows.new(caller, KIND, id_, body, **owned, created=_since(body, clock.now()), written=written)
    before = keys.put_new(settings.inventory_table, caller, asked, row, *beside)
    return (load(caller, before), True) if before else (row, False)


def correct(caller: Caller, row: Row, body: Json) -> Row:
    """Writes a product over the version it was read at; raises RuleBroken while an order is open on it."""
    _must_be_settled(row)
    customer = customer_named(body, "owner")
    body, written, beside = _kept(caller, body, customer, row.get("written"))
    moved = {k: v for k, v in row.items() if k not in ("customer", "customer_key")}
    after = {**moved, **rows.touched(caller), **rows.owned_by(caller.brand, KIND, customer)}
    after |= {"version": row["version"] + 1, "created": _since(body, clock.moment(row["created"]))}
    after |= {"written": written, "body": body}
    rows.save_over(LISTED.words, rows.put(settings.inventory_table, after, seen=row["version"]), *beside)
    return after


def delete(row: Row) -> None:
    """Takes a product away at the version it was read at; raises RuleBroken while an order is open on it."""
    _must_be_settled(row)
    rows.save_over(LISTED.words, rows.delete(settings.inventory_table, row))


def _must_be_settled(row: Row) -> None:
    if row.get("pending"):
        raise why_not(row, row.get("customer"))


def _kept(
    caller: Caller, body: Json, customer: str | None, lay: str | None
) -> tuple[Json, str | None, list[Operation]]:
    """The product without what a person wrote on it, where that lies, and the write that keeps it there."""
    bare, taken = private.parted(body)
    if taken is None:
        return bare, lay, []
    before = customers.written(caller, [lay]).get(lay or "", {}).get("")
    id_, beside = customers.keep_written(caller, KIND, {"": private.joined(before, taken)}, customer)
    return bare, id_, beside


def _since(body: Json, otherwise: datetime) -> str:
    """When a product began, as it is listed."""
    return clock.text(clock.moment(body["startDate"]) if body.get("startDate") else otherwise)


def rendered(caller: Caller, found: list[Row]) -> list[Json]:
    """The products with what was written on them, as far as the caller may see it."""
    kept = customers.written(caller, [row.get("written") for row in found])
    return [product.render(row, kept.get(row.get("written", ""), {}).get("")) for row in found]


def offerings(caller: Caller, customer: str) -> dict[str, list[str]]:
    """What is installed at a customer: the offerings of each running product, by its id; of at most a hundred."""
    index = rows.of_customer(caller.brand, KIND, customer)
    places, _ = rows.keys_in(settings.inventory_table, index, most=rows.MOST)
    found = rows.load_many(settings.inventory_table, caller.brand, KIND, [p.id for p in places], consistent=False)
    running = {row["id"]: row["body"] for row in found if row["body"]["status"] not in product.ENDED}
    return {id_: of for id_, body in running.items() if (of := product.offerings(body))}


def running(caller: Caller, customer: str) -> list[Row]:
    """The products that run at a customer, newest first; at most a thousand."""
    found: list[Row] = []
    after, more = None, True
    while more and len(found) < READ:
        index = rows.of_customer(caller.brand, KIND, customer)
        places, more = rows.keys_in(settings.inventory_table, index, most=rows.MOST, after=after)
        found += rows.load_many(settings.inventory_table, caller.brand, KIND, [place.id for place in places])
        after = places[-1] if places else None
    return [row for row in found if row["body"]["status"] not in product.ENDED]


def bodies(caller: Caller, customer: str, ids: Iterable[str]) -> dict[str, Json]:
    """The products of these ids, as far as they run and are that customer's."""
    wanted = sorted(set(ids))
    parts = (wanted[start : start + rows.MOST] for start in range(0, len(wanted), rows.MOST))
    found = [row for part in parts for row in rows.load_many(settings.inventory_table, caller.brand, KIND, part)]
    theirs = (row for row in found if row.get("customer") == customer)
    return {row["id"]: product.now(row) for row in theirs if row["body"]["status"] not in product.ENDED}


def must_be_changeable(caller: Caller, id_: str, customer: str | None) -> Json:
    """That product; raises RuleBroken where it is not the customer's, has ended, or waits for another change."""
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None or customer is None or row.get("customer") != customer or row.get("pending"):
        raise why_not(row if row and customer else None, customer)
    if row["body"]["status"] in product.ENDED:
        raise why_not(row, customer)
    body: Json = row["body"]
    return body


def pending(caller: Caller, id_: str, customer: str | None, order: str, items: list[str]) -> Operation:
    """The write that names an order's items on a running product of that customer, where no order is open on it."""
    return rows.update(
        settings.inventory_table,
        rows.key(caller.brand, KIND, id_),
        {**rows.touched(caller), "pending": {"order": order, "items": items}},
        when="customer = :customer AND attribute_not_exists(pending) AND NOT (#body.#status IN (:ended, :cancelled))",
        values={":customer": customer or "-", ":ended": "terminated", ":cancelled": "cancelled"},
    )


def why_not(found: Row | None, customer: str | None) -> RuleBroken:
    """The fact that kept an order from changing a product."""
    if found is None or found.get("customer") != customer:
        return RuleBroken("The product to change is not installed at this customer.", code="productUnknown")
    if found["body"]["status"] in product.ENDED:
        return RuleBroken("This product has ended; nothing can be changed on it.", code="productEnded")
    return RuleBroken(
        "An order for this product is still open; wait for it, or cancel it first.",
        code="changePending",
        productOrder=found["pending"]["order"],
    )


def released(caller: Caller, id_: str, order: str) -> Operation:
    """The write that takes an order's open item off a product again."""
    return rows.update(
        settings.inventory_table,
        rows.key(caller.brand, KIND, id_),
        rows.touched(caller),
        removes=["pending"],
        when="pending.#order = :order",
        values={":order": order},
    )


class Sale(NamedTuple):
    """To whom it was sold, and by which partner, if any, with those above it."""

    customer: str | None
    sellers: tuple[str, ...] = ()


def fulfil(caller: Caller, order: Json, sale: Sale, item: Json, given: Json) -> None:
    """What a fulfilled item does to the installed base; a second time it does nothing."""
    effect, units = product.EFFECT[item["kind"]], range(item.get("quantity", 1))
    ids = [product.id_of(order["id"], item["id"], unit) for unit in units] if effect in ("install", "extend") else []
    added = [_install(caller, id_, order, sale, item, given) for id_ in ids]
    if effect == "install":
        for each in added:
            with suppress(rows.Refused):  # it stands there already
                rows.save(each)
        return
    links = [product.extended_by(id_) for id_ in ids]
    for _ in range(rows.TRIES):
        over = _over(caller, order, item, relationships=links)
        if over is None:
            return  # done before, all of it: it was one transaction
        with suppress(rows.Refused):  # something else was written on the product meanwhile: look again
            rows.save(*added, over)
            return
    raise Busy("Somebody else is writing the same. Send the same request again shortly.")


def _install(caller: Caller, id_: str, order: Json, sale: Sale, item: Json, given: Json) -> Operation:
    body = product.new(order, item, given)
    origin = {"type": "orderItem", "productOrder": order["id"], "orderItem": item["id"]}
    return rows.put(
        settings.inventory_table,
        rows.new(
            caller,
            KIND,
            id_,
            {**body, "origin": origin},
            created=body["startDate"],
            **rows.owned_by(caller.brand, KIND, *sale),
        ),
    )


def _over(caller: Caller, order: Json, item: Json, *, relationships: list[Json] | None = None) -> Operation | None:
    """The write that changes the product an item names and takes the item off it; None where that is done."""
    id_ = item["product"]["id"]
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    open_items = (row.get("pending") or {}).get("items", []) if row else []
    if row is None or item["id"] not in open_items:
        return None
    body = product.changed(row["body"], order, item)
    if relationships:
        body["productRelationship"] = [*body.get("productRelationship", []), *relationships]
    rejected = {each["id"] for each in order["productOrderItem"] if each["state"] == "rejected"}
    left = [each for each in open_items if each != item["id"] and each not in rejected]
    replaced = ("pending", "rises") if product.EFFECT[item["kind"]] == "terms" else ("pending",)
    after = {k: v for k, v in row.items() if k not in replaced}
    if left:
        after["pending"] = {**row["pending"], "items": left}
    after |= {**rows.touched(caller), "version": row["version"] + 1, "body": body}
    return rows.put(settings.inventory_table, after, seen=row["version"])
