"""Prices as they were sold, read back from what an order or an installed product keeps of them. Pure.

What is read comes to the same in every period as what was sold, whatever the catalog says today. A price that nobody
can reckon with (of a product that came from elsewhere) is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from functions.catalog.charge import Charge, Share, Step
from functions.catalog.tax import Tax
from functions.catalog.totals import ZERO
from functions.catalog.usage import Tier
from functions.shared.amounts import plain, step
from functions.shared.resource import Json, Money

PERIOD = re.compile(r"(?:([1-9]\d{0,3}) )?(day|week|month|year)", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
MONTHS = {"day": 1, "week": 1, "month": 1, "year": 12}  # at least as long as each
LONGEST = 1200  # months of a period of a price, or of what a promotion is given for
LARGEST = 10**12  # amount of a price
COUNTS = range(1, 10_000)
ALTERED = "priceAlteration"


def charges(prices: Iterable[Json], totals: Iterable[Json], rounding: Mapping[str, str]) -> list[Charge]:
    """The prices of one unit; and each thing that the line's totals took off several lines together, below zero."""
    found = [each for price in prices if (each := _charge(price, rounding))]
    listed = {(each.part, each.net): each for each in reversed(found)}
    off = [
        replace(each, tax=listed[each.part, net].tax, net=net, due=listed[each.part, net].due)
        for total in totals
        for altered in total.get(ALTERED) or []
        if (each := _charge({**total, "name": altered["description"], ALTERED: []}, rounding, _share(altered)))
        if (each.part, net := "dutyFreeAmount" in altered["price"]) in listed
    ]
    return [*found, *off]


def _charge(price: Json, rounding: Mapping[str, str], share: Share | None = None) -> Charge | None:
    said = price.get("price") or {}
    net = price.get("taxIncluded") is False
    money = said.get("dutyFreeAmount" if net else "taxIncludedAmount") or {}
    unit, value = str(money.get("unit")), _amount(money.get("value"))
    period = PERIOD.fullmatch(str(price.get("recurringChargePeriod")))
    months = int(period[1] or 1) * MONTHS[period[2]] if period else 0
    tiers = [(_amount(each.get("from")), _amount(each["price"].get("value"))) for each in price.get("tier") or []]
    if value is None or not CURRENCY.fullmatch(unit) or (price["priceType"] == "recurring" and not period):
        return None
    if months > LONGEST or price.get("count", 1) not in COUNTS or any(None in tier for tier in tiers):
        return None
    listed = (price.get("productOfferingPrice") or {}).get("id")
    return Charge(
        price_id=share.step.rule if share else str(listed or price.get("name") or price["priceType"]),
        name=str(price.get("name") or price["priceType"]),
        price_type=price["priceType"],
        period=period[0] if period else None,
        base=Money(unit, ZERO if share else value),
        tax=_tax(price),
        due=price.get("due") or "onBill",
        unit_of_time=period[2] if period else None,
        length=int(period[1] or 1) if period else 1,
        step=step(unit, rounding),
        list_=price.get("priceList"),
        count=price.get("count", 1),
        net=net,
        steps=tuple(_steps(price, LONGEST // max(months, 1))),
        shares=(share,) if share else (),
        measure=price.get("unitOfMeasure"),
        tiers=tuple(Tier(start, price) for start, price in tiers if start is not None and price is not None),
    )


def _amount(value: object) -> Decimal | None:
    found = plain(value)
    return found if found is not None and found < LARGEST else None


def _tax(price: Json) -> Tax | None:
    """The tax in it: as the hub said, or of a product that came from elsewhere its rate alone."""
    said = next(iter(price.get("tax") or []), {"taxRate": (price.get("price") or {}).get("taxRate")})
    rate = plain(said.get("taxRate"))
    return None if rate is None or rate > 100 else Tax(str(said.get("taxCategory") or ""), rate, said.get("id"))


def _steps(price: Json, most: int) -> Iterator[Step]:
    """What altered it, of an order and of a product, which call it differently; for so many periods at most."""
    for altered in price.get(ALTERED) or price.get("productPriceAlteration") or []:
        if found := _step(altered, most):
            yield found


def _step(altered: Json, most: int) -> Step | None:
    said = altered.get("price") or {}
    kind, value = "amount", (altered.get("upTo") or {}).get("value")
    if "percentage" in said:
        kind, value = "percentage", said["percentage"]
    elif "fixedPrice" in altered:
        kind, value = "fixedPrice", altered["fixedPrice"].get("value")
    elif value is None:
        off = (said.get("taxIncludedAmount") or said.get("dutyFreeAmount") or {}).get("value")
        value = str(off or 0).removeprefix("-")
    amount, periods = _amount(value), altered.get("applicationDuration")
    if amount is None or (kind == "percentage" and amount > 100) or (periods is not None and periods < 1):
        return None
    name = str(altered.get("description") or altered.get("name"))
    ends = None if periods is None or periods > most else periods
    return Step(str(altered.get("name")), name, altered.get("priority", 1), kind, amount, ends)


def _share(altered: Json) -> Share:
    """A part in what was taken off together, and how that goes on."""
    said = altered["price"]
    offs = [(1, _off(said.get("taxIncludedAmount") or said["dutyFreeAmount"]))]
    offs += [(each["period"], _off(each["price"])) for each in altered.get("change", [])]
    ends = [*(period - 1 for period, _ in offs[1:]), None]
    step = Step(altered["name"], altered["description"], altered.get("priority", 1), "amount", offs[0][1])
    return Share(step, tuple(zip(ends, (off for _, off in offs), strict=True)))


def _off(money: Json) -> Decimal:
    return -Decimal(str(money["value"]))
