"""A little world to do wrong in: one of everything that has a path, a token for every role, and what a request is."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamShard, Table

from cli.openapi.document import examples
from functions.shared import tmf
from functions.shared.access import Role
from local import mend, pretend
from local.hub import Hub
from tests.http.routes import Route
from tests.tmf.client import Client

CLIENTS: dict[Role, str] = {
    "agent": "nova-callcentre",
    "customer": "nova-web",
    "guest": "nova-web",
    "operator": "nova-backoffice",
    "partner": "nova-partner",
}
# What an operator writes, each before what refers to it, and published at the end.
OPERATORS = (
    "catalog",
    "category",
    "productSpecification",
    "productOfferingPrice",
    "productOffering",
    "promotion",
    "catalogPublication",
    "catalogCheck",
    "exportJob",
    "importJob",
    "priceRise",
)
CUSTOMER = {"id": "ann", "role": "customer"}
RECORD = '"type": {"S": "accessRecord"}'


def tokens(hub: Hub) -> dict[Role, str]:
    """A token for every role, of brand nova; the customer is Ann."""
    more = {"customer": {"customer_id": "ann"}, "partner": {"partner_id": "shop-partner"}}
    return {role: hub.token(client, role, f"{role}-1", **more.get(role, {})) for role, client in CLIENTS.items()}


@dataclass
class World:
    """What exists before each request: ids by noun."""

    hub: Hub
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sign_in()
        self.ids |= {"cancelProductOrder": "none-yet", "catalogPreview": "2030-01-01"}
        for noun in OPERATORS:
            self.make(noun)
        for noun in (
            "individual",
            "organization",
            "customer",
            "billingAccount",
            "grant",
            "customerPrice",
            "shoppingCart",
            "partyInteraction",
            "productOfferingQualification",
        ):
            self.make(noun)
        published = self.operator.get(tmf.href("catalogPublication", self.ids["catalogPublication"])).body
        self.ids["catalogVersion"] = published["catalogVersion"]
        self.ids["cartPromotion"] = self.ids["shoppingCart"]  # they are the cart's own
        self.make("cartItem")
        self.make("hub")
        self.ids["productOrder"] = self._order()
        self.ids["product"] = self._product()
        self.hub.settle()

    def sign_in(self) -> None:
        """Takes new tokens for everybody."""
        self.tokens = tokens(self.hub)
        self.agent = Client(self.hub.url, self.tokens["agent"])
        self.operator = Client(self.hub.url, self.tokens["operator"])

    def make(self, noun: str) -> str:
        """Opens one more of these, and remembers it as the one that paths name; a subscription in every API."""
        if noun == "hub":
            for base in tmf.BASE.values():
                self.ids[f"{base}/hub"] = self.operator.post(f"{base}/hub", self.body(noun)).body["id"]
            return self.ids[self.collection(noun)]
        by = self.operator if noun in (*OPERATORS, "customerPrice") else self.agent
        made = by.post(self.collection(noun), self.body(noun)).body
        self.ids[noun] = made["id"]
        return str(made["id"])

    def _order(self) -> str:
        order = self.agent.post(self.collection("productOrder"), self.body("productOrder")).body
        self.hub.settle()
        return str(order["id"])

    def _product(self) -> str:
        found = self.agent.get(f"{tmf.BASE['TMF637']}/product?relatedParty.id={self.ids['customer']}").body
        return str(found[0]["id"])

    def collection(self, noun: str) -> str:
        """Where one posts these."""
        if noun == "cartItem":
            return f"{tmf.href('shoppingCart', self.ids['shoppingCart'])}/cartItem"
        if noun == "cartMerge":
            return f"{tmf.BASE['omnihub']}/cartMerge"
        if noun == "hub":
            return f"{tmf.BASE['TMF622']}/hub"
        return f"{tmf.BASE[tmf.API[noun]]}/{noun}"

    def path(self, route: Route, *, of: str | None = None) -> str:
        """The route's path with the ids of this world; `of` stands in for its last id instead."""
        parts = route.path.split("/")
        holes = [index for index, part in enumerate(parts) if part.startswith("{")]
        for index in holes:
            noun = "/".join(parts[:index]) if parts[index - 1] == "hub" else parts[index - 1]
            parts[index] = of if of is not None and index == holes[-1] else self._id(noun)
        return "/".join(parts)

    def _id(self, noun: str) -> str:
        assert noun in self.ids, f"tests/http/world.py makes no {noun}; give it one."
        return self.ids[noun]

    def body(self, noun: str) -> dict[str, Any]:
        """A correct POST of these, as the OpenAPI document shows it."""
        return self._told(f"POST {noun}")

    def patch(self, noun: str) -> dict[str, Any]:
        """A correct PATCH of these that changes something."""
        return self._told(f"PATCH {noun}")

    def _told(self, key: str) -> dict[str, Any]:
        told = examples()
        assert key in told, f"docs/examples.json has no {key}; give it one."
        return filled(told[key], self.ids)

    def sent(self, route: Route) -> dict[str, Any]:
        """A correct body for that route."""
        return self.body(route.nouns[-1]) if route.method == "POST" else self.patch(route.nouns[-1])


def filled(example: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """The example with an id of this world for each `{noun}`."""
    text = re.sub(r'"\{(\w+)\}"', lambda found: json.dumps(ids.get(found[1], "nobody")), json.dumps(example))
    body: dict[str, Any] = json.loads(text)
    return body


def contents(hub: Hub) -> dict[str, list[str]]:
    """Every row of every table, to be compared with what is there later; that staff looked at it changes nothing."""
    with mend.LOCK:
        tables = dynamodb_backends[pretend.ACCOUNT][pretend.REGION].tables
        return {name: _rows(table) for name, table in tables.items()}


def _rows(table: Table) -> list[str]:
    """The rows of a table as text; not written out again where its stream says that nothing has changed."""
    shard, at = table.stream_shard, 0
    if shard is not None:
        at = shard.starting_sequence_number + len(shard.items)
        seen = _READ.get(table.name)
        if seen is not None and seen[:2] == (shard, at):
            return seen[2]
    texts = (json.dumps(item.to_json(), sort_keys=True) for item in table.all_items())
    found = sorted(text for text in texts if RECORD not in text)
    _READ[table.name] = shard, at, found
    return found


_READ: dict[str, tuple[StreamShard | None, int, list[str]]] = {}


def tally(hub: Hub) -> Counter[str]:
    """How many rows there are of each type, and lines in carts by the state of these."""
    counted: Counter[str] = Counter()
    with mend.LOCK:
        tables = dynamodb_backends[pretend.ACCOUNT][pretend.REGION].tables.values()
        for row in (item.attrs for table in tables for item in table.all_items()):
            kind = row["type"].value
            if kind == "accessRecord" or (kind == "partyInteraction" and row["by"].value == "remember"):
                continue
            counted[kind] += 1
            if kind == "shoppingCart":
                body = row["body"].value
                counted[f"cart lines, {body['state'].value}"] += len(body["cartItem"].value)
                counted[f"carts, {body['state'].value}"] += 1
    return counted


def difference(before: dict[str, list[str]], after: dict[str, list[str]]) -> str:
    """The rows that came, went or changed."""
    lines = [f"+ {row}" for name in after for row in after[name] if row not in before[name]]
    lines += [f"- {row}" for name in before for row in before[name] if row not in after[name]]
    return "\n".join(lines)
