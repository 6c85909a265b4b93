"""What hangs on a subscription: the subscriber's own queue, its dead letters, and the mapping to the deliveries.

They follow from the row, as everything does: made when it is there, taken away when it is not, each step harmless
when done again. Their names follow from its id, so that whoever comes after a crash finds what there is.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from functions.shared import aws
from functions.shared.settings import settings
from functions.subscription import store

TRIES = 16  # with the pauses of `deliver`: about six hours
HIDDEN = 90  # seconds for which a message is one delivery's alone; six times what the function may take
KEPT = 14 * 24 * 3600  # seconds
TLS_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
GONE = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException"}
AT_ONCE = 2  # deliveries to one subscriber; the fewest that Lambda knows


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Makes the queues of a subscription that there is, takes away those of one that there is not."""
    happened = event["detail"]
    brand, id_ = happened["brand"], happened["event"]["eventSubscription"]["id"]
    if store.exists(brand, id_):
        try:
            make(id_)
        except ClientError:
            if store.exists(brand, id_):
                raise
    # Looked at again: one that was ended meanwhile may have been taken away before all of it was made.
    kept = store.exists(brand, id_)
    if not kept:
        unmake(id_)
    return {"subscribed": kept}


def make(id_: str) -> None:
    """The dead letters first, for the queue names them; the mapping last, for it reads the queue."""
    dead = _queue(dead_letters_of(id_))
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": TRIES})
    queue = _queue(queue_of(id_), VisibilityTimeout=str(HIDDEN), RedrivePolicy=redrive)
    try:
        aws.functions().create_event_source_mapping(
            EventSourceArn=queue,
            FunctionName=settings.deliver_function,
            BatchSize=1,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            ScalingConfig={"MaximumConcurrency": AT_ONCE},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceConflictException":  # it is there
            raise


def _queue(url: str, **attributes: str) -> str:
    """The ARN of a queue that there is from now on; where it was, nothing changes."""
    wanted: Any = {"MessageRetentionPeriod": str(KEPT), "SqsManagedSseEnabled": "true", "Policy": json.dumps(TLS_ONLY)}
    return _arn(aws.sqs().create_queue(QueueName=url.rpartition("/")[2], Attributes=wanted | attributes)["QueueUrl"])


def unmake(id_: str) -> None:
    """The mapping first, since nothing may read a queue that is gone; the dead letters last.

    What is gone may be so since a moment ago: another event of this subscription may be here at the same time.
    """
    with _gone_already():
        for mapping in _mappings(_arn(queue_of(id_))):
            if mapping["State"] != "Deleting":
                aws.functions().delete_event_source_mapping(UUID=mapping["UUID"])
    for url in (queue_of(id_), dead_letters_of(id_)):
        with _gone_already():
            aws.sqs().delete_queue(QueueUrl=url)


@contextmanager
def _gone_already() -> Iterator[None]:
    # By code: a client's exception classes are made when first asked for, in two threads two of each.
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise


def _mappings(queue: str) -> Any:
    listed = aws.functions().list_event_source_mappings
    return listed(EventSourceArn=queue, FunctionName=settings.deliver_function)["EventSourceMappings"]


def _arn(url: str) -> str:
    return aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def queue_of(id_: str) -> str:
    """The URL of a subscriber's queue."""
    return f"{settings.subscriber_queues}{id_}"


def dead_letters_of(id_: str) -> str:
    """The URL of the queue of what could not be delivered to them."""
    return f"{queue_of(id_)}-dead"
