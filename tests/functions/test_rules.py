"""Rules of the catalog that ask who the customer is: what is on their record and installed decides price and offer."""

from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import store
from tests.functions.stage import CARTS, CUSTOMERS, OLGA, ORDERS, PRODUCTS, Json, Person, Stage, line, on_record
from tests.unit.test_catalog import criterion, promotion


def once(thing: Json, name: str = "cartTotalPrice") -> Decimal:
    """What is to be paid once."""
    return sum(
        (Decimal(str(p["price"]["taxIncludedAmount"]["value"])) for p in thing[name] if p["priceType"] == "oneTime"),
        Decimal(0),
    )


def monthly(thing: Json, name: str = "cartTotalPrice") -> Decimal:
    """What is to be paid each month."""
    return sum(
        (Decimal(str(p["price"]["taxIncludedAmount"]["value"])) for p in thing[name] if p["priceType"] == "recurring"),
        Decimal(0),
    )


def cart_with(person: Person, offering: str, **more: Any) -> Json:
    return dict(person.post(CARTS, {"cartItem": [line(offering)], **more}).body)


def test_a_changed_fact_changes_the_segment_and_the_price_on_the_next_read(hub: Stage) -> None:
    lena = on_record()
    cart = cart_with(lena, "handset-pebble-3")
    assert once(cart) > 169
    OLGA.patch(f"{CUSTOMERS}/{lena.customer}", {"characteristic": [{"name": "student", "value": "yes"}]})

    student = lena.get(cart["href"]).body
    assert once(student) == 169
    assert [p["id"] for p in student["promotion"]] == ["student-handset"]

    order = lena.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert once(order, "orderTotalPrice") == 169
    OLGA.patch(f"{CUSTOMERS}/{lena.customer}", {"characteristic": []})
    assert once(lena.get(order["href"]).body, "orderTotalPrice") == 169, "an order is the contract"


def test_an_offer_for_some_is_kept_in_the_cart_of_others_and_not_ordered(hub: Stage) -> None:
    lena = on_record()
    cart = cart_with(lena, "fleet-service")
    (item,) = cart["cartItem"]
    (bar,) = item["barred"]
    assert (bar["code"], bar["reason"]) == ("notEligible", "Nur für Geschäftskunden.")
    assert [way["label"] for way in bar["unlock"]] == ["Möglich für Kunden des Segments Geschäftskunden."]
    refused = lena.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409)
    assert refused.body["code"] == "notEligible"


@pytest.fixture
def loyal(hub: Stage) -> Any:
    """A version in which whoever has a Nova M pays half for television."""
    was = store.live("nova").content
    rule = promotion(
        "loyal",
        "tv-plus",
        percentage="50",
        channels=["web", "shop"],
        criteriaGroup=[
            {"criteria": [criterion("installed.offering", "plan-m"), criterion("installed.category", "postpaid")]}
        ],
    )
    store.publish({**was, "promotion": {**was["promotion"], "loyal": rule}})
    yield
    store.publish(was)


@pytest.mark.usefixtures("loyal")
def test_what_is_installed_makes_what_is_added_cheaper(hub: Stage) -> None:
    lena, otto = on_record(), on_record()
    OLGA.post(
        PRODUCTS,
        {
            "name": "Nova M",
            "status": "active",
            "productOffering": {"id": "plan-m"},
            "relatedParty": [{"id": lena.customer, "role": "owner", "@referredType": "Customer"}],
        },
    )
    hers, his = cart_with(lena, "tv-plus"), cart_with(otto, "tv-plus")
    assert (monthly(hers), monthly(his)) == (Decimal("8.49"), Decimal("16.99"))
    assert hub.called(lambda: lena.get(hers["href"])) == ["dynamodb.GetItem", "dynamodb.Query", "dynamodb.BatchGetItem"]
    order = lena.post(ORDERS, {"shoppingCart": {"id": hers["id"]}}).body
    assert monthly(order, "orderTotalPrice") == Decimal("8.49")


def test_a_cart_whose_rules_ask_nothing_of_the_customer_costs_one_call(hub: Stage) -> None:
    lena = on_record()
    cart = cart_with(lena, "plan-m")
    assert hub.called(lambda: lena.get(cart["href"])) == ["dynamodb.GetItem"]


def test_a_cart_has_one_currency_and_it_is_one_the_brand_sells_in(hub: Stage) -> None:
    lena = on_record()
    refused = lena.post(CARTS, {"currency": "USD", "cartItem": [line("plan-m")]}, expect=409).body
    assert (refused["code"], refused["reason"]) == ("otherCurrency", "Nothing is sold in USD here, but in EUR.")
    cart = cart_with(lena, "plan-m", currency="EUR")
    assert (cart["currency"], once(cart)) == ("EUR", once(cart_with(lena, "plan-m")))
    assert lena.patch(cart["href"], {"currency": "CHF"}, expect=409).body["code"] == "otherCurrency"
    assert lena.get(cart["href"]).body == cart


def test_in_each_currency_a_cart_costs_what_is_written_there_and_nothing_is_converted(hub: Stage) -> None:
    was = store.live("nova").content
    francs = {**was["productOfferingPrice"]["tv-plus-monthly"], "id": "tv-plus-francs"}
    francs["price"] = {"unit": "CHF", "value": "19.00"}
    sold = {**was["productOffering"]["tv-plus"]}
    sold["productOfferingPrice"] = [*sold["productOfferingPrice"], {"id": "tv-plus-francs"}]
    store.publish(
        {
            **was,
            "currencies": ["EUR", "CHF"],
            "productOffering": {**was["productOffering"], "tv-plus": sold},
            "productOfferingPrice": {**was["productOfferingPrice"], "tv-plus-francs": francs},
        }
    )
    lena = on_record()
    cart = cart_with(lena, "tv-plus", currency="CHF")
    assert [p["price"]["taxIncludedAmount"] for p in cart["cartTotalPrice"]] == [{"unit": "CHF", "value": Decimal(19)}]
    order = lena.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert monthly(order, "orderTotalPrice") == Decimal(19)
    assert monthly(lena.get(cart["href"]).body) == Decimal(19), "an ordered cart too"
    store.publish(was)
