"""The strict TM Forum check of an answer or an event: what a conforming client could trip over, as sentences.

Written apart from `functions/shared/shape.py` on purpose, from the same facts: one of them being wrong shows.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from functions.shared import names

# What a resource cannot mean anything without, beyond the standard's own required lists.
NEEDS: dict[str, tuple[str, ...]] = {
    "AccessRecord": ("at", "by", "channel", "correlationId", "customer", "operation", "reason", "role"),
    "BillingAccount": ("currency", "state"),
    "CancelProductOrder": ("productOrder", "state"),
    "CartItem": ("action", "id", "quantity", "status"),
    "Catalog": ("lifecycleStatus", "name"),
    "Category": ("lifecycleStatus", "name"),
    "Customer": ("engagedParty", "status"),
    "CustomerPrice": ("price", "productOfferingPrice", "reason", "relatedParty", "state", "validFor"),
    "Error": ("code", "reason", "status"),
    "EventSubscription": ("callback", "id"),
    "Grant": ("party", "role"),
    "Money": ("unit", "value"),
    "PartyInteraction": ("channel", "direction", "interactionDate", "reason", "status"),
    "Product": ("status",),
    "ProductOffering": ("lifecycleStatus", "name"),
    "ProductOfferingPrice": ("lifecycleStatus", "name"),
    "ProductOfferingQualification": ("productOfferingQualificationItem", "qualificationResult", "state"),
    "ProductOrder": ("orderDate", "productOrderItem", "state"),
    "ProductOrderItem": ("action", "id", "state"),
    "ProductSpecification": ("lifecycleStatus", "name"),
    "Promotion": ("lifecycleStatus", "name"),
    "Requirement": ("kind",),
    "ShoppingCart": ("cartItem", "state", "validFor"),
}
EVENT_NEEDS = ("correlationId", "domain", "event", "eventId", "eventTime", "eventType", "sequence", "timeOcurred")
NUMBERS = {"integer": (int,), "number": (int, float, Decimal)}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def faults(body: object, api: str, definition: str, *, partial: bool = False) -> list[str]:
    """All faults of a body the hub gives out; `partial` where the client chose its attributes with `fields=`."""
    top = names.resource_of(definition)
    if not isinstance(body, Mapping):
        return [f"the body is not an object but {body!r}"]
    if top.endswith("Event"):
        return [*_object("", body, api, top, partial=_tells_the_address_only(body)), *_event(body, api, top)]
    return [*_object("", body, api, top, partial=partial), *_resource("", body, api, top, partial=partial)]


def _resource(path: str, body: Mapping[str, Any], api: str, definition: str, *, partial: bool) -> Iterator[str]:
    """A thing with an address says what it is and where, whatever else was asked for."""
    if "href" not in names.definition(api, definition).properties:
        return
    for name in ("id", "href") if partial else ("id", "href", "@type"):
        if not body.get(name):
            yield f"{path}{name} is missing"
    if {"id", "href"} <= body.keys() and unquote(str(body["href"]).rsplit("/", 1)[-1]) != body["id"]:
        yield f"{path}href {body['href']} does not end in the id {body['id']}"


def _event(envelope: Mapping[str, Any], api: str, definition: str) -> Iterator[str]:
    yield from (f"{name} is missing" for name in EVENT_NEEDS if name not in envelope)
    held = envelope.get("event")
    if not isinstance(held, Mapping) or len(held) != 1:
        yield "event must hold exactly one resource"
        return
    ((noun, resource),) = held.items()
    payload = names.definition(api, names.definition(api, definition).properties["event"])
    if isinstance(resource, Mapping) and noun in payload.properties:
        kind = payload.properties[noun]
        yield from _resource(f"event.{noun}.", resource, api, kind, partial=_tells_the_address_only(envelope))
        if not str(envelope.get("eventId")).endswith(f"-{resource.get('id')}-{envelope.get('sequence')}"):
            yield f"eventId {envelope.get('eventId')} is not <type>-<id>-<sequence>"


def _object(path: str, value: object, api: str, definition: str, *, partial: bool) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path.rstrip('.')} is not an object but {value!r}"
        return
    facts = names.definition(api, definition)
    for name, inner in value.items():
        if name not in facts.properties:
            yield f"{path}{name} is neither in {api} {definition} nor in our extensions"
        else:
            yield from _value(f"{path}{name}", inner, api, facts.properties[name], partial=partial)
    if partial:
        return
    for name in sorted(facts.required.union(NEEDS.get(definition, ())) - value.keys()):
        yield f"{path}{name} is missing in a {definition}"


def _value(path: str, value: object, api: str, kind: str, *, partial: bool) -> Iterator[str]:
    if kind.endswith("]"):
        yield from _list(path, value, api, kind, partial=partial)
    elif kind[0].islower():
        yield from _simple(path, value, kind)
    elif (values := names.definition(api, kind).values) is not None:
        if value not in [spelling for each in values for spelling in (each, each.strip())]:
            yield f"{path} is {value!r}, not one of {values}"
    else:
        yield from _object(f"{path}.", value, api, kind, partial=partial)
        if kind == "Money" and isinstance(value, Mapping) and partial and "unit" not in value:
            return
        if kind == "Money" and isinstance(value, Mapping) and not re.fullmatch("[A-Z]{3}", str(value.get("unit"))):
            yield f"{path}.unit is {value.get('unit')!r}, not a currency"


def _list(path: str, value: object, api: str, kind: str, *, partial: bool) -> Iterator[str]:
    inner, _, bounds = kind.rpartition("[")
    if not isinstance(value, list):
        yield f"{path} is not a list but {value!r}"
        return
    if bounds != "]" and not value:
        yield f"{path} is empty"
    for index, entry in enumerate(value):
        yield from _value(f"{path}[{index}]", entry, api, inner, partial=partial)


def _simple(path: str, value: object, kind: str) -> Iterator[str]:
    if kind == "any":
        return
    if kind == "boolean" or kind in NUMBERS:
        if not isinstance(value, NUMBERS.get(kind, bool)) or isinstance(value, bool) != (kind == "boolean"):
            yield f"{path} is not of type {kind} but {value!r}"
    elif not isinstance(value, str):
        yield f"{path} is not of type {kind} but {value!r}"
    elif (kind == "date-time" and not _is_moment(value)) or (kind == "uri" and re.search(r"\s|^$", value)):
        yield f"{path} is not a {kind} but {value!r}"
    elif "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        yield f"{path} holds a character that is not text"


def _is_moment(text: str) -> bool:
    try:
        return bool(DATE_TIME.fullmatch(text)) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _tells_the_address_only(envelope: Mapping[str, Any]) -> bool:
    """An event too large for the bus, or of something deleted, carries its resource's address alone."""
    held = envelope.get("event")
    resources = held.values() if isinstance(held, Mapping) else ()
    return all(isinstance(each, Mapping) and each.keys() <= {"id", "href", "@type"} for each in resources)
