"""Lists of the catalog: what a filter, order or search of 100,000 costs is a few sets of places and the page itself.

Sets serve the filters of `facets.FILTERS`, `id` and `name`, the orders by id and name, and the search. What else is
asked for is met by reading, at most lists.READ resources a page.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.catalog import draft, facets, places, search
from functions.catalog.catalog import Catalog
from functions.shared import lists
from functions.shared.incoming import Incoming
from functions.shared.lists import READ, Window
from functions.shared.query import Path, Query, Test
from functions.shared.resource import Json
from functions.shared.rows import Row

SEARCH = "q"  # what a list may be asked for by a name that somebody half remembers
Render = Callable[[Json], Json]


@dataclass(frozen=True)
class Sight:
    """What of a catalog is seen: what that channel shows at that moment; with no channel, all there is.

    Through the channel a `partner` sees what it may sell there. `drafts` are seen over all by who writes them.
    """

    catalog: Catalog
    channel: str | None
    moment: datetime
    drafts: Sequence[Row] = ()
    partner: str | None = None

    def shows(self, kind: str, order: str) -> int:
        """The places in an order of what is seen; of what a draft says otherwise, none."""
        book = self.catalog.book
        if self.channel is not None:
            return self.catalog.shown_in(self.channel, kind, order, self.moment, partner=self.partner)
        drafted = book.numbers(kind, (row["id"] for row in self.drafts))
        return places.all_of(book.count(kind)) & ~places.of(book.placed(kind, order, drafted))


def page(incoming: Incoming, wanted: Query, kind: str, sight: Sight, language: str, render: Render) -> Response[str]:
    """The page of a kind that is asked for, in that language."""
    headers, asked = {"Content-Language": language}, wanted.only(SEARCH)
    if asked is not None:
        wanted = wanted.without(SEARCH)
        found = _searched(asked, kind, sight, language, wanted)
        return lists.of_bodies(incoming, wanted, [render(stored) for stored in found], headers)
    order, backwards, left = _order(wanted, language)
    shown, left = _served(sight, kind, order, left, language)
    drafts = [stored for stored in _drafted(sight) if wanted.meets(render(stored))]
    shelf = _Shelf(sight.catalog, kind, order, shown, drafts, backwards=backwards)
    begin = lists.after(wanted)
    end = min(begin + READ, len(shelf)) if left.filters or left.sort else len(shelf)

    def read(part: Sequence[int]) -> list[tuple[Any, Json]]:
        between = (part[0], part[-1] + 1) if part else (0, 0)
        return [(at, render(stored)) for at, stored in zip(part, shelf.between(*between), strict=True)]

    return lists.page(incoming, left, Window(range(begin, end), end < len(shelf), read), headers)


def _drafted(sight: Sight) -> list[Json]:
    return [stored for row in sight.drafts if (stored := draft.stored(row)) is not None]


def _order(wanted: Query, language: str) -> tuple[str, bool, Query]:
    """The order that serves a sort, whether it is gone through from its end, and the query that is left."""
    by_name = f"name.{language}"
    served: dict[Path, str] = {("id",): "id", ("name",): by_name}
    if len(wanted.sort) == 1 and (order := served.get(wanted.sort[0][0])):
        return order, wanted.sort[0][1], wanted.unsorted()
    return "id", False, wanted


def _served(sight: Sight, kind: str, order: str, wanted: Query, language: str) -> tuple[int, Query]:
    """The places of what is seen and meets the filters that sets serve, and the query with those that are left."""
    shown, left = sight.shows(kind, order), []
    for tests in wanted.filters:
        if all(test.operator == "eq" and test.path in (*facets.FILTERS, ("id",), ("name",)) for test in tests):
            having = 0
            for test in tests:
                having |= _having(sight.catalog, kind, order, test, language)
            shown &= having
        else:
            left.append(tests)
    return shown, replace(wanted, filters=tuple(left))


def _having(catalog: Catalog, kind: str, order: str, test: Test, language: str) -> int:
    """The places of what has one of the values of a test."""
    if test.path == ("id",):
        return places.of(catalog.book.placed(kind, order, catalog.book.numbers(kind, test.value)))
    if test.path == ("name",):
        numbers = [n for name in test.value for n in _called(catalog, kind, name, language)]
        return places.of(catalog.book.placed(kind, order, numbers))
    found = 0
    for value in test.value:
        for _, _, having in catalog.book.places(kind, order, ".".join(test.path), facets.written(value)):
            found |= having
    return found


def _called(catalog: Catalog, kind: str, name: str, language: str) -> Sequence[int]:
    """The numbers of the resources of exactly that name, which stand together in the order by names."""
    by_name = f"name.{language}"
    numbers = catalog.book.order(kind, by_name)

    def rank(n: int) -> tuple[bool, str]:
        return facets.rank(catalog.book.at(kind, n), by_name, catalog.languages[0])[:2]

    begin = bisect_left(numbers, (False, name), key=rank)
    return numbers[begin : bisect_right(numbers, (False, name), lo=begin, key=rank)]


class _Shelf:
    """What a list goes through: resources of the book in an order, and drafts where they belong among them."""

    def __init__(
        self, catalog: Catalog, kind: str, order: str, shown: int, drafts: list[Json], *, backwards: bool
    ) -> None:
        self.catalog, self.kind, self.order, self.shown, self.backwards = catalog, kind, order, shown, backwards
        self.published = shown.bit_count()
        self.drafts = sorted(drafts, key=self._rank, reverse=backwards)

    def __len__(self) -> int:
        return self.published + len(self.drafts)

    def _rank(self, stored: Json) -> tuple[bool, str, str]:
        return facets.rank(stored, self.order, self.catalog.languages[0])

    def between(self, begin: int, end: int) -> list[Json]:
        """The resources from one place until before another; at most so many more are read as there are drafts."""
        first = max(begin - len(self.drafts), 0)
        window, before = self._published(first, end), 0
        if first and window:
            ranks = sorted(map(self._rank, self.drafts))
            at = bisect_left(ranks, self._rank(window[0]))
            before = len(ranks) - at if self.backwards else at
        found = merge(window, self.drafts[before:], key=self._rank, reverse=self.backwards)
        return [*found][begin - first - before : end - first - before]

    def _published(self, begin: int, end: int) -> list[Json]:
        begin, end = min(begin, self.published), min(end, self.published)
        at = self.published - end if self.backwards else begin
        book, found = self.catalog.book, places.some(self.shown, at, end - begin)
        numbers = book.order(self.kind, self.order)
        return [book.at(self.kind, numbers[place]) for place in (reversed(found) if self.backwards else found)]


def _searched(asked: str, kind: str, sight: Sight, language: str, wanted: Query) -> list[Json]:
    """What is called nearly so, the closest first."""
    catalog, order = sight.catalog, f"name.{language}"
    folded = search.folded(asked[: search.LONGEST])
    among, _ = _served(sight, kind, "id", wanted, language)
    having = lambda gram: catalog.book.having(kind, search.IN + order, gram)  # noqa: E731
    found = [
        catalog.book.at(kind, n) for n in places.some(search.candidates(folded, among, having), 0, search.CANDIDATES)
    ]
    found += [each for each in _drafted(sight) if search.alike(folded, _name(each, order, catalog))]
    return [
        found[at] for at in search.best(folded, ((at, _name(each, order, catalog)) for at, each in enumerate(found)))
    ]


def _name(stored: Json, order: str, catalog: Catalog) -> str:
    return facets.name_in(stored, order, catalog.languages[0]) or ""
