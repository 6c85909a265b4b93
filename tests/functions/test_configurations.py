"""Configured lines through the handlers: kept while they are incomplete, ordered once they are not."""

import json
from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import check, store
from tests.functions.stage import (
    CARTS,
    CATALOG,
    OLGA,
    ORDERS,
    PRODUCTS,
    Json,
    Person,
    Stage,
    cart_of,
    customer,
    fulfilled,
)
from tests.functions.stage import line as of

CHOICE = "home-choice"
ENGLISH = {"accept_language": "en"}


def chosen(offering: str, *parts: Json, **characteristics: Any) -> Json:
    made = of(offering)
    if parts:
        made["cartItem"] = list(parts)
    if characteristics:
        made["product"] = {"productCharacteristic": [{"name": n, "value": v} for n, v in characteristics.items()]}
    return made


def opened(person: Person, *lines: Json) -> Json:
    made: Json = person.post(CARTS, {"cartItem": list(lines)}, **ENGLISH).body
    return made


def reasons(found: Json) -> list[str]:
    told = found.get("configuration", {})
    return [each["reason"] for name in ("conflict", "missing") for each in told.get(name, [])]


def monthly(item: Json) -> Decimal:
    """What it costs a month by the list, before any promotion."""
    each = [p["price"]["taxIncludedAmount"]["value"] for p in item["itemPrice"] if p["priceType"] == "recurring"]
    return sum(map(Decimal, map(str, each)), Decimal(0))


def parts_of(item: Json, under: str = "cartItem") -> dict[str, Json]:
    return {part["productOffering"]["id"]: part for part in item.get(under, [])}


def test_a_line_that_says_nothing_shows_what_it_comes_to(hub: Stage) -> None:
    (line,) = opened(customer("jane-usual"), of(CHOICE))["cartItem"]

    assert line["configuration"] == {"state": "complete"}
    assert "barred" not in line
    (part,) = line["cartItem"]
    assert (part["id"], part["@type"], part["productOffering"]["name"]) == ("1", "CartItem", "Fibre 500")
    assert monthly(line) == Decimal("44.99")


@pytest.mark.parametrize("kind", ["planChange", "renew", "upgrade"])
def test_new_terms_of_a_bundle_are_those_of_all_that_lies_in_it(hub: Stage, kind: str) -> None:
    """A product that is given a bundle costs what its parts do, whether they were named again or not."""
    jane = customer(f"jane-terms-{kind}")
    owner = {"id": jane.customer, "role": "owner", "@referredType": "Customer"}
    had = {"name": "Fibre", "status": "active", "productOffering": {"id": CHOICE}, "relatedParty": [owner]}
    product = {"id": OLGA.post(PRODUCTS, had).body["id"]}
    said = {**of(CHOICE), "action": "modify", "kind": kind, "product": product}
    (usual,) = opened(jane, said)["cartItem"]
    assert (usual["configuration"], monthly(usual)) == ({"state": "complete"}, Decimal("44.99"))
    cart = opened(jane, {**said, "cartItem": [of("fibre-500"), of("tv-plus")]})
    assert monthly(cart["cartItem"][0]) == Decimal("61.98")  # 44.99 and 16.99
    (item,) = jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body["productOrderItem"]
    assert parts_of(item, "productOrderItem").keys() == {"fibre-500", "tv-plus"}


@pytest.mark.parametrize("directly", [False, True], ids=["from a cart", "directly"])
def test_a_bundle_is_renewed_as_it_is_unless_something_else_is_chosen(hub: Stage, *, directly: bool) -> None:
    """What was chosen once is not asked again: neither the parts nor what was chosen of them."""
    jane = customer(f"jane-renews-{directly}")
    box, others = chosen("tv-box", resolution="UHD", connection="LAN"), [of("tv-plus"), of("fibre-1000")]
    cart = opened(jane, chosen(CHOICE, box, *others))
    fulfilled(jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body)
    (product,) = jane.get(PRODUCTS).body
    renewal = {**of(CHOICE), "action": "modify", "kind": "renew", "product": {"id": product["id"]}}
    if directly:
        (line,) = jane.post(ORDERS, {"productOrderItem": [{"id": "1", **renewal}]}, **ENGLISH).body["productOrderItem"]
        parts = parts_of(line, "productOrderItem")
    else:
        (line,) = opened(jane, renewal)["cartItem"]
        assert (line["configuration"], "barred" in line) == ({"state": "complete"}, False)
        parts = parts_of(line)
    assert parts.keys() == {"tv-box", "tv-plus", "fibre-1000"}
    assert {c["name"]: c["value"] for c in parts["tv-box"]["product"]["productCharacteristic"]} == {
        "resolution": "UHD",
        "connection": "LAN",
    }
    assert monthly(line) == monthly(cart["cartItem"][0])
    assert line["product"]["id"] == product["id"]

    if not directly:
        (other,) = opened(jane, {**renewal, "cartItem": others})["cartItem"]
        assert parts_of(other).keys() == {"tv-plus", "fibre-1000"}, "without the box, as the line says"
        cart = opened(jane, {**renewal, "cartItem": [*others, chosen("tv-box", resolution="HD", connection="WLAN")]})
        fulfilled(jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body)
        (product,) = jane.get(PRODUCTS).body
        boxes = [part for part in product["product"] if part["productOffering"]["id"] == "tv-box"]
        assert [c["value"] for c in boxes[0]["productCharacteristic"]] == ["HD", "WLAN"]


