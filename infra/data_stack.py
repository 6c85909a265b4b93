"""What must never be replaced: the tables and the catalog. Logical ids are pinned by a test."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

# folder -> by what its rows are listed, newest first: each an index of keys, `by_kind` on `kind_key` and `created`
TABLES: dict[str, tuple[str, ...]] = {
    "customer": ("kind",),
    "interaction": ("kind", "customer"),
    "inventory": ("kind", "customer"),
    "cart": ("kind", "customer"),
    "order": ("kind", "customer", "state"),
    "events": ("kind",),
}
KEY = dynamodb.AttributeType.STRING


class DataStack(Stack):
    """One table per folder with its stream, and the bucket of catalog versions."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_, termination_protection=True)
        self.tables = {name: self._table(name, listed) for name, listed in TABLES.items()}
        self.catalog = s3.Bucket(
            self,
            "Catalog",
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN,
        )

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
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
