"""Olga writes an offer over the API and publishes it; Una buys it on the web. Meanwhile Otto publishes too."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.shared import tmf
from local.hub import Hub
from tests.tmf.client import Client

CATALOG, CARTS = tmf.BASE["TMF620"], f"{tmf.BASE['TMF663']}/shoppingCart"
OFFERINGS, PRICES = f"{CATALOG}/productOffering", f"{CATALOG}/productOfferingPrice"
PUBLICATIONS, ORDERS = f"{tmf.BASE['omnihub']}/catalogPublication", f"{tmf.BASE['TMF622']}/productOrder"
ENGLISH = {"Content-Language": "en"}
MONTHLY = {
    "name": "Monatlicher Preis",
    "lifecycleStatus": "Active",
    "priceType": "recurring",
    "recurringChargePeriodType": "month",
    "price": {"unit": "EUR", "value": 7.99},
    "tax": [{"taxCategory": "standard", "taxRate": 19}],
    "due": "onBill",
}


def operator(hub: Hub, name: str, brand: str = "nova") -> Client:
    return Client(hub.url, hub.token(f"{brand}-backoffice", "operator", f"operator-{name}"))


def una(hub: Hub, channel: str = "web") -> Client:
    return Client(hub.url, hub.token(f"nova-{channel}", "customer", "login-una", customer_id="una"), "en")


def written(olga: Client, name: str, value: float = 7.99, **more: Any) -> dict[str, Any]:
    """An offer with a price, both drafts."""
    price = olga.post(PRICES, {**MONTHLY, "price": {"unit": "EUR", "value": value}}).body
    told = {"name": name, "lifecycleStatus": "Active", "channel": [{"id": "web"}], **more}
    return dict(olga.post(OFFERINGS, {**told, "productOfferingPrice": [{"id": price["id"]}]}).body)


def total(cart: Any) -> Any:
    return cart["cartTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]


def test_olga_writes_an_offer_publishes_it_and_una_orders_it_on_the_web(hub: Hub) -> None:
    olga, web = operator(hub, "olga"), una(hub)
    offer = written(olga, "Pendler-Option", requirement=[{"kind": "identity"}])
    olga.patch(offer["href"], {"name": "Commuter option"}, headers=ENGLISH)
    web.get(offer["href"], expect=404)
    line = {"productOffering": {"id": offer["id"]}}
    early = web.post(CARTS, {"cartItem": [line]}).body
    assert early["cartItem"][0]["barred"][0]["code"] == "unknownOffering"

    told = olga.post(PUBLICATIONS, {}).body

    assert web.get(offer["href"]).body["name"] == "Commuter option"
    una(hub, "mobile").get(offer["href"], expect=404)  # it is sold on the web alone
    cart = web.post(CARTS, {"cartItem": [line]}).body
    assert (cart["catalogVersion"], str(total(cart))) == (told["catalogVersion"], "7.99")
    assert cart["requirement"][0]["kind"] == "identity"

    price = offer["productOfferingPrice"][0]["id"]
    olga.patch(f"{PRICES}/{price}", {"price": {"value": 12.5}})
    assert str(total(web.get(cart["href"]).body)) == "7.99"
    olga.post(PUBLICATIONS, {})

    assert str(total(web.get(cart["href"]).body)) == "7.99"  # the cart keeps the version it was begun with
    seen = web.get(cart["href"]).body["cartTotalPrice"]
    order = web.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "orderTotalPrice": seen}, expect=409).body
    assert order["code"] == "priceRose"
    hub.settle()
    assert hub.function_errors == []
    assert hub.dead_letters() == []


def test_two_operators_publish_at_the_same_moment_and_nothing_of_either_is_lost(hub: Hub) -> None:
    olga, otto, web = operator(hub, "olga"), operator(hub, "otto"), una(hub)
    offers = [written(each, f"Angebot {place}") for place in range(4) for each in (olga, otto)]
    before = olga.get(PUBLICATIONS).body
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda who: who.post(PUBLICATIONS, {}, expect=(201, 409)), (olga, otto) * 4))

    done = [each for each in answers if each.status == 201]
    lost = [each.body for each in answers if each.status == 409]
    assert done
    assert {each["code"] for each in lost} <= {"changedMeanwhile"}
    (made,) = [each for each in olga.get(PUBLICATIONS).body if each not in before]  # all had the same to publish
    assert {each.body["id"] for each in done} == {made["id"]}
    assert [web.get(offer["href"]).body["name"] for offer in offers] == [offer["name"] for offer in offers]


def test_readers_never_see_half_of_a_publication(hub: Hub) -> None:
    """Two prices always change together; whoever reads both in one answer sees both old or both new."""
    olga, web = operator(hub, "olga"), una(hub)
    offers = [written(olga, name, 1) for name in ("Links", "Rechts")]
    olga.post(PUBLICATIONS, {})
    prices = [offer["productOfferingPrice"][0]["id"] for offer in offers]
    seen: list[list[Any]] = []

    def read(_: int) -> None:
        found = web.get(f"{PRICES}?id={','.join(prices)}").body
        seen.append([each["price"]["value"] for each in found])

    with ThreadPoolExecutor(3) as pool:
        for value in range(2, 8):
            for price in prices:
                olga.patch(f"{PRICES}/{price}", {"price": {"value": value}})
            reading = [pool.submit(read, place) for place in range(4)]
            olga.post(PUBLICATIONS, {})
            for each in reading:
                each.result()
    assert len(seen) == 24
    assert [values for values in seen if len(set(values)) != 1] == []


@pytest.mark.parametrize("brand", ["nova", "pico"])
def test_a_brand_publishes_for_itself(hub: Hub, brand: str) -> None:
    other = {"nova": "pico", "pico": "nova"}[brand]
    made = operator(hub, "olga", brand).post(OFFERINGS, {"name": "Eigenes"}).body
    operator(hub, "olga", other).get(made["href"], expect=404)
    operator(hub, "olga", other).patch(made["href"], {"name": "Fremdes"}, expect=404)
    operator(hub, "olga", other).post(PUBLICATIONS, {})
    operator(hub, "olga", brand).get(made["href"])
    assert operator(hub, "olga", brand).post(PUBLICATIONS, {}).headers["Idempotent-Replayed"] is None
