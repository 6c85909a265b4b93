"""Who sells for the brand under a name of their own: who stands above whom, and what each may sell. Pure.

A partner hangs on the one above it (`parentId`) and sells at most what that one may. `check` has seen to it that there
is no circle; whoever reads is bounded all the same.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from functions.catalog import places
from functions.catalog.book import Book
from functions.catalog.kinds import ON_SALE
from functions.shared.resource import Json, valid

DEEPEST = 5  # partners above each other, the seller among them
WIDEST = 100  # partners of a branch, its head among them: a list of what it sold looks for what each did
REMEMBERED = 64  # partners of whom it is known what they sell, and who is beneath them
OFFERING = "productOffering"


class Assortment(NamedTuple):
    """What a partner may sell: everything, or what is named, by itself or by a category of it."""

    everything: bool
    offerings: frozenset[str]
    categories: frozenset[str]

    @classmethod
    def of(cls, partner: Json) -> "Assortment":
        """As it is stored with the partner."""
        offerings, categories = (
            frozenset(each["id"] for each in partner.get(name) or [] if "id" in each) for name in (OFFERING, "category")
        )
        return cls(bool(partner.get("everything")), offerings, categories)

    def has(self, offering: Json) -> bool:
        """Whether it holds that offering."""
        if self.everything or offering["id"] in self.offerings:
            return True
        return any(each.get("id") in self.categories for each in offering.get("category") or [])


class Seller(NamedTuple):
    """A partner as far as it sells: whether, when and what."""

    on_sale: bool
    period: Json | None
    assortment: Assortment

    def sells(self, as_of: datetime) -> bool:
        """Whether it sells anything then."""
        return self.on_sale and valid(self.period, as_of)


class Partners:
    """The partners of one version of the catalog.

    Where it names none, each sells all that its channel does; else one that is not named sells nothing.
    """

    def __init__(self, book: Book, held: Mapping[str, Json]) -> None:
        self._book, self._held, self._there_are = book, held, bool(held)
        self._seller = lru_cache(maxsize=REMEMBERED)(self._read)
        self._having = lru_cache(maxsize=REMEMBERED)(self._assorted)
        self.branch = lru_cache(maxsize=REMEMBERED)(self._branch)

    def chain(self, partner: str | None) -> tuple[str, ...]:
        """The partner and all above it, itself first; nobody where no partner sells."""
        return chain(self._held, partner) if partner is not None else ()

    def around(self, partner: str | None) -> list[str]:
        """The partner, all above it and all beneath it; nobody where no partner sells."""
        return [] if partner is None else [*{*self.chain(partner), *self.branch(partner)}]

    def refusing(self, partner: str, offering: Json, as_of: datetime) -> str | None:
        """Who of the partner and those above it does not sell the offering then; None where all of them do."""
        for id_ in self.chain(partner) if self._there_are else ():
            seller = self._seller(id_)
            if seller is None or not seller.sells(as_of) or not seller.assortment.has(offering):
                return id_
        return None

    def places(self, partner: str, order: str, as_of: datetime) -> int:
        """The places, in an order, of the offerings that the partner and all above it sell then."""
        found = places.all_of(self._book.count(OFFERING))
        for id_ in self.chain(partner) if self._there_are else ():
            seller = self._seller(id_)
            found &= self._having(id_, order) if seller and seller.sells(as_of) else 0
        return found

    def _read(self, id_: str) -> Seller | None:
        found = self._held.get(id_)
        if found is None:
            return None
        return Seller(found["lifecycleStatus"] in ON_SALE, found.get("validFor"), Assortment.of(found))

    def _assorted(self, id_: str, order: str) -> int:
        assortment = Assortment.of(self._held[id_])
        if assortment.everything:
            return places.all_of(self._book.count(OFFERING))
        found = places.of(self._book.placed(OFFERING, order, self._book.numbers(OFFERING, assortment.offerings)))
        for category in assortment.categories:
            for _, _, having in self._book.places(OFFERING, order, "category.id", category):
                found |= having
        return found

    def _branch(self, partner: str) -> list[str]:
        """The partner and those beneath it, itself first."""
        beneath = (each for each in self._held if each != partner and partner in chain(self._held, each))
        return [partner, *islice(beneath, WIDEST - 1)]


def chain(partners: Mapping[str, Json], id_: str) -> tuple[str, ...]:
    """The partner and all above it, itself first; itself alone where it is not among them."""
    found: dict[str, None] = {}
    above: str | None = id_
    while above is not None and above not in found and len(found) < DEEPEST:
        found[above] = None
        above = (partners.get(above) or {}).get("parentId")
    return tuple(found)
