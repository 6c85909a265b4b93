"""What a contract comes to before anything is billed: month by month, over its term, and when it ends early. Pure.

A month here is a twelfth of a year of 365 days or 52 weeks, so that what an offer promises does not hang on the day it
is read. As on a bill (see bill.py) a price whose period is at most a month is spread, a longer one is paid whole in
the month in which its period begins.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from functions.catalog.bill import PER_YEAR, ZERO, OneTime, Recurring
from functions.shared.amounts import half_up, plain
from functions.shared.days import Days, later, whole_months

HUNDRED = Decimal(100)
PERCENT = "percent"


class Commitment(NamedTuple):
    """What a contract comes to over its term: due once, recurring, both, and both divided by its months."""

    one_time: Decimal
    recurring: Decimal
    total: Decimal
    per_month: Decimal


class EarlyTermination(NamedTuple):
    """What ending a contract before its term costs; as data {type, value, unit}, unit `percent` or the currency.

    remainingShare  `value` percent of what the days left would have cost, at the prices they would have had
    declining       `value` on the first day, less an equal part of it for each whole month gone by
    fixed           `value` on any day before the term's end
    """

    type: str
    value: Decimal


def whole_periods(months: int, period: str, length: int) -> int:
    """How many whole periods of a price so many months have, at least 1: 12 months 52 weeks, 24 months 2 years."""
    return max(months * PER_YEAR[period] // (12 * length), 1)


def monthly(charges: Iterable[Recurring], months: int, step: Decimal) -> list[Decimal]:
    """What each month from the 1st to the last costs, each charge rounded by itself, as in "3 months 9.99, then 19.99".

    Of prices per day or week a month is an average one; what they come to over the term is `commitment`'s to say.
    """
    held = list(charges)
    return [sum((half_up(_cost(each, m, m + 1), step) for each in held), ZERO) for m in range(months)]


def commitment(charges: Iterable[Recurring | OneTime], months: int, step: Decimal) -> Commitment:
    """What somebody signs who signs for so many months (1 or more): each charge rounded once, discounts as they end.

    What is due once counts whenever it is due.
    """
    once = recurring = ZERO
    for charge in charges:
        if isinstance(charge, OneTime):
            once += half_up(charge.quantity * charge.amount, step)
        else:
            recurring += half_up(_cost(charge, 0, months), step)
    return Commitment(once, recurring, once + recurring, half_up((once + recurring) / months, step))


def termination_fee(
    fee: EarlyTermination, charges: Iterable[Recurring], sold: date, months: int, *, ends: date, step: Decimal
) -> Decimal:
    """What it costs to end a contract of so many months; `ends` is the first day without it. After the term, nothing.

    A share is rounded per charge; what was paid ahead for days after `ends` is the last bill's to give back.
    """
    left = Days(max(ends, sold), later(sold, months))
    if not left:
        return half_up(ZERO, step)
    if fee.type == "fixed":
        return half_up(fee.value, step)
    if fee.type == "declining":
        return half_up(fee.value * (months - whole_months(sold, left.since)) / months, step)
    return sum((half_up(_remaining(each, sold, left, fee.value), step) for each in charges), ZERO)


def termination_faults(fee: Mapping[str, object], currency: str) -> list[str]:
    """What is wrong with an earlyTermination as data, in sentences; none where `EarlyTermination` can be made of it."""
    unit = {"remainingShare": PERCENT, "declining": currency, "fixed": currency}.get(str(fee.get("type")))
    if unit is None:
        return ["earlyTermination.type is remainingShare, declining or fixed."]
    value = plain(fee.get("value"))
    faults = [] if fee.get("unit") == unit else [f"earlyTermination.unit is {unit} where its type is {fee['type']}."]
    if value is None:
        faults.append("earlyTermination.value is an amount, zero or more, such as 50.")
    elif unit == PERCENT and value > HUNDRED:
        faults.append(f"earlyTermination.value is {value} percent, more than everything that is left.")
    return faults


def _cost(charge: Recurring, since: int, until: int) -> Decimal:
    """What the months after `since` months, up to `until`, cost: not rounded."""
    # Months and periods on one scale: so many ticks make a month, so many a period.
    month, period = PER_YEAR[charge.period], 12 * charge.length
    start, end = since * month, until * month
    if charge.is_paid_whole:
        begun = range(-(-start // period), -(-end // period))
        return charge.quantity * sum((charge.at(n + 1) for n in begun), ZERO)
    met = ((n, max(start, n * period), min(end, (n + 1) * period)) for n in range(start // period, -(-end // period)))
    return charge.quantity * sum((charge.at(n + 1) * (last - first) for n, first, last in met), ZERO) / period


def _remaining(charge: Recurring, sold: date, left: Days, percent: Decimal) -> Decimal:
    """So many percent of what the days left would have cost: a period that they cut counts by its days, not rounded."""
    cost, parts = ZERO, 1
    for n, period in charge.during(sold, left):
        days, of = len(period.meet(left)), len(period)
        if days == of:
            cost += charge.at(n) * parts
        else:  # as a fraction until the end, so that a half step stays exactly one
            cost, parts = cost * of + charge.at(n) * days * parts, parts * of
    return charge.quantity * cost * percent / (parts * HUNDRED)
