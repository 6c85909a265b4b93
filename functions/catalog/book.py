"""A catalog version as one read-only SQLite file: every resource by its id, and what lists and prices look up.

Pure, but for the file. A resource lies in it as JSON, compressed with what all of them have in common, so that the
file is small on the wire and on the disk and one resource costs one look-up.
"""

import json
import sqlite3
import weakref
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from functions.catalog import facets, places, search
from functions.catalog.facets import Facet
from functions.catalog.kinds import HELD, replaced, targets
from functions.shared.resource import Json

FORMAT = 1  # of the file: a reader knows by it what it finds
# Made once: it takes as long as reading a resource. What is no number (NaN) is nothing.
PARSER = json.JSONDecoder(parse_float=Decimal, parse_constant=lambda _: None)
SEARCHED = "productOffering"  # whose names are searched
PARSED, REMEMBERED = 2048, 64  # resources and sets of places that a book keeps at hand
STREAMED = 500  # resources that are read at once by who reads all
COLUMNS = "(n INTEGER PRIMARY KEY, id TEXT UNIQUE, sequence INTEGER, body BLOB)"  # of a kind of resource
SCHEMA = f"""
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA user_version = {FORMAT};
CREATE TABLE fact (name TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE target (named TEXT, id TEXT, promotion TEXT, PRIMARY KEY (named, id, promotion)) WITHOUT ROWID;
CREATE TABLE replacement (price TEXT, by TEXT, PRIMARY KEY (price, by)) WITHOUT ROWID;
CREATE TABLE place (kind TEXT, sort TEXT, of BLOB, PRIMARY KEY (kind, sort)) WITHOUT ROWID;
CREATE TABLE facet (kind TEXT, sort TEXT, attribute TEXT, value TEXT, since INTEGER, until INTEGER, places BLOB,
  PRIMARY KEY (kind, sort, attribute, value, since, until)) WITHOUT ROWID;
""" + "".join(f"CREATE TABLE {kind} {COLUMNS};\n" for kind in HELD)
# Each statement that names a kind, by kind: a name of a table is no parameter.
BY_ID = {kind: f"SELECT body, sequence FROM {kind} WHERE id = ?" for kind in HELD}  # noqa: S608
NUMBER = {kind: f"SELECT n FROM {kind} WHERE id = ?" for kind in HELD}  # noqa: S608
BY_NUMBER = {kind: f"SELECT body FROM {kind} WHERE n = ?" for kind in HELD}  # noqa: S608
FROM_ON = {kind: f"SELECT id, body FROM {kind} WHERE n >= ? ORDER BY n LIMIT ?" for kind in HELD}  # noqa: S608
IDS = {kind: f"SELECT id FROM {kind} ORDER BY n" for kind in HELD}  # noqa: S608
COUNT = {kind: f"SELECT coalesce(max(n), -1) + 1 FROM {kind}" for kind in HELD}  # noqa: S608
NUMBERED = {kind: f"SELECT id, sequence FROM {kind} WHERE sequence > 1" for kind in HELD}  # noqa: S608
INSERT = {kind: f"INSERT INTO {kind} VALUES (?, ?, ?, ?)" for kind in HELD}  # noqa: S608


def _number(value: Decimal) -> float | int:
    number = float(value)
    return int(number) if number.is_integer() else number


WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_number)


