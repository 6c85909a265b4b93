"""The whole run: families of cases on as many cores as there are, then the hubs that are wrong on purpose.

This process imports nothing of the hub: each worker does, the planted ones with their fault in it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.proof.broken import Broken, Planted
from tests.proof.broken.variants import REFERENCES, SHOWN, VARIANTS
from tests.proof.found import Found

FORK = multiprocessing.get_context("fork")
WORKERS = os.cpu_count() or 1
# family -> cases of each of its stories
SIZES = {"order exactness": 540, "cart edits": 110, "events": 570, "saga": 12}
REFERENCE = 40  # cases of each story of order exactness that the usual ways to build it are held against
CONVICT = 120  # cases of each story in which a planted fault should show


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

    figures: dict[str, Found] = field(default_factory=dict)
    references: dict[str, Found] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing was violated, and everything planted was convicted."""
        return not any(found.violations for found in self.figures.values()) and all(
            verdict.by for verdict in self.verdicts
        )


def prove(share: float, bar: Progress) -> Proof:
    """Everything, each family with that share of its cases."""
    began, proof = time.perf_counter(), Proof()
    sizes = {family: max(1, round(size * share)) for family, size in SIZES.items()}
    for family, size in sizes.items():
        proof.figures[family] = _joined(family, bar, None, [(story, size) for story in _stories(family)])
    for broken in REFERENCES:
        asked = [(story, max(1, round(REFERENCE * share))) for story in _stories("order exactness")]
        proof.references[broken.name] = _joined(broken.name, bar, broken, asked)
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


def _joined(name: str, bar: Progress, broken: Broken | None, asked: list[tuple[str, int]]) -> Found:
    """What comes of so many cases of each story, with a fault in the hub or with none."""
    found, task = Found(), bar.add_task(name, total=len(asked))
    with FORK.Pool(WORKERS, initializer=_planted, initargs=(broken,)) as pool:
        for part in pool.imap_unordered(_story, asked, chunksize=1):
            found.join(part)
            bar.advance(task)
    return found


def _planted(broken: Broken | None) -> None:
    if broken:
        Planted(broken).install()


def _stories(family: str) -> list[str]:
    with FORK.Pool(1) as pool:
        return pool.apply(_names, (family,))


def _names(family: str) -> list[str]:
    from tests.proof.cases import FAMILIES

    return [story.name for story in FAMILIES[family]]


def _story(asked: tuple[str, int]) -> Found:
    """What comes of so many cases of a story, in a worker that has its hub already or makes it now."""
    from tests.proof.cases import STORIES, Case, explored, smallest

    name, most = asked
    hub, began = _hub(), time.perf_counter()
    found = explored(hub, STORIES[name], most)
    for broken, (case, said) in found.first.items():
        found.first[broken] = str(smallest(hub, Case.read(case), broken)), said
    found.seconds = time.perf_counter() - began
    return found


_hubs: list[Any] = []


def _hub() -> Any:
    if not _hubs:
        from tests.proof.world import world

        made = world()
        _hubs.extend((made.__enter__(), made))  # for as long as this process lives
    return _hubs[0]


def verdicts(variants: tuple[Broken, ...]) -> Iterator[Verdict]:
    """What convicts each variant, in a process of its own."""
    yield from _each_in_its_own_process(convict, variants)


def reminders(variants: tuple[Broken, ...]) -> Iterator[Verdict]:
    """The same and cheaper: first the case that a variant was convicted in before."""
    yield from _each_in_its_own_process(remind, variants)


def _each_in_its_own_process(ask: Callable[[Broken], Verdict], variants: tuple[Broken, ...]) -> Iterator[Verdict]:
    with FORK.Pool(WORKERS, maxtasksperchild=1) as pool:
        yield from pool.imap(ask, variants, chunksize=1)


def remind(broken: Broken) -> Verdict:
    """The invariant that a planted fault violates in the case that showed it before, or else in whichever shows it."""
    Planted(broken).install()
    from tests.proof.cases import Case, play
    from tests.proof.invariants import violated

    case, seen = play(_hub(), Case.read(SHOWN[broken.name]))
    for name, said in violated(seen).items():
        return Verdict(broken.name, broken.says, name, said, str(case), 1)
    return _explored(broken)


def convict(broken: Broken) -> Verdict:
    """The invariant that a planted fault violates, and the calmest case in which it does."""
    Planted(broken).install()
    return _explored(broken)


def _explored(broken: Broken) -> Verdict:
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
