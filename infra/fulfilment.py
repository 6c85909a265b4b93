"""The fulfilment workflow: one task per step over all ready items; on failure it compensates and says so.

An order that was placed before the day of its sale waits for that: it is held, and claimed when the day has come.
"""

from aws_cdk import CfnElement, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.accept import accept
from infra.log import log
from infra.stages import Stage

STEPS = ("claim", "activate", "install", "complete")
# What passes: a conflict, a throttled table, an answer lost on its way, a process that died. A step is safe to run
# again, and no customer's order is taken back for any of these.
PASSING = (
    *("ChangedMeanwhile", "Busy", "ClientError"),
    *("ReadTimeoutError", "ConnectTimeoutError", "EndpointConnectionError", "ConnectionClosedError"),
    *("Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.Unknown"),
    *("Lambda.TooManyRequestsException", "Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"),
)
# What the workflow is started with, and where in the event it stands.
STARTED_WITH = {
    "brand": "$.detail.brand",
    "market": "$.detail.market",
    "id": "$.detail.event.productOrder.id",
    "correlationId": "$.detail.correlationId",
}


class Fulfilment(Construct):
    """claim → activate → install → complete, four transitions; compensate where the activation is given up."""

    LONGEST = Duration.days(365)  # what AWS allows: nothing is sold ahead for longer than `checks/lives.py` says

    def __init__(self, scope: Construct, function: lambda_.Function, stage: Stage) -> None:
        super().__init__(scope, "Fulfilment")
        self.function = function
        over = sfn.Succeed(self, "Over")
        steps = [self._task(step) for step in STEPS]
        undo = self._task("compensate")
        undo.add_catch(steps[2], errors=["Activated"], result_path=sfn.JsonPath.DISCARD)
        undone = undo.next(sfn.Succeed(self, "Undone"))
        hold = self._task("hold", result_selector={"until.$": "$.Payload.until"}, result_path="$.held")
        wait = sfn.Wait(self, "Wait", time=sfn.WaitTime.timestamp_path("$.held.until"))
        steps[0].add_catch(hold.next(wait).next(steps[0]), errors=["NotYet"], result_path=sfn.JsonPath.DISCARD)
        for step in (*steps, hold):
            step.add_catch(over, errors=["NotOurs"], result_path=sfn.JsonPath.DISCARD)
        # Before an activation is tried there is nothing to take back, and once it is stored there is no way back: what
        # fails there stops, visible as a failed execution that can be set going again.
        steps[1].add_catch(undone, errors=["States.ALL"], result_path=sfn.JsonPath.DISCARD)
        chain = sfn.Chain.start(steps[0])
        for step in steps[1:]:
            chain = chain.next(step)
        self.machine = sfn.StateMachine(
            self,
            "Workflow",
            definition_body=sfn.DefinitionBody.from_chainable(chain),
            timeout=self.LONGEST,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=log(self, "Log", stage),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,  # steps and their errors: what an order is about stays in its row
            ),
        )
        accept(function, "Serverless-LambdaDLQ", "The workflow calls it, tries again and compensates.")
        self._accept(function)

    def _accept(self, function: lambda_.Function) -> None:
        cfn = function.node.default_child
        assert isinstance(cfn, CfnElement)  # noqa: S101
        called = f"<{Stack.of(self).get_logical_id(cfn)}.Arn>:*"
        accept(self.machine, "AwsSolutions-IAM5[Resource::*]", "Log delivery and X-Ray are the account's.")
        accept(self.machine, f"AwsSolutions-IAM5[Resource::{called}]", "The versions of the one function it calls.")

    def _task(
        self, step: str, result_path: str = sfn.JsonPath.DISCARD, result_selector: dict[str, str] | None = None
    ) -> tasks.LambdaInvoke:
        task = tasks.LambdaInvoke(
            self,
            step.capitalize(),
            lambda_function=self.function,
            payload=sfn.TaskInput.from_object(
                {
                    "step": step,
                    "execution": sfn.JsonPath.execution_id,
                    **{name: sfn.JsonPath.string_at(f"$.{name}") for name in STARTED_WITH},
                }
            ),
            result_path=result_path,
            result_selector=result_selector,
            retry_on_service_exceptions=False,
            task_timeout=sfn.Timeout.duration(Duration.seconds(90)),  # the function itself gives up after sixty
        )
        task.add_retry(
            errors=["StillWorking"],
            interval=Duration.seconds(5),
            backoff_rate=2,
            max_attempts=6,
            max_delay=Duration.minutes(5),
        )
        task.add_retry(
            errors=list(PASSING),
            interval=Duration.seconds(1),
            backoff_rate=2,
            max_attempts=5,
        )
        return task
