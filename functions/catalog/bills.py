"""What bills will take, told before they are made: line by line, each amount with its trace. Pure.

A trace is made by asking what the list price alone would come to, then with the first promotion, with the second, and
so on: the differences are the effects, and come to the rounded amount whatever that rounded.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from functions.catalog import bill, trace, usage
from functions.catalog.bill import Recurring
from functions.catalog.charge import Charge
from functions.catalog.totals import ZERO
from functions.catalog.usage import Tier, Usage
from functions.shared.amounts import half_up
from functions.shared.days import Cycle, Days
from functions.shared.resource import Json

BILLS = 25  # told at most: two years and the first
LINES = 2000  # of all bills together
MONTHS = {"month": 1, "months": 1, "year": 12, "years": 12}
LONGEST = 600  # months of a term that is reckoned with
Cost = Callable[[Charge], Decimal]


class Sold(NamedTuple):
    """So many units at these prices of one unit, on that term and to that account; `line` says what it is."""

    line: Json  # {id, @referredType}
    quantity: int
    charges: Sequence[Charge]
    term: Json | None = None
    account: str | None = None
    eras: Sequence[tuple[date, Sequence[Charge]]] = ()  # the same prices from each day on, where they rise

    def during(self, n: int, period: Days) -> Iterator[tuple[Days, Charge]]:
        """The n-th of its prices on the days of a period: as one, or one after the other where it rises."""
        held: list[tuple[date, Charge]] = []
        for day, charges in self.eras or [(date.min, self.charges)]:
            if not held or charges[n] != held[-1][1]:
                held.append((day, charges[n]))
        for (since, charge), until in zip(held, [*(day for day, _ in held[1:]), date.max], strict=True):
            if days := Days(since, until).meet(period):
                yield days, charge

    @property
    def months(self) -> int:
        """For how long it is bound; 0 where it is not."""
        duration = (self.term or {}).get("duration") or {}
        months = int(duration.get("amount") or 0) * MONTHS.get(str(duration.get("units")), 0)
        return months if 0 < months <= LONGEST else 0


@dataclass(frozen=True)
class Plan:
    """From when it runs, by which accounts' days it is billed, and what is to be known."""

    activated: datetime
    zone: tzinfo  # the market's
    ends: date  # the first day without it, for what ending it costs
    since: date  # bills of earlier periods are not told
    cycles: Mapping[str | None, Cycle]
    in_advance: bool = False  # whether the brand bills a period before it
    used: Mapping[str, Decimal] = field(default_factory=dict)  # usage price -> units in each period

    @property
    def began(self) -> date:
        """The day in the market on which the first period of every price begins."""
        return self.activated.astimezone(self.zone).date()

    def period(self, days: Days) -> Json:
        """Days of the market as a period: from the first midnight until that after the last."""
        start, end = (datetime.combine(day, time(), self.zone).isoformat() for day in (days.since, days.until))
        return {"startDateTime": start, "endDateTime": end}


def recurring(charge: Charge, quantity: int) -> Recurring:
    """What so many units of it come to in each period."""
    assert charge.unit_of_time  # noqa: S101  of such charges alone
    return Recurring(1, charge.unit_of_time, charge.length, lambda n: charge.comes_to(quantity, n))


class Bill(NamedTuple):
    """One bill: its days, its lines, and whether from it on every price is what it stays."""

    account: str | None
    period: Days
    lines: list[Json]
    level: bool


def longest(terms: Iterable[Json]) -> Json | None:
    """Of several terms the one that binds longest."""
    return max(terms, key=lambda term: Sold({}, 1, (), term).months, default=None)


def due(sold: Iterable[Sold], when: str) -> list[Json]:
    """The lines of what is due once, at that time: atOrder or onDelivery."""
    return [_once(of, each) for of in sold for each in of.charges if each.price_type == "oneTime" and each.due == when]


def bills(sold: Iterable[Sold], plan: Plan) -> list[Bill]:
    """The bills to come of each account, until they are level; in the order of their days."""
    by_account: dict[str | None, list[Sold]] = {}
    for each in sold:
        by_account.setdefault(each.account, []).append(each)
    found = [each for account, of in by_account.items() for each in _series(account, of, plan)]
    return sorted(found, key=lambda each: (each.period.since, each.period.until, each.account or ""))


def _series(account: str | None, sold: Sequence[Sold], plan: Plan) -> Iterator[Bill]:
    cycle, began = plan.cycles[account], plan.began
    period, level, told = cycle.period(max(began, plan.since)), _level(sold, began), 0
    if not any(each.price_type != "oneTime" or each.due == "onBill" for of in sold for each in of.charges):
        return
    for _ in range(BILLS):
        first, ahead = period.since <= began, cycle.period(period.until)
        covered = ([period, ahead] if first else [ahead]) if plan.in_advance else [period]
        lines = [line for of in sold for line in _lines(of, plan, covered, used=period, first=first)]
        told += len(lines)
        if told > LINES:
            return
        settled = not first and covered[0].since >= level
        yield Bill(account, Days(covered[0].since, covered[-1].until), lines, settled)
        if settled:
            return
        period = ahead


