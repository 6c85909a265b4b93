"""A hub on moto that goes back to where a story began as often as it is asked, with a clock and chance of its own."""

from __future__ import annotations

import json
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import time_machine
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from functions.shared.rows import Row, unpacked
from local.pretend import ACCOUNT, REGION
from tests.functions.stage import Json, Stage, stage
from tests.proof.clients import Client, Heard
from tests.proof.engine import Engine, Kept, current
from tests.proof.explorer import Actor, Call, Choose, Fault, Trace, boundary, letters, run
from tests.proof.machine import Definition, Plan
from tests.proof.traffic import Traffic

OUT = Path(__file__).parents[2] / "cdk.out"  # `make test` and `make prove` make it
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
REPLAYED = 3  # of so many days the archive of one is played again
Play = Callable[[Client], object]  # what it comes to, the client has heard
Change = tuple[Row | None, Row | None]  # a row before and after


@dataclass(frozen=True)
class Story:
    """What some people do at once: where it begins, and what each of them does, told of the world as it began."""

    name: str
    begin: Callable[[Stage], Any]
    actors: tuple[Callable[[Any], Play], ...]
    day: bool = False  # whether all that follows from it is played too
    plan: Mapping[str, Plan] = field(default_factory=dict)  # what is done to the steps of its workflow


@dataclass
class Seen:
    """All that a run has left behind, for the invariants to look at."""

    story: str
    before: dict[str, Row]  # by table and key, as the story began
    rows: dict[str, Row]
    changes: list[Change]  # of all tables, in the order of the writes
    heard: list[Heard]
    problems: list[BaseException]
    calls: list[tuple[str, Call]]  # whose, and which
    day: Traffic | None = None  # what was under way, and what came of it
    queued: dict[str, set[str]] = field(default_factory=dict)  # subscription -> the events in its queue
    replayed: int = 0  # writes and messages that followed when the archive was played once more

    def of(self, kind: str) -> list[Row]:
        """The rows of a kind as they stand in the end."""
        return [row for row in self.rows.values() if row["type"] == kind]

    def history(self, kind: str) -> dict[str, list[Change]]:
        """The changes of every row of a kind, by its id."""
        found: dict[str, list[Change]] = {}
        for old, new in self.changes:
            row = new or old or {}
            if row["type"] == kind:
                found.setdefault(row["id"], []).append((old, new))
        return found

    def began(self, kind: str, id_: str) -> Row | None:
        """A row as the story found it."""
        return next((row for row in self.before.values() if (row["type"], row["id"]) == (kind, id_)), None)


