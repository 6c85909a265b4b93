"""The bus and what follows from it: patterns, inputs, targets, retries, places for what failed."""

import json
import time
from typing import Any

import pytest

from local.hub import Hub
from local.transform import at_path, input_for
from tests.local import toys
from tests.local.assemblies import Resources, att, function, resource
from tests.local.conftest import StartHub

HURRY = 0.0001
EVENT = {"id": "e", "source": "toy", "detail": {"id": 'a"b', "n": 1.5, "item": [{"x": [1, 2]}], "none": None}}
ROLE = "arn:aws:iam::123456789012:role/r"


def _rule(*targets: dict[str, Any], **properties: Any) -> dict[str, Any]:
    numbered = [{"Id": f"T{number}", **target} for number, target in enumerate(targets)]
    pattern = properties.pop("EventPattern", {"source": ["toy"]})
    return resource("Events::Rule", EventBusName={"Ref": "Bus"}, EventPattern=pattern, Targets=numbered, **properties)


def _with_bus(**resources: dict[str, Any]) -> Resources:
    return {"Bus": resource("Events::EventBus", Name="toys"), **resources}


def _send(hub: Hub, detail: Any = None, kind: str = "Happened", bus: str = "toys") -> str:
    entry = {"Source": "toy", "DetailType": kind, "Detail": json.dumps(detail or {"a": 1}), "EventBusName": bus}
    (sent,) = hub.client("events").put_events(Entries=[entry])["Entries"]
    return str(sent["EventId"])


def _fail(_: Any) -> None:
    raise toys.Refusal("no")


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("$", EVENT),
        ("$.detail.n", 1.5),
        ("$.detail.item[0].x", [1, 2]),
        ("$.detail.item[0]['x'][1]", 2),
        ("$.detail.item[7].x", None),
        ("$.detail.nobody.x", None),
        ("$.source.x", None),
    ],
)
def test_paths(path: str, part: Any) -> None:
    assert at_path(EVENT, path) == part


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ({}, EVENT),
        ({"Input": '{"fixed":1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail.item"}, [{"x": [1, 2]}]),
        ({"InputTransformer": {"InputPathsMap": {"i": "$.detail.id"}, "InputTemplate": '{"id":<i>}'}}, {"id": 'a"b'}),
        ({"InputTransformer": {"InputPathsMap": {"i": "$.detail.id"}, "InputTemplate": '"The <i>."'}}, 'The a"b.'),
        ({"InputTransformer": {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"n":<n>}'}}, {"n": 1.5}),
        (
            {"InputTransformer": {"InputPathsMap": {"n": "$.gone"}, "InputTemplate": '{"n":<n>,"m":"<n>"}'}},
            {"n": None, "m": ""},
        ),
        ({"InputTransformer": {"InputTemplate": '{"e":<aws.events.event>}'}}, {"e": EVENT}),
        ({"InputTransformer": {"InputTemplate": '{"r":"<aws.events.rule-name>"}'}}, {"r": "rule"}),
        ({"InputTransformer": {"InputTemplate": "plain words"}}, "plain words"),
    ],
)
def test_inputs(target: Any, given: Any) -> None:
    assert json.loads(input_for(target, EVENT, "arn:aws:events:r:a:rule/bus/rule")) == given


def test_a_matching_event_reaches_the_function_as_on_aws(start_hub: StartHub) -> None:
    pattern = {
        "source": ["toy"],
        "detail": {"state": [{"anything-but": ["draft"]}]},
        "replay-name": [{"exists": False}],
    }
    hub = start_hub(_with_bus(One=function("one"), Rule=_rule({"Arn": att("One")}, EventPattern=pattern)))
    sent = _send(hub, {"state": "done"})
    _send(hub, {"state": "draft"})
    _send(hub, {"state": "done"}, bus="default")
    hub.settle()
    (event,) = toys.given_to("one")
    assert (event["id"], event["source"], event["detail-type"]) == (sent, "toy", "Happened")
    assert (event["detail"], event["region"], event["account"]) == ({"state": "done"}, "eu-central-1", "123456789012")
    assert time.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")
    assert "ingestion-time" not in event


def test_a_disabled_rule_does_nothing(start_hub: StartHub) -> None:
    hub = start_hub(_with_bus(One=function("one"), Rule=_rule({"Arn": att("One")}, State="DISABLED")))
    _send(hub)
    hub.settle()
    assert not toys.seen


def test_every_target_gets_its_own_input(start_hub: StartHub) -> None:
    machine = resource(
        "StepFunctions::StateMachine",
        RoleArn=ROLE,
        DefinitionString=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
    )
    hub = start_hub(
        _with_bus(
            One=function("one"),
            Two=function("two"),
            Queue=resource("SQS::Queue"),
            Topic=resource("SNS::Topic"),
            Heard=resource("SNS::Subscription", TopicArn={"Ref": "Topic"}, Protocol="lambda", Endpoint=att("Two")),
            Flow=machine,
            Log=resource("Logs::LogGroup", LogGroupName="/aws/events/toys"),
            Kept=resource("Events::Archive", SourceArn=att("Bus"), ArchiveName="kept"),
            Rule=_rule(
                {"Arn": att("One"), "InputPath": "$.detail"},
                {"Arn": att("Queue"), "Input": '"hello"'},
                {"Arn": {"Ref": "Topic"}},
                {"Arn": {"Ref": "Flow"}, "RoleArn": ROLE, "InputPath": "$.detail"},
                {"Arn": "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/events/toys"},
            ),
        )
    )
    sent = _send(hub)
    hub.settle()
    assert toys.given_to("one") == [{"a": 1}]
    (heard,) = toys.given_to("two")
    assert json.loads(heard["Records"][0]["Sns"]["Message"])["id"] == sent
    sqs = hub.client("sqs")
    message = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="Queue")["QueueUrl"])["Messages"][0]
    assert message["Body"] == '"hello"'
    (execution,) = hub.client("stepfunctions").list_executions(stateMachineArn=hub.blueprint.machines[0])["executions"]
    assert execution["status"] == "SUCCEEDED"
    assert execution["name"].startswith(sent)
    logged = hub.client("logs").filter_log_events(logGroupName="/aws/events/toys")["events"]
    assert json.loads(logged[0]["message"])["detail"] == {"a": 1}
    assert hub.client("events").describe_archive(ArchiveName="kept")["EventCount"] == 1


