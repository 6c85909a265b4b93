"""Stories in which several channels edit one cart at once, or carts become one at login."""

from __future__ import annotations

from tests.functions.stage import BEN, CARTS, GUEST, Person, Stage, cart_of
from tests.proof.clients import Client
from tests.proof.orders import (
    ANN,
    GUESTS_KEY,
    MOBILE,
    SELF,
    Act,
    Begun,
    a_guest_has_a_cart_too,
    adds,
    ann_has_a_cart,
    changes,
    deletes,
    merges,
    only_a_guest_has_a_cart,
    orders,
    removes,
)
from tests.proof.world import Play, Story


def two_guests_have_carts(stage: Stage) -> Begun:
    """She chose on two devices before she logged in."""
    first, second = cart_of(GUEST, "plan-m"), cart_of(GUEST, "plan-l")
    return Begun(first["id"], [first["cartItem"][0]["id"]], second["id"])


def opens(who: Person, key: str = "") -> Act:
    """Opens a cart with a line."""
    body = {"cartItem": [{"productOffering": {"id": "plan-m"}, "quantity": 1}]}
    return lambda _: lambda client: client.ask(who, "POST", CARTS, body, key=key)


def rewrites(who: Person, quantity: int) -> Act:
    """Replaces the whole list by its first line; looks again as often as somebody was faster."""

    def act(told: Begun) -> Play:
        def play(client: Client) -> None:
            for _ in range(4):
                read = client.ask(who, "GET", f"{CARTS}/{told.cart}")
                if not read.done:
                    return
                kept = [{"id": told.lines[0], "quantity": quantity}]
                seen = f'"{read.version}"'
                path = f"{CARTS}/{told.cart}"
                answer = client.once(who, "PATCH", path, {"cartItem": kept}, if_match=seen).answer
                if answer is not None and answer.status < 500 and answer.status != 409:
                    return

        return play

    return act


def joins(who: Person, offering: str) -> Act:
    """Adds a line by a PATCH of the cart."""
    patch = {"cartItem": [{"productOffering": {"id": offering}}]}
    return lambda told: lambda client: client.ask(who, "PATCH", f"{CARTS}/{told.cart}", patch)


STORIES = (
    Story("two-adds", ann_has_a_cart, (adds(ANN, "k1"), adds(BEN, "k2", "plan-l"))),
    Story("two-adds-without-keys", ann_has_a_cart, (adds(ANN), adds(BEN))),
    Story("add-twice", ann_has_a_cart, (adds(ANN, "k1"), adds(ANN, "k1"))),
    Story("three-adds", ann_has_a_cart, (adds(ANN, "k1"), adds(BEN), adds(MOBILE, "k3"))),
    Story("add-and-change", ann_has_a_cart, (adds(ANN, "k1"), changes(BEN, quantity=2))),
    Story("add-and-remove", ann_has_a_cart, (adds(ANN), removes(SELF))),
    Story("quantity-and-later", ann_has_a_cart, (changes(ANN, quantity=3), changes(BEN, status="saveForLater"))),
    Story("two-quantities", ann_has_a_cart, (changes(ANN, quantity=3), changes(BEN, quantity=5))),
    Story("two-lines", ann_has_a_cart, (changes(ANN, quantity=3), changes(BEN, 1, quantity=5))),
    Story("change-and-remove", ann_has_a_cart, (changes(ANN, quantity=3), removes(SELF))),
    Story("remove-twice", ann_has_a_cart, (removes(ANN), removes(SELF))),
    Story("rewrite-and-add", ann_has_a_cart, (rewrites(ANN, 2), adds(BEN, "k2"))),
    Story("join-and-add", ann_has_a_cart, (joins(ANN, "plan-s"), adds(BEN, "k2"), changes(SELF, quantity=4))),
    Story("note-and-add", ann_has_a_cart, (changes(ANN, note=[{"text": "Ring twice."}]), adds(BEN, "k2"))),
    Story("delete-and-add", ann_has_a_cart, (deletes(ANN), adds(BEN, "k2"))),
    Story("open-twice", ann_has_a_cart, (opens(ANN, "k1"), opens(ANN, "k1"))),
    Story("merge-and-add", a_guest_has_a_cart_too, (merges(ANN, "k1"), adds(BEN, "k2"))),
    Story("guest-adds-and-merge", a_guest_has_a_cart_too, (merges(ANN), adds(GUEST, GUESTS_KEY, second=True))),
    Story("merge-twice", a_guest_has_a_cart_too, (merges(ANN, "k1"), merges(SELF, "k2"))),
    Story("adopt-twice", only_a_guest_has_a_cart, (merges(ANN, "k1"), merges(SELF))),
    Story("adopt-and-add", only_a_guest_has_a_cart, (merges(ANN), adds(GUEST, GUESTS_KEY), changes(GUEST, quantity=7))),
    Story("two-guests", two_guests_have_carts, (merges(ANN, "k1"), merges(SELF, "k2", second=False))),
    Story("merge-and-order", a_guest_has_a_cart_too, (merges(ANN, "k1"), orders(BEN, "k2"), changes(SELF, quantity=2))),
)
