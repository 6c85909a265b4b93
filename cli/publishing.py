"""`omnihub catalog publish`, `rollback`, `export`, `log` and `carts`: what a running hub sells, and what it shall."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli import differences, findings, live_carts, operator, sources
from cli.console import working
from cli.operator import LIVE, NEWEST, PUBLICATIONS, At, Brand, Operator, Token, Url
from cli.say import NOT_AS_TOLD, refuse
from functions.catalog import check, whole
from functions.catalog.book import written
from functions.catalog.checks.finding import ERROR
from functions.shared import clock
from functions.shared.resource import Json

Direct = Annotated[
    bool,
    typer.Option(
        "--direct", help="past the API, with rights on AWS: for a catalog that is more than a function can do at once"
    ),
]
Stage = Annotated[
    str | None, typer.Option(help="with --direct: dev, prod, … on AWS by your credentials; absent: this folder's hub")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="asks nothing")]


def publish(
    folder: Annotated[
        Path | None,
        typer.Argument(help="a brand's folder, or a version as a JSON file; the drafts if absent", show_default=False),
    ] = None,
    *,
    at: At = None,
    yes: Yes = False,
    direct: Direct = False,
    stage: Stage = None,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Publishes a folder: shows what it changes, and puts it on sale as one new version, at once or --at a moment.

    Without a folder it publishes all drafts that were written over the API.
    """
    if folder is None:
        olga = Operator(brand, url, token)
        _published(olga, {}, operator.moment(at, olga.zone()) if at else None)
        return
    content = _sound(folder)
    if brand not in (None, content["brand"]):
        refuse(f"{folder} is the catalog of {content['brand']}, not of {brand}.", "leave --brand out")
    begins = operator.moment(at, ZoneInfo(content["timeZone"])) if at else None
    if direct:
        _published_directly(content, begins, stage, yes=yes)
        return
    olga = Operator(content["brand"], url, token)
    seen = olga.version(NEWEST)
    if not _shown(olga, seen, content):
        typer.echo(f"Nothing would change: version {seen} says the same.")
        return
    _agreed("Publish this", begins, yes=yes)
    _published(olga, {"content": whole.packed(content), "previousVersion": seen}, begins)


def _published_directly(content: Json, begins: datetime | None, stage: str | None, *, yes: bool) -> None:
    from cli import direct as past  # which brings boto3 along

    with past.opened(content["brand"], stage) as caller:
        with working("Comparing it with what there is …"):
            was = past.seen(caller)
        if not past.show(was, content):
            typer.echo("Nothing would change.")
            return
        _agreed("Publish this", begins, yes=yes)
        told = past.put(caller, content, was["id"] if was else None, begins)
    typer.echo(f"Published: {_line(told)}, {_when(begins)}.")


def _sound(folder: Path) -> Json:
    """The content of a folder, of which nothing stands in the way of publishing it; warnings are told."""
    with working(f"Checking {folder} …"):
        content, spots = sources.read(folder)
        found = check.check(content, clock.now(), spots)
    findings.show(found)
    if any(each.fault.severity == ERROR for each in found):
        refuse(f"Nothing was published: {findings.count(found)}.", f"omnihub catalog check {folder}", NOT_AS_TOLD)
    as_held: Json = json.loads(written(content), parse_float=Decimal)
    return as_held


def _shown(olga: Operator, version: str, to: Json) -> bool:
    """Shows what becomes different from that version; whether anything does."""
    with working("Comparing it with what there is …"):
        was = olga.content(version)
    return differences.shown(was, to)


def _agreed(question: str, begins: datetime | None, *, yes: bool) -> None:
    """Goes on where somebody says yes, or has said so."""
    if not yes and not typer.confirm(f"{question}, {_when(begins)}?", err=True):
        typer.echo("Nothing was published.", err=True)
        raise typer.Exit(NOT_AS_TOLD)


def _when(begins: datetime | None) -> str:
    return f"on sale from {begins:%Y-%m-%d %H:%M} in {begins.tzinfo}" if begins else "on sale now"


