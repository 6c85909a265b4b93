"""What something comes to with its tax and without, and how TM Forum writes and reads that. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from functions.shared.resource import Json

ZERO = Decimal(0)
Part = tuple[str, str, str]  # kind, period (empty: once), currency
Applied = tuple[str, Decimal, str | None, bool]  # a tax: category, rate, rule, and whether it comes on top


class Sum(NamedTuple):
    """What something comes to with tax, without (None: it does not say which it has), and each tax."""

    gross: Decimal = ZERO
    free: Decimal | None = ZERO
    taxes: Mapping[Applied, Decimal] = MappingProxyType({})

    def and_(self, other: "Sum") -> "Sum":
        taxes = {each: self.taxes.get(each, ZERO) + other.taxes.get(each, ZERO) for each in {*self.taxes, *other.taxes}}
        free = None if self.free is None or other.free is None else self.free + other.free
        return Sum(self.gross + other.gross, free, taxes)


def tmf_price(part: Part, amount: Sum, **more: object) -> Json:
    """What something comes to as a TM Forum price; what is None of the rest is left out."""
    kind, period, unit = part
    price: Json = {"taxIncludedAmount": {"unit": unit, "value": amount.gross}}
    if amount.free is not None:
        price["dutyFreeAmount"] = {"unit": unit, "value": amount.free}
    if len(percent := {rate for _, rate, *_ in amount.taxes}) == 1 and amount.free is not None:
        price["taxRate"] = percent.pop()
    body = {
        "priceType": kind,
        "recurringChargePeriod": period or None,
        "price": price,
        "tax": [_tax(each, value, unit) for each, value in sorted(amount.taxes.items(), key=_by_name)] or None,
        **more,
    }
    return {k: v for k, v in body.items() if v is not None}


def _by_name(tax: tuple[Applied, Decimal]) -> tuple[str, Decimal, str, bool]:
    category, rate, rule, on_top = tax[0]
    return category, rate, rule or "", on_top


def _tax(applied: Applied, amount: Decimal, unit: str) -> Json:
    category, rate, rule, on_top = applied
    body = {
        "id": rule,
        "taxCategory": category,
        "taxRate": rate,
        "taxAmount": {"unit": unit, "value": amount},
        "taxIncluded": False if on_top else None,
    }
    return {k: v for k, v in body.items() if v is not None}


def by_part(prices: Iterable[Json], of: str = "taxIncludedAmount") -> dict[Part, Decimal]:
    """TM Forum prices summed by kind, period and currency, to compare two answers."""
    sums: dict[Part, Decimal] = {}
    for price in prices:
        part, amount = amount_of(price, of)
        sums[part] = sums.get(part, ZERO) + amount
    return sums


def amount_of(price: Json, of: str = "taxIncludedAmount") -> tuple[Part, Decimal]:
    """What a TM Forum price comes to, and what part that is."""
    said = (price.get("price") or {}).get(of) or {}
    value = said.get("value", ZERO)
    part = price.get("priceType", ""), price.get("recurringChargePeriod") or "", said.get("unit", "")
    return part, value if isinstance(value, Decimal) else Decimal(str(value))


def summed(prices: Iterable[Json]) -> list[Json]:
    """What TM Forum prices come to: once, and per period, with tax and without."""
    sums: dict[Part, Sum] = {}
    for price in prices:
        part, gross = amount_of(price)
        sums[part] = sums.get(part, Sum()).and_(Sum(gross, _free(price), dict(_taxes(price))))
    return [tmf_price(part, amount) for part, amount in sorted(sums.items())]


def _free(price: Json) -> Decimal | None:
    amount = price["price"].get("dutyFreeAmount")
    return amount and Decimal(amount["value"])


def _taxes(price: Json) -> Iterator[tuple[Applied, Decimal]]:
    for tax in price.get("tax", []):
        applied = tax["taxCategory"], tax["taxRate"], tax.get("id"), tax.get("taxIncluded") is False
        yield applied, tax["taxAmount"]["value"]


def told(sums: Mapping[Part, Decimal]) -> list[Json]:
    """Amounts by part, tax included, as TM Forum prices."""
    return [tmf_price(part, Sum(value, None)) for part, value in sorted(sums.items())]
