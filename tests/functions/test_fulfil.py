"""Fulfilment: one execution has an order, each step may come twice with one effect, and the way back is taken whole."""

from typing import Any

import pytest

from functions.events import fulfil
from functions.events.fulfil import Activated, Cancelled, NotOurs
from functions.events.southbound import ActivationRefused, StillWorking
from functions.order import store as orders
from functions.shared import aws
from functions.shared.errors import ChangedMeanwhile, NotFound
from tests.functions.stage import (
    CANCELLATIONS,
    CARTS,
    HUB,
    OLGA,
    ORDERS,
    PRODUCTS,
    Crashed,
    Json,
    Person,
    Stage,
    customer,
    fulfilled,
    line,
    order_of,
    step,
    stumbling,
)


def now(order: Json) -> Json:
    found: Json = OLGA.get(order["href"]).body
    return found


def states(order: Json) -> tuple[str, list[str]]:
    found = now(order)
    return found["state"], [item["state"] for item in found["productOrderItem"]]


def products(person: Person) -> list[Json]:
    found: list[Json] = person.get(PRODUCTS).body
    return found


def installed(person: Person, offering: str = "plan-m") -> Json:
    """A product of theirs, from an order that was fulfilled."""
    before = {each["id"] for each in products(person)}
    fulfilled(order_of(person, offering))
    (made,) = [each for each in products(person) if each["id"] not in before]
    return made


def changing(product: Json, offering: str | None, kind: str, action: str = "modify", **more: Any) -> Json:
    held = {"id": product["id"], **more.pop("product", {})}
    return {"action": action, "kind": kind, "product": held, **(line(offering) if offering else {}), **more}


def ordered(person: Person, *items: Json) -> Json:
    """An order of a cart with these lines."""
    cart = person.post(CARTS, {"cartItem": list(items)}).body
    made: Json = person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    return made


def misbehave(hub: Stage, offering: str, behaviour: str, times: int = 1) -> None:
    hub.put("events", "southbound", offering, {"behaviour": behaviour, "times": times})


# --- whose it is -------------------------------------------------------------------------------------------------


def test_an_order_goes_from_step_to_step_to_its_end(hub: Stage) -> None:
    jane = customer("jane-steps")
    order, found = order_of(jane, "plan-m", "case-aurora-5"), []
    for name in ("claim", "activate", "install", "complete"):
        step(name, order["id"])
        found.append(states(order))
    assert found == [("inProgress", ["inProgress"] * 2)] * 3 + [("completed", ["completed"] * 2)]
    assert {each["status"] for each in products(jane)} == {"active"}
    assert len({each["productSerialNumber"] for each in products(jane)}) == 2
    assert "completionDate" in now(order)


def test_of_two_executions_one_gets_the_order(hub: Stage) -> None:
    order = order_of(customer("jane-two"), "plan-m")
    step("claim", order["id"], "execution-1")
    step("claim", order["id"], "execution-1")
    for name in ("claim", "activate", "install", "complete"):
        with pytest.raises(NotOurs):
            step(name, order["id"], "execution-2")
    assert hub.row("order", "productOrder", order["id"])["workflow"] == "execution-1"


def test_of_two_executions_that_meet_one_gets_the_order(hub: Stage) -> None:
    order = order_of(customer("jane-meet"), "plan-m")
    with (
        stumbling(aws.dynamodb(), "PutItem", lambda: step("claim", order["id"], "execution-1")),
        pytest.raises(ChangedMeanwhile),
    ):
        step("claim", order["id"], "execution-2")
    with pytest.raises(NotOurs):
        step("claim", order["id"], "execution-2")  # the workflow asks again, and ends quietly
    assert hub.row("order", "productOrder", order["id"])["workflow"] == "execution-1"


@pytest.mark.parametrize("name", ["claim", "activate", "install", "complete", "compensate"])
def test_a_late_event_for_an_order_nobody_knows_creates_no_row(hub: Stage, name: str) -> None:
    before = {folder: len(hub.held(folder)) for folder in ("order", "inventory", "events")}
    with pytest.raises(NotFound):
        step(name, "0" * 32)
    assert {folder: len(hub.held(folder)) for folder in before} == before


def test_an_order_that_was_cancelled_before_it_was_claimed_is_nobodys(hub: Stage) -> None:
    jane = customer("jane-early")
    order = order_of(jane, "plan-m")
    jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})
    with pytest.raises(NotOurs):
        step("claim", order["id"])
    assert states(order) == ("cancelled", ["cancelled"])


