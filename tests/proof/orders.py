"""Stories in which a cart is ordered: twice, in several channels, while others change it or want the same product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.functions.stage import (
    BEN,
    CANCELLATIONS,
    CARTS,
    GUEST,
    ORDERS,
    Person,
    Stage,
    cart_of,
    customer,
    fulfilled,
    line,
    order_of,
)
from tests.proof.clients import Client, through
from tests.proof.world import Play, Story, months_pass

ANN, BOB = customer("ann"), customer("bob")
SELF, MOBILE = through(ANN, "selfcare"), through(ANN, "mobile")
OFFERINGS = ("plan-m", "plan-l")
GUESTS_KEY = "g" * 32


class Begun(NamedTuple):
    """A cart, its lines, and what else the story is about: a guest's cart, a product, an order."""

    cart: str
    lines: list[str]
    other: str = ""


Act = Callable[[Begun], Play]


def _cart(who: Person = ANN) -> Begun:
    made = cart_of(who, *OFFERINGS)
    return Begun(made["id"], [each["id"] for each in made["cartItem"]])


def ann_has_a_cart(stage: Stage) -> Begun:
    """Two lines, decided on the web."""
    return _cart()


def one_line_is_saved(stage: Stage) -> Begun:
    """One of the two lines is kept for later."""
    told = _cart()
    ANN.patch(f"{CARTS}/{told.cart}/cartItem/{told.lines[1]}", {"status": "saveForLater"})
    return told


def a_guest_has_a_cart_too(stage: Stage) -> Begun:
    """What she chose before she logged in lies in a cart of its own."""
    return _cart()._replace(other=_cart(GUEST).cart)


def only_a_guest_has_a_cart(stage: Stage) -> Begun:
    """What she chose before she logged in is all there is."""
    return _cart(GUEST)


def two_people_have_carts(stage: Stage) -> Begun:
    """Ann has a cart, and Bob has one."""
    return _cart()._replace(other=_cart(BOB).cart)


def two_carts_change_one_line(stage: Stage) -> Begun:
    """Ann has a mobile line, and an add-on for it in each of two carts."""
    phone = fulfilled(order_of(ANN, "plan-m"))["productOrderItem"][0]
    product = next(row["id"] for row in stage.held("inventory", "product"))
    assert phone["state"] == "completed"
    addon = line("security-pack", action="modify", product={"id": product})
    carts = [ANN.post(CARTS, {"cartItem": [addon]}).body["id"] for _ in range(2)]
    return Begun(carts[0], [], carts[1])


def ann_ordered_before(stage: Stage) -> Begun:
    """An order nobody works on yet."""
    cart = cart_of(ANN, *OFFERINGS)
    return Begun(cart["id"], [], ANN.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body["id"])


def orders(who: Person, key: str = "", other: tuple[Person, str] | None = None, *, second: bool = False) -> Act:
    """Orders the cart (or the other one), and looks at it afterwards."""

    def act(told: Begun) -> Play:
        cart = told.other if second else told.cart

        def play(client: Client) -> None:
            if client.order(who, cart, key=key, other=other).done:
                client.ask(who, "GET", f"{CARTS}/{cart}")

        return play

    return act


