"""The generated carts reach every corner of the semantics, and no order in which things are written changes a price."""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.price.acts import Act, offers
from tests.price.charges import charges_of, step_of
from tests.price.circumstances import WORDS
from tests.price.facts import COMPARE, SETS, Json, currency_of
from tests.price.generate import Case, case, cases, shuffled
from tests.price.naive import choices, priced
from tests.price.stages import settled

CARTS = 1000
STEADY = settings(derandomize=True, deadline=None, max_examples=75)
CORNERS = {  # and in how many of the carts it must be met
    "one is given on a price": 150,
    "two are given on a price": 25,
    "three are given on a price": 5,
    "one is given together": 100,
    "two are given together": 10,
    "both stages act on one price": 15,
    "given together on several lines": 25,
    "a price that rises within 24 periods": 50,
    "a share that is not the same in all periods": 5,
    "a price list stands in": 25,
    "a price without a charge in the currency": 10,
    "CHF": 150,
    "EUR": 150,
    "usage": 50,
    "several periods in a cart": 15,
    "a pattern that is not the first by id": 25,
    "several actions reach": 15,
    "a member of a group is out": 15,
    "several choices of group members": 50,
    "equal savings of different choices": 10,
    "equal savings on a price": 10,
    "limited by the stacking limit": 15,
    "nothing is left to pay": 10,
    "percentage": 50,
    "amount": 25,
    "fixedPrice": 25,
    "year": 25,
    "week": 25,
    "day": 25,
    "a term": 50,
    "what lies in a line decides": 5,
}


@cache
def made(seed: int) -> Case:
    return case(Random(seed))


def corners(one: Case) -> Iterator[str]:
    result = priced(one.content, one.lines, one.context)
    yield str(result["currency"])
    prices = [price for line in result["line"] for price in line["price"]]
    if any(not line["price"] for line in result["line"]):
        yield "a price without a charge in the currency"
    if len({price["period"] for price in prices if price["priceType"] == "recurring"}) > 1:
        yield "several periods in a cart"
    together = Counter(ident for price in prices for ident in price["together"])
    if any(times > 1 for times in together.values()):
        yield "given together on several lines"
    if any(offering["productOfferingTerm"] for offering in one.content["productOffering"]):
        yield "a term"
    alone = [{name: value for name, value in line.items() if name != "holds"} for line in one.lines]
    if priced(one.content, alone, one.context)["line"] != result["line"]:
        yield "what lies in a line decides"
    for price in prices:
        yield from _of_a_price(price)
    yield from _of_a_choice(one)


def _of_a_price(price: Json) -> Iterator[str]:
    counted = ("", "one is", "two are", "three are", "four are")
    yield f"{counted[len(price['each'])]} given on a price"
    yield f"{counted[len(price['together'])]} given together"
    yield from price["period"].split()[1:]
    if price["priceType"] == "usage":
        yield "usage"
    if price["each"] and price["together"]:
        yield "both stages act on one price"
    if price["unit"] != sorted(price["unit"], reverse=True):
        yield "a price that rises within 24 periods"
    if len(set(price["share"])) > 1:
        yield "a share that is not the same in all periods"
    if price["replaces"]:
        yield "a price list stands in"
    if price["base"] and not price["unit"][0]:
        yield "nothing is left to pay"


def _of_a_choice(one: Case) -> Iterator[str]:
    step = step_of(one.content, currency_of(one.content, one.context))
    charges = [c for c in charges_of(one.content, one.lines, one.context) if c.price_type != "usage"]
    found = offers(one.content, one.lines, charges, one.context)
    tried = list(choices(charges, found, step))
    ends = {(end.saving, end.given) for end in (settled(charges, choice, step) for choice in tried)}
    if len(tried) > 1:
        yield "several choices of group members"
    if [saving for saving, _ in ends].count(max(ends)[0]) > 1:
        yield "equal savings of different choices"
    if {offer.ident for offer in found} - {offer.ident for choice in tried for offer in choice}:
        yield "a member of a group is out"
    for offer in found:
        if settled(charges, [offer], step).saving:
            yield from _of_acts(set(offer.acts.values()))
    for charge in charges:
        acts = {offer.acts[charge] for offer in found if charge in offer.acts and not offer.acts[charge].together}
        yield from _of_rivals(acts, [act.takes_off(charge.base, 1, step) for act in acts])


def _of_acts(acts: set[Act]) -> Iterator[str]:
    for act in acts:
        yield act.kind
        if act.pattern != "first":
            yield "a pattern that is not the first by id"
        if act.ident:
            yield "several actions reach"


def _of_rivals(acts: set[Act], saves: list[Decimal]) -> Iterator[str]:
    if len(saves) != len(set(saves)):
        yield "equal savings on a price"
    if len(acts) > min((act.limit for act in acts), default=9):
        yield "limited by the stacking limit"


def test_the_generated_carts_reach_every_corner() -> None:
    reached = Counter(corner for seed in range(CARTS) for corner in set(corners(made(seed))))
    assert {corner: reached[corner] for corner, least in CORNERS.items() if reached[corner] < least} == {}


def test_every_parameter_and_operator_is_asked_for() -> None:
    asked = set()
    for seed in range(CARTS):
        content = made(seed).content
        patterns = [pattern for promotion in content["promotion"] for pattern in promotion["pattern"]]
        for predicate in (*patterns, *content["segment"], *content["priceList"]):
            for group in predicate.get("criteriaGroup", []):
                asked |= {(each["criteriaParameter"], each["criteriaOperator"]) for each in group["criteria"]}
    ordered = {"place.postcode", "date"} | {name for name in WORDS if WORDS[name][0].isdecimal() and name not in SETS}
    ordered |= {"cart.recurring"}
    assert asked >= {(name, sign) for name in WORDS for sign in (COMPARE if name in ordered else ("=", "<>"))}


def test_the_same_seed_makes_the_same_cart() -> None:
    assert case(Random(7)) == case(Random(7))


def test_a_catalog_is_plain_json() -> None:
    for seed in range(50):
        assert json.loads(json.dumps(made(seed).content)) == made(seed).content


@pytest.mark.parametrize("seed", range(0, CARTS, 5))
def test_the_order_in_which_things_are_written_changes_no_price(seed: int) -> None:
    one, other = made(seed), shuffled(made(seed), Random(seed))
    assert priced(one.content, one.lines, one.context) == priced(other.content, other.lines, other.context)


@STEADY
@given(one=cases, seed=st.integers(0, 99))
def test_no_order_at_all_changes_a_price(one: Case, seed: int) -> None:
    other = shuffled(one, Random(seed))
    assert priced(one.content, one.lines, one.context) == priced(other.content, other.lines, other.context)


@STEADY
@given(one=cases)
def test_what_is_paid_and_what_is_saved_add_up(one: Case) -> None:
    result = priced(one.content, one.lines, one.context)
    quantity = {line["id"]: line["quantity"] for line in one.lines}
    sold = [(quantity[ln["id"]], p) for ln in result["line"] for p in ln["price"] if p["priceType"] != "usage"]
    full = sum(of_line * price["base"] for of_line, price in sold)
    paid = sum(of_line * price["unit"][0] - price["share"][0] for of_line, price in sold)
    assert full - paid == result["now"] <= result["saving"]
    assert sum(total["gross"] for total in result["total"]) == sum(price["gross"][0] for _, price in sold)
    assert all(total["gross"] >= (total["net"] or 0) >= 0 for total in result["total"])
