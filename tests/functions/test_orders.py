"""The order handler on moto: one cart, one order, at the price that was seen, and what it changes is marked."""

from decimal import Decimal
from typing import Any

import pytest

from functions.shared import aws, rows
from tests.functions.stage import (
    BEN,
    CANCELLATIONS,
    CARTS,
    GUEST,
    OLGA,
    ORDERS,
    PRODUCTS,
    Crashed,
    Json,
    Stage,
    cart_of,
    customer,
    fulfilled,
    line,
    on_record,
    order_of,
    step,
    stumbling,
)


def in_cart(cart: Json) -> Json:
    return {"shoppingCart": {"id": cart["id"]}}


def test_reading_orders_costs_one_call_and_cancelling_one_two(hub: Stage) -> None:
    jane = customer("jane-calls")
    order = order_of(jane, "plan-m")
    assert hub.called(lambda: jane.get(order["href"])) == ["dynamodb.GetItem"]
    assert hub.called(lambda: jane.get(ORDERS)) == ["dynamodb.Query", "dynamodb.BatchGetItem"]
    cancel = {"productOrder": {"id": order["id"]}}
    assert hub.called(lambda: jane.post(CANCELLATIONS, cancel)) == ["dynamodb.GetItem", "dynamodb.TransactWriteItems"]


def test_one_cart_is_one_order_when_two_channels_order_it_at_once_with_keys_of_their_own(hub: Stage) -> None:
    jane, app = customer("jane-twice"), customer("jane-twice", "mobile")
    cart = cart_of(jane, "plan-m")
    first: list[Any] = []
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: first.append(app.post(ORDERS, in_cart(cart)).body)):
        second = jane.post(ORDERS, in_cart(cart), idempotency_key="k1").body

    assert second["id"] == first[0]["id"]
    assert jane.post(ORDERS, in_cart(cart), idempotency_key="k2").body == second
    assert len(jane.get(ORDERS).body) == 1
    assert [e["eventType"] for e in hub.events_of("productOrder", second["id"])] == ["ProductOrderCreateEvent"]


@pytest.mark.parametrize("reached", [False, True], ids=["before it reached AWS", "after it reached AWS"])
def test_an_order_whose_answer_was_lost_is_there_once_when_it_is_sent_again(hub: Stage, *, reached: bool) -> None:
    jane = customer(f"jane-lost-{reached}")
    cart = cart_of(jane, "plan-m")
    if reached:
        jane.post(ORDERS, in_cart(cart), idempotency_key="lost")  # its answer never arrived
    else:
        with stumbling(aws.dynamodb(), "TransactWriteItems", Crashed()), pytest.raises(Crashed):
            jane.post(ORDERS, in_cart(cart), idempotency_key="lost")
    again = jane.post(ORDERS, in_cart(cart), idempotency_key="lost")

    assert [order["id"] for order in jane.get(ORDERS).body] == [again.body["id"]]
    assert jane.get(cart["href"]).body["productOrder"]["id"] == again.body["id"]


def test_a_line_added_while_the_cart_is_ordered_is_in_the_order_or_the_order_is_not_made(hub: Stage) -> None:
    jane, app = customer("jane-adds"), customer("jane-adds", "mobile")
    cart = cart_of(jane, "plan-m")
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: app.post(f"{cart['href']}/cartItem", line("tv-plus"))):
        refused = jane.post(ORDERS, in_cart(cart), expect=409)
    assert (refused.body["code"], jane.get(ORDERS).body) == ("changedMeanwhile", [])
    current = hub.row("cart", "shoppingCart", cart["id"])["version"]
    assert refused.body["details"] == {"currentVersion": str(current)}
    order = jane.post(ORDERS, in_cart(cart)).body
    assert {item["productOffering"]["id"] for item in order["productOrderItem"]} == {"plan-m", "tv-plus"}


def test_an_order_overtaken_by_one_of_the_cart_with_another_line_is_that_one(hub: Stage) -> None:
    jane, app = customer("jane-overtaken"), customer("jane-overtaken", "mobile")
    cart = cart_of(jane, "plan-m")
    first: list[Any] = []

    def overtake() -> None:
        app.post(f"{cart['href']}/cartItem", line("tv-plus"))
        first.append(app.post(ORDERS, in_cart(cart)).body)

    with stumbling(aws.dynamodb(), "TransactWriteItems", overtake):
        second = jane.post(ORDERS, in_cart(cart))
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.body == first[0]
    assert len(second.body["productOrderItem"]) == 2