# --- each step twice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "offering"),
    [
        ("addOn", "extra-data-10"),
        ("planChange", "plan-l"),
        ("renew", "plan-m"),
        ("upgrade", "plan-l"),
        ("disconnect", None),
    ],
)
def test_each_step_twice_has_one_effect(hub: Stage, kind: str, offering: str | None) -> None:
    jane = customer(f"jane-{kind}")
    plan = installed(jane)
    action = "delete" if kind == "disconnect" else "modify"
    order = ordered(jane, changing(plan, offering, kind, action))
    for name in ("claim", "activate", "install", "complete"):
        step(name, order["id"])
        after = {folder: hub.held(folder) for folder in ("order", "inventory", "events")}
        step(name, order["id"])
        assert {folder: hub.held(folder) for folder in after} == after, f"{name} came twice"
    assert states(order) == ("completed", ["completed"])
    assert "pendingChange" not in jane.get(plan["href"]).body


def test_a_sale_of_three_is_three_products_however_often_it_is_installed(hub: Stage) -> None:
    jane = customer("jane-three")
    order = ordered(jane, line("plan-m", quantity=3))
    for name in ("claim", "activate", "install", "install", "complete", "complete"):
        step(name, order["id"])
    assert len(products(jane)) == 3


def test_an_add_on_of_which_two_are_paid_is_there_twice(hub: Stage) -> None:
    jane = customer("jane-add-two")
    plan = installed(jane)
    fulfilled(ordered(jane, changing(plan, "extra-data-10", "addOn", quantity=2)))
    assert [each["name"] for each in products(jane)].count("Extra-Daten 10 GB") == 2


def test_an_order_that_ended_in_part_may_be_completed_twice(hub: Stage) -> None:
    jane = customer("jane-part")
    items = [{"id": "1", "action": "add", **line("plan-m")}, {"id": "2", "action": "add"}]
    order = jane.post(ORDERS, {"productOrderItem": items}).body
    fulfilled(order)
    assert states(order) == ("partial", ["completed", "rejected"])
    step("complete", order["id"])
    assert states(order) == ("partial", ["completed", "rejected"])


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_step_that_crashed_half_way_is_gone_through_again(hub: Stage, lost: int) -> None:
    """Of three products some are installed when the process goes away; in the end each is there once."""
    jane = customer(f"jane-crash-{lost}")
    order = order_of(jane, "plan-m", "tv-plus", "case-aurora-5")
    step("claim", order["id"])
    step("activate", order["id"])
    with stumbling(aws.dynamodb(), "PutItem", *[None] * (lost - 1), Crashed()), pytest.raises(Crashed):
        step("install", order["id"])
    assert len(products(jane)) == lost - 1
    step("install", order["id"])
    step("complete", order["id"])
    assert (len(products(jane)), states(order)[0]) == (3, "completed")


def test_two_items_on_one_product_both_have_their_effect(hub: Stage) -> None:
    """Two add-ons for one plan in one order."""
    jane = customer("jane-both")
    plan = installed(jane)
    fulfilled(ordered(jane, changing(plan, "extra-data-10", "addOn"), changing(plan, "second-sim", "addOn")))

    after = jane.get(plan["href"]).body

    assert len(products(jane)) == 3
    assert [r["relationshipType"] for r in after.get("productRelationship", [])] == ["hasAddOn"] * 2
    assert "pendingChange" not in after


def test_a_plan_change_and_an_add_on_in_one_order_both_have_their_effect(hub: Stage) -> None:
    jane = customer("jane-change-add")
    plan = installed(jane)
    fulfilled(ordered(jane, changing(plan, "plan-l", "planChange"), changing(plan, "extra-data-10", "addOn")))
    after = jane.get(plan["href"]).body
    assert after["productOffering"]["id"] == "plan-l"
    assert [r["relationshipType"] for r in after.get("productRelationship", [])] == ["hasAddOn"]


# --- the way back ------------------------------------------------------------------------------------------------


def test_what_was_refused_is_taken_back_and_releases_the_product_it_would_have_changed(hub: Stage) -> None:
    jane = customer("jane-back")
    plan = installed(jane)
    order = ordered(jane, changing(plan, "plan-l", "planChange"), line("tv-basic"))
    misbehave(hub, "tv-basic", "fail")
    step("claim", order["id"])
    with pytest.raises(ActivationRefused):
        step("activate", order["id"])

    for _ in range(2):
        step("compensate", order["id"])

    assert states(order) == ("failed", ["failed", "failed"])
    now_ = jane.get(plan["href"]).body
    assert ("pendingChange" in now_, now_["productOffering"]["id"]) == (False, "plan-m")
    of_order = {fulfil.request_of(orders.load(HUB, order["id"]), item) for item in order["productOrderItem"]}
    ledger = {row["id"]: row["body"]["state"] for row in hub.held("events", "activation") if row["id"] in of_order}
    assert "active" not in ledger.values()
    assert ordered(jane, changing(plan, "plan-s", "planChange"))["state"] == "acknowledged"


