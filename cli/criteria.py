"""What business people write as `when`, compiled to the criteria of TMF671.

when:
  - segment: student
  - tenure: ">= 24"
  - cart.category: [handsets, accessories]      # one of these
  - any: [channel: shop, campaign: summer]      # one of these lines
"""

import re
from collections.abc import Iterator
from datetime import date

from cli.entries import Entry, Node, near
from cli.facts import Brand, Json
from functions.catalog import rule

# A criterion of this parameter names something of this section.
NAMED = {"segment": "segments", "installed.offering": "offerings", "cart.offering": "offerings"}
NAMED |= {"installed.category": "categories", "cart.category": "categories", "partner": "partners"}
CUSTOMERS = ("consumer", "business")
COMPARISON = re.compile(r"(<=|>=|<>|=|<|>)?\s*(.+)", re.DOTALL)
Lists = dict[str, list[str]]


def predicate(brand: Brand, entry: Entry, one_of: Lists | None = None) -> Json:
    """The criteria of an entry: all lines of its `when`, and of each parameter in `one_of` one of the values."""
    groups = [_group([_equal(name, value) for value in values], every=False) for name, values in (one_of or {}).items()]
    common: list[Json] = []
    for line in entry.each("when"):
        if not (fields := line.fields("a line of 'when'")):
            line.refuse("this line of 'when' says nothing; leave it out, or fill it.")
        for name, node in fields.items():
            found = _alternatives(brand, name, node)
            if len(found) == 1:
                common += found
            else:
                groups.append(_group(found, every=False))
    groups += [_group(common, every=True)] if common else []
    return {"criteriaGroupLogicalRelationship": "AND", "criteriaGroup": groups} if groups else {}


def _group(criteria: list[Json], *, every: bool) -> Json:
    return {"criteriaLogicalRelationship": "AND" if every or len(criteria) == 1 else "OR", "criteria": criteria}


def _equal(parameter: str, value: str) -> Json:
    return {"criteriaParameter": parameter, "criteriaOperator": "=", "criteriaValue": value}


def _alternatives(brand: Brand, name: str, node: Node) -> list[Json]:
    """The criteria of which one must hold."""
    if name == "any":
        return [criterion for item in node.items() for criterion in _one_line(brand, item)]
    found = [criterion for value in node.items() for criterion in _criteria(brand, name, value)]
    if len(found) > 1 and any(criterion["criteriaOperator"] != "=" for criterion in found):
        node.refuse(f"several values mean one of them, so {name} has no operator here; else write each in its line.")
    return found


def _one_line(brand: Brand, item: Node) -> list[Json]:
    fields = item.fields("a line of 'any'")
    if len(fields) != 1 or "any" in fields:
        item.refuse("a line of 'any' says one thing; where two must hold together, write a segment of them.")
    ((name, node),) = fields.items()
    return _alternatives(brand, name, node)


def _criteria(brand: Brand, name: str, node: Node) -> Iterator[Json]:
    """One criterion; of a group of channels one for each."""
    kind = rule.kind_of(name) or node.refuse(f"'{name}' cannot be asked in 'when'{near(name, rule.PARAMETERS)}")
    found = COMPARISON.fullmatch(node.text(name))
    operator, value = (found[1] or "=", found[2].strip()) if found else node.refuse(f"{name} needs a value.")
    if operator not in rule.OPERATORS[kind]:
        node.refuse(f"{name} is compared by {' '.join(rule.OPERATORS[kind])}, not by {operator}.")
    for each in _values(brand, name, kind, Node(node.spot, value)):
        yield {"criteriaParameter": name, "criteriaOperator": operator, "criteriaValue": each}


def _values(brand: Brand, name: str, kind: rule.Kind, node: Node) -> list[str]:
    if name == "channel":
        return brand.members(node, node.text(name))
    if name in NAMED:
        return [brand.ref(node, NAMED[name])]
    if name == "customer.kind":
        return [node.one_of(CUSTOMERS, name)]
    if name == "date":
        return [_day(node)]
    return [f"{node.number(name).normalize():f}"] if kind == "number" else [node.text(name)]


def _day(node: Node) -> str:
    try:
        return date.fromisoformat(node.text("date")).isoformat()
    except ValueError:
        node.refuse(f"'{node.value}' is not a day; write it like 2026-03-01.")
