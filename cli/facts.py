"""The facts of a brand, under which everything in its files is read: its words, its money, its channels, its days."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.entries import Entry, Node, TelcoError, near
from functions.catalog.tax import KEEPS
from functions.shared.amounts import decimals

Json = dict[str, Any]

CHANNELS = ("web", "selfcare", "callcentre", "shop", "kiosk", "mobile", "partner", "iptv", "directmail", "social")
LIFECYCLES = ("In Study", "In Design", "In Test", "Active", "Launched", "Retired", "Obsolete", "Rejected")
# What ending a term early costs: percent of what is left, an amount that declines by the month, the same on any day.
ENDED_EARLY = {"share": "remainingShare", "declining": "declining", "fixed": "fixed"}
IDENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z][A-Za-z0-9]*", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?", re.ASCII)


def kept(node: Node) -> str:
    """What of a price with tax stays the same where another rate holds."""
    return node.one_of(KEEPS, "keeps")


class Brand:
    """Who the brand is, and how its words, amounts, channels and days are read."""

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
        self.currencies = facts.read("currencies", self._currencies, [self.currency])
        self.rounding = facts.read("rounding", self._rounding, {})
        self.in_advance = facts.read("billsInAdvance", lambda node: node.flag("billsInAdvance"), otherwise=False)
        self.price_rise: Json = facts.read("priceRise", self._price_rise, {})
        self.languages = [node.text("a language") for node in facts.need("languages").items()]
        self.zone = _zone(facts.need("timeZone"))
        self.sold_in = [node.one_of(CHANNELS, "channel") for node in facts.need("channels").items()]
        self.groups = facts.read("channelGroups", lambda node: node.fields("channelGroups"), {})
        self.tax = facts.need("tax").fields("tax")
        self.keeps = facts.read("keeps", kept)
        self.texts = {key: self.text(node) for key, node in facts.need("texts").fields("texts").items()}
        self.start = self.moment(facts.need("from"))

    def told(self, entry: Entry, *, described: bool = True) -> Json:
        description = entry.need("description") if described else entry.get("description")
        return present({"name": self.text(entry.need("name")), "description": description and self.text(description)})

    def life(self, entry: Entry, version: str | None = "1.0") -> Json:
        status = entry.read("status", lambda node: node.one_of(LIFECYCLES, "status"), "Active")
        period = self.period(entry) or {"startDateTime": self.start}
        return {"lifecycleStatus": status, "validFor": period, "version": version}

    def several(self, entry: Entry, key: str, section: str) -> list[str]:
        return sorted({self.ref(node, section) for node in entry.need(key).items()})

    def term(self, node: Node) -> list[Json]:
        entry = Entry("the term", node if isinstance(node.value, dict) else Node(node.spot, {"months": node}))
        months = entry.need("months").whole("months")
        fee = entry.read("endedEarly", self._ended_early)
        name: dict[str, str] = entry.read("name", self.text) or self.usual("term", entry)
        entry.finish()
        told = {language: words.replace("{months}", str(months)) for language, words in name.items()}
        return [present({"name": told, "duration": {"amount": months, "units": "month"}, "earlyTermination": fee})]

    def _ended_early(self, node: Node) -> Json:
        """What ending a term early costs, in one of the ways there are."""
        said = node.fields("endedEarly")
        if len(said) != 1 or not said.keys() <= ENDED_EARLY.keys():
            node.refuse(f"'endedEarly' says one of {', '.join(ENDED_EARLY)}, such as share: 50.")
        ((way, amount),) = said.items()
        if way == "share":
            if (percent := amount.number("the share")) > 100:
                amount.refuse(f"{percent} percent is more than all that is left.")
            return {"type": ENDED_EARLY[way], "value": f"{percent:f}", "unit": "percent"}
        return {"type": ENDED_EARLY[way], **self.money(amount, self.currency)}

    def usual(self, what: str, entry: Entry) -> dict[str, str]:
        """What the brand calls its prices and terms where an entry gives them no name of their own."""
        if what not in self.texts:
            entry.node.refuse(f"{entry.title} has no 'name', and the brand's texts have none for '{what}'.")
        return self.texts[what]

    def ref(self, node: Node, section: str) -> str:
        if (ident := node.text(f"an id of {section}")) not in self.sections[section]:
            node.refuse(f"there is no '{ident}' in {section}{near(ident, self.sections[section])}")
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

    def _currencies(self, node: Node) -> list[str]:
        found = [_currency(item) for item in node.items()]
        if self.currency not in found or len({*found}) < len(found):
            node.refuse(f"name each currency once, and {self.currency} among them.")
        return found

    def _rounding(self, node: Node) -> dict[str, str]:
        """By currency the step to which amounts are rounded, where it is not the smallest coin."""
        found = {}
        for currency, step in sorted(node.fields("rounding").items()):
            Node(step.spot, currency).one_of(self.currencies, "currency")
            found[currency] = self.money(step, currency)["value"]
            if not Decimal(found[currency]):
                step.refuse("the step must be more than 0, like 0.05.")
        return found

    def _price_rise(self, node: Node) -> Json:
        """How what is sold already may become dearer."""
        entry = Entry("priceRise", node)
        days = entry.need("noticeDays").whole("noticeDays")
        within = entry.need("withinTerm").one_of(["excluded", "included"], "withinTerm")
        entry.finish()
        return {"noticeDays": days, "withinTerm": within}

    def currency_of(self, entry: Entry) -> str:
        """The currency that an entry names; the brand's first where it names none."""
        found: str = entry.read("currency", lambda node: node.one_of(self.currencies, "currency"), self.currency)
        return found

    def money(self, node: Node, currency: str) -> dict[str, str]:
        places, amount = decimals(currency), node.number("the amount")
        if amount != round(amount, places):
            node.refuse(f"{amount} {currency} has more than {places} decimals.")
        return {"unit": currency, "value": f"{amount:.{places}f}"}

    def channels(self, node: Node, *, dated: bool) -> list[Json]:
        """Each channel once, by id; a group stands for its channels, `kiosk: {until: 2026-08-31}` for a time there."""
        found: dict[str, Json] = {}
        for item in node.items():
            named = {item.text("a channel"): None} if isinstance(item.value, str) else item.fields("a channel")
            for name, times in named.items():
                if times and not dated:
                    times.refuse("only an offering has times of its own in a channel; write the channel's name.")
                period = self._times(Entry(f"the time in the channel '{name}'", times)) if times else None
                for channel in self.members(item, name):
                    if channel in found:
                        item.refuse(f"the channel '{channel}' stands here twice.")
                    found[channel] = present({"id": channel, "validFor": period})
        return [found[channel] for channel in sorted(found)]

    def _times(self, entry: Entry) -> Json | None:
        period = self.period(entry)
        entry.finish()
        return period

    def members(self, node: Node, name: str) -> list[str]:
        """The channels that a name stands for: itself, or those of its group."""
        if name in self.groups:
            return [item.one_of(self.sold_in, "channel") for item in self.groups[name].items()]
        if name not in self.sold_in:
            known = [*self.groups, *self.sold_in]
            node.refuse(f"the channel '{name}' is not known to {self.brand}{near(name, known)}")
        return [name]

    def period(self, entry: Entry) -> Json | None:
        """`until` names the last day, so the period ends with the midnight after it."""
        start, end = entry.read("from", self.moment), entry.read("until", lambda node: self.moment(node, last_day=True))
        if start is None and end is None:
            return None
        start = start or self.start
        if end and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
            entry.need("until").refuse(f"{entry.title} ends before it begins.")
        return present({"startDateTime": start, "endDateTime": end})

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


def present(fields: Json) -> Json:
    """The fields that say something: without what is None or an empty list."""
    return {key: value for key, value in fields.items() if value is not None and value != []}


def plain(number: Decimal) -> int | Decimal:
    """For facts such as a tax rate or a display's size, as a version of the catalog holds them."""
    return int(number) if number == int(number) else number


def _currency(node: Node) -> str:
    if not re.fullmatch("[A-Z]{3}", code := node.text("currency")):
        node.refuse(f"'{code}' is not a currency; write its three capitals, like EUR.")
    return code


def _zone(node: Node) -> ZoneInfo:
    try:
        return ZoneInfo(node.text("timeZone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        node.refuse(f"'{node.value}' is not a time zone; write it like Europe/Berlin.")
