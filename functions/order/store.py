"""Where orders are kept; an order is placed in one transaction on rows of its own cart and customer."""

from dataclasses import replace

from functions.cart import store as cart_store
from functions.cart.cart import ShoppingCart
from functions.inventory import store as inventory_store
from functions.order import order as orders
from functions.order.order import ProductOrder
from functions.shared import clock, rows
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, NotFound
from functions.shared.rows import Key, Row
from functions.shared.settings import settings

KIND = "productOrder"


def load(caller: Caller, id_: str, operation: str = "order.read") -> ProductOrder:
    """The order of that id; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.order_table, caller.brand, KIND, id_)
    if row is None or not _owns(caller, operation, row):
        raise NotFound("product order")
    return from_row(row)


def _owns(caller: Caller, operation: str, row: Row) -> bool:
    # An order without a customer came from a TM Forum client directly; it is its client's and staff's, no customer's.
    return caller.staff or (row.get("customer") is not None and caller.owns(operation, row["customer"]))


def of_customer(caller: Caller, customer: str) -> list[ProductOrder]:
    """A customer's orders, newest first."""
    found = rows.of_customer(settings.order_table, caller.brand, KIND, customer)
    return [from_row(row) for row in found]


def save_placed(
    caller: Caller, order: ProductOrder, cart: ShoppingCart | None, asked: Key | None
) -> tuple[ProductOrder, bool]:
    """Puts the order, closes its cart, marks the products it changes and remembers the key: all or nothing.

    Returns the one order there is, and whether it was placed before. Raises ChangedMeanwhile where the cart moved on.
    """
    writes = [rows.put(settings.order_table, to_row(caller, order))]
    if asked:
        writes.append(rows.remember(settings.order_table, caller, asked, order.id))
    if cart:
        writes.append(cart_store.ordered(caller, cart, order.id))
    changing = {id_: item for item in order.items if (id_ := orders.changes_product(item))}
    writes += [
        inventory_store.pending(caller, id_, order.customer, order.id, item["id"]) for id_, item in changing.items()
    ]
    try:
        rows.save(*writes)
    except rows.Refused as refused:
        (write,) = writes[refused.index].values()
        if write["TableName"] == settings.order_table and refused.index <= 1:
            return _placed_before(caller, order, asked, refused), True
        if cart and write["TableName"] == settings.cart_table:
            return _cart_moved(caller, order, refused.row), True
        raise inventory_store.why_not(refused.row, order.customer) from None
    return order, False


def _placed_before(caller: Caller, order: ProductOrder, asked: Key | None, refused: rows.Refused) -> ProductOrder:
    made = rows.made_by(asked, refused.row) if asked and refused.index == 1 else order.id
    row = rows.load(settings.order_table, caller.brand, KIND, made)
    if row is None:
        raise NotFound("product order")
    return from_row(row)


def _cart_moved(caller: Caller, order: ProductOrder, cart: Row | None) -> ProductOrder:
    if cart is None:
        raise NotFound("shopping cart")
    if cart["body"]["state"] == "ordered":
        return placed_from(caller, cart_store.from_row(cart))
    raise ChangedMeanwhile(
        "The cart changed while you ordered it; look at it again and order then.", currentVersion=str(cart["version"])
    )


def placed_from(caller: Caller, cart: ShoppingCart) -> ProductOrder:
    """The order that a cart became."""
    row = rows.load(settings.order_table, caller.brand, KIND, orders.id_of(cart))
    if row is None:
        raise NotFound("product order")
    return from_row(row)


def remembered(caller: Caller, asked: Key | None) -> ProductOrder | None:
    """The order this key made before, if any; raises KeyReused where it came with another body."""
    if asked is None:
        return None
    held = rows.load(settings.order_table, caller.brand, "key", asked.id)
    if held is None or held["ttl"] <= clock.now().timestamp():
        return None
    row = rows.load(settings.order_table, caller.brand, KIND, rows.made_by(asked, held))
    return from_row(row) if row else None


def save(caller: Caller, order: ProductOrder, *beside: rows.Operation) -> ProductOrder:
    """Writes the order over exactly the version it was read at, and what belongs to it; raises ChangedMeanwhile."""
    after = replace(order, version=order.version + 1)
    row = {**to_row(caller, after), "version": after.version}
    try:
        rows.save(rows.put(settings.order_table, row, seen=order.version), *beside)
    except rows.Refused as refused:
        if refused.row is None:
            raise NotFound("product order") from None
        version = str(refused.row["version"])
        raise ChangedMeanwhile("This order changed meanwhile; read it again.", currentVersion=version) from None
    return after


def to_row(caller: Caller, order: ProductOrder) -> Row:
    """The row of an order: the contract whole, and by whom it is found."""
    return rows.new(
        caller,
        KIND,
        order.id,
        order.body,
        created=order.body["orderDate"],
        workflow=order.workflow,
        **rows.owned_by(order.brand, order.customer),
    )


def from_row(row: Row) -> ProductOrder:
    """The order that a row holds."""
    return ProductOrder(
        id=row["id"],
        brand=row["brand"],
        body=row["body"],
        version=row["version"],
        customer=row.get("customer"),
        workflow=row.get("workflow"),
    )
