"""The one pricing function: what an offering costs in a channel at a moment, each rule that changed it by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from functions.catalog.catalog import Catalog
from functions.shared import tmf
from functions.shared.resource import Json, Money

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

    @property
    def unit(self) -> Money:
        """What one unit costs after its alterations, never below zero."""
        value = self.base.value - sum((a.off.value for a in self.alterations), ZERO)
        return Money(unit=self.base.unit, value=max(value, ZERO))


def charges(catalog: Catalog, offering: Json, channel: str, as_of: datetime, language: str) -> list[Charge]:
    """The prices of one unit of an offering, as that channel may give them."""
    given = [p for p in catalog.promotions_for(offering["id"], as_of) if any(c["id"] == channel for c in p["channel"])]
    return [_charge(catalog, price, given, language) for price in catalog.prices(offering, as_of)]


def _charge(catalog: Catalog, price: Json, promotions: list[Json], language: str) -> Charge:
    base = Money(unit=price["price"]["unit"], value=Decimal(price["price"]["value"]))
    fitting = (p for p in promotions if p["priceType"] == price["priceType"])
    # One promotion per price: the strongest that applies. Stacking needs a rule of its own.
    strongest = next(fitting, None)
    tax = price.get("tax") or []
    return Charge(
        price_id=price["id"],
        name=catalog.text(price["name"], language),
        price_type=price["priceType"],
        period=price.get("recurringChargePeriodType"),
        base=base,
        tax_rate=Decimal(str(tax[0]["taxRate"])) if tax else None,
        due=price["due"],
        alterations=(_alteration(catalog, strongest, base, language),) if strongest else (),
    )


def _alteration(catalog: Catalog, promotion: Json, base: Money, language: str) -> Alteration:
    percentage = Decimal(promotion["percentage"]) if "percentage" in promotion else None
    if percentage is None:
        off = Money(unit=promotion["amount"]["unit"], value=Decimal(promotion["amount"]["value"]))
    else:
        off = base.times(percentage / 100)
    return Alteration(
        rule=promotion["id"],
        name=catalog.text(promotion["name"], language),
        priority=promotion["priority"],
        off=Money(unit=off.unit, value=min(off.value, base.value)),
        percentage=percentage,
        months=promotion.get("applicationDuration"),
    )


def unit_prices(found: Iterable[Charge]) -> list[Json]:
    """TM Forum prices of one unit: the list price, and each rule that alters it."""
    return [
        _price(
            c.price_type,
            c.period,
            c.base,
            c.tax_rate,
            due=c.due,
            name=c.name,
            productOfferingPrice={
                "id": c.price_id,
                "href": tmf.href("productOfferingPrice", c.price_id),
                "@referredType": "ProductOfferingPrice",
            },
            priceAlteration=[_altered(c, a) for a in c.alterations] or None,
        )
        for c in found
    ]


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
    """What so many units of each come to: once, and per period."""
    sums: dict[tuple[str, str | None], Money] = {}
    for quantity, found in lines:
        for c in found:
            amount = c.unit.times(quantity)
            held = sums.get((c.price_type, c.period))
            sums[c.price_type, c.period] = held + amount if held else amount
    return [
        _price(kind, period, amount)
        for (kind, period), amount in sorted(sums.items(), key=lambda s: (s[0][0], s[0][1] or ""))
    ]


def _price(kind: str, period: str | None, amount: Money, tax_rate: Decimal | None = None, **more: object) -> Json:
    price: Json = {"taxIncludedAmount": amount.tmf()}
    if tax_rate is not None:
        price["taxRate"] = tax_rate
    body = {"priceType": kind, "recurringChargePeriod": period, "price": price, **more}
    return {k: v for k, v in body.items() if v is not None}


def by_kind(prices: Iterable[Json]) -> dict[tuple[str, str | None], Decimal]:
    """TM Forum prices summed by kind and period, to compare two answers."""
    sums: dict[tuple[str, str | None], Decimal] = {}
    for p in prices:
        where = p.get("priceType", ""), p.get("recurringChargePeriod")
        amount = (p.get("price") or {}).get("taxIncludedAmount") or {}
        sums[where] = sums.get(where, ZERO) + Decimal(str(amount.get("value", 0)))
    return sums
