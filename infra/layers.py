"""The functions' third-party code: two layers, built before by `make layers`."""

from collections.abc import Mapping

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import libraries


def layers(scope: Construct) -> Mapping[str, lambda_.LayerVersion]:
    """The layers for `-c target=…` by name; none without a target, which is nobody's deploy.

    `cdk.json` names the target `aws`, so every `cdk deploy` has layers or ends here. The local hub, which takes the
    libraries of its own interpreter, is synthesized without the CDK command line and so without a target.
    """
    target = scope.node.try_get_context("target")
    if target is None:
        return {}
    folder = libraries.built(target)
    return {
        name: lambda_.LayerVersion(scope, logical, code=lambda_.Code.from_asset(str(folder / name)))
        for name, logical in ((libraries.EVERY, "Libraries"), (libraries.TEXTS, "TextLibraries"))
    }
