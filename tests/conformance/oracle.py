"""What a list must answer, worked out from the whole list by other means than the hub's own."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from functions.shared import names

Json = dict[str, Any]
COMPARED = ("integer", "number", "date-time", "string")
RELATION: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, asked: bool(held == asked),
    "gt": lambda held, asked: bool(held > asked),
    "gte": lambda held, asked: bool(held >= asked),
    "lt": lambda held, asked: bool(held < asked),
    "lte": lambda held, asked: bool(held <= asked),
    "regex": lambda held, asked: re.search(asked, held) is not None,
}


def leaves(body: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every simple value with its dotted path, through lists."""
    if isinstance(body, dict):
        for name, value in body.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(body, list):
        for value in body:
            yield from leaves(value, path)
    elif body is not None:
        yield path, body


def kind_of(api: str, definition: str, path: str) -> str:
    """The type that the standard gives what stands at a path; an enumeration is text."""
    for name in path.split("."):
        if definition == "any":
            return "any"
        definition = names.definition(api, definition).properties[name].partition("[")[0]
    return "string" if definition[:1].isupper() else definition


def matching(bodies: list[Json], path: str, operator: str, written: Any, kind: str) -> set[str]:
    """The ids of those that have a value at the path which stands in that relation to the one written."""
    asked = written if operator == "regex" else _value(written, kind)
    return {
        body["id"]
        for body in bodies
        if any(at == path and RELATION[operator](_value(held, kind), asked) for at, held in leaves(body))
    }


def _value(written: Any, kind: str) -> Any:
    if kind == "date-time":
        return datetime.fromisoformat(written)
    if kind in ("integer", "number"):
        return Decimal(str(written))
    return written if isinstance(written, (str, bool)) else str(written)


def shown(value: Any) -> str:
    """A value as one writes it into a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)
