"""Where interactions are kept: by id, and per customer in the order they happened."""

from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "partyInteraction"
LISTED = Resource(KIND, "party interaction")


def load(caller: Caller, id_: str, operation: str = "interaction.read") -> Row:
    """The row of an interaction; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.interaction_table, caller.brand, KIND, id_)
    if row is None or not caller.opens(operation, row):
        raise NotFound("party interaction")
    return row


def save_new(caller: Caller, id_: str, body: Json, customer: str | None, asked: Key | None = None) -> tuple[Row, bool]:
    """Puts an interaction once; where that id or key made one before, that one (and True)."""
    happened = _when(body)
    row = rows.new(
        caller, KIND, id_, body, **rows.owned_by(caller.brand, KIND, customer), created=happened, author=caller.subject
    )
    before = keys.put_new(settings.interaction_table, caller, asked, row)
    return (load(caller, before, "interaction.create"), True) if before else (row, False)


def _when(body: Json) -> str:
    """When it happened, as the timeline sorts: in UTC, and never in the future."""
    started = (body.get("interactionDate") or {}).get("startDateTime") or str(body["creationDate"])
    return clock.text(min(clock.moment(started), clock.now()))


def save(caller: Caller, row: Row, body: Json) -> Row:
    """Writes an interaction over exactly the version it was read at; raises ChangedMeanwhile."""
    after = {**row, **rows.touched(caller), "version": row["version"] + 1, "body": body}
    rows.save_over(LISTED.words, rows.put(settings.interaction_table, after, seen=row["version"]))
    return after


def delete(row: Row) -> None:
    """Takes an interaction off the timeline at the version it was read at; raises ChangedMeanwhile."""
    rows.save_over(LISTED.words, rows.delete(settings.interaction_table, row))
