"""How a function is made: its bundle, its settings, and the rights that go with each setting."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration, IgnoreMode
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import libraries, rights
from infra.accept import accept
from infra.data_stack import DataStack
from infra.layers import layers
from infra.log import log

ROOT = Path(__file__).parent.parent
# What a noun may look at comes before it in the journey; a bundle holds just that.
BEFORE: dict[str, Sequence[str]] = {
    "shared": (),
    "catalog": ("shared",),
    "customer": ("shared",),
    "interaction": ("shared",),
    "inventory": ("shared", "catalog", "customer"),
    "subscription": ("shared",),
    "cart": ("shared", "catalog", "customer", "inventory"),
    "offer": ("shared", "catalog", "customer", "inventory", "cart"),
    "order": ("shared", "catalog", "customer", "inventory", "cart"),
    "events": ("shared", "catalog", "customer", "interaction", "inventory", "subscription", "cart", "order"),
}


def bundle(folder: str) -> lambda_.Code:
    """The code of one function: its folder and the folders it may import, but for their handlers; nothing else."""
    kept = [folder, *BEFORE[folder]]
    exclude = [
        "/*",
        "!/functions",
        "/functions/*",
        "!/functions/__init__.py",
        *(f"!/functions/{each}" for each in kept),
        "/functions/*/handler.py",
        f"!/functions/{folder}/handler.py",
    ]
    return lambda_.Code.from_asset(str(ROOT), exclude=[*exclude, "**/__pycache__"], ignore_mode=IgnoreMode.GIT)


class Functions:
    """Makes the functions of a stack; a row of `infra/rights.py` grants a right and sets its variable."""

    def __init__(self, scope: Construct, data: DataStack, everywhere: Mapping[str, str]) -> None:
        self.scope, self.data, self.everywhere, self.layers = scope, data, everywhere, layers(scope)

    def function(
        self,
        handler: str,
        *,
        seconds: int = 10,
        settings: Mapping[str, str] | None = None,
        reserved: int | None = None,
    ) -> lambda_.Function:
        """A function for `folder.module`; a `handler` answers requests, other modules follow from rows."""
        folder, _, module = handler.partition(".")
        stage, asked = self.data.stage, module == "handler"
        name = folder.capitalize() if asked else f"{folder.capitalize()}{module.capitalize()}"
        written = log(self.scope, f"{name}Log", stage)
        made = lambda_.Function(
            self.scope,
            f"{name}Function",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{handler}.handler",
            code=bundle(folder),
            layers=[self.layers[name] for name in libraries.needed(handler) if name in self.layers],
            memory_size=512,
            timeout=Duration.seconds(seconds),
            tracing=lambda_.Tracing.ACTIVE,
            environment={**self.everywhere, **(settings or {})},
            role=self._role(name, written),
            log_group=written,
            # What follows from a row must not wait because channels ask much: it has runs of its own.
            reserved_concurrent_executions=None if asked else reserved or stage.reserved,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if asked and stage.snap_start else None,
        )
        for table, allowed in rights.ROWS.get(handler, {}).items():
            self._grant_rows(made, table, allowed.split())
        if handler in rights.OBJECTS:
            self._grant_objects(made, rights.OBJECTS[handler].split())
        if handler in rights.SIGNING:
            self._grant_key(made)
        return made

    def _role(self, name: str, written: logs.LogGroup) -> iam.Role:
        """A role that may write this function's log and its traces; CDK's own could write every log there is."""
        role = iam.Role(self.scope, f"{name}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        written.grant_write(role)
        accept(role, "AwsSolutions-IAM5[Resource::*]", "X-Ray has no resources that a right could name.")
        return role

    def _grant_rows(self, to: lambda_.Function, table: str, allowed: Sequence[str]) -> None:
        of = self.data.tables[table]
        to.add_environment(f"{table.upper()}_TABLE", of.table_name)
        for each in allowed:
            action, _, index = each.partition(":")
            where = f"{of.table_arn}/index/{index}" if index else of.table_arn
            to.add_to_role_policy(iam.PolicyStatement(actions=[f"dynamodb:{action}"], resources=[where]))

    def _grant_key(self, to: lambda_.Function) -> None:
        key = self.data.price_secret
        to.add_environment("PRICE_SECRET", key)
        to.add_to_role_policy(iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[key]))

    def _grant_objects(self, to: lambda_.Function, allowed: Sequence[str]) -> None:
        bucket = self.data.catalog
        to.add_environment("CATALOG_BUCKET", bucket.bucket_name)
        to.add_to_role_policy(
            iam.PolicyStatement(actions=[f"s3:{each}" for each in allowed], resources=[bucket.arn_for_objects("*")])
        )
        accept(
            to.role or to,
            f"AwsSolutions-IAM5[Resource::{self.data.exported(bucket.bucket_arn)}/*]",
            "Catalog versions are named by their content, which nobody knows before.",
        )
