"""DynamoDB streams to functions: one thread for each mapping, batches in order, failures as Lambda treats them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from moto.dynamodb.models.table import Table
from moto.events.models import EventPattern

from local.blueprint import EventSource
from local.deliver import Delivery, stamp
from local.functions import FunctionError, Outcome, name_in
from local.pretend import REGION
from local.work import Work

PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before the first retry, and before any
SHARD = "shardId-00000001541626099285-f35f62ef"

Record = dict[str, Any]


class StreamMapping:
    """One event source mapping on the stream of a table."""

    def __init__(self, source: EventSource, delivery: Delivery, work: Work) -> None:
        self._source, self._delivery, self._work = source, delivery, work
        self._functions = delivery.blueprint.functions
        self._what = f"stream record for {name_in(source.function)}"
        self._patterns = [EventPattern(pattern, json.loads(pattern)) for pattern in source.filters]
        self._waiting: SimpleQueue[Record | None] = SimpleQueue()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"stream-{name_in(source.function)}", daemon=True)
        self._thread.start()

    def offer(self, record: Record) -> None:
        """Take a record of the table; called in the order of the stream."""
        self._work.begin(self._what)
        self._waiting.put(record)

    def stop(self) -> None:
        """End the thread after the batch it is at."""
        self._stopping.set()
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            batch = self._next_batch()
            try:
                wanted = [seen for record in batch if self._wants(seen := self._as_lambda_sees(record))]
                if wanted:
                    self._deliver(wanted)
            finally:
                self._work.end(self._what, len(batch))

    def _next_batch(self) -> list[Record]:
        first = self._waiting.get()
        batch = [first] if first is not None else []
        while batch and len(batch) < self._source.batch_size:
            try:
                record = self._waiting.get_nowait()
            except Empty:
                break
            if record is None:
                self._waiting.put(None)
                break
            batch.append(record)
        return batch

    def _as_lambda_sees(self, record: Record) -> Record:
        change = dict(record["dynamodb"])
        change["ApproximateCreationDateTime"] = change["ApproximateCreationDateTime"].timestamp()
        return {**record, "dynamodb": change, "awsRegion": REGION, "eventSourceARN": self._source.source}

    def _wants(self, record: Record) -> bool:
        return not self._patterns or any(pattern.matches_event(record) for pattern in self._patterns)  # type: ignore[arg-type]

    def _deliver(self, records: list[Record]) -> None:
        """Invoke until all is taken or given up; a batch in two halves spends no retry."""
        tries = 0
        while records and not self._stopping.is_set():
            tries += 1
            outcome = self._functions.invoke(self._source.function, json.loads(json.dumps({"Records": records})))
            failed = self._first_failed(outcome, records)
            if failed is None:
                return
            if failed > 0:
                records, tries = records[failed:], 1
            if self._source.bisects and len(records) > 1:
                middle = len(records) // 2
                self._deliver(records[:middle])
                self._deliver(records[middle:])
                return
            if 0 <= self._source.retries < tries:
                self._give_up(records, outcome, tries)
                return
            self._stopping.wait(min(PAUSE * 2 ** min(tries - 1, 10), LONGEST_PAUSE) * self._delivery.haste)

    def _first_failed(self, outcome: Outcome, records: list[Record]) -> int | None:
        if outcome.error is not None:
            return 0
        if not self._source.reports_failures:
            return None
        return first_failed(outcome.value(), [record["dynamodb"]["SequenceNumber"] for record in records])

    def _give_up(self, records: list[Record], outcome: Outcome, tries: int) -> None:
        place = self._source.on_failure
        if place is None:
            said = f"{len(records)} stream records are lost, as they would be on AWS: the mapping has no destination."
            error = FunctionError(name_in(self._source.function), "RecordsLost", said, "", {"Records": records})
            self._functions.errors.append(error)
            return
        report = self._report(records, outcome, tries)
        if ":s3:" in place:
            moment = datetime.now(UTC)
            folder = f"aws/lambda/{self._source.id}/{moment:%Y/%m/%d}"
            report["payload"] = json.dumps({"Records": records})
            self._delivery.store(place, f"{folder}/{moment:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}", json.dumps(report))
        else:  # a queue or topic is told where the records were, not what they said
            self._delivery.hand_over(place, json.dumps(report))

    def _report(self, records: list[Record], outcome: Outcome, tries: int) -> dict[str, Any]:
        first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
        response: dict[str, Any] = {"statusCode": 200, "executedVersion": "$LATEST"}
        if outcome.error is not None:
            response["functionError"] = "Unhandled"
        return {
            "requestContext": {
                "requestId": outcome.request_id,
                "functionArn": self._source.function,
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": tries,
            },
            "responseContext": response,
            "version": "1.0",
            "timestamp": stamp(),
            "DDBStreamBatchInfo": {
                "shardId": SHARD,
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": _iso(first),
                "approximateArrivalOfLastRecord": _iso(last),
                "batchSize": len(records),
                "streamArn": self._source.source,
            },
        }


def _iso(change: Record) -> str:
    return datetime.fromtimestamp(change["ApproximateCreationDateTime"], UTC).isoformat(timespec="milliseconds")


def first_failed(answer: Any, identifiers: list[str]) -> int | None:
    """Where a `batchItemFailures` answer says that the batch failed first; what Lambda cannot read fails all of it."""
    if not answer or not isinstance(answer, dict) or not answer.get("batchItemFailures"):
        return None
    try:
        return min(identifiers.index(failure["itemIdentifier"]) for failure in answer["batchItemFailures"])
    except (KeyError, TypeError, ValueError):
        return 0


class Streams:
    """Every mapping on a stream; `listen` is told of every record of every table."""

    def __init__(self, delivery: Delivery, work: Work) -> None:
        blueprint = delivery.blueprint
        self._mappings: dict[str, list[StreamMapping]] = {}
        for source in blueprint.event_sources:
            if source.source in blueprint.streams:
                table = blueprint.streams[source.source]
                self._mappings.setdefault(table, []).append(StreamMapping(source, delivery, work))

    def listen(self, table: Table, record: Record) -> None:
        """Pass a record on to the mappings of its table."""
        for mapping in self._mappings.get(table.name, ()):
            mapping.offer(record)

    def stop(self) -> None:
        """End every mapping."""
        for mappings in self._mappings.values():
            for mapping in mappings:
                mapping.stop()
