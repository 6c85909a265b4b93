"""A run as tables: for the terminal, and as Markdown for docs/proof.md."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from tests.proof.found import Found
from tests.proof.run import Proof

INTRODUCTION = """# Proof of exactness

Written by `make prove` on {day}: Python {python}, moto {moto}, botocore {botocore}, {seconds:.0f} s on {cores} cores.

Handlers run side by side, one AWS call at a time; before each call somebody else may go first, and the process may
die, be throttled, meet another transaction, or never hear the answer (kinds of fault: {kinds}).
Every order of calls is tried where they can be counted, seeded walks beyond. *Events* and *saga* are whole days:
streams, bus, workflow and queues bring things late, twice, out of order, half and poisoned. After every case all
{invariants} invariants are looked at. The digest is of all cases: the same in every run of the same code.
Any case runs again from its one line: `.venv/bin/python -m tests.proof replay CASE`.
"""
KINDS = "crash before, crash after, throttled, failed, answer lost, repeated by the SDK, conflict"
Rows = tuple[str, Sequence[str], list[list[str]]]  # title, headings, rows


def tables(proof: Proof, sentences: dict[str, str]) -> list[Rows]:
    """The tables as text: figures, what the usual ways to build it would do, planted faults, the saga, invariants."""
    convicted = sum(1 for verdict in proof.verdicts if verdict.by)
    rows = [_figure(*each) for each in proof.figures.items()]
    rows.append(["planted faults", f"{len(proof.verdicts)}", f"{convicted} convicted", "", ""])
    usual = [_figure(*each) for each in proof.references.items()]
    saga = proof.figures["saga"]
    return [
        ("The hub", ["figure", "cases", "violations", "worker s", "digest"], rows),
        ("The usual ways to build it", ["variant", "cases", "violations", "worker s", "digest"], usual),
        ("What was violated", ["invariant", "cases", "seen", "calmest case"], _violations(proof)),
        (
            "Planted faults",
            ["fault", "what is wrong", "convicted by", "calmest case"],
            [[v.name, v.says, v.by or "NOBODY", f"`{v.case}`"] for v in proof.verdicts],
        ),
        (
            "The saga",
            ["step and what happens to it", "its orders ended"],
            [[story, ", ".join(f"{end} {n}x" for end, n in ends.items())] for story, ends in sorted(saga.ends.items())],
        ),
        ("Invariants", ["invariant", "what must hold"], [[name, said] for name, said in sentences.items()]),
    ]


def _figure(name: str, found: Found) -> list[str]:
    broken = found.violations.total()
    return [name, f"{found.cases:,}", f"{broken:,}", f"{found.seconds:.0f}", f"{found.digest:08x}"]


def _violations(proof: Proof) -> list[list[str]]:
    return [
        [f"{name} ({of})", str(count), found.first[name][1], f"`{found.first[name][0]}`"]
        for of, found in (proof.figures | proof.references).items()
        for name, count in found.violations.items()
    ]


def printed(console: Console, proof: Proof, sentences: dict[str, str]) -> None:
    """The first tables on the terminal, and what failed."""
    for title, headings, rows in tables(proof, sentences)[:4]:
        if rows:
            table = Table(*headings, title=title)
            for row in rows:
                table.add_row(*row)
            console.print(table)


def written(proof: Proof, sentences: dict[str, str], cores: int) -> str:
    """The whole report as Markdown."""
    head = INTRODUCTION.format(
        day=date.today(),  # noqa: DTZ011  the day of whoever runs it
        python=platform.python_version(),
        moto=version("moto"),
        botocore=version("botocore"),
        seconds=proof.seconds,
        cores=cores,
        kinds=KINDS,
        invariants=len(sentences),
    )
    return head + "".join(_markdown(*each) for each in tables(proof, sentences) if each[2])


def _markdown(title: str, headings: Sequence[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return f"\n## {title}\n\n" + "".join(f"| {' | '.join(_cell(c) for c in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