def test_who_meets_the_order_of_the_cart_while_it_is_being_written_is_told_that_order(hub: Stage) -> None:
    """DynamoDB frees the rows of a transaction one by one: the cart may be closed while the order is still held."""
    jane, app = customer("jane-meets-it"), customer("jane-meets-it", "mobile")
    cart = cart_of(jane, "plan-m")
    first: list[Any] = []
    closed: Json = {"Code": "ConditionalCheckFailed"}
    reasons = [{"Code": "TransactionConflict"}, closed]
    held = {"Error": {"Code": "TransactionCanceledException", "Message": "held"}, "CancellationReasons": reasons}

    def meet() -> None:
        first.append(app.post(ORDERS, in_cart(cart)).body)
        closed["Item"] = rows.packed(hub.row("cart", "shoppingCart", cart["id"]))

    dynamodb = aws.dynamodb()
    with stumbling(dynamodb, "GetItem", None, meet), stumbling(dynamodb, "TransactWriteItems", None, held):
        second = jane.post(ORDERS, in_cart(cart))
    assert second.body == first[0]
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_cart_that_is_gone_by_the_time_it_is_ordered_is_not_there(hub: Stage) -> None:
    jane = customer("jane-gone")
    cart = cart_of(jane, "plan-m")
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: jane.delete(cart["href"])):
        refused = jane.post(ORDERS, in_cart(cart), expect=404)
    assert refused.body["reason"] == customer("tom").get(cart["href"], expect=404).body["reason"]
    assert jane.get(ORDERS).body == []


def test_a_request_that_comes_twice_at_once_under_one_key_is_one_order(hub: Stage) -> None:
    jane = customer("jane-clicks-twice")
    cart = cart_of(jane, "plan-m")
    first: list[Any] = []

    def click() -> None:
        first.append(jane.post(ORDERS, in_cart(cart), idempotency_key="click").body)

    with stumbling(aws.dynamodb(), "TransactWriteItems", click):
        second = jane.post(ORDERS, in_cart(cart), idempotency_key="click")
    assert second.body == first[0]
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_key_that_orders_two_carts_at_once_orders_one(hub: Stage) -> None:
    jane = customer("jane-key")
    cart, other = cart_of(jane, "plan-m"), cart_of(jane, "tv-plus")
    with stumbling(
        aws.dynamodb(), "TransactWriteItems", lambda: jane.post(ORDERS, in_cart(other), idempotency_key="k")
    ):
        refused = jane.post(ORDERS, in_cart(cart), idempotency_key="k", expect=422)
    assert refused.body["code"] == "keyReused"
    assert [order["shoppingCart"]["id"] for order in jane.get(ORDERS).body] == [other["id"]]
    assert jane.get(cart["href"]).body["state"] == "active"


def test_a_direct_order_under_a_key_is_found_by_the_key_alone(hub: Stage) -> None:
    jane = customer("jane-direct-key")
    body = {"productOrderItem": [{"id": "1", "action": "add", **line("plan-m")}]}
    first = jane.post(ORDERS, body, idempotency_key="d")
    assert "Idempotent-Replayed" not in first.headers
    again: list[Any] = []
    assert hub.called(lambda: again.append(jane.post(ORDERS, body, idempotency_key="d"))) == ["dynamodb.GetItem"] * 2
    assert again[0].body == first.body
    assert jane.post(ORDERS, {**body, "priority": "1"}, idempotency_key="d", expect=422).body["code"] == "keyReused"


def test_an_external_id_names_one_order_of_its_caller(hub: Stage) -> None:
    jane, tom = customer("jane-external"), customer("tom-external")
    item = {"id": "1", "action": "add", **line("plan-m")}
    body = {"externalId": "crm-1", "productOrderItem": [item]}
    order = jane.post(ORDERS, body).body
    assert jane.post(ORDERS, body).body == order
    refused = jane.post(ORDERS, {**body, "productOrderItem": [{**item, "quantity": 2}]}, expect=409).body
    assert refused["code"] == "externalIdTaken"
    assert "externalId" in refused["reason"], "it says what to name otherwise"
    assert tom.post(ORDERS, body).body["id"] != order["id"]
    assert [each["id"] for each in jane.get(ORDERS).body] == [order["id"]]


