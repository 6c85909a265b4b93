"""Promotions: whether each can be given, to whom, on which prices, and whether it then takes anything off."""

from collections.abc import Iterator
from decimal import Decimal

from functions.catalog.checks import actions, criteria, logic, pairs, spans
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.form import plain
from functions.catalog.checks.reach import off, reach
from functions.catalog.checks.references import actions_of
from functions.catalog.checks.subject import Reached, Subject
from functions.catalog.kinds import ON_SALE
from functions.catalog.meeting import MEET
from functions.shared.resource import Json


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with a promotion."""
    if not 1 <= stored.get("stackingLimit", 1) <= MEET:
        yield error(
            "wrongLimit", f"its stackingLimit must be from 1 to {MEET}: how many promotions may meet on a price."
        )
    if not stored.get("pattern"):
        yield error("noPattern", "it has no pattern, so it is never given; say what it does (pattern.action).")
    for pattern in stored.get("pattern") or []:
        if not pattern.get("action"):
            yield error("noAction", "a pattern in it has no action, so it gives nothing; say what it does.")
    sound = True
    for action in actions_of(stored):
        found = list(actions.faults(subject, action))
        sound = sound and not any(fault.severity == "error" for fault in found)
        yield from found
    if stored["lifecycleStatus"] in ON_SALE:
        yield from _given(subject, stored) if sound else _asked(subject, stored)


def _asked(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with when it is given, where what it does makes no sense: both are told at once."""
    for pattern in stored.get("pattern") or []:
        yield from criteria.faults(subject, "promotion", pattern)


def _given(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Whether there is somebody, somewhere, some day, who gets something off."""
    for pattern in stored.get("pattern") or []:
        reached = [(action, reach(subject, action)) for action in pattern.get("action") or []]
        for action, found in reached:
            yield from _reduces(subject, action, found)
        yield from criteria.faults(subject, "promotion", pattern, _context(stored, pattern, [r for _, r in reached]))
        on_sale = {span for _, found in reached for span in found.on_sale}
        if on_sale and all(spans.empty(spans.both(_given_when(subject, stored), span)) for span in on_sale):
            yield error("neverApplies", "what it applies to is not on sale while it is given; change its validFor.")
    yield from pairs.faults(subject, stored)


def _given_when(subject: Subject, stored: Json) -> spans.Span:
    """When it is given, as far as that still counts; what is over already is no fault any more."""
    over = subject.as_of is not None and spans.of(stored)[1] <= subject.as_of
    return spans.of(stored) if over else subject.span(stored)


def _context(stored: Json, pattern: Json, reached: list[Reached]) -> list[logic.Clause]:
    """What holds anyway where a pattern counts: a channel that sells what it reaches, and a day when it is given."""
    channels = {channel for found in reached for channel in found.channels}
    period = spans.both(spans.of(stored), spans.of(pattern))
    return criteria.one_of("channel", channels) + criteria.within(period)


def _reduces(subject: Subject, action: Json, found: Reached) -> Iterator[Fault]:
    if not found.prices:
        unit = f" in {action['actionUnit']}" if "actionUnit" in action else ""
        yield error("neverReduces", f"nothing it applies to has a {action['priceType']} price{unit}; name what has.")
        return
    value, least, most = Decimal(plain(action["actionValue"])), found.values[0], found.values[-1]
    if not any(off(subject, action, price) for price in found.prices.values()):
        yield error("neverReduces", f"it takes nothing off any price it reaches (the highest is {most}).")
    elif action["actionType"] == "amount" and action.get("scope") != "together" and value > least:
        severe = error if value > most else warning
        yield severe("exceedsPrice", f"it takes off {value}, and a price it reaches is only {least}; take less.")
