"""How a cart lies in its row: what was decided, under short names, and nothing that can be computed."""

from datetime import UTC, datetime

from functions.cart import cart as carts
from functions.cart.cart import Line, ShoppingCart
from functions.shared import rows
from functions.shared.access import Caller
from functions.shared.resource import Json
from functions.shared.rows import Row

KIND = "shoppingCart"


def seconds(moment: datetime) -> int:
    """A moment as DynamoDB compares it, and cleans up by it."""
    return int(moment.timestamp())


def to_row(caller: Caller, cart: ShoppingCart) -> Row:
    """The row of a cart: what was decided, nothing that can be computed."""
    lines = {id_: line_to_row(line, cart.opened) for id_, line in cart.lines.items()}
    row = rows.new(
        caller,
        KIND,
        cart.id,
        {**cart.more, "state": cart.state, "cartItem": lines},
        **rows.owned_by(cart.brand, KIND, cart.customer, cart.sellers),
        created=cart.created,
        expires=seconds(cart.expires),
        ttl=seconds(cart.expires + carts.GRACE),
        catalog_version=cart.catalog_version,
        touches=dict(cart.touches),
        opened=cart.opened,
        order=cart.order,
        held=list(cart.held) or None,
        own=list(cart.own) or None,
        merged_into=cart.merged_into,
        written=cart.written,
    )
    return {**row, "version": cart.version}


def from_row(row: Row) -> ShoppingCart:
    """The cart that a row holds."""
    body = dict(row["body"])
    state, lines = body.pop("state"), body.pop("cartItem")
    return ShoppingCart(
        id=row["id"],
        brand=row["brand"],
        catalog_version=row["catalog_version"],
        created=row["created"],
        at=row["at"],
        expires=datetime.fromtimestamp(row["expires"], UTC),
        version=row["version"],
        state=state,
        customer=row.get("customer"),
        sellers=rows.sellers(row),
        lines={id_: line_from_row(id_, line, row["opened"]) for id_, line in lines.items()},
        touches=row["touches"],
        opened=row["opened"],
        order=row.get("order"),
        held=tuple(row.get("held", ())),
        own=tuple(row.get("own", ())),
        merged_into=row.get("merged_into"),
        written=row.get("written"),
        more=body,
    )


# The short names keep ten lines within two write units: a line is written whole with every edit of its cart.
def line_to_row(line: Line, opened: Json) -> Row:
    """A line as the row holds it; what is usual is left out, and by whom and where if it was who opened the cart."""
    who = {k: v for k, v in line.touch.items() if k != "at"}
    row: Row = {"quantity": line.quantity, "at": line.touch["at"]}
    if who != opened:
        row |= who
    row |= {"offering": line.offering, "product": line.product, "written": line.written}
    if line.action != "add":
        row["action"] = line.action
    if line.kind != carts.USUAL[line.action]:
        row["kind"] = line.kind
    row |= {name: True for name in ("saved", "own", "taken") if getattr(line, name)}
    if line.catalog_version:
        row["catalog_version"] = line.catalog_version
    if line.more:
        row["more"] = line.more
    return {k: v for k, v in row.items() if v is not None}


def line_from_row(id_: str, row: Row, opened: Json) -> Line:
    """The line that a part of a row holds."""
    action = row.get("action", "add")
    who: Json = {k: row[k] for k in ("by", "channel", "outlet") if k in row} or opened
    return Line(
        id=id_,
        quantity=row["quantity"],
        touch={**who, "at": row["at"]},
        offering=row.get("offering"),
        action=action,
        kind=row.get("kind", carts.USUAL[action]),
        saved=row.get("saved", False),
        product=row.get("product"),
        own=row.get("own", False),
        taken=row.get("taken", False),
        catalog_version=row.get("catalog_version"),
        written=row.get("written"),
        more=row.get("more", {}),
    )
