"""Every mend: the defect on plain moto, and its absence on the mended one. A defect that is gone fails here too."""

import ast
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.routing import S3RestRouter
from moto.core.utils import get_service_model
from moto.dynamodb.models.table import Table
from moto.events.models import EventPattern
from moto.s3.models import S3Backend
from moto.sqs.models import sqs_backends

from local import mend
from local.pretend import ACCOUNT, REGION, pretend

Scenario = Callable[[], Any]
A = {"pk": {"S": "a"}, "sk": {"S": "1"}}


def _mended(scenario: Scenario, *, mends: bool) -> Any:
    assert not mend._installed, "somebody else has mended moto and not given it back"
    if mends:
        mend.install()
    try:
        with pretend(), mock_aws():
            return scenario()
    finally:
        mend.uninstall()


def _shows(scenario: Scenario, *, plain: Any, mended: Any) -> None:
    assert _mended(scenario, mends=False) == plain, "moto no longer has this defect: take the mend out"
    assert _mended(scenario, mends=True) == mended


def _table(**more: Any) -> Any:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName="T",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **more,
    )
    return dynamodb


def _iterator() -> str:
    streams = boto3.client("dynamodbstreams")
    where = streams.list_streams()["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=where)["StreamDescription"]["Shards"][0]["ShardId"]
    found = streams.get_shard_iterator(StreamArn=where, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    return str(found["ShardIterator"])


def _records(iterator: str) -> list[str]:
    records = boto3.client("dynamodbstreams").get_records(ShardIterator=iterator)["Records"]
    return [f"{record['eventName']} {len(record['dynamodb'].get('NewImage', {}))}" for record in records]


def _set(name: str, value: Any, **more: Any) -> dict[str, Any]:
    return {
        "TableName": "T",
        "Key": A,
        "UpdateExpression": f"SET {name} = :v",
        "ExpressionAttributeValues": {":v": value},
        **more,
    }


def _put(key: str, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "T", "Item": {"pk": {"S": key}, "sk": {"S": "1"}}, **more}}


def _refused(call: Callable[[], Any]) -> ClientError:
    with pytest.raises(ClientError) as refused:
        call()
    return refused.value


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads that take turns all the time find what is not atomic."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def _together(task: Callable[[Any], int], client: str, threads: int = 4) -> int:
    """How often the task succeeded, in all threads."""
    done: list[int] = []
    clients = [boto3.client(client) for _ in range(threads)]  # type: ignore[call-overload]
    started = [threading.Thread(target=lambda c=c: done.append(task(c))) for c in clients]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return sum(done)


@pytest.mark.usefixtures("impatient")
def test_threads_cannot_pass_the_same_condition() -> None:
    stock = 40

    def sell(dynamodb: Any) -> int:
        sold = 0
        for _ in range(stock):
            try:
                dynamodb.update_item(
                    TableName="T",
                    Key=A,
                    UpdateExpression="SET stock = stock - :one",
                    ConditionExpression="stock >= :one",
                    ExpressionAttributeValues={":one": {"N": "1"}},
                )
                sold += 1
            except ClientError:
                pass
        return sold

    def scenario() -> int:
        _table().put_item(TableName="T", Item={**A, "stock": {"N": str(stock)}})
        return _together(sell, "dynamodb")

    assert any(_mended(scenario, mends=False) > stock for _ in range(5)), "moto no longer has this defect"
    assert _mended(scenario, mends=True) == stock


def test_threads_cannot_replace_the_same_version_of_an_object(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = S3Backend.put_object

    def store_slowly(*given: Any, **named: Any) -> Any:
        time.sleep(0.05)  # between the check of the version and the write
        return stored(*given, **named)

    def scenario() -> int:
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="toys", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        tag = s3.put_object(Bucket="toys", Key="k", Body=b"first")["ETag"]

        def replace(client: Any) -> int:
            try:
                client.put_object(Bucket="toys", Key="k", Body=str(threading.get_ident()).encode(), IfMatch=tag)
            except ClientError:
                return 0
            return 1

        with monkeypatch.context() as slow:
            slow.setattr(S3Backend, "put_object", store_slowly)
            return _together(replace, "s3", threads=3)

    _shows(scenario, plain=3, mended=1)


def test_a_queue_can_be_made_while_another_one_is() -> None:
    others: list[threading.Thread] = []

    class Interrupted(dict[str, Any]):
        """While its values are looked through, somebody else makes a queue."""

        def values(self) -> Any:
            for each in dict.values(self):
                yield each
                others.append(threading.Thread(target=lambda: boto3.client("sqs").create_queue(QueueName="other")))
                others[-1].start()
                others[-1].join(timeout=0.2)  # where it waits for us, we go on

    def scenario() -> str:
        sqs, backend = boto3.client("sqs"), sqs_backends[ACCOUNT][REGION]
        for name in ("first", "dead"):
            sqs.create_queue(QueueName=name)
        redrive = json.dumps({"deadLetterTargetArn": backend.queues["dead"].queue_arn, "maxReceiveCount": 2})
        backend.queues = Interrupted(backend.queues)
        try:
            sqs.create_queue(QueueName="third", Attributes={"RedrivePolicy": redrive})
        except RuntimeError as error:
            return str(error)
        finally:
            for other in others:
                other.join()
        return "made"

    plain = "dictionary changed size during iteration"
    _shows(scenario, plain=plain, mended="made")


def test_a_write_that_changes_nothing_makes_no_record() -> None:
    def scenario() -> list[str]:
        dynamodb = _table()
        for _ in range(2):
            dynamodb.put_item(TableName="T", Item={**A, "x": {"SS": ["p", "q"]}})
        return _records(_iterator())

    _shows(scenario, plain=["INSERT 3", "MODIFY 3"], mended=["INSERT 3"])


def test_an_update_that_creates_a_row_makes_one_record() -> None:
    def scenario() -> list[str]:
        dynamodb = _table()
        dynamodb.update_item(**_set("x", {"N": "1"}))
        dynamodb.update_item(**_set("x", {"N": "2"}))
        dynamodb.delete_item(TableName="T", Key=A)
        return _records(_iterator())

    rest = ["INSERT 3", "MODIFY 3", "REMOVE 0"]
    _shows(scenario, plain=["INSERT 2", *rest], mended=rest)


def test_an_update_that_fails_half_way_leaves_nothing() -> None:
    def scenario() -> Any:
        dynamodb = _table()
        dynamodb.put_item(TableName="T", Item=A)
        too_large = {
            ":v": {"S": "half"},
            ":big": {"S": "x" * 450_000},
        }
        call = {**_set("x", None), "UpdateExpression": "SET x = :v, y = :big", "ExpressionAttributeValues": too_large}
        _refused(lambda: dynamodb.update_item(**call))
        return dynamodb.get_item(TableName="T", Key=A)["Item"]

    _shows(scenario, plain={**A, "x": {"S": "half"}}, mended=A)


def _failing_transaction(dynamodb: Any) -> ClientError:
    absent = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    return _refused(
        lambda: dynamodb.transact_write_items(TransactItems=[_put("new"), {"Update": _set("x", {"N": "1"}, **absent)}])
    )


def test_a_failed_transaction_blinds_nobody_and_shows_nothing() -> None:
    def scenario() -> list[str]:
        dynamodb = _table()
        iterator = _iterator()
        dynamodb.put_item(TableName="T", Item=A)
        _failing_transaction(dynamodb)
        dynamodb.put_item(TableName="T", Item={**A, "x": {"S": "later"}})
        return _records(iterator)

    _shows(scenario, plain=["INSERT 2", "INSERT 2"], mended=["INSERT 2", "MODIFY 3"])


def test_a_failed_transaction_writes_nothing_and_says_why() -> None:
    def scenario() -> Any:
        dynamodb = _table()
        dynamodb.put_item(TableName="T", Item=A)
        refused = _failing_transaction(dynamodb)
        return refused.response["CancellationReasons"], dynamodb.scan(TableName="T")["Items"]

    reasons, rows = _mended(scenario, mends=True)
    failed = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": A}
    assert (reasons, rows) == ([{"Code": "None"}, failed], [A])


def test_a_fault_of_the_row_is_a_cancellation_reason() -> None:
    def scenario() -> Any:
        dynamodb = _table()
        dynamodb.put_item(TableName="T", Item=A)
        add = {**_set("x", {"N": "1"}), "UpdateExpression": "SET x = x + :v"}
        refused = _refused(lambda: dynamodb.transact_write_items(TransactItems=[_put("new"), {"Update": add}]))
        reasons = [reason["Code"] for reason in refused.response.get("CancellationReasons", [])]
        return refused.response["Error"]["Code"], reasons, dynamodb.scan(TableName="T")["Count"]

    _shows(
        scenario,
        plain=("ValidationException", [], 1),
        mended=("TransactionCanceledException", ["None", "ValidationError"], 1),
    )


def _count_with_token(dynamodb: Any, step: str) -> None:
    add = {**_set("x", {"N": step}), "UpdateExpression": "ADD x :v"}
    dynamodb.transact_write_items(ClientRequestToken="t", TransactItems=[{"Update": add}])


def test_a_transaction_with_the_same_token_happens_once() -> None:
    def scenario() -> Any:
        dynamodb = _table()
        for _ in range(2):
            _count_with_token(dynamodb, "1")
        return dynamodb.get_item(TableName="T", Key=A)["Item"]["x"]

    _shows(scenario, plain={"N": "2"}, mended={"N": "1"})


def test_a_token_with_another_transaction_is_refused() -> None:
    def scenario() -> str:
        dynamodb = _table()
        _count_with_token(dynamodb, "1")
        try:
            _count_with_token(dynamodb, "2")
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        return "done"

    _shows(scenario, plain="done", mended="IdempotentParameterMismatchException")


def test_a_token_is_forgotten_with_everything_else() -> None:
    def scenario() -> Any:
        dynamodb = _table()
        _count_with_token(dynamodb, "1")
        return dynamodb.get_item(TableName="T", Key=A)["Item"]["x"]

    mend.install()
    try:
        for _ in range(2):
            with pretend(), mock_aws():
                assert scenario() == {"N": "1"}
    finally:
        mend.uninstall()


def test_a_transaction_costs_the_same_in_a_large_table() -> None:
    def scenario() -> float:
        dynamodb = _table()
        for page in range(24):
            puts = [{"PutRequest": {"Item": {"pk": {"S": f"{page}"}, "sk": {"S": f"{n}"}}}} for n in range(25)]
            dynamodb.batch_write_item(RequestItems={"T": puts})
        started = time.process_time()
        for number in range(5):
            dynamodb.transact_write_items(TransactItems=[_put(f"new {number}")])
        return time.process_time() - started

    assert _mended(scenario, mends=False) > 3 * _mended(scenario, mends=True)


def test_a_query_costs_the_same_in_a_large_table() -> None:
    def scenario() -> float:
        dynamodb = _table()
        for page in range(24):
            puts = [{"PutRequest": {"Item": {"pk": {"S": f"{page}"}, "sk": {"S": f"{n}"}}}} for n in range(25)]
            dynamodb.batch_write_item(RequestItems={"T": puts})
        started = time.process_time()
        for _ in range(5):
            found = dynamodb.query(
                TableName="T", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "nobody"}}
            )
            assert found["Count"] == 0
        return time.process_time() - started

    assert _mended(scenario, mends=False) > 1.5 * _mended(scenario, mends=True)


