"""Spans of time: from a moment until just before another; where nothing is said, since ever or for ever."""

from collections.abc import Iterable
from datetime import UTC, datetime

from functions.shared.resource import Json, moment_of

Span = tuple[datetime, datetime]
EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def of(stored: Json) -> Span:
    """What a `validFor` says."""
    period = stored.get("validFor") or {}
    start, end = period.get("startDateTime"), period.get("endDateTime")
    return (moment_of(start) if start else EVER), (moment_of(end) if end else NEVER)


def both(one: Span, other: Span) -> Span:
    """When both are; empty where they never are."""
    return max(one[0], other[0]), min(one[1], other[1])


def since(span: Span, moment: datetime | None) -> Span:
    """What is left of it after a moment."""
    return span if moment is None else (max(span[0], moment), span[1])


def empty(span: Span) -> bool:
    """Whether there is no moment in it."""
    return span[0] >= span[1]


def hole(span: Span, filled: Iterable[Span]) -> Span | None:
    """The first part of a span that none of the others covers; None where all of it is covered."""
    reached, filled = span[0], sorted(filled)
    for start, end in filled:
        if start > reached:
            break
        reached = max(reached, end)
    if reached >= span[1]:
        return None
    return reached, min([start for start, _ in filled if start > reached] + [span[1]])


def told(span: Span) -> str:
    """A span in words, in the offset that it was written with."""
    start = "" if span[0] == EVER else f"from {span[0].isoformat()[:16].replace('T', ' ')}"
    end = "" if span[1] == NEVER else f"until {span[1].isoformat()[:16].replace('T', ' ')}"
    return " ".join(filter(None, (start, end))) or "always"