def test_a_function_that_fails_is_tried_three_times_and_its_own_queue_gets_the_event(start_hub: StartHub) -> None:
    hub = start_hub(
        _with_bus(
            Own=resource("SQS::Queue"),
            Rules=resource("SQS::Queue"),
            One=function("one", DeadLetterConfig={"TargetArn": att("Own")}),
            Rule=_rule({"Arn": att("One"), "InputPath": "$.detail", "DeadLetterConfig": {"Arn": att("Rules")}}),
        ),
        haste=HURRY,
    )
    toys.script["one"] = _fail
    _send(hub)
    hub.settle()
    assert toys.given_to("one") == [{"a": 1}] * 3
    (letter,) = hub.dead_letters()
    assert (letter.place.rpartition(":")[2], letter.body) == ("Own", {"a": 1})


def test_a_function_may_say_how_often_and_where_to(start_hub: StartHub) -> None:
    rules = resource(
        "Lambda::EventInvokeConfig",
        FunctionName={"Ref": "One"},
        Qualifier="$LATEST",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": att("Own")}},
    )
    hub = start_hub(
        _with_bus(Own=resource("SQS::Queue"), One=function("one"), Rules=rules, Rule=_rule({"Arn": att("One")})),
        haste=HURRY,
    )
    toys.script["one"] = _fail
    sent = _send(hub)
    hub.settle()
    (letter,) = hub.dead_letters()
    assert letter.body["requestPayload"]["id"] == sent
    assert letter.body["requestContext"]["condition"] == "RetriesExhausted"
    assert letter.body["responsePayload"]["errorType"] == "Refusal"
    assert len(toys.given_to("one")) == 1


