"""Which offerings a channel shows, of all or of one category, in the order of their ids: found by an index. Pure."""

from collections.abc import Iterator
from datetime import datetime

from functions.catalog import facets, places
from functions.catalog.catalog import Catalog
from functions.shared.resource import Json

KIND, ORDER = "productOffering", "id"  # in that order a place is the number of a resource
AT_ONCE = 50  # places that are taken out of a set in one go


def offered(catalog: Catalog, channel: str, as_of: datetime, category: str | None = None) -> Iterator[Json]:
    """One after the other, so that the first of many cost no more than the first of few."""
    found = _held(catalog, "shown", channel, as_of) | _held(catalog, "shown", facets.EVERYWHERE, as_of)
    if category is not None:
        found &= _held(catalog, "category.id", category, as_of)
    begin = 0
    while some := places.some(found, begin, AT_ONCE):
        begin += len(some)
        yield from (catalog.book.at(KIND, number) for number in some)


def _held(catalog: Catalog, attribute: str, value: str, as_of: datetime) -> int:
    """The places of what has that in common at that moment."""
    now, found = facets.microseconds(as_of), 0
    for since, until, those in catalog.book.places(KIND, ORDER, attribute, value):
        if since <= now < until:
            found |= those
    return found
