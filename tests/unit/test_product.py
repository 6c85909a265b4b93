"""The installed base: what each kind of order item does to it, and that it keeps the terms it was sold on."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from functions.cart import cart as carts
from functions.inventory import product
from functions.shared import clock, names
from tests.tmf import strict
from tests.unit.test_catalog import NOW

Json = dict[str, Any]
ORDER = {"id": "order-1", "orderDate": "2026-02-27T10:00:00.000Z", "catalogVersion": "v1", "agreement": [{"id": "a1"}]}
PRICE = {
    "name": "Monthly price",
    "priceType": "recurring",
    "recurringChargePeriod": "month",
    "due": "onBill",
    "price": {"taxIncludedAmount": {"unit": "EUR", "value": Decimal("29.99")}},
    "productOfferingPrice": {"id": "plan-m-monthly", "href": "/x", "@referredType": "ProductOfferingPrice"},
    "priceAlteration": [{"name": "spring", "priceType": "recurring", "priority": 1, "price": {"percentage": 10}}],
}
TERM = {"name": "24 months", "duration": {"amount": 24, "units": "month"}}
OFFERING = {"id": "plan-m", "href": "/x/plan-m", "name": "Nova M", "@referredType": "ProductOffering"}


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    """Time stands still, at noon of the first of March."""
    with time_machine.travel(NOW, tick=False):
        yield


def item(kind: str = "sale", **more: Any) -> Json:
    """An order item of that kind, sold as Nova M."""
    return {
        "id": "i1",
        "action": carts.KINDS[kind],
        "kind": kind,
        "quantity": 1,
        "state": "inProgress",
        "productOffering": OFFERING,
        "itemPrice": [PRICE],
        "itemTerm": [TERM],
        "relatedParty": [{"id": "jane", "role": "owner", "@referredType": "Customer"}],
        "billingAccount": {"id": "account-1", "href": "/a", "@referredType": "BillingAccount"},
        **more,
    }


OWNED = {"product": {"id": "p1", "href": "/p/p1"}}
SOLD_BEFORE: Json = {
    "name": "Nova S",
    "status": "active",
    "startDate": "2025-01-01T00:00:00.000Z",
    "productOffering": {"id": "plan-s", "name": "Nova S"},
    "catalogVersion": "v0",
    "productPrice": [{"name": "old", "priceType": "recurring"}],
    "productTerm": [{"name": "12 months"}],
    "agreement": [{"id": "a0"}],
    "productCharacteristic": [{"name": "msisdn", "value": "+4915510000001"}, {"name": "iccid", "value": "8901"}],
    "place": [{"id": "harbour", "role": "installation"}],
    "productOrderItem": [{"orderItemId": "i0", "productOrderId": "order-0"}],
}
TERMS = {"name", "productOffering", "catalogVersion", "productPrice", "productTerm", "agreement"}
MOVED = {
    "product": {
        "id": "p1",
        "productCharacteristic": [{"name": "msisdn", "value": "+4915510000002"}, {"name": "colour", "value": "sand"}],
        "place": [{"id": "garden", "role": "installation"}, {"id": "garden", "role": "delivery"}],
    }
}
# effect -> which attributes of the installed product it changes, beyond the list of what was ordered on it
CHANGES = {
    "extend": set[str](),
    "terms": TERMS | {"productCharacteristic", "place"},
    "change": {"productCharacteristic", "place"},
    "suspend": {"status"},
    "resume": {"status"},
    "end": {"status", "terminationDate"},
}
KINDS = {
    "sale": "install",
    "portIn": "install",
    "addOn": "extend",
    "planChange": "terms",
    "prepaidToPostpaid": "terms",
    "renew": "terms",
    "upgrade": "terms",
    "move": "change",
    "numberChange": "change",
    "simSwap": "change",
    "replace": "change",
    "ownershipChange": "change",
    "suspend": "suspend",
    "resume": "resume",
    "disconnect": "end",
    "portOut": "end",
}


def test_the_effect_of_every_kind() -> None:
    assert product.EFFECT == KINDS
    assert carts.KINDS.keys() == KINDS.keys()
    assert set(KINDS.values()) == {*CHANGES, "install"}
    assert set(product.STATUS.values()) <= set(names.definition("TMF637", "ProductStatusType").values or ())


@pytest.mark.parametrize("kind", [kind for kind, effect in KINDS.items() if effect != "install"])
def test_a_kind_changes_what_it_is_there_to_change_and_nothing_else(kind: str) -> None:
    after = product.changed(SOLD_BEFORE, ORDER, item(kind, **MOVED))

    changed = {name for name in after.keys() | SOLD_BEFORE if after.get(name) != SOLD_BEFORE.get(name)}
    expected = CHANGES[KINDS[kind]] - ({"status"} if kind == "resume" else set())
    assert changed == {*expected, "productOrderItem"}
    assert [each["orderItemId"] for each in after["productOrderItem"]] == ["i0", "i1"]


@pytest.mark.parametrize(
    ("kind", "before", "status"),
    [
        ("suspend", "active", "suspended"),
        ("resume", "suspended", "active"),
        ("disconnect", "active", "terminated"),
        ("disconnect", "suspended", "terminated"),
        ("portOut", "active", "terminated"),
        ("planChange", "suspended", "suspended"),
    ],
)
def test_the_status_after(kind: str, before: str, status: str) -> None:
    after = product.changed({**SOLD_BEFORE, "status": before}, ORDER, item(kind, **OWNED))
    assert after["status"] == status
    assert after.get("terminationDate") == (clock.text(NOW) if status == "terminated" else None)


def test_characteristics_and_places_are_merged_by_name_and_role() -> None:
    after = product.changed(SOLD_BEFORE, ORDER, item("move", **MOVED))

    assert {each["name"]: each["value"] for each in after["productCharacteristic"]} == {
        "msisdn": "+4915510000002",
        "iccid": "8901",
        "colour": "sand",
    }
    assert {each["role"]: each["id"] for each in after["place"]} == {"installation": "garden", "delivery": "garden"}


def test_a_new_product_keeps_the_terms_it_was_sold_on() -> None:
    made = product.new(ORDER, item(), {"serial": "SIM-1"})

    sold = {**PRICE, "productPriceAlteration": PRICE["priceAlteration"]}
    del sold["priceAlteration"]
    assert made["productPrice"] == [sold]
    assert made["productTerm"] == [{**TERM, "validFor": {"startDateTime": clock.text(NOW)}}]
    assert (made["productOffering"], made["name"], made["catalogVersion"]) == (OFFERING, "Nova M", "v1")
    assert made["agreement"] == [{"id": "a1"}]
    assert (made["status"], made["productSerialNumber"], made["orderDate"]) == ("active", "SIM-1", ORDER["orderDate"])
    assert made["relatedParty"] == item()["relatedParty"]
    assert made["productOrderItem"][0]["productOrderId"] == "order-1"


def part(id_: str, **more: Any) -> Json:
    return {"id": f"i1.{id_}", "quantity": 1, "productOffering": {"id": id_, "name": id_.upper()}, **more}


def test_a_bundle_holds_what_was_chosen_of_it() -> None:
    uhd = {"productCharacteristic": [{"name": "resolution", "value": "UHD"}]}
    tv = part("tv", productOrderItem=[part("box", quantity=2, product=uhd)])
    made = product.new(ORDER, item(productOrderItem=[part("line"), tv]), {})

    box = {"name": "BOX", "productOffering": {"id": "box", "name": "BOX"}, **uhd, "quantity": 2}
    assert made["isBundle"] is True
    assert made["product"] == [
        {"name": "LINE", "productOffering": {"id": "line", "name": "LINE"}},
        {"name": "TV", "productOffering": {"id": "tv", "name": "TV"}, "isBundle": True, "product": [box]},
    ]
    assert product.offerings(made) == ["plan-m", "line", "tv", "box"]
    assert strict.faults(product.render({"id": "p", "body": made, "version": 1}), "TMF637", "Product") == []
    assert not {"isBundle", "product"} & product.new(ORDER, item(), {}).keys()
    assert not {"isBundle", "product"} & product.changed(made, ORDER, item("planChange", **OWNED)).keys()
    assert product.changed(made, ORDER, item("move", **OWNED))["product"] == made["product"]


@pytest.mark.parametrize(
    ("brought", "found"),
    [
        ({}, []),
        ({"productOffering": {"id": "a"}}, ["a"]),
        ({"product": [{"id": "p2"}, {"productOffering": {"id": "b"}}]}, ["b"]),
        ({"productOffering": {"id": "a"}, "product": [{"productOffering": {"id": "a"}}, {"product": []}]}, ["a", "a"]),
    ],
)
def test_what_an_operator_brings_along_counts_with_what_lies_in_it(brought: Json, found: list[str]) -> None:
    assert product.offerings(brought) == found


def test_a_plan_change_brings_the_new_terms_whole_and_leaves_none_of_the_old_behind() -> None:
    """Nova S ran for twelve months; the new plan may be ended any day."""
    flexible = {name: value for name, value in item("planChange", **OWNED).items() if name != "itemTerm"}

    after = product.changed(SOLD_BEFORE, {**ORDER, "agreement": []}, flexible)

    assert "productTerm" not in after
    assert not after.get("agreement")
    assert (after["name"], after["catalogVersion"]) == ("Nova M", "v1")


def test_an_add_on_relies_on_the_product_it_was_ordered_for_which_knows_it() -> None:
    made = product.new(ORDER, item("addOn", product={"id": "p1", "productRelationship": []}), {})

    (related,) = made["productRelationship"]
    assert (related["relationshipType"], related["product"]["id"]) == ("reliesOn", "p1")
    assert "id" not in made
    assert product.extended_by("p2")["relationshipType"] == "hasAddOn"
    assert "productRelationship" not in product.new(ORDER, item(), {})


def test_each_unit_of_an_item_becomes_a_product_of_its_own_and_the_same_one_each_time() -> None:
    ids = [product.id_of("order-1", "i1", unit) for unit in range(9)]
    ids += [product.id_of("order-1", "i2"), product.id_of("order-2", "i1")]
    assert len(set(ids)) == 11
    assert ids == [product.id_of("order-1", "i1", unit) for unit in range(9)] + ids[9:]


def test_a_product_tells_which_order_is_still_open_on_it() -> None:
    body = product.new(ORDER, item(), {"serial": "SIM-1"})
    row = {"id": "p1", "body": {**body, "origin": {"type": "orderItem"}}}

    assert "pendingChange" not in product.render(row)
    seen = product.render({**row, "pending": {"order": "order-2", "items": ["i9"]}})
    assert "order-2" in str(seen["pendingChange"])
    assert strict.faults(seen, "TMF637", "Product") == []
