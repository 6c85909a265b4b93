"""Alarms: what can fail says so to one topic. Whatever a stack holds is found and watched; nobody has to remember."""

from collections.abc import Iterable, Iterator

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct

from infra.accept import accept
from infra.stages import Stage

FIVE_MINUTES = Duration.minutes(5)
# alarm -> (metric, from which value of five minutes on, what it means to who is woken)
Found = tuple[str, cloudwatch.Metric, float, str]


class Alarms(Construct):
    """One alarm for each way in which each function, stream, queue, workflow and API of a stack can fail."""

    def __init__(self, stack: Stack, stage: Stage) -> None:
        super().__init__(stack, "Alarms")
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # A policy of its own takes the place of the one that lets the whole account publish.
        self.topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
        if stage.alarms_to:
            mail = self.topic.add_subscription(subscriptions.EmailSubscription(stage.alarms_to))
            accept(mail, "Serverless-SNSRedrivePolicy", "A mail that is lost leaves its alarm on for all to see.")
        found = {each[0]: each for construct in stack.node.find_all() for each in _watched(construct)}
        for name, metric, least, meaning in found.values():
            self._alarm(name, metric, least, meaning)
        self._dashboard(metric for _, metric, _, _ in found.values())

    def _alarm(self, name: str, metric: cloudwatch.Metric, least: float, meaning: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=least,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=meaning,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))

    def _dashboard(self, found: Iterable[cloudwatch.Metric]) -> None:
        """The same metrics to look at, a graph per kind."""
        graphs: dict[str, list[cloudwatch.IMetric]] = {}
        for metric in found:
            graphs.setdefault(metric.metric_name, []).append(metric)
        widgets = [cloudwatch.GraphWidget(title=name, left=metrics, width=12) for name, metrics in graphs.items()]
        cloudwatch.Dashboard(self, "Dashboard", widgets=[widgets[i : i + 2] for i in range(0, len(widgets), 2)])


def _watched(each: IConstruct) -> Iterator[Found]:
    """What to watch of one construct of the stack."""
    name = each.node.id
    if isinstance(each, lambda_.Function):
        yield f"{name}Errors", each.metric_errors(period=FIVE_MINUTES), 1, f"{name} raised: its log says what."
        yield f"{name}Throttles", each.metric_throttles(period=FIVE_MINUTES), 1, f"{name} found no free run: raise it."
    elif isinstance(each, lambda_.EventSourceMapping):
        yield from _stream(each)
    elif isinstance(each, sqs.Queue):
        yield _queue(each)
    elif isinstance(each, sfn.StateMachine):
        failed, late = each.metric_failed(period=FIVE_MINUTES), each.metric_timed_out(period=FIVE_MINUTES)
        yield f"{name}Failed", failed, 1, "An order stopped after its activation: look at the failed execution."
        yield f"{name}TimedOut", late, 1, "An order was not fulfilled in thirty days: look at the execution."
    elif isinstance(each, api.HttpApi):
        errors = each.metric_server_error(period=FIVE_MINUTES, statistic="Sum")
        yield f"{name}ServerErrors", errors, 5, "Channels are answered 5xx: the functions' logs say why."


def _stream(mapping: lambda_.EventSourceMapping) -> Iterator[Found]:
    """A stream that waits, and records that were given up; a queue's own alarm says when that waits."""
    cfn = mapping.node.default_child
    assert isinstance(cfn, lambda_.CfnEventSourceMapping)  # noqa: S101
    if cfn.starting_position is None:
        return
    name, where = mapping.node.id, {"EventSourceMappingUUID": mapping.event_source_mapping_id}
    parked = _of_lambda("OnFailureDestinationDeliveredEventCount", where, "Sum")
    yield f"{name}Parked", parked, 1, f"Records of {name} were not published: they wait in the bucket Parked."
    lost = _of_lambda("DroppedEventCount", where, "Sum")
    yield f"{name}Lost", lost, 1, f"Records of {name} are gone: restore what they said from the table's history."
    # Lambda tells the age by function: all streams of one share the alarm, found again under the same name.
    function = Stack.of(mapping).resolve(cfn.function_name)["Ref"]
    age = _of_lambda("IteratorAge", {"FunctionName": cfn.function_name}, "Maximum")
    yield f"{function}Waits", age, 300_000, "Streams are five minutes behind: events, messages and orders wait."


def _of_lambda(metric: str, where: dict[str, str], statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Lambda", metric_name=metric, dimensions_map=where, statistic=statistic, period=FIVE_MINUTES
    )


def _queue(queue: sqs.Queue) -> Found:
    """Of a queue that hands on to another: that it stands still. Of the last one: that anything lies in it."""
    name, cfn = queue.node.id, queue.node.default_child
    assert isinstance(cfn, sqs.CfnQueue)  # noqa: S101
    if cfn.redrive_policy is not None:
        age = queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES)
        return f"{name}Waits", age, 900, f"What lies in {name} is not taken: look at the function that reads it."
    held = queue.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
    return f"{name}Holds", held, 1, f"Nobody could take what lies in {name}: mend the cause, then send it again."
