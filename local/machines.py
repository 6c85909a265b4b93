"""Step Functions: moto's engine runs the machines; their Lambda tasks run here, and their waits run in haste."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from jsonpath_ng.ext.parser import parse as parse_path
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.backend import execution_worker
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.deliver import Delivery
from local.functions import UnknownFunction
from local.pretend import ACCOUNT, REGION

LONGEST_STOP = 5.0  # seconds that executions get to end when the hub does

_moto_client = boto_client_for


class Machines:
    """The executions of the templates' state machines."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery, self._haste = delivery, delivery.haste
        self._stopping = Event()
        self._at_rest: list[Any] = []  # the environments of executions that wait for a moment

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Inside the block, moto invokes our functions, and a wait or the pause of a Retry lasts its share only."""

        def invoke(_: Any, function_name: str, _qualifier: Any, body: Any, headers: Any, answers: Any) -> bytes | None:
            return self._invoke(function_name, body, headers, answers)

        def wait(function: Any, env: Any, wait_seconds: float) -> None:
            if isinstance(function, Timestamp):
                self._wait_for_moment(env, wait_seconds)
            else:
                self._wait(env, wait_seconds * self._haste)

        def pause(seconds: float) -> None:
            self._stopping.wait(seconds * self._haste)

        @cache  # moto makes a new client for every task, 20 ms each
        def client(region: str, service: str) -> Any:
            return _moto_client(region=region, service=service)

        def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
            return client(region, service)

        with ExitStack() as patches:
            patches.enter_context(patch.object(LambdaSimpleBackend, "invoke", invoke))
            patches.enter_context(patch.object(WaitFunction, "_wait_interval", wait))
            patches.enter_context(patch.object(Timestamp, "_get_wait_seconds", _seconds_until))
            patches.enter_context(patch.object(retrier_decl, "time", SimpleNamespace(sleep=pause)))
            patches.enter_context(patch.object(lambda_eval_utils, "boto_client_for", client_for))
            # moto parses the definition again for each execution, 35 ms; what it makes of it holds no state.
            # The same holds for each JSON path of it.
            patches.enter_context(patch.object(json_path, "parse", cache(parse_path)))
            parser = SimpleNamespace(parse=cache(AmazonStateLanguageParser.parse))
            patches.enter_context(patch.object(execution_worker, "AmazonStateLanguageParser", parser))
            yield

    def _invoke(self, function: str, body: Any, headers: Any, answers: Any) -> bytes | None:
        event = json.loads(body or "{}")
        try:
            if headers.get("X-Amz-Invocation-Type") == "Event":
                self._delivery.invoke(function, event)
                return b""
            outcome = self._delivery.blueprint.functions.invoke(function, event)
        except UnknownFunction:
            return None  # moto answers 404
        if outcome.error is not None:
            answers["x-amz-function-error"] = "Unhandled"
        return outcome.payload.encode()

    def _wait(self, env: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while env.is_running() and (left := until - time.monotonic()) > 0:
            self._stopping.wait(min(left, 0.1))

    def _wait_for_moment(self, env: Any, seconds: float) -> None:
        """A moment comes when it comes, however hasty the hub; whoever waits for it is at rest."""
        self._at_rest.append(env)
        try:
            self._wait(env, seconds)
        finally:
            self._at_rest.remove(env)

    def running(self) -> list[str]:
        """One line for each execution that has not ended, and does not wait for a moment that is to come."""
        found = [
            each for each in _executions() if each.exec_worker is None or each.exec_worker.env not in self._at_rest
        ]
        return [f"execution {execution.exec_arn.rpartition(':')[2]}" for execution in found]

    def stop(self) -> None:
        """Abort what still runs, and wait for its threads."""
        self._stopping.set()
        for execution in _executions():
            if execution.exec_worker is not None and execution.exec_worker.env is not None:
                execution.stop(stop_date=None, error="Stopped", cause="The local hub ends.")
        until = time.monotonic() + LONGEST_STOP
        while _executions() and time.monotonic() < until:
            time.sleep(0.01)


def _seconds_until(wait: Any, env: Any) -> float:
    """How long it is until a moment, in any time zone of this machine, and to the fraction of a second."""
    wait.string.eval(env=env)
    return (datetime.fromisoformat(env.stack.pop()) - datetime.now(UTC)).total_seconds()


def _executions() -> list[Any]:
    machines = list(stepfunctions_parser_backends[ACCOUNT][REGION].state_machines)
    return [execution for machine in machines for execution in list(machine.executions) if _runs(execution)]


def _runs(execution: Any) -> bool:
    return str(getattr(execution.exec_status, "value", execution.exec_status)) == "RUNNING"
