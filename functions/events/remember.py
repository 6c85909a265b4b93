"""The hub's own entries in a customer's timeline: carts, orders, messages and offers viewed, each once."""

from collections.abc import Mapping
from typing import Any

from functions.interaction import interaction, store
from functions.shared import access, clock
from functions.shared.resource import Json

# event -> (reason, sentence, whether the customer came to us). Events that are not here are not a customer's doing.
ENTRIES = {
    "ShoppingCartCreateEvent": ("cartOpened", "Opened a cart.", True),
    "ShoppingCartAttributeValueChangeEvent": ("cartChanged", "Changed the cart.", True),
    "ProductOrderCreateEvent": ("orderPlaced", "Placed order {number}: {what}.", True),
    "ProductOrderStateChangeEvent": ("orderProgress", "Order {number} is {state}.", False),
    "CommunicationMessageCreateEvent": ("messageSent", "Got a message: {stage}.", False),
    "ProductOfferingViewEvent": ("offerViewed", "Looked at {offering}.", True),
}


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Writes one event into the timeline of the customer it concerns; a repeat of it changes nothing."""
    happened = event["detail"]
    entry, customer = ENTRIES.get(happened["eventType"]), _customer(happened)
    if entry is None or customer is None:
        return {"remembered": False}
    reason, sentence, inbound = entry
    about = _about(happened)
    body = interaction.own(
        happened,
        reason=reason,
        description=sentence.format(**_words(happened)),
        about=about,
        customer=customer,
        inbound=inbound,
    )
    row = {"brand": happened["brand"], "market": happened["market"], "correlation_id": happened["correlationId"]}
    _, before = store.save_new(access.hub(row, "remember"), _id(happened, customer, about), body, customer)
    return {"remembered": not before}


def _id(happened: Json, customer: str, about: tuple[str, str]) -> str:
    """One entry per event; of looks at an offer, one per customer, offering, channel and hour."""
    if happened["eventType"] == "ProductOfferingViewEvent":
        hour = happened["eventTime"][:13]
        return clock.derived_id(happened["brand"], "view", customer, about[1], happened["channel"], hour)
    return clock.derived_id(happened["brand"], "remembered", happened["eventId"])


def _customer(happened: Json) -> str | None:
    if "customer" in happened:
        return str(happened["customer"])
    (resource,) = happened["event"].values()
    return next((p["id"] for p in resource.get("relatedParty", []) if p.get("role") == "customer"), None)


def _about(happened: Json) -> tuple[str, str]:
    if "offering" in happened:
        return "productOffering", happened["offering"]
    ((kind, resource),) = happened["event"].items()
    return kind, resource["id"]


def _words(happened: Json) -> dict[str, str]:
    if "offering" in happened:
        return {"offering": happened["offering"]}
    (resource,) = happened["event"].values()
    items = resource.get("productOrderItem", [])
    names = [(item.get("productOffering") or {}).get("name", "") for item in items]
    return {
        "number": resource["id"][:8].upper(),
        "state": str(resource.get("state", "")),
        "what": ", ".join(dict.fromkeys(filter(None, names))),
        "stage": str(resource.get("template", "")),
    }
