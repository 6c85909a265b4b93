"""The shape of the data, on every event that a whole day of everything has put on the bus."""

from collections import Counter, defaultdict
from typing import Any

from functions.events import happened
from functions.shared import tmf
from tests.shape.day import BRANDS, Day
from tests.tmf import strict
from tests.tmf.client import assert_event

Row = dict[str, Any]
# Rows that are no resource of anybody's: they have a shape too, but no event.
TECHNICAL = {
    "key",
    "identifier",
    "priceBook",
    "private",
    "activation",
    "southbound",
    "claim",
    "party",
    "reference",
    "priceRiseBill",
    *happened.UNTOLD,
}
# Observations that no row holds: best effort, our own, without a resource and its sequence.
OWN_EVENTS = {"ProductOfferingViewEvent"}


def _of_rows(day: Day) -> list[Row]:
    return [event for event in day.events if event["eventType"] not in OWN_EVENTS]


def test_every_event_is_one_of_tm_forum_and_strictly_so(day: Day) -> None:
    found = []
    for event in _of_rows(day):
        try:
            assert_event(event)
        except AssertionError as wrong:
            found.append(str(wrong))
    assert not found, "\n".join(sorted(set(found)))


def test_every_event_names_brand_market_channel_and_journey(day: Day) -> None:
    for event in day.events:
        assert BRANDS[event["brand"]] == event["market"], event["eventId"]
        assert event["channel"], event["eventId"]
        assert event["correlationId"], event["eventId"]
        assert strict.DATE_TIME.fullmatch(event["eventTime"]), event["eventId"]


def test_our_own_events_say_whom_and_what_they_are_about_by_id(day: Day) -> None:
    own = [event for event in day.events if event["eventType"] in OWN_EVENTS]
    assert {event["eventType"] for event in own} == OWN_EVENTS
    for event in own:
        assert event["eventId"]
        assert event["customer"] == day.customer
        assert event["offering"] == "plan-m"


def test_what_one_journey_does_carries_its_correlation_id_to_the_end(day: Day) -> None:
    of_the_cart = next(
        e for e in day.events if e["eventType"] == "ShoppingCartCreateEvent" and e["correlationId"] == "day-1"
    )
    (cart,) = of_the_cart["event"].values()
    remembered = [
        row["correlation_id"]
        for row in day.of("partyInteraction")
        for item in row["body"].get("interactionItem", [])
        if item["item"]["id"] == cart["id"] and row["body"]["reason"] == "cartOpened"
    ]
    assert remembered == ["day-1"]


def _told(event: Row) -> tuple[str, str]:
    ((kind, resource),) = event["event"].items()
    return kind, resource["id"]


def test_one_version_of_a_row_is_exactly_one_event_numbered_without_a_gap(day: Day) -> None:
    told: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in _of_rows(day):
        kind, id_ = _told(event)
        assert event["eventId"] == f"{kind}-{id_}-{event['sequence']}"
        told[kind, id_].append(event["sequence"])
    kept = [row for row in day.rows if row["type"] in tmf.API.keys() - happened.UNTOLD and "folded" not in row]
    for of, version in {(row["type"], row["id"]): row["version"] for row in kept}.items():
        first = 2 if of[1] in day.supplied else 1
        assert sorted(told.pop(of, [])) == list(range(first, version + 1)), of
    assert {id_ for _, id_ in told} == set(day.deleted)
    for of, sequence in told.items():
        assert sorted(sequence) == list(range(1, len(sequence) + 1)), of


def test_events_of_one_resource_begin_with_its_creation_and_end_with_its_deletion(day: Day) -> None:
    for event in _of_rows(day):
        _, id_ = _told(event)
        assert event["eventType"].endswith("CreateEvent") == (event["sequence"] == 1), event["eventId"]
        assert not event["eventType"].endswith("DeleteEvent") or id_ in day.deleted, event["eventId"]


def test_an_event_comes_once(day: Day) -> None:
    twice = [id_ for id_, count in Counter(event["eventId"] for event in day.events).items() if count > 1]
    assert twice == []


def test_technical_rows_make_no_event(day: Day) -> None:
    technical = [row for row in day.rows if row["type"] not in tmf.API.keys() - happened.UNTOLD]
    assert {row["type"] for row in technical} <= TECHNICAL, "is the new one technical? then name it in TECHNICAL"
    assert {"key", "activation", "identifier"} <= {row["type"] for row in technical}
    told = {_told(event) for event in _of_rows(day)}
    for row in technical:
        assert (row["type"], row["id"]) not in told
        assert row["id"] not in {id_ for _, id_ in told}
