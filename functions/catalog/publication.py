"""The task that makes drafts public: one new version of the catalog, and who published it when."""

from datetime import datetime

from functions.catalog import draft, drafts, replacement, shelf, store, whole
from functions.catalog.catalog import Catalog
from functions.catalog.replacement import unsound
from functions.catalog.store import Schedule
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import Malformed, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "catalogPublication"
LISTED = Resource(KIND, "publication", customer=(), dated="creationDate")


def publish(caller: Caller, sent: Json, asked: Key | None) -> tuple[Row, bool]:
    """Publishes every draft there is, all or none; what is published already (and True) where nothing would change.

    `sent` may say from when (validFor.startDateTime); with catalogVersion that an earlier version is put on sale again
    instead, or with content that all there is becomes what that says. Whatever happens in between, a repeat goes on
    from there: the schedule is written at one moment, and says who wrote it.
    """

    def published() -> tuple[Row, bool]:
        over = store.schedule(caller.brand)
        begins = (sent.get("validFor") or {}).get("startDateTime")
        from_ = clock.moment(begins) if begins else None
        make = _replaced if "content" in sent else _rolled_back if "catalogVersion" in sent else _folded
        told = make(caller, sent, over, from_)
        return _recorded(caller, told, asked), any(told == each.publication for each in over.entries)

    (row, was_live), replayed = keys.once(
        settings.catalog_table, caller, asked, published, lambda id_: (load(caller, id_), True)
    )
    return row, was_live or replayed


def replace(
    caller: Caller, content: Json, seen: str, from_: datetime | None, *, most: int = drafts.MOST
) -> tuple[Row, bool]:
    """Publishes a whole content in the place of the version that was seen, for who comes without a request."""
    over = store.schedule(caller.brand)
    told = replacement.replace(caller, content, seen, over, from_=from_, most=most)
    return _recorded(caller, told, None), any(told == each.publication for each in over.entries)


def candidate(caller: Caller, sent: Json, newest: Catalog) -> Json:
    """The content that a publication of `sent` would put on sale."""
    if "content" in sent:
        return whole.read(caller.brand, sent["content"])
    if "catalogVersion" in sent:
        return kept(caller.brand, sent["catalogVersion"]).content
    return draft.folded(newest.content, drafts.all_waiting(caller.brand))


def _folded(caller: Caller, _: Json, over: Schedule, from_: datetime | None) -> Json:
    from functions.catalog import check  # here: who only shows a catalog, or writes a draft, checks none

    newest, waiting = store.at_version(caller.brand, over.newest.version), drafts.all_waiting(caller.brand)
    content = draft.folded(newest.content, waiting)
    if found := check.findings(content, clock.now()):
        store.must_still_be(caller.brand, over)  # else some of the drafts may have gone into another's version
        raise unsound(found)
    over = store.remembering(over, drafts.gone(waiting))
    with shelf.made(content) as version:
        told = store.put_on_sale(version, over, author=caller.subject, from_=from_)
    drafts.fold(waiting)
    return told


def _replaced(caller: Caller, sent: Json, over: Schedule, from_: datetime | None) -> Json:
    if "catalogVersion" in sent:
        raise Malformed("Send content or a catalogVersion, not both.")
    content = whole.read(caller.brand, sent["content"])
    return replacement.replace(caller, content, sent.get("previousVersion"), over, from_=from_)


def _rolled_back(caller: Caller, sent: Json, over: Schedule, from_: datetime | None) -> Json:
    version = kept(caller.brand, sent["catalogVersion"]).version
    if over.newest.version not in (version, sent.get("previousVersion", over.newest.version)):
        raise store.overtaken(over)
    return store.roll_back(caller.brand, version, over, author=caller.subject, from_=from_)


def kept(brand: str, version: str) -> Catalog:
    """A version of that name; raises RuleBroken where there never was one."""
    if not shelf.is_kept(brand, version):
        raise RuleBroken(f"There is no version {version[:40]} of this catalog.", code="unknownVersion")
    return store.at_version(brand, version)


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
