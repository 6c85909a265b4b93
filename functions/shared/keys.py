"""Idempotency-Keys: a row that binds a key to what it made, in the transaction that made it.

The row holds ids and digests alone: neither the key as it was sent nor anything of the body.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from functions.shared import clock
from functions.shared.errors import KeyReused
from functions.shared.rows import ABSENT, Operation, Refused, Row, load, new, put, save

if TYPE_CHECKING:
    from functions.shared.access import Caller


KEY_LIFETIME = 24 * 3600  # seconds for which an Idempotency-Key is remembered


@dataclass(frozen=True, slots=True)
class Key:
    """An Idempotency-Key bound to its principal, and what it was sent with."""

    id: str
    request: str

    @classmethod
    def of(cls, caller: Caller, sent: str, path: str, body: Mapping[str, Any]) -> Key:
        """The key's row id hides the key itself; `request` ignores white space and the order of names."""
        meaning = json.dumps([path, body], sort_keys=True, separators=(",", ":"), default=str)
        return cls(clock.derived_id(caller.brand, caller.principal, sent), sha256(meaning.encode()).hexdigest())


def remember(table: str, caller: Caller, asked: Key, id_: str) -> Operation:
    """The write that binds a key to the id it made; it goes into the transaction of what it makes."""
    now = int(clock.now().timestamp())
    row = {
        **new(caller, "key", asked.id, {}, request=asked.request, made=id_, ttl=now + KEY_LIFETIME),
    }
    write = put(table, row)
    # A key whose day is over counts as never seen, whether or not DynamoDB has cleaned it away.
    write["Put"]["ConditionExpression"] = f"{ABSENT} OR #ttl <= :now"
    write["Put"]["ExpressionAttributeNames"] = {"#ttl": "ttl"}
    write["Put"]["ExpressionAttributeValues"] = {":now": {"N": str(now)}}
    return write


def put_new(table: str, caller: Caller, asked: Key | None, row: Row, *beside: Operation) -> str | None:
    """Puts a new row, its key and what belongs to it, all or nothing.

    Where the key or the id made one before, nothing is put, and the answer is the id of that one. Raises KeyReused.
    """
    remembered = [remember(table, caller, asked, row["id"])] if asked else []
    try:
        save(put(table, row), *remembered, *beside)
    except Refused as refused:
        return made_by(asked, refused.row) if asked and refused.index == 1 else str(row["id"])
    return None


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
