"""What stands in the way of publishing a catalog: each finding a sentence that names the resource to mend. Pure.

Only what channels may know of is looked at; what is still In study may be as unfinished as it likes.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

from functions.catalog.catalog import KINDS, ON_SALE, RELEASED, Catalog, references, released
from functions.shared.resource import MINOR_UNITS, Json, moment_of

DUE = ("atOrder", "onDelivery", "onBill", "perUse")
PRICE_TYPES = ("oneTime", "recurring")
BEFORE_RELEASE = ("In study", "In design", "In test", "Rejected")


def findings(catalog: Catalog) -> list[str]:
    """Everything that would make a channel sell what it cannot, or fail; none where the catalog may be published."""
    return [
        f"{kind} {stored['id']} ({catalog.text(stored['name'])}): {fault}"
        for kind in KINDS
        for stored in catalog.held[kind].values()
        for fault in _faults(catalog, kind, stored)
    ]


def named_by(catalog: Catalog, kind: str, id_: str) -> list[str]:
    """What channels may know of that refers to a resource, as kind and id."""
    return [
        f"{of} {stored['id']}"
        for of in KINDS
        for stored in catalog.held[of].values()
        if released(stored) and any(k == kind and r.get("id") == id_ for k, r in references(stored))
    ]


def _faults(catalog: Catalog, kind: str, stored: Json) -> Iterator[str]:
    if not released(stored):
        status = stored["lifecycleStatus"]
        if status.lower() not in [each.lower() for each in BEFORE_RELEASE]:
            known = ", ".join((*BEFORE_RELEASE, *RELEASED))
            yield f"lifecycleStatus {status[:40]} is not known; it is one of {known}."
        return
    yield from _periods(stored)
    yield from _dangling(catalog, stored)
    if kind in CHECKS:
        yield from CHECKS[kind](catalog, stored)


def _periods(stored: Json) -> Iterator[str]:
    for dated in (stored, *stored.get("channel", [])):
        period = dated.get("validFor") or {}
        start, end = period.get("startDateTime"), period.get("endDateTime")
        if start and end and moment_of(end) <= moment_of(start):
            yield f"it ends ({end}) before it begins ({start})."


def _dangling(catalog: Catalog, stored: Json) -> Iterator[str]:
    for kind, reference in references(stored):
        named = catalog.held[kind].get(reference.get("id", ""))
        if "id" not in reference:
            yield f"a {kind} in it has no id; write it as a resource of its own and name its id."
        elif named is None:
            yield f"it names the {kind} {reference['id']}, which there is not."
        elif not released(named):
            yield f"it names the {kind} {reference['id']}, which is still {named['lifecycleStatus']}."


def _offering(catalog: Catalog, stored: Json) -> Iterator[str]:
    for term in stored.get("productOfferingTerm", []):
        if "name" not in term:
            yield "a productOfferingTerm has no name."
    for need in stored.get("requirement", []):
        if "kind" not in need:
            yield "a requirement does not say of which kind it is."
    if stored["lifecycleStatus"] not in ON_SALE:
        return
    if not stored.get("channel"):
        yield "it is on sale in no channel; name those that sell it (channel)."
    prices = [catalog.held["productOfferingPrice"].get(p.get("id", "")) for p in stored.get("productOfferingPrice", [])]
    if not any(price and price["lifecycleStatus"] in ON_SALE for price in prices):
        yield "it is on sale without a price (productOfferingPrice)."


def _price(catalog: Catalog, stored: Json) -> Iterator[str]:
    if stored.get("priceType") not in PRICE_TYPES:
        yield f"priceType must be one of {' and '.join(PRICE_TYPES)}."
    if stored.get("priceType") == "recurring" and not stored.get("recurringChargePeriodType"):
        yield "a recurring price needs its period (recurringChargePeriodType), such as month."
    if stored.get("due") not in DUE:
        yield f"it does not say when it is due; due is one of {', '.join(DUE)}."
    if any("taxRate" not in tax for tax in stored.get("tax", [])):
        yield "a tax has no taxRate."
    yield from _amount(catalog.currency, stored.get("price") or {})


def _amount(currency: str, price: Json) -> Iterator[str]:
    if price.get("unit") != currency:
        yield f"price.unit must be {currency}, in which this brand sells."
    value = Decimal(price.get("value", -1))
    places = MINOR_UNITS.get(currency, 2)
    if value < 0:
        yield "price.value must be an amount, zero or more."
    elif value != round(value, places):
        yield f"price.value {value} has more than {places} decimals."


CHECKS: dict[str, Callable[[Catalog, Json], Iterator[str]]] = {
    "productOffering": _offering,
    "productOfferingPrice": _price,
}
