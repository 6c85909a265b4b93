"""TMF620's exportJob and importJob: a published version is named, and drafts are made that lead back to it.

Nothing leaves the hub and nothing is fetched from anywhere: what is exported lies in the catalog bucket already, as an
immutable version, and only such a version is imported.
"""

import re

from functions.catalog import draft, drafts, shelf, store
from functions.catalog.catalog import Catalog
from functions.catalog.kinds import WRITTEN
from functions.shared import aws, clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

EXPORT, IMPORT = "exportJob", "importJob"
LISTED = {
    kind: Resource(kind, words, customer=(), dated="creationDate")
    for kind, words in ((EXPORT, "export"), (IMPORT, "import"))
}


def run(caller: Caller, kind: str, sent: Json, asked: Key | None) -> tuple[Row, bool]:
    """Does a job, and keeps what became of it; the one that key did before (and True) instead, where it did."""

    def job() -> Row:
        began = clock.text(clock.now())
        done = _exported(caller.brand, sent) if kind == EXPORT else _imported(caller, sent["url"])
        body = {"creationDate": began, "completionDate": clock.text(clock.now()), **done}
        row = rows.new(caller, kind, clock.sortable_id(), body, created=began)
        keys.save(table, caller, asked, row["id"], rows.put(table, row))
        return row

    table = settings.catalog_table
    return keys.once(table, caller, asked, job, lambda id_: load(caller, kind, id_))


def load(caller: Caller, kind: str, id_: str) -> Row:
    """The row of a job; raises NotFound where there is none."""
    row = rows.load(settings.catalog_table, caller.brand, kind, id_)
    if row is None:
        raise NotFound(LISTED[kind].words)
    return row


def forget(row: Row) -> None:
    """Deletes what is known of a job; the version it names stays."""
    where = rows.key(row["brand"], row["type"], row["id"])
    aws.dynamodb().delete_item(TableName=settings.catalog_table, Key=where)


def _exported(brand: str, sent: Json) -> Json:
    if "query" in sent:
        why = "A catalog is exported whole; leave query out."
        return {"url": sent["url"], "query": sent["query"], "status": "Failed", "errorLog": why}
    path = shelf.version_key(brand, store.schedule(brand).newest.version)
    told = {"path": path, "url": f"s3://{settings.catalog_bucket}/{path}"}
    return {**told, "contentType": "application/vnd.sqlite3", "status": "Succeeded"}


def _imported(caller: Caller, url: str) -> Json:
    version = _version_at(caller.brand, url)
    if version is None:
        why = "Only what an exportJob of this brand named is imported; send its url."
        return {"url": url, "status": "Failed", "errorLog": why}
    try:
        _lead_back(caller, version)
    except ChangedMeanwhile:
        why = "Somebody else wrote the same drafts meanwhile; import again to write the rest."
        return {"url": url, "status": "Failed", "errorLog": why}
    return {"url": url, "status": "Succeeded"}


def _version_at(brand: str, url: str) -> Catalog | None:
    path = re.escape(shelf.version_key(brand, "VERSION")).replace("VERSION", "([0-9a-f]{16})")
    found = re.fullmatch(f"s3://{re.escape(settings.catalog_bucket)}/{path}", url)
    return store.at_version(brand, found[1]) if found and shelf.is_kept(brand, found[1]) else None


def _lead_back(caller: Caller, to: Catalog) -> None:
    """Writes the drafts whose publication makes the catalog say what that version says; only what differs."""
    waiting = {kind: drafts.waiting(caller.brand, kind) for kind in WRITTEN}
    newest = store.newest(caller.brand)
    for kind in WRITTEN:
        now = draft.overlaid(newest.held[kind], waiting[kind])
        for id_ in sorted(now.keys() | to.held[kind].keys()):
            if now.get(id_) != to.held[kind].get(id_):
                drafts.lead_back(caller, kind, id_, newest, now.get(id_), to)
