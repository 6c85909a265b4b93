"""Personal data lives in one place: it is in no event, no line of the log, no row but the customer's own."""

import json
from typing import Any

import pytest

from tests.shape.day import PERSONAL, Day

SAID = [pytest.param(word, id=where) for word, where in PERSONAL.items()]


@pytest.mark.parametrize("word", SAID)
def test_nothing_personal_is_in_any_event(day: Day, word: str) -> None:
    telling = sorted({event["eventType"] for event in day.events if word in _text(event)})
    assert not telling, f"{word!r} ({PERSONAL[word]}) is in {telling}"


@pytest.mark.parametrize("word", SAID)
def test_nothing_personal_is_in_any_line_of_the_log(day: Day, word: str) -> None:
    assert day.logged
    assert not [line for line in day.logged if word in line]


@pytest.mark.parametrize("word", SAID)
def test_nothing_personal_is_kept_outside_the_customers_own_tables(day: Day, word: str) -> None:
    """Carts, orders, products and messages hold references; what a person says lies where it can be erased."""
    keeping = sorted({f"{row['table']}: {row['type']}" for row in day.rows if word in _text(row)})
    elsewhere = [each for each in keeping if not each.startswith(("CustomerTable", "InteractionTable"))]
    assert not elsewhere, f"{word!r} ({PERSONAL[word]}) is in {elsewhere}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def test_what_was_said_is_still_there_for_those_who_may_read_it(day: Day) -> None:
    """Else the three tests above would be passed by losing everything. Who a party is, its own record says."""
    kept = _text(day.rows)
    said = {word: where for word, where in PERSONAL.items() if "name of a party" not in where}
    lost = [f"{word!r}: {where}" for word, where in said.items() if word not in kept]
    assert not lost, "\n".join(lost)


def test_every_line_of_the_log_says_route_status_and_who_but_no_path(day: Day) -> None:
    lines = [json.loads(line) for line in day.logged]
    answered = [line for line in lines if line["message"] == "answered"]
    assert answered
    ids = {row["id"] for row in day.rows}
    for line in answered:
        assert {"route", "status", "ms", "correlation_id", "brand", "market", "channel", "role"} <= line.keys(), line
        assert not ids & set(line["route"].split("/")), line["route"]
        assert len(json.dumps(line)) <= 700
