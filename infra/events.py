"""From rows to effects: streams to the bus, the bus to what follows; every failure has a place to go."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.aws_lambda_destinations import SqsDestination
from constructs import Construct

from infra.accept import accept
from infra.data_stack import DataStack

ORDERED = "ProductOrderCreateEvent"
# Effects outside the hub must not follow from a replay of the archive.
LIVE = [{"exists": False}]


class Bus(Construct):
    """The bus, its archive, and where an event that cannot be delivered waits."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(scope, "Events")
        self.bus = events.EventBus(self, "Bus", event_bus_name=f"{Stack.of(self).stack_name}-bus")
        if self.node.try_get_context("target") != "ministack":  # which has no archives
            self.bus.archive(
                "Archive",
                event_pattern=events.EventPattern(source=events.Match.prefix("omnihub.")),
                retention=Duration.days(400),
            )
        self.undelivered = sqs.Queue(
            self,
            "Undelivered",
            retention_period=Duration.days(14),
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
        )
        for rule in ("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"):
            accept(self.undelivered, rule, "It is the dead-letter queue, of rules and of functions.")
        CfnOutput(Stack.of(self), "UndeliveredEvents", value=self.undelivered.queue_url)

    def publish(self, function: lambda_.Function, data: DataStack) -> None:
        """Every table's stream goes to the publisher; what it cannot take is parked with its records."""
        self.bus.grant_put_events_to(function)
        accept(function, "Serverless-LambdaDLQ", "Lambda reads streams for it, and their mappings park what fails.")
        for name, table in data.tables.items():
            table.grant_stream_read(function)
            mapping = lambda_.EventSourceMapping(
                self,
                f"{name.capitalize()}Stream",
                target=function,
                event_source_arn=table.table_stream_arn,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=100,
                retry_attempts=5,
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                metrics_config=lambda_.MetricsConfig(metrics=[lambda_.MetricType.EVENT_COUNT]),
            )
            _park(mapping, data.parked)
        _grant_parking(function, data)

    def rule(self, id_: str, to: events.IRuleTarget, *, types: list[str], live: bool) -> None:
        """Events of these types go to that target; `live` ones never from a replay."""
        pattern = events.EventPattern(detail_type=types)
        rule = events.Rule(self, id_, event_bus=self.bus, targets=[to], event_pattern=pattern)
        if live:
            cfn = rule.node.default_child
            assert isinstance(cfn, events.CfnRule)  # noqa: S101  EventPattern has no word for replay-name
            cfn.add_property_override("EventPattern.replay-name", LIVE)

    def to_function(self, id_: str, function: lambda_.IFunction, *, types: list[str], live: bool) -> None:
        """The whole event goes to a function."""
        target = targets.LambdaFunction(function, dead_letter_queue=self.undelivered)
        accept(function, "Serverless-LambdaDLQ", "What it fails at goes to the queue Undelivered, with the error.")
        # The bus is done once Lambda has the event; where the function then fails, Lambda itself parks it.
        lambda_.EventInvokeConfig(
            self, f"{id_}Failures", function=function, retry_attempts=2, on_failure=SqsDestination(self.undelivered)
        )
        self.rule(id_, target, types=types, live=live)

    def to_workflow(self, id_: str, machine: sfn.StateMachine, detail: Mapping[str, str], *, types: list[str]) -> None:
        """What the workflow needs of the event, and no more, starts it."""
        chosen = {name: events.EventField.from_path(path) for name, path in detail.items()}
        target = targets.SfnStateMachine(
            machine, input=events.RuleTargetInput.from_object(chosen), dead_letter_queue=self.undelivered
        )
        self.rule(id_, target, types=types, live=True)


def _park(mapping: lambda_.EventSourceMapping, parked: s3.Bucket) -> None:
    # Not S3OnFailureDestination, which would let the function read and delete what is parked, too.
    cfn = mapping.node.default_child
    assert isinstance(cfn, lambda_.CfnEventSourceMapping)  # noqa: S101
    cfn.destination_config = lambda_.CfnEventSourceMapping.DestinationConfigProperty(
        on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=parked.bucket_arn)
    )


def _grant_parking(function: lambda_.Function, data: DataStack) -> None:
    objects = "aws/lambda/*"  # where Lambda puts them, by mapping, shard and time
    where = {"s3:PutObject": data.parked.arn_for_objects(objects), "s3:ListBucket": data.parked.bucket_arn}
    for action, resource in where.items():
        function.add_to_role_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
    accept(
        function.role or function,
        f"AwsSolutions-IAM5[Resource::{data.exported(data.parked.bucket_arn)}/{objects}]",
        "Lambda names what it parks by mapping, shard and time.",
    )
