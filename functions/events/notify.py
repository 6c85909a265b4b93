"""Bus to subscribers: each event goes into the queue of every subscriber who wants it, and nobody waits for another."""

import json
from collections.abc import Mapping
from typing import Any

from functions.events.happened import DOMAIN
from functions.events.subscribe import queue_of
from functions.shared import aws, names
from functions.shared.resource import Json
from functions.shared.rows import Row
from functions.subscription import store, subscription

API = {domain: api for api, domain in DOMAIN.items()}


class NotReady(Exception):
    """A subscription is so new that its queue is not there yet: the event comes again in a minute."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Queues one event for every subscriber to its API who wants it; says for how many."""
    happened = event["detail"]
    api = API.get(happened.get("domain"))
    if api is None or happened["eventType"] not in names.events(api):
        return {"queued": 0}  # what no API offers is nobody's to hear
    wanting = [row for row in store.load_all(happened["brand"], api) if _wants(row, happened)]
    early = [row["id"] for row in wanting if not _queued(row, happened)]
    if early:
        raise NotReady(f"No queue yet for {', '.join(early)}.")
    return {"queued": len(wanting)}


def _wants(row: Row, happened: Json) -> bool:
    """A partner hears of what it sold, whatever its query says."""
    if "partner" in row and row["partner"] != happened.get("partner"):
        return False
    return subscription.wants(subscription.read(row["body"].get("query", ""), row["api"]), happened)


def _queued(row: Row, happened: Json) -> bool:
    """Sends it; whether there was a queue for it, or nobody who would miss it any more."""
    asked = subscription.read(row["body"].get("query", ""), row["api"])
    address = row["body"]["callback"].rstrip("/") + subscription.listener(happened)
    message = {"to": address, "event": subscription.told(asked, happened)}
    try:
        aws.sqs().send_message(
            QueueUrl=queue_of(row["id"]), MessageBody=json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        )
    except aws.sqs().exceptions.QueueDoesNotExist:
        return not store.exists(row["brand"], row["id"])
    return True
