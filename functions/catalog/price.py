"""The one pricing function: what the lines of a sale cost, each rule that changed a price by name. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

from functions.catalog import offer
from functions.catalog import promotion as promotions
from functions.catalog import tax as taxes
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge, Step
from functions.catalog.choice import Asked, Slot, Whole, best
from functions.catalog.meeting import Candidate, Price, horizon
from functions.catalog.promotion import Pattern, Promotion
from functions.catalog.rule import Criterion, Fact, Facts, OwnPrice
from functions.catalog.sale import Item, Sale, charges, listed, price_list
from functions.catalog.totals import ZERO, Part
from functions.shared.resource import Json

TERM = 12  # months over which a price is looked at where its offering has no term
MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, eq=False)
class Held:
    """A promotion that holds for a line, by which pattern, and the step that each action of that is."""

    promotion: Promotion
    pattern: Pattern
    steps: tuple[Step, ...]


def priced(items: Iterable[Item], sale: Sale, facts: Mapping[str, Facts] | None = None) -> dict[str, list[Charge]]:
    """What one unit of each item costs in this sale, by the item's id; the order of items makes no difference."""
    ordered = sorted(items, key=lambda item: item.id)
    found_of = asked(ordered, sale, facts)
    found: dict[str, list[Charge]] = {item.id: [] for item in ordered}
    for slot, charge in zip(found_of.slots, best(found_of), strict=True):
        found[slot.line].append(charge)
    return found


def asked(items: list[Item], sale: Sale, facts: Mapping[str, Facts] | None = None) -> Asked:
    """Every price of the sale with the promotions that could act on it, and those that act on several together.

    `facts` are what is known by catalog version, where that is more than these items and the sale say.
    """
    facts = facts or known(items, sale)
    held = holding(items, sale, facts)
    slots: list[Slot] = []
    together: dict[tuple[Candidate, Part, bool], list[int]] = {}
    for item, of_item in zip(items, held, strict=True):
        months = _months(item.offering)
        for charge in charges(item, sale, facts):
            periods = horizon(charge.unit_of_time, charge.length, months)
            price, with_others = _reached(charge, periods, promotions.ids(item.offering, charge), of_item)
            for candidate in with_others:
                together.setdefault((candidate, charge.part, charge.net), []).append(len(slots))
            slots.append(Slot(item.id, item.quantity, price))
    return Asked(slots, [*_wholes(slots, together)], _strengths(held))


@lru_cache(maxsize=512)
def _reached(
    charge: Charge, periods: int, ids: frozenset[promotions.Id], held: tuple[Held, ...]
) -> tuple[Price, tuple[Candidate, ...]]:
    """A price that goes by these ids with those of the promotions that act on it alone; and those that do with others.

    The same few prices are asked for in sale after sale, in which mostly the same promotions hold.
    """
    alone: list[Candidate] = []
    with_others: list[Candidate] = []
    for each in held:
        for action, of_action in zip(each.pattern.actions, each.steps, strict=True):
            if action.reaches(charge, ids):
                candidate = Candidate(of_action, each.promotion.group, each.promotion.limit)
                (with_others if action.together else alone).append(candidate)
                break
    return Price(charge, periods, alone), tuple(with_others)


def _strengths(held: Iterable[tuple[Held, ...]]) -> dict[str, int]:
    """The smallest priority that each promotion has in the cart."""
    found: dict[str, int] = {}
    for each in chain.from_iterable({*held}):
        id_, priority = each.promotion.id, each.pattern.priority
        found[id_] = min(found.get(id_, priority), priority)
    return found


def _wholes(slots: list[Slot], together: Mapping[tuple[Candidate, Part, bool], list[int]]) -> Iterator[Whole]:
    for (candidate, *_), places in together.items():
        total = sum((slots[place].charge.amount(slots[place].quantity) for place in places), ZERO)
        if candidate.step.off(total, slots[places[0]].charge.step):
            by_name = sorted(places, key=lambda place: (slots[place].line, slots[place].charge.price_id))
            yield Whole(candidate, tuple(by_name), max(slots[place].periods for place in places))


def _months(offering: Json) -> int:
    """Over how many months its prices are looked at: its longest term."""
    terms = (term.get("duration", {}) for term in offering.get("productOfferingTerm", []))
    months = max((each.get("amount", 0) * MONTHS.get(each.get("units", ""), 0) for each in terms), default=0)
    return int(months) or TERM


def known(items: list[Item], sale: Sale) -> dict[str, Facts]:
    """What is known of the sale, by the version of the catalog that it is asked in: the cart is part of it."""
    found: dict[str, Facts] = {}
    for catalog in {item.catalog.version: item.catalog for item in items}.values():
        day = sale.as_of.astimezone(ZoneInfo(catalog.time_zone)).date().isoformat()
        facts = {**sale.facts.known, "channel": sale.channel, "date": day, **_cart(items, sale)}
        if sale.partner is not None:
            facts["partner"] = frozenset(catalog.partners.chain(sale.partner))
        if sale.facts.held is None:
            facts["segment"] = promotions.segments(catalog, facts, sale.as_of)
        found[catalog.version] = replace(sale.facts, known=facts)
    return found


def _cart(items: list[Item], sale: Sale) -> dict[str, Fact]:
    """What is in the cart, at list prices."""
    ids = [named for item in items for each in item.offerings for named in promotions.ids(each)]
    sums = {"oneTime": ZERO, "recurring": ZERO}
    for item in items:
        for charge in listed(item, sale):
            if charge.price_type in sums and charge.list_ is None:
                sums[charge.price_type] += charge.base.value * item.quantity * item.per_unit
    return {
        "cart.offering": frozenset(id_ for kind, id_ in ids if kind == "ProductOffering"),
        "cart.category": frozenset(id_ for kind, id_ in ids if kind == "Category"),
        "cart.quantity": Decimal(sum({item.id: item.quantity for item in items}.values())),
        "cart.oneTime": sums["oneTime"],
        "cart.recurring": sums["recurring"],
    }


