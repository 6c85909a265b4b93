"""By what resources of the catalog are found: where each stands in every order, and which share what a filter names.

Pure; the book keeps what is said here of each resource as sets of places.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from functions.catalog import stages, words
from functions.catalog.kinds import ON_SALE, RELEASED, channels, partners, standing
from functions.shared.query import at
from functions.shared.resource import Json, moment_of

# What a filter asks for with `=`, by its path; every value has a set of its own.
FILTERS = (("lifecycleStatus",), ("isBundle",), ("isSellable",), ("category", "id"))
ATTRIBUTES = {path: ".".join(path) for path in FILTERS}
EVERYWHERE = "*"  # what no single channel is called
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
EVER = (-(1 << 62), 1 << 62)


class Facet(NamedTuple):
    """What several resources may have in common, from when until when (microseconds since 1970)."""

    attribute: str
    value: str
    since: int = EVER[0]
    until: int = EVER[1]


def orders(languages: list[str]) -> list[str]:
    """The orders that lists of a catalog may have: by id, or by name in each language."""
    return ["id", *(f"name.{language}" for language in languages)]


def name_in(stored: Json, order: str, otherwise: str) -> str | None:
    """The name by which a resource stands in an order by names; None where it has none."""
    return words.text(stored["name"], order.removeprefix("name."), otherwise) if stored.get("name") else None


def rank(stored: Json, order: str, otherwise: str) -> tuple[bool, str, str]:
    """What puts a resource in its place; one without a name comes last."""
    name = "" if order == "id" else name_in(stored, order, otherwise)
    return name is None, name or "", stored["id"]


def of(kind: str, stored: Json) -> Iterator[Facet]:
    """Everything that a resource is found by."""
    otherwise = standing(kind, stored)
    for path, attribute in ATTRIBUTES.items():
        if len(path) > 1:
            values = at(stored, path) if path[0] in stored else ()
            yield from {_facet(attribute, value) for value in values if isinstance(value, str)}
        elif isinstance(value := stored.get(attribute, otherwise.get(attribute)), (str, bool)):
            yield _facet(attribute, value)
    yield from _shown(stored) if kind == "productOffering" else _released(kind, stored)


@lru_cache(maxsize=1024)
def _facet(attribute: str, value: str | bool) -> Facet:  # noqa: FBT001
    return Facet(attribute, written(value))


def written(value: object) -> str:
    """A value, which is a text or says yes or no, as a facet names it."""
    return value if isinstance(value, str) else "true" if value else "false"


def _released(kind: str, stored: Json) -> Iterator[Facet]:
    if stored.get("lifecycleStatus") in RELEASED:
        named = channels(stored) if kind == "promotion" else None
        shown = sorted(named) if named is not None else [EVERYWHERE]
        if kind == "promotion" and (sellers := partners(stored)) is not None:
            shown = [by_partner(channel, seller) for channel in shown for seller in sorted(sellers)]
        yield from (Facet("shown", channel) for channel in shown)


def by_partner(channel: str, partner: str) -> str:
    """A channel as far as that partner sells through it."""
    return f"{channel} {partner}"


def _shown(offering: Json) -> Iterator[Facet]:
    """Which channels show an offering, and when: where it is announced or sold; what is sold in bundles alone, all."""
    if offering.get("lifecycleStatus") not in ON_SALE:
        return
    since, until = _span(*stages.shown(offering))
    if not offering.get("isSellable", True):
        yield Facet("shown", EVERYWHERE, since, until)
        return
    for channel in {each["id"]: each for each in reversed(offering.get("channel") or [])}.values():
        begins, ends = _period(channel)
        if max(since, begins) < min(until, ends):
            yield Facet("shown", channel["id"], max(since, begins), min(until, ends))


def _period(dated: Mapping[str, Any]) -> tuple[int, int]:
    period = dated.get("validFor") or {}
    return _span(period.get("startDateTime"), period.get("endDateTime"))


def _span(start: str | None, end: str | None) -> tuple[int, int]:
    return microseconds(moment_of(start)) if start else EVER[0], microseconds(moment_of(end)) if end else EVER[1]


def microseconds(moment: datetime) -> int:
    """A moment as facets count it; one without a time zone is taken as UTC."""
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) // MICROSECOND
