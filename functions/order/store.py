"""Where orders are kept; an order is placed in one transaction on rows of its own cart and customer."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from functions.cart import row as cart_row
from functions.cart import store as cart_store
from functions.cart.cart import ShoppingCart
from functions.customer import private
from functions.customer import store as customers
from functions.inventory import store as inventory_store
from functions.order import order as orders
from functions.order.order import ProductOrder
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND, CANCELLATION = "productOrder", "cancelProductOrder"
OPEN = frozenset(orders.STATES) - orders.ENDED
LISTED = Resource(KIND, "product order", dated="orderDate", open_states=OPEN)
CANCELLATIONS = Resource(CANCELLATION, "cancellation")


def load(caller: Caller, id_: str, operation: str = "order.read") -> ProductOrder:
    """The order of that id; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.order_table, caller.brand, KIND, id_)
    if row is None or not caller.opens(operation, row):
        raise NotFound("product order")
    return from_row(row)


def save_placed(
    caller: Caller, order: ProductOrder, cart: ShoppingCart | None, asked: Key | None
) -> tuple[ProductOrder, bool]:
    """Puts the order, closes its cart, marks the products it changes and remembers the key: all or nothing.

    Returns the one order there is, and whether it was placed before. Raises ChangedMeanwhile where the cart moved on.
    """
    bare, parts = orders.parted(order)
    id_, written = customers.keep_written(caller, KIND, parts, order.customer)
    order = orders.kept_under(bare, id_, parts)
    writes = [rows.put(settings.order_table, to_row(caller, order)), *written]
    if cart:
        cart = replace(cart, customer=order.customer)
        priced = {"catalog_version": order.body["catalogVersion"], "at": order.body["orderDate"]}
        writes.append(cart_store.ordered(caller, cart, order.id, **priced, basis=order.basis or {}))
        writes += cart_store.kept_for_later(caller, cart)
    writes += [
        inventory_store.pending(caller, id_, order.customer, order.id, items)
        for id_, items in orders.changed_products(order.items).items()
    ]
    try:
        keys.save(settings.order_table, caller, asked, order.id, *writes)
    except keys.MadeBefore as before:
        return load(caller, before.id), True
    except rows.Refused as refused:
        (write,) = writes[refused.index].values()
        if write["TableName"] == settings.order_table:
            return _placed_before(caller, order, asked), True
        if write["TableName"] == settings.cart_table:
            return _cart_moved(caller, refused.row, asked), True
        raise inventory_store.why_not(refused.row, order.customer) from None
    return order, False


def _placed_before(caller: Caller, order: ProductOrder, asked: Key | None) -> ProductOrder:
    before = load(caller, order.id)
    if "shoppingCart" not in before.body and orders.asked_for(before) != orders.asked_for(order):
        raise RuleBroken("Another order has this externalId; name this one otherwise.", code="externalIdTaken")
    return _bound(caller, before, asked)


def _cart_moved(caller: Caller, cart: Row | None, asked: Key | None) -> ProductOrder:
    if cart is None:
        raise NotFound("shopping cart")
    if cart["body"]["state"] == "ordered":
        return placed_from(caller, cart_row.from_row(cart), asked)
    raise ChangedMeanwhile(
        "The cart changed while you ordered it; look at it again and order then.", currentVersion=str(cart["version"])
    )


def placed_from(caller: Caller, cart: ShoppingCart, asked: Key | None) -> ProductOrder:
    """The order that a cart became; from now on the key that asked for it once more names it, too."""
    return _bound(caller, load(caller, orders.id_of(cart)), asked)


def _bound(caller: Caller, order: ProductOrder, asked: Key | None) -> ProductOrder:
    with suppress(keys.MadeBefore):  # by the same request, at the same moment
        keys.bind(settings.order_table, caller, asked, order.id)
    return order


def remembered(caller: Caller, asked: Key | None) -> ProductOrder | None:
    """The order this key made before, if any; raises KeyReused where it came with another body."""
    made = keys.recall(settings.order_table, caller, asked)
    return load(caller, made) if made else None


