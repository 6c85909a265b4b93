"""`python -m local`: the hub on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from local.gateway import PortTaken
from local.hub import HASTE, Hub, serve
from local.issuer import STATE
from local.resolve import CannotResolve


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


def _ready(hub: Hub) -> None:
    _say(f"Omnihub is ready at {hub.url}")


def _greet(hub: Hub) -> None:
    """Whatever the command line wants to load and say first, where it is there."""
    if find_spec("cli") is not None and find_spec("cli.welcome") is not None:
        import_module("cli.welcome").load_and_greet(hub)


def main(arguments: list[str] | None = None) -> int:
    """Run the hub; the exit code is 0 after Ctrl-C or SIGTERM, 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("cdk.out"), help="what `make synth` wrote")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--state", type=Path, default=STATE, help="where the signing key is kept")
    parser.add_argument("--haste", type=float, default=HASTE, help="how long a pause lasts here, as a share")
    asked: Any = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        serve(asked.out, asked.port, asked.state, _greet, haste=asked.haste, ready=_ready)
    except KeyboardInterrupt:
        return 0
    except PortTaken as taken:
        sys.stderr.write(f"{taken} Run `python -m local --port {asked.port + 1}`, or stop what listens there.\n")
        return 2
    except (CannotResolve, RuntimeError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
