"""Messages: at most one per order and stage, claimed before it is sent, never silently sent again."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from functions.events.confirm import NeverAnswered
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


def test_one_that_comes_while_the_other_is_sending_is_not_sent_and_comes_again(hub: Stage) -> None:
    order, event = ordered(hub, on_record())

    def meanwhile() -> None:
        with pytest.raises(NeverAnswered):
            told("confirm", event)

    with stumbling(aws.sns(), "Publish", meanwhile) as asked:
        assert told("confirm", event) == {"sent": True}
        assert told("confirm", event) == {"sent": False}
    assert len(asked) == 2
    assert versions(hub, order) == [("completed", 2)]


def versions(hub: Stage, order: Json) -> list[tuple[str, int]]:
    return [(row["body"]["state"], row["version"]) for row in messages(hub, order)]


@pytest.mark.parametrize("part", [1, 2])
def test_a_crash_while_it_is_sent_leaves_it_visible_and_its_event_is_parked(hub: Stage, part: int) -> None:
    order, event = ordered(hub, on_record())
    with stumbling(aws.sns(), "Publish", *[None] * (part - 1), Crashed()), pytest.raises(Crashed):
        told("confirm", event)

    with stumbling(aws.sns(), "Publish") as asked:
        for _ in range(3):
            with pytest.raises(NeverAnswered, match="was claimed and never answered: nobody know"):
                told("confirm", event)

    assert asked == []
    assert versions(hub, order) == [("inProgress", 1)]


def test_a_crash_before_the_claim_is_as_if_nothing_had_been(hub: Stage) -> None:
    _, event = ordered(hub, on_record())
    with stumbling(aws.dynamodb(), "PutItem", Crashed()), pytest.raises(Crashed):
        told("confirm", event)
    assert told("confirm", event) == {"sent": True}


def test_a_message_that_was_sent_and_could_not_be_ticked_off_is_not_sent_again(hub: Stage) -> None:
    _, event = ordered(hub, on_record())
    with stumbling(aws.dynamodb(), "UpdateItem", Crashed()), pytest.raises(Crashed):
        told("confirm", event)
    with stumbling(aws.sns(), "Publish") as asked, pytest.raises(NeverAnswered):
        told("confirm", event)
    assert asked == []


THROTTLED = {"Error": {"Code": "Throttled", "Message": "Rate exceeded"}}
AWAY = EndpointConnectionError(endpoint_url="https://sns.eu-central-1.amazonaws.com")


@pytest.mark.parametrize("refusal", [THROTTLED, AWAY, ConnectTimeoutError(endpoint_url="https://sns")])
@pytest.mark.parametrize("part", [1, 2])
def test_what_was_refused_for_certain_is_sent_when_its_event_comes_again(hub: Stage, part: int, refusal: Any) -> None:
    order, event = ordered(hub, on_record())
    with stumbling(aws.sns(), "Publish", *[None] * (part - 1), refusal) as first:
        with pytest.raises((ClientError, EndpointConnectionError, ConnectTimeoutError)):
            told("confirm", event)
        assert versions(hub, order) == [("failed", 2)]
    with stumbling(aws.sns(), "Publish") as again:
        assert told("confirm", event) == {"sent": True}
        assert told("confirm", event) == {"sent": False}
    taken = published(first[: part - 1]) + published(again)
    assert [("PhoneNumber" in each, "TopicArn" in each) for each in taken] == [(True, False), (False, True)]
    assert versions(hub, order) == [("completed", 4)]


@pytest.mark.parametrize("lost", [ReadTimeoutError(endpoint_url="https://sns"), {"Error": {"Code": "InternalError"}}])
def test_what_may_have_been_sent_is_tried_once_and_never_again(hub: Stage, lost: Any) -> None:
    order, event = ordered(hub, on_record())
    if isinstance(lost, dict):
        lost = {**lost, "ResponseMetadata": {"HTTPStatusCode": 500}}
    with stumbling(aws.sns(), "Publish", lost) as asked:
        with pytest.raises((ClientError, ReadTimeoutError)):
            told("confirm", event)
        with pytest.raises(NeverAnswered):
            told("confirm", event)
    assert len(asked) == 1
    assert versions(hub, order) == [("inProgress", 1)]
    config: Any = aws.sns().meta.config
    assert config.retries["total_max_attempts"] == 1  # nor does the client try again by itself


@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_crash_at_any_write_of_a_refused_message_sends_it_at_most_once(hub: Stage, write: int) -> None:
    """It is marked as failed, claimed again, ticked off: whichever of these is lost, the row goes only forward."""
    order, event = ordered(hub, on_record())
    writes = [*[None] * (write - 1), Crashed()]
    with stumbling(aws.sns(), "Publish", THROTTLED) as asked:
        with stumbling(aws.dynamodb(), "UpdateItem", *writes):
            for _ in range(2):
                with pytest.raises((ClientError, Crashed, NeverAnswered)):
                    told("confirm", event)
        seen = versions(hub, order)
        for _ in range(2):
            with suppress(NeverAnswered):
                told("confirm", event)
    sms = [each for each in published(asked)[1:] if "PhoneNumber" in each]
    assert len(sms) == {1: 0, 2: 1, 3: 1}[write]
    assert seen[0][1] <= versions(hub, order)[0][1]


def test_two_that_take_up_a_refused_message_at_once_send_one(hub: Stage) -> None:
    order, event = ordered(hub, on_record())
    with stumbling(aws.sns(), "Publish", THROTTLED), pytest.raises(ClientError):
        told("confirm", event)
    with stumbling(aws.sns(), "Publish") as asked:
        with (
            stumbling(aws.dynamodb(), "UpdateItem", lambda: told("confirm", event)),
            pytest.raises(NeverAnswered),
        ):
            told("confirm", event)
        assert told("confirm", event) == {"sent": False}
    assert len([p for p in published(asked) if "PhoneNumber" in p]) == 1
    assert versions(hub, order) == [("completed", 4)]


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
