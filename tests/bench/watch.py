"""Every AWS call that a block of code makes, with the units it costs by the items in moto before and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from moto.dynamodb.models import dynamodb_backends

from local.pretend import ACCOUNT, REGION
from tests.bench import units
from tests.bench.units import Index, Item

WRITES = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass(frozen=True)
class Call:
    """One call as botocore was asked for it, and what it cost."""

    service: str
    operation: str
    params: dict[str, Any]
    read: float = 0
    written: float = 0

    @property
    def name(self) -> str:
        """`UpdateItem`; of another service than DynamoDB `sns.Publish`."""
        return self.operation if self.service == "dynamodb" else f"{self.service}.{self.operation}"


@dataclass
class Seen:
    """What was called inside the block."""

    calls: list[Call] = field(default_factory=list)

    @property
    def read(self) -> float:
        return sum(call.read for call in self.calls)

    @property
    def written(self) -> float:
        return sum(call.written for call in self.calls)


@contextmanager
def watching() -> Iterator[Seen]:
    """Every call of every client inside the block, in order, those that fail too."""
    seen, original = Seen(), BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: Any, operation: str, params: dict[str, Any]) -> Any:
        service, asked = client.meta.service_model.service_name, deepcopy(params)
        concerned = _written_rows(operation, asked) if service == "dynamodb" else []
        before = [_item(table, key) for table, key in concerned]
        answer: Any = {}
        try:
            answer = original(client, operation, params)
            return answer
        finally:
            after = [_item(table, key) for table, key in concerned]
            seen.calls.append(
                Call(
                    service,
                    operation,
                    asked,
                    read=_units_read(operation, asked, answer) if service == "dynamodb" else 0,
                    written=sum(
                        units.written(old, new, _indexes(table), transacted=operation == "TransactWriteItems")
                        for (table, _), old, new in zip(concerned, before, after, strict=True)
                    ),
                )
            )

    with patch.object(BaseClient, "_make_api_call", call):
        yield seen


def _written_rows(operation: str, params: dict[str, Any]) -> list[tuple[str, Item]]:
    if operation == "TransactWriteItems":
        return [_row(verb, write) for entry in params["TransactItems"] for verb, write in entry.items()]
    if operation in WRITES:
        return [_row(WRITES[operation], params)]
    if operation in ("BatchWriteItem", "ExecuteStatement", "ExecuteTransaction", "BatchExecuteStatement"):
        raise NotImplementedError(f"tests/bench/watch.py cannot count {operation} yet")
    return []


def _row(verb: str, write: dict[str, Any]) -> tuple[str, Item]:
    return write["TableName"], write["Item" if verb == "Put" else "Key"]


def _units_read(operation: str, params: dict[str, Any], answer: Any) -> float:
    if operation == "GetItem":
        return units.read([answer.get("Item")], consistent=params.get("ConsistentRead", False))
    if operation == "Query":
        return units.queried(answer.get("Items", []), consistent=params.get("ConsistentRead", False))
    if operation == "BatchGetItem":
        return sum(
            units.read([_item(table, key) for key in asked["Keys"]], consistent=asked.get("ConsistentRead", False))
            for table, asked in params["RequestItems"].items()
        )
    if operation == "TransactGetItems":
        gets = [asked["Get"] for asked in params["TransactItems"]]
        return units.TRANSACTED * units.read([_item(get["TableName"], get["Key"]) for get in gets], consistent=True)
    if operation == "Scan":
        raise NotImplementedError(f"tests/bench/watch.py cannot count {operation} yet")
    return 0


def _item(table: str, row: Item) -> Item | None:
    """The row as moto holds it now."""
    backend = dynamodb_backends[ACCOUNT][REGION]
    key = {name: row[name] for name in backend.get_table(table).table_key_attrs if name in row}
    found = backend.get_item(table, key)
    return found.to_json()["Attributes"] if found else None


def _indexes(table: str) -> list[Index]:
    held = dynamodb_backends[ACCOUNT][REGION].get_table(table)
    return [_index(index, held.table_key_attrs) for index in held.global_indexes]


def _index(index: Any, table_keys: list[str]) -> Index:
    keys = frozenset(each["AttributeName"] for each in index.schema)
    kind = index.projection.get("ProjectionType", "ALL")
    if kind == "ALL":
        return Index(keys, None)
    return Index(keys, keys | {*table_keys} | {*index.projection.get("NonKeyAttributes", [])})
