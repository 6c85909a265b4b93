"""Who may have an offering, why not, and what would change that: its eligibility and what it goes with. Pure."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from functions.catalog import rule
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Criterion, Facts, Predicate
from functions.catalog.sale import Item
from functions.shared.resource import Json

REQUIRES = {"en": "It needs one of these: {}.", "de": "Es braucht eines von diesen: {}."}
EXCLUDES = {"en": "It does not go with {}.", "de": "Es passt nicht zu {}."}


WHERE = ("cart.offering", "installed.offering")
REQUIRED, EXCLUDED = "requiresOther", "excludesOther"
STAYING = "installed.staying"  # the offerings that stay installed, where something of the sale ends or replaces some
RELATED = ("requires", "excludes")
NOBODY: frozenset[str] = frozenset()


class Need(NamedTuple):
    """Something an offering asks of a sale: a code, a sentence, and the predicate that decides."""

    offering: str
    code: str
    reason: str
    predicate: Predicate
    others: tuple[str, ...] = ()  # the offerings that must not be there

    def ways(self, facts: Facts) -> list[tuple[Criterion, ...]]:
        """What would have to become true for it to be met; [()] where it is."""
        return self.predicate.ways(facts)

    def known(self, facts: Facts) -> Facts:
        """The facts as it looks at them: what a sale ends or replaces neither helps nor hinders company."""
        if STAYING not in facts.known or self.code not in (REQUIRED, EXCLUDED):
            return facts
        return Facts({**facts.known, "installed.offering": facts.known[STAYING]}, facts.held)

    def told(self, catalog: Catalog, of: str, language: str) -> str:
        """The sentence as it is told of that offering: what a part of it asks is told with the part's name."""
        if self.offering == of:
            return self.reason
        return f"{catalog.text(catalog.held['productOffering'][self.offering]['name'], language)}: {self.reason}"


def needs(item: Item, language: str, beside: frozenset[str] = NOBODY) -> Iterator[Need]:
    """Everything an item asks of a sale, and what lies in it: eligibility, and offerings that it requires or excludes.

    What is in the cart `beside` it may exclude it too: of two that do not go together it is enough that one says so.
    """
    for offering in item.offerings:
        yield from _own(item.catalog, offering["id"], language)
        yield from _excluded(item.catalog, offering, language, beside)


@lru_cache(maxsize=2048)
def _own(catalog: Catalog, id_: str, language: str) -> tuple[Need, ...]:
    """What it says itself: a version never changes."""
    offering = catalog.held["productOffering"][id_]
    return *eligibility(catalog, offering, language), *_company(catalog, offering, language)


def apart(catalog: Catalog, need: Need, language: str) -> Iterator[Need]:
    """The same as a need for each other that must not be there."""
    if not need.others:
        yield need
    for id_ in need.others:
        criteria = tuple(each for each in need.predicate.criteria() if each.value == id_)
        reason = _told(EXCLUDES, catalog, [id_], language)
        yield Need(need.offering, need.code, reason, Predicate(((True, criteria),)), (id_,))


def asks(offering: Json) -> bool:
    """Whether it asks anything of a sale."""
    return bool(offering.get("eligibility") or _named(offering))


def present(facts: Facts) -> frozenset[str]:
    """The offerings that are in the cart."""
    found = facts.known.get("cart.offering", NOBODY)
    return found if isinstance(found, frozenset) else NOBODY


def eligibility(catalog: Catalog, offering: Json, language: str) -> Iterator[Need]:
    """Who may have it, as its rules say."""
    for stored in offering.get("eligibility", []):
        predicate = _predicate(catalog, offering["id"], stored["id"])
        yield Need(offering["id"], "notEligible", catalog.text(stored.get("name") or stored["id"], language), predicate)


@lru_cache(maxsize=2048)
def _predicate(catalog: Catalog, offering: str, id_: str) -> Predicate:
    held = catalog.held["productOffering"][offering]["eligibility"]
    return rule.read_or_never(next(each for each in held if each["id"] == id_))


def _named(offering: Json) -> dict[str, list[str]]:
    """The offerings that it requires, and those that it excludes."""
    named: dict[str, list[str]] = {}
    for other in offering.get("productOfferingRelationship", []):
        if other["relationshipType"] in RELATED:
            named.setdefault(other["relationshipType"], []).append(other["id"])
    return named


def _company(catalog: Catalog, offering: Json, language: str) -> Iterator[Need]:
    named, id_ = _named(offering), offering["id"]
    if ids := named.get("requires"):
        yield Need(id_, REQUIRED, _told(REQUIRES, catalog, ids, language), _one_of(ids))
    if ids := named.get("excludes"):
        yield Need(id_, EXCLUDED, _told(EXCLUDES, catalog, ids, language), _none_of(ids), tuple(ids))


def _excluded(catalog: Catalog, offering: Json, language: str, beside: frozenset[str]) -> Iterator[Need]:
    excluding = _excluding(catalog, beside).get(offering["id"], NOBODY)
    if ids := sorted(excluding.difference(_named(offering).get("excludes", ()))) if excluding else []:
        reason = _told(EXCLUDES, catalog, ids, language)
        yield Need(offering["id"], EXCLUDED, reason, _none_of(ids, WHERE[:1]), tuple(ids))


@lru_cache(maxsize=256)
def _excluding(catalog: Catalog, beside: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """What these exclude, with those of them that do."""
    found: dict[str, frozenset[str]] = {}
    for id_ in beside:
        for other in _named(catalog.offering(id_) or {}).get("excludes", []):
            found[other] = found.get(other, NOBODY) | {id_}
    return found


def _told(words: Json, catalog: Catalog, ids: list[str], language: str) -> str:
    held = catalog.held["productOffering"]
    names = (catalog.text(held[id_]["name"], language) if id_ in held else id_ for id_ in ids)
    return catalog.text(words, language).format(", ".join(names))


def _one_of(ids: list[str]) -> Predicate:
    return Predicate(((False, tuple(Criterion(where, "=", id_, "set") for id_ in ids for where in WHERE)),))


def _none_of(ids: list[str], places: tuple[str, ...] = WHERE) -> Predicate:
    return Predicate(((True, tuple(Criterion(where, "<>", id_, "set") for id_ in ids for where in places)),))
