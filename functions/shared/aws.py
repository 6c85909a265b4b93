"""The AWS clients of this process: one each, made when first used, never inside a request twice."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

# Three tries with jitter fit inside every function's time; what still fails is answered 503.
RETRIES = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=1, read_timeout=3)


# A text message whose answer is lost may have been sent: it is tried once, and who asked decides.
ONCE = RETRIES.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=ONCE if service == "sns" else RETRIES)  # type: ignore[call-overload]


def forget() -> None:
    """Drops the clients: whoever changes the account or region under this process wants new ones."""
    _client.cache_clear()


def dynamodb() -> DynamoDBClient:
    """The client of every table."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def s3() -> S3Client:
    """The client of the catalog bucket."""
    client: S3Client = _client("s3")
    return client


def events() -> EventBridgeClient:
    """The client of the bus."""
    client: EventBridgeClient = _client("events")
    return client


def sns() -> SNSClient:
    """The client of the confirmations."""
    client: SNSClient = _client("sns")
    return client


def sqs() -> SQSClient:
    """The client of the subscribers' queues."""
    client: SQSClient = _client("sqs")
    return client


def secrets() -> Any:
    """The client of the secrets."""
    return _client("secretsmanager")


def functions() -> LambdaClient:
    """The client of Lambda: what feeds a function is made where a subscriber comes."""
    client: LambdaClient = _client("lambda")
    return client
