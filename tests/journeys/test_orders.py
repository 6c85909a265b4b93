"""Orders: the price seen is the price ordered, one order comes out, and what fails is taken back and said."""

from pathlib import Path
from typing import Any

import pytest

from cli.telco import compile_brand
from functions.catalog import store as catalogs
from functions.shared import access, rows
from functions.shared.settings import settings
from local.hub import Hub
from tests.tmf.client import Client

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCELLATIONS = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
PRODUCTS = "/tmf-api/productInventory/v4/product"
HUB = access.hub({"brand": "nova", "market": "DE", "correlation_id": "test"}, "test")


def customer(hub: Hub, name: str, channel: str = "web") -> Client:
    return Client(hub.url, hub.token(f"nova-{channel}", "customer", name, customer_id=name))


def agent(hub: Hub, channel: str = "callcentre") -> Client:
    return Client(hub.url, hub.token(f"nova-{channel}", "agent", "ben"))


def cart_of(client: Client, *offerings: str) -> Any:
    return client.post(CARTS, {"cartItem": [{"productOffering": {"id": o}} for o in offerings]}).body


def order_of(client: Client, cart: Any, **body: Any) -> Any:
    return client.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **body})


def southbound(offering: str, behaviour: str, times: int) -> None:
    """Tells the simulator how to behave for an offering."""
    row = rows.new(HUB, "southbound", offering, {"behaviour": behaviour, "times": times})
    rows.save(rows.put(settings.events_table, row))


def reprice(price: str, value: str) -> None:
    """Publishes a catalog in which that price is another."""
    content = compile_brand(Path("telco"), "nova")
    found = next(p for p in content["productOfferingPrice"] if p["id"] == price)
    found["price"]["value"] = value
    catalogs.publish(content)


def monthly(prices: list[dict[str, Any]]) -> Any:
    return next(p["price"]["taxIncludedAmount"]["value"] for p in prices if p["priceType"] == "recurring")


def test_a_price_that_rose_is_refused_with_both_prices_until_it_is_accepted(hub: Hub) -> None:
    ida = customer(hub, "ida")
    cart = cart_of(ida, "plan-m")
    reprice("plan-m-monthly", "34.99")
    assert str(monthly(ida.get(cart["href"]).body["cartTotalPrice"])) == "29.99"
    refused = ida.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body
    assert refused["code"] == "priceRose"
    assert str(monthly(refused["details"]["seen"])) == "29.99"
    assert str(monthly(refused["details"]["current"])) == "34.99"
    assert ida.get(cart["href"]).body["state"] == "active"
    order = order_of(ida, cart, orderTotalPrice=_sendable(refused["details"]["current"])).body
    assert str(monthly(order["orderTotalPrice"])) == "34.99"


