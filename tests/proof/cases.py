"""Cases by the thousand: every order of calls where they can be counted, walks where not, and whatever can go wrong."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.proof.explorer import Fault, after, following, kinds, shrunk, walking
from tests.proof.invariants import violated
from tests.proof.world import Seen, Story, World

PREEMPTIONS = 3


class Case(NamedTuple):
    """One run that can be had again: `python -m tests.proof replay two-channels/A2timeout/ABBA`."""

    story: str
    faults: tuple[Fault, ...]
    schedule: str

    def __str__(self) -> str:
        return f"{self.story}/{'+'.join(map(str, self.faults)) or 'fine'}/{self.schedule}"

    @classmethod
    def read(cls, text: str) -> Case:
        """A case as it was printed."""
        story, faults, schedule = text.split("/")
        return cls(story, tuple(map(Fault.read, faults.split("+"))) if faults != "fine" else (), schedule)


@dataclass
class Found:
    """What came of many cases."""

    cases: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[Case, str]] = field(default_factory=dict)  # invariant -> the first case, and what was seen
    digest: int = 0  # of all schedules: equal in two runs that were the same

    def take(self, case: Case, broken: dict[str, str]) -> None:
        """Counts one case."""
        self.cases += 1
        self.digest = zlib.crc32(str(case).encode(), self.digest)
        self.violations.update(broken.keys())
        for name, said in broken.items():
            self.first.setdefault(name, (case, said))


def explore(world: World, story: Story, most: int) -> Iterator[tuple[Case, Seen]]:
    """About so many cases of a story: first without a fault, then each fault at least once, then two together."""
    fine = list(_every(world, story, (), most // 4))
    yield from fine
    left = most - len(fine)
    single = _single(world, story)
    each = max(1, left * 3 // 4 // max(1, len(single)))
    chance = random.Random(story.name)
    done = 0
    for fault in single:
        for found in _walks(world, story, [fault], each, chance):
            done += 1
            yield found
    for _ in range(left - done):
        pair = chance.sample(single, 2)
        yield from _walks(world, story, pair, 1, chance)


def _every(world: World, story: Story, faults: Sequence[Fault], most: int) -> Iterator[tuple[Case, Seen]]:
    schedule: str | None = ""
    for _ in range(most):
        if schedule is None:
            return
        trace, seen = world.play(story, following(schedule), faults)
        yield Case(story.name, tuple(faults), trace.taken), seen
        schedule = after(trace)


def _walks(
    world: World, story: Story, faults: Sequence[Fault], most: int, chance: random.Random
) -> Iterator[tuple[Case, Seen]]:
    for _ in range(most):
        trace, seen = world.play(story, walking(random.Random(chance.random()), PREEMPTIONS), faults)
        yield Case(story.name, tuple(faults), trace.taken), seen


def _single(world: World, story: Story) -> list[Fault]:
    """Every fault of every call that is made where all goes well, one after the other."""
    _, seen = world.play(story, following(""))
    made: Counter[str] = Counter()
    found = []
    for letter, (operation, _) in seen.calls:
        found += [Fault(letter, made[letter], kind) for kind in kinds(operation)]
        made[letter] += 1
    return found


def replay(world: World, story: Story, case: Case) -> tuple[str, dict[str, str]]:
    """The schedule of a case as it runs now, and what does not hold."""
    trace, seen = world.play(story, following(case.schedule), case.faults)
    return trace.taken, violated(seen)


def smallest(world: World, story: Story, case: Case, name: str) -> Case:
    """The calmest case in which the same invariant is violated."""

    def fails(faults: Sequence[Fault], schedule: str) -> str | None:
        taken, broken = replay(world, story, Case(story.name, tuple(faults), schedule))
        return taken if name in broken else None

    faults, schedule = shrunk(fails, case.faults, case.schedule)
    return Case(story.name, tuple(faults), schedule)
