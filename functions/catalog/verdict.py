"""What is still to be chosen in a configuration, and what in it goes against what: as data and as sentences. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from functions.catalog.catalog import Catalog
from functions.shared import tmf
from functions.shared.resource import Json, ref

CONFLICTS = 50  # that are told of one line; nobody chooses that much by mistake
LISTED = 100  # allowed values that are listed
SAID = 6  # that a sentence names
LONGEST = 60  # characters of a name or value in a sentence


class Verdict:
    """What is found wrong with one configuration, each thing once, in the order it is found."""

    def __init__(self, catalog: Catalog, language: str | None) -> None:
        self.catalog, self.language = catalog, language
        self.missing: list[Json] = []
        self.conflict: list[Json] = []
        self._told: set[object] = set()

    def lacks(self, choice: Json, sentence: str) -> None:
        """Something is still to be chosen: `choice` says where, and what is allowed."""
        key = choice if "characteristic" in choice else {**choice, "of": choice["allowed"]}
        if self._first("missing", key) and len(self.missing) < CONFLICTS:
            self.missing.append({**choice, "reason": sentence})

    def clash(self, one: Json, other: Json, sentence: str) -> None:
        """One thing goes against another; said once, whichever of the two it follows from."""
        if len(self.conflict) < CONFLICTS and self._first(*sorted([str(_bare(one)), str(_bare(other))])):
            if len(self.conflict) == CONFLICTS - 1:
                sentence = "There is more wrong than can be told at once; mend the rest first."
            self.conflict.append({"between": [one, other], "reason": sentence})

    def _first(self, *what: object) -> bool:
        told = str([_bare(each) if isinstance(each, dict) else each for each in what])
        first = told not in self._told
        self._told.add(told)
        return first

    def choice(self, offering: Json | str, place: str = "", **more: Any) -> Json:
        """What a verdict is about: an offering, as which part of the line, and what of it."""
        id_ = offering if isinstance(offering, str) else offering["id"]
        named = {} if isinstance(offering, str) else {"name": self.text(offering["name"])}
        about: Json = {"productOffering": ref(id_[:LONGEST], _href(id_), "ProductOffering", **named)}
        if place:
            about["cartItem"] = place
        return {**about, **{name: value for name, value in more.items() if value is not None}}

    def name(self, id_: str) -> str:
        """What people call an offering."""
        found = self.catalog.offering(id_)
        return shown(self.text(found["name"]) if found else id_)

    def text(self, words: Any) -> str:
        return self.catalog.text(words, self.language)


def _href(id_: str) -> str:
    return tmf.href("productOffering", id_[:LONGEST])


def _bare(choice: Json) -> Json:
    return {name: value for name, value in choice.items() if name not in ("productOffering", "allowed")} | {
        "id": choice["productOffering"]["id"]
    }


def plain(value: Any) -> Any:
    """A value as data: what is long or nested becomes what a sentence calls it."""
    return value if value is None or isinstance(value, bool | int | float | Decimal) else shown(value)


def shown(value: Any) -> str:
    """A value in a sentence: short, whatever was sent."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < LONGEST:
        value = f"{value.normalize():f}"
    if isinstance(value, dict) and ("valueFrom" in value or "valueTo" in value):
        return " ".join(
            f"{word} {value[name]}" for word, name in (("from", "valueFrom"), ("to", "valueTo")) if name in value
        )
    if isinstance(value, dict) and "regex" in value:
        return f"like {str(value['regex'])[:LONGEST]}"
    text = value if isinstance(value, str) else f"{type(value).__name__} value" if _is_nested(value) else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _is_nested(value: Any) -> bool:
    return isinstance(value, list | dict)


def either(names: Sequence[str], word: str = "or") -> str:
    """`A, B or C`; of many the first few, and how many more."""
    told = [*names[:SAID]]
    if len(names) > SAID:
        return f"{', '.join(told)} {word} {len(names) - SAID} more"
    return f" {word} ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
