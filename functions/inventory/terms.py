"""What a product costs by the terms it keeps, for how long, and what still makes it cheaper. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from types import MappingProxyType

from functions.catalog import sold
from functions.catalog.bill import DAYS, MONTHS
from functions.catalog.charge import Charge, Step
from functions.catalog.totals import ZERO, Part
from functions.shared import clock
from functions.shared.days import later, whole_months
from functions.shared.resource import Json

USUAL: Mapping[str, str] = MappingProxyType({})  # amounts are rounded to the smallest coin


def kept(body: Json, rounding: Mapping[str, str] = USUAL) -> list[tuple[Json, Charge]]:
    """The prices that a product costs in every period, as they stand on it and as the pricing function has them."""
    prices = (p for p in body.get("productPrice") or [] if p["priceType"] == "recurring")
    return [(price, charge) for price in prices for charge in sold.charges([price], [], rounding)]


def price_id(price: Json) -> str | None:
    """The price of the catalog that a product's price was."""
    return (price.get("productOfferingPrice") or {}).get("id")


def listed(charge: Charge) -> Decimal:
    """What a price comes to in a period with its tax, before anything is taken off."""
    return charge.split(charge.base.value * charge.count).gross


def since(body: Json, zone: tzinfo) -> date | None:
    """The day from which its terms hold, and its periods count."""
    first: Json = next(iter(body.get("productTerm") or []), {})
    begun = (first.get("validFor") or {}).get("startDateTime") or body.get("startDate")
    return clock.moment(begun).astimezone(zone).date() if begun else None


def term_end(body: Json, zone: tzinfo) -> date | None:
    """The first day after its longest minimum term; None where it has none."""
    begun = since(body, zone)
    durations = [term.get("duration") or {} for term in body.get("productTerm") or []]
    months = max((int(d.get("amount", 0)) * MONTHS.get(d.get("units", ""), 0) for d in durations), default=0)
    return later(begun, months) if begun and months else None


def running(body: Json, as_of: datetime, zone: tzinfo) -> Iterator[tuple[Charge, Step, int | None]]:
    """Each rule that still alters a recurring price: the price, the rule, for how many periods, this one too."""
    for _, charge in kept(body):
        for step in charge.steps:
            if step.periods is None:
                yield charge, step, None
            elif (left := step.periods - _gone_by(body, charge, as_of, zone)) > 0:
                yield charge, step, left


def costs(body: Json, as_of: datetime, zone: tzinfo) -> dict[Part, Decimal]:
    """What a product costs in the period that then runs, tax included, each rule as it acts then, by part."""
    sums: dict[Part, Decimal] = {}
    for _, charge in kept(body):
        period = _gone_by(body, charge, as_of, zone) + 1
        sums[charge.part] = sums.get(charge.part, ZERO) + charge.comes_to(1, period)
    return sums


def _gone_by(body: Json, charge: Charge, as_of: datetime, zone: tzinfo) -> int:
    """How many whole periods of a price have gone by."""
    begun, today = since(body, zone), as_of.astimezone(zone).date()
    unit = charge.unit_of_time or "month"
    if begun is None or today < begun:
        return 0
    if unit in MONTHS:
        return whole_months(begun, today) // (MONTHS[unit] * charge.length)
    return (today - begun) // timedelta(DAYS[unit] * charge.length)
