"""The hub's account of AWS: any SDK reaches it on loopback, no web page does, and it is no part of the API."""

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.gateway import LARGEST_BODY
from local.hub import Hub
from local.pretend import REGION
from tests.local import assemblies, toys
from tests.local.assemblies import api, att, function, resource, table
from tests.local.conftest import StartHub
from tests.local.web import Answer, ask

SIGNED = f"AWS4-HMAC-SHA256 Credential=any/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0"
LIST_QUEUES = {
    "authorization": SIGNED,
    "x-amz-target": "AmazonSQS.ListQueues",
    "content-type": "application/x-amz-json-1.0",
}
ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture
def hub(start_hub: StartHub, tmp_path: Path) -> Hub:
    """A toy of everything that the account must reach, as other processes see it."""
    flow = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    bus = {"Bus": resource("Events::EventBus", Name="bus"), "Queue": resource("SQS::Queue", QueueName="toys")}
    rule = resource(
        "Events::Rule",
        EventBusName={"Ref": "Bus"},
        EventPattern={"source": ["toys"]},
        State="ENABLED",
        Targets=[{"Id": "T", "Arn": att("Queue")}],
    )
    machine = resource("StepFunctions::StateMachine", RoleArn=ROLE, DefinitionString=flow)
    parts = {"Rows": table(TableName="rows"), "One": function("one"), "Web": function("web"), "Rule": rule}
    more = {"Flow": machine, "Bucket": resource("S3::Bucket", BucketName="toys"), "Topic": resource("SNS::Topic")}
    outputs = {**bus, **parts, **more, **api("Web", open_keys=("ANY /{proxy+}",))}
    return start_hub(outputs, state=tmp_path / "state")


@pytest.fixture
def sdk(hub: Hub) -> Any:
    """boto3's clients as any program makes them, with their requests on the wire."""
    session = boto3.Session("any", "thing", region_name=REGION)
    config = Config(retries={"max_attempts": 0}, read_timeout=10)
    return lambda service: session.client(service, endpoint_url=hub.url, config=config)


def test_rows_and_their_stream(sdk: Any) -> None:
    sdk("dynamodb").put_item(TableName="rows", Item={"pk": {"S": "a"}})
    assert sdk("dynamodb").get_item(TableName="rows", Key={"pk": {"S": "a"}})["Item"] == {"pk": {"S": "a"}}
    streams = sdk("dynamodbstreams")
    (stream,) = streams.list_streams(TableName="rows")["Streams"]
    (shard,) = streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]
    asked = {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = streams.get_shard_iterator(**asked)["ShardIterator"]
    assert [r["eventName"] for r in streams.get_records(ShardIterator=iterator)["Records"]] == ["INSERT"]


def test_objects(sdk: Any) -> None:
    s3 = sdk("s3")
    s3.put_object(Bucket="toys", Key="a b/ü+1", Body=b"bear")
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="toys", Prefix="a b/")["Contents"]] == ["a b/ü+1"]
    assert s3.head_object(Bucket="toys", Key="a b/ü+1")["ContentLength"] == 4
    assert s3.get_object(Bucket="toys", Key="a b/ü+1")["Body"].read() == b"bear"
    s3.delete_object(Bucket="toys", Key="a b/ü+1")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="toys", Key="a b/ü+1")


def test_an_object_may_be_larger_than_what_the_api_takes(hub: Hub, sdk: Any) -> None:
    large = b"bear" * (LARGEST_BODY // 4 + 1)
    sdk("s3").put_object(Bucket="toys", Key="large", Body=large)
    assert sdk("s3").head_object(Bucket="toys", Key="large")["ContentLength"] == len(large)
    assert ask(hub, "POST", "/x", large).status == 413


def test_queues_the_bus_and_topics(hub: Hub, sdk: Any) -> None:
    sqs = sdk("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="toy")["QueueUrls"]
    sqs.send_message(QueueUrl=url, MessageBody="first")
    entry = {"Source": "toys", "DetailType": "bear", "Detail": "{}", "EventBusName": "bus"}
    assert sdk("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    hub.settle()
    bodies = [
        message["Body"]
        for _ in range(2)
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    ]
    assert bodies[0] == "first"
    assert json.loads(bodies[1])["detail-type"] == "bear"
    sdk("sns").publish(PhoneNumber="+491701234567", Message="hello")
    assert hub.messages == [("+491701234567", "hello")]


def test_functions_are_invoked_and_machines_run(hub: Hub, sdk: Any) -> None:
    toys.script["one"] = lambda event: {"got": event}
    answer = sdk("lambda").invoke(FunctionName="One", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
    toys.script["one"] = lambda event: 1 / 0
    assert sdk("lambda").invoke(FunctionName="One", Payload=b"{}")["FunctionError"] == "Unhandled"
    states = sdk("stepfunctions")
    run = states.start_execution(stateMachineArn=hub.blueprint.machines[0], name="run", input="{}")["executionArn"]
    until = time.monotonic() + 10
    while states.describe_execution(executionArn=run)["status"] == "RUNNING":
        assert time.monotonic() < until
    assert states.describe_execution(executionArn=run)["status"] == "SUCCEEDED"


def test_an_error_is_the_one_that_aws_names(sdk: Any) -> None:
    sqs = sdk("sqs")
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nowhere")
    with pytest.raises(ClientError, match="501"):
        sdk("cloudformation").list_stacks()


def _queues(hub: Hub, **headers: str) -> Answer:
    host = headers.pop("host", None)
    given = {**LIST_QUEUES, **headers, **({"Host": host} if host else {})}
    return ask(hub, "POST", "/", "{}", **given)


def test_a_program_on_this_machine_is_answered_and_no_page_of_the_web_is(hub: Hub) -> None:
    assert json.loads(_queues(hub).text)["QueueUrls"]
    for flaw in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/"},
        {"sec-fetch-site": "same-origin"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example:8080"},
    ):
        refused = _queues(hub, **flaw)
        assert (refused.status, json.loads(refused.text)["message"]) == (
            403,
            "The local account is for programs on this machine alone.",
        )


def test_it_is_no_part_of_the_api(hub: Hub, start_hub: StartHub) -> None:
    assert ask(hub, "POST", "/", "{}").status == 404
    assert b"event" in ask(hub, "POST", "/any", "{}", authorization="Bearer AWS4-HMAC-SHA256").text
    hub.stop()
    alone = start_hub({"Web": function("web"), **assemblies.api("Web", open_keys=("ANY /{proxy+}",))})
    assert b"event" in ask(alone, "POST", "/any", "{}", **LIST_QUEUES).text