def _level(sold: Iterable[Sold], began: date) -> date:
    """The day from which every price is what it stays."""
    sold = list(sold)
    turns = [
        recurring(each, of.quantity).begins(began, turn + 1)
        for of in sold
        for each in of.charges
        if each.unit_of_time
        for turn in each.turns
    ]
    rises = [day for of in sold for day, _ in of.eras[1:]]
    return max([*turns, *rises], default=began)


def _lines(of: Sold, plan: Plan, covered: Sequence[Days], *, used: Days, first: bool) -> Iterator[Json]:
    """What one bill takes for one thing: what is due once, each recurring price for each of its days, usage."""
    for n, each in enumerate(of.charges):
        if each.price_type == "oneTime" and each.due == "onBill" and first:
            yield _once(of, each)
        elif each.unit_of_time:
            for period in covered:
                for days, charge in of.during(n, period):
                    yield from _billed(of, charge, plan, period, days)
        elif each.price_type == "usage" and each.price_id in plan.used:
            yield _using(of, each, plan.used[each.price_id], plan.period(used))


def _billed(of: Sold, each: Charge, plan: Plan, period: Days, within: Days) -> Iterator[Json]:
    def lines(charge: Charge) -> list[bill.BillLine]:
        return bill.billed(recurring(charge, of.quantity), plan.began, period, charge.step, within=within)

    for n, line in enumerate(lines(each)):
        assert line.days  # noqa: S101  of what recurs
        cost: Cost = partial(lambda n, charge: lines(charge)[n].amount, n)
        yield {**_line(of, each, cost), "periodCoverage": plan.period(line.days)}


def _using(of: Sold, each: Charge, units: Decimal, period: Json) -> Json:
    line = _line(of, each, lambda charge: _used(charge, units))
    return {**line, "quantity": {"amount": units, "units": each.measure}, "periodCoverage": period}


def _once(of: Sold, each: Charge) -> Json:
    return _line(of, each, lambda charge: half_up(charge.comes_to(of.quantity), charge.step))


def _used(charge: Charge, units: Decimal) -> Decimal:
    """What so many units cost, each tier with what promotions take off its price."""
    tiers = charge.tiers or (Tier(ZERO, charge.base.value),)
    reduced = [Tier(t.start, charge.but(base=replace(charge.base, value=t.price)).unit) for t in tiers]
    amount, _, _ = (charge.measure or "1").partition(" ")
    block = Decimal(amount) if re.fullmatch(r"[1-9]\d{0,8}", amount, re.ASCII) else Decimal(1)
    return charge.split(usage.cost(Usage(reduced, block), units, charge.step)).gross


def _line(of: Sold, each: Charge, cost: Cost) -> Json:
    """A charge of a bill: what for, how much, the tax in it, and how it came about."""
    body: Json = {
        "item": of.line,
        "name": each.name,
        "priceType": each.price_type,
        "recurringChargePeriod": each.period,
        **taxed(cost(each), each),
        "trace": traced([each], cost),
    }
    return {name: value for name, value in body.items() if value is not None}


def taxed(amount: Decimal, of: Charge) -> Json:
    """An amount with the tax in it, where it is known at which rate."""
    unit = of.base.unit
    told: Json = {"taxIncludedAmount": {"unit": unit, "value": amount}}
    if of.tax is None:
        return told
    net = of.tax.taken(amount, unit)
    tax = {"taxRate": of.tax.rate, "taxAmount": {"unit": unit, "value": amount - net}}
    return {**told, "taxExcludedAmount": {"unit": unit, "value": net}, "appliedTax": [tax]}


def traced(charges: Iterable[Charge], cost: Cost) -> list[Json]:
    """How that cost of these came about: what each list price comes to, and what each promotion takes off that."""
    return [step for each in charges for step in _traced(each, cost)]


def _traced(each: Charge, cost: Cost) -> Iterator[Json]:
    rest = cost(replace(each, steps=()))
    kind = trace.GIVEN if each.shares else trace.LISTED
    yield trace.rule_step(kind, each.price_id, each.part, ZERO, rest, each.name)
    for n, step in enumerate(each.steps, start=1):
        if effect := cost(replace(each, steps=each.steps[:n])) - rest:
            yield trace.rule_step(trace.GIVEN, step.rule, each.part, rest, effect, step.name)
            rest += effect
