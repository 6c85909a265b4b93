"""An AWS that fails: what one function calls is refused from its k-th call on, or is done and its answer lost.

Or it is done twice, by the SDK itself; or somebody else is served in between.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import botocore.client
import botocore.endpoint
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from functions.shared import settings
from local.functions import name_in
from local.hub import Hub


def _said(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}}, "Operation")


def _cancelled(reason: str) -> ClientError:
    reasons = [{"Code": "None"}, {"Code": reason, "Message": "Rate exceeded"}]
    error = {"Code": "TransactionCanceledException", "Message": f"Transaction cancelled: [None, {reason}]"}
    answer: Any = {"Error": error, "CancellationReasons": reasons}
    return ClientError(answer, "TransactWriteItems")


# How a call can fail without having been done -> the operations that can fail so (None: all), and what boto3 raises.
REFUSED: dict[str, tuple[str | None, Exception]] = {
    "ThrottlingException": (None, _said("ThrottlingException")),
    "ProvisionedThroughputExceededException": (None, _said("ProvisionedThroughputExceededException")),
    "RequestLimitExceeded": (None, _said("RequestLimitExceeded")),
    "InternalServerError": (None, _said("InternalServerError")),
    "SlowDown": ("GetObject", _said("SlowDown")),
    "ServiceUnavailable": (None, _said("ServiceUnavailable")),
    "no connection": (None, EndpointConnectionError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")),
    "a throttled transaction": ("TransactWriteItems", _cancelled("ThrottlingError")),
    "a transaction in conflict": ("TransactWriteItems", _cancelled("TransactionConflict")),
    "a transaction beyond throughput": ("TransactWriteItems", _cancelled("ProvisionedThroughputExceeded")),
}
LOST = ReadTimeoutError(endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")


class Calls:
    """What the function has called so far, and which of it failed."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.failed: str | None = None


def behind(hub: Hub, path: str) -> str:
    """The name of the function that answers below that path."""
    routes = sorted(hub.blueprint.routes, key=lambda route: ("{proxy+}" in route.key, -len(route.key)))
    found = next(route for route in routes if path.startswith(route.key.split(" ")[1].partition("{")[0]))
    return name_in(found.function)


def _is_running(function: str) -> bool:
    return (settings.source.get() or {}).get("AWS_LAMBDA_FUNCTION_NAME") == function


@contextmanager
def failing(
    function: str, at: int, error: Exception | None, *, only: str | None = None, done: bool = False
) -> Iterator[Calls]:
    """Inside the block, calls of the function with that name fail from number `at` (from 1) on.

    With `only`, just calls of that operation are counted. `done`: only that one fails, and after it was done.
    """
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    calls = Calls()

    def call(self: Any, operation: str, sent: dict[str, Any]) -> Any:
        if not _is_running(function) or (only and operation != only):
            return real(self, operation, sent)
        calls.made.append(operation)
        if error is None or len(calls.made) < at or (done and len(calls.made) > at):
            return real(self, operation, sent)
        calls.failed = calls.failed or operation
        if done:
            real(self, operation, sent)
        raise error

    with patch.object(botocore.client.BaseClient, "_make_api_call", call):
        yield calls


@contextmanager
def interrupted(function: str, at: int, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Inside the block, something else happens right before call number `at` of that function is made."""
    real, made = botocore.client.BaseClient._make_api_call, 0  # type: ignore[attr-defined]

    def call(self: Any, operation: str, sent: dict[str, Any]) -> Any:
        nonlocal made
        made += _is_running(function)
        if made == at:
            made = at + 1  # before what happens meanwhile calls anything
            meanwhile()
        return real(self, operation, sent)

    with patch.object(botocore.client.BaseClient, "_make_api_call", call):
        yield


@contextmanager
def tried_twice(function: str, at: int) -> Iterator[None]:
    """Inside the block, the SDK does not get the answer to call number `at`, and sends the same bytes again."""
    real, made = botocore.endpoint.Endpoint._get_response, 0  # type: ignore[attr-defined]

    def sent(self: Any, *request: Any) -> Any:
        nonlocal made
        made += _is_running(function)
        if made == at and _is_running(function):
            real(self, *request)
        return real(self, *request)

    with patch.object(botocore.endpoint.Endpoint, "_get_response", sent):
        yield
