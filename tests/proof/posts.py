"""Every POST there is, as who may send it, with what it needs that nobody has used before.

The routes are read off the handlers, the bodies are those of docs/examples.json. What is told here is what a second
request of the same kind needs: a party that is no customer yet, an order that nobody has cancelled.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from functions.shared.access import ALLOWED, Role
from local.hub import Hub
from tests.http.routes import Route, routes
from tests.http.wire import Answer, send
from tests.http.world import CLIENTS, World, filled
from tests.tmf.client import Client

Json = dict[str, Any]
# The other channel in which the same person signs in.
ELSEWHERE: dict[Role, str] = {
    "agent": "nova-shop",
    "customer": "nova-selfcare",
    "guest": "nova-mobile",
    "operator": "nova-backoffice-machine",
    "partner": "nova-partner-machine",
}
LINES = {"cartItem": [{"productOffering": {"id": "plan-m"}}]}
FOR = {"relatedParty": [{"id": "{customer}", "role": "customer"}]}
NAMELESS = ("guest", "partner")  # whose carts are nobody's


@dataclass(frozen=True)
class Login:
    """Somebody who may sign in."""

    role: Role
    subject: str
    claims: Mapping[str, str] = field(default_factory=dict)

    def token(self, hub: Hub, client: str | None = None) -> str:
        client = client or CLIENTS[self.role]
        return hub.token(client, self.role, self.subject, machine=client.endswith("-machine"), **self.claims)

    def client(self, hub: Hub) -> Client:
        return Client(hub.url, self.token(hub))


@dataclass(frozen=True)
class Sent:
    """One POST, to be sent again as it is."""

    url: str
    path: str
    body: Json
    login: Login
    token: str

    def send(self, key: str | None, text: str | None = None) -> Answer:
        """What comes of it with that Idempotency-Key, or of another text in its place."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        sent = json.dumps(self.body) if text is None else text
        return send(self.url, "POST", self.path, self.token, sent.encode(), headers)

    def signed_in(self, hub: Hub, client: str | None = None) -> "Sent":
        """The same with a new token, of another channel where one is named."""
        return replace(self, token=self.login.token(hub, client))


@dataclass(frozen=True)
class Post:
    """A POST as a role sends it; `way` where there are several."""

    route: Route
    role: Role
    way: str = ""

    def __str__(self) -> str:
        return f"{self.route.path} as {self.role}{self.way and ', '}{self.way}"

    @property
    def noun(self) -> str:
        return self.route.nouns[-1]

    @property
    def again(self) -> bool:
        """Whether it is the same POST of one more role, or of one more API; a guest's keys have a rule of their own."""
        return self.route.again or self.role not in (self.route.role, "guest")

    def ready(self, world: World, subject: str = "somebody") -> Sent:
        """The request of that subject, who is a customer or partner of their own, and what it needs."""
        if self.role == "customer" or self.noun in ("grant", "cartMerge", "customerPrice"):
            _customer(world)
        theirs = {"customer": {"customer_id": world.ids["customer"]}, "partner": {"partner_id": f"{subject}'s"}}
        login = Login(self.role, subject, theirs.get(self.role, {}))
        way = ways(self.noun)[self.way]
        way.needs(world, login)
        body = world.sent(self.route) if way.body is None else filled(way.body, world.ids)
        if self.noun in ("shoppingCart", "productOfferingQualification") and self.role in NAMELESS:
            del body["relatedParty"]
        return Sent(world.hub.url, world.path(self.route), body, login, login.token(world.hub))


class Way(NamedTuple):
    """What one way of a POST needs, and its body where that is not the example's."""

    needs: Callable[[World, Login], object]
    body: Json | None = None


def _nothing(world: World, login: Login) -> None:
    """All it needs is there."""


def _customer(world: World, _: Login | None = None) -> None:
    world.make("individual")
    world.make("customer")


def _cart(world: World, login: Login) -> None:
    """A cart of theirs; a guest's or a partner's is nobody's yet."""
    whose = {} if login.role in NAMELESS else filled(FOR, world.ids)
    made = login.client(world.hub).post(world.collection("shoppingCart"), {**LINES, **whose})
    world.ids["shoppingCart"] = made.body["id"]


def _guests_cart(world: World, _: Login) -> None:
    _cart(world, Login("guest", "guest-1"))


def _both_carts(world: World, login: Login) -> None:
    _cart(world, login)
    _guests_cart(world, login)


def _order(world: World, login: Login) -> None:
    made = login.client(world.hub).post(world.collection("productOrder"), world.body("productOrder"))
    world.ids["productOrder"] = made.body["id"]


def _draft(world: World, _: Login) -> None:
    world.make("category")


def _exported(world: World, login: Login) -> None:
    """A version to go back to, and a draft that does not say what it says."""
    made = login.client(world.hub).post(world.collection("exportJob"), world.body("exportJob"))
    world.ids["version"] = made.body["url"]
    _draft(world, login)


# noun -> way -> what that needs
WAYS: dict[str, dict[str, Way]] = {
    "cancelProductOrder": {"": Way(_order)},
    "cartItem": {"": Way(_cart)},
    "cartMerge": {"": Way(_guests_cart), "into a cart": Way(_both_carts)},
    "cartPromotion": {"": Way(_cart)},
    "catalogPublication": {"": Way(_draft)},
    "customer": {"": Way(lambda world, _: world.make("individual"))},
    "importJob": {"": Way(_nothing), "of a version": Way(_exported, {"url": "{version}"})},
    "productOrder": {"": Way(_nothing), "from a cart": Way(_cart, {"shoppingCart": {"id": "{shoppingCart}"}, **FOR})},
}


def ways(noun: str) -> Mapping[str, Way]:
    """By name the ways to POST one of these."""
    return WAYS.get(noun, {"": Way(_nothing)})


def posts() -> Iterator[Post]:
    """Every POST of every handler, as the staff it is for and as each of the others who may."""
    for route in (each for each in routes() if each.method == "POST"):
        others: tuple[Role, ...] = ("partner", "customer", "guest")
        for role in (route.role, *(role for role in others if role in ALLOWED[route.operation])):
            yield from (Post(route, role, way) for way in ways(route.nouns[-1]))
