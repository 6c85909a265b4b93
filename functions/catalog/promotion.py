"""Promotions in TMF671's form, as they are evaluated: when one holds, what it reaches, what it does. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from functions.catalog import kinds, rule
from functions.catalog.catalog import ON_SALE, Catalog
from functions.catalog.charge import Charge
from functions.catalog.kinds import aims
from functions.catalog.rule import Criterion, Facts, Predicate
from functions.shared.resource import Json, valid

ACTIONS = ("percentage", "amount", "fixedPrice")
SCOPES = ("each", "together")
USUAL = 1  # the priority of a pattern, and how many promotions meet on a price, where none is said

Id = tuple[str, str]  # the @referredType of a thing, and its id


@dataclass(frozen=True)
class Action:
    """What a promotion does to the prices it reaches."""

    kind: str
    value: Decimal
    unit: str | None  # the currency of an amount
    price_type: str
    periods: int | None
    together: bool
    targets: frozenset[Id] | None  # None: every offering
    id: str = ""

    def reaches(self, charge: Charge, ids: frozenset[Id]) -> bool:
        """Whether it acts on a price that goes by these ids."""
        if self.price_type != charge.price_type or self.unit not in (None, charge.base.unit):
            return False
        return self.targets is None or not self.targets.isdisjoint(ids)


@dataclass(frozen=True)
class Pattern:
    """When a promotion does what."""

    id: str
    priority: int  # a smaller number is stronger
    predicate: Predicate
    valid_for: Json | None
    actions: tuple[Action, ...]
    place: int = 0  # among the patterns of its promotion


@dataclass(frozen=True)
class Promotion:
    """A promotion whose patterns are in the order in which they are tried."""

    id: str
    stored: Json
    group: str | None  # of its exclusivity group one is given in a cart
    limit: int  # how many may meet on a price where it is one of them
    patterns: tuple[Pattern, ...]
    by_quantity: bool  # whether the quantity of a line decides

    def on_sale(self, as_of: datetime) -> bool:
        """Whether it is given at that moment at all."""
        period = self.stored.get("validFor")
        return self.stored["lifecycleStatus"] in ON_SALE and (not period or valid(period, as_of))

    def pattern(self, facts: Facts, as_of: datetime) -> Pattern | None:
        """The strongest pattern that holds of a line; None where none does."""
        for pattern in self.patterns:
            if (not pattern.valid_for or valid(pattern.valid_for, as_of)) and pattern.predicate.holds(facts):
                return pattern
        return None


def ids(offering: Json, charge: Charge | None = None) -> frozenset[Id]:
    """By which ids an offering is reached, or one price of it: its own, and those of its categories."""
    found = {("Category", category["id"]) for category in offering.get("category", []) if "id" in category}
    found.add(("ProductOffering", offering["id"]))
    if charge:
        found |= {("ProductOfferingPrice", id_) for id_ in (charge.price_id, charge.replaces) if id_}
    return frozenset(found)


@lru_cache(maxsize=4096)
def of(catalog: Catalog, id_: str) -> Promotion:
    """The promotion of that id, read once: a version never changes. One that nobody can read is given to nobody."""
    stored = catalog.held["promotion"][id_]
    try:
        return read(stored, catalog.currency)
    except rule.UNREADABLE:
        return Promotion(id_, stored, None, USUAL, (), by_quantity=False)


def on(catalog: Catalog, offering: Json) -> list[Promotion]:
    """The promotions that could reach a price of the offering, which may be a draft that no version holds."""
    return [of(catalog, id_) for id_ in catalog.promotions_on(offering)]


def read(stored: Json, currency: str) -> Promotion:
    """A promotion as it is stored, ready to be evaluated; an amount is in that currency where it names none.

    Raises ValueError with a sentence where it makes no sense.
    """
    patterns = sorted(
        (_pattern(each, currency) for each in stored.get("pattern", [])), key=lambda p: (p.priority, p.id)
    )
    return Promotion(
        id=stored["id"],
        stored=stored,
        group=stored.get("exclusivityGroup"),
        limit=stored.get("stackingLimit", USUAL),
        patterns=tuple(replace(pattern, place=place) for place, pattern in enumerate(patterns)),
        by_quantity=any(c.parameter == "quantity" for p in patterns for c in p.predicate.criteria()),
    )


def _pattern(stored: Json, currency: str) -> Pattern:
    actions = sorted(
        (_action(each, currency) for each in stored.get("action", [])), key=lambda a: (a.kind, a.value, a.id)
    )
    return Pattern(
        id=str(stored.get("id", "")),
        priority=stored.get("priority", USUAL),
        predicate=rule.read(stored),
        valid_for=stored.get("validFor"),
        actions=tuple(actions),
    )


def _action(stored: Json, currency: str) -> Action:
    kind, scope = stored.get("actionType", ""), stored.get("scope", SCOPES[0])
    if kind not in ACTIONS:
        raise ValueError(f"actionType is one of {', '.join(ACTIONS)}, not {str(kind)[:40]}.")
    if scope not in SCOPES:
        raise ValueError(f"scope is one of {', '.join(SCOPES)}, not {str(scope)[:40]}.")
    return Action(
        kind=kind,
        value=rule.number(str(stored.get("actionValue", ""))),
        unit=stored.get("actionUnit", currency) if kind != "percentage" else None,
        price_type=stored.get("priceType", ""),
        periods=stored.get("applicationDuration"),
        together=scope == "together",
        targets=frozenset(aims(stored)) or None,
        id=stored.get("id", ""),
    )


def rendered(catalog: Catalog, stored: Json, language: str, *, applied: bool) -> Json:
    """A promotion's words, whether it applies here, and the channels that may give it."""
    said = {name: catalog.text(stored[name], language) for name in ("name", "description") if stored.get(name)}
    return {
        "id": stored["id"],
        **said,
        "applied": applied,
        "channel": [{"id": channel} for channel in sorted(kinds.channels(stored) or ())],
    }


