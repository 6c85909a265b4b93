"""Billing periods and bills, against days counted on a calendar and amounts worked out by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.bill import OneTime, Recurring, billed, first_bill
from functions.shared.amounts import step
from functions.shared.days import Cycle, Days, later, whole_months

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
BERLIN = ZoneInfo("Europe/Berlin")
CENT = Decimal("0.01")


def steps(written: str) -> Callable[[int], Decimal]:
    """What the n-th period costs: "2 x 0.00, 9.99" is two free ones, then 9.99 each."""
    *limited, forever = written.split(", ")
    each = [Decimal(price) for part in limited for n, price in [part.split(" x ")] for _ in range(int(n))]
    return lambda n: each[n - 1] if n <= len(each) else Decimal(forever)


def charge(written: str) -> Recurring:
    """A charge as one would say it: "2 x 0.00, 9.99 / month", "3 pcs 1.00 / 4 week"."""
    many, _, rest = written.rpartition(" pcs ")
    prices, _, period = rest.partition(" / ")
    length, _, unit = period.rpartition(" ")
    return Recurring(int(many or 1), unit, int(length or 1), steps(prices))


# Stacy's add-on in mid-period. Each row: when it is activated (UTC), where, the account's cycle day, the price
# (CHF* rounds to 0.05), what the first bill takes for the period of the activation, what for the next where the brand
# bills in advance, and how a person works it out.
FIRST_BILLS = """
# Months of 28 to 31 days, the first day and the last
2026-04-17 08:00 | Berlin |  1 | EUR 9.99 / month | 4.66 | 9.99 | 17-30 Apr: 9.99 x 14/30 = 4.662
2026-04-01 08:00 | Berlin |  1 | EUR 9.99 / month | 9.99 | 9.99 | the first day: 30/30
2026-04-02 08:00 | Berlin |  1 | EUR 9.99 / month | 9.66 | 9.99 | 9.99 x 29/30 = 9.657
2026-04-30 08:00 | Berlin |  1 | EUR 9.99 / month | 0.33 | 9.99 | the last day: 9.99 x 1/30 = 0.333
2026-07-31 08:00 | Berlin |  1 | EUR 9.99 / month | 0.32 | 9.99 | the last day: 9.99 x 1/31 = 0.3223
2026-02-15 08:00 | Berlin |  1 | EUR 9.99 / month | 5.00 | 9.99 | 15-28 Feb: 9.99 x 14/28 = 4.995, half up
2028-02-15 08:00 | Berlin |  1 | EUR 9.99 / month | 5.17 | 9.99 | leap, 15-29 Feb: 9.99 x 15/29 = 5.1672
2028-02-29 08:00 | Berlin |  1 | EUR 9.99 / month | 0.34 | 9.99 | the leap day: 9.99 x 1/29 = 0.3445
2100-02-15 08:00 | Berlin |  1 | EUR 9.99 / month | 5.00 | 9.99 | 2100 is no leap year: 14/28
# An account that is billed on a day that not every month has, or over the turn of the year
2026-02-10 08:00 | Berlin | 29 | EUR 9.99 / month | 5.99 | 9.99 | 29 Jan - 27 Feb: 30 days, 10-27: 18, 5.994
2026-02-27 08:00 | Berlin | 29 | EUR 9.99 / month | 0.33 | 9.99 | the last of these 30 days: 0.333
2026-02-28 08:00 | Berlin | 29 | EUR 9.99 / month | 9.99 | 9.99 | the first of 28 Feb - 28 Mar
2028-02-28 08:00 | Berlin | 29 | EUR 9.99 / month | 0.32 | 9.99 | leap, 29 Jan - 28 Feb: 3 + 28 = 31 days, 1/31
2026-02-27 08:00 | Berlin | 30 | EUR 9.99 / month | 0.34 | 9.99 | 30 Jan - 27 Feb: 2 + 27 = 29 days, 1/29 = 0.3445
2026-03-01 08:00 | Berlin | 30 | EUR 9.99 / month | 9.66 | 9.99 | 28 Feb - 29 Mar: 30 days, 29/30 = 9.657
2026-04-15 08:00 | Berlin | 31 | EUR 9.99 / month | 5.00 | 9.99 | 31 Mar - 29 Apr: 30 days, 15-29: 15, 4.995
2026-04-30 08:00 | Berlin | 31 | EUR 9.99 / month | 9.99 | 9.99 | the first of 30 Apr - 30 May
2028-02-10 08:00 | Berlin | 31 | EUR 9.99 / month | 6.55 | 9.99 | 31 Jan - 28 Feb: 29 days, 10-28: 19, 6.5452
2026-12-31 08:00 | Berlin | 31 | EUR 9.99 / month | 9.99 | 9.99 | the first of 31 Dec - 30 Jan
2026-12-20 08:00 | Berlin | 15 | EUR 9.99 / month | 8.38 | 9.99 | 31 days, 9.99 x (12 + 14)/31 = 8.3787
2027-01-14 08:00 | Berlin | 15 | EUR 9.99 / month | 0.32 | 9.99 | the last of 15 Dec - 14 Jan: 1/31
# A moment near midnight lies on the market's day
2026-04-16 23:30 | Berlin     |  1 | EUR 9.99 / month   |   4.66 |   9.99 | 01:30 on 17 Apr in Berlin: 14/30
2026-04-16 21:59 | Berlin     |  1 | EUR 9.99 / month   |   5.00 |   9.99 | 23:59 on 16 Apr: 15/30 = 4.995
2026-04-30 23:30 | Berlin     |  1 | EUR 9.99 / month   |   9.99 |   9.99 | 01:30 on 1 May, the next period: 31/31
2026-01-31 22:59 | Berlin     |  1 | EUR 9.99 / month   |   0.32 |   9.99 | 23:59 on 31 Jan: 1/31
2026-01-31 23:00 | Berlin     |  1 | EUR 9.99 / month   |   9.99 |   9.99 | 00:00 on 1 Feb: 28/28
2026-05-01 03:30 | New York   |  1 | USD 9.99 / month   |   0.33 |   9.99 | 23:30 on 30 Apr in New York: 1/30
2026-03-31 11:30 | Auckland   |  1 | NZD 9.99 / month   |   9.99 |   9.99 | 00:30 on 1 Apr in Auckland (UTC+13): 30/30
2026-04-16 10:00 | Kiritimati |  1 | AUD 9.99 / month   |   4.66 |   9.99 | 00:00 on 17 Apr (UTC+14): 14/30
2026-04-16 18:29 | Kolkata    |  1 | INR 299.00 / month | 149.50 | 299.00 | 23:59 on 16 Apr (UTC+5:30): 15/30
2011-12-29 12:00 | Apia       |  1 | WST 9.99 / month   |   0.97 |   9.99 | 29-31 Dec, though the 30th was skipped
# Clocks are put forward and back; days are counted
2026-03-29 01:30 | Berlin      |  1 | EUR 9.99 / month | 0.97 | 9.99 | a day of 23 hours, 29-31 Mar: 3/31 = 0.9668
2026-10-25 00:30 | Berlin      |  1 | EUR 9.99 / month | 2.26 | 9.99 | a day of 25 hours, 25-31 Oct: 7/31 = 2.2558
2026-10-25 01:30 | Berlin      |  1 | EUR 9.99 / month | 2.26 | 9.99 | the same 02:30 on the clock, an hour later
2026-03-28 23:59 | London      |  1 | GBP 9.99 / month | 1.29 | 9.99 | 28-31 Mar: 9.99 x 4/31 = 1.2890
2026-11-01 06:59 | Los Angeles |  1 | USD 9.99 / month | 0.32 | 9.99 | 23:59 on 31 Oct: 1/31
# Rounding: half up, to the step of the currency, once per line
2026-04-17 08:00 | Zurich |  1 | CHF* 19.90 / month     |  9.30 | 19.90 | 19.90 x 14/30 = 9.2867, to 0.05
2026-04-17 08:00 | Zurich |  1 | CHF 19.90 / month      |  9.29 | 19.90 | the same to 0.01
2026-04-16 08:00 | Zurich |  1 | CHF* 19.95 / month     | 10.00 | 19.95 | 19.95 x 15/30 = 9.975, half up
2026-04-17 08:00 | Zurich |  1 | CHF* 14.90 / month     |  6.95 | 14.90 | 14.90 x 14/30 = 6.9533
2026-04-16 15:00 | Tokyo  |  1 | JPY 980 / month        |   457 |   980 | 00:00 on 17 Apr in Tokyo: 980 x 14/30 = 457.33
2026-04-15 20:00 | Tokyo  |  1 | JPY 1001 / month       |   501 |  1001 | 16-30 Apr: 1001 x 15/30 = 500.5, half up
2026-04-17 08:00 | Kuwait |  1 | KWD 5.000 / month      | 2.333 | 5.000 | 5.000 x 14/30 = 2.33333
2026-04-17 08:00 | Berlin |  1 | EUR 3 pcs 9.99 / month | 13.99 | 29.97 | 29.97 x 14/30 = 13.986, rounded once
# Free months, and discounts that end
2026-04-17 08:00 | Berlin |  1 | EUR 1 x 0.00, 9.99 / month | 0.00 | 4.83 | free to 16 May; 17-31: 15/31 = 4.8339
2026-04-17 08:00 | Berlin |  1 | EUR 2 x 0.00, 9.99 / month | 0.00 | 0.00 | free to 16 June
2026-04-17 08:00 | Berlin |  1 | EUR 3 x 4.99, 9.99 / month | 2.33 | 4.99 | 4.99 x 14/30 = 2.3287
2026-04-17 08:00 | Berlin |  1 | EUR 1 x 4.99, 9.99 / month | 2.33 | 7.41 | (16 x 4.99 + 15 x 9.99)/31 = 7.4094
2026-01-31 08:00 | Berlin |  1 | EUR 1 x 0.00, 9.99 / month | 0.00 | 0.36 | free to 27 Feb; 28 Feb: 1/28 = 0.3568
2028-01-31 08:00 | Berlin |  1 | EUR 1 x 0.00, 9.99 / month | 0.00 | 0.34 | leap, free to 28 Feb; 29 Feb: 1/29
2026-04-17 08:00 | Berlin | 17 | EUR 1 x 0.00, 9.99 / month | 0.00 | 9.99 | its months are those of the bill
2026-01-31 08:00 | Berlin | 31 | EUR 1 x 0.00, 9.99 / month | 0.00 | 9.99 | both turn on 28 Feb
2026-01-30 08:00 | Berlin | 31 | EUR 1 x 0.00, 9.99 / month | 0.00 | 0.00 | 30 Jan; then 31 Jan - 27 Feb, free too
2026-01-31 08:00 | Berlin | 15 | EUR 2 x 5.00, 8.40 / month | 2.42 | 5.00 | 31 Jan - 14 Feb: 15/31; to 30 Mar
# Other periods: by the day up to a month, longer ones whole
2026-04-17 08:00 | Berlin |  1 | EUR 3.50 / week           |  7.00 | 15.50 | 14 days are 2 weeks; 3.50 x 31/7
2026-04-17 08:00 | Berlin |  1 | EUR 1 x 0.00, 3.50 / week |  3.50 | 15.50 | free to 23 Apr; 24-30 Apr: 1 week
2026-04-17 08:00 | Berlin |  1 | EUR 9.80 / 4 week         |  4.90 | 10.85 | 9.80 x 14/28; 9.80 x 31/28
2026-04-17 08:00 | Berlin |  1 | EUR 0.35 / day            |  4.90 | 10.85 | 14 days; 31 days
2026-04-17 08:00 | Berlin |  1 | EUR 20 x 0.00, 0.35 / day |  0.00 |  8.75 | free to 6 May; 7-31 May: 25 days
2026-04-17 08:00 | Berlin |  1 | EUR 59.99 / year          | 59.99 |       | a year is paid whole when it begins
2026-04-17 08:00 | Berlin |  1 | EUR 24.00 / 3 month       | 24.00 |       | so is a quarter
2026-04-17 08:00 | Berlin |  1 | EUR 10.00 / 5 week        | 10.00 | 10.00 | 35 days too; the second begins on 22 May
"""

ZONES = {
    "Apia": "Pacific/Apia",
    "Auckland": "Pacific/Auckland",
    "Berlin": "Europe/Berlin",
    "Kiritimati": "Pacific/Kiritimati",
    "Kolkata": "Asia/Kolkata",
    "Kuwait": "Asia/Kuwait",
    "London": "Europe/London",
    "Los Angeles": "America/Los_Angeles",
    "New York": "America/New_York",
    "Tokyo": "Asia/Tokyo",
    "Zurich": "Europe/Zurich",
}


@dataclass(frozen=True)
class Case:
    """A row of the table."""

    activated: datetime
    cycle: Cycle
    charge: Recurring
    step: Decimal
    amounts: list[list[Decimal]]  # of the activation's billing period, of the next


def case(row: str) -> Case:
    at, city, day, price, this, following, _ = (cell.strip() for cell in row.split("|"))
    currency, _, price = price.partition(" ")
    rounding = {"CHF": "0.05"} if currency.endswith("*") else {}
    return Case(
        datetime.fromisoformat(at).replace(tzinfo=UTC),
        Cycle(int(day), ZoneInfo(ZONES[city])),
        charge(price),
        step(currency.rstrip("*"), rounding),
        [[Decimal(amount) for amount in cell.split()] for cell in (this, following)],
    )


ROWS = [row for row in FIRST_BILLS.strip().splitlines() if not row.startswith("#")]


@pytest.mark.parametrize("row", ROWS, ids=[str(n) for n, _ in enumerate(ROWS, 1)])
def test_stacys_add_on_in_mid_period_costs_on_the_first_bill_what_a_person_works_out(row: str) -> None:
    each = case(row)
    for in_advance in (False, True):
        lines = first_bill([each.charge], each.activated, each.cycle, in_advance=in_advance, step=each.step)
        this, following = each.amounts
        expected = this + following if in_advance else this
        assert [str(line.amount) for line in lines] == [str(amount) for amount in expected]
        assert {line.charge for line in lines} <= {each.charge}


def test_a_first_bill_says_for_which_days_and_takes_once_what_is_due_on_it() -> None:
    plan, year = charge("1 x 0.00, 9.99 / month"), charge("59.99 / year")
    fee, paid, sim = (
        OneTime(2, Decimal("19.99"), "onBill"),
        OneTime(1, Decimal(5), "atOrder"),
        OneTime(1, Decimal(1), "onDelivery"),
    )
    activated = datetime(2026, 4, 17, 8, tzinfo=UTC)

    lines = first_bill([plan, fee, paid, sim, year], activated, Cycle(1, BERLIN), in_advance=True, step=CENT)

    april, may = Days(date(2026, 4, 17), date(2026, 5, 1)), Days(date(2026, 5, 1), date(2026, 6, 1))
    assert [(line.charge, line.days, str(line.amount)) for line in lines] == [
        (plan, april, "0.00"),
        (plan, may, "4.83"),
        (fee, None, "39.98"),
        (year, Days(date(2026, 4, 17), date(2027, 4, 17)), "59.99"),
    ]


@pytest.mark.parametrize(
    ("price", "since", "until", "amounts"),
    [
        ("2 x 0.00, 9.99 / month", "2026-06-01", "2026-07-01", ["4.66"]),  # free to 16 June: 14/30
        ("2 x 0.00, 9.99 / month", "2026-07-01", "2026-08-01", ["9.99"]),
        ("12 x 5.00, 9.99 / month", "2027-04-01", "2027-05-01", ["7.33"]),  # (16 x 5.00 + 14 x 9.99)/30 = 7.3287
        ("9.99 / month", "2026-03-01", "2026-04-01", []),  # before it was sold
        ("1.00 / day", "2027-02-01", "2027-03-01", ["28.00"]),
        ("40 x 0.00, 7.00 / week", "2027-01-01", "2027-02-01", ["10.00"]),  # free to 21 Jan (280 days): 10 days
        ("59.99 / year", "2027-03-01", "2027-04-01", []),
        ("1 x 59.99, 69.99 / year", "2027-04-01", "2027-05-01", ["69.99"]),
        ("59.99 / year", "2027-05-01", "2027-06-01", []),
        ("24.00 / 3 month", "2026-07-01", "2026-08-01", ["24.00"]),  # 17 July
        ("24.00 / 3 month", "2026-08-01", "2026-09-01", []),
        ("60.00 / 45 day", "2026-06-01", "2026-07-01", ["60.00"]),  # 1 June is the first day after 45
    ],
)
def test_a_later_bill_takes_what_runs_then(price: str, since: str, until: str, amounts: list[str]) -> None:
    period = Days(date.fromisoformat(since), date.fromisoformat(until))
    lines = billed(charge(price), date(2026, 4, 17), period, CENT)
    assert [str(line.amount) for line in lines] == amounts


@pytest.mark.parametrize(
    ("day", "within", "since", "until"),
    [
        (1, "2026-02-28", "2026-02-01", "2026-03-01"),
        (15, "2026-01-14", "2025-12-15", "2026-01-15"),
        (15, "2026-01-15", "2026-01-15", "2026-02-15"),
        (29, "2026-02-27", "2026-01-29", "2026-02-28"),
        (29, "2026-02-28", "2026-02-28", "2026-03-29"),
        (29, "2028-02-28", "2028-01-29", "2028-02-29"),
        (30, "2026-02-28", "2026-02-28", "2026-03-30"),
        (31, "2026-04-29", "2026-03-31", "2026-04-30"),
        (31, "2026-04-30", "2026-04-30", "2026-05-31"),
        (31, "2026-12-31", "2026-12-31", "2027-01-31"),
    ],
)
def test_a_billing_period_runs_from_cycle_day_to_cycle_day(day: int, within: str, since: str, until: str) -> None:
    period = Cycle(day, BERLIN).period(date.fromisoformat(within))
    assert (str(period.since), str(period.until)) == (since, until)


@pytest.mark.parametrize("day", [0, 32, -1])
def test_there_is_no_cycle_day_outside_a_month(day: int) -> None:
    with pytest.raises(ValueError, match=f"A cycle day is a day from 1 to 31, not {day}"):
        Cycle(day, BERLIN)


def test_a_moment_without_a_time_zone_lies_on_no_day() -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        Cycle(1, BERLIN).local_day(datetime(2026, 4, 17, 8))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2027-12-31", 2, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day: str, months: int, then: str) -> None:
    since, until = date.fromisoformat(day), date.fromisoformat(then)
    assert later(since, months) == until
    assert whole_months(since, until) == months
    assert whole_months(since, until - timedelta(1)) == months - 1


DATES = st.dates(date(1999, 1, 1), date(2101, 1, 1))
CYCLE_DAYS = st.integers(1, 31)


@STEADY
@given(DATES, CYCLE_DAYS)
def test_billing_periods_tile_the_calendar(day: date, cycle_day: int) -> None:
    cycle = Cycle(cycle_day, BERLIN)
    period = cycle.period(day)
    assert period.since <= day < period.until
    assert 28 <= len(period) <= 31
    assert cycle.period(period.since) == cycle.period(period.until - timedelta(1)) == period
    assert cycle.period(period.until).since == period.until


@STEADY
@given(DATES, st.integers(0, 23), st.sampled_from(sorted(ZONES)))
def test_the_day_of_a_moment_is_the_one_on_the_markets_clock(day: date, hour: int, city: str) -> None:
    """Whatever the clocks do that day: what they show there, back in UTC, lies on that day."""
    zone = ZoneInfo(ZONES[city])
    shown = datetime(day.year, day.month, day.day, hour, 30, tzinfo=zone)
    moment = shown.astimezone(UTC)
    if moment.astimezone(zone).hour == hour:  # else the clocks never showed it
        assert Cycle(1, zone).local_day(moment) == day


PERIODS = st.sampled_from(
    ["1 / day", "1 / 30 day", "1 / 45 day", "1 / week", "1 / 4 week", "1 / month", "1 / 3 month", "1 / year"]
).map(charge)
# A multiple of 7, 28, 29, 30 and 31: every part of it by days is whole, so that nothing is rounded.
DIVISIBLE = 377_580


def only(n: int, at: Callable[[int], Decimal]) -> Callable[[int], Decimal]:
    return lambda m: at(m) if m == n else Decimal(0)


def total(each: Recurring, sold: date, period: Days) -> Decimal:
    return sum((line.amount for line in billed(each, sold, period, Decimal(1))), Decimal(0))


@STEADY
@given(PERIODS, DATES, CYCLE_DAYS, st.integers(0, 14), st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_the_parts_of_a_split_add_up_to_the_whole(
    plan: Recurring, sold: date, cycle_day: int, later_bills: int, prices: list[int]
) -> None:
    """What a bill takes for each period of a price alone comes to what it takes for all."""
    cycle = Cycle(cycle_day, BERLIN)
    days = cycle.period(sold)
    for _ in range(later_bills):
        days = cycle.period(days.until)

    def at(n: int) -> Decimal:
        return Decimal(prices[n % len(prices)] * DIVISIBLE)

    parts = [total(plan._replace(at=only(n, at)), sold, days) for n, _ in plan.during(sold, days)]
    assert total(plan._replace(at=at), sold, days) == sum(parts, Decimal(0))


@STEADY
@given(DATES, CYCLE_DAYS)
def test_a_whole_billing_period_costs_the_price_and_a_part_of_it_its_days(sold: date, cycle_day: int) -> None:
    cycle, plan = Cycle(cycle_day, BERLIN), charge("1 / month")._replace(at=lambda _: Decimal(DIVISIBLE))
    first = cycle.period(sold)
    assert total(plan, sold, cycle.period(first.until)) == DIVISIBLE
    assert total(plan, sold, first) * len(first) == DIVISIBLE * (first.until - sold).days


@STEADY
@given(PERIODS, DATES, CYCLE_DAYS, st.integers(1, 20))
def test_consecutive_bills_miss_nothing_and_take_nothing_twice(
    plan: Recurring, sold: date, cycle_day: int, bills: int
) -> None:
    """By the day the days billed are those since the sale; paid whole, each period that has begun is billed once."""
    cycle, lines = Cycle(cycle_day, BERLIN), []
    days = cycle.period(sold)
    for _ in range(bills):
        lines += billed(plan, sold, days, CENT)
        days = cycle.period(days.until)
    covered = [line.days for line in lines if line.days]
    assert covered[0].since == sold
    assert all(before.until == after.since for before, after in pairwise(covered))
    if plan.is_paid_whole:
        assert covered[-1].since < days.since <= covered[-1].until
        assert {line.amount for line in lines} == {Decimal(1)}
    else:
        assert covered[-1].until == days.since


@STEADY
@given(PERIODS, DATES, st.integers(0, 900), st.integers(1, 60))
def test_the_periods_of_a_price_tile_the_days_since_it_was_sold(
    plan: Recurring, sold: date, after: int, length: int
) -> None:
    asked = Days(sold + timedelta(after), sold + timedelta(after + length))
    found = list(plan.during(sold, asked))
    assert sum(len(days.meet(asked)) for _, days in found) == len(asked)
    for n, days in found:
        assert days == Days(plan.begins(sold, n), plan.begins(sold, n + 1))
        assert days.meet(asked)
