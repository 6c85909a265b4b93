"""What a person wrote on a cart or an order, told apart from what was decided: it is kept with the customer. Pure.

What is taken out is kept by its path ("product/place/0"), at whatever depth it stood.
"""

from collections.abc import Iterator
from typing import Any

from functions.shared import clock, tmf
from functions.shared.resource import Json, nameless

# Attributes that hold contact data or free text, wherever they stand.
WRITTEN = frozenset({"contactMedium", "note", "notificationContact", "description", "cancellationReason"})
# What the hub says itself, in the catalog's words: nobody's own.
OURS = frozenset({"itemPrice", "itemTotalPrice", "orderTotalPrice", "itemTerm", "touch", "channel", "productOffering"})
PARTNERS = frozenset({"seller", "provider"})  # roles that the hub gives to partners on what is sold
REFERENCE = frozenset({"id", "href", "role", "name", "@referredType", "@type", "@baseType", "@schemaLocation"})


def parted(body: Json) -> tuple[Json, Json | None]:
    """The body without what a person wrote, and that by its path (None: nothing).

    An address given by value becomes a reference; the name of a party is dropped, it is known where the party is,
    unless it is a partner's, which the hub says from its catalog.
    """
    taken: Json = {}
    return _bare(body, "", taken), taken or None


def _bare(value: Any, path: str, taken: Json) -> Any:
    if isinstance(value, list):
        return [_bare(each, f"{path}{i}/", taken) for i, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    bare: Json = {}
    for name, inner in value.items():
        if name in OURS:
            bare[name] = inner
        elif name in WRITTEN and inner != []:
            taken[f"{path}{name}"] = inner  # a null too: it takes back what was written before
        elif name == "place" and isinstance(inner, list):
            bare[name] = [_referred(place, f"{path}{name}/{i}", taken) for i, place in enumerate(inner)]
        elif name == "relatedParty" and isinstance(inner, list):
            bare[name] = [party if _is_partner(party) else nameless([party])[0] for party in inner]
        else:
            bare[name] = _bare(inner, f"{path}{name}/", taken)
    return bare


def _is_partner(party: Json) -> bool:
    """Whether the hub itself said who that is: of what is sent, no party keeps its name."""
    return party.get("role") in PARTNERS and party.get("@referredType") == "Organization"


def _referred(place: Json, path: str, taken: Json) -> Json:
    if not set(place) - REFERENCE and place.get("id"):
        return {name: value for name, value in place.items() if name != "name"}
    taken[path] = place
    return {"id": clock.new_id(), "role": place["role"], "@referredType": "GeographicAddress"}


def merged(held: Json, patch: Json) -> Json:
    """A body after a merge patch. A null for what a person wrote stays: it lies elsewhere, and goes there."""
    taken_back = {name: None for name, value in patch.items() if value is None and name in WRITTEN}
    after: Json = tmf.merge_patch(held, patch)
    return {**after, **taken_back}


def joined(before: Json | None, taken: Json | None) -> Json | None:
    """What was written before with what is written now; a null takes back. None where nothing new is said."""
    return {path: value for path, value in {**(before or {}), **taken}.items() if value is not None} if taken else None


def rejoined(body: Json, taken: Json | None) -> Json:
    """The body with what was written on it, for those who may see that."""
    for path, value in (taken or {}).items():
        body = _put(body, path.split("/"), value)
    return body


def _put(into: Any, path: list[str], value: Any) -> Any:
    """A copy with the value at that path; an address joins the reference that stands there. Nothing where no way is."""
    name, rest = path[0], path[1:]
    if isinstance(into, list):
        at = int(name)
        return [_below(each, rest, value) if i == at else each for i, each in enumerate(into)]
    if not isinstance(into, dict) or (rest and name not in into):
        return into
    return {**into, name: _below(into.get(name), rest, value)}


def _below(held: Any, rest: list[str], value: Any) -> Any:
    if rest:
        return _put(held, rest, value)
    return {**value, **held} if isinstance(held, dict) and isinstance(value, dict) else value


def of_product(taken: Json) -> Json:
    """Of what was written on a cart's line, what stands on its product or places: an order's item has no notes."""
    return dict(_deeper(taken))


def _deeper(taken: Json) -> Iterator[tuple[str, Any]]:
    return ((path, value) for path, value in taken.items() if "/" in path)
