"""Streams to functions: order, filters, failures; and queues to functions."""

import json
import time
from typing import Any

import pytest

from local.hub import Hub
from local.streams import first_failed
from local.work import StillBusy
from tests.local import toys
from tests.local.assemblies import Resources, att, function, resource, stream_to, table
from tests.local.conftest import StartHub

PARKED = {"DestinationConfig": {"OnFailure": {"Destination": att("Parked")}}}
REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
HURRY = 0.0001


def _resources(**mapping: Any) -> Resources:
    return {
        "Rows": table(),
        "One": function("one"),
        "Feed": stream_to("One", **mapping),
        "Parked": resource("S3::Bucket"),
    }


def _put(hub: Hub, *keys: str, into: str = "Rows", **more: Any) -> None:
    for key in keys:
        hub.client("dynamodb").put_item(TableName=into, Item={"pk": {"S": key}, **more})


def _batch(hub: Hub, *keys: str) -> None:
    """All rows in one transaction, so that their records come together."""
    puts: Any = [{"Put": {"TableName": "Rows", "Item": {"pk": {"S": key}}}} for key in keys]
    hub.client("dynamodb").transact_write_items(TransactItems=puts)


def _fail_at(*bad: str) -> None:
    def play(event: Any) -> None:
        if set(bad) & set(toys.keys(event)):
            raise toys.Refusal("bad row")

    toys.script["one"] = play


def _report(*bad: str) -> None:
    def play(event: Any) -> Any:
        found = [r["dynamodb"]["SequenceNumber"] for r in event["Records"] if r["dynamodb"]["Keys"]["pk"]["S"] in bad]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in found]}

    toys.script["one"] = play


def _tries() -> list[list[str]]:
    return [toys.keys(event) for event in toys.given_to("one")]


def test_records_come_as_lambda_sees_them(start_hub: StartHub) -> None:
    hub = start_hub(_resources())
    started = time.time()
    _put(hub, "a", raw={"B": b"\xff"}, count={"N": "1"}, map={"M": {"x": {"L": [{"S": "y"}]}}})
    hub.client("dynamodb").delete_item(TableName="Rows", Key={"pk": {"S": "a"}})
    hub.settle()
    records = [record for event in toys.given_to("one") for record in event["Records"]]
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    row = {"pk": {"S": "a"}, "raw": {"B": "/w=="}, "count": {"N": "1"}, "map": {"M": {"x": {"L": [{"S": "y"}]}}}}
    assert records[0]["dynamodb"]["NewImage"] == records[1]["dynamodb"]["OldImage"] == row
    assert records[0]["dynamodb"]["Keys"] == {"pk": {"S": "a"}}
    assert records[0]["eventSourceARN"] == next(iter(hub.blueprint.streams))
    assert records[0]["awsRegion"] == "eu-central-1"
    assert started - 1 <= records[0]["dynamodb"]["ApproximateCreationDateTime"] <= time.time()
    assert "userIdentity" not in records[1]
    json.dumps(records)


def test_records_come_in_order_and_in_batches(start_hub: StartHub) -> None:
    hub = start_hub(_resources(BatchSize=3))
    _batch(hub, *"abcdefgh")
    hub.settle()
    assert [key for keys in _tries() for key in keys] == list("abcdefgh")
    assert max(map(len, _tries())) == 3


def test_filters_pick_records(start_hub: StartHub) -> None:
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "or"}]}}}}
    hub = start_hub(_resources(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]}))
    _put(hub, "a", kind={"S": "order"})
    _put(hub, "a", kind={"S": "organ"})
    _put(hub, "b", kind={"S": "cart"})
    hub.settle()
    assert _tries() == [["a"]]


def test_a_failed_batch_is_tried_again_whole(start_hub: StartHub) -> None:
    hub = start_hub(_resources(MaximumRetryAttempts=2, **PARKED), haste=HURRY)
    _fail_at("b")
    _batch(hub, *"abc")
    hub.settle()
    assert _tries() == [list("abc")] * 3
    assert len(hub.dead_letters()) == 1


def test_what_nobody_takes_is_parked_with_its_records(start_hub: StartHub) -> None:
    hub = start_hub(_resources(MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, **PARKED), haste=HURRY)
    _fail_at("b")
    _batch(hub, *"abcd")
    hub.settle()
    (parked,) = hub.dead_letters()
    assert parked.place.startswith(f"parked/aws/lambda/{hub.blueprint.event_sources[0].id}/")
    assert toys.keys(json.loads(parked.body["payload"])) == ["b"]
    assert parked.body["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert parked.body["requestContext"]["approximateInvokeCount"] == 2
    assert parked.body["DDBStreamBatchInfo"]["batchSize"] == 1
    assert parked.body["DDBStreamBatchInfo"]["startSequenceNumber"]
    assert {error.type for error in hub.function_errors} == {"Refusal"}


def test_a_batch_is_halved_until_the_bad_record_is_alone(start_hub: StartHub) -> None:
    hub = start_hub(_resources(MaximumRetryAttempts=0, BisectBatchOnFunctionError=True, **PARKED), haste=HURRY)
    _fail_at("b")
    _batch(hub, *"abcd")
    hub.settle()
    assert _tries() == [list("abcd"), ["a", "b"], ["a"], ["b"], ["c", "d"]]


def test_reported_failures_are_tried_again_from_the_first(start_hub: StartHub) -> None:
    hub = start_hub(_resources(MaximumRetryAttempts=1, **REPORTS, **PARKED), haste=HURRY)
    _report("b", "d")
    _batch(hub, *"abcd")
    hub.settle()
    assert _tries() == [list("abcd"), list("bcd")]
    assert toys.keys(json.loads(hub.dead_letters()[0].body["payload"])) == list("bcd")


def test_reported_failures_and_halving_park_the_bad_record_alone(start_hub: StartHub) -> None:
    hub = start_hub(
        _resources(MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, **REPORTS, **PARKED), haste=HURRY
    )
    _report("b")
    _batch(hub, *"abcd")
    hub.settle()
    assert [toys.keys(json.loads(parked.body["payload"])) for parked in hub.dead_letters()] == [["b"]]
    assert _tries()[-1] == ["c", "d"]


def test_failures_that_get_well_are_parked_nowhere(start_hub: StartHub) -> None:
    hub = start_hub(_resources(**REPORTS, **PARKED), haste=HURRY)
    _report("b")
    _batch(hub, *"abc")
    with pytest.raises(StillBusy, match=r"[23] x stream record for One"):
        hub.settle(timeout=0.3)  # without a limit a bad record is tried for ever
    toys.script.clear()
    hub.settle()
    assert not hub.dead_letters()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, None),
        ({}, None),
        ({"batchItemFailures": []}, None),
        ({"batchItemFailures": None}, None),
        ({"batchItemFailures": [{"itemIdentifier": "3"}, {"itemIdentifier": "2"}]}, 1),
        ({"batchItemFailures": [{"itemIdentifier": "9"}]}, 0),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, 0),
        ({"batchItemFailures": [{}]}, 0),
        ({"batchItemFailures": 5}, 0),
        ("fine", None),
    ],
)
def test_where_a_batch_failed_first(answer: Any, expected: int | None) -> None:
    assert first_failed(answer, ["1", "2", "3"]) == expected