def segments(catalog: Catalog, facts: Mapping[str, rule.Fact], as_of: datetime) -> frozenset[str]:
    """The segments that these facts put a customer in."""
    return _joined(catalog, tuple((name, facts[name]) for name in _asked(catalog) if name in facts), as_of)


@lru_cache(maxsize=64)
def _joined(catalog: Catalog, facts: tuple[tuple[str, rule.Fact], ...], as_of: datetime) -> frozenset[str]:
    """The same, of what segments ask: a page of offers asks it again for each of them, of one customer."""
    known = Facts(dict(facts))
    on = ((id_, predicate) for id_, valid_for, predicate in _segments(catalog) if valid(valid_for, as_of))
    return frozenset(id_ for id_, predicate in on if predicate.holds(known))


@lru_cache(maxsize=64)
def _asked(catalog: Catalog) -> tuple[str, ...]:
    """What segments ask of a sale."""
    return tuple(sorted({c.parameter for _, _, predicate in _segments(catalog) for c in predicate.criteria()}))


@lru_cache(maxsize=64)
def _segments(catalog: Catalog) -> tuple[tuple[str, Json | None, Predicate], ...]:
    """The segments of a version that are in use: read once, and asked with every price."""
    on = (each for each in catalog.held["segment"].values() if each["lifecycleStatus"] in ON_SALE)
    return tuple((each["id"], each.get("validFor"), rule.read_or_never(each)) for each in on)


def in_segment(catalog: Catalog, id_: str) -> Iterator[Criterion]:
    """The criteria by which customers are in a segment; none where there is no such segment."""
    found = catalog.held["segment"].get(id_)
    return _segment(catalog, id_).criteria() if found and found["lifecycleStatus"] in ON_SALE else iter(())


@lru_cache(maxsize=1024)
def _segment(catalog: Catalog, id_: str) -> Predicate:
    return rule.read_or_never(catalog.held["segment"][id_])
