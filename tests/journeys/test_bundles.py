"""Bundles across channels: begun on the web, put right by an agent, ordered by the app, fulfilled as one."""

from local.hub import Hub
from tests.tmf.client import Client

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
PRODUCTS = "/tmf-api/productInventory/v4/product"
QUALIFICATIONS = "/tmf-api/productOfferingQualification/v4/productOfferingQualification"


def test_noor_begins_a_bundle_on_the_web_and_completes_it_elsewhere(hub: Hub) -> None:
    web, app = (
        Client(hub.url, hub.token(f"nova-{c}", "customer", "noor", customer_id="noor")) for c in ("web", "mobile")
    )
    ben = Client(hub.url, hub.token("nova-callcentre", "agent", "ben"))
    box = {"productOffering": {"id": "tv-box"}}
    uhd = {"product": {"productCharacteristic": [{"name": "resolution", "value": "UHD"}]}}
    cart = web.post(
        CARTS, {"cartItem": [{"productOffering": {"id": "home-choice"}, "cartItem": [{**box, **uhd}]}]}
    ).body
    order = {"shoppingCart": {"id": cart["id"]}}
    (line,) = cart["cartItem"]
    path = f"{cart['href']}/cartItem/{line['id']}"
    assert line["configuration"]["state"] == "incomplete"
    assert web.post(ORDERS, order, expect=409).body["code"] == "notConfigured"

    # Ben sees what Noor chose and adds what is missing, but one too many.
    chosen = [
        {k: part[k] for k in ("productOffering", "product")}
        for part in ben.get(cart["href"]).body["cartItem"][0]["cartItem"][:1]
    ]
    chosen[0]["product"]["productCharacteristic"].append({"name": "connection", "value": "LAN"})
    both = [{"productOffering": {"id": id_}} for id_ in ("tv-basic", "tv-plus")]
    line = ben.patch(path, {"cartItem": [*chosen, *both]}).body
    assert line["configuration"]["state"] == "conflicting"
    (conflict,) = line["configuration"]["conflict"]
    assert [one["productOffering"]["id"] for one in conflict["between"]] == ["tv-basic", "tv-plus"]

    line = app.patch(path, {"cartItem": [*chosen, both[1]]}).body
    assert line["configuration"] == {"state": "complete"}
    placed = app.post(ORDERS, order).body
    hub.settle()

    done = app.get(placed["href"]).body
    (item,) = done["productOrderItem"]
    assert (done["state"], item["state"]) == ("completed", "completed")
    assert [part["productOffering"]["id"] for part in item["productOrderItem"]] == ["tv-box", "tv-plus", "fibre-500"]
    assert {part["state"] for part in item["productOrderItem"]} == {"completed"}
    (product,) = app.get(PRODUCTS).body
    assert product["productOffering"]["id"] == "home-choice"
    assert product["isBundle"] is True
    assert [part["productOffering"]["id"] for part in product["product"]] == ["tv-box", "tv-plus", "fibre-500"]
    assert {c["name"]: c["value"] for c in product["product"][0]["productCharacteristic"]} == {
        "resolution": "UHD",
        "connection": "LAN",
    }
    assert str(product["productPrice"][0]["price"]["taxIncludedAmount"]["value"])

    # What needs television or a line finds them in the bundle that she has, and renews it as she chose it.
    renewal = {"action": "modify", "kind": "renew", "product": {"id": product["id"]}}
    (renewed,) = web.post(CARTS, {"cartItem": [renewal]}).body["cartItem"]
    assert (renewed["productOffering"]["id"], "barred" in renewed) == ("home-choice", False)
    assert [part["productOffering"]["id"] for part in renewed["cartItem"]] == ["tv-box", "tv-plus", "fibre-500"]
    more = [{"productOffering": {"id": id_}} for id_ in ("home-phone", "tv-sport")]
    cart = app.post(CARTS, {"cartItem": more}).body
    assert not any("barred" in item for item in cart["cartItem"])
    assert app.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=201).body["state"] == "acknowledged"


def test_what_a_bundle_of_one_price_holds_is_in_the_cart_for_all_who_ask(hub: Hub) -> None:
    """Sport needs television, which lies in Nova Trio: it is offered with it, and bought with it in one order."""
    web = Client(hub.url, hub.token("nova-web", "customer", "toni", customer_id="toni"))
    trio, sport = ({"productOffering": {"id": id_}} for id_ in ("triple-play", "tv-sport"))
    cart = web.post(CARTS, {"cartItem": [trio]}).body
    asked = {"shoppingCart": {"id": cart["id"]}, "productOfferingQualificationItem": [{"id": "1", **sport}]}
    assert web.post(QUALIFICATIONS, asked).body["qualificationResult"] == "green"
    line = web.post(f"{cart['href']}/cartItem", sport).body
    assert "barred" not in line
    placed = web.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=201).body
    hub.settle()
    assert web.get(placed["href"]).body["state"] == "completed"

    items = [{"id": str(n), "action": "add", **each} for n, each in enumerate((trio, sport), 1)]
    assert web.post(ORDERS, {"productOrderItem": items}, expect=201).body["state"] == "acknowledged"
