"""Stories of what follows from an order: told, remembered, fulfilled or taken back, whatever streams and bus do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from functions.events.subscribe import queue_of
from functions.shared import aws
from tests.functions.stage import (
    BEN,
    CANCELLATIONS,
    CARTS,
    OLGA,
    ORDERS,
    SUBSCRIPTIONS,
    Person,
    Stage,
    cart_of,
    fulfilled,
    line,
    on_record,
    order_of,
)
from tests.proof.clients import Client
from tests.proof.world import Play, Story


class Una(NamedTuple):
    """A customer who can be reached by telephone, her cart, and what else she has."""

    who: Person
    cart: str = ""
    other: str = ""


def una(stage: Stage) -> Una:
    """Una has a cart of two plans; somebody is told of all orders."""
    who = on_record()
    told = OLGA.post(SUBSCRIPTIONS, {"callback": "https://listener.example.com"}).body["id"]
    aws.sqs().create_queue(QueueName=queue_of(told).rpartition("/")[2])
    return Una(who, cart_of(who, "plan-m", "plan-l")["id"])


def una_has_a_line(stage: Stage) -> Una:
    """Una has a mobile line, and an add-on for it in her cart."""
    who = on_record()
    fulfilled(order_of(who, "plan-m"))
    product = next(row["id"] for row in stage.held("inventory", "product"))
    addon = line("security-pack", action="modify", product={"id": product})
    return Una(who, who.post(CARTS, {"cartItem": [addon]}).body["id"], product)


def the_network(behaviour: str, times: int = 1) -> Callable[[Stage], Una]:
    """How it is with Una where the network misbehaves so many times."""

    def begin(stage: Stage) -> Una:
        told = una(stage)
        stage.put("events", "southbound", "plan-l", {"behaviour": behaviour, "times": times})
        return told

    return begin


def orders(told: Una) -> Play:
    """She orders her cart."""

    def play(client: Client) -> None:
        client.order(told.who, told.cart, key="k1")

    return play


def orders_twice(told: Una) -> Play:
    """She orders her cart, and then another one."""

    def play(client: Client) -> None:
        client.order(told.who, told.cart, key="k1")
        opened = client.ask(told.who, "POST", CARTS, {"cartItem": [line("plan-s")]}, key="k2")
        if opened.answer:
            client.order(told.who, opened.answer.body["id"], key="k3")

    return play


def orders_and_cancels(told: Una) -> Play:
    """She orders her cart, and thinks better of it."""

    def play(client: Client) -> None:
        made = client.order(told.who, told.cart, key="k1").answer
        if made:
            client.ask(told.who, "POST", CANCELLATIONS, {"productOrder": {"id": made.body["id"]}}, key="k2")

    return play


def orders_the_unknown(told: Una) -> Play:
    """She orders what no catalog has, beside what it has."""
    items = [
        {"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "no-such"}},
        {"id": "2", "action": "add", "quantity": 2, "productOffering": {"id": "plan-m"}},
    ]

    def play(client: Client) -> None:
        client.ask(told.who, "POST", ORDERS, {"productOrderItem": items}, key="k1")
        client.ask(told.who, "POST", ORDERS, {"productOrderItem": items[:1]}, key="k2")

    return play


def shops(told: Una) -> Play:
    """She fills a cart on the way to her order."""

    def play(client: Client) -> None:
        opened = client.ask(told.who, "POST", CARTS, {"cartItem": [line("plan-s")]}, key="k1").answer
        if opened:
            cart = opened.body["id"]
            client.add(told.who, cart, "plan-m", key="k2")
            client.change(BEN, cart, opened.body["cartItem"][0]["id"], quantity=2)
            client.order(told.who, cart, key="k3")

    return play


STORIES = (
    Story("fulfilled", una, (orders,), day=True),
    Story("two-orders", una, (orders_twice,), day=True),
    Story("changed-her-mind", una, (orders_and_cancels,), day=True),
    Story("added-to-a-line", una_has_a_line, (orders,), day=True),
    Story("partly-unknown", una, (orders_the_unknown,), day=True),
    Story("shopping", una, (shops,), day=True),
    Story("network-refuses", the_network("fail"), (orders,), day=True),
    Story("network-is-slow", the_network("slow", 3), (orders,), day=True),
    Story("network-answers-twice", the_network("twice", 2), (orders_and_cancels,), day=True),
)