def test_an_incomplete_line_is_kept_and_says_what_is_missing_until_it_is_chosen(hub: Stage) -> None:
    jane = customer("jane-chooses")
    cart = opened(jane, chosen(CHOICE, chosen("tv-box", resolution="UHD"), of("tv-sport")))
    (line,) = cart["cartItem"]
    path, order = f"{cart['href']}/cartItem/{line['id']}", {"shoppingCart": {"id": cart["id"]}}

    assert line["configuration"]["state"] == "incomplete"
    assert reasons(line) == [
        "Choose Connection for Nova TV box: LAN.",
        "Nova TV box requires Nova TV Basic or Nova TV Plus; choose it too.",
        "Sport channels requires Nova TV Plus; choose it too.",
    ]
    assert {each["code"] for each in line["barred"]} == {"notConfigured"}
    refused = jane.post(ORDERS, order, expect=409, **ENGLISH)
    assert refused.body["code"] == "notConfigured"
    assert [each["reason"] for each in refused.body["details"]["cartItem"]] == reasons(line)

    parts = [chosen("tv-box", resolution="UHD", connection="LAN"), of("tv-sport"), of("tv-plus")]
    line = jane.patch(path, {"cartItem": parts}, **ENGLISH).body
    assert (line["configuration"], "barred" in line) == ({"state": "complete"}, False)
    assert monthly(line) == Decimal("44.99") + Decimal("4.99") + Decimal("12.99") + Decimal("16.99")

    (item,) = jane.post(ORDERS, order, **ENGLISH).body["productOrderItem"]
    parts_ordered = parts_of(item, "productOrderItem")
    assert sorted(parts_ordered) == ["fibre-500", "tv-box", "tv-plus", "tv-sport"]
    assert [part["id"] for part in item["productOrderItem"]] == [f"{item['id']}.{n}" for n in range(1, 5)]
    box = parts_ordered["tv-box"]["product"]["productCharacteristic"]
    assert {each["name"]: each["value"] for each in box} == {"resolution": "UHD", "connection": "LAN"}
    assert monthly(item) == monthly(line)


def test_all_that_conflicts_on_any_line_is_named_when_the_cart_is_ordered(hub: Stage) -> None:
    jane = customer("jane-conflicts")
    both = chosen(CHOICE, of("fibre-250"), of("fibre-1000"), of("tv-basic"), of("tv-plus"), of("plan-m"))
    cart = opened(jane, both, chosen("plan-m", simType="giant-SIM", msisdn="12"), of("tv-basic"))

    told = [reasons(line) for line in cart["cartItem"]]
    assert told == [
        [
            "Nova Your Choice cannot have Nova M as a part.",
            "Fibre 250 and Fibre 1000 cannot both be chosen: Internet takes one of them.",
            "Nova TV Basic and Nova TV Plus cannot both be chosen: Television takes one of them.",
        ],
        [
            "SIM card of Nova M cannot be giant-SIM: it is eSIM or nano-SIM.",
            r"Phone number of Nova M cannot be 12: it is like \+[1-9][0-9]{6,14}.",
        ],
        [],
    ]
    refused = jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409, **ENGLISH).body
    assert refused["code"] == "configurationConflict"
    assert [each["reason"] for each in refused["details"]["cartItem"]] == told[0] + told[1]
    named = {each["cartItem"] for each in refused["details"]["cartItem"]}
    assert named == {line["id"] for line in cart["cartItem"][:2]}


