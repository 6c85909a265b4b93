"""How a price came about, step by step, read off what it says of itself: in a cart, an order, a quote alike. Pure.

A step is a rule, what there was before it and what it did to that; both are amounts of the whole line. The effects of
a trace come to the total that it is of.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from functions.catalog.totals import ZERO, Part, amount_of, by_part
from functions.shared.resource import Json

LISTED, OWN, GIVEN, TAX = "ProductOfferingPrice", "CustomerPrice", "Promotion", "TaxRate"


def of_line(quantity: int, unit: list[Json], total: list[Json]) -> list[Json]:
    """Of a line whose unit has these prices: each list price and what promotions took off it, then off all together.

    A tax is a step where it changes what is to pay: after a list price that costs something else under it, and last
    where prices are without.
    """
    return [
        *(step for price in unit for step in _of_price(price, quantity)),
        *(step for price in total for step in _together(price)),
    ]


def of_lines(lines: Iterable[Json], total: str) -> list[Json]:
    """Of a total: what each line adds to it; a line tells what it comes to under the name `total`."""
    sums: dict[Part, Decimal] = {}
    steps = []
    for line in lines:
        for part, amount in by_part(line.get(total, [])).items():
            before = sums.get(part, ZERO)
            sums[part] = before + amount
            steps.append(rule_step(line["@type"], line["id"], part, before, amount))
    return sorted(steps, key=lambda step: (step["priceType"], step.get("recurringChargePeriod", "")))


def _of_price(price: Json, quantity: int) -> Iterator[Json]:
    (part, amount), units = _amount(price), quantity * price.get("count", 1)
    rest = amount * units
    begun = price["listPrice"]["value"] * units if "listPrice" in price else rest
    kind, by = (OWN, price["customerPrice"]) if "customerPrice" in price else (LISTED, price["productOfferingPrice"])
    listed = rule_step(kind, by["id"], part, ZERO, begun, price["name"])
    yield {**listed, "priceList": price["priceList"]} if "priceList" in price else listed
    if begun != rest:
        yield rule_step(TAX, price["tax"][0]["id"], part, begun, rest - begun)
    for altered in price.get("priceAlteration", []):
        effect = _amount(altered)[1] * units
        yield rule_step(GIVEN, altered["name"], part, rest, effect, altered["description"])
        rest += effect


def _together(total: Json) -> Iterator[Json]:
    """What was taken off several lines together, of which the total of a line tells its share; then tax on top."""
    part, left = _amount(total)
    altered = [(each, _amount(each)[1]) for each in total.get("priceAlteration", [])]
    on_top = [tax for tax in total.get("tax", []) if tax.get("taxIncluded") is False]
    rest = left - sum((effect for _, effect in altered), ZERO) - sum((t["taxAmount"]["value"] for t in on_top), ZERO)
    for each, effect in altered:
        yield rule_step(GIVEN, each["name"], part, rest, effect, each["description"])
        rest += effect
    for tax in on_top:
        effect = tax["taxAmount"]["value"]
        yield rule_step(TAX, tax.get("id") or tax["taxCategory"], part, rest, effect)
        rest += effect


def _amount(price: Json) -> tuple[Part, Decimal]:
    """What a price comes to as it is written, and an alteration takes off that: with tax or without."""
    net = price.get("taxIncluded") is False or "taxIncludedAmount" not in price["price"]
    return amount_of(price, "dutyFreeAmount" if net else "taxIncludedAmount")


def rule_step(kind: str, rule: str, part: Part, before: Decimal, effect: Decimal, name: str | None = None) -> Json:
    price_type, period, unit = part
    return {
        "rule": rule,
        "@referredType": kind,
        **({} if name is None else {"name": name}),
        "priceType": price_type,
        **({"recurringChargePeriod": period} if period else {}),
        "input": {"unit": unit, "value": before},
        "effect": {"unit": unit, "value": effect},
    }
