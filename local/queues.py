"""SQS queues to functions: a thread for each mapping looks for messages, and deletes what the function took."""

from __future__ import annotations

import json
from threading import Event, Thread
from typing import Any

import boto3
from moto.sqs.models import sqs_backends

from local.blueprint import Blueprint, EventSource
from local.functions import name_in
from local.pretend import ACCOUNT, REGION
from local.streams import first_failed
from local.work import Work

POLL = 0.05  # seconds between two looks at a queue


def messages_in(queue: str) -> list[Any]:
    """Every message of a queue (by ARN), seen without taking any: visible, delayed and in flight."""
    return list(sqs_backends[ACCOUNT][REGION].queues[queue.rpartition(":")[2]]._messages)


class QueueMapping:
    """One event source mapping on a queue."""

    def __init__(self, source: EventSource, blueprint: Blueprint, work: Work, haste: float) -> None:
        self._source, self._work, self._haste = source, work, haste
        self._functions = blueprint.functions
        self._url = blueprint.queues[source.source]
        self._sqs = boto3.client("sqs")
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"queue-{name_in(source.function)}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the batch it is at."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(POLL):
            while not self._stopping.is_set() and any(seen.visible for seen in messages_in(self._source.source)):
                self._take()

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
            outcome = self._functions.invoke(self._source.function, {"Records": [self._record(m) for m in messages]})
            failed = {message["MessageId"] for message in messages} if outcome.error else set()
            if outcome.error is None and self._source.reports_failures:
                failed = self._failed(outcome.value(), [message["MessageId"] for message in messages])
            for message in messages:
                self._settle(message, failed=message["MessageId"] in failed)

    def _failed(self, answer: Any, identifiers: list[str]) -> set[str]:
        if first_failed(answer, identifiers) is None:
            return set()
        named = {failure.get("itemIdentifier") for failure in answer["batchItemFailures"]}
        return named if named <= set(identifiers) else set(identifiers)

    def _settle(self, message: Any, *, failed: bool) -> None:
        handle = message["ReceiptHandle"]
        if failed:  # it comes back after the queue's visibility timeout, in the hub's haste
            pause = int(30 * self._haste)
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=handle, VisibilityTimeout=pause)
        else:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)

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
        self._sources = [source for source in blueprint.event_sources if source.source in blueprint.queues]
        self._mappings = [QueueMapping(source, blueprint, work, haste) for source in self._sources]

    def waiting(self) -> list[str]:
        """One line for each mapped queue that is not empty."""
        lengths = {source.source: len(messages_in(source.source)) for source in self._sources}
        return [f"{length} x message in {queue}" for queue, length in lengths.items() if length]

    def stop(self) -> None:
        """End every mapping."""
        for mapping in self._mappings:
            mapping.stop()
