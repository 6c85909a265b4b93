"""How a function is made: its bundle, its settings, and the rights that go with each setting."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.data_stack import DataStack

ROOT = Path(__file__).parent.parent
# What a noun may look at comes before it in the journey; a bundle holds just that.
BEFORE: dict[str, Sequence[str]] = {
    "shared": (),
    "catalog": ("shared",),
    "customer": ("shared",),
    "interaction": ("shared",),
    "inventory": ("shared", "customer"),
    "cart": ("shared", "catalog", "customer", "inventory"),
    "order": ("shared", "catalog", "customer", "inventory", "cart"),
    "events": ("shared", "catalog", "customer", "interaction", "inventory", "cart", "order"),
}


def bundle(folder: str) -> lambda_.Code:
    """The code of one function: its folder and the folders it may import, nothing else of the repository."""
    kept = [folder, *BEFORE[folder]]
    exclude = [
        "/*",
        "!/functions",
        "/functions/*",
        "!/functions/__init__.py",
        *(f"!/functions/{each}" for each in kept),
    ]
    return lambda_.Code.from_asset(str(ROOT), exclude=[*exclude, "**/__pycache__"], ignore_mode=IgnoreMode.GIT)


class Functions:
    """Makes the functions of a stack; `reads` and `writes` grant a right and set its variable, both or neither."""

    def __init__(self, scope: Construct, data: DataStack, everywhere: Mapping[str, str]) -> None:
        self.scope, self.data, self.everywhere = scope, data, everywhere

    def function(
        self,
        handler: str,
        *,
        reads: Sequence[str] = (),
        writes: Sequence[str] = (),
        catalog: bool = False,
        seconds: int = 10,
        settings: Mapping[str, str] | None = None,
    ) -> lambda_.Function:
        """A function for `folder.module`; `reads` and `writes` name tables by their folder."""
        folder, _, module = handler.partition(".")
        name = folder.capitalize() if module == "handler" else f"{folder.capitalize()}{module.capitalize()}"
        made = lambda_.Function(
            self.scope,
            f"{name}Function",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"functions.{handler}.handler",
            code=bundle(folder),
            memory_size=512,
            timeout=Duration.seconds(seconds),
            tracing=lambda_.Tracing.ACTIVE,
            environment={**self.everywhere, **(settings or {})},
            log_group=logs.LogGroup(
                self.scope, f"{name}Log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
            ),
        )
        for each in [*reads, *writes]:
            made.add_environment(f"{each.upper()}_TABLE", self.data.tables[each].table_name)
        for each in {*reads, *writes}:
            _grant(self.data.tables[each], made, write=each in writes)
        if catalog:
            made.add_environment("CATALOG_BUCKET", self.data.catalog.bucket_name)
            _grant_catalog(self.data.catalog, made)
        return made


def _grant(table: dynamodb.TableV2, to: lambda_.Function, *, write: bool) -> None:
    reading = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"]
    writing = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]
    table.grant(to, *reading, *(writing if write else []))


def _grant_catalog(bucket: s3.Bucket, to: lambda_.Function) -> None:
    # Not grant_read: that would also let it list and read every setting of the bucket.
    to.add_to_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]))
