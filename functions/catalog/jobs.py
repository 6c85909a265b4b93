"""What is done with a whole catalog and kept on record: TMF620's exportJob and importJob, and our catalogCheck.

Nothing leaves the hub and nothing is fetched from anywhere: an export names the address at which the hub itself answers
what a version says, and only such a version is imported, as drafts that lead back to it.
"""

import json
import re
from typing import Any

from functions.catalog import difference, draft, drafts, publication, shelf, store
from functions.catalog.catalog import Catalog
from functions.catalog.checks.finding import ERROR
from functions.catalog.difference import Change, PriceChange
from functions.catalog.kinds import WRITTEN
from functions.shared import aws, clock, keys, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

EXPORT, IMPORT, CHECK = "exportJob", "importJob", "catalogCheck"
LISTED = {
    kind: Resource(kind, words, customer=(), dated="creationDate")
    for kind, words in ((EXPORT, "export"), (IMPORT, "import"), (CHECK, "check"))
}
VERSION = re.compile(re.escape(tmf.href("catalogVersion", "")) + "([0-9a-f]{16})")
SELECTED = re.compile("catalogVersion=([0-9a-f]{16})")
FINDINGS, CHANGES, LONGEST = 100, 100, 200  # that one check tells, and characters of a value in it


def run(caller: Caller, kind: str, sent: Json, asked: Key | None) -> tuple[Row, bool]:
    """Does a job, and keeps what became of it; the one that key did before (and True) instead, where it did."""

    def job() -> Row:
        began = clock.text(clock.now())
        done = DONE[kind](caller, sent)
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


def _exported(caller: Caller, sent: Json) -> Json:
    selected = SELECTED.fullmatch(sent["query"]) if "query" in sent else None
    if "query" in sent and not (selected and shelf.is_kept(caller.brand, selected[1])):
        why = "A catalog is exported whole; leave query out, or select an earlier one with catalogVersion=its id."
        return {"url": sent["url"], "query": sent["query"], "status": "Failed", "errorLog": why}
    version = selected[1] if selected else store.schedule(caller.brand).newest.version
    told = {"path": shelf.version_key(caller.brand, version), "url": tmf.href("catalogVersion", version)}
    return {**told, "contentType": "application/json", "status": "Succeeded"}


def _imported(caller: Caller, sent: Json) -> Json:
    url = sent["url"]
    named = VERSION.fullmatch(url)
    version = store.at_version(caller.brand, named[1]) if named and shelf.is_kept(caller.brand, named[1]) else None
    if version is None:
        why = "Only what an exportJob of this brand named is imported; send its url."
        return {"url": url, "status": "Failed", "errorLog": why}
    try:
        _lead_back(caller, version)
    except ChangedMeanwhile:
        why = "Somebody else wrote the same drafts meanwhile; import again to write the rest."
        return {"url": url, "status": "Failed", "errorLog": why}
    return {"url": url, "status": "Succeeded"}


def _lead_back(caller: Caller, to: Catalog) -> None:
    """Writes the drafts whose publication makes the catalog say what that version says; only what differs."""
    waiting = {kind: drafts.waiting(caller.brand, kind) for kind in WRITTEN}
    newest = store.newest(caller.brand)
    for kind in WRITTEN:
        now = draft.overlaid(newest.held[kind], waiting[kind])
        for id_ in sorted(now.keys() | to.held[kind].keys()):
            if now.get(id_) != to.held[kind].get(id_):
                drafts.lead_back(caller, kind, id_, newest, now.get(id_), to)


def _checked(caller: Caller, sent: Json) -> Json:
    """What a publication of the same would find and change; what is not sound is compared with nothing."""
    from functions.catalog import check  # here: who only shows a catalog, or writes a draft, checks none

    over = store.schedule(caller.brand)
    newest = store.at_version(caller.brand, over.newest.version)
    content = publication.candidate(caller, sent, newest)
    found = check.check(content, clock.now())
    publishable = not any(each.fault.severity == ERROR for each in found)
    changes = difference.between(newest.content, content) if publishable else []
    prices = difference.prices(newest.content, content) if publishable else []
    return {
        "status": "Succeeded",
        **({"catalogVersion": sent["catalogVersion"]} if "catalogVersion" in sent else {}),
        "previousVersion": newest.version,
        "publishable": publishable,
        "findingCount": len(found),
        "finding": [each.json for each in found[:FINDINGS]],
        "changeCount": len(changes),
        "change": [_change(each) for each in changes[:CHANGES]],
        "priceChange": [_price_change(each) for each in prices[:CHANGES]],
    }


def _change(change: Change) -> Json:
    told = [
        {"path": each.path[:LONGEST], **{name: _text(value) for name, value in sides if value is not None}}
        for each in change.attributes[:CHANGES]
        if (sides := (("before", each.before), ("after", each.after)))
    ]
    return {"what": change.what, "kind": change.kind, "id": change.id, "name": change.name[:LONGEST], "attribute": told}


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=float)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _price_change(price: PriceChange) -> Json:
    before, after = ({"unit": price.unit, "value": each} for each in (price.before, price.after))
    offerings = [{"id": id_, "href": tmf.href("productOffering", id_)} for id_ in price.offerings[:CHANGES]]
    return {"id": price.id, "name": price.name, "productOffering": offerings, "before": before, "after": after}


DONE = {EXPORT: _exported, IMPORT: _imported, CHECK: _checked}
