"""What a given choice of promotions takes off a cart: each charge by itself, then sums of charges (rules 1, 3 and 4).

Part of the naive evaluator: written from the text of the semantics alone, shares nothing with `functions`.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.price.acts import Act, Offer
from tests.price.charges import Charge

ZERO = Decimal(0)
Bucket = tuple[str, str, str, bool]
Acts = dict[Act, list[Charge]]  # in the order in which they act, with the charges each reaches
Amounts = dict[Charge, Decimal]


@dataclass(frozen=True)
class Chosen:
    """What acts on which charges, in order, and what that saves: over the horizon, and in period 1."""

    saving: Decimal
    now: Decimal
    acts: Acts

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(act.promotion for act in self.acts)


@dataclass(frozen=True)
class Settled:
    """The outcome of one choice of group members."""

    each: dict[Charge, Chosen]
    together: dict[Bucket, Chosen]

    @property
    def saving(self) -> Decimal:
        return sum((chosen.saving for chosen in self._all()), ZERO)

    @property
    def now(self) -> Decimal:
        return sum((chosen.now for chosen in self._all()), ZERO)

    @property
    def given(self) -> tuple[str, ...]:
        return tuple(sorted({ident for chosen in self._all() for ident in chosen.order}))

    def _all(self) -> list[Chosen]:
        return [*self.each.values(), *self.together.values()]


def settled(charges: list[Charge], offers: list[Offer], step: Decimal) -> Settled:
    """Both stages, with these promotions and no others."""
    each = {
        charge: _best(_each(charge, acts, step) for acts in _sets(offers, [charge], together=False, step=step))
        for charge in charges
    }
    together = {}
    for bucket in {charge.bucket for charge in charges}:
        inside = [charge for charge in charges if charge.bucket == bucket]
        periods = range(1, max(charge.horizon for charge in inside) + 1)
        amounts = [{charge: amount_of(charge, each[charge], period, step) for charge in inside} for period in periods]
        together[bucket] = _best(
            _together(amounts, acts, step) for acts in _sets(offers, inside, together=True, step=step)
        )
    return Settled(each, together)


def _sets(offers: list[Offer], charges: list[Charge], *, together: bool, step: Decimal) -> Iterator[Acts]:
    """Every set of promotions that may meet here in this stage, in order of action, with what each of them reaches.

    A member must take something off in period 1 where it is alone on what it reaches.
    """
    able: Acts = {}
    for offer in offers:
        for act in {act for act in offer.acts.values() if act.together == together}:
            reached = [charge for charge in charges if offer.acts.get(charge) == act]
            base = sum((c.base * (c.quantity if together else 1) for c in reached), ZERO)
            if reached and act.takes_off(base, 1, step) > 0:
                able[act] = reached
    for taken in itertools.product((True, False), repeat=len(able)):
        members = sorted(itertools.compress(able, taken))
        if all(len(members) <= act.limit for act in members):
            yield {act: able[act] for act in members}


def _best(allowed: Iterable[Chosen]) -> Chosen:
    """Rule 3: the largest saving, the larger in period 1, the smallest tuple of ids; the empty set is always there."""
    return min(allowed, key=lambda chosen: (-chosen.saving, -chosen.now, chosen.order))


def _each(charge: Charge, acts: Acts, step: Decimal) -> Chosen:
    """Rule 1: what these save on one charge."""
    saved = [charge.quantity * (charge.base - unit_of(charge, acts, n, step)) for n in range(1, charge.horizon + 1)]
    return Chosen(sum(saved, ZERO), saved[0], acts)


def unit_of(charge: Charge, acts: Iterable[Act], period: int, step: Decimal) -> Decimal:
    """The price of one in that period: they act one after the other, each on what the former left."""
    rest = charge.base
    for act in acts:
        rest -= act.takes_off(rest, period, step)
    return rest


def amount_of(charge: Charge, chosen: Chosen, period: int, step: Decimal) -> Decimal:
    return charge.quantity * unit_of(charge, chosen.acts, period, step)


def _together(amounts: list[Amounts], acts: Acts, step: Decimal) -> Chosen:
    """Rule 4: what these save on the sums of a bucket, whose `amounts` are given for period 1, 2, …"""
    saving = now = ZERO
    for period, before in enumerate(amounts, 1):
        for shares in off_sums(before, acts, period, step):
            taken = sum(shares.values(), ZERO)
            now += taken if period == 1 else 0
            saving += taken if period <= max(charge.horizon for charge in shares) else 0
    return Chosen(saving, now, acts)


def off_sums(amounts: Amounts, acts: Acts, period: int, step: Decimal) -> Iterator[Amounts]:
    """What each act takes off its lines' charges in that period, one after the other on what the former left."""
    left = dict(amounts)
    for act, reached in acts.items():
        contributed = {charge: left[charge] for charge in reached}
        shares = _shared(act.takes_off(sum(contributed.values(), ZERO), period, step), contributed, step)
        for charge, share in shares.items():
            left[charge] -= share
        yield shares


def _shared(taken: Decimal, contributed: Amounts, step: Decimal) -> Amounts:
    """In proportion to what each contributes: whole steps, the rest by largest remainder, smaller line and price id."""
    if not taken:
        return dict.fromkeys(contributed, ZERO)
    whole = sum(contributed.values(), ZERO) * step
    shares = {charge: taken * amount // whole * step for charge, amount in contributed.items()}
    missing = taken - sum(shares.values(), ZERO)
    for charge in sorted(shares, key=lambda c: (-(taken * contributed[c] % whole), c.line, c.price)):
        more = min(step, missing)
        shares[charge] += more
        missing -= more
    return shares
