"""Handing things to whoever an ARN names: functions invoked asynchronously, queues, topics, machines, buckets."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from local.blueprint import AsyncRules, Blueprint
from local.functions import FunctionError, Outcome, name_in
from local.workers import Workers

ASYNC_PAUSE = 60.0  # seconds before Lambda's first retry of an asynchronous invocation; the second waits twice that


class CannotDeliver(RuntimeError):
    """The ARN names nothing that the hub can hand things to."""


def stamp() -> str:
    """Now, as AWS writes it in its records."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Delivery:
    """Everything that is sent on without a caller waiting for the answer."""

    def __init__(self, blueprint: Blueprint, workers: Workers, haste: float) -> None:
        self.blueprint, self.workers, self.haste = blueprint, workers, haste
        # Made here, in one thread: boto3's session is not made for several.
        self._clients: dict[str, Any] = {
            service: boto3.client(service) for service in ("sqs", "sns", "s3", "stepfunctions")
        }

    def hand_over(self, target: str, body: str, *, name: str = "", group: str | None = None) -> None:
        """Give `body` to the target of a rule or subscription; raises where the target refuses it."""
        service = target.split(":")[2]
        if service == "lambda":
            self.invoke(target, json.loads(body))
        elif service == "states":
            self._clients["stepfunctions"].start_execution(
                stateMachineArn=target, name=f"{name}_{uuid.uuid4()}"[-80:], input=body
            )
        elif service == "sns":
            self._clients["sns"].publish(TopicArn=target, Message=body)
        elif service == "sqs":
            self.enqueue(target, body, group=group)
        else:
            raise CannotDeliver(f"local/deliver.py cannot hand anything to {target}; add its service to hand_over.")

    def enqueue(
        self, queue: str, body: str, *, attributes: Mapping[str, str] | None = None, group: str | None = None
    ) -> None:
        """Send a message to a queue of the templates."""
        url = self.blueprint.queues.get(queue)
        if url is None:
            raise CannotDeliver(f"No template defines the queue {queue}.")
        given = {key: {"DataType": "String", "StringValue": value or "-"} for key, value in (attributes or {}).items()}
        grouped = {"MessageGroupId": group, "MessageDeduplicationId": str(uuid.uuid4())} if group else {}
        self._clients["sqs"].send_message(QueueUrl=url, MessageBody=body, MessageAttributes=given, **grouped)

    def store(self, bucket: str, key: str, body: str) -> None:
        """Put an object into a bucket, given by its ARN."""
        self._clients["s3"].put_object(Bucket=bucket.rpartition(":")[2], Key=key, Body=body.encode())

    def invoke(self, function: str, event: Any, tried: int = 0) -> None:
        """Invoke asynchronously: two more tries, then the function's own place for failures."""
        self.blueprint.functions.find(function)  # an unknown one is the sender's failure
        pause = ASYNC_PAUSE * tried * self.haste
        self.workers.submit(f"event for {name_in(function)}", lambda: self._try(function, event, tried), pause)

    def _try(self, function: str, event: Any, tried: int) -> None:
        rules = self.blueprint.async_rules.get(name_in(function), AsyncRules())
        outcome = self.blueprint.functions.invoke(function, json.loads(json.dumps(event)))
        if outcome.error is None:
            if rules.on_success:
                self._report(rules.on_success, function, event, outcome, tried + 1)
        elif tried < rules.retries:
            self.invoke(function, event, tried + 1)
        else:
            self._fail(rules, function, event, outcome, tried + 1)

    def _fail(self, rules: AsyncRules, function: str, event: Any, outcome: Outcome, tries: int) -> None:
        dead_letter = self.blueprint.functions.find(function).dead_letter
        error = outcome.error
        if rules.on_failure:
            self._report(rules.on_failure, function, event, outcome, tries)
        if dead_letter and ":sqs:" in dead_letter and error is not None:
            attributes = {"RequestID": outcome.request_id, "ErrorCode": "200", "ErrorMessage": error.message[:1024]}
            self.enqueue(dead_letter, json.dumps(event), attributes=attributes)
        elif dead_letter:
            self.hand_over(dead_letter, json.dumps(event))
        if not rules.on_failure and not dead_letter:
            # A rule's own dead-letter queue gets what could not be handed to Lambda, never what a function failed at.
            said = (
                f"The event is lost, as it would be on AWS: {name_in(function)} failed {tries} times and has neither "
                "a dead-letter queue nor an on-failure destination of its own."
            )
            self.blueprint.functions.errors.append(FunctionError(name_in(function), "EventLost", said, "", event))

    def _report(self, destination: str, function: str, event: Any, outcome: Outcome, tries: int) -> None:
        condition = "RetriesExhausted" if outcome.error else "Success"
        response = {"statusCode": 200, "executedVersion": "$LATEST"}
        record = {
            "version": "1.0",
            "timestamp": stamp(),
            "requestContext": {
                "requestId": outcome.request_id,
                "functionArn": function,
                "condition": condition,
                "approximateInvokeCount": tries,
            },
            "requestPayload": event,
            "responseContext": {**response, "functionError": "Unhandled"} if outcome.error else response,
            "responsePayload": outcome.value(),
        }
        if ":s3:" in destination:
            moment = datetime.now(UTC)
            folder = f"aws/lambda/async/{name_in(function)}/{moment:%Y/%m/%d}"
            self.store(destination, f"{folder}/{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}", json.dumps(record))
        else:
            self.hand_over(destination, json.dumps(record))
