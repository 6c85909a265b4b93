"""Compiles what business people write (`telco/<brand>/*.yaml`) into one catalog version, or says what is wrong, where.

Everything is sorted, so the order of files and entries never makes another version.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.entries import Entry, Node, TelcoError, near, sections
from cli.facts import CHANNELS, Brand, present

Json = dict[str, Any]

__all__ = ["CHANNELS", "TelcoError", "brands", "compile_brand"]

DUE = ("atOrder", "onDelivery", "onBill", "perUse")
REQUIREMENTS = ["identity", "age", "credit", "deposit", "payment", "document", "signature", "donorRelease"]
REQUIREMENTS += ["serviceability", "appointment", "approval"]
PRICE_TYPES = {"monthly": "recurring", "once": "oneTime"}
VALUE_TYPES = {"text": "string", "number": "number", "flag": "boolean"}
RELATIONSHIPS = ("requires", "excludes", "recommends")
IDENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z][A-Za-z0-9]*", re.ASCII)


def compile_brand(folder: Path, brand: str) -> Json:
    """The catalog version written in `folder/brand/*.yaml`; money and percentages are decimal strings.

    Raises TelcoError with one sentence about the first thing that is wrong."""
    return _Compiler(sections(folder / brand), brand).version()


def brands(folder: Path) -> list[str]:
    """The brands that have a folder here: each has a file `brand.yaml`."""
    return sorted(path.parent.name for path in folder.glob("*/brand.yaml"))


class _Compiler(Brand):
    """Holds what an entry may refer to while it is read: the brand's facts, and the ids of every section."""

    def __init__(self, found: dict[str, dict[str, Node]], brand: str) -> None:
        super().__init__(found, brand)
        self.prices: dict[str, Json] = {}
        self.characteristics: dict[str, Json] = {}

    def version(self) -> Json:
        """The whole catalog, as it is stored."""
        catalog = self._catalog()
        self.characteristics = {
            name: self._characteristic(name, e) for name, e in self._entries("characteristics", NAME)
        }
        for ident, entry in self._entries("prices"):
            self._add_price(ident, entry)
        offerings = {ident: self._offering(ident, entry) for ident, entry in self._entries("offerings")}
        return {
            "brand": self.brand,
            "market": self.market,
            "currency": self.currency,
            "timeZone": self.zone.key,
            "languages": self.languages,
            "catalog": [catalog],
            "category": [self._category(ident, entry) for ident, entry in self._entries("categories")],
            "productOffering": list(offerings.values()),
            "productOfferingPrice": [self.prices[ident] for ident in sorted(self.prices)],
            "productSpecification": [self._specification(*each) for each in self._entries("specifications")],
            "promotion": [self._promotion(ident, entry, offerings) for ident, entry in self._entries("promotions")],
        }

    def _entries(self, section: str, shape: re.Pattern[str] = IDENT) -> Iterator[tuple[str, Entry]]:
        """The entries of a section by id. When the next is asked for, the last has been made: its rest is refused."""
        for ident, node in sorted(self.sections[section].items()):
            if not shape.fullmatch(ident):
                like = "'plan-m'" if shape is IDENT else "'dataAllowance'"
                node.refuse(f"'{ident}' cannot stand as an id in {section}; write it like {like}.")
            yield ident, (entry := Entry(f"'{ident}' in {section}", node))
            entry.finish()

    def _catalog(self) -> Json:
        roots = [ident for ident in sorted(self.sections["categories"]) if self._parent(ident) is None]
        made = {"id": self.brand, **self.told(self.facts), "category": _refs(roots), **self.life(self.facts)}
        self.facts.finish()
        return made

    def _category(self, ident: str, entry: Entry) -> Json:
        parent, above = entry.read("parent", lambda node: self.ref(node, "categories")), self._parent(ident)
        for _ in self.sections["categories"]:
            if above == ident:
                entry.need("parent").refuse(f"the category '{ident}' stands below itself.")
            above = above and self._parent(above)
        below = [other for other in sorted(self.sections["categories"]) if self._parent(other) == ident]
        made = {"id": ident, **self.told(entry), "isRoot": parent is None, "parentId": parent}
        return present(made | {"subCategory": _refs(below), **self.life(entry)})

    def _parent(self, category: str) -> str | None:
        node = self.sections["categories"].get(category)
        parent = node and node.fields(f"the category '{category}'").get("parent")
        return parent.text("parent") if parent else None

    def _characteristic(self, name: str, entry: Entry) -> Json:
        made = {"id": name, "name": name, "description": self.text(entry.need("label"))}
        made["valueType"] = VALUE_TYPES[entry.read("type", lambda node: node.one_of([*VALUE_TYPES], "type"), "text")]
        made["unit"] = entry.read("unit", lambda node: node.text("unit"))
        return present(made | {"regex": entry.read("pattern", _pattern)})

    def _specification(self, ident: str, entry: Entry) -> Json:
        values = entry.read("characteristics", lambda node: node.fields("characteristics"), {})
        return present(
            {
                "id": ident,
                **self.told(entry, described=False),
                "brand": entry.read("maker", lambda node: node.text("maker")),
                "productNumber": entry.read("number", lambda node: node.text("number")),
                "isBundle": False,
                "productSpecCharacteristic": [self._values(name, node) for name, node in sorted(values.items())],
                **self.life(entry),
            }
        )

    def _values(self, name: str, node: Node) -> Json:
        """One value is fixed; of several the buyer chooses (the first is the default); `asked` comes with the sale."""
        if name not in self.characteristics:
            node.refuse(f"the characteristic '{name}' is not known{near(name, self.characteristics)}")
        made = {**self.characteristics[name]}
        unit, asked = made.pop("unit", None), isinstance(node.value, str) and node.value.startswith("asked")
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

    def _offering(self, ident: str, entry: Entry) -> Json:
        bundled = sorted(self.ref(node, "offerings") for node in entry.each("bundles"))
        if ident in bundled:
            entry.need("bundles").refuse(f"the bundle '{ident}' contains itself.")
        specification = entry.read("specification", lambda node: self.ref(node, "specifications"))
        if not bundled and not specification:
            entry.need("specification")
        return present(
            {
                "id": ident,
                **self.told(entry),
                "isBundle": bool(bundled),
                "isSellable": entry.read("sellable", lambda node: node.flag("sellable"), otherwise=True),
                "category": _refs(self.several(entry, "category", "categories")),
                "channel": self.channels(entry.need("channels"), dated=True),
                "productSpecification": specification and {"id": specification},
                "productOfferingPrice": _refs(sorted(self._price_of(ident, node) for node in entry.each("prices"))),
                "bundledProductOffering": _refs(bundled),
                "productOfferingTerm": entry.read("term", self.term),
                "productOfferingRelationship": [
                    {"id": other, "relationshipType": kind}
                    for kind in RELATIONSHIPS
                    for other in sorted(self.ref(node, "offerings") for node in entry.each(kind))
                ],
                "requirement": [
                    {"kind": k} for k in sorted(n.one_of(REQUIREMENTS, "need") for n in entry.each("needs"))
                ],
                "marketSegment": _refs(sorted(node.text("segment") for node in entry.each("segments"))),
                **self.life(entry),
            }
        )

    def _price_of(self, offering: str, node: Node) -> str:
        """The id of a price that is shared, or of the one written here, which is then kept."""
        if isinstance(node.value, str):
            return self.ref(node, "prices")
        entry = Entry(f"a price of '{offering}'", node)
        kind = "monthly" if "monthly" in node.fields(entry.title) else "once"
        ident: str = entry.read("id", _ident, f"{offering}-{kind}")
        self._add_price(ident, entry)
        entry.finish()
        return ident

    def _add_price(self, ident: str, entry: Entry) -> None:
        amounts = [(kind, node) for kind in PRICE_TYPES if (node := entry.get(kind))]
        if len(amounts) != 1:
            entry.node.refuse(f"{entry.title} needs an amount, either 'monthly' or 'once'.")
        if ident in self.prices:
            entry.node.refuse(f"there is a price '{ident}' already; give this one an 'id' of its own.")
        (kind, amount), rate = amounts[0], entry.read("tax", lambda node: node.one_of([*self.tax], "tax"), "standard")
        if rate not in self.tax:
            entry.node.refuse(f"{entry.title} has no 'tax', and the brand has no rate called 'standard'.")
        due = "onBill" if kind == "monthly" else "atOrder"
        made = {
            "id": ident,
            "name": entry.read("name", self.text) or self.usual(kind, entry),
            "priceType": PRICE_TYPES[kind],
            "recurringChargePeriodType": "month" if kind == "monthly" else None,
            "recurringChargePeriodLength": 1 if kind == "monthly" else None,
            "price": self.money(amount),
            "tax": [{"taxCategory": rate, "taxRate": _plain(self.tax[rate].number("tax"))}],
            "due": entry.read("due", lambda node: node.one_of(DUE, "due"), due),
        }
        self.prices[ident] = present(made | self.life(entry))

    def _promotion(self, ident: str, entry: Entry, offerings: dict[str, Json]) -> Json:
        price_type = PRICE_TYPES[entry.need("reduces").one_of([*PRICE_TYPES], "reduces")]
        percent, amount, months = entry.get("percent"), entry.get("amount"), entry.get("months")
        if (percent is None) == (amount is None):
            entry.node.refuse(f"{entry.title} needs either 'percent' or 'amount'.")
        if months and price_type == "oneTime":
            months.refuse("a one-time price has no 'months'; only 'reduces: monthly' has.")
        channel = self.channels(entry.need("channels"), dated=False)
        made = {
            "id": ident,
            **self.told(entry),
            "priority": entry.read("priority", lambda node: node.whole("priority"), 1),
            "channel": channel,
            "priceType": price_type,
            "percentage": percent and _percentage(percent),
            "amount": amount and self.money(amount),
            "applicationDuration": months and months.whole("months"),
            "appliesTo": self._reduced(entry, offerings),
            **self.life(entry, version=None),
        }
        self._must_bite(made, entry, offerings)
        return present(made)

    def _reduced(self, entry: Entry, offerings: dict[str, Json]) -> list[str]:
        named = {self.ref(node, "offerings") for node in entry.each("offerings")}
        categories = {self.ref(node, "categories") for node in entry.each("categories")}
        within = {o["id"] for o in offerings.values() if categories & {c["id"] for c in o["category"]}}
        return sorted(named | within) or entry.node.refuse(
            f"{entry.title} needs 'offerings' or 'categories' to apply to."
        )

    def _must_bite(self, made: Json, entry: Entry, offerings: dict[str, Json]) -> None:
        """A promotion that can never reduce anything is a slip of the pen, and nobody would notice it on sale."""
        channels = {channel["id"] for channel in made["channel"]}
        for ident in made["appliesTo"]:
            prices = [self.prices[ref["id"]] for ref in offerings[ident].get("productOfferingPrice", [])]
            worth = sum(Decimal(p["price"]["value"]) for p in prices if p["priceType"] == made["priceType"])
            if not worth:
                entry.node.refuse(f"{entry.title} reduces a price of '{ident}', which has none of that kind.")
            if made["amount"] and Decimal(made["amount"]["value"]) > worth:
                entry.node.refuse(f"{entry.title} takes off more than '{ident}' costs.")
            if not channels & {channel["id"] for channel in offerings[ident]["channel"]}:
                entry.node.refuse(f"{entry.title} applies to '{ident}', which none of its channels sells.")


def _refs(idents: Iterable[str]) -> list[Json]:
    return [{"id": ident} for ident in idents]


def _pattern(node: Node) -> str:
    try:
        return re.compile(node.text("pattern")).pattern
    except re.error as wrong:
        node.refuse(f"the pattern is not a regular expression ({wrong}).")


def _ident(node: Node) -> str:
    if not IDENT.fullmatch(word := node.text("id")):
        node.refuse(f"'{word}' cannot be an id; write it like 'plan-m'.")
    return word


def _plain(number: Decimal) -> int | float:
    """For facts such as a tax rate or a display's size; money never comes here."""
    return int(number) if number == int(number) else float(number)


def _percentage(node: Node) -> str:
    if not 0 < (percent := node.number("percent")) <= 100:
        node.refuse("percent must be more than 0 and at most 100.")
    return f"{percent.normalize():f}"


def _typed(node: Node, name: str, kind: str) -> str | int | float | bool:
    if kind == "number":
        return _plain(node.number(name))
    return node.flag(name) if kind == "boolean" else node.text(name)
