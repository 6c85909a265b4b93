"""The carts that are open at a running hub, as samples to try a catalog with."""

from collections.abc import Iterator
from hashlib import sha256

from cli.operator import Operator
from cli.samples import Sample, sample
from functions.shared import tmf
from functions.shared.resource import Json

LIST = f"{tmf.BASE['TMF663']}/shoppingCart?state=active&fields=channel,cartItem,state&limit=100"
KEPT = ("action", "quantity", "productOffering", "status")  # of a line


def of(olga: Operator, most: int) -> Iterator[Json]:
    """The open carts, the newest first, at most that many."""
    return (each for each in olga.pages(LIST, most) if each.get("cartItem"))


def samples(olga: Operator, most: int) -> list[Sample]:
    """The same as samples, by their own ids."""
    return [sample(cart, number) for number, cart in enumerate(of(olga, most), 1)]


def nameless(cart: Json, catalog: Json) -> Json:
    """What is in a cart and where it is, without whose it is: neither the id by which it opens, nor what was typed."""
    offered = {
        (each.get("name"), str(value.get("value")))
        for specification in catalog.get("productSpecification") or []
        for each in specification.get("productSpecCharacteristic") or []
        for value in each.get("productSpecCharacteristicValue") or []
    }
    items = [_item(each, offered) for each in cart["cartItem"]]
    return {
        "id": sha256(cart["id"].encode()).hexdigest()[:12],
        "channel": cart["channel"][-1]["id"],
        "cartItem": items,
    }


def _item(item: Json, offered: set[tuple[str, str]]) -> Json:
    kept = {name: item[name] for name in KEPT if name in item}
    kept["productOffering"] = {"id": item["productOffering"]["id"]}
    chosen = [
        {"name": each["name"], "value": each["value"]}
        for each in (item.get("product") or {}).get("productCharacteristic") or []
        if (each.get("name"), str(each.get("value"))) in offered
    ]
    if chosen:
        kept["product"] = {"productCharacteristic": chosen}
    if item.get("cartItem"):
        kept["cartItem"] = [_item(each, offered) for each in item["cartItem"]]
    return kept
