"""The moto mends: where moto 5.2.5 differs from AWS in what the hub relies on, each with its defect.

`install()` puts all of them in, `uninstall()` takes them out again. `tests/local/test_mend.py` shows every defect on
plain moto and its absence here, so that a newer moto which cures one is noticed and the mend removed.
"""

from __future__ import annotations

import base64
import copy
import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from threading import RLock
from typing import Any

from moto.core import responses as core_responses
from moto.core.utils import method_names_from_class
from moto.dynamodb import responses as dynamodb_responses
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    AttributeDoesNotExist,
    DynamodbException,
    IncorrectDataType,
    IncorrectOperandType,
    InvalidUpdateExpressionInvalidDocumentPath,
    ItemSizeTooLarge,
    ItemSizeToUpdateTooLarge,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler, DynamoResult
from moto.events.models import EventPattern
from moto.s3.responses import S3Response
from moto.sqs.models import SQSBackend
from werkzeug.routing import Rule

MOTO = "5.2.5"
TOKEN_LIFE = 600  # seconds for which DynamoDB remembers a ClientRequestToken
LARGEST_ITEM = 405_000  # bytes; moto's own limit
STREAM_KEPT = 10_000  # records of one table that stay readable through the streams API

LOCK = RLock()  # round the DynamoDB backend; whoever touches tables beside the API takes it too
_S3_LOCK, _SQS_LOCK = RLock(), RLock()

Listener = Callable[[Table, dict[str, Any]], None]
listeners: list[Listener] = []  # told of every stream record, in order, inside the lock

Change = tuple[StreamShard, Item | None, Item | None]
_gathered: list[Change] | None = None  # the records of the write under way (inside the lock)
_user: dict[str, str] | None = None  # on whose behalf records are written, where it is not a caller (inside the lock)

# What AWS reports as a reason of the cancelled transaction, because it depends on the stored row.
_ITEM_ERRORS = (
    AttributeDoesNotExist,
    IncorrectDataType,
    IncorrectOperandType,
    InvalidUpdateExpressionInvalidDocumentPath,
    ItemSizeTooLarge,
    ItemSizeToUpdateTooLarge,
)


class WrongMoto(RuntimeError):
    """The mends were written for another moto."""


class IdempotentParameterMismatch(DynamodbException):
    """A ClientRequestToken came back with another transaction."""

    def __init__(self) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        )


# --- one lock -------------------------------------------------------------------------------------------------------
# Defect: nothing in moto is atomic. Two threads pass the same condition and both write: of 100 pieces in stock, 144
# were sold. The same holds for S3's If-Match and If-None-Match; and a queue with a redrive policy cannot be made while
# another one is ("dictionary changed size during iteration").


def _call_dynamodb(self: DynamoHandler) -> Any:
    with LOCK:
        return _originals[DynamoHandler, "call_action"](self)


def _call_bucket(self: S3Response, *request: Any) -> Any:
    with _S3_LOCK:
        return _originals[S3Response, "bucket_response"](self, *request)


def _call_key(self: S3Response, *request: Any) -> Any:
    with _S3_LOCK:
        return _originals[S3Response, "key_response"](self, *request)


def _create_queue(self: SQSBackend, *given: Any, **named: Any) -> Any:
    with _SQS_LOCK:
        return _originals[SQSBackend, "create_queue"](self, *given, **named)


def _delete_queue(self: SQSBackend, *given: Any, **named: Any) -> Any:
    with _SQS_LOCK:
        return _originals[SQSBackend, "delete_queue"](self, *given, **named)


# --- the stream ------------------------------------------------------------------------------------------------------
# Defects: a write that changes nothing makes a record; an UpdateItem that creates a row makes two INSERTs, the first
# with the keys alone; records of a transaction that fails in its middle are seen; one that fails swaps the tables, so
# that stream iterators taken before it never see another row.


@contextmanager
def _as_one_write() -> Iterator[None]:
    """Hold stream records back until the write has succeeded, and make one of all that concern one row."""
    global _gathered
    if _gathered is not None:  # an UpdateItem within a transaction
        yield
        return
    _gathered = []
    try:
        yield
        changes = _merged(_gathered)
    finally:
        _gathered = None
    for shard, old, new in changes:
        _record(shard, old, new)


@contextmanager
def recorded_as(user: dict[str, str]) -> Iterator[None]:
    """Inside the block (and `LOCK`), stream records carry this `userIdentity`, as those of expired rows do."""
    global _user
    _user = user
    try:
        yield
    finally:
        _user = None


