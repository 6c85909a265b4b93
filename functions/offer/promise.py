"""What staff may promise a customer: a price of their own for what the catalog says can be negotiated. Pure."""

from datetime import datetime
from decimal import Decimal

from functions.catalog.catalog import Catalog
from functions.shared import clock
from functions.shared.amounts import plain, step
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, moment_of


def promised(sent: Json, catalog: Catalog, now: datetime) -> Json:
    """The body of a grant as it is stored; raises what stands in its way, as a sentence for who promises."""
    id_ = (sent.get("productOfferingPrice") or {}).get("id")
    if not id_:
        raise Malformed("Say which price: productOfferingPrice.id.", code="priceMissing")
    listed = catalog.held["productOfferingPrice"].get(id_)
    if listed is None:
        raise RuleBroken(f"There is no price {id_[:60]} in the catalog.", code="unknownPrice")
    if not listed.get("negotiable"):
        name = catalog.text(listed["name"])
        raise RuleBroken(f"{name} ({id_}) is not negotiable; the catalog says which prices are.", code="notNegotiable")
    return {
        "productOfferingPrice": {"id": id_},
        "price": _money(sent.get("price") or {}, listed["price"]["unit"], catalog),
        "validFor": _period(sent.get("validFor") or {}, now),
    }


def _money(sent: Json, unit: str, catalog: Catalog) -> Json:
    value = plain(sent.get("value"))
    if sent.get("unit") != unit or value is None or value % step(unit, catalog.rounding):
        smallest = step(unit, catalog.rounding)
        raise Malformed(f"price is an amount in {unit}, zero or more, in steps of {smallest}.", code="badAmount")
    return {"unit": unit, "value": Decimal(value)}


def _period(sent: Json, now: datetime) -> Json:
    """From when until when, written as the hub writes moments, so that they compare as texts."""
    start, end = ((moment_of(sent[name]) if sent.get(name) else None) for name in ("startDateTime", "endDateTime"))
    begins = start or now
    if end and (end <= begins or end <= now):
        raise Malformed("validFor ends before it begins, or is over; let it end later.", code="badPeriod")
    period = {"startDateTime": clock.text(begins)}
    return {**period, "endDateTime": clock.text(end)} if end else period