def orders_directly(who: Person, key: str = "", **body: object) -> Act:
    """Orders without a cart, under a name of the channel's own."""
    item = {"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "earbuds-air"}}
    return lambda _: lambda client: client.ask(who, "POST", ORDERS, {"productOrderItem": [item], **body}, key=key)


def orders_at_a_price(who: Person, key: str) -> Act:
    """Orders the cart and says what it costs: far too much."""
    price = {"taxIncludedAmount": {"unit": "EUR", "value": 9999}}
    monthly = {"priceType": "recurring", "recurringChargePeriod": "month", "price": price}
    said = {"orderTotalPrice": [monthly, {"priceType": "oneTime", "price": price}]}
    return lambda told: (
        lambda client: client.ask(who, "POST", ORDERS, {"shoppingCart": {"id": told.cart}, **said}, key=key)
    )


def orders_and_comes_back(who: Person, key: str) -> Act:
    """Orders the cart, and once more when its time as an open cart would be over."""

    def act(told: Begun) -> Play:
        def play(client: Client) -> None:
            client.order(who, told.cart, key=key)
            months_pass()
            client.order(who, told.cart)

        return play

    return act


def adds(who: Person, key: str = "", offering: str = "plan-s", *, second: bool = False) -> Act:
    """Adds a line to the cart, or to the other one."""
    return lambda told: lambda client: client.add(who, told.other if second else told.cart, offering, key=key)


def changes(who: Person, line: int = 0, **patch: Any) -> Act:
    """Changes a line."""
    return lambda told: lambda client: client.change(who, told.cart, told.lines[line], **patch)


def removes(who: Person, line: int = 0) -> Act:
    """Takes a line out."""
    return lambda told: lambda client: client.remove(who, told.cart, told.lines[line])


def merges(who: Person, key: str = "", *, second: bool = True) -> Act:
    """At login, brings a guest's cart along: the other one, if there is one."""
    return lambda told: lambda client: client.merge(who, (second and told.other) or told.cart, key=key)


def deletes(who: Person) -> Act:
    """Deletes the cart."""
    return lambda told: lambda client: client.ask(who, "DELETE", f"{CARTS}/{told.cart}")


def cancels(who: Person, key: str = "") -> Act:
    """Cancels the order."""
    return lambda told: (
        lambda client: client.ask(who, "POST", CANCELLATIONS, {"productOrder": {"id": told.other}}, key=key)
    )


STORIES = (
    Story("double-click", ann_has_a_cart, (orders(ANN, "k1"), orders(ANN, "k1"))),
    Story("two-tabs", ann_has_a_cart, (orders(ANN, "k1"), orders(ANN, "k2"))),
    Story("two-channels", ann_has_a_cart, (orders(ANN, "k1"), orders(BEN, "k2"))),
    Story("without-keys", ann_has_a_cart, (orders(ANN), orders(BEN))),
    Story("crossing-channels", ann_has_a_cart, (orders(ANN, "k1", (SELF, "k2")), orders(SELF, "k3", (MOBILE, "k4")))),
    Story("three-channels", ann_has_a_cart, (orders(ANN, "k1"), orders(BEN, "k2"), orders(MOBILE, "k3", (BEN, "k4")))),
    Story("saved-for-later", one_line_is_saved, (orders(ANN, "k1"), orders(SELF, "k2"))),
    Story("order-and-add", ann_has_a_cart, (orders(ANN, "k1"), adds(BEN, "k2"))),
    Story("order-and-change", ann_has_a_cart, (orders(ANN, "k1"), changes(BEN, quantity=3))),
    Story("order-and-remove", ann_has_a_cart, (orders(ANN, "k1"), removes(SELF))),
    Story("order-and-delete", ann_has_a_cart, (orders(ANN, "k1"), deletes(SELF))),
    Story("order-and-merge", a_guest_has_a_cart_too, (orders(ANN, "k1"), merges(SELF, "k2"))),
    Story("guests-cart", only_a_guest_has_a_cart, (orders(ANN, "k1"), merges(SELF, "k2"), adds(GUEST, GUESTS_KEY))),
    Story("one-product", two_carts_change_one_line, (orders(ANN, "k1"), orders(SELF, "k2", second=True))),
    Story("cancelled-twice", ann_ordered_before, (cancels(ANN, "k1"), cancels(BEN, "k2"))),
    Story("told-a-price", ann_has_a_cart, (orders_at_a_price(ANN, "k1"), orders(BEN, "k2"))),
    Story("two-people", two_people_have_carts, (orders(ANN, "k1"), orders(BOB, "k1", second=True))),
    Story("months-later", ann_has_a_cart, (orders_and_comes_back(ANN, "k1"), orders(BEN, "k2"))),
    Story("direct-order", ann_has_a_cart, (orders_directly(ANN, "k1"), orders_directly(ANN, "k1"))),
    Story(
        "same-name", ann_has_a_cart, (orders_directly(BEN, externalId="X-1"), orders_directly(BEN, externalId="X-1"))
    ),
)
