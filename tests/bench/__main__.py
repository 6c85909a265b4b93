"""`make bench`: measures what a request costs, prints it beside its budgets, and fails where one is broken."""

import argparse
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from cli.hub import load
from local.hub import Hub
from tests.bench import budgets, cold, library, sizes
from tests.bench.budgets import Figure
from tests.bench.measure import measure
from tests.bench.report import Report, markdown, show
from tests.bench.scenes import SCENES, Scene
from tests.bench.stage import Stage, stage
from tests.bench.transitions import transitions

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bench.md"
WIDE = 140


def main() -> int:
    """The exit code: 1 where a budget is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "cdk.out", help="the synthesized app")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)} too")
    asked = parser.parse_args()
    console, report = Console(), Report()
    if not console.is_terminal:
        console.width = WIDE  # a file or a pipe folds nothing

    with Progress(console=Console(stderr=True), transient=True) as progress:
        _requests(asked.out, report, progress)
        _transitions(asked.out, report, progress)
        _sizes(asked.out, report, progress)
        _cold_starts(asked.out, report, progress)
        _catalogs(asked.out, report, progress)
    show(report, console)
    if asked.write:
        PAGE.write_text(markdown(report), "utf-8")
        console.print(f"Written to {PAGE.relative_to(ROOT)}.")
    return 1 if report.broken else 0


def _requests(out: Path, report: Report, progress: Progress) -> None:
    task = progress.add_task("requests", total=len(SCENES))
    with stage(out) as here:
        for scene in SCENES:
            progress.update(task, description=scene.name)
            _request(here, scene, report)
            progress.advance(task)


def _request(here: Stage, scene: Scene, report: Report) -> None:
    found = measure(here, scene)
    report.scenes.append(found)
    report.figures += budgets.counted(found)
    if (ratio := budgets.warm(found)) is not None:
        report.figures.append(_best(ratio, lambda: budgets.warm(measure(here, scene))))


def _best(figure: Figure, again: Callable[[], Figure | None]) -> Figure:
    """The figure, or the best of three where it is over its budget: another process may have been in its way."""
    for _ in range(budgets.TRIES - 1):
        if figure.ok:
            break
        figure = min(figure, again() or figure, key=lambda each: each.measured)
    return figure


def _transitions(out: Path, report: Report, progress: Progress) -> None:
    task = progress.add_task("one order, to its end", total=1)
    with redirect_stdout(StringIO()), Hub.start(out) as hub:
        load(hub)
        report.figures.append(Figure("workflow: transitions per order", transitions(hub), budgets.TRANSITIONS))
    progress.advance(task)


def _sizes(out: Path, report: Report, progress: Progress) -> None:
    task = progress.add_task("bundles and layers", total=1)
    for bundle in cold.bundles(out):
        if bundle.module.endswith(".handler"):
            size = sizes.layers(bundle.module) + sizes.megabytes(bundle.folder)
            report.figures.append(Figure(f"{bundle.module}: MB with layers, without SDK", size, budgets.MEGABYTES))
    progress.advance(task)


def _cold_starts(out: Path, report: Report, progress: Progress) -> None:
    found = cold.bundles(out)
    task = progress.add_task("cold starts", total=cold.TIMES)
    report.cold = cold.cold_starts(found, tell=lambda: progress.advance(task))
    for bundle in found:
        figure = budgets.cold(bundle.module, report.cold[bundle.module])
        if figure is not None:
            report.figures.append(_best(figure, lambda bundle=bundle: _colder(bundle)))  # type: ignore[misc]


def _catalogs(out: Path, report: Report, progress: Progress) -> None:
    task = progress.add_task("catalogs by size", total=library.STEPS * len(library.SIZES))

    def tell(size: int, what: str) -> None:
        progress.update(task, description=f"a catalog of {size:,}: {what}", advance=1)

    with stage(out) as here:
        for size in library.SIZES:
            report.catalogs.append(library.measure(here, size, partial(tell, size)))
    report.figures += library.budgeted(report.catalogs)


def _colder(bundle: cold.Bundle) -> Figure | None:
    return budgets.cold(bundle.module, cold.cold_starts([bundle])[bundle.module])


if __name__ == "__main__":
    sys.exit(main())
