"""Whatever can fail has an alarm, every alarm reaches somebody, and each says what to do."""

import json
from typing import Any

import pytest

from tests.infra.stacks import Stacks

# type of resource -> the metrics that tell of its failures
WATCHED = {
    "AWS::Lambda::Function": {"Errors", "Throttles"},
    "AWS::Lambda::EventSourceMapping": {"OnFailureDestinationDeliveredEventCount", "DroppedEventCount"},
    "AWS::StepFunctions::StateMachine": {"ExecutionsFailed", "ExecutionsTimedOut"},
    "AWS::ApiGatewayV2::Api": {"5xx"},
}
STANDS_STILL, LIES_THERE = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"


def _alarms(stacks: Stacks) -> dict[str, Any]:
    return {id_: each["Properties"] for id_, each in stacks.of("AWS::CloudWatch::Alarm").items()}


def _metrics(stacks: Stacks, id_: str) -> set[str]:
    """The metrics of a resource on which there are alarms."""
    alarms = _alarms(stacks).values()
    return {alarm["MetricName"] for alarm in alarms if id_ in stacks.ids_in(alarm["Dimensions"])}


@pytest.mark.parametrize("kind", WATCHED)
def test_each_function_stream_workflow_and_api_has_its_alarms(prod: Stacks, kind: str) -> None:
    found = prod.of(kind)
    assert found
    for id_ in found:
        if kind != "AWS::Lambda::EventSourceMapping" or "StartingPosition" in found[id_]["Properties"]:
            assert WATCHED[kind] <= _metrics(prod, id_), id_


def test_a_stream_that_is_behind_wakes_somebody(prod: Stacks) -> None:
    for id_, mapping in prod.of("AWS::Lambda::EventSourceMapping").items():
        if "StartingPosition" in mapping["Properties"]:
            (function,) = prod.ids_in(mapping["Properties"]["FunctionName"])
            assert "IteratorAge" in _metrics(prod, function), id_


def test_what_the_streams_alarms_count_is_counted(prod: Stacks) -> None:
    for id_, mapping in prod.of("AWS::Lambda::EventSourceMapping").items():
        if "StartingPosition" in mapping["Properties"]:
            assert mapping["Properties"]["MetricsConfig"] == {"Metrics": ["EventCount"]}, id_


def test_a_queue_wakes_somebody_when_it_stands_still_and_the_last_one_when_anything_lies_there(prod: Stacks) -> None:
    queues = prod.of("AWS::SQS::Queue")
    assert queues
    for id_, queue in queues.items():
        expected = STANDS_STILL if "RedrivePolicy" in queue["Properties"] else LIES_THERE
        assert expected in _metrics(prod, id_), id_


def test_every_alarm_tells_the_topic_what_to_do_and_is_silent_where_nothing_happens(prod: Stacks) -> None:
    for id_, alarm in _alarms(prod).items():
        (topic,) = {each for action in alarm["AlarmActions"] for each in prod.ids_in(action)}
        assert prod.resources[topic]["Type"] == "AWS::SNS::Topic", id_
        assert alarm["AlarmDescription"].endswith("."), id_
        assert alarm["TreatMissingData"] == "notBreaching", id_


def test_cloudwatch_may_publish_to_the_topic(prod: Stacks) -> None:
    """A topic's own policy takes the place of the one that lets its whole account publish."""
    topics = {each for alarm in _alarms(prod).values() for each in prod.ids_in(alarm["AlarmActions"])}
    for topic in topics:
        (policy,) = [
            policy["Properties"]["PolicyDocument"]
            for policy in prod.of("AWS::SNS::TopicPolicy").values()
            if topic in prod.ids_in(policy["Properties"]["Topics"])
        ]
        allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
        assert [each["Principal"] for each in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_the_topic_writes_to_the_address_of_the_stage(every_stage: Any) -> None:
    told = {
        stage: [
            each["Properties"]["Endpoint"] for each in Stacks(every_stage / stage).of("AWS::SNS::Subscription").values()
        ]
        for stage in ("dev", "fronted")
    }
    assert told == {"dev": [], "fronted": ["oncall@example.com"]}


def test_the_dashboard_shows_every_metric_that_has_an_alarm(prod: Stacks) -> None:
    (dashboard,) = prod.of("AWS::CloudWatch::Dashboard").values()
    shown = json.dumps(dashboard)
    assert not [alarm["MetricName"] for alarm in _alarms(prod).values() if alarm["MetricName"] not in shown]
