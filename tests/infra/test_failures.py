"""Every failure has a place to go: nothing that a stream, a rule or a workflow could not deliver is lost."""

import json
from typing import Any

import pytest

from tests.infra.stacks import Stacks, listed

OUTSIDE = ("sns:Publish", "ses:SendEmail")  # rights of a function whose effects leave the hub


def _rules(stacks: Stacks) -> dict[str, Any]:
    return {id_: rule["Properties"] for id_, rule in stacks.of("AWS::Events::Rule").items()}


def test_every_table_feeds_the_publisher(stacks: Stacks) -> None:
    mappings = [m["Properties"] for m in stacks.of("AWS::Lambda::EventSourceMapping").values()]
    fed = json.dumps([m["EventSourceArn"] for m in mappings])
    for table in stacks.of("AWS::DynamoDB::GlobalTable"):
        assert table in fed, f"What is written to {table} makes no event."


def test_every_stream_parks_what_it_cannot_hand_over_whole_in_s3(stacks: Stacks) -> None:
    mappings = stacks.of("AWS::Lambda::EventSourceMapping")
    assert mappings
    for id_, each in mappings.items():
        mapping = each["Properties"]
        (place,) = stacks.ids_in(mapping["DestinationConfig"]["OnFailure"]["Destination"])
        assert stacks.resources[place]["Type"] == "AWS::S3::Bucket", f"{id_}: a queue would get no record"
        assert place in stacks.stack("OmnihubData").template["Resources"], f"{id_}: it would go with the hub"
        assert 1 <= mapping["MaximumRetryAttempts"] <= 20, f"{id_} would try for ever"
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], id_
        assert mapping["BisectBatchOnFunctionError"] is True, id_
        assert mapping["StartingPosition"] == "TRIM_HORIZON", f"{id_} would miss what was written before it"


def test_every_target_of_a_rule_has_a_queue_for_what_cannot_be_delivered(stacks: Stacks) -> None:
    queues = stacks.of("AWS::SQS::Queue")
    for id_, rule in _rules(stacks).items():
        for target in rule["Targets"]:
            queue = target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
            assert queue in queues, id_
            assert queues[queue]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600, queue


def test_a_function_that_fails_at_an_event_has_a_place_for_it(stacks: Stacks) -> None:
    """A rule's queue gets what could not be handed to Lambda; what Lambda took and failed at needs a place too."""
    configured = {
        each["Properties"]["FunctionName"]["Ref"]
        for each in stacks.of("AWS::Lambda::EventInvokeConfig").values()
        if each["Properties"].get("DestinationConfig", {}).get("OnFailure")
    }
    for id_, rule in _rules(stacks).items():
        for target in rule["Targets"]:
            function = stacks.function(target["Arn"])
            if function is None:
                continue
            held = function.logical_id in configured or "DeadLetterConfig" in function.properties
            assert held, f"{id_}: an event that {function.name} fails at three times is lost."


def _acts_outside(stacks: Stacks, target: Any) -> bool:
    function = stacks.function(target["Arn"])
    if function is None:
        return True  # a workflow, or something else that does not ask what was done before
    return any(action in OUTSIDE for statement in function.statements for action in statement.actions)


def test_a_replay_of_the_archive_sends_no_message_and_starts_no_workflow(stacks: Stacks) -> None:
    acting = {id_: r for id_, r in _rules(stacks).items() if any(_acts_outside(stacks, t) for t in r["Targets"])}
    assert len(acting) >= 2
    for id_, rule in acting.items():
        assert rule["EventPattern"].get("replay-name") == [{"exists": False}], id_


def test_all_events_of_the_hub_are_archived(stacks: Stacks) -> None:
    (archive,) = stacks.of("AWS::Events::Archive").values()
    assert archive["Properties"]["EventPattern"] == {"source": [{"prefix": "omnihub."}]}
    assert archive["Properties"]["RetentionDays"] >= 365


def _workflow(stacks: Stacks) -> dict[str, Any]:
    (machine,) = stacks.of("AWS::StepFunctions::StateMachine").values()
    join = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
    definition: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "x" for part in join))
    return definition


def test_every_task_of_the_workflow_tries_again(stacks: Stacks) -> None:
    tasks = {name: state for name, state in _workflow(stacks)["States"].items() if state["Type"] == "Task"}
    for name, task in tasks.items():
        errors = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert {"ClientError", "ChangedMeanwhile", "Lambda.ServiceException", "States.Timeout"} <= errors, name


def test_a_task_of_the_workflow_is_given_up_later_than_its_function(stacks: Stacks) -> None:
    (function,) = [each for each in stacks.functions if each.name == "events.fulfil"]
    for name, task in _workflow(stacks)["States"].items():
        if task["Type"] == "Task":
            assert function.properties["Timeout"] < task["TimeoutSeconds"] <= 120, name


def test_an_order_that_cannot_be_activated_is_compensated(stacks: Stacks) -> None:
    """What fails before has nothing to take back, what fails afterwards cannot be: both stop where they are."""
    caught = {name: each.get("Catch", []) for name, each in _workflow(stacks)["States"].items()}
    given_up = [
        name for name, catches in caught.items() if any("States.ALL" in each["ErrorEquals"] for each in catches)
    ]
    assert given_up == ["Activate"]
    assert caught["Activate"][-1]["Next"] == "Compensate"


def test_an_order_takes_at_most_six_transitions(stacks: Stacks) -> None:
    states = _workflow(stacks)["States"]
    name, transitions = _workflow(stacks)["StartAt"], 1
    while "Next" in states[name]:
        name, transitions = states[name]["Next"], transitions + 1
    assert transitions <= 6


def test_the_workflow_is_written_in_jsonpath_which_runs_on_one_machine_too(stacks: Stacks) -> None:
    assert '"QueryLanguage": "JSONata"' not in json.dumps(_workflow(stacks))


@pytest.mark.parametrize("kind", ["AWS::SQS::Queue", "AWS::SNS::Topic"])
def test_queues_and_topics_are_reached_by_tls_alone(stacks: Stacks, kind: str) -> None:
    policies = [*stacks.of("AWS::SQS::QueuePolicy").values(), *stacks.of("AWS::SNS::TopicPolicy").values()]
    denied = [
        json.dumps(p["Properties"])
        for p in policies
        if any(s["Effect"] == "Deny" for s in listed(p["Properties"]["PolicyDocument"]["Statement"]))
    ]
    for id_ in stacks.of(kind):
        assert any(f'"{id_}"' in text and "aws:SecureTransport" in text for text in denied), id_