def test_a_guests_cart_that_staff_orders_for_a_customer_is_the_customers_from_then_on(hub: Stage) -> None:
    cart = cart_of(GUEST, "plan-m")
    party = [{"id": "jane-taken", "role": "customer", "@referredType": "Customer"}]
    BEN.post(ORDERS, {**in_cart(cart), "relatedParty": party})
    assert customer("jane-taken").get(cart["href"]).body["state"] == "ordered"
    assert GUEST.get(cart["href"], expect=404)


def test_a_line_saved_for_later_goes_on_in_a_cart_of_the_same_customer(hub: Stage) -> None:
    jane = customer("jane-saves")
    cart = cart_of(jane, "plan-m")
    jane.post(f"{cart['href']}/cartItem", line("tv-plus", status="saveForLater"))
    order = jane.post(ORDERS, in_cart(cart)).body
    (left,) = [each for each in jane.get(CARTS).body if each["state"] == "active"]
    assert [each["productOffering"]["id"] for each in left["cartItem"]] == ["tv-plus"]
    assert [each["productOffering"]["id"] for each in order["productOrderItem"]] == ["plan-m"]


def test_every_change_of_an_order_is_one_version_up(hub: Stage) -> None:
    jane = customer("jane-versions")
    order = order_of(jane, "plan-m")
    jane.patch(order["href"], {"priority": "1"})
    jane.patch(order["href"], {"priority": "2"})
    jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})
    assert [event["sequence"] for event in hub.events_of("productOrder", order["id"])] == [1, 2, 3, 4]


def test_what_is_missing_and_what_is_anothers_are_answered_alike_and_by_its_kind(hub: Stage) -> None:
    jane, tom = customer("jane-private"), customer("tom-curious")
    order = order_of(jane, "plan-m")
    task = jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body
    for kind, found, base in (("product order", order, ORDERS), ("cancellation", task, CANCELLATIONS)):
        for href in (found["href"], f"{base}/{'0' * 32}"):
            assert tom.get(href, expect=404).body["reason"] == f"There is no such {kind}."


def test_an_order_that_is_deleted_while_it_is_changed_or_deleted_is_not_there(hub: Stage) -> None:
    def gone() -> Json:
        order = order_of(customer("jane-deleted"), "plan-m")
        OLGA.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})
        return order

    order = gone()
    with stumbling(aws.dynamodb(), "PutItem", lambda: OLGA.delete(order["href"])):
        refused = [OLGA.patch(order["href"], {"priority": "1"}, expect=404)]
    order = gone()
    with stumbling(aws.dynamodb(), "DeleteItem", lambda: OLGA.delete(order["href"])):
        refused.append(OLGA.delete(order["href"], expect=404))
    assert [each.body["reason"] for each in refused] == ["There is no such product order."] * 2


