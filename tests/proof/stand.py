"""A world in which nothing happens by itself, which is back where it was after each request that is tried on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import time_machine
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.s3.models import s3_backends

from local import mend, pretend
from tests.http.world import RECORD, World
from tests.proof.posts import Post, Sent

Json = dict[str, Any]


def text(record: Json) -> str:
    """A stream record as it is sent."""
    return json.dumps(record, default=str)


class Stand:
    """Holds the world still: streams reach nobody, rows live until they are deleted, every change is undone."""

    def __init__(self, world: World) -> None:
        self.world, self.hub, self.ids = world, world.hub, dict(world.ids)
        self.records: list[tuple[Table, Json]] = []
        self.s3 = self.hub.client("s3")
        names = [each["Name"] for each in self.s3.list_buckets()["Buckets"]]
        (self.bucket,) = (name for name in names if self.s3.list_objects_v2(Bucket=name)["KeyCount"])
        self.tags = self._tags()
        self.objects = {key: self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() for key in self.tags}

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nothing follows from what is written inside the block."""
        self.hub.settle()
        self.hub.clock.stop()
        heard = list(mend.listeners)
        mend.listeners[:] = [self._heard]
        try:
            yield
        finally:
            mend.listeners[:] = heard

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """The time stands still at that moment; everybody has signed in anew."""
        with time_machine.travel(moment, tick=False):
            self.world.sign_in()
            yield
        self.world.sign_in()

    def _heard(self, table: Table, record: Json) -> None:
        self.records.append((table, record["dynamodb"]))

    @contextmanager
    def ready(self, post: Post) -> Iterator[Sent]:
        """A request, and what it needs; afterwards all that came of it is undone."""
        try:
            yield post.ready(self.world)
        finally:
            self.undo()

    def written(self) -> list[Json]:
        """The stream records since the last request was made ready, but of who of the staff looked at what."""
        return [record for _, record in self.records if RECORD not in text(record)]

    def state(self) -> tuple[int, Json]:
        """What changes where anything is written that is not of who of the staff looked at what."""
        return len(self.written()), self._tags()

    def undo(self) -> None:
        """Takes every change back, the last first."""
        with mend.LOCK:
            backend = dynamodb_backends[pretend.ACCOUNT][pretend.REGION]
            for table, record in reversed(self.records):
                if "OldImage" in record:
                    backend.put_item(table.name, record["OldImage"])
                else:
                    backend.delete_item(table.name, record["Keys"])
        self.records.clear()
        self.world.ids = dict(self.ids)
        self._restore_objects()

    def _restore_objects(self) -> None:
        for key in self._tags().items() - self.tags.items():
            if key[0] in self.objects:
                self.s3.put_object(Bucket=self.bucket, Key=key[0], Body=self.objects[key[0]])
            else:
                self.s3.delete_object(Bucket=self.bucket, Key=key[0])

    def _tags(self) -> dict[str, str]:
        """What lies in the catalog bucket: the tag of each object, which follows from its content."""
        held = s3_backends[pretend.ACCOUNT]["aws"].buckets[self.bucket].keys
        return {name: key.etag for name, key in held.items()}
