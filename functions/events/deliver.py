"""A subscriber's queue to their listener: one event, one POST, and a longer pause after each that failed.

This function calls addresses that strangers wrote. It may read no table and no other queue, and it follows nothing.
"""

import json
import random
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from functions.events import call
from functions.shared import aws
from functions.shared.settings import settings

FIRST, LONGEST = 5, 3600  # seconds to wait after the first failure, doubled after each, and at most
logger = Logger(service="omnihub", use_rfc3339=True, location=None, serialize_stacktrace=False)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Delivers the messages of one subscriber's queue; what failed comes back after its pause."""
    failed = [record for record in event["Records"] if not _delivered(record)]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _delivered(record: Mapping[str, Any]) -> bool:
    message, tried = json.loads(record["body"]), int(record["attributes"]["ApproximateReceiveCount"])
    queue = record["eventSourceARN"].rpartition(":")[2]
    why = call.post(message["to"], json.dumps(message["event"], ensure_ascii=False).encode())
    if why is None:
        return True
    # Nothing of the address: it may hold a secret.
    said = {"queue": queue, "event": message["event"]["eventId"], "tried": tried, "why": why}
    logger.warning("not delivered", extra=said)
    aws.sqs().change_message_visibility(
        QueueUrl=f"{settings.subscriber_queues.rpartition('/')[0]}/{queue}",
        ReceiptHandle=record["receiptHandle"],
        VisibilityTimeout=pause(tried, random.random()),  # noqa: S311  jitter, no secret
    )
    return False


def pause(tried: int, chance: float) -> int:
    """Seconds until the next attempt: twice as long after each, less up to a quarter by chance (0 to 1)."""
    return int(min(LONGEST, FIRST * 2 ** min(tried - 1, 20)) * (1 - chance / 4))
