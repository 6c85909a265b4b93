"""The workflow as its template defines it, one task at a time: what is retried, what is caught, where it ends."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from local.transform import at_path
from tests.functions.stage import Json
from tests.infra.stacks import Stacks

ALL = "States.ALL"


class Plan(NamedTuple):
    """What is done to the tasks of a step: nothing of it, its answer lost, a time-out, an error for good; how often."""

    what: str  # before, lost, timeout, permanent
    times: int


class Definition:
    """The state machine of the template, and the rules that bring events to it and to the functions."""

    def __init__(self, out: Path) -> None:
        stacks = Stacks(out)
        (machine,) = stacks.of("AWS::StepFunctions::StateMachine").values()
        parts = machine["Properties"]["DefinitionString"]["Fn::Join"][1]
        self.machine: Json = json.loads("".join(part if isinstance(part, str) else "x" for part in parts))
        self.rules = [each["Properties"] for each in stacks.of("AWS::Events::Rule").values()]
        self._stacks = stacks
        self._modules: dict[str, str | None] = {}
        invoked = stacks.of("AWS::Lambda::EventInvokeConfig").values()
        self.tries = {self.module(each["Properties"]["FunctionName"]): self._tries(each) for each in invoked}

    def module(self, reference: Any) -> str | None:
        """`confirm`, of the function that a reference names; None for what is no function."""
        said = json.dumps(reference)
        if said not in self._modules:
            found = self._stacks.function(reference)
            self._modules[said] = found.name.split(".")[1] if found else None
        return self._modules[said]

    def _tries(self, invoked: Any) -> int:
        return int(invoked["Properties"]["MaximumRetryAttempts"]) + 1


@dataclass
class Execution:
    """One run of the machine."""

    definition: Json
    name: str
    given: Json
    state: str = ""
    failed: str = ""  # the error it stopped with
    ended: bool = False
    asked: Counter[str] = field(default_factory=Counter)  # step -> how often its task was asked for
    _tried: dict[tuple[str, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = self.definition["StartAt"]

    @property
    def over(self) -> bool:
        return self.ended or bool(self.failed) or self._now["Type"] in ("Succeed", "Fail")

    @property
    def task(self) -> Json:
        """What the function is asked next."""
        context = {"Execution": {"Id": self.name}}
        return {
            name.removesuffix(".$"): self._value(value, context) if name.endswith(".$") else value
            for name, value in self._now["Parameters"]["Payload"].items()
        }

    def _value(self, path: str, context: Json) -> Any:
        return at_path(context, path[1:]) if path.startswith("$$") else at_path(self.given, path)

    def done(self) -> None:
        """The task has answered."""
        self.ended, self._tried = self._now.get("End", False), {}
        self.state = self._now.get("Next", self.state)

    def raised(self, error: str) -> float:
        """The task has failed; the seconds until it is asked again (or goes elsewhere at once)."""
        for index, retry in enumerate(self._now.get("Retry", [])):
            if error in retry["ErrorEquals"] or ALL in retry["ErrorEquals"]:
                tried = self._tried.get((self.state, index), 0)
                if tried < retry["MaxAttempts"]:
                    self._tried[self.state, index] = tried + 1
                    return float(retry["IntervalSeconds"] * retry["BackoffRate"] ** tried)
                break
        for catch in self._now.get("Catch", []):
            if error in catch["ErrorEquals"] or ALL in catch["ErrorEquals"]:
                self.state, self._tried = catch["Next"], {}
                return 0.0
        self.failed = error
        return 0.0

    @property
    def _now(self) -> Json:
        now: Json = self.definition["States"][self.state]
        return now
