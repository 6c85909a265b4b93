"""`make mutants`: tries every mutant of the core, prints the table, and fails below 90 % or where the list is wrong."""

import argparse
import os
import sys
import time

from tests.mutants import report, run
from tests.mutants.report import Result


def main() -> int:
    """The exit code: 1 where too few are noticed, or a mutant listed as equivalent is not."""
    core = run.core()
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="module", help="of the core; all of it where none is named")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--survivors", action="store_true", help="show the code of each mutant that survived")
    asked = parser.parse_args()
    results = []
    for module in asked.modules or core:
        begun = time.monotonic()
        results.append(Result(module, run.mutants(module, core[module], asked.processes), report.listed(module)))
        print(f"{module}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
    lines = [report.table(results), *(report.survivors(results) if asked.survivors else ())]
    wrong = list(report.faults(results))
    print(*lines, *wrong, sep="\n")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
