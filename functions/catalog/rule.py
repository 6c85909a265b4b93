"""Predicates over what is known of a sale, in the form TMF671 gives its criteria; there is no code in data. Pure.

A fact that is not known makes every criterion on it false, but `<>` on a text or a set: what is not known is not that.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import product
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Literal, NamedTuple

from functions.shared.resource import Json, valid

Kind = Literal["text", "ordered", "set", "number"]
Fact = str | Decimal | frozenset[str]
# What a criterion may ask. `customer.` stands for any characteristic of the customer.
PARAMETERS: dict[str, Kind] = {
    "channel": "text",
    "partner": "set",
    "segment": "set",
    "customer.": "text",
    "place.postcode": "ordered",
    "place.city": "text",
    "place.stateOrProvince": "text",
    "place.country": "text",
    "installed.offering": "set",
    "installed.category": "set",
    "installed.count": "number",
    "cart.offering": "set",
    "cart.category": "set",
    "cart.quantity": "number",
    "cart.oneTime": "number",
    "cart.recurring": "number",
    "quantity": "number",
    "campaign": "set",
    "date": "ordered",
    "tenure": "number",
}
COMPARED: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<>": ne, ">": gt, ">=": ge, "<": lt, "<=": le}
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": ("=", "<>"),
    "set": ("=", "<>"),
    "ordered": tuple(COMPARED),
    "number": tuple(COMPARED),
}
# Who the customer is and what they have: an order keeps what held of these, not the facts themselves.
PERSONAL = ("segment", "customer.", "place.", "installed.", "campaign", "tenure")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
WAYS = 16  # how many ways to make a predicate hold are told at most


def kind_of(parameter: str) -> Kind | None:
    """What kind of fact a parameter is; None where there is no such parameter."""
    of_customer = parameter.startswith("customer.") and len(parameter) > len("customer.")
    return PARAMETERS.get("customer." if of_customer else parameter) if parameter != "customer." else None


MOST = 200  # criteria in one predicate: what is evaluated for every line of every cart
NOTHING: frozenset[Fact] = frozenset()
# What comes of reading something that is not of its form.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class OwnPrice(NamedTuple):
    """What a price of the catalog costs one customer, by a grant of that id, and when."""

    id: str
    price_id: str
    value: Decimal
    valid_for: Json | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of a sale, by parameter; `held` instead says which personal criteria were true, by their text."""

    known: Mapping[str, Fact] = field(default_factory=dict)
    held: frozenset[str] | None = None
    own: tuple[OwnPrice, ...] = ()  # prices of the customer's own

    def of_line(self, quantity: int) -> "Facts":
        """The same with the quantity of one line."""
        return Facts({**self.known, "quantity": Decimal(quantity)}, self.held, self.own)

    def own_price(self, price_id: str, as_of: datetime) -> OwnPrice | None:
        """What that price costs the customer then, where they have one of their own."""
        return next((own for own in self.own if own.price_id == price_id and valid(own.valid_for, as_of)), None)


