"""What is measured: one request or event per main handler, with the rows it meets already there."""

import contextlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from functions.events import happened
from functions.events.southbound import ActivationRefused
from functions.shared import aws, rows, tmf
from functions.shared.http import as_json
from tests.bench.person import (
    CART_PROMOTIONS,
    CARTS,
    CUSTOMERS,
    OFFERS,
    ORDERS,
    QUALIFICATIONS,
    STEPS,
    TEN,
    Person,
    line,
    task,
)
from tests.bench.stage import Event, hub_caller

CATALOG = f"{tmf.BASE['TMF620']}/productOffering"
PRODUCTS = f"{tmf.BASE['TMF637']}/product"
INTERACTIONS = f"{tmf.BASE['TMF683']}/partyInteraction"
MERGE, GRANTS = "/omnihub/v1/cartMerge", "/omnihub/v1/grant"
QUESTION = {
    "description": "Asked about fibre.",
    "reason": "question",
    "status": "completed",
    "direction": "inbound",
    "channel": [{"id": "web"}],
    "interactionDate": {"startDateTime": "2026-03-01T12:00:00Z"},
}


@dataclass(frozen=True)
class Scene:
    """A name for the table, the function that answers, and how everything is set up for it: new each time.

    `priced` are the lines or offers whose price it tells, with its proof where it is a cart's or an order's.
    """

    name: str
    module: str
    prepare: Callable[[Person], Event]
    priced: int = 0


def _tenth_line(ann: Person) -> Event:
    return ann.event("POST", f"{ann.cart(9)}/cartItem", line(TEN[9]))


def _question(ann: Person) -> Event:
    item = {"id": "1", "productOffering": {"id": "plan-m"}}
    return ann.event("POST", QUALIFICATIONS, {"productOfferingQualificationItem": [item]})


def _promotions(ann: Person) -> Event:
    return ann.event("GET", f"{CART_PROMOTIONS}/{ann.cart(10).rpartition('/')[2]}", claims=ann.agent)


def _granted(ann: Person) -> Event:
    """Somebody whom Ann lets act for her."""
    claims = ann.stage.claims("nova-web", "customer", f"holder of {ann.id}")
    ann.ask("customer.handler", "POST", GRANTS, {"party": {"id": claims["sub"]}, "role": "administrator"})
    return ann.event("GET", ann.cart(10), claims=claims)


def _merge(ann: Person) -> Event:
    ann.cart(3)
    guests = ann.cart(10, claims=ann.guest).rpartition("/")[2]
    return ann.event("POST", MERGE, {"shoppingCart": {"id": guests}})


def _place(ann: Person) -> Event:
    body = {"shoppingCart": {"id": ann.cart(10).rpartition("/")[2]}}
    event = ann.event("POST", ORDERS, body)
    return {**event, "headers": {**event["headers"], "idempotency-key": str(uuid.uuid4())}}


def _installed_base(ann: Person) -> Event:
    ann.installed()
    return ann.event("GET", PRODUCTS)


def _timeline(ann: Person) -> Event:
    for _ in range(10):
        ann.ask("interaction.handler", "POST", INTERACTIONS, QUESTION)
    return ann.event("GET", INTERACTIONS)


def _ten_records(ann: Person) -> Event:
    cart = ann.cart(0)
    for offering in TEN:
        ann.ask("cart.handler", "POST", f"{cart}/cartItem", line(offering))
    return {"Records": [{**record, "eventSource": "aws:dynamodb"} for _, record in ann.stage.changes[-10:]]}


def _ordered(ann: Person) -> Event:
    """The event of a new order as the bus hands it over."""
    order = ann.stage.row("order", "productOrder", ann.order())
    detail = happened.event(None, order)
    assert detail
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail["eventType"],
        "source": "omnihub.productOrder",
        "account": "123456789012",
        "time": detail["eventTime"],
        "region": "eu-central-1",
        "resources": [],
        "detail": json.loads(as_json(detail)),
    }


def _step(ann: Person, step: str) -> Event:
    order = ann.order()
    for each in STEPS[: STEPS.index(step)]:
        ann.stage.ask("events.fulfil", task(each, order))
    return task(step, order)


def _compensate(ann: Person) -> Event:
    """Nine of ten are activated, the last is refused."""
    order = ann.order()
    ann.stage.ask("events.fulfil", task("claim", order))
    told = rows.new(hub_caller(), "southbound", TEN[-1], {"behaviour": "fail", "times": 1})
    aws.dynamodb().put_item(TableName=ann.stage.table("events"), Item=rows.packed(told))
    with contextlib.suppress(ActivationRefused):
        ann.stage.ask("events.fulfil", task("activate", order))
    return task("compensate", order)


SCENES = [
    Scene("catalog: list offerings", "catalog.handler", lambda ann: ann.event("GET", CATALOG)),
    Scene("catalog: read an offering", "catalog.handler", lambda ann: ann.event("GET", f"{CATALOG}/plan-m"), 1),
    Scene("cart: open", "cart.handler", lambda ann: ann.event("POST", CARTS, {"cartItem": [line("plan-m")]}), 1),
    Scene("cart: read ten lines", "cart.handler", lambda ann: ann.event("GET", ann.cart(10)), 10),
    Scene("cart: read by an agent", "cart.handler", lambda ann: ann.event("GET", ann.cart(10), claims=ann.agent), 10),
    Scene("cart: read by an administrator", "cart.handler", _granted, 10),
    Scene("cart: add the tenth line", "cart.handler", _tenth_line, 10),
    Scene(
        "cart: change a line of ten",
        "cart.handler",
        lambda ann: ann.event("PATCH", ann.first_line(ann.cart(10)), {"quantity": 2}),
        10,
    ),
    Scene("cart: remove a line of ten", "cart.handler", lambda ann: ann.event("DELETE", ann.first_line(ann.cart(10)))),
    Scene("cart: merge ten lines", "cart.handler", _merge, 10),
    Scene("order: place ten lines", "order.handler", _place, 10),
    Scene("order: read ten lines", "order.handler", lambda ann: ann.event("GET", f"{ORDERS}/{ann.order()}")),
    Scene("offer: may she have it", "offer.handler", _question),
    Scene("offer: list twenty", "offer.handler", lambda ann: ann.event("GET", OFFERS, query="limit=20"), 20),
    Scene("offer: promotions of ten lines", "offer.handler", _promotions, 10),
    Scene("inventory: list ten products", "inventory.handler", _installed_base),
    Scene("interaction: write one", "interaction.handler", lambda ann: ann.event("POST", INTERACTIONS, QUESTION)),
    Scene("interaction: list ten", "interaction.handler", _timeline),
    Scene("customer: read", "customer.handler", lambda ann: ann.event("GET", f"{CUSTOMERS}/{ann.id}")),
    Scene("events.publish: ten records", "events.publish", _ten_records),
    Scene("events.confirm: order received", "events.confirm", _ordered),
    Scene("events.remember: order placed", "events.remember", _ordered),
    *(Scene(f"events.fulfil: {step} ten lines", "events.fulfil", partial(_step, step=step)) for step in STEPS),
    Scene("events.fulfil: compensate ten lines", "events.fulfil", _compensate),
]
