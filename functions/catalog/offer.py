"""Who may have an offering, why not, and what would change that: its eligibility and what it goes with. Pure."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from functions.catalog import rule
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Criterion, Facts, Predicate
from functions.shared.resource import Json

REQUIRES = {"en": "It needs one of these: {}.", "de": "Es braucht eines von diesen: {}."}
EXCLUDES = {"en": "It does not go with {}.", "de": "Es passt nicht zu {}."}


class Need(NamedTuple):
    """Something an offering asks of a sale: a code, a sentence, and the predicate that decides."""

    code: str
    reason: str
    predicate: Predicate

    def ways(self, facts: Facts) -> list[tuple[Criterion, ...]]:
        """What would have to become true for it to be met; [()] where it is."""
        return self.predicate.ways(facts)


def needs(catalog: Catalog, offering: Json, language: str) -> list[Need]:
    """Everything an offering asks of a sale: its eligibility, and other offerings that it requires or excludes."""
    return [*eligibility(catalog, offering, language), *_company(catalog, offering, language)]


def eligibility(catalog: Catalog, offering: Json, language: str) -> Iterator[Need]:
    """Who may have it, as its rules say."""
    for stored in offering.get("eligibility", []):
        predicate = _predicate(catalog, offering["id"], stored["id"])
        yield Need("notEligible", catalog.text(stored["name"], language), predicate)


@lru_cache(maxsize=2048)
def _predicate(catalog: Catalog, offering: str, id_: str) -> Predicate:
    held = catalog.held["productOffering"][offering]["eligibility"]
    return rule.read(next(each for each in held if each["id"] == id_))


def _company(catalog: Catalog, offering: Json, language: str) -> Iterator[Need]:
    named: dict[str, list[str]] = {}
    for other in offering.get("productOfferingRelationship", []):
        named.setdefault(other["relationshipType"], []).append(other["id"])
    if ids := named.get("requires"):
        yield Need("requiresOther", _told(REQUIRES, catalog, ids, language), _one_of(ids))
    if ids := named.get("excludes"):
        yield Need("excludesOther", _told(EXCLUDES, catalog, ids, language), _none_of(ids))


def _told(words: Json, catalog: Catalog, ids: list[str], language: str) -> str:
    held = catalog.held["productOffering"]
    names = (catalog.text(held[id_]["name"], language) if id_ in held else id_ for id_ in ids)
    return catalog.text(words, language).format(", ".join(names))


WHERE = ("cart.offering", "installed.offering")


def _one_of(ids: list[str]) -> Predicate:
    return Predicate(((False, tuple(Criterion(where, "=", id_, "set") for id_ in ids for where in WHERE)),))


def _none_of(ids: list[str]) -> Predicate:
    return Predicate(((True, tuple(Criterion(where, "<>", id_, "set") for id_ in ids for where in WHERE)),))
