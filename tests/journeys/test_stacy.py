"""Stacy: an offer seen on the web, a call, a discount that only self-care gives, one timeline. The demo's own story."""

import pytest

from cli import look, stacy
from cli.scenery import CARTS, ORDERS, PRODUCTS
from local.hub import Hub
from tests.cli.stage import Performance, assert_all_true, perform
from tests.tmf.client import Client


@pytest.fixture(scope="module")
def told(hub: Hub) -> Performance:
    return perform(hub, stacy.STACY)


def test_the_story_goes_as_it_is_told(told: Performance) -> None:
    assert_all_true(told)
    assert len(told.scenes) == len(stacy.STEPS)


def test_she_gets_two_messages_in_her_language_and_the_last_says_it_is_active(hub: Hub, told: Performance) -> None:
    number = look.number(told.stage.told["order"])
    assert hub.messages == [
        (
            stacy.NUMBER,
            f"Nova: thank you, we have your order of Extra data 10 GB. You pay €4.99 a month. Its number is {number}.",
        ),
        (stacy.NUMBER, "Nova: Extra data 10 GB is active. Enjoy!"),
    ]


def test_her_timeline_tells_it_newest_first_over_every_channel(told: Performance) -> None:
    timeline = told.stage.told["timeline"]
    assert look.newest_first(timeline)
    order, cart = (told.stage.told[each]["id"] for each in ("order", "cart"))
    oldest_first = [(each["reason"], look.where(each), look.about(each).get("id")) for each in reversed(timeline)]
    # What the hub does after the order runs side by side; what people do has an order.
    assert [each for each in oldest_first if each[1] != "hub"] == [
        ("offerViewed", "web", stacy.OFFER),
        ("cartOpened", "callcentre", cart),
        ("cartChanged", "callcentre", cart),
        ("advice", "callcentre", None),
        ("cartChanged", "selfcare", cart),
        ("orderPlaced", "selfcare", order),
    ]
    done = sorted(each["description"] for each in timeline if look.where(each) == "hub")
    number = look.number(told.stage.told["order"])
    assert done == [
        "Got a message: activated.",
        "Got a message: received.",
        f"Order {number} is being fulfilled.",
        f"Order {number} is fulfilled.",
    ]


def test_her_installed_base_has_the_add_on_on_the_terms_it_was_sold(told: Performance) -> None:
    added = next(each for each in told.stage.told["products"] if look.offering(each) == stacy.OFFER)
    assert added["origin"] == {
        "type": "orderItem",
        "productOrder": told.stage.told["order"]["id"],
        "orderItem": told.stage.told["order"]["productOrderItem"][0]["id"],
    }
    (price,) = added["productPrice"]
    assert [each["name"] for each in price["productPriceAlteration"]] == [stacy.RULE]
    assert added["billingAccount"]["id"] == "account-stacy"


def test_the_plan_she_had_keeps_its_terms_and_waits_for_nothing(told: Performance) -> None:
    plan = next(each for each in told.stage.told["products"] if each["id"] == stacy.PLAN)
    assert plan["origin"]["type"] == "migration"
    assert look.offering(plan) == "plan-m"
    assert "pendingChange" not in plan


def test_every_channel_reads_the_same_order_cart_and_products(hub: Hub, told: Performance) -> None:
    readers = [
        Client(hub.url, hub.token("nova-selfcare", "customer", stacy.CUSTOMER, customer_id=stacy.CUSTOMER)),
        Client(hub.url, hub.token("nova-mobile", "customer", stacy.CUSTOMER, customer_id=stacy.CUSTOMER)),
        Client(hub.url, hub.token("nova-callcentre", "agent", "agent-ben")),
        Client(hub.url, hub.token("nova-shop", "agent", "seller-mira")),
    ]
    order = told.stage.told["fulfilled"]
    of_hers = f"?relatedParty.id={stacy.CUSTOMER}"
    assert all(reader.get(order["href"]).body == order for reader in readers)
    assert all(reader.get(f"{ORDERS}{of_hers}").body == [order] for reader in readers)
    assert all(reader.get(f"{PRODUCTS}{of_hers}").body == told.stage.told["products"] for reader in readers)
    carts = [reader.get(f"{CARTS}{of_hers}").body for reader in readers]
    assert all(
        [(each["id"], each["state"]) for each in found] == [(told.stage.told["cart"]["id"], "ordered")]
        for found in carts
    )


def test_nothing_failed_behind_her_back(hub: Hub, told: Performance) -> None:
    assert hub.function_errors == []
    assert hub.dead_letters() == []