def test_the_rules_queue_never_gets_what_a_function_failed_at(start_hub: StartHub) -> None:
    """EventBridge has delivered when Lambda has taken the event; what then fails is lost unless the function says."""
    hub = start_hub(
        _with_bus(
            Rules=resource("SQS::Queue"),
            One=function("one"),
            Rule=_rule({"Arn": att("One"), "DeadLetterConfig": {"Arn": att("Rules")}}),
        ),
        haste=HURRY,
    )
    toys.script["one"] = _fail
    _send(hub)
    hub.settle()
    assert not hub.dead_letters()
    assert [error.type for error in hub.function_errors] == ["Refusal"] * 3 + ["EventLost"]
    assert "as it would be on AWS" in hub.function_errors[-1].message


def test_the_rules_queue_gets_what_could_not_be_delivered(start_hub: StartHub) -> None:
    hub = start_hub(
        _with_bus(
            Rules=resource("SQS::Queue"),
            Rule=_rule(
                {
                    "Arn": "arn:aws:states:eu-central-1:123456789012:stateMachine:gone",
                    "DeadLetterConfig": {"Arn": att("Rules")},
                    "RetryPolicy": {"MaximumRetryAttempts": 1},
                },
                {
                    "Arn": "arn:aws:lambda:eu-central-1:123456789012:function:gone",
                    "DeadLetterConfig": {"Arn": att("Rules")},
                },
                {
                    "Arn": "arn:aws:kinesis:eu-central-1:123456789012:stream/gone",
                    "DeadLetterConfig": {"Arn": att("Rules")},
                },
            ),
        ),
        haste=HURRY,
    )
    sent = _send(hub)
    hub.settle()
    assert [letter.body["id"] for letter in hub.dead_letters()] == [sent] * 3


def test_what_cannot_be_delivered_anywhere_is_told(start_hub: StartHub) -> None:
    hub = start_hub(_with_bus(Rule=_rule({"Arn": "arn:aws:sqs:eu-central-1:123456789012:gone"})), haste=HURRY)
    _send(hub)
    hub.settle()
    (error,) = hub.function_errors
    assert (error.function, error.type) == ("the local hub", "CannotDeliver")
    assert "No template defines the queue" in error.message


def test_a_scheduled_rule_runs_by_the_clock(start_hub: StartHub) -> None:
    rule = resource(
        "Events::Rule", ScheduleExpression="rate(5 minutes)", Targets=[{"Id": "T", "Arn": att("One")}], State="ENABLED"
    )
    hub = start_hub({"One": function("one"), "Every": rule}, haste=HURRY)
    hub.clock.run_rule("Every")
    hub.settle()
    (event, *_) = toys.given_to("one")
    assert (event["detail-type"], event["source"], event["detail"]) == ("Scheduled Event", "aws.events", {})
    until = time.monotonic() + 5
    while len(toys.given_to("one")) < 2:
        assert time.monotonic() < until, "the clock never ran the rule"
        time.sleep(0.02)


def _flow(**states: dict[str, Any]) -> dict[str, Any]:
    definition = {"StartAt": next(iter(states)), "States": states}
    return resource(
        "StepFunctions::StateMachine",
        RoleArn=ROLE,
        DefinitionString={"Fn::Sub": json.dumps(definition).replace("${One}", "${One.Arn}")},
    )


def _task(**more: Any) -> dict[str, Any]:
    parameters = {"FunctionName": "${One}", "Payload": {"step": "task"}}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters, **more}


def _run(hub: Hub, **more: Any) -> Any:
    states = hub.client("stepfunctions")
    started = states.start_execution(stateMachineArn=hub.blueprint.machines[0], name="run", input=json.dumps(more))
    hub.settle()
    return states.describe_execution(executionArn=started["executionArn"])


