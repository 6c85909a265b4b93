"""How each resource type is created: in moto where moto can run it, in the blueprint where the hub does."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from local.assembly import StackFile
from local.blueprint import AsyncRules, Authorizer, Blueprint, EventSource, Route, Schedule
from local.functions import Function, name_in
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


def _client(service: str) -> Any:
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
    dynamodb = _client("dynamodb")
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
    s3 = _client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if properties.get("VersioningConfiguration", {}).get("Status") == "Enabled":
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    making.blueprint.buckets.append(name)
    domain = f"{name}.s3.amazonaws.com"
    regional = f"{name}.s3.{REGION}.amazonaws.com"
    return Made(name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": domain, "RegionalDomainName": regional})


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
    attributes = {key: _text(value) for key, value in _only(properties, *_QUEUE_ATTRIBUTES).items()}
    if properties.get("FifoQueue") and not name.endswith(".fifo"):
        name += ".fifo"
    url = _client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    where = arn("sqs", name)
    making.blueprint.queues[where] = url
    if "RedrivePolicy" in properties:
        making.blueprint.dead_letter_queues.add(properties["RedrivePolicy"]["deadLetterTargetArn"])
    return Made(url, {"Arn": where, "QueueName": name, "QueueUrl": url})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def topic(making: Making, properties: dict[str, Any]) -> Made:
    """A topic with the subscriptions that stand in it."""
    name = making.name(properties, "TopicName")
    where = _client("sns").create_topic(Name=name)["TopicArn"]
    for wanted in properties.get("Subscription", []):
        _client("sns").subscribe(TopicArn=where, Protocol=wanted["Protocol"], Endpoint=wanted["Endpoint"])
    return Made(where, {"TopicArn": where, "TopicName": name})


def subscription(_: Making, properties: dict[str, Any]) -> Made:
    """A subscription with its filter."""
    attributes = {key: _text(value) for key, value in _only(properties, "FilterPolicy", "FilterPolicyScope").items()}
    if properties.get("RawMessageDelivery"):
        attributes["RawMessageDelivery"] = "true"
    answer = _client("sns").subscribe(
        TopicArn=properties["TopicArn"],
        Protocol=properties["Protocol"],
        Endpoint=properties.get("Endpoint", ""),
        Attributes=attributes,
    )
    return Made(answer["SubscriptionArn"], {"Arn": answer["SubscriptionArn"]})


def log_group(making: Making, properties: dict[str, Any]) -> Made:
    """A log group (a bus rule may write to it)."""
    name = making.name(properties, "LogGroupName")
    _client("logs").create_log_group(logGroupName=name)
    return Made(name, {"Arn": arn("logs", f"log-group:{name}:*")})


# --- events ----------------------------------------------------------------------------------------------------------


def bus(_: Making, properties: dict[str, Any]) -> Made:
    """An event bus."""
    name = properties["Name"]
    where = _client("events").create_event_bus(Name=name)["EventBusArn"]
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
    events = _client("events")
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
    answer = _client("events").create_archive(
        ArchiveName=name,
        EventSourceArn=properties["SourceArn"],
        RetentionDays=int(properties.get("RetentionDays", 0)),
        **wanted,
    )
    return Made(name, {"Arn": answer["ArchiveArn"], "ArchiveName": name})


# --- functions -------------------------------------------------------------------------------------------------------


def function(making: Making, properties: dict[str, Any]) -> Made:
    """A function: its handler's name and what it is told; the code is the repository's."""
    name = making.name(properties, "FunctionName")
    dead_letter = properties.get("DeadLetterConfig", {}).get("TargetArn")
    variables = properties.get("Environment", {}).get("Variables", {})
    making.blueprint.functions.add(
        Function(
            name=name,
            handler=properties.get("Handler", ""),
            environment={key: str(value) for key, value in variables.items()},
            timeout=int(properties.get("Timeout", 3)),
            memory=int(properties.get("MemorySize", 128)),
            dead_letter=dead_letter,
        )
    )
    if dead_letter:
        making.blueprint.dead_letter_queues.add(dead_letter)
    return Made(name, {"Arn": arn("lambda", f"function:{name}")})


def version(_: Making, properties: dict[str, Any]) -> Made:
    """A version stands for its function."""
    where = arn("lambda", f"function:{name_in(properties['FunctionName'])}")
    return Made(f"{where}:1", {"Version": "1", "FunctionArn": f"{where}:1"})


def alias(_: Making, properties: dict[str, Any]) -> Made:
    """An alias stands for its function."""
    where = arn("lambda", f"function:{name_in(properties['FunctionName'])}:{properties['Name']}")
    return Made(where, {"AliasArn": where})


def async_rules(making: Making, properties: dict[str, Any]) -> Made:
    """What happens to an asynchronous invocation that fails."""
    name = name_in(properties["FunctionName"])
    destinations = properties.get("DestinationConfig", {})
    on_failure = destinations.get("OnFailure", {}).get("Destination")
    making.blueprint.async_rules[name] = AsyncRules(
        retries=int(properties.get("MaximumRetryAttempts", 2)),
        on_failure=on_failure,
        on_success=destinations.get("OnSuccess", {}).get("Destination"),
    )
    if on_failure:
        making.blueprint.dead_letter_queues.add(on_failure)
    return Made(name)


def event_source(making: Making, properties: dict[str, Any]) -> Made:
    """A stream or a queue that feeds a function."""
    source = properties["EventSourceArn"]
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{making.stack.name}/{making.logical_id}"))
    on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    made = EventSource(
        id=number,
        function=properties["FunctionName"],
        source=source,
        batch_size=int(properties.get("BatchSize", 10 if ":sqs:" in source else 100)),
        filters=tuple(entry["Pattern"] for entry in properties.get("FilterCriteria", {}).get("Filters", [])),
        reports_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        bisects=bool(properties.get("BisectBatchOnFunctionError")),
        retries=int(properties.get("MaximumRetryAttempts", -1)),
        on_failure=on_failure,
    )
    if properties.get("Enabled", True):
        making.blueprint.event_sources.append(made)
    if on_failure and ":sqs:" in on_failure:
        making.blueprint.dead_letter_queues.add(on_failure)
    return Made(number, {"Id": number, "EventSourceMappingArn": arn("lambda", f"event-source-mapping:{number}")})


def machine(making: Making, properties: dict[str, Any]) -> Made:
    """A state machine, run by moto's own engine."""
    name = making.name(properties, "StateMachineName")
    text = _definition(making, properties)
    for key, value in properties.get("DefinitionSubstitutions", {}).items():
        text = text.replace("${" + key + "}", str(value))
    where = _client("stepfunctions").create_state_machine(
        name=name, definition=text, roleArn=properties["RoleArn"], type=properties.get("StateMachineType", "STANDARD")
    )["stateMachineArn"]
    making.blueprint.machines.append(where)
    return Made(where, {"Arn": where, "Name": name})


