"""Finding one's way in TM Forum answers: the amount, the rule, the line, the place that a person asks about."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Json = Mapping[str, Any]
HOME = "postalAddress"


def offering(thing: Json) -> str:
    """The id of the offering that a line, an item or a product names."""
    return str(thing.get("productOffering", {}).get("id", ""))


def lines(cart: Json, status: str | None = None) -> list[Json]:
    """The lines of a cart, or those of that status."""
    return [line for line in cart["cartItem"] if status in (None, line["status"])]


def line(cart: Json, offered: str) -> Json:
    """The line of a cart with that offering."""
    return next(line for line in cart["cartItem"] if offering(line) == offered)


def amount(prices: Iterable[Json], kind: str) -> Decimal:
    """What prices of that kind (oneTime, recurring) come to."""
    found = (p["price"]["taxIncludedAmount"]["value"] for p in prices if p["priceType"] == kind)
    return sum((Decimal(str(value)) for value in found), Decimal(0))


def rules(prices: Iterable[Json]) -> list[str]:
    """The rules that altered these prices, by name."""
    return [alteration["name"] for price in prices for alteration in price.get("priceAlteration", [])]


def promotion(thing: Json, id_: str) -> Json:
    """A promotion that an offering or a cart tells of."""
    return next(each for each in thing.get("promotion", []) if each["id"] == id_)


def channels(thing: Json, role: str | None = None) -> list[str]:
    """The channels a resource names, or those in that role."""
    return [each["id"] for each in thing.get("channel", []) if role in (None, each.get("role"))]


def about(entry: Json) -> Json:
    """What an entry of the timeline is about, as a reference; empty where it says nothing."""
    return next((item["item"] for item in entry.get("interactionItem", []) if "item" in item), {})


def where(entry: Json) -> str:
    """The channel in which an entry of the timeline happened."""
    return str(entry["channel"][0]["id"])


def entries(timeline: Iterable[Json], reason: str, channel: str | None = None) -> list[Json]:
    """The entries with that reason, or those of that channel."""
    return [entry for entry in timeline if entry["reason"] == reason and channel in (None, where(entry))]


def spanned(timeline: Iterable[Json]) -> set[str]:
    """The channels that a timeline tells of."""
    return {where(entry) for entry in timeline}


def happened(entry: Json) -> str:
    """When an entry of the timeline happened."""
    return str(entry["interactionDate"]["startDateTime"])


def newest_first(timeline: list[Json]) -> bool:
    """Whether a timeline goes backwards in time."""
    moments = [happened(entry) for entry in timeline]
    return moments == sorted(moments, reverse=True)


def place(item: Json, role: str) -> str:
    """The id of the place that an order item names for delivery, installation or billing."""
    named = [*item.get("place", []), *item.get("product", {}).get("place", [])]
    return str(next(each["id"] for each in named if each["role"] == role))


def medium(customer: Json, id_: str) -> Json:
    """A contact medium of a customer by its id, also one that has ended."""
    return next(each for each in customer["contactMedium"] if each["id"] == id_)


def address(medium: Json) -> str:
    """A postal address in one line."""
    said = medium["characteristic"]
    return f"{said['street1']}, {said['postCode']} {said['city']}"


def homes(customer: Json) -> list[Json]:
    """The postal addresses in force, as the answer's reader may see them."""
    media = (each for each in customer["contactMedium"] if each["mediumType"] == HOME)
    return [each for each in media if "endDateTime" not in each.get("validFor", {})]


def related(product: Json, kind: str) -> list[str]:
    """The ids of the products that this one is related to in that way."""
    found = product.get("productRelationship", [])
    return [each["product"]["id"] for each in found if each["relationshipType"] == kind]


def number(thing: Json) -> str:
    """The number of an order, a cart or a message as people read it out."""
    return str(thing["id"])[:8].upper()
