"""The hub's own entries in a customer's timeline: one per event, and one look at an offer an hour."""

import json

import pytest
import time_machine

from functions.events.happened import shortened
from functions.shared import aws
from tests.functions.stage import (
    BEN,
    CATALOG,
    GUEST,
    INTERACTIONS,
    Json,
    Person,
    Stage,
    cart_of,
    customer,
    fulfilled,
    order_of,
    stumbling,
    told,
)


def timeline(person: Person) -> list[Json]:
    found: list[Json] = person.get(INTERACTIONS).body
    return found


def test_an_event_is_remembered_once_however_often_it_comes(hub: Stage) -> None:
    jane = customer("jane-once")
    order = order_of(jane, "plan-m")
    (event,) = hub.events_of("productOrder", order["id"])

    answers = [told("remember", event) for _ in range(3)]

    assert answers == [{"remembered": True}, {"remembered": False}, {"remembered": False}]
    (entry,) = timeline(jane)
    assert (entry["reason"], entry["direction"], entry["channel"][0]["id"]) == ("orderPlaced", "inbound", "web")
    assert entry["description"] == f"Placed order {order['id'][:8].upper()}: Nova M."
    assert entry["interactionItem"][0]["item"]["id"] == order["id"]


def test_remembering_costs_one_call(hub: Stage) -> None:
    (event,) = hub.events_of("productOrder", order_of(customer("jane-calls"), "plan-m")["id"])
    assert hub.called(lambda: told("remember", event)) == ["dynamodb.PutItem"]


def test_a_journey_is_remembered_in_its_order_over_every_channel(hub: Stage) -> None:
    jane = customer("jane-journey")
    cart = cart_of(jane, "plan-m")
    BEN.post(f"{cart['href']}/cartItem", {"productOffering": {"id": "tv-plus"}})
    order = jane.post("/tmf-api/productOrderingManagement/v4/productOrder", {"shoppingCart": {"id": cart["id"]}}).body
    fulfilled(order)
    for kind, id_ in (("productOrder", order["id"]), ("shoppingCart", cart["id"])):
        for event in hub.events_of(kind, id_):
            told("remember", event)
    assert [(entry["reason"], entry["channel"][0]["id"]) for entry in reversed(timeline(jane))][:3] == [
        ("cartOpened", "web"),
        ("cartChanged", "callcentre"),
        ("orderPlaced", "web"),
    ]
    assert [entry["reason"] for entry in timeline(jane)].count("orderProgress") == 2


def test_what_a_guest_does_is_nobodys_timeline(hub: Stage) -> None:
    (event,) = hub.events_of("shoppingCart", cart_of(GUEST, "plan-m")["id"])
    assert told("remember", event) == {"remembered": False}


@pytest.mark.parametrize("kind", ["product", "cancelProductOrder"])
def test_what_is_not_a_customers_doing_is_not_remembered(hub: Stage, kind: str) -> None:
    hub.put("inventory" if kind == "product" else "order", kind, "p1", {"status": "active"}, customer="jane")
    (event,) = hub.events_of(kind, "p1")
    assert told("remember", event) == {"remembered": False}


def looks(hub: Stage, person: Person, offering: str = "plan-m") -> Json:
    """The event that a look at an offer is."""
    with stumbling(aws.events(), "PutEvents") as asked:
        person.get(f"{CATALOG}/productOffering/{offering}")
    (entry,) = json.loads(asked[0]["body"])["Entries"]
    found: Json = json.loads(entry["Detail"])
    return found


def test_looks_at_an_offer_are_one_entry_for_each_customer_offering_channel_and_hour(hub: Stage) -> None:
    jane, app, tom = customer("jane-looks"), customer("jane-looks", "mobile"), customer("tom-looks")
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        seen = [looks(hub, jane)]
        clock.move_to("2026-03-01T12:59:59.999Z")
        seen += [looks(hub, jane), looks(hub, jane, "plan-s"), looks(hub, app), looks(hub, tom)]
        clock.move_to("2026-03-01T13:00:00Z")
        seen += [looks(hub, jane)]
        answers = [told("remember", event)["remembered"] for event in [*seen, *seen]]
    assert answers == [True, False, True, True, True, True] + [False] * 6
    assert len(timeline(jane)) == 4
    assert {entry["reason"] for entry in timeline(jane)} == {"offerViewed"}


def test_a_look_that_cannot_be_told_does_not_fail_the_answer(hub: Stage) -> None:
    away = {"Error": {"Code": "InternalException", "Message": "away"}}
    with stumbling(aws.events(), "PutEvents", away):
        assert customer("jane-away").get(f"{CATALOG}/productOffering/plan-m").status == 200


def test_only_an_identified_customers_look_is_told(hub: Stage) -> None:
    assert hub.called(lambda: GUEST.get(f"{CATALOG}/productOffering/plan-m")) == []
    assert hub.called(lambda: BEN.get(f"{CATALOG}/productOffering/plan-m")) == []


def test_a_large_order_is_remembered_too(hub: Stage) -> None:
    jane = customer("jane-large")
    (event,) = hub.events_of("productOrder", order_of(jane, "plan-m")["id"])
    assert told("remember", shortened(event)) == {"remembered": True}
    assert len(timeline(jane)) == 1
