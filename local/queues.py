"""SQS queues to functions: a thread for each mapping looks for messages, and deletes what the function took.

Mappings stand in the template, or a function makes one while the hub runs, and takes it away again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

import boto3
from botocore.exceptions import ClientError
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.core.utils import unix_time_millis
from moto.sqs.models import sqs_backends

from local.blueprint import Blueprint, EventSource
from local.create_functions import source_of
from local.functions import name_in
from local.pretend import ACCOUNT, REGION
from local.streams import first_failed
from local.work import Work

POLL = 0.05  # seconds between two looks at a queue


def messages_in(queue: str) -> list[Any]:
    """Every message of a queue (by ARN), seen without taking any: visible, delayed and in flight."""
    found = sqs_backends[ACCOUNT][REGION].queues.get(queue.rpartition(":")[2])
    return list(found._messages) if found else []


def redriven_to() -> set[str]:
    """The queues (by ARN) to which others hand what was received too often."""
    policies = [queue.redrive_policy for queue in list(sqs_backends[ACCOUNT][REGION].queues.values())]
    return {str(policy["deadLetterTargetArn"]) for policy in policies if policy}


class QueueMapping:
    """One event source mapping on a queue."""

    def __init__(self, source: EventSource, url: str, blueprint: Blueprint, work: Work, haste: float) -> None:
        self._source, self._work, self._haste = source, work, haste
        self._functions = blueprint.functions
        self._sqs = boto3.client("sqs")
        self._url = url
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"queue-{name_in(source.function)}", daemon=True)
        self._thread.start()

    @property
    def source(self) -> str:
        """The queue's ARN."""
        return self._source.source

    def end(self) -> None:
        """Take nothing after the batch it is at."""
        self._stopping.set()

    def stop(self) -> None:
        """End the thread after the batch it is at."""
        self.end()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(POLL):
            while not self._stopping.is_set() and any(seen.visible for seen in messages_in(self._source.source)):
                try:
                    self._take()
                except ClientError as gone:  # the queue was deleted while it was read
                    if gone.response["Error"]["Code"] != "AWS.SimpleQueueService.NonExistentQueue":
                        raise

    def _take(self) -> None:
        with self._work.during(f"queue message for {name_in(self._source.function)}"):
            messages = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(self._source.batch_size, 10),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            ).get("Messages", [])
            if not messages:
                return
            hidden = self._hidden()
            outcome = self._functions.invoke(self._source.function, {"Records": [self._record(m) for m in messages]})
            failed = {message["MessageId"] for message in messages} if outcome.error else set()
            if outcome.error is None and self._source.reports_failures:
                failed = self._failed(outcome.value(), [message["MessageId"] for message in messages])
            for message in messages:
                self._settle(message, hidden, failed=message["MessageId"] in failed)

    def _hidden(self) -> Mapping[str, float]:
        """Until when each message is hidden."""
        return {held.id: held.visible_at for held in messages_in(self._source.source)}

    def _failed(self, answer: Any, identifiers: list[str]) -> set[str]:
        if first_failed(answer, identifiers) is None:
            return set()
        named = {failure.get("itemIdentifier") for failure in answer["batchItemFailures"]}
        return named if named <= set(identifiers) else set(identifiers)

    def _settle(self, message: Any, hidden: Mapping[str, float], *, failed: bool) -> None:
        handle = message["ReceiptHandle"]
        if not failed:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)
            return
        (held,) = [each for each in messages_in(self._source.source) if each.id == message["MessageId"]] or [None]
        if held and held.visible_at != hidden[held.id]:  # the function said when it comes back; so it does, in haste
            now = unix_time_millis()
            held.visible_at = now + (held.visible_at - now) * self._haste
        else:  # it comes back after the queue's visibility timeout, in the hub's haste
            pause = int(30 * self._haste)
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=pause)

    def _record(self, message: Any) -> dict[str, Any]:
        attributes = {
            name: {**{key[0].lower() + key[1:]: part for key, part in value.items()}}
            for name, value in message.get("MessageAttributes", {}).items()
        }
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": json.loads(json.dumps(attributes, default=str)),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self._source.source,
            "awsRegion": REGION,
        }


class Queues:
    """Every mapping on a queue."""

    def __init__(self, blueprint: Blueprint, work: Work, haste: float) -> None:
        self._blueprint, self._work, self._haste = blueprint, work, haste
        self._mappings: dict[str, QueueMapping] = {}
        for source in blueprint.event_sources:
            if source.source in blueprint.queues:
                self._add(source, blueprint.queues[source.source])

    def _add(self, source: EventSource, url: str) -> None:
        self._mappings[source.id] = QueueMapping(source, url, self._blueprint, self._work, self._haste)

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Inside the block, a mapping of a queue that a function makes or deletes through Lambda's API runs here.

        moto's own knows moto's functions alone, and hands a message over while it is being sent.
        """
        queues = self

        def create(backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
            return queues.create(backend, spec)

        def delete(backend: LambdaBackend, uuid: str) -> EventSourceMapping | None:
            if uuid not in backend._event_source_mappings:
                raise LambdaClientError("ResourceNotFoundException", "There is no such mapping.")
            queues._mappings[uuid].end()
            return backend._event_source_mappings.pop(uuid)

        with (
            patch.object(LambdaBackend, "create_event_source_mapping", create),
            patch.object(LambdaBackend, "delete_event_source_mapping", delete),
        ):
            yield

    def create(self, backend: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
        """Make a mapping from a queue to a function of the template, as Lambda's API is asked for one."""
        made = backend._event_source_mappings.values()
        if any((m.event_source_arn, m.function_name) == (spec["EventSourceArn"], spec["FunctionName"]) for m in made):
            raise LambdaClientError("ResourceConflictException", "There is a mapping of this queue and function.")
        self._blueprint.functions.find(spec["FunctionName"])
        queue = sqs_backends[ACCOUNT][REGION].queues.get(spec["EventSourceArn"].rpartition(":")[2])
        if queue is None:
            raise LambdaClientError("InvalidParameterValueException", "There is no such queue.")
        where = {"RegionName": REGION, "AccountId": ACCOUNT, "FunctionArn": spec["FunctionName"]}
        mapping = EventSourceMapping({**spec, **where})  # type: ignore[abstract]  # moto makes them so, too
        self._add(source_of(mapping.uuid, spec), f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{queue.name}")
        backend._event_source_mappings[mapping.uuid] = mapping
        return mapping

    def waiting(self) -> list[str]:
        """One line for each mapped queue that is not empty."""
        lengths = {mapping.source: len(messages_in(mapping.source)) for mapping in list(self._mappings.values())}
        return [f"{length} x message in {queue}" for queue, length in lengths.items() if length]

    def stop(self) -> None:
        """End every mapping."""
        for mapping in self._mappings.values():
            mapping.stop()
