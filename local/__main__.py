"""`python -m local`: the bare hub on this machine until Ctrl-C; `omnihub run` also fills it."""

from __future__ import annotations

import argparse
import signal
import sys
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


def main(arguments: list[str] | None = None) -> int:
    """Run the hub; the exit code is 0 after Ctrl-C or SIGTERM, 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("cdk.out"), help="what `make synth` wrote")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--state", type=Path, default=STATE, help="where the signing key is kept")
    parser.add_argument("--haste", type=float, default=HASTE, help="how long a pause lasts here, as a share")
    asked: Any = parser.parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job starts with SIGINT ignored
        signal.signal(number, _interrupt)
    try:
        serve(asked.out, asked.port, asked.state, haste=asked.haste, ready=_ready)
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
