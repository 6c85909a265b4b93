"""From the stream to the bus: every event once it is stored, in batches the bus takes, and again until it has it."""

import json
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.events import happened
from functions.shared import aws, keys, rows
from functions.shared.keys import Key
from tests.functions.stage import HUB, OLGA, Json, Stage, cart_of, customer, line, published, stumbling

BUSY = {"ErrorCode": "ThrottlingException", "ErrorMessage": "later"}


def edits(hub: Stage, count: int) -> list[Json]:
    """So many records of one cart."""

    def edit() -> None:
        jane = customer("jane-edits")
        href = cart_of(jane)["href"]
        for _ in range(count - 1):
            jane.post(f"{href}/cartItem", line("plan-m"))

    return hub.recorded(edit)


@pytest.fixture(scope="module")
def records(hub: Stage) -> list[Json]:
    """The 23 versions of one cart, as its stream tells them."""
    return edits(hub, 23)


def orders(hub: Stage, count: int, size: int) -> list[Json]:
    """Records of so many orders, each of about that many bytes."""

    def put() -> None:
        for n in range(count):
            item = {"id": "1", "action": "add", "state": "acknowledged", "quantity": 1, "product": {"name": "x" * size}}
            body = {"state": "acknowledged", "orderDate": "2026-03-01T12:00:00.000Z", "productOrderItem": [item]}
            hub.put("order", "productOrder", f"sized-{size}-{count}-{n}", body)

    return hub.recorded(put)


def sent(asked: list[Json]) -> list[list[Json]]:
    """What the bus was asked to take, call by call."""
    return [json.loads(request["body"])["Entries"] for request in asked]


def number(record: Json) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def failures(answer: Json) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def refusal(entries: int, *bad: int) -> Json:
    """An answer of the bus that refuses the entries at those places."""
    given = [BUSY if n in bad else {"EventId": str(n)} for n in range(entries)]
    return {"FailedEntryCount": len(bad), "Entries": given}


def test_every_record_is_published_in_its_order_ten_at_a_time(records: list[Json]) -> None:
    with stumbling(aws.events(), "PutEvents") as asked:
        assert published(records) == {"batchItemFailures": []}
    assert [len(batch) for batch in sent(asked)] == [10, 10, 3]
    details = [json.loads(entry["Detail"]) for batch in sent(asked) for entry in batch]
    assert [detail["sequence"] for detail in details] == list(range(1, 24))
    first = sent(asked)[0][0]
    assert (first["Source"], first["DetailType"], first["EventBusName"]) == (
        "omnihub.shoppingCart",
        "ShoppingCartCreateEvent",
        "bus",
    )


@pytest.mark.parametrize(
    ("answers", "first_failed", "calls"),
    [
        ([refusal(10, 3)], 3, 1),
        ([refusal(10, 0, 9)], 0, 1),
        ([refusal(10, 9, 4, 7)], 4, 1),
        ([refusal(10), refusal(10, 2, 3)], 12, 2),
        ([refusal(10), refusal(10), refusal(3, 2)], 22, 3),
        ([refusal(10), refusal(10), refusal(3)], None, 3),
    ],
)
def test_from_the_first_that_the_bus_refused_on_records_come_back(
    records: list[Json], answers: list[Json], first_failed: int | None, calls: int
) -> None:
    with stumbling(aws.events(), "PutEvents", *answers) as asked:
        answer = published(records)
    assert failures(answer) == ([] if first_failed is None else [number(records[first_failed])])
    assert len(asked) == calls, "nothing after a refused entry is sent before it"


def test_technical_rows_are_passed_over_and_do_not_disturb_the_numbers(hub: Stage) -> None:
    def remember(n: int) -> None:
        rows.save(keys.remember("test-cart", HUB, Key.of(HUB, f"key-{n}", "/p", {}), "x"))

    mixed = []
    for n, record in enumerate(edits(hub, 4)):
        mixed += [*hub.recorded(lambda n=n: remember(n)), record]  # type: ignore[misc]
    with stumbling(aws.events(), "PutEvents", refusal(4, 2)) as asked:
        answer = published(mixed)
    assert [len(batch) for batch in sent(asked)] == [4]
    assert failures(answer) == [number(mixed[5])]


