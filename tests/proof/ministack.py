"""`python -m tests.proof.ministack`: what the hub promises about rows, on a DynamoDB that is not moto's.

The store tests, the cases of the explorer, and races of real threads; some minutes, all on loopback, and an end of
its own. The exit code is 1 where anything does not hold.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.proof.cases import FAMILIES, Case, explored
from tests.proof.engine import ENGINES
from tests.proof.found import Found
from tests.proof.races import RACES, raced, track
from tests.proof.world import Story, world

ENGINE = "ministack"
# The tests that decide about rows, or follow a sale through all its rows.
TESTS = ["tests/unit/test_rows.py", "tests/proof/test_engine.py"]
TESTS += [f"tests/functions/test_{noun}.py" for noun in ("orders", "carts", "claims", "fulfil", "corrections")]
# Plugins of pytest are imported here already: their own asserts need not be told in detail.
OPTIONS = ["--engine", ENGINE, "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
CASES = 8  # of each story, and every fault of each of its calls at least once
ROUNDS = 12  # of each race
FIRST = 5  # violations that are shown


@dataclass(eq=False)  # pytest keeps plugins in a set
class Verdicts:
    """A plugin of pytest that counts what passed and what did not."""

    found: Found

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            said = {"it_holds_on_both_engines": report.longreprtext[-400:]} if report.failed else {}
            self.found.take(Case(report.nodeid, report.when, ENGINE), said)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.found.take(Case(report.nodeid, "collected", ENGINE), {"it_can_be_read": report.longreprtext[-400:]})


def tested() -> Iterator[Found]:
    """The store tests, a module a step."""
    for module in TESTS:
        found, told = Found(), StringIO()
        with redirect_stdout(told):
            status = pytest.main([module, *OPTIONS], plugins=[Verdicts(found)])
        if status and not found.violations:
            found.take(Case(module, "ended", str(status)), {"pytest_is_content": told.getvalue()[-400:]})
        yield found


def cases_of(stories: Sequence[Story]) -> Iterator[Found]:
    """The explorer's cases, a story a step."""
    with ENGINES[ENGINE]() as engine, world(engine) as hub:
        for story in stories:
            yield explored(hub, story, CASES)


def races() -> Iterator[Found]:
    """Real threads, a story a step."""
    with ENGINES[ENGINE]() as engine, track(engine) as hub:
        for story in RACES:
            yield raced(hub, story, ROUNDS)


class Part(NamedTuple):
    """A line of the table."""

    name: str
    steps: int
    play: Callable[[], Iterator[Found]]


EXPLORED = [(name, FAMILIES[name]) for name in ("order exactness", "cart edits")]
PARTS = [
    Part("store tests", len(TESTS), tested),
    *(Part(name, len(of), lambda of=of: cases_of(of)) for name, of in EXPLORED),  # type: ignore[misc]
    Part("eight threads at once", len(RACES), races),
]


def played(part: Part, advance: Callable[[], None]) -> tuple[Found, float]:
    """What came of a part, and how many seconds it took."""
    began, found = time.monotonic(), Found()
    for step in part.play():
        found.join(step)
        advance()
    return found, time.monotonic() - began


def main() -> int:
    """Plays every part and prints the table."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # else the emulator would outlive this process
    table = Table("part", *(f"[right]{name}" for name in ("cases", "violations", "seconds")))
    console, worst = Console(stderr=True), 0
    columns = (TextColumn("{task.description:>22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    shown: list[str] = []
    with Progress(*columns, console=console, redirect_stdout=False) as bar:
        for part in PARTS:
            task = bar.add_task(part.name, total=part.steps)
            found, seconds = played(part, lambda task=task: bar.advance(task))  # type: ignore[misc]
            count = found.violations.total()
            table.add_row(part.name, f"{found.cases:,}", str(count), f"{seconds:.0f}")
            shown += [f"{name}: {case}: {said}" for name, (case, said) in found.first.items()]
            worst = max(worst, min(count, 1))
    Console().print(table, *shown[:FIRST], sep="\n")
    return worst


if __name__ == "__main__":
    sys.exit(main())