class Book:
    """One version that can be read from several threads; nothing changes in it any more."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._lock = connection, Lock()
        weakref.finalize(self, connection.close)
        kinds = {name for (name,) in self._all("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for kind in {*HELD} - kinds:  # a version from before there was the kind holds none of it
            connection.execute(f"CREATE TEMP TABLE {kind} {COLUMNS}")
        self._samples = self._one("SELECT body FROM fact WHERE name = ''")[0]
        told = self._all("SELECT name, body FROM fact WHERE name <> ''")
        self.facts: Json = {name: json.loads(body, parse_float=Decimal) for name, body in told}
        self.languages: list[str] = self.facts["languages"]
        self._found = lru_cache(maxsize=PARSED)(self._find)
        self.places = lru_cache(maxsize=REMEMBERED)(self._places)
        self.replacements = lru_cache(maxsize=PARSED)(self._replacements)
        self.order = lru_cache(maxsize=REMEMBERED)(self._order)
        self.inverse = lru_cache(maxsize=REMEMBERED)(self._inverse)

    @classmethod
    def open(cls, path: Path) -> "Book":
        """The book in a file."""
        name = f"file:{path}?mode=ro&immutable=1"
        return cls(sqlite3.connect(name, uri=True, check_same_thread=False))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Book":
        """The same in memory."""
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(connection, content)
        return cls(connection)

    def _all(self, statement: str, *parameters: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchall()

    def _one(self, statement: str, *parameters: Any) -> Any:
        with self._lock:
            return self._connection.execute(statement, parameters).fetchone()

    def _read(self, body: bytes) -> Json:
        text = zlib.decompressobj(zdict=self._samples).decompress(body)
        read: Json = PARSER.raw_decode(text.decode())[0]
        return read

    def _find(self, kind: str, id_: str) -> tuple[Json | None, int]:
        found = self._one(BY_ID[kind], id_)
        return (self._read(found[0]), found[1]) if found else (None, 1)

    def get(self, kind: str, id_: str) -> Json | None:
        """A resource by its id."""
        return self._found(kind, id_)[0]

    def sequence(self, kind: str, id_: str) -> int:
        """Which version of a resource this is; what came with a whole catalog is the first."""
        return self._found(kind, id_)[1]

    def numbers(self, kind: str, ids: Iterable[str]) -> list[int]:
        """The numbers of those of these that there are: their places by id."""
        return [found[0] for id_ in ids if (found := self._one(NUMBER[kind], id_))]

    def placed(self, kind: str, order: str, numbers: Sequence[int]) -> list[int]:
        """The places of resources in an order; in that of ids they are their numbers."""
        return [*numbers] if order == "id" else [self.inverse(kind, order)[n] for n in numbers]

    def count(self, kind: str) -> int:
        """How many of a kind there are."""
        return int(self._one(COUNT[kind])[0])

    def ids(self, kind: str) -> list[str]:
        """The ids of a kind in order."""
        return [id_ for (id_,) in self._all(IDS[kind])]

    def stream(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Every resource of a kind with its id, in the order of these, few at a time."""
        begin = 0
        while rows := self._all(FROM_ON[kind], begin, STREAMED):
            yield from ((id_, self._read(body)) for id_, body in rows)
            begin += STREAMED

    def numbered(self, kind: str) -> dict[str, int]:
        """Which version a resource of a kind is, where it is not the first."""
        return dict(self._all(NUMBERED[kind]))

    def at(self, kind: str, number: int) -> Json:
        """The resource of that number."""
        return self._read(self._one(BY_NUMBER[kind], number)[0])

    def aimed_at(self, named: Iterable[tuple[str, str]]) -> list[str]:
        """The ids of the promotions that aim at any of these: (@referredType, id)."""
        wanted = [part for each in named for part in each]
        marks = ", ".join(["(?, ?)"] * (len(wanted) // 2))
        statement = f"SELECT DISTINCT promotion FROM target WHERE (named, id) IN (VALUES {marks})"  # noqa: S608
        return sorted(id_ for (id_,) in self._all(statement, *wanted))

    def _replacements(self, price: str) -> tuple[str, ...]:
        """The ids of the prices of price lists that may stand in the place of that price."""
        return tuple(by for (by,) in self._all("SELECT by FROM replacement WHERE price = ? ORDER BY by", price))

    def having(self, kind: str, attribute: str, value: str) -> int:
        """The numbers of all that ever have something in common, as a set; it is not kept at hand."""
        found = 0
        for _, _, having in self._places(kind, "id", attribute, value):
            found |= having
        return found

    def _order(self, kind: str, sort: str) -> "array[int]":
        """An order: the number of the resource in each place."""
        return array("I", self._one("SELECT of FROM place WHERE kind = ? AND sort = ?", kind, sort)[0])

    def _inverse(self, kind: str, sort: str) -> "array[int]":
        """The place of each number in an order."""
        return _inverse(self.order(kind, sort))

    def _places(self, kind: str, sort: str, attribute: str, value: str) -> list[tuple[int, int, int]]:
        asked = "SELECT since, until, places FROM facet WHERE kind = ? AND sort = ? AND attribute = ? AND value = ?"
        found = self._all(asked, kind, sort, attribute, value)
        return [(since, until, places.unpacked(stored)) for since, until, stored in found]


def write(content: Mapping[str, Any], path: Path) -> str:
    """Writes the book of a version to a new file; returns the version, which is named by the content alone.

    `content` holds facts, and of each kind its resources: a list in any order, or a mapping in the order of ids.
    """
    with closing(sqlite3.connect(path)) as connection:
        return _fill(connection, content)


def _fill(connection: sqlite3.Connection, content: Mapping[str, Any]) -> str:
    connection.executescript(SCHEMA)
    facts = {name: written(value) for name, value in sorted(content.items()) if name not in (*HELD, "sequence")}
    held = {kind: _in_order(content.get(kind) or []) for kind in HELD}
    # What resources have in common: the facts (never empty), and the first resource of each kind.
    samples = b"".join([*facts.values(), *(written(next(iter(each))) for each in held.values() if each)])
    connection.executemany("INSERT INTO fact VALUES (?, ?)", [("", samples), *facts.items()])
    name = sha256(b"".join(b"%b %b\n" % (fact.encode(), body) for fact, body in facts.items()))
    primed = zlib.compressobj(zdict=samples)  # to copy it is much less work than to make another
    for kind in HELD:
        index, numbers = _Index(kind, content["languages"]), content.get("sequence", {}).get(kind, {})
        for n, stored in enumerate(held[kind]):
            body, number = written(stored), int(numbers.get(stored["id"], 1))
            name.update(b"%b %d %b\n" % (kind.encode(), number, body))
            packer = primed.copy()
            connection.execute(INSERT[kind], (n, stored["id"], number, packer.compress(body) + packer.flush()))
            index.add(n, stored)
            _aim(connection, kind, stored)
        index.write(connection)
    connection.commit()
    return name.hexdigest()[:16]


def _in_order(held: Collection[Json] | Mapping[str, Json]) -> Collection[Json]:
    if isinstance(held, Mapping):
        return held.values()
    return [stored for _, stored in sorted({each["id"]: each for each in held}.items())]


def _aim(connection: sqlite3.Connection, kind: str, stored: Json) -> None:
    if kind == "promotion":
        aims = ((named, id_, stored["id"]) for named, id_ in targets(stored))
        connection.executemany("INSERT INTO target VALUES (?, ?, ?)", aims)
    if kind == "productOfferingPrice":
        connection.executemany(
            "INSERT OR IGNORE INTO replacement VALUES (?, ?)", ((id_, stored["id"]) for id_ in replaced(stored))
        )


class _Index:
    """What lists of one kind look up, gathered from resources that come in the order of their ids."""

    def __init__(self, kind: str, languages: list[str]) -> None:
        self.kind, self.market = kind, languages[0]
        self.ranked: dict[str, list[tuple[Any, ...]]] = {order: [] for order in facets.orders(languages)}
        self.having: dict[Facet, array[int]] = defaultdict(lambda: array("I"))
        self.spelt: dict[str, dict[str, array[int]]] = {}  # order by name -> trigram
        if kind == SEARCHED:
            self.spelt = {order: defaultdict(lambda: array("I")) for order in [*self.ranked][1:]}

    def add(self, n: int, stored: Json) -> None:
        for order, ranked in self.ranked.items():
            rank = facets.rank(stored, order, self.market)
            ranked.append((*rank, n))
            if (having := self.spelt.get(order)) is not None:
                for gram in search.trigrams(search.folded(rank[1])):
                    having[gram].append(n)
        for facet in facets.of(self.kind, stored):
            self.having[facet].append(n)

    def write(self, connection: sqlite3.Connection) -> None:
        having = sorted(self.having.items())
        for order, ranked in self.ranked.items():
            numbers = array("I", (each[-1] for each in sorted(ranked)))
            connection.execute("INSERT INTO place VALUES (?, ?, ?)", (self.kind, order, numbers.tobytes()))
            at = _inverse(numbers)
            self._keep(connection, order, ((facet, (at[n] for n in ns)) for facet, ns in having))
        for order, having_gram in self.spelt.items():
            grams = ((Facet(search.IN + order, gram), ns) for gram, ns in sorted(having_gram.items()))
            self._keep(connection, "id", grams)

    def _keep(self, connection: sqlite3.Connection, order: str, sets: Iterable[tuple[Facet, Iterable[int]]]) -> None:
        connection.executemany(
            "INSERT INTO facet VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((self.kind, order, *facet, places.packed(places.of(found))) for facet, found in sets),
        )


def _inverse(numbers: "array[int]") -> "array[int]":
    at = array("I", bytes(len(numbers) * numbers.itemsize))
    for place, n in enumerate(numbers):
        at[n] = place
    return at


def written(value: Any) -> bytes:
    """JSON in its one form: by it content is named, compared and exported."""
    return WRITER.encode(value).encode()
