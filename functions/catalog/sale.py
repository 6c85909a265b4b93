"""A sale, its items, and what one unit of each costs before any promotion: by list, price list or grant, with its tax.

Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from functions.catalog import rule, usage
from functions.catalog import tax as taxes
from functions.catalog.catalog import ON_SALE, Catalog
from functions.catalog.charge import Charge
from functions.catalog.rule import Facts, Predicate
from functions.catalog.tax import Tax
from functions.shared.amounts import step
from functions.shared.resource import Json, Money, valid


@dataclass(frozen=True)
class Sale:
    """Where, when and for whom prices are asked; `facts` are what is known of the customer."""

    channel: str
    as_of: datetime
    language: str
    facts: Facts = field(default_factory=Facts)
    currency: str | None = None  # the brand's own where it is not said
    partner: str | None = None  # who sells under a name of its own, if anybody does


class Item(NamedTuple):
    """So much of an offering, priced from that version of the catalog; what of a bundle is priced has its line's id."""

    id: str
    catalog: Catalog
    offering: Json
    quantity: int = 1
    per_unit: int = 1  # of a part of a bundle, how many are in one unit of the line that goes by the same id
    included: tuple[Json, ...] = ()  # what lies in it and costs nothing of its own

    @property
    def offerings(self) -> tuple[Json, ...]:
        """Everything that is in the cart with it."""
        return (self.offering, *self.included)


def present(items: Iterable[Item]) -> frozenset[str]:
    """The ids of the offerings that are in a cart of these."""
    return frozenset(each["id"] for item in items for each in item.offerings)


def charges(item: Item, sale: Sale, facts: Mapping[str, Facts]) -> list[Charge]:
    """The list prices of one unit with their tax, those of a price list that holds in the place of the usual ones."""
    prices = listed(item, sale)
    of_line = facts[item.catalog.version].of_line(item.quantity)
    instead: dict[str | None, list[tuple[int, str, Charge]]] = {}
    for charge in prices:
        if charge.list_ and (strength := _strength(item.catalog, charge.list_, sale, of_line)) is not None:
            instead.setdefault(charge.replaces, []).append((strength, charge.price_id, charge))
    usual = (charge for charge in prices if charge.list_ is None)
    found = [
        _own(c, of_line, sale.as_of) or (min(instead[c.price_id])[2] if c.price_id in instead else c) for c in usual
    ]
    taxed = [_taxed(charge, item.catalog, of_line, sale) for charge in found]
    return [charge.but(count=item.per_unit) for charge in taxed] if item.per_unit > 1 else taxed


def _own(charge: Charge, facts: Facts, as_of: datetime) -> Charge | None:
    """The same price as it is the customer's own: that counts before every price list."""
    own = facts.own_price(charge.price_id, as_of) if charge.negotiable else None
    return charge.but(base=Money(charge.base.unit, own.value), own=own.id) if own else None


def _taxed(charge: Charge, catalog: Catalog, facts: Facts, sale: Sale) -> Charge:
    """The price with the tax that it has in this sale."""
    rate = taxes.holding(catalog, charge.tax.category, facts, sale.as_of) if charge.tax else None
    if rate is None:
        return charge
    keeps = charge.keeps or rate.keeps or catalog.tax_keeps
    if charge.own:
        return charge.taxed(rate.tax, keeps)
    return _list_price_with(rate.tax, keeps, catalog, charge.price_id, sale.language)


@lru_cache(maxsize=8192)
def _list_price_with(tax: Tax, keeps: str | None, catalog: Catalog, price_id: str, language: str) -> Charge:
    """A price as the catalog lists it, with that tax."""
    return list_price(catalog, price_id, language).taxed(tax, keeps)


def listed(item: Item, sale: Sale) -> list[Charge]:
    """Every price of an offering in the currency of the sale, of whatever price list."""
    currency = sale.currency or item.catalog.currency
    prices = item.catalog.prices(item.offering, sale.as_of)
    return [list_price(item.catalog, p["id"], sale.language) for p in prices if p["price"]["unit"] == currency]


def _strength(catalog: Catalog, id_: str, sale: Sale, facts: Facts) -> int | None:
    """The priority of a price list, where it holds."""
    stored, predicate = price_list(catalog, id_)
    on = stored["lifecycleStatus"] in ON_SALE and valid(stored.get("validFor"), sale.as_of)
    return int(stored.get("priority", 1)) if on and predicate.holds(facts) else None


@lru_cache(maxsize=1024)
def price_list(catalog: Catalog, id_: str) -> tuple[Json, Predicate]:
    stored = catalog.held["priceList"].get(id_) or {"lifecycleStatus": "Rejected"}
    return stored, rule.read_or_never(stored)


@lru_cache(maxsize=8192)
def list_price(catalog: Catalog, price_id: str, language: str) -> Charge:
    """A price as the catalog lists it; a version never changes, so it is read once."""
    price = catalog.held["productOfferingPrice"][price_id]
    tax = price.get("tax") or []
    unit, length = price["price"]["unit"], int(price.get("recurringChargePeriodLength") or 1)
    period = price.get("recurringChargePeriodType")
    replaced = (r["id"] for r in price.get("popRelationship", []) if r.get("relationshipType") == "replaces")
    return Charge(
        price_id=price_id,
        name=catalog.text(price["name"], language),
        price_type=price["priceType"],
        period=period if length == 1 else f"{length} {period}",
        base=Money(unit, Decimal(price["price"]["value"])),
        tax=Tax(tax[0]["taxCategory"], Decimal(str(tax[0]["taxRate"]))) if tax else None,
        due=price["due"],
        unit_of_time=period,
        length=length,
        step=step(unit, catalog.rounding),
        list_=price.get("priceList"),
        replaces=next(replaced, None),
        net=price.get("taxIncluded") is False,
        keeps=price.get("taxKeeps"),
        measure=_measure(price),
        tiers=tuple(usage.usage(price).tiers) if price.get("tier") else (),
        negotiable=bool(price.get("negotiable")),
    )


def _measure(price: Json) -> str | None:
    """The block that a usage price is for: 100 MB."""
    measure = price.get("unitOfMeasure") or {}
    return f"{measure.get('amount', 1)} {measure['units']}" if "units" in measure else None
