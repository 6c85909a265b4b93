"""One immutable version of a brand's catalog, and what it says: what is sold, where, when, in which words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from functions.catalog import facets, words
from functions.catalog.book import Book
from functions.catalog.held import Held
from functions.catalog.kinds import (
    HELD,
    KINDS,
    ON_SALE,
    REFERENCES,
    RELEASED,
    STANDING,
    references,
    released,
    replaced,
)
from functions.shared import tmf
from functions.shared.errors import RuleBroken
from functions.shared.resource import Json, moment_of, valid

REMEMBERED = 4096  # offerings whose promotions are known by their ids
__all__ = ["HELD", "KINDS", "ON_SALE", "REFERENCES", "RELEASED", "STANDING", "Catalog", "references", "released"]


class Catalog:
    """A catalog version by its id, read from its book; `since` is when that was written."""

    def __init__(self, version: str, book: Book, since: str | None = None) -> None:
        self.version, self.book, self.since = version, book, since
        facts = book.facts
        self.brand: str = facts["brand"]
        self.market: str | None = facts.get("market")
        self.currency: str = facts["currency"]
        self.currencies: list[str] = facts.get("currencies") or [self.currency]
        self.rounding: Json = facts.get("rounding") or {}
        self.time_zone: str = facts["timeZone"]
        self.languages: list[str] = facts["languages"]
        self.held: Mapping[str, Mapping[str, Json]] = {kind: Held(book, kind) for kind in HELD}
        self._aimed = lru_cache(maxsize=REMEMBERED)(self._aimed_at)

    @classmethod
    def of(cls, version: str, content: Mapping[str, Any]) -> "Catalog":
        """A version that lies nowhere but in memory: what `content` says, under a name of the caller's choice."""
        return cls(version, Book.of(content))

    @property
    def content(self) -> Json:
        """The facts, and of each kind that there is its resources by id: what another version is made from."""
        numbers = {kind: found for kind in HELD if (found := self.book.numbered(kind))}
        kinds = {kind: held for kind, held in self.held.items() if held}
        return {**self.book.facts, **kinds, **({"sequence": numbers} if numbers else {})}

    def offering(self, id_: str) -> Json | None:
        """The offering of that id as it is stored, sold or not; none that was never meant to be seen."""
        found = self.held["productOffering"].get(id_)
        return found if found and released(found) else None

    def sequence(self, kind: str, id_: str) -> int:
        """Which version of a resource this is; what came with a whole catalog is the first."""
        return self.book.sequence(kind, id_)

    def barred(self, offering: Json, channel: str, as_of: datetime, language: str | None = None) -> Json | None:
        """Why that channel does not sell the offering at that moment, as a code and a sentence; None where it does."""
        return next(self.bars(offering, channel, as_of, language), None)

    def bars(self, offering: Json, channel: str, as_of: datetime, language: str | None = None) -> Iterator[Json]:
        """Everything by which that channel does not sell it then, the strongest reason first."""
        for code, sentence in self._bars(offering, channel, as_of):
            yield {"code": code, "reason": sentence.format(self.text(offering["name"], language))}

    def _bars(self, offering: Json, channel: str, as_of: datetime) -> Iterator[tuple[str, str]]:
        if offering["lifecycleStatus"] not in ON_SALE or not valid(offering.get("validFor"), as_of):
            yield "notOnSale", f"{{}} is not on sale{self._when(offering, as_of)}."
        if not offering.get("isSellable", True):
            yield "notSoldAlone", "{} is sold only as a part of a bundle."
        listed = next((c for c in offering.get("channel", []) if c["id"] == channel), None)
        if listed is None:
            yield "notSoldHere", f"{{}} is not for sale in the {channel} channel."
        elif not valid(listed.get("validFor"), as_of):
            yield "notSoldHere", f"{{}} is not for sale in the {channel} channel{self._when(listed, as_of)}."

    def shown(self, offering: Json, channel: str, as_of: datetime) -> bool:
        """Whether that channel shows the offering: it sells it, alone or as a part of a bundle."""
        why = self.barred(offering, channel, as_of)
        return why is None or bool(why["code"] == "notSoldAlone")

    def _when(self, dated: Json, as_of: datetime) -> str:
        period = dated.get("validFor") or {}
        start, end = period.get("startDateTime"), period.get("endDateTime")
        if start and moment_of(start) > as_of:
            return f" before {start[:10]}"
        return f" since {end[:10]}" if end and moment_of(end) <= as_of else " any more"

    def find_offering(self, id_: str, channel: str, as_of: datetime, language: str | None = None) -> Json:
        """The offering, for sale in that channel; raises RuleBroken with the reason where it is not."""
        offering = self.offering(id_)
        if offering is None:
            raise RuleBroken(f"There is no offering {id_} in the catalog.", code="unknownOffering")
        if why := self.barred(offering, channel, as_of, language):
            raise RuleBroken(why["reason"], code=why["code"])
        return offering

    def prices(self, offering: Json, as_of: datetime) -> list[Json]:
        """The prices of an offering that are valid then, in the order it lists them."""
        named = self.priced_by(offering)
        return [p for p in named if p["lifecycleStatus"] in ON_SALE and valid(p.get("validFor"), as_of)]

    def priced_by(self, offering: Json) -> list[Json]:
        """The prices it names, and those that price lists put in their place; a draft may name what there is not."""
        held = self.held["productOfferingPrice"]
        named = [p.get("id", "") for p in offering.get("productOfferingPrice") or []]
        ids = dict.fromkeys(id_ for name in named for id_ in (name, *self.book.replacements(name)))
        return [held[id_] for id_ in ids if id_ in held]

    def shown_in(self, channel: str, kind: str, order: str, as_of: datetime) -> int:
        """The places, in an order, of what that channel shows at that moment."""
        return self.having(kind, order, "shown", channel, as_of) | self.having(
            kind, order, "shown", facets.EVERYWHERE, as_of
        )

    def having(self, kind: str, order: str, attribute: str, value: str, as_of: datetime) -> int:
        """The places, in an order, of what has that value at that moment."""
        now, found = facets.microseconds(as_of), 0
        for since, until, those in self.book.places(kind, order, attribute, value):
            if since <= now < until:
                found |= those
        return found

    def replacements(self, price_id: str) -> list[Json]:
        """The prices of price lists that may stand in the place of that price, by their ids."""
        return [self.held["productOfferingPrice"][id_] for id_ in self.book.replacements(price_id)]

    def promotions_on(self, offering: Json) -> list[Json]:
        """Every promotion on sale with an action that could reach one of the offering's prices, by their ids.

        It names the offering, a category of it, one of its prices, one that such a price replaces or is replaced by;
        or it names nothing, and so everything.
        """
        named = {("", ""), ("ProductOffering", offering["id"])}
        named |= {("Category", each["id"]) for each in offering.get("category") or [] if "id" in each}
        for price in self.priced_by(offering):
            around = [*replaced(price), *self.book.replacements(price["id"])]
            named |= {("ProductOfferingPrice", id_) for id_ in (price["id"], *around)}
        found = (self.held["promotion"][id_] for id_ in self._aimed(frozenset(named)))
        # One that is not given may be as unfinished as it likes: nobody reads its rules.
        return [each for each in found if each["lifecycleStatus"] in ON_SALE]

    def _aimed_at(self, named: frozenset[tuple[str, str]]) -> list[str]:
        return self.book.aimed_at(sorted(named))

    def text(self, said: Any, language: str | None = None) -> str:
        """The text in that language, else in the market's own."""
        return words.text(said, language or self.languages[0], self.languages[0])

    def rendered(self, kind: str, stored: Json, language: str) -> Json:
        """A catalog resource as TM Forum shapes it, in one language, its references with their addresses."""
        body = {"lastUpdate": self.since, **STANDING.get(kind, {}), **stored}
        body = words.spoken(body, language, self.languages[0])
        for name in body.keys() & REFERENCES.keys():
            named = body[name]
            body[name] = (
                [self._addressed(name, each, language) for each in named]
                if isinstance(named, list)
                else self._addressed(name, named, language)
            )
        for group in body.get("bundledGroupProductOffering") or []:
            inner = group.get("bundledProductOffering") or []
            group["bundledProductOffering"] = [self._addressed("bundledProductOffering", p, language) for p in inner]
        if "value" in (body.get("price") or {}):
            body["price"] = {**body["price"], "value": Decimal(body["price"]["value"])}
        if "tier" in body:
            body["tier"] = [
                {**tier, "price": {**tier["price"], "value": Decimal(tier["price"]["value"])}} for tier in body["tier"]
            ]
        return tmf.resource(kind, body.pop("id"), body)

    def _addressed(self, name: str, reference: Json, language: str) -> Json:
        """A reference with what we know of the one it names; one to what we do not hold stays as it was written."""
        if "id" not in reference:
            return reference
        kind, referred = REFERENCES[name]
        named = self.held[kind].get(reference["id"])
        href = tmf.href(kind, reference["id"])
        known = {"href": href, "name": self.text(named["name"], language)} if named else {}
        return {
            "href": href,
            **reference,
            **known,
            **({"@referredType": referred} if referred else {}),
        }
