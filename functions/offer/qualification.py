"""Whether a sale may have an offering: every rule that is asked, whether it holds, and what would unlock it. Pure."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from functions.catalog import configuration, offer, phrases, price, stages
from functions.catalog.catalog import ON_SALE, Catalog
from functions.catalog.configuration import Configuration
from functions.catalog.kinds import is_bundle
from functions.catalog.rule import Criterion, Facts
from functions.catalog.sale import Item, Sale, present
from functions.offer import shelf
from functions.shared.resource import Json, moment_of, valid

LOOKED = 1000  # offerings that one question looks at
NOTHING: Json = {}
Way = tuple[Criterion, ...]


class Rule(NamedTuple):
    """One rule, in the code of its refusal: what it says here, whether it holds, else the ways that would unlock it."""

    code: str
    label: str
    holds: bool
    ways: Sequence[Way] = ()


class Shop(NamedTuple):
    """Where one chooses: the catalog of today, the sale, and what is in the cart already."""

    catalog: Catalog
    sale: Sale
    beside: Sequence[Item] = ()
    single: frozenset[str] = frozenset()  # the lines beside that are about one product: there is one of each
    left: frozenset[str] = frozenset()  # the products that lines beside end or give other terms

    def configured(self, offering: Json, said: Json = NOTHING, *, renewed: bool = False) -> Configuration | None:
        """A bundle as it would be in the cart, with what is said of it; `renewed`, with what is sold no more, too."""
        if not is_bundle(offering):
            return None
        channel, sale = None if renewed else self.sale.channel, self.sale
        return configuration.look(
            self.catalog, offering, said, language=sale.language, channel=channel, as_of=sale.as_of
        )

    def items(self, offering: Json, id_: str = "", quantity: int = 1) -> list[Item]:
        """So much of an offering as it would be in the cart where nobody chose; its id is smaller than any line's."""
        return configuration.items(id_, self.catalog, offering, self.configured(offering), quantity)

    def facts(self, *items: Item) -> dict[str, Facts]:
        """What would be known of the sale with these in the cart."""
        return price.known([*self.beside, *items], self.sale)


def of(shop: Shop, offering: Json, said: Json = NOTHING, *, renewed: bool = False) -> list[Rule]:
    """Every rule on one of an offering beside the cart: of the market, of its eligibility, of what it goes with.

    `said` is what is chosen of it; `renewed`, who has it goes on with it.
    """
    chosen = shop.configured(offering, said, renewed=renewed)
    found = [*_market(shop, offering, renewed=renewed), *_impossible(chosen)]
    items, beside, language = (
        configuration.items("", shop.catalog, offering, chosen),
        present(shop.beside),
        shop.sale.language,
    )
    if not (needs := [need for item in items for need in offer.needs(item, language, beside)]):
        return found
    facts = shop.facts(*items)[shop.catalog.version].of_line(1)
    for need in needs:
        known = need.known(facts)
        holds = need.predicate.holds(known)
        label = need.told(shop.catalog, offering["id"], language)
        found.append(Rule(need.code, label, holds, () if holds else need.ways(known)))
    return found


def _impossible(chosen: Configuration | None) -> Iterator[Rule]:
    """What no choice would mend: a part that must be in it and is not sold, or that there is nothing to choose."""
    for each in chosen.conflict if chosen else []:
        yield Rule("configurationConflict", each["reason"], holds=False)
    for each in chosen.missing if chosen else []:
        if each.get("allowed") == []:
            yield Rule("notConfigured", each["reason"], holds=False)


def qualifies(found: Sequence[Rule]) -> bool:
    """Whether nothing stands in the way."""
    return all(rule.holds for rule in found)


def shown(shop: Shop, category: str | None = None) -> Iterator[Json]:
    """The offerings that the channel shows; at most LOOKED."""
    sale = shop.sale
    return islice(shelf.offered(shop.catalog, sale.channel, sale.as_of, category, partner=sale.partner), LOOKED)


def qualifying(shop: Shop, category: str | None = None) -> Iterator[tuple[Json, list[Rule]]]:
    """The offerings that the sale may have, of those that its channel shows."""
    for offering in shown(shop, category):
        if qualifies(found := of(shop, offering)):
            yield offering, found


def alternatives(shop: Shop, offering: Json, most: int) -> list[Json]:
    """What could be had instead: first what the offering itself relates to, then others of its categories."""
    relationships = offering.get("productOfferingRelationship", [])
    related = (each["id"] for each in relationships if each["relationshipType"] not in ("requires", "excludes"))
    named = [each for id_ in related if (each := shop.catalog.offering(id_))]
    of_category = (each for category in offering.get("category", []) for each, _ in qualifying(shop, category["id"]))
    found: dict[str, Json] = {}
    for each in (*(each for each in named if qualifies(of(shop, each))), *islice(of_category, most + 1)):
        if each["id"] != offering["id"]:
            found.setdefault(each["id"], each)
    return [*found.values()][:most]


def _market(shop: Shop, offering: Json, *, renewed: bool) -> Iterator[Rule]:
    catalog, sale = shop.catalog, shop.sale
    bars = catalog.bars(offering, sale.channel, sale.as_of, sale.language, partner=sale.partner, kept=renewed)
    barred = {bar["code"] for bar in bars}
    for code, (held, broken) in phrases.MARKET.items():
        if code == "notInAssortment" and sale.partner is None:
            continue
        holds = code not in barred
        label = catalog.text(held if holds else broken, sale.language).format(sale.channel)
        yield Rule(code, label, holds, () if holds else _market_ways(shop, code, offering))


def _market_ways(shop: Shop, code: str, offering: Json) -> list[Way]:
    """What would have the market sell it: a later day, or another channel."""
    sale = shop.sale
    if code == "notOnSale":
        begins, _ = stages.ordered(offering)
        return _later(shop, begins) if offering["lifecycleStatus"] in ON_SALE else []
    if code == "notSoldHere":
        channels = offering.get("channel", [])
        here = [
            way
            for each in channels
            if each["id"] == sale.channel
            for way in _later(shop, (each.get("validFor") or {}).get("startDateTime"))
        ]
        there = sorted({each["id"] for each in channels if valid(each.get("validFor"), sale.as_of)})
        return here + [(Criterion("channel", "=", id_, "text"),) for id_ in there]
    return []


def _later(shop: Shop, start: str | None) -> list[Way]:
    if start is None or moment_of(start) <= shop.sale.as_of:
        return []
    try:
        day = moment_of(start).astimezone(ZoneInfo(shop.catalog.time_zone)).date().isoformat()
    except OverflowError:  # by the market's clock it is the year 10000
        return []
    return [(Criterion("date", ">=", day, "ordered"),)]
