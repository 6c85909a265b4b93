"""Cases by the thousand: every order of calls where they can be counted, walks where not, and whatever can go wrong."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.proof import carts, events, orders, saga
from tests.proof.explorer import Choose, Fault, after, following, kinds, shrunk, walking
from tests.proof.found import Found
from tests.proof.invariants import violated
from tests.proof.traffic import CHAOS
from tests.proof.world import Seen, Story, World

PREEMPTIONS = 3
FAMILIES = {
    "order exactness": orders.STORIES,
    "cart edits": carts.STORIES,
    "events": events.STORIES,
    "saga": saga.STORIES,
}
STORIES = {story.name: story for stories in FAMILIES.values() for story in stories}
NOTHING = "fine"
CALM = "dl"  # what is planned is bad enough: besides, things come twice and late


def faults_in(wrong: str) -> list[Fault]:
    """What goes wrong in a case: `A2timeout+B0crash`, or `fine`."""
    return [Fault.read(text) for text in wrong.split("+") if text != NOTHING]


class Case(NamedTuple):
    """One run that can be had again: what goes wrong in which story, and in which order of calls or by which seed.

    `two-channels/A2timeout/ABBA`, or, of a story with all that follows, `fulfilled/dflprx/17`.
    """

    story: str
    wrong: str
    order: str

    def __str__(self) -> str:
        return "/".join(self)

    @classmethod
    def read(cls, text: str) -> Case:
        """A case as it was printed; raises ValueError with a sentence for what is none."""
        story, _, rest = text.partition("/")
        wrong, _, order = rest.partition("/")
        if story not in STORIES:
            raise ValueError(f"There is no story {story!r}; a case reads like two-channels/A2timeout/ABBA.")
        if STORIES[story].day and not (order.isdigit() and set(wrong) <= set(CHAOS)):
            raise ValueError(f"A case of {story} is a whole day: {story}/{CHAOS}/17, of which letters may be left out.")
        if not STORIES[story].day:
            faults_in(wrong)
        return cls(story, wrong, order)


def explored(world: World, story: Story, most: int, one_in: int = 1) -> Found:
    """About so many cases of a story, each held against every invariant."""
    found, ends = Found(), Counter[str]()
    for case, seen in explore(world, story, most, one_in):
        found.take(case, violated(seen))
        ends.update(_ends(seen))
    if ends:
        found.ends[story.name] = ends
    return found


def _ends(seen: Seen) -> Iterator[str]:
    """Where the orders of a whole day ended."""
    if seen.day:
        stopped = " and parked" if any(each["place"] == "workflow" for each in seen.day.parked) else ""
        yield from (f"{order['body']['state']}{stopped}" for order in seen.of("productOrder"))


def explore(world: World, story: Story, most: int, one_in: int = 1) -> Iterator[tuple[Case, Seen]]:
    """About so many cases of a story: first without a fault, then each fault at least once, then two together.

    Where a sample will do, of the faults one in so many comes, whichever chance takes.
    """
    if story.day:
        chaos = CALM if story.plan else CHAOS
        yield from (play(world, Case(story.name, chaos, str(seed))) for seed in range(most))
        return
    fine = list(_every(world, story, most // 4))
    yield from fine
    single, chance = _single(world, story), random.Random(story.name)
    if one_in > 1:
        single = chance.sample(single, -(-len(single) // one_in))
    each = max(1, (most - len(fine)) * 3 // 4 // len(single))
    for fault in single * each:
        yield _walked(world, story, [fault], chance)
    for _ in range(most - len(fine) - each * len(single)):
        yield _walked(world, story, chance.sample(single, 2), chance)


def _every(world: World, story: Story, most: int) -> Iterator[tuple[Case, Seen]]:
    schedule: str | None = ""
    for _ in range(most):
        if schedule is None:
            return
        trace, seen = world.play(story, following(schedule))
        yield Case(story.name, NOTHING, trace.taken), seen
        schedule = after(trace)


def _walked(world: World, story: Story, faults: Sequence[Fault], chance: random.Random) -> tuple[Case, Seen]:
    return _played(world, story, walking(random.Random(chance.random()), PREEMPTIONS), faults)


def _played(world: World, story: Story, choose: Choose, faults: Sequence[Fault]) -> tuple[Case, Seen]:
    trace, seen = world.play(story, choose, faults)
    return Case(story.name, "+".join(map(str, faults)) or NOTHING, trace.taken), seen


def _single(world: World, story: Story) -> list[Fault]:
    """Every fault of every call that is made where all goes well, one after the other."""
    _, seen = world.play(story, following(""))
    made: Counter[str] = Counter()
    found = []
    for letter, (operation, _) in seen.calls:
        found += [Fault(letter, made[letter], kind) for kind in kinds(operation)]
        made[letter] += 1
    return found


def play(world: World, case: Case) -> tuple[Case, Seen]:
    """A case once more, as it runs now."""
    story = STORIES[case.story]
    if story.day:
        return case, world.day(story, int(case.order), case.wrong)
    return _played(world, story, following(case.order), faults_in(case.wrong))


def smallest(world: World, case: Case, name: str) -> Case:
    """The calmest case in which the same invariant is violated."""
    if STORIES[case.story].day:
        return _calmest_day(world, case, name)

    def fails(faults: Sequence[Fault], schedule: str) -> str | None:
        wrong = "+".join(map(str, faults)) or NOTHING
        ran, seen = play(world, Case(case.story, wrong, schedule))
        return ran.order if name in violated(seen) else None

    faults, schedule = shrunk(fails, faults_in(case.wrong), case.order)
    return Case(case.story, "+".join(map(str, faults)) or NOTHING, schedule)


def _calmest_day(world: World, case: Case, name: str) -> Case:
    for letter in case.wrong:
        calmer = case._replace(wrong=case.wrong.replace(letter, ""))
        if calmer.wrong and name in violated(play(world, calmer)[1]):
            case = calmer
    return case
