"""What one price of an offering comes to, after each rule that altered it, and how TM Forum writes that. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from functions.shared import tmf
from functions.shared.amounts import half_up
from functions.shared.resource import Json, Money, ref

ZERO = Decimal(0)
Part = tuple[str, str, str]  # kind, period (empty: once), currency


@dataclass(frozen=True)
class Step:
    """What one promotion does to one unit, for how many periods of the price (None: for as long as it runs)."""

    rule: str
    name: str
    priority: int
    kind: str  # percentage, amount or fixedPrice
    value: Decimal
    periods: int | None = None

    def acts(self, period: int) -> bool:
        return self.periods is None or period <= self.periods

    def off(self, rest: Decimal, step: Decimal) -> Decimal:
        """What it takes off what the steps before it left: never more than that, in whole steps of the currency."""
        if self.kind == "percentage":
            return min(half_up(rest * self.value / 100, step), rest)
        return min(self.value, rest) if self.kind == "amount" else max(rest - self.value, ZERO)


@dataclass(frozen=True)
class Share:
    """A line's part of what a promotion takes off several lines together; `until` are the last periods of each."""

    step: Step
    parts: tuple[tuple[int | None, Decimal], ...]  # (last period or None, amount of the whole line)

    def at(self, period: int) -> Decimal:
        """The amount in that period."""
        return next((off for until, off in self.parts if until is None or period <= until), ZERO)


@dataclass(frozen=True)
class Charge:
    """One price of one unit: once, or each period; `count` of it are in one unit of the line (parts of a bundle)."""

    price_id: str
    name: str
    price_type: str
    period: str | None
    base: Money
    tax_rate: Decimal | None
    due: str
    unit_of_time: str | None = None  # the period's: day, week, month or year
    length: int = 1
    step: Decimal = Decimal("0.01")  # what amounts are rounded to
    replaces: str | None = None  # the list price that this one of a price list stands for
    list_: str | None = None  # the price list it is of
    count: int = 1
    steps: tuple[Step, ...] = ()
    shares: tuple[Share, ...] = ()

    @cached_property
    def tmf(self) -> Json:
        """The TM Forum price of one unit: the list price, and each rule that alters it."""
        price = _price(
            self.price_type,
            self.period,
            self.base.unit,
            self.base.value,
            due=self.due,
            name=self.name,
            priceList=self.list_,
            count=self.count if self.count > 1 else None,
            productOfferingPrice=ref(
                self.price_id, tmf.href("productOfferingPrice", self.price_id), "ProductOfferingPrice"
            ),
            priceAlteration=[
                _altered(step, off, self.price_type, self.period, self.base.unit) for step, off in self.taken
            ]
            or None,
        )
        if self.tax_rate is not None:
            price["price"]["taxRate"] = self.tax_rate
        return price

    @property
    def rules(self) -> list[Step]:
        """Every step that altered it, by itself or together with others."""
        return [*self.steps, *(share.step for share in self.shares)]

    @cached_property
    def taken(self) -> list[tuple[Step, Decimal]]:
        """Each step with what it takes off one unit in the first period."""
        rest, found = self.base.value, []
        for step in self.steps:
            off = step.off(rest, self.step)
            rest -= off
            found.append((step, off))
        return found

    def at(self, period: int) -> Decimal:
        """What one unit costs in that period (1: the first), without what is taken off several lines together."""
        rest = self.base.value
        for step in self.steps:
            if step.acts(period):
                rest -= step.off(rest, self.step)
        return rest

    def comes_to(self, quantity: int, period: int = 1) -> Decimal:
        """What so many units come to in that period."""
        whole = self.at(period) if period > 1 else self.unit
        return whole * quantity * self.count - sum((share.at(period) for share in self.shares), ZERO)

    @cached_property
    def unit(self) -> Decimal:
        """What one unit costs in the first period."""
        return self.at(1)

    @cached_property
    def turns(self) -> set[int]:
        """The last periods before what it costs changes."""
        shares = {until for share in self.shares for until, _ in share.parts if until is not None}
        return shares | {step.periods for step in self.steps if step.periods is not None}

    @property
    def part(self) -> Part:
        """To which total it belongs."""
        return self.price_type, self.period or "", self.base.unit


def _altered(step: Step, off: Decimal, price_type: str, period: str | None, unit: str) -> Json:
    price: Json = {"taxIncludedAmount": {"unit": unit, "value": -off}}
    if step.kind == "percentage":
        price["percentage"] = step.value
    body = {
        "name": step.rule,
        "description": step.name,
        "priceType": price_type,
        "priority": step.priority,
        "recurringChargePeriod": period,
        "applicationDuration": step.periods,
        "price": price,
    }
    return {k: v for k, v in body.items() if v is not None}


def totals(lines: Iterable[tuple[int, Iterable[Charge]]]) -> list[Json]:
    """What so many units of each come to in the first period: once, and per period.

    What is taken off several lines together is an alteration of the total. Amounts are in steps of the currency
    already: nothing is rounded here.
    """
    sums: dict[Part, Decimal] = {}
    shared: dict[Part, dict[Step, Decimal]] = {}
    for quantity, charges in lines:
        for c in charges:
            part = c.part
            sums[part] = sums.get(part, ZERO) + c.comes_to(quantity)
            for share in c.shares:
                off = shared.setdefault(part, {})
                off[share.step] = off.get(share.step, ZERO) + share.at(1)
    return [_total(part, amount, shared.get(part, {})) for part, amount in sorted(sums.items())]


def _total(part: Part, amount: Decimal, shared: dict[Step, Decimal]) -> Json:
    kind, period, unit = part
    altered = [_altered(step, off, kind, period or None, unit) for step, off in shared.items()]
    return _price(kind, period or None, unit, amount, priceAlteration=altered or None)


def _price(kind: str, period: str | None, unit: str, amount: Decimal, **more: object) -> Json:
    body = {
        "priceType": kind,
        "recurringChargePeriod": period,
        "price": {"taxIncludedAmount": {"unit": unit, "value": amount}},
        **more,
    }
    return {k: v for k, v in body.items() if v is not None}


def by_part(prices: Iterable[Json]) -> dict[Part, Decimal]:
    """TM Forum prices summed by kind, period and currency, to compare two answers."""
    sums: dict[Part, Decimal] = {}
    for p in prices:
        amount = (p.get("price") or {}).get("taxIncludedAmount") or {}
        part = p.get("priceType", ""), p.get("recurringChargePeriod") or "", amount.get("unit", "")
        sums[part] = sums.get(part, ZERO) + Decimal(str(amount.get("value", 0)))
    return sums


def summed(prices: Iterable[Json]) -> list[Json]:
    """What TM Forum prices come to: once, and per period."""
    return told(by_part(prices))


def told(sums: Mapping[Part, Decimal]) -> list[Json]:
    """Sums by part as TM Forum prices."""
    return [_price(kind, period or None, unit, value) for (kind, period, unit), value in sorted(sums.items())]
