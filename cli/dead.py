"""Messages in dead-letter queues: looked at by hiding them for a while, sent to whom they were for, then deleted."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from cli import letters
from cli.invoke import Failed, invoke
from cli.letters import WAITS, Held, Json, Left, Letter, Line

BATCH = 10  # messages that one call of SQS takes
HIDDEN = "ApproximateNumberOfMessagesNotVisible"

Send = Callable[[Letter], None]  # raises Failed or ClientError where the letter was not taken


class Queue:
    """One dead-letter queue; none has a redrive policy of its own, so that looking moves nothing."""

    def __init__(
        self, name: str, sqs: Any, url: str, *, patience: int, read: Callable[[Json], Letter], send: Send
    ) -> None:
        self.name, self._sqs, self._url, self._patience = name, sqs, url, patience
        self._read, self._send = read, send

    def hidden(self) -> int:
        """How many messages another run is looking at, or was when it was killed."""
        told = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=[HIDDEN])
        return int(told["Attributes"][HIDDEN])

    def look(self, seconds: int) -> list[Held]:
        """Every message, those of one resource in their order; for so long nobody else sees them."""
        found: dict[str, Held] = {}
        while new := [each for each in self._received(seconds) if each["MessageId"] not in found]:
            found |= {each["MessageId"]: Held(each["ReceiptHandle"], [self._letter(each)]) for each in new}
        return sorted(found.values(), key=lambda held: (*held.letters[0].line, held.letters[0].number))

    def _received(self, seconds: int) -> list[Json]:
        told = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=seconds,
            WaitTimeSeconds=self._patience,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        found: list[Json] = told.get("Messages", [])
        return found

    def _letter(self, message: Json) -> Letter:
        try:
            return self._read(message)
        except (AttributeError, KeyError, TypeError, ValueError):
            return letters.unreadable(message["MessageId"], letters.sent(message), message["Body"])

    def send(self, held: Held, blocked: set[Line]) -> Left:
        """Sends one message on and deletes it, unless an earlier one of its line is still here."""
        (letter,) = held.letters
        why = WAITS if letter.line in blocked else self._refused(letter)
        if why is None:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=held.handle)
            return {}
        blocked.add(letter.line)
        return {letter.id: why}

    def _refused(self, letter: Letter) -> str | None:
        if letter.kind == letters.UNREADABLE:
            return letter.why
        try:
            self._send(letter)
        except (Failed, ClientError) as refused:
            return str(refused)
        return None

    def discard(self, held: Held, letter: Letter) -> None:
        """Deletes a message."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=held.handle)

    def release(self, held: Iterable[Held]) -> None:
        """Lets everybody see these messages at once; one that is gone or seen already is none of ours."""
        handles = [each.handle for each in held]
        for start in range(0, len(handles), BATCH):
            batch = enumerate(handles[start : start + BATCH])
            entries = [{"Id": str(i), "ReceiptHandle": handle, "VisibilityTimeout": 0} for i, handle in batch]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)


def to_target(functions: Any, states: Any, events: Any) -> Send:
    """Gives what waits in Undelivered to the function or the workflow that it was for."""

    def send(letter: Letter) -> None:
        payload = _as_its_target_sees_it(events, letter) if letter.rule else letter.payload
        if letter.target.split(":")[2] != "states":
            invoke(functions, letter.target, payload)
            return
        try:  # by a name that is the message's own: it starts once, however often this is done
            states.start_execution(stateMachineArn=letter.target, name=f"again-{letter.id}", input=json.dumps(payload))
        except states.exceptions.ExecutionAlreadyExists:
            return

    return send


def _as_its_target_sees_it(events: Any, letter: Letter) -> Any:
    """What the rule makes of an event for that target; what it has made of it already stays as it is."""
    from local.transform import input_for

    if "detail-type" not in letter.payload or ":states:" not in letter.target:
        return letter.payload
    bus, _, rule = letter.rule.partition(":rule/")[2].partition("/")
    told = events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]
    target = next(each for each in told if each["Arn"] == letter.target)
    return json.loads(input_for(target, letter.payload, letter.rule))


def to_subscriber(sqs: Any, url: str) -> Send:
    """Puts a message back into the subscriber's own queue, from which it is delivered as if it were new."""

    def send(letter: Letter) -> None:
        sqs.send_message(QueueUrl=url, MessageBody=letter.payload)

    return send
