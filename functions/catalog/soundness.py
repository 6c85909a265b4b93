"""What is wrong with what a catalog leaves to choose: bundles that nobody can have, choices that cannot be made. Pure.

It is a part of `check`, apart because it asks what a configuration would.
"""

from collections.abc import Iterator
from typing import Any

from functions.catalog import choices, configuration
from functions.catalog.assembly import DEEPEST
from functions.catalog.catalog import ON_SALE, Catalog
from functions.catalog.checks.finding import Fault, error
from functions.catalog.choices import Characteristic, Composition, Group, Part
from functions.catalog.kinds import is_bundle
from functions.catalog.verdict import either
from functions.catalog.verdict import shown as said
from functions.shared import pattern
from functions.shared.resource import Json

TRIES = 200  # configurations of a bundle that are looked at for one that goes together
MOST = 1000  # parts of a bundle, and of its parts, to choose from


def of_offering(catalog: Catalog, stored: Json) -> Iterator[Fault]:
    """What is wrong with the parts of a bundle, and with how an offering narrows what it is."""
    yield from _narrowing(catalog, stored)
    if not is_bundle(stored):
        return
    if wrong := _endless(catalog, stored["id"]):
        yield wrong
        return
    held = choices.composition(catalog, stored["id"])
    yield from _twice(stored, held)
    for part in held.parts.values():
        yield from _part(catalog, stored, part)
    for group in held.groups:
        yield from _group(group)
    if stored["lifecycleStatus"] in ON_SALE and (why := _impossible(catalog, stored, held)):
        yield error(
            "bundleNever", f"no choice of its parts goes together ({why}); change what they require or exclude."
        )


def _endless(catalog: Catalog, id_: str) -> Fault | None:
    """What is wrong with a bundle of bundles, as soon as it is seen."""
    todo: list[tuple[str, ...]] = [(id_,)]
    for count, path in enumerate(todo):
        if count > MOST:
            return error("bundleTooLarge", f"it has more than {MOST} parts, those of its parts among them; divide it.")
        for part in choices.composition(catalog, path[-1]).parts:
            if part in path:
                circle = " in ".join(reversed((*path, part)))
                return error("bundleCycle", f"it contains itself ({circle}); take it out of there.")
            if len(path) > DEEPEST:
                deep = " in ".join(reversed(path))
                return error("bundleTooDeep", f"its parts lie more than {DEEPEST} bundles deep ({deep}); flatten it.")
            todo.append((*path, part))
    return None


def _twice(stored: Json, held: Composition) -> Iterator[Fault]:
    groups = stored.get("bundledGroupProductOffering") or []
    named = [part.get("id") for part in stored.get("bundledProductOffering") or []]
    named += [part.get("id") for group in groups for part in group.get("bundledProductOffering") or []]
    if len(named) > len(held.parts):
        twice = sorted({str(id_) for id_ in named if named.count(id_) > 1})
        yield error(
            "partTwice", f"it has {', '.join(twice)} as a part twice; name it once, with how many there may be."
        )
    if len({group.id for group in held.groups}) < len(held.groups):
        yield error("groupTwice", "two groups of its parts have the same id.")


def _part(catalog: Catalog, stored: Json, part: Part) -> Iterator[Fault]:
    if part.least > part.most:
        yield error("partLimits", f"it must have at least {part.least} of {part.id} and may have at most {part.most}.")
    elif part.usual and not part.least <= part.usual <= part.most:
        yield error(
            "partLimits", f"it usually has {part.usual} of {part.id}, which is not from {part.least} to {part.most}."
        )
    offering = catalog.offering(part.id)
    if stored["lifecycleStatus"] in ON_SALE and offering and offering["lifecycleStatus"] not in ON_SALE:
        yield error(
            "goneInBundle",
            f"its part {part.id} is {offering['lifecycleStatus']}; take it out, or retire the bundle too.",
        )


def _group(group: Group) -> Iterator[Fault]:
    most = sum(part.most for part in group.parts)
    if group.least > group.most:
        yield error("groupNever", f"at least {group.least} and at most {group.most} are to be chosen of {group.id}.")
    elif group.least > most:
        yield error("groupNever", f"at least {group.least} are to be chosen of {group.id}, which has only {most}.")
    elif sum(part.usual for part in group.parts) > group.most:
        yield error("groupNever", f"more are usual of {group.id} than the {group.most} that may be chosen.")


def _impossible(catalog: Catalog, stored: Json, held: Composition) -> str | None:
    """Why a bundle cannot be had, whatever is chosen; None where it can, or where that would take too long to say."""
    todo: list[tuple[str, ...]] = [()]
    reason = None
    for tried, chosen in enumerate(todo):
        item = {"cartItem": [{"productOffering": {"id": id_}} for id_ in chosen]}
        found = configuration.look(catalog, stored, item)
        clashes = [each for each in found.conflict if not any("characteristic" in one for one in each["between"])]
        gaps = [each for each in found.missing if _is_gap(each, held)]
        if tried > TRIES or not (clashes or gaps):
            return None
        reason = reason or (clashes or gaps)[0]["reason"].rstrip(".")
        if not clashes:
            todo += [(*chosen, id_) for id_ in gaps[0]["allowed"] if id_ in held.parts]
    return reason


