"""The rises of a product's prices: what was decided for it, and what of that is true at a moment. Pure.

A product's row holds of each (`rises`) the new amount of a price, when the customer is told, and from when it counts.
Nothing has to happen at those moments: whoever reads the product compares them with the time.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from functions.catalog import sold
from functions.catalog.charge import Charge
from functions.inventory import terms
from functions.shared import clock, tmf
from functions.shared.resource import Json, Money, moment_of

Entry = Mapping[str, Any]  # what a product's row holds of one rise of one price


def noticed(entry: Entry, days: int, now: datetime) -> Json:
    """The entry as a product keeps it: nobody pays more earlier than so many days after they could know."""
    notice = max(moment_of(entry["noticeDate"]), now)
    effective = max(moment_of(entry["effectiveDate"]), notice + timedelta(days=days))
    return {**entry, "noticeDate": clock.text(notice), "effectiveDate": clock.text(effective)}


def as_of(body: Json, held: Iterable[Entry], moment: datetime) -> Json:
    """The product at that moment: every rise that counts by then is its price."""
    due = sorted((e for e in held if moment_of(e["effectiveDate"]) <= moment), key=lambda e: str(e["effectiveDate"]))
    if not due:
        return body
    prices = list(body.get("productPrice") or [])
    for entry in due:
        prices = [_with(price, entry) if _is_of(entry, price) else price for price in prices]
    return {**body, "productPrice": prices}


def by_day(body: Json, held: Iterable[Entry], now: datetime, zone: tzinfo) -> list[tuple[date, Json]]:
    """The product from each day on, as its bills have it: first as it was sold, then with each rise that is known now.

    A rise counts for whole days of the market: from the first that begins when it counts, or after.
    """
    known = [entry for entry in held if moment_of(entry["noticeDate"]) <= now]
    moments = sorted({moment_of(entry["effectiveDate"]) for entry in known})
    days = {_first_day(moment.astimezone(zone)): as_of(body, known, moment) for moment in moments}
    return [(date.min, body), *days.items()] if days else []


def _first_day(local: datetime) -> date:
    return local.date() if local.time() == time() else local.date() + timedelta(days=1)


def without(held: Iterable[Entry], rise: str) -> list[Json]:
    """What is left of them when a rise is taken back; one that was to follow it rises from what the price is then."""
    held = list(held)
    before = {_amount(entry, "value"): entry["current"] for entry in held if entry["id"] == rise}
    left = (dict(entry) for entry in held if entry["id"] != rise)
    return [{**entry, "current": before.get(_amount(entry, "current"), entry["current"])} for entry in left]


def _amount(entry: Entry, name: str) -> tuple[Any, ...]:
    return entry["price"], entry["unit"], entry["period"], entry[name]


def _is_of(entry: Entry, price: Json) -> bool:
    if price["priceType"] != "recurring" or terms.price_id(price) != entry["price"]:
        return False
    return (entry["period"], entry["unit"]) in {(charge.period, charge.base.unit) for charge in _read(price)}


def _read(price: Json) -> list[Charge]:
    return sold.charges([price], [], terms.USUAL)


def _with(price: Json, entry: Entry) -> Json:
    """The price at its new amount, with the tax in that and what each rule on it takes off it."""
    (charge,) = _read(price)
    after = charge.but(base=Money(charge.base.unit, entry["value"])).tmf
    told: Json = {name: after[name] for name in ("price", "tax") if name in after}
    altered = {"productPriceAlteration": after["priceAlteration"]} if "priceAlteration" in after else {}
    return {**price, **told, **altered}


def coming(held: Iterable[Entry], moment: datetime) -> list[Json]:
    """What the customer is told of rises that do not count yet: how much, from when, and that they may leave before."""
    known = (e for e in held if moment_of(e["noticeDate"]) <= moment < moment_of(e["effectiveDate"]))
    return [told(entry) for entry in sorted(known, key=lambda e: str(e["effectiveDate"]))]


def told(entry: Entry) -> Json:
    """One rise of one price, as a product says it."""
    price = {"id": entry["price"], "href": tmf.href("productOfferingPrice", entry["price"])} if entry["price"] else None
    body: Json = {
        "productOfferingPrice": price,
        "priceType": "recurring",
        "recurringChargePeriod": entry["period"],
        "currentPrice": {"unit": entry["unit"], "value": entry["current"]},
        "price": {"unit": entry["unit"], "value": entry["value"]},
        "taxIncluded": False if entry.get("net") else None,
        "noticeDate": entry["noticeDate"],
        "effectiveDate": entry["effectiveDate"],
        "terminationWithoutCharge": {"startDateTime": entry["noticeDate"], "endDateTime": entry["effectiveDate"]},
    }
    return {name: value for name, value in body.items() if value is not None}