def _definition(making: Making, properties: Mapping[str, Any]) -> str:
    if "DefinitionS3Location" in properties:
        asset: Path = making.stack.asset(properties["DefinitionS3Location"]["Key"])
        return asset.read_text("utf-8")
    return _text(properties.get("DefinitionString") or properties["Definition"])


# --- HTTP API --------------------------------------------------------------------------------------------------------


def api(making: Making, properties: dict[str, Any]) -> Made:
    """The HTTP API; the gateway serves it."""
    making.blueprint.cors = properties.get("CorsConfiguration")
    return Made(making.logical_id, {"ApiEndpoint": making.blueprint.url, "ApiId": making.logical_id})


def stage(_: Making, properties: dict[str, Any]) -> Made:
    """The default stage; any other would put its name before every path."""
    if properties["StageName"] != "$default":
        raise CannotResolve("The local gateway serves the stage $default alone.")
    return Made("$default")


def authorizer(making: Making, properties: dict[str, Any]) -> Made:
    """Who may call: its `Ref` carries the issuer and audience to the routes that name it."""
    jwt = properties["JwtConfiguration"]
    making.blueprint.issuers.append(jwt["Issuer"])
    return Made(json.dumps([jwt["Issuer"], jwt.get("Audience", [])]), {"AuthorizerId": making.logical_id})


def integration(making: Making, properties: dict[str, Any]) -> Made:
    """A function behind a route: its `Ref` carries the function's name."""
    if properties.get("PayloadFormatVersion") != "2.0":
        raise CannotResolve(f"The integration {making.logical_id} must ask for payload format 2.0.")
    return Made(properties["IntegrationUri"])


def route(making: Making, properties: dict[str, Any]) -> Made:
    """One route of the API."""
    found = None
    if properties.get("AuthorizationType") == "JWT":
        issuer, audience = json.loads(properties["AuthorizerId"])
        found = Authorizer(issuer, tuple(audience))
    making.blueprint.routes.append(
        Route(
            key=properties["RouteKey"],
            function=properties["Target"].partition("integrations/")[2],
            authorizer=found,
            scopes=tuple(properties.get("AuthorizationScopes", [])),
        )
    )
    return Made(making.logical_id)
