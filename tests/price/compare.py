"""A generated cart, priced by the hub and by the naive evaluator, in the same words."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from functions.catalog import charge, price
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.rule import Fact, Facts, OwnPrice, kind_of
from functions.catalog.sale import Item, Sale
from tests.price import naive
from tests.price.generate import Case

TOLD_APART = ("asOf", "channel", "currency", "own", "seller")  # of a context, beside what is known of the customer


def asked(made: Case) -> tuple[list[Item], Sale]:
    """A case as the hub's pricing function is asked for it."""
    catalog = Catalog.of("v1", made.content)
    held = catalog.held["productOffering"]
    items = [
        Item(
            line["id"],
            catalog,
            held[line["offering"]],
            line["quantity"],
            included=tuple(held[ident] for ident in line.get("holds", [])),
        )
        for line in made.lines
    ]
    told = {name: value for name, value in made.context.items() if name not in TOLD_APART}
    facts: dict[str, Fact] = {name: fact(name, value) for name, value in told.items()}
    as_of = made.context["asOf"]
    moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    currency, seller = made.context.get("currency"), made.context.get("seller")
    known = Facts(facts, own=own(made.context.get("own", {})))
    return items, Sale(made.context["channel"], moment, "en", known, currency, seller)


def own(told: Mapping[str, str]) -> tuple[OwnPrice, ...]:
    """Prices of a customer's own as the hub knows them, for good."""
    return tuple(OwnPrice(f"own-{id_}", id_, Decimal(value)) for id_, value in told.items())


def fact(parameter: str, value: Any) -> Fact:
    """A fact as the hub knows it."""
    if isinstance(value, set):
        return frozenset(value)
    return Decimal(value) if kind_of(parameter) == "number" else str(value)


def ours(made: Case) -> dict[str, Any]:
    """What the hub says of a case, in the words of the naive evaluator."""
    items, sale = asked(made)
    found = price.priced(items, sale)
    return {
        "line": [
            {
                "id": item.id,
                "price": sorted(
                    (
                        {
                            "id": each.price_id,
                            "base": each.base.value,
                            "each": tuple(step.rule for step in each.steps),
                            "together": tuple(share.step.rule for share in each.shares),
                            "unit": [each.at(n) for n in periods(each.price_type)],
                            "share": [
                                sum((s.at(n) for s in each.shares), Decimal(0)) for n in periods(each.price_type)
                            ],
                            "tax": each.tax.rule if each.tax else None,
                            "gross": [each.sum(item.quantity, n).gross for n in periods(each.price_type)],
                            "net": [each.sum(item.quantity, n).free for n in periods(each.price_type)],
                        }
                        for each in found[item.id]
                    ),
                    key=lambda each: each["id"],
                ),
            }
            for item in sorted(items, key=lambda item: item.id)
        ],
        "total": _totals(items, found),
    }


def _totals(items: list[Item], found: Mapping[str, list[Charge]]) -> list[tuple[Any, ...]]:
    """What all lines come to, usage left out: kind, period, currency, with tax and without."""
    sold = ((item.quantity, [c for c in found[item.id] if c.price_type != "usage"]) for item in items)
    return sorted(
        (
            each["priceType"],
            _period(each.get("recurringChargePeriod", "")),
            each["price"]["taxIncludedAmount"]["unit"],
            each["price"]["taxIncludedAmount"]["value"],
            each["price"].get("dutyFreeAmount", {}).get("value"),
        )
        for each in charge.totals(sold)
    )


def _period(said: str) -> str:
    return f"1 {said}" if said.isalpha() else said


def periods(price_type: str) -> range:
    return range(1, (naive.SHOWN if price_type == "recurring" else 1) + 1)


def theirs(made: Case) -> dict[str, Any]:
    """What the naive evaluator says of it."""
    found = naive.priced(made.content, made.lines, made.context)
    names = ("id", "base", "each", "together", "unit", "share", "tax", "gross", "net")
    return {
        "line": [
            {
                "id": line["id"],
                "price": sorted(
                    ({name: each[name] for name in names} for each in line["price"]), key=lambda each: each["id"]
                ),
            }
            for line in found["line"]
        ],
        "total": sorted(
            tuple(each[name] for name in ("priceType", "period", "currency", "gross", "net")) for each in found["total"]
        ),
    }
