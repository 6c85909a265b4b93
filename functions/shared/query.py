"""What a list is asked for (TMF630): filters with their operators, sort, page and fields of a raw query. Pure.

`a=x&b=y` and; `a=x,y`, `a=x;a=y` and a repeated `a` or. A dotted path goes through lists: any entry counts. The
operators `.gt .gte .lt .lte .eq .regex` stand behind a path, or as `>`, `>=`, `<`, `<=`, `*=` in place of `=`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from urllib.parse import quote, unquote

from functions.shared import names, pattern
from functions.shared.errors import Malformed
from functions.shared.resource import Json, moment_of
from functions.shared.shape import WORDS

PAGE = 100  # entries where `limit` does not say otherwise, and the most it may say
FAR = 1000  # the largest offset; beyond it one follows the cursor
MOST = 50  # values that all filters of one query may name
PAGING = frozenset({"fields", "offset", "limit", "sort", "cursor"})
SIGNS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "*=": "regex", "=": "eq"}
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, asked: held in asked,
    "gt": lambda held, asked: bool(held > asked),
    "gte": lambda held, asked: bool(held >= asked),
    "lt": lambda held, asked: bool(held < asked),
    "lte": lambda held, asked: bool(held <= asked),
    "regex": lambda held, asked: asked.search(held) is not None,
}
TOKEN = re.compile(r"([^=<>*]+)(>=|<=|\*=|>|<|=)(.*)", re.DOTALL)
Path = tuple[str, ...]


@dataclass(frozen=True)
class Test:
    """One comparison: whether anything at `path` stands in that relation to a value."""

    path: Path
    operator: str
    kind: str  # the type of what stands at the path
    value: Any  # of `eq`: every value that would do
    written: str

    def holds(self, body: Json) -> bool:
        """Whether it holds for that body; what is of another kind than the value meets nothing."""
        return any(self._meets(found) for found in at(body, self.path))

    def _meets(self, found: Any) -> bool:
        try:
            return OPERATORS[self.operator](_comparable(found, self.kind), self.value)
        except (TypeError, ValueError, InvalidOperation):
            return False


@dataclass(frozen=True)
class Query:
    """What a list is asked for. `filters`: each a choice of tests, all of them to be met."""

    api: str
    definition: str
    filters: tuple[tuple[Test, ...], ...]
    sort: tuple[tuple[Path, bool], ...]  # path, and whether the largest comes first
    offset: int
    limit: int
    cursor: str | None
    raw: str

    @classmethod
    def read(cls, raw: str, api: str, definition: str, also: Sequence[str] = ()) -> Query:
        """The query of a list of that definition; `also` are filters on what the resource does not say itself."""
        single: dict[tuple[Path, str], list[Test]] = {}
        mixed: list[tuple[Test, ...]] = []
        paging: dict[str, str] = {}
        for part in (part for part in raw.split("&") if part):
            name = unquote(part.partition("=")[0])
            if name in PAGING:
                paging[name] = unquote(part.partition("=")[2])
                continue
            tests = [test for each in part.split(";") if each for test in _tests(each, api, definition, also)]
            if len({(test.path, test.operator) for test in tests}) == 1:
                single.setdefault((tests[0].path, tests[0].operator), []).extend(tests)
            elif tests:
                mixed.append(tuple(tests))
        filters = (*map(tuple, single.values()), *mixed)
        if sum(map(len, filters)) > MOST:
            raise Malformed(f"At most {MOST} values can be asked for at once.")
        offset, limit = _number(paging, "offset", 0, FAR), _number(paging, "limit", PAGE, PAGE)
        if paging.get("cursor") and offset:
            raise Malformed("Ask for an offset or follow a cursor, not both.")
        sort = tuple(_sorted_by(each, api, definition) for each in paging.get("sort", "").split(",") if each)
        return cls(api, definition, filters, sort, offset, limit, paging.get("cursor") or None, raw)

    def only(self, *paths: str) -> str | None:
        """The one value that a filter wants to stand at one of these paths; None where it is not that simple."""
        wanted = {tuple(path.split(".")) for path in paths}
        for tests in self.filters:
            if len(tests) == 1 and tests[0].operator == "eq" and tests[0].path in wanted:
                return tests[0].written
        return None

    def any_of(self, path: str) -> list[str] | None:
        """The values of which a filter wants any at that path; None where none does."""
        wanted = tuple(path.split("."))
        for tests in self.filters:
            if all(test.operator == "eq" and test.path == wanted for test in tests):
                return [test.written for test in tests]
        return None

    def bounds(self, path: str) -> tuple[datetime | None, datetime | None]:
        """From when and until when, both included, anything may be dated at that path that meets the filters."""
        wanted, since, until = tuple(path.split(".")), None, None
        for tests in self.filters:
            if len(tests) == 1 and tests[0].path == wanted and tests[0].kind == "date-time":
                operator = tests[0].operator
                moment = tests[0].value[0] if operator == "eq" else tests[0].value
                since = moment if operator in ("gt", "gte", "eq") else since
                until = moment if operator in ("lt", "lte", "eq") else until
        return since, until

    def without(self, *paths: str) -> Query:
        """The same query less the filters on these paths: whoever serves them from an index has met them."""
        dropped = {tuple(path.split(".")) for path in paths}
        return replace(self, filters=tuple(t for t in self.filters if not all(test.path in dropped for test in t)))

    def unsorted(self) -> Query:
        """The same query where whoever serves it gives the order that was asked for."""
        return replace(self, sort=())

    def meets(self, body: Json) -> bool:
        """Whether a body passes every filter."""
        return all(any(test.holds(body) for test in tests) for tests in self.filters)

    def in_order(self, bodies: Iterable[Json]) -> list[Json]:
        """The bodies as `sort` wants them; what lacks an attribute comes last, whichever way it goes."""
        ordered = list(bodies)
        for path, largest_first in reversed(self.sort):
            kind = kind_at(self.api, self.definition, path)
            known = [(value, body) for body in ordered if (value := _rank(body, path, kind)) is not None]
            lacking = [body for body in ordered if _rank(body, path, kind) is None]
            known.sort(key=lambda pair: pair[0], reverse=largest_first)
            ordered = [body for _, body in known] + lacking
        return ordered

    def again(self, **paging: str) -> str:
        """The raw query with another page of the same list."""
        kept = [p for p in self.raw.split("&") if p and unquote(p.partition("=")[0]) not in ("offset", "cursor")]
        return "&".join([*kept, *(f"{name}={quote(value, safe='')}" for name, value in paging.items())])


def _tests(part: str, api: str, definition: str, also: Sequence[str]) -> Iterator[Test]:
    found = TOKEN.fullmatch(part.replace("%3E", ">").replace("%3C", "<").replace("%3e", ">").replace("%3c", "<"))
    if found is None:
        raise Malformed(f"{_shown(unquote(part))} is no filter; write attribute=value.")
    name, operator = unquote(found[1]), SIGNS[found[2]]
    path = tuple(name.split("."))
    if operator == "eq" and path[-1] in OPERATORS and not _is_attribute(api, definition, path):
        path, operator = path[:-1], path[-1]
    kind = "string" if name in also else kind_at(api, definition, path)
    for value in found[3].split(","):
        yield _test(path, operator, kind, value)


def _test(path: Path, operator: str, kind: str, raw: str) -> Test:
    written = unquote(raw)
    if operator == "regex":
        return Test(path, operator, "string", _pattern(".".join(path), written), written)
    try:
        value = _comparable(_read(written, kind), kind)
    except (ValueError, InvalidOperation):
        wanted = WORDS.get(kind, kind)
        raise Malformed(f"{'.'.join(path)} must be {wanted}, not {_shown(written)}.", code="badFilter") from None
    if operator != "eq":
        return Test(path, operator, kind, value, written)
    # A plus that is not escaped is a plus to some clients and a blank to others.
    blank = (unquote(raw.replace("+", " ")),) if "+" in raw and isinstance(value, str) else ()
    return Test(path, operator, kind, (value, *blank), written)


def _pattern(name: str, written: str) -> Any:
    if found := pattern.compiled(written):
        return found
    raise Malformed(
        f"{name}.regex must be a regular expression (RE2) of at most {pattern.LONGEST} characters.", code="badFilter"
    )


def _read(written: str, kind: str) -> Any:
    """A value as it was written in a query, as JSON would hold it."""
    if kind == "boolean":
        if written not in ("true", "false"):
            raise ValueError(written)
        return written == "true"
    if kind in ("integer", "number"):
        return Decimal(written)
    return written.replace(" ", "+") if kind == "date-time" else written


def _comparable(value: Any, kind: str) -> Any:
    if kind == "date-time":
        moment = moment_of(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind in ("integer", "number"):
        return Decimal(str(value))
    if kind == "boolean":
        return value
    return ("true" if value else "false") if isinstance(value, bool) else _text(value)


def _shown(written: str) -> str:
    """What was written in a query, as it may stand in a sentence."""
    return written[:80].replace("\x00", "?")


def _text(value: Any) -> str:
    if isinstance(value, (dict, list)) or value is None:
        raise TypeError(value)
    return str(value)


def _rank(body: Json, path: Path, kind: str) -> Any:
    try:
        return next((_comparable(found, kind) for found in at(body, path)), None)
    except (TypeError, ValueError, InvalidOperation):
        return None


def at(body: Any, path: Path) -> Iterator[Any]:
    """Everything that stands at a path, through every list on the way."""
    if isinstance(body, list):
        for each in body:
            yield from at(each, path)
    elif not path:
        yield body
    elif isinstance(body, Mapping) and path[0] in body:
        yield from at(body[path[0]], path[1:])


@cache
def kind_at(api: str, definition: str, path: Path) -> str:
    """The simple type at a path of a definition; raises Malformed, with what may be meant, where there is none."""
    kind = type_at(api, definition, path)
    of = _definition(api, kind)
    if of is None or of.values is not None:
        return "string" if of else kind
    whole, inner = ".".join(path), "id" if "id" in of.properties else min(of.properties, default="…")
    raise Malformed(f"{whole} is an object; name an attribute of it, such as {whole}.{inner}.", code="badFilter")


def type_at(api: str, definition: str, path: Path) -> str:
    """The type at a path of a definition, an object's too; raises Malformed, with what may be meant, for none."""
    kind = definition
    for place, name in enumerate(path):
        if kind == "any":
            return kind
        of = _definition(api, kind)
        if of is None or name not in of.properties:
            hint = _hint(path[:place], name, of.properties if of else ())
            raise Malformed(f"{_shown('.'.join(path))} is not an attribute here{hint}", code="badFilter")
        kind = of.properties[name].partition("[")[0]
    return kind


