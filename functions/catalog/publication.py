"""The task that makes drafts public: one new version of the catalog, and who published it when."""

from datetime import datetime

from functions.catalog import check, draft, drafts, shelf, store
from functions.catalog.store import Schedule
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "catalogPublication"
LISTED = Resource(KIND, "publication", customer=(), dated="creationDate")
SHOWN = 100  # findings in one refusal


def publish(caller: Caller, sent: Json, asked: Key | None) -> tuple[Row, bool]:
    """Publishes every draft there is, all or none; what is published already (and True) where nothing would change.

    `sent` may say from when (validFor.startDateTime), and with catalogVersion that an earlier version is put on sale
    again instead. Whatever happens in between, a repeat goes on from there: the schedule is written at one moment, and
    says who wrote it.
    """

    def published() -> tuple[Row, bool]:
        over = store.schedule(caller.brand)
        begins = (sent.get("validFor") or {}).get("startDateTime")
        from_ = clock.moment(begins) if begins else None
        make = _rolled_back if "catalogVersion" in sent else _folded
        told = make(caller, sent, over, from_)
        return _recorded(caller, told, asked), any(told == each.publication for each in over.entries)

    (row, was_live), replayed = keys.once(
        settings.catalog_table, caller, asked, published, lambda id_: (load(caller, id_), True)
    )
    return row, was_live or replayed


def _folded(caller: Caller, _: Json, over: Schedule, from_: datetime | None) -> Json:
    newest, waiting = store.at_version(caller.brand, over.newest.version), drafts.all_waiting(caller.brand)
    content = draft.folded(newest.content, waiting)
    if found := check.findings(content, clock.now()):
        store.must_still_be(caller.brand, over)  # else some of the drafts may have gone into another's version
        raise _unsound(found)
    with shelf.made(content) as version:
        told = store.put_on_sale(version, over, author=caller.subject, from_=from_)
    drafts.fold(waiting)
    return told


def _rolled_back(caller: Caller, sent: Json, over: Schedule, from_: datetime | None) -> Json:
    version = sent["catalogVersion"]
    if not shelf.is_kept(caller.brand, version):
        raise RuleBroken(f"There is no version {version[:40]} of this catalog.", code="unknownVersion")
    return store.roll_back(caller.brand, version, over, author=caller.subject, from_=from_)


def _unsound(found: list[str]) -> RuleBroken:
    return RuleBroken(
        f"Nothing was published; mend this first (there are {len(found)} in details): {found[0]}",
        code="notPublishable",
        findings=found[:SHOWN],
    )


def _recorded(caller: Caller, told: Json, asked: Key | None) -> Row:
    """The row of a publication that the schedule tells of, and the key's; either may be there from an earlier try."""
    body = {name: value for name, value in told.items() if name != "id"}
    row = rows.new(caller, KIND, told["id"], body, created=told["creationDate"])
    try:
        rows.save(rows.put(settings.catalog_table, row))
    except rows.Refused as refused:
        row = refused.row or row
    keys.bind(settings.catalog_table, caller, asked, row["id"])
    return row


def load(caller: Caller, id_: str) -> Row:
    """The row of a publication; raises NotFound where there is none."""
    row = rows.load(settings.catalog_table, caller.brand, KIND, id_)
    if row is None:
        raise NotFound("publication")
    return row
