"""What contracts come to, against sums of months done by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.bill import OneTime, Recurring
from functions.catalog.commitment import (
    Commitment,
    EarlyTermination,
    commitment,
    monthly,
    termination_faults,
    termination_fee,
    whole_periods,
)
from functions.shared.days import later
from tests.unit.test_bill import charge, steps

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
CENT = Decimal("0.01")


@pytest.mark.parametrize(
    ("prices", "once", "months", "smallest", "total", "per_month"),
    [
        (["29.99 / month"], "39.99", 24, "0.01", "759.75", "31.66"),  # 24 x 29.99 = 719.76; 759.75/24 = 31.656
        (["3 x 0.00, 29.99 / month"], "0.00", 24, "0.01", "629.79", "26.24"),  # 21 x 29.99; /24 = 26.241
        (["6 x 14.99, 29.99 / month"], "49.00", 24, "0.01", "678.76", "28.28"),  # 89.94 + 539.82 + 49.00; 28.282
        (["24 x 9.99, 19.99 / month"], "0.00", 12, "0.01", "119.88", "9.99"),  # the discount outlives the term
        (["29.99 / month", "6 x 0.00, 4.99 / month"], "0.00", 12, "0.01", "389.82", "32.49"),  # 359.88 + 6 x 4.99
        (["3 pcs 9.99 / month"], "0.00", 12, "0.01", "359.64", "29.97"),
        (["9.99 / month"], "0.00", 1, "0.01", "9.99", "9.99"),
        (["59.99 / year"], "0.00", 24, "0.01", "119.98", "5.00"),  # 4.999
        (["59.99 / year"], "0.00", 18, "0.01", "119.98", "6.67"),  # the second year is paid when it begins; 6.666
        (["59.99 / year"], "0.00", 12, "0.01", "59.99", "5.00"),
        (["1 x 0.00, 59.99 / year"], "0.00", 24, "0.01", "59.99", "2.50"),  # the first year free; 2.4996
        (["24.00 / 3 month"], "0.00", 12, "0.01", "96.00", "8.00"),
        (["24.00 / 3 month"], "0.00", 13, "0.01", "120.00", "9.23"),  # the fifth quarter begins; 9.2308
        (["2.50 / week"], "0.00", 24, "0.01", "260.00", "10.83"),  # 104 weeks; 10.833
        (["4 x 0.00, 2.50 / week"], "0.00", 12, "0.01", "120.00", "10.00"),  # 48 weeks
        (["3.00 / week"], "0.00", 1, "0.01", "13.00", "13.00"),  # 52/12 weeks
        (["9.99 / 4 week"], "0.00", 12, "0.01", "129.87", "10.82"),  # 13 times; 10.8225
        (["0.10 / day"], "0.00", 12, "0.01", "36.50", "3.04"),  # 365 days; 3.0417
        (["20.00 / 45 day"], "0.00", 12, "0.01", "180.00", "15.00"),  # days 0, 45, ... 360: nine begin
        (["980 / month"], "3300", 24, "1", "26820", "1118"),  # 23520 + 3300; 1117.5, half up
        (["19.95 / month"], "49.90", 12, "0.05", "289.30", "24.10"),  # 239.40 + 49.90; 24.1083
    ],
)
def test_a_commitment_is_everything_over_the_term_and_its_average(
    prices: list[str], once: str, months: int, smallest: str, total: str, per_month: str
) -> None:
    fee = OneTime(1, Decimal(once), "atOrder")
    found = commitment([fee, *map(charge, prices)], months, Decimal(smallest))
    assert found == Commitment(Decimal(once), Decimal(total) - Decimal(once), Decimal(total), Decimal(per_month))


def test_what_is_due_once_counts_per_unit_and_whenever_it_is_due() -> None:
    fees = [OneTime(2, Decimal("19.99"), "onBill"), OneTime(1, Decimal("4.90"), "onDelivery")]
    assert commitment(fees, 12, CENT) == Commitment(*map(Decimal, ("44.88", "0", "44.88", "3.74")))


@pytest.mark.parametrize(
    ("prices", "months", "each"),
    [
        (["3 x 0.00, 29.99 / month"], 5, "0.00 0.00 0.00 29.99 29.99"),
        (["2 x 5.00, 9.99 / month", "1 x 0.00, 4.00 / month"], 4, "5.00 9.00 13.99 13.99"),
        (["59.99 / year"], 13, "59.99" + " 0.00" * 11 + " 59.99"),
        (["24.00 / 3 month"], 5, "24.00 0.00 0.00 24.00 0.00"),
        (["3.00 / week"], 3, "13.00 13.00 13.00"),
        (["4 x 0.00, 3.00 / week"], 3, "1.00 13.00 13.00"),  # 4 1/3 weeks, of which 4 are free
        (["2.50 / week"], 2, "10.83 10.83"),
        (["20.00 / 45 day"], 4, "20.00 20.00 20.00 0.00"),  # days 0, 45, 90; a fourth on 135, after month 4 (121.7)
        (["9.99 / month"], 0, ""),
    ],
)
def test_the_months_are_listed_so_that_a_channel_can_say_first_and_then(
    prices: list[str], months: int, each: str
) -> None:
    assert monthly(map(charge, prices), months, CENT) == [Decimal(amount) for amount in each.split()]


@pytest.mark.parametrize(
    ("months", "period", "length", "whole"),
    [
        (24, "month", 1, 24),
        (24, "month", 3, 8),
        (24, "month", 5, 4),
        (12, "week", 1, 52),
        (1, "week", 1, 4),
        (12, "week", 4, 13),
        (12, "day", 1, 365),
        (1, "day", 1, 30),
        (12, "day", 30, 12),
        (24, "year", 1, 2),
        (18, "year", 1, 1),
        (6, "year", 1, 1),
    ],
)
def test_a_term_has_so_many_whole_periods_of_a_price(months: int, period: str, length: int, whole: int) -> None:
    assert whole_periods(months, period, length) == whole


SHARE_50, SHARE_100 = EarlyTermination("remainingShare", Decimal(50)), EarlyTermination("remainingShare", Decimal(100))
FALLING, FIXED = EarlyTermination("declining", Decimal(240)), EarlyTermination("fixed", Decimal(99))


@pytest.mark.parametrize(
    ("fee", "price", "sold", "months", "ends", "due"),
    [
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2027-01-15", "180.00"),  # 12 x 30.00 x 50 %
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2027-01-30", "172.74"),  # (30 x 16/31 + 11 x 30)/2 = 172.742
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2028-01-14", "0.48"),  # 30 x 1/31 /2 = 0.484
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2028-01-15", "0.00"),  # the term is over
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2030-05-01", "0.00"),
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2026-01-15", "360.00"),
        (SHARE_50, "30.00 / month", "2026-01-15", 24, "2026-01-10", "360.00"),  # before it began: everything is left
        (SHARE_50, "6 x 15.00, 30.00 / month", "2026-01-15", 24, "2026-04-15", "292.50"),  # (3 x 15 + 18 x 30)/2
        (SHARE_50, "2 pcs 30.00 / month", "2026-01-15", 24, "2027-01-15", "360.00"),
        (SHARE_100, "30.00 / month", "2027-12-31", 12, "2028-02-29", "300.00"),  # the third month begins on 29 Feb
        (SHARE_100, "30.00 / month", "2027-12-31", 12, "2028-02-28", "301.03"),  # 31 Jan - 28 Feb: 1 day of 29
        (SHARE_100, "7.00 / week", "2026-03-01", 1, "2026-03-08", "24.00"),  # 8 - 31 Mar: 24 days of 1.00
        (SHARE_100, "120.00 / year", "2026-01-01", 18, "2026-07-02", "119.67"),  # 183/365 + 181/365 = 364/365
        (SHARE_100, "0.99 / month", "2026-01-01", 1, "2026-01-20", "0.38"),  # 0.99 x 12/31 = 0.383
        (FALLING, "30.00 / month", "2026-01-15", 24, "2026-01-15", "240.00"),
        (FALLING, "30.00 / month", "2026-01-15", 24, "2026-02-14", "240.00"),  # no whole month gone by
        (FALLING, "30.00 / month", "2026-01-15", 24, "2026-02-15", "230.00"),
        (FALLING, "30.00 / month", "2026-01-15", 24, "2027-01-15", "120.00"),
        (FALLING, "30.00 / month", "2026-01-15", 24, "2028-01-14", "10.00"),
        (FALLING, "30.00 / month", "2026-01-15", 24, "2028-01-15", "0.00"),
        (FALLING, "30.00 / month", "2026-01-31", 9, "2026-02-28", "213.33"),  # 240 x 8/9 = 213.333
        (FIXED, "30.00 / month", "2026-01-15", 24, "2026-01-15", "99.00"),
        (FIXED, "30.00 / month", "2026-01-15", 24, "2028-01-14", "99.00"),
        (FIXED, "30.00 / month", "2026-01-15", 24, "2028-01-15", "0.00"),
    ],
)
def test_ending_early_costs_what_the_contract_says(
    fee: EarlyTermination, price: str, sold: str, months: int, ends: str, due: str
) -> None:
    held = [charge(price)]
    found = termination_fee(fee, held, date.fromisoformat(sold), months, ends=date.fromisoformat(ends), step=CENT)
    assert str(found) == due


def test_a_share_of_what_is_left_is_rounded_per_charge() -> None:
    third = EarlyTermination("remainingShare", Decimal("33.3"))
    held = [charge("9.99 / month"), charge("9.99 / month")]
    found = termination_fee(third, held, date(2026, 1, 1), 1, ends=date(2026, 1, 1), step=CENT)
    assert found == Decimal("6.66")  # 9.99 x 33.3 % = 3.32667, twice 3.33


@pytest.mark.parametrize(
    ("fee", "faults"),
    [
        ({"type": "remainingShare", "value": "50", "unit": "percent"}, []),
        ({"type": "remainingShare", "value": "100", "unit": "percent"}, []),
        ({"type": "declining", "value": "240.00", "unit": "EUR"}, []),
        ({"type": "fixed", "value": 99, "unit": "EUR"}, []),
        ({}, ["earlyTermination.type is remainingShare, declining or fixed."]),
        ({"type": ["fixed"]}, ["earlyTermination.type is remainingShare, declining or fixed."]),
        ({"type": "fixed", "value": "9", "unit": "CHF"}, ["earlyTermination.unit is EUR where its type is fixed."]),
        (
            {"type": "remainingShare", "value": "-1", "unit": "EUR"},
            [
                "earlyTermination.unit is percent where its type is remainingShare.",
                "earlyTermination.value is an amount, zero or more, such as 50.",
            ],
        ),
        (
            {"type": "remainingShare", "value": "101", "unit": "percent"},
            ["earlyTermination.value is 101 percent, more than everything that is left."],
        ),
        ({"type": "fixed", "unit": "EUR"}, ["earlyTermination.value is an amount, zero or more, such as 50."]),
        ({"type": "fixed", "value": "1000", "unit": "EUR"}, []),
    ],
)
def test_an_early_termination_that_cannot_be_charged_is_told_in_sentences(
    fee: dict[str, object], faults: list[str]
) -> None:
    assert termination_faults(fee, "EUR") == faults


PRICES = st.lists(st.integers(0, 9_999), min_size=1, max_size=8)
CALENDAR = st.sampled_from([("month", 1), ("month", 3), ("month", 7), ("year", 1)])
SOLD = st.dates(date(1999, 1, 1), date(2101, 1, 1))


def recurring(period: tuple[str, int], prices: list[int], quantity: int = 1) -> Recurring:
    unit, length = period
    return Recurring(quantity, unit, length, lambda n: prices[min(n, len(prices)) - 1] * CENT)


@STEADY
@given(st.lists(st.builds(recurring, CALENDAR, PRICES, st.integers(1, 99)), max_size=4), st.integers(1, 60))
def test_the_months_add_up_to_the_commitment(charges: list[Recurring], months: int) -> None:
    assert sum(monthly(charges, months, CENT)) == commitment(charges, months, CENT).recurring


@STEADY
@given(PRICES, SOLD, st.integers(1, 36))
def test_all_of_what_is_left_on_the_first_day_is_the_whole_commitment(
    prices: list[int], sold: date, months: int
) -> None:
    held = [recurring(("month", 1), prices)]
    fee = termination_fee(SHARE_100, held, sold, months, ends=sold, step=CENT)
    assert fee == commitment(held, months, CENT).recurring


@STEADY
@given(st.sampled_from([SHARE_50, FALLING, FIXED]), PRICES, SOLD, st.integers(1, 36), st.integers(0, 1200))
def test_a_day_more_never_makes_ending_dearer(
    fee: EarlyTermination, prices: list[int], sold: date, months: int, after: int
) -> None:
    held = [recurring(("month", 1), prices)]
    day, term = sold + timedelta(after), later(sold, months)
    today, tomorrow = (
        termination_fee(fee, held, sold, months, ends=each, step=CENT) for each in (day, day + timedelta(1))
    )
    assert today >= tomorrow >= 0
    assert (tomorrow > 0) <= (day + timedelta(1) < term)


def test_what_a_discount_leaves_is_asked_for_by_the_number_of_the_period() -> None:
    assert [steps("2 x 0.00, 9.99")(n) for n in (1, 2, 3, 99)] == list(map(Decimal, ("0.00", "0.00", "9.99", "9.99")))
