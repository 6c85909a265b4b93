"""Prices: whether each can be charged, and whether an offering has one of each kind on every day of its sale."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from functions.catalog.checks import spans
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.form import AMOUNT, plain
from functions.catalog.checks.subject import Subject, chargeable, parts, replaced
from functions.catalog.kinds import DUE, PERIODS
from functions.catalog.tax import KEEPS, NAMED
from functions.shared.amounts import decimals
from functions.shared.resource import Json

CUSTOMERS = ("consumer", "business")
PRICE_TYPES = ("oneTime", "recurring", "usage")
JUMP = Decimal("0.5")  # of a price on one day: more of it is hardly meant
Slot = tuple[object, ...]


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with one price by itself."""
    kind = stored.get("priceType")
    if kind not in PRICE_TYPES:
        yield error("wrongPriceType", f"priceType must be one of {', '.join(PRICE_TYPES)}.")
    if kind == "recurring" and stored.get("recurringChargePeriodType") not in PERIODS:
        yield error("noPeriod", "a recurring price needs its period (recurringChargePeriodType), such as month.")
    if kind == "recurring" and stored.get("recurringChargePeriodLength", 1) < 1:
        yield error("noPeriod", "its recurringChargePeriodLength must be 1 or more.")
    if kind == "usage" and not (stored.get("unitOfMeasure") or {}).get("units"):
        yield error("noUnit", "a usage price needs what it is counted in (unitOfMeasure {amount, units}).")
    if stored.get("due") not in DUE:
        yield error("noDue", f"it does not say when it is due; due is one of {', '.join(DUE)}.")
    if stored.get("negotiable") and (kind == "usage" or "priceList" in stored):
        yield error("notToNegotiate", "only a list price that is paid once or each period is negotiable.")
    yield from _tax(stored)
    yield from money(subject, stored.get("price") or {}, "price")
    yield from _tiers(subject, stored)
    yield from _of_list(subject, stored)


def _tax(stored: Json) -> Iterator[Fault]:
    taxes = stored.get("tax") or []
    if any("taxCategory" not in tax or "taxRate" not in tax for tax in taxes):
        yield error("noTaxRate", "a tax needs a taxCategory and a taxRate.")
    if any(not 0 <= Decimal(plain(tax.get("taxRate", 0))) <= 100 for tax in taxes):
        yield error("wrongTaxRate", "a taxRate must be a percentage from 0 to 100.")
    if len(taxes) > 1:
        yield error("severalTaxes", "it names more than one tax; name the one that it bears.")
    if stored.get("taxIncluded") is False and not taxes:
        yield error("noTax", "it is written without tax, and does not say which comes on top (tax).")
    yield from keeps("taxKeeps", stored)


def keeps(name: str, stored: Mapping[str, object]) -> Iterator[Fault]:
    """Whether what stays the same under another tax is something that there is."""
    if stored.get(name, KEEPS[0]) not in KEEPS:
        yield error("wrongKeeps", f"{name} must be {' or '.join(KEEPS)}: what stays the same under another tax.")


def money(subject: Subject, price: Json, at: str) -> Iterator[Fault]:
    """Whether an amount can be charged: in a currency of the brand, not negative, in whole coins."""
    unit, value = price.get("unit"), plain(price.get("value", ""))
    if unit not in subject.currencies:
        yield error("wrongCurrency", f"{at}.unit must be {' or '.join(subject.currencies)}, in which this brand sells.")
    if not AMOUNT.fullmatch(value):
        told = "an amount, zero or more, of at most 12 digits before the point"
        yield error("noAmount", f"{at}.value must be {told}, not {value[:20]!r}.")
    elif Decimal(value) < 0:
        yield error("negativePrice", f"{at}.value must be an amount, zero or more.")
    elif Decimal(value) != round(Decimal(value), places := decimals(str(unit))):
        yield error("tooManyDecimals", f"{at}.value {value} has more than {places} decimals.")


def _tiers(subject: Subject, stored: Json) -> Iterator[Fault]:
    tiers = stored.get("tier") or []
    if tiers and stored.get("priceType") != "usage":
        yield error("tiersOfNoUsage", "only a usage price has tiers (tier).")
    for tier in tiers:
        yield from money(subject, tier.get("price") or {}, "the price of a tier")
    starts = [Decimal(plain(tier.get("from", -1))) for tier in tiers]
    if starts and starts[0] != 0:
        yield error("tierGap", "the first tier must begin at 0 (from); what is below it would cost nothing.")
    if any(later <= earlier for earlier, later in pairwise(starts)):
        yield error("tiersNotAscending", "its tiers must ascend: each begins (from) above the one before it.")


def _of_list(subject: Subject, stored: Json) -> Iterator[Fault]:
    if "priceList" in stored and not replaced(stored):
        yield error("replacesNothing", "a price of a price list must say which price it replaces (popRelationship).")
    for id_ in replaced(stored):
        other = subject.held["productOfferingPrice"].get(id_)
        if other and chargeable(other) and chargeable(stored):  # all else is told elsewhere
            yield from _in_place(subject, stored, other)


