"""Messages to the customer: at most one per order and stage, claimed before it is sent.

A crash between the claim and the answer leaves the claim visible as `inProgress`; it is never silently sent again,
since an SMS cannot be recalled.
"""

from collections.abc import Mapping
from typing import Any

from functions.customer import store as customer_store
from functions.events import messages
from functions.events.happened import customer_of
from functions.shared import access, aws, clock, rows
from functions.shared.access import Caller
from functions.shared.resource import Json
from functions.shared.settings import settings

KIND = "communicationMessage"


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
    id_ = clock.derived_id(caller.brand, KIND, order["id"], stage)
    body = {
        "state": "inProgress",
        "messageType": "SMS",
        "template": stage,
        "language": reach.language,
        "parameter": {"order": order["id"], "item": [item["id"] for item in order.get("productOrderItem", [])]},
    }
    claim = rows.new(caller, KIND, id_, body, customer=customer, order=order["id"])
    try:
        rows.save(rows.put(settings.events_table, claim))
    except rows.Refused:
        return False
    aws.sns().publish(PhoneNumber=reach.phone, Message=messages.text(stage, reach.language, order, caller.brand))
    attributes = {
        "stage": stage,
        "language": reach.language,
        "brand": caller.brand,
        "order": order["id"],
        "customer": customer,
    }
    aws.sns().publish(
        TopicArn=settings.confirm_topic,
        Message=stage,
        MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
    )
    where = rows.key(caller.brand, KIND, id_)
    rows.save(
        rows.update(
            settings.events_table,
            where,
            {**rows.touched(caller), "body.state": "completed"},
            when="attribute_exists(pk)",
        )
    )
    return True
