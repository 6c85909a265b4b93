"""One immutable version of a brand's catalog, and what it says: what is sold, where, when, in which words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from functions.catalog import facets, kinds, stages, words
from functions.catalog.book import Book
from functions.catalog.held import Held
from functions.catalog.kinds import (
    HELD,
    KINDS,
    ON_SALE,
    REFERENCES,
    RELEASED,
    amount,
    reckonable,
    references,
    released,
    replaced,
    standing,
)
from functions.catalog.partners import Partners
from functions.shared import tmf
from functions.shared.locale import day
from functions.shared.resource import Json, moment_of, valid

ENGLISH = "en"  # in which its sentences about an offering are
# How a price of what is sold already may rise, where the brand does not say: told so many days before, and not at all
# while a minimum term protects it.
PRICE_RISE = {"noticeDays": 30, "withinTerm": "excluded"}
REMEMBERED = 4096  # offerings whose prices and promotions are known: a version never changes
PROMOTIONS = 500  # on one offering that are looked at, in the order of their ids
__all__ = ["HELD", "KINDS", "ON_SALE", "REFERENCES", "RELEASED", "Catalog", "references", "released"]


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
        self.tax_keeps: str | None = facts.get("taxKeeps")
        self.price_rise: Json = {**PRICE_RISE, **(facts.get("priceRise") or {})}
        self.time_zone: str = facts["timeZone"]
        self.bills_in_advance: bool = facts.get("billsInAdvance", False)  # a period before it begins
        self.languages: list[str] = facts["languages"]
        self.held: Mapping[str, Mapping[str, Json]] = {kind: Held(book, kind) for kind in HELD}
        self._aimed = lru_cache(maxsize=REMEMBERED)(self._aimed_at)
        self._priced = lru_cache(maxsize=REMEMBERED)(self._priced_by)
        self._asked = lru_cache(maxsize=REMEMBERED)(self._asked_by)
        self._reckonable = lru_cache(maxsize=REMEMBERED)(self._is_reckonable)
        self.partners = Partners(book, self.held["partner"])

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

    def barred(
        self,
        offering: Json,
        channel: str,
        as_of: datetime,
        language: str | None = None,
        *,
        partner: str | None = None,
        kept: bool = False,
    ) -> Json | None:
        """Why that channel does not sell the offering at that moment, as a code and a sentence; None where it does.

        `partner` is who sells there under a name of its own, if anybody does. `kept`: it is not sold anew, who has it
        goes on with it.
        """
        return next(self.bars(offering, channel, as_of, language, partner=partner, kept=kept), None)

    def bars(
        self,
        offering: Json,
        channel: str,
        as_of: datetime,
        language: str | None = None,
        *,
        partner: str | None = None,
        kept: bool = False,
    ) -> Iterator[Json]:
        """Everything by which that channel does not sell it then, the strongest reason first."""
        name = self.text(offering["name"], language)
        if (who := self._refusing(offering, partner, as_of)) is not None:
            yield {"code": "notInAssortment", "reason": f"{name} is not in the assortment of {self.partner_name(who)}."}
        for code, sentence in self._bars(offering, channel, as_of, kept=kept):
            yield {"code": code, "reason": sentence.format(name)}

    def _refusing(self, offering: Json, partner: str | None, as_of: datetime) -> str | None:
        """Of a partner and those above it, who does not have the offering in its assortment."""
        return self.partners.refusing(partner, offering, as_of) if partner is not None else None

    def _bars(self, offering: Json, channel: str, as_of: datetime, *, kept: bool) -> Iterator[tuple[str, str]]:
        stage = stages.at(offering, as_of)
        if kept and stage == stages.OVER:
            yield "endOfLife", self._over(offering)
        elif stage not in (stages.KEPT if kept else stages.NEW):
            yield "notOnSale", self._not_now(offering, stage, as_of)
        if not all(map(self._reckonable, (p.get("id", "") for p in offering.get("productOfferingPrice") or []))):
            yield "notOnSale", "{} has a price that nobody can reckon with; it has to be mended before it is sold."
        if not kept and not offering.get("isSellable", True):
            yield "notSoldAlone", "{} is sold only as a part of a bundle."
        listed = self._listed(offering, channel)
        if listed is None:
            yield "notSoldHere", f"{{}} is not for sale in the {channel} channel."
        elif not kept and not valid(listed.get("validFor"), as_of):
            yield "notSoldHere", f"{{}} is not for sale in the {channel} channel{self._when(listed, as_of)}."

    def _is_reckonable(self, price_id: str) -> bool:
        price = self.held["productOfferingPrice"].get(price_id)
        return price is None or reckonable(price)

    def _listed(self, offering: Json, channel: str) -> Json | None:
        return next((c for c in offering.get("channel", []) if c["id"] == channel), None)

    def shown(self, offering: Json, channel: str, as_of: datetime, *, partner: str | None = None) -> bool:
        """Whether that channel shows the offering: it is announced or sold there, alone or as a part of a bundle."""
        if stages.at(offering, as_of) not in stages.SHOWN or self._refusing(offering, partner, as_of) is not None:
            return False
        listed = self._listed(offering, channel)
        return not offering.get("isSellable", True) or (listed is not None and valid(listed.get("validFor"), as_of))

    def over(self, offering: Json, as_of: datetime, language: str | None = None) -> Json | None:
        """Why nobody can change what they have of it any more; None while they can."""
        if stages.at(offering, as_of) != stages.OVER:
            return None
        return {"code": "endOfLife", "reason": self._over(offering).format(self.text(offering["name"], language))}

    def _over(self, offering: Json) -> str:
        since = offering.get(stages.CLOSES)
        return f"{{}} is at the end of its life{f' since {self._day(since)}' if since else ''}; it can only be ended."

    def _not_now(self, offering: Json, stage: str | None, as_of: datetime) -> str:
        begins, _ = stages.ordered(offering)
        if stage == stages.ANNOUNCED and begins:
            return f"{{}} can be ordered from {self._day(begins)}."
        return f"{{}} is not on sale{self._when(offering, as_of)}."

    def _when(self, dated: Json, as_of: datetime) -> str:
        period = dated.get("validFor") or {}
        start, end = period.get("startDateTime"), period.get("endDateTime")
        if start and moment_of(start) > as_of:
            return f" before {self._day(start)}"
        return f" since {self._day(end)}" if end and moment_of(end) <= as_of else " any more"

    def _day(self, written: str) -> str:
        """A moment as these sentences write it: the day in the market, and the hour where it is not the day's first."""
        try:
            moment = moment_of(written).astimezone(ZoneInfo(self.time_zone))
        except OverflowError:  # by the market's clock it is the year 10000
            return written[:10]
        said = day(moment.date(), ENGLISH, self.market)
        return f"{said} {moment:%H:%M}" if moment.hour or moment.minute else said

    def prices(self, offering: Json, as_of: datetime) -> list[Json]:
        """The prices of an offering that are valid then, in the order it lists them."""
        as_of = stages.priced_at(offering, as_of)
        return [p for p in self._asked(_named(offering)) if valid(p.get("validFor"), as_of)]

    def priced_by(self, offering: Json) -> tuple[Json, ...]:
        """The prices it names, and those that price lists put in their place; a draft may name what there is not."""
        return self._priced(_named(offering))

    def _priced_by(self, named: tuple[str, ...]) -> tuple[Json, ...]:
        held = self.held["productOfferingPrice"]
        ids = dict.fromkeys(id_ for name in named for id_ in (name, *self.book.replacements(name)))
        return tuple(held[id_] for id_ in ids if id_ in held)

    def _asked_by(self, named: tuple[str, ...]) -> tuple[Json, ...]:
        """Of these prices those that somebody may be asked to pay."""
        return tuple(p for p in self._priced(named) if p["lifecycleStatus"] in ON_SALE and reckonable(p))

    def shown_in(self, channel: str, kind: str, order: str, as_of: datetime, *, partner: str | None = None) -> int:
        """The places, in an order, of what that channel shows at that moment."""
        everywhere = self.having(kind, order, "shown", facets.EVERYWHERE, as_of)
        found = self.having(kind, order, "shown", channel, as_of) | everywhere
        if kind == "promotion":
            for seller in self.partners.around(partner):
                for where in (channel, facets.EVERYWHERE):
                    found |= self.having(kind, order, "shown", facets.by_partner(where, seller), as_of)
        if partner is None or kind != "productOffering":
            return found
        return found & self.partners.places(partner, order, as_of)

    def tells(self, promotion: Json, partner: str | None) -> bool:
        """Whether who sells so may know of a promotion: anybody gives it, or they, one above or one beneath them."""
        named = kinds.partners(promotion)
        return named is None or not named.isdisjoint(self.partners.around(partner))

    def partner_name(self, id_: str, language: str | None = None) -> str:
        """What a partner is called; by its id where the catalog does not know it."""
        found = self.held["partner"].get(id_)
        return self.text(found["name"], language) if found else id_

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

    def promotions_on(self, offering: Json) -> tuple[str, ...]:
        """The ids, in order, of all promotions on sale with an action that could reach a price of the offering.

        It names the offering, a category of it, one of its prices, one that such a price replaces or is replaced by;
        or it names nothing, and so everything.
        """
        categories = tuple(each["id"] for each in offering.get("category") or () if "id" in each)
        return self._aimed(offering["id"], categories, _named(offering))

    def _aimed_at(self, id_: str, categories: tuple[str, ...], named: tuple[str, ...]) -> tuple[str, ...]:
        aims = {("", ""), ("ProductOffering", id_), *(("Category", category) for category in categories)}
        for price in self._priced(named):
            around = [*replaced(price), *self.book.replacements(price["id"])]
            aims |= {("ProductOfferingPrice", id_) for id_ in (price["id"], *around)}
        found = (self.held["promotion"][id_] for id_ in self.book.aimed_at(sorted(aims))[:PROMOTIONS])
        # One that is not given may be as unfinished as it likes: nobody reads its rules.
        return tuple(each["id"] for each in found if each["lifecycleStatus"] in ON_SALE)

    def text(self, said: Any, language: str | None = None) -> str:
        """The text in that language, else in the market's own."""
        return words.text(said, language or self.languages[0], self.languages[0])

    def rendered(self, kind: str, stored: Json, language: str) -> Json:
        """A catalog resource as TM Forum shapes it, in one language, its references with their addresses."""
        body = {"lastUpdate": self.since, **standing(kind, stored), **stored}
        body = words.spoken(body, language, self.languages[0])
        for name in body.keys() & REFERENCES.keys():
            named = body[name]
            body[name] = (
                [self._addressed(name, each, language) for each in named]
                if isinstance(named, list)
                else self._addressed(name, named, language)
            )
        if "relatedParty" in body:
            body["relatedParty"] = [self._called(each, language) for each in body["relatedParty"]]
        for group in body.get("bundledGroupProductOffering") or []:
            inner = group.get("bundledProductOffering") or []
            group["bundledProductOffering"] = [self._addressed("bundledProductOffering", p, language) for p in inner]
        if "value" in (body.get("price") or {}):
            body["price"] = _numbered(body["price"])
        if "tier" in body:
            body["tier"] = [_tier(tier) for tier in body["tier"]]
        body = {name: value for name, value in body.items() if name != "price" or value is not None}
        return tmf.resource(kind, body.pop("id"), body)

    def _called(self, party: Json, language: str) -> Json:
        """A party by its name, where it is a partner of ours."""
        known = "id" in party and party["id"] in self.held["partner"]
        return {**party, "name": self.partner_name(party["id"], language)} if known else party

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


def _named(offering: Json) -> tuple[str, ...]:
    """The prices that an offering names."""
    return tuple([price.get("id", "") for price in offering.get("productOfferingPrice") or ()])


def _tier(tier: Json) -> Json:
    """A tier with its price as a number; without one where that is none, as a draft may say."""
    price = _numbered(tier["price"]) if "value" in (tier.get("price") or {}) else None
    return {**{name: value for name, value in tier.items() if name != "price"}, **({"price": price} if price else {})}


def _numbered(money: Json) -> Json | None:
    """Money whose value is a number; none where it is no number."""
    value = amount(money["value"])
    return None if value is None else {**money, "value": value}