def test_a_task_of_a_machine_is_a_function_of_the_template(start_hub: StartHub) -> None:
    hub = start_hub({"One": function("one"), "Flow": _flow(Do=_task(End=True))})
    toys.script["one"] = lambda event: {"done": event["step"]}
    ended = _run(hub)
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["Payload"] == {"done": "task"}


def test_retry_and_catch_know_the_error_by_its_type(start_hub: StartHub) -> None:
    retry = [
        {"ErrorEquals": ["SomethingElse"], "MaxAttempts": 9},
        {"ErrorEquals": ["Refusal"], "IntervalSeconds": 30, "MaxAttempts": 2, "BackoffRate": 2},
    ]
    catch = [{"ErrorEquals": ["Refusal"], "ResultPath": None, "Next": "Wait"}]
    flow = _flow(
        Do=_task(Retry=retry, Catch=catch, Next="Never"),
        Never={"Type": "Fail"},
        Wait={"Type": "Wait", "Seconds": 600, "Next": "Done"},
        Done={"Type": "Succeed"},
    )
    hub = start_hub({"One": function("one"), "Flow": flow}, haste=HURRY)
    toys.script["one"] = _fail
    started = time.monotonic()
    assert _run(hub)["status"] == "SUCCEEDED"
    assert len(toys.given_to("one")) == 3
    assert time.monotonic() - started < 20


def test_a_machine_that_fails_says_why(start_hub: StartHub) -> None:
    hub = start_hub({"One": function("one"), "Flow": _flow(Do=_task(End=True))})
    toys.script["one"] = _fail
    ended = _run(hub)
    assert (ended["status"], ended["error"]) == ("FAILED", "Refusal")
    assert json.loads(ended["cause"])["errorMessage"] == "no"


def test_a_hub_ends_while_a_machine_waits(start_hub: StartHub) -> None:
    hub = start_hub(
        {"Flow": _flow(Wait={"Type": "Wait", "Seconds": 600, "Next": "Done"}, Done={"Type": "Succeed"})}, haste=1
    )
    hub.client("stepfunctions").start_execution(stateMachineArn=hub.blueprint.machines[0], name="run", input="{}")
    time.sleep(0.1)
    started = time.monotonic()
    hub.stop()
    assert time.monotonic() - started < 3


def test_who_waits_for_a_moment_is_at_rest_until_it_comes_however_hasty_the_hub(start_hub: StartHub) -> None:
    wait = {"Type": "Wait", "TimestampPath": "$.until", "Next": "Done"}
    hub = start_hub({"Flow": _flow(Wait=wait, Done={"Type": "Succeed"})}, haste=0)
    client, machine = hub.client("stepfunctions"), hub.blueprint.machines[0]
    runs = {}
    for name, until in (("past", "2020-01-01T00:00:00.000Z"), ("future", "2999-01-01T00:00:00.000Z")):
        given = json.dumps({"until": until})
        runs[name] = client.start_execution(stateMachineArn=machine, name=name, input=given)["executionArn"]
    hub.settle()
    found = {name: client.describe_execution(executionArn=arn)["status"] for name, arn in runs.items()}
    assert found == {"past": "SUCCEEDED", "future": "RUNNING"}
    started = time.monotonic()
    hub.stop()
    assert time.monotonic() - started < 3


def test_functions_are_invoked_through_the_api_too(start_hub: StartHub) -> None:
    hub = start_hub({"One": function("one")})
    toys.script["one"] = lambda event: {"got": event}
    client = hub.client("lambda")
    answer = client.invoke(FunctionName="One", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
    assert client.invoke(FunctionName="One", InvocationType="Event", Payload=b'{"b": 2}')["StatusCode"] == 202
    hub.settle()
    assert toys.given_to("one")[1] == {"b": 2}
    toys.script["one"] = _fail
    answer = client.invoke(FunctionName="One", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "Refusal"


def test_messages_are_kept(start_hub: StartHub) -> None:
    hub = start_hub({})
    for text in ("one", "two"):
        hub.client("sns").publish(PhoneNumber="+491701234567", Message=text)
    assert hub.messages == [("+491701234567", "one"), ("+491701234567", "two")]
