"""Bus to subscribers: each event goes into the queue of every subscriber who wants it, and nobody waits for another."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from functions.events.happened import DOMAIN
from functions.events.subscribe import GONE, queue_of
from functions.shared import aws, names, rows
from functions.shared.resource import Json
from functions.shared.rows import Row
from functions.subscription import store, subscription

API = {domain: api for api, domain in DOMAIN.items()}


class NotReady(Exception):
    """A subscription is so new that its queue is not there yet: the event comes again in a minute."""


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Queues one event for every subscriber to its API who wants it; says for how many."""
    happened = event["detail"]
    brand, api = happened["brand"], API.get(happened.get("domain"))
    if api is None or happened["eventType"] not in names.events(api):
        return {"queued": 0}  # what no API offers is nobody's to hear
    asked = [(row, subscription.read(row["body"].get("query", ""), api)) for row in store.load_all(brand, api)]
    wanting = [(row, query) for row, query in asked if _open(row, happened) and subscription.wants(query, happened)]
    early = [row["id"] for row, query in wanting if not _queued(row, subscription.told(query, happened))]
    if early:
        raise NotReady(f"No queue yet for {', '.join(early)}.")
    return {"queued": len(wanting)}


def _open(row: Row, happened: Json) -> bool:
    """A partner hears of what it sold, and whoever was beneath it then, whatever its query says."""
    return "partner" not in row or row["partner"] in rows.sellers(happened)


def _queued(row: Row, told: Json) -> bool:
    """Sends it; whether there was a queue for it, or nobody who would miss it any more."""
    message = {"to": row["body"]["callback"].rstrip("/") + subscription.listener(told), "event": told}
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    try:
        aws.sqs().send_message(QueueUrl=queue_of(row["id"]), MessageBody=body)
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return not store.exists(row["brand"], row["id"])
    return True
