"""Runs handlers side by side, one AWS call at a time.

Every call of AWS is a point at which somebody else may go first, and at which the process may die, be throttled, or
never hear the answer. Nothing here is left to threads or time: the same choices give the same run.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import count, pairwise
from string import ascii_uppercase
from typing import Any, NamedTuple, NoReturn
from unittest.mock import patch

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

Call = tuple[str, Mapping[str, Any]]  # TransactWriteItems, and what it was asked

WRITES = re.compile(r"Put|Update|Delete|Transact|Publish|Send")
# What may go wrong with one call, and when: before it has reached AWS, or after it was done there.
BEFORE = ("crash", "throttled", "failed")
AFTER = ("crashed", "timeout", "again")
ON_A_ROW = {"UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems"}  # which a transaction may hold up: "conflict"


class Crash(BaseException):
    """The process is gone; nothing it would have done happens."""


class Fault(NamedTuple):
    """What goes wrong with the `call`th AWS call of an actor."""

    actor: str
    call: int
    kind: str

    def __str__(self) -> str:
        return f"{self.actor}{self.call}{self.kind}"

    @classmethod
    def read(cls, text: str) -> Fault:
        """`B2timeout`, as it is printed."""
        found = re.fullmatch(rf"([A-Z])(\d+)({'|'.join((*BEFORE, *AFTER, 'conflict'))})", text)
        if not found:
            raise ValueError(f"{text!r} is no fault; one reads like B2timeout: whose, which call, what happens to it.")
        return cls(found[1], int(found[2]), found[3])


def kinds(operation: str) -> tuple[str, ...]:
    """The faults that can befall a call; a read that was answered in vain is one that never was."""
    if not WRITES.match(operation):
        return ("crash", "throttled")
    return (*BEFORE, *AFTER, "conflict") if operation in ON_A_ROW else (*BEFORE, *AFTER)


class Actor(threading.Thread):
    """Somebody who does something; stopped before each AWS call until it is their turn."""

    def __init__(self, letter: str, play: Callable[[], Any], faults: Mapping[int, str] | None = None) -> None:
        super().__init__(name=letter, daemon=True)
        self.letter, self.play, self.faults = letter, play, faults or {}
        self.calls: list[str] = []
        self.over, self.dead = False, False
        self.answer: Any = None
        self.problem: BaseException | None = None
        self._context = copy_context()
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)

    def step(self) -> None:
        """Lets it do one call and go on until its next one, or its end."""
        if not self.is_alive() and not self.over:
            self.start()
        self._go.release()
        self._back.acquire()

    def run(self) -> None:
        self._go.acquire()
        try:
            self.answer = self._context.run(self.play)
        except BaseException as problem:
            self.problem = problem
        self.over = True
        self._back.release()

    def through(self, ask: Callable[..., Any], client: BaseClient, call: Call) -> Any:
        """One AWS call of this actor, as it fares."""
        if self.dead:
            raise Crash
        self._back.release()
        self._go.acquire()
        fault = self.faults.get(len(self.calls))
        self.calls.append(call[0])
        if fault is None:
            return ask(client, *call)
        return self._faulty(fault, ask, client, call)

    def _faulty(self, kind: str, ask: Callable[..., Any], client: BaseClient, call: Call) -> Any:
        if kind == "crash":
            self._die()
        if kind in REFUSALS:
            raise _refusal(kind, call)
        if kind == "again" and _asks_again(client):  # the SDK lost the answer and asked once more, the same request
            call = (call[0], {**call[1], **_token(call)})
            _swallowed(ask, client, call)
            return ask(client, *call)
        _swallowed(ask, client, call)
        if kind == "crashed":
            self._die()
        raise ReadTimeoutError(endpoint_url=f"https://aws/{call[0]}")

    def _die(self) -> NoReturn:
        self.dead = True
        raise Crash


REFUSALS = {
    "throttled": ("ThrottlingException", 400),
    "failed": ("InternalServerError", 500),
    "conflict": ("TransactionConflictException", 400),
}


def _refusal(kind: str, call: Call) -> ClientError:
    code, status = REFUSALS[kind]
    answer: Any = {"Error": {"Code": code, "Message": kind}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if kind == "conflict" and call[0] == "TransactWriteItems":
        answer["Error"]["Code"] = "TransactionCanceledException"
        none = {"Code": "None"}
        answer["CancellationReasons"] = [{"Code": "TransactionConflict"}, *(none for _ in call[1]["TransactItems"][1:])]
    return ClientError(answer, call[0])


def _asks_again(client: BaseClient) -> bool:
    """Whether the SDK, as it is configured, repeats by itself what was not answered."""
    retries: dict[str, Any] = client.meta.config.retries  # type: ignore[attr-defined]
    return bool(retries.get("total_max_attempts", 2) > 1)


_TOKENS = count()  # never the same twice: an engine may know them for longer than a case lasts


def _token(call: Call) -> dict[str, str]:
    known = call[0] == "TransactWriteItems" and "ClientRequestToken" not in call[1]
    return {"ClientRequestToken": f"again-{next(_TOKENS)}"} if known else {}


def _swallowed(ask: Callable[..., Any], client: BaseClient, call: Call) -> None:
    with suppress(ClientError):  # it was refused, and nobody heard that either
        ask(client, *call)


@contextmanager
def boundary(heard: Callable[[Actor | None, Call], Any]) -> Iterator[None]:
    """Inside the block every AWS call of an actor waits for its turn.

    `heard` is told of each call that is let go, and may answer it in place of AWS.
    """
    ask = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: BaseClient, operation: str, params: Mapping[str, Any]) -> Any:
        actor = threading.current_thread()

        def told(client: BaseClient, operation: str, params: Mapping[str, Any]) -> Any:
            instead = heard(actor if isinstance(actor, Actor) else None, (operation, params))
            return ask(client, operation, params) if instead is None else instead

        if isinstance(actor, Actor):
            return actor.through(told, client, (operation, params))
        return told(client, operation, params)

    with patch.object(BaseClient, "_make_api_call", call):
        yield


@contextmanager
def process() -> Iterator[None]:
    """One invocation: if the process dies within, the next one is a new process."""
    actor = threading.current_thread()
    try:
        yield
    finally:
        if isinstance(actor, Actor):
            actor.dead = False


# --- schedules ---------------------------------------------------------------------------------------------------

Choose = Callable[[str, str], str]  # the letters of who could go on, who went so far -> who goes


@dataclass
class Trace:
    """What was chosen, step by step, and among whom."""

    taken: str = ""
    among: list[str] = field(default_factory=list)


def run(actors: Sequence[Actor], choose: Choose) -> Trace:
    """Runs them to their end in that order of calls; the same choices give the same run."""
    by_letter = {actor.letter: actor for actor in actors}
    for actor in actors:
        actor.step()
    trace = Trace()
    while live := "".join(actor.letter for actor in actors if not actor.over):
        letter = choose(live, trace.taken) if len(live) > 1 else live
        trace.taken += letter
        trace.among.append(live)
        by_letter[letter].step()
    return trace


def following(schedule: str) -> Choose:
    """Who the schedule says, as long as they can; then whoever comes first."""

    def choose(live: str, taken: str) -> str:
        wanted = schedule[len(taken)] if len(taken) < len(schedule) else live[0]
        return wanted if wanted in live else live[0]

    return choose


def walking(chance: random.Random, preemptions: int) -> Choose:
    """At random, but leaving somebody in their middle at most so often: most races need few."""
    left = preemptions

    def choose(live: str, taken: str) -> str:
        nonlocal left
        at = taken[-1:]
        if at and at in live:
            if left == 0 or chance.random() < 0.5:
                return at
            left -= 1
        return chance.choice(live)

    return choose


def after(trace: Trace) -> str | None:
    """The schedule that a depth-first search tries next; None where it has tried all."""
    for point in reversed(range(len(trace.taken))):
        later = [letter for letter in trace.among[point] if letter > trace.taken[point]]
        if later:
            return trace.taken[:point] + min(later)
    return None


def letters(count: int) -> str:
    """The names of so many actors."""
    return ascii_uppercase[:count]


# --- the smallest case that still fails -------------------------------------------------------------------------


def shrunk(
    fails: Callable[[Sequence[Fault], str], str | None], faults: Sequence[Fault], schedule: str
) -> tuple[list[Fault], str]:
    """The same failure with fewer faults and fewer changes of turn; `fails` gives the schedule as it was run."""
    faults = list(faults)
    for fault in list(faults):
        fewer = [each for each in faults if each != fault]
        if (taken := fails(fewer, schedule)) is not None:
            faults, schedule = fewer, taken
    point = 1
    while point < len(schedule):
        if schedule[point] != schedule[point - 1]:
            calmer = schedule[:point] + schedule[point - 1] + schedule[point + 1 :]
            taken = fails(faults, calmer)
            if taken is not None and _turns(taken) < _turns(schedule):
                schedule, point = taken, 0
        point += 1
    return faults, schedule


def _turns(schedule: str) -> int:
    return sum(a != b for a, b in pairwise(schedule))
