"""Shows what a check has found, the worst first: where it stands, what it is of, and what to do."""

import json
from collections import Counter
from collections.abc import Iterable

from rich.table import Table

from cli.console import told_on
from functions.catalog.checks.finding import ERROR, Fault, Finding
from functions.shared.resource import Json

COLOURS = {ERROR: "bold red", "warning": "yellow"}


def of_json(told: Json) -> Finding:
    """A finding as the hub tells it."""
    return Finding(told["kind"], told["id"], "", Fault(told["severity"], told["code"], told["reason"]))


def show(found: list[Finding]) -> None:
    """A line for each finding, and how many there are."""
    if not found:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in sorted(found, key=lambda one: one.fault.severity != ERROR):
        colour = COLOURS[each.fault.severity]
        where = f"[dim]{each.where}[/dim]\n" if each.where else ""
        table.add_row(
            f"[{colour}]{each.fault.severity}[/]", f"{where}{_escaped(each.sentence)} [dim]({each.fault.code})[/dim]"
        )
    told_on().print(table)


def count(found: Iterable[Finding]) -> str:
    """How many of which severity: `2 errors and 1 warning`."""
    numbers = Counter(each.fault.severity for each in found)
    return " and ".join(f"{numbers[s]} {s}{'s' if numbers[s] > 1 else ''}" for s in COLOURS if numbers[s]) or "no fault"


def as_json(found: Iterable[Finding]) -> str:
    """A line of JSON for each, for programs."""
    return "".join(json.dumps(each.json, ensure_ascii=False) + "\n" for each in found)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
