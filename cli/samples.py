"""Carts to try a catalog with: from the command line or a file of samples, priced as a channel would be answered.

A sample is a line of JSON, as a channel reads a cart, with what is known of the customer by the names of the criteria:

    {"id": "stacy", "channel": "web", "cartItem": [{"productOffering": {"id": "plan-m"}, "quantity": 2}],
     "facts": {"customer.student": "yes", "installed.offering": ["plan-s"], "tenure": 30}}
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from cli.say import refuse
from functions.cart import view as views
from functions.cart.cart import Line
from functions.cart.view import Looked, View
from functions.catalog import charge, rule, totals
from functions.catalog.catalog import Catalog
from functions.catalog.totals import Part
from functions.shared.resource import Json

HELP = "omnihub catalog simulate --help"


class Sample(NamedTuple):
    """A cart that is none of the hub's: where it is, what is in it, and what is known of whose it is."""

    id: str
    channel: str
    lines: tuple[Line, ...]
    facts: rule.Facts

    @property
    def partner(self) -> str | None:
        """Who sells it, if a partner does; who stands above follows from the catalog."""
        said = self.facts.known.get("partner")
        return next(iter(sorted(said)), None) if isinstance(said, frozenset) else None


class Told(NamedTuple):
    """What a catalog makes of a sample: each line, and what all of them come to in the first period."""

    lines: dict[str, Looked]
    totals: list[Json]

    @property
    def by_part(self) -> dict[Part, Decimal]:
        return totals.by_part(self.totals)

    @property
    def barred(self) -> list[str]:
        """Why lines cannot be ordered, a sentence for each reason."""
        return [each["reason"] for looked in self.lines.values() for each in looked.barred]


def priced(catalog: Catalog, sample: Sample, as_of: datetime) -> Told:
    """What a channel would be answered; what is barred costs nothing."""
    view = View(catalog, sample.channel, as_of, catalog.languages[-1], facts=sample.facts, partner=sample.partner)
    looked = views.look(sample.lines, view)
    lines = {line.id: line for line in sample.lines}
    sold = [(lines[id_].quantity, found.charges) for id_, found in looked.items() if not found.barred]
    return Told(looked, charge.totals(sold))


def read(path: Path) -> list[Sample]:
    """The samples in a file; where one cannot be read, a sentence with its line ends the command."""
    if not path.is_file():
        refuse(f"There is no file {path}.", HELP)
    found = []
    for number, written in enumerate(path.read_text("utf-8").splitlines(), 1):
        if written.strip():
            try:
                found.append(sample(json.loads(written), number))
            except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as wrong:
                refuse(f"{path}, line {number} is no cart ({wrong}).", HELP)
    return found


def sample(body: Json, number: int) -> Sample:
    """A cart as it is written in a sample, or as the hub answers it; raises ValueError and the like for none."""
    channel = body["channel"]
    if isinstance(channel, list):  # as the hub answers a cart: where it is now comes last
        channel = channel[-1]["id"]
    items = [each for each in body["cartItem"] if each.get("status") != "saveForLater"]
    lines = tuple(_line(str(each.get("id") or place), each) for place, each in enumerate(items, 1))
    return Sample(str(body.get("id") or f"cart {number}"), str(channel), lines, facts(body.get("facts") or {}))


def _line(id_: str, item: Json) -> Line:
    quantity = item.get("quantity", 1)
    if not isinstance(quantity, int) or not 0 < quantity < 100:
        raise ValueError("a quantity is from 1 to 99")
    more: Json = {name: item[name] for name in ("product", "cartItem") if name in item}
    action = item.get("action", "add")
    return Line(id_, quantity, {}, offering=str(item["productOffering"]["id"]), action=action, more=more)


def line(number: int, written: str) -> Line:
    """A line as it is typed: `plan-m`, or `plan-m:2` for two of it."""
    offering, _, quantity = written.partition(":")
    if quantity and not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity) < 100):
        refuse(f"'{written}' is no line; write it like plan-m or plan-m:2.", HELP)
    return Line(str(number), int(quantity or 1), {}, offering=offering)


def facts(said: Mapping[str, Any]) -> rule.Facts:
    """What is known of a customer, by the names of the criteria; raises ValueError for what is no such name."""
    found: dict[str, rule.Fact] = {}
    for parameter, value in said.items():
        kind = rule.kind_of(parameter)
        if kind is None:
            raise ValueError(f"there is no parameter {parameter}; there are {', '.join(rule.PARAMETERS)}<name>")
        if kind == "set":
            found[parameter] = frozenset(map(str, value if isinstance(value, list) else str(value).split(",")))
        else:
            found[parameter] = rule.number(str(value)) if kind == "number" else str(value)
    return rule.Facts(found)
