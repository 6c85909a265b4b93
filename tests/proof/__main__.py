"""`make prove`: every family of cases, every planted fault, one table; or one case again."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import aws_cdk  # noqa: F401  what takes long to import, once for all workers
import moto.dynamodb.models
import moto.sns.models
import moto.sqs.models  # noqa: F401
from rich.console import Console

from tests.proof import report, run

DOCUMENT = Path(__file__).parents[2] / "docs" / "proof.md"


def main(asked: Namespace) -> int:
    """1 where an invariant was violated, or a planted fault was not convicted."""
    console = Console()
    if asked.command == "replay":
        return again(console, asked.case)
    with run.progress(console) as bar:
        proof = run.prove(asked.share, bar)
    sentences = run.FORK.Pool(1).apply(_sentences)
    report.printed(console, proof, sentences)
    if asked.share >= 1:
        DOCUMENT.write_text(report.written(proof, sentences, run.WORKERS), "utf-8")
        console.print(f"Written to {DOCUMENT.relative_to(Path.cwd())}.")
    console.print("Nothing was violated, and every planted fault convicted." if proof.holds else "It does NOT hold.")
    return 0 if proof.holds else 1


def again(console: Console, text: str) -> int:
    """One case once more: who asked what, what was answered, and what does not hold."""
    from tests.proof.cases import Case, play
    from tests.proof.invariants import violated
    from tests.proof.world import world

    try:
        wanted = Case.read(text)
    except ValueError as wrong:
        console.print(str(wrong), markup=False, highlight=False)
        return 2
    with world() as hub:
        case, seen = play(hub, wanted)
    for letter, (operation, _) in seen.calls:
        console.print(f"  {letter} {operation}", highlight=False)
    for heard in seen.heard:
        said = f"{heard.answer.status} {str(heard.answer.body)[:100]}" if heard.answer else "no answer"
        console.print(f"{heard.screen}: {heard.method} {heard.path} -> {said}", highlight=False, markup=False)
    broken = violated(seen)
    for name, said in broken.items():
        console.print(f"VIOLATED {name}: {said}", markup=False)
    console.print(str(case) if broken else f"{case}: every invariant holds.", markup=False)
    return 1 if broken else 0


def _sentences() -> dict[str, str]:
    from tests.proof.invariants import INVARIANTS

    return {name: (holds.__doc__ or "").split("\n")[0] for name, holds in INVARIANTS.items()}


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("command", nargs="?", choices=("all", "replay"), default="all")
    parser.add_argument("case", nargs="?", default="", help="two-channels/A2timeout/ABBA, as it was printed")
    parser.add_argument("--share", type=float, default=1.0, help="of the cases of each family")
    sys.exit(main(parser.parse_args()))
