"""What is given on one price, against a search that tries every set and leaves nothing out."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.charge import Charge, Step
from functions.catalog.meeting import KEPT, LOOKED_AT, MEET, Candidate, Price, Saved, allowed, horizon
from functions.shared.resource import Money

CENT, KINDS = Decimal("0.01"), ("percentage", "amount", "fixedPrice")
STEADY = settings(derandomize=True, deadline=None, max_examples=150)
Together = tuple[Candidate, ...]


def charge(value: str = "30.00") -> Charge:
    return Charge("p", "Price", "recurring", "month", Money("EUR", Decimal(value)), None, "advance", "month")


def candidate(id_: str, **said: object) -> Candidate:
    """A tenth off, for good, by itself, where nothing else is said."""
    step = {"priority": 1, "kind": "percentage", "value": Decimal(10), "periods": None, **said}
    group, limit = step.pop("group", None), step.pop("limit", 1)
    return Candidate(Step(id_, id_.upper(), **step), group, limit)  # type: ignore[arg-type]


one = st.builds(
    candidate,
    st.just("x"),
    priority=st.integers(1, 3),
    kind=st.sampled_from(KINDS),
    value=st.sampled_from([Decimal(each) for each in ("0", "3.33", "5", "12.5", "29.99", "30", "33", "50", "100")]),
    periods=st.sampled_from([None, 1, 3, 12, 24]),
    group=st.sampled_from([None, None, "g", "h"]),
    limit=st.sampled_from([1, 1, 2, 3, 9]),
)
several = st.lists(one, max_size=7).map(
    lambda found: [c._replace(step=c.step._replace(rule=f"{n}")) for n, c in enumerate(found)]
)


def ids(price: Price) -> list[str]:
    return [c.id for c in price.given(frozenset())[1]]


def sets(candidates: list[Candidate]) -> Iterator[Together]:
    """Every set of these that may meet, in the order in which they act."""
    ordered = sorted(candidates, key=lambda c: (c.step.priority, c.step.rule))
    for size in range(min(MEET, len(ordered)) + 1):
        yield from (each for each in combinations(ordered, size) if all(c.limit >= size for c in each))


def saved(price: Charge, periods: int, together: Together) -> Saved:
    """Period by period, in whole cents, one on what the other left."""
    offs = []
    for period in range(1, periods + 1):
        rest = price.base.value
        for c in together:
            if c.step.periods is None or period <= c.step.periods:
                rest -= c.step.off(rest, CENT)
        offs.append(price.base.value - rest)
    return Saved(sum(offs, Decimal(0)), offs[0])


def best(price: Charge, periods: int, candidates: list[Candidate]) -> tuple[Saved, list[str]]:
    """The most that can be saved, and by which: of equals the first by name, and nothing that saves nothing."""
    acting = [c for c in candidates if saved(price, periods, (c,)).at_first]
    found = [(saved(price, periods, each), [c.id for c in each]) for each in sets(acting)]
    most = max(each for each, _ in found)
    return most, min(names for each, names in found if each == most)


@STEADY
@given(several, st.sampled_from([1, 2, 12, 24]), st.sampled_from(["30.00", "9.99", "0.03"]))
def test_what_is_given_is_the_best_of_all_sets_that_may_meet(
    candidates: list[Candidate], periods: int, value: str
) -> None:
    listed = charge(value)
    price = Price(listed, periods, candidates)
    grouped = [c.id for c in candidates if c.group is not None]
    for chosen in chain.from_iterable(combinations(grouped, size) for size in range(len(grouped) + 1)):
        may = [c for c in candidates if c.group is None or c.id in chosen]
        most, names = best(listed, periods, may)
        found, together = price.given(frozenset([*chosen, "of-another-price"]))
        assert (found, [c.id for c in together]) == (most, names)
        after = price.after(frozenset(chosen))
        assert [step.rule for step in after.steps] == names
        assert listed.base.value - after.unit == most.at_first


@STEADY
@given(several, st.randoms(use_true_random=False))
def test_the_order_of_promotions_changes_nothing(candidates: list[Candidate], order: object) -> None:
    shuffled = [*candidates]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    everything = frozenset(c.id for c in candidates)
    assert Price(charge(), 12, shuffled).given(everything) == Price(charge(), 12, candidates).given(everything)


@STEADY
@given(several)
def test_only_some_of_them_are_as_if_there_were_no_others(candidates: list[Candidate]) -> None:
    few = [c for c in candidates if c.step.kind == "amount"]
    everything = frozenset(c.id for c in candidates)
    kept = Price(charge(), 12, candidates).only(lambda c: c.step.kind == "amount")
    assert (kept.charge, kept.periods) == (charge(), 12)
    assert kept.given(everything) == Price(charge(), 12, few).given(everything)


def test_what_was_found_out_is_forgotten_and_found_again() -> None:
    """More choices of groups than are kept: each answers as the first time."""
    candidates = [candidate(f"{n:02}", group=f"g{n}", limit=n % 3 + 1, value=Decimal(n + 1)) for n in range(11)]
    price = Price(charge(), 12, candidates)
    choices = [frozenset(f"{n:02}" for n in range(11) if choice >> n & 1) for choice in range(2**11)]
    assert len(choices) > KEPT
    first = [price.given(chosen) for chosen in choices]
    assert len(price._given) <= KEPT
    assert [price.given(chosen) for chosen in choices] == first
    assert first[-1] == Price(charge(), 12, candidates).given(choices[-1])


class Forgetful(dict[Any, Any]):
    """What another thread clears as soon as something is in it."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keeps nothing."""


