"""Compiles what business people write (`telco/<brand>/*.yaml`) into one catalog version, or says what is wrong, where.

Everything is sorted, so the order of files and entries never makes another version.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from cli import choices
from cli.entries import Entry, Node, TelcoError, near, sections
from cli.facts import CHANNELS, IDENT, NAME, Brand, Json, plain, present
from cli.partners import partner, provider
from cli.prices import Prices, price_list, tax_rate
from cli.promotions import eligibility, promotion, segment
from functions.catalog import stages
from functions.shared import pattern

__all__ = ["CHANNELS", "Source", "TelcoError", "brands", "compile_brand", "compile_folder"]

REQUIREMENTS = ["identity", "age", "credit", "deposit", "payment", "document", "signature", "donorRelease"]
REQUIREMENTS += ["serviceability", "appointment", "approval"]
VALUE_TYPES = {"text": "string", "number": "number", "flag": "boolean"}
RELATIONSHIPS = ("requires", "excludes", "recommends")
STAGES = {"announced": stages.ANNOUNCES, "preorder": stages.OPENS}


class Source(NamedTuple):
    """A catalog version, and of each resource, by kind and id, the file and line where it is written."""

    content: Json
    spots: dict[tuple[str, str], str]


def compile_brand(folder: Path, brand: str) -> Json:
    """The catalog version written in `folder/brand/*.yaml`; money and percentages are decimal strings.

    Raises TelcoError with one sentence about the first thing that is wrong."""
    return compile_folder(folder / brand).content


def compile_folder(folder: Path) -> Source:
    """The same, of one brand's folder, with the places; raises TelcoError."""
    compiler = _Compiler(sections(folder), folder.name)
    return Source(compiler.version(), compiler.spots)


def brands(folder: Path) -> list[str]:
    """The brands that have a folder here: each has a file `brand.yaml`."""
    return sorted(path.parent.name for path in folder.glob("*/brand.yaml"))


