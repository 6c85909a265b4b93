"""Promotions that can meet on one price with the same priority, though their order changes what it costs then.

The price is certain all the same (the smaller id acts first), but nobody decided it: a priority should say so.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, islice
from typing import NamedTuple

from functions.catalog.checks import criteria, logic, spans
from functions.catalog.checks.finding import Fault, warning
from functions.catalog.checks.form import plain
from functions.catalog.checks.logic import Clause
from functions.catalog.checks.reach import acts, off, reach
from functions.catalog.checks.subject import Subject
from functions.shared.resource import Json

MOST, PRICES = 50_000, 50  # pairs and common prices that are looked at: more than anybody maintains
USUAL = 1  # the priority, and how many may meet, where none is said


class Part(NamedTuple):
    """One action of a promotion on the prices that it reaches."""

    promotion: Json
    action: Json
    priority: int
    span: spans.Span
    clauses: list[Clause]
    prices: dict[str, Json]


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """The others that it can meet so; each pair is told of the one with the smaller id."""
    for other in subject.once("pairs", lambda: _pairs(subject)).get(stored["id"], []):
        said = f"it and {other} can meet on one price with the same priority, and their order changes what it costs"
        yield warning("undecidedOrder", f"{said}; give one of them another priority, or both one exclusivityGroup.")


def _pairs(subject: Subject) -> dict[str, list[str]]:
    alike: dict[tuple[str, int], list[Part]] = defaultdict(list)
    for part in _parts(subject):
        alike[part.action.get("scope", "each"), part.priority].append(part)
    found: dict[str, list[str]] = defaultdict(list)
    pairs = (pair for parts in alike.values() for pair in combinations(parts, 2))
    for one, other in islice(pairs, MOST):
        id_, beside = one.promotion["id"], other.promotion["id"]
        if id_ != beside and beside not in found[id_] and _matters(subject, one, other) and _can_meet(one, other):
            found[id_].append(beside)
    return found


def _parts(subject: Subject) -> Iterator[Part]:
    """Those that may meet others at all, by the ids of their promotions."""
    for promotion in sorted(subject.on_sale("promotion"), key=lambda each: str(each["id"])):
        if promotion.get("stackingLimit", USUAL) <= USUAL or spans.empty(span := subject.span(promotion)):
            continue
        for pattern in promotion.get("pattern") or []:
            if (clauses := criteria.readable(subject, "promotion", pattern)) is None:
                continue
            for action in filter(acts, pattern.get("action") or []):
                when, priority = spans.both(span, spans.of(pattern)), pattern.get("priority", USUAL)
                yield Part(promotion, action, priority, when, clauses, reach(subject, action).prices)


def _matters(subject: Subject, one: Part, other: Part) -> bool:
    """Whether what is left of a price that both reach differs with the order."""
    fewer, more = sorted((one.prices, other.prices), key=len)
    return any(_differs(subject, one, other, fewer[id_]) for id_ in islice((i for i in fewer if i in more), PRICES))


def _differs(subject: Subject, one: Part, other: Part, price: Json) -> bool:
    value, rests = Decimal(plain(price["price"]["value"])), set()
    for first, second in ((one.action, other.action), (other.action, one.action)):
        left = value - off(subject, first, price)
        rests.add(left - off(subject, second, price, left))
    return len(rests) > 1


def _can_meet(one: Part, other: Part) -> bool:
    group = one.promotion.get("exclusivityGroup")
    if group is not None and group == other.promotion.get("exclusivityGroup"):
        return False
    if spans.empty(spans.both(one.span, other.span)):
        return False
    return logic.contradiction([*one.clauses, *other.clauses]) is None
