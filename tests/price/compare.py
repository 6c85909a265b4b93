"""A generated cart, priced by the hub and by the naive evaluator, in the same words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from functions.catalog import price
from functions.catalog.catalog import Catalog
from functions.catalog.price import Item, Sale
from functions.catalog.rule import Fact, Facts, kind_of
from tests.price import naive
from tests.price.generate import Case


def asked(made: Case) -> tuple[list[Item], Sale]:
    """A case as the hub's pricing function is asked for it."""
    catalog = Catalog.of("v1", made.content)
    items = [
        Item(line["id"], catalog, catalog.held["productOffering"][line["offering"]], line["quantity"])
        for line in made.lines
    ]
    told = {name: value for name, value in made.context.items() if name not in ("asOf", "channel", "currency")}
    facts: dict[str, Fact] = {name: fact(name, value) for name, value in told.items()}
    as_of = made.context["asOf"]
    moment = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
    return items, Sale(made.context["channel"], moment, "en", Facts(facts), made.context.get("currency"))


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
                            "id": charge.price_id,
                            "base": charge.base.value,
                            "each": tuple(step.rule for step in charge.steps),
                            "together": tuple(share.step.rule for share in charge.shares),
                            "unit": [charge.at(n) for n in periods(charge.price_type)],
                            "share": [
                                sum((s.at(n) for s in charge.shares), Decimal(0)) for n in periods(charge.price_type)
                            ],
                        }
                        for charge in found[item.id]
                    ),
                    key=lambda each: each["id"],
                ),
            }
            for item in sorted(items, key=lambda item: item.id)
        ]
    }


def periods(price_type: str) -> range:
    return range(1, (naive.SHOWN if price_type == "recurring" else 1) + 1)


def theirs(made: Case) -> dict[str, Any]:
    """What the naive evaluator says of it."""
    found = naive.priced(made.content, made.lines, made.context)
    names = ("id", "base", "each", "together", "unit", "share")
    return {
        "line": [
            {
                "id": line["id"],
                "price": sorted(
                    ({name: each[name] for name in names} for each in line["price"]), key=lambda each: each["id"]
                ),
            }
            for line in found["line"]
        ]
    }