def _in_place(subject: Subject, stored: Json, other: Json) -> Iterator[Fault]:
    id_ = other["id"]
    if "priceList" in other:
        yield error("replacesOther", f"it replaces {id_}, which is a price of a price list; name the list price.")
    elif _kind(other) != _kind(stored):
        yield error("replacesOther", f"it replaces {id_}, which is of another type, period or currency.")
    elif id_ not in subject.offered.listed:
        yield error("replacesNothing", f"it replaces {id_}, which no offering on sale names.")
    for same in subject.replacing.get(id_, ()):
        span = spans.both(subject.span(stored), subject.span(same))
        if same["priceList"] == stored["priceList"] and same["id"] < stored["id"] and not spans.empty(span):
            yield error("priceTwice", f"it and {same['id']} replace {id_} {spans.told(span)}; end one of them.")


def of_offering(subject: Subject, offering: Json) -> Iterator[Fault]:
    """Whether an offering on sale has its prices on every day of its sale, and each only once."""
    if not subject.prices(offering) and not any(parts(offering)):  # a bundle may cost what its parts cost
        yield error("noPrice", "it is on sale without a price (productOfferingPrice).")
    if not (listed := subject.charged(offering)):
        return
    sale = subject.span(offering)
    if not spans.empty(sale) and (hole := spans.hole(sale, map(spans.of, listed))):
        yield error("priceGap", f"it has no price {spans.told(hole)}, when it is on sale; let one begin or end then.")
    slots: dict[Slot, list[Json]] = defaultdict(list)
    for price in listed:
        slots[(*_kind(price), subject.text(price["name"]))].append(price)
    for prices in slots.values():
        yield from _in_a_row(subject, sorted(prices, key=lambda price: (spans.of(price), price["id"])))
    yield from _currencies(subject, listed)


def _kind(price: Json) -> Slot:
    period = price.get("recurringChargePeriodType"), str(price.get("recurringChargePeriodLength", 1))
    return price.get("priceType"), period, price["price"].get("unit"), str(price.get("unitOfMeasure"))


def _in_a_row(subject: Subject, prices: list[Json]) -> Iterator[Fault]:
    """Prices of one slot: one ends where the next begins."""
    for earlier, later in pairwise(prices):
        (_, end), (start, _) = spans.of(earlier), spans.of(later)
        together = spans.since(spans.both(spans.of(earlier), spans.of(later)), subject.as_of)
        named = f"{earlier['id']} and {later['id']}"
        if not spans.empty(together):
            yield error("priceTwice", f"{named} are both charged {spans.told(together)}; end one, or name them apart.")
        elif end < start and not spans.empty(spans.since((end, start), subject.as_of)):
            told = spans.told(spans.since((end, start), subject.as_of))
            yield error("priceGap", f"between {named} it has no such price {told}; let one begin or end then.")
        elif end == start and _jumps(earlier, later):
            was, becomes = earlier["price"]["value"], later["price"]["value"]
            yield warning("priceCliff", f"on {start.date()} it goes from {was} to {becomes} ({named}); is that meant?")


def _jumps(earlier: Json, later: Json) -> bool:
    was, becomes = (Decimal(plain(price["price"]["value"])) for price in (earlier, later))
    return abs(becomes - was) > was * JUMP


def _currencies(subject: Subject, prices: list[Json]) -> Iterator[Fault]:
    found: dict[Slot, set[str]] = defaultdict(set)
    for price in prices:
        found[_kind(price)[:2]].add(price["price"]["unit"])
    for kind, has in found.items():
        for currency in subject.currencies:
            if currency not in has:
                yield warning("noPriceIn", f"it has a {kind[0]} price, but none in {currency}; nothing is converted.")


def tax_rate(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with a rate: its number, and another one that says the same of the same time."""
    if "taxCategory" not in stored or "taxRate" not in stored:
        yield error("noTaxRate", "it needs a taxCategory and a taxRate.")
    elif not 0 <= Decimal(plain(stored["taxRate"])) <= 100:
        yield error("wrongTaxRate", "its taxRate must be a percentage from 0 to 100.")
    if stored.get("customerKind", CUSTOMERS[0]) not in CUSTOMERS:
        yield error("unknownCustomerKind", f"its customerKind must be {' or '.join(CUSTOMERS)}; nobody else there is.")
    yield from keeps("keeps", stored)
    for other in subject.once("taxRates", lambda: _rates(subject)).get(_case(stored), []):
        span = spans.both(subject.span(stored), subject.span(other))
        if other["id"] < stored["id"] and not spans.empty(span):
            yield error("taxTwice", f"it and {other['id']} are of the same case {spans.told(span)}; keep one of them.")


def _case(rate: Json) -> Slot:
    return tuple(rate.get(name) for name in ("taxCategory", *NAMED))


def _rates(subject: Subject) -> dict[Slot, list[Json]]:
    found: dict[Slot, list[Json]] = defaultdict(list)
    for rate in subject.held["taxRate"].values():
        found[_case(rate)].append(rate)
    return found
