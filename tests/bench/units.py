"""DynamoDB's own rules: how large an item is, and how many units reading and writing it costs.

Sizes are AWS's: names and texts in UTF-8, a number about half a byte a digit and one more, three bytes round a list or
map and one for each of its members. An index is written apart from its table, and only when its entry changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

Item = Mapping[str, Mapping[str, Any]]  # as DynamoDB writes it: {"pk": {"S": "…"}}

READ, WRITE = 4096, 1024  # bytes that one unit covers
TRANSACTED = 2.0  # prepared and committed


@dataclass(frozen=True)
class Index:
    """A secondary index: its key, the table's key, and what it copies of an item (None: all of it)."""

    keys: frozenset[str]
    copied: frozenset[str] | None

    def entry(self, item: Item | None) -> dict[str, Mapping[str, Any]] | None:
        """What the index holds of an item; nothing where the item lacks a key of the index."""
        if item is None or not self.keys <= item.keys():
            return None
        return {name: value for name, value in item.items() if self.copied is None or name in self.copied}

    def units(self, before: Item | None, after: Item | None) -> float:
        """What keeping the index costs when an item changes so: nothing where its entry stays the same."""
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old is None or new is None or all(old[name] == new[name] for name in self.keys):
            return _pieces(max(size(old or {}), size(new or {})), WRITE)
        return _pieces(size(old), WRITE) + _pieces(size(new), WRITE)  # one entry goes, another comes


def size(item: Item) -> int:
    """The bytes of an item, names included."""
    return sum(len(name.encode()) + _bytes(value) for name, value in item.items())


def _bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return _number_bytes(value)
        case "M":
            return 3 + sum(len(name.encode()) + 1 + _bytes(inner) for name, inner in value.items())
        case "L":
            return 3 + sum(1 + _bytes(inner) for inner in value)
        case "NULL" | "BOOL":
            return 1
        case _:
            raise ValueError(f"no row of the hub holds a {kind}")


def _number_bytes(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + (1 if text.startswith("-") else 0)


def read(items: Iterable[Item | None], *, consistent: bool) -> float:
    """Items that are read by their keys: each is rounded up by itself, and one that is missing costs one unit."""
    pieces = sum(_pieces(size(item or {}), READ) for item in items)
    return pieces if consistent else pieces / 2


def queried(items: Iterable[Item], *, consistent: bool) -> float:
    """Items that one Query reads: rounded up once, together."""
    pieces = _pieces(sum(map(size, items)), READ)
    return pieces if consistent else pieces / 2


def written(
    before: Item | None, after: Item | None, indexes: Iterable[Index] = (), *, transacted: bool = False
) -> float:
    """One item written or deleted: the larger of its two sizes, and its indexes (these follow later, so only once)."""
    own = _pieces(max(size(before or {}), size(after or {})), WRITE)
    return own * (TRANSACTED if transacted else 1) + sum(index.units(before, after) for index in indexes)


def _pieces(bytes_: int, piece: int) -> float:
    return float(max(1, ceil(bytes_ / piece)))
