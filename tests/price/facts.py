"""What is known about a cart, and whether a predicate holds on it.

Part of the naive evaluator: written from the text of the semantics alone, shares nothing with `functions`.
"""

import operator
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Facts = dict[str, Any]

SETS = ("segment", "partner", "installed.offering", "installed.category", "cart.offering", "cart.category", "campaign")
NUMBERS = ("installed.count", "cart.quantity", "cart.oneTime", "cart.recurring", "quantity", "tenure")
ORDERED_TEXTS = ("place.postcode", "date")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def on_sale(stored: Json, as_of: datetime) -> bool:
    return stored["lifecycleStatus"] in ("Active", "Launched") and valid(stored, as_of)


def valid(stored: Json, as_of: datetime) -> bool:
    """From the start until just before the end; a missing end of the period is open."""
    period = stored.get("validFor") or {}
    start, end = period.get("startDateTime"), period.get("endDateTime")
    return (not start or datetime.fromisoformat(start) <= as_of) and (not end or as_of < datetime.fromisoformat(end))


def holds(predicate: Json, facts: Facts) -> bool:
    groups = [
        _joined(group.get("criteriaLogicalRelationship"), [_met(criterion, facts) for criterion in group["criteria"]])
        for group in predicate.get("criteriaGroup", [])
    ]
    return _joined(predicate.get("criteriaGroupLogicalRelationship"), groups)


def _joined(relationship: str | None, answers: list[bool]) -> bool:
    return any(answers) if relationship == "OR" and answers else all(answers)


def _met(criterion: Json, facts: Facts) -> bool:
    name, sign, value = criterion["criteriaParameter"], criterion["criteriaOperator"], criterion["criteriaValue"]
    fact = facts.get(name)
    if fact is None:
        return sign == "<>" and name not in NUMBERS
    if name in SETS:
        return (value in fact) if sign == "=" else (value not in fact) if sign == "<>" else False
    if name in NUMBERS:
        return COMPARE[sign](Decimal(fact), Decimal(value))
    return (sign in ("=", "<>") or name in ORDERED_TEXTS) and COMPARE[sign](fact, value)


def facts_of_cart(content: Json, lines: list[Json], context: Facts) -> Facts:
    """What is given, and what the hub works out itself: date, the cart's own facts, segments."""
    facts = {name: fact for name, fact in context.items() if name not in ("asOf", "currency", "seller")}
    if "seller" in context:
        facts["partner"] = {context["seller"], *above(content, context["seller"])}
    as_of = moment(context)
    facts["date"] = as_of.astimezone(ZoneInfo(content["timeZone"])).date().isoformat()
    # What lies in a line and has no price of its own ("holds") is in the cart too; it is neither counted nor paid.
    there = [ident for line in lines for ident in (line["offering"], *line.get("holds", []))]
    facts["cart.offering"] = set(there)
    facts["cart.category"] = {name for ident in there for name in categories(offering_of(content, {"offering": ident}))}
    facts["cart.quantity"] = Decimal(sum(line["quantity"] for line in lines))
    for name, price_type in (("cart.oneTime", "oneTime"), ("cart.recurring", "recurring")):
        facts[name] = sum(
            (
                line["quantity"] * Decimal(price["price"]["value"])
                for line in lines
                for price in list_prices(content, line, context)
                if price["priceType"] == price_type
            ),
            Decimal(0),
        )
    members = {s["id"] for s in content.get("segment", []) if on_sale(s, as_of) and holds(s, facts)}
    return facts | {"segment": members}


def above(content: Json, partner: str) -> list[str]:
    """Who stands above a partner; nobody is known to stand above one that is not known."""
    for one in content.get("partner", []):
        if one["id"] == partner and "parentId" in one:
            return [one["parentId"], *above(content, one["parentId"])]
    return []


def moment(context: Facts) -> datetime:
    return datetime.fromisoformat(context["asOf"])


def currency_of(content: Json, context: Facts) -> str:
    return str(context.get("currency") or content["currency"])


def offering_of(content: Json, line: Json) -> Json:
    found: Json = next(one for one in content["productOffering"] if one["id"] == line["offering"])
    return found


def categories(offering: Json) -> set[str]:
    return {reference["id"] for reference in offering.get("category", [])}


def list_prices(content: Json, line: Json, context: Facts) -> list[Json]:
    """The prices the offering names, on sale, in the cart's currency; those of a price list only ever replace one."""
    named = {reference["id"] for reference in offering_of(content, line).get("productOfferingPrice", [])}
    return [
        price
        for price in content["productOfferingPrice"]
        if price["id"] in named
        and "priceList" not in price
        and on_sale(price, moment(context))
        and price["price"]["unit"] == currency_of(content, context)
    ]
