"""The hub's own entries in a customer's timeline: carts, orders, messages and offers viewed, each once."""

from collections.abc import Mapping
from typing import Any

from functions.events.happened import customer_of
from functions.interaction import interaction, store
from functions.shared import access, clock
from functions.shared.resource import Json

# event -> (reason, whether the customer came to us). Events that are not here are not a customer's doing.
ENTRIES = {
    "ShoppingCartCreateEvent": ("cartOpened", True),
    "ShoppingCartAttributeValueChangeEvent": ("cartChanged", True),
    "ProductOrderCreateEvent": ("orderPlaced", True),
    "ProductOrderStateChangeEvent": ("orderProgress", False),
    "CommunicationMessageCreateEvent": ("messageSent", False),
    "ProductOfferingViewEvent": ("offerViewed", True),
}
STATES = {
    "inProgress": "is being fulfilled",
    "completed": "is fulfilled",
    "partial": "is fulfilled as far as it can be",
    "failed": "could not be fulfilled",
    "rejected": "was rejected",
    "held": "waits",
    "pending": "waits",
    "assessingCancellation": "may be cancelled",
    "pendingCancellation": "is being cancelled",
    "cancelled": "is cancelled",
}


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Writes one event into the timeline of the customer it concerns; a repeat of it changes nothing."""
    happened = event["detail"]
    entry, customer = ENTRIES.get(happened["eventType"]), _customer(happened)
    if entry is None or customer is None:
        return {"remembered": False}
    reason, inbound = entry
    about = _about(happened)
    body = interaction.own(
        happened,
        reason=reason,
        description=_sentence(reason, happened),
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
    return customer_of(resource)


def _about(happened: Json) -> tuple[str, str]:
    if "offering" in happened:
        return "productOffering", happened["offering"]
    ((kind, resource),) = happened["event"].items()
    return kind, resource["id"]


def _sentence(reason: str, happened: Json) -> str:
    """What happened, for who reads the timeline."""
    if reason == "offerViewed":
        return f"Looked at {happened.get('name') or happened['offering']}."
    (resource,) = happened["event"].values()
    if reason in ("cartOpened", "cartChanged"):
        return _cart(resource, "Opened a cart" if reason == "cartOpened" else "Changed the cart")
    if reason == "messageSent":
        return f"Got a message: {resource.get('template')}."
    number = resource["id"][:8].upper()
    if reason == "orderPlaced":
        names = [(item.get("productOffering") or {}).get("name") for item in resource.get("productOrderItem", [])]
        return f"Placed order {number}: {', '.join(dict.fromkeys(filter(None, names))) or 'no offering of ours'}."
    return f"Order {number} {STATES.get(happened.get('state') or resource.get('state', ''), 'changed')}."


def _cart(cart: Json, did: str) -> str:
    lines = cart.get("cartItem", [])
    named = [(line.get("status"), (line.get("productOffering") or {}).get("id", "a change")) for line in lines]
    now = ", ".join(offering for status, offering in named if status == "active")
    later = ", ".join(offering for status, offering in named if status != "active")
    return f"{did}: {'; '.join(filter(None, [now, later and f'for later {later}'])) or 'nothing in it yet'}."
