"""Lines about a product that a customer has: it is one, it gets new terms once, and it is taken as it is meanwhile."""

from typing import Any

import pytest

from tests.functions.stage import (
    CARTS,
    OLGA,
    ORDERS,
    PRODUCTS,
    Json,
    Person,
    Stage,
    fulfilled,
    line,
    on_record,
)

BUNDLE = "home-choice"


@pytest.fixture
def ole(hub: Stage) -> Person:
    return on_record()


def owns(person: Person, offering: str, *parts: Json) -> str:
    """A product that came with a migration."""
    owner = {"id": person.customer, "role": "owner", "@referredType": "Customer"}
    body: Json = {"name": offering, "status": "active", "productOffering": {"id": offering}, "relatedParty": [owner]}
    if parts:
        body |= {"isBundle": True, "product": [*parts]}
    return str(OLGA.post(PRODUCTS, body).body["id"])


def part(offering: str, **more: Any) -> Json:
    return {"name": offering, "productOffering": {"id": offering}, **more}


def on(product: str, kind: str, offering: str | None = None, **more: Any) -> Json:
    action = "delete" if kind in ("disconnect", "portOut") else "modify"
    named = line(offering) if offering else {}
    return {"action": action, "kind": kind, "product": {"id": product}, **named, **more}


def opened(person: Person, *lines: Json) -> Json:
    made: Json = person.post(CARTS, {"cartItem": [*lines]}, accept_language="en").body
    return made


def read(person: Person, cart: Json) -> Json:
    found: Json = person.get(cart["href"], accept_language="en").body
    return found


def ordered(person: Person, cart: Json, **more: Any) -> Any:
    return person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **more}, expect=(201, 409))


def directly(person: Person, *items: Json) -> Any:
    numbered = [{"id": str(n), **item} for n, item in enumerate(items, 1)]
    return person.post(ORDERS, {"productOrderItem": numbered}, expect=(201, 400, 409))


def codes(item: Json) -> list[str]:
    return [bar["code"] for bar in item.get("barred", [])]


def parts_of(item: Json, under: str = "cartItem") -> dict[str, int]:
    return {each["productOffering"]["id"]: each["quantity"] for each in item.get(under, [])}


# --- it is one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "to"),
    [("planChange", "plan-l"), ("renew", None), ("upgrade", "plan-l"), ("simSwap", None), ("disconnect", None)],
)
def test_a_product_is_changed_or_ended_once(ole: Person, kind: str, to: str | None) -> None:
    plan = owns(ole, "plan-s")
    twice = on(plan, kind, to, quantity=2)
    assert ole.post(CARTS, {"cartItem": [twice]}, expect=400).body["code"] == "badQuantity"
    assert directly(ole, twice).body["code"] == "badQuantity"
    cart = opened(ole, on(plan, kind, to))
    (item,) = cart["cartItem"]
    refused = ole.patch(f"{cart['href']}/cartItem/{item['id']}", {"quantity": 2}, expect=400).body
    assert refused["reason"] == "A line that changes or ends one product has the quantity 1."
    assert read(ole, cart)["cartItem"] == [item]


def test_of_what_is_added_to_a_product_there_may_be_several(ole: Person) -> None:
    (item,) = opened(ole, on(owns(ole, "plan-m"), "addOn", "extra-data-10", quantity=2))["cartItem"]
    assert (item["quantity"], codes(item)) == (2, [])


# --- it gets new terms once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("planChange", "planChange"), ("planChange", "disconnect"), ("renew", "planChange"), ("disconnect", "portOut")],
)
def test_a_product_gets_new_terms_or_ends_once(ole: Person, one: str, other: str) -> None:
    plan, to = owns(ole, "plan-s"), {"planChange": "plan-l"}
    lines = [on(plan, kind, to.get(kind)) for kind in (one, other)]
    cart = opened(ole, *lines)
    assert [codes(item) for item in cart["cartItem"]] == [["sameProduct"]] * 2
    (first, second) = (item["id"] for item in cart["cartItem"])
    assert second in cart["cartItem"][0]["barred"][0]["reason"]
    refused = ordered(ole, cart).body
    assert (refused["code"], {each["cartItem"] for each in refused["details"]["cartItem"]}) == (
        "sameProduct",
        {first, second},
    )
    assert directly(ole, *lines).body["code"] == "sameProduct"

    ole.patch(f"{cart['href']}/cartItem/{second}", {"status": "saveForLater"})
    assert [codes(item) for item in read(ole, cart)["cartItem"]] == [[], []]
    assert ordered(ole, cart).status == 201


def test_a_plan_that_is_changed_may_move_and_gain_an_add_on_with_the_same_order(ole: Person) -> None:
    plan = owns(ole, "plan-s")
    lines = [on(plan, "planChange", "plan-l"), on(plan, "move"), on(plan, "addOn", "extra-data-10")]
    cart = opened(ole, *lines)
    assert [codes(item) for item in cart["cartItem"]] == [[], [], []]
    assert ordered(ole, cart).status == 201


# --- it is taken as it is -----------------------------------------------------------------------------------------


def test_who_would_renew_something_else_is_told_in_the_cart_what_the_order_says(ole: Person) -> None:
    """A renewal is of what one has; of another offering it is sold like any other."""
    plan = owns(ole, "plan-s")
    refused = ole.post(CARTS, {"cartItem": [on(plan, "renew", "plan-xl")]}, expect=409).body
    assert refused["code"] == "notOnSale"
    renewed = owns(ole, "plan-xl")
    (item,) = opened(ole, on(renewed, "renew", "plan-xl"))["cartItem"]
    assert codes(item) == []


