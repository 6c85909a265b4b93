"""An offer from its announcement to the end of its life, as those see it who read, order, hold and fulfil it."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from functions.events.fulfil import NotOurs, NotYet
from functions.shared import clock
from functions.shared.locale import day
from tests.functions.stage import (
    CANCELLATIONS,
    CARTS,
    CATALOG,
    OLGA,
    ORDERS,
    PRODUCTS,
    PUBLICATIONS,
    Json,
    Person,
    Stage,
    cart_of,
    customer,
    fulfilled,
    line,
    step,
)
from tests.functions.test_catalog import offered, priced

OFFERINGS = f"{CATALOG}/productOffering"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
UNA = customer("una-stages")
TURNS = ("announced", "preorder", "onSale", "endOfSale", "endOfLife")


@pytest.fixture
def life() -> dict[str, datetime]:
    """The moments of a life that begins in a day, ten days apart."""
    begin = clock.now() + DAY
    return {name: begin + n * 10 * DAY for n, name in enumerate(TURNS)}


@pytest.fixture
def offer(hub: Stage, life: dict[str, datetime]) -> Json:
    """An offer of that life, published before it begins."""
    told = {name: clock.text(moment) for name, moment in life.items()}
    made = offered(
        priced(),
        announcedDateTime=told["announced"],
        preorderDateTime=told["preorder"],
        validFor={"startDateTime": told["onSale"], "endDateTime": told["endOfSale"]},
        endOfLifeDateTime=told["endOfLife"],
        saleStage="onSale",  # read, and never believed
    )
    assert "saleStage" not in made
    OLGA.post(PUBLICATIONS, {})
    return made


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def listed(offer: Json, query: str = "") -> list[str | None]:
    return [each.get("saleStage") for each in UNA.get(f"{OFFERINGS}?id={offer['id']}{query}").body]


def ordered(person: Person, *items: Json, **more: Any) -> Json:
    cart = person.post(CARTS, {"cartItem": list(items)}).body
    made: Json = person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **more}).body
    return made


def now(order: Json) -> tuple[str, list[str], list[str], list[str]]:
    found = OLGA.get(order["href"]).body
    states = [item["state"] for item in found["productOrderItem"]]
    return found["state"], states, found.get("held", []), [need["state"] for need in found["requirement"]]


def test_lists_show_it_from_its_announcement_until_the_end_of_its_sale(offer: Json, life: dict[str, datetime]) -> None:
    for n, (name, moment) in enumerate(life.items()):
        for when, stage in ((moment - SECOND, TURNS[n - 1] if n else None), (moment, name)):
            shown = [stage] if stage in ("announced", "preorder", "onSale") else []
            with at(when):
                assert listed(offer) == shown
                assert listed(offer, f"&saleStage={stage}") == shown
                assert UNA.get(offer["href"], expect=200 if shown else 404).body.get("saleStage") == (
                    stage if shown else None
                )
            as_of = clock.text(when)
            assert OLGA.get(f"{offer['href']}?asOf={as_of}").body.get("saleStage") == stage
            (seen,) = OLGA.get(f"{OFFERINGS}?id={offer['id']}&asOf={as_of}&channel=web").body or [{}]
            assert seen.get("saleStage") == (stage if shown else None)


def test_what_is_announced_is_refused_with_the_day_from_which_it_can_be_ordered(
    offer: Json, life: dict[str, datetime]
) -> None:
    opens = day(life["preorder"].astimezone(ZoneInfo("Europe/Berlin")).date(), "en", "DE")
    with at(life["announced"]):
        cart = UNA.post(CARTS, {}).body
        for path, sent in (
            (f"{cart['href']}/cartItem", line(offer["id"])),
            (CARTS, {"cartItem": [line(offer["id"])]}),
            (ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line(offer["id"])}]}),
        ):
            refused = UNA.post(path, sent, expect=409).body
            assert (refused["code"], f"can be ordered from {opens}" in refused["reason"]) == ("notOnSale", True)


@pytest.mark.parametrize("direct", [False, True])
def test_what_is_ordered_ahead_is_held_until_its_day_and_then_fulfilled(
    offer: Json, life: dict[str, datetime], *, direct: bool
) -> None:
    with at(life["preorder"]):
        cart = cart_of(UNA, offer["id"])
        (need,) = cart["requirement"]
        assert need == {
            "kind": "saleStart",
            "item": cart["cartItem"][0]["id"],
            "state": "open",
            "validFrom": clock.text(life["onSale"]),
        }
        item = {"id": "1", "action": "add", **line(offer["id"])}
        sent = {"productOrderItem": [item]} if direct else {"shoppingCart": {"id": cart["id"]}}
        order = UNA.post(ORDERS, {**sent, "requestedStartDate": clock.text(clock.now())}).body
        assert now(order) == ("acknowledged", ["acknowledged"], ["saleStart"], ["open"])
        for _ in range(2):  # a step may come twice
            with pytest.raises(NotYet):
                step("claim", order["id"])
            assert step("hold", order["id"]) == {"id": order["id"], "until": clock.text(life["onSale"])}
        assert now(order) == ("held", ["held"], ["saleStart"], ["open"])
    with at(life["onSale"] - SECOND), pytest.raises(NotYet):
        step("claim", order["id"])
    with at(life["onSale"]):
        step("claim", order["id"])
        assert now(order) == ("inProgress", ["inProgress"], [], ["met"])
        fulfilled(order)
        assert now(order)[0] == "completed"
        with pytest.raises(NotOurs):
            step("hold", order["id"])


def test_what_is_held_can_be_cancelled_and_is_not_taken_up_on_its_day(offer: Json, life: dict[str, datetime]) -> None:
    with at(life["preorder"]):
        order = ordered(UNA, line(offer["id"]))
        step("hold", order["id"])
        told = UNA.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body
        assert (told["state"], now(order)[0]) == ("done", "cancelled")
    with at(life["onSale"]), pytest.raises(NotOurs):
        step("claim", order["id"])


def test_who_has_it_keeps_it_changes_it_and_at_the_end_can_only_end_it(offer: Json, life: dict[str, datetime]) -> None:
    with at(life["onSale"]):
        fulfilled(ordered(UNA, line(offer["id"])))
        held = next(each for each in UNA.get(PRODUCTS).body if each["productOffering"]["id"] == offer["id"])
    renewal = {"action": "modify", "kind": "renew", "product": {"id": held["id"]}, **line(offer["id"])}
    swap = {"action": "modify", "kind": "simSwap", "product": {"id": held["id"]}}
    with at(life["endOfSale"]):
        assert ordered_new(offer) == "notOnSale"
        knowing = {"acceptedLoss": [{"id": held["id"], "kind": ["noLongerSold"]}]}
        fulfilled(ordered(UNA, renewal))
        kept = cart_of_items(UNA, swap)
        direct = {"id": "1", **renewal}
        fulfilled(UNA.post(ORDERS, {"productOrderItem": [direct]}).body)
    with at(life["endOfLife"]):
        for item in (renewal, swap):
            refused = UNA.post(CARTS, {"cartItem": [item]}, expect=409).body
            assert (refused["code"], "it can only be ended" in refused["reason"]) == ("endOfLife", True)
        # It came into the cart while it could be changed.
        refused = UNA.post(ORDERS, {"shoppingCart": {"id": kept["id"]}}, expect=409).body
        assert refused["code"] == "endOfLife"
        for item in (direct, {"id": "1", **swap}):
            assert UNA.post(ORDERS, {"productOrderItem": [item]}, expect=409).body["code"] == "endOfLife"
        end = {"action": "delete", "kind": "disconnect", "product": {"id": held["id"]}}
        fulfilled(ordered(UNA, end, **knowing))
        assert UNA.get(f"{PRODUCTS}/{held['id']}").body["status"] == "terminated"


def ordered_new(offer: Json) -> str:
    return str(UNA.post(CARTS, {"cartItem": [line(offer["id"])]}, expect=409).body["code"])


def cart_of_items(person: Person, *items: Json) -> Json:
    made: Json = person.post(CARTS, {"cartItem": list(items)}).body
    return made


def test_nobody_gets_what_is_sold_no_more_by_renewing_something_else(offer: Json, life: dict[str, datetime]) -> None:
    ben = customer("ben-stages")
    fulfilled(ordered(ben, line("plan-m")))
    (plan,) = ben.get(PRODUCTS).body
    item = {"action": "modify", "kind": "renew", "product": {"id": plan["id"]}, **line(offer["id"])}
    with at(life["endOfSale"]):
        assert ben.post(CARTS, {"cartItem": [item]}, expect=409).body["code"] == "notOnSale"
        direct = {"productOrderItem": [{"id": "1", **item}]}
        assert ben.post(ORDERS, direct, expect=409).body["code"] == "notOnSale"
