"""What a sale comes to and saves over the term: once, and in every period that its lines are looked at over. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from functions.catalog.charge import Charge, Share
from functions.catalog.choice import Slot
from functions.catalog.meeting import Saved, phases
from functions.catalog.totals import ZERO, Part


def total(slots: Sequence[Slot], charges: Sequence[Charge]) -> Decimal:
    """What is to pay over the term, tax included; usage, of which nobody knows how much, counts for nothing."""
    priced = ((s, c) for s, c in zip(slots, charges, strict=True) if c.price_type != "usage")
    return sum((_comes_to(slot, charge) for slot, charge in priced), ZERO)


def saved(slots: Sequence[Slot], charges: Sequence[Charge]) -> Saved:
    """What the rules on these charges take off the prices as they are written, over the term and in the first period.

    What is taken off several prices together counts for as long as the one of them that is looked at longest.
    """
    longest: dict[tuple[str, Part, bool], int] = {}
    for slot, charge in zip(slots, charges, strict=True):
        for share in charge.shares:
            key = share.step.rule, charge.part, charge.net
            longest[key] = max(longest.get(key, 1), slot.periods)
    found = Saved()
    for slot, charge in zip(slots, charges, strict=True):
        found = found.and_(_alone(slot, charge))
        for share in charge.shares:
            found = found.and_(_together(share, longest[share.step.rule, charge.part, charge.net]))
    return found


def _comes_to(slot: Slot, charge: Charge) -> Decimal:
    spans = phases(charge.turns, slot.periods)
    return sum((charge.comes_to(slot.quantity, first) * (last - first + 1) for first, last in spans), ZERO)


def _alone(slot: Slot, charge: Charge) -> Saved:
    units, base = slot.quantity * charge.count, charge.base.value
    spans = phases({step.periods for step in charge.steps if step.periods}, slot.periods)
    ever = sum(((base - charge.at(first)) * (last - first + 1) for first, last in spans), ZERO)
    return Saved(units * ever, units * (base - charge.unit))


def _together(share: Share, periods: int) -> Saved:
    spans = phases({until for until, _ in share.parts if until is not None}, periods)
    return Saved(sum((share.at(first) * (last - first + 1) for first, last in spans), ZERO), share.at(1))
