"""From the bus into a subscriber's queue: who wants it, and what happens where there is no queue (yet, or any more)."""

import json
from typing import Any

import pytest

from functions.events.notify import NotReady
from functions.events.subscribe import queue_of
from functions.shared import aws
from functions.subscription import store
from tests.functions.stage import OLGA, SUBSCRIPTIONS, Json, Person, Stage, customer, order_of, told

PIA = Person("pico-backoffice", "operator", "pia")
CALLBACK = "https://partner.example/omnihub/"


def placed(hub: Stage) -> Json:
    """The event of a new order."""
    order = order_of(customer("ida"), "plan-m")
    (event,) = hub.events_of("productOrder", order["id"])
    return event


def subscribed(query: str = "", by: Person = OLGA) -> str:
    """A subscription without anything that hangs on it."""
    return str(by.post(SUBSCRIPTIONS, {"callback": CALLBACK, "query": query}).body["id"])


def queued(id_: str) -> list[Json]:
    """What lies in its queue."""
    found = aws.sqs().receive_message(QueueUrl=queue_of(id_), MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


@pytest.fixture(autouse=True)
def alone(hub: Stage) -> None:
    """Nobody has subscribed before."""
    for row in hub.held("events", store.KIND):
        store.delete(row)


def test_an_event_lies_in_the_queue_of_whoever_wants_it_with_where_it_goes(hub: Stage) -> None:
    wanting, other, abroad = subscribed(), subscribed("channel=shop"), subscribed(by=PIA)
    for id_ in (wanting, other, abroad):
        aws.sqs().create_queue(QueueName=queue_of(id_).rpartition("/")[2])
    event = placed(hub)
    assert told("notify", event) == {"queued": 1}
    (message,) = queued(wanting)
    assert message["to"] == "https://partner.example/omnihub/listener/productOrderCreateEvent"
    assert message["event"] == {name: value for name, value in event.items() if name not in ("by", "role")}
    assert queued(other) == queued(abroad) == []


@pytest.mark.parametrize(
    ("told_of", "hearing"),
    [
        ({}, []),
        ({"partner": "harbour"}, ["harbour"]),
        ({"partner": "harbour", "above": ["north"]}, ["harbour", "north"]),
    ],
)
def test_a_partner_hears_of_its_branch_and_of_nothing_else(hub: Stage, told_of: Json, hearing: list[str]) -> None:
    ids = {}
    for who in ("harbour", "north", "station"):
        ids[who] = subscribed(by=Person("nova-partner", "partner", f"till of {who}", partner=who))
        aws.sqs().create_queue(QueueName=queue_of(ids[who]).rpartition("/")[2])
    assert told("notify", {**placed(hub), **told_of}) == {"queued": len(hearing)}
    found = {who: queued(id_) for who, id_ in ids.items()}
    assert [who for who, messages in found.items() if messages] == hearing
    assert all("above" not in message["event"] for messages in found.values() for message in messages)


def test_who_has_a_queue_is_told_though_another_has_none_yet_and_the_event_comes_again(hub: Stage) -> None:
    ready, early = subscribed(), subscribed()
    aws.sqs().create_queue(QueueName=queue_of(ready).rpartition("/")[2])
    event = placed(hub)
    with pytest.raises(NotReady, match=early):
        told("notify", event)
    assert len(queued(ready)) == 1
    aws.sqs().create_queue(QueueName=queue_of(early).rpartition("/")[2])
    assert told("notify", event) == {"queued": 2}
    assert len(queued(early)) == 1


def test_who_unsubscribes_at_that_moment_misses_nothing(hub: Stage) -> None:
    id_, event = subscribed(), placed(hub)

    def unsubscribe(**_: Any) -> None:
        OLGA.ask("DELETE", f"{SUBSCRIPTIONS}/{id_}", None)

    aws.sqs().meta.events.register_first("before-call.sqs.SendMessage", unsubscribe)
    try:
        assert told("notify", event) == {"queued": 1}
    finally:
        aws.sqs().meta.events.unregister("before-call.sqs.SendMessage", unsubscribe)
    assert hub.held("events", store.KIND) == []


def test_what_no_api_offers_is_queued_for_nobody(hub: Stage) -> None:
    subscribed()
    view = {**placed(hub), "eventType": "ProductOfferingViewEvent"}
    del view["domain"]
    assert told("notify", view) == {"queued": 0}


@pytest.mark.parametrize("callback", ["http://partner.example", "http://127.0.0.1:8080", "https://127.0.0.1:8443"])
def test_unless_it_is_told_so_the_hub_takes_no_callback_on_this_machine_or_without_tls(
    hub: Stage, callback: str
) -> None:
    assert OLGA.post(SUBSCRIPTIONS, {"callback": callback}, expect=400).body["code"] == "badCallback"


def test_an_api_has_a_hundred_subscriptions_in_a_brand_and_no_more(hub: Stage) -> None:
    for number in range(store.MOST):
        hub.put(
            "events",
            store.KIND,
            f"s{number}",
            {"callback": CALLBACK},
            api="TMF622",
            **store._listed("nova", "TMF622").entry,
        )
    full = OLGA.post(SUBSCRIPTIONS, {"callback": CALLBACK}, expect=409).body
    assert full["code"] == "subscriptionsFull"
    PIA.post(SUBSCRIPTIONS, {"callback": CALLBACK})
    OLGA.ask("DELETE", f"{SUBSCRIPTIONS}/s7", None)
    OLGA.post(SUBSCRIPTIONS, {"callback": CALLBACK})
