"""Ten thousand shots at a hub on this machine, and a table of what came of them."""

from argparse import Namespace
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from cli.hub import load
from local.hub import Hub
from tests.fuzz import generated, raw
from tests.fuzz.range import Range
from tests.fuzz.shot import Shot, nobody_else
from tests.http.routes import routes
from tests.http.world import World

OUT = Path("cdk.out")
AT_ONCE = 10  # cases that are made of one operation at a time


def run(asked: Namespace, terminal: TextIO) -> int:
    """Fires until as many requests were answered as are wanted; 1 where anything was wrong."""
    console, end = Console(file=terminal), monotonic() + asked.minutes * 60
    with nobody_else(), Hub.start(OUT) as hub:
        load(hub)
        target = Range(World(hub))
        _shoot(target, asked, console, end)
        target.settled()
    return _told(console, target, asked.requests)


def all_shots(world: World, count: int, number: int) -> Iterator[Shot]:
    """Half of them from the document, every operation in turn, and half from the tables of odd things."""
    made, turn = 0, number * 1_000_000
    while made < count:
        for route in routes():
            turn += 1
            for mode in (generated.TAKEN, generated.FORBIDDEN):
                some = AT_ONCE if mode is generated.TAKEN else AT_ONCE // 5
                for shot in chain(generated.shots(world, route, mode, some, turn), raw.shots(world, some, turn)):
                    made += 1
                    yield shot


def _shoot(target: Range, asked: Namespace, console: Console, end: float) -> None:
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, redirect_stdout=False) as bar:
        task = bar.add_task("requests", total=asked.requests)
        for shot in all_shots(target.world, asked.requests * 2, asked.seed):
            target.shoot([shot])
            bar.update(task, completed=target.requests, description=f"{len(target.violations)} violations")
            if target.requests >= asked.requests or monotonic() > end:
                return


def _told(console: Console, target: Range, wanted: int) -> int:
    """The table; 1 where something was wrong, or too little was tried."""
    table = Table("what", "how many", title="make fuzz")
    table.add_row("requests", str(target.requests))
    table.add_row("operations covered", f"{len(target.operations)} of {len(routes())}")
    table.add_row("operations that also succeeded", str(len(+target.succeeded)))
    for status, count in sorted(target.statuses.items()):
        table.add_row(f"answered with {status}", str(count))
    table.add_row("kinds of violation", str(len(target.violations)))
    console.print(table)
    for what, count in target.violations.most_common():
        console.print(
            f"{count} times {what}\n    {target.examples[what]}", markup=False, highlight=False, soft_wrap=True
        )
    if target.requests < wanted:
        console.print(f"Only {target.requests} of {wanted} requests in the time given.")
    complete = target.requests >= wanted and len(target.operations) == len(routes())
    return 0 if complete and not target.violations else 1
