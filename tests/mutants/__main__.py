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
    parser.add_argument("--last", action="store_true", help="tries nothing: tells what was found the last time")
    parser.add_argument("--write", action="store_true", help=f"writes {report.PAGE.relative_to(run.ROOT)} too")
    asked = parser.parse_args()
    results = []
    for module in asked.modules or core:
        begun = time.monotonic()
        if not asked.last:
            run.tried(module, core[module], asked.processes)
        results.append(Result(module, run.found(module), report.listed(module)))
        print(f"{module}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)  # noqa: T201
    if asked.write:
        report.PAGE.write_text(report.page(results), "utf-8")
    wrong = list(report.faults(results, whole=not asked.modules))
    print(report.table(results), report.survivors(results), *wrong, sep="\n\n")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
