"""Which promotions a sale gets: first each price by itself, then what is taken off several together. Pure.

Of an exclusivity group at most one promotion is given in a cart; on one price meet as many as each of them allows.
Where promotions compete, the combination is given that saves the customer most over the term (docs/catalog.md).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import chain, product
from math import prod
from typing import NamedTuple

from functions.catalog.charge import Charge, Share
from functions.catalog.meeting import Candidate, Price, Saved, allowed, phases
from functions.catalog.totals import ZERO, Part
from functions.shared.amounts import shared

TOGETHER = 1024  # choices of exclusivity groups that are tried all; of more, one group is decided after the other

Found = tuple[Saved, list[Charge]]
Ids = Sequence[str | None]  # of each exclusivity group the promotion that may be given


class Slot(NamedTuple):
    """One price of a line, and how many units of it."""

    line: str
    quantity: int
    price: Price

    @property
    def charge(self) -> Charge:
        """The price by itself."""
        return self.price.charge

    @property
    def periods(self) -> int:
        """Over how many periods it is looked at."""
        return self.price.periods

    def saved(self, chosen: frozenset[str]) -> Saved:
        """What is saved on it, where of the groups these are chosen."""
        return self.price.given(chosen)[0].times(self.quantity * self.charge.count)


@dataclass(frozen=True)
class Whole:
    """A promotion that takes off several prices together: the places of these among the slots."""

    candidate: Candidate
    slots: tuple[int, ...]
    periods: int


class Asked(NamedTuple):
    """Every price of a sale with what could act on it, and the promotions that act on several prices together.

    `strength` tells of each promotion the smallest priority that it has anywhere in the sale: who stands for a group.
    """

    slots: list[Slot]
    wholes: list[Whole]
    strength: Mapping[str, int]

    def only(self, keep: Callable[[Candidate], bool]) -> "Asked":
        """The same where nothing else is there to choose from."""
        slots = [slot._replace(price=slot.price.only(keep)) for slot in self.slots]
        return self._replace(slots=slots, wholes=[whole for whole in self.wholes if keep(whole.candidate)])


def best(asked: Asked) -> list[Charge]:
    """The charge of every slot, with the promotions of the combination that saves most."""
    if not asked.wholes and not any(slot.price.candidates for slot in asked.slots):
        return [slot.charge for slot in asked.slots]
    groups = rivals(asked)
    fixed = frozenset() if asked.wholes else frozenset(g for g, ids in groups.items() if len(ids) == 1)  # no choice
    members: list[Ids] = [[None, *groups[group]] for group in sorted(groups.keys() - fixed)]
    sure = frozenset(id_ for g in fixed for id_ in groups[g])
    tries = _one_by_one if prod(map(len, members)) > TOGETHER else _all_at_once
    search = _Search(asked, sure)
    return search.charges(tries(members, search))


class _Search:
    """What comes of a sale where these of the promotions that exclude each other are given; nothing is reckoned twice.

    `sure` are given whatever else is chosen.
    """

    def __init__(self, asked: Asked, sure: frozenset[str]) -> None:
        self._slots, self._parts, self._sure = asked.slots, _parts(asked.slots, asked.wholes), sure
        self._over: dict[frozenset[str], Found] = {}

    def meeting(self, turning: Iterable[str | None]) -> list[Slot]:
        """The prices that some of these could act on: what the others come to, they leave as it is."""
        asked = frozenset(turning)
        return [slot for slot in self._slots if not slot.price.grouped.isdisjoint(asked)]

    def saved(self, ids: Ids, slots: Iterable[Slot]) -> Saved:
        """What is saved on these prices where these are given of the open groups; on all, where some go together."""
        chosen = self._chosen(ids)
        return self._found(chosen)[0] if self._parts else _sum(slot.saved(chosen) for slot in slots)

    def charges(self, ids: Ids) -> list[Charge]:
        """What every price comes to then."""
        chosen = self._chosen(ids)
        return self._found(chosen)[1] if self._parts else self._alone(chosen)

    def rules(self, ids: Ids) -> list[str]:
        """The names of all that is given then."""
        if self._parts:
            return sorted({step.rule for charge in self.charges(ids) for step in charge.rules})
        chosen = self._chosen(ids)
        return sorted({c.step.rule for slot in self._slots for c in slot.price.given(chosen)[1]})

    def _chosen(self, ids: Ids) -> frozenset[str]:
        return self._sure.union(filter(None, ids))

    def _alone(self, chosen: frozenset[str]) -> list[Charge]:
        return [slot.price.after(chosen) for slot in self._slots]

    def _found(self, chosen: frozenset[str]) -> Found:
        """The same with what is taken off several prices together, which is tried on what is left of each."""
        if chosen not in self._over:
            saved, charges = _sum(slot.saved(chosen) for slot in self._slots), self._alone(chosen)
            for part in self._parts:
                given = [whole for whole in part if not whole.candidate.group or whole.candidate.id in chosen]
                off, charges = _together(self._slots, charges, given)
                saved = saved.and_(off)
            self._over[chosen] = saved, charges
        return self._over[chosen]


def _all_at_once(members: Sequence[Ids], search: _Search) -> Ids:
    """The best there is."""
    return _most(product(*members), chain.from_iterable(members), search)


def _one_by_one(members: Sequence[Ids], search: _Search) -> Ids:
    """The best of each group where the groups before it are decided: exact where they do not meet on a price."""
    chosen: Ids = [None] * len(members)
    for place, of_group in enumerate(members):
        tries = ([*chosen[:place], id_, *chosen[place + 1 :]] for id_ in of_group[:TOGETHER])
        chosen = _most(tries, of_group, search)
    return chosen


def _most(tries: Iterable[Ids], turning: Iterable[str | None], search: _Search) -> Ids:
    """The one that saves most; of equals the larger saving at first, then by the names of what is given.

    They differ in nothing but the promotions that are `turning`.
    """
    slots = search.meeting(turning)
    found = [(search.saved(ids, slots), ids) for ids in tries]
    most = max(saved for saved, _ in found)
    tied = [ids for saved, ids in found if saved == most]
    return min(tied, key=search.rules) if len(tied) > 1 else tied[0]


def _sum(saved: Iterable[Saved]) -> Saved:
    return reduce(Saved.and_, saved, Saved())


def rivals(asked: Asked) -> dict[str, list[str]]:
    """Of each exclusivity group the promotions that could save something; of these the strongest."""
    found: dict[str, set[str]] = {}
    for group, ids in chain.from_iterable(slot.price.groups.items() for slot in asked.slots):
        found.setdefault(group, set()).update(ids)
    for candidate in (whole.candidate for whole in asked.wholes):
        if candidate.group is not None:
            found.setdefault(candidate.group, set()).add(candidate.id)
    strongest = {group: min(asked.strength[id_] for id_ in ids) for group, ids in found.items()}
    return {g: sorted(id_ for id_ in ids if asked.strength[id_] == strongest[g]) for g, ids in found.items()}


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
    tries = (_shared(slots, charges, [over[c] for c in chosen]) for chosen in allowed(ordered, worth))
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
            after[place] = after[place].but(shares=(*after[place].shares, share))
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
