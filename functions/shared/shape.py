"""What a client may send: JSON read strictly, then every name, type and bound held against the standard.

Faults are sentences with the place in the body, for the developer of the channel. Nothing here knows a business
rule; a value that passes is of the right type, bounded in size, and can be stored and sent on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from functions.shared import names
from functions.shared.names import Definition

MAX_BYTES = 512 * 1024
MAX_NESTING = 100  # of any JSON
MAX_DEPTH = 24  # of a body that is one of ours
MAX_TEXT, MAX_ID, MAX_ENTRIES, MAX_FAULTS = 10_000, 256, 1_000, 10
MAX_INTEGER, MAX_DIGITS = 10**15, 34  # exact in every client's double and in a DynamoDB number

# An order from a cart brings its items with the cart.
INSTEAD = {("ProductOrder_Create", "productOrderItem"): "shoppingCart"}
# What only the one who is referred to can know; who refers to it needs the id alone.
KNOWN_BY_THE_OTHER = {"href", "@referredType"}
KNOWN_HERE = {"role"}  # and this, only who refers to it

DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
URI = re.compile(r"[^\s\x00-\x1f\x7f]+")
BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
WORDS = {
    "string": "text",
    "base64": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "date-time": "a date and time with an offset, such as 2026-03-01T12:00:00Z",
    "uri": "a URI",
}


def check(body: object, api: str, definition: str) -> list[str]:
    """Up to ten faults of an incoming body, as sentences; none if it is a `definition` of that API.

    `X_Update` is read as a JSON Merge Patch: null removes, and nothing is required.
    """
    found: list[str] = []
    for fault in _Reading(api, definition).faults(body):
        found.append(fault)
        if len(found) == MAX_FAULTS:
            break
    return found


def known(api: str, definition: str) -> frozenset[str]:
    """The names a body of this definition may carry at its top."""
    return frozenset(names.definition(api, definition).properties)


class _Reading:
    """One body being read; faults come one by one, so that reading stops where enough are found."""

    def __init__(self, api: str, definition: str) -> None:
        self._api = api
        self._top = names.definition(api, definition)
        self._asked = definition

    def faults(self, body: object) -> Iterator[str]:
        if not isinstance(body, Mapping):
            yield f"The body must be an object, not {_shown(body)}."
            return
        yield from self._object("", body, self._top, 1, patch=self._asked.endswith("_Update"))

    def _object(self, path: str, value: Mapping[str, Any], of: Definition, depth: int, *, patch: bool) -> Iterator[str]:
        if depth > MAX_DEPTH:
            yield f"{_short(path)} is nested more than {MAX_DEPTH} deep."
            return
        for name, inner in value.items():
            if name not in of.properties:
                yield self._unknown(path, name, of)
            elif inner is not None or not patch:
                yield from self._value(_at(path, name), inner, of.properties[name], depth, patch=patch)
        if not patch:
            yield from self._missing(path, value, of)

    def _missing(self, path: str, value: Mapping[str, Any], of: Definition) -> Iterator[str]:
        needed = of.required - KNOWN_BY_THE_OTHER
        if of.is_reference and "id" in value:
            needed &= KNOWN_HERE
        if not path and not of.is_reference:
            needed -= {"id"}  # the hub makes it
        for name in sorted(needed - value.keys()):
            instead = INSTEAD.get((self._asked, name)) if not path else None
            if instead is None:
                yield f"{path or 'The body'} needs {name}."
            elif instead not in value:
                yield f"{path or 'The body'} needs {name} or {instead}."

    def _value(self, path: str, value: object, kind: str, depth: int, *, patch: bool) -> Iterator[str]:
        if kind.endswith("]"):
            yield from self._list(path, value, kind, depth)
        elif kind == "any":
            yield from _any_faults(path, value, depth)
        elif kind in WORDS:
            yield from _simple_faults(path, value, kind)
        else:
            of = names.definition(self._api, kind)
            if of.values is not None:
                yield from _enum_faults(path, value, of.values)
            elif isinstance(value, Mapping):
                yield from self._object(path, value, of, depth + 1, patch=patch)
            else:
                yield f"{path} must be an object, not {_shown(value)}."

    def _list(self, path: str, value: object, kind: str, depth: int) -> Iterator[str]:
        inner, _, bounds = kind.rpartition("[")
        if not isinstance(value, list):
            yield f"{path} must be a list, not {_shown(value)}."
            return
        if len(value) > MAX_ENTRIES:
            yield f"{path} may have at most {MAX_ENTRIES} entries, not {len(value)}."
            return
        if bounds.startswith("1") and not value:
            yield f"{path} needs at least one entry."
        for index, entry in enumerate(value):
            yield from self._value(f"{path}[{index}]", entry, inner, depth, patch=False)

    def _unknown(self, path: str, name: str, of: Definition) -> str:
        resource = names.resource_of(self._asked)
        if not path and of.name != resource and name in names.definition(self._api, resource).properties:
            if self._asked.endswith("_Update"):
                return f"{name} cannot be changed; leave it out of the PATCH."
            return f"{name} is set by the hub; leave it out."
        return (
            f"{_at(path, name)} is not an attribute of {resource if not path else of.name}{_hint(name, of.properties)}"
        )


def _simple_faults(path: str, value: object, kind: str) -> Iterator[str]:
    if not _is(kind, value):
        yield f"{path} must be {WORDS[kind]}, not {_shown(value)}."
    elif isinstance(value, str) and kind != "base64":  # whose length the body's bounds
        yield from _text_faults(path, value)


def _is(kind: str, value: object) -> bool:
    if kind in ("integer", "number", "boolean"):
        return _is_number(kind, value)
    if not isinstance(value, str):
        return False
    return (kind != "date-time" or is_date_time(value)) and (kind != "uri" or URI.fullmatch(value) is not None)


def _is_number(kind: str, value: object) -> bool:
    """True is not 1 here, and 2.0 is not a quantity."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int):
        return kind != "boolean" and abs(value) <= MAX_INTEGER
    if kind != "number" or not isinstance(value, Decimal | float) or not isfinite(value):
        return False
    return -MAX_INTEGER <= value <= MAX_INTEGER


