"""A price that was told can be shown and held against what is ordered, and what was ordered can be computed again."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import key, store
from functions.shared import aws, clock, rows
from functions.shared.http import as_json
from tests.functions.stage import (
    BEN,
    CARTS,
    CUSTOMERS,
    GUEST,
    OLGA,
    ORDERS,
    Json,
    Person,
    Stage,
    cart_of,
    customer,
    line,
    on_record,
    order_of,
    stumbling,
)
from tests.unit.test_catalog import promotion

PARTNER = Person("nova-partner", "partner", "partner-1")
MONTHLY = "plan-m-monthly"
Change = Callable[[Json], None]


@pytest.fixture(autouse=True)
def sold_again(hub: Stage) -> Iterator[None]:
    """What was on sale before is on sale after each story."""
    was = store.live("nova").content
    yield
    store.publish(was)


def on_sale(change: Change) -> None:
    """Publishes the catalog with a change to it."""
    held = store.live("nova").content
    now = {name: deepcopy(dict(each)) if isinstance(each, Mapping) else each for name, each in held.items()}
    change(now)
    store.publish(now)


def costs(price: str, value: str) -> Change:
    """A price that is another from now on."""

    def change(content: Json) -> None:
        content["productOfferingPrice"][price]["price"]["value"] = value

    return change


def monthly(prices: list[Json]) -> Decimal:
    found = (p["price"]["taxIncludedAmount"]["value"] for p in prices if p["priceType"] == "recurring")
    return sum((Decimal(str(value)) for value in found), Decimal(0))


def order_with(person: Person, cart: Json, token: str, **more: Any) -> Any:
    return person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "priceProof": {"token": token}}, **more)


def replayed(person: Person, order: Json, **more: Any) -> Any:
    return person.get(f"{order['href']}/price/replay", **more)


# --- consent -----------------------------------------------------------------------------------------------------


def test_a_price_that_fell_since_it_was_told_is_passed_on(hub: Stage) -> None:
    jane = customer("jane-falls")
    cart = cart_of(jane, "plan-m")
    on_sale(costs(MONTHLY, "19.99"))
    order = order_with(jane, cart, cart["priceProof"]["token"]).body
    assert (monthly(cart["cartTotalPrice"]), monthly(order["orderTotalPrice"])) == (Decimal("29.99"), Decimal("19.99"))


def test_a_price_that_rose_is_refused_with_the_proof_that_accepts_exactly_that(hub: Stage) -> None:
    jane = customer("jane-rises")
    cart = cart_of(jane, "plan-m")
    seen = cart["priceProof"]["token"]
    on_sale(costs(MONTHLY, "31.00"))

    refused = order_with(jane, cart, seen, expect=409).body
    details = refused["details"]
    consent = details["priceProof"]["token"]
    amounts = [monthly(details[name]) for name in ("seen", "current", "difference")]
    assert (refused["code"], amounts) == ("priceRose", [Decimal("29.99"), Decimal(31), Decimal("1.01")])
    assert details["priceProof"]["catalogVersion"] == store.live("nova").version
    assert order_with(jane, cart, seen, expect=409).body["code"] == "priceRose", "what was seen is not agreed to"

    on_sale(costs(MONTHLY, "31.01"))
    dearer = order_with(jane, cart, consent, expect=409).body
    assert monthly(dearer["details"]["difference"]) == Decimal("0.01"), "the consent was to an amount"
    on_sale(costs(MONTHLY, "30.00"))
    order = order_with(jane, cart, consent).body
    assert monthly(order["orderTotalPrice"]) == 30, "less than what was agreed to"


def test_a_token_counts_wherever_it_was_told_and_the_price_of_the_channel_that_orders(hub: Stage) -> None:
    web, callcentre = customer("jane-moves"), BEN
    cart = cart_of(web, "plan-m")
    refused = order_with(callcentre, cart, cart["priceProof"]["token"], expect=409).body
    assert refused["code"] == "priceRose", "the online advantage is not for the call centre"
    order = order_with(callcentre, cart, refused["details"]["priceProof"]["token"]).body
    assert {each["id"]: each["role"] for each in order["channel"]} == {"web": "origin", "callcentre": "completed"}


def _forged(cart: Json) -> str:
    token: str = cart["priceProof"]["token"]
    return token[:-1] + ("0" if token[-1] != "0" else "1")


FOREIGN: dict[str, tuple[Callable[[Json], str], str]] = {
    "forged": (_forged, "badPriceProof"),
    "garbled": (lambda cart: "garbled", "badPriceProof"),
    "of a line": (lambda cart: cart["cartItem"][0]["priceProof"]["token"], "otherPriceProof"),
    "of another cart": (lambda _: cart_of(customer("tom"), "plan-m")["priceProof"]["token"], "otherPriceProof"),
    "of another brand": (
        lambda _: cart_of(Person("pico-web", "customer", "login-pia", "pia"), "prepaid-basic")["priceProof"]["token"],
        "otherPriceProof",
    ),
    "of an order": (lambda _: order_of(customer("tom"), "plan-m")["priceProof"]["token"], "otherPriceProof"),
}


@pytest.mark.parametrize("which", FOREIGN)
def test_a_token_that_is_none_of_this_cart_orders_nothing(hub: Stage, which: str) -> None:
    jane = customer("jane-trusts")
    cart = cart_of(jane, "plan-m")
    token, code = FOREIGN[which]
    refused = order_with(jane, cart, token(cart), expect=400)
    assert refused.body["code"] == code
    assert jane.get(cart["href"]).body["state"] == "active"
    assert order_with(jane, cart, cart["priceProof"]["token"]).status == 201


def test_what_is_ordered_directly_is_agreed_to_by_a_proof_of_just_that(hub: Stage) -> None:
    jane = customer("jane-direct")
    item = {"id": "1", "action": "add", "quantity": 2, **line("plan-m")}
    price = {"taxIncludedAmount": {"unit": "EUR", "value": 20}}
    body = {"productOrderItem": [item], "orderTotalPrice": [{"priceType": "recurring", "price": price}]}
    consent = {"priceProof": {"token": jane.post(ORDERS, body, expect=409).body["details"]["priceProof"]["token"]}}

    more = {"productOrderItem": [{**item, "quantity": 3}], **consent}
    assert jane.post(ORDERS, more, expect=400).body["code"] == "otherPriceProof"
    other = customer("tom").post(ORDERS, {"productOrderItem": [item], **consent}, expect=400)
    assert other.body["code"] == "otherPriceProof"
    order = jane.post(ORDERS, {"productOrderItem": [item], **consent}).body
    assert monthly(order["orderTotalPrice"]) == Decimal("59.98")


def test_who_sends_back_the_proof_they_were_given_changes_nothing_by_it(hub: Stage) -> None:
    jane = customer("jane-echoes")
    cart = cart_of(jane, "plan-m")
    (item,) = cart["cartItem"]
    sent = json.loads(as_json({"priceProof": cart["priceProof"], "cartItem": [{**item, "quantity": 2}]}))
    jane.patch(cart["href"], sent)
    after = jane.get(cart["href"]).body
    assert after["priceProof"]["token"] != cart["priceProof"]["token"]
    assert "priceProof" not in json.dumps(hub.row("cart", "shoppingCart", cart["id"]), default=str)


# --- computed again ----------------------------------------------------------------------------------------------


def test_an_order_is_computed_again_from_the_catalog_it_is_pinned_to(hub: Stage) -> None:
    jane = customer("jane-replays")
    order = order_of(jane, "plan-m", "fibre-500", "handset-pebble-3")

    def upset(content: Json) -> None:
        del content["promotion"]["fibre-three-months-free"]
        content["promotion"]["handset-days"]["validFor"] = {"endDateTime": clock.text(clock.now())}
        content["productOffering"]["plan-m"]["lifecycleStatus"] = "Retired"
        content["productOfferingPrice"][MONTHLY]["price"]["value"] = "99.00"

    on_sale(upset)
    for person in (jane, BEN, OLGA):
        found = replayed(person, order).body
        assert found["equal"]
        assert found["productOrder"]["id"] == order["id"]
        assert (found["catalogVersion"], found["channel"]) == (order["catalogVersion"], "web")
        assert found["asOf"] == order["orderDate"]
        assert [(item["id"], item["equal"]) for item in found["item"]] == [
            (item["id"], True) for item in order["productOrderItem"]
        ]
        assert found["total"]["stored"] == found["total"]["computed"] == order["orderTotalPrice"]
    told_then = {item["id"]: item["priceProof"]["trace"] for item in order["productOrderItem"]}
    assert {item["id"]: item["trace"] for item in found["item"]} == told_then
    assert found["total"]["trace"] == order["priceProof"]["trace"]


def test_an_order_is_proved_the_same_whenever_and_wherever_it_is_read(hub: Stage) -> None:
    jane = customer("jane-proves")
    order = order_of(jane, "plan-m", "tv-basic")
    on_sale(costs(MONTHLY, "99.00"))
    read = customer("jane-proves", "mobile").get(order["href"]).body
    assert read["priceProof"] == order["priceProof"]
    assert [i["priceProof"] for i in read["productOrderItem"]] == [i["priceProof"] for i in order["productOrderItem"]]
    assert jane.get(f"{ORDERS}?id={order['id']}").body == [read]


def test_whoever_the_customer_has_become_it_is_computed_for_who_they_were(hub: Stage) -> None:
    lena = on_record(characteristic=[{"name": "student", "value": "yes"}])
    cart = cart_of(lena, "handset-pebble-3")
    order = order_with(lena, cart, cart["priceProof"]["token"]).body
    OLGA.patch(f"{CUSTOMERS}/{lena.customer}", {"characteristic": []})

    assert "student-handset" in [step["rule"] for step in order["productOrderItem"][0]["priceProof"]["trace"]]
    assert replayed(lena, order).body["equal"]
    ordered = lena.get(cart["href"]).body
    assert ordered["cartTotalPrice"] == cart["cartTotalPrice"], "the cart is shown as it was ordered"
    assert cart_of(lena, "handset-pebble-3")["cartTotalPrice"] != cart["cartTotalPrice"]


def test_of_the_customer_an_order_keeps_what_rules_found_true_and_tells_nobody(hub: Stage) -> None:
    lena = on_record(characteristic=[{"name": "student", "value": "yes"}, {"name": "shoeSize", "value": "43"}])
    order = order_of(lena, "handset-pebble-3")
    row = hub.row("order", "productOrder", order["id"])
    assert row["basis"] == {
        "channel": "web",
        "asOf": order["orderDate"],
        "currency": "EUR",
        "held": ["segment = student"],
    }
    assert "segment" not in str(order)
    assert "segment" not in str(hub.events_of("productOrder", order["id"]))


def test_direct_orders_and_what_the_catalog_did_not_know_are_computed_again(hub: Stage) -> None:
    jane = customer("jane-direct-replays")
    items = [
        {"id": "1", "action": "add", "quantity": 3, **line("plan-m")},
        {"id": "2", "action": "add", **line("of-another-catalog")},
        {"id": "3", "action": "add", "productOffering": {"id": "home-choice"}, "productOrderItem": []},
        {"id": "4", "action": "add", **line("tv-basic")},
    ]
    order = jane.post(ORDERS, {"productOrderItem": items}).body
    found = replayed(jane, order).body
    assert found["equal"]
    assert {item["id"]: bool(item["computed"]) for item in found["item"]} == {
        item["id"]: "catalogVersion" in item for item in order["productOrderItem"]
    }


def test_what_is_not_sold_for_want_of_a_choice_makes_nothing_else_cheaper(hub: Stage) -> None:
    """Both are reached by a promotion over several lines; one of them is kept as it came, and rejected later."""
    on_sale(
        lambda content: content["promotion"].update(
            both=promotion("both", "plan-m", "home-choice", amount=("EUR", "10.00"), scope="together", stackingLimit=9)
        )
    )
    box = {"id": "2.1", "action": "add", "product": {"productCharacteristic": []}, **line("tv-box")}
    asking = {"id": "2", "action": "add", **line("home-choice"), "productOrderItem": [box]}
    jane = customer("jane-undecided")
    order = jane.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("plan-m")}, asking]}).body
    known = [item["id"] for item in order["productOrderItem"] if "catalogVersion" in item]
    assert replayed(jane, order).body["equal"]
    alone = jane.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("plan-m")}]}).body
    assert known == ["1"]
    assert order["orderTotalPrice"] == alone["orderTotalPrice"]


def test_a_bundle_as_it_was_configured_is_computed_again(hub: Stage) -> None:
    jane = customer("jane-bundles")
    parts = [line("fibre-1000"), line("tv-plus"), line("tv-sport")]
    cart = jane.post(CARTS, {"cartItem": [{**line("home-choice", quantity=2), "cartItem": parts}]}).body
    (item,) = cart["cartItem"]
    order = order_with(jane, cart, cart["priceProof"]["token"]).body
    on_sale(lambda content: content["productOffering"].pop("home-choice"))
    found = replayed(jane, order).body
    assert found["equal"], item
    assert found["total"]["computed"] == cart["cartTotalPrice"]


def test_a_replay_tells_that_a_stored_price_is_another(hub: Stage) -> None:
    jane = customer("jane-tampers")
    order = order_of(jane, "plan-m", "tv-basic")
    row = hub.row("order", "productOrder", order["id"])
    row["body"]["productOrderItem"][0]["itemTotalPrice"][0]["price"]["taxIncludedAmount"]["value"] -= Decimal("0.01")
    rows.save(rows.put("test-order", row, seen=row["version"]))
    found = replayed(jane, order).body
    assert (found["equal"], [item["equal"] for item in found["item"]]) == (False, [False, True])


@pytest.mark.parametrize(
    ("who", "status"), [(customer("tom"), 404), (GUEST, 403), (PARTNER, 403), (BEN, 200), (OLGA, 200)]
)
def test_whose_price_it_is_who_may_have_it_computed(hub: Stage, who: Person, status: int) -> None:
    order = order_of(customer("jane-private"), "plan-m")
    assert replayed(who, order, expect=status).status == status


def test_an_order_that_does_not_say_what_its_price_hangs_on_is_read_and_not_replayed(hub: Stage) -> None:
    jane = customer("jane-older")
    order = order_of(jane, "plan-m")
    row = {k: v for k, v in hub.row("order", "productOrder", order["id"]).items() if k != "basis"}
    rows.save(rows.put("test-order", row, seen=row["version"]))
    assert "priceProof" not in jane.get(order["href"]).body
    replayed(jane, order, expect=404)


# --- the key -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("noun", ["cart", "order"])
def test_a_process_reads_the_key_once_when_it_is_first_asked(hub: Stage, noun: str) -> None:
    jane = customer("jane-keyed")
    thing = cart_of(jane, "plan-m") if noun == "cart" else order_of(jane, "plan-m")
    key.forget()
    with stumbling(aws.secrets(), "GetSecretValue") as asked:
        first, second = (jane.get(thing["href"]).body for _ in range(2))
    assert len(asked) == 1
    assert first["priceProof"]["catalogVersion"] == second["priceProof"]["catalogVersion"]


def test_a_key_that_cannot_be_read_is_no_reason_to_tell_a_price_unproved(hub: Stage) -> None:
    jane = customer("jane-waits")
    cart = cart_of(jane, "plan-m")
    key.forget()
    throttled = {"Error": {"Code": "ThrottlingException", "Message": "slow down"}}
    with stumbling(aws.secrets(), "GetSecretValue", *[throttled] * 4):
        assert jane.get(cart["href"], expect=503).body["code"] == "busy"
    assert "priceProof" in jane.get(cart["href"]).body


def test_prices_go_their_way_without_their_proofs(hub: Stage) -> None:
    """Events and products tell what was sold; the proof is told by who is asked."""
    order = order_of(customer("jane-tells"), "plan-m")
    assert "priceProof" not in json.dumps(hub.events_of("productOrder", order["id"]))
