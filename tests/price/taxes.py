"""What tax a price bears, and what so many units come to with it and without: rules 6 to 9 of the semantics.

Part of the naive evaluator: written from the text of the semantics alone, shares nothing with `functions`.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from tests.price.facts import Facts, Json, moment, valid

PLACES = ("postcode", "city", "stateOrProvince", "country")  # the smallest first
MINOR = {"JPY": "1", "KWD": "0.001"}


class Borne(NamedTuple):
    """The rate in percent, which rule of the catalog says so, and whether it comes on top of what is written."""

    rate: Decimal
    rule: str | None
    on_top: bool


def borne(content: Json, price: Json, facts: Facts, context: Facts) -> Borne | None:
    """Rule 6: the rate that names most of the case, else the price's own; None where the price names no tax."""
    if not price.get("tax"):
        return None
    own = price["tax"][0]
    found = [rate for rate in content.get("taxRate", []) if rate["taxCategory"] == own["taxCategory"]]
    found = [rate for rate in found if valid(rate, moment(context)) and _is_so(rate, facts)]
    found.sort(key=lambda rate: rate["id"])
    for name in ("customerKind", *reversed(PLACES)):
        found.sort(key=lambda rate: name in rate, reverse=True)
    found.sort(key=_named, reverse=True)
    on_top = price.get("taxIncluded", True) is False
    if found:
        return Borne(Decimal(str(found[0]["taxRate"])), found[0]["id"], on_top)
    return Borne(Decimal(str(own["taxRate"])), None, on_top)


def _named(rate: Json) -> int:
    return len({"customerKind", *PLACES} & set(rate))


def _is_so(rate: Json, facts: Facts) -> bool:
    if "customerKind" in rate and facts.get("customer.kind") != rate["customerKind"]:
        return False
    return not any(name in rate and facts.get(f"place.{name}") != rate[name] for name in PLACES)


def base_of(content: Json, price: Json, tax: Borne | None, step: Decimal) -> Decimal:
    """Rule 7: what is listed; under another rate, where what it is without tax is kept, that with the other tax."""
    listed = Decimal(price["price"]["value"])
    if tax is None or tax.on_top or tax.rule is None:
        return listed
    ruling = next(rate for rate in content["taxRate"] if rate["id"] == tax.rule)
    kept = price.get("taxKeeps") or ruling.get("keeps") or content.get("taxKeeps") or "gross"
    if kept == "gross":
        return listed
    own = Decimal(str(price["tax"][0]["taxRate"]))
    return _nearest(listed * (100 + tax.rate) / (100 + own), step)


def with_and_without(
    amount: Decimal, tax: Borne | None, step: Decimal, currency: str
) -> tuple[Decimal, Decimal | None]:
    """Rule 9: an amount of a line with its tax, and without any."""
    if tax is None:
        return amount, None
    if tax.on_top:
        return _nearest(amount + amount * tax.rate / 100, step), amount
    return amount, _nearest(amount * 100 / (100 + tax.rate), Decimal(MINOR.get(currency, "0.01")))


def _nearest(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step
