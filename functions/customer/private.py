"""What a person wrote on a cart or an order, told apart from what was decided: it is kept with the customer. Pure."""

from functions.shared import clock
from functions.shared.resource import Json

# Attributes that hold contact data or free text, on a cart, an order or one of their items.
WRITTEN = ("contactMedium", "note", "notificationContact", "description", "cancellationReason")
REFERENCE = frozenset({"id", "href", "role", "name", "@referredType", "@type", "@baseType", "@schemaLocation"})


def parted(body: Json) -> tuple[Json, Json | None]:
    """The body without what a person wrote, and that (None: nothing); an address given by value becomes a reference."""
    written: Json = {name: body[name] for name in WRITTEN if body.get(name)}
    bare = {name: value for name, value in body.items() if name not in written}
    addresses: dict[str, Json] = {}
    if isinstance(bare.get("place"), list):
        bare["place"] = [_referred(place, addresses) for place in bare["place"]]
    if isinstance(product := bare.get("product"), dict) and isinstance(product.get("place"), list):
        bare["product"] = {**product, "place": [_referred(place, addresses) for place in product["place"]]}
    content = {**({"written": written} if written else {}), **({"place": addresses} if addresses else {})}
    return bare, content or None


def _referred(place: Json, addresses: dict[str, Json]) -> Json:
    if not set(place) - REFERENCE and place.get("id"):
        return {name: value for name, value in place.items() if name != "name"}
    id_ = clock.new_id()
    addresses[id_] = place
    return {"id": id_, "role": place["role"], "@referredType": "GeographicAddress"}


def rejoined(body: Json, content: Json | None) -> Json:
    """The body with what was written on it, for those who may see that."""
    if not content:
        return body
    whole = {**body, **content.get("written", {})}
    addresses = content.get("place", {})
    if "place" in whole:
        whole["place"] = [_whole(place, addresses) for place in whole["place"]]
    if "place" in whole.get("product", {}):
        product = whole["product"]
        whole["product"] = {**product, "place": [_whole(place, addresses) for place in product["place"]]}
    return whole


def _whole(place: Json, addresses: dict[str, Json]) -> Json:
    return {**addresses.get(place["id"], {}), **place}