def is_date_time(text: str) -> bool:
    """RFC 3339 with an offset, a day that exists, and a moment that can be told in UTC."""
    if not DATE_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _enum_faults(path: str, value: object, values: Sequence[str]) -> Iterator[str]:
    """The standard spells one status with a blank behind it ("aborted "): both spellings mean it."""
    if not isinstance(value, str) or (value not in values and value not in [each.strip() for each in values]):
        yield f"{path} must be one of {', '.join(each.strip() for each in values)}, not {_shown(value)}."


def _text_faults(path: str, text: str) -> Iterator[str]:
    name = path.rpartition(".")[2]
    is_id = name == "id" or name.endswith("Id")
    limit = MAX_ID if is_id else MAX_TEXT
    if is_id and not text:
        yield f"{_short(path)} must not be empty."
    if len(text) > limit:
        yield f"{_short(path)} may have at most {limit} characters, not {len(text)}."
    if _clean(text) != text:
        yield f"{_short(path)} holds a character that is not text (NUL or half of a surrogate pair)."


def _any_faults(path: str, value: object, depth: int) -> Iterator[str]:
    """What the standard leaves open is still text, numbers and structure within bounds."""
    if depth > MAX_DEPTH:
        yield f"{_short(path)} is nested more than {MAX_DEPTH} deep."
    elif isinstance(value, str):
        yield from _text_faults(path, value)
    elif isinstance(value, (list, Mapping)):
        yield from _any_within(path, value, depth)
    elif not (value is None or isinstance(value, bool) or _is_number("number", value)):
        yield f"{_short(path)} must be JSON, not {_shown(value)}."