def test_one_poisoned_table_does_not_hold_up_another(start_hub: StartHub) -> None:
    hub = start_hub(
        {**_resources(), "More": table(), "Two": function("two"), "Feed2": stream_to("Two", "More")}, haste=HURRY
    )
    _fail_at("a")
    _put(hub, "a")
    _put(hub, "x", "y", into="More")
    with pytest.raises(StillBusy, match=r"still busy: 1 x stream record for One\.$"):
        hub.settle(timeout=0.3)
    assert [key for event in toys.given_to("two") for key in toys.keys(event)] == ["x", "y"]


def test_a_queue_is_told_where_the_records_were(start_hub: StartHub) -> None:
    place = {"DestinationConfig": {"OnFailure": {"Destination": att("Lost")}}}
    resources = {**_resources(MaximumRetryAttempts=0, **place), "Lost": resource("SQS::Queue")}
    hub = start_hub(resources, haste=HURRY)
    _fail_at("a")
    _put(hub, "a")
    hub.settle()
    (letter,) = hub.dead_letters()
    assert letter.place.endswith(":Lost")
    assert "payload" not in letter.body
    assert letter.body["DDBStreamBatchInfo"]["batchSize"] == 1


def test_records_without_a_place_to_go_are_told_to_be_lost(start_hub: StartHub) -> None:
    hub = start_hub(_resources(MaximumRetryAttempts=0), haste=HURRY)
    _fail_at("a")
    _put(hub, "a")
    hub.settle()
    assert [error.type for error in hub.function_errors] == ["Refusal", "RecordsLost"]


def test_expired_rows_vanish_and_the_stream_says_who_did_it(start_hub: StartHub) -> None:
    resources = _resources()
    resources["Rows"]["Properties"]["TimeToLiveSpecification"] = {"AttributeName": "until", "Enabled": True}
    hub = start_hub(resources)
    _put(hub, "old", until={"N": str(int(time.time()) - 5)})
    _put(hub, "text", until={"S": "1"})
    _put(hub, "new", until={"N": str(int(time.time()) + 500)})
    _put(hub, "ever")
    toys.reset()
    until = time.monotonic() + 5
    while not any("old" in toys.keys(e) and e["Records"][-1]["eventName"] == "REMOVE" for e in toys.given_to("one")):
        assert time.monotonic() < until, "the clock never swept"
        time.sleep(0.02)
    hub.settle()
    removed = toys.given_to("one")[-1]["Records"][-1]
    assert removed["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert hub.clock.sweep() == 0
    assert hub.client("dynamodb").scan(TableName="Rows")["Count"] == 3


def _queue_resources(**mapping: Any) -> Resources:
    return {
        "Dead": resource("SQS::Queue"),
        "Work": resource("SQS::Queue", RedrivePolicy={"deadLetterTargetArn": att("Dead"), "maxReceiveCount": 2}),
        "One": function("one"),
        "Feed": resource(
            "Lambda::EventSourceMapping", EventSourceArn=att("Work"), FunctionName={"Ref": "One"}, **mapping
        ),
    }


def test_a_queue_feeds_a_function(start_hub: StartHub) -> None:
    hub = start_hub(_queue_resources())
    sqs = hub.client("sqs")
    queue = sqs.get_queue_url(QueueName="Work")["QueueUrl"]
    kind = {"kind": {"DataType": "String", "StringValue": "x"}}
    sqs.send_message(QueueUrl=queue, MessageBody="hello", MessageAttributes=kind)
    hub.settle()
    (record,) = toys.given_to("one")[0]["Records"]
    assert record["body"] == "hello"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(":Work")
    assert record["messageAttributes"]["kind"]["stringValue"] == "x"


def test_a_message_that_nobody_takes_ends_as_a_dead_letter(start_hub: StartHub) -> None:
    hub = start_hub(_queue_resources(**REPORTS), haste=HURRY)

    def play(event: Any) -> Any:
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}

    toys.script["one"] = play
    sqs = hub.client("sqs")
    queue = sqs.get_queue_url(QueueName="Work")["QueueUrl"]
    for body in ("good", "bad"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    hub.settle()
    assert [letter.body for letter in hub.dead_letters()] == ["bad"]
