"""What use costs: included units first, then tiers, each tier's units at its own price. Pure.

As data a usage price has `unitOfMeasure {amount, units}`, the block that a price is for, and either one `price` or
`tier [{from, price {unit, value}}]`: `from` counts the units that are not included, those before it are the former
tier's. Blocks that are started count whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from functions.shared.amounts import half_up, plain
from functions.shared.resource import Json

ZERO = Decimal(0)
MANY = 50  # tiers


class Tier(NamedTuple):
    """From so many units on (not counting those), what a block of them costs."""

    start: Decimal
    price: Decimal


class Usage(NamedTuple):
    """The tiers in ascending order, the first from 0; the units of a block; how many units are included."""

    tiers: Sequence[Tier]
    block: Decimal = Decimal(1)
    included: Decimal = ZERO


def usage(price: Json, included: Decimal = ZERO) -> Usage:
    """A usage price as the catalog holds it, without `faults`."""
    tiers = price.get("tier") or [{"from": 0, "price": price["price"]}]
    held = tuple(Tier(Decimal(tier["from"]), Decimal(tier["price"]["value"])) for tier in tiers)
    return Usage(held, Decimal((price.get("unitOfMeasure") or {}).get("amount", 1)), included)


def cost(usage: Usage, used: Decimal, step: Decimal) -> Decimal:
    """What so many units used come to, rounded once."""
    blocks = _started(max(used - usage.included, ZERO), usage.block)
    starts = [tier.start / usage.block for tier in usage.tiers]
    ends = [*starts[1:], max(blocks, starts[-1])]
    tiers = zip(usage.tiers, starts, ends, strict=True)
    return half_up(sum((max(min(blocks, end) - start, ZERO) * tier.price for tier, start, end in tiers), ZERO), step)


def faults(price: Mapping[str, object], currency: str) -> list[str]:
    """What is wrong with a usage price as data, in sentences; none where `usage` can read it."""
    measure = price.get("unitOfMeasure", {})
    block = plain(measure.get("amount", 1)) if isinstance(measure, Mapping) else None
    if not block:
        return ["unitOfMeasure.amount is how many units a price is for, more than 0."]
    tiers = price.get("tier")
    if tiers is None:
        return list(_priced("price", price.get("price"), currency))
    if not isinstance(tiers, list) or not 1 <= len(tiers) <= MANY:
        return [f"tier is a list of 1 to {MANY} tiers."]
    return list(_tiers(tiers, block, currency))


def _tiers(tiers: list[object], block: Decimal, currency: str) -> Iterator[str]:
    held = [tier if isinstance(tier, Mapping) else {} for tier in tiers]
    starts = [plain(tier.get("from")) for tier in held]
    for number, (tier, start) in enumerate(zip(held, starts, strict=True), 1):
        if start is None:
            yield f"tier {number} does not say from how many units on it holds (from)."
        elif start % block:
            yield f"tier {number} begins within a block: from {start} is no multiple of {block} (unitOfMeasure.amount)."
        yield from _priced(f"tier {number}: price", tier.get("price"), currency)
    if starts[0]:
        yield f"the units before {starts[0]} have no price; the first tier begins from 0."
    for number, (before, start) in enumerate(pairwise(starts), 2):
        if before is not None and start is not None and start <= before:
            yield f"tier {number} (from {start}) does not begin after tier {number - 1} (from {before})."


def _priced(what: str, price: object, currency: str) -> Iterator[str]:
    held = price if isinstance(price, Mapping) else {}
    if held.get("unit") != currency:
        yield f"{what}.unit is {currency}, in which the other prices are."
    if plain(held.get("value")) is None:
        yield f"{what}.value is an amount, zero or more, such as 0.09."


def _started(units: Decimal, block: Decimal) -> Decimal:
    whole, rest = divmod(units, block)
    return whole + (rest > 0)
