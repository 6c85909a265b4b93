"""One offer of an offers query: an offering with the rules on it and what one of it costs beside the cart. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from functions.catalog import charge, price
from functions.catalog.choice import best
from functions.offer import qualification, task, term
from functions.offer.qualification import Rule, Shop, qualifies
from functions.shared import tmf
from functions.shared.resource import Json, ref


class Offer(NamedTuple):
    """An offering and every rule on it."""

    offering: Json
    rules: list[Rule]


def every(shop: Shop, category: str | None, *, barred_too: bool) -> Iterator[Offer]:
    """The offers of a category or of all: what can be had, and where it is asked for what is shown and cannot."""
    if not barred_too:
        yield from (Offer(*each) for each in qualification.qualifying(shop, category))
        return
    for offering in qualification.shown(shop, category):
        yield Offer(offering, qualification.of(shop, offering))


def told(shop: Shop, found: Offer) -> Json:
    """The offer as it is answered."""
    catalog, offering, sale = shop.catalog, found.offering, shop.sale
    items = shop.items(offering)
    asked = price.asked(items, sale, shop.facts(*items))
    charges = best(asked)
    body: Json = {
        "id": offering["id"],
        "@type": "Offer",
        "productOffering": task.offered(shop, offering["id"], offering),
        "category": [_category(shop, each["id"]) for each in offering.get("category", []) if "id" in each],
        "qualified": qualifies(found.rules),
        "itemPrice": [each.tmf for each in charges],
        "itemTotalPrice": charge.totals([(1, charges)]),
        "termTotal": {"unit": sale.currency or catalog.currency, "value": term.total(asked.slots, charges)},
        "qualificationRule": [task.rule_told(shop, rule) for rule in found.rules],
    }
    if "description" in offering:
        body["description"] = catalog.text(offering["description"], sale.language)
    return body


def _category(shop: Shop, id_: str) -> Json:
    held = shop.catalog.held["category"].get(id_)
    name = {"name": shop.catalog.text(held["name"], shop.sale.language)} if held else {}
    return ref(id_, tmf.href("category", id_), "Category", **name)
