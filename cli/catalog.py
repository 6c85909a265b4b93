"""`omnihub catalog`: what an operator does with the catalog of a running hub, over its API."""

from typing import Annotated, Any

import typer

from cli.call import own_url, sender, token_of
from cli.say import NOT_AS_TOLD, refuse
from cli.story import Actor, Answer, Call
from functions.shared import tmf
from infra import channels

PUBLICATIONS = f"{tmf.BASE['omnihub']}/catalogPublication"
LEAST = 400  # the first status that is a refusal

app = typer.Typer(no_args_is_help=True, help=__doc__)
Brand = Annotated[str, typer.Option(help=" or ".join(channels.BRANDS))]
Url = Annotated[str | None, typer.Option(help="the hub's address; the one that runs in this folder if absent")]
Token = Annotated[
    str | None, typer.Option(help="an operator's access token; made for the hub of this folder if absent")
]


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
