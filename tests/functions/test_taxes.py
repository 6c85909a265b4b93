"""Taxes by place and kind of customer, over HTTP: in the cart, in the order, and when that is priced again."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import store
from functions.shared import tmf
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
    customer,
    line,
    on_record,
)

ORGANIZATIONS = f"{tmf.BASE['TMF632']}/organization"
RATES = {
    "island": {"id": "island", "taxCategory": "standard", "taxRate": 0, "stateOrProvince": "Helgoland"},
    "abroad": {
        "id": "abroad",
        "taxCategory": "standard",
        "taxRate": 0,
        "customerKind": "business",
        "country": "AT",
        "keeps": "net",
    },
}


@pytest.fixture(autouse=True)
def taxed(hub: Stage) -> Iterator[None]:
    """The catalog with a rate for an island, and one for firms of another country."""
    was = store.live("nova").content
    store.publish({**was, "taxRate": RATES})
    yield
    store.publish(was)


def lives(**where: str) -> list[Json]:
    address = {"street1": "Am Markt 1", **where}
    return [{"mediumType": "postalAddress", "characteristic": {"contactType": "installation", **address}}]


def firm(**where: str) -> Person:
    """An organization as a customer, logged in on the web."""
    made = BEN.post(ORGANIZATIONS, {"tradingName": "Alpen GmbH"}).body
    engaged = {"id": made["id"], "@referredType": "Organization"}
    body = {"name": "Alpen GmbH", "engagedParty": engaged, "contactMedium": lives(**where)}
    return customer(BEN.post(CUSTOMERS, body).body["id"])


def cart_with(person: Person, quantity: int = 1) -> Json:
    return dict(person.post(CARTS, {"cartItem": [line("plan-m", quantity=quantity)]}).body)


def monthly(prices: list[Json]) -> tuple[Any, ...]:
    """What is to pay each month: with tax, without, the rate, and whose that is."""
    (found,) = (p for p in prices if p["priceType"] == "recurring")
    price = found["price"]
    ((rule, percent),) = {(tax.get("id"), Decimal(str(tax["taxRate"]))) for tax in found["tax"]}
    amounts = (Decimal(str(price[name]["value"])) for name in ("taxIncludedAmount", "dutyFreeAmount"))
    return (*amounts, percent, rule)


def test_where_and_to_whom_it_is_sold_decides_the_tax(hub: Stage) -> None:
    told = {
        "a guest": monthly(cart_with(GUEST)["cartTotalPrice"]),
        "here": monthly(cart_with(on_record(contactMedium=lives(country="DE")))["cartTotalPrice"]),
        "island": monthly(cart_with(on_record(contactMedium=lives(stateOrProvince="Helgoland")))["cartTotalPrice"]),
        "a firm here": monthly(cart_with(firm(country="DE"))["cartTotalPrice"]),
        "a firm there": monthly(cart_with(firm(country="AT"), 2)["cartTotalPrice"]),
    }
    usual = Decimal("29.99"), Decimal("25.20"), Decimal(19), None
    assert told == {
        "a guest": usual,
        "here": usual,
        "island": (Decimal("29.99"), Decimal("29.99"), Decimal(0), "island"),
        "a firm here": usual,
        "a firm there": (Decimal("50.40"), Decimal("50.40"), Decimal(0), "abroad"),
    }


def test_an_order_keeps_what_decided_its_tax_and_is_priced_again_whatever_the_customer_has_become(hub: Stage) -> None:
    alpen = firm(country="AT", city="Wien")
    cart = cart_with(alpen, 3)
    order = alpen.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert hub.row("order", "productOrder", order["id"])["basis"]["held"] == [
        "customer.kind = business",
        "place.country = AT",
    ]
    (item,) = order["productOrderItem"]
    steps = [(step["rule"], Decimal(str(step["effect"]["value"]))) for step in item["priceProof"]["trace"]]
    at = steps.index(("plan-m-monthly", Decimal("89.97")))
    assert steps[at + 1] == ("abroad", Decimal("-14.37"))

    OLGA.patch(f"{CUSTOMERS}/{alpen.customer}", {"contactMedium": lives(country="DE")})
    store.publish({**store.live("nova").content, "taxRate": {}})
    assert monthly(cart_with(alpen, 3)["cartTotalPrice"])[0] == Decimal("89.97")
    replay = alpen.get(f"{order['href']}/price/replay").body
    assert replay["equal"]
    assert monthly(replay["total"]["computed"]) == monthly(order["orderTotalPrice"])
    assert monthly(alpen.get(cart["href"]).body["cartTotalPrice"]) == monthly(order["orderTotalPrice"])


def test_the_customer_is_read_for_the_tax_only_where_a_rate_asks(hub: Stage) -> None:
    lena = on_record(contactMedium=lives(country="DE"))
    cart = cart_with(lena)
    assert hub.called(lambda: lena.get(cart["href"])) == ["dynamodb.GetItem"] * 2
    store.publish({**store.live("nova").content, "taxRate": {}})
    other = cart_with(lena)
    assert hub.called(lambda: lena.get(other["href"])) == ["dynamodb.GetItem"]
