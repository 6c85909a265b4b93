"""A bill preview as it is answered: bills and lines in the words of TMF678, amounts with the tax in them. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from functions.catalog import bills, binding, charge
from functions.catalog.bills import Bill, Plan, Sold
from functions.catalog.binding import Bound, Ended
from functions.catalog.totals import ZERO
from functions.shared import tmf
from functions.shared.days import Days
from functions.shared.resource import Json, ref

DUE = ("atOrder", "onDelivery")  # what is due onBill is on the first


def told(sold: list[Sold], plan: Plan) -> Json:
    """What is due and when, the bills until they are level, and what the terms bind to."""
    dues = {when: bills.due(sold, when) for when in DUE}
    return {
        "price": charge.totals((of.quantity, of.charges) for of in sold),
        "due": [{"due": when, **_summed(lines), "rate": lines} for when, lines in dues.items() if lines],
        "bill": [_bill(each, plan) for each in bills.bills(sold, plan)],
        **_commitment(binding.bound(sold, plan), plan),
        **_termination(binding.ended(sold, plan), plan),
    }


def _bill(of: Bill, plan: Plan) -> Json:
    period = plan.period(of.period)
    body: Json = {"billDate": period["endDateTime"], "billingPeriod": period, **_summed(of.lines)}
    if of.account:
        body["billingAccount"] = ref(of.account, tmf.href("billingAccount", of.account), "BillingAccount")
    return {**body, "isLevel": of.level, "rate": of.lines}


def _summed(lines: list[Json]) -> Json:
    """What lines come to; without tax only where it is known of each."""
    if not lines:
        return {}
    unit = lines[0]["taxIncludedAmount"]["unit"]

    def total(amounts: Iterable[Decimal]) -> Json:
        return {"unit": unit, "value": sum(amounts, ZERO)}

    body: Json = {"taxIncludedAmount": total(line["taxIncludedAmount"]["value"] for line in lines)}
    taxes = [tax for line in lines for tax in line.get("appliedTax", [])]
    if len(taxes) == len(lines):
        rates = sorted({tax["taxRate"] for tax in taxes})
        body["taxExcludedAmount"] = total(line["taxExcludedAmount"]["value"] for line in lines)
        body["taxItem"] = [
            {"taxRate": rate, "taxAmount": total(t["taxAmount"]["value"] for t in taxes if t["taxRate"] == rate)}
            for rate in rates
        ]
    return body


def _commitment(found: list[Bound], plan: Plan) -> Json:
    if not found:
        return {}
    unit = _unit(found[0].of)

    def amounts(of: list[Bound]) -> Json:
        return _sums(
            unit,
            oneTime=(each.comes_to.one_time for each in of),
            recurring=(each.comes_to.recurring for each in of),
            total=(each.comes_to.total for each in of),
        )

    items = [
        {
            **_bound_to(each.of, plan.period(Days(plan.began, each.until))),
            **amounts([each]),
            "perMonth": {"unit": unit, "value": each.comes_to.per_month},
            "trace": each.steps,
        }
        for each in found
    ]
    return {"commitment": {**amounts(found), "item": items}}


def _termination(found: list[Ended], plan: Plan) -> Json:
    if not found:
        return {}
    unit = _unit(found[0].of)

    def amounts(of: list[Ended]) -> Json:
        return _sums(unit, amount=(each.amount for each in of), remaining=(each.remaining for each in of))

    items = [
        {
            **_bound_to(each.of, plan.period(Days(plan.began, each.until))),
            "type": each.fee.type,
            **amounts([each]),
            "trace": each.steps,
        }
        for each in found
    ]
    day = plan.period(Days(plan.ends, plan.ends))["startDateTime"]
    return {"earlyTermination": {"endDate": day, **amounts(found), "item": items}}


def _bound_to(of: Sold, period: Json) -> Json:
    term = of.term or {}
    named = {"name": term["name"]} if "name" in term else {}
    return {"item": of.line, **named, "duration": term["duration"], "validFor": period}


def _unit(of: Sold) -> str:
    return of.charges[0].base.unit


def _sums(unit: str, **of: Iterable[Decimal]) -> Json:
    return {name: {"unit": unit, "value": sum(each, ZERO)} for name, each in of.items()}
