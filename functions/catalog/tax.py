"""Which tax a price bears: what its category comes to there, for that kind of customer, on that day. Pure.

A rate of the catalog names where it holds, and for whom; the one that names most of what is true counts, of several
the one that names the smaller place. Where none holds, it is the rate that the price itself names.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from functions.catalog.catalog import Catalog
from functions.catalog.rule import PARAMETERS, Criterion, Facts
from functions.shared.amounts import decimals, half_up
from functions.shared.resource import Json, valid

# What a rate may name, the smallest place first -> the parameter of rules that says it.
NAMED = {
    "postcode": "place.postcode",
    "city": "place.city",
    "stateOrProvince": "place.stateOrProvince",
    "country": "place.country",
    "customerKind": "customer.kind",
}
KEEPS = ("gross", "net")  # what of a price with tax stays the same where another rate holds
WHOLE = Decimal(100)


class Tax(NamedTuple):
    """So many percent; `rule` is the rate of the catalog that says so, None where the price itself does."""

    category: str
    rate: Decimal
    rule: str | None = None

    def added(self, amount: Decimal, step: Decimal) -> Decimal:
        """An amount without tax, with it."""
        return half_up(amount * (WHOLE + self.rate) / WHOLE, step)

    def taken(self, amount: Decimal, currency: str) -> Decimal:
        """An amount with tax, without it: that is told, not paid, and so in the smallest unit of the currency."""
        return half_up(amount * WHOLE / (WHOLE + self.rate), Decimal(1).scaleb(-decimals(currency)))

    def instead(self, usual: "Tax", amount: Decimal, step: Decimal) -> Decimal:
        """An amount with the usual tax, with this one: what it is without any stays the same."""
        return half_up(amount * (WHOLE + self.rate) / (WHOLE + usual.rate), step)


class Rate(NamedTuple):
    """A rate of the catalog: where and for whom it holds, when, and what stays the same of a price under it."""

    tax: Tax
    criteria: tuple[Criterion, ...]
    valid_for: Json | None
    keeps: str | None

    def holds(self, facts: Facts, as_of: datetime) -> bool:
        return valid(self.valid_for, as_of) and all(criterion.holds(facts) for criterion in self.criteria)


@lru_cache(maxsize=256)
def rates(catalog: Catalog, category: str) -> tuple[Rate, ...]:
    """The rates of a category, the one that counts before all others first; a version never changes."""
    of_category = (each for each in catalog.held["taxRate"].values() if each["taxCategory"] == category)
    return tuple(_rate(stored) for stored in sorted(of_category, key=_rank))


def _rank(stored: Json) -> tuple[int, list[bool], str]:
    lacks = [name not in stored for name in NAMED]
    return sum(lacks), lacks, stored["id"]


def _rate(stored: Json) -> Rate:
    tax = Tax(stored["taxCategory"], Decimal(str(stored["taxRate"])), stored["id"])
    asks = tuple(_is(NAMED[name], stored[name]) for name in NAMED if name in stored)
    return Rate(tax, asks, stored.get("validFor"), stored.get("keeps"))


def _is(parameter: str, value: str) -> Criterion:
    return Criterion(parameter, "=", value, PARAMETERS.get(parameter, "text"))


def holding(catalog: Catalog, category: str, facts: Facts, as_of: datetime) -> Rate | None:
    """The rate that counts in a sale; None where it is the price's own."""
    return next((rate for rate in rates(catalog, category) if rate.holds(facts, as_of)), None)


def criteria(catalog: Catalog, price: Json) -> Iterator[Criterion]:
    """What decides the tax of a price, as far as it is asked of the customer."""
    for tax in price.get("tax") or []:
        for rate in rates(catalog, tax["taxCategory"]):
            yield from rate.criteria
