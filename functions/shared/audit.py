"""Who of the staff touched what of which customer, why and when: one row per request and customer.

It is written before the answer leaves: what cannot be put on record is not shown. A list that shows many customers
leaves a row for each, in one transaction.
"""

from contextlib import suppress
from datetime import timedelta

from functions.shared import clock, rows, tmf
from functions.shared.access import Caller, Thing
from functions.shared.resource import Json, ref
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "accessRecord"
KEPT = timedelta(days=400)  # as long as the archive of events
UNSTATED = "unstated"
NAMED = 100  # things of one customer that a record names


def keep(caller: Caller, operation: str, made: str | None = None) -> None:
    """Puts on record what staff touched in this request; `made` is the address of what it made."""
    records = [_record(caller, operation, *noted, made) for noted in caller.noted.items()]
    for start in range(0, len(records), rows.MOST):
        # An id that nobody else has is taken by its own first try, whose answer got lost: it is on record.
        with suppress(rows.Refused):
            rows.save(*(rows.put(settings.customer_table, each) for each in records[start : start + rows.MOST]))


def _record(caller: Caller, operation: str, customer: str, things: list[Thing], made: str | None) -> Row:
    touched = [*(tmf.href(*thing) for thing in things[:NAMED]), *([made] if made and len(caller.noted) == 1 else [])]
    body: Json = {"operation": operation, "resource": list(dict.fromkeys(touched)), "outlet": caller.outlet}
    return rows.new(
        caller,
        KIND,
        clock.new_id(),
        {name: value for name, value in body.items() if value},
        ttl=int((clock.now() + KEPT).timestamp()),
        **rows.owned_by(caller.brand, KIND, customer),
    )


def render(row: Row) -> Json:
    """The record as the API shows it."""
    return tmf.resource(
        KIND,
        row["id"],
        {
            **row["body"],
            "by": row["by"],
            "role": row["role"],
            "channel": row["channel"],
            "at": row["at"],
            "reason": row.get("reason", UNSTATED),
            "correlationId": row["correlation_id"],
            "customer": ref(row["customer"], tmf.href("customer", row["customer"]), "Customer"),
        },
    )
