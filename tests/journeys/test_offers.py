"""Mira asks on the web what she can have, an agent finds her what saves most, and she orders at that price."""

from decimal import Decimal

from functions.shared import tmf
from local.hub import Hub
from tests.tmf.client import Client

QUALIFICATIONS = f"{tmf.BASE['TMF679']}/productOfferingQualification"
OFFERS, CART_PROMOTIONS = (f"{tmf.BASE['omnihub']}/{noun}" for noun in ("offer", "cartPromotion"))
CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"


def test_mira_is_told_what_she_can_have_and_what_would_be_cheaper(hub: Hub) -> None:
    mira = Client(hub.url, hub.token("nova-web", "customer", "login-mira", customer_id="mira"))
    ben = Client(hub.url, hub.token("nova-callcentre", "agent", "agent-ben"))

    sport = {"productOfferingQualificationItem": [{"id": "1", "productOffering": {"id": "tv-sport"}}], "explain": True}
    asked = mira.post(QUALIFICATIONS, sport, headers={"Accept-Language": "en"}).body
    assert asked["qualificationResult"] == "red"
    (item,) = asked["productOfferingQualificationItem"]
    ways = [way["label"] for rule in item["qualificationRule"] for way in rule.get("unlock", [])]
    assert "Possible with Nova TV Basic in the cart." in ways

    cart = mira.post(CARTS, {"cartItem": [{"productOffering": {"id": "tv-basic"}}]}).body
    beside = mira.post(QUALIFICATIONS, {**sport, "shoppingCart": {"id": cart["id"]}}).body
    assert beside["qualificationResult"] == "green"
    offers = mira.get(f"{OFFERS}?category.id=fibre&shoppingCart.id={cart['id']}").body
    assert "fibre-250" in {offer["id"] for offer in offers}

    seen = ben.get(f"{CART_PROMOTIONS}/{cart['id']}")
    near = {each["id"]: each for each in seen.body["promotion"]}["home-together"]
    body = {"shoppingCart": {"id": cart["id"]}, "promotion": [{"id": "home-together"}]}
    after = ben.post(CART_PROMOTIONS, body, headers={"If-Match": seen.headers["ETag"]}, expect=200).body
    assert after["saving"] == near["saving"]
    ben.post(CART_PROMOTIONS, body, headers={"If-Match": seen.headers["ETag"]}, expect=409)

    ready = mira.get(cart["href"]).body
    (off,) = [each for total in ready["cartTotalPrice"] for each in total.get("priceAlteration", [])]
    assert off["name"] == "home-together"
    assert -Decimal(str(off["price"]["taxIncludedAmount"]["value"])) == Decimal(str(near["savingAtFirst"]["value"]))
    order = mira.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert {each["productOffering"]["id"] for each in order["productOrderItem"]} == {"tv-basic", "fibre-250"}
    assert [each["price"] for each in order["orderTotalPrice"]] == [each["price"] for each in ready["cartTotalPrice"]]
    hub.settle()
    assert hub.function_errors == []
