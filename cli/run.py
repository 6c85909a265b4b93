"""`omnihub run`: the whole hub on this machine, with the sample telco in it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from cli.say import OUT, STATE, must_be_built, refuse

if TYPE_CHECKING:
    from cli.network import Misbehaviour
    from local.hub import Hub

LOG, MESSAGES = STATE / "hub.log", STATE / "messages.log"
EXAMPLE = "omnihub run --southbound fail:fibre-500:1"
HIGHEST = 65535  # port
LOOK = 0.2  # seconds between two looks for new messages


def run(
    port: Annotated[int, typer.Option(min=1, max=HIGHEST, help="where it listens on 127.0.0.1")] = 8080,
    southbound: Annotated[
        list[str] | None,
        typer.Option(
            help="what the simulated network does wrong: fail:OFFERING[:TIMES] or slow:OFFERING[:TIMES], where * is "
            "every offering and once is usual; may be given more than once. Without it, all goes well."
        ),
    ] = None,
) -> None:
    """Starts the hub, loads the sample telco, and runs until Ctrl-C.

    Try it with: omnihub run --southbound fail:fibre-500:1
    """
    must_be_built()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    try:
        _run(port, _told(southbound or []))
    except KeyboardInterrupt:
        typer.echo("\nOmnihub has stopped; carts and orders went with it. Until next time!")


def _told(southbound: list[str]) -> list[Misbehaviour]:
    from cli.network import misbehaviour

    try:
        return [misbehaviour(each) for each in southbound]
    except ValueError as wrong:
        refuse(str(wrong), EXAMPLE)


def _run(port: int, told: list[Misbehaviour]) -> None:
    # Imported here: moto takes more than a second, which no other command should wait for.
    from cli.hub import load
    from cli.network import tell
    from cli.openapi.document import DOCUMENT
    from cli.telco import TelcoError
    from cli.welcome import lines, places
    from local.gateway import PortTaken
    from local.hub import Hub

    try:
        with logged(LOG) as terminal, Hub.start(OUT, port, STATE, document=DOCUMENT) as hub:
            LOG.write_text("")  # not before: it may be the log of the hub that has the port
            load(hub)
            tell(told)
            typer.echo(f"What the functions log goes to {LOG}; messages to customers appear here.", file=terminal)
            for line in (*lines(hub), *places(hub), f"Omnihub is ready at {hub.url}"):
                typer.echo(line, file=terminal)
            _watch(hub, terminal)
    except PortTaken as taken:
        refuse(str(taken), f"make run PORT={port + 1 if port < HIGHEST else 8080}")
    except TelcoError as wrong:
        refuse(f"The catalog was not loaded. {wrong}", "mend that line, then: make run")
    except ValueError as wrong:
        refuse(str(wrong), EXAMPLE)


def _watch(hub: Hub, terminal: TextIO) -> None:
    """Shows each SMS and each function that failed, until Ctrl-C; a second Ctrl-C must not break the clean end."""
    shown, failed = 0, 0
    try:
        with MESSAGES.open("w", encoding="utf-8", buffering=1) as kept:
            while True:
                messages, errors = hub.messages[shown:], hub.function_errors[failed:]
                shown, failed = shown + len(messages), failed + len(errors)
                for phone, text in messages:
                    kept.write(json.dumps({"to": phone, "text": text}, ensure_ascii=False) + "\n")
                    typer.echo(f"SMS to {phone}: {text}", file=terminal)
                for error in errors:
                    sys.stdout.write(f"{error}\n")
                    typer.echo(
                        f"{error.function} failed with {error.type}: {error.message} (all of it in {LOG})",
                        file=terminal,
                    )
                time.sleep(LOOK)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def logged(log: Path) -> Iterator[TextIO]:
    """Sends standard output, where the functions log, to a file; what it was before is given to speak to the person."""
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal = sys.stdout
    with log.open("a", encoding="utf-8", buffering=1) as file, redirect_stdout(file):
        yield terminal
