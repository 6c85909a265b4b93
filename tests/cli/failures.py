"""A hub of this folder in which things fail for real: what nobody can take waits in each of its places."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import botocore.client

from functions.shared import tmf
from local.hub import Hub
from local.queues import messages_in
from tests.http.faults import REFUSED, failing
from tests.journeys.listener import Listener
from tests.tmf.client import Client

ORDERS, CARTS = f"{tmf.BASE['TMF622']}/productOrder", f"{tmf.BASE['TMF663']}/shoppingCart"
_, THROTTLED = REFUSED["ThrottlingException"]
STACY = "customer-stacy"


def function(hub: Hub, handler: str) -> str:
    """The name of the function with that handler."""
    found = hub.blueprint.functions.by_name.values()
    return next(each.name for each in found if each.handler == f"functions.{handler}.handler")


def order(hub: Hub) -> str:
    """Stacy orders on the web, and what follows has followed; the order's id."""
    stacy = Client(hub.url, hub.token("nova-web", "customer", STACY, customer_id=STACY))
    cart = stacy.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    made = stacy.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    hub.settle()
    return str(made["id"])


def unpublished(hub: Hub) -> str:
    """An order whose rows the publisher cannot publish."""
    with failing(function(hub, "events.publish"), 1, THROTTLED):
        return order(hub)


def unconfirmed(hub: Hub) -> str:
    """An order of which nobody can be told."""
    with failing(function(hub, "events.confirm"), 1, THROTTLED):
        return order(hub)


def unheard(hub: Hub, listener: Listener, *, subscribes: bool = True) -> str:
    """An order of which a subscriber does not hear, because it answers 503 however often it is asked."""
    if subscribes:
        olga = Client(hub.url, hub.token("nova-backoffice", "operator", "olga"))
        query = "eventType=ProductOrderCreateEvent,ProductOrderStateChangeEvent"
        olga.post(f"{tmf.BASE['TMF622']}/hub", {"callback": listener.url, "query": query})
        hub.settle()
    listener.answers = lambda _: 503
    made = order(hub)
    listener.answers = lambda _: 201
    listener.told.clear()
    return made


def waiting(hub: Hub) -> list[tuple[str, Any]]:
    """What lies in the places, as it lies there: with when each message may be seen next."""
    letters = [(letter.place, letter.body) for letter in hub.dead_letters()]
    queues = sorted({place for place, _ in letters if place.startswith("arn:")})
    return letters + [(each.id, each.visible) for queue in queues for each in messages_in(queue)]


def reappear(hub: Hub) -> None:
    """The time is over for which somebody had messages for themselves."""
    for queue in {letter.place for letter in hub.dead_letters() if letter.place.startswith("arn:")}:
        for message in messages_in(queue):
            message.visible_at = 0


class Killed(BaseException):
    """The command line went away in the middle."""


@contextmanager
def killed(hub: Hub, at: int, *, done: bool) -> Iterator[list[str]]:
    """Inside the block whoever uses the hub's account dies at call number `at`, before or after it is done.

    What the functions call meanwhile is not theirs. Yields the calls.
    """
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    made: list[str] = []

    def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
        if client.meta.endpoint_url != hub.url:
            return real(client, operation, sent)
        made.append(operation)
        if len(made) == at and done:
            real(client, operation, sent)
        if len(made) >= at > 0:
            raise Killed
        return real(client, operation, sent)

    with patch.object(botocore.client.BaseClient, "_make_api_call", call):
        yield made


@contextmanager
def published() -> Iterator[list[str]]:
    """The events that go to the bus inside the block, in order."""
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    seen: list[str] = []

    def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
        if operation == "PutEvents":
            seen.extend(entry["Detail"] for entry in sent["Entries"])
        return real(client, operation, sent)

    with patch.object(botocore.client.BaseClient, "_make_api_call", call):
        yield seen
