"""The engines that hold the hub's rows: moto in this process, or ministack's DynamoDB behind HTTP on loopback.

This is the only place that knows which one it is. Whoever plays on it asks for the rows, takes them back to where they
were, and reads what changed, in the order of the writes. Everything else of AWS is moto's either way.

What changed in ministack is read from its streams: a read of one table is 2 ms, sequence numbers count over all
tables, and a record is there before its write is answered. (AWS promises neither of the last two; the hub needs
neither.) It differs from AWS in what a proof could lean on: it does one request after the other, so that no transaction
ever meets another, and `TransactionConflict` comes from the explorer alone; an index shows a write at once; it believes
a signature of any date, so that time may stand still here; and it takes a transaction that comes again with its token
for another one where a number has zeros at its end (it holds `29.90` against the `29.9` that it has stored since): the
engine sends such numbers as they are stored.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, Protocol

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from functions.shared import aws
from functions.shared.rows import Row, unpacked
from local import mend
from local.pretend import ACCOUNT, REGION
from tests.deploy.emulator import OWNER, Emulator, emulator

Json = dict[str, Any]
Kept = dict[str, Any]  # table -> its items, as the engine has them
BATCH = 25  # writes that one BatchWriteItem takes


class Engine(Protocol):
    """Where the rows are."""

    environment: Mapping[str, str]  # by which boto3 finds it

    def begin(self) -> None:
        """From here on changes are recorded; the tables are made."""

    def end(self) -> None:
        """No longer."""

    def records(self) -> list[Json]:
        """The changes so far, as streams have them; always the same list, whoever clears it has it begin anew."""

    def rows(self) -> list[Row]:
        """Every row of every table."""

    def keep(self) -> Kept:
        """All rows as they stand, to be restored as often as one likes."""

    def restore(self, kept: Kept) -> None:
        """Back to what was kept; what it wrote for that may stand in the records."""

    def expire(self, now: float) -> None:
        """Takes away the rows whose time to live is over, as AWS does sooner or later."""


class Moto:
    """Tables of this process: copied and put back without a call."""

    environment: Mapping[str, str] = {}

    def __init__(self) -> None:
        self._records: list[Json] = []

    def begin(self) -> None:
        mend.listeners.append(self._heard)

    def end(self) -> None:
        mend.listeners.remove(self._heard)

    def records(self) -> list[Json]:
        return self._records

    def rows(self) -> list[Row]:
        found = (item for table in self._tables.values() for item in table.all_items())
        return [unpacked(item.to_json()["Attributes"]) for item in found]

    def keep(self) -> Kept:
        return {name: copy.deepcopy(table.items) for name, table in self._tables.items()}

    def restore(self, kept: Kept) -> None:
        vars(dynamodb_backends[ACCOUNT][REGION]).pop("_tokens", None)
        for name, table in self._tables.items():
            table.items = copy.deepcopy(kept[name])
            if table.stream_shard:
                table.stream_shard.items.clear()

    def expire(self, now: float) -> None:
        for table in self._tables.values():
            for item in table.all_items():
                if "ttl" in item.attrs and float(item.attrs["ttl"].value) < now:
                    table.delete_item(item.hash_key, item.range_key)

    @property
    def _tables(self) -> dict[str, Table]:
        return dynamodb_backends[ACCOUNT][REGION].tables

    def _heard(self, _: Table, record: Json) -> None:
        self._records.append(record)


class Ministack:
    """Tables of another process: every look at them and every way back is HTTP."""

    def __init__(self, running: Emulator) -> None:
        self.environment: Mapping[str, str] = {
            **OWNER,
            "AWS_ENDPOINT_URL_DYNAMODB": running.url,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_CA_BUNDLE": str(running.certificate),
        }
        self._dynamodb, self._streams = running.client("dynamodb"), running.client("dynamodbstreams")
        self._records: list[Json] = []
        self._next: dict[str, str] = {}  # table -> where its stream is read on

    def begin(self) -> None:
        self._next = {name: self._newest(name) for name in self._dynamodb.list_tables()["TableNames"]}
        hub: Any = aws.dynamodb()  # botocore's stubs know no listener that answers
        hub.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", _as_stored)

    def end(self) -> None:
        self._next.clear()

    def records(self) -> list[Json]:
        read = [record for name in self._next for record in self._read(name)]
        self._records += sorted(read, key=lambda record: str(record["dynamodb"]["SequenceNumber"]))
        return self._records

    def rows(self) -> list[Row]:
        return [unpacked(item) for items in self.keep().values() for item in items.values()]

    def keep(self) -> Kept:
        return {name: self._items(name) for name in self._next}

    def restore(self, kept: Kept) -> None:
        for name, items in kept.items():
            now = self._items(name)
            gone = [{"DeleteRequest": {"Key": _key(item)}} for at, item in now.items() if at not in items]
            self._write(name, [{"PutRequest": {"Item": it}} for at, it in items.items() if now.get(at) != it] + gone)

    def expire(self, now: float) -> None:
        # In a thread that is no actor's: that rows are cleaned away is nobody's turn.
        with ThreadPoolExecutor(1) as beside:
            beside.submit(self._expire, now).result()

    def _expire(self, now: float) -> None:
        for name, items in self.keep().items():
            over = [item for item in items.values() if float(item.get("ttl", {"N": "inf"})["N"]) < now]
            self._write(name, [{"DeleteRequest": {"Key": _key(item)}} for item in over])

    def _newest(self, name: str) -> str:
        stream = self._dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        (shard,) = self._streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
        asked = {"StreamArn": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
        return str(self._streams.get_shard_iterator(**asked)["ShardIterator"])

    def _read(self, name: str) -> Iterator[Json]:
        while True:
            answer = self._streams.get_records(ShardIterator=self._next[name])
            self._next[name] = answer["NextShardIterator"]
            if not answer["Records"]:
                return
            yield from answer["Records"]

    def _items(self, name: str) -> dict[str, Json]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
        return {str(_key(item)): item for page in pages for item in page["Items"]}

    def _write(self, name: str, asked: list[Json]) -> None:
        for at in range(0, len(asked), BATCH):
            left = self._dynamodb.batch_write_item(RequestItems={name: asked[at : at + BATCH]})["UnprocessedItems"]
            assert not left, f"{name} was not restored"


def _as_stored(params: Json, **_: Any) -> Json:
    stored: Json = _canonical(params)
    return stored


def _canonical(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"N"} and isinstance(value["N"], str):
        return {"N": f"{Decimal(value['N']).normalize():f}"}
    return {name: _canonical(each) for name, each in value.items()}


def _key(item: Json) -> Json:
    return {name: item[name] for name in ("pk", "sk")}


@contextmanager
def _moto() -> Iterator[Engine]:
    yield Moto()


@contextmanager
def _ministack() -> Iterator[Engine]:
    with emulator() as running:
        yield Ministack(running)


ENGINES: dict[str, Callable[[], AbstractContextManager[Engine]]] = {"moto": _moto, "ministack": _ministack}
_current: ContextVar[Engine] = ContextVar("engine")


@contextmanager
def begun(engine: Engine) -> Iterator[None]:
    """Inside the block its changes are recorded, and `current` is it."""
    engine.begin()
    token = _current.set(engine)
    try:
        yield
    finally:
        _current.reset(token)
        engine.end()


def current() -> Engine:
    """The engine on which somebody plays here."""
    return _current.get()
