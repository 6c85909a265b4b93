"""The one pricing function: what an offering costs in a channel at a moment, each rule that changed it by name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property, lru_cache

from functions.catalog.catalog import Catalog
from functions.shared import tmf
from functions.shared.resource import Json, Money, ref

ZERO = Decimal(0)


@dataclass(frozen=True)
class Alteration:
    """What one promotion takes off one unit, and for how many periods (None: for as long as the price runs)."""

    rule: str
    name: str
    priority: int
    off: Money
    percentage: Decimal | None
    months: int | None


@dataclass(frozen=True)
class Charge:
    """One price of one unit: once, or each period; `alterations` are already the ones that apply here."""

    price_id: str
    name: str
    price_type: str
    period: str | None
    base: Money
    tax_rate: Decimal | None
    due: str
    alterations: tuple[Alteration, ...] = ()

    @cached_property
    def tmf(self) -> Json:
        """The TM Forum price of one unit: the list price, and each rule that alters it."""
        price = _price(
            self.price_type,
            self.period,
            self.base.unit,
            self.base.value,
            due=self.due,
            name=self.name,
            productOfferingPrice=ref(
                self.price_id, tmf.href("productOfferingPrice", self.price_id), "ProductOfferingPrice"
            ),
            priceAlteration=[_altered(self, a) for a in self.alterations] or None,
        )
        if self.tax_rate is not None:
            price["price"]["taxRate"] = self.tax_rate
        return price

    @cached_property
    def unit(self) -> Decimal:
        """What one unit costs after its alterations, in the currency of `base`, never below zero."""
        return max(self.base.value - sum((a.off.value for a in self.alterations), ZERO), ZERO)


# Charges by where they are asked for, and from when until when no rule behind them begins or ends.
_known: dict[tuple[Catalog, str, str, str], tuple[datetime, datetime, list[Charge]]] = {}
KNOWN = 20_000


def charges(catalog: Catalog, offering: Json, channel: str, as_of: datetime, language: str) -> list[Charge]:
    """The prices of one unit of an offering, as that channel may give them."""
    asked = catalog, offering["id"], channel, language
    since, until, found = _known.get(asked, (as_of, as_of, []))
    if not since <= as_of < until:
        found = _charges(catalog, offering, channel, as_of, language)
        _known[asked] = (*catalog.unchanged_around(offering, as_of), found)
        if len(_known) > KNOWN:
            _known.pop(next(iter(_known)), None)
    return found


def _charges(catalog: Catalog, offering: Json, channel: str, as_of: datetime, language: str) -> list[Charge]:
    given = [p for p in catalog.promotions_for(offering["id"], as_of) if any(c["id"] == channel for c in p["channel"])]
    return [_altered_charge(catalog, price, given, language) for price in catalog.prices(offering, as_of)]


def _altered_charge(catalog: Catalog, price: Json, promotions: list[Json], language: str) -> Charge:
    charge = _list_price(catalog, price["id"], language)
    # One promotion per price: the strongest that applies. Stacking needs a rule of its own.
    strongest = next((p for p in promotions if p["priceType"] == charge.price_type), None)
    if strongest is None:
        return charge
    return replace(charge, alterations=(_alteration(catalog, strongest, charge.base, language),))


@lru_cache(maxsize=4096)
def _list_price(catalog: Catalog, price_id: str, language: str) -> Charge:
    """A price as the catalog lists it; a version never changes, so it is read once."""
    price = catalog.held["productOfferingPrice"][price_id]
    tax = price.get("tax") or []
    return Charge(
        price_id=price_id,
        name=catalog.text(price["name"], language),
        price_type=price["priceType"],
        period=price.get("recurringChargePeriodType"),
        base=Money(price["price"]["unit"], Decimal(price["price"]["value"])),
        tax_rate=Decimal(str(tax[0]["taxRate"])) if tax else None,
        due=price["due"],
    )


def _alteration(catalog: Catalog, promotion: Json, base: Money, language: str) -> Alteration:
    percentage = Decimal(promotion["percentage"]) if "percentage" in promotion else None
    if percentage is None:
        off = Money(promotion["amount"]["unit"], Decimal(promotion["amount"]["value"]))
    else:
        off = base.times(percentage / 100)
    return Alteration(
        rule=promotion["id"],
        name=catalog.text(promotion["name"], language),
        priority=promotion["priority"],
        off=Money(off.unit, min(off.value, base.value)),
        percentage=percentage,
        months=promotion.get("applicationDuration"),
    )


def _altered(charge: Charge, by: Alteration) -> Json:
    price: Json = {"taxIncludedAmount": {"unit": by.off.unit, "value": -by.off.value}}
    if by.percentage is not None:
        price["percentage"] = by.percentage
    body = {
        "name": by.rule,
        "description": by.name,
        "priceType": charge.price_type,
        "priority": by.priority,
        "recurringChargePeriod": charge.period,
        "applicationDuration": by.months,
        "price": price,
    }
    return {k: v for k, v in body.items() if v is not None}


def totals(lines: Iterable[tuple[int, Iterable[Charge]]]) -> list[Json]:
    """What so many units of each come to: once, and per period. Amounts are in minor units already: no rounding."""
    sums: dict[tuple[str, str, str], Decimal] = {}
    for quantity, found in lines:
        for c in found:
            part = c.price_type, c.period or "", c.base.unit
            sums[part] = sums.get(part, ZERO) + c.unit * quantity
    return [_price(kind, period or None, unit, amount) for (kind, period, unit), amount in sorted(sums.items())]


def _price(kind: str, period: str | None, unit: str, amount: Decimal, **more: object) -> Json:
    body = {
        "priceType": kind,
        "recurringChargePeriod": period,
        "price": {"taxIncludedAmount": {"unit": unit, "value": amount}},
        **more,
    }
    return {k: v for k, v in body.items() if v is not None}


Part = tuple[str, str, str]  # kind, period (empty: once), currency


def by_part(prices: Iterable[Json]) -> dict[Part, Decimal]:
    """TM Forum prices summed by kind, period and currency, to compare two answers."""
    sums: dict[Part, Decimal] = {}
    for p in prices:
        amount = (p.get("price") or {}).get("taxIncludedAmount") or {}
        part = p.get("priceType", ""), p.get("recurringChargePeriod") or "", amount.get("unit", "")
        sums[part] = sums.get(part, ZERO) + Decimal(str(amount.get("value", 0)))
    return sums


def summed(prices: Iterable[Json]) -> list[Json]:
    """What TM Forum prices come to: once, and per period."""
    return [
        _price(kind, period or None, unit, value) for (kind, period, unit), value in sorted(by_part(prices).items())
    ]
