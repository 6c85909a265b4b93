"""`omnihub catalog`: checks and compares what is written in a folder, and publishes what a running hub sells."""

from datetime import datetime
from pathlib import Path
from sys import maxsize
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli import differences, findings, live_carts, operator, publishing, samples, sources
from cli.console import working
from cli.operator import Brand, Operator, Token, Url
from cli.say import NOT_AS_TOLD, refuse
from functions.catalog import check as checks
from functions.catalog.catalog import Catalog
from functions.catalog.checks.finding import ERROR, Finding
from functions.shared import clock

app = typer.Typer(no_args_is_help=True, help=__doc__)
Folder = Annotated[
    Path | None,
    typer.Argument(
        help="a brand's folder, such as telco/nova; the drafts of a running hub if absent", show_default=False
    ),
]
OneOfTwo = Annotated[Path, typer.Argument(help="a brand's folder, or a version as a JSON file", show_default=False)]
OrAHubs = Annotated[
    str,
    typer.Argument(
        help="a brand's folder, a version as a JSON file, or of a running hub: live, newest or the id of a version",
        show_default=False,
    ),
]


@app.command()
def check(
    folder: Folder,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="warnings count as errors")] = False,
    json: Annotated[bool, typer.Option("--json", help="a line of JSON for each finding")] = False,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Says everything that is wrong with a catalog before it is published, each with its file and line.

    The exit code is 0 where it may be published, 1 where something must be mended first.
    """
    found, of = _of_folder(folder) if folder else _of_drafts(Operator(brand, url, token))
    if json:
        typer.echo(findings.as_json(found), nl=False)
    else:
        findings.show(found)
        typer.echo(of)
    if any(strict or each.fault.severity == ERROR for each in found):
        raise typer.Exit(NOT_AS_TOLD)


def _of_folder(folder: Path) -> tuple[list[Finding], str]:
    content, spots = sources.read(folder)
    found = checks.check(content, clock.now(), spots)
    sold = f"{len(content.get('productOffering') or [])} offerings, {len(content.get('promotion') or [])} promotions"
    return found, f"{content['brand']}: {findings.count(found)} in {sold}."


def _of_drafts(olga: Operator) -> tuple[list[Finding], str]:
    told = olga.ask("POST", operator.CHECKS, {}).body
    found = [findings.of_json(each) for each in told["finding"]]
    waits = f"{told['changeCount']} resources would change" if told["publishable"] else "nothing of it can be published"
    return found, f"{olga.brand} with its drafts: {findings.count(found)}; {waits}."


@app.command()
def diff(
    before: OrAHubs,
    after: OrAHubs,
    *,
    carts: Annotated[
        str | None,
        typer.Option(help="sample carts, one as JSON in a line, or live: those of a running hub; which of them change"),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="live carts that are looked at, the newest first")] = 1000,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="1 where they differ, else 0")] = False,
    all_: Annotated[bool, typer.Option("--all", help="every one that differs; else 100 of a kind")] = False,
    brand: Brand = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Says what another version adds, changes and removes, and which prices rise or fall.

    With --carts also which of these carts change, and by how much. Live carts are priced as for a customer of whom
    nothing is known.
    """
    read = {each: sources.read(Path(each)).content for each in (before, after) if not operator.is_version(each)}
    brand = brand or next((content["brand"] for content in read.values()), None)
    if len(read) < len({before, after}) or carts == operator.LIVE:
        olga = Operator(brand, url, token)
        read |= {each: olga.content(olga.version(each)) for each in (before, after) if each not in read}
    tried: list[samples.Sample] = []
    if carts:
        tried = live_carts.samples(olga, most) if carts == operator.LIVE else samples.read(Path(carts))
    was, now = read[before], read[after]
    if not differences.shown(was, now, maxsize if all_ else differences.MOST):
        typer.echo("Both say the same.")
        return
    if carts:
        one, other, as_of = Catalog.of("before", was), Catalog.of("after", now), clock.now()
        with working("Pricing the carts …"):
            priced = [(each.id, samples.priced(one, each, as_of), samples.priced(other, each, as_of)) for each in tried]
        differences.show_carts(priced)
    if exit_code:
        raise typer.Exit(NOT_AS_TOLD)


@app.command()
def simulate(
    folder: OneOfTwo,
    offers: Annotated[list[str], typer.Argument(help="what is in the cart: plan-m, or plan-m:2 for two")],
    *,
    channel: Annotated[str, typer.Option(help="where the cart is")] = "web",
    fact: Annotated[
        list[str] | None, typer.Option(help="what is known of the customer: customer.student=yes, tenure=24, …")
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(help="when; now if absent", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
    ] = None,
) -> None:
    """Says what a cart would cost by what is written in a folder, line by line, and what could not be ordered."""
    catalog = Catalog.of("simulated", sources.read(folder).content)
    try:
        facts = samples.facts(dict(each.partition("=")[::2] for each in fact or []))
    except (ValueError, ArithmeticError) as wrong:
        refuse(f"{wrong}".rstrip(".") + ".", "omnihub catalog simulate --help")
    lines = tuple(samples.line(number, each) for number, each in enumerate(offers, 1))
    as_of = at.replace(tzinfo=ZoneInfo(catalog.time_zone)) if at else clock.now()
    told = samples.priced(catalog, samples.Sample("", channel, lines, facts), as_of)
    differences.show_cart(catalog, lines, told)
    if told.barred:
        raise typer.Exit(NOT_AS_TOLD)


for each in (publishing.publish, publishing.rollback, publishing.export, publishing.log, publishing.carts):
    app.command()(each)
