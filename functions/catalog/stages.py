"""Where an offering is in its life: announced, sold ahead, on sale, sold no more, at its end. Pure.

The clock alone decides, with every look: nothing is ever switched. The moments stand on the offering, and what it does
not say of them never comes; `validFor` is when it is on sale, as the standard has it.
"""

from collections.abc import Iterable
from datetime import datetime

from functions.catalog.kinds import ON_SALE
from functions.shared.resource import Json, moment_of

ANNOUNCED, PREORDER, SOLD, ENDED, OVER = "announced", "preorder", "onSale", "endOfSale", "endOfLife"
ANNOUNCES, OPENS, CLOSES = "announcedDateTime", "preorderDateTime", "endOfLifeDateTime"
SHOWN = frozenset({ANNOUNCED, PREORDER, SOLD})  # when channels show it
NEW = frozenset({PREORDER, SOLD})  # when it can be ordered
KEPT = frozenset({PREORDER, SOLD, ENDED})  # when who has it can change it


def at(offering: Json, as_of: datetime) -> str | None:
    """Its stage at that moment; None before anybody may know of it."""
    status, (start, end) = offering["lifecycleStatus"], period(offering)

    def reached(written: str | None) -> bool:
        return written is not None and moment_of(written) <= as_of

    if status == "Obsolete" or reached(offering.get(CLOSES)):
        return OVER
    if status == "Retired" or reached(end):
        return ENDED
    if status not in ON_SALE:
        return None
    if start is None or reached(start):
        return SOLD
    if reached(offering.get(OPENS)):
        return PREORDER
    return ANNOUNCED if reached(offering.get(ANNOUNCES)) else None


def period(offering: Json) -> tuple[str | None, str | None]:
    """From when until just before when it is on sale."""
    said = offering.get("validFor") or {}
    return said.get("startDateTime"), said.get("endDateTime")


def shown(offering: Json) -> tuple[str | None, str | None]:
    """From when until just before when channels show it."""
    start, end = period(offering)
    return _first(start, ANNOUNCES, OPENS, of=offering), _first(end, CLOSES, of=offering)


def ordered(offering: Json) -> tuple[str | None, str | None]:
    """From when until just before when it can be ordered."""
    start, end = period(offering)
    return _first(start, OPENS, of=offering), _first(end, CLOSES, of=offering)


def _first(written: str | None, *names: str, of: Json) -> str | None:
    """The first of these moments; a beginning or an end that is not said comes before or after all of them."""
    if written is None and names != (CLOSES,):
        return None
    return min((each for each in (written, *map(of.get, names)) if each), key=moment_of, default=None)


def priced_at(offering: Json, as_of: datetime) -> datetime:
    """As of when its prices are told: what is not on sale yet costs what it will cost on its first day."""
    start, _ = period(offering)
    return max(as_of, moment_of(start)) if start and (ANNOUNCES in offering or OPENS in offering) else as_of


def begins(offerings: Iterable[Json], as_of: datetime) -> datetime | None:
    """The day on which the last of these is sold that are ordered ahead; None where none of them is."""
    early = [each for each in offerings if at(each, as_of) == PREORDER]
    return max((moment_of(start) for each in early if (start := period(each)[0])), default=None)