def _any_within(path: str, value: list[Any] | Mapping[str, Any], depth: int) -> Iterator[str]:
    if len(value) > MAX_ENTRIES:
        yield f"{_short(path)} may have at most {MAX_ENTRIES} entries, not {len(value)}."
        return
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _any_faults(f"{path}[{index}]", entry, depth + 1)
        return
    for name, entry in value.items():
        yield from _text_faults(f"A name in {_short(path)}", name)
        yield from _any_faults(_at(path, name), entry, depth + 1)


def parse_json(text: str | bytes, largest: int = MAX_BYTES, *, of: str = "The body") -> object:
    """JSON as the standard means it; ValueError with a sentence for the sender otherwise.

    A number with a fraction is a Decimal. Refused: more than `largest` bytes, other than UTF-8, a name twice in one
    object, NaN and Infinity, numbers that a double or a DynamoDB number cannot hold, nesting beyond 100.
    """
    decoded = _decoded(text, largest, of)
    if not decoded.strip():
        raise ValueError(f"{of} is empty; JSON is expected.")
    if _nesting(decoded) > MAX_NESTING:
        raise ValueError(f"{of} is nested more than {MAX_NESTING} deep.")
    try:
        return json.loads(
            decoded,
            object_pairs_hook=_object_once,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        fault = error.msg[:1].lower() + error.msg[1:].removesuffix(" at")
        raise ValueError(f"{of} is not JSON: {fault} at {place}.") from None
    except RecursionError:
        raise ValueError(f"{of} is nested more than {MAX_NESTING} deep.") from None


def _decoded(text: str | bytes, largest: int, of: str) -> str:
    try:
        raw = text.encode() if isinstance(text, str) else text
        decoded = raw.decode() if len(raw) <= largest else None
    except UnicodeError:
        raise ValueError(f"{of} is not UTF-8 text.") from None
    if decoded is None:
        raise ValueError(f"{of} is larger than {largest // 1024} KB.")
    return decoded


def _nesting(text: str) -> int:
    """How deep brackets nest outside strings, in one pass; exact only where it can matter."""
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return 0
    depth = deepest = 0
    for found in BRACKET.finditer(text):
        mark = found[0]
        depth += 1 if mark in "[{" else -1 if mark in "]}" else 0
        if (deepest := max(deepest, depth)) > MAX_NESTING:
            break
    return deepest


def _object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"The name {_quoted(twice)} is given twice in one object.")
    return read


def _integer(digits: str) -> int:
    if len(digits) > len(str(-MAX_INTEGER)) or abs(number := int(digits)) > MAX_INTEGER:
        raise ValueError(f"The number {_short(digits)} is too large.")
    return number


def _decimal(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise ValueError(f"The number {_short(digits)} cannot be held exactly.") from None
    _, significant, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(significant) > MAX_DIGITS or exponent < -MAX_DIGITS:
        raise ValueError(f"The number {_short(digits)} cannot be held exactly.")
    if abs(number) > MAX_INTEGER:
        raise ValueError(f"The number {_short(digits)} is too large.")
    return number


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number.")


def _at(path: str, name: str) -> str:
    shown = _short(name) or '""'
    return f"{path}.{shown}" if path else shown


def _short(text: str) -> str:
    clean = _clean(text)
    return clean if len(clean) <= 200 else f"{clean[:200]}…"


def _clean(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\x00", "?")


def _quoted(text: str) -> str:
    return json.dumps(_clean(text[:40]) + ("…" if len(text) > 40 else ""), ensure_ascii=False)


def _shown(value: object) -> str:
    """A value as it may stand in a sentence."""
    if isinstance(value, str):
        return f"the text {_quoted(value)}"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value) if value is None or isinstance(value, bool) else str(value)[:40]


def _hint(name: str, among: Iterable[str]) -> str:
    if len(name) > 60:
        return "."
    from difflib import get_close_matches  # 5 ms that only a fault has to pay

    close = get_close_matches(name, among, n=1)
    return f"; did you mean {close[0]}?" if close else "."
