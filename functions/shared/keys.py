"""Idempotency-Keys: a row that binds a key to what it made, in the transaction that made it.

Whatever a POST writes, it writes with `save` (or `put_new`), and answers what the key made before where that tells it.
The row holds ids and digests alone: neither the key as it was sent nor anything of the body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from functions.shared import clock, rows
from functions.shared.errors import HubError, KeyReused
from functions.shared.rows import ABSENT, Operation, Refused, Row, load, new, put

if TYPE_CHECKING:
    from functions.shared.access import Caller


T = TypeVar("T")

KEY_LIFETIME = 24 * 3600  # seconds for which an Idempotency-Key is remembered


class Key(NamedTuple):
    """An Idempotency-Key bound to its principal, and what it was sent with."""

    id: str
    request: str

    @classmethod
    def of(cls, caller: Caller, sent: str, path: str, body: Mapping[str, Any]) -> Key:
        """The key's row id hides the key itself; `request` ignores white space and the order of names."""
        meaning = json.dumps([path, body], sort_keys=True, separators=(",", ":"), default=str)
        return cls(clock.derived_id(caller.brand, caller.principal, sent), sha256(meaning.encode()).hexdigest())


class MadeBefore(Exception):
    """The same request was here before under this key; `id` is what it made."""

    def __init__(self, id_: str) -> None:
        super().__init__(id_)
        self.id = id_


def remember(table: str, caller: Caller, asked: Key, id_: str) -> Operation:
    """The write that binds a key to the id it made."""
    now = int(clock.now().timestamp())
    write = put(table, new(caller, "key", asked.id, {}, request=asked.request, made=id_, ttl=now + KEY_LIFETIME))
    # A key whose day is over counts as never seen, whether or not DynamoDB has cleaned it away.
    write["Put"]["ConditionExpression"] = f"{ABSENT} OR #ttl <= :now"
    write["Put"]["ExpressionAttributeNames"] = {"#ttl": "ttl"}
    write["Put"]["ExpressionAttributeValues"] = {":now": {"N": str(now)}}
    return write


def save(table: str, caller: Caller, asked: Key | None, id_: str, *writes: Operation) -> Row | None:
    """Saves what makes the thing of that id, and the key that asked for it, all or nothing.

    Raises MadeBefore where the key made one before, KeyReused where it came with another body, and Refused with the
    index of the write whose condition did not hold.
    """
    if asked is None:
        return rows.save(*writes)
    try:
        # The key first: of two facts that stand in the way of a repeat, the one that counts is that it is a repeat.
        return rows.save(remember(table, caller, asked, id_), *writes)
    except Refused as refused:
        if refused.index == 0:
            raise MadeBefore(made_by(asked, refused.row)) from None
        raise Refused(refused.index - 1, refused.row) from None


def bind(table: str, caller: Caller, asked: Key | None, id_: str) -> None:
    """Binds a key to what was there before it came; raises MadeBefore or KeyReused where the key was, too."""
    if asked:
        save(table, caller, asked, id_)


def put_new(table: str, caller: Caller, asked: Key | None, row: Row, *beside: Operation) -> str | None:
    """Puts a new row, its key and what belongs to it, all or nothing.

    Where the key or the id made one before, nothing is put, and the answer is the id of that one. Raises KeyReused.
    """
    try:
        save(table, caller, asked, row["id"], put(table, row), *beside)
    except MadeBefore as before:
        return before.id
    except Refused as refused:
        if refused.index:
            raise
        return str(row["id"])
    return None


def once(
    table: str, caller: Caller, asked: Key | None, make: Callable[[], T], again: Callable[[str], T]
) -> tuple[T, bool]:
    """What comes of `make`, which saves with the key; or what the key made before, found `again` by its id (and True).

    For what is decided before it is written: a repeat is told before anything is decided once more.
    """
    try:
        if made := recall(table, caller, asked):
            return again(made), True
        return make(), False
    except MadeBefore as before:
        return again(before.id), True
    except HubError:
        # What stands in the way may be what the same request has made meanwhile.
        if made := recall(table, caller, asked):
            return again(made), True
        raise


def made_by(asked: Key, held: Row | None) -> str:
    """What this key made before; raises KeyReused where it came with another body."""
    if held is None or held["request"] != asked.request:
        raise KeyReused("This Idempotency-Key was already used with another request; use a new key for a new request.")
    return str(held["made"])


def recall(table: str, caller: Caller, asked: Key | None) -> str | None:
    """What this key made before, in one read; None where it is new. Raises KeyReused for another body."""
    if asked is None:
        return None
    held = load(table, caller.brand, "key", asked.id)
    return made_by(asked, held) if held and held["ttl"] > clock.now().timestamp() else None
