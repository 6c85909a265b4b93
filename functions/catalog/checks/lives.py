"""Stages of an offering's life that contradict one another, and parts that are not sold as long as their bundle is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from functions.catalog import stages
from functions.catalog.checks import spans
from functions.catalog.checks.finding import Fault, error
from functions.catalog.checks.spans import Span
from functions.catalog.checks.subject import Subject
from functions.catalog.kinds import ON_SALE
from functions.shared.resource import Json, moment_of

AHEAD = timedelta(days=300)  # for how long an order may wait for its day: the workflow that waits may run for a year
# The moments of a life in their order, and what a sentence calls them.
MOMENTS = {
    stages.ANNOUNCES: "it is announced",
    stages.OPENS: "it can be ordered ahead",
    "startDateTime": "its sale begins",
    "endDateTime": "its sale ends",
    stages.CLOSES: "its life ends",
}
OPTION = "bundledProductOfferingOption"


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with the moments of an offering."""
    said = {**(stored.get("validFor") or {}), **stored}
    turns = [(name, moment_of(said[name])) for name in MOMENTS if said.get(name)]
    for (one, earlier), (other, later) in pairwise(turns):
        if earlier > later or (earlier == later and one != "endDateTime"):
            told = f"{MOMENTS[one]} at {said[one]}, and {MOMENTS[other]} at {said[other]}"
            yield error("stagesInDisorder", f"{told}; the first must come before the other.")
    ahead = next((name for name, _ in turns if name in (stages.ANNOUNCES, stages.OPENS)), None)
    if ahead:
        yield from _ahead(subject, stored, ahead, dict(turns))


def _ahead(subject: Subject, stored: Json, first: str, turns: dict[str, datetime]) -> Iterator[Fault]:
    begins, opens = turns.get("startDateTime"), turns.get(stages.OPENS)
    if begins is None:
        yield error("noSaleStart", f"{MOMENTS[first]}, and never sold; say from when (validFor.startDateTime).")
        return
    status = stored["lifecycleStatus"]
    if status not in ON_SALE and subject.as_of is not None and subject.as_of < begins:
        yield error(
            "goneBeforeItsSale", f"{MOMENTS[first]} for a sale to come, but it is {status}; change one of them."
        )
    if opens and begins - opens > AHEAD:
        yield error("preorderTooEarly", f"it can be ordered more than {AHEAD.days} days before its sale; begin later.")


def of_bundle(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Parts without which a bundle cannot be ordered, and that cannot be while it could."""
    whole = _ordered(subject, stored)
    for part in stored.get("bundledProductOffering") or []:
        named = subject.find_on_sale("productOffering", part.get("id"))
        if OPTION in part or named is None:
            continue
        of_part = _ordered(subject, named)
        if not spans.empty(spans.both(whole, of_part)) and (hole := spans.hole(whole, [of_part])):
            when = spans.told(hole)
            yield error("partNotAlways", f"its part {named['id']} cannot be ordered {when}, when it can; change one.")


def _ordered(subject: Subject, stored: Json) -> Span:
    start, end = stages.ordered(stored)
    return spans.since(spans.of({"validFor": {"startDateTime": start, "endDateTime": end}}), subject.as_of)
