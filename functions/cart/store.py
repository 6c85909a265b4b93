"""Where carts are kept: one row each; an edit of a line is one conditional update and never a conflict."""

from collections.abc import Sequence
from dataclasses import replace

from functions.cart import cart as carts
from functions.cart.cart import Line, ShoppingCart
from functions.cart.row import KIND, from_row, line_to_row, seconds, to_row
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

LISTED = Resource(KIND, "shopping cart", dated="validFor.startDateTime")


def load(caller: Caller, id_: str, operation: str = "cart.read") -> ShoppingCart:
    """The cart of that id; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.cart_table, caller.brand, KIND, id_)
    if row is None or not caller.opens(operation, row):
        raise NotFound("shopping cart")
    return from_row(row)


def save_new(
    caller: Caller, cart: ShoppingCart, asked: Key | None, beside: Sequence[Operation] = ()
) -> tuple[ShoppingCart, bool]:
    """Puts a new cart, and what belongs to it; with a key that made one before, that one (and True) instead."""
    before = keys.put_new(settings.cart_table, caller, asked, to_row(caller, cart), *beside)
    return (load(caller, before), True) if before else (cart, False)


def save_line(
    caller: Caller,
    cart: ShoppingCart,
    line: Line,
    *,
    seen: int | None = None,
    beside: Sequence[Operation] = (),
    asked: Key | None = None,
) -> ShoppingCart:
    """Adds the line or writes it over, and what belongs to it, leaving every other line alone."""
    fresh = line.id not in cart.lines
    # A line is written whole: over the very line that was read, or another channel's change to it would be lost.
    when = "size(#body.#cartItem) < :most" if fresh else f"#body.#cartItem.#{line.id} = :held"
    sets = {f"body.cartItem.{line.id}": line_to_row(line, cart.opened)}
    return _edit(caller, cart, sets, when=when, line=line, seen=seen, beside=beside, asked=asked)


def remove_line(caller: Caller, cart: ShoppingCart, line: Line, *, seen: int | None = None) -> ShoppingCart:
    """Takes the line out, leaving every other line alone."""
    when = f"attribute_exists(#body.#cartItem.#{line.id})"
    return _edit(caller, cart, {}, when=when, removes=[f"body.cartItem.{line.id}"], seen=seen)


def _edit(
    caller: Caller,
    cart: ShoppingCart,
    sets: Json,
    *,
    when: str,
    line: Line | None = None,
    removes: Sequence[str] = (),
    seen: int | None = None,
    beside: Sequence[Operation] = (),
    asked: Key | None = None,
) -> ShoppingCart:
    now, touches = clock.now(), carts.touched(cart, caller)
    gone = {path.rpartition(".")[2] for path in removes}
    after = {id_: held for id_, held in cart.lines.items() if id_ not in gone} | ({line.id: line} if line else {})
    expires = carts.expiry(cart.customer, after.values(), now)
    values: Json = {":active": "active", ":now": seconds(now), ":most": carts.LINES, ":customer": cart.customer or "-"}
    if line and line.id in cart.lines:
        values[":held"] = line_to_row(cart.lines[line.id], cart.opened)
    conditions = ["#body.#state = :active", "expires > :now", when]
    conditions.append("customer = :customer" if cart.customer else "attribute_not_exists(customer)")
    if seen is None and (beside or asked):
        seen = cart.version  # a transaction does not tell the row it made: it must be known beforehand
    if seen is not None:
        conditions.append("version = :seen")
        values[":seen"] = seen
    condition = " AND ".join(conditions)
    change = rows.update(
        settings.cart_table,
        rows.key(caller.brand, KIND, cart.id),
        {
            **sets,
            **rows.touched(caller),
            f"touches.{caller.channel}": touches[caller.channel],
            "expires": seconds(expires),
            "ttl": seconds(expires + carts.GRACE),
        },
        removes=removes,
        when=condition,
        values={name: value for name, value in values.items() if name in condition},
    )
    try:
        row = keys.save(settings.cart_table, caller, asked, line.id if line else "", change, *beside)
    except rows.Refused as refused:
        raise _why(refused.row, seen, line) from None
    if row is not None:
        return from_row(row)
    return replace(cart, lines=after, touches=touches, expires=expires, version=cart.version + 1, at=clock.text(now))


def _why(row: Row | None, seen: int | None, line: Line | None) -> Exception:
    """The fact that stood in the way of an edit, told by the row as it was at that moment."""
    if row is None:
        return NotFound("shopping cart")
    cart = from_row(row)
    try:
        rows.same_version(row, seen)
        cart.must_be_active(clock.now())
        if line is None or line.id not in cart.lines:
            cart.must_take(1)
            return NotFound("cart line")
    except Exception as why:
        return why
    return ChangedMeanwhile("This cart changed hands meanwhile; read it again.", currentVersion=str(row["version"]))


def save(
    caller: Caller, cart: ShoppingCart, seen: int, beside: Sequence[Operation] = (), asked: Key | None = None
) -> ShoppingCart:
    """Writes a cart whole over exactly the version `seen`, and what belongs to it; raises ChangedMeanwhile."""
    after = replace(cart, version=seen + 1, at=clock.text(clock.now()))
    put = rows.put(settings.cart_table, to_row(caller, after), seen=seen)
    try:
        keys.save(settings.cart_table, caller, asked, cart.id, put, *beside)
    except rows.Refused as refused:
        raise rows.overtaken(LISTED.words, refused) from None
    return after


def must_be_seen(cart: ShoppingCart, seen: int | None) -> None:
    """Raises ChangedMeanwhile, with the current version, where the caller saw another one."""
    rows.same_version({"version": cart.version}, seen)


def delete(caller: Caller, cart: ShoppingCart) -> None:
    """Takes the cart away as long as nothing came of it."""
    rows.save_over(LISTED.words, rows.delete(settings.cart_table, to_row(caller, cart)))


def ordered(
    caller: Caller, cart: ShoppingCart, order_id: str, *, catalog_version: str, at: str, basis: Json
) -> Operation:
    """The write that closes the cart for its order, at exactly the version that was priced: how that was."""
    now = clock.now()
    return rows.update(
        settings.cart_table,
        rows.key(caller.brand, KIND, cart.id),
        {
            **rows.touched(caller),
            "body.state": "ordered",
            "order": order_id,
            "customer": cart.customer,  # which closes a guest's cart to the guest
            "catalog_version": catalog_version,
            "held": basis.get("held", []),
            "own": basis.get("own"),
            f"touches.{caller.channel}": {**carts.touched(cart, caller)[caller.channel], "at": at, "completed": True},
            "ttl": seconds(now + carts.RECORD),
        },
        when="version = :seen AND #body.#state = :active AND expires > :now",
        values={":seen": cart.version, ":active": "active", ":now": seconds(now)},
    )


def kept_for_later(caller: Caller, cart: ShoppingCart) -> list[Operation]:
    """The write of the cart that takes over the saved lines of an ordered one, where there are any."""
    after = carts.left_over(cart, caller)
    return [rows.put(settings.cart_table, to_row(caller, after))] if after else []


def to_merge(caller: Caller, guest_id: str, customer: str) -> tuple[ShoppingCart, ShoppingCart | None]:
    """The guest's cart and the customer's newest active one that is no partner's sale, in two reads.

    Raises NotFound where the guest's is not.
    """
    newest = rows.newest_of_customer(settings.cart_table, caller.brand, KIND, customer, most=10)
    found = rows.load_many(
        settings.cart_table, caller.brand, KIND, [guest_id, *(id_ for id_ in newest if id_ != guest_id)]
    )
    carts_found = [from_row(row) for row in found]
    if not carts_found or carts_found[0].id != guest_id:
        raise NotFound("shopping cart")
    guest, *own = carts_found
    if guest.partner:
        raise NotFound("shopping cart")  # it is the partner's until it is ordered
    theirs = (cart for cart in own if cart.customer == customer and not cart.partner)
    return guest, next((cart for cart in theirs if cart.state_at(clock.now()) == "active"), None)


def save_merged(caller: Caller, into: ShoppingCart, guest: ShoppingCart, asked: Key | None) -> ShoppingCart:
    """Writes the merged cart over the version it was read at and closes the guest's; raises ChangedMeanwhile."""
    now = clock.now()
    seen, after = into.version, replace(into, version=into.version + 1, at=clock.text(now))
    close = rows.update(
        settings.cart_table,
        rows.key(caller.brand, KIND, guest.id),
        {
            **rows.touched(caller),
            "body.state": "merged",
            "merged_into": into.id,
            "customer": into.customer,  # which closes it to the guest
            "ttl": seconds(now + carts.RECORD),
        },
        when="version = :guest AND #body.#state = :active AND attribute_not_exists(customer)",
        values={":guest": guest.version, ":active": "active"},
    )
    try:
        put = rows.put(settings.cart_table, to_row(caller, after), seen=seen)
        keys.save(settings.cart_table, caller, asked, into.id, put, close)
    except rows.Refused as refused:
        version = str(refused.row["version"]) if refused.row else ""
        raise ChangedMeanwhile("A cart changed while it was merged; try again.", currentVersion=version) from None
    return after
