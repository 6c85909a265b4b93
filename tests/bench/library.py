"""Catalogs of 1,000, 10,000 and 100,000 offerings: what publishing one takes, and what reading from it does.

Each is put on sale on the stage and asked through the hub's own functions. Times are CPU milliseconds of one thread,
so that another process does not count.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import thread_time
from typing import Any

from functions.catalog import book, check, listing, shelf, store
from functions.catalog.book import Book
from functions.catalog.catalog import Catalog
from functions.catalog.listing import Sight
from functions.shared import access, lists, tmf
from functions.shared.incoming import Incoming, Operation
from tests.bench import catalogs, fresh, offers, sharded
from tests.bench.budgets import Figure, least
from tests.bench.person import OFFERS
from tests.bench.stage import Stage

SIZES = (1_000, 10_000, 100_000)
PATH = f"{tmf.BASE['TMF620']}/productOffering"
KIND, PAGE = "productOffering", 20
LOOKUPS, TIMES = 2000, 7
FAR = 999 * PAGE  # where page 1,000 begins
STEPS = 7  # that `measure` tells of
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
PAGES = {
    "page 1": "",
    "page 1 by name, of a status": "lifecycleStatus=Active&sort=name",
    "page 1 by name, of a category": "category.id=category-3&sort=name",
    "page 1 of bundles": "isBundle=true&isSellable=true",
    "page 1,000 by name": "sort=name&cursor=FAR",
    "page 1,000 backwards, of a status": "lifecycleStatus=Active&sort=-name&cursor=FAR",
    "those of one name": "name=Tarif Aurora 6 S rot",
}
SEARCH = {"search by a name with a typing error": "q=glassfaser 20 L"}
COLD, TRANSFER, MEMORY = "cold: CPU ms up to a first page", "of which S3 alone, once more", "MB of that process"
LOOKUP, PRICED = "look-up by id, ms", f"{offers.LINES} lines priced, {catalogs.PROMOTIONS} promotions, ms"
FIRST = "the same where no price of them was asked before, ms"
# What a figure of the largest catalog may come to at most.
COLD_RATIO, LISTED, QUALIFIED = 1.5, 5.0, 20.0
BUDGETS = {MEMORY: 256.0, LOOKUP: 0.2, PRICED: 2.0}


@dataclass(frozen=True)
class Measured:
    """Of a catalog of that size, by what a figure is of; pages and questions are in CPU milliseconds."""

    size: int
    figures: Mapping[str, float]
    pages: Mapping[str, float]
    asked: Mapping[str, float]
    sharded: Mapping[str, float]


def measure(stage: Stage, size: int, tell: Callable[[str], None] = lambda _: None) -> Measured:
    """Makes a catalog of that size, puts it on sale, and reads from it; `tell` hears what is going on."""
    tell("making it")
    content = catalogs.content(size)
    stage.everywhere()
    with shelf.made(content) as made, TemporaryDirectory() as folder:
        tell("the same as sharded JSON")
        other = _sharded(content, Path(folder, "shards"))
        del content
        store.put_on_sale(made, author="bench")
        catalog = Catalog(made.catalog.version, Book.open(made.file), "2026-01-01T00:00:00.000Z")
        published = _published(catalog, Path(folder, "again"), tell)
        tell("cold starts")
        cold = fresh.first_page("catalog.handler", PATH, PAGE, catalog.version, made.file)
        first = fresh.first_page("offer.handler", OFFERS, PAGE, catalog.version, made.file)
        tell("reading and pricing")
        figures = {
            **published,
            "MB in S3 and on the disk": made.file.stat().st_size / 1e6,
            COLD: cold.cold,
            "the same of offers with prices": first.cold,
            TRANSFER: cold.transfer,
            MEMORY: max(cold.memory, first.memory),
            LOOKUP: least(lambda: _each(lambda id_: catalog.book._find(KIND, id_), size), BUDGETS[LOOKUP]),
            **_priced(catalog),
        }
        within = {what: query for what, query in {**PAGES, **SEARCH}.items() if "FAR" not in query or size > FAR}
        pages = {what: _page(catalog, query) for what, query in within.items()}
        tell("what one customer may have")
        return Measured(size, figures, pages, offers.found(stage, size, QUALIFIED), other)


def _published(catalog: Catalog, path: Path, tell: Callable[[str], None]) -> dict[str, float]:
    """What the function that publishes does: it looks at everything and writes it, a few resources at a time."""
    tell("checking it")
    began = thread_time()
    assert check.check(catalog.content, MOMENT) == []
    checked = thread_time()
    tell("writing it")
    assert book.write(catalog.content, path) == catalog.version
    return {"publish: CPU s to check it": checked - began, "publish: CPU s to write it": thread_time() - checked}


def _each(get: Callable[[str], Any], size: int, times: int = LOOKUPS) -> float:
    ids = list(islice(catalogs.asked_for(size), times))
    began = thread_time()
    for id_ in ids:
        assert get(id_)
    return 1000 * (thread_time() - began) / times


def _priced(catalog: Catalog) -> dict[str, float]:
    items, sale = offers.cart(catalog)
    on = {id_ for item in items for id_ in catalog.promotions_on(item.offering)}
    spent = least(lambda: _median(lambda: offers.priced(items, sale), 50), BUDGETS[PRICED])
    first = _median(lambda: offers.priced_first(items, sale), 15)
    return {PRICED: spent, FIRST: first, "promotions that name one of these lines": len(on)}


def _page(catalog: Catalog, query: str) -> float:
    """A page of what the web shows, as its answer is made; the second time on, as of a warm function."""
    hub = access.hub({"brand": "nova", "market": "DE", "correlation_id": "bench"}, "bench")
    operation = Operation.of("GET", PATH, "catalog.read", "", takes=None, gives=None, status=None)
    wanted = f"{query}&limit={PAGE}".replace("FAR", lists._cursor(FAR - 1))
    incoming = Incoming({"rawPath": PATH, "rawQueryString": wanted, "headers": {}}, hub, operation)
    sight = Sight(catalog, "web", MOMENT)

    def page() -> Any:
        asked = lists.asked(incoming, also=(listing.SEARCH,))
        return listing.page(incoming, asked, KIND, sight, "de", lambda each: catalog.rendered(KIND, each, "de"))

    page()
    return least(lambda: _median(page, TIMES), LISTED)


def _median(run: Callable[[], Any], times: int) -> float:
    spent = []
    for _ in range(times):
        began = thread_time()
        run()
        spent.append(1000 * (thread_time() - began))
    return median(spent)


def _sharded(content: dict[str, Any], folder: Path) -> dict[str, float]:
    folder.mkdir()
    began = thread_time()
    size = sharded.write(content, folder, "web", "de")
    written = thread_time() - began
    opened = _median(lambda: sharded.Sharded(folder), 3)
    held = sharded.Sharded(folder)
    return {
        "CPU s to write it": written,
        "MB": size / 1e6,
        "first use, ms": opened,
        "look-up by id, ms": _each(held.get, len(content[KIND]), 200),
        "page 1 by name, ms": _median(lambda: held.page(0, PAGE), 3),
    }


# --- what it may come to -----------------------------------------------------------------------------------------


def budgeted(found: list[Measured]) -> Iterator[Figure]:
    """The largest catalog against its budgets; only ratios and these few bounds, which leave a machine some room."""
    small, large = found[0], found[-1]
    name = f"catalog of {large.size:,}"
    ratio = (large.figures[COLD] - large.figures[TRANSFER]) / small.figures[COLD]
    yield Figure(f"{name}: cold CPU less the transfer / that of {small.size:,}", ratio, COLD_RATIO, timed=True)
    for what, budget in BUDGETS.items():
        yield Figure(f"{name}: {what}", large.figures[what], budget, timed=what != MEMORY)
    for what, spent in large.pages.items():
        if what not in SEARCH:
            yield Figure(f"{name}: {what}, ms", spent, LISTED, timed=True, group=f"{name}: ms of a page")
    for what, spent in large.asked.items():
        yield Figure(f"{name}: {what}, ms", spent, QUALIFIED, timed=True)


def rows(found: list[Measured]) -> list[list[str]]:
    """A line for each figure, a column for each size."""
    told = [
        {
            **each.figures,
            **{f"{what}, ms": spent for what, spent in {**each.pages, **each.asked}.items()},
            **{f"sharded JSON: {what}": figure for what, figure in each.sharded.items()},
        }
        for each in found
    ]
    return [[what, *(f"{each[what]:.2f}" if what in each else "" for each in told)] for what in told[-1]]
