"""Grants as they are kept: who may act as what for a customer, or for one product or account of theirs, and until when.

One row per holder and thing, under an id that follows from both, so that one read decides. It is read only where
neither role nor token have decided already; whether it is in force is told by the time, at every read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared import clock, rows
from functions.shared.access import Caller, Grant, Thing
from functions.shared.resource import valid
from functions.shared.rows import Index, Row
from functions.shared.settings import settings

KIND = "grant"


def id_of(brand: str, holder: str, thing: Thing) -> str:
    """The id of the one grant of that thing to that holder."""
    return clock.derived_id(brand, KIND, holder, *thing)


def of_holder(brand: str, holder: str) -> Index:
    """Where the grants to one holder are listed."""
    return rows.listed("by_holder", f"{rows.pk(brand, 'holder', holder)}#{KIND}")


def in_force(row: Mapping[str, Any]) -> bool:
    """Whether the grant of that row holds at this moment."""
    return not row.get("revoked") and valid(row["body"].get("validFor"), clock.now())


def held(caller: Caller, things: Sequence[Thing] | None) -> list[Grant]:
    """The caller's grants in force that name one of these things, in one read; where none are named all, in two."""
    if things is None:
        found = of(caller.brand, caller.subject)
    else:
        ids = [id_of(caller.brand, caller.subject, thing) for thing in things]
        found = rows.load_many(settings.customer_table, caller.brand, KIND, ids)
    return [_grant(row) for row in found if row.get("customer") and in_force(row)]


def of(brand: str, holder: str) -> list[Row]:
    """The newest hundred grants to a holder."""
    places, _ = rows.keys_in(settings.customer_table, of_holder(brand, holder), most=rows.MOST)
    return rows.load_many(settings.customer_table, brand, KIND, [place.id for place in places])


def _grant(row: Row) -> Grant:
    return Grant(Thing(row["thing"], row["thing_id"]), row["body"]["role"], row["customer"])
