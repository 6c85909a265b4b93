"""The task that makes drafts public: one new version of the catalog, and who published it when."""

from functions.catalog import check, draft, drafts, store
from functions.catalog.catalog import Catalog
from functions.shared import keys, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "catalogPublication"
LISTED = Resource(KIND, "publication", customer=(), dated="creationDate")
SHOWN = 100  # findings in one refusal


def publish(caller: Caller, asked: Key | None) -> tuple[Row, bool]:
    """Publishes every draft there is, all or none; what is live already (and True) where nothing would change.

    Whatever happens in between, a repeat goes on from there: the pointer moves at one moment, and says who moved it.
    """
    (row, was_live), replayed = keys.once(
        settings.catalog_table, caller, asked, lambda: _published(caller, asked), lambda id_: (load(caller, id_), True)
    )
    return row, was_live or replayed


def _published(caller: Caller, asked: Key | None) -> tuple[Row, bool]:
    over = store.pointer(caller.brand)
    live, waiting = store.at_version(caller.brand, over.version), drafts.all_waiting(caller.brand)
    content = draft.folded(live.content, waiting)
    if found := check.findings(Catalog(over.version, content)):
        store.must_still_be(caller.brand, over)  # else some of the drafts may have gone into another's version
        raise _unsound(found)
    told = store.publish(content, over, author=caller.subject)
    drafts.fold(waiting)
    return _recorded(caller, told, asked), told == over.publication


def _unsound(found: list[str]) -> RuleBroken:
    return RuleBroken(
        f"Nothing was published; mend this first (there are {len(found)} in details): {found[0]}",
        code="notPublishable",
        findings=found[:SHOWN],
    )


def _recorded(caller: Caller, told: Json, asked: Key | None) -> Row:
    """The row of a publication that the pointer tells of, and the key's; either may be there from an earlier try."""
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
