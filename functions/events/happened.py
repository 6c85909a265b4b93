"""The event a stored row is: its TM Forum name, envelope and payload, from the two images of a stream record. Pure.

One version of a row is exactly one event. Personal data does not travel: customer, party and account events carry
references only, whoever may see more reads it at its address.
"""

from collections.abc import Mapping
from typing import Any

from functions.catalog import words
from functions.shared import tmf

Json = dict[str, Any]

DOMAIN = {
    "TMF620": "productCatalog",
    "TMF622": "productOrdering",
    "TMF629": "customerManagement",
    "TMF632": "party",
    "TMF637": "productInventory",
    "TMF663": "shoppingCart",
    "TMF671": "promotionManagement",
    "TMF679": "productOfferingQualification",
    "TMF681": "communicationManagement",
    "TMF683": "partyInteraction",
    "omnihub": "omnihub",
}
# What of the personal nouns may travel.
IMPERSONAL = {
    "customer": ("status", "state", "engagedParty"),
    "individual": ("status", "state"),
    "organization": ("status", "state"),
    "billingAccount": ("state", "currency"),
    "customerPrice": ("state", "productOfferingPrice", "price", "validFor", "reason"),
    "productOfferingQualification": (
        "state",
        "qualificationResult",
        "productOfferingQualificationDate",
        "channel",
        "productOfferingQualificationItem",  # and of each what `QUALIFIED` names
    ),
    "partyInteraction": ("status", "reason", "direction", "creationDate", "interactionDate", "channel", "relatedParty"),
}
QUALIFIED = ("id", "state", "qualificationItemResult")
# Of these nobody is told: who may do what and who did is nobody else's business, and of jobs the standard has no event.
UNTOLD = frozenset({"accessRecord", "catalogCheck", "exportJob", "grant", "importJob"})
DRAFTED = ("TMF620", "TMF671")  # the rows of these are drafts
STATE_CHANGE = {"partyInteraction": "StatusChange"}  # so the standard spells it there
LARGEST = 200_000  # bytes; a bus entry may have 256 KB, an event beyond this carries its address only


def event(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Json | None:
    """The TM Forum event between two images of a row (None: there was none); None for a technical row."""
    row = new or old or {}
    kind = row.get("type")
    if kind not in tmf.API or kind in UNTOLD:
        return None
    if tmf.API[kind] in DRAFTED:
        # A draft that was published is cleared away: that is nothing that happened to the resource.
        return _told(new, _drafted(new), new["version"]) if new and "folded" not in new else None
    return _told(row, _change(kind, old, new), row["version"] if new else row["version"] + 1)


def _qualified(kind: str, body: Json) -> Json:
    """Of a qualification, what of each item is no person's: the standard knows none without items."""
    if kind != "productOfferingQualification":
        return {}
    items = body.get("productOfferingQualificationItem", [])
    return {"productOfferingQualificationItem": [{k: i[k] for k in QUALIFIED if k in i} for i in items]}


def _told(row: Mapping[str, Any], change: str, version: int) -> Json:
    kind = row["type"]
    name = f"{tmf.type_of(kind)}{change}Event"
    return {
        "eventId": f"{kind}-{row['id']}-{version}",
        "eventTime": row["at"],
        "timeOcurred": row["at"],
        "eventType": name,
        "correlationId": row["correlation_id"],
        "domain": DOMAIN[tmf.API[kind]],
        "title": name,
        "sequence": version,
        "brand": row["brand"],
        "market": row["market"],
        "channel": row["channel"],
        "by": row["by"],
        "role": row["role"],
        **{name: row[name] for name in ("partner", "above", "reason") if row.get(name)},
        "event": {kind: _resource(kind, row)},
    }


def _drafted(row: Mapping[str, Any]) -> str:
    """What a draft does to its resource; since drafts come and go, the row itself says what was before."""
    before = {"body": {"lifecycleStatus": row["before"]}} if "before" in row else None
    return _change(row["type"], before, None if row.get("gone") else row)


def _change(kind: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    if old is None:
        return "Create"
    if new is None:
        return "Delete"
    if _state(old) != _state(new):
        return STATE_CHANGE.get(kind, "StateChange")
    return "AttributeValueChange"


def _state(row: Mapping[str, Any]) -> Any:
    body = row["body"]
    return body.get("state", body.get("status", body.get("lifecycleStatus")))


def _resource(kind: str, row: Mapping[str, Any]) -> Json:
    if kind == "eventSubscription":  # its callback may hold a secret, and its address depends on its API
        return {"id": row["id"], "@type": tmf.type_of(kind)}
    body = row["body"]
    if kind in IMPERSONAL:
        body = {k: body[k] for k in IMPERSONAL[kind] if k in body} | _qualified(kind, body)
    if kind == "shoppingCart":
        body = _cart(row)
    if tmf.API[kind] in DRAFTED:
        body = words.spoken(body, row["language"])
    resource = tmf.resource(kind, row["id"], body)
    if (customer := row.get("customer")) and kind != "cancelProductOrder":  # which knows no parties
        known = {party["id"] for party in resource.get("relatedParty", [])}
        if customer not in known:
            party = {
                "id": customer,
                "href": tmf.href("customer", customer),
                "role": "customer",
                "@referredType": "Customer",
            }
            resource["relatedParty"] = [party, *resource.get("relatedParty", [])]
    return resource


def _cart(row: Mapping[str, Any]) -> Json:
    """A cart's event says what was decided; prices are computed by who reads the cart."""
    lines = sorted(row["body"]["cartItem"].items())
    body: Json = {
        "state": row["body"]["state"],
        "catalogVersion": row["catalog_version"],
        "channel": [{"id": c, "role": "origin" if t.get("origin") else "touched"} for c, t in row["touches"].items()],
        "cartItem": [_line(id_, line, row["opened"]) for id_, line in lines],
        "validFor": {"startDateTime": row["created"]},
    }
    if order := row.get("order"):
        body["productOrder"] = {"id": order, "href": tmf.href("productOrder", order), "@referredType": "ProductOrder"}
    return body


def _line(id_: str, line: Mapping[str, Any], opened: Mapping[str, Any]) -> Json:
    item: Json = {
        "id": id_,
        "@type": "CartItem",
        "quantity": line["quantity"],
        "action": line.get("action", "add"),
        "status": "saveForLater" if line.get("saved") else "active",
        "touch": _touch(line, opened),
    }
    if offering := line.get("offering"):
        item["productOffering"] = {"id": offering}  # its address follows from its id; a bus is paid by the byte
    return item


def _touch(line: Mapping[str, Any], opened: Mapping[str, Any]) -> Json:
    who = line if "by" in line else opened  # a line says who only where it was not who opened the cart
    touch: Json = {"by": who["by"], "channel": who["channel"], "at": line["at"]}
    if "outlet" in who:
        touch["outlet"] = who["outlet"]
    return touch


def shortened(happened: Json) -> Json:
    """An event too large for the bus: its resource by address only, and beside it whose it is and its state."""
    ((kind, resource),) = happened["event"].items()
    told = {"customer": customer_of(resource), "state": resource.get("state")}
    address = {k: resource[k] for k in ("id", "href", "@type")}
    return {**happened, **{k: v for k, v in told.items() if v}, "event": {kind: address}}


def customer_of(resource: Mapping[str, Any]) -> str | None:
    """The customer that an event's resource belongs to."""
    return next((party["id"] for party in resource.get("relatedParty", []) if party.get("role") == "customer"), None)
