"""The promotions of a cart as an agent reads them: what is given, what could be, and what to add for more. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from functions.catalog import phrases
from functions.catalog.meeting import Saved
from functions.offer import task
from functions.offer.browse import Browsed, Combination
from functions.offer.near import Lack, Near
from functions.offer.qualification import Shop
from functions.shared import tmf
from functions.shared.resource import Json, ref

KIND = "cartPromotion"
# given: the cart has it; applicable: it could have it, but what it has is better; near: it lacks something.
GIVEN, APPLICABLE, NEAR = "given", "applicable", "nearlyApplicable"


def told(cart_id: str, shop: Shop, browsed: Browsed, near: list[Near]) -> Json:
    """All of it, best first; savings are what each would take off by itself, combinations what they do together."""
    best = browsed.together[0]
    body = {
        "shoppingCart": ref(cart_id, tmf.href("shoppingCart", cart_id), "ShoppingCart"),
        **_saved(shop, best.saved),
        "promotion": [*_applicable(shop, browsed), *_near(shop, near)],
        "combination": [_combination(shop, each, given=each is best) for each in browsed.together],
    }
    return tmf.resource(KIND, cart_id, body)


def _applicable(shop: Shop, browsed: Browsed) -> Iterator[Json]:
    given = browsed.together[0].promotions
    for each in browsed.alone:
        for id_ in each.promotions:
            yield {
                **_promotion(shop, id_),
                "state": GIVEN if id_ in given else APPLICABLE,
                **_saved(shop, each.saved),
            }


def _near(shop: Shop, near: list[Near]) -> Iterator[Json]:
    for each in near:
        yield {
            **_promotion(shop, each.id),
            "state": NEAR,
            **_saved(shop, each.saved),
            "canBeApplied": each.addable,
            "lack": [_lack(shop, lack) for lack in each.lacks],
        }


def _promotion(shop: Shop, id_: str) -> Json:
    """A promotion's own words and dates, as TMF671 has them."""
    catalogs = (shop.catalog, *(item.catalog for item in shop.beside))  # what a cart is pinned to may have left since
    stored = next(found for catalog in catalogs if (found := catalog.held["promotion"].get(id_)))
    told: Json = {"id": id_, "href": tmf.href("promotion", id_)}
    told |= {name: stored[name] for name in ("promotionType", "validFor", "exclusivityGroup") if name in stored}
    return told | {
        name: shop.catalog.text(stored[name], shop.sale.language)
        for name in ("name", "description")
        if stored.get(name)
    }


def _combination(shop: Shop, each: Combination, *, given: bool) -> Json:
    named = [
        {name: value for name, value in _promotion(shop, id_).items() if name in ("id", "href", "name")}
        for id_ in each.promotions
    ]
    return {"given": given, "promotion": named, **_saved(shop, each.saved)}


def _saved(shop: Shop, saved: Saved) -> Json:
    unit = shop.sale.currency or shop.catalog.currency
    return {"saving": {"unit": unit, "value": saved.ever}, "savingAtFirst": {"unit": unit, "value": saved.at_first}}


def _lack(shop: Shop, lack: Lack) -> Json:
    """What to add, as data and as a sentence."""
    language, text = shop.sale.language, shop.catalog.text
    value = str(lack.value)
    told: Json = {"kind": lack.kind}
    if lack.kind == "offering":
        told["productOffering"] = task.offered(shop, value, shop.catalog.offering(value))
        value = told["productOffering"].get("name", value)
        if lack.category:
            told["category"] = {"id": lack.category, "href": tmf.href("category", lack.category)}
    elif lack.kind == "quantity":
        told |= {"quantity": int(lack.value), **({"cartItem": lack.line} if lack.line else {})}
    elif lack.kind == "campaign":
        told["campaign"] = value
    else:
        unit = shop.sale.currency or shop.catalog.currency
        told["amount"] = {"unit": unit, "value": lack.value}
        value = phrases.amount(shop.catalog, unit, Decimal(lack.value), language)
    return {**told, "label": text(phrases.ADD[lack.kind], language).format(value)}
