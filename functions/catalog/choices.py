"""What a catalog leaves to choose: the parts of a bundle, and the characteristics of what is sold. Pure.

It reads what was published, and makes do with what is odd in it: `check` is where that is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from functions.catalog.catalog import Catalog
from functions.shared import pattern
from functions.shared.resource import Json

NUMBERS = frozenset({"number", "integer", "numeric", "decimal", "float"})
LARGEST = Decimal(10) ** 16  # beyond it nothing is a number that anybody chose
KINDS = {"requires": "requires", "dependency": "requires", "excludes": "excludes", "exclusivity": "excludes"}


class Part(NamedTuple):
    """An offering that a bundle may hold: from `least` to `most` of it, `usual` where nobody chose."""

    id: str
    least: int
    most: int
    usual: int
    group: str | None = None
    relations: tuple[Json, ...] = ()  # what it requires and excludes within this bundle

    @property
    def mandatory(self) -> bool:
        return self.group is None and self.least > 0


class Group(NamedTuple):
    """Parts of which from `least` to `most` are chosen, all together."""

    id: str
    name: Any
    least: int
    most: int
    parts: tuple[Part, ...]


class Composition(NamedTuple):
    """What a bundle is made of, each offering once, in the order of the catalog."""

    parts: Mapping[str, Part]
    groups: tuple[Group, ...]


class Relation(NamedTuple):
    """What a characteristic requires or excludes: of another (None: of a part as a whole), of a specification."""

    kind: str
    values: tuple[Any, ...] | None  # None: whichever was chosen
    other: str | None
    specification: str | None  # None: the same
    related: tuple[Any, ...] | None  # None: whichever is chosen


class Characteristic(NamedTuple):
    """One thing that is chosen, or that simply is so: how many values it takes, and which."""

    name: str
    label: Any
    kind: str
    values: tuple[Json, ...]  # TMF620 CharacteristicValueSpecification
    least: int
    most: int
    regex: str | None
    configurable: bool
    extensible: bool
    relations: tuple[Relation, ...]

    @property
    def default(self) -> list[Any]:
        """The values it has where nobody chose."""
        named = [each["value"] for each in self.values if each.get("isDefault") is True and "value" in each]
        return named[: self.most]

    @property
    def fixed(self) -> list[Any]:
        """The values it has where nobody can choose."""
        return [each["value"] for each in self.values if "value" in each]

    @property
    def allowed(self) -> list[Any]:
        """What may be chosen, as data: values, ranges, patterns; empty where anything may."""
        listed = [each["value"] if "value" in each else _bounds(each) for each in self.values]
        return listed or ([{"regex": self.regex}] if self.regex else [])

    def key(self, value: Any) -> object:
        """What two values have in common that mean the same; None where it is not of its kind at all."""
        return key(value, self.kind)

    def allows(self, value: Any) -> bool:
        """Whether it may have that value."""
        if self.key(value) is None or not _matches(self.regex, value):
            return False
        return self.extensible or not self.values or any(self._is(each, value) for each in self.values)

    def _is(self, listed: Json, value: Any) -> bool:
        if "value" in listed:
            return self.key(listed["value"]) == self.key(value)
        return _matches(listed.get("regex"), value) and _within(listed, value)


def key(value: Any, kind: str = "string") -> object:
    """A value as it compares: 3, "3" and 3.0 are one number, and true is no number. None: not of that kind."""
    if kind in NUMBERS:
        return _number(value)
    if kind == "boolean":
        return {"true": True, "false": False}.get(str(value).lower()) if isinstance(value, bool | str) else None
    if isinstance(value, str):
        return value
    number = None if isinstance(value, bool) else _number(value)
    return str(number.normalize()) if number is not None else repr(value)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not (value.isascii() and len(value) < 40 and value == value.strip()):
        return None
    try:
        found = Decimal(str(value)) if not isinstance(value, int) or abs(value) < LARGEST else None
    except ArithmeticError:
        return None
    return found if found is not None and found.is_finite() and abs(found) < LARGEST else None


def _matches(regex: Any, value: Any) -> bool:
    found = pattern.compiled(regex) if isinstance(regex, str) else None
    return found is None or found.fullmatch(str(value)) is not None


def _within(listed: Json, value: Any) -> bool:
    low, high, number = _number(listed.get("valueFrom")), _number(listed.get("valueTo")), _number(value)
    if low is None and high is None:
        return "regex" in listed
    if number is None:
        return False
    kind = listed.get("rangeInterval") or "closed"
    above = low is None or low < number or (low == number and kind in ("closed", "closedBottom"))
    return above and (high is None or number < high or (number == high and kind in ("closed", "closedTop")))


def _bounds(listed: Json) -> Json:
    return {name: listed[name] for name in ("valueFrom", "valueTo", "rangeInterval", "regex") if name in listed}


@lru_cache(maxsize=4096)
def composition(catalog: Catalog, id_: str) -> Composition:
    """What a bundle may hold; nothing where it is none. An offering that is named twice counts where it is first."""
    offering = catalog.offering(id_) or {}
    parts: dict[str, Part] = {}
    groups = []
    for stored in _each(offering.get("bundledProductOffering")):
        _join(parts, _part(stored))
    for stored in _each(offering.get("bundledGroupProductOffering")):
        option = _option(stored, "bundledGroupProductOfferingOption")
        id_ = str(stored.get("id") or stored.get("name"))
        inner = [_part(each, id_) for each in _each(stored.get("bundledProductOffering"))]
        kept = tuple(part for part in inner if _join(parts, part))
        least = _count(option, "numberRelOfferLowerLimit", 1)
        most = _count(option, "numberRelOfferUpperLimit", max(least, 1))
        groups.append(Group(id_, stored.get("name") or id_, least, most, kept))
    return Composition(parts, tuple(groups))


def _part(stored: Json, group: str | None = None) -> Part:
    option = _option(stored, "bundledProductOfferingOption")
    least = _count(option, "numberRelOfferLowerLimit", int(not option and group is None))
    usual = _count(option, "numberRelOfferDefault", 0 if group else least)
    most = _count(option, "numberRelOfferUpperLimit", max(least, usual, 1))
    related = tuple(_each(stored.get("productOfferingRelationship")))
    return Part(str(stored.get("id")), least, most, usual, group, related)


def _join(parts: dict[str, Part], part: Part) -> bool:
    return parts.setdefault(part.id, part) is part


def _option(stored: Json, name: str) -> Json:
    option = stored.get(name)
    return option if isinstance(option, dict) else {}


def _count(option: Json, name: str, otherwise: int) -> int:
    value = option.get(name)
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0 else otherwise


def _each(listed: Any) -> Iterator[Json]:
    yield from (each for each in (listed if isinstance(listed, list) else []) if isinstance(each, dict))


def specification_id(offering: Json) -> str | None:
    """What the offering is, by id."""
    named = offering.get("productSpecification")
    return named.get("id") if isinstance(named, dict) else None


def specification_of(catalog: Catalog, offering: Json) -> Json | None:
    """What the offering is, where the catalog knows."""
    return catalog.held["productSpecification"].get(specification_id(offering) or "")


@lru_cache(maxsize=4096)
def characteristics(catalog: Catalog, id_: str) -> list[Characteristic] | None:
    """What is chosen of an offering: what its specification has, narrowed as the offering says; None: unknown.

    A version never changes, so it is read once."""
    offering = catalog.offering(id_) or {}
    specification = specification_of(catalog, offering)
    if specification is None:
        return None
    narrowed = {each.get("name"): each for each in _each(offering.get("prodSpecCharValueUse"))}
    return [
        characteristic({**stored, **_narrowing(narrowed.get(stored["name"], {}))})
        for stored in _each(specification.get("productSpecCharacteristic"))
        if isinstance(stored.get("name"), str)
    ]


def _narrowing(use: Json) -> Json:
    said = ("minCardinality", "maxCardinality", "productSpecCharacteristicValue")
    return {name: use[name] for name in said if use.get(name) not in (None, [])}


def characteristic(stored: Json) -> Characteristic:
    """A TMF620 ProductSpecificationCharacteristic, read."""
    values = tuple(_each(stored.get("productSpecCharacteristicValue")))
    least = _count(stored, "minCardinality", 0)
    return Characteristic(
        name=stored["name"],
        label=stored.get("description") or stored["name"],
        kind=str(stored.get("valueType") or "string"),
        values=values,
        least=least,
        most=max(_count(stored, "maxCardinality", 1), least, 1),
        regex=stored.get("regex"),
        configurable=stored.get("configurable") is not False,
        extensible=stored.get("extensible") is True,
        relations=tuple(relations(stored.get("productSpecCharRelationship"))),
    )


def relations(listed: Any) -> Iterator[Relation]:
    """What characteristics require and exclude; other relationships are none of a configuration's business."""
    for each in _each(listed):
        if kind := KINDS.get(str(each.get("relationshipType"))):
            yield Relation(kind, _some(each, "value"), each.get("name"), each.get("id"), _some(each, "relatedValue"))


def _some(stored: Json, name: str) -> tuple[Any, ...] | None:
    values = stored.get(name)
    return tuple(values) if isinstance(values, list) and values else None


def related(listed: Iterable[Json], kind: str) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """The offerings that a list of productOfferingRelationship requires or excludes, and only with which values."""
    for each in _each(list(listed)):
        if KINDS.get(str(each.get("relationshipType"))) == kind:
            uses = _each(each.get("prodSpecCharValueUse"))
            yield str(each.get("id")), {str(use.get("name")): _listed_values(use) for use in uses}


def _listed_values(use: Json) -> list[Any]:
    return [each["value"] for each in _each(use.get("productSpecCharacteristicValue")) if "value" in each]
