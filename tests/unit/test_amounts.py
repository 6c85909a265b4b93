"""Rounding and sharing out, against steps counted by hand."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.amounts import decimals, half_up, plain, shared, step
from functions.shared.resource import Money

STEADY = settings(derandomize=True, deadline=None, max_examples=200)


def amounts(written: str) -> list[Decimal]:
    return [Decimal(each) for each in written.split()]


@pytest.mark.parametrize(
    ("currency", "rounding", "smallest"),
    [
        ("EUR", None, "0.01"),
        ("EUR", {}, "0.01"),
        ("EUR", {"CHF": "0.05"}, "0.01"),
        ("CHF", {"CHF": "0.05"}, "0.05"),
        ("CHF", None, "0.01"),
        ("JPY", None, "1"),
        ("XPF", None, "1"),
        ("KWD", None, "0.001"),
        ("CLF", None, "0.0001"),
        ("SEK", {"SEK": "1"}, "1"),
    ],
)
def test_the_step_is_the_rounding_of_the_catalog_or_the_minor_unit(
    currency: str, rounding: dict[str, str] | None, smallest: str
) -> None:
    assert str(step(currency, rounding)) == smallest


@pytest.mark.parametrize("written", ["0", "-0.05", "NaN", "sNaN", "Infinity", "five", "", "9" * 99 + "x"])
def test_a_step_that_is_no_amount_above_zero_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"The rounding of CHF is an amount above zero, such as 0\.05, not") as refused:
        step("CHF", {"CHF": written})
    assert len(str(refused.value)) < 120


def test_a_currency_has_two_decimals_unless_iso_4217_says_otherwise() -> None:
    assert {code: decimals(code) for code in ("EUR", "JPY", "KWD", "UYW", "ZZZ")} == {
        "EUR": 2,
        "JPY": 0,
        "KWD": 3,
        "UYW": 4,
        "ZZZ": 2,
    }


@pytest.mark.parametrize(
    ("amount", "smallest", "rounded"),
    [
        ("4.662", "0.01", "4.66"),
        ("4.665", "0.01", "4.67"),
        ("4.6649999", "0.01", "4.66"),
        ("-4.665", "0.01", "-4.67"),
        ("9.28", "0.05", "9.30"),
        ("9.275", "0.05", "9.30"),
        ("9.2749", "0.05", "9.25"),
        ("500.5", "1", "501"),
        ("12.4", "5", "10"),
        ("12.5", "5", "15"),
        ("3", "0.01", "3.00"),
        ("0", "0.05", "0.00"),
    ],
)
def test_an_amount_is_rounded_half_up_to_the_step(amount: str, smallest: str, rounded: str) -> None:
    assert str(half_up(Decimal(amount), Decimal(smallest))) == rounded


def test_money_is_rounded_by_the_same_rule() -> None:
    assert Money("EUR", Decimal("9.99")).times(Decimal("0.5")) == Money("EUR", Decimal("5.00"))
    assert Money("JPY", Decimal(1001)).times(Decimal("0.5")) == Money("JPY", Decimal(501))
    assert str(Money("KWD", Decimal(1)).times(Decimal("0.0005")).value) == "0.001"


@pytest.mark.parametrize(
    ("total", "weights", "smallest", "parts"),
    [
        ("10.00", "1 1 1", "0.01", "3.34 3.33 3.33"),  # of equal remainders the first
        ("0.02", "1 1 1", "0.01", "0.01 0.01 0.00"),
        ("5.00", "29.99 9.99", "0.01", "3.75 1.25"),  # 500 x 29.99/39.98 = 375.06 and 124.94: the second has the larger
        ("1.00", "1 2 3", "0.01", "0.17 0.33 0.50"),  # 16.67 33.33 50
        ("1.00", "0 5 0", "0.01", "0.00 1.00 0.00"),
        ("1.00", "3 3 1", "0.05", "0.45 0.40 0.15"),  # 20 steps: 8.57 8.57 2.86: one to the third, one to the first
        ("100", "1 1 1 1 1 1 1", "1", "15 15 14 14 14 14 14"),
        ("0.00", "1 2", "0.01", "0.00 0.00"),
        ("0.00", "0 0", "0.01", "0.00 0.00"),
        ("0", "", "0.01", ""),
        ("7.77", "0.01", "0.01", "7.77"),
        ("30.00", "29.99 0.01", "0.01", "29.99 0.01"),
    ],
)
def test_a_total_is_shared_out_to_the_last_step(total: str, weights: str, smallest: str, parts: str) -> None:
    assert shared(Decimal(total), amounts(weights), Decimal(smallest)) == amounts(parts)


@pytest.mark.parametrize(
    ("total", "weights", "smallest"),
    [
        ("1.001", "1 1", "0.01"),
        ("0.03", "1 1", "0.05"),
        ("-1.00", "1 1", "0.01"),
        ("1.00", "2 -1", "0.01"),
        ("1.00", "0 0", "0.01"),
        ("1.00", "", "0.01"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(total: str, weights: str, smallest: str) -> None:
    with pytest.raises(ValueError, match="cannot be shared out"):
        shared(Decimal(total), amounts(weights), Decimal(smallest))


STEPS = st.sampled_from(["0.01", "0.05", "1"]).map(Decimal)
WEIGHTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=12).filter(any)


@STEADY
@given(st.integers(0, 10_000_000), WEIGHTS, STEPS)
def test_the_parts_come_to_the_total_and_a_larger_weight_never_gets_less(
    steps: int, whole: list[int], smallest: Decimal
) -> None:
    total, weights = steps * smallest, [weight * smallest for weight in whole]
    parts = shared(total, weights, smallest)
    assert sum(parts) == total
    assert all(part % smallest == 0 for part in parts)
    assert all(abs(p * sum(weights) - total * w) < smallest * sum(weights) for p, w in zip(parts, weights, strict=True))
    by_weight = sorted(zip(weights, parts, strict=True))
    assert [part for _, part in by_weight] == sorted(parts)


@STEADY
@given(WEIGHTS, STEPS, st.data())
def test_nothing_is_given_more_off_than_it_costs(whole: list[int], smallest: Decimal, data: st.DataObject) -> None:
    weights = [weight * smallest for weight in whole]
    off = data.draw(st.integers(0, sum(whole))) * smallest
    assert all(part <= weight for part, weight in zip(shared(off, weights, smallest), weights, strict=True))


@STEADY
@given(st.integers(0, 100_000), WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_decides_only_between_equal_weights(steps: int, whole: list[int], order: Random) -> None:
    weights = [Decimal(weight) for weight in whole]
    mixed = order.sample(weights, len(weights))
    smallest = Decimal(1)
    assert sorted(shared(Decimal(steps), weights, smallest)) == sorted(shared(Decimal(steps), mixed, smallest))


@STEADY
@given(st.decimals(-(10**9), 10**9, allow_nan=False, places=6), STEPS)
def test_rounding_moves_an_amount_by_half_a_step_at_most_and_a_rounded_one_not_at_all(
    amount: Decimal, smallest: Decimal
) -> None:
    rounded = half_up(amount, smallest)
    assert abs(rounded - amount) * 2 <= smallest
    assert rounded % smallest == 0
    assert half_up(rounded, smallest) == rounded
    assert half_up(-amount, smallest) == -rounded


@pytest.mark.parametrize("value", ["0", "0.09", 12, Decimal("1.5"), "123456789012345.123456789"])
def test_an_amount_is_read_as_it_is_written(value: object) -> None:
    assert plain(value) == Decimal(str(value))


@pytest.mark.parametrize(
    "value",
    ["", "-1", "+1", "NaN", "Infinity", "1e9", ".5", "1.", "1,5", " 1", "1\n", "\u0661", "9" * 16, "0.1234567891",
     None, True, 1.5, -1, Decimal("NaN"), Decimal("1E+9"), [], {}],
)  # fmt: skip
def test_what_is_no_plain_amount_is_none(value: object) -> None:
    assert plain(value) is None
