"""Subscribers: events to a queue of each one's own, and from there to their listeners. The queues come and go."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.accept import accept
from infra.events import Bus

OWN = ["EventSubscriptionCreateEvent", "EventSubscriptionDeleteEvent"]
NOBODYS = [*OWN, "ProductOfferingViewEvent"]  # the many that no API offers
# What may be done to the queues whose names begin with the stack's and `-hub-`, and to nothing else.
MAKES = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes"]
TAKES = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
MAPS = ["lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping"]


class Subscriptions(Construct):
    """Row → `subscribe` makes a queue; event → `notify` fills it; queue → `deliver` empties it."""

    def __init__(
        self,
        scope: Construct,
        bus: Bus,
        *,
        subscribe: lambda_.Function,
        notify: lambda_.Function,
        deliver: lambda_.Function,
    ) -> None:
        super().__init__(scope, "Subscriptions")
        stack = Stack.of(self)
        names = f"{stack.stack_name}-hub-"
        CfnOutput(stack, "SubscriberQueues", description="How their names begin", value=names)
        url = f"https://sqs.{stack.region}.{stack.url_suffix}/{stack.account}/{names}"
        for function in (subscribe, notify, deliver):
            function.add_environment("SUBSCRIBER_QUEUES", url)
        queues = stack.format_arn(service="sqs", resource=f"{names}*")
        for function, actions in {subscribe: MAKES, notify: ["sqs:SendMessage"], deliver: TAKES}.items():
            function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[queues]))
            where = f"arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:{names}*"
            because = "Queues of subscribers come and go; the beginning of their names is this hub's."
            accept(function.role or function, f"AwsSolutions-IAM5[Resource::{where}]", because)
        subscribe.add_environment("DELIVER_FUNCTION", deliver.function_arn)
        # A mapping has no name before it is made; which function it feeds is what counts.
        of_deliver = {"ArnEquals": {"lambda:FunctionArn": deliver.function_arn}}
        subscribe.add_to_role_policy(iam.PolicyStatement(actions=MAPS, resources=["*"], conditions=of_deliver))
        subscribe.add_to_role_policy(iam.PolicyStatement(actions=["lambda:ListEventSourceMappings"], resources=["*"]))
        accept(deliver, "Serverless-LambdaDLQ", "Lambda reads queues for it, each of which has its own dead letters.")
        bus.to_function("Subscribers", subscribe, types=OWN, live=True)
        bus.to_function("Notices", notify, types=events.Match.anything_but(*NOBODYS), live=True)
