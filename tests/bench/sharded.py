"""The other way to keep a version: JSON in shards of some resources each, and an index that lists read. A prototype.

It knows one list alone, what a channel shows by name; decision 23 says what came of it.
"""

import gzip
import json
from bisect import bisect_right
from pathlib import Path
from typing import Any

Json = dict[str, Any]
SHARD = 100  # resources in one object


def write(content: Json, folder: Path, channel: str, language: str) -> int:
    """Writes the offerings of a version; returns how many bytes they take."""
    held = sorted(content["productOffering"], key=lambda each: str(each["id"]))
    firsts = []
    for begin in range(0, len(held), SHARD):
        part = held[begin : begin + SHARD]
        firsts.append(part[0]["id"])
        _put(folder / f"{begin // SHARD}.json.gz", {each["id"]: each for each in part})
    shown = sorted((each["name"][language], each["id"]) for each in held if {"id": channel} in each["channel"])
    _put(folder / "index.json.gz", {"firsts": firsts, "shown": shown})
    return sum(path.stat().st_size for path in folder.iterdir())


def _put(path: Path, said: Json) -> None:
    path.write_bytes(gzip.compress(json.dumps(said, separators=(",", ":")).encode(), 6))


class Sharded:
    """A version as a function would read it: the index at once, a shard whenever something in it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.index, self.fetched = folder, _got(folder / "index.json.gz"), 1

    def get(self, id_: str) -> Json:
        """An offering by its id, from a shard that is not at hand."""
        self.fetched += 1
        number = bisect_right(self.index["firsts"], id_) - 1
        found: Json = _got(self.folder / f"{number}.json.gz")[id_]
        return found

    def page(self, offset: int, limit: int) -> list[Json]:
        """A page of what is shown, by name."""
        return [self.get(id_) for _, id_ in self.index["shown"][offset : offset + limit]]


def _got(path: Path) -> Json:
    read: Json = json.loads(gzip.decompress(path.read_bytes()))
    return read
