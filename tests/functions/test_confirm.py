"""Messages: at most one per order and stage, claimed before it is sent, never silently sent again."""

import json
from urllib.parse import parse_qs

import pytest

from functions.events.happened import shortened
from functions.events.messages import STAGES, TEXTS
from functions.order.order import STATES
from functions.shared import aws
from tests.functions.stage import (
    CANCELLATIONS,
    Crashed,
    Json,
    Person,
    Stage,
    customer,
    fulfilled,
    on_record,
    order_of,
    stumbling,
    told,
)


def ordered(hub: Stage, person: Person) -> tuple[Json, Json]:
    """An order of theirs, and the event it is."""
    order = order_of(person, "plan-m")
    return order, hub.events_of("productOrder", order["id"])[-1]


def messages(hub: Stage, order: Json) -> list[Json]:
    return [row for row in hub.held("events", "communicationMessage") if row["order"] == order["id"]]


def published(asked: list[Json]) -> list[dict[str, str]]:
    """What SNS was asked to publish."""
    found = []
    for request in asked:
        body = request["body"]
        fields = body if isinstance(body, dict) else {k: v[0] for k, v in parse_qs(body).items()}
        found.append({k: v for k, v in fields.items() if k in ("PhoneNumber", "TopicArn", "Message")})
    return found


def test_a_message_is_claimed_sent_and_completed_once_however_often_its_event_comes(hub: Stage) -> None:
    order, event = ordered(hub, on_record("+4915510000007"))
    with stumbling(aws.sns(), "Publish") as asked:
        answers = [told("confirm", event) for _ in range(3)]
    assert answers == [{"sent": True}, {"sent": False}, {"sent": False}]
    sms, topic = published(asked)
    assert sms["PhoneNumber"] == "+4915510000007"
    assert "Nova M" in sms["Message"]
    assert topic["Message"] == "received"
    (message,) = messages(hub, order)
    assert (message["body"]["state"], message["body"]["template"]) == ("completed", "received")
    states = [e["eventType"] for e in hub.events_of("communicationMessage", message["id"])]
    assert states == ["CommunicationMessageCreateEvent", "CommunicationMessageStateChangeEvent"]


def test_two_that_meet_send_one(hub: Stage) -> None:
    order, event = ordered(hub, on_record())
    with stumbling(aws.sns(), "Publish") as asked:
        with stumbling(aws.dynamodb(), "PutItem", lambda: told("confirm", event)):
            assert told("confirm", event) == {"sent": False}
        assert len([p for p in published(asked) if "PhoneNumber" in p]) == 1
    assert len(messages(hub, order)) == 1


def test_a_crash_between_claim_and_sending_leaves_it_visible_and_it_is_never_sent_again(hub: Stage) -> None:
    order, event = ordered(hub, on_record())
    with stumbling(aws.sns(), "Publish", Crashed()), pytest.raises(Crashed):
        told("confirm", event)

    with stumbling(aws.sns(), "Publish") as asked:
        assert told("confirm", event) == {"sent": False}

    assert asked == []
    (message,) = messages(hub, order)
    assert (message["body"]["state"], message["version"]) == ("inProgress", 1)


def test_a_crash_before_the_claim_is_as_if_nothing_had_been(hub: Stage) -> None:
    _, event = ordered(hub, on_record())
    with stumbling(aws.dynamodb(), "PutItem", Crashed()), pytest.raises(Crashed):
        told("confirm", event)
    assert told("confirm", event) == {"sent": True}


def test_a_message_that_was_sent_and_could_not_be_ticked_off_is_not_sent_again(hub: Stage) -> None:
    _, event = ordered(hub, on_record())
    with stumbling(aws.dynamodb(), "UpdateItem", Crashed()), pytest.raises(Crashed):
        told("confirm", event)
    with stumbling(aws.sns(), "Publish") as asked:
        assert told("confirm", event) == {"sent": False}
    assert asked == []


def test_the_message_as_it_is_kept_holds_neither_number_nor_text(hub: Stage) -> None:
    order, event = ordered(hub, on_record("+4915510000008"))
    told("confirm", event)
    (message,) = messages(hub, order)
    assert "+4915510000008" not in str(message)
    assert "Nova M" not in str(message)
    assert message["body"]["parameter"]["order"] == order["id"]


@pytest.mark.parametrize(("language", "word"), [("de", "Danke"), ("en", "thank you"), ("fr", "thank you")])
def test_a_message_speaks_the_customers_language(hub: Stage, language: str, word: str) -> None:
    _, event = ordered(hub, on_record(preferredLanguage=language))
    with stumbling(aws.sns(), "Publish") as asked:
        told("confirm", event)
    assert word in published(asked)[0]["Message"]


def test_who_has_no_number_or_is_not_known_gets_nothing(hub: Stage) -> None:
    for person in (on_record(phone=None), customer("never-seen")):
        order, event = ordered(hub, person)
        assert told("confirm", event) == {"sent": False}
        assert messages(hub, order) == []


EVENTS = ("ProductOrderCreateEvent", "ProductOrderStateChangeEvent", "ProductOrderAttributeValueChangeEvent")
TOLD = {
    ("ProductOrderCreateEvent", "acknowledged"): "received",
    ("ProductOrderStateChangeEvent", "completed"): "activated",
    ("ProductOrderStateChangeEvent", "partial"): "activated",
    ("ProductOrderStateChangeEvent", "failed"): "failed",
    ("ProductOrderStateChangeEvent", "cancelled"): "cancelled",
    ("ProductOrderStateChangeEvent", "rejected"): "failed",
}


def test_customers_wait_for_word_where_something_came_and_wherever_their_order_ended() -> None:
    assert STAGES == TOLD
    ended = {state for state, to in STATES.items() if not to}
    assert ended <= {state for _, state in STAGES}
    assert set(STAGES.values()) == TEXTS.keys()
    assert all(words.keys() == {"de", "en"} for words in TEXTS.values())


def test_each_stage_of_an_order_is_told_once(hub: Stage) -> None:
    una = on_record()
    done, dropped = order_of(una, "plan-m"), order_of(una, "plan-s")
    fulfilled(done)
    una.post(CANCELLATIONS, {"productOrder": {"id": dropped["id"]}})
    with stumbling(aws.sns(), "Publish") as asked:
        for order in (done, dropped, done):
            for event in hub.events_of("productOrder", order["id"]):
                told("confirm", event)
    assert [p["Message"] for p in published(asked) if "TopicArn" in p] == [
        "received",
        "activated",
        "received",
        "cancelled",
    ]


def test_a_large_order_is_confirmed_too(hub: Stage) -> None:
    """Its event carries the address alone: who needs more reads it there."""
    order, event = ordered(hub, on_record())
    assert told("confirm", json.loads(json.dumps(shortened(event)))) == {"sent": True}
    assert len(messages(hub, order)) == 1
