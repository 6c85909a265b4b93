"""How the command line speaks: one sentence about what is wrong, and the command that comes next."""

from pathlib import Path
from typing import NoReturn

import typer

OUT, STATE = Path("cdk.out"), Path(".omnihub")
TELCO = Path(__file__).parent.parent / "telco"
NOT_POSSIBLE = 2  # the exit code where a command could not begin
NOT_AS_TOLD = 1  # the exit code where it ran, and something was not as it must be


def refuse(sentence: str, following: str, code: int = NOT_POSSIBLE) -> NoReturn:
    """Ends the command with a sentence, and the one to type next."""
    typer.echo(f"{sentence}\nNext: {following}", err=True)
    raise typer.Exit(code)


def must_be_built() -> None:
    """Ends the command where the CDK app was not synthesized in this folder."""
    if not (OUT / "manifest.json").is_file():
        refuse("There is no cdk.out in this folder; the hub is read from it.", "make run (in the repository's folder)")