def save(caller: Caller, order: ProductOrder, *beside: rows.Operation) -> ProductOrder:
    """Writes the order over exactly the version it was read at, and what belongs to it; raises ChangedMeanwhile."""
    after = replace(order, version=order.version + 1)
    put = rows.put(settings.order_table, to_row(caller, after), seen=order.version)
    rows.save_over(LISTED.words, put, *beside)
    return after


def change(caller: Caller, order: ProductOrder, patch: Json) -> ProductOrder:
    """The order with what is not the contract changed; what people write goes to the customer's rows."""
    after = orders.patched(order, patch)
    bare, taken = private.parted(after.body)
    if taken is None:
        return save(caller, after)
    lay = (order.written or {}).get("")
    kept = private.joined(customers.written(caller, [lay]).get(lay or "", {}).get(""), taken)
    id_, beside = customers.keep_written(caller, KIND, {"": kept}, order.customer)
    written = {part: lies for part, lies in {**(order.written or {}), "": id_}.items() if lies}
    return save(caller, replace(after, body=bare, written=written or None), *beside)


def delete(caller: Caller, order: ProductOrder) -> None:
    """Takes an order away that came to nothing; what became products stays, they name it."""
    if order.state not in orders.CAME_TO_NOTHING:
        raise RuleBroken(
            f"This order is {order.state}; only one that was cancelled, was rejected or failed is deleted.",
            code="wrongState",
            state=order.state,
        )
    rows.save_over(LISTED.words, rows.delete(settings.order_table, to_row(caller, order)))


def save_cancellation(
    caller: Caller, task: Row, order: ProductOrder | None, asked: Key | None, beside: Sequence[rows.Operation]
) -> tuple[Row, bool]:
    """Puts the cancellation and what it makes of the order, both or neither; with a key that asked before, that one."""
    writes = [rows.put(settings.order_table, task), *beside]
    if order:
        after = replace(order, version=order.version + 1)
        writes.append(rows.put(settings.order_table, to_row(caller, after), seen=order.version))
        if order.state == "cancelled":
            changing = orders.changed_products(order.items)
            writes += [inventory_store.released(caller, id_, order.id) for id_ in changing]
    try:
        keys.save(settings.order_table, caller, asked, task["id"], *writes)
    except keys.MadeBefore as before:
        return load_cancellation(caller, before.id), True
    except rows.Refused:
        raise ChangedMeanwhile("This order moved on while you cancelled it; look at it again.") from None
    return task, False


def load_cancellation(caller: Caller, id_: str) -> Row:
    """The row of a cancellation; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.order_table, caller.brand, CANCELLATION, id_)
    if row is None or not caller.opens("cancellation.read", row):
        raise NotFound("cancellation")
    return row


def cancellation_done(caller: Caller, id_: str) -> rows.Operation:
    """The write that ends a cancellation whose order was taken back."""
    where = rows.key(caller.brand, CANCELLATION, id_)
    done = {**rows.touched(caller), "body.state": "done", "body.effectiveCancellationDate": clock.text(clock.now())}
    return rows.update(settings.order_table, where, done, when="attribute_exists(pk)")


def to_row(caller: Caller, order: ProductOrder) -> Row:
    """The row of an order: the contract whole, and by whom it is found."""
    # An order that has ended leaves the index of open ones.
    open_ = rows.of_state(order.brand, KIND, order.state).entry if order.state in OPEN else {}
    row = rows.new(
        caller,
        KIND,
        order.id,
        order.body,
        created=order.body["orderDate"],
        workflow=order.workflow,
        activation=order.activation,
        written=order.written,
        basis=order.basis,
        cancellation=order.cancellation,
        **rows.owned_by(order.brand, KIND, order.customer, order.sellers),
        **open_,
    )
    return {**row, "version": order.version}


def from_row(row: Row) -> ProductOrder:
    """The order that a row holds."""
    return ProductOrder(
        id=row["id"],
        brand=row["brand"],
        body=row["body"],
        version=row["version"],
        customer=row.get("customer"),
        sellers=rows.sellers(row),
        workflow=row.get("workflow"),
        activation=row.get("activation"),
        written=row.get("written"),
        basis=row.get("basis"),
        cancellation=row.get("cancellation"),
    )
