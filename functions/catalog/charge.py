"""What one price of an offering comes to in any period, after each rule that altered it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from functions.catalog.tax import Tax
from functions.catalog.totals import ZERO, Part, Sum, tmf_price
from functions.catalog.usage import Tier
from functions.shared import tmf
from functions.shared.amounts import half_up
from functions.shared.resource import Json, Money, ref


class Step(NamedTuple):
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


def left(amount: Decimal, steps: Iterable[Step], coin: Decimal, period: int) -> Decimal:
    """What is left of an amount in that period after these, one on what the other left."""
    for step in steps:
        if step.acts(period):
            amount -= step.off(amount, coin)
    return amount


@dataclass(frozen=True)
class Share:
    """A line's part of what a promotion takes off several lines together; `until` are the last periods of each."""

    step: Step
    parts: tuple[tuple[int | None, Decimal], ...]  # (last period or None, amount of the whole line)

    def at(self, period: int) -> Decimal:
        """The amount in that period."""
        return next((off for until, off in self.parts if until is None or period <= until), ZERO)

    @property
    def turns(self) -> set[int]:
        """The last periods before the amount changes."""
        return {until for until, _ in self.parts if until is not None}


@dataclass(frozen=True)
class Charge:
    """One price of one unit: once, or each period; `count` of it are in one unit of the line (parts of a bundle)."""

    price_id: str
    name: str
    price_type: str
    period: str | None
    base: Money
    tax: Tax | None
    due: str
    unit_of_time: str | None = None  # the period's: day, week, month or year
    length: int = 1
    step: Decimal = Decimal("0.01")  # what amounts are rounded to
    replaces: str | None = None  # the list price that this one of a price list stands for
    list_: str | None = None  # the price list it is of
    count: int = 1
    net: bool = False  # whether its amounts are without tax, which comes on top
    keeps: str | None = None  # gross or net: what it says stays the same where its tax is another than usual
    negotiable: bool = False  # whether single customers may have one of their own
    own: str | None = None  # the grant by which a customer pays this
    listed: Decimal | None = None  # what the catalog lists, where another tax makes it cost something else
    steps: tuple[Step, ...] = ()
    shares: tuple[Share, ...] = ()
    measure: str | None = None  # of usage: the block that a price is for, such as 100 MB
    tiers: tuple[Tier, ...] = ()  # of usage that does not cost the same throughout

    @cached_property
    def tmf(self) -> Json:
        """The TM Forum price of one unit: the list price, its tax, and each rule that alters it."""
        listed = None if self.listed is None else {"unit": self.base.unit, "value": self.listed}
        return tmf_price(
            self.part,
            self.split(self.base.value),
            due=self.due,
            taxIncluded=False if self.net else None,
            customerPrice=self.own and ref(self.own, tmf.href("customerPrice", self.own), "CustomerPrice"),
            listPrice=listed,
            name=self.name,
            priceList=self.list_,
            count=self.count if self.count > 1 else None,
            unitOfMeasure=self.measure,
            tier=[_tier(tier, self.base.unit) for tier in self.tiers] or None,
            productOfferingPrice=ref(
                self.price_id, tmf.href("productOfferingPrice", self.price_id), "ProductOfferingPrice"
            ),
            priceAlteration=[_altered(step, off, self.part, net=self.net) for step, off in self.taken] or None,
        )

    def but(self, **changed: object) -> "Charge":
        """The same with these attributes; so much is made of so few that `replace` would be most of pricing a cart."""
        made = object.__new__(Charge)
        known = self.__dict__  # beside its fields it holds what was reckoned from them
        made.__dict__.update({name: known[name] for name in FIELDS}, **changed)
        return made

    def taxed(self, tax: Tax, keeps: str | None) -> "Charge":
        """The same with another tax; what is with tax costs something else only where it keeps what it is without."""
        if self.net or self.tax is None or keeps != "net":
            return self.but(tax=tax)
        value = tax.instead(self.tax, self.base.value, self.step)
        listed = None if value == self.base.value else self.base.value
        tiers = tuple(Tier(t.start, tax.instead(self.tax, t.price, self.step)) for t in self.tiers)
        return self.but(tax=tax, base=Money(self.base.unit, value), listed=listed, tiers=tiers)

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
        """What one unit costs in that period (1: the first), as its price is written: with tax, or without where `net`.

        What is taken off several lines together is still in it.
        """
        return left(self.base.value, self.steps, self.step, period)

    def amount(self, quantity: int, period: int = 1) -> Decimal:
        """What so many units come to in that period, as the price is written."""
        whole = self.at(period) if period > 1 else self.unit
        return whole * quantity * self.count - sum((share.at(period) for share in self.shares), ZERO)

    def comes_to(self, quantity: int, period: int = 1) -> Decimal:
        """What is to pay for so many units in that period, tax included."""
        return self.sum(quantity, period).gross

    def sum(self, quantity: int, period: int = 1) -> Sum:
        """The same with its tax and without."""
        return self.split(self.amount(quantity, period))

    def split(self, amount: Decimal) -> Sum:
        """An amount of this price with its tax and without, each rounded once."""
        if self.tax is None:
            return Sum(amount, None, {})
        gross = self.tax.added(amount, self.step) if self.net else amount
        free = amount if self.net else self.tax.taken(amount, self.base.unit)
        return Sum(gross, free, {(*self.tax, self.net): gross - free})

    @cached_property
    def unit(self) -> Decimal:
        """What one unit costs in the first period."""
        return self.at(1)

    @cached_property
    def turns(self) -> set[int]:
        """The last periods before what it costs changes."""
        return {turn for share in self.shares for turn in share.turns} | {
            step.periods for step in self.steps if step.periods is not None
        }

    @property
    def part(self) -> Part:
        """To which total it belongs."""
        return self.price_type, self.period or "", self.base.unit


