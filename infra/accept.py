"""What a check would refuse and we mean: said at the resource, with the reason. A test refuses what is not needed."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def accept(at: IConstruct, rule: str, because: str) -> None:
    """Acknowledges a finding of cdk-nag (`AwsSolutions-S1`) at a construct and what is below it."""
    pack = rule.partition("-")[0]
    Validations.of(at).acknowledge(Acknowledgment(id=f"{pack}::{rule}", reason=because))
