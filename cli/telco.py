"""Compiles what business people write (`telco/<brand>/*.yaml`) into one catalog version, or says what is wrong, where.

Every scalar is read as text, so `29.90` keeps its last digit and a country code `NO` stays a code; each field then says
what it must be. Everything is sorted, so the order of files and entries never makes another version.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

Json: TypeAlias = dict[str, Any]

CHANNELS = ("web", "selfcare", "callcentre", "shop", "kiosk", "mobile", "partner", "iptv", "directmail", "social")
SECTIONS = ("brand", "categories", "characteristics", "specifications", "prices", "offerings", "promotions")
LIFECYCLES = ("In Study", "In Design", "In Test", "Active", "Launched", "Retired", "Obsolete", "Rejected")
DUE = ("atOrder", "onDelivery", "onBill", "perUse")
REQUIREMENTS = ["identity", "age", "credit", "deposit", "payment", "document", "signature", "donorRelease"]
REQUIREMENTS += ["serviceability", "appointment", "approval"]
PRICE_TYPES = {"monthly": "recurring", "once": "oneTime"}
VALUE_TYPES = {"text": "string", "number": "number", "flag": "boolean"}
RELATIONSHIPS = ("requires", "excludes", "recommends")
# ISO 4217: a currency has two decimals, but these.
DECIMALS = {"CLP": 0, "ISK": 0, "JPY": 0, "KRW": 0, "PYG": 0, "UGX": 0, "VND": 0, "XAF": 0, "XOF": 0, "XPF": 0}
DECIMALS |= {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3}
DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?", re.ASCII)
NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
IDENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z][A-Za-z0-9]*", re.ASCII)
# Deeper than any entry can mean; what stops a file that refers to itself.
DEEPEST = 8


class TelcoError(Exception):
    """A sentence for the person who edits the file; it begins with the file and, where there is one, the line."""


@dataclass(frozen=True)
class Node:
    """One value of a file, and where it stands."""

    spot: str
    value: "str | list[Node] | dict[str, Node]"

    def refuse(self, sentence: str) -> NoReturn:
        raise TelcoError(f"{self.spot}: {sentence}")

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
            self.refuse(f"{what} '{word}' is not known{_near(word, known)}")
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
                node.refuse(f"{self.title} has a field '{key}', which is not known{_near(key, self._asked)}")


def compile_brand(folder: Path, brand: str) -> Json:
    """The catalog version written in `folder/brand/*.yaml`; money and percentages are decimal strings.

    Raises TelcoError with one sentence about the first thing that is wrong."""
    return _Compiler(_sections(folder / brand), brand).version()


def brands(folder: Path) -> list[str]:
    """The brands that have a folder here: each has a file `brand.yaml`."""
    return sorted(path.parent.name for path in folder.glob("*/brand.yaml"))


class _Compiler:
    """Holds what an entry may refer to while it is read: the brand's facts, and the ids of every section."""

    def __init__(self, sections: dict[str, dict[str, Node]], brand: str) -> None:
        if not sections["brand"]:
            raise TelcoError(f"{brand}: no file has a section 'brand'; copy brand.yaml from another brand.")
        first = next(iter(sections["brand"].values()))
        self.sections = sections
        self.facts = facts = Entry("the brand", Node(first.spot, sections["brand"]))
        self.brand = facts.need("id").text("the id of the brand")
        if self.brand != brand:
            facts.need("id").refuse(f"the brand is called '{self.brand}' here, but its folder '{brand}'.")
        self.market = facts.need("market").text("market")
        self.currency = _currency(facts.need("currency"))
        self.languages = [node.text("a language") for node in facts.need("languages").items()]
        self.zone = _zone(facts.need("timeZone"))
        self.sold_in = [node.one_of(CHANNELS, "channel") for node in facts.need("channels").items()]
        self.groups = facts.read("channelGroups", lambda node: node.fields("channelGroups"), {})
        self.tax = facts.need("tax").fields("tax")
        self.texts = {key: self.text(node) for key, node in facts.need("texts").fields("texts").items()}
        self.start = self.moment(facts.need("from"))
        self.prices: dict[str, Json] = {}
        self.characteristics: dict[str, Json] = {}

    def version(self) -> Json:
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

    # ---- the resources

    def _catalog(self) -> Json:
        roots = [ident for ident in sorted(self.sections["categories"]) if self._parent(ident) is None]
        made = {"id": self.brand, **self._told(self.facts), "category": _refs(roots), **self._life(self.facts)}
        self.facts.finish()
        return made

    def _category(self, ident: str, entry: Entry) -> Json:
        parent, above = entry.read("parent", lambda node: self.ref(node, "categories")), self._parent(ident)
        for _ in self.sections["categories"]:
            if above == ident:
                entry.need("parent").refuse(f"the category '{ident}' stands below itself.")
            above = above and self._parent(above)
        below = [other for other in sorted(self.sections["categories"]) if self._parent(other) == ident]
        made = {"id": ident, **self._told(entry), "isRoot": parent is None, "parentId": parent}
        return _present(made | {"subCategory": _refs(below), **self._life(entry)})

    def _parent(self, category: str) -> str | None:
        node = self.sections["categories"].get(category)
        parent = node and node.fields(f"the category '{category}'").get("parent")
        return parent.text("parent") if parent else None

    def _characteristic(self, name: str, entry: Entry) -> Json:
        made = {"id": name, "name": name, "description": self.text(entry.need("label"))}
        made["valueType"] = VALUE_TYPES[entry.read("type", lambda node: node.one_of([*VALUE_TYPES], "type"), "text")]
        made["unit"] = entry.read("unit", lambda node: node.text("unit"))
        return _present(made | {"regex": entry.read("pattern", _pattern)})

    def _specification(self, ident: str, entry: Entry) -> Json:
        values = entry.read("characteristics", lambda node: node.fields("characteristics"), {})
        return _present(
            {
                "id": ident,
                **self._told(entry, described=False),
                "brand": entry.read("maker", lambda node: node.text("maker")),
                "productNumber": entry.read("number", lambda node: node.text("number")),
                "isBundle": False,
                "productSpecCharacteristic": [self._values(name, node) for name, node in sorted(values.items())],
                **self._life(entry),
            }
        )

    def _values(self, name: str, node: Node) -> Json:
        """One value is fixed; of several the buyer chooses (the first is the default); `asked` comes with the sale."""
        if name not in self.characteristics:
            node.refuse(f"the characteristic '{name}' is not known{_near(name, self.characteristics)}")
        made = {**self.characteristics[name]}
        unit, asked = made.pop("unit", None), isinstance(node.value, str) and node.value.startswith("asked")
        several = isinstance(node.value, list)
        values = [] if asked else [_typed(item, name, made["valueType"]) for item in node.items()]
        if len({str(value) for value in values}) < len(values):
            node.refuse(f"'{name}' has the same value twice.")
        least = int(not asked or node.one_of(["asked", "asked if wanted"], name) == "asked")
        made |= {"configurable": asked or several, "minCardinality": least, "maxCardinality": 1}
        made["productSpecCharacteristicValue"] = [
            _present({"value": value, "unitOfMeasure": unit, "isDefault": place == 0})
            for place, value in enumerate(values)
        ]
        return _present(made)

    def _offering(self, ident: str, entry: Entry) -> Json:
        bundled = sorted(self.ref(node, "offerings") for node in entry.each("bundles"))
        if ident in bundled:
            entry.need("bundles").refuse(f"the bundle '{ident}' contains itself.")
        specification = entry.read("specification", lambda node: self.ref(node, "specifications"))
        if not bundled and not specification:
            entry.need("specification")
        return _present(
            {
                "id": ident,
                **self._told(entry),
                "isBundle": bool(bundled),
                "isSellable": entry.read("sellable", lambda node: node.flag("sellable"), otherwise=True),
                "category": _refs(self._several(entry, "category", "categories")),
                "channel": self.channels(entry.need("channels"), dated=True),
                "productSpecification": specification and {"id": specification},
                "productOfferingPrice": _refs(sorted(self._price_of(ident, node) for node in entry.each("prices"))),
                "bundledProductOffering": _refs(bundled),
                "productOfferingTerm": entry.read("term", self._term),
                "productOfferingRelationship": [
                    {"id": other, "relationshipType": kind}
                    for kind in RELATIONSHIPS
                    for other in sorted(self.ref(node, "offerings") for node in entry.each(kind))
                ],
                "requirement": [
                    {"kind": k} for k in sorted(n.one_of(REQUIREMENTS, "need") for n in entry.each("needs"))
                ],
                "marketSegment": _refs(sorted(node.text("segment") for node in entry.each("segments"))),
                **self._life(entry),
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
            "name": entry.read("name", self.text) or self._usual(kind, entry),
            "priceType": PRICE_TYPES[kind],
            "recurringChargePeriodType": "month" if kind == "monthly" else None,
            "recurringChargePeriodLength": 1 if kind == "monthly" else None,
            "price": self.money(amount),
            "tax": [{"taxCategory": rate, "taxRate": _plain(self.tax[rate].number("tax"))}],
            "due": entry.read("due", lambda node: node.one_of(DUE, "due"), due),
        }
        self.prices[ident] = _present(made | self._life(entry))

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
            **self._told(entry),
            "priority": entry.read("priority", lambda node: node.whole("priority"), 1),
            "channel": channel,
            "priceType": price_type,
            "percentage": percent and _percentage(percent),
            "amount": amount and self.money(amount),
            "applicationDuration": months and months.whole("months"),
            "appliesTo": self._reduced(entry, offerings),
            **self._life(entry, version=None),
        }
        self._must_bite(made, entry, offerings)
        return _present(made)

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

    # ---- what the resources are made of

    def _told(self, entry: Entry, *, described: bool = True) -> Json:
        description = entry.need("description") if described else entry.get("description")
        return _present({"name": self.text(entry.need("name")), "description": description and self.text(description)})

    def _life(self, entry: Entry, version: str | None = "1.0") -> Json:
        status = entry.read("status", lambda node: node.one_of(LIFECYCLES, "status"), "Active")
        period = self.period(entry) or {"startDateTime": self.start}
        return {"lifecycleStatus": status, "validFor": period, "version": version}

    def _several(self, entry: Entry, key: str, section: str) -> list[str]:
        return sorted({self.ref(node, section) for node in entry.need(key).items()})

    def _term(self, node: Node) -> list[Json]:
        entry = Entry("the term", node if isinstance(node.value, dict) else Node(node.spot, {"months": node}))
        months = entry.need("months").whole("months")
        name: dict[str, str] = entry.read("name", self.text) or self._usual("term", entry)
        entry.finish()
        told = {language: words.replace("{months}", str(months)) for language, words in name.items()}
        return [{"name": told, "duration": {"amount": months, "units": "month"}}]

    def _usual(self, what: str, entry: Entry) -> dict[str, str]:
        """What the brand calls its prices and terms where an entry gives them no name of their own."""
        if what not in self.texts:
            entry.node.refuse(f"{entry.title} has no 'name', and the brand's texts have none for '{what}'.")
        return self.texts[what]

    def ref(self, node: Node, section: str) -> str:
        if (ident := node.text(f"an id of {section}")) not in self.sections[section]:
            node.refuse(f"there is no '{ident}' in {section}{_near(ident, self.sections[section])}")
        return ident

    def text(self, node: Node) -> dict[str, str]:
        """One text means the same in every language."""
        if isinstance(node.value, str):
            return dict.fromkeys(self.languages, node.text("a name or description"))
        told = node.fields("a name or description")
        for language in self.languages:
            if language not in told:
                node.refuse(f"the text for '{language}' is missing; the brand speaks {' and '.join(self.languages)}.")
        for language in told:
            if language not in self.languages:
                told[language].refuse(f"the brand does not speak '{language}', only {' and '.join(self.languages)}.")
        return {language: told[language].text(f"the text for '{language}'") for language in self.languages}

    def money(self, node: Node) -> dict[str, str]:
        places, amount = DECIMALS.get(self.currency, 2), node.number("the amount")
        if amount != round(amount, places):
            node.refuse(f"{amount} {self.currency} has more than {places} decimals.")
        return {"unit": self.currency, "value": f"{amount:.{places}f}"}

    def channels(self, node: Node, *, dated: bool) -> list[Json]:
        """Each channel once, by id; a group stands for its channels, `kiosk: {until: 2026-08-31}` for a time there."""
        found: dict[str, Json] = {}
        for item in node.items():
            named = {item.text("a channel"): None} if isinstance(item.value, str) else item.fields("a channel")
            for name, times in named.items():
                if times and not dated:
                    times.refuse("only an offering has times of its own in a channel; write the channel's name.")
                period = self._times(Entry(f"the time in the channel '{name}'", times)) if times else None
                for channel in self._members(item, name):
                    if channel in found:
                        item.refuse(f"the channel '{channel}' stands here twice.")
                    found[channel] = _present({"id": channel, "validFor": period})
        return [found[channel] for channel in sorted(found)]

    def _times(self, entry: Entry) -> Json | None:
        period = self.period(entry)
        entry.finish()
        return period

    def _members(self, node: Node, name: str) -> list[str]:
        if name in self.groups:
            return [item.one_of(self.sold_in, "channel") for item in self.groups[name].items()]
        if name not in self.sold_in:
            known = [*self.groups, *self.sold_in]
            node.refuse(f"the channel '{name}' is not known to {self.brand}{_near(name, known)}")
        return [name]

    def period(self, entry: Entry) -> Json | None:
        """`until` names the last day, so the period ends with the midnight after it."""
        start, end = entry.read("from", self.moment), entry.read("until", lambda node: self.moment(node, last_day=True))
        if start is None and end is None:
            return None
        start = start or self.start
        if end and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
            entry.need("until").refuse(f"{entry.title} ends before it begins.")
        return _present({"startDateTime": start, "endDateTime": end})

    def moment(self, node: Node, *, last_day: bool = False) -> str:
        if not DATE.fullmatch(word := node.text("a date")):
            node.refuse(f"'{word}' is not a date; write it like 2026-03-01 or 2026-03-01 08:00.")
        try:
            local = datetime.fromisoformat(word) + timedelta(days=int(last_day and len(word) == len("2026-03-01")))
            there = local.replace(tzinfo=self.zone)
            exists = there.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) == local
        except (ValueError, OverflowError):
            node.refuse(f"there is no day or time '{word}'.")
        if not exists:
            node.refuse(f"there is no '{word}' in {self.zone.key}: the clocks are put forward that night.")
        return there.isoformat()


