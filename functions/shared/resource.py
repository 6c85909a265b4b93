"""What every TM Forum resource is made of: JSON under its TM Forum names, money in Decimals, periods, references."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from functions.shared.amounts import half_up, step

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount and its currency (ISO 4217), never one without the other."""

    unit: str
    value: Decimal

    def times(self, factor: Decimal) -> "Money":
        """The amount `factor` times over, rounded half up to the currency's minor unit."""
        return Money(self.unit, half_up(self.value * factor, step(self.unit)))


class Resource(NamedTuple):
    """How one kind of resource is listed: which filters an index serves, and what its rows are dated by."""

    kind: str
    words: str  # as a sentence calls it
    customer: tuple[str, ...] = ("relatedParty.id",)  # the filters that name its customer
    dated: str | None = None  # the attribute that indexes sort by
    open_states: frozenset[str] = frozenset()  # the states that an index of their own serves


def valid(period: Json | None, moment: datetime) -> bool:
    """Whether a `validFor` as it is stored holds at that moment: from its start until just before its end.

    Either side may be open, and no period at all always holds.
    """
    if not period:
        return True
    start, end = period.get("startDateTime"), period.get("endDateTime")
    return (start is None or moment_of(start) <= moment) and (end is None or moment < moment_of(end))


@lru_cache(maxsize=4096)
def moment_of(written: str) -> datetime:
    """The moment that an RFC 3339 text names, of UTC where it says no offset; a few are asked for again and again."""
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def customer_named(body: Mapping[str, Any], *roles: str) -> str | None:
    """The customer that a body's relatedParty names, by what it refers to or by role (`customer`, and those given)."""
    for party in body.get("relatedParty") or []:
        if (party.get("role") or "").lower() in ("customer", *roles) or party.get("@referredType") == "Customer":
            return str(party["id"])
    return None


def other_parties(body: Mapping[str, Any]) -> list[Json]:
    """The other parties by reference alone, of whom none is the customer too: a name is stored with the customer."""
    customer = customer_named(body)
    return [
        party
        for party in nameless(body.get("relatedParty") or [])
        if party["id"] != customer and customer_named({"relatedParty": [party]}) is None
    ]


def nameless(parties: list[Json]) -> list[Json]:
    """Parties by reference alone."""
    return [{k: v for k, v in party.items() if k != "name"} for party in parties]


def ref(id_: str, href: str, referred: str, **more: Any) -> Json:
    """A TM Forum reference to something of ours."""
    return {"id": id_, "href": href, "@referredType": referred, **more}