def test_a_cart_is_ordered_with_the_items_it_was_sent(ole: Person) -> None:
    """What is to be renewed needs no name; its product says which line it is."""
    plan = owns(ole, "plan-s")
    renewal = on(plan, "renew")
    cart = opened(ole, renewal, line("case-aurora-5"))
    wrong = [{"id": "1", **on(owns(ole, "plan-s"), "renew")}, {"id": "2", "action": "add", **line("case-aurora-5")}]
    assert ordered(ole, cart, productOrderItem=wrong).body["code"] == "itemsDiffer"
    sent = [{"id": "1", **renewal}, {"id": "2", "action": "add", **line("case-aurora-5")}]
    assert ordered(ole, cart, productOrderItem=sent).status == 201


def test_what_nobody_can_buy_any_more_is_kept_by_who_renews_it(ole: Person) -> None:
    """Only its price can be a loss then; who goes to another plan gives it up."""
    plan = owns(ole, "plan-xl")
    (kept,), (given_up,) = (opened(ole, on(plan, *to))["cartItem"] for to in (("renew",), ("planChange", "plan-l")))
    assert ("losing" in kept, [loss["kind"] for loss in given_up["losing"]]) == (False, ["noLongerSold"])
    assert directly(ole, on(plan, "renew")).status == 201


def test_what_was_put_into_a_bundle_meanwhile_is_not_taken_out_by_a_renewal_that_waits(ole: Person) -> None:
    bundle = owns(ole, BUNDLE, part("fibre-500"), part("tv-basic"))
    waiting, chosen = opened(ole, on(bundle, "renew")), opened(ole, on(bundle, "renew", cartItem=[line("fibre-250")]))
    assert parts_of(waiting["cartItem"][0]) == {"fibre-500": 1, "tv-basic": 1}
    more = [line("fibre-500"), line("tv-plus")]
    fulfilled(ordered(ole, opened(ole, on(bundle, "planChange", BUNDLE, cartItem=more))).body)

    (item,) = read(ole, waiting)["cartItem"]
    assert item["barred"] == [
        {
            "code": "productChanged",
            "reason": "This product, or what lies in it, changed since the line was added; "
            "remove the line and add it again.",
        }
    ]
    assert ordered(ole, waiting).body["code"] == "productChanged"
    ole.delete(f"{waiting['href']}/cartItem/{item['id']}")
    ole.post(f"{waiting['href']}/cartItem", on(bundle, "renew"))
    (item,) = read(ole, waiting)["cartItem"]
    assert (codes(item), parts_of(item)) == ([], {"fibre-500": 1, "tv-plus": 1})
    assert codes(read(ole, chosen)["cartItem"][0]) == [], "what somebody chose is what they want"
    (ordered_item,) = ordered(ole, waiting).body["productOrderItem"]
    assert parts_of(ordered_item, "productOrderItem") == {"fibre-500": 1, "tv-plus": 1}


def test_a_renewal_that_waits_is_not_of_what_one_had_before(ole: Person) -> None:
    plan = owns(ole, "plan-xl")
    waiting = opened(ole, on(plan, "renew"))
    knowing = [{"id": plan, "kind": ["noLongerSold"]}]
    fulfilled(ordered(ole, opened(ole, on(plan, "planChange", "plan-l")), acceptedLoss=knowing).body)
    assert codes(read(ole, waiting)["cartItem"][0]) == ["productChanged"]
    assert ordered(ole, waiting).body["code"] == "productChanged"


@pytest.mark.parametrize("sent", ["nothing", "what was read"])
def test_who_says_nothing_else_of_its_parts_has_those_of_the_product(ole: Person, sent: str) -> None:
    bundle = owns(ole, BUNDLE, part("fibre-1000"), part("tv-plus"))
    cart = opened(ole, on(bundle, "renew"))
    (item,) = cart["cartItem"]
    patch = {"cartItem": None if sent == "nothing" else item["cartItem"]}
    ole.patch(f"{cart['href']}/cartItem/{item['id']}", patch)
    assert parts_of(read(ole, cart)["cartItem"][0]) == {"fibre-1000": 1, "tv-plus": 1}
    fulfilled(ordered(ole, opened(ole, on(bundle, "planChange", BUNDLE, cartItem=[line("fibre-250")]))).body)
    assert codes(read(ole, cart)["cartItem"][0]) == ["productChanged"], "it is still what was taken from the product"


def test_more_of_a_part_than_a_bundle_has_today_is_given_up_knowingly(ole: Person) -> None:
    bundle = owns(ole, BUNDLE, part("fibre-500"), part("tv-basic", quantity=2))
    (ended,) = opened(ole, on(bundle, "disconnect"))["cartItem"]
    assert {loss["kind"] for loss in ended["losing"]} == {"noLongerSold"}
    assert [loss["reason"] for loss in ended["losing"]] == [
        f"{BUNDLE} could not be had like that again: Nova Your Choice has at most 1 of Nova TV Basic, not 2.",
        f"{BUNDLE} could not be had like that again: Nova Your Choice takes at most 1 of Television, not 2.",
    ]
    (renewed,) = opened(ole, on(bundle, "renew"))["cartItem"]
    assert set(codes(renewed)) == {"configurationConflict"}
