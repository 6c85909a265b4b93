"""What a party interaction is: one thing that happened between a customer and a channel (TMF683)."""

from functions.shared import clock, tmf
from functions.shared.access import STAFF, Caller
from functions.shared.resource import Json, other_parties, ref

# The standard names three and leaves the word to who writes it: what it does not name goes anywhere but back.
STATUS = {"opened": {"inProgress", "completed"}, "inProgress": {"completed"}, "completed": set[str]()}
HUB = "remember"  # who writes the hub's own entries
FIXED = frozenset({"reason", "direction", "interactionDate"})  # what an entry is about: told once
OURS = frozenset({"id", "href", "creationDate", "channel", "statusChangeDate", "relatedParty", "@type"})


def may_become(status: str, to: str) -> bool:
    """Whether an interaction of that status may have that one next: only forward among those the standard names."""
    return to == status or (to in STATUS[status] if status in STATUS else to != "opened")


def new(body: Json, customer: str | None, caller: Caller) -> Json:
    """The interaction that a channel writes about a customer; channel, time and who wrote it are ours to say."""
    party = [customer_ref(customer)] if customer else []
    now = clock.text(clock.now())
    more = {k: v for k, v in body.items() if k not in OURS}
    return {
        **more,
        "creationDate": now,
        "statusChangeDate": now,
        "channel": [channel_ref(caller.channel)],
        "relatedParty": [*party, *other_parties(body), *([_employee(caller.subject)] if caller.staff else [])],
    }


def own(happened: Json, *, reason: str, description: str, about: tuple[str, str], customer: str, inbound: bool) -> Json:
    """The interaction that the hub writes of an event: what it was about is (resource type, id)."""
    kind, id_ = about
    when = happened["eventTime"]
    return {
        "description": description,
        "reason": reason,
        "status": "completed",
        "direction": "inbound" if inbound else "outbound",
        "creationDate": when,
        "statusChangeDate": when,
        "interactionDate": {"startDateTime": when, "endDateTime": when},
        "channel": [channel_ref(happened["channel"])],
        "relatedParty": [customer_ref(customer), *_by_staff(happened)],
        "interactionItem": [
            {
                "id": "1",
                "creationDate": when,
                "reason": reason,
                "item": {**ref(id_, tmf.href(kind, id_), tmf.type_of(kind)), "role": "subject"},
            }
        ],
    }


def channel_ref(channel: str) -> Json:
    """A reference to a channel; the standard wants an address on it."""
    return {"id": channel, "href": f"/omnihub/v1/channel/{channel}", "role": "interaction"}


def customer_ref(customer: str) -> Json:
    """A reference to the customer an interaction is with."""
    return ref(customer, tmf.href("customer", customer), "Customer", role="customer")


def _by_staff(happened: Json) -> list[Json]:
    """Who of the staff had a hand in it; nobody where the customer or the hub itself did it."""
    at_work = happened.get("role") in STAFF and happened["channel"] != "hub"
    return [_employee(happened["by"])] if at_work else []


def _employee(subject: str) -> Json:
    return {
        "id": subject,
        "href": f"/omnihub/v1/employee/{subject}",
        "@referredType": "Employee",
        "role": "agent",
    }
