"""The hub as a command sees it that works on its catalog: asked over HTTP, as an operator of one brand."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.call import own_url, sender, token_of
from cli.say import NOT_AS_TOLD, refuse
from cli.story import Actor, Answer, Call
from functions.shared import clock, tmf
from functions.shared.incoming import FIXED
from functions.shared.resource import Json
from infra import channels

BRAND = "nova"  # where nobody says which
PUBLICATIONS, CHECKS, VERSIONS = (
    f"{tmf.BASE['omnihub']}/{noun}" for noun in ("catalogPublication", "catalogCheck", "catalogVersion")
)
EXPORTS = f"{tmf.BASE['TMF620']}/exportJob"
LEAST = 400  # the first status that is a refusal
LIVE, NEWEST = "live", "newest"
VERSION = re.compile("[0-9a-f]{16}")
NEXT = re.compile('<([^>]+)>; rel="next"')

Brand = Annotated[str | None, typer.Option(help=f"{' or '.join(channels.BRANDS)}; {BRAND} where nothing says which")]
Url = Annotated[str | None, typer.Option(help="the hub's address; the one that runs in this folder if absent")]
Token = Annotated[
    str | None, typer.Option(help="an operator's access token; made for the hub of this folder if absent")
]
At = Annotated[
    datetime | None,
    typer.Option(
        help="from when, in the market's time zone: 2027-01-01 or 2027-01-01T06:00; at once if absent",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
    ),
]


def is_version(named: str) -> bool:
    """Whether that names a version of the catalog at a hub."""
    return (named in (LIVE, NEWEST) or bool(VERSION.fullmatch(named))) and not Path(named).exists()


class Operator:
    """Who works on the catalog of a brand, at the hub of that address."""

    def __init__(self, brand: str | None, url: str | None, token: str | None) -> None:
        self.brand = brand or BRAND
        if self.brand not in channels.BRANDS:
            known = " and ".join(channels.BRANDS)
            refuse(f"There is no brand {self.brand}; there are {known}.", "omnihub catalog --help")
        self._actor = Actor("operator", "backoffice", "operator", "operator", brand=self.brand)
        self._send = sender((url or own_url()).rstrip("/"), lambda actor: token or token_of(actor))

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """What the hub answers; where it refuses, its sentences end the command."""
        answer = self._send(self._actor, Call(method, path, body))
        if answer.status >= LEAST:
            said = answer.body or {}
            findings = (said.get("details") or {}).get("findings", [])
            sentence = said.get("reason") or said.get("message") or f"The hub answers {answer.status}."
            refuse("\n".join([sentence, *findings]), following(said.get("code")), NOT_AS_TOLD)
        return answer

    def entries(self) -> list[Json]:
        """The schedule: versions in the order of time, each with its state and from when until when."""
        found: list[Json] = self.ask("GET", VERSIONS).body
        return found

    def version(self, named: str) -> str:
        """The id of a version that is called `live`, `newest` or by its id."""
        if named not in (LIVE, NEWEST):
            return named
        entries = self.entries()
        chosen = entries[-1] if named == NEWEST else next(each for each in entries if each["state"] == "onSale")
        return str(chosen["id"])

    def content(self, version: str) -> Json:
        """All that a version says, by an export of it."""
        job = self.ask("POST", EXPORTS, {"url": "cli:", "query": f"catalogVersion={version}"}).body
        if job["status"] != "Succeeded":
            refuse(f"There is no version {version} of the catalog of {self.brand}.", "omnihub catalog log", NOT_AS_TOLD)
        return {name: value for name, value in self.ask("GET", job["url"]).body.items() if name not in FIXED}

    def zone(self) -> ZoneInfo:
        """The time zone of the market."""
        return ZoneInfo(self.ask("GET", f"{VERSIONS}/{self.version(NEWEST)}?fields=timeZone").body["timeZone"])

    def pages(self, path: str, most: int) -> Iterator[Json]:
        """The resources of a list, page by page, until there are `most`; then it says that there are more."""
        count = 0
        while path:
            answer = self.ask("GET", path)
            yield from answer.body[: most - count]
            count += len(answer.body)
            further = NEXT.search(_header(answer, "link"))
            path = further[1] if further else ""
            if count > most or (path and count == most):
                typer.echo(f"There are more; these are the first {most}. See --most.", err=True)
                return


def _header(answer: Answer, name: str) -> str:
    return next((value for key, value in answer.headers.items() if key.lower() == name), "")


def replayed(answer: Answer) -> bool:
    """Whether the hub says that all of it was so already."""
    return bool(_header(answer, "idempotent-replayed"))


def moment(at: datetime, zone: ZoneInfo) -> datetime:
    """The moment that somebody has typed; what is over ends the command."""
    found = at.replace(tzinfo=zone)
    if found <= clock.now():
        refuse(f"{found:%Y-%m-%d %H:%M} in {zone.key} is over.", "leave --at out to do it at once")
    return found


def following(code: str | None) -> str:
    """The command to type after a refusal of that code."""
    if code == "notPublishable":
        return "mend what is named, over the API (docs/call-the-api.md), then: omnihub catalog publish"
    if code == "draftsWait":
        return "omnihub catalog publish (the drafts), then: omnihub catalog diff live FOLDER"
    return "the same again, to see what is different now" if code == "changedMeanwhile" else "omnihub catalog --help"
