"""Usage by tiers, against blocks counted by hand."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.usage import Tier, Usage, cost, faults, usage
from functions.shared.amounts import half_up

STEADY = settings(derandomize=True, deadline=None, max_examples=200)
CENT = Decimal("0.01")
Json = dict[str, Any]


def money(value: object, unit: str = "EUR") -> Json:
    return {"unit": unit, "value": value}


def tiered(*tiers: tuple[object, str], **more: Any) -> Json:
    return {"tier": [{"from": start, "price": money(price)} for start, price in tiers], **more}


def per(amount: object, units: str = "s") -> Json:
    return {"unitOfMeasure": {"amount": amount, "units": units}}


GRADUATED = tiered(("0", "0.10"), ("100", "0.08"), ("500", "0.05"))
NO_BLOCK = "unitOfMeasure.amount is how many units a price is for, more than 0."
MINUTES = tiered((0, "0.09"), (600, "0.05"), **per(60))


@pytest.mark.parametrize(
    ("price", "included", "used", "due"),
    [
        (GRADUATED, "0", "0", "0.00"),
        (GRADUATED, "0", "1", "0.10"),
        (GRADUATED, "0", "50", "5.00"),
        (GRADUATED, "0", "100", "10.00"),
        (GRADUATED, "0", "101", "10.08"),  # 100 x 0.10 + 1 x 0.08
        (GRADUATED, "0", "500", "42.00"),  # 10.00 + 400 x 0.08
        (GRADUATED, "0", "501", "42.05"),
        (GRADUATED, "0", "1000", "67.00"),  # 42.00 + 500 x 0.05
        (GRADUATED, "100", "80", "0.00"),
        (GRADUATED, "100", "100", "0.00"),
        (GRADUATED, "100", "150", "5.00"),  # the tiers count what is not included
        (GRADUATED, "100", "250", "14.00"),  # 100 x 0.10 + 50 x 0.08
        (GRADUATED, "0", "0.5", "0.10"),  # a unit that is started
        (MINUTES, "0", "1", "0.09"),
        (MINUTES, "0", "60", "0.09"),
        (MINUTES, "0", "61", "0.18"),
        (MINUTES, "0", "600", "0.90"),
        (MINUTES, "0", "601", "0.95"),  # 10 x 0.09 + 1 x 0.05
        (MINUTES, "90", "151", "0.18"),  # 61 seconds that are not included: 2 minutes
        ({"price": money("0.0049"), **per("1", "MB")}, "0", "3", "0.01"),  # 0.0147
        ({"price": money("0.0049"), **per("1", "MB")}, "0", "1000", "4.90"),
        ({"price": money("1.00"), **per("0.25", "GB")}, "0.5", "0.8", "2.00"),  # 0.3 GB are 2 blocks
        ({"price": money("0.25")}, "0", "3", "0.75"),
        (tiered((0, "0.00"), (10, "1.00")), "0", "12", "2.00"),
    ],
)
def test_use_costs_what_each_tier_says_of_its_units(price: Json, included: str, used: str, due: str) -> None:
    assert faults(price, "EUR") == []
    assert str(cost(usage(price, Decimal(included)), Decimal(used), CENT)) == due


def test_usage_is_rounded_to_the_step_of_its_currency() -> None:
    held = Usage((Tier(Decimal(0), Decimal("0.07")),))
    assert cost(held, Decimal(4), Decimal("0.05")) == Decimal("0.30")  # 0.28
    assert cost(Usage((Tier(Decimal(0), Decimal("1.5")),)), Decimal(3), Decimal(1)) == 5  # 4.5, half up


@pytest.mark.parametrize(
    ("price", "told"),
    [
        (tiered((0, "0.10"), **per(0)), ["unitOfMeasure.amount is how many units a price is for, more than 0."]),
        (tiered((0, "0.10"), **per("-1")), ["unitOfMeasure.amount is how many units a price is for, more than 0."]),
        (
            tiered((0, "0.10"), unitOfMeasure=[]),
            ["unitOfMeasure.amount is how many units a price is for, more than 0."],
        ),
        ({"tier": []}, ["tier is a list of 1 to 50 tiers."]),
        ({"tier": "0"}, ["tier is a list of 1 to 50 tiers."]),
        (tiered(*((n, "0.10") for n in range(51))), ["tier is a list of 1 to 50 tiers."]),
        (tiered(*((n, "0.10") for n in range(50))), []),
        (tiered((1, "0.10")), ["the units before 1 have no price; the first tier begins from 0."]),
        (tiered((0, "0.10"), (5, "0.08"), (5, "0.05")), ["tier 3 (from 5) does not begin after tier 2 (from 5)."]),
        (tiered((0, "0.10"), (9, "0.08"), (5, "0.05")), ["tier 3 (from 5) does not begin after tier 2 (from 9)."]),
        (
            tiered((0, "0.10"), (90, "0.08"), **per(60)),
            ["tier 2 begins within a block: from 90 is no multiple of 60 (unitOfMeasure.amount)."],
        ),
        (
            tiered((0, "0.10"), ("many", "0.08"), (7, "0.05")),
            ["tier 2 does not say from how many units on it holds (from)."],
        ),
        (
            {"tier": [{"from": 0, "price": money("0.10", "CHF")}, {"from": 5, "price": money("-1")}]},
            [
                "tier 1: price.unit is EUR, in which the other prices are.",
                "tier 2: price.value is an amount, zero or more, such as 0.09.",
            ],
        ),
        (
            {"tier": [None]},
            [
                "tier 1 does not say from how many units on it holds (from).",
                "tier 1: price.unit is EUR, in which the other prices are.",
                "tier 1: price.value is an amount, zero or more, such as 0.09.",
            ],
        ),
        (
            {},
            [
                "price.unit is EUR, in which the other prices are.",
                "price.value is an amount, zero or more, such as 0.09.",
            ],
        ),
        ({"price": money("NaN")}, ["price.value is an amount, zero or more, such as 0.09."]),
        ({"price": money("9" * 39)}, ["price.value is an amount, zero or more, such as 0.09."]),
    ],
)
def test_a_usage_price_that_cannot_be_charged_is_told_in_sentences(price: Json, told: list[str]) -> None:
    assert faults(price, "EUR") == told


PRICES = st.lists(st.integers(0, 99), min_size=1, max_size=5)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    block = draw(st.integers(1, 60))
    starts = [0, *sorted(draw(st.sets(st.integers(1, 40), max_size=4)))]
    tiers = tuple(Tier(Decimal(start * block), draw(st.integers(0, 99)) * CENT) for start in starts)
    return Usage(tiers, Decimal(block), Decimal(draw(st.integers(0, 500))))


@STEADY
@given(usages(), st.integers(0, 3000))
def test_use_costs_what_counting_block_by_block_comes_to(held: Usage, used: int) -> None:
    total, counted = Decimal(0), held.included
    while counted < used:
        total += [tier.price for tier in held.tiers if tier.start <= counted - held.included][-1]
        counted += held.block
    assert cost(held, Decimal(used), CENT) == half_up(total, CENT)


@STEADY
@given(usages(), st.integers(0, 3000), st.integers(0, 3000))
def test_more_use_never_costs_less(held: Usage, used: int, more: int) -> None:
    assert cost(held, Decimal(used), CENT) <= cost(held, Decimal(used + more), CENT)