def _published(olga: Operator, sent: Json, begins: datetime | None) -> None:
    when = {"validFor": {"startDateTime": clock.text(begins)}} if begins else {}
    with working("Publishing …"):
        answer = olga.ask("POST", PUBLICATIONS, {**sent, **when})
    if operator.replayed(answer):
        typer.echo(f"Nothing has changed since: {_line(answer.body)}.")
    else:
        typer.echo(f"Published: {_line(answer.body)}, {_when(begins)}.")


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="the one before that on sale if absent", show_default=False)
    ] = None,
    *,
    at: At = None,
    yes: Yes = False,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Puts an earlier version on sale again, at once or --at a moment; what was to follow then is dropped."""
    olga = Operator(brand, url, token)
    begins, entries = operator.moment(at, olga.zone()) if at else None, olga.entries()
    since = clock.text(begins or clock.now())
    place = max([n for n, each in enumerate(entries) if each["validFor"]["startDateTime"] <= since], default=0)
    now, to = entries[place]["id"], version or _before(entries, place)
    if not _shown(olga, now, olga.content(to)):
        typer.echo(f"Version {now} says the same as {to}.")
    for each in entries[place + 1 :]:
        typer.echo(f"Version {each['id']}, which was to follow from {each['validFor']['startDateTime']}, is dropped.")
    _agreed(f"Go back to version {to}", begins, yes=yes)
    _published(olga, {"catalogVersion": to, "previousVersion": entries[-1]["id"]}, begins)


def _before(entries: list[Json], place: int) -> str:
    before = [each["id"] for each in entries[:place] if each["id"] != entries[place]["id"]]
    if not before:
        refuse("There is no earlier version to go back to.", "omnihub catalog log", NOT_AS_TOLD)
    return str(before[-1])


def export(
    file: Annotated[str, typer.Argument(help="where to; - is standard output")] = "-",
    *,
    version: Annotated[str, typer.Option(help="live, newest or the id of one (omnihub catalog log)")] = LIVE,
    direct: Direct = False,
    stage: Stage = None,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Writes a version as JSON, which check, diff, simulate and publish read in the place of a folder."""
    with working("Exporting …"):
        text = written(_content(version, brand, url, token, stage=stage, direct=direct)).decode() + "\n"
    if file == "-":
        typer.echo(text, nl=False)
    else:
        Path(file).write_text(text, "utf-8")
        typer.echo(f"Written: {file}", err=True)


def _content(
    version: str, brand: str | None, url: str | None, token: str | None, *, stage: str | None, direct: bool
) -> Json:
    if not direct:
        olga = Operator(brand, url, token)
        return olga.content(olga.version(version))
    from cli import direct as past

    with past.opened(brand or operator.BRAND, stage) as caller:
        return past.content(caller, version)


def log(brand: Brand = None, url: Url = None, token: Token = None) -> None:
    """Lists what was published, the newest first, and says what is on sale and what will be."""
    olga = Operator(brand, url, token)
    entries, zone = olga.entries(), olga.zone()
    listed = {each["id"]: each for each in olga.ask("GET", PUBLICATIONS).body}
    stands = {each["catalogPublication"]["id"]: _stands(each, zone) for each in entries}
    for each in entries:  # what came with the hub has no row
        told = {"catalogVersion": each["id"], "author": each["author"]}
        listed.setdefault(each["catalogPublication"]["id"], {**told, "creationDate": each["validFor"]["startDateTime"]})
    for id_ in sorted(listed, reverse=True):
        typer.echo(_line(listed[id_]) + stands.get(id_, ""))


def _stands(entry: Json, zone: ZoneInfo) -> str:
    """What the schedule says of a publication that is not over."""
    if entry["state"] == "over":
        return ""
    since = clock.moment(entry["validFor"]["startDateTime"]).astimezone(zone)
    return f", {_when(since if entry['state'] == 'scheduled' else None)}"


def carts(
    most: Annotated[int, typer.Option(min=1, help="carts, the newest first")] = 1000,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Writes the hub's live carts as samples for `diff --carts`: what is in them, and nothing of whose they are."""
    olga = Operator(brand, url, token)
    catalog = olga.content(olga.version(LIVE))
    for each in live_carts.of(olga, most):
        typer.echo(json.dumps(live_carts.nameless(each, catalog), ensure_ascii=False, default=float))


def _line(told: Json) -> str:
    return f"version {told['catalogVersion']}, by {told['author']} at {told['creationDate']}"