def test_a_cart_s_row_holds_what_was_chosen_and_nothing_else(hub: Stage) -> None:
    jane = customer("jane-row")
    part = {"@type": "CartItem", "id": "mine", "itemPrice": [], "action": "add", "quantity": 1, **of("tv-plus")}
    part["productOffering"] |= {"name": "Wrong", "href": "https://example.com/wrong"}
    cart = opened(jane, {**of(CHOICE), "cartItem": [part], "configuration": {"state": "incomplete"}})

    (line,) = hub.row("cart", "shoppingCart", cart["id"])["body"]["cartItem"].values()
    assert line["more"] == {"cartItem": [{"productOffering": {"id": "tv-plus"}}]}
    assert jane.get(cart["href"], **ENGLISH).body["cartItem"] == cart["cartItem"]


def test_what_was_read_can_be_sent_back_and_means_the_same(hub: Stage) -> None:
    jane = customer("jane-again")
    cart = opened(jane, chosen(CHOICE, chosen("tv-box", resolution="UHD"), of("tv-plus")))

    sent = json.loads(json.dumps(cart["cartItem"], default=float))
    again = jane.patch(cart["href"], {"cartItem": sent}, **ENGLISH).body

    without = [{k: v for k, v in line.items() if k != "touch"} for line in cart["cartItem"]]
    assert [{k: v for k, v in line.items() if k != "touch"} for line in again["cartItem"]] == without


def test_what_a_fixed_price_includes_costs_nothing_beside_it(hub: Stage) -> None:
    (line,) = cart_of(customer("jane-trio"), "triple-play")["cartItem"]
    assert sorted(parts_of(line)) == ["fibre-500", "home-phone", "tv-plus"]
    assert monthly(line) == Decimal("59.99")


def test_a_characteristic_that_nobody_chose_is_ordered_with_its_default(hub: Stage) -> None:
    jane = customer("jane-default")
    cart = cart_of(jane, "plan-m")
    order = jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body

    (item,) = order["productOrderItem"]
    assert item["product"]["productCharacteristic"] == [{"name": "simType", "valueType": "string", "value": "eSIM"}]


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (chosen("plan-m", simType="giant-SIM"), "configurationConflict"),
        ({**of(CHOICE), "productOrderItem": [{"id": "2", "action": "add", **of("plan-m")}]}, "configurationConflict"),
    ],
)
def test_a_direct_order_of_what_cannot_be_is_refused(hub: Stage, item: Json, code: str) -> None:
    body = {"productOrderItem": [{"id": "1", "action": "add", **item}]}
    assert customer("jane-direct").post(ORDERS, body, expect=409).body["code"] == code


def test_a_direct_order_keeps_the_items_of_its_parts_and_is_completed(hub: Stage) -> None:
    box = {"id": "7", "action": "add", "state": "completed", **chosen("tv-box", resolution="HD")}
    tv = {"id": "8", "action": "add", **of("tv-plus")}
    body = {"productOrderItem": [{"id": "1", "action": "add", **of(CHOICE), "productOrderItem": [box, tv]}]}

    (item,) = customer("jane-parts").post(ORDERS, body).body["productOrderItem"]

    assert [part["id"] for part in item["productOrderItem"]] == ["7", "8", "1.3"]
    assert {part["state"] for part in item["productOrderItem"]} == {"acknowledged"}
    assert item["catalogVersion"]
    assert monthly(item) == Decimal("44.99") + Decimal("4.99") + Decimal("16.99")


def test_a_direct_order_of_what_is_not_all_chosen_is_kept_and_sold_as_nothing(hub: Stage) -> None:
    box = {"id": "7", "action": "add", **of("tv-box")}
    body = {"productOrderItem": [{"id": "1", "action": "add", **of(CHOICE), "productOrderItem": [box]}]}

    order = customer("jane-half").post(ORDERS, body).body

    assert order["state"] == "acknowledged"
    (item,) = order["productOrderItem"]
    assert not item.keys() & {"catalogVersion", "itemPrice"}


def test_the_catalog_shows_what_a_bundle_leaves_to_choose(hub: Stage) -> None:
    shown = customer("jane-looks").get(f"{CATALOG}/productOffering/{CHOICE}", **ENGLISH).body

    internet, television = shown["bundledGroupProductOffering"]
    assert (internet["name"], television["name"]) == ("Internet", "Television")
    named = [part["name"] for part in internet["bundledProductOffering"]]
    assert named == ["Fibre 1000", "Fibre 250", "Fibre 500"]
    assert all(part["href"] for part in internet["bundledProductOffering"])


def test_nothing_stands_in_the_way_of_the_sample_catalog(hub: Stage) -> None:
    assert check.findings(store.live("nova").content) == []
