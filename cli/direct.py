"""A hub's catalog past its API: with rights on the bucket and the table, for what no function could do in its time.

The same code as behind the API does it here, so that nothing of what it promises is lost: one version, checked,
numbered, told to the bus, and never over what somebody else has published meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from sys import maxsize

import typer

from cli import differences
from cli.account import Account, chosen
from cli.console import working
from cli.operator import following
from cli.say import NOT_AS_TOLD, refuse
from functions.catalog import publication, store, whole
from functions.shared import access, aws
from functions.shared.access import Caller
from functions.shared.errors import HubError
from functions.shared.resource import Json
from functions.shared.settings import source
from infra import channels
from local.pretend import pretend


@contextmanager
def opened(brand: str, stage: str | None) -> Iterator[Caller]:
    """Inside the block the stores of this process are those of a stage, or of this folder's hub; yields who works."""
    account = chosen(stage)
    names = {
        "CATALOG_BUCKET": account.output("CatalogVersions"),
        "CATALOG_TABLE": account.output("CatalogRows"),
        "CATALOG_MAX_AGE": "0",
    }
    aws.forget()
    token = source.set(names)
    try:
        with account.answering(), pretend(account.environment) if account.environment else nullcontext():
            yield _caller(account, brand)
    except HubError as wrong:
        refuse("\n".join([wrong.sentence, *wrong.details.get("findings", [])]), following(wrong.code), NOT_AS_TOLD)
    finally:
        source.reset(token)
        aws.forget()


def _caller(account: Account, brand: str) -> Caller:
    """Whoever these credentials are of, as the publication will say."""
    who = account.client("sts").get_caller_identity()["Arn"]
    journey = {"brand": brand, "market": channels.BRANDS[brand][0], "correlation_id": "cli"}
    return access.hub(journey, who.rpartition(":")[2])


def seen(caller: Caller) -> Json | None:
    """What the newest version says, and under `id` which that is; None where the brand sells nothing yet."""
    try:
        over = store.schedule(caller.brand)
    except aws.s3().exceptions.NoSuchKey:
        return None
    return {**store.at_version(caller.brand, over.newest.version).content, "id": over.newest.version}


def put(caller: Caller, content: Json, version: str | None, begins: datetime | None) -> Json:
    """Publishes that content in the place of the version that was seen; the first of a brand where there is none."""
    # A first catalog is one file; after it each resource that changes is a row and an event of its own.
    with working("Publishing; a first catalog takes a minute or two, a hundred thousand changes far longer …"):
        if version is None:
            return store.publish(content, author=caller.subject, from_=begins)
        row, _ = publication.replace(caller, content, version, begins, most=maxsize)
        return {"id": row["id"], **row["body"]}


def show(was: Json | None, content: Json) -> bool:
    """Shows what becomes different; whether anything does."""
    if was is None:
        typer.echo(f"{content['brand']} sells nothing yet; this is its first catalog.")
        return True
    return differences.shown({name: value for name, value in was.items() if name != "id"}, content)


def content(caller: Caller, version: str) -> Json:
    """All that a version says."""
    over = store.schedule(caller.brand)
    named = {"newest": over.newest.version, "live": store.live(caller.brand).version}
    return whole.told(publication.kept(caller.brand, named.get(version, version)))
