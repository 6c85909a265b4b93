"""The whole run: families of cases on as many cores as there are, then the hubs that are wrong on purpose.

This process imports nothing of the hub: each worker does, the planted ones with their fault in it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.proof.broken import Broken, Planted
from tests.proof.broken.variants import REFERENCES, VARIANTS

FORK = multiprocessing.get_context("fork")
WORKERS = os.cpu_count() or 1
# family -> cases of each of its stories
SIZES = {"order exactness": 540, "cart edits": 110, "events": 570, "saga": 12}
REFERENCE = 40  # cases of each story of order exactness that the usual ways to build it are held against
CONVICT = 120  # cases of each story in which a planted fault should show


@dataclass
class Figure:
    """One row of the table: what was tried, how often, and what did not hold."""

    name: str
    cases: int = 0
    seconds: float = 0.0  # of one worker
    violations: dict[str, int] = field(default_factory=dict)
    first: dict[str, tuple[str, str]] = field(default_factory=dict)  # invariant -> the calmest case, what was seen
    digest: int = 0
    ends: dict[str, dict[str, int]] = field(default_factory=dict)  # story -> where its orders ended

    def join(self, other: Figure) -> None:
        """Adds what came of another story."""
        self.cases, self.seconds = self.cases + other.cases, self.seconds + other.seconds
        self.digest ^= other.digest
        for name, count in other.violations.items():
            self.violations[name] = self.violations.get(name, 0) + count
        self.first, self.ends = {**other.first, **self.first}, {**self.ends, **other.ends}


@dataclass(frozen=True)
class Verdict:
    """By what a planted fault was convicted; by nothing where `by` is empty."""

    name: str
    says: str
    by: str = ""
    said: str = ""
    case: str = ""
    cases: int = 0


@dataclass
class Proof:
    """All that one run found."""

    figures: list[Figure] = field(default_factory=list)
    references: list[Figure] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing was violated, and everything planted was convicted."""
        return not any(figure.violations for figure in self.figures) and all(verdict.by for verdict in self.verdicts)


def prove(share: float, bar: Progress) -> Proof:
    """Everything, each family with that share of its cases."""
    began, proof = time.perf_counter(), Proof()
    sizes = {family: max(1, round(size * share)) for family, size in SIZES.items()}
    for family, size in sizes.items():
        proof.figures.append(_joined(family, bar, _pool(None, _story, [(s, size) for s in _stories(family)])))
    for broken in REFERENCES:
        told = [(s, max(1, round(REFERENCE * share))) for s in _stories("order exactness")]
        proof.references.append(_joined(broken.name, bar, _pool(broken, _story, told)))
    task = bar.add_task("planted faults", total=len(VARIANTS))
    for verdict in verdicts(VARIANTS):
        proof.verdicts.append(verdict)
        bar.advance(task)
    proof.seconds = time.perf_counter() - began
    return proof


def progress(console: Any) -> Progress:
    """The bar that shows how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _joined(name: str, bar: Progress, found: tuple[int, Iterator[Figure]]) -> Figure:
    figure, (count, parts) = Figure(name), found
    task = bar.add_task(name, total=count)
    for part in parts:
        figure.join(part)
        bar.advance(task)
    return figure


def _pool(broken: Broken | None, run: Callable[..., Any], asked: list[Any]) -> tuple[int, Iterator[Any]]:
    def found() -> Iterator[Any]:
        with FORK.Pool(WORKERS, initializer=_planted, initargs=(broken,)) as pool:
            yield from pool.imap_unordered(run, asked, chunksize=1)

    return len(asked), found()


def _planted(broken: Broken | None) -> None:
    if broken:
        Planted(broken).install()


def _stories(family: str) -> list[str]:
    with FORK.Pool(1) as pool:
        return pool.apply(_names, (family,))


def _names(family: str) -> list[str]:
    from tests.proof.cases import FAMILIES

    return [story.name for story in FAMILIES[family]]


def _story(asked: tuple[str, int]) -> Figure:
    """What comes of so many cases of a story, in a worker that has its hub already or makes it now."""
    from tests.proof.cases import STORIES, explored, smallest

    name, most = asked
    hub, began = _hub(), time.perf_counter()
    found = explored(hub, STORIES[name], most)
    first = {broken: (str(smallest(hub, case, broken)), said) for broken, (case, said) in found.first.items()}
    took = time.perf_counter() - began
    ends: Mapping[str, Mapping[str, int]] = {name: dict(found.ends)} if found.ends else {}
    return Figure(name, found.cases, took, dict(found.violations), first, found.digest, {**ends})  # type: ignore[dict-item]


_hubs: list[Any] = []


def _hub() -> Any:
    if not _hubs:
        from tests.proof.world import world

        made = world()
        _hubs.extend((made.__enter__(), made))  # for as long as this process lives
    return _hubs[0]


def verdicts(variants: tuple[Broken, ...]) -> Iterator[Verdict]:
    """What convicts each variant, in a process of its own."""
    with FORK.Pool(WORKERS, maxtasksperchild=1) as pool:
        yield from pool.imap(convict, variants, chunksize=1)


def convict(broken: Broken) -> Verdict:
    """The invariant that a planted fault violates, and the calmest case in which it does."""
    Planted(broken).install()
    from tests.proof.cases import STORIES, explore, smallest
    from tests.proof.invariants import violated

    hub, cases = _hub(), 0
    for story in broken.stories:
        for case, seen in explore(hub, STORIES[story], CONVICT):
            cases += 1
            if by := violated(seen):
                name, said = next(iter(by.items()))
                return Verdict(broken.name, broken.says, name, said, str(smallest(hub, case, name)), cases)
    return Verdict(broken.name, broken.says, cases=cases)
