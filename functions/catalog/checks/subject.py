"""A catalog's content as the checks read it: what is of its form, by kind and id, and what is looked up again."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar, cast

from functions.catalog import kinds, words
from functions.catalog.catalog import Catalog
from functions.catalog.checks import spans
from functions.catalog.checks.form import AMOUNT, plain
from functions.catalog.checks.spans import Span
from functions.catalog.kinds import ON_SALE, RELEASED
from functions.shared.resource import Json

Found = TypeVar("Found")
Target = tuple[str, str]  # the @referredType of what a promotion names, and its id
EVERYTHING: Target = ("", "")  # what it names that names nothing


@dataclass
class Reached:
    """What a promotion may reach: when that is on sale and in which channels, and the prices by id."""

    on_sale: set[Span] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    prices: dict[str, Json] = field(default_factory=dict)

    @cached_property
    def values(self) -> list[Decimal]:
        """What the prices come to, the least first."""
        return sorted({Decimal(plain(price["price"]["value"])) for price in self.prices.values()})

    def take(self, offering: Json, prices: Mapping[str, Json]) -> None:
        """Adds an offering, and these of its prices."""
        self.on_sale.add(spans.of(offering))
        self.channels.update(channel["id"] for channel in offering.get("channel") or [] if "id" in channel)
        self.prices.update(prices)


@dataclass
class Offered:
    """What is asked of all offerings at once, gathered while each is read once."""

    reached: dict[Target, Reached]  # what is on sale by what a promotion names
    listed: set[str] = field(default_factory=set)  # prices that price lists replace, and an offering on sale names
    bundled: set[str] = field(default_factory=set)  # what is a part of a bundle that is on sale
    needs: dict[str, list[str]] = field(default_factory=dict)  # what an offering requires


class Unpublished(Catalog):
    """Content that lies in no book yet, as a catalog, to ask of it what a configuration would."""

    def __init__(self, content: Mapping[str, Any], held: Mapping[str, Mapping[str, Json]]) -> None:
        self.version, self.since, self.held = "unpublished", None, held
        self.brand, self.currency, self.time_zone = content["brand"], content["currency"], content["timeZone"]
        self.languages = content["languages"]


class Subject:
    """What is of its form. `as_of`: what was over before is no fault any more; None where all times count."""

    def __init__(
        self,
        content: Mapping[str, Any],
        held: Mapping[str, Mapping[str, Json]],
        as_of: datetime | None = None,
    ) -> None:
        self.held, self.as_of = held, as_of
        self.catalog = Unpublished(content, held)
        self._known: dict[object, object] = {}
        self.languages: list[str] = content["languages"]
        self.currencies: list[str] = content.get("currencies") or [content["currency"]]
        self.rounding: Mapping[str, str] = content.get("rounding") or {}

    def text(self, said: Any) -> str:
        """A text in the market's own language."""
        return words.text(said, self.languages[0])

    def on_sale(self, kind: str) -> Iterator[Json]:
        """Those of a kind that are sold, or act, some time."""
        yield from (stored for stored in self.held[kind].values() if stored["lifecycleStatus"] in ON_SALE)

    def find_on_sale(self, kind: str, id_: Any) -> Json | None:
        """One of them."""
        found = self.held[kind].get(str(id_))
        return found if found and found["lifecycleStatus"] in ON_SALE else None

    def find_released(self, kind: str, id_: Any) -> Json | None:
        """One that channels may know of."""
        found = self.held[kind].get(str(id_))
        return found if found and found["lifecycleStatus"] in RELEASED else None

    def prices(self, offering: Json) -> list[Json]:
        """The prices that an offering names and that are on sale some time; those of price lists are beside them."""
        named = [
            self.find_on_sale("productOfferingPrice", p.get("id")) for p in offering.get("productOfferingPrice", [])
        ]
        return [price for price in named if price is not None and "priceList" not in price]

    def charged(self, offering: Json) -> list[Json]:
        """Those of them that can be charged: an amount of a currency."""
        return [price for price in self.prices(offering) if chargeable(price)]

    def once(self, name: object, found: Callable[[], Found]) -> Found:
        """What is found of the whole catalog, found once."""
        if name not in self._known:
            self._known[name] = found()
        return cast(Found, self._known[name])

    @cached_property
    def replacing(self) -> dict[str, list[Json]]:
        """The prices of price lists by the price they stand in the place of."""
        found: dict[str, list[Json]] = defaultdict(list)
        for price in self.on_sale("productOfferingPrice"):
            for id_ in replaced(price) if chargeable(price) else ():
                found[id_].append(price)
        return found

    @cached_property
    def offered(self) -> Offered:
        """What is found of all offerings."""
        named = {target for promotion in self.held["promotion"].values() for target in kinds.targets(promotion)}
        found = Offered({target: Reached() for target in named})
        for offering in self.held["productOffering"].values():
            if others := required(offering):
                found.needs[offering["id"]] = others
            if offering["lifecycleStatus"] in ON_SALE:
                ids = [named.get("id", "") for named in offering.get("productOfferingPrice", [])]
                found.listed.update(id_ for id_ in ids if id_ in self.replacing)
                found.bundled.update(part["id"] for part in parts(offering) if "id" in part)
                self._reach(found.reached, offering, ids)
        return found

    def _reach(self, found: dict[Target, Reached], offering: Json, ids: list[str]) -> None:
        """Adds an offering, whose prices have these ids, to what reaches it."""
        categories = [("Category", c.get("id", "")) for c in offering.get("category", [])]
        mine = [t for t in (EVERYTHING, ("ProductOffering", offering["id"]), *categories) if t in found]
        if not mine and not any(("ProductOfferingPrice", id_) in found for id_ in self._with_lists(ids)):
            return
        prices = {p["id"]: brief(p) for listed in self.charged(offering) for p in self._either(listed)}
        for target in mine:
            found[target].take(offering, prices)
        for id_, price in prices.items():
            for target in {("ProductOfferingPrice", each) for each in (id_, *replaced(price))} & found.keys():
                found[target].take(offering, {id_: price})

    def _either(self, price: Json) -> list[Json]:
        """A price, and those that may stand in its place."""
        return [price, *self.replacing.get(price["id"], ())]

    def _with_lists(self, ids: list[str]) -> list[str]:
        return ids + [price["id"] for id_ in ids for price in self.replacing.get(id_, ())]

    def span(self, stored: Json) -> Span:
        """When it is valid, as far as that still counts."""
        return spans.since(spans.of(stored), self.as_of)


def brief(price: Json) -> Json:
    """What a promotion asks of a price."""
    return {name: price[name] for name in ("id", "priceType", "price", "priceList", "popRelationship") if name in price}


def chargeable(price: Json) -> bool:
    """Whether a price says an amount that can be reckoned with."""
    said = price.get("price") or {}
    return "unit" in said and AMOUNT.fullmatch(plain(said.get("value", ""))) is not None


def replaced(price: Json) -> list[str]:
    """The ids of the prices that a price of a price list stands in the place of."""
    return kinds.replaced(price) if "priceList" in price else []


def required(offering: Json) -> list[str]:
    """The ids of the offerings that it requires one of."""
    related = offering.get("productOfferingRelationship") or []
    return [each["id"] for each in related if each.get("relationshipType") == "requires" and "id" in each]


def parts(bundle: Json) -> Iterator[Json]:
    """Everything that a bundle may hold, as it names it: by itself and in groups."""
    yield from bundle.get("bundledProductOffering") or []
    for group in bundle.get("bundledGroupProductOffering") or []:
        yield from group.get("bundledProductOffering") or []
