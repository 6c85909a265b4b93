"""What an installed product is, and what an order item does to it: installs, extends, changes its terms, ends it.

A product keeps the terms it was sold on; nothing here looks at today's catalog.
"""

from collections.abc import Mapping
from typing import Any

from functions.shared import clock, tmf
from functions.shared.resource import Json

# kind of item -> what it does to the installed base. A new kind is a row.
EFFECT = {
    "sale": "install",
    "portIn": "install",
    "addOn": "extend",
    "planChange": "terms",
    "prepaidToPostpaid": "terms",
    "renew": "terms",
    "upgrade": "terms",
    "move": "change",
    "numberChange": "change",
    "simSwap": "change",
    "replace": "change",
    "ownershipChange": "change",
    "suspend": "suspend",
    "resume": "resume",
    "disconnect": "end",
    "portOut": "end",
}
# What a customer chooses of a product; all else of it is for the hub to say.
CHOSEN = frozenset({"productCharacteristic", "place", "isCustomerVisible"})
# What a product is sold on; new terms replace all of it.
TERMS = frozenset({"name", "productOffering", "catalogVersion", "productPrice", "productTerm", "agreement"})
STATUS = {"suspend": "suspended", "resume": "active", "end": "terminated"}


def id_of(order: str, item: str, unit: int = 0) -> str:
    """The id of the product that one unit of an order item becomes."""
    return clock.derived_id("product", order, item, str(unit))


def new(order: Json, item: Json, given: Json) -> Json:
    """The product that one unit of an item becomes, active from now, on the terms of the order."""
    product = {k: v for k, v in (item.get("product") or {}).items() if k in CHOSEN}
    relationships: list[Json] = []
    if EFFECT[item["kind"]] == "extend":
        parent = item["product"]["id"]
        relationships.append(_related("reliesOn", parent))
    body: Json = {
        **product,
        "status": "active",
        "startDate": clock.text(clock.now()),
        "orderDate": order["orderDate"],
        "productSerialNumber": given.get("serial"),
        **terms(order, item),
        "productOrderItem": [_sold_as(order, item)],
        "relatedParty": item.get("relatedParty"),
        "billingAccount": item.get("billingAccount"),
        "productRelationship": relationships or None,
        "externalReference": [],
    }
    return {k: v for k, v in body.items() if v is not None}


def terms(order: Json, item: Json) -> Json:
    """The terms an item is sold on: offering, catalog version, prices, term and agreement."""
    prices = [
        {**{k: v for k, v in p.items() if k != "priceAlteration"}, "productPriceAlteration": p.get("priceAlteration")}
        for p in item.get("itemPrice", [])
    ]
    start = clock.text(clock.now())
    found: Json = {
        "name": (item.get("productOffering") or {}).get("name"),
        "productOffering": item.get("productOffering"),
        "catalogVersion": order["catalogVersion"],
        "productPrice": [{k: v for k, v in p.items() if v is not None} for p in prices],
        "productTerm": [{**t, "validFor": {"startDateTime": start}} for t in item.get("itemTerm", [])] or None,
        "agreement": order.get("agreement"),
    }
    return {k: v for k, v in found.items() if v is not None}


def _related(kind: str, id_: str) -> Json:
    return {
        "relationshipType": kind,
        "product": {"id": id_, "href": tmf.href("product", id_), "@referredType": "Product"},
    }


def extended_by(id_: str) -> Json:
    """How a product names the add-on that relies on it."""
    return _related("hasAddOn", id_)


def _sold_as(order: Json, item: Json) -> Json:
    return {
        "orderItemId": item["id"],
        "orderItemAction": item["action"],
        "productOrderId": order["id"],
        "productOrderHref": tmf.href("productOrder", order["id"]),
        "@referredType": "ProductOrder",
    }


def changed(body: Json, order: Json, item: Json) -> Json:
    """The installed product after an item that changes or ends it."""
    effect = EFFECT[item["kind"]]
    after = {**body, "productOrderItem": [*body.get("productOrderItem", []), _sold_as(order, item)]}
    if effect == "terms":
        after = {k: v for k, v in after.items() if k not in TERMS} | terms(order, item)
    if effect in STATUS:
        after["status"] = STATUS[effect]
    if effect == "end":
        after["terminationDate"] = clock.text(clock.now())
    sent = item.get("product") or {}
    for name in ("productCharacteristic", "place"):
        if effect in ("change", "terms") and sent.get(name):
            after[name] = _merged(body.get(name, []), sent[name], "name" if name == "productCharacteristic" else "role")
    return after


def _merged(held: list[Json], sent: list[Json], by: str) -> list[Json]:
    return list(({each[by]: each for each in held} | {each[by]: each for each in sent}).values())


def render(row: Mapping[str, Any]) -> Json:
    """The product of a row, with the order item that is still open on it."""
    body = dict(row["body"])
    if pending := row.get("pending"):
        body["pendingChange"] = {"productOrder": pending["order"], "orderItem": pending["items"][0]}
    return tmf.resource("product", row["id"], body)
