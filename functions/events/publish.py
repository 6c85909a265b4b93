"""Stream to bus: every stored row that is an event goes out once it is stored, and again until the bus has it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from functions.events import happened
from functions.shared import aws
from functions.shared.rows import unpacked
from functions.shared.settings import settings

ENTRIES, BYTES = 10, 240_000  # what one call of the bus takes; names and addresses find room in what is left of 256 KB

Entry = tuple[str, dict[str, Any], int]  # sequence number of its record, the entry, the bytes of its detail

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
    new = unpacked(images["NewImage"]) if "NewImage" in images else None
    event = happened.event(_before(images["OldImage"], new) if "OldImage" in images else None, new)
    if event is None:
        return None
    detail = _json(event)
    size = len(detail.encode())
    if size > happened.LARGEST:
        detail = _json(happened.shortened(event))
        size = len(detail.encode())
    entry = {
        "Source": f"omnihub.{event['domain']}",
        "DetailType": event["eventType"],
        "Detail": detail,
        "EventBusName": settings.bus_name,
    }
    return images["SequenceNumber"], entry, size


def _before(image: Mapping[str, Any], new: Mapping[str, Any] | None) -> dict[str, Any]:
    """The image before: of a row that goes on only its state matters, and reading all of it would double the work."""
    if new is None:
        return unpacked(image)
    body = image.get("body", {}).get("M", {})
    state = body.get("state") or body.get("status")
    return {"body": {"state": state["S"] if state else None}}


def _batches(entries: list[Entry]) -> list[list[Entry]]:
    batches: list[list[Entry]] = []
    size = BYTES  # as if one were full: none is open yet
    for entry in entries:
        if size + entry[2] > BYTES or len(batches[-1]) == ENTRIES:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += entry[2]
    return batches


def _number(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_number).encode
