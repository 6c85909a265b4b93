"""What a contract comes to over its term and what ending it early costs, thing by thing, with traces. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from functions.catalog import commitment, trace
from functions.catalog.bill import OneTime, Recurring
from functions.catalog.bills import Plan, Sold, recurring, traced
from functions.catalog.charge import Charge
from functions.catalog.commitment import EarlyTermination
from functions.catalog.totals import ZERO
from functions.shared.days import later
from functions.shared.resource import Json

ALL_OF_IT = EarlyTermination("remainingShare", Decimal(100))  # what is owed where a term says nothing else


class Bound(NamedTuple):
    """What one thing comes to over its term."""

    of: Sold
    until: date
    comes_to: commitment.Commitment
    steps: list[Json]


class Ended(NamedTuple):
    """What ending one thing costs on a day, and what would be paid for the rest of its term."""

    of: Sold
    until: date
    fee: EarlyTermination
    amount: Decimal
    remaining: Decimal
    steps: list[Json]


def bound(sold: Iterable[Sold], plan: Plan) -> list[Bound]:
    """What each thing that is bound to a term comes to over it."""
    return [_bound(of, plan) for of in sold if of.months and of.charges]


def _bound(of: Sold, plan: Plan) -> Bound:
    def cost(charges: Sequence[Charge]) -> commitment.Commitment:
        return commitment.commitment([_charged(of, each) for each in charges], of.months, of.charges[0].step)

    charges = [each for each in of.charges if each.price_type != "usage"]
    steps = traced(charges, lambda each: cost([each]).total)
    return Bound(of, later(plan.began, of.months), cost(charges), steps)


def ended(sold: Iterable[Sold], plan: Plan) -> list[Ended]:
    """What ending each of them costs that is bound to a term."""
    bound = [of for of in sold if of.months and of.charges]
    return [_ended(of, fee, plan) for of in bound if (fee := fee_of(of.term or {}, of.charges[0].base.unit))]


def _ended(of: Sold, fee: EarlyTermination, plan: Plan) -> Ended:
    began, charges = plan.began, [each for each in of.charges if each.unit_of_time]
    step = of.charges[0].step

    def cost(fee: EarlyTermination, charges: Sequence[Charge]) -> Decimal:
        parts = [recurring(each, of.quantity) for each in charges]
        return commitment.termination_fee(fee, parts, began, of.months, ends=plan.ends, step=step)

    amount = cost(fee, charges)
    if fee.type == "remainingShare":
        steps = traced(charges, lambda each: cost(fee, [each]))
    else:
        part = ("oneTime", "", of.charges[0].base.unit)
        steps = [trace.rule_step("EarlyTermination", fee.type, part, ZERO, amount)]
    return Ended(of, later(began, of.months), fee, amount, cost(ALL_OF_IT, charges), steps)


def fee_of(term: Json, currency: str) -> EarlyTermination | None:
    """What a term says of ending it early; where it says nothing, all that is left of it is owed.

    None where what it says cannot be charged, or not in that currency: nothing is ever converted.
    """
    said = term.get("earlyTermination")
    if not said:
        return ALL_OF_IT
    if commitment.termination_faults(said, currency):
        return None
    return EarlyTermination(said["type"], Decimal(str(said["value"])))


def _charged(of: Sold, each: Charge) -> Recurring | OneTime:
    if each.unit_of_time:
        return recurring(each, of.quantity)
    return OneTime(1, each.comes_to(of.quantity), each.due)
