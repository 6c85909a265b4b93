"""What an order is: the contract a cart became, its items, and the only ways its states may go (TMF622 v4)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.cart.cart import ShoppingCart
from functions.catalog.proof import Signer
from functions.customer import private
from functions.inventory import product
from functions.shared import clock, tmf
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json

# state -> where it may go. Only forward; what is not here cannot happen.
STATES: dict[str, frozenset[str]] = {
    "acknowledged": frozenset({"rejected", "pending", "held", "inProgress", "assessingCancellation", "cancelled"}),
    "pending": frozenset({"inProgress", "held", "assessingCancellation", "cancelled", "failed"}),
    "held": frozenset({"inProgress", "pending", "assessingCancellation", "cancelled", "failed"}),
    "inProgress": frozenset({"completed", "partial", "failed", "held", "assessingCancellation", "pendingCancellation"}),
    "assessingCancellation": frozenset({"inProgress", "pendingCancellation", "cancelled"}),
    "pendingCancellation": frozenset({"cancelled", "failed"}),
    "partial": frozenset({"completed", "failed"}),
    "completed": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "rejected": frozenset(),
}
ITEM_STATES: dict[str, frozenset[str]] = {state: to - {"partial"} for state, to in STATES.items() if state != "partial"}
# Of an order that exists, what says how it goes on; all else is the contract, or the hub's to say.
PATCHABLE = frozenset(
    {"category", "description", "expectedCompletionDate", "note", "notificationContact", "payment", "priority"}
    | {"requestedCompletionDate", "requestedStartDate", "@baseType", "@schemaLocation"}
)
CAME_TO_NOTHING = frozenset({"cancelled", "failed", "rejected"})
ENDED = frozenset(state for state, to in STATES.items() if not to)


@dataclass(frozen=True)
class ProductOrder:
    """An order as its row holds it: `body` is the TM Forum ProductOrder, prices and terms included."""

    id: str
    brand: str
    body: Json
    version: int = 1
    customer: str | None = None
    sellers: tuple[str, ...] = ()  # the partner who sold it, if one did, and those above it
    workflow: str | None = None  # the one execution that fulfils it
    activation: Json | None = None  # item -> what it was given; once here, there is no way back
    written: Mapping[str, str] | None = None  # part ("" or item) -> where the customer's side keeps what was written
    basis: Json | None = None  # what its prices hang on besides the catalog: see functions/cart/replay.py
    cancellation: str | None = None  # the task that waits for the workflow to take it back

    @property
    def state(self) -> str:
        return str(self.body["state"])

    @property
    def items(self) -> list[Json]:
        return list(self.body["productOrderItem"])

    def item(self, id_: str) -> Json:
        return next(item for item in self.items if item["id"] == id_)

    @property
    def opens(self) -> datetime | None:
        """When the last of what it waits for has its day; None where it waits for none."""
        days = [need["validFrom"] for need in self._requirements if need["state"] == "open" and "validFrom" in need]
        return max(map(clock.moment, days), default=None)

    @property
    def _requirements(self) -> list[Json]:
        return list(self.body.get("requirement") or [])

    def opened(self) -> "ProductOrder":
        """The order for which every day has come."""
        met = [{**need, "state": "met"} if "validFrom" in need else need for need in self._requirements]
        held = sorted({need["kind"] for need in met if need["state"] == "open"})
        rest = {name: value for name, value in self.body.items() if name != "held"}
        return replace(self, body={**rest, "requirement": met, **({"held": held} if held else {})})

    def moved(self, state: str, **attributes: Any) -> "ProductOrder":
        """The order in its next state; raises RuleBroken where no way leads there."""
        if state not in STATES[self.state]:
            raise RuleBroken(
                f"An order that is {self.state} cannot become {state}.", code="wrongState", state=self.state
            )
        return replace(self, body={**self.body, "state": state, **attributes})

    def with_items(self, change: Mapping[str, Json]) -> "ProductOrder":
        """The order with these attributes merged into the items of those ids; states only move as they may."""
        items = [_changed(item, change.get(item["id"], {})) for item in self.items]
        return replace(self, body={**self.body, "productOrderItem": items})

    def each_item(self, state: str) -> "ProductOrder":
        """The order with every item that is not at its end moved to `state`."""
        return self.with_items({item["id"]: {"state": state} for item in self.items if item["state"] not in ENDED})


def _changed(item: Json, by: Json) -> Json:
    state, to = item["state"], by.get("state", item["state"])
    if to != state and to not in ITEM_STATES[state]:
        raise RuleBroken(f"An order item that is {state} cannot become {to}.", code="wrongState", state=state)
    return with_state({**item, **by}, to)


def with_state(item: Json, state: str) -> Json:
    """The item in that state, and its parts with it: a bundle is fulfilled as a whole."""
    after = {**item, "state": state}
    if parts := item.get("productOrderItem"):
        after["productOrderItem"] = [with_state(part, state) for part in parts]
    return after


def patched(order: ProductOrder, patch: Json) -> ProductOrder:
    """The order after a merge patch; raises Malformed for what is the contract."""
    for name in patch:
        if name not in PATCHABLE and patch[name] != order.body.get(name):
            raise Malformed(f"{name} is part of the contract; cancel the order and place another one.")
    return replace(order, body=private.merged(order.body, patch))


def id_of(cart: ShoppingCart) -> str:
    """The id of the one order that a cart can become."""
    return clock.derived_id(cart.brand, "productOrder", cart.id)


def fulfillable(item: Json) -> bool:
    """Whether the hub knows what to do for an item: it sold it (and says from which catalog), or holds the product."""
    if product.EFFECT[item["kind"]] in ("change", "suspend", "resume", "end"):
        return bool((item.get("product") or {}).get("id"))
    return "catalogVersion" in item


def parted(order: ProductOrder) -> tuple[ProductOrder, dict[str, Json | None]]:
    """The order without what a person wrote on it, and that by part: "" the order itself, else the item's id."""
    body, on_order = private.parted({name: value for name, value in order.body.items() if name != "productOrderItem"})
    parts: dict[str, Json | None] = {"": on_order}
    items = []
    for item in order.items:
        bare, parts[item["id"]] = private.parted(item)
        items.append(bare)
    return replace(order, body={**body, "productOrderItem": items}), parts


