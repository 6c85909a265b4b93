"""What differs between two versions of a catalog: by resource and attribute, and the prices apart. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from functions.catalog import words
from functions.catalog.kinds import HELD
from functions.shared.resource import Json

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
NAMES = {"productOffering": "offering", "productOfferingPrice": "price", "productSpecification": "specification"}
WRITTEN = "lastUpdate"
DEEPEST = 8  # levels into a resource at which an attribute is told by itself


class Attribute(NamedTuple):
    """One attribute that differs, by its path; None where it is not there."""

    path: str
    before: Any
    after: Any


class Change(NamedTuple):
    """A resource that was added, changed (these attributes) or removed."""

    kind: str
    id: str
    name: str
    what: str
    attributes: tuple[Attribute, ...] = ()


class PriceChange(NamedTuple):
    """An amount that is another one now, and the offerings that name the price."""

    id: str
    name: str
    offerings: tuple[str, ...]
    unit: str
    before: Decimal
    after: Decimal

    @property
    def rise(self) -> Decimal:
        """By how much it rose; negative where it fell."""
        return self.after - self.before


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every resource that differs, and the facts of the brand as one, in the order of the kinds and ids."""
    found = []
    if facts := tuple(_attributes("", _facts(before), _facts(after))):
        found.append(Change("brand", str(after["brand"]), "", CHANGED, facts))
    for kind in HELD:
        was, now = _by_id(before, kind), _by_id(after, kind)
        for id_ in sorted(was.keys() | now.keys()):
            if not same(was.get(id_), now.get(id_)):
                found.append(_change(kind, was.get(id_), now.get(id_), after["languages"]))
    return found


def same(one: Json | None, other: Json | None) -> bool:
    """Whether two say the same of a resource; when it was written, and how an amount is spelt, makes no difference."""
    return one == other or (one is not None and other is not None and _meant(one) == _meant(other))


def _meant(stored: Json) -> Json:
    kept = {name: value for name, value in stored.items() if name != WRITTEN}
    _, amount = _amount(stored)
    return kept if amount is None else {**kept, "price": {**stored["price"], "value": amount}}


def prices(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[PriceChange]:
    """The prices that are in both and say another amount of the same currency, by id."""
    named: dict[str, list[str]] = {}
    for offering in _by_id(after, "productOffering").values():
        for price in offering.get("productOfferingPrice") or []:
            named.setdefault(str(price.get("id")), []).append(offering["id"])
    was, now = _by_id(before, "productOfferingPrice"), _by_id(after, "productOfferingPrice")
    found = []
    for id_ in sorted(was.keys() & now.keys()):
        (unit, earlier), (other, later) = _amount(was[id_]), _amount(now[id_])
        if unit == other and earlier is not None and later is not None and earlier != later:
            replaced = [str(each.get("id")) for each in now[id_].get("popRelationship") or []]
            offerings = sorted({name for price in (id_, *replaced) for name in named.get(price, ())})
            name = words.text(now[id_]["name"], *after["languages"][:1])
            found.append(PriceChange(id_, name, tuple(offerings), unit, earlier, later))
    return found


def _facts(content: Mapping[str, Any]) -> Json:
    return {name: value for name, value in content.items() if name not in (*HELD, "sequence")}


def _by_id(content: Mapping[str, Any], kind: str) -> Mapping[str, Json]:
    listed = content.get(kind) or []
    return listed if isinstance(listed, Mapping) else {each["id"]: each for each in listed}


def _change(kind: str, was: Json | None, now: Json | None, languages: list[str]) -> Change:
    one = now or was or {}
    name = words.text(one["name"], *languages[:1]) if one.get("name") else ""
    if was is None or now is None:
        return Change(kind, one["id"], name, ADDED if was is None else REMOVED)
    told = tuple(each for each in _attributes("", was, now) if each.path != WRITTEN)
    return Change(kind, one["id"], name, CHANGED, told)


def _attributes(path: str, was: Any, now: Any, depth: int = 0) -> Iterator[Attribute]:
    """The innermost attributes that differ; entries of a list go by their ids, else by their places."""
    if was == now:
        return
    one, other = (_entries(value) for value in (was, now))
    if one is None or other is None or depth == DEEPEST:
        yield Attribute(path, was, now)
        return
    listed = isinstance(was, list)
    for name in sorted(one.keys() | other.keys()):
        below = f"{path}[{name}]" if listed else f"{path}.{name}".lstrip(".")
        yield from _attributes(below, one.get(name), other.get(name), depth + 1)


def _entries(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return None
    by_id = {str(each.get("id")): each for each in value}
    return by_id if _listed(value) and len(by_id) == len(value) else {str(n): each for n, each in enumerate(value)}


def _listed(value: list[Any]) -> bool:
    return all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in value)


def _amount(price: Json) -> tuple[str, Decimal | None]:
    said = price.get("price") or {}
    try:
        return str(said.get("unit")), Decimal(str(said.get("value")))
    except InvalidOperation:
        return str(said.get("unit")), None
