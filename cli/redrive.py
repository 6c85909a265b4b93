"""`omnihub redrive`: what nobody could take is shown, and sent again once the cause is mended."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from cli.account import Account, chosen
from cli.console import told_on
from cli.letters import SHORT, WAITS, Held, Letter, Line
from cli.say import NOT_AS_TOLD, refuse

if TYPE_CHECKING:
    from cli.places import Place

LOOKING, SENDING = 30, 300  # seconds for which a message is hidden from others, if nobody lets it go before
KINDS = "parked, undelivered or subscribers"
Found = tuple[str, Letter]  # the place, and what waits there


def redrive(
    stage: Annotated[
        str | None, typer.Option(help="dev, prod, … on AWS, by your ordinary credentials; absent: this folder's hub")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="shows what waits, and sends nothing")] = False,  # noqa: FBT002
    only: Annotated[str | None, typer.Option(help=f"one kind of place: {KINDS}")] = None,
    discard: Annotated[
        str | None, typer.Option(metavar="ID", help="prints what nobody can ever take, and deletes it for good")
    ] = None,
) -> None:
    """Sends again what streams, rules, functions and subscribers could not take; says what is left, and why.

    The exit code is 0 when nothing is left, 1 when something is, 2 when it could not begin.
    """
    from cli import places

    if only not in (None, *places.NAMES):
        refuse(f"There is no place {only}; it is {KINDS}.", "omnihub redrive --dry-run")
    account = chosen(stage)
    with account.answering():
        asked = [place for place in places.of(account) if only in (None, place.name.split()[0])]
        if discard:
            _discard(asked, discard)
        elif dry_run:
            show(asked, account)
        else:
            _send(asked, account)


@contextmanager
def _looked(place: "Place", seconds: int) -> Iterator[dict[str, Held]]:
    """What waits in a place, by handle; what is in there at the end, others see again."""
    held = {each.handle: each for each in place.look(seconds)}
    try:
        yield held
    finally:
        place.release(held.values())


def show(asked: "Sequence[Place]", account: Account) -> None:
    """Prints what waits; nothing is sent, moved or left hidden."""
    found: list[Found] = []
    hidden = sum(place.hidden() for place in asked)
    for place in asked:
        with _looked(place, LOOKING) as waiting:
            found += [(place.name, letter) for held in waiting.values() for letter in held.letters]
    console = told_on()
    if found:
        console.print(_table(found))
    said = f"{len(found)} wait{'s' * (len(found) == 1)}. Once the cause is mended: omnihub redrive"
    console.print(f"{account.name}: {said if found else 'nothing waits.'}")
    _say_hidden(console, hidden)


def _send(asked: "Sequence[Place]", account: Account) -> None:
    left: list[Found] = []
    sent = hidden = 0
    with Progress(console=told_on(sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bar:
        for place in asked:
            hidden += place.hidden()
            with _looked(place, SENDING) as waiting:
                count = sum(len(held.letters) for held in waiting.values())
                failed = _sent_again(place, waiting, bar)
            sent, left = sent + count - len(failed), left + failed
    console = told_on()
    if left:
        console.print(_table(left))
    console.print(f"{account.name}: {sent} sent again, {len(left)} left.")
    _say_hidden(console, hidden)
    if left or hidden:
        refuse("What is left waits where it was; everything else went on.", _following(left), NOT_AS_TOLD)


def _sent_again(place: "Place", waiting: dict[str, Held], bar: Progress) -> list[Found]:
    """Takes out of `waiting` what is sent; what is left of it, each with the reason of this time."""
    task, blocked, left = bar.add_task(place.name, total=len(waiting)), set[Line](), list[Found]()
    for held in list(waiting.values()):
        why = place.send(held, blocked)
        left += [(place.name, replace(letter, why=why[letter.id])) for letter in held.letters if letter.id in why]
        if not why:
            del waiting[held.handle]
        bar.advance(task)
    return left


def _discard(asked: "Sequence[Place]", id_: str) -> None:
    with ExitStack() as stack:
        seen = [(place, stack.enter_context(_looked(place, LOOKING))) for place in asked]
        all_ = [(place, held, one) for place, w in seen for held in w.values() for one in held.letters]
        found = [each for each in all_ if each[2].id.startswith(id_)]
        if len(found) != 1:
            refuse(f"The ids of {len(found)} that wait begin with {id_}.", "omnihub redrive --dry-run")
        ((place, held, letter),) = found
        typer.echo(json.dumps(asdict(letter), indent=2, default=str))
        place.discard(held, letter)
    typer.echo(f"That is gone from {place.name}.\nNext: omnihub redrive", err=True)


def _table(found: Sequence[Found]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("place", "id", "event", "resource", "since", "tried", "why"):
        table.add_column(heading, no_wrap=heading not in ("since", "why"), overflow="fold")
    for place, letter in found:
        kind, _, id_ = letter.resource.partition(" ")
        when, resource = letter.when[:16].replace("T", " "), f"{kind} {id_[:SHORT]}"
        table.add_row(place, letter.id[:SHORT], letter.kind, resource, when, str(letter.tried), letter.why)
    return table


def _say_hidden(console: Console, hidden: int) -> None:
    if hidden:
        minutes = SENDING // 60
        console.print(f"{hidden} more cannot be seen: another run has them, and lets them go within {minutes} minutes.")


def _following(left: Sequence[Found]) -> str:
    causes = [letter for _, letter in left if letter.why != WAITS]
    if not causes:
        return "omnihub redrive (in five minutes)"
    return f"mend what is named, then: omnihub redrive; for good: omnihub redrive --discard {causes[0].id[:SHORT]}"
