"""Every API's /hub over HTTP: who wants to be told of its events, and where."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.shared import lists, rows, tmf
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.settings import settings
from functions.subscription import callback, store, subscription

TAKES, GIVES = "EventSubscriptionInput", "EventSubscription"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the hub of an API."""
    return api.resolve(event, context)


def subscribe(incoming: Incoming) -> Response[str]:
    """Subscribes a listener to the events of this API that its query names."""
    of, body = incoming.operation.api, incoming.body
    callback.read(body["callback"], loopback=settings.callbacks == "loopback")
    subscription.read(body.get("query", ""), of)
    row, replayed = store.save_new(incoming.caller, of, body, incoming.key)
    location = f"{incoming.path}/{row['id']}"
    return answer(201, subscription.render(row), version=row["version"], location=location, replayed=replayed)


def list_subscriptions(incoming: Incoming) -> Response[str]:
    """The caller's subscriptions to this API."""
    caller = incoming.caller
    found = store.load_all(caller.brand, incoming.operation.api)
    held = [row for row in found if caller.opens("hub.list", row)]
    return lists.of_bodies(incoming, lists.asked(incoming), map(subscription.render, held))


def read_subscription(incoming: Incoming, id_: str) -> Response[str]:
    """One subscription."""
    row = store.load(incoming.caller, "hub.read", incoming.operation.api, id_)
    return answer(200, tmf.chosen(subscription.render(row), incoming.query), version=row["version"])


def unsubscribe(incoming: Incoming, id_: str) -> Response[str]:
    """Ends a subscription: its listener is told nothing more."""
    row = store.load(incoming.caller, "hub.delete", incoming.operation.api, id_)
    rows.same_version(row, incoming.if_match())
    store.delete(row)
    return nothing()


for base in tmf.BASE.values():
    api.serves("POST", f"{base}/hub", "hub.create", takes=TAKES, gives=GIVES)(subscribe)
    api.serves("GET", f"{base}/hub", "hub.list", gives=GIVES)(list_subscriptions)
    api.serves("GET", f"{base}/hub/<id_>", "hub.read", gives=GIVES)(read_subscription)
    api.serves("DELETE", f"{base}/hub/<id_>", "hub.delete", gives=GIVES)(unsubscribe)
