"""What lines of a cart require and exclude of each other, with all that lies in bundles, against a naive answer."""

from random import Random

import pytest

from functions.cart.cart import Line
from functions.cart.company import unmet
from functions.catalog import configuration, price
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts
from functions.catalog.sale import Item, Sale
from functions.shared.resource import Json
from tests.unit.test_catalog import NOW, catalog, monthly, offering
from tests.unit.test_configuration import part

SINGLE, BUNDLES = tuple("abcdef"), ("fixed", "mixed", "outer")
Barred = set[tuple[str, str, str, frozenset[str]]]  # line, who asks, code, the others


def relationships(random: Random, id_: str) -> list[Json]:
    others = [other for other in SINGLE if other != id_]
    kinds = [kind for kind in ("requires", "excludes") if random.random() < 0.4]
    return [
        {"id": other, "relationshipType": kind}
        for kind in kinds
        for other in random.sample(others, random.choice((1, 2)))
    ]


def made(random: Random) -> Catalog:
    """Six offerings that require and exclude each other, in a bundle of one price, one of parts, and one of these."""
    singles = [offering(id_, "m", productOfferingRelationship=relationships(random, id_)) for id_ in SINGLE]
    within = {name: random.sample(SINGLE, 2) for name in BUNDLES[:2]}
    fixed = offering("fixed", "m", bundledProductOffering=[part(id_, 1) for id_ in within["fixed"]])
    mixed = offering("mixed", bundledProductOffering=[part(id_, 1) for id_ in within["mixed"]])
    outer = offering("outer", "m", bundledProductOffering=[part("fixed", 1), part("mixed", 1)])
    return catalog([*singles, fixed, mixed, outer], [monthly("m", "5.00", tax=None)])


def inside(shop: Catalog, id_: str) -> set[str]:
    """An offering with all that lies in it."""
    held = shop.held["productOffering"][id_].get("bundledProductOffering", [])
    return {id_}.union(*(inside(shop, each["id"]) for each in held))


def expected(shop: Catalog, lines: dict[str, str]) -> Barred:
    """Line by line, offering by offering, as the words say it."""
    there = set().union(*(inside(shop, id_) for id_ in lines.values()))
    named = {
        (id_, kind): {r["id"] for r in stored.get("productOfferingRelationship", []) if r["relationshipType"] == kind}
        for id_, stored in shop.held["productOffering"].items()
        for kind in ("requires", "excludes")
    }
    found: Barred = set()
    for line, id_ in lines.items():
        for asking in inside(shop, id_):
            if (needed := named[asking, "requires"]) and not needed & there:
                found.add((line, asking, "requiresOther", frozenset()))
            against = named[asking, "excludes"] | {each for each in there if asking in named[each, "excludes"]}
            found |= {(line, asking, "excludesOther", frozenset({asking, each})) for each in against & there}
    return found


def told(shop: Catalog, lines: dict[str, str]) -> Barred:
    """What the hub says of such a cart."""
    sale = Sale("web", NOW, "en", Facts())
    held = {line: shop.held["productOffering"][id_] for line, id_ in lines.items()}
    sold: dict[str, list[Item]] = {
        line: configuration.items(line, shop, stored, configuration.look(shop, stored, {}))
        for line, stored in held.items()
    }
    together = [item for items in sold.values() for item in items]
    asked = unmet(
        (Line(line, 1, {}, offering=id_) for line, id_ in lines.items()), sold, sale, price.known(together, sale)
    )
    names = {stored["name"]["en"]: id_ for id_, stored in shop.held["productOffering"].items()}
    found: Barred = set()
    for line, bars in asked.items():
        for bar in bars:
            whose, colon, _ = bar["reason"].partition(": It ")
            asking = names[whose] if colon else lines[line]
            pair = frozenset(each["productOffering"]["id"] for each in bar.get("between", []))
            found.add((line, asking, bar["code"], pair))
    return found


@pytest.mark.parametrize("seed", range(200))
def test_a_cart_asks_of_its_lines_what_a_naive_reader_of_the_catalog_does(seed: int) -> None:
    random = Random(seed)
    shop = made(random)
    lines = {f"l{n}": random.choice((*SINGLE, *BUNDLES)) for n in range(random.choice((1, 2, 3, 4)))}
    assert told(shop, lines) == expected(shop, lines)