def test_what_another_thread_forgets_meanwhile_is_answered_all_the_same() -> None:
    candidates = [candidate(f"{n}", group=f"g{n % 2}", limit=n % 3 + 1, value=Decimal(n + 1)) for n in range(6)]
    price, other = Price(charge(), 12, candidates), Price(charge(), 12, candidates)
    price._given, price._met = Forgetful(), Forgetful()
    everything = frozenset(c.id for c in candidates)
    assert price.given(everything) == other.given(everything)
    assert price.after(everything) == other.after(everything)


def test_of_many_that_may_meet_those_are_tried_together_that_save_most_over_the_term() -> None:
    """One that saves much for one month is not looked at before those that save a little for good."""
    few = [candidate(f"{n:02}", value=Decimal(n), limit=9) for n in range(1, LOOKED_AT + 3)]
    short = candidate("00", value=Decimal(40), limit=9, periods=1)
    price = Price(charge(), 100, [short, *few])
    assert ids(price) == ["11", "12", "13", "14"]
    assert {each for together in allowed(few, lambda c: c.step.value) for each in together if len(together) > 1} == {
        *few[2:]
    }


def test_what_is_in_groups_is_told_by_group() -> None:
    mixed = [candidate("a", group="g"), candidate("b"), candidate("c", group="h", limit=2), candidate("d", group="g")]
    nothing_off = candidate("e", group="i", value=Decimal(0))
    price = Price(charge(), 12, [*mixed, nothing_off])
    assert price.groups == {"g": ["a", "d"], "h": ["c"]}
    assert price.grouped == {"a", "c", "d"}
    assert [c.id for c in price.candidates] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("unit", "length", "months", "periods"),
    [(None, 1, 24, 1), ("month", 1, 24, 24), ("month", 3, 24, 8), ("year", 1, 24, 2), ("year", 2, 12, 1)],
)
def test_a_price_is_looked_at_over_the_periods_of_the_term(
    unit: str | None, length: int, months: int, periods: int
) -> None:
    assert horizon(unit, length, months) == periods


def test_what_each_allows_and_at_most_four_meet() -> None:
    pairs = [candidate(id_, limit=2) for id_ in "abc"]
    assert ids(Price(charge(), 1, pairs)) == ["a", "b"]
    many = [candidate(id_, limit=9) for id_ in "abcdef"]
    assert ids(Price(charge(), 1, many)) == ["a", "b", "c", "d"]
    with_one = [*pairs, candidate("d", value=Decimal(11))]
    assert ids(Price(charge(), 1, with_one)) == ["a", "b"]


def test_saved_is_of_so_many_units_and_adds_up() -> None:
    found = Saved(Decimal(3), Decimal(2)).times(4).and_(Saved(Decimal(1), Decimal(1)).times(1))
    assert found == Saved(Decimal(13), Decimal(9))
    assert Saved(Decimal(3), Decimal(2)).times(2) == Saved(Decimal(6), Decimal(4))