def test_the_price_of_an_order_is_the_one_the_cart_showed(hub: Stage) -> None:
    jane = customer("jane-pays")
    cart = cart_of(jane, "plan-m", "fibre-500", "handset-aurora-5")
    lie = [{"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "EUR", "value": 999}}}]

    order = jane.post(ORDERS, in_cart(cart)).body

    def sums(prices: list[Json]) -> dict[str, Decimal]:
        return {p["priceType"]: Decimal(str(p["price"]["taxIncludedAmount"]["value"])) for p in prices}

    assert sums(order["orderTotalPrice"]) == sums(cart["cartTotalPrice"])
    refused = jane.post(ORDERS, {**in_cart(cart_of(jane, "plan-m")), "orderTotalPrice": lie}, expect=409)
    assert refused.body["code"] == "priceRose", "it names no part that is paid once, and there is one"


def test_an_order_of_somebody_elses_cart_is_refused_as_if_it_were_not_there(hub: Stage) -> None:
    cart = cart_of(customer("jane-owns"), "plan-m")
    stolen = customer("tom").post(ORDERS, in_cart(cart), expect=404)
    missing = customer("tom").post(ORDERS, {"shoppingCart": {"id": "0" * 32}}, expect=404)
    assert stolen.body == missing.body


# --- what it changes ---------------------------------------------------------------------------------------------


def installed(person: Any, offering: str = "plan-m") -> Json:
    """A product of theirs, from an order that was fulfilled."""
    order = fulfilled(order_of(person, offering))
    found: Json = next(
        each for each in person.get(PRODUCTS).body if each["productOrderItem"][0]["productOrderId"] == order["id"]
    )
    return found


def changing(product: Json, offering: str | None, action: str = "modify", **more: Any) -> Json:
    return {"action": action, "product": {"id": product["id"]}, **(line(offering) if offering else {}), **more}


def test_a_product_with_an_open_order_takes_no_second_one(hub: Stage) -> None:
    jane = customer("jane-pending")
    plan = installed(jane)
    cart = jane.post(CARTS, {"cartItem": [changing(plan, "plan-l", kind="planChange")]}).body
    other = jane.post(CARTS, {"cartItem": [changing(plan, "plan-s", kind="planChange")]}).body
    order = jane.post(ORDERS, in_cart(cart)).body

    assert jane.get(plan["href"]).body["pendingChange"]["productOrder"] == order["id"]
    refused = jane.post(ORDERS, in_cart(other), expect=409)
    assert (refused.body["code"], refused.body["details"]["productOrder"]) == ("changePending", order["id"])
    refused = jane.post(CARTS, {"cartItem": [changing(plan, "plan-s", kind="planChange")]}, expect=409)
    assert refused.body["code"] == "changePending"
    jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})
    assert "pendingChange" not in jane.get(plan["href"]).body
    assert jane.post(ORDERS, in_cart(other)).status == 201


def test_somebody_elses_product_is_not_changed(hub: Stage) -> None:
    plan = installed(customer("jane-victim"))
    tom = customer("tom-thief")
    refused = tom.post(CARTS, {"cartItem": [changing(plan, "plan-l", kind="planChange")]}, expect=409)
    assert refused.body["code"] == "productUnknown"
    item = {"id": "1", **changing(plan, "plan-l", kind="planChange")}
    refused = tom.post(ORDERS, {"productOrderItem": [item]}, expect=409)
    assert refused.body["code"] == "productUnknown"


@pytest.mark.parametrize("how", ["from a cart that waited", "directly"])
def test_a_product_that_has_ended_takes_no_order(hub: Stage, how: str) -> None:
    jane = customer(f"jane-ended-{how[:4]}")
    plan = installed(jane)
    renew = changing(plan, "plan-m", kind="renew")
    cart = jane.post(CARTS, {"cartItem": [renew]}).body
    fulfilled(jane.post(ORDERS, {"productOrderItem": [{"id": "1", **changing(plan, None, "delete")}]}).body)
    assert jane.get(plan["href"]).body["status"] == "terminated"
    body = in_cart(cart) if how.startswith("from") else {"productOrderItem": [{"id": "1", **renew}]}

    refused = jane.post(ORDERS, body, expect=409)

    assert refused.body["code"] == "productEnded"


# --- cancelling --------------------------------------------------------------------------------------------------


def test_a_cancellation_is_one_however_often_it_is_sent_under_one_key(hub: Stage) -> None:
    jane = customer("jane-cancels")
    order = order_of(jane, "plan-m")
    body = {"productOrder": {"id": order["id"]}, "cancellationReason": "changed my mind"}

    first = jane.post(CANCELLATIONS, body, idempotency_key="c1")
    again = jane.post(CANCELLATIONS, body, idempotency_key="c1")

    assert again.body == first.body
    assert "Idempotent-Replayed" not in first.headers
    assert (again.headers["Idempotent-Replayed"], first.body["state"]) == ("true", "done")
    assert jane.get(order["href"]).body["state"] == "cancelled"


def test_a_cancellation_that_meets_the_workflow_is_decided_on_what_the_order_is_by_then(hub: Stage) -> None:
    jane = customer("jane-meets")
    order = order_of(jane, "plan-m")
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: step("claim", order["id"])):
        task = jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body
    assert (task["state"], jane.get(order["href"]).body["state"]) == ("inProgress", "pendingCancellation")
    step("compensate", order["id"])
    assert (jane.get(task["href"]).body["state"], jane.get(order["href"]).body["state"]) == ("done", "cancelled")


