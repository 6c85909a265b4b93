"""Whether everything that a resource names is there, and may be known of."""

from collections.abc import Iterator
from typing import Any

from functions.catalog import kinds
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.subject import Subject
from functions.catalog.kinds import ON_SALE, references, released
from functions.shared.resource import Json

NAMED = {"segment": "segment", "installed.offering": "productOffering", "cart.offering": "productOffering"}
NAMED |= {"installed.category": "category", "cart.category": "category", "partner": "partner"}
TARGETS = {"ProductOffering": "productOffering", "Category": "category", "ProductOfferingPrice": "productOfferingPrice"}


def dangling(subject: Subject, kind: str, stored: Json) -> Iterator[Fault]:
    """What is named and not there, or not yet."""
    for of, reference in _references(kind, stored):
        id_ = reference.get("id")
        named = subject.held[of].get(str(id_))
        if id_ is None:
            yield error("noId", f"a {of} in it has no id; write it as a resource of its own and name its id.")
        elif named is None:
            yield error("dangling", f"it names the {of} {id_}, which there is not.")
        elif not released(named):
            yield error("unreleased", f"it names the {of} {id_}, which is still {named['lifecycleStatus']}.")


def _references(kind: str, stored: Json) -> Iterator[tuple[str, Json]]:
    yield from references(stored)
    yield from (("segment", each) for each in stored.get("marketSegment") or [])
    if "parentId" in stored:
        yield "partner" if kind == "partner" else "category", {"id": stored["parentId"]}
    if kind == "productOffering" and (owner := kinds.provider(stored)):
        yield "partner", owner
    if "priceList" in stored:
        yield "priceList", {"id": stored["priceList"]}
    yield from (("productOfferingPrice", each) for each in stored.get("popRelationship") or [])
    if kind == "promotion":
        for action in actions_of(stored):
            yield from ((TARGETS[named], {"id": id_}) for named, id_ in kinds.aims(action) if named in TARGETS)


def actions_of(promotion: Json) -> Iterator[Json]:
    """Every action of a promotion."""
    for pattern in promotion.get("pattern") or []:
        yield from pattern.get("action") or []


def named_in(subject: Subject, parameter: str, value: Any) -> Iterator[Fault]:
    """What a criterion names."""
    if parameter not in NAMED:
        return
    of = NAMED[parameter]
    named = subject.held[of].get(str(value))
    if named is None:
        yield error("dangling", f"{parameter} asks for the {of} {str(value)[:60]}, which there is not.")
    elif of == "segment" and named["lifecycleStatus"] not in ON_SALE:
        said = f"the segment {value} is {named['lifecycleStatus']}, and nobody is in it any more; name another."
        yield warning("goneSegment", said)
