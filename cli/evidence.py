"""What the rows themselves say: read from the hub's tables and streams, not from its answers."""

import time
from collections.abc import Callable
from typing import Any

from rich.table import Table

from cli.account import Account
from cli.say import NOT_AS_TOLD, refuse
from functions.events import happened
from functions.shared.rows import Row, unpacked

NOUNS = ("cart", "order", "inventory", "interaction", "events")
ENTRIES = 3  # of an order in the timeline: placed, being fulfilled, fulfilled
PATIENCE, PAUSE = 30.0, 0.1  # seconds for what follows an answer, and between two looks


class Evidence:
    """The tables of a hub."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._dynamodb = account.client("dynamodb")
        names = self._dynamodb.list_tables()["TableNames"]
        self._tables: dict[str, str] = {
            noun: next(n for n in names if n.startswith(f"{noun.capitalize()}Table")) for noun in NOUNS
        }

    def table(self, noun: str) -> str:
        """The name of a noun's table."""
        return self._tables[noun]

    def rows(self, noun: str, kind: str, holds: Callable[[Row], bool]) -> list[Row]:
        """The rows of a kind of which that holds."""
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._tables[noun])
        found = [unpacked(item) for page in pages for item in page["Items"]]
        return [row for row in found if row.get("type") == kind and "version" in row and holds(row)]

    def events(self, noun: str, id_: str) -> list[dict[str, Any]]:
        """The events that the versions of a resource are, as its table's stream tells them."""
        streams = self._account.client("dynamodbstreams")
        (stream,) = streams.list_streams(TableName=self._tables[noun])["Streams"]
        where = {"StreamArn": stream["StreamArn"]}
        (shard,) = streams.describe_stream(**where)["StreamDescription"]["Shards"]
        place = streams.get_shard_iterator(**where, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
        iterator, found = place["ShardIterator"], list[Any]()
        while records := (page := streams.get_records(ShardIterator=iterator))["Records"]:
            found += [record["dynamodb"] for record in records]
            iterator = page["NextShardIterator"]
        mine = [each for each in found if each["Keys"]["pk"]["S"].endswith(f"#{id_}")]
        told = [happened.event(*(unpacked(c[i]) if i in c else None for i in ("OldImage", "NewImage"))) for c in mine]
        return [event for event in told if event is not None]

    def of_order(self, id_: str) -> dict[str, list[Row]]:
        """An order's own row, its cart's, its products', its messages' and its timeline's."""
        order = self.rows("order", "productOrder", lambda row: row["id"] == id_)
        cart = order[0]["body"].get("shoppingCart", {}).get("id") if order else None
        return {
            "order": order,
            "cart": self.rows("cart", "shoppingCart", lambda row: row["id"] == cart),
            "product": self.rows("inventory", "product", lambda row: _came_from(row["body"], id_)),
            "message": self.rows("events", "communicationMessage", lambda row: row["order"] == id_),
            "timeline": self.rows("interaction", "partyInteraction", lambda row: _is_about(row["body"], id_)),
        }

    def orders_of(self, cart: str) -> list[Row]:
        """Every order that was made of a cart."""
        return self.rows("order", "productOrder", lambda row: row["body"].get("shoppingCart", {}).get("id") == cart)

    def fulfilled(self, id_: str) -> dict[str, list[Row]]:
        """What is there once all that follows from an order has followed."""
        found: dict[str, list[Row]] = self.until(
            "the order is fulfilled and its messages are sent", lambda: self._done(id_)
        )
        return found

    def _done(self, id_: str) -> dict[str, list[Row]] | None:
        found = self.of_order(id_)
        states = {row["body"]["template"]: row["body"]["state"] for row in found["message"]}
        told = states == {"received": "completed", "activated": "completed"} and len(found["timeline"]) >= ENTRIES
        done = all(row["body"]["state"] == "completed" for row in found["order"])
        return found if told and done and len(found["product"]) == sold(found["order"]) else None

    def until(self, what: str, look: Callable[[], Any]) -> Any:
        """What `look` finds, as soon as it finds something."""
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            if time.monotonic() > give_up:
                refuse(
                    f"After {PATIENCE:g} s it is still not so that {what}.", "omnihub redrive --dry-run", NOT_AS_TOLD
                )
            time.sleep(PAUSE)
        return found


def sold(orders: list[Row]) -> int:
    """How many products these orders are of."""
    return sum(item["quantity"] for row in orders for item in row["body"]["productOrderItem"])


def _came_from(product: Any, order: str) -> bool:
    return bool(product.get("origin", {}).get("productOrder") == order)


def _is_about(entry: Any, id_: str) -> bool:
    return any(item.get("item", {}).get("id") == id_ for item in entry.get("interactionItem", []))


def shown(found: dict[str, list[Row]], events: list[dict[str, Any]]) -> Table:
    """The rows, and the events that their versions are."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("row", "id", "version", "state"):
        table.add_column(heading)
    for kind, rows in found.items():
        for row in rows:
            body = row["body"]
            says = body.get("description") or body.get("state") or body.get("status", "")
            table.add_row(
                kind, row["id"][:8], str(row["version"]), " ".join(filter(None, (body.get("template"), says)))
            )
    for event in events:
        ((_, resource),) = event["event"].items()
        table.add_row("event", resource["id"][:8], str(event["sequence"]), event["eventType"])
    return table
