"""Where the installed base is kept; only fulfilment writes it, never a channel."""

from functions.inventory import product
from functions.shared import rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound, RuleBroken
from functions.shared.resource import Json
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

KIND = "product"


def load(caller: Caller, id_: str) -> Row:
    """The row of an installed product; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None or not caller.owns("product.read", row.get("customer", "")):
        raise NotFound("product")
    return row


def of_customer(caller: Caller, customer: str) -> list[Row]:
    """A customer's installed products, newest first."""
    return rows.of_customer(settings.inventory_table, caller.brand, KIND, customer)


def must_be_changeable(caller: Caller, id_: str, customer: str | None) -> None:
    """Raises RuleBroken where that product is not the customer's, has ended, or waits for another change."""
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None or customer is None or row.get("customer") != customer or row.get("pending"):
        raise why_not(row if row and customer else None, customer)
    if row["body"]["status"] in ("terminated", "cancelled"):
        raise RuleBroken("This product has ended; nothing can be changed on it.", code="productEnded")


def pending(caller: Caller, id_: str, customer: str | None, order: str, item: str) -> Operation:
    """The write that names the open order item on a product of that customer, where none is open."""
    return rows.update(
        settings.inventory_table,
        rows.key(caller.brand, KIND, id_),
        {**rows.touched(caller), "pending": {"order": order, "item": item}},
        when="customer = :customer AND attribute_not_exists(pending)",
        values={":customer": customer or "-"},
    )


def why_not(found: Row | None, customer: str | None) -> RuleBroken:
    """The fact that kept an order from changing a product."""
    if found is None or found.get("customer") != customer:
        return RuleBroken("The product to change is not installed at this customer.", code="productUnknown")
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


def fulfil(caller: Caller, order: Json, customer: str | None, item: Json, given: Json) -> None:
    """What a fulfilled item does to the installed base; a second time it does nothing."""
    effect = product.EFFECT[item["kind"]]
    if effect == "install":
        for unit in range(item.get("quantity", 1)):
            _once(_install(caller, product.id_of(order["id"], item["id"], unit), order, customer, item, given))
    elif effect == "extend":
        added = product.id_of(order["id"], item["id"])
        _once(
            _install(caller, added, order, customer, item, given),
            _over(caller, order, item, relationship=product.extended_by(added)),
        )
    else:
        _once(_over(caller, order, item))


def _once(*operations: Operation | None) -> None:
    try:
        rows.save(*(each for each in operations if each))
    except rows.Refused:
        return  # it stands there already, all of it: it was one transaction


def _install(caller: Caller, id_: str, order: Json, customer: str | None, item: Json, given: Json) -> Operation:
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
            **rows.owned_by(caller.brand, KIND, customer),
        ),
    )


def _over(caller: Caller, order: Json, item: Json, *, relationship: Json | None = None) -> Operation | None:
    """The write that changes the product an item names and takes the item off it; None where that is done."""
    id_ = item["product"]["id"]
    row = rows.load(settings.inventory_table, caller.brand, KIND, id_)
    if row is None or (row.get("pending") or {}).get("item") != item["id"]:
        return None
    body = product.changed(row["body"], order, item)
    if relationship:
        body["productRelationship"] = [*body.get("productRelationship", []), relationship]
    after = {k: v for k, v in row.items() if k != "pending"}
    after |= {**rows.touched(caller), "version": row["version"] + 1, "body": body}
    return rows.put(settings.inventory_table, after, seen=row["version"])