def _merged(changes: list[Change]) -> list[Change]:
    rows: dict[Any, Change] = {}
    for shard, old, new in changes:
        row = old or new
        key = (id(shard), row.hash_key, row.range_key) if row else id(shard)
        first = rows.get(key)
        rows[key] = (shard, first[1] if first else old, new)
    return list(rows.values())


def _add_to_stream(self: StreamShard, old: Item | None, new: Item | None) -> None:
    if _gathered is not None:
        _gathered.append((self, old, new))
    else:
        _record(self, old, new)


def _record(shard: StreamShard, old: Item | None, new: Item | None) -> None:
    if old is None and new is None:
        return
    if old is not None and new is not None and old.attrs == new.attrs:
        return
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    number = len(shard.items) + shard.starting_sequence_number
    view = (shard.table.stream_specification or {})["StreamViewType"]
    made = StreamRecord(shard.table, view, name, old, new, number)
    for part in ("Keys", "NewImage", "OldImage"):
        if part in made.record["dynamodb"]:
            made.record["dynamodb"][part] = json.loads(dynamo_json_dump(made.record["dynamodb"][part]))
    if _user is not None:
        made.record["userIdentity"] = _user
    shard.items.append(made)
    if len(shard.items) > 2 * STREAM_KEPT:
        shard.starting_sequence_number += STREAM_KEPT
        del shard.items[:STREAM_KEPT]
    for listener in listeners:
        listener(shard.table, made.record)


def _update_item(self: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **named: Any) -> Any:
    """Defect: an UpdateItem that fails half-way (the item grows too large) leaves its first half behind."""
    table = self.get_table(table_name)
    before = copy.deepcopy(self.get_item(table_name, _key_of(table, key)))
    with _as_one_write():
        try:
            return _originals[DynamoDBBackend, "update_item"](self, table_name, key, *rest, **named)
        except Exception:
            _put_back(self, table, key, before)
            raise


def _key_of(table: Table, attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: attributes[name] for name in table.table_key_attrs if name in attributes}


def _put_back(backend: DynamoDBBackend, table: Table, key: dict[str, Any], before: Item | None) -> None:
    hash_key, range_key = backend.get_keys_value(table, key)
    rows: Any = table.items[hash_key] if range_key is not None else table.items
    at = range_key if range_key is not None else hash_key
    if before is None:
        rows.pop(at, None)
    else:
        rows[at] = before


# --- transactions ----------------------------------------------------------------------------------------------------
# Defects: TransactWriteItems copies every table it names (102 ms at 800 rows), writes before all conditions are
# checked, and puts the copies back when one fails; it ignores ClientRequestToken; a row-dependent fault is a
# ValidationException instead of a cancellation reason.

Step = tuple[str, dict[str, Any], Table, dict[str, Any], Item | None]
Reason = tuple[str | None, str | None, Any]
_FINE: Reason = (None, None, None)


