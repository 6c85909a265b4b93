"""What a bill takes: billing periods, the days of one that a product was there for, and what is due once. Pure.

How the periods of a price and those of a bill meet
---------------------------------------------------
A *price period* counts from the day of activation, in the market's time zone: the n-th month of a monthly price runs
from that day n - 1 months later until the same day of the next month (in a shorter month its last day: sold on 31
January, the second begins on 28 February, the third on 31 March). Free periods, and discounts limited to n periods,
are price periods: `at(n)` is what one unit costs in the n-th, whatever the bill says.

A *billing period* runs from the account's cycle day until just before the next. Days are counted, never hours.

- A price whose period is at most a month is paid by the day. Each day of a billing period costs its share of the
  price period it lies in, so a billing period that two of them share (two months free, then not) is split by days:
  9.99 a month, the first half of a 30 days' period free: 9.99 x 15/30. A day's share of a monthly price is one part
  in as many as the *billing* period has days, so that a whole one costs just the price; that of a price per n days or
  weeks is one part in the days of n days or weeks.
- A price whose period is longer (a year, three months, five weeks) is paid whole with the billing period in which its
  n-th period begins: nobody is asked for a yearly fee in twelfths.

Each line of a bill is rounded once, half up, to the step of the currency.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from functions.shared.amounts import half_up
from functions.shared.days import Cycle, Days, later, whole_months

ZERO = Decimal(0)
PER_YEAR = {"day": 365, "week": 52, "month": 12, "year": 1}
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


class Recurring(NamedTuple):
    """So many units at a price per `length` days, weeks, months or years: `at(n)` is one unit's in the n-th, from 1.

    Where something is taken off the sum of all units, which may not divide by them, the quantity is 1 and `at` theirs.
    """

    quantity: int
    period: str
    length: int
    at: Callable[[int], Decimal]

    @property
    def is_paid_whole(self) -> bool:
        """Whether its period is longer than a month (of 365/12 days, 52/12 weeks), so that no bill divides it."""
        return 12 * self.length > PER_YEAR[self.period]

    def begins(self, sold: date, n: int) -> date:
        """The day on which its n-th period begins, sold on that day."""
        if self.period in MONTHS:
            return later(sold, MONTHS[self.period] * self.length * (n - 1))
        return sold + timedelta(DAYS[self.period] * self.length * (n - 1))

    def during(self, sold: date, days: Days) -> Iterator[tuple[int, Days]]:
        """Number and days of each of its periods that some of these days lie in; none before it is sold."""
        start = max(days.since, sold)
        if self.period in MONTHS:
            n = whole_months(sold, start) // (MONTHS[self.period] * self.length) + 1
        else:
            n = (start - sold).days // (DAYS[self.period] * self.length) + 1
        while (since := self.begins(sold, n)) < days.until:
            n += 1
            yield n - 1, Days(since, self.begins(sold, n))


class OneTime(NamedTuple):
    """So many units at an amount each, once; `due` is atOrder, onDelivery or onBill."""

    quantity: int
    amount: Decimal
    due: str


class BillLine(NamedTuple):
    """What a bill takes for a charge, rounded, and the days it is for; a charge that is due once is for none."""

    charge: Recurring | OneTime
    days: Days | None
    amount: Decimal


def first_bill(
    charges: Iterable[Recurring | OneTime], activated: datetime, cycle: Cycle, *, in_advance: bool, step: Decimal
) -> list[BillLine]:
    """The lines of the first bill after a product is activated, charge by charge; together they are what is to pay.

    Of each recurring charge the days left of the billing period, the day of activation among them, and where the brand
    bills in advance the whole next one as a line of its own; of the others what is due onBill. A free line is one of 0.
    """
    sold = cycle.local_day(activated)
    periods = [cycle.period(sold)]
    if in_advance:
        periods.append(cycle.period(periods[0].until))
    lines: list[BillLine] = []
    for charge in charges:
        if isinstance(charge, Recurring):
            lines += [line for period in periods for line in billed(charge, sold, period, step)]
        elif charge.due == "onBill":
            lines.append(BillLine(charge, None, half_up(charge.quantity * charge.amount, step)))
    return lines


def billed(charge: Recurring, sold: date, period: Days, step: Decimal, *, within: Days | None = None) -> list[BillLine]:
    """What any bill takes for one billing period of a recurring charge that was sold (activated) on that day.

    `within` are the days of the period on which it is the price, where it is not for all of them. By the day it is one
    line; a price that is paid whole makes one for each of its periods that begins, often none.
    """
    within = within or period
    met = list(charge.during(sold, within))
    if charge.is_paid_whole:
        begun = [(n, days) for n, days in met if days.since >= within.since]
        return [BillLine(charge, days, half_up(charge.quantity * charge.at(n), step)) for n, days in begun]
    if not met:
        return []
    of = len(period) if charge.period in MONTHS else DAYS[charge.period] * charge.length
    parts = sum((charge.at(n) * len(days.meet(within)) for n, days in met), ZERO)
    # One division, at the end: a half step stays exactly one.
    return [BillLine(charge, Days(sold, within.until).meet(within), half_up(charge.quantity * parts / of, step))]
