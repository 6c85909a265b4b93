"""One price by itself: which of the promotions that could act on it are given, and what they save. Pure.

On a price meet as many as each of them allows, one on what the other left (docs/catalog.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain, combinations
from typing import NamedTuple

from functions.catalog.charge import Charge, Step, left
from functions.catalog.commitment import whole_periods
from functions.catalog.totals import ZERO

# What a search costs is bounded, whatever a catalog says; real ones stay far below.
MEET = 4  # promotions that may meet on one price at most
LOOKED_AT = 12  # of those that may meet with others, how many are tried together: the ones that save most alone
KEPT = 1024  # what is found out about a price, choice by choice, before it is forgotten


class Candidate(NamedTuple):
    """A promotion that could act on a price: its step there, and with which others it may be given."""

    step: Step
    group: str | None  # its exclusivity group
    limit: int  # how many may meet where it is one of them

    @property
    def id(self) -> str:
        return self.step.rule

    @property
    def order(self) -> tuple[int, str]:
        """When it acts: the strongest first."""
        return self.step.priority, self.step.rule


Together = tuple[Candidate, ...]  # those that meet on a price, in the order in which they act


class Saved(NamedTuple):
    """What is saved over the term, and in the first period; more is better."""

    ever: Decimal = ZERO
    at_first: Decimal = ZERO

    def and_(self, other: "Saved") -> "Saved":
        return Saved(self.ever + other.ever, self.at_first + other.at_first)

    def times(self, units: int) -> "Saved":
        return self if units == 1 else Saved(self.ever * units, self.at_first * units)


def horizon(period: str | None, length: int, months: int) -> int:
    """Over how many periods a price is looked at for a term of so many months: one where it is paid once."""
    return whole_periods(months, period, length) if period else 1


def phases(turns: set[int], periods: int) -> list[tuple[int, int]]:
    """The first and the last of the periods between which nothing changes; `turns` are last periods of something."""
    ends = [*sorted(turn for turn in turns if turn < periods), periods]
    return [(start + 1, end) for start, end in zip([0, *ends], ends, strict=False)]


def allowed(candidates: Sequence[Candidate], worth: Callable[[Candidate], Decimal]) -> Iterator[Together]:
    """Every set of these that may meet on one price; the empty one first. They come in the order in which they act."""
    yield ()
    yield from ((c,) for c in candidates)
    meeting = [c for c in candidates if c.limit > 1]
    if len(meeting) > LOOKED_AT:
        most = sorted(meeting, key=lambda c: (-worth(c), c.order))[:LOOKED_AT]
        meeting = [c for c in meeting if c in most]
    for size in range(2, min(MEET, len(meeting)) + 1):
        yield from combinations([c for c in meeting if c.limit >= size], size)


class Price:
    """One unit of a price over so many periods, and which of the promotions that could act on it alone save most.

    Nothing of it is of one sale: what is found is true of every sale in which the same promotions hold.
    """

    def __init__(self, charge: Charge, periods: int, acting: Iterable[Candidate] = ()) -> None:
        self.charge, self.periods = charge, periods
        each = [(c, self._one_saves(c.step)) for c in acting]
        self.candidates = tuple([c for c, saved in each if saved.at_first])  # one that takes nothing off is none
        self._one = {c.step.rule: saved for c, saved in each}
        lone = [(c,) for c in self.candidates if c.group is None and c.limit <= 1]
        self._lone = [self._most_saved(lone)] if lone else []  # of those that meet no other, one will do
        others = [c for c in self.candidates if c.group is not None or c.limit > 1]
        self._others = sorted(others, key=lambda c: c.order)
        self.groups: dict[str, list[str]] = {}
        for c in self._others:
            if c.group is not None:
                self.groups.setdefault(c.group, []).append(c.id)
        self.grouped = frozenset(chain.from_iterable(self.groups.values()))
        self._given: dict[frozenset[str], tuple[Saved, Together]] = {}
        self._met: dict[frozenset[str], Together] = {}

    def only(self, keep: Callable[[Candidate], bool]) -> "Price":
        """The same where nothing else could act on it."""
        return Price(self.charge, self.periods, filter(keep, self.candidates))

    def given(self, chosen: frozenset[str]) -> tuple[Saved, Together]:
        """What is saved on one unit, and by which, where of the groups these are chosen."""
        asked = self.grouped & chosen
        found = self._given.get(asked)  # another thread may forget it all at any moment
        if found is None:
            if len(self._given) >= KEPT:
                self._given.clear()
                self._met.clear()
            given = self._most_of([c for c in self._others if c.id in asked])
            found = self._given[asked] = self._saves(given), given
        return found

    def after(self, chosen: frozenset[str]) -> Charge:
        """The charge with what is given on it then."""
        _, given = self.given(chosen)
        return _after(self.charge, given) if given else self.charge

    def _most_of(self, grouped: Sequence[Candidate]) -> Together:
        """The best where of the groups these are chosen: one by itself, or what meets."""
        meeting = frozenset([c.id for c in grouped if c.limit > 1])
        met = self._met.get(meeting)
        if met is None:
            may = [c for c in self._others if c.limit > 1 and (c.group is None or c.id in meeting)]
            met = self._met[meeting] = self._most_saved(allowed(may, lambda c: self._one[c.step.rule].ever))
        return self._most_saved([met, *self._lone, *((c,) for c in grouped if c.limit <= 1)])

    def _most_saved(self, sets: Iterable[Together]) -> Together:
        """Of these the one that saves most; of equals the larger saving at first, then by name."""
        first, *others = sorted(sets, key=self._at_most, reverse=True)
        found, most = first, self._saves(first)
        for each in others:
            if self._at_most(each) < most.ever:
                break
            saved = self._saves(each)
            if saved > most or (saved == most and _names(each) < _names(found)):
                found, most = each, saved
        return found

    def _at_most(self, together: Together) -> Decimal:
        """What these could save over the term: one after the other they take off no more than each does alone."""
        return sum([self._one[c.step.rule].ever for c in together], ZERO)

    def _saves(self, together: Together) -> Saved:
        return self._one[together[0].step.rule] if len(together) == 1 else self._all_save(together)

    def _one_saves(self, step: Step) -> Saved:
        """What takes off the same in each of its periods."""
        off = step.off(self.charge.base.value, self.charge.step)
        return Saved(off * (self.periods if step.periods is None else min(step.periods, self.periods)), off)

    def _all_save(self, together: Together) -> Saved:
        """What these save of which one takes off what the others left."""
        steps, base, cent = [c.step for c in together], self.charge.base.value, self.charge.step
        turns = phases({step.periods for step in steps if step.periods is not None}, self.periods)
        offs = [(base - left(base, steps, cent, first), last - first + 1) for first, last in turns]
        return Saved(sum([off * periods for off, periods in offs], ZERO), offs[0][0])


@lru_cache(maxsize=4096)
def _after(charge: Charge, given: Together) -> Charge:
    return charge.but(steps=tuple([c.step for c in given]))


def _names(together: Together) -> list[str]:
    return [candidate.step.rule for candidate in together]