def _transact(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    steps = _steps(self, transact_items)
    reasons = [_refusal(operation, current) for _, operation, _, _, current in steps]
    if any(code for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    with _as_one_write():
        for done, step in enumerate(steps):
            try:
                _apply(self, step)
            except Exception as fault:
                for _, _, table, key, before in steps[: done + 1]:
                    _put_back(self, table, key, before)
                if not isinstance(fault, _ITEM_ERRORS):
                    raise
                reasons[done] = ("ValidationError", str(fault.message), None)
                raise TransactionCanceledException(reasons) from fault


def _steps(backend: DynamoDBBackend, items: list[dict[str, Any]]) -> list[Step]:
    if len(items) > 100:
        raise TooManyTransactionsException()
    steps: list[Step] = []
    seen: set[tuple[str, str]] = set()
    for item in items:
        if len(item) != 1:
            raise TransactWriteSingleOpException()
        ((kind, operation),) = item.items()
        table = backend.get_table(operation["TableName"])
        key = _key_of(table, operation["Item"]) if kind == "Put" else operation["Key"]
        row = (table.name, json.dumps(key, sort_keys=True, default=str))
        if row in seen:
            raise MultipleTransactionsException()
        seen.add(row)
        steps.append((kind, operation, table, key, copy.deepcopy(backend.get_item(table.name, key))))
    return steps


def _refusal(operation: dict[str, Any], current: Item | None) -> Reason:
    condition = operation.get("ConditionExpression")
    names, values = operation.get("ExpressionAttributeNames"), operation.get("ExpressionAttributeValues")
    if condition is None or get_filter_expression(condition, names, values).expr(current):
        return _FINE
    wanted = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and current is not None
    old = current.to_json()["Attributes"] if wanted and current is not None else None
    return ("ConditionalCheckFailed", "The conditional request failed", old)


def _apply(backend: DynamoDBBackend, step: Step) -> None:
    kind, operation, table, key, _ = step
    names, values = operation.get("ExpressionAttributeNames"), operation.get("ExpressionAttributeValues")
    if kind == "Put":
        backend.put_item(table.name, operation["Item"])
    elif kind == "Delete":
        backend.delete_item(table.name, key)
    elif kind == "Update":
        backend.update_item(table.name, key, operation["UpdateExpression"], names or {}, values or {})


def _transact_once(self: DynamoHandler) -> Any:
    token, now = self.body.get("ClientRequestToken"), time.time()
    asked = json.dumps(self.body["TransactItems"], sort_keys=True, default=str)
    # Kept on the backend, because what is remembered must go when moto is reset.
    tokens: OrderedDict[str, tuple[float, str, Any]] = vars(self.dynamodb_backend).setdefault("_tokens", OrderedDict())
    while tokens and next(iter(tokens.values()))[0] < now - TOKEN_LIFE:
        tokens.popitem(last=False)
    if token in tokens:
        _, before, answer = tokens[token]
        if before != asked:
            raise IdempotentParameterMismatch()
        return answer
    answer = _originals[DynamoHandler, "transact_write_items"](self)
    if token:
        tokens[token] = (now, asked, answer)
    return answer


# --- reading ---------------------------------------------------------------------------------------------------------
# Defect: every Query sorts and compares all rows of the table, with a comparison that parses each value again.


def _query(self: Table, hash_key: DynamoType | None, *rest: Any, **named: Any) -> Any:
    """Hand moto's own query a table that holds the wanted partition alone."""
    index_name = rest[6] if len(rest) > 6 else named.get("index_name")
    view = copy.copy(self)
    if index_name is None and hash_key is not None:
        view.items = defaultdict(dict, {hash_key: self.items[hash_key]} if hash_key in self.items else {})
    elif index_name is not None and named.get("hash_key_conditions"):
        view.items = _partition(self, named["hash_key_conditions"])
    return _originals[Table, "query"](view, hash_key, *rest, **named)


def _partition(table: Table, wanted: list[tuple[str, DynamoType]]) -> defaultdict[Any, Any]:
    found: defaultdict[Any, Any] = defaultdict(dict)
    for item in _items(table):
        if all(_same(item.attrs.get(name), value) for name, value in wanted):
            if item.range_key is not None:
                found[item.hash_key][item.range_key] = item
            else:
                found[item.hash_key] = item
    return found


def _same(value: DynamoType | None, wanted: DynamoType) -> bool:
    if value is None or value.type != wanted.type:
        return False
    return bool(value.value == wanted.value or (value.type == "N" and value == wanted))


def _items(table: Table) -> Iterable[Item]:
    rows: Any
    for rows in table.items.values():
        if table.range_key_attr:
            yield from rows.values()
        else:
            yield rows


def _all_items(self: Table) -> list[Item]:
    def place(item: Item) -> tuple[Any, ...]:
        return (item.hash_key.cast_value, item.range_key.cast_value if item.range_key is not None else None)

    return sorted(_items(self), key=place)


# --- speed -----------------------------------------------------------------------------------------------------------
# Defects: an answer is matched key by key against every spelling a key might have (9 ms for a row with ten lines); the
# size of a row is added up anew for each attribute; a copy of a row asks Python how to copy each of its texts; a row as
# JSON copies each level once more for every level above it; a handler's class is inspected anew for every call.


def _serialize(self: DynamoResult, _: Any) -> Any:
    """The result of a DynamoDB call has the answer's own shape already."""
    return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(self.result, default=_plain)


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.timestamp()


def _make_item(self: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    self.hash_key, self.range_key, self.attrs = hash_key, range_key, LimitedSizeDict()
    dict.update(self.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if self.size() > LARGEST_ITEM:
        raise ItemSizeTooLarge


def _copy_item(self: Item, _: Any) -> Item:
    made: Any = Item.__new__(Item)
    made.hash_key, made.range_key, made.attrs = _copied(self.hash_key), _copied(self.range_key), LimitedSizeDict()
    dict.update(made.attrs, _copied(dict(self.attrs)))
    return made  # type: ignore[no-any-return]


def _copy_value(self: DynamoType, _: Any) -> DynamoType:
    made = DynamoType.__new__(DynamoType)
    made.type, made.value = self.type, _copied(self.value)
    return made


def _copied(value: Any) -> Any:
    if isinstance(value, DynamoType):
        return _copy_value(value, None)
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(member) for member in value] if isinstance(value, list) else value


def _as_json(self: DynamoType) -> dict[str, Any]:
    if isinstance(self.value, dict):
        return {self.type: {name: _member_as_json(member) for name, member in self.value.items()}}
    if isinstance(self.value, list):
        return {self.type: [_member_as_json(member) for member in self.value]}
    return {self.type: base64.b64decode(self.value) if self.type == "B" and isinstance(self.value, str) else self.value}


def _member_as_json(member: Any) -> Any:
    return _as_json(member) if isinstance(member, DynamoType) else member


# --- event patterns --------------------------------------------------------------------------------------------------
# Defect: a pattern never looks into a list of objects; EventBridge and stream filters match any of its members.


def _flatten(node: Any, prefix: str = "", result: dict[str, Any] | None = None) -> dict[str, Any]:
    flat: dict[str, Any] = {} if result is None else result
    for name, value in node.items() if isinstance(node, dict) else ():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(value, dict) and value:
            _flatten(value, path, flat)
        elif isinstance(value, list) and any(isinstance(member, dict) for member in value):
            _flatten_list(value, path, flat)
        else:
            flat[path] = value
    return flat


def _flatten_list(members: list[Any], path: str, flat: dict[str, Any]) -> None:
    plain = [member for member in members if not isinstance(member, dict)]
    if plain:
        flat[path] = plain
    for member in members:
        if isinstance(member, dict):
            for inner, value in _flatten(member, path).items():
                flat[inner] = [*flat.get(inner, []), *(value if isinstance(value, list) else [value])]


# --- routes ----------------------------------------------------------------------------------------------------------
# Defect: moto matches requests by werkzeug's rules, and makes those of a service at the first request to it. For each
# rule werkzeug compiles two functions that would make an address of it, from syntax trees, which nobody calls. Python
# 3.11 keeps one count of how deep it is in such a tree for all threads: with another thread at another tree (a test
# that is being loaded, a second service) either ends in "SystemError: AST constructor recursion depth mismatch".


def _no_builder(*_: Any) -> Callable[..., None]:
    return _build_nothing


def _build_nothing(*_: Any, **__: Any) -> None:
    raise NotImplementedError("moto only matches by its rules; nobody makes an address of one.")


# --- in and out ------------------------------------------------------------------------------------------------------

_MENDS: list[tuple[Any, str, Any]] = [
    (DynamoHandler, "call_action", _call_dynamodb),
    (DynamoHandler, "transact_write_items", _transact_once),
    (DynamoDBBackend, "transact_write_items", _transact),
    (DynamoDBBackend, "update_item", _update_item),
    (StreamShard, "add", _add_to_stream),
    (Table, "query", _query),
    (Table, "all_items", _all_items),
    (DynamoResult, "execute_result", _serialize),
    (Item, "__init__", _make_item),
    (Item, "__deepcopy__", _copy_item),
    (DynamoType, "__deepcopy__", _copy_value),
    (DynamoType, "to_regular_json", _as_json),
    (core_responses, "method_names_from_class", cache(method_names_from_class)),
    (S3Response, "bucket_response", _call_bucket),
    (S3Response, "key_response", _call_key),
    (SQSBackend, "create_queue", _create_queue),
    (SQSBackend, "delete_queue", _delete_queue),
    (EventPattern, "_flatten_dict", staticmethod(_flatten)),
    (Rule, "_compile_builder", _no_builder),
    # Defect: moto allows 25 reads in TransactGetItems, DynamoDB 100.
    (dynamodb_responses, "TRANSACTION_MAX_ITEMS", 100),
]
_originals: dict[tuple[Any, str], Any] = {}
_INHERITED = object()
_installed = 0


def install() -> None:
    """Mend moto; each call needs its own `uninstall`."""
    global _installed
    if version("moto") != MOTO:
        raise WrongMoto(
            f"local/mend.py mends moto {MOTO} and this is moto {version('moto')}: run tests/local/test_mend.py, "
            "see which mends are still needed, and change MOTO."
        )
    _installed += 1
    if _installed > 1:
        return
    for owner, name, mended in _MENDS:
        _originals[owner, name] = vars(owner).get(name, _INHERITED)
        setattr(owner, name, mended)


def uninstall() -> None:
    """Give moto its own code back, when whoever installed last does so."""
    global _installed
    _installed = max(0, _installed - 1)
    if _installed:
        return
    for (owner, name), original in _originals.items():
        if original is _INHERITED:
            delattr(owner, name)
        else:
            setattr(owner, name, original)
    _originals.clear()
