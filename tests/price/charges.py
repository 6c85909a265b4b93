"""What each line is charged before any promotion: list prices, or those of a price list in their place.

Part of the naive evaluator: written from the text of the semantics alone, shares nothing with `functions`.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tests.price.facts import (
    Facts,
    Json,
    categories,
    currency_of,
    facts_of_cart,
    holds,
    list_prices,
    moment,
    offering_of,
    on_sale,
)
from tests.price.taxes import Borne, base_of, borne

PERIODS_A_YEAR = {"month": 12, "year": 1, "day": 365, "week": 52}
MINOR_UNITS = {"JPY": "1", "KRW": "1", "KWD": "0.001", "BHD": "0.001", "TND": "0.001"}


@dataclass(frozen=True)
class Charge:
    """A price of a line; `base` is the amount per unit, `horizon` the number of periods a saving is counted over."""

    line: str
    quantity: int
    offering: str
    categories: frozenset[str]
    price: str
    replaced: str | None
    price_type: str
    period: str
    horizon: int
    currency: str
    base: Decimal
    tax: Borne | None

    @property
    def bucket(self) -> tuple[str, str, str, bool]:
        """What is added up for rule 4: by rule 8 what is written without tax apart."""
        return self.price_type, self.period, self.currency, self.tax is not None and self.tax.on_top


def charges_of(content: Json, lines: list[Json], context: Facts) -> list[Charge]:
    facts = facts_of_cart(content, lines, context)
    found = []
    for line in lines:
        for listed in list_prices(content, line, context):
            price = _in_its_place(content, listed, facts | {"quantity": Decimal(line["quantity"])}, context)
            found.append(_charge(content, line, listed, price, tax=borne(content, price, facts, context)))
    return sorted(found, key=lambda charge: (charge.line, charge.price))


def _in_its_place(content: Json, listed: Json, facts: Facts, context: Facts) -> Json:
    """The customer's own price before all others, then that of a price list."""
    if listed.get("negotiable") and listed["id"] in (own := context.get("own", {})):
        return listed | {"price": listed["price"] | {"value": own[listed["id"]]}}
    as_of = moment(context)
    holding = {
        each["id"]: each["priority"]
        for each in content.get("priceList", [])
        if on_sale(each, as_of) and holds(each, facts)
    }
    standing_in = [
        price
        for price in content["productOfferingPrice"]
        if price.get("priceList") in holding
        and on_sale(price, as_of)
        and price["price"]["unit"] == currency_of(content, context)
        and any(r["relationshipType"] == "replaces" and r["id"] == listed["id"] for r in price["popRelationship"])
    ]
    return min(standing_in, key=lambda price: (holding[price["priceList"]], price["id"]), default=listed)


def _charge(content: Json, line: Json, listed: Json, price: Json, *, tax: Borne | None) -> Charge:
    offering = offering_of(content, line)
    period, horizon = "", 1
    if price["priceType"] == "recurring":
        length, kind = price.get("recurringChargePeriodLength", 1), price["recurringChargePeriodType"]
        period, horizon = f"{length} {kind}", _whole_periods(_term(offering), length, kind)
    return Charge(
        line=line["id"],
        quantity=line["quantity"],
        offering=offering["id"],
        categories=frozenset(categories(offering)),
        price=price["id"],
        replaced=None if price["id"] == listed["id"] else listed["id"],
        price_type=price["priceType"],
        period=period,
        horizon=horizon,
        currency=price["price"]["unit"],
        base=base_of(content, price, tax, step_of(content, price["price"]["unit"])),
        tax=tax,
    )


def _term(offering: Json) -> int:
    """Of the longest commitment, in months."""
    durations = [term["duration"] for term in offering.get("productOfferingTerm", [])]
    return max((each["amount"] * (12 if each["units"] == "year" else 1) for each in durations), default=12)


def _whole_periods(months: int, length: int, kind: str) -> int:
    # Multiplied first: a twelfth has no exact Decimal.
    periods = PERIODS_A_YEAR[kind] * Decimal(months) / (12 * length)
    return max(1, int(periods.to_integral_value(ROUND_FLOOR)))


def step_of(content: Json, currency: str) -> Decimal:
    return Decimal(content.get("rounding", {}).get(currency) or MINOR_UNITS.get(currency, "0.01"))


def rounded(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step
