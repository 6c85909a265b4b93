"""Stream records in the bucket, as Lambda parked them there; they go to the publisher again, in their order."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from cli import letters
from cli.invoke import Failed, invoke
from cli.letters import WAITS, Held, Json, Left, Letter, Line

WHERE = "aws/lambda/"  # in the bucket


class Parked:
    """The bucket; an object holds the records of one batch."""

    name = "parked"

    def __init__(self, s3: Any, functions: Any, bucket: str) -> None:
        self._s3, self._functions, self._bucket = s3, functions, bucket

    def hidden(self) -> int:
        """A bucket hides nothing."""
        return 0

    def look(self, seconds: int) -> list[Held]:
        """Every object, the oldest record of each stream first."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=WHERE)
        found = [self._held(each) for page in pages for each in page.get("Contents", [])]
        return sorted(found, key=lambda held: held.letters[0].number)

    def _held(self, listed: Json) -> Held:
        """Without the records themselves: there may be many."""
        try:
            found = [replace(letter, payload=None) for letter in _letters(self._read(listed["Key"]))]
        except (AttributeError, KeyError, TypeError, ValueError):
            found = []
        return Held(listed["Key"], found or [letters.unreadable(listed["Key"][-36:], str(listed["LastModified"]))])

    def send(self, held: Held, blocked: set[Line]) -> Left:
        """Has the publisher take what is in no blocked line, and keeps the rest of the object."""
        if not held.letters[0].target:
            return {letter.id: letter.why for letter in held.letters}
        report = self._read(held.handle)
        waiting = _letters(report)
        left = self._taken(waiting, blocked)
        self._keep(held.handle, report, [letter for letter in waiting if letter.id in left])
        return left

    def _taken(self, batch: Sequence[Letter], blocked: set[Line]) -> Left:
        """As Lambda does it: a batch that fails is halved until it is clear which record nobody can take."""
        left = {letter.id: WAITS for letter in batch if letter.line in blocked}
        batch = [letter for letter in batch if letter.id not in left]
        if not batch:
            return left
        try:
            first, why = self._refused(batch)
        except ClientError as away:  # the publisher could not be asked, so halves would say no more
            return left | _blocked(batch, str(away), blocked)
        rest = batch[first:]
        if len(batch) == len(rest) == 1:
            return left | _blocked(rest, why, blocked)
        middle = (len(rest) + 1) // 2
        for half in (rest[:middle], rest[middle:]):
            left |= self._taken(half, blocked)
        return left

    def _refused(self, batch: Sequence[Letter]) -> tuple[int, str]:
        """The first that the publisher did not take and why; their number where it took all."""
        try:
            answered = invoke(self._functions, batch[0].target, {"Records": [letter.payload for letter in batch]})
        except Failed as failed:
            return 0, str(failed)
        numbers = [str(letter.number) for letter in batch]
        failures = [each["itemIdentifier"] for each in answered["batchItemFailures"]]
        first = min((numbers.index(each) if each in numbers else 0 for each in failures), default=len(batch))
        return first, "the bus refused it"

    def discard(self, held: Held, letter: Letter) -> None:
        """Takes one record out of its object."""
        report = self._read(held.handle)
        self._keep(held.handle, report, [each for each in _letters(report) if each.id != letter.id])

    def release(self, held: Iterable[Held]) -> None:
        """Nothing was hidden."""

    def _read(self, key: str) -> Json:
        report: Json = json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        return report

    def _keep(self, key: str, report: Json, kept: Sequence[Letter]) -> None:
        """The object holds what is kept and no longer what was sent; one that holds nothing goes."""
        if not kept:
            self._s3.delete_object(Bucket=self._bucket, Key=key)
        elif len(kept) < len(_letters(report)):
            payload = json.dumps({"Records": [letter.payload for letter in kept]})
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=json.dumps({**report, "payload": payload}).encode())


def _blocked(batch: Sequence[Letter], why: str, blocked: set[Line]) -> Left:
    blocked.update(letter.line for letter in batch)
    return {letter.id: why for letter in batch}


def _letters(report: Json) -> list[Letter]:
    payload = report["payload"]
    batch = json.loads(payload) if isinstance(payload, str) else payload
    return [letters.of_record(report, record) for record in batch["Records"]]
