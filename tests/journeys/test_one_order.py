"""The thin path: one offering, one cart, one order, through stream, bus and workflow to its effects."""

from functions.shared import access, rows
from functions.shared.settings import settings
from local.hub import Hub
from tests.tmf.client import Client


def test_an_order_runs_from_the_cart_to_the_installed_base_and_one_message(hub: Hub) -> None:
    caller = access.hub({"brand": "nova", "market": "DE", "correlation_id": "test"}, "test")
    contact = [{"id": "m1", "mediumType": "mobile", "characteristic": {"phoneNumber": "+491713920001"}}]
    body = {"name": "Ann", "status": "active", "preferredLanguage": "en", "contactMedium": contact}
    rows.save(rows.put(settings.customer_table, rows.new(caller, "customer", "ann", body)))
    ann = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))

    cart = ann.post("/tmf-api/shoppingCart/v4/shoppingCart", {}).body
    ann.post(f"{cart['href']}/cartItem", {"productOffering": {"id": "plan-m"}})
    order = ann.post("/tmf-api/productOrderingManagement/v4/productOrder", {"shoppingCart": {"id": cart["id"]}}).body
    assert order["state"] == "acknowledged"
    hub.settle()

    assert ann.get(order["href"]).body["state"] == "completed"
    (product,) = ann.get("/tmf-api/productInventory/v4/product").body
    assert product["status"] == "active"
    assert product["productOffering"]["id"] == "plan-m"
    assert [phone for phone, _ in hub.messages] == ["+491713920001"] * 2
    assert "active" in hub.messages[-1][1]
    assert hub.function_errors == []
    assert hub.dead_letters() == []