def _is_gap(missing: Json, held: Composition) -> bool:
    """Whether what is missing is a part of this very bundle; what its parts leave to choose is found with them."""
    if "characteristic" in missing:
        return False
    own = "cartItem" not in missing
    return own or ("group" not in missing and not held.parts.keys().isdisjoint(missing["allowed"]))


def _narrowing(catalog: Catalog, stored: Json) -> Iterator[Fault]:
    uses = stored.get("prodSpecCharValueUse")
    if not uses:
        return
    specification = choices.specification_of(catalog, stored)
    if specification is None:
        yield error(
            "narrowsNothing", "it narrows characteristics (prodSpecCharValueUse), but has no productSpecification."
        )
        return
    listed = specification.get("productSpecCharacteristic") or []
    known = {each["name"]: choices.characteristic(each) for each in listed if "name" in each}
    for use in uses:
        name = str(use.get("name"))
        if name not in known:
            yield error(
                "narrowsNothing",
                f"prodSpecCharValueUse names the characteristic {said(name)}, which its specification has not.",
            )
            continue
        for value in use.get("productSpecCharacteristicValue") or []:
            if "value" in value and not known[name].allows(value["value"]):
                yield error(
                    "wrongCharacteristic",
                    f"prodSpecCharValueUse: {name} cannot be {said(value['value'])}, says its specification.",
                )


def of_specification(catalog: Catalog, stored: Json) -> Iterator[Fault]:
    """What is wrong with the characteristics of a specification."""
    listed = stored.get("productSpecCharacteristic") or []
    names = [str(each.get("name")) for each in listed]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        yield error(
            "characteristicTwice", f"it has the characteristic {either([said(name) for name in twice], 'and')} twice."
        )
    for each in listed:
        if "name" not in each:
            yield error("noId", "a characteristic has no name.")
            continue
        name = said(each["name"])
        yield from (_of(name, fault) for fault in _characteristic(each))
        for relation in choices.relations(each.get("productSpecCharRelationship")):
            for fault in _relation(catalog, stored, choices.characteristic(each), relation):
                yield _of(name, fault)


def _of(name: str, fault: Fault) -> Fault:
    return fault._replace(reason=f"characteristic {name}: {fault.reason}")


def _characteristic(stored: Json) -> Iterator[Fault]:
    of = choices.characteristic(stored)
    if (stored.get("minCardinality") or 0) > (stored.get("maxCardinality") or of.most):
        yield error("wrongCardinality", f"it takes at least {of.least} and at most {stored['maxCardinality']} values.")
    for regex in {of.regex, *(value.get("regex") for value in of.values)} - {None}:
        if pattern.compiled(str(regex)) is None:
            yield error("badPattern", f"regex {said(regex)} is none of RE2 with at most {pattern.LONGEST} characters.")
    for value in of.values:
        yield from _value(of, value)
    if sum(value.get("isDefault") is True for value in of.values) > of.most:
        yield error("wrongCardinality", f"it has more defaults than the {of.most} that it takes.")
    if not of.configurable and of.least and not of.values:
        yield error("wrongCardinality", "it cannot be chosen (configurable is false) and has no value.")


def _value(of: Characteristic, listed: Json) -> Iterator[Fault]:
    if "value" in listed:
        if not of.allows(listed["value"]):
            yield error(
                "wrongCharacteristic",
                f"its value {said(listed['value'])} is not of the kind {of.kind}, or not as its regex says.",
            )
        return
    low, high = (choices.key(listed.get(name), "number") for name in ("valueFrom", "valueTo"))
    if low is None and high is None and not listed.get("regex"):
        yield error("wrongCharacteristic", "a value of it has none of value, valueFrom, valueTo and regex.")
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield error("wrongCharacteristic", f"its values begin ({said(low)}) after they end ({said(high)}).")
    if of.kind not in choices.NUMBERS and not (low is None and high is None):
        yield error("wrongCharacteristic", f"it has a range of values, but is a {of.kind}.")


def _relation(catalog: Catalog, stored: Json, of: Characteristic, relation: choices.Relation) -> Iterator[Fault]:
    for value in relation.values or ():
        if not of.allows(value):
            yield error(
                "wrongCharacteristic", f"it {relation.kind} something where it is {said(value)}, which it cannot be."
            )
    specification = relation.specification or stored["id"]
    other = catalog.held["productSpecification"].get(specification)
    if other is None:
        yield error(
            "dangling", f"it {relation.kind} the productSpecification {said(specification)}, which there is not."
        )
    elif relation.other is not None:
        yield from _related(other, relation)
    elif other["id"] == stored["id"]:
        yield error(
            "relatesNothing", f"it {relation.kind} nothing: name another characteristic (name) or specification (id)."
        )


def _related(other: Json, relation: choices.Relation) -> Iterator[Fault]:
    listed: list[Any] = other.get("productSpecCharacteristic") or []
    target = next((choices.characteristic(each) for each in listed if each.get("name") == relation.other), None)
    if target is None:
        yield error(
            "dangling", f"it {relation.kind} the characteristic {said(relation.other)}, which {other['id']} has not."
        )
        return
    for value in relation.related or ():
        if not target.allows(value):
            yield error("wrongCharacteristic", f"it {relation.kind} {target.name} {said(value)}, which that cannot be.")
