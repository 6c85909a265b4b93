"""What staff and operators change afterwards: orders within their contract, products brought along and corrected."""

from typing import Any

import pytest

from tests.functions.stage import (
    BEN,
    CANCELLATIONS,
    OLGA,
    ORDERS,
    PRODUCTS,
    Json,
    Person,
    Stage,
    customer,
    fulfilled,
    order_of,
)

IDA = customer("ida")
PLACE = {"role": "installation", "streetName": "Ahornweg", "streetNr": "7", "city": "Berlin"}


def cancelled(person: Person) -> Json:
    """An order of theirs that was taken back at once."""
    order = order_of(person, "plan-m")
    person.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})
    return order


def brought(**more: Any) -> Any:
    """A product that an operator brings along for Ida."""
    party = {"id": "ida", "role": "customer", "@referredType": "Customer"}
    return OLGA.post(PRODUCTS, {"name": "Nova L", "status": "active", "relatedParty": [party], **more}).body


def test_an_order_that_came_to_nothing_is_deleted_by_an_operator_alone(hub: Stage) -> None:
    order = cancelled(IDA)
    for somebody in (IDA, BEN):
        somebody.delete(order["href"], expect=403)
    assert OLGA.delete(order["href"]).status == 204
    OLGA.get(order["href"], expect=404)
    OLGA.delete(order["href"], expect=404)
    assert hub.events_of("productOrder", order["id"])[-1]["eventType"] == "ProductOrderDeleteEvent"


def test_an_order_that_is_open_or_was_fulfilled_is_not_deleted(hub: Stage) -> None:
    order = order_of(IDA, "plan-m")
    refused = OLGA.delete(order["href"], expect=409).body
    assert (refused["code"], refused["details"]["state"]) == ("wrongState", "acknowledged")
    fulfilled(order)
    refused = OLGA.delete(order["href"], expect=409).body
    assert "This order is completed" in refused["reason"]
    assert OLGA.get(order["href"]).body["state"] == "completed"


def test_what_is_not_the_contract_is_patched_and_what_is_stays(hub: Stage) -> None:
    order = order_of(IDA, "plan-m", priority="4", note=[{"text": "ring twice"}])
    after = IDA.patch(order["href"], {"priority": "1", "description": "for the shop"}).body
    assert (after["priority"], after["description"], after["note"][0]["text"]) == ("1", "for the shop", "ring twice")
    for name, value in (("externalId", "x"), ("state", "completed"), ("billingAccount", {"id": "another"})):
        assert name in BEN.patch(order["href"], {name: value}, expect=400).body["reason"]
    assert BEN.get(order["href"]).body["state"] == "acknowledged"


def test_what_people_wrote_on_an_order_is_taken_back_by_a_null_and_never_lay_on_it(hub: Stage) -> None:
    order = order_of(IDA, "plan-m", note=[{"text": "ring twice"}])
    BEN.patch(order["href"], {"description": "she is deaf", "note": None})
    read = BEN.get(order["href"]).body
    assert "note" not in read
    assert read["description"] == "she is deaf"
    assert "deaf" not in str(hub.row("order", "productOrder", order["id"]))
    assert "description" not in BEN.patch(order["href"], {"description": None}).body


def test_a_product_is_brought_corrected_and_taken_away(hub: Stage) -> None:
    made = brought(startDate="2025-01-01T00:00:00+01:00", description="the old line", place=[PLACE])
    assert made["origin"] == {"type": "system", "system": "nova-backoffice"}
    assert (made["description"], made["place"][0]["streetName"]) == ("the old line", "Ahornweg")
    stored = str(hub.row("inventory", "product", made["id"]))
    assert "old line" not in stored, "what people write lies with the customer"
    assert "Ahornweg" not in stored
    assert made["id"] in [each["id"] for each in IDA.get(PRODUCTS).body]

    after = OLGA.patch(made["href"], {"name": "Nova XL", "description": None, "status": "suspended"}).body
    assert (after["name"], after["status"], after["place"][0]["city"]) == ("Nova XL", "suspended", "Berlin")
    assert "description" not in after
    assert OLGA.delete(made["href"]).status == 204
    OLGA.get(made["href"], expect=404)


def test_a_key_brings_one_product(hub: Stage) -> None:
    body = {"name": "Nova L", "status": "active"}
    first = OLGA.post(PRODUCTS, body, idempotency_key="batch-1-line-7")
    again = OLGA.post(PRODUCTS, body, idempotency_key="batch-1-line-7")
    assert again.body["id"] == first.body["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    OLGA.post(PRODUCTS, {**body, "name": "Nova S"}, idempotency_key="batch-1-line-7", expect=422)


def test_a_product_is_neither_corrected_nor_deleted_while_an_order_is_open_on_it(hub: Stage) -> None:
    made = brought()
    item = {"id": "1", "action": "delete", "product": {"id": made["id"]}}
    order = IDA.post(ORDERS, {"productOrderItem": [item]}).body
    for refused in (OLGA.patch(made["href"], {"name": "x"}, expect=409), OLGA.delete(made["href"], expect=409)):
        assert refused.body["code"] == "changePending"
        assert refused.body["details"]["productOrder"] == order["id"]
    fulfilled(order)
    assert OLGA.get(made["href"]).body["status"] == "terminated"


@pytest.mark.parametrize(("was", "to"), [("terminated", "active"), ("created", "suspended"), ("cancelled", "active")])
def test_a_product_goes_only_where_a_way_leads(hub: Stage, was: str, to: str) -> None:
    made = brought(status=was)
    assert OLGA.patch(made["href"], {"status": to}, expect=409).body["code"] == "wrongState"
    assert OLGA.get(made["href"]).body["status"] == was


def test_a_product_belongs_to_whom_its_party_says_also_after_a_correction(hub: Stage) -> None:
    made, tom = brought(), {"id": "tom", "role": "customer", "@referredType": "Customer"}
    OLGA.patch(made["href"], {"relatedParty": [tom]})
    assert made["id"] not in [each["id"] for each in IDA.get(PRODUCTS).body]
    IDA.get(made["href"], expect=404)
    assert [each["id"] for each in customer("tom").get(PRODUCTS).body] == [made["id"]]
