"""Which offerings a channel shows, of all or of one category, in the order of their ids: found by an index. Pure."""

from collections.abc import Iterator
from datetime import datetime

from functions.catalog import places
from functions.catalog.catalog import Catalog
from functions.shared.resource import Json

KIND, ORDER = "productOffering", "id"  # in that order a place is the number of a resource
AT_ONCE = 50  # places that are taken out of a set in one go


def offered(
    catalog: Catalog, channel: str, as_of: datetime, category: str | None = None, *, partner: str | None = None
) -> Iterator[Json]:
    """One after the other, so that the first of many cost no more than the first of few."""
    found = catalog.shown_in(channel, KIND, ORDER, as_of, partner=partner)
    if category is not None:
        found &= catalog.having(KIND, ORDER, "category.id", category, as_of)
    begin = 0
    while some := places.some(found, begin, AT_ONCE):
        begin += len(some)
        yield from (catalog.book.at(KIND, number) for number in some)
