"""Which promotions a sale gets: first each price by itself, then what is taken off several together. Pure.

Of an exclusivity group at most one promotion is given in a cart; on one price meet as many as each of them allows.
Where promotions compete, the combination is given that saves the customer most over the term (docs/catalog.md).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from math import prod
from typing import NamedTuple

from functions.catalog.charge import ZERO, Charge, Part, Share, Step, left
from functions.catalog.commitment import whole_periods
from functions.shared.amounts import shared

# What a search costs is bounded, whatever a catalog says; real ones stay far below.
MEET = 4  # promotions that may meet on one price at most
LOOKED_AT = 12  # of those that may meet with others, how many are tried together: the ones that save most alone
TOGETHER = 1024  # choices of exclusivity groups that are tried all; of more, one group is decided after the other

Found = tuple["Saved", list[Charge]]
Ids = Sequence[str | None]  # of each exclusivity group the promotion that may be given


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


Together = tuple[Candidate, ...]  # those that meet on a price, in the order in which they act


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


Tried = dict[tuple[str, ...], Saved]  # what sets of promotions, by their names, save on a price


def horizon(period: str | None, length: int, months: int) -> int:
    """Over how many periods a price is looked at for a term of so many months: one where it is paid once."""
    return whole_periods(months, period, length) if period else 1


def phases(turns: set[int], periods: int) -> list[tuple[int, int]]:
    """The first and the last of the periods between which nothing changes; `turns` are last periods of something."""
    ends = [*sorted(turn for turn in turns if turn < periods), periods]
    return [(start + 1, end) for start, end in zip([0, *ends], ends, strict=False)]


def best(slots: Sequence[Slot], wholes: Sequence[Whole]) -> list[Charge]:
    """The charge of every slot, with the promotions of the combination that saves most."""
    if not wholes and not any(slot.candidates for slot in slots):
        return [slot.charge for slot in slots]
    groups = rivals(slots, wholes)
    fixed = frozenset() if wholes else frozenset(g for g, ids in groups.items() if len(ids) == 1)  # no choice to make
    open_ = sorted(groups.keys() - fixed)
    sure = frozenset(id_ for g in fixed for id_ in groups[g])
    grouped = [frozenset(c.id for c in slot.candidates if c.group is not None) for slot in slots]
    known: dict[tuple[int, frozenset[str]], tuple[Saved, Charge]] = {}
    tried: list[Tried] = [{} for _ in slots]
    likely = [_likely(slot, tried[place]) for place, slot in enumerate(slots)]

    def given(chosen: frozenset[str]) -> Found:
        """What comes of it where, of the groups, these promotions may be given."""
        found = []
        for place, slot in enumerate(slots):
            asked = place, grouped[place] & chosen
            if asked not in known:
                may = [c for c in likely[place] if c.group is None or c.id in chosen]
                known[asked] = _alone(slot, may, tried[place])
            found.append(known[asked])
        saved = Saved(sum((off.ever for off, _ in found), ZERO), sum((off.at_first for off, _ in found), ZERO))
        charges = [charge for _, charge in found]
        for part in _parts(slots, wholes):
            off, charges = _together(
                slots, charges, [w for w in part if not w.candidate.group or w.candidate.id in chosen]
            )
            saved = saved.and_(off)
        return saved, charges

    members = [[None, *groups[group]] for group in open_]
    tries = _one_by_one if prod(map(len, members)) > TOGETHER else _all_at_once
    return tries(members, lambda ids: given(sure | frozenset(filter(None, ids))))


def _all_at_once(members: Sequence[Ids], given: Callable[[Ids], Found]) -> list[Charge]:
    """The best there is."""
    return _most(product(*members), given)[1][1]


def _one_by_one(members: Sequence[Ids], given: Callable[[Ids], Found]) -> list[Charge]:
    """The best of each group where the groups before it are decided: exact where they do not meet on a price."""
    chosen: Ids = [None] * len(members)
    for place, of_group in enumerate(members):
        chosen, _ = _most(([*chosen[:place], id_, *chosen[place + 1 :]] for id_ in of_group[:TOGETHER]), given)
    return given(chosen)[1]


def _most(tries: Iterable[Ids], given: Callable[[Ids], Found]) -> tuple[Ids, Found]:
    """The one that saves most; of equals the larger saving at first, then by the names of what is given."""
    found = [(ids, given(ids)) for ids in tries]
    most = max(saved for _, (saved, _) in found)
    tied = [each for each in found if each[1][0] == most]
    return min(tied, key=lambda each: _rules(each[1][1])) if len(tied) > 1 else tied[0]


def _rules(charges: Iterable[Charge]) -> list[str]:
    return sorted({step.rule for charge in charges for step in charge.rules})


def rivals(slots: Sequence[Slot], wholes: Sequence[Whole]) -> dict[str, list[str]]:
    """Of each exclusivity group the promotions that could save something; of these the strongest."""
    found: dict[str, dict[str, int]] = {}
    for c in (*(c for slot in slots for c in slot.candidates), *(whole.candidate for whole in wholes)):
        if c.group is not None:
            found.setdefault(c.group, {})[c.id] = c.strength
    strongest = {group: min(members.values()) for group, members in found.items()}
    return {g: sorted(id_ for id_, s in members.items() if s == strongest[g]) for g, members in found.items()}


def _allowed(candidates: Sequence[Candidate], worth: Callable[[Candidate], Decimal]) -> Iterator[Together]:
    """Every set of these that may meet on one price; the empty one first. They come in the order in which they act."""
    yield ()
    yield from ((c,) for c in candidates)
    meeting = [c for c in candidates if c.limit > 1]
    if len(meeting) > LOOKED_AT:
        most = sorted(meeting, key=lambda c: (-worth(c), c.order))[:LOOKED_AT]
        meeting = [c for c in meeting if c in most]
    for size in range(2, min(MEET, len(meeting)) + 1):
        yield from combinations([c for c in meeting if c.limit >= size], size)


def _likely(slot: Slot, tried: Tried) -> list[Candidate]:
    """Those that may be given: of all that meet no other and are in no group, the one that saves most will do."""
    others = [c for c in slot.candidates if c.group is not None or c.limit > 1]
    lone = [(c,) for c in slot.candidates if c.group is None and c.limit <= 1]
    return sorted([*others, *(_most_saved(slot, lone, tried) if lone else ())], key=lambda c: c.order)


def _most_saved(slot: Slot, sets: Iterable[Together], tried: Tried) -> Together:
    """Of these sets of promotions the one that saves most; of equals the larger saving at first, then by name."""
    by_name = {tuple(c.step.rule for c in each): each for each in sets}
    for ids in by_name.keys() - tried.keys():
        tried[ids] = _saved(slot, [c.step for c in by_name[ids]])
    return by_name[min(by_name, key=lambda ids: (-tried[ids].ever, -tried[ids].at_first, ids))]


def _alone(slot: Slot, may: Sequence[Candidate], tried: Tried) -> tuple[Saved, Charge]:
    """A price with those that save most on it by itself."""
    charge = slot.charge
    given = _most_saved(slot, _allowed(may, lambda c: c.step.off(charge.base.value, charge.step)), tried)
    saved = tried[tuple(c.step.rule for c in given)]
    return saved, replace(charge, steps=tuple(c.step for c in given)) if given else charge


def _saved(slot: Slot, steps: Sequence[Step]) -> Saved:
    """What these take off a price that nothing else acts on."""
    charge, base = slot.charge, slot.charge.base.value
    turns = phases({step.periods for step in steps if step.periods is not None}, slot.periods)
    offs = [base - left(base, steps, charge.step, first) for first, _ in turns]
    ever = sum([off * (last - first + 1) for off, (first, last) in zip(offs, turns, strict=True)], ZERO)
    units = slot.quantity * charge.count
    return Saved(units * ever, units * offs[0])


def _parts(slots: Sequence[Slot], wholes: Sequence[Whole]) -> list[list[Whole]]:
    """The promotions over several prices, by what they are over: once or per period, currency, with tax or without."""
    found: dict[tuple[Part, bool], list[Whole]] = {}
    for whole in wholes:
        charge = slots[whole.slots[0]].charge
        found.setdefault((charge.part, charge.net), []).append(whole)
    return [found[part] for part in sorted(found)]


def _together(slots: Sequence[Slot], charges: list[Charge], wholes: list[Whole]) -> tuple[Saved, list[Charge]]:
    """The charges with the set of these promotions that saves most off several of them."""
    over = {whole.candidate: whole for whole in wholes}

    def worth(candidate: Candidate) -> Decimal:
        return _shared(slots, charges, [over[candidate]])[0].ever

    ordered = sorted(over, key=lambda c: c.order)
    tries = (_shared(slots, charges, [over[c] for c in chosen]) for chosen in _allowed(ordered, worth))
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
    comes_to = [charges[place].amount(slots[place].quantity, period) for place in whole.slots]
    total = sum(comes_to, ZERO)
    cent = charges[whole.slots[0]].step
    off = step.off(total, cent) if step.acts(period) else ZERO
    return shared(off, comes_to, cent) if off else [ZERO] * len(comes_to)
