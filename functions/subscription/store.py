"""Where subscriptions are kept: a row each, listed by brand and API."""

from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json
from functions.shared.rows import Index, Row
from functions.shared.settings import settings

KIND = "eventSubscription"
MOST = 100  # subscriptions to one API in a brand: every event of it looks at all of them


def _listed(brand: str, api: str) -> Index:
    return rows.listed("by_kind", f"{brand}#{KIND}#{api}")


def load_all(brand: str, api: str) -> list[Row]:
    """Every subscription to an API in a brand, oldest first."""
    places, _ = rows.keys_in(settings.events_table, _listed(brand, api), most=2 * MOST, newest_first=False)
    ids = [place.id for place in places]
    parts = [ids[start : start + rows.MOST] for start in range(0, len(ids), rows.MOST)]
    return [row for part in parts for row in rows.load_many(settings.events_table, brand, KIND, part)]


def exists(brand: str, id_: str) -> bool:
    """Whether there still is such a subscription."""
    return rows.load(settings.events_table, brand, KIND, id_) is not None


def load(caller: Caller, operation: str, api: str, id_: str) -> Row:
    """The caller's subscription to an API; raises NotFound where there is none or it is another's."""
    row = rows.load(settings.events_table, caller.brand, KIND, id_)
    if row is None or row["api"] != api or not caller.opens(operation, row):
        raise NotFound("subscription")
    return row


def save_new(caller: Caller, api: str, body: Json, asked: Key | None) -> tuple[Row, bool]:
    """Puts a subscription; where the key made one before, that one (and True)."""

    def subscribed() -> Row:
        _must_be_room(caller.brand, api)
        row = _new(caller, api, body)
        keys.save(table, caller, asked, row["id"], rows.put(table, row))
        return row

    table = settings.events_table
    return keys.once(table, caller, asked, subscribed, lambda id_: load(caller, "hub.create", api, id_))


def _must_be_room(brand: str, api: str) -> None:
    if len(load_all(brand, api)) >= MOST:
        raise RuleBroken(
            f"This API has {MOST} subscriptions; end one that nobody needs first.", code="subscriptionsFull"
        )


def _new(caller: Caller, api: str, body: Json) -> Row:
    index = _listed(caller.brand, api)
    return rows.new(caller, KIND, clock.new_id(), body, api=api, partner=caller.sells_as, **index.entry)


def delete(row: Row) -> None:
    """Takes a subscription away; what hangs on it goes when its row's event says so."""
    rows.save({"Delete": {"TableName": settings.events_table, "Key": rows.key(row["brand"], KIND, row["id"])}})
