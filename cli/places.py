"""The places where what failed waits. All of them send at least once: whoever gets a repeat survives it."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from cli import dead, letters
from cli.account import Account
from cli.letters import Held, Left, Letter, Line
from cli.parked import Parked

PAGES = {"PageSize": 1000}  # without a size, SQS names the first thousand queues and keeps quiet about the rest
NAMES = ("parked", "undelivered", "subscribers")


class Place(Protocol):
    """Where letters wait."""

    name: str

    def hidden(self) -> int:
        """How many nobody can see at the moment."""

    def look(self, seconds: int) -> list[Held]:
        """All that waits, in the order to send it; for so long nobody else sees it."""

    def send(self, held: Held, blocked: set[Line]) -> Left:
        """Sends again what is in no blocked line and removes what was taken; blocks the lines of what was not."""

    def discard(self, held: Held, letter: Letter) -> None:
        """Removes a letter that nobody can ever take."""

    def release(self, held: Iterable[Held]) -> None:
        """Lets others see what was looked at."""


def of(account: Account) -> Iterator[Place]:
    """Every place of a hub: what was not published before what was published and could not be delivered."""
    functions, sqs = account.client("lambda"), account.client("sqs")
    yield Parked(account.client("s3"), functions, account.output("ParkedRecords"))
    yield dead.Queue(
        "undelivered",
        sqs,
        account.output("UndeliveredEvents"),
        patience=account.patience,
        read=letters.of_undelivered,
        send=dead.to_target(functions, account.client("stepfunctions"), account.client("events")),
    )
    named = account.output("SubscriberQueues")
    for page in sqs.get_paginator("list_queues").paginate(QueueNamePrefix=named, PaginationConfig=PAGES):
        for url in page.get("QueueUrls", []):
            if url.endswith("-dead"):
                yield dead.Queue(
                    f"subscribers {url.rpartition(named)[2][: letters.SHORT]}",
                    sqs,
                    url,
                    patience=account.patience,
                    read=letters.of_subscriber,
                    send=dead.to_subscriber(sqs, url.removesuffix("-dead")),
                )