def test_queries_find_the_same_as_moto() -> None:
    """The narrowed table must give moto's own answers: order, pages, indexes, filters."""

    def scenario() -> Any:
        dynamodb: Any = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="T",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "N"},
                {"AttributeName": "state", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-state",
                    "KeySchema": [
                        {"AttributeName": "state", "KeyType": "HASH"},
                        {"AttributeName": "sk", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for number in (10, 9, 2, 33, 4):
            for owner in ("b", "a"):
                state = {"state": {"S": "open"}} if number > 3 else {}
                dynamodb.put_item(TableName="T", Item={"pk": {"S": owner}, "sk": {"N": str(number)}, **state})
        answers = []
        for asked in (
            {"KeyConditionExpression": "pk = :p", "ScanIndexForward": False, "Limit": 2},
            {"KeyConditionExpression": "pk = :p AND sk > :n"},
            {"KeyConditionExpression": "pk = :p", "FilterExpression": "sk <> :n"},
            {"IndexName": "by-state", "KeyConditionExpression": "#s = :s AND sk BETWEEN :n AND :m"},
            {"IndexName": "by-state", "KeyConditionExpression": "#s = :s", "Limit": 3},
        ):
            text = str(asked)
            values = {":p": {"S": "a"}, ":n": {"N": "4.0"}, ":m": {"N": "20"}, ":s": {"S": "open"}}
            names = {"ExpressionAttributeNames": {"#s": "state"}} if "#s" in text else {}
            given = {name: value for name, value in values.items() if name in text}
            answer = dynamodb.query(TableName="T", ExpressionAttributeValues=given, **asked, **names)
            answers.append((answer["Items"], answer.get("LastEvaluatedKey")))
        answers.append((dynamodb.scan(TableName="T")["Items"], None))
        return answers

    assert _mended(scenario, mends=True) == _mended(scenario, mends=False)


LINE: Any = {"M": {"price": {"L": [{"M": {"unit": {"S": "EUR"}, "value": {"N": "29.99"}}}]}, "kind": {"S": "sale"}}}
WIDE: Any = {**A, "lines": {"M": {str(number): LINE for number in range(10)}}}


def test_a_row_with_ten_lines_is_read_and_written_fast() -> None:
    def scenario() -> float:
        dynamodb = _table()
        started = time.process_time()
        for number in range(15):
            dynamodb.put_item(TableName="T", Item={**WIDE, "n": {"N": str(number)}})
            dynamodb.get_item(TableName="T", Key=A)
        return time.process_time() - started

    _mended(scenario, mends=True)  # whatever is made once is made before
    assert _mended(scenario, mends=False) > 1.3 * _mended(scenario, mends=True)


def test_values_of_every_type_come_back_as_from_moto() -> None:
    every: Any = {
        **WIDE,
        "text": {"S": "ä"},
        "number": {"N": "1.50"},
        "bytes": {"B": b"\xff\x00"},
        "yes": {"BOOL": True},
        "null": {"NULL": True},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "listed": {"BS": [b"\xff"]},
        "many": {"L": [{"B": b"\xfe"}, {"M": {}}, {"L": []}, {"NULL": True}, {"BOOL": False}]},
        "blank": {"S": ""},
    }

    def scenario() -> Any:
        dynamodb: Any = _table()
        said: list[Any] = [dynamodb.put_item(TableName="T", Item=every, ReturnConsumedCapacity="TOTAL")]
        said.append(dynamodb.get_item(TableName="T", Key=A))
        said.append(dynamodb.get_item(TableName="T", Key={**A, "sk": {"S": "nobody"}}))
        said.append(dynamodb.get_item(TableName="T", Key=A, ProjectionExpression="listed, blank"))
        for wanted in ("ALL_OLD", "UPDATED_NEW", "ALL_NEW"):
            said.append(dynamodb.update_item(**_set("many", {"L": [{"N": "1"}]}), ReturnValues=wanted))
        said.append(dynamodb.update_item(**_set("#l.#n", LINE, ExpressionAttributeNames={"#l": "lines", "#n": "11"})))
        said.append(
            dynamodb.query(TableName="T", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": A["pk"]})
        )
        said.append(dynamodb.scan(TableName="T", Select="COUNT"))
        said.append(dynamodb.batch_get_item(RequestItems={"T": {"Keys": [A]}}))
        said.append(dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": "T", "Key": A}}]))
        said.append(dynamodb.delete_item(TableName="T", Key=A, ReturnValues="ALL_OLD"))
        said.append(dynamodb.put_item(TableName="T", Item=every, ReturnValues="ALL_OLD"))
        for answer in said:
            del answer["ResponseMetadata"]
        described = dynamodb.describe_table(TableName="T")["Table"]
        return said, described["KeySchema"], type(described["CreationDateTime"])

    assert _mended(scenario, mends=True) == _mended(scenario, mends=False)


def test_a_hundred_rows_are_read_in_one_transaction() -> None:
    def scenario() -> int:
        dynamodb = _table()
        gets: Any = [{"Get": {"TableName": "T", "Key": {"pk": {"S": str(n)}, "sk": {"S": "1"}}}} for n in range(100)]
        try:
            return len(dynamodb.transact_get_items(TransactItems=gets)["Responses"])
        except ClientError:
            return 0

    _shows(scenario, plain=0, mended=100)


@pytest.mark.parametrize(
    ("pattern", "event", "plain", "mended"),
    [
        (
            {"detail": {"item": {"state": ["open"]}}},
            {"detail": {"item": [{"state": "x"}, {"state": "open"}]}},
            False,
            True,
        ),
        ({"detail": {"item": {"state": ["open"]}}}, {"detail": {"item": [{"state": "x"}]}}, False, False),
        ({"replay-name": [{"exists": False}]}, {"detail": {}}, True, True),
        ({"replay-name": [{"exists": False}]}, {"replay-name": "again"}, False, False),
        ({"detail": {"a": [{"anything-but": ["x", "y"]}]}}, {"detail": {"a": "z"}}, True, True),
        ({"detail": {"a": [{"anything-but": ["x", "y"]}]}}, {"detail": {"a": "x"}}, False, False),
        ({"detail": {"a": [{"anything-but": {"prefix": "x"}}]}}, {"detail": {"a": "xy"}}, False, False),
        ({"source": [{"prefix": "omnihub."}]}, {"source": "omnihub.x"}, True, True),
        ({"detail": {"a": [{"numeric": [">", 1, "<=", 5]}]}}, {"detail": {"a": 5}}, True, True),
        ({"detail": {"a": {"b": [{"exists": True}]}}}, {"detail": {"a": {"b": None}}}, True, True),
        ({"detail": {"tags": ["x"]}}, {"detail": {"tags": ["y", "x"]}}, True, True),
        ({"$or": [{"detail": {"a": [1]}}, {"detail": {"b": [2]}}]}, {"detail": {"b": 2}}, True, True),
    ],
)
def test_event_patterns(pattern: Any, event: Any, plain: bool, mended: bool) -> None:  # noqa: FBT001
    _shows(lambda: EventPattern(None, pattern).matches_event(event), plain=plain, mended=mended)


def test_routes_are_made_without_syntax_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed, parse = list[str](), ast.parse

    def seen(*what: Any) -> Any:
        parsed.append(what[0])
        return parse(*what)

    monkeypatch.setattr(ast, "parse", seen)

    def makes_trees() -> bool:
        parsed.clear()
        S3RestRouter(get_service_model("s3"))
        return bool(parsed)

    _shows(makes_trees, plain=True, mended=False)


def test_another_moto_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mend, "MOTO", "5.0.0")
    with pytest.raises(mend.WrongMoto, match=r"mends moto 5\.0\.0 and this is moto"):
        mend.install()


def test_the_mends_go_when_the_last_who_wanted_them_goes() -> None:
    original = Table.query
    mend.install()
    mend.install()
    mend.uninstall()
    assert Table.query is not original
    mend.uninstall()
    assert Table.query is original
