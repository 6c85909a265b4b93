"""The CDK app: `cdk synth` needs neither an account nor Docker."""

from typing import Any

from aws_cdk import App

from infra import stages
from infra.data_stack import DataStack
from infra.front_stack import FrontStack
from infra.hub_stack import HubStack

# CDK's switches, here and not in cdk.json: one machine synthesizes without the CDK command line, and the same.
FLAGS: dict[str, Any] = {
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/core:target-partitions": ["aws"],
}


def build(app: App, stage: stages.Stage) -> None:
    """Puts the stacks of a stage into the app."""
    data = DataStack(app, f"OmnihubData-{stage.name}", stage)
    HubStack(app, f"Omnihub-{stage.name}", data, stage, issuer=app.node.try_get_context("issuer"))
    if stage.front:
        FrontStack(app, f"OmnihubFront-{stage.name}", stage.front)


def main() -> None:
    """Synthesizes one stage (`-c stage=prod`; dev where none is named)."""
    app = App(context=FLAGS)
    build(app, stages.named(app.node.try_get_context("stage") or stages.DEV.name))
    app.synth()


if __name__ == "__main__":
    main()
