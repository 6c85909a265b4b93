"""Shows what differs between two versions of a catalog, for people who decide whether that was meant."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from rich.table import Table
from rich.text import Text

from cli.console import told_on
from cli.samples import Told
from cli.show import EVERY, prices
from functions.cart.cart import Line
from functions.catalog import difference
from functions.catalog.catalog import Catalog
from functions.catalog.difference import NAMES, Change, PriceChange, between

SIGNS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}
LONGEST = 60  # characters of a value that is shown
MOST = 100  # of a kind that are added, changed or removed, and of prices, are shown one by one; the rest is counted


def shown(was: Mapping[str, Any], now: Mapping[str, Any], most: int = MOST) -> bool:
    """Shows what becomes different, and which prices, at most so many of each; whether anything does."""
    if changes := between(was, now):
        show(changes, difference.prices(was, now), most)
    return bool(changes)


def show(changes: list[Change], priced: list[PriceChange], most: int = MOST) -> None:
    """Every resource with what changed of it, then the prices that rose or fell."""
    console = told_on()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for kind, of_kind in groupby(changes, _kind):
        count: Counter[str] = Counter()
        for change in of_kind:
            count[change.what] += 1
            if count[change.what] <= most:
                _add(table, kind, change)
        for what, all_ in count.items():
            if all_ > most:
                table.add_row(Text(*SIGNS[what]), Text(f"{kind}: {all_ - most:,} more"), "", "")
    console.print(table)
    if priced:
        console.print("\nPrices")
        console.print(_prices(priced[:most]))
    if len(priced) > most:
        console.print(f"and {len(priced) - most:,} more")


def _kind(change: Change) -> str:
    return NAMES.get(change.kind, change.kind)


def _add(table: Table, kind: str, change: Change) -> None:
    named = f"{kind} {change.id}" + (f" ({change.name})" if change.name else "")
    table.add_row(Text(*SIGNS[change.what]), Text(named), "", "")
    for attribute in change.attributes:
        before, after = _shown(attribute.before), _shown(attribute.after)
        table.add_row("", Text(f"  {attribute.path}", "dim"), Text(before, "red"), Text(after, "green"))


def _prices(priced: list[PriceChange]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("price", "of"):
        table.add_column(title)
    for title in ("before", "after", "by"):
        table.add_column(title, justify="right")
    for each in priced:
        colour = "red" if each.rise > 0 else "green"
        part = f" ({each.rise / each.before:+.0%})" if each.before else ""
        by = Text(f"{each.rise:+} {each.unit}{part}", colour)
        table.add_row(Text(each.id), Text(", ".join(each.offerings)), str(each.before), str(each.after), by)
    return table


def show_carts(told: list[tuple[str, Told, Told]]) -> None:
    """The carts that cost something else, or can be ordered no more, or now can."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("cart", "", "before", "after", "by"):
        table.add_column(title, justify="right" if title in ("before", "after", "by") else "left")
    changed = [each for each in told if each[1].by_part != each[2].by_part or each[1].barred != each[2].barred]
    for id_, before, after in changed:
        for part in sorted(before.by_part.keys() | after.by_part.keys()):
            was, now = before.by_part.get(part, Decimal(0)), after.by_part.get(part, Decimal(0))
            if was != now:
                every = EVERY.get(part[0], part[1]) if part[1] in ("", "month") else f"per {part[1]}"
                by = Text(f"{now - was:+} {part[2]}", "red" if now > was else "green")
                table.add_row(Text(id_), every, str(was), str(now), by)
        for sentence in sorted({*after.barred} - {*before.barred}):
            table.add_row(Text(id_), Text(sentence, "red"))
    told_on().print(f"\nCarts: {len(changed)} of {len(told)} change")
    if changed:
        told_on().print(table)


def show_cart(catalog: Catalog, lines: Iterable[Line], told: Told) -> None:
    """What each line of a cart costs, by which rule, or why it cannot be ordered; and what all of them come to."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for line in lines:
        looked, offering = told.lines[line.id], catalog.offering(line.offering or "")
        name = catalog.text(offering["name"], catalog.languages[-1]) if offering else line.offering
        cost = prices(each.tmf for each in looked.charges)
        why = Text(" ".join(each["reason"] for each in looked.barred), "red")
        table.add_row(f"{line.quantity} x", Text(str(name)), why if looked.barred else cost)
    table.add_row("", Text("Together", "dim"), prices(told.totals))
    told_on().print(table)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=float)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