@dataclass(frozen=True)
class Criterion:
    """One comparison, such as `segment = student`."""

    parameter: str
    operator: str
    value: Fact
    kind: Kind

    @property
    def text(self) -> str:
        """How it is written, and known by."""
        return f"{self.parameter} {self.operator} {self.value}"

    @property
    def personal(self) -> bool:
        return self.parameter.startswith(PERSONAL)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these facts."""
        if facts.held is not None and self.personal:
            return self.text in facts.held
        fact = facts.known.get(self.parameter)
        if self.kind == "set":
            return (fact is not None and self.value in fact) == (self.operator == "=")  # type: ignore[operator]
        if fact is None:
            return self.operator == "<>" and self.kind != "number"
        return COMPARED[self.operator](fact, self.value)


@dataclass(frozen=True)
class Predicate:
    """Criteria in groups: within a group all or any of them, and all or any of the groups."""

    groups: tuple[tuple[bool, tuple[Criterion, ...]], ...] = ()  # (all or any, criteria)
    every: bool = True
    ever: bool = True  # whether it can be true at all

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these facts; one without groups always is."""
        if not self.ever:
            return False
        for every, criteria, one_of in self._tests:
            if one_of:
                joined = facts.known.get(criteria[0].parameter) in one_of
            else:
                joined = every or not criteria  # where there are none, nothing is asked
                for each in criteria:
                    if each.holds(facts) != every:
                        joined = not every
                        break
            if joined != self.every:
                return not self.every
        return self.every or not self.groups

    @cached_property
    def _tests(self) -> tuple[tuple[bool, tuple[Criterion, ...], frozenset[Fact]], ...]:
        """Its groups; of one that asks whether a text is one of several, as for channels, these: one look will do."""
        return tuple((every, criteria, NOTHING if every else _one_of(criteria)) for every, criteria in self.groups)

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion in it."""
        for _, criteria in self.groups:
            yield from criteria

    def ways(self, facts: Facts) -> list[tuple[Criterion, ...]]:
        """The sets of criteria that would have to become true for it to hold, shortest first; [()] where it does."""
        if not self.ever:
            return []
        groups = [_ways(every, [[()] if c.holds(facts) else [(c,)] for c in cs]) for every, cs in self.groups]
        return _ways(self.every, groups)


def _one_of(criteria: Sequence[Criterion]) -> frozenset[Fact]:
    """The values, where any of these criteria is that the same text is one of them."""
    first = criteria[0] if criteria else None
    if first is None or first.personal or (first.operator, first.kind) != ("=", "text"):
        return NOTHING
    alike = all((c.parameter, c.operator) == (first.parameter, "=") for c in criteria)
    return frozenset(c.value for c in criteria) if alike else NOTHING


def _ways(every: bool, parts: list[list[tuple[Criterion, ...]]]) -> list[tuple[Criterion, ...]]:  # noqa: FBT001
    if every:
        found: list[tuple[Criterion, ...]] = [()]
        for part in parts:
            found = _shortest({tuple(dict.fromkeys((*a, *b))) for a, b in product(found, part)})
        return found
    return _shortest({way for part in parts for way in part}) if parts else [()]


def _shortest(ways: set[tuple[Criterion, ...]]) -> list[tuple[Criterion, ...]]:
    return sorted(ways, key=lambda way: (len(way), [c.text for c in way]))[:WAYS]


NEVER = Predicate(ever=False)


def read_or_never(stored: Mapping[str, Any]) -> Predicate:
    """The same predicate as `read`; one that is never true where nobody can read it.

    Nothing of that kind is published. Should it be, it bars nobody from all the rest of the catalog.
    """
    try:
        return read(stored)
    except UNREADABLE:
        return NEVER


def read(stored: Mapping[str, Any]) -> Predicate:
    """The predicate that a promotion's pattern, a segment or a price list is; raises ValueError with a sentence."""
    if sum(len(group.get("criteria") or []) for group in stored.get("criteriaGroup") or []) > MOST:
        raise ValueError(f"it has more than {MOST} criteria; put what belongs together into segments.")
    groups = tuple(
        (_all(group, "criteriaLogicalRelationship"), tuple(_criterion(each) for each in group.get("criteria") or []))
        for group in stored.get("criteriaGroup") or []
    )
    return Predicate(groups, _all(stored, "criteriaGroupLogicalRelationship"))


def _all(stored: Mapping[str, Any], name: str) -> bool:
    said = stored.get(name, "AND")
    if said not in ("AND", "OR"):
        raise ValueError(f"{name} is AND or OR, not {str(said)[:40]}.")
    return bool(said == "AND")


def _criterion(stored: Json) -> Criterion:
    parameter, operator, value = (str(stored.get(f"criteria{part}", "")) for part in ("Parameter", "Operator", "Value"))
    kind = kind_of(parameter)
    if kind is None:
        raise ValueError(f"there is no parameter {parameter[:40]}; there are {', '.join(PARAMETERS)}<name>.")
    if operator not in OPERATORS[kind]:
        raise ValueError(f"{parameter} is compared by {' '.join(OPERATORS[kind])}, not by {operator[:10]}.")
    return Criterion(parameter, operator, number(value) if kind == "number" else value, kind)


def number(value: str) -> Decimal:
    """A number as a criterion or an action writes it; raises ValueError with a sentence for all else."""
    if not NUMBER.fullmatch(value):
        raise ValueError(f"{value[:40]} is not a number of at most fifteen digits and six decimals.")
    return Decimal(value)
