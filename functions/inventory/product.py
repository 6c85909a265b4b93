"""What an installed product is, and what an order item does to it: installs, extends, changes its terms, ends it.

A product keeps the terms it was sold on; nothing here looks at today's catalog.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Any

from functions.catalog import bills, sold
from functions.catalog.bills import Sold
from functions.customer import private
from functions.inventory import raised
from functions.shared import clock, shape, tmf
from functions.shared.access import Caller
from functions.shared.errors import Malformed, RuleBroken
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
TERMS = frozenset(
    {"name", "productOffering", "isBundle", "product", "catalogVersion", "productPrice", "productTerm", "agreement"}
)
ENDED = ("terminated", "cancelled")
# What leaves the terms as they are: an item like that which names the product's own offering sells nothing.
KEEPS = frozenset({"change", "suspend", "resume"})
# What ends a product, or the terms it has.
GIVES_UP = frozenset({"terms", "end"})
STATUS = {"suspend": "suspended", "resume": "active", "end": "terminated"}


# Where a product may go when an operator corrects it. What the standard spells with a blank behind is kept without.
STATES: dict[str, frozenset[str]] = {
    "created": frozenset({"pendingActive", "active", "cancelled", "aborted"}),
    "pendingActive": frozenset({"active", "cancelled", "aborted"}),
    "active": frozenset({"suspended", "pendingTerminate", "terminated"}),
    "suspended": frozenset({"active", "pendingTerminate", "terminated"}),
    "pendingTerminate": frozenset({"active", "terminated"}),
    "cancelled": frozenset(),
    "terminated": frozenset(),
    "aborted": frozenset(),
}
OURS = frozenset({"comingPrice", "pendingChange", "@type"})  # what the hub says of a product, whatever is sent


def brought(sent: Json, caller: Caller) -> Json:
    """The product that an operator brings along; where it comes from is on it."""
    body = {k: v for k, v in sent.items() if k not in OURS}
    body["status"] = body["status"].strip()
    if "relatedParty" in sent:  # whoever refers to a party need not know what it is
        body["relatedParty"] = [{"@referredType": "Party", **party} for party in sent["relatedParty"]]
    body.setdefault("origin", {"type": "system", "system": caller.client_id})
    body.setdefault("externalReference", [])
    return body


def corrected(held: Json, patch: Json) -> Json:
    """The product after a merge patch; raises RuleBroken where no way leads to its new status."""
    after = private.merged(held, {k: v for k, v in patch.items() if k not in OURS})
    if faults := shape.check({k: v for k, v in after.items() if v is not None}, "TMF637", "Product_Create"):
        raise Malformed(faults[0], faults=faults)
    was, to = held["status"], after["status"].strip()
    if to != was and to not in STATES[was]:
        raise RuleBroken(f"A product that is {was} cannot become {to}.", code="wrongState", state=was)
    return {**after, "status": to}


def sold_as(body: Json) -> str | None:
    """The offering that a product was sold as."""
    return (body.get("productOffering") or {}).get("id")


def renewed(kind: str, body: Json) -> str | None:
    """The offering of an item of that kind about a product, where it names none: to be renewed is to stay the same."""
    return sold_as(body) if kind == "renew" else None


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
        **_parts(item),
        "catalogVersion": order["catalogVersion"],
        "productPrice": [{k: v for k, v in p.items() if v is not None} for p in prices],
        "productTerm": [{**t, "validFor": {"startDateTime": start}} for t in item.get("itemTerm", [])] or None,
        "agreement": order.get("agreement"),
    }
    return {k: v for k, v in found.items() if v is not None}


def _parts(item: Json) -> Json:
    """What lies in one unit of a bundle, with what was chosen of it: `quantity` tells where it is several of a kind."""
    found = [
        {
            "name": (part.get("productOffering") or {}).get("name"),
            "productOffering": part.get("productOffering"),
            "productCharacteristic": (part.get("product") or {}).get("productCharacteristic"),
            "quantity": units if (units := part.get("quantity", 1)) != 1 else None,
            **_parts(part),
        }
        for part in item.get("productOrderItem", [])
    ]
    parts = [{k: v for k, v in part.items() if v is not None} for part in found]
    return {"isBundle": True, "product": parts} if parts else {}


def chosen(body: Json, said: Json) -> Json:
    """What was chosen of a product and of what lies in it, as a cart's line tells it; what the line `said` counts."""
    found: Json = {}
    product = said.get("product") or {}
    if characteristics := body.get("productCharacteristic"):
        characteristics = _merged(characteristics, product.get("productCharacteristic") or [], "name")
        found["product"] = {**product, "productCharacteristic": characteristics}
    if parts := [part for part in body.get("product") or [] if sold_as(part) is not None]:
        found["cartItem"] = [_part(part) for part in parts]
    return found


def _part(body: Json) -> Json:
    units = {"quantity": body["quantity"]} if "quantity" in body else {}
    return {"productOffering": {"id": sold_as(body)}, **units, **chosen(body, {})}


def holding(body: Json) -> Iterator[Json]:
    """A product, then what lies in it, at any depth."""
    left = [body]
    while left:
        each = left.pop(0)
        yield each
        left += each.get("product") or []


def offerings(body: Json) -> list[str]:
    """The ids of the offerings that a product is of: the one it was sold as, then those of what lies in it."""
    return [id_ for each in holding(body) if (id_ := sold_as(each)) is not None]


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


def now(row: Mapping[str, Any]) -> Json:
    """The product that a row holds, as it is now: each rise of its prices that counts is in them."""
    return raised.as_of(row["body"], row.get("rises", []), clock.now())


def render(row: Mapping[str, Any], kept: Json | None = None) -> Json:
    """The product of a row, with what was written on it, what it will cost, and the order item still open on it."""
    body: Json = {**private.rejoined(now(row), kept)}
    if coming := raised.coming(row.get("rises", []), clock.now()):
        body["comingPrice"] = coming
    if pending := row.get("pending"):
        body["pendingChange"] = {"productOrder": pending["order"], "orderItem": pending["items"][0]}
    return tmf.resource("product", row["id"], body)


def billed(row: Mapping[str, Any], rounding: Mapping[str, str], zone: tzinfo) -> tuple[Sold, datetime]:
    """A product at the prices and on the term it was sold on, as they rise, and since when it runs on these."""
    body = now(row)
    eras = raised.by_day(row["body"], row.get("rises", []), clock.now(), zone)
    term = bills.longest(body.get("productTerm") or [])
    since = ((term or {}).get("validFor") or {}).get("startDateTime") or body.get("startDate") or row["created"]
    found = Sold(
        {"id": row["id"], "@referredType": "Product"},
        1,
        sold.charges(body.get("productPrice") or [], [], rounding),
        term,
        (body.get("billingAccount") or {}).get("id"),
        [(day, sold.charges(then.get("productPrice") or [], [], rounding)) for day, then in eras],
    )
    return found, clock.moment(since)