def test_a_slow_network_is_asked_again_with_the_same_request_and_has_one_effect(hub: Stage) -> None:
    order = order_of(customer("jane-slow"), "earbuds-air", "charger-30")
    misbehave(hub, "charger-30", "slow", 2)
    step("claim", order["id"])
    for _ in range(2):
        with pytest.raises(StillWorking):
            step("activate", order["id"])
    before = len(hub.held("events", "activation"))
    step("activate", order["id"])
    assert len(hub.held("events", "activation")) - before <= 1
    step("install", order["id"])
    step("complete", order["id"])
    assert states(order)[0] == "completed"


def test_a_cancellation_while_the_network_works_is_taken_back_to_its_end(hub: Stage) -> None:
    jane = customer("jane-cancels")
    plan = installed(jane)
    order = ordered(jane, changing(plan, "plan-l", "planChange"))
    step("claim", order["id"])
    task = jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body
    for name in ("activate", "install", "complete"):
        with pytest.raises(Cancelled):
            step(name, order["id"])
    step("compensate", order["id"])
    assert states(order) == ("cancelled", ["cancelled"])
    assert jane.get(task["href"]).body["state"] == "done"
    assert "pendingChange" not in jane.get(plan["href"]).body


def test_what_was_activated_is_not_taken_back_whoever_asks(hub: Stage) -> None:
    jane = customer("jane-late")
    order = order_of(jane, "plan-m")
    step("claim", order["id"])
    step("activate", order["id"])
    assert jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body["state"] == "terminatedWithError"
    with pytest.raises(Activated):
        step("compensate", order["id"])
    step("install", order["id"])
    step("complete", order["id"])
    step("compensate", order["id"])
    assert states(order)[0] == "completed"


def test_a_cancellation_that_comes_while_the_activation_is_stored_wins_or_loses_whole(hub: Stage) -> None:
    jane = customer("jane-wins")
    order = order_of(jane, "tv-plus")
    step("claim", order["id"])
    cancel = lambda: jane.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}})  # noqa: E731
    with stumbling(aws.dynamodb(), "PutItem", None, cancel), pytest.raises(ChangedMeanwhile):
        step("activate", order["id"])
    with pytest.raises(Cancelled):
        step("activate", order["id"])
    step("compensate", order["id"])
    assert states(order) == ("cancelled", ["cancelled"])
    of_order = {fulfil.request_of(orders.load(HUB, order["id"]), item) for item in order["productOrderItem"]}
    assert [row["body"]["state"] for row in hub.held("events", "activation") if row["id"] in of_order] == ["ended"]


def test_an_execution_that_has_not_the_order_takes_nothing_back(hub: Stage) -> None:
    order = order_of(customer("jane-stranger"), "plan-m")
    step("claim", order["id"], "execution-1")
    step("compensate", order["id"], "execution-2")
    assert states(order) == ("inProgress", ["inProgress"])


# --- what cannot be fulfilled ------------------------------------------------------------------------------------


@pytest.mark.parametrize("beside", [[], ["tv-plus"]], ids=["alone", "beside another"])
def test_an_item_that_is_rejected_releases_the_product_it_would_have_changed(hub: Stage, beside: list[str]) -> None:
    """Nobody can fulfil it, so nobody may wait for it."""
    jane = customer(f"jane-rejected-{len(beside)}")
    plan = installed(jane)
    items = [changing(plan, "no-such-plan", "planChange"), *(line(o, action="add") for o in beside)]
    order = jane.post(ORDERS, {"productOrderItem": [{"id": str(n), **each} for n, each in enumerate(items)]}).body
    if beside:
        fulfilled(order)
    else:
        with pytest.raises(NotOurs):
            step("claim", order["id"])
    assert "rejected" in states(order)[1]
    assert "pendingChange" not in jane.get(plan["href"]).body


@pytest.mark.parametrize(
    ("kind", "status"), [("suspend", "suspended"), ("resume", "active"), ("move", "active"), ("numberChange", "active")]
)
def test_what_needs_no_offering_is_fulfilled_without_one(hub: Stage, kind: str, status: str) -> None:
    """Nobody buys anything to have a line suspended."""
    jane = customer(f"jane-{kind}-bare")
    plan = installed(jane)
    fulfilled(ordered(jane, changing(plan, None, kind)))
    after = jane.get(plan["href"]).body
    assert (after["status"], len(after["productOrderItem"])) == (status, 2)
    assert "pendingChange" not in after


def test_an_item_whose_offering_nobody_knows_is_rejected_and_an_order_of_only_such_with_it(hub: Stage) -> None:
    jane = customer("jane-unknown")
    order = jane.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("no-such-plan")}]}).body
    for _ in range(2):
        with pytest.raises(NotOurs):
            step("claim", order["id"])
    assert states(order) == ("rejected", ["rejected"])
