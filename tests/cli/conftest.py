"""The command line as people use it: in a shell, in a folder of its own, where a hub may run."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.say import TELCO

OMNIHUB = str(Path(sys.executable).with_name("omnihub"))
LONG = 60  # seconds after which something hangs


@dataclass
class Running:
    """A hub in a process of its own; `shown` and `said` (its lines) are what its terminal shows so far."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def shown(self) -> str:
        return (self.folder / "terminal").read_text("utf-8")

    @property
    def said(self) -> list[str]:
        return self.shown.splitlines()

    def until(self, words: str) -> list[str]:
        """What the terminal shows once it holds these words."""
        give_up = time.monotonic() + LONG
        while words not in self.shown:
            assert time.monotonic() < give_up, self.said
            time.sleep(0.05)
        return self.said

    def omnihub(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Another command in the folder of this hub."""
        return omnihub(self.folder, *words, typed=typed)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LONG)


def omnihub(folder: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """A command in that folder, to its end."""
    return subprocess.run(  # noqa: S603
        [OMNIHUB, *words], cwd=folder, input=typed, capture_output=True, encoding="utf-8", timeout=LONG, check=False
    )


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """Starts a hub with `omnihub run` in a folder of its own, ready when it says so."""
    started: list[Running] = []

    def begin(*options: str) -> Running:
        folder, port = tmp_path_factory.mktemp("hub"), free_port()
        shutil.copytree(out, folder / "cdk.out", symlinks=True)
        with (folder / "terminal").open("wb") as terminal:
            words = [OMNIHUB, "run", "--port", str(port), *options]
            process = subprocess.Popen(words, cwd=folder, stdout=terminal, stderr=terminal)  # noqa: S603
        started.append(Running(process, folder, port))
        started[-1].until("Omnihub is ready at")
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.interrupt()


@pytest.fixture(scope="session")
def running(start: Callable[..., Running]) -> Running:
    """One hub for all tests that only speak to it."""
    return start()


@pytest.fixture
def nova(tmp_path: Path) -> Path:
    """A copy of the sample, to be edited."""
    return Path(shutil.copytree(TELCO / "nova", tmp_path / "nova"))


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