def test_nothing_to_publish_calls_nobody(hub: Stage) -> None:
    key = hub.recorded(lambda: rows.save(keys.remember("test-cart", HUB, Key.of(HUB, "alone", "/p", {}), "x")))
    assert hub.called(lambda: published(key)) == []
    assert hub.called(lambda: published([])) == []


@pytest.mark.parametrize(
    ("count", "size", "batches"),
    [(10, 1_000, [10]), (10, 50_000, [4, 4, 2]), (5, 100_000, [2, 2, 1]), (3, 150_000, [1, 1, 1])],
)
def test_no_call_carries_more_bytes_than_the_bus_takes(hub: Stage, count: int, size: int, batches: list[int]) -> None:
    with stumbling(aws.events(), "PutEvents") as asked:
        published(orders(hub, count, size))
    assert [len(batch) for batch in sent(asked)] == batches
    for batch in sent(asked):
        assert sum(len(value.encode()) for entry in batch for value in entry.values()) <= 256 * 1024


def test_an_event_too_large_for_the_bus_tells_the_address_and_the_next_one_is_whole(hub: Stage) -> None:
    large, small = orders(hub, 1, 250_000), orders(hub, 1, 10)
    with stumbling(aws.events(), "PutEvents") as asked:
        published([*large, *small])
    first, second = (json.loads(entry["Detail"])["event"]["productOrder"] for entry in sent(asked)[0])
    assert first.keys() == {"id", "href", "@type"}
    assert second["state"] == "acknowledged"


def record(old: Json | None, new: Json) -> Json:
    """A record of a stream that tells of these two images."""
    images = {side: rows.packed(row) for side, row in (("OldImage", old), ("NewImage", new)) if row}
    return {"dynamodb": {"SequenceNumber": str(new["version"]), **images}}


def details(*told: Json) -> list[list[str]]:
    """What goes out for these records, call by call."""
    with stumbling(aws.events(), "PutEvents") as asked:
        published(list(told))
    return [[entry["Detail"] for entry in batch] for batch in sent(asked)]


def order_of_bytes(size: int) -> Json:
    """The record of an order whose event has exactly that many bytes."""

    def padded(pad: int) -> Json:
        body = {"state": "acknowledged", "productOrderItem": [], "externalId": "x" * pad}
        return record(None, rows.new(HUB, "productOrder", "o1", body))

    ((detail,),) = details(padded(1))
    return padded(1 + size - len(detail))


@pytest.mark.usefixtures("hub")
def test_an_event_travels_whole_up_to_the_last_byte_it_may_have() -> None:
    whole, short = details(order_of_bytes(happened.LARGEST))[0][0], details(order_of_bytes(happened.LARGEST + 1))[0][0]
    assert len(whole) == happened.LARGEST
    assert "externalId" in json.loads(whole)["event"]["productOrder"]
    assert json.loads(short)["event"]["productOrder"].keys() == {"id", "href", "@type"}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("more", "batches"), [(0, [2, 2]), (1, [1, 2, 1])])
def test_a_call_is_filled_to_the_last_byte_it_may_have(more: int, batches: list[int]) -> None:
    takes = import_module("functions.events.publish").BYTES
    large, small = order_of_bytes(takes - 50_000), order_of_bytes(50_000 + more)
    assert [len(batch) for batch in details(large, small, small, large)] == batches