def _sendable(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for p in prices:
        amount = p["price"]["taxIncludedAmount"]
        amount["value"] = float(amount["value"])
    return prices


def test_a_price_that_fell_is_passed_on(hub: Hub) -> None:
    ida = customer(hub, "ida")
    reprice("plan-m-monthly", "29.99")
    cart = cart_of(ida, "plan-m")
    reprice("plan-m-monthly", "24.99")
    assert str(monthly(order_of(ida, cart).body["orderTotalPrice"])) == "24.99"


def test_prices_and_states_that_a_client_sends_are_not_believed(hub: Hub) -> None:
    reprice("plan-m-monthly", "29.99")
    ida = customer(hub, "ida")
    line = {
        "productOffering": {"id": "plan-m"},
        "itemPrice": [{"price": {"taxIncludedAmount": {"unit": "EUR", "value": 1}}}],
    }
    cart = ida.post(
        CARTS, {"cartItem": [line], "cartTotalPrice": [], "validFor": {"endDateTime": "2999-01-01T00:00:00Z"}}
    ).body
    assert str(monthly(cart["cartTotalPrice"])) == "29.99"
    assert not cart["validFor"]["endDateTime"].startswith("2999")
    item = {"id": "1", "action": "add", "productOffering": {"id": "plan-m"}, "state": "completed"}
    order = ida.post(ORDERS, {"productOrderItem": [item]}).body
    assert (order["state"], order["productOrderItem"][0]["state"]) == ("acknowledged", "acknowledged")
    assert str(monthly(order["orderTotalPrice"])) == "29.99"


def test_items_sent_with_a_cart_must_be_the_carts(hub: Hub) -> None:
    ida = customer(hub, "ida")
    cart = cart_of(ida, "plan-m")
    other = [{"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "plan-s"}}]
    refused = ida.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "productOrderItem": other}, expect=409)
    assert refused.body["code"] == "itemsDiffer"
    same = [{"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "plan-m"}}]
    assert order_of(ida, cart, productOrderItem=same).status == 201


def test_a_key_makes_one_order_and_another_body_under_it_is_refused(hub: Hub) -> None:
    ida, key = customer(hub, "ida"), {"Idempotency-Key": "direct-1"}
    item = {"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "plan-m"}}
    first = ida.post(ORDERS, {"productOrderItem": [item]}, headers=key)
    again = ida.post(ORDERS, {"productOrderItem": [dict(reversed(item.items()))]}, headers=key)
    assert again.body["id"] == first.body["id"]
    assert (first.headers["Idempotent-Replayed"], again.headers["Idempotent-Replayed"]) == (None, "true")
    other = {"productOrderItem": [{**item, "quantity": 2}]}
    assert ida.post(ORDERS, other, headers=key, expect=422).body["code"] == "keyReused"
    another_principal = customer(hub, "tom").post(ORDERS, other, headers=key)
    assert another_principal.body["id"] != first.body["id"]


def test_an_external_id_makes_one_order_too(hub: Hub) -> None:
    ida = customer(hub, "ida")
    body = {
        "externalId": "crm-4711",
        "productOrderItem": [{"id": "1", "action": "add", "productOffering": {"id": "plan-m"}}],
    }
    assert ida.post(ORDERS, body).body["id"] == ida.post(ORDERS, body).body["id"]


def test_an_item_the_hub_does_not_know_is_acknowledged_and_then_rejected(hub: Hub) -> None:
    ida = customer(hub, "ida")
    order = ida.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", "quantity": 1}]}).body
    assert order["state"] == "acknowledged"
    hub.settle()
    ended = ida.get(order["href"]).body
    assert (ended["state"], ended["productOrderItem"][0]["state"]) == ("rejected", "rejected")
    assert hub.function_errors == [] or {e.type for e in hub.function_errors} == {"NotOurs"}


def test_of_an_order_with_one_unknown_item_the_rest_is_fulfilled(hub: Hub) -> None:
    ida = customer(hub, "ida")
    known = {"id": "1", "action": "add", "productOffering": {"id": "plan-s"}}
    order = ida.post(ORDERS, {"productOrderItem": [known, {"id": "2", "action": "add"}]}).body
    hub.settle()
    ended = ida.get(order["href"]).body
    assert (ended["state"], [i["state"] for i in ended["productOrderItem"]]) == ("partial", ["completed", "rejected"])


def test_what_the_network_refuses_is_taken_back_and_said(hub: Hub) -> None:
    ivo = customer(hub, "ivo")
    southbound("fibre-500", "fail", 1)
    order = order_of(ivo, cart_of(ivo, "plan-m", "fibre-500")).body
    hub.settle()
    ended = ivo.get(order["href"]).body
    assert (ended["state"], {i["state"] for i in ended["productOrderItem"]}) == ("failed", {"failed"})
    assert ivo.get(PRODUCTS).body == []
    ledger = [rows.unpacked(i) for i in hub.client("dynamodb").scan(TableName=settings.events_table)["Items"]]
    active = [r for r in ledger if r["type"] == "activation" and r["body"]["state"] == "active"]
    assert not [r for r in active if r["correlation_id"] == _correlation(ledger, order["id"])]


def _correlation(ledger: list[rows.Row], order: str) -> str:
    found = rows.load(settings.order_table, "nova", "productOrder", order)
    assert found is not None
    return str(found["correlation_id"])


def test_a_slow_network_is_asked_again_until_it_is_done(hub: Hub) -> None:
    ivo = customer(hub, "ivo")
    southbound("fibre-1000", "slow", 2)
    order = order_of(ivo, cart_of(ivo, "fibre-1000")).body
    hub.settle()
    assert ivo.get(order["href"]).body["state"] == "completed"


def test_a_network_that_answers_twice_activates_once(hub: Hub) -> None:
    ivo = customer(hub, "ivo")
    southbound("tv-basic", "twice", 1)
    before = len(ivo.get(PRODUCTS).body)
    order = order_of(ivo, cart_of(ivo, "tv-basic")).body
    hub.settle()
    assert ivo.get(order["href"]).body["state"] == "completed"
    assert len(ivo.get(PRODUCTS).body) == before + 1


def test_a_completed_order_cannot_be_cancelled_and_the_task_says_so(hub: Hub) -> None:
    ivo = customer(hub, "ivo")
    order = order_of(ivo, cart_of(ivo, "plan-m")).body
    hub.settle()
    task = ivo.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}, "cancellationReason": "changed my mind"}).body
    assert task["state"] == "terminatedWithError"
    assert ivo.get(task["href"]).body["productOrder"]["id"] == order["id"]
    assert ivo.get(order["href"]).body["state"] == "completed"


def test_an_order_that_the_network_is_slow_with_is_taken_back_when_it_is_cancelled(hub: Hub) -> None:
    ivo = customer(hub, "ivo")
    southbound("fibre-250", "slow", 3)
    order = order_of(ivo, cart_of(ivo, "fibre-250")).body
    task = ivo.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body
    hub.settle()
    now, task = ivo.get(order["href"]).body, ivo.get(task["href"]).body
    assert (now["state"], task["state"]) in {("cancelled", "done"), ("completed", "terminatedWithError")}
    assert ivo.get(f"{CANCELLATIONS}?productOrder.id={order['id']}").body[0]["id"] == task["id"]


@pytest.mark.parametrize("who", ["tom", "guest", "none"])
def test_another_ones_order_is_as_good_as_missing(hub: Hub, who: str) -> None:
    order = order_of(customer(hub, "ida"), cart_of(customer(hub, "ida"), "plan-m")).body
    if who == "guest":
        Client(hub.url, hub.token("nova-web", "guest")).get(order["href"], expect=403)
    elif who == "none":
        Client(hub.url, None).get(order["href"], expect=401)
    else:
        other = customer(hub, who).get(order["href"], expect=404)
        missing = customer(hub, who).get(f"{ORDERS}/{'0' * 32}", expect=404)
        assert other.body == missing.body


def test_the_channels_of_an_order_tell_where_it_began_and_was_completed(hub: Hub) -> None:
    cart = cart_of(customer(hub, "ida"), "plan-m")
    agent(hub).post(f"{cart['href']}/cartItem", {"productOffering": {"id": "plan-s"}})
    order = order_of(agent(hub, "shop"), cart).body
    assert {(c["id"], c["role"]) for c in order["channel"]} == {
        ("web", "origin"),
        ("callcentre", "touched"),
        ("shop", "completed"),
    }
    assert ("ben", "seller") in {(p["id"], p["role"]) for p in order["relatedParty"]}
    everywhere = [customer(hub, "ida"), customer(hub, "ida", "mobile"), agent(hub), agent(hub, "shop")]
    hub.settle()
    assert len({str(each.get(order["href"]).body) for each in everywhere}) == 1
