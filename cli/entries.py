"""What business people wrote, as entries that know the file and the line where they stand.

Every scalar is read as text, so `29.90` keeps its last digit and a country code `NO` stays a code; each field then says
what it must be, in a sentence for the person who edits the file.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import yaml

from functions.catalog.checks.form import NO_TEXT

SECTIONS = ["brand", "categories", "characteristics", "specifications", "segments", "priceLists", "taxRates"]
SECTIONS += ["partners", "prices", "offerings", "promotions"]
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
# Deeper than any entry can mean; what stops a file that refers to itself.
DEEPEST = 12
LONGEST = 400  # characters of a sentence, whatever it repeats
LARGEST, MOST = 10_000_000, 300_000  # bytes of a file, and values in it, those that an alias (*) stands for among them


class TelcoError(Exception):
    """A sentence for the person who edits the file; it begins with the file and, where there is one, the line."""


@dataclass(frozen=True)
class Node:
    """One value of a file, and where it stands."""

    spot: str
    value: "str | list[Node] | dict[str, Node]"

    def refuse(self, sentence: str) -> NoReturn:
        told = sentence if len(sentence) <= LONGEST else f"{sentence[: LONGEST - 1]}…"
        raise TelcoError(f"{self.spot}: {told}")

    def text(self, what: str) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            self.refuse(f"{what} must be a text, and not empty.")
        return self.value.strip()

    def fields(self, what: str) -> "dict[str, Node]":
        if not isinstance(self.value, dict):
            self.refuse(f"{what} must be written as lines of 'key: value'.")
        return self.value

    def items(self) -> "list[Node]":
        """A list, or the one value standing for a list of one."""
        if self.value == []:
            self.refuse("this list is empty; leave the line out, or fill it.")
        return self.value if isinstance(self.value, list) else [self]

    def one_of(self, known: Sequence[str], what: str) -> str:
        if (word := self.text(what)) not in known:
            self.refuse(f"{what} '{word}' is not known{near(word, known)}")
        return word

    def number(self, what: str) -> Decimal:
        if not NUMBER.fullmatch(word := self.text(what)):
            self.refuse(f"{what} '{word}' is not a number; write it with digits and a point, like 29.99.")
        return Decimal(word)

    def whole(self, what: str) -> int:
        if not (word := self.text(what)).isascii() or not word.isdigit() or not 0 < int(word[:9]) < 10**6:
            self.refuse(f"{what} '{word}' is not a whole number from 1 on.")
        return int(word)

    def flag(self, what: str) -> bool:
        return self.one_of(["yes", "no", "true", "false"], what) in ("yes", "true")


class Entry:
    """The fields of one thing. A field that nobody asked for is one that nobody knows: `finish` refuses it."""

    def __init__(self, title: str, node: Node) -> None:
        self.title, self.node, self._asked = title, node, list[str]()
        self._fields = node.fields(title)

    def get(self, key: str) -> Node | None:
        self._asked.append(key)
        return self._fields.get(key)

    def need(self, key: str) -> Node:
        return self.get(key) or self.node.refuse(f"{self.title} has no '{key}'.")

    def read(self, key: str, reader: Callable[[Node], Any], otherwise: Any = None) -> Any:
        return otherwise if (node := self.get(key)) is None else reader(node)

    def each(self, key: str) -> Iterator[Node]:
        yield from self.read(key, Node.items, [])

    def finish(self) -> None:
        for key, node in self._fields.items():
            if key not in self._asked:
                node.refuse(f"{self.title} has a field '{key}', which is not known{near(key, self._asked)}")


def sections(folder: Path) -> dict[str, dict[str, Node]]:
    """Every entry of a brand's files by section and id; which file it stands in makes no difference."""
    found: dict[str, dict[str, Node]] = {name: {} for name in SECTIONS}
    files = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))
    if not files:
        raise TelcoError(f"{folder.name}: no YAML files here; a brand is a folder with a file brand.yaml.")
    for path in files:
        for section, content in _parsed(path).items():
            if section not in found:
                content.refuse(f"the section '{section}' is not known{near(section, found)}")
            for ident, node in content.fields(f"the section '{section}'").items():
                if ident in found[section]:
                    node.refuse(f"'{ident}' stands in {section} already: {found[section][ident].spot}.")
                found[section][ident] = node
    return found


def _parsed(path: Path) -> dict[str, Node]:
    name = f"{path.parent.name}/{path.name}"
    try:
        raw = yaml.compose(_text(path, name), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as wrong:
        raise TelcoError(f"{name}: save the file as UTF-8; byte {wrong.start} is not.") from wrong
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        raise TelcoError(f"{name}, line {line}: this is not YAML ({wrong.problem}).") from wrong
    except yaml.reader.ReaderError as wrong:
        raise TelcoError(f"{name}: this is not YAML ({wrong.reason}).") from wrong
    except RecursionError as wrong:
        raise TelcoError(f"{name}: this is nested too deeply.") from wrong
    return _Reader(name).node(raw, f"{name}, line 1").fields("the file") if raw else {}


def _text(path: Path, name: str) -> str:
    """What is written in a file; a pipe or a device would be read for ever."""
    try:
        if path.is_file() and path.stat().st_size <= LARGEST:
            return path.read_text(encoding="utf-8-sig")
    except OSError as wrong:
        raise TelcoError(f"{name}: this cannot be read ({wrong.strerror}).") from wrong
    raise TelcoError(f"{name}: this is no file of at most {LARGEST // 10**6} MB; divide it.")


class _Reader:
    """Makes nodes of what one file says."""

    def __init__(self, name: str) -> None:
        self.name, self._count = name, 0

    def node(self, raw: yaml.Node, spot: str, depth: int = 0) -> Node:
        self._count += 1
        if depth > DEEPEST:
            raise TelcoError(f"{spot}: this is nested too deeply.")
        if self._count > MOST:
            raise TelcoError(f"{spot}: up to here there are more than {MOST} values in this file; divide it.")
        if isinstance(raw, yaml.ScalarNode):
            return Node(spot, self._said(raw, spot))
        if isinstance(raw, yaml.SequenceNode):
            return Node(spot, [self.node(item, self._spot(item), depth + 1) for item in raw.value])
        found: dict[str, Node] = {}
        for key, value in raw.value:
            here = self._spot(key)
            if not isinstance(key, yaml.ScalarNode):
                raise TelcoError(f"{here}: only a plain word can stand before a colon.")
            if self._said(key, here) in found:
                first = found[key.value].spot
                raise TelcoError(f"{here}: '{key.value}' stands twice in the same place; the first is in {first}.")
            found[key.value] = self.node(value, here, depth + 1)
        return Node(spot, found)

    def _said(self, raw: yaml.ScalarNode, spot: str) -> str:
        if NO_TEXT.search(raw.value):
            raise TelcoError(f"{spot}: this holds NUL or half of a surrogate pair; take that out.")
        return str(raw.value)

    def _spot(self, raw: yaml.Node) -> str:
        return f"{self.name}, line {raw.start_mark.line + 1}"


def near(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or else what there is."""
    known = list(known)
    if close := get_close_matches(word, known, n=1, cutoff=0.7):
        return f"; did you mean '{close[0]}'?"
    return f"; known are {', '.join(known)}." if len(known) <= 12 else "."
