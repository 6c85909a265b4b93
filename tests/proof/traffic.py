"""Streams, bus, workflow and queues as they are on a bad day: late, twice, out of order, half, and poisoned, by a seed.

What AWS promises is kept: a stream gives the records of a row in their order, every delivery is tried as often as the
template says, and what fails for good is parked.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from botocore.exceptions import ClientError
from moto.events.models import EventPattern

from local.transform import input_for
from tests.functions.stage import Json
from tests.proof.explorer import AFTER, BEFORE, Actor, Call, Crash
from tests.proof.machine import Definition, Execution, Plan

AT_ONCE = 3  # deliveries that run beside each other
STREAM_TRIES = 6
STEPS = 4000  # of one run; more means that something goes round in circles
CHAOS = "dflprx"  # duplicates, faults, late, partly refused, results lost, what nobody can read or knows
UNKNOWN = "0" * 32


class Delivery(NamedTuple):
    """Something on its way to a function: what it is, and what is done when it has been there."""

    place: str  # stream order, confirm, workflow
    event: Any
    run: Callable[[], Any]
    then: Callable[[Any], None]  # told the answer, or the exception


@dataclass
class Traffic:
    """Everything that is under way, and what came of it."""

    definition: Definition
    chance: random.Random
    chaos: str
    records: list[Json]  # of all streams; grows while it runs
    shift: Callable[[float], Any]
    pending: list[Delivery] = field(default_factory=list)
    published: list[Json] = field(default_factory=list)
    parked: list[Json] = field(default_factory=list)
    plan: Mapping[str, Plan] = field(default_factory=dict)  # step -> what is done to its tasks
    replaying: bool = False
    known: str = ""  # a customer whom even the event about an unknown order names
    poisoned: int = 0  # how much came that nobody can take
    _read: int = 0
    _shards: dict[str, list[Json]] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _started: int = 0

    def likely(self, kind: str, share: float) -> bool:
        """Whether that happens now, if the day is bad in that way."""
        return kind in self.chaos and self.chance.random() < share

    def faults(self) -> dict[int, str]:
        """What goes wrong with the AWS calls of one invocation."""
        if not self.likely("f", 0.25):
            return {}
        return {self.chance.randrange(6): self.chance.choice((*BEFORE, *AFTER))}

    # --- one delivery after the other, or beside each other -------------------------------------------------------

    def run(self, actors: list[Actor]) -> list[BaseException]:
        """Until nothing is under way any more; what actors raised."""
        live: dict[Actor, Delivery | None] = dict.fromkeys(actors)
        if actors:
            self._poison()
        for actor in actors:
            actor.step()
        problems: list[BaseException] = []
        for _ in range(STEPS):
            self._take_records()
            problems += self._arrivals(live)
            if self.pending and len(live) < AT_ONCE and (not live or self.chance.random() < 0.3):
                delivery = self._next()
                actor = self._actor(delivery)
                live[actor] = delivery
                actor.step()
            elif live:
                self.chance.choice(list(live)).step()
            elif not self._waiting():
                return problems
        return [*problems, RuntimeError("it never came to rest")]

    def _arrivals(self, live: dict[Actor, Delivery | None]) -> list[BaseException]:
        """Takes out whoever is at their end; what actors (not deliveries) raised."""
        problems = []
        for actor in [actor for actor in live if actor.over]:
            delivery = live.pop(actor)
            if delivery is not None:
                self._arrived(delivery, actor)
            elif actor.problem:
                problems.append(actor.problem)
        return problems

    def _poison(self) -> None:
        """A record that nobody can read, and an event about an order that nobody knows."""
        if self.likely("x", 0.3):
            image: Json = {
                "pk": {"S": "nova#productOrder#poison"},
                "type": {"S": "productOrder"},
                "version": {"N": "1"},
            }
            change: Json = {"Keys": {"sk": {"S": "productOrder"}}, "NewImage": image, "SequenceNumber": "poison"}
            self._shards["productOrder"] = [{"eventName": "INSERT", "dynamodb": change}]
            self.poisoned += 1
        if self.likely("x", 0.3):
            order = {"id": UNKNOWN, "state": "acknowledged", "relatedParty": [{"id": self.known, "role": "customer"}]}
            detail: Json = {
                "eventType": "ProductOrderCreateEvent",
                "brand": "nova",
                "market": "DE",
                "correlationId": "x",
            }
            detail |= {"eventId": f"productOrder-{UNKNOWN}-1", "domain": "productOrdering", "sequence": 1}
            detail |= {"channel": "web", "event": {"productOrder": order}}
            self.take({"source": "omnihub.x", "detail-type": detail["eventType"], "detail": json.dumps(detail)})
            self.poisoned += 1

    def _next(self) -> Delivery:
        at = self.chance.randrange(len(self.pending)) if "l" in self.chaos else 0
        self.shift(self.chance.choice((0, 0.001, 1, 90)))
        return self.pending.pop(at)

    def _actor(self, delivery: Delivery) -> Actor:
        self._started += 1
        return Actor(f"{delivery.place}-{self._started}", delivery.run, self.faults())

    def _arrived(self, delivery: Delivery, actor: Actor) -> None:
        lost = ResultLost() if self.likely("r", 0.1) else None
        delivery.then(actor.problem or lost or actor.answer)

    # --- streams --------------------------------------------------------------------------------------------------

    def _take_records(self) -> None:
        for record in self.records[self._read :]:
            self._shards.setdefault(record["dynamodb"]["Keys"]["sk"]["S"], []).append(record)
        self._read = len(self.records)
        for shard, waiting in self._shards.items():
            if waiting and shard not in self._busy:
                self._busy.add(shard)
                size = self.chance.randint(1, len(waiting)) if "l" in self.chaos else len(waiting)
                self._send_batch(shard, waiting[:size], 1)

    def _waiting(self) -> bool:
        return bool(self.pending) or self._read < len(self.records) or any(self._shards.values())

    def _send_batch(self, shard: str, batch: list[Json], tries: int) -> None:
        def run() -> Any:
            return import_module("functions.events.publish").handler({"Records": batch}, None)

        def then(answer: Any) -> None:
            self._batch_done(shard, batch, tries, answer)

        self.pending.append(Delivery(f"stream {shard}", batch, run, then))

    def _batch_done(self, shard: str, batch: list[Json], tries: int, answer: Any) -> None:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        first = 0
        if not isinstance(answer, BaseException):
            failed = [each["itemIdentifier"] for each in answer["batchItemFailures"]]
            first = numbers.index(failed[0]) if failed else len(batch)
        if first:
            del self._shards[shard][:first]
            batch, tries = batch[first:], 0
        if not batch:
            self._busy.discard(shard)
        elif tries >= STREAM_TRIES and len(batch) == 1:
            self.parked.append({"place": f"stream {shard}", "what": batch[0]})
            del self._shards[shard][:1]
            self._busy.discard(shard)
        elif len(batch) > 1 and isinstance(answer, BaseException):  # the mapping bisects
            self._send_batch(shard, batch[: len(batch) // 2], tries)
        else:
            self._send_batch(shard, batch, tries + 1)

    # --- the bus --------------------------------------------------------------------------------------------------

    def instead(self, call: Call) -> Any:
        """The bus itself: takes entries, refuses some, and brings what it took to the targets of its rules."""
        if call[0] != "PutEvents":
            return None
        answers = []
        for entry in call[1]["Entries"]:
            if self.likely("p", 0.1):
                answers.append({"ErrorCode": "InternalFailure", "ErrorMessage": "the bus is busy"})
                continue
            answers.append({"EventId": str(len(self.published))})
            self.take({"source": entry["Source"], "detail-type": entry["DetailType"], "detail": entry["Detail"]})
        return {"FailedEntryCount": sum("ErrorCode" in each for each in answers), "Entries": answers}

    def take(self, entry: Json) -> None:
        """An event on the bus goes to every target whose rule matches; sometimes more than once."""
        event = {**entry, "detail": json.loads(entry["detail"])}
        if not self.replaying:
            self.published.append(event["detail"])
        for rule in self.definition.rules:
            pattern = rule["EventPattern"]
            if EventPattern(json.dumps(pattern), pattern).matches_event(event):  # type: ignore[arg-type]
                for target in rule["Targets"]:
                    for _ in range(2 if self.likely("d", 0.2) else 1):
                        self._send(target, event)

    def replay(self) -> None:
        """The archive, played once more: as AWS marks it."""
        self.replaying = True
        for detail in list(self.published):
            entry = {"source": f"omnihub.{detail.get('domain')}", "detail-type": detail.get("eventType")}
            self.take({**entry, "detail": json.dumps(detail), "replay-name": "again"})

    def _send(self, target: Mapping[str, Any], event: Json) -> None:
        module = self.definition.module(target["Arn"])
        if module is None:
            self._started += 1
            given = json.loads(input_for(target, event, "rule"))
            self._go_on(Execution(self.definition.machine, f"execution-{self._started}", given))
        else:
            self._invoke(module, event, 1)

    def _invoke(self, module: str, event: Json, tries: int) -> None:
        def run() -> Any:
            return import_module(f"functions.events.{module}").handler(json.loads(json.dumps(event)), None)

        def then(answer: Any) -> None:
            if not isinstance(answer, BaseException):
                return
            if tries < self.definition.tries[module]:
                self._invoke(module, event, tries + 1)
            else:
                self.parked.append({"place": module, "what": event["detail"], "why": repr(answer)})

        self.pending.append(Delivery(module, event["detail"], run, then))

    # --- the workflow ---------------------------------------------------------------------------------------------

    def _planned(self, execution: Execution, step: str) -> str | None:
        plan = self.plan.get(step)
        execution.asked[step] += 1
        return plan.what if plan and execution.asked[step] <= plan.times else None

    def _go_on(self, execution: Execution) -> None:
        if execution.over:
            if execution.failed:
                self.parked.append({"place": "workflow", "what": execution.given, "why": execution.failed})
            return

        def run() -> Any:
            task = execution.task
            plan = self._planned(execution, task["step"])
            if plan in INSTEAD:
                raise INSTEAD[plan]
            answer = import_module("functions.events.fulfil").handler(task, None)
            if plan == "lost":
                raise ResultLost
            return answer

        def then(answer: Any) -> None:
            if isinstance(answer, BaseException):
                self.shift(execution.raised(error_of(answer)))
            else:
                execution.done()
            self._go_on(execution)

        self.pending.append(Delivery("workflow", execution.given, run, then))


class ResultLost(Exception):
    """It is done, and nobody heard."""


THROTTLED: Any = {"Error": {"Code": "ThrottlingException", "Message": "too much at once"}}
# What happens in place of a task that is treated so.
INSTEAD = {
    "before": ClientError(THROTTLED, "UpdateItem"),
    "timeout": ResultLost("it took too long"),
    "permanent": ValueError("nobody can do this"),
}


def error_of(problem: BaseException) -> str:
    """What Step Functions calls it."""
    if isinstance(problem, Crash):
        return "Runtime.ExitError"
    return "States.Timeout" if isinstance(problem, ResultLost) else type(problem).__name__