def kept_under(order: ProductOrder, id_: str | None, parts: Mapping[str, Json | None]) -> ProductOrder:
    """The order whose written parts now lie under that id; what a cart's lines brought lies where it lay."""
    fresh = {part: id_ for part, content in parts.items() if id_ and content}
    return replace(order, written={**(order.written or {}), **fresh} or None)


def render(order: ProductOrder, kept: Mapping[str, Json] | None = None, key: bytes | None = None) -> Json:
    """The order as a TM Forum ProductOrder, with what was written on it as far as it is among `kept`.

    Its prices are proved where there is a key to sign them with.
    """
    body = proved(order, key) if key else order.body
    if kept and order.written:
        at = {part: kept.get(id_, {}).get(part) for part, id_ in order.written.items()}
        items = [_with_product(item, at.get(item["id"])) for item in body["productOrderItem"]]
        body = private.rejoined({**body, "productOrderItem": items}, at.get(""))
    return tmf.resource("productOrder", order.id, body)


def proved(order: ProductOrder, key: bytes) -> Json:
    """The order's body with a proof of each price that it was placed at."""
    basis, body = order.basis, order.body
    if basis is None:
        return body
    signer = Signer(order.brand, body["catalogVersion"], basis["channel"], basis["asOf"], key)
    items = [{**item, **_proof(item, signer)} for item in order.items]
    whole = signer.whole("productOrder", order.id, items, "itemTotalPrice", body["orderTotalPrice"])
    return {**body, "productOrderItem": items, **whole}


def _proof(item: Json, signer: Signer) -> Json:
    unit, total = item.get("itemPrice", []), item.get("itemTotalPrice", [])
    return signer.line("productOrderItem", item["id"], item.get("quantity", 1), unit, total)


def _with_product(item: Json, taken: Json | None) -> Json:
    return private.rejoined(item, private.of_product(taken) if taken else None)


def cancelled(order: ProductOrder, task: str) -> tuple[ProductOrder | None, str]:
    """What a cancellation makes of an order (None: nothing, it is too late), and the state of the task that asked.

    What nobody works on yet is cancelled at once; what the workflow has is taken back by it, until it is activated.
    """
    when = {"cancellationDate": clock.text(clock.now())}
    if order.activation is not None:
        return None, "terminatedWithError"
    if order.state in ("acknowledged", "pending", "held", "assessingCancellation"):
        return order.each_item("cancelled").moved("cancelled", **when), "done"
    if order.state == "inProgress":
        pending = order.each_item("pendingCancellation").moved("pendingCancellation", **when)
        return replace(pending, cancellation=task), "inProgress"
    return None, "terminatedWithError"


def asked_for(order: ProductOrder) -> tuple[str | None, list[tuple[str, str, int, str, str]]]:
    """What an order asks for and for whom, to tell a repeat from another order of the same name."""
    items = (
        (
            item["id"],
            item["action"],
            item.get("quantity", 1),
            (item.get("productOffering") or {}).get("id", ""),
            (item.get("product") or {}).get("id", ""),
        )
        for item in order.items
    )
    return order.customer, sorted(items)


def name_of(order: ProductOrder) -> tuple[str, str]:
    """By what a direct order is known before there is one: what it asks for and for whom."""
    asked = clock.derived_id(json.dumps(asked_for(order)))
    return "productOrder", asked


def changed_products(items: Iterable[Json]) -> dict[str, list[str]]:
    """The installed products that items change or end, each with these items' ids."""
    found: dict[str, list[str]] = {}
    for item in items:
        if item["action"] in ("modify", "delete") and (id_ := (item.get("product") or {}).get("id")):
            found.setdefault(id_, []).append(item["id"])
    return found
