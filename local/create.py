"""How data and events of the template are created: in moto, which runs them; functions have create_functions.py."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from local.assembly import StackFile
from local.blueprint import Blueprint, Schedule
from local.pretend import REGION, arn
from local.resolve import CannotResolve


@dataclass(frozen=True)
class Made:
    """A resource that exists: what `Ref` and `Fn::GetAtt` give for it."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    stand_in: bool = False  # ignored here: any attribute is a made-up text


@dataclass(frozen=True)
class Making:
    """The resource that is being created."""

    stack: StackFile
    logical_id: str
    blueprint: Blueprint

    def name(self, properties: Mapping[str, Any], wanted: str) -> str:
        """The template's name for it, or else its logical id."""
        return str(properties.get(wanted) or self.logical_id)


def client(service: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]


def _only(properties: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: properties[name] for name in names if name in properties}


# --- data ------------------------------------------------------------------------------------------------------------


def table(making: Making, properties: dict[str, Any]) -> Made:
    """A table with its indexes, stream and time to live; billing, encryption and replicas mean nothing here."""
    name = making.name(properties, "TableName")
    wanted: dict[str, Any] = _only(properties, "KeySchema", "AttributeDefinitions")
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if properties.get(kind):
            wanted[kind] = [_only(index, "IndexName", "KeySchema", "Projection") for index in properties[kind]]
    if "StreamSpecification" in properties:
        view = properties["StreamSpecification"]["StreamViewType"]
        wanted["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    dynamodb = client("dynamodb")
    described = dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **wanted)["TableDescription"]
    life = properties.get("TimeToLiveSpecification", {})
    if life.get("Enabled"):
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=life)
        making.blueprint.expiring[name] = life["AttributeName"]
    making.blueprint.tables[making.logical_id] = name
    attributes = {"Arn": described["TableArn"]}
    if "LatestStreamArn" in described:
        attributes["StreamArn"] = described["LatestStreamArn"]
        making.blueprint.streams[described["LatestStreamArn"]] = name
    return Made(name, attributes)


def bucket(making: Making, properties: dict[str, Any]) -> Made:
    """A bucket, versioned if the template says so."""
    name = making.name(properties, "BucketName").lower()
    s3 = client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if properties.get("VersioningConfiguration", {}).get("Status") == "Enabled":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    making.blueprint.buckets.append(name)
    domain = f"{name}.s3.amazonaws.com"
    regional = f"{name}.s3.{REGION}.amazonaws.com"
    return Made(name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": domain, "RegionalDomainName": regional})


def secret(making: Making, properties: dict[str, Any]) -> Made:
    """A secret that is made up here, as long as the template says."""
    secrets, wanted = client("secretsmanager"), properties.get("GenerateSecretString", {})
    made_up = secrets.get_random_password(**_only(wanted, "PasswordLength", "ExcludePunctuation"))["RandomPassword"]
    where = secrets.create_secret(Name=making.name(properties, "Name"), SecretString=made_up)["ARN"]
    return Made(where, {"Id": where})


_QUEUE_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "VisibilityTimeout",
)


def queue(making: Making, properties: dict[str, Any]) -> Made:
    """A queue; encryption means nothing here."""
    name = making.name(properties, "QueueName")
    attributes = {key: text(value) for key, value in _only(properties, *_QUEUE_ATTRIBUTES).items()}
    if properties.get("FifoQueue") and not name.endswith(".fifo"):
        name += ".fifo"
    url = client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    where = arn("sqs", name)
    making.blueprint.queues[where] = url
    if "RedrivePolicy" in properties:
        making.blueprint.dead_letter_queues.add(properties["RedrivePolicy"]["deadLetterTargetArn"])
    return Made(url, {"Arn": where, "QueueName": name, "QueueUrl": url})


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def topic(making: Making, properties: dict[str, Any]) -> Made:
    """A topic with the subscriptions that stand in it."""
    name = making.name(properties, "TopicName")
    where = client("sns").create_topic(Name=name)["TopicArn"]
    for wanted in properties.get("Subscription", []):
        client("sns").subscribe(TopicArn=where, Protocol=wanted["Protocol"], Endpoint=wanted["Endpoint"])
    return Made(where, {"TopicArn": where, "TopicName": name})


def subscription(_: Making, properties: dict[str, Any]) -> Made:
    """A subscription with its filter."""
    attributes = {key: text(value) for key, value in _only(properties, "FilterPolicy", "FilterPolicyScope").items()}
    if properties.get("RawMessageDelivery"):
        attributes["RawMessageDelivery"] = "true"
    answer = client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes=attributes,
    )
    return Made(answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})


def log_group(making: Making, properties: dict[str, Any]) -> Made:
    """A log group (a bus rule may write to it)."""
    name = making.name(properties, "LogGroupName")
    client("logs").create_log_group(logGroupName=name)
    return Made(name, {"Arn": arn("logs", f"log-group:{name}:*")})


# --- events ----------------------------------------------------------------------------------------------------------


def bus(_: Making, properties: dict[str, Any]) -> Made:
    """An event bus."""
    name = properties["Name"]
    where = client("events").create_event_bus(Name=name)["EventBusArn"]
    return Made(name, {"Arn": where, "Name": name})


_TARGET = ("Id", "Arn", "Input", "InputPath", "InputTransformer", "SqsParameters", "DeadLetterConfig", "RetryPolicy")


def rule(making: Making, properties: dict[str, Any]) -> Made:
    """A rule of a bus or of the clock, with its targets."""
    name = making.name(properties, "Name")
    bus_name = properties.get("EventBusName", "default")
    wanted: dict[str, Any] = {"State": properties.get("State", "ENABLED")}
    if "EventPattern" in properties:
        wanted["EventPattern"] = json.dumps(properties["EventPattern"])
    if "ScheduleExpression" in properties:
        wanted["ScheduleExpression"] = properties["ScheduleExpression"]
    events = client("events")
    where = events.put_rule(Name=name, EventBusName=bus_name, **wanted)["RuleArn"]
    targets = [_only(target, *_TARGET) for target in properties.get("Targets", [])]
    if targets:
        events.put_targets(Rule=name, EventBusName=bus_name, Targets=targets)
    for target in targets:
        if "DeadLetterConfig" in target:
            making.blueprint.dead_letter_queues.add(target["DeadLetterConfig"]["Arn"])
    if "ScheduleExpression" in wanted and wanted["State"] == "ENABLED":
        making.blueprint.schedules.append(Schedule(name, _seconds(wanted["ScheduleExpression"]), tuple(targets)))
    return Made(name, {"Arn": where})


def _seconds(expression: str) -> float:
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if not found:
        raise CannotResolve(f"local/create.py runs rate(...) schedules, not {expression}; add it to _seconds.")
    return int(found[1]) * {"minute": 60.0, "hour": 3600.0, "day": 86400.0}[found[2]]


def archive(making: Making, properties: dict[str, Any]) -> Made:
    """An archive of a bus."""
    name = making.name(properties, "ArchiveName")[:48]
    wanted = {"EventPattern": json.dumps(properties["EventPattern"])} if "EventPattern" in properties else {}
    answer = client("events").create_archive(
        ArchiveName=name,
        EventSourceArn=properties["SourceArn"],
        RetentionDays=int(properties.get("RetentionDays", 0)),
        **wanted,
    )
    return Made(name, {"Arn": answer["ArchiveArn"], "ArchiveName": name})
