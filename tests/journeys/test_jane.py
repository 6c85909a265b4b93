"""Jane: five handsets at lunch, an agent who compares, a shop that orders one, a house move. The demo's own story."""

from decimal import Decimal

import pytest

from cli import jane, look
from cli.story import personal
from local.hub import Hub
from tests.cli.stage import Performance, assert_all_true, perform
from tests.tmf.client import Client

NUMBER = "+491713920022"


@pytest.fixture(scope="module")
def told(hub: Hub) -> Performance:
    return perform(hub, jane.JANE)


def test_the_story_goes_as_it_is_told(told: Performance) -> None:
    assert_all_true(told)
    assert len(told.scenes) == len(jane.STEPS)


def test_nothing_was_asked_twice(told: Performance) -> None:
    sent = {scene.step.does: personal(scene.call.body) for scene in told.scenes if personal(scene.call.body)}
    assert list(sent) == ["moves house: the new address takes the place of the old one."]


def test_a_call_that_asks_again_would_be_noticed() -> None:
    assert personal({"relatedParty": [{"id": "1", "name": "Jane"}]}) == {"name"}
    assert personal([{"place": {"city": "Beispielhafen"}}]) == {"place", "city"}


def test_she_pays_the_shops_price(told: Performance) -> None:
    total = told.stage.told["order"]["orderTotalPrice"]
    assert look.amount(total, "oneTime") == Decimal("449.10") + Decimal("39.99")
    assert look.amount(total, "recurring") == Decimal("29.99")


def test_the_order_names_the_shop_that_took_it(told: Performance) -> None:
    order = told.stage.told["order"]
    assert {(item["touch"]["channel"], item["touch"]["outlet"]) for item in order["productOrderItem"]} == {
        ("shop", jane.OUTLET)
    }
    assert "seller-mira" in [party["id"] for party in order["relatedParty"]]


def test_she_gets_two_messages_in_german(hub: Hub, told: Performance) -> None:
    number = look.number(told.stage.told["order"])
    assert hub.messages == [
        (
            NUMBER,
            (
                "Nova: Danke, Ihre Bestellung von Solvaan Fjord 2, Nova M ist bei uns. "
                f"Sie zahlen 489,09 € einmalig, 29,99 € im Monat. Sie hat die Nummer {number}."
            ),
        ),
        (NUMBER, "Nova: Solvaan Fjord 2, Nova M ist aktiv. Viel Freude damit!"),
    ]


def test_her_timeline_tells_it_newest_first_over_every_channel(told: Performance) -> None:
    timeline = told.stage.told["timeline"]
    assert look.newest_first(timeline)
    by_people = [(each["reason"], look.where(each)) for each in reversed(timeline) if look.where(each) != "hub"]
    assert by_people[:4] == [
        ("cartOpened", "web"),
        ("advice", "callcentre"),
        ("cartChanged", "shop"),
        ("cartChanged", "shop"),
    ]
    assert ("orderPlaced", "shop") in by_people[4:]


def test_her_installed_base_is_a_handset_and_a_plan_billed_to_her_account(hub: Hub, told: Performance) -> None:
    reader = Client(hub.url, hub.token("nova-selfcare", "customer", jane.CUSTOMER, customer_id=jane.CUSTOMER))
    products = reader.get("/tmf-api/productInventory/v4/product").body
    assert sorted(look.offering(each) for each in products) == [jane.CHOSEN, jane.PLAN]
    assert {each["status"] for each in products} == {"active"}
    assert {each["billingAccount"]["id"] for each in products} == {"account-jane"}


def test_nothing_failed_behind_her_back(hub: Hub, told: Performance) -> None:
    assert hub.function_errors == []
    assert hub.dead_letters() == []
