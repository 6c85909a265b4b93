"""What a price rise does to bills before anybody decides it: how many, how much, and where most. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from functions.catalog.totals import ZERO, Part
from functions.inventory import raised, terms
from functions.inventory import rise as rises
from functions.inventory.raised import Entry
from functions.inventory.rise import Market, Rise
from functions.shared import tmf
from functions.shared.resource import Json, moment_of, ref

UP_TO = (1, 2, 5, 10, 20)  # of the histogram: products that rise by at most so much
LARGEST = 100  # products that one bill tells
TOP = 10  # products told that rise most
Row = Mapping[str, Any]
Sums = Mapping[Part, Decimal]


class Touched(NamedTuple):
    """A product that a rise touches: what of it rises, and what all of it costs then without and with the rise."""

    row: Row
    entries: list[Json]
    before: Sums
    after: Sums


def touched(id_: str, rise: Rise, row: Row, market: Market) -> Touched | None:
    """What a rise does to a product; None where it is not about it, or makes nothing of it dearer."""
    held = row.get("rises", [])
    entries = rises.entries(id_, rise, row["body"], held, market)
    return (
        Touched(row, entries, *(_costs(row, rise, each, market) for each in (held, [*held, *entries])))
        if entries
        else None
    )


def _costs(row: Row, rise: Rise, held: Sequence[Entry], market: Market) -> Sums:
    effective = moment_of(rise["effectiveDate"])
    return terms.costs(raised.as_of(row["body"], held, effective), effective, market.zone)


def bills(id_: str, rise: Rise, whole: Iterable[Row], market: Market) -> list[Json]:
    """The bills of a customer that a rise changes, by account: what is on each, without and with the rise."""
    by_account: dict[str, list[Row]] = {}
    for row in whole:
        by_account.setdefault((row["body"].get("billingAccount") or {}).get("id") or "", []).append(row)
    found = (_bill(id_, rise, account, theirs, market=market) for account, theirs in by_account.items())
    return [part for bill in found if bill for part in _parts(bill)]


def _parts(bill: Json) -> Iterable[Json]:
    """A bill with more products than a row can hold in parts, each with the totals of all."""
    products = bill["product"]
    for start in range(0, len(products), LARGEST):
        yield {**bill, "product": products[start : start + LARGEST], "part": start // LARGEST + 1}


def _bill(id_: str, rise: Rise, account: str, whole: list[Row], *, market: Market) -> Json | None:
    spared = {row["id"] for row in whole if rises.is_protected(rise, row["body"], market)}
    found = {row["id"]: each for row in whole if row["id"] not in spared and (each := touched(id_, rise, row, market))}
    if not found:
        return None
    before = _summed(_costs(row, rise, row.get("rises", []), market) for row in whole)
    after = _summed(
        found[row["id"]].after if row["id"] in found else _costs(row, rise, row.get("rises", []), market)
        for row in whole
    )
    return {
        **({"billingAccount": ref(account, tmf.href("billingAccount", account), "BillingAccount")} if account else {}),
        "product": [_named(each) for each in found.values()],
        "currentTotal": totals(before),
        "comingTotal": totals(after),
    }


def _named(each: Touched) -> Json:
    id_ = each.row["id"]
    return {"id": id_, "href": tmf.href("product", id_), "comingPrice": [raised.told(e) for e in each.entries]}


def _summed(costs: Iterable[Sums]) -> dict[Part, Decimal]:
    sums: dict[Part, Decimal] = {}
    for each in costs:
        for part, amount in each.items():
            sums[part] = sums.get(part, ZERO) + amount
    return sums


def counted(preview: Json, found: Sequence[Touched]) -> Json:
    """The preview with these products in it."""
    before = _summed([_by_part(preview["currentTotal"]), *(each.before for each in found)])
    after = _summed([_by_part(preview["comingTotal"]), *(each.after for each in found)])
    more = [increase for each in found for increase in _increases(each)]
    return {
        **preview,
        "product": preview["product"] + len(found),
        "currentTotal": totals(before),
        "comingTotal": totals(after),
        "histogram": _histogram(preview["histogram"], more),
        "largest": sorted([*preview["largest"], *more], key=lambda e: (-e["increase"]["value"], e["id"]))[:TOP],
    }


def _increases(each: Touched) -> Iterable[Json]:
    id_ = each.row["id"]
    for part, value in each.after.items():
        _, period, unit = part
        money = {"unit": unit, "value": value - each.before.get(part, ZERO)}
        yield {"id": id_, "href": tmf.href("product", id_), "increase": money, "recurringChargePeriod": period}


def _histogram(before: Iterable[Json], more: Iterable[Json]) -> list[Json]:
    """How many products rise by at most so much."""
    buckets = {(each["unit"], each.get("upTo", 0)): each["product"] for each in before}
    for unit, value in ((each["increase"]["unit"], each["increase"]["value"]) for each in more):
        bucket = unit, next((limit for limit in UP_TO if value <= limit), 0)  # 0: by more than all of them
        buckets[bucket] = buckets.get(bucket, 0) + 1
    ordered = sorted(buckets.items(), key=lambda each: (each[0][0], each[0][1] or UP_TO[-1] + 1))
    return [_bucket(unit, limit, products) for (unit, limit), products in ordered]


def _bucket(unit: str, limit: int, products: int) -> Json:
    return {"unit": unit, "product": products, **({"upTo": limit} if limit else {})}


def totals(sums: Sums) -> list[Json]:
    """Sums by part, as a bill says them."""
    return [
        {"priceType": kind, "recurringChargePeriod": period, "price": {"unit": unit, "value": value}}
        for (kind, period, unit), value in sorted(sums.items())
    ]


def _by_part(told: Iterable[Json]) -> dict[Part, Decimal]:
    return {
        (each["priceType"], each["recurringChargePeriod"], each["price"]["unit"]): Decimal(str(each["price"]["value"]))
        for each in told
    }
