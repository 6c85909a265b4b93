"""A cart with what its promotions lack: lines, quantities and campaigns, added at once. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from functions.cart import cart as carts
from functions.cart.cart import Line, ShoppingCart
from functions.offer.near import Lack, Near
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.resource import Json


def added(cart: ShoppingCart, near: Near, caller: Caller, version: str) -> ShoppingCart:
    """The cart with everything that a promotion lacks; `version` is the catalog that sells what is new."""
    fresh = [lack for lack in near.lacks if lack.kind == "offering"]
    quantities = dict(sorted((lack.line or "", int(lack.value)) for lack in near.lacks if lack.kind == "quantity"))
    new = [
        _line(cart, lack, caller, version, quantity=quantities.get("", 1) if n == 0 else 1, position=n)
        for n, lack in enumerate(fresh)
    ]
    changed = [carts.changed_line(cart.line(id_), {"quantity": to}, caller) for id_, to in quantities.items() if id_]
    cart.must_take(len(new))
    lines = {**cart.lines, **{line.id: line for line in (*changed, *new)}}
    return replace(
        cart,
        lines=lines,
        more={**cart.more, **_campaigns(cart, near.lacks)},
        touches=carts.touched(cart, caller),
        expires=carts.expiry(cart.customer, lines.values(), clock.now()),
    )


def _line(cart: ShoppingCart, lack: Lack, caller: Caller, version: str, *, quantity: int, position: int) -> Line:
    line = carts.new_line({"productOffering": {"id": lack.value}, "quantity": quantity}, caller, position)
    return replace(line, catalog_version=None if version == cart.catalog_version else version)


def _campaigns(cart: ShoppingCart, lacks: Iterable[Lack]) -> Json:
    named = [str(lack.value) for lack in lacks if lack.kind == "campaign"]
    return {"campaign": [*dict.fromkeys([*cart.campaigns, *named])]} if named else {}
