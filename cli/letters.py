"""What nobody could take, read from the forms in which AWS keeps it: a row each, and where it was to go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.events import happened
from functions.events.subscribe import TRIES
from functions.shared import clock
from functions.shared.rows import unpacked

Json = Mapping[str, Any]
Line = tuple[str, str]
Left = dict[str, str]  # id of a letter -> why it could not be sent again
UNREADABLE = "unreadable"
WAITS = "it waits for an earlier one of its resource"
SHORT = 8  # letters of an id that tell one from another


@dataclass(frozen=True)
class Letter:
    """One event that waits. Of one line (who was to get it, of which resource) the lower number goes first."""

    id: str
    kind: str
    target: str
    resource: str
    number: int
    when: str
    tried: int
    why: str
    payload: Any = None
    rule: str = ""  # ARN of the rule that could not hand it over

    @property
    def line(self) -> Line:
        """Whom it was for, and of which resource."""
        return self.target, self.resource


@dataclass(frozen=True)
class Held:
    """One object or message, and the letters in it; `handle` is what it is removed by."""

    handle: str
    letters: Sequence[Letter]


def unreadable(id_: str, when: str, payload: Any = None) -> Letter:
    """What waits in a form that nobody knows; it has no target, so that it is shown and left."""
    why = "nobody can read it, and it does not say for whom it was"
    return Letter(id_, UNREADABLE, "", UNREADABLE, 0, when, tried=0, why=why, payload=payload)


def of_record(report: Json, record: Json) -> Letter:
    """A stream record within what Lambda parked in the bucket."""
    change = record.get("dynamodb") or {}
    asked = report["requestContext"]
    return Letter(
        id=str(record.get("eventID") or change.get("SequenceNumber", "")),
        kind=_event_of(change),
        target=asked["functionArn"],
        resource=_named(change),
        number=int(change.get("SequenceNumber", 0)),
        when=report["timestamp"],
        tried=asked["approximateInvokeCount"],
        why=f"the publisher did not take it; its log has the request {asked['requestId'][:SHORT]}",
        payload=record,
    )


def _event_of(change: Json) -> str:
    try:
        old, new = (unpacked(change[name]) if name in change else None for name in ("OldImage", "NewImage"))
        told = happened.event(old, new)
    except Exception:  # whatever the publisher stumbles over
        return UNREADABLE
    return told["eventType"] if told else "none: a technical row"


def _named(change: Json) -> str:
    """`productOrder 0a1b…`, of a row's key; what has none is in one line with all that have none."""
    key = ((change.get("Keys") or {}).get("pk") or {}).get("S", UNREADABLE)
    return " ".join(key.split("#", 2)[1:]) or str(key)


def of_undelivered(message: Json) -> Letter:
    """A message of the queue Undelivered: from a rule, or from Lambda where a function failed at an event."""
    told = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    body = json.loads(message["Body"])
    if "TARGET_ARN" in told:
        why, tried = f"{told['ERROR_CODE']}: {told['ERROR_MESSAGE']}", int(told.get("RETRY_ATTEMPTS", 0))
        target, payload, rule = told["TARGET_ARN"], body, told.get("RULE_ARN", "")
    else:
        asked, payload, rule = body["requestContext"], body["requestPayload"], ""
        target, tried, why = asked["functionArn"], asked["approximateInvokeCount"], failure(body["responsePayload"])
    kind, resource, number = _told(payload)
    return Letter(
        message["MessageId"], kind, target, resource, number, sent(message), tried, why, payload=payload, rule=rule
    )


def failure(answered: Any) -> str:
    """What a function said as it failed."""
    said = answered if isinstance(answered, dict) else {}
    return f"{said.get('errorType', 'an error')}: {said.get('errorMessage', 'its log says more')}"


def _told(payload: Json) -> tuple[str, str, int]:
    """The type, resource and sequence of an event, or of what a workflow is started with."""
    if "detail" not in payload:
        return "ProductOrderCreateEvent", f"productOrder {payload['id']}", 1
    return _said(payload["detail"])


def _said(envelope: Json) -> tuple[str, str, int]:
    ((kind, resource),) = envelope["event"].items()
    return envelope["eventType"], f"{kind} {resource['id']}", int(envelope.get("sequence", 0))


def of_subscriber(message: Json) -> Letter:
    """A message of a subscriber's dead letters."""
    kind, resource, number = _said(json.loads(message["Body"])["event"])
    why = "the listener did not take it; the log of events.deliver says why"
    return Letter(message["MessageId"], kind, "", resource, number, sent(message), TRIES, why, payload=message["Body"])


def sent(message: Json) -> str:
    """When a message came into its queue."""
    return clock.text(datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC))
