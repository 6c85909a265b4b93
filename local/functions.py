"""The functions of the template: what each is told, and what happens when one is invoked."""

from __future__ import annotations

import importlib
import json
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from functions.shared import settings
from local.pretend import ACCOUNT, REGION, arn

Handler = Callable[[Any, Any], Any]


class UnknownFunction(LookupError):
    """Somebody invokes a function that no template defines."""


@dataclass(frozen=True)
class Context:
    """What Lambda tells a handler about its invocation."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    function_version: str
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log_group_name: str = ""
    log_stream_name: str = "local"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout (which is not enforced here)."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass(frozen=True)
class Function:
    """One function as its template defines it."""

    name: str
    handler: str
    environment: Mapping[str, str]
    timeout: int = 3
    memory: int = 128
    dead_letter: str | None = None  # ARN of the queue or topic of its DeadLetterConfig

    def load(self) -> Handler:
        """The handler itself, imported by the template's string."""
        module, _, name = self.handler.replace("/", ".").rpartition(".")
        handler: Handler = getattr(importlib.import_module(module), name)
        return handler


@dataclass(frozen=True)
class FunctionError:
    """A handler that raised (or answered what is not JSON), kept for tests and for the developer."""

    function: str
    type: str
    message: str
    trace: str
    event: Any

    def __str__(self) -> str:
        return f"{self.function}: {self.type}: {self.message}\n{self.trace}"


@dataclass(frozen=True)
class Outcome:
    """What an invocation came to: a JSON text, of the result or of Lambda's error payload."""

    payload: str
    error: FunctionError | None
    request_id: str

    def value(self) -> Any:
        """The result, read as whoever invoked it would."""
        return json.loads(self.payload)


def name_in(text: str) -> str:
    """The function's name in a name, an ARN (with or without alias) or an integration URI."""
    parts = text.split(":function:")[-1] if ":function:" in text else text
    return parts.split("/")[0].split(":")[0]


def _qualifier_in(text: str) -> str:
    return text.split(":function:")[-1].partition(":")[2].split("/")[0] or "$LATEST"


class Functions:
    """Every function of the templates, by its name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Function] = {}
        self.errors: list[FunctionError] = []

    def add(self, function: Function) -> None:
        """Take up a function of a template."""
        self.by_name[function.name] = function

    def find(self, named: str) -> Function:
        """The function with this name or ARN."""
        found = self.by_name.get(name_in(named))
        if found is None:
            raise UnknownFunction(f"No template defines a function named {name_in(named)}.")
        return found

    def invoke(self, named: str, event: Any) -> Outcome:
        """Run the handler to its end in this thread; it never raises for what the handler does."""
        function = self.find(named)
        context = Context(
            function_name=function.name,
            memory_limit_in_mb=function.memory,
            invoked_function_arn=named if named.startswith("arn:") else arn("lambda", f"function:{function.name}"),
            function_version=_qualifier_in(named),
            deadline=time.monotonic() + function.timeout,
            log_group_name=f"/aws/lambda/{function.name}",
        )
        # A copy of the context: what one invocation sets must not be seen by the next one in this thread.
        return copy_context().run(self._run, function, event, context)

    def _run(self, function: Function, event: Any, context: Context) -> Outcome:
        settings.source.set(environment_of(function))
        try:
            answer = function.load()(event, context)
            return Outcome(json.dumps(answer, ensure_ascii=False), None, context.aws_request_id)
        except (Exception, SystemExit) as problem:
            error = FunctionError(function.name, type(problem).__name__, str(problem), traceback.format_exc(), event)
            self.errors.append(error)
            return Outcome(_error_payload(problem, context), error, context.aws_request_id)


def environment_of(function: Function) -> dict[str, str]:
    """The variables that the function sees: the template's, and those that Lambda adds."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCOUNT_ID": ACCOUNT,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        **function.environment,
    }


def _error_payload(problem: BaseException, context: Context) -> str:
    return json.dumps(
        {
            "errorMessage": str(problem),
            "errorType": type(problem).__name__,
            "requestId": context.aws_request_id,
            "stackTrace": traceback.format_tb(problem.__traceback__),
        }
    )
