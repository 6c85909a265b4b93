"""What each function really calls, written down while the tests run, against what its role grants: both ways.

A call is (`cart.handler`, `dynamodb:Query`, `CART_TABLE/index/by_customer`): the function whose handler is running,
IAM's name of the action, and on what, by the variable that told the function of it. Calls that no role allows are
told at the end of any run; rights that nobody used only when every test ran. Either makes the run red.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.client import BaseClient

from functions.shared.settings import Missing, Setting, Settings, settings
from tests.infra.grants import QUEUES, Call, differences
from tests.infra.stacks import Stacks

SETTINGS = [name for name, each in vars(Settings).items() if isinstance(each, Setting)]
# A transaction is authorised by what it holds, not by its own name.
WITHIN = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
# Operations that IAM knows by another name.
KNOWN_AS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjects": "s3:ListBucket",
    "s3:DeleteObjects": "s3:DeleteObject",
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "lambda:Invoke": "lambda:InvokeFunction",
}
# Options of pytest with which it does not run every test.
NARROWING = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "collectonly")
A_NUMBER = "a phone number"


def actions(service: str, operation: str, sent: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pairs of action and resource that AWS would ask the role for."""
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for entry in sent["TransactItems"]:
            ((verb, item),) = entry.items()
            yield f"dynamodb:{WITHIN[verb]}", _told(item["TableName"])
        return
    action = KNOWN_AS.get(f"{service}:{operation}", f"{service}:{operation}")
    for resource in _resources(service, sent):
        yield action, resource
        if operation == "PutObject" and "IfMatch" in sent:  # to compare is to read
            yield "s3:GetObject", resource


def _resources(service: str, sent: Mapping[str, Any]) -> Iterator[str]:
    if "RequestItems" in sent:
        yield from map(_told, sent["RequestItems"])
    elif service == "dynamodb":
        yield _told(sent.get("TableName", "*")) + (f"/index/{sent['IndexName']}" if "IndexName" in sent else "")
    elif service == "s3":
        yield _told(sent["Bucket"]) + (f"/{sent['Key']}" if "Key" in sent else "")
    elif service == "events":
        yield from {_told(entry.get("EventBusName", "default")) for entry in sent["Entries"]}
    elif service == "sqs":
        yield _queue(sent.get("QueueUrl") or sent["QueueName"])
    elif "PhoneNumber" in sent:
        yield A_NUMBER
    else:
        known = (_told(value) for value in sent.values() if isinstance(value, str))
        yield next((each for each in known if each.lower() in SETTINGS), "*")


def _queue(named: str) -> str:
    """`SUBSCRIBER_QUEUES…`, by name or URL: those are known by how their names begin."""
    begin = settings.subscriber_queues.rpartition("/")[2]
    return named.rpartition("/")[2].replace(begin, QUEUES, 1)


def _told(value: str) -> str:
    """The variable that holds the value, for the function that is running."""
    for name in SETTINGS:
        try:
            if getattr(settings, name) == value:
                return name.upper()
        except Missing:
            continue
    return value


def _running() -> str | None:
    """`cart.handler`, where a function's handler is what runs."""
    frame = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if frame.f_code.co_name == "handler" and module.startswith("functions."):
            return str(module.removeprefix("functions."))
        frame = frame.f_back  # type: ignore[assignment]
    return None


class Recorder:
    """The pytest plugin; with pytest-xdist each worker hands its calls to the one that reports."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.calls: set[Call] = set()
        self.found: list[str] = []
        self._patch = pytest.MonkeyPatch()

    def pytest_configure(self) -> None:
        """Listens to every client of the process from now on."""
        real = BaseClient._make_api_call  # type: ignore[attr-defined]
        calls = self.calls

        def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
            if function := _running():
                service = client.meta.service_model.signing_name
                calls.update((function, *asked) for asked in actions(service, operation, sent))
            return real(client, operation, sent)

        self._patch.setattr(botocore.client.BaseClient, "_make_api_call", call)

    def pytest_unconfigure(self) -> None:
        """Leaves botocore as it was."""
        self._patch.undo()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker is done: its calls count too."""
        self.calls |= {tuple(call) for call in getattr(node, "workeroutput", {}).get("calls", ())}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Compares, and turns the run red; a worker only hands on."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["calls"] = [list(call) for call in self.calls]
        elif (self.out / "manifest.json").exists():
            self.found = list(_unlike(self.calls, self.out, whole=_whole(session)))
            if self.found and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Says what to grant and what to take away."""
        if self.found:
            terminalreporter.section("rights", red=True, bold=True)
            for line in self.found:
                terminalreporter.line(line)


def _unlike(calls: Iterable[Call], out: Path, *, whole: bool) -> Iterator[str]:
    missing, excess = differences(calls, Stacks(out))
    yield from missing
    if whole:
        yield from excess


def _whole(session: pytest.Session) -> bool:
    """Whether every test there is ran, and none failed."""
    narrowed = any(session.config.getoption(name, None) for name in NARROWING)
    named = session.config.args_source != pytest.Config.ArgsSource.TESTPATHS
    return not (named or narrowed or session.testsfailed)
