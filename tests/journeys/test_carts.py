"""Carts across channels: nothing is lost, whoever edits, merges or orders, and in whatever order."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.hub import Hub
from tests.tmf.client import Client

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
MERGE = "/omnihub/v1/cartMerge"


def customer(hub: Hub, name: str, channel: str = "web") -> Client:
    return Client(hub.url, hub.token(f"nova-{channel}", "customer", name, customer_id=name))


def guest(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-web", "guest"))


def agent(hub: Hub, channel: str = "callcentre") -> Client:
    return Client(hub.url, hub.token(f"nova-{channel}", "agent", "ben"))


def offerings(cart: dict[str, Any]) -> list[str]:
    return sorted(line["productOffering"]["id"] for line in cart["cartItem"])


def test_two_channels_add_lines_at_once_and_both_are_there(hub: Hub) -> None:
    cart = customer(hub, "tom").post(CARTS, {}).body
    callers = [customer(hub, "tom"), customer(hub, "tom", "mobile"), agent(hub), agent(hub, "shop")]

    def add(n: int) -> str:
        body = {"productOffering": {"id": "plan-m"}, "quantity": n + 1}
        return str(callers[n % 4].post(f"{cart['href']}/cartItem", body).body["id"])

    with ThreadPoolExecutor(8) as pool:
        added = set(pool.map(add, range(16)))
    now = customer(hub, "tom").get(cart["href"])
    assert {line["id"] for line in now.body["cartItem"]} == added
    assert now.etag == '"17"'
    assert {c["id"] for c in now.body["channel"]} == {"web", "mobile", "callcentre", "shop"}


def test_a_stale_if_match_is_told_the_current_version(hub: Hub) -> None:
    tom = customer(hub, "tom")
    cart = tom.post(CARTS, {})
    tom.post(f"{cart.body['href']}/cartItem", {"productOffering": {"id": "plan-m"}})
    stale = tom.patch(cart.body["href"], {"cartItem": []}, headers={"If-Match": cart.etag}, expect=409)
    assert stale.body["code"] == "changedMeanwhile"
    assert stale.body["details"]["currentVersion"] == "2"
    assert tom.patch(cart.body["href"], {"cartItem": []}, headers={"If-Match": '"2"'}).body["cartItem"] == []


def test_a_list_of_lines_without_if_match_drops_none_in_silence(hub: Hub) -> None:
    tom = customer(hub, "tom")
    cart = tom.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}, {"productOffering": {"id": "plan-s"}}]})
    first, second = (line["id"] for line in cart.body["cartItem"])
    refused = tom.patch(cart.body["href"], {"cartItem": [{"id": first, "quantity": 2}]}, expect=428)
    assert refused.body["details"]["cartItem"] == [second]
    joined = tom.patch(cart.body["href"], {"cartItem": [{"productOffering": {"id": "plan-l"}}]}).body
    assert offerings(joined) == ["plan-l", "plan-m", "plan-s"]


def test_a_guests_cart_becomes_the_customers_at_login(hub: Hub) -> None:
    anonymous = guest(hub).post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    eva = customer(hub, "eva")
    for _ in range(3):
        mine = eva.post(MERGE, {"shoppingCart": {"id": anonymous["id"]}}, expect=200).body
        assert mine["id"] == anonymous["id"]
    assert offerings(mine) == ["plan-m"]
    guest(hub).get(anonymous["href"], expect=404)
    customer(hub, "tom").post(MERGE, {"shoppingCart": {"id": anonymous["id"]}}, expect=404)


def test_a_guests_lines_join_the_cart_the_customer_has_once_however_often_merged(hub: Hub) -> None:
    kim = customer(hub, "kim")
    own = kim.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-s"}}]}).body
    anonymous = guest(hub).post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}, "quantity": 2}]}).body
    with ThreadPoolExecutor(6) as pool:
        merge = {"shoppingCart": {"id": anonymous["id"]}}
        merged = list(pool.map(lambda _: kim.post(MERGE, merge, expect=200).body, range(6)))
    assert {cart["id"] for cart in merged} == {own["id"]}
    now = kim.get(own["href"]).body
    assert offerings(now) == ["plan-m", "plan-s"]
    assert kim.post(f"{own['href']}/cartItem", {"productOffering": {"id": "plan-l"}}).status == 201
    gone = agent(hub).get(anonymous["href"]).body
    assert (gone["state"], gone["mergedInto"]["id"]) == ("merged", own["id"])
    late = kim.post(f"{anonymous['href']}/cartItem", {"productOffering": {"id": "plan-l"}}, expect=409)
    assert late.body["code"] == "cartMerged"
    guest(hub).post(f"{anonymous['href']}/cartItem", {"productOffering": {"id": "plan-l"}}, expect=404)


def test_what_was_saved_for_later_goes_on_in_a_cart_of_its_own(hub: Hub) -> None:
    lea = customer(hub, "lea")
    lines = [{"productOffering": {"id": "plan-m"}}, {"productOffering": {"id": "plan-l"}, "status": "saveForLater"}]
    cart = lea.post(CARTS, {"cartItem": lines}).body
    assert [p["price"]["taxIncludedAmount"]["value"] for p in cart["cartTotalPrice"]] == [
        p["price"]["taxIncludedAmount"]["value"] for p in cart["cartItem"][0]["ItemTotalPrice"]
    ]
    order = lea.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert [item["productOffering"]["id"] for item in order["productOrderItem"]] == ["plan-m"]
    assert lea.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body["id"] == order["id"]
    (active,) = lea.get(f"{CARTS}?state=active").body
    assert (offerings(active), active["cartItem"][0]["status"]) == (["plan-l"], "saveForLater")


@pytest.mark.parametrize(
    ("offering", "channel", "sentence"),
    [
        ("plan-campus", "callcentre", "is not for sale in the callcentre channel."),
        ("plan-xl", "callcentre", "is not on sale"),
        ("no-such-plan", "callcentre", "There is no offering no-such-plan in the catalog."),
    ],
)
def test_what_a_channel_does_not_sell_is_refused_with_a_sentence(
    hub: Hub, offering: str, channel: str, sentence: str
) -> None:
    cart = agent(hub, channel).post(CARTS, {}).body
    refused = agent(hub, channel).post(f"{cart['href']}/cartItem", {"productOffering": {"id": offering}}, expect=409)
    assert sentence in refused.body["reason"]
    assert agent(hub, channel).get(cart["href"]).etag == '"1"'


def test_a_cart_opens_in_every_channel_and_its_lines_are_checked_for_the_one_that_opens_it(hub: Hub) -> None:
    tom = customer(hub, "tom")
    cart = tom.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-campus"}}]}).body
    assert "barred" not in cart["cartItem"][0]
    seen = agent(hub, "shop").get(cart["href"]).body
    assert seen["cartItem"][0]["barred"][0]["code"] == "notSoldHere"
    refused = agent(hub, "shop").post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409)
    assert refused.body["code"] == "notSoldHere"
    assert tom.get(cart["href"]).body["state"] == "active"


def test_one_cart_gives_one_order_from_two_channels_at_once_and_after_retries(hub: Hub) -> None:
    tom = customer(hub, "tom")
    cart = tom.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    callers = [tom, customer(hub, "tom", "mobile"), agent(hub), agent(hub, "shop")]

    def order(n: int) -> tuple[int, str]:
        key = {"Idempotency-Key": f"try-{n % 8}"}
        answer = callers[n % 4].post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, headers=key, expect=(201, 409))
        return answer.status, str(answer.body.get("id"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(order, range(16)))
    assert {id_ for status, id_ in answers if status == 201} == {tom.get(cart["href"]).body["productOrder"]["id"]}
    assert [status for status, _ in answers].count(201) == 16
    hub.settle()
    assert hub.function_errors == []


def test_what_a_person_writes_is_kept_with_the_customer_and_seen_by_who_may(hub: Hub) -> None:
    una = customer(hub, "una")
    place = {"role": "delivery", "streetName": "Hidden Lane", "city": "Berlin", "@type": "GeographicAddress"}
    line = {"productOffering": {"id": "case-aurora-5"}, "note": [{"text": "ring twice"}], "product": {"place": [place]}}
    medium = {"mediumType": "email", "characteristic": {"emailAddress": "una@example.com"}}
    cart = una.post(CARTS, {"cartItem": [line], "contactMedium": [medium]}).body
    again = una.get(cart["href"]).body
    assert again["contactMedium"][0]["characteristic"]["emailAddress"] == "una@example.com"
    assert again["cartItem"][0]["note"][0]["text"] == "ring twice"
    assert again["cartItem"][0]["product"]["place"][0]["streetName"] == "Hidden Lane"
    order = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "note": [{"text": "before noon"}]}).body
    assert order["note"][0]["text"] == "before noon"
    assert agent(hub).get(order["href"]).body["productOrderItem"][0]["product"]["place"][0]["city"] == "Berlin"
    hub.settle()
    for table in hub.tables.values():
        if "Customer" not in table:
            found = str(hub.client("dynamodb").scan(TableName=table)["Items"])
            for word in ("una@example.com", "ring twice", "Hidden Lane", "before noon"):
                assert word not in found, table
