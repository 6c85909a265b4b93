"""What promotions a cart has, each by itself and as they can be given together, best first. Pure.

What is shown as the best is what the pricing function gives; nothing is decided here but which choices are compared.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from functions.catalog import price
from functions.catalog.choice import Asked, best, rivals
from functions.catalog.meeting import Saved
from functions.catalog.sale import Item, Sale
from functions.offer import term

MOST = 100  # promotions of a cart that are shown by themselves, and combinations that are compared


class Combination(NamedTuple):
    """Promotions that are given together, by their ids in order, and what they save."""

    promotions: tuple[str, ...]
    saved: Saved

    @property
    def rank(self) -> tuple[object, ...]:
        """What saves most first: over the term, then at first; then by name."""
        return -self.saved.ever, -self.saved.at_first, self.promotions


class Browsed(NamedTuple):
    """The promotions that could be given in a cart, each alone, and those that can be given together."""

    alone: list[Combination]
    together: list[Combination]  # the first is what the cart has now


def browse(items: Sequence[Item], sale: Sale) -> Browsed:
    """What promotions do for these; at most MOST of them and of their combinations are looked at."""
    found = asked(items, sale)
    alone = (given(found.only(lambda c, id_=id_: c.id == id_)) for id_ in islice(candidates(found), MOST))  # type: ignore[misc]
    return Browsed(sorted(alone, key=lambda each: each.rank), _together(found))


def asked(items: Iterable[Item], sale: Sale) -> Asked:
    """What the pricing function would choose from, in the order in which it looks at lines."""
    return price.asked(sorted(items, key=lambda item: item.id), sale)


def candidates(asked: Asked) -> list[str]:
    """The promotions that take something off in this sale, by themselves."""
    alone = (c.id for slot in asked.slots for c in slot.price.candidates)
    return sorted({*alone, *(whole.candidate.id for whole in asked.wholes)})


def given(asked: Asked) -> Combination:
    """What the pricing function gives of these."""
    charges = best(asked)
    rules = sorted({step.rule for charge in charges for step in charge.rules})
    return Combination(tuple(rules), term.saved(asked.slots, charges))


def _together(asked: Asked) -> list[Combination]:
    """What is given, and what it would be where an exclusivity group gave another of its promotions."""
    first = given(asked)
    others = (
        given(asked.only(lambda c, group=group, id_=id_: c.group != group or c.id == id_))  # type: ignore[misc]
        for group, ids in sorted(rivals(asked).items())
        for id_ in ids
        if id_ not in first.promotions
    )
    found = {each.promotions: each for each in islice(others, MOST)}
    found.pop(first.promotions, None)
    return [first, *sorted(found.values(), key=lambda each: each.rank)]
