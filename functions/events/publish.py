"""Stream to bus: every stored row that is an event goes out once it is stored, and again until the bus has it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from functions.events import happened
from functions.shared import aws
from functions.shared.rows import unpacked
from functions.shared.settings import settings

ENTRIES, BYTES = 10, 240_000  # what one call of the bus takes

Entry = tuple[str, dict[str, Any], int]  # sequence number of its record, the entry, its bytes

aws.events()


def handler(stream: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Publishes a batch of stream records; from the first that the bus refused on, they come back."""
    entries = [entry for record in stream["Records"] if (entry := _entry(record))]
    for batch in _batches(entries):
        answer = aws.events().put_events(Entries=[entry for _, entry, _ in batch])  # type: ignore[misc]
        if answer["FailedEntryCount"]:
            first = next(i for i, each in enumerate(answer["Entries"]) if "ErrorCode" in each)
            # Order is kept per resource: everything from the refused one on is sent again, and repeats do no harm.
            return {"batchItemFailures": [{"itemIdentifier": batch[first][0]}]}
    return {"batchItemFailures": []}


def _entry(record: Mapping[str, Any]) -> Entry | None:
    images = record["dynamodb"]
    old, new = (unpacked(images[side]) if side in images else None for side in ("OldImage", "NewImage"))
    event = happened.event(old, new)
    if event is None:
        return None
    detail = _json(event)
    if len(detail.encode()) > happened.LARGEST:
        detail = _json(happened.shortened(event))
    entry = {
        "Source": f"omnihub.{event['domain']}",
        "DetailType": event["eventType"],
        "Detail": detail,
        "EventBusName": settings.bus_name,
    }
    return images["SequenceNumber"], entry, len(detail.encode()) + 200


def _batches(entries: list[Entry]) -> list[list[Entry]]:
    batches: list[list[Entry]] = []
    size = 0
    for entry in entries:
        if not batches or len(batches[-1]) == ENTRIES or size + entry[2] > BYTES:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += entry[2]
    return batches


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)