def _sections(folder: Path) -> dict[str, dict[str, Node]]:
    sections: dict[str, dict[str, Node]] = {name: {} for name in SECTIONS}
    files = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))
    if not files:
        raise TelcoError(f"{folder.name}: no YAML files here; a brand is a folder with a file brand.yaml.")
    for path in files:
        for section, content in _parsed(path).items():
            if section not in sections:
                content.refuse(f"the section '{section}' is not known{_near(section, sections)}")
            for ident, node in content.fields(f"the section '{section}'").items():
                if ident in sections[section]:
                    node.refuse(f"'{ident}' stands in {section} already: {sections[section][ident].spot}.")
                sections[section][ident] = node
    return sections


def _parsed(path: Path) -> dict[str, Node]:
    name = f"{path.parent.name}/{path.name}"
    try:
        raw = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as wrong:
        raise TelcoError(f"{name}: save the file as UTF-8; byte {wrong.start} is not.") from wrong
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        raise TelcoError(f"{name}, line {line}: this is not YAML ({wrong.problem}).") from wrong
    except yaml.reader.ReaderError as wrong:
        raise TelcoError(f"{name}: this is not YAML ({wrong.reason}).") from wrong
    return _node(raw, f"{name}, line 1", name).fields("the file") if raw else {}


def _node(raw: yaml.Node, spot: str, name: str, depth: int = 0) -> Node:
    if depth > DEEPEST:
        raise TelcoError(f"{spot}: this is nested too deeply.")
    if isinstance(raw, yaml.ScalarNode):
        return Node(spot, raw.value)
    if isinstance(raw, yaml.SequenceNode):
        return Node(spot, [_node(item, _spot(item, name), name, depth + 1) for item in raw.value])
    found: dict[str, Node] = {}
    for key, value in raw.value:
        here = _spot(key, name)
        if not isinstance(key, yaml.ScalarNode):
            raise TelcoError(f"{here}: only a plain word can stand before a colon.")
        if key.value in found:
            raise TelcoError(
                f"{here}: '{key.value}' stands twice in the same place; the first is in {found[key.value].spot}."
            )
        found[key.value] = _node(value, here, name, depth + 1)
    return Node(spot, found)


def _spot(raw: yaml.Node, name: str) -> str:
    return f"{name}, line {raw.start_mark.line + 1}"


def _near(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, or else what there is."""
    known = list(known)
    if close := get_close_matches(word, known, n=1, cutoff=0.7):
        return f"; did you mean '{close[0]}'?"
    return f"; known are {', '.join(known)}." if len(known) <= 12 else "."


def _present(fields: Json) -> Json:
    return {key: value for key, value in fields.items() if value is not None and value != []}


def _refs(idents: Iterable[str]) -> list[Json]:
    return [{"id": ident} for ident in idents]


def _currency(node: Node) -> str:
    if not re.fullmatch("[A-Z]{3}", code := node.text("currency")):
        node.refuse(f"'{code}' is not a currency; write its three capitals, like EUR.")
    return code


def _zone(node: Node) -> ZoneInfo:
    try:
        return ZoneInfo(node.text("timeZone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        node.refuse(f"'{node.value}' is not a time zone; write it like Europe/Berlin.")


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
