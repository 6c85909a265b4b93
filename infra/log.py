"""A log is kept as long as its stage says, and goes with its stack: it holds no data of ours."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.stages import Stage


def log(scope: Construct, id_: str, stage: Stage) -> logs.LogGroup:
    """A log group of the stage."""
    return logs.LogGroup(scope, id_, retention=logs.RetentionDays[stage.logs], removal_policy=RemovalPolicy.DESTROY)
