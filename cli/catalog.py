"""`omnihub catalog`: checks and compares what is written in a folder, and publishes what a running hub sells."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli import differences, findings, samples, sources
from cli.call import own_url, sender, token_of
from cli.say import NOT_AS_TOLD, refuse
from cli.story import Actor, Answer, Call
from functions.catalog import check as checks
from functions.catalog import difference
from functions.catalog.catalog import Catalog
from functions.catalog.checks.finding import ERROR
from functions.shared import clock, tmf
from infra import channels

PUBLICATIONS = f"{tmf.BASE['omnihub']}/catalogPublication"
LEAST = 400  # the first status that is a refusal

app = typer.Typer(no_args_is_help=True, help=__doc__)
Brand = Annotated[str, typer.Option(help=" or ".join(channels.BRANDS))]
Url = Annotated[str | None, typer.Option(help="the hub's address; the one that runs in this folder if absent")]
Token = Annotated[
    str | None, typer.Option(help="an operator's access token; made for the hub of this folder if absent")
]
Folder = Annotated[Path, typer.Argument(help="a brand's folder, such as telco/nova", show_default=False)]
OneOfTwo = Annotated[Path, typer.Argument(help="a brand's folder, or a version as a JSON file", show_default=False)]


@app.command()
def check(
    folder: Folder,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="warnings count as errors")] = False,
    json: Annotated[bool, typer.Option("--json", help="a line of JSON for each finding")] = False,
) -> None:
    """Says everything that is wrong with a catalog before it is published, each with its file and line.

    The exit code is 0 where it may be published, 1 where something must be mended first.
    """
    content, spots = sources.read(folder)
    found = checks.check(content, clock.now(), spots)
    if json:
        typer.echo(findings.as_json(found), nl=False)
    else:
        findings.show(found)
        sold = f"{len(content['productOffering'])} offerings, {len(content['promotion'])} promotions"
        typer.echo(f"{content['brand']}: {findings.count(found)} in {sold}.")
    if any(strict or each.fault.severity == ERROR for each in found):
        raise typer.Exit(NOT_AS_TOLD)


@app.command()
def diff(
    before: OneOfTwo,
    after: OneOfTwo,
    *,
    carts: Annotated[
        Path | None, typer.Option(help="sample carts, one as JSON in a line: which of them change")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="1 where they differ, else 0")] = False,
) -> None:
    """Says what another version adds, changes and removes, and which prices rise or fall.

    With --carts also which of these carts change, and by how much.
    """
    tried = samples.read(carts) if carts else []
    was, now = sources.read(before).content, sources.read(after).content
    if not (changes := difference.between(was, now)):
        typer.echo("Both say the same.")
        return
    differences.show(changes, difference.prices(was, now))
    if carts:
        one, other, as_of = Catalog.of("before", was), Catalog.of("after", now), clock.now()
        read = [(each.id, samples.priced(one, each, as_of), samples.priced(other, each, as_of)) for each in tried]
        differences.show_carts(read)
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


@app.command()
def publish(brand: Brand = "nova", url: Url = None, token: Token = None) -> None:
    """Publishes all drafts of a brand as one new version of its catalog."""
    answer = _asked("POST", brand, url, token, {})
    told = answer.body
    if "idempotent-replayed" in map(str.lower, answer.headers):
        typer.echo(f"Nothing has changed since: {_line(told)}.")
    else:
        typer.echo(f"Published: {_line(told)}.")


@app.command()
def log(brand: Brand = "nova", url: Url = None, token: Token = None) -> None:
    """Lists what was published over the API, the newest first."""
    for told in _asked("GET", brand, url, token).body:
        typer.echo(_line(told))


def _line(told: dict[str, Any]) -> str:
    return f"version {told['catalogVersion']}, by {told['author']} at {told['creationDate']}"


def _asked(method: str, brand: str, url: str | None, token: str | None, body: Any = None) -> Answer:
    """What the hub answers to that operator; where it refuses, its sentences end the command."""
    if brand not in channels.BRANDS:
        refuse(f"There is no brand {brand}; there are {' and '.join(channels.BRANDS)}.", "omnihub catalog --help")
    olga = Actor("operator", "backoffice", "operator", "operator", brand=brand)
    send = sender((url or own_url()).rstrip("/"), lambda actor: token or token_of(actor))
    answer = send(olga, Call(method, PUBLICATIONS, body))
    if answer.status >= LEAST:
        said = answer.body or {}
        findings = (said.get("details") or {}).get("findings", [])
        sentence = said.get("reason") or said.get("message") or f"The hub answers {answer.status}."
        refuse("\n".join([sentence, *findings]), _following(said.get("code")), NOT_AS_TOLD)
    return answer


def _following(code: str | None) -> str:
    if code == "notPublishable":
        return "mend what is named, over the API (docs/call-the-api.md), then: omnihub catalog publish"
    return "omnihub catalog publish" if code == "changedMeanwhile" else "omnihub catalog --help"