FIELDS = tuple(field.name for field in fields(Charge))


def _altered(step: Step, off: Decimal, part: Part, *, net: bool, **more: object) -> Json:
    """What a step takes off at first, with all that decides what it takes off in any period after."""
    unit = part[2]
    price: Json = {"dutyFreeAmount" if net else "taxIncludedAmount": {"unit": unit, "value": -off}}
    if step.kind == "percentage":
        price["percentage"] = step.value
    body = {
        "name": step.rule,
        "description": step.name,
        "priceType": part[0],
        "priority": step.priority,
        "recurringChargePeriod": part[1] or None,
        "applicationDuration": step.periods,
        "price": price,
        "fixedPrice": {"unit": unit, "value": step.value} if step.kind == "fixedPrice" else None,
        "upTo": {"unit": unit, "value": step.value} if step.kind == "amount" and step.value != off else None,
        **more,
    }
    return {k: v for k, v in body.items() if v is not None}


def totals(lines: Iterable[tuple[int, Iterable[Charge]]]) -> list[Json]:
    """What so many units of each come to in the first period: once, and per period, with tax and without.

    What is taken off several lines together is an alteration of the total. Each price of each line is in steps of the
    currency already, with its tax: nothing is rounded here, so lines add up to totals.
    """
    sums: dict[Part, Sum] = {}
    shared: dict[Part, dict[tuple[Step, bool], list[Share]]] = {}
    for quantity, charges in lines:
        for c in charges:
            part = c.part
            found = c.sum(quantity)
            sums[part] = sums[part].and_(found) if part in sums else found
            for share in c.shares:
                shared.setdefault(part, {}).setdefault((share.step, c.net), []).append(share)
    return [_total(part, amount, shared.get(part, {})) for part, amount in sorted(sums.items())]


def _total(part: Part, amount: Sum, shared: Mapping[tuple[Step, bool], list[Share]]) -> Json:
    altered = [
        _altered(step, _off(shares, 1), part, net=net, change=_changes(shares, part[2]) or None)
        for (step, net), shares in shared.items()
    ]
    return tmf_price(part, amount, priceAlteration=altered or None)


def _off(shares: Iterable[Share], period: int) -> Decimal:
    return sum((share.at(period) for share in shares), ZERO)


def _changes(shares: list[Share], unit: str) -> list[Json]:
    """From which periods on they take off another amount than before."""
    found = []
    for turn in sorted({turn for share in shares for turn in share.turns}):
        if _off(shares, turn) != (off := _off(shares, turn + 1)):
            found.append({"period": turn + 1, "price": {"unit": unit, "value": -off}})
    return found


def _tier(tier: Tier, unit: str) -> Json:
    return {"from": f"{tier.start:f}", "price": {"unit": unit, "value": tier.price}}
