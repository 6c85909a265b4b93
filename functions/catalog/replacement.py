"""Makes the catalog say what a whole other content says: by drafts of what differs, and one version that holds them.

The drafts are what numbers the resources, tells the bus, and keeps two who change the same one apart; they are there
before the version goes on sale. They go with this version alone: after a crash in between a repeat finds them,
and else they soon count no more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.catalog import difference, drafts, shelf, store
from functions.catalog.catalog import Catalog
from functions.catalog.difference import Change
from functions.catalog.drafts import Wanted
from functions.catalog.kinds import HELD, WRITTEN
from functions.catalog.store import Schedule
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json
from functions.shared.rows import Row

SHOWN = 100  # findings in one refusal
Rows = Mapping[tuple[str, str], Row]


def replace(
    caller: Caller,
    content: Json,
    seen: str | None,
    over: Schedule,
    *,
    from_: datetime | None = None,
    most: int = drafts.MOST,
) -> Json:
    """Puts content on sale in the place of all there is, at once or from some moment on; returns the publication.

    `seen` is the version that it was compared with; raises ChangedMeanwhile where that is not the newest any more, and
    RuleBroken where it is not sound, or where drafts wait that say something else. `most` changes of a kind go at once.
    """
    from functions.catalog import check  # here: who only shows a catalog, or writes a draft, checks none

    newest = store.at_version(caller.brand, over.newest.version)
    rows = {(row["type"], row["id"]): row for kind in WRITTEN for row in drafts.every(caller.brand, kind)}
    if found := check.findings(content, clock.now()):
        raise unsound(found)
    changes = difference.between(newest.content, content)
    if not changes:  # or only the answer of its first try got lost
        drafts.fold(_published(newest, rows))
        return over.newest.publication
    if seen is None:
        raise Malformed("previousVersion is missing: say which version you have compared this one with.")
    if seen != over.newest.version:
        raise store.overtaken(over)
    wanted = _wanted(changes, content)
    _must_not_lose(newest, rows, wanted)
    _must_be_few(wanted, most)
    store.must_be_free(over, from_ or clock.now())
    return _put(caller, content, newest, over, from_, drafts.lead_to(caller, newest, wanted, rows))


def _put(
    caller: Caller, content: Json, newest: Catalog, over: Schedule, from_: datetime | None, leading: list[Row]
) -> Json:
    numbers: dict[str, dict[str, int]] = {kind: newest.book.numbered(kind) for kind in HELD}
    for row in leading:
        numbers[row["type"]][row["id"]] = row["version"]
    over = store.remembering(over, drafts.gone(leading))
    with shelf.made({**_kept(newest, content), "sequence": numbers}) as version:
        told = store.put_on_sale(version, over, author=caller.subject, from_=from_)
    drafts.fold(leading)
    return told


def _kept(newest: Catalog, content: Json) -> Json:
    """The content with what is the same left as it is: it says when it was written, which a folder does not."""
    found = dict(content)
    for kind in WRITTEN:
        before = newest.held[kind]
        pairs = ((each, before.get(each["id"])) for each in content.get(kind) or [])
        found[kind] = [was if difference.same(was, each) and was else each for each, was in pairs]
    return found


def unsound(found: list[str]) -> RuleBroken:
    """The refusal of what a channel could not sell by."""
    return RuleBroken(
        f"Nothing was published; mend this first (there are {len(found)} in details): {found[0]}",
        code="notPublishable",
        findings=found[:SHOWN],
    )


def _wanted(changes: list[Change], content: Mapping[str, Any]) -> Wanted:
    """What is to be of every resource that changes and can be a draft; None where it is to go."""
    by_id = {kind: {each["id"]: each for each in content.get(kind) or []} for kind in WRITTEN}
    return {(each.kind, each.id): by_id[each.kind].get(each.id) for each in changes if each.kind in by_id}


def _published(newest: Catalog, rows: Rows) -> list[Row]:
    """The drafts that a version holds already: whoever published it did not come to mark them."""
    return [
        row
        for (kind, id_), row in rows.items()
        if drafts.waits(row)
        and drafts.says(row, newest.held[kind].get(id_))
        and (row.get("gone") or row["version"] == newest.sequence(kind, id_))
    ]


def _must_not_lose(newest: Catalog, rows: Rows, wanted: Wanted) -> None:
    lost = [
        f"{kind} {id_}"
        for (kind, id_), to in wanted.items()
        if (row := rows.get((kind, id_)))
        and drafts.waits(row)
        and "led_until" not in row
        and not drafts.says(row, to)
        and not drafts.says(row, newest.held[kind].get(id_))
    ]
    if lost:
        raise RuleBroken(
            f"Drafts wait that say something else, and would be lost: {', '.join(lost[:3])}"
            f"{' and more' * (len(lost) > 3)}. Publish the drafts first, and bring what they say into yours; or "
            "change them to what yours says.",
            code="draftsWait",
            waiting=lost[:SHOWN],
        )


def _must_be_few(wanted: Wanted, most: int) -> None:
    for kind in WRITTEN:
        if (count := sum(of == kind for of, _ in wanted)) > most:
            raise RuleBroken(
                f"{count} of kind {kind} would change, and {most} may at once; publish in parts, or past the API: "
                "omnihub catalog publish --direct.",
                code="tooManyDrafts",
            )
