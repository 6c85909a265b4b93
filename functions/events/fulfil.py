"""The tasks of the fulfilment workflow: claim, activate, install, complete; or compensate and say so; or wait.

Each runs over all items that are ready, each may run twice: what it changes, it changes under a condition.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from functions.events.southbound import Simulator, Southbound
from functions.inventory import store as inventory_store
from functions.inventory.store import Sale
from functions.order import order as orders
from functions.order import store as order_store
from functions.order.order import ProductOrder
from functions.shared import access, clock, rows
from functions.shared.access import Caller
from functions.shared.resource import Json


class NotOurs(Exception):
    """Another execution has this order, or nothing is left to do: the workflow ends quietly."""


class NotYet(Exception):
    """The day has not come from which this is sold: the workflow waits for it, and claims the order then."""


def handler(task: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Runs one step {step, brand, market, id, correlationId, execution} of an order's workflow."""
    row = {"brand": task["brand"], "market": task["market"], "correlation_id": task["correlationId"]}
    caller = access.hub(row, "fulfilment")
    order = order_store.load(caller, task["id"])
    STEPS[task["step"]](caller, order, task["execution"])
    return {"id": order.id, **({"until": clock.text(order.opens)} if order.opens else {})}


def claim(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Takes the order for this execution; items nobody can fulfil are rejected, and an order of only such with them."""
    if order.workflow == execution and order.state == "inProgress":
        return  # this very task, once more
    if order.state not in ("acknowledged", "pending", "held"):
        raise NotOurs
    if order.opens and clock.now() < order.opens:
        raise NotYet
    unknown = {item["id"]: {"state": "rejected"} for item in order.items if not orders.fulfillable(item)}
    freed = _freed(caller, order, unknown)
    if len(unknown) == len(order.items):
        order_store.save(caller, order.with_items(unknown).moved("rejected"), *freed)
        raise NotOurs
    working = {item["id"]: {"state": "inProgress"} for item in order.items if item["id"] not in unknown}
    claimed = replace(order.opened().moved("inProgress").with_items(unknown | working), workflow=execution)
    order_store.save(caller, claimed, *freed)


def hold(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Lets an order that was placed ahead wait for its day, where it can still be cancelled."""
    if order.state == "held":
        return  # this very task, once more
    if order.state not in ("acknowledged", "pending"):
        raise NotOurs
    waiting = {item["id"]: {"state": "held"} for item in order.items if orders.fulfillable(item)}
    order_store.save(caller, order.with_items(waiting).moved("held"))


def activate(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Has every item activated; raises StillWorking to be asked again, ActivationRefused to be compensated.

    With what was given stored in the order there is no way back: a cancellation comes too late from here on.
    """
    _still_ours(order, execution)
    if order.activation is not None:
        return  # this very task, once more
    port = southbound(caller)
    given = {item["id"]: port.activate(request_of(order, item), item) for item in _ready(order)}
    order_store.save(caller, replace(order, activation=given))


def install(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Writes what was activated into the installed base, each product once."""
    _still_ours(order, execution)
    body, given = {**order.body, "id": order.id}, order.activation or {}
    for item in _ready(order):
        inventory_store.fulfil(caller, body, Sale(order.customer, order.sellers), item, given[item["id"]])


def complete(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Ends the order: completed, or partial where some of its items had been rejected."""
    if order.state in (*orders.ENDED, "partial"):
        return
    _still_ours(order, execution)
    done = {item["id"]: {"state": "completed"} for item in _ready(order)}
    whole = all(item["state"] != "rejected" for item in order.items)
    ended = order.with_items(done).moved("completed" if whole else "partial", completionDate=clock.text(clock.now()))
    order_store.save(caller, ended)


def compensate(caller: Caller, order: ProductOrder, execution: str) -> None:
    """Takes back what was activated and ends the order as failed, or as cancelled where that was asked."""
    if order.state in orders.ENDED or order.workflow != execution:
        return
    if order.activation is not None:
        raise Activated
    port = southbound(caller)
    for item in order.items:
        port.deactivate(request_of(order, item))
    state = "cancelled" if order.state == "pendingCancellation" else "failed"
    order_store.save(caller, order.each_item(state).moved(state), *_released(caller, order))


def _freed(caller: Caller, order: ProductOrder, rejected: Mapping[str, Json]) -> list[rows.Operation]:
    """The writes that let go of the products on which only rejected items had been open."""
    changing = orders.changed_products(order.items)
    return [
        inventory_store.released(caller, id_, order.id)
        for id_, items in changing.items()
        if set(items) <= set(rejected)
    ]


def _released(caller: Caller, order: ProductOrder) -> list[rows.Operation]:
    changing = orders.changed_products(item for item in order.items if item["state"] != "rejected")
    released = [inventory_store.released(caller, id_, order.id) for id_ in changing]
    return [*released, order_store.cancellation_done(caller, order.cancellation)] if order.cancellation else released


def _still_ours(order: ProductOrder, execution: str) -> None:
    if order.workflow != execution:
        raise NotOurs
    if order.state != "inProgress":
        raise Cancelled


class Activated(Exception):
    """The activation was stored although its answer was lost: there is nothing to take back, the workflow goes on."""


class Cancelled(Exception):
    """The order is to be cancelled: what was done is taken back."""


def _ready(order: ProductOrder) -> list[Json]:
    return [item for item in order.items if item["state"] == "inProgress"]


def request_of(order: ProductOrder, item: Json) -> str:
    """The id under which the southbound system knows this item, however often it is asked."""
    return clock.derived_id(order.brand, "activation", order.id, item["id"])


def southbound(caller: Caller) -> Southbound:
    """The system below: the simulator, until an operator's own stands behind the same port."""
    return Simulator(caller)


STEPS = {
    "claim": claim,
    "hold": hold,
    "activate": activate,
    "install": install,
    "complete": complete,
    "compensate": compensate,
}