def test_what_a_person_says_when_cancelling_is_kept_with_the_customer_alone(hub: Stage) -> None:
    una = on_record()
    order = order_of(una, "plan-m")
    before = len(hub.records)
    task = una.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}, "cancellationReason": "moving to Hidden Lane"})
    for record in hub.records[before:]:
        if record["dynamodb"]["Keys"]["sk"]["S"] != "private":
            assert "Hidden Lane" not in str(record["dynamodb"]), record["dynamodb"]["Keys"]
    assert una.get(task.body["href"]).body["cancellationReason"] == "moving to Hidden Lane"


PRIVATE: dict[str, tuple[Json, Json]] = {
    "a note": ({"note": [{"text": "Hidden Lane"}]}, {}),
    "whom to call": ({"notificationContact": "Hidden Lane"}, {}),
    "what it is for": ({"description": "Hidden Lane"}, {}),
    "an address": ({}, {"product": {"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}}),
    "an address deeper down": ({}, {"product": {"product": [{"place": [{"role": "a", "streetName": "Hidden Lane"}]}]}}),
    "the name of a party": (
        {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]},
        {},
    ),
    "the name of an item's party": (
        {},
        {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]},
    ),
    "the name of a product's party": (
        {},
        {"product": {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]}},
    ),
}


@pytest.mark.parametrize("known", [True, False], ids=["of what we sell", "of what we do not know"])
@pytest.mark.parametrize(("on_order", "on_item"), PRIVATE.values(), ids=PRIVATE.keys())
def test_personal_data_on_an_order_is_stored_with_the_customer_alone(
    hub: Stage, on_order: Json, on_item: Json, *, known: bool
) -> None:
    una = on_record()
    before = len(hub.records)
    item = {"id": "1", "action": "add", **(line("plan-m") if known else {}), **on_item}
    una.post(ORDERS, {"productOrderItem": [item], **on_order})
    for record in hub.records[before:]:
        if record["dynamodb"]["Keys"]["sk"]["S"] != "private":
            assert "Hidden Lane" not in str(record["dynamodb"]), record["dynamodb"]["Keys"]
    for row in kept_since(hub, before):
        assert (row["customer"], row["body"]["kind"]) == (una.customer, "productOrder")


def kept_since(hub: Stage, before: int) -> list[Json]:
    """The rows of what a person wrote that were put since then."""
    images = (record["dynamodb"].get("NewImage", {}) for record in hub.records[before:])
    return [row for row in map(rows.unpacked, images) if row.get("type") == "private"]


def test_what_is_written_on_an_order_later_lies_beside_what_was_written_at_first(hub: Stage) -> None:
    una = on_record()
    place = {"role": "delivery", "streetName": "Hidden Lane"}
    order = una.post(
        ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("plan-m"), "product": {"place": [place]}}]}
    ).body
    plain = order_of(una, "plan-m")
    before = len(hub.records)
    for each in (order, plain):
        una.patch(each["href"], {"description": "ring twice"})
    assert [(row["customer"], row["body"]["kind"]) for row in kept_since(hub, before)] == [
        (una.customer, "productOrder")
    ] * 2
    read = una.get(order["href"]).body
    assert read["productOrderItem"][0]["product"]["place"][0]["streetName"] == "Hidden Lane"
    assert [read["description"], una.get(plain["href"]).body["description"]] == ["ring twice"] * 2


def test_staff_orders_for_the_customer_they_name_and_customers_for_themselves_alone(hub: Stage) -> None:
    item = {"id": "1", "action": "add", **line("plan-m")}
    jane = [{"id": "jane-named", "role": "customer", "@referredType": "Customer"}]
    BEN.post(ORDERS, {"productOrderItem": [item], "relatedParty": jane})
    assert len(customer("jane-named").get(ORDERS).body) == 1
    refused = customer("tom").post(ORDERS, {"productOrderItem": [item], "relatedParty": jane}, expect=403)
    assert refused.body["code"] == "otherCustomer"
    assert len(OLGA.get(f"{ORDERS}?relatedParty.id=jane-named").body) == 1