def holding(items: list[Item], sale: Sale, facts: Mapping[str, Facts]) -> list[tuple[Held, ...]]:
    """The promotions that hold for each item of the sale."""
    # Most items have the same promotions on them, and most promotions do not ask how many there are of a line.
    of_items: dict[tuple[str, tuple[str, ...], int], tuple[Held, ...]] = {}
    known: dict[tuple[str, str, int], Held | None] = {}
    found = []
    for item in items:
        version, on = item.catalog.version, item.catalog.promotions_on(item.offering)
        if (version, on, item.quantity) not in of_items:
            of_line, of_item = facts[version].of_line(item.quantity), []
            for promotion in promotions.on(item.catalog, item.offering):
                asked = version, promotion.id, item.quantity if promotion.by_quantity else 0
                if asked not in known:
                    known[asked] = _held(item.catalog, promotion, of_line, sale)
                if (each := known[asked]) is not None:
                    of_item.append(each)
            of_items[version, on, item.quantity] = tuple(of_item)
        found.append(of_items[version, on, item.quantity])
    return found


def _held(catalog: Catalog, promotion: Promotion, facts: Facts, sale: Sale) -> Held | None:
    pattern = promotion.pattern(facts, sale.as_of) if promotion.on_sale(sale.as_of) else None
    return _by_pattern(catalog, promotion.id, pattern.place, sale.language) if pattern else None


@lru_cache(maxsize=4096)
def _by_pattern(catalog: Catalog, id_: str, place: int, language: str) -> Held:
    """A promotion that holds by that one of its patterns; the same object every time, by which it is known."""
    promotion = promotions.of(catalog, id_)
    name, pattern = catalog.text(promotion.stored["name"], language), promotion.patterns[place]
    steps = (Step(id_, name, pattern.priority, a.kind, a.value, a.periods) for a in pattern.actions)
    return Held(promotion, pattern, tuple(steps))


def parameters(items: Iterable[Item], beside: frozenset[str] = frozenset()) -> set[str]:
    """What has to be known of a sale to tell what these cost and who may have them, by parameter.

    Where something needs one of several and the offerings `beside` it in the cart have it, nothing more is asked.
    """
    cart = Facts({"cart.offering": beside})
    found: set[str] = set()
    for item in items:
        found |= _of_cost(item.catalog, item.offering["id"])
        for need in offer.needs(item, item.catalog.languages[0]):
            if need.code != offer.REQUIRED or not need.predicate.holds(cart):
                found |= _parameters(item.catalog, need.predicate.criteria())
    return found


@lru_cache(maxsize=4096)
def _of_cost(catalog: Catalog, id_: str) -> frozenset[str]:
    """What decides what an offering costs, by parameter: a version never changes."""
    return _parameters(catalog, _of_prices(catalog, id_))


def _parameters(catalog: Catalog, criteria: Iterable[Criterion]) -> frozenset[str]:
    """What these ask, and what decides who is in a segment that they name."""
    asked = [*criteria]
    of_segments = (promotions.in_segment(catalog, str(c.value)) for c in asked if c.parameter == "segment")
    return frozenset(c.parameter for c in (*asked, *chain.from_iterable(of_segments)))


def held(items: list[Item], sale: Sale) -> list[str]:
    """Of the criteria on who the customer is that could decide what these cost, the texts of those that are true.

    `Facts(held=…)` with them is enough to price the same again, and says no more of the customer than the rules do.
    """
    facts = known(items, sale)
    of_prices = ((item, c) for item in items for c in _of_prices(item.catalog, item.offering["id"]))
    asked = ((c, facts[item.catalog.version]) for item, c in of_prices if c.personal)
    return sorted({criterion.text for criterion, of_sale in asked if criterion.holds(of_sale)})


def own(items: list[Item], sale: Sale) -> list[OwnPrice]:
    """Of the prices of the customer's own those that these cost."""
    ids = dict.fromkeys(price["id"] for item in items for price in item.catalog.prices(item.offering, sale.as_of))
    return [found for id_ in ids if (found := sale.facts.own_price(id_, sale.as_of))]


def negotiable(items: Iterable[Item]) -> bool:
    """Whether something of these may cost single customers what was promised to them."""
    return any(price.get("negotiable") for item in items for price in item.catalog.priced_by(item.offering))


def _of_prices(catalog: Catalog, id_: str) -> Iterator[Criterion]:
    """What decides what an offering costs: its promotions, its taxes, and its price lists."""
    offering = catalog.held["productOffering"][id_]
    for promotion in promotions.on(catalog, offering):
        for pattern in promotion.patterns:
            yield from pattern.predicate.criteria()
    for price in catalog.priced_by(offering):
        yield from taxes.criteria(catalog, price)
        if list_ := price.get("priceList"):
            yield from price_list(catalog, list_)[1].criteria()


def promotions_seen(catalog: Catalog, offering: Json, sale: Sale, *, staff: bool, operator: bool) -> list[Json]:
    """The promotions on an offering that may be shown in a sale: those it would get.

    Staff sees those of other channels too, and where; a partner's own only an operator.
    """
    item = Item("", catalog, offering)
    given = {held.promotion.id for held in holding([item], sale, known([item], sale))[0]}
    return [
        promotions.rendered(catalog, p.stored, sale.language, applied=p.id in given)
        for p in promotions.on(catalog, offering)
        if p.on_sale(sale.as_of) and (p.id in given or operator or (staff and catalog.tells(p.stored, sale.partner)))
    ]
