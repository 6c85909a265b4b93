"""What must never be replaced: the tables, the catalog, the key of price proofs. Logical ids are pinned by a test."""

from collections.abc import Sequence
from typing import cast

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.accept import accept
from infra.stages import Stage

# folder -> by what its rows are listed, newest first: each an index of keys, `by_kind` on `kind_key` and `created`
TABLES: dict[str, tuple[str, ...]] = {
    "catalog": ("kind",),
    "customer": ("kind", "customer", "holder"),
    "interaction": ("kind", "customer"),
    "inventory": ("kind", "customer", "seller"),
    "cart": ("kind", "customer", "seller"),
    "order": ("kind", "customer", "seller", "state"),
    "events": ("kind",),
}
KEY = dynamodb.AttributeType.STRING


class DataStack(Stack):
    """One table per folder with its stream, the catalog versions, the key, and records that could not be published."""

    def __init__(self, scope: Construct, id_: str, stage: Stage) -> None:
        super().__init__(scope, id_, termination_protection=stage.keeps_data)
        self.stage = stage
        self.removal = RemovalPolicy.RETAIN if stage.keeps_data else RemovalPolicy.DESTROY
        self.tables = {name: self._table(name, listed) for name, listed in TABLES.items()}
        self.access = self._bucket("Access", days=90)
        self.catalog = self._bucket("Catalog", versioned=True)
        # Stream records that could not be published, whole: a queue would get their number only.
        self.parked = self._bucket("Parked", days=400)
        self.price_secret = self._secret("PriceSecret")
        CfnOutput(self, "ParkedRecords", value=self.parked.bucket_name)
        CfnOutput(self, "CatalogVersions", value=self.catalog.bucket_name)
        CfnOutput(self, "CatalogRows", value=self.tables["catalog"].table_name)

    def exported(self, value: str) -> str:
        """A value of this stack as others import it and checks name it."""
        imported: dict[str, str] = self.resolve(self.export_value(value))
        return imported["Fn::ImportValue"]

    def _bucket(self, id_: str, *, versioned: bool = False, days: int | None = None) -> s3.Bucket:
        """A bucket; who asked it for what is written into the bucket `Access`."""
        return s3.Bucket(
            self,
            id_,
            versioned=versioned and self.stage.keeps_data,  # a bucket with versions is not emptied in one go
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            server_access_logs_bucket=self.access if id_ != "Access" else None,
            server_access_logs_prefix=f"{id_}/" if id_ != "Access" else None,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(days))] if days else None,
            removal_policy=self.removal,
        )

    def _secret(self, id_: str) -> str:
        """The address of a text that AWS makes up and nobody knows."""
        made = secretsmanager.Secret(
            self,
            id_,
            generate_secret_string=secretsmanager.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=self.removal,
        )
        accept(
            made,
            "AwsSolutions-SMG4",
            "A price proof holds as long as its key; it is changed by hand if ever it gets known.",
        )
        bare = cast(secretsmanager.CfnSecret, made.node.default_child)
        return bare.attr_id  # its ARN, as `Ref` gives it, but under a name that an emulator knows too

    def _table(self, name: str, listed: Sequence[str]) -> dynamodb.TableV2:
        indexes = [
            dynamodb.GlobalSecondaryIndexPropsV2(
                index_name=f"by_{by}",
                partition_key=dynamodb.Attribute(name=f"{by}_key", type=KEY),
                sort_key=dynamodb.Attribute(name="created", type=KEY),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
            for by in listed
        ]
        return dynamodb.TableV2(
            self,
            f"{name.capitalize()}Table",
            partition_key=dynamodb.Attribute(name="pk", type=KEY),
            sort_key=dynamodb.Attribute(name="sk", type=KEY),
            billing=dynamodb.Billing.on_demand(),
            dynamo_stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
            time_to_live_attribute="ttl",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            global_secondary_indexes=indexes,
            deletion_protection=self.stage.keeps_data,
            removal_policy=self.removal,
        )
