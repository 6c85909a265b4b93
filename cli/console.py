"""The console that stories are told on: in colour and as wide as the terminal, or plain where they are piped."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TextIO

from rich.console import Console

PIPED = 132  # columns where there is no terminal


def told_on(file: TextIO | None = None) -> Console:
    """A console on that file, or on standard output."""
    file = file or sys.stdout
    return Console(file=file, highlight=False, width=None if file.isatty() else PIPED)


@contextmanager
def working(sentence: str) -> Iterator[None]:
    """Shows meanwhile what is being done, to whoever sits at a terminal."""
    console = told_on(sys.stderr)
    with console.status(sentence) if console.is_terminal else nullcontext():
        yield