class World:
    """One hub, one story at a time."""

    def __init__(self, made: Stage, clock: time_machine.Traveller, chance: random.Random) -> None:
        self.stage, self.clock, self._chance = made, clock, chance
        self.calls: list[tuple[str, Call]] = []
        self.definition = Definition(OUT)
        self.traffic: Traffic | None = None
        self._empty = made.engine.keep()
        self._begun: dict[str, tuple[Any, Kept, dict[str, Row]]] = {}

    def play(self, story: Story, choose: Choose, faults: Sequence[Fault] = (), seed: int = 0) -> tuple[Trace, Seen]:
        """The story once more from its beginning, in that order of calls and with these faults."""
        told, before = self.begin(story, seed)
        actors, clients = _cast(story, told, lambda letter: {f.call: f.kind for f in faults if f.actor == letter})
        trace = run(actors, choose)
        heard = [each for client in clients for each in client.heard]
        return trace, self.seen(story, before, heard, [actor.problem for actor in actors if actor.problem])

    def day(self, story: Story, seed: int, chaos: str) -> Seen:
        """The story once more, and all that follows from it, on a day that is bad in those ways."""
        told, before = self.begin(story, seed)
        chance = random.Random(seed)
        self.traffic = traffic = Traffic(self.definition, chance, chaos, self.stage.records, self.clock.shift)
        traffic.plan, traffic.known = story.plan, told.who.customer
        actors, clients = _cast(story, told, lambda _: traffic.faults())
        problems = traffic.run(actors)
        heard = [each for client in clients for each in client.heard]
        seen = self.seen(story, before, heard, problems)
        seen.queued = self._queued()
        seen.day, writes = traffic, len(self.stage.records) + len(sent(self.calls))
        if seed % REPLAYED == 0:
            traffic.chaos, traffic.replaying = "", True
            traffic.replay()
            traffic.run([])
        seen.replayed = len(self.stage.records) + len(sent(self.calls)) - writes
        self.traffic = None
        return seen

    def begin(self, story: Story, seed: int = 0) -> tuple[Any, dict[str, Row]]:
        """Back to where the story began: what it is told, and the rows there were."""
        if story.name not in self._begun:
            self._restore(self._empty)
            self._fresh(0)
            told = story.begin(self.stage)
            self._begun[story.name] = told, self.stage.engine.keep(), self.rows()
        told, kept, before = self._begun[story.name]
        self._restore(kept)
        self._fresh(seed + 1)
        return told, before

    def seen(self, story: Story, before: dict[str, Row], heard: list[Heard], problems: list[BaseException]) -> Seen:
        """What the run has left behind."""
        changes = [_change(record) for record in self.stage.records]
        rows = dict(before)
        for old, new in changes:
            row = new or old or {}
            if new is None:
                rows.pop(_address(row))
            else:
                rows[_address(row)] = new
        return Seen(story.name, before, rows, changes, heard, problems, list(self.calls))

    def _queued(self) -> dict[str, set[str]]:
        queues = sqs_backends[ACCOUNT][REGION].queues
        here = {name.rpartition("-")[2]: queue for name, queue in queues.items()}
        return {
            id_: {json.loads(message.body)["event"]["eventId"] for message in here[id_].messages}
            for id_ in [row["id"] for row in self.rows().values() if row["type"] == "eventSubscription"]
        }

    def _fresh(self, seed: int) -> None:
        self.clock.move_to(START if seed == 0 else START.replace(minute=1))
        self._chance.seed(seed)
        random.seed(seed)
        self.stage.records.clear()
        self.stage.calls.clear()
        self.calls.clear()

    def rows(self) -> dict[str, Row]:
        """All rows as they stand, by table key."""
        return {_address(row): row for row in self.stage.engine.rows()}

    def _restore(self, kept: Kept) -> None:
        self.stage.engine.restore(kept)
        sns_backends[ACCOUNT][REGION].sms_messages.clear()
        for queue in sqs_backends[ACCOUNT][REGION].queues.values():
            queue._messages.clear()


def _cast(story: Story, told: Any, faults: Callable[[str], Mapping[int, str]]) -> tuple[list[Actor], list[Client]]:
    """Who plays in a story, with what goes wrong for each, and what they will have heard."""
    clients = [Client(letter) for letter in letters(len(story.actors))]
    plays = zip(story.actors, clients, strict=True)
    return [Actor(c.letter, partial(act(told), c), faults(c.letter)) for act, c in plays], clients


def months_pass(days: int = 130) -> None:
    """Time goes on, and rows whose time to live is over vanish."""
    time.sleep(days * 24 * 3600)
    current().expire(time.time())


def sent(calls: list[tuple[str, Call]]) -> list[tuple[str, str]]:
    """The messages that were given to the network: to which number, and what they say."""
    return [
        (asked["PhoneNumber"], asked["Message"])
        for _, (op, asked) in calls
        if op == "Publish" and "PhoneNumber" in asked
    ]


def _address(row: Mapping[str, Any]) -> str:
    return f"{row['pk']} {row['sk']}"


def _change(record: Json) -> Change:
    images = record["dynamodb"]
    old, new = (unpacked(images[side]) if side in images else None for side in ("OldImage", "NewImage"))
    return old, new


@contextmanager
def world(engine: Engine | None = None) -> Iterator[World]:
    """A hub whose time stands still but for those who sleep, and whose chance is a seed's."""
    chance = random.Random(0)
    with time_machine.travel(START, tick=False) as clock, stage(engine) as made:

        def slept(seconds: float) -> None:
            clock.shift(seconds)

        def token_hex(size: int = 32) -> str:
            return chance.getrandbits(8 * size).to_bytes(size, "big").hex()

        found = World(made, clock, chance)

        def heard(actor: Actor | None, call: Call) -> Any:
            if actor is not None:
                found.calls.append((actor.letter, call))
            return found.traffic.instead(call) if found.traffic else None

        logging.disable(logging.CRITICAL)  # a line a request, by the ten thousand
        with (
            patch.object(time, "sleep", slept),
            patch.object(secrets, "token_hex", token_hex),
            boundary(heard),
        ):
            yield found
        logging.disable(logging.NOTSET)