STATES = {"shoppingCart": "state", "product": "status", "partyInteraction": "status", "productOrder": "state"}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("kind", [*STATES, "eventSubscription"])
@pytest.mark.parametrize("moved", [False, True])
def test_only_what_changed_its_state_is_told_as_a_change_of_state(*, kind: str, moved: bool) -> None:
    def image(version: int, state: str) -> Json:
        body: Json = {"productOrderItem": []} if kind == "productOrder" else {}
        body |= {"cartItem": {}} if kind == "shoppingCart" else {}
        body |= {STATES[kind]: state} if kind in STATES else {}
        cart = {"catalog_version": "v1", "touches": {}, "opened": {}}
        return {**rows.new(HUB, kind, "r1", body, **cart), "version": version}

    old, new = image(1, "active"), image(2, "ended" if moved else "active")
    ((told,),) = details(record(old, new))
    assert json.loads(told)["eventType"] == (happened.event(old, new) or {})["eventType"]
    assert ("AttributeValueChange" not in told) is (moved and kind in STATES)


@pytest.mark.usefixtures("hub")
def test_a_draft_after_one_that_was_cleared_away_is_told() -> None:
    body = {"name": {"de": "Neu"}, "lifecycleStatus": "In study"}
    draft = {**rows.new(HUB, "productOffering", "r1", body, language="de"), "version": 2}
    cleared = {name: value for name, value in draft.items() if name != "body"} | {"folded": True}
    for old in (cleared, {**cleared, "body": {}}):
        assert "ProductOfferingCreateEvent" in details(record(old, draft))[0][0]


@pytest.mark.usefixtures("hub")
def test_money_travels_as_the_number_it_is() -> None:
    amounts = [Decimal("29.99"), Decimal("10.00"), Decimal("-0.5"), 7]
    items = [{"id": str(n), "value": amount} for n, amount in enumerate(amounts)]
    body = {"state": "acknowledged", "productOrderItem": items}
    ((told,),) = details(record(None, rows.new(HUB, "productOrder", "o1", body)))
    assert [f'"value":{written}}}' in told for written in ("29.99", "10", "-0.5", "7")] == [True] * 4


def test_letters_of_several_bytes_are_counted_as_bytes(hub: Stage) -> None:
    body = {"state": "acknowledged", "productOrderItem": [], "externalId": "ä" * 150_000}
    records = hub.recorded(lambda: hub.put("order", "productOrder", "umlauts", body))
    with stumbling(aws.events(), "PutEvents") as asked:
        published(records)
    assert len(sent(asked)[0][0]["Detail"].encode()) <= 256 * 1024


def test_where_the_bus_is_away_the_whole_batch_comes_back(hub: Stage) -> None:
    away = {"Error": {"Code": "InternalException", "Message": "away"}}
    with stumbling(aws.events(), "PutEvents", away), pytest.raises(ClientError):
        published(edits(hub, 2))


def test_a_record_that_comes_twice_is_the_same_event(hub: Stage) -> None:
    records = edits(hub, 3)
    with stumbling(aws.events(), "PutEvents") as asked:
        published(records)
        published(records)
    first, second = ([json.loads(entry["Detail"]) for entry in batch] for batch in sent(asked))
    assert first == second


def test_what_was_deleted_is_told_too(hub: Stage) -> None:
    jane = customer("jane-deletes")
    cart = cart_of(jane, "plan-m")
    records = hub.recorded(lambda: jane.delete(cart["href"]))
    with stumbling(aws.events(), "PutEvents") as asked:
        published(records)
    ((entry,),) = sent(asked)
    detail: Any = json.loads(entry["Detail"])
    assert (detail["eventType"], detail["eventId"]) == ("ShoppingCartDeleteEvent", f"shoppingCart-{cart['id']}-2")


def test_a_state_change_is_told_as_one_from_the_stream_as_well(hub: Stage) -> None:
    jane = customer("jane-states")
    cart = cart_of(jane, "plan-m")
    order = {"shoppingCart": {"id": cart["id"]}}
    records = hub.recorded(lambda: jane.post("/tmf-api/productOrderingManagement/v4/productOrder", order))
    with stumbling(aws.events(), "PutEvents") as asked:
        published(records)
    assert [entry["DetailType"] for batch in sent(asked) for entry in batch] == [
        "ProductOrderCreateEvent",
        "ShoppingCartStateChangeEvent",
    ]
    assert OLGA.get(cart["href"]).body["state"] == "ordered"
