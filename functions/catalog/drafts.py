"""Where drafts are kept: every kind of a brand in one partition, so that a publication misses none of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from functions.catalog import difference, draft, store
from functions.catalog.book import written
from functions.catalog.catalog import Catalog
from functions.catalog.kinds import KINDS, WRITTEN, references, released
from functions.shared import aws, clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, Malformed, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

LED_FOR = timedelta(minutes=15)  # longer than any publication of a whole catalog takes
MOST = 1000  # drafts of a kind that may wait at once: what an operator's list or a publication has to read
LARGEST_BATCH = 1_500_000  # bytes of the resources in one transaction, which may have 4 MB
FOLDED_FOR = 3600  # seconds for which a row outlives its publication: longer than any request that read it before


Wanted = Mapping[tuple[str, str], Json | None]  # by kind and id what a resource is to be; None: it is to go


class Found(NamedTuple):
    """A resource as an operator sees it: the draft, else what is published; `row` is what stands in the table."""

    kind: str
    catalog: Catalog
    stored: Json
    version: int
    row: Row | None


def find(caller: Caller, kind: str, id_: str) -> Found:
    """One resource; raises NotFound where there is none, or a draft says that it is to go."""
    row = _load(caller.brand, kind, id_)
    # In this order: a draft that was published in between is found in what the schedule then ends with.
    catalog = store.newest(caller.brand)
    if row is not None and waits(row):
        stored, version = draft.stored(row), row["version"]
    else:
        stored, version = catalog.held[kind].get(id_), catalog.sequence(kind, id_)
    if stored is None:
        raise NotFound(kind)
    return Found(kind, catalog, stored, version, row)


def waiting(brand: str, kind: str) -> list[Row]:
    """Every draft of a kind that is not published yet, as it stands now."""
    return [row for row in every(brand, kind) if waits(row)]


def every(brand: str, kind: str) -> list[Row]:
    """Every row of a kind: drafts, and what is left for a while of those that were published."""
    asked: Any = {
        "TableName": settings.catalog_table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": _pk(brand, kind)}},
        "ConsistentRead": True,
    }
    found: list[Row] = []
    while True:
        answer = aws.dynamodb().query(**asked)
        found += map(rows.unpacked, answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def waits(row: Row | None) -> bool:
    """Whether a row says something, as of now, that no version of the catalog says yet."""
    return draft.waits(row, clock.text(clock.now()))


def all_waiting(brand: str) -> list[Row]:
    """Every draft of a brand that is not published yet, and goes with the next publication of drafts."""
    return [row for kind in WRITTEN for row in waiting(brand, kind) if "led_until" not in row]


def open_new(caller: Caller, kind: str, catalog: Catalog, body: Json, asked: Key | None) -> tuple[Found, bool]:
    """Keeps a new resource as a draft; what that key made before (and True) instead, where it did."""

    def written() -> Found:
        _must_be_room(caller.brand, kind)
        row = _row(caller, kind, clock.new_id(), body, catalog)
        keys.save(table, caller, asked, row["id"], rows.put(table, row))
        return Found(kind, catalog, {"id": row["id"], **body}, row["version"], row)

    table = settings.catalog_table
    return keys.once(table, caller, asked, written, lambda id_: find(caller, kind, id_))


def change(caller: Caller, found: Found, body: Json) -> Found:
    """Writes the draft over exactly what was found."""
    row = _write(caller, found, body)
    return Found(found.kind, found.catalog, {"id": row["id"], **body}, row["version"], row)


def delete(caller: Caller, found: Found) -> None:
    """Says over exactly what was found that it is to go; its last words stay for the event.

    Raises RuleBroken where others would be published that still name it: nothing could bring it back.
    """
    if found.stored["id"] in found.catalog.held[found.kind]:
        content = draft.folded(found.catalog.content, all_waiting(caller.brand))
        if named := _named_by(Catalog.of(found.catalog.version, content), found.kind, found.stored["id"]):
            raise RuleBroken(
                f"{', '.join(named[:3])} still name{'s' if len(named) == 1 else ''} it; take it out there first, or "
                "retire it instead (lifecycleStatus Retired).",
                code="stillNamed",
                namedBy=named,
            )
    _write(caller, found, {name: value for name, value in found.stored.items() if name != "id"}, gone=True)


def _named_by(catalog: Catalog, kind: str, id_: str) -> list[str]:
    """What channels may know of that refers to a resource, as kind and id."""
    return [
        f"{of} {stored['id']}"
        for of in KINDS
        for stored in catalog.held[of].values()
        if released(stored) and any(k == kind and r.get("id") == id_ for k, r in references(stored))
    ]


def lead_back(caller: Caller, kind: str, id_: str, newest: Catalog, now: Json | None, to: Catalog) -> None:
    """Writes the draft of a resource that says what another version of the catalog says; `now` is what is said now."""
    row, then = _load(caller.brand, kind, id_), to.held[kind].get(id_)
    version = max(newest.sequence(kind, id_), to.sequence(kind, id_), row["version"] if row else 0)
    stored = now or then or {}
    if now is None and row is None:
        version += 1  # its end was a version too
    found = Found(kind, newest, {**stored, "id": id_}, version, row)
    body = {name: value for name, value in (then or stored).items() if name != "id"}
    if then is None:
        _write(caller, found, body, gone=True)
    else:
        _write(caller, found, body, **({} if now else {"before": None}))


def lead_to(caller: Caller, newest: Catalog, wanted: Wanted, held: Mapping[tuple[str, str], Row]) -> list[Row]:
    """The drafts that make of the newest version what is wanted, written for this publication alone.

    `held` are the rows of every kind as they were read; where one was written meanwhile, ChangedMeanwhile is raised.
    """
    led, writes = [], []
    for (kind, id_), to in wanted.items():
        row = held.get((kind, id_))
        if row and waits(row) and says(row, to):
            led.append(row)
            continue
        led.append(_leading(caller, newest, kind, {"id": id_, **(newest.held[kind].get(id_) or {})}, to, row))
        writes.append((led[-1], row["version"] if row else None))
    for batch in _batches(writes):
        try:
            rows.save(*(rows.put(settings.catalog_table, row, seen=seen) for row, seen in batch))
        except rows.Refused as refused:
            now = refused.row["version"] if refused.row else newest.version
            raise ChangedMeanwhile(
                "Somebody else writes the same meanwhile; look at the difference again.", currentVersion=str(now)
            ) from None
    return led


def _leading(caller: Caller, newest: Catalog, kind: str, now: Json, to: Json | None, row: Row | None) -> Row:
    id_, known = now["id"], len(now) > 1
    numbers = (newest.sequence(kind, id_) if known else 0, row["version"] if row else 0)
    body = {name: value for name, value in (to or now).items() if name != "id"}
    if len(written(body)) > draft.LARGEST:
        raise Malformed(f"{kind} {id_} has more than {draft.LARGEST // 1000} KB.", code="tooLarge")
    made = _row(caller, kind, id_, body, newest)
    made["version"] = max(*numbers, store.number_before(caller.brand, kind, id_)) + 1
    made["led_until"] = clock.text(clock.now() + LED_FOR)
    return made | ({"before": now["lifecycleStatus"]} if known else {}) | ({} if to else {"gone": True})


def _batches(writes: list[tuple[Row, int | None]]) -> Iterator[list[tuple[Row, int | None]]]:
    """As many at once as a transaction takes."""
    batch: list[tuple[Row, int | None]] = []
    size = 0
    for each in writes:
        length = len(written(each[0]["body"]))
        if batch and (len(batch) == rows.MOST or size + length > LARGEST_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += length
    if batch:
        yield batch


def says(row: Row, wanted: Json | None) -> bool:
    """Whether a draft says just that of its resource, whenever it was written; None: that it is to go."""
    if wanted is None or row.get("gone"):
        return wanted is None and bool(row.get("gone"))
    return difference.same(draft.stored(row), wanted)


def gone(drafts: Iterable[Row]) -> list[tuple[str, str, int]]:
    """The kind, id and last number of what these take out of the catalog."""
    return [(row["type"], row["id"], row["version"]) for row in drafts if row.get("gone")]


def _write(caller: Caller, found: Found, body: Json, **more: Any) -> Row:
    if not waits(found.row):
        _must_be_room(caller.brand, found.kind)
    held = found.row["version"] if found.row else None
    before = store.number_before(caller.brand, found.kind, found.stored["id"])
    row = _row(caller, found.kind, found.stored["id"], body, found.catalog)
    row |= {"version": max(found.version, held or 0, before) + 1, "before": found.stored["lifecycleStatus"], **more}
    try:
        rows.save(rows.put(settings.catalog_table, row, seen=held))
    except rows.Refused as refused:
        now = refused.row["version"] if refused.row else found.version
        raise ChangedMeanwhile("This changed meanwhile; read it again.", currentVersion=str(now)) from None
    return row


def fold(drafts: Iterable[Row]) -> None:
    """Marks drafts as published, each where it is still the version that was; what was written since still waits.

    The rows stay for an hour without their bodies: whoever read the catalog before cannot write over what is new.
    """
    left = [_folded(row) for row in drafts]
    while left:
        batch, left = left[: rows.MOST], left[rows.MOST :]
        try:
            rows.save(*batch)
        except rows.Refused as refused:
            left = [*batch[: refused.index], *batch[refused.index + 1 :], *left]


def _folded(row: Row) -> Operation:
    # No new version: the same one is in the catalog now, and that is no event of the resource's.
    return {
        "Update": {
            "TableName": settings.catalog_table,
            "Key": _key(row["brand"], row["type"], row["id"]),
            "UpdateExpression": "SET folded = :folded, #ttl = :ttl REMOVE body",
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": rows.packed(
                {":folded": True, ":ttl": int(clock.now().timestamp()) + FOLDED_FOR, ":seen": row["version"]}
            ),
        }
    }


def _must_be_room(brand: str, kind: str) -> None:
    if len(waiting(brand, kind)) >= MOST:
        raise RuleBroken(f"{MOST} drafts of this kind wait already; publish them first.", code="tooManyDrafts")


def _row(caller: Caller, kind: str, id_: str, body: Json, catalog: Catalog) -> Row:
    place = {"pk": _pk(caller.brand, kind), "sk": id_, "kind_key": None, "created": None}
    return rows.new(caller, kind, id_, body, language=catalog.languages[0], **place)


def _pk(brand: str, kind: str) -> str:
    return f"{brand}#draft-{kind}"


def _key(brand: str, kind: str, id_: str) -> dict[str, Any]:
    return {"pk": {"S": _pk(brand, kind)}, "sk": {"S": id_}}


def _load(brand: str, kind: str, id_: str) -> Row | None:
    if not rows.is_id(id_):
        return None
    found = aws.dynamodb().get_item(TableName=settings.catalog_table, Key=_key(brand, kind, id_), ConsistentRead=True)
    return rows.unpacked(found["Item"]) if "Item" in found else None
