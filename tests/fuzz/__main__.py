"""`make fuzz`: what it is told, and where the functions log meanwhile."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from cli.run import logged

LOG = Path(".omnihub/fuzz.log")

if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests.fuzz", description="Odd requests to a hub on this machine.")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30, help="it ends then, and fails if it has not got so far")
    parser.add_argument("--seed", type=int, default=1, help="another one, other requests")
    asked = parser.parse_args()
    LOG.unlink(missing_ok=True)
    with logged(LOG) as terminal:
        from tests.fuzz.run import run  # here: functions log to what is standard output when they are imported

        code = run(asked, terminal)
    sys.exit(code)
