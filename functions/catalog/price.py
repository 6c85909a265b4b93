"""The one pricing function: what the lines of a sale cost, each rule that changed a price by name. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

from functions.catalog import offer, rule, usage
from functions.catalog import promotion as promotions
from functions.catalog import tax as taxes
from functions.catalog.catalog import ON_SALE, Catalog
from functions.catalog.charge import ZERO, Charge, Part, Step
from functions.catalog.choice import Asked, Candidate, Price, Slot, Whole, best, horizon
from functions.catalog.promotion import Pattern, Promotion
from functions.catalog.rule import Criterion, Fact, Facts, OwnPrice, Predicate
from functions.catalog.tax import Tax
from functions.shared.amounts import step
from functions.shared.resource import Json, Money, valid

TERM = 12  # months over which a price is looked at where its offering has no term
MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True)
class Sale:
    """Where, when and for whom prices are asked; `facts` are what is known of the customer."""

    channel: str
    as_of: datetime
    language: str
    facts: Facts = field(default_factory=Facts)
    currency: str | None = None  # the brand's own where it is not said
    partner: str | None = None  # who sells under a name of its own, if anybody does


class Item(NamedTuple):
    """So much of an offering, priced from that version of the catalog; what of a bundle is priced has its line's id."""

    id: str
    catalog: Catalog
    offering: Json
    quantity: int = 1
    per_unit: int = 1  # of a part of a bundle, how many are in one unit of the line that goes by the same id


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
    ids = [(kind, id_) for item in items for kind, id_ in promotions.ids(item.offering)]
    sums = {"oneTime": ZERO, "recurring": ZERO}
    for item in items:
        for charge in _listed(item, sale):
            if charge.price_type in sums and charge.list_ is None:
                sums[charge.price_type] += charge.base.value * item.quantity * item.per_unit
    return {
        "cart.offering": frozenset(id_ for kind, id_ in ids if kind == "ProductOffering"),
        "cart.category": frozenset(id_ for kind, id_ in ids if kind == "Category"),
        "cart.quantity": Decimal(sum({item.id: item.quantity for item in items}.values())),
        "cart.oneTime": sums["oneTime"],
        "cart.recurring": sums["recurring"],
    }


def charges(item: Item, sale: Sale, facts: Mapping[str, Facts]) -> list[Charge]:
    """The list prices of one unit with their tax, those of a price list that holds in the place of the usual ones."""
    listed = _listed(item, sale)
    of_line = facts[item.catalog.version].of_line(item.quantity)
    instead: dict[str | None, list[tuple[int, str, Charge]]] = {}
    for charge in listed:
        if charge.list_ and (strength := _strength(item.catalog, charge.list_, sale, of_line)) is not None:
            instead.setdefault(charge.replaces, []).append((strength, charge.price_id, charge))
    usual = (charge for charge in listed if charge.list_ is None)
    found = [
        _own(c, of_line, sale.as_of) or (min(instead[c.price_id])[2] if c.price_id in instead else c) for c in usual
    ]
    taxed = [_taxed(charge, item.catalog, of_line, sale) for charge in found]
    return [charge.but(count=item.per_unit) for charge in taxed] if item.per_unit > 1 else taxed


def _own(charge: Charge, facts: Facts, as_of: datetime) -> Charge | None:
    """The same price as it is the customer's own: that counts before every price list."""
    own = facts.own_price(charge.price_id, as_of) if charge.negotiable else None
    return charge.but(base=Money(charge.base.unit, own.value), own=own.id) if own else None


def _taxed(charge: Charge, catalog: Catalog, facts: Facts, sale: Sale) -> Charge:
    """The price with the tax that it has in this sale."""
    rate = taxes.holding(catalog, charge.tax.category, facts, sale.as_of) if charge.tax else None
    if rate is None:
        return charge
    keeps = charge.keeps or rate.keeps or catalog.tax_keeps
    if charge.own:
        return charge.taxed(rate.tax, keeps)
    return _list_price_with(rate.tax, keeps, catalog, charge.price_id, sale.language)


@lru_cache(maxsize=8192)
def _list_price_with(tax: Tax, keeps: str | None, catalog: Catalog, price_id: str, language: str) -> Charge:
    """A price as the catalog lists it, with that tax."""
    return list_price(catalog, price_id, language).taxed(tax, keeps)


def _listed(item: Item, sale: Sale) -> list[Charge]:
    """Every price of an offering in the currency of the sale, of whatever price list."""
    currency = sale.currency or item.catalog.currency
    prices = item.catalog.prices(item.offering, sale.as_of)
    return [list_price(item.catalog, p["id"], sale.language) for p in prices if p["price"]["unit"] == currency]


def _strength(catalog: Catalog, id_: str, sale: Sale, facts: Facts) -> int | None:
    """The priority of a price list, where it holds."""
    stored, predicate = _price_list(catalog, id_)
    on = stored["lifecycleStatus"] in ON_SALE and valid(stored.get("validFor"), sale.as_of)
    return int(stored.get("priority", 1)) if on and predicate.holds(facts) else None


@lru_cache(maxsize=1024)
def _price_list(catalog: Catalog, id_: str) -> tuple[Json, Predicate]:
    stored = catalog.held["priceList"].get(id_) or {"lifecycleStatus": "Rejected"}
    return stored, rule.read_or_never(stored)


@lru_cache(maxsize=8192)
def list_price(catalog: Catalog, price_id: str, language: str) -> Charge:
    """A price as the catalog lists it; a version never changes, so it is read once."""
    price = catalog.held["productOfferingPrice"][price_id]
    tax = price.get("tax") or []
    unit, length = price["price"]["unit"], int(price.get("recurringChargePeriodLength") or 1)
    period = price.get("recurringChargePeriodType")
    replaced = (r["id"] for r in price.get("popRelationship", []) if r.get("relationshipType") == "replaces")
    return Charge(
        price_id=price_id,
        name=catalog.text(price["name"], language),
        price_type=price["priceType"],
        period=period if length == 1 else f"{length} {period}",
        base=Money(unit, Decimal(price["price"]["value"])),
        tax=Tax(tax[0]["taxCategory"], Decimal(str(tax[0]["taxRate"]))) if tax else None,
        due=price["due"],
        unit_of_time=period,
        length=length,
        step=step(unit, catalog.rounding),
        list_=price.get("priceList"),
        replaces=next(replaced, None),
        net=price.get("taxIncluded") is False,
        keeps=price.get("taxKeeps"),
        measure=_measure(price),
        tiers=tuple(usage.usage(price).tiers) if price.get("tier") else (),
        negotiable=bool(price.get("negotiable")),
    )


def _measure(price: Json) -> str | None:
    """The block that a usage price is for: 100 MB."""
    measure = price.get("unitOfMeasure") or {}
    return f"{measure.get('amount', 1)} {measure['units']}" if "units" in measure else None


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
        for need in offer.needs(item.catalog, item.offering, item.catalog.languages[0]):
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
            yield from _price_list(catalog, list_)[1].criteria()


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
