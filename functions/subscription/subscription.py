"""What a subscriber wants to hear, and what of an event they are told. Pure."""

from collections.abc import Mapping
from difflib import get_close_matches
from urllib.parse import unquote

from functions.shared import names, tmf
from functions.shared.errors import Malformed
from functions.shared.query import PAGING, Query, type_at
from functions.shared.resource import Json

ALWAYS = ("eventId", "eventTime", "eventType", "sequence")  # whatever `fields` names: without them no repeat is known
OURS = ("by", "role", "reason", "partner", "above")  # of an envelope: who did it in the hub's own terms
ADDRESS = {"id", "href", "@type"}


def read(query: str, api: str) -> Query:
    """The query of a subscription to an API; raises Malformed for what names nothing that its events have."""
    for name in (unquote(part.partition("=")[0]) for part in query.split("&")):
        if name in PAGING - {"fields"}:
            raise Malformed(f"Events come one by one, so a subscription has no {name}.", code="badFilter")
    asked = Query.read(query, api, names.ANY_EVENT)
    for test in (test for tests in asked.filters for test in tests):
        if test.path == ("eventType",) and test.operator == "eq":
            _must_be_known(test.written, api)
    for field in tmf.fields(query):
        if field != "none":
            type_at(api, names.ANY_EVENT, tuple(field.split(".")))
    return asked


def _must_be_known(kind: str, api: str) -> None:
    known = names.events(api)
    if kind not in known:
        close = get_close_matches(kind[:60], known, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}."
        raise Malformed(f"{kind[:60]} is not an event of this API{hint}", code="badFilter")


def wants(asked: Query, happened: Json) -> bool:
    """Whether a subscriber wants that event.

    One that was too large for the bus tells the address of its resource alone: nobody can say of it what it lacks,
    so they are told.
    """
    (resource,) = happened["event"].values()
    known = {**happened, "event": {kind: _known(each, happened) for kind, each in happened["event"].items()}}
    shortened = resource.keys() <= ADDRESS
    return all(
        any(test.holds(known) or (shortened and test.path[0] == "event" and not _told(test.path)) for test in tests)
        for tests in asked.filters
    )


def _known(resource: Json, happened: Json) -> Json:
    return {**resource, "state": happened["state"]} if "state" in happened else resource


def _told(path: tuple[str, ...]) -> bool:
    return path[2:] in {(name,) for name in (*ADDRESS, "state")}


def told(asked: Query, happened: Json) -> Json:
    """The event as it is sent to them: TM Forum's envelope, of it what `fields` names."""
    envelope = {name: value for name, value in happened.items() if name not in OURS}
    if not tmf.fields(asked.raw):
        return envelope
    return tmf.chosen(envelope, f"fields={','.join(ALWAYS)}&{asked.raw}")


def listener(happened: Mapping[str, str]) -> str:
    """Where below the callback that event goes: /listener/productOrderCreateEvent."""
    kind = happened["eventType"]
    return f"/listener/{kind[0].lower()}{kind[1:]}"


def render(row: Mapping[str, Json]) -> Json:
    """A subscription as it leaves."""
    return {"id": row["id"], "@type": "EventSubscription", **row["body"]}
