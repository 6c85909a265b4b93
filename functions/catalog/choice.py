"""Which promotions a sale gets: first each price by itself, then what is taken off several together. Pure.

Of an exclusivity group at most one promotion is given in a cart; on one price meet as many as each of them allows.
Where promotions compete, the combination is given that saves the customer most over the term (docs/catalog.md).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from math import prod
from typing import NamedTuple

from functions.catalog.charge import ZERO, Charge, Share, Step
from functions.catalog.commitment import whole_periods
from functions.shared.amounts import shared

# What a search costs is bounded, whatever a catalog says; real ones stay far below.
MEET = 4  # promotions that may meet on one price at most
LOOKED_AT = 12  # of those that may meet with others, how many are tried together: the ones that save most alone
TOGETHER = 1024  # choices of exclusivity groups that are tried all; of more, one group is decided after the other

Found = tuple["Saved", list[str], list[Charge]]


class Candidate(NamedTuple):
    """A promotion that could act on a price: its step there, and with which others it may be given."""

    step: Step
    group: str | None  # its exclusivity group
    limit: int  # how many may meet where it is one of them
    strength: int  # the smallest priority it has anywhere in the cart: who stands for a group

    @property
    def id(self) -> str:
        return self.step.rule

    @property
    def order(self) -> tuple[int, str]:
        """When it acts: the strongest first."""
        return self.step.priority, self.step.rule


@dataclass(frozen=True)
class Slot:
    """One price of a line: how many units, over how many periods it is looked at, and what could act on it alone."""

    line: str
    charge: Charge
    quantity: int
    periods: int
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Whole:
    """A promotion that takes off several prices together: the places of these among the slots."""

    candidate: Candidate
    slots: tuple[int, ...]
    periods: int


class Saved(NamedTuple):
    """What is saved over the term, and in the first period; more is better."""

    ever: Decimal = ZERO
    at_first: Decimal = ZERO

    def and_(self, other: "Saved") -> "Saved":
        return Saved(self.ever + other.ever, self.at_first + other.at_first)


def horizon(period: str | None, length: int, months: int) -> int:
    """Over how many periods a price is looked at for a term of so many months: one where it is paid once."""
    return whole_periods(months, period, length) if period else 1


def phases(turns: set[int], periods: int) -> list[tuple[int, int]]:
    """The first and the last of the periods between which nothing changes; `turns` are last periods of something."""
    ends = [*sorted(turn for turn in turns if turn < periods), periods]
    return [(start + 1, end) for start, end in zip([0, *ends], ends, strict=False)]


def best(slots: Sequence[Slot], wholes: Sequence[Whole]) -> list[Charge]:
    """The charge of every slot, with the promotions of the combination that saves most."""
    groups = rivals(slots, wholes)
    fixed = frozenset() if wholes else frozenset(g for g, ids in groups.items() if len(ids) == 1)  # no choice to make
    open_ = sorted(groups.keys() - fixed)
    sure = frozenset(id_ for g in fixed for id_ in groups[g])
    known: dict[tuple[int, tuple[Candidate, ...]], tuple[Saved, Charge]] = {}

    def given(chosen: frozenset[str]) -> Found:
        """What comes of it where, of the groups, these promotions may be given."""
        saved, charges = Saved(), []
        for place, slot in enumerate(slots):
            may = tuple(c for c in slot.candidates if c.group is None or c.id in chosen)
            if (place, may) not in known:
                known[place, may] = _alone(slot, may)
            off, charge = known[place, may]
            saved = saved.and_(off)
            charges.append(charge)
        for part in _parts(slots, wholes):
            off, charges = _together(
                slots, charges, [w for w in part if not w.candidate.group or w.candidate.id in chosen]
            )
            saved = saved.and_(off)
        rules = sorted({step.rule for charge in charges for step in charge.rules})
        return saved, rules, charges

    members = [[None, *groups[group]] for group in open_]
    if prod(map(len, members)) <= TOGETHER:
        options = (given(sure | frozenset(filter(None, ids))) for ids in product(*members))
        return min(options, key=_rank)[2]
    return _one_by_one(members, lambda ids: given(sure | frozenset(filter(None, ids))))


def _rank(found: Found) -> tuple[Decimal, Decimal, list[str]]:
    return -found[0].ever, -found[0].at_first, found[1]


def _one_by_one(members: list[list[str | None]], given: Callable[[list[str | None]], Found]) -> list[Charge]:
    """The best of each group where the groups before it are decided: exact where they do not meet on a price."""
    chosen: list[str | None] = [None] * len(members)
    for place, of_group in enumerate(members):
        tries = [[*chosen[:place], id_, *chosen[place + 1 :]] for id_ in of_group[:TOGETHER]]
        chosen = min(tries, key=lambda ids: _rank(given(ids)))
    return given(chosen)[2]


def rivals(slots: Sequence[Slot], wholes: Sequence[Whole]) -> dict[str, list[str]]:
    """Of each exclusivity group the promotions that could save something; of these the strongest."""
    found: dict[str, dict[str, int]] = {}
    for c in (*(c for slot in slots for c in slot.candidates), *(whole.candidate for whole in wholes)):
        if c.group is not None:
            found.setdefault(c.group, {})[c.id] = c.strength
    strongest = {group: min(members.values()) for group, members in found.items()}
    return {g: sorted(id_ for id_, s in members.items() if s == strongest[g]) for g, members in found.items()}


def _allowed(candidates: Sequence[Candidate], worth: Callable[[Candidate], Decimal]) -> Iterator[tuple[Candidate, ...]]:
    """Every set of these that may meet on one price, in the order in which they act; the empty one first."""
    ordered = sorted(candidates, key=lambda c: c.order)
    yield ()
    yield from ((c,) for c in ordered)
    meeting = [c for c in ordered if c.limit > 1]
    if len(meeting) > LOOKED_AT:
        most = sorted(meeting, key=lambda c: (-worth(c), c.order))[:LOOKED_AT]
        meeting = [c for c in meeting if c in most]
    for size in range(2, min(MEET, len(meeting)) + 1):
        yield from combinations([c for c in meeting if c.limit >= size], size)


def _alone(slot: Slot, may: tuple[Candidate, ...]) -> tuple[Saved, Charge]:
    """A price with those that save most on it by itself; of equals the larger saving at first, then by name."""
    if not may:
        return Saved(), slot.charge
    found = ((_saved(slot, charge), charge) for charge in _tries(slot.charge, may))
    return min(found, key=lambda each: (-each[0].ever, -each[0].at_first, [step.rule for step in each[1].steps]))


def _tries(charge: Charge, may: tuple[Candidate, ...]) -> Iterator[Charge]:
    for chosen in _allowed(may, lambda c: c.step.off(charge.base.value, charge.step)):
        yield replace(charge, steps=tuple(c.step for c in chosen))


def _saved(slot: Slot, charge: Charge) -> Saved:
    units, base = slot.quantity * charge.count, charge.base.value
    turns = phases(charge.turns, slot.periods)
    ever = sum(((base - charge.at(first)) * (last - first + 1) for first, last in turns), ZERO)
    return Saved(units * ever, units * (base - charge.unit))


def _parts(slots: Sequence[Slot], wholes: Sequence[Whole]) -> list[list[Whole]]:
    """The promotions over several prices, by what they are over: once or per period, in a currency."""
    found: dict[tuple[str, str, str], list[Whole]] = {}
    for whole in wholes:
        found.setdefault(slots[whole.slots[0]].charge.part, []).append(whole)
    return [found[part] for part in sorted(found)]


def _together(slots: Sequence[Slot], charges: list[Charge], wholes: list[Whole]) -> tuple[Saved, list[Charge]]:
    """The charges with the set of these promotions that saves most off several of them."""
    over = {whole.candidate: whole for whole in wholes}

    def worth(candidate: Candidate) -> Decimal:
        return _shared(slots, charges, [over[candidate]])[0].ever

    tries = (_shared(slots, charges, [over[c] for c in chosen]) for chosen in _allowed([*over], worth))
    return min(tries, key=lambda each: (-each[0].ever, -each[0].at_first, each[1]))[::2]


def _shared(slots: Sequence[Slot], charges: list[Charge], chosen: list[Whole]) -> tuple[Saved, list[str], list[Charge]]:
    """What these take off one after the other, and the charges with every line's share of it."""
    saved, after = Saved(), list(charges)
    for whole in chosen:
        reached = [after[place] for place in whole.slots]
        step = whole.candidate.step
        turns = {turn for charge in reached for turn in charge.turns} | ({step.periods} if step.periods else set())
        spans = phases(turns, max(whole.periods, *turns, 1) + 1)  # the last of them goes on for good
        parts = [_split(slots, whole, after, first) for first, _ in spans]
        for place, shares in zip(whole.slots, zip(*parts, strict=True), strict=True):
            ends = [last for _, last in spans[:-1]]
            share = Share(step, tuple(zip([*ends, None], shares, strict=True)))
            after[place] = replace(after[place], shares=(*after[place].shares, share))
        offs = [sum(part, ZERO) for part in parts]
        within = [max(min(last, whole.periods) - first + 1, 0) for first, last in spans]
        saved = saved.and_(Saved(sum((o * n for o, n in zip(offs, within, strict=True)), ZERO), offs[0]))
    return saved, [whole.candidate.id for whole in chosen], after


def _split(slots: Sequence[Slot], whole: Whole, charges: list[Charge], period: int) -> list[Decimal]:
    """What a promotion takes off each of its slots in that period: in proportion to what each comes to."""
    step = whole.candidate.step
    comes_to = [charges[place].comes_to(slots[place].quantity, period) for place in whole.slots]
    total = sum(comes_to, ZERO)
    cent = charges[whole.slots[0]].step
    off = step.off(total, cent) if step.acts(period) else ZERO
    return shared(off, comes_to, cent) if off else [ZERO] * len(comes_to)
