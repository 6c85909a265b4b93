"""What one customer may have of a catalog, asked of the real function: TMF679, and pages of offers with their prices.

She is in some segments, lives somewhere and has been a customer for a while: what the rules of `catalogs` ask for.
"""

from decimal import Decimal
from functools import partial
from typing import Any

from functions.catalog import meeting, price
from functions.catalog import sale as sales
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts
from functions.catalog.sale import Item, Sale
from functions.shared import clock
from tests.bench import catalogs
from tests.bench.budgets import least
from tests.bench.measure import measure
from tests.bench.person import CUSTOMERS, OFFERS, QUALIFICATIONS, Person
from tests.bench.scenes import Scene
from tests.bench.stage import Event, Stage

GROUP = "group-4"
LINES, TIMES = 10, 15


def found(stage: Stage, size: int, budget: float) -> dict[str, float]:
    """CPU milliseconds of each question where a catalog of that size is on sale, without its calls of AWS."""
    ids = catalogs.chosen(size, LINES)
    scenes = {
        "TMF679: may she have one offering": partial(_asked, item={"id": "1", "productOffering": {"id": ids[0]}}),
        "TMF679: what she may have of a category": partial(_asked, item={"id": "1", "category": {"id": "category-3"}}),
        "offers with prices, the first 20": partial(_page, limit=20),
        "offers with prices, the first 100": partial(_page, limit=100),
    }
    asked = [Scene(what, "offer.handler", prepare) for what, prepare in scenes.items()]
    return {scene.name: least(partial(_cpu, stage, scene), budget) for scene in asked}


def _cpu(stage: Stage, scene: Scene) -> float:
    spent = measure(stage, scene, times=TIMES).cpu
    assert spent, scene.name
    return spent.handler - spent.botocore


def _known(ann: Person) -> Person:
    told = {"characteristic": [{"name": "group", "value": GROUP}]}
    ann.ask("customer.handler", "PATCH", f"{CUSTOMERS}/{ann.id}", told, claims=ann.agent)
    return ann


def _asked(ann: Person, item: dict[str, Any]) -> Event:
    return _known(ann).event("POST", QUALIFICATIONS, {"productOfferingQualificationItem": [item]})


def _page(ann: Person, limit: int) -> Event:
    return _known(ann).event("GET", OFFERS, query=f"limit={limit}")


def cart(catalog: Catalog) -> tuple[list[Item], Sale]:
    """Ten lines from all over a catalog, of hers."""
    ids = catalogs.chosen(len(catalog.held["productOffering"]), LINES)
    items = [Item(str(n), catalog, catalog.held["productOffering"][id_]) for n, id_ in enumerate(ids)]
    facts = Facts({"customer.group": GROUP, "tenure": Decimal(30), "place.postcode": "10115"})
    return items, Sale("web", clock.now(), "de", facts)


def priced(items: list[Item], sale: Sale) -> None:
    """Prices that cart; some of its many promotions are given."""
    assert any(charge.rules for charges in price.priced(items, sale).values() for charge in charges)


def priced_first(items: list[Item], sale: Sale) -> None:
    """The same in a function that has not priced any of it, with these promotions or others."""
    for known in (price._reached, sales.list_price, sales._list_price_with, price._by_pattern, meeting._after):
        known.cache_clear()
    priced(items, sale)
