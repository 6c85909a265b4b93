"""A call of botocore as IAM authorises it: the actions, and the things by the variables that told of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from functions.shared.settings import Missing, Setting, Settings, settings

SETTINGS = [name for name, each in vars(Settings).items() if isinstance(each, Setting)]
# A transaction is authorised by what it holds, not by its own name.
WITHIN = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
# Operations that IAM knows by another name.
KNOWN_AS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:DeleteObjects": "s3:DeleteObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "lambda:Invoke": "lambda:InvokeFunction",
}
A_NUMBER = "a phone number"


def actions(service: str, operation: str, sent: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pairs of action and resource that AWS would ask the role for."""
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for entry in sent["TransactItems"]:
            ((verb, item),) = entry.items()
            yield f"dynamodb:{WITHIN[verb]}", _told(item["TableName"])
        return
    action = KNOWN_AS.get(f"{service}:{operation}", f"{service}:{operation}")
    for resource in _resources(service, sent):
        yield action, resource
        if operation == "PutObject" and "IfMatch" in sent:  # to compare is to read
            yield "s3:GetObject", resource


def _resources(service: str, sent: Mapping[str, Any]) -> Iterator[str]:
    if "RequestItems" in sent:
        yield from map(_told, sent["RequestItems"])
    elif service == "dynamodb":
        yield _told(sent.get("TableName", "*")) + (f"/index/{sent['IndexName']}" if "IndexName" in sent else "")
    elif service == "s3":
        yield _told(sent["Bucket"]) + (f"/{sent['Key']}" if "Key" in sent else "")
    elif service == "events":
        yield from {_told(entry.get("EventBusName", "default")) for entry in sent["Entries"]}
    elif service == "sqs":
        yield _begun_with(sent.get("QueueUrl") or sent.get("QueueName") or "*")
    elif "PhoneNumber" in sent:
        yield A_NUMBER
    else:
        told = (variable for variable, value in _settings() if value in sent.values())
        yield next(told, "*")


def _told(value: str) -> str:
    """The variable that holds the value, for the function that is running."""
    return next((variable for variable, told in _settings() if told == value), value)


def _begun_with(queue: str) -> str:
    """A queue by the variable that holds its address, or the beginning of it where queues come and go."""
    if (told := _told(queue)) != queue:
        return told
    name = queue.rpartition("/")[2]
    for variable, value in _settings():
        beginning = value.rpartition("/")[2]
        if value.startswith("https://") and beginning and name.startswith(beginning):
            return variable + name.removeprefix(beginning)
    return queue


def _settings() -> Iterator[tuple[str, str]]:
    """Every text that the running function is told, by its variable."""
    for name in SETTINGS:
        try:
            value = getattr(settings, name)
        except Missing:
            continue
        if isinstance(value, str):
            yield name.upper(), value
