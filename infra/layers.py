"""The functions' third-party code: a layer, built before by `make layers`."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import libraries


def layers(scope: Construct) -> list[lambda_.LayerVersion]:
    """The layers of every function for `-c target=…`; none without a target, which is nobody's deploy.

    `cdk.json` names the target `aws`, so every `cdk deploy` has layers or ends here. The local hub, which takes the
    libraries of its own interpreter, is synthesized without the CDK command line and so without a target.
    """
    target = scope.node.try_get_context("target")
    if target is None:
        return []
    code = lambda_.Code.from_asset(str(libraries.built(target)))
    return [lambda_.LayerVersion(scope, "Libraries", code=code)]