@cache
def _is_attribute(api: str, definition: str, path: Path) -> bool:
    """Whether the last name of a path is an attribute there, and so no operator: one is really called `regex`."""
    for name in path:
        of = _definition(api, definition)
        if of is None or name not in of.properties:
            return False
        definition = of.properties[name].partition("[")[0]
    return True


def _definition(api: str, kind: str) -> names.Definition | None:
    return names.definition(api, kind) if kind[:1].isupper() else None


def _hint(before: Path, name: str, among: Iterable[str]) -> str:
    from difflib import get_close_matches  # 5 ms that only a fault has to pay

    close = get_close_matches(name[:60], list(among), n=1)
    return f"; did you mean {'.'.join((*before, close[0]))}?" if close else "."


def _sorted_by(written: str, api: str, definition: str) -> tuple[Path, bool]:
    path = tuple(written.lstrip("+- ").split("."))
    kind_at(api, definition, path)
    return path, written.startswith("-")


def _number(paging: Mapping[str, str], name: str, default: int, most: int) -> int:
    sent = paging.get(name)
    if sent is None:
        return default
    if not (sent.isascii() and sent.isdigit() and len(sent) < 10):
        raise Malformed(f"{name} must be a whole number from 0 to {most}.")
    if int(sent) > most:
        further = "; follow the next link of the answer to read on" if name == "offset" else ""
        raise Malformed(f"{name} may be {most} at most{further}.")
    return int(sent)
