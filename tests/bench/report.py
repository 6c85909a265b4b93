"""The last run as tables: for the terminal, and as Markdown for `docs/bench.md`."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench import library
from tests.bench.budgets import Figure
from tests.bench.catalogs import PROMOTIONS
from tests.bench.cold import Cold
from tests.bench.measure import RUNS, Measured

INTRODUCTION = """# What a request costs

Written by `python -m tests.bench --write`; `make bench` measures the same and prints it. Calls and units are counted on
moto from the real items, by DynamoDB's rules (index writes included, transactions twice). CPU is that of one core of
{machine}, Python {python}: the median of {runs} runs of the warm handler with its HTTP answered from a recording,
beside the same botocore calls alone. Only the ratios mean something elsewhere.

The catalogs by size are generated, the same every time: half as many prices again as offerings, bundles with parts to
choose, eligibility, segments, price lists and {promotions} promotions. Each is checked, written and put on sale by the
functions that publish, and asked by those that answer. Sharded JSON is the alternative of
[decision 23](decisions/0023-a-catalog-version-is-a-database.md), in the same run: offerings alone, and one list.
"""


@dataclass
class Report:
    """All that one run found."""

    scenes: list[Measured] = field(default_factory=list)
    cold: dict[str, Cold] = field(default_factory=dict)
    catalogs: list[library.Measured] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)

    def shown(self) -> list[Figure]:
        """The figures for a table: of a group those that are broken, and the highest under the group's name."""
        single = [figure for figure in self.figures if not figure.group or not figure.ok]
        groups = {figure.group: figure.budget for figure in self.figures if figure.group}
        for group, budget in groups.items():
            highest = max(
                (f for f in self.figures if f.group == group and f.ok), key=lambda f: f.measured, default=None
            )
            if highest:
                single.append(Figure(f"{group}, the highest that is kept", highest.measured, budget, highest.timed))
        return sorted(single, key=lambda figure: (figure.timed, figure.ok))

    @property
    def broken(self) -> list[Figure]:
        return [figure for figure in self.figures if not figure.ok]


Rows = tuple[str, Sequence[str], list[list[str]]]  # title, headings, rows


def tables(report: Report) -> list[Rows]:
    """The tables as text: requests, cold starts, catalogs by size, budgets."""
    return [
        (
            "Requests",
            ["", "AWS calls", "RRU", "WRU", "logged", "CPU ms", "calls ms", "ratio", "which"],
            [_scene(m) for m in report.scenes],
        ),
        (
            "Cold starts (CPU ms)",
            ["", "import", "and a first client", "bare boto3", "ratio"],
            [
                [module, *(f"{ms:.0f}" for ms in (c.imported, c.ready, c.bare)), f"{c.ratio:.2f}"]
                for module, c in report.cold.items()
            ],
        ),
        (
            "Catalogs by size",
            ["offerings", *(f"{each.size:,}" for each in report.catalogs)],
            library.rows(report.catalogs),
        ),
        (
            "Budgets",
            ["", "measured", "at most", ""],
            [[f.what, _number(f.measured), _number(f.budget), "ok" if f.ok else "BROKEN"] for f in report.shown()],
        ),
    ]


def _scene(m: Measured) -> list[str]:
    cpu = [f"{m.cpu.handler:.2f}", f"{m.cpu.botocore:.2f}"] if m.cpu else ["", ""]
    ratio = f"{m.cpu.ratio:.2f}" if m.cpu and m.cpu.ratio else ""
    numbers = [str(len(m.seen.calls)), _number(m.seen.read), _number(m.seen.written), str(m.logged)]
    return [m.scene.name, *numbers, *cpu, ratio, m.calls]


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def show(report: Report, console: Console) -> None:
    """Prints what was found."""
    for title, headings, rows in tables(report):
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        for index, heading in enumerate(headings):
            text = index == 0 or heading in ("", "which")
            table.add_column(heading, justify="left" if text else "right", no_wrap=not text)
        for row in rows:
            table.add_row(*row, style="bold red" if row[-1] == "BROKEN" else None)
        console.print(table)
    for figure in report.broken:
        budget = f"{_number(figure.measured)}, at most {_number(figure.budget)}"
        console.print(f"[bold red]Broken:[/] {figure.what} is {budget}.")
    if not report.broken:
        console.print("Every budget is kept.")


def markdown(report: Report) -> str:
    """The same as a page."""
    machine = f"{platform.system()} {platform.machine()}"
    parts = [INTRODUCTION.format(machine=machine, python=platform.python_version(), runs=RUNS, promotions=PROMOTIONS)]
    for title, headings, rows in tables(report):
        lines = [f"## {title}", "", f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
        parts.append("\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n")
    return "\n".join(parts)
