"""One customer in three channels, at random, against a model so simple that it can only be right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.functions.stage import BEN, CANCELLATIONS, CARTS, GUEST, MERGE, ORDERS, Person, customer, fulfilled
from tests.proof.clients import ANY, through
from tests.proof.world import Story, World, world

ANN = customer("ann")
WHO = st.sampled_from([ANN, through(ANN, "selfcare"), through(ANN, "mobile"), BEN])
OFFERING = st.sampled_from(["plan-s", "plan-m", "plan-l"])
QUANTITY = st.integers(1, 99)
PICK = st.integers(0, 999)
WHOLE, SAMPLED = 25, 6  # random customers, with `--whole` and without
STEADY = settings(stateful_step_count=25, derandomize=True, deadline=None)


@dataclass
class Line:
    """What the model knows of a line."""

    offering: str
    quantity: int = 1
    saved: bool = False


@dataclass
class Cart:
    """What the model knows of a cart."""

    mine: bool
    state: str = "active"
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def bought(self) -> list[tuple[str, int]]:
        return sorted((line.offering, line.quantity) for line in self.lines.values() if not line.saved)


class Customer(RuleBasedStateMachine):
    """Random carts, edits, merges, orders, cancellations and fulfilments of one customer."""

    hub: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.hub.begin(Story("model", lambda stage: None, ()))
        self.carts: dict[str, Cart] = {}
        self.orders: dict[str, tuple[str, list[tuple[str, int]]]] = {}  # id -> state, what was bought

    def _cart(self, pick: int, *, mine: bool = True) -> str:
        found = [id_ for id_, cart in self.carts.items() if cart.mine == mine]
        return found[pick % len(found)]

    def _line(self, cart: str, pick: int) -> str | None:
        lines = list(self.carts[cart].lines)
        return lines[pick % len(lines)] if lines else None

    @rule(who=WHO, offering=OFFERING)
    def opens(self, who: Person, offering: str) -> None:
        body = {"cartItem": [{"productOffering": {"id": offering}}]}
        named = {"relatedParty": [{"id": "ann", "role": "customer"}]} if who is BEN else {}
        made = who.post(CARTS, {**body, **named}).body
        self.carts[made["id"]] = Cart(mine=True, lines={made["cartItem"][0]["id"]: Line(offering)})

    @rule(offering=OFFERING)
    def looks_around_as_a_guest(self, offering: str) -> None:
        made = GUEST.post(CARTS, {"cartItem": [{"productOffering": {"id": offering}}]}).body
        self.carts[made["id"]] = Cart(mine=False, lines={made["cartItem"][0]["id"]: Line(offering)})

    @precondition(lambda self: any(cart.mine for cart in self.carts.values()))
    @rule(who=WHO, pick=PICK, offering=OFFERING, quantity=QUANTITY)
    def adds(self, who: Person, pick: int, offering: str, quantity: int) -> None:
        id_ = self._cart(pick)
        body = {"productOffering": {"id": offering}, "quantity": quantity}
        open_ = self.carts[id_].state == "active"
        answer = who.post(f"{CARTS}/{id_}/cartItem", body, expect=201 if open_ else 409)
        if open_:
            self.carts[id_].lines[answer.body["id"]] = Line(offering, quantity)

    @precondition(lambda self: any(cart.mine for cart in self.carts.values()))
    @rule(who=WHO, pick=PICK, quantity=QUANTITY, saved=st.booleans())
    def changes(self, who: Person, pick: int, quantity: int, saved: bool) -> None:  # noqa: FBT001
        id_ = self._cart(pick)
        line, open_ = self._line(id_, pick), self.carts[id_].state == "active"
        patch = {"quantity": quantity, "status": "saveForLater" if saved else "active"}
        if line:
            who.patch(f"{CARTS}/{id_}/cartItem/{line}", patch, expect=200 if open_ else 409)
        if line and open_:
            self.carts[id_].lines[line].quantity, self.carts[id_].lines[line].saved = quantity, saved

    @precondition(lambda self: any(cart.mine for cart in self.carts.values()))
    @rule(who=WHO, pick=PICK)
    def removes(self, who: Person, pick: int) -> None:
        id_ = self._cart(pick)
        line, open_ = self._line(id_, pick), self.carts[id_].state == "active"
        if line:
            who.delete(f"{CARTS}/{id_}/cartItem/{line}", expect=204 if open_ else 409)
        if line and open_:
            del self.carts[id_].lines[line]

    @precondition(lambda self: any(not cart.mine for cart in self.carts.values()))
    @rule(pick=PICK)
    def logs_in(self, pick: int) -> None:
        """Her newest open cart takes the guest's lines, or the guest's becomes hers; again, nothing more happens."""
        id_ = self._cart(pick, mine=False)
        into = [other for other, cart in self.carts.items() if cart.mine and cart.state == "active"]
        for _ in range(2):
            merged = ANN.post(MERGE, {"shoppingCart": {"id": id_}}).body["id"]
            assert merged == id_ if not into else merged in into
        guest = self.carts[id_]
        if merged == id_:
            guest.mine = True
        else:
            self.carts[merged].lines |= {line: replace(each) for line, each in guest.lines.items()}
            guest.mine, guest.state = True, "merged"

    @precondition(lambda self: any(cart.mine for cart in self.carts.values()))
    @rule(who=WHO, pick=PICK)
    def orders_it(self, who: Person, pick: int) -> None:
        id_ = self._cart(pick)
        cart = self.carts[id_]
        said = who.post(ORDERS, {"shoppingCart": {"id": id_}}, expect=ANY)
        if cart.state == "merged" or (cart.state == "active" and not cart.bought):
            assert said.status == 409
            return
        assert said.status == 201
        assert said.body["id"] in self.orders or cart.state == "active"
        if cart.state == "active":
            self.orders[said.body["id"]] = ("acknowledged", cart.bought)
            cart.state = "ordered"
            self._left_over(id_, [line for line in cart.lines.values() if line.saved])

    def _left_over(self, ordered: str, saved: list[Line]) -> None:
        """What was saved for later lies in a cart of its own."""
        if saved:
            listed = ANN.get(f"{CARTS}?limit=100").body
            (made,) = [each for each in listed if each["id"] not in self.carts]
            lines = {line["id"]: self.carts[ordered].lines[line["id"]] for line in made["cartItem"]}
            assert sorted(map(id, lines.values())) == sorted(map(id, saved))
            copies = {line: Line(each.offering, each.quantity, each.saved) for line, each in lines.items()}
            self.carts[made["id"]] = Cart(mine=True, lines=copies)

    @precondition(lambda self: self.orders)
    @rule(who=WHO, pick=PICK)
    def thinks_better_of_it(self, who: Person, pick: int) -> None:
        id_ = list(self.orders)[pick % len(self.orders)]
        state, bought = self.orders[id_]
        task = who.post(CANCELLATIONS, {"productOrder": {"id": id_}}).body
        assert task["state"] == ("done" if state == "acknowledged" else "terminatedWithError")
        self.orders[id_] = ("cancelled" if state == "acknowledged" else state, bought)

    @precondition(lambda self: any(state == "acknowledged" for state, _ in self.orders.values()))
    @rule(pick=PICK)
    def is_fulfilled(self, pick: int) -> None:
        waiting = [id_ for id_, (state, _) in self.orders.items() if state == "acknowledged"]
        id_ = waiting[pick % len(waiting)]
        fulfilled({"id": id_, "href": f"{ORDERS}/{id_}"})
        self.orders[id_] = ("completed", self.orders[id_][1])

    @invariant()
    def every_channel_sees_what_the_model_knows(self) -> None:
        for index, (id_, cart) in enumerate(self.carts.items()):
            who = (ANN, BEN, through(ANN, "selfcare"))[index % 3] if cart.mine else GUEST
            seen = who.get(f"{CARTS}/{id_}").body
            lines = {line["id"]: line for line in seen["cartItem"]}
            held = {i: (ln["productOffering"]["id"], ln["quantity"], ln["status"]) for i, ln in lines.items()}
            status = {True: "saveForLater", False: "active"}
            assert seen["state"] == cart.state
            assert held == {i: (ln.offering, ln.quantity, status[ln.saved]) for i, ln in cart.lines.items()}

    @invariant()
    def every_order_is_what_was_bought(self) -> None:
        for id_, (state, bought) in self.orders.items():
            order = BEN.get(f"{ORDERS}/{id_}").body
            assert order["state"] == state
            items = [(item["productOffering"]["id"], item["quantity"]) for item in order["productOrderItem"]]
            assert sorted(items) == bought

    @invariant()
    def she_has_what_was_fulfilled_and_no_more(self) -> None:
        sold = sum(n for state, bought in self.orders.values() for _, n in bought if state == "completed")
        assert len(self.hub.stage.held("inventory", "product")) == sold


@pytest.fixture
def hub() -> Iterator[World]:
    """One hub that every example begins anew."""
    with world() as made:
        yield made


def test_one_customer_in_three_channels_is_what_the_model_says(hub: World, request: pytest.FixtureRequest) -> None:
    Customer.hub = hub
    examples = WHOLE if request.config.getoption("--whole") else SAMPLED
    run_state_machine_as_test(Customer, settings=settings(STEADY, max_examples=examples))
