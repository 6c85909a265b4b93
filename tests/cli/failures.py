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


def stacy(hub: Hub) -> Client:
    """A customer on the web."""
    return Client(hub.url, hub.token("nova-web", "customer", STACY, customer_id=STACY))


def order(hub: Hub) -> str:
    """Stacy orders, and what follows has followed; the order's id."""
    cart = stacy(hub).post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    made = stacy(hub).post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    hub.settle()
    return str(made["id"])


def unpublished(hub: Hub) -> str:
    """An order whose rows the publisher cannot publish."""
    with failing(function(hub, "events.publish"), 1, THROTTLED):
        return order(hub)


def direct_unpublished(hub: Hub) -> str:
    """The same without a cart: one row, and so one event."""
    item = {"id": "1", "action": "add", "productOffering": {"id": "plan-m"}}
    with failing(function(hub, "events.publish"), 1, THROTTLED):
        made = stacy(hub).post(ORDERS, {"productOrderItem": [item]}).body
        hub.settle()
    return str(made["id"])


def unconfirmed(hub: Hub) -> str:
    """An order of which nobody can be told."""
    with failing(function(hub, "events.confirm"), 1, THROTTLED):
        return order(hub)


def subscribed(hub: Hub, listener: Listener) -> None:
    """Somebody wants to hear of new orders."""
    olga = Client(hub.url, hub.token("nova-backoffice", "operator", "olga"))
    asked = {"callback": listener.url, "query": "eventType=ProductOrderCreateEvent"}
    olga.post(f"{tmf.BASE['TMF622']}/hub", asked)
    hub.settle()


def unheard(hub: Hub, listener: Listener) -> str:
    """An order of which a subscriber does not hear, because it answers 503 however often it is asked."""
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
def killed(hub: Hub, at: int) -> Iterator[list[str]]:
    """Inside the block whoever uses the hub's account dies before call number `at` (from 1), and stays dead.

    What the functions call meanwhile is not theirs. Yields the calls.
    """
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    made: list[str] = []

    def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
        if client.meta.endpoint_url != hub.url:
            return real(client, operation, sent)
        made.append(operation)
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
