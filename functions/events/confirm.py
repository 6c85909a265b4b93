"""Messages to the customer: at most one per order and stage, claimed before it is sent.

A crash between the claim and the answer leaves the claim visible as `inProgress`; it is never silently sent again,
since an SMS cannot be recalled. Its event is parked. What SNS refused for certain is `failed`, and may be tried again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from functions.customer import store as customer_store
from functions.events import messages
from functions.events.happened import customer_of
from functions.shared import access, aws, clock, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.resource import Json
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "communicationMessage"
CLIENT_FAULTS = range(400, 500)  # with such an answer SNS says that it has done nothing


class NeverAnswered(Exception):
    """Somebody claimed the message and did not say what came of it."""

    def __init__(self, row: Row | None) -> None:
        named = f"{row['body']['template']} of order {row['order']}" if row else "this stage"
        super().__init__(
            f"The message {named} was claimed and never answered: nobody knows whether it was sent, "
            "so it is not sent again."
        )


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Sends the message that an order's event calls for, if any."""
    happened = event["detail"]
    order: Json = happened["event"]["productOrder"]
    stage = messages.stage(happened["eventType"], happened.get("state") or order.get("state", ""))
    customer = happened.get("customer") or customer_of(order)
    if stage is None or customer is None:
        return {"sent": False}
    row = {"brand": happened["brand"], "market": happened["market"], "correlation_id": happened["correlationId"]}
    return {"sent": confirm(access.hub(row, "confirm"), order, customer, stage)}


def confirm(caller: Caller, order: Json, customer: str, stage: str) -> bool:
    """Sends one stage's message in the customer's language, unless it was claimed before."""
    reach = customer_store.reach(caller, customer)
    if reach is None or reach.phone is None:
        return False
    if rows.load(settings.order_table, caller.brand, "productOrder", order["id"]) is None:
        raise NotFound("product order")  # an event about what is not there is parked: a message cannot be recalled
    id_ = clock.derived_id(caller.brand, KIND, order["id"], stage)
    body = {
        "state": "inProgress",
        "messageType": "SMS",
        "template": stage,
        "language": reach.language,
        "parameter": {"order": order["id"], "item": [item["id"] for item in order.get("productOrderItem", [])]},
    }
    claim = _claimed(caller, rows.new(caller, KIND, id_, body, customer=customer, order=order["id"]))
    if claim is None:
        return False
    text = messages.text(stage, reach.language, order, caller.brand, caller.market)
    _publish(caller, claim, [{"PhoneNumber": reach.phone, "Message": text}, _notice(claim)])
    return True


def _claimed(caller: Caller, claim: Row) -> Row | None:
    """The claim, now ours; None where the message was sent. Raises NeverAnswered where nobody knows."""
    try:
        rows.save(rows.put(settings.events_table, claim))
    except rows.Refused as refused:
        before = refused.row
        if before is None or before["body"]["state"] == "inProgress":
            raise NeverAnswered(before) from None
        return _moved(caller, before, "inProgress") if before["body"]["state"] == "failed" else None
    return claim


def _publish(caller: Caller, claim: Row, parts: Sequence[Json]) -> None:
    """Sends each part once: after a refusal the next to claim the message goes on with that part."""
    for taken, part in enumerate(parts):
        if taken < claim.get("taken", 0):
            continue
        try:
            aws.sns().publish(**part)
        except (ClientError, ConnectTimeoutError, EndpointConnectionError) as error:
            if _nothing_was_sent(error):
                _moved(caller, claim, "failed", taken=taken)
            raise
    _moved(caller, claim, "completed")


def _nothing_was_sent(error: Exception) -> bool:
    if not isinstance(error, ClientError):
        return True  # it was not reached
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in CLIENT_FAULTS


def _moved(caller: Caller, claim: Row, state: str, **more: Any) -> Row:
    """The claim in its next state, if nobody moved it since; raises NeverAnswered where somebody did."""
    where, sets = rows.key(caller.brand, KIND, claim["id"]), {**rows.touched(caller), "body.state": state, **more}
    seen = {":seen": claim["version"]}
    try:
        moved = rows.save(rows.update(settings.events_table, where, sets, when="version = :seen", values=seen))
    except rows.Refused as refused:
        raise NeverAnswered(refused.row) from None
    return moved or claim


def _notice(claim: Row) -> Json:
    """What the topic tells whoever sends more than a text message: stage, language and ids."""
    body = claim["body"]
    attributes = {
        "stage": body["template"],
        "language": body["language"],
        "brand": claim["brand"],
        "order": claim["order"],
        "customer": claim["customer"],
    }
    told = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return {"TopicArn": settings.confirm_topic, "Message": body["template"], "MessageAttributes": told}