class _Compiler(Brand):
    """Holds what an entry may refer to while it is read: the brand's facts, and the ids of every section."""

    def __init__(self, found: dict[str, dict[str, Node]], brand: str) -> None:
        super().__init__(found, brand)
        self.prices = Prices(self)
        self.spots: dict[tuple[str, str], str] = {}
        self.characteristics: dict[str, Json] = {}
        self._rooted = set[str]()  # the categories that are known to stand below no circle

    def version(self) -> Json:
        """The whole catalog, as it is stored."""
        catalog = self._catalog()
        self.characteristics = {
            name: self._characteristic(name, e) for name, e in self._entries("characteristics", NAME)
        }
        for ident, entry in self._entries("prices"):
            self.prices.add(ident, entry)
        offerings = self._all("productOffering", "offerings", self._offering)
        self.prices.finish()
        self.spots |= {("productOfferingPrice", ident): spot for ident, spot in self.prices.spots.items()}
        return {
            "brand": self.brand,
            "market": self.market,
            "currency": self.currency,
            "currencies": self.currencies,
            "timeZone": self.zone.key,
            "languages": self.languages,
            "rounding": self.rounding,
            **({"taxKeeps": self.keeps} if self.keeps else {}),
            **({"billsInAdvance": True} if self.in_advance else {}),
            **({"priceRise": self.price_rise} if self.price_rise else {}),
            "catalog": [catalog],
            "category": self._all("category", "categories", self._category),
            "productOffering": offerings,
            "productOfferingPrice": [self.prices.by_id[ident] for ident in sorted(self.prices.by_id)],
            "productSpecification": self._all("productSpecification", "specifications", self._specification),
            "segment": self._all("segment", "segments", partial(segment, self)),
            "priceList": self._all("priceList", "priceLists", partial(price_list, self)),
            "taxRate": self._all("taxRate", "taxRates", partial(tax_rate, self)),
            "partner": self._all("partner", "partners", partial(partner, self)),
            "promotion": self._all("promotion", "promotions", partial(promotion, self.prices)),
        }

    def _all(self, kind: str, section: str, made: Callable[[str, Entry], Json]) -> list[Json]:
        found = []
        for ident, entry in self._entries(section):
            self.spots[kind, ident] = entry.node.spot
            found.append(made(ident, entry))
        return found

    def _entries(self, section: str, shape: re.Pattern[str] = IDENT) -> Iterator[tuple[str, Entry]]:
        """The entries of a section by id. When the next is asked for, the last has been made: its rest is refused."""
        for ident, node in sorted(self.sections[section].items()):
            if not shape.fullmatch(ident):
                like = "'plan-m'" if shape is IDENT else "'dataAllowance'"
                node.refuse(f"'{ident}' cannot stand as an id in {section}; write it like {like}.")
            yield ident, (entry := Entry(f"'{ident}' in {section}", node))
            entry.finish()

    def _catalog(self) -> Json:
        roots = [ident for ident, parent in self._parents.items() if parent is None]
        made = {"id": self.brand, **self.told(self.facts), "category": _refs(roots), **self.life(self.facts)}
        self.facts.finish()
        return made

    def _category(self, ident: str, entry: Entry) -> Json:
        parent = entry.read("parent", lambda node: self.ref(node, "categories"))
        above, path = parent, {ident}
        while above is not None and above not in self._rooted:
            if above in path:
                entry.need("parent").refuse(f"the category '{ident}' stands below itself.")
            path.add(above)
            above = self._parents.get(above)
        self._rooted |= path
        below = [other for other, its in self._parents.items() if its == ident]
        made = {"id": ident, **self.told(entry), "isRoot": parent is None, "parentId": parent}
        return present(made | {"subCategory": _refs(below), **self.life(entry)})

    @cached_property
    def _parents(self) -> dict[str, str | None]:
        """Of each category the one above it."""
        found: dict[str, str | None] = {}
        for ident, node in sorted(self.sections["categories"].items()):
            parent = node.fields(f"the category '{ident}'").get("parent")
            found[ident] = parent.text("parent") if parent else None
        return found

    def _characteristic(self, name: str, entry: Entry) -> Json:
        made = {"id": name, "name": name, "description": self.text(entry.need("label"))}
        made["valueType"] = VALUE_TYPES[entry.read("type", lambda node: node.one_of([*VALUE_TYPES], "type"), "text")]
        made["unit"] = entry.read("unit", lambda node: node.text("unit"))
        return present(made | {"regex": entry.read("pattern", _pattern)})

    def _specification(self, ident: str, entry: Entry) -> Json:
        values = entry.read("characteristics", lambda node: node.fields("characteristics"), {})
        rules = choices.rules(entry, self.sections, self._value)
        return present(
            {
                "id": ident,
                **self.told(entry, described=False),
                "brand": entry.read("maker", lambda node: node.text("maker")),
                "productNumber": entry.read("number", lambda node: node.text("number")),
                "isBundle": False,
                "productSpecCharacteristic": [
                    present({**self._values(name, node), "productSpecCharRelationship": rules.get(name, [])})
                    for name, node in sorted(values.items())
                ],
                **self.life(entry),
            }
        )

    def _values(self, name: str, node: Node) -> Json:
        """One value is fixed; of several the buyer chooses (the first is the default); `asked` comes with the sale."""
        self._must_be_known(node, name)
        made = {**self.characteristics[name]}
        unit, asked = made.pop("unit", None), isinstance(node.value, str) and node.value.startswith("asked")
        if isinstance(node.value, dict):
            return {**made, **choices.values(Entry(f"the characteristic '{name}'", node), name, self._value, unit)}
        several = isinstance(node.value, list)
        values = [] if asked else [_typed(item, name, made["valueType"]) for item in node.items()]
        if len({str(value) for value in values}) < len(values):
            node.refuse(f"'{name}' has the same value twice.")
        least = int(not asked or node.one_of(["asked", "asked if wanted"], name) == "asked")
        made |= {"configurable": asked or several, "minCardinality": least, "maxCardinality": 1}
        made["productSpecCharacteristicValue"] = [
            present({"value": value, "unitOfMeasure": unit, "isDefault": place == 0})
            for place, value in enumerate(values)
        ]
        return present(made)

    def _value(self, node: Node, name: str) -> str | int | Decimal | bool:
        self._must_be_known(node, name)
        return _typed(node, name, self.characteristics[name]["valueType"])

    def _must_be_known(self, node: Node, name: str) -> None:
        if name not in self.characteristics:
            node.refuse(f"the characteristic '{name}' is not known{near(name, self.characteristics)}")

    def _offering(self, ident: str, entry: Entry) -> Json:
        parts = choices.parts(self, ident, entry)
        bundled = any(parts.values())
        specification = entry.read("specification", lambda node: self.ref(node, "specifications"))
        if not bundled and not specification:
            entry.need("specification")
        return present(
            {
                "id": ident,
                **self.told(entry),
                "isBundle": bundled,
                "isSellable": entry.read("sellable", lambda node: node.flag("sellable"), otherwise=True),
                "category": _refs(self.several(entry, "category", "categories")),
                "channel": self.channels(entry.need("channels"), dated=True),
                "productSpecification": specification and {"id": specification},
                "productOfferingPrice": _refs(
                    sorted(filter(None, (self.prices.of_offering(ident, node) for node in entry.each("prices"))))
                ),
                **parts,
                "productOfferingTerm": entry.read("term", self.term),
                "productOfferingRelationship": [
                    {"id": other, "relationshipType": kind}
                    for kind in RELATIONSHIPS
                    for other in sorted(self.ref(node, "offerings") for node in entry.each(kind))
                ],
                "requirement": [
                    {"kind": k} for k in sorted(n.one_of(REQUIREMENTS, "need") for n in entry.each("needs"))
                ],
                "marketSegment": _refs(sorted(self.ref(node, "segments") for node in entry.each("segments"))),
                "eligibility": entry.read("eligibility", lambda node: eligibility(self, node), []),
                "relatedParty": entry.read("provider", lambda node: provider(self, node)),
                **self.life(entry),
                **{name: entry.read(word, self.moment) for word, name in STAGES.items()},
                stages.CLOSES: entry.read("endOfLife", lambda node: self.moment(node, last_day=True)),
            }
        )


def _refs(idents: Iterable[str]) -> list[Json]:
    return [{"id": ident} for ident in idents]


def _pattern(node: Node) -> str:
    written = node.text("pattern")
    if pattern.compiled(written) is None:
        node.refuse(f"the pattern is not a regular expression of RE2 with at most {pattern.LONGEST} characters.")
    return written


def _typed(node: Node, name: str, kind: str) -> str | int | Decimal | bool:
    if kind == "number":
        return plain(node.number(name))
    return node.flag(name) if kind == "boolean" else node.text(name)
