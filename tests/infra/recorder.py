"""What each function really calls, written down while the tests run, against what its role grants: both ways.

A call is (`cart.handler`, `dynamodb:Query`, `CART_TABLE/index/by_customer`): the function whose handler is running,
IAM's name of the action, and on what, by the variable that told the function of it. Calls that no role allows are
told at the end of any run; rights that nobody used only when every test ran. Either makes the run red.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from botocore.client import BaseClient

from tests.infra.asked import actions
from tests.infra.grants import Call, differences
from tests.infra.stacks import Stacks

# Options of pytest with which it does not run every test.
NARROWING = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "collectonly")


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
            if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
                terminalreporter.line("Some tests failed: a right that they did not come to use may be named above.")


def _unlike(calls: Iterable[Call], out: Path, *, whole: bool) -> Iterator[str]:
    missing, excess = differences(calls, Stacks(out))
    yield from missing
    if whole:
        yield from excess


def _whole(session: pytest.Session) -> bool:
    """Whether every test there is ran; of one that failed, the summary says so itself."""
    narrowed = any(session.config.getoption(name, None) for name in NARROWING)
    named = session.config.args_source != pytest.Config.ArgsSource.TESTPATHS
    return not (named or narrowed)
