"""A throttled or failing AWS call: the channel is told to come back, nothing is half done, and coming back works.

Each action is done with its first AWS call failing, then with its second, and so on until none is left to fail.
"""

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from functions.shared import clock, tmf
from tests.http.faults import LOST, REFUSED, Calls, behind, failing
from tests.http.wire import Answer, assert_refused, send
from tests.http.world import CUSTOMER, World, contents, difference, tally
from tests.tmf.client import Client

BEST_EFFORT = {"PutEvents"}  # a look at an offer: it may be lost, it may not fail the answer
CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"
OFFERINGS = f"{tmf.BASE['TMF620']}/productOffering"
LINE = {"productOffering": {"id": "plan-m"}}


@dataclass(frozen=True)
class Request:
    """One request, to be sent again as it is."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    role: str = "agent"

    def send(self, world: World, key: str) -> Answer:
        headers = {"Idempotency-Key": key} if self.method == "POST" else {}
        body = json.dumps(self.body).encode() if self.body is not None else None
        return send(world.hub.url, self.method, self.path, world.tokens[self.role], body, headers)  # type: ignore[index]


def _cart(world: World, role: str = "agent", **body: Any) -> dict[str, Any]:
    client = Client(world.hub.url, world.tokens[role])  # type: ignore[index]
    sent = {"cartItem": [LINE, LINE], **({"relatedParty": [CUSTOMER]} if role == "agent" else {}), **body}
    return dict(client.post(CARTS, sent).body)


def _order(world: World) -> dict[str, Any]:
    return dict(world.agent.post(ORDERS, {"shoppingCart": {"id": _cart(world)["id"]}}).body)


def _line(world: World, method: str, body: dict[str, Any] | None = None) -> Request:
    cart = _cart(world)
    return Request(method, f"{cart['href']}/cartItem/{cart['cartItem'][0]['id']}", body)


def _patch_cart(world: World) -> Request:
    cart = _cart(world)
    return Request(
        "PATCH", cart["href"], {"cartItem": [{"id": line["id"], "quantity": 2} for line in cart["cartItem"]]}
    )


def _merge(world: World) -> Request:
    _cart(world)  # the customer's, which the guest's lines join
    guest = _cart(world, "guest")
    return Request("POST", world.collection("cartMerge"), {"shoppingCart": {"id": guest["id"]}}, "customer")


def _new(noun: str) -> Callable[[World], Request]:
    def request(world: World) -> Request:
        if noun == "customer":
            world.make("individual")  # nobody is a customer twice
        return Request("POST", world.collection(noun), world.body(noun))

    return request


def _changed(noun: str) -> Callable[[World], Request]:
    def request(world: World) -> Request:
        new = _new(noun)(world)
        made = world.agent.post(new.path, new.body).body
        return Request("PATCH", made["href"], world.patch(noun))

    return request


# What is done -> how to come to the point of doing it.
ACTIONS: dict[str, Callable[[World], Request]] = {
    "look at an offer": lambda world: Request("GET", tmf.href("productOffering", "plan-m"), role="customer"),
    "list offers": lambda _: Request("GET", OFFERINGS),
    "open a cart": lambda world: Request("POST", CARTS, {"cartItem": [LINE], "relatedParty": [CUSTOMER]}),
    "read a cart": lambda world: Request("GET", _cart(world)["href"]),
    "list carts": lambda world: Request("GET", f"{CARTS}?relatedParty.id=ann"),
    "add a line": lambda world: Request("POST", f"{_cart(world)['href']}/cartItem", LINE),
    "change a line": lambda world: _line(world, "PATCH", {"quantity": 2}),
    "remove a line": lambda world: _line(world, "DELETE"),
    "change a cart": _patch_cart,
    "delete a cart": lambda world: Request("DELETE", _cart(world)["href"]),
    "merge carts": _merge,
    "order a cart": lambda world: Request("POST", ORDERS, {"shoppingCart": {"id": _cart(world)["id"]}}),
    "order directly": _new("productOrder"),
    "read an order": lambda world: Request("GET", _order(world)["href"]),
    "list orders": lambda world: Request("GET", f"{ORDERS}?relatedParty.id=ann"),
    "cancel an order": lambda world: Request(
        "POST", world.collection("cancelProductOrder"), {"productOrder": {"id": _order(world)["id"]}}
    ),
    "list products": lambda world: Request("GET", f"{tmf.BASE['TMF637']}/product?relatedParty.id=ann"),
    "write an interaction": _new("partyInteraction"),
    "go on with an interaction": _changed("partyInteraction"),
    "open an individual": _new("individual"),
    "open a customer": _new("customer"),
    "open a billing account": _new("billingAccount"),
    "change a customer": _changed("customer"),
    "write an offering": lambda world: Request("POST", OFFERINGS, world.body("productOffering"), "operator"),
    "subscribe": lambda world: Request("POST", world.collection("hub"), world.body("hub"), "operator"),
    "list subscriptions": lambda world: Request("GET", world.collection("hub"), role="operator"),
    "unsubscribe": lambda world: _unsubscribe(world),
    "read a draft": lambda world: _drafted(world, "GET"),
    "list drafts": lambda _: Request("GET", OFFERINGS, role="operator"),
    "change a draft": lambda world: _drafted(world, "PATCH", {"description": "Neu"}),
    "take a draft out": lambda world: _drafted(world, "DELETE"),
}


def _unsubscribe(world: World) -> Request:
    made = world.operator.post(world.collection("hub"), world.body("hub"))
    return Request("DELETE", made.location, role="operator")


def _drafted(world: World, method: str, body: dict[str, Any] | None = None) -> Request:
    made = world.operator.post(OFFERINGS, world.body("productOffering")).body
    return Request(method, made["href"], body, "operator")


@pytest.fixture(scope="module", autouse=True)
def _orders_stay_as_they_are(world: World) -> None:
    """No workflow: what an order comes to is not what is looked at here, and it can be cancelled."""
    events = world.hub.client("events")
    for bus in (bus["Name"] for bus in events.list_event_buses()["EventBuses"]):
        for rule in events.list_rules(EventBusName=bus)["Rules"]:
            if "replay-name" in rule.get("EventPattern", ""):
                events.disable_rule(Name=rule["Name"], EventBusName=bus)


class Trial:
    """One action, done again and again with one call after the other failing."""

    def __init__(self, world: World, action: str) -> None:
        self.world, self.prepare = world, ACTIONS[action]
        self.expected = self._clean()

    def _ready(self) -> tuple[Request, Counter[str]]:
        request = self.prepare(self.world)
        self.world.hub.settle()
        return request, tally(self.world.hub)

    def _clean(self) -> Counter[str]:
        request, before = self._ready()
        with failing(behind(self.world.hub, request.path), 0, None) as calls:
            answer = request.send(self.world, clock.new_id())
        assert answer.status < 300, answer.raw
        assert calls.made, f"{request.path}: nothing was called, and so nothing can fail"
        self.status, self.calls = answer.status, calls.made
        return self._came(before)

    def _came(self, before: Counter[str]) -> Counter[str]:
        self.world.hub.settle()
        after = tally(self.world.hub)
        after.subtract(before)
        return Counter({name: count for name, count in after.items() if count})

    def fail(self, at: int, error: Exception, *, only: str | None = None, done: bool = False) -> str | None:
        """What was wrong when call `at` failed and the request was sent again; None where nothing was."""
        request, before = self._ready()
        rows, key = contents(self.world.hub), clock.new_id()
        with failing(behind(self.world.hub, request.path), at, error, only=only, done=done) as calls:
            answer = request.send(self.world, key)
        # An agent's last call puts on record what was touched: by then it is done, and the answer is withheld.
        done = done or (only is None and request.role == "agent" and len(calls.made) == len(self.calls))
        try:
            self._told(calls, answer)
            if answer.status >= 500 and not done:
                now = contents(self.world.hub)
                assert not (changes := difference(rows, now)), f"answered {answer.status}, yet this changed:\n{changes}"
            if answer.status >= 500 or done:
                again = request.send(self.world, key)
                gone = {404} if done and request.method == "DELETE" else set()
                assert again.status in {self.status} | gone, f"Sent again: {again.status} {again.raw.decode()[:300]}"
            came = self._came(before)
            assert came == self.expected, (
                f"In the end there came {dict(came)}, without a failure {dict(self.expected)}."
            )
        except AssertionError as wrong:
            return f"call {at} ({calls.failed}): {wrong}"
        return None

    def _told(self, calls: Calls, answer: Answer) -> None:
        assert calls.failed, f"only {calls.made} were called"
        if calls.failed in BEST_EFFORT:
            assert answer.status == self.status, answer.raw
        elif answer.status != self.status:  # a lost answer may be made good by another look
            assert_refused(answer, 503)
            assert answer.headers["Retry-After"].isdigit()


def _failures(action: str, calls: list[str]) -> Iterator[tuple[int, str, str | None, Exception]]:
    """Which call fails and how: every way for an order, else one way in turn for each, and each of a transaction."""
    turn = itertools.cycle(name for name, (only, _) in REFUSED.items() if only is None)
    for at in range(1, len(calls) + 1):
        each_way = (
            [name for name, (only, _) in REFUSED.items() if only is None] if action == "order a cart" else [next(turn)]
        )
        yield from ((at, name, None, REFUSED[name][1]) for name in each_way)
    for name, (only, error) in REFUSED.items():
        yield from ((at, name, only, error) for at in range(1, calls.count(only or "") + 1))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_failing_call_is_answered_503_changes_nothing_and_the_retry_succeeds(world: World, action: str) -> None:
    trial, found = Trial(world, action), []
    for at, name, only, error in _failures(action, trial.calls):
        if wrong := trial.fail(at, error, only=only):
            found.append(f"{name}, {wrong}")
    if found:
        pytest.fail(f"{action}, {trial.calls}\n" + "\n".join(found), pytrace=False)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_call_whose_answer_is_lost_is_not_done_twice_by_the_retry(world: World, action: str) -> None:
    trial, found = Trial(world, action), []
    for at in range(1, len(trial.calls) + 1):
        if wrong := trial.fail(at, LOST, done=True):
            found.append(wrong)
    if found:
        pytest.fail(f"{action}, {trial.calls}\n" + "\n".join(found), pytrace=False)


def test_a_cart_is_ordered_exactly_where_its_order_stands_whatever_fails(world: World) -> None:
    """The one sentence above all: either no order and the cart active, or the order and the cart ordered."""
    trial = Trial(world, "order a cart")
    function = behind(world.hub, ORDERS)
    for at in range(1, len(trial.calls) + 1):
        for done in (False, True):
            cart = _cart(world)
            request = Request("POST", ORDERS, {"shoppingCart": {"id": cart["id"]}})
            with failing(function, at, LOST, done=done):
                request.send(world, clock.new_id())
            state = world.agent.get(cart["href"]).body["state"]
            orders = [o for o in _orders(world) if o["shoppingCart"]["id"] == cart["id"]]
            assert (state, len(orders)) in (("active", 0), ("ordered", 1)), f"call {at}, done: {done}"
            first, second = (request.send(world, clock.new_id()).body["id"] for _ in range(2))
            assert first == second, "Two retries with keys of their own are two orders."
            assert not orders or orders[0]["id"] == first


def _orders(world: World) -> list[dict[str, Any]]:
    found = [json.loads(row) for rows in contents(world.hub).values() for row in rows]
    rows = [each.get("Attributes", each) for each in found]
    return [
        {"id": row["id"]["S"], "shoppingCart": {"id": row["body"]["M"]["shoppingCart"]["M"]["id"]["S"]}}
        for row in rows
        if row["type"]["S"] == "productOrder" and "shoppingCart" in row["body"]["M"]
    ]


def test_the_same_key_with_the_same_request_is_done_once_and_with_another_refused(world: World) -> None:
    found = []
    for action, prepare in ACTIONS.items():
        request = prepare(world)
        if request.method != "POST":
            continue
        first, second = (request.send(world, "the-key-" + action.replace(" ", "-")) for _ in range(2))
        if (second.status, second.body["id"]) != (first.status, first.body["id"]):
            found.append(f"{action}: done twice ({first.body['id']}, {second.body['id']})")
        elif second.headers.get("Idempotent-Replayed") != "true" and "merge" not in action:
            found.append(f"{action}: the second answer does not say that it is a repeat")
        other = Request("POST", request.path, {**(request.body or {}), "@baseType": "Another"}, request.role)
        third = other.send(world, "the-key-" + action.replace(" ", "-"))
        if third.status != 422 and "merge" not in action:
            found.append(f"{action}: the key with another body is answered {third.status}")
    world.hub.settle()
    if found:
        pytest.fail("\n".join(found), pytrace=False)
