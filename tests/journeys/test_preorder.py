"""Una orders what is not sold yet: the hub tells her so, holds the order, and her day is not somebody's to remember."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.shared import clock, tmf
from functions.shared.locale import day
from local.hub import Hub
from tests.journeys.test_catalog import CARTS, OFFERINGS, ORDERS, PUBLICATIONS, operator, una, written
from tests.tmf.client import Client

CANCELLATIONS = f"{tmf.BASE['TMF622']}/cancelProductOrder"
DAY = timedelta(days=1)


def in_days(days: int) -> str:
    return clock.text(clock.now() + days * DAY)


def ordered(person: Client, offer: dict[str, Any]) -> dict[str, Any]:
    cart = person.post(CARTS, {"cartItem": [{"productOffering": {"id": offer["id"]}}]}).body
    assert [need["kind"] for need in cart["requirement"]] == ["saleStart"]
    return dict(person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body)


def test_what_is_ordered_ahead_waits_in_the_workflow_and_can_be_cancelled(hub: Hub) -> None:
    olga, web = operator(hub, "olga"), una(hub)
    begin = in_days(20)
    offer = written(olga, "Winterpass", preorderDateTime=in_days(-1), validFor={"startDateTime": begin})
    news = written(olga, "Neues", announcedDateTime=in_days(-1), validFor={"startDateTime": begin})
    olga.post(PUBLICATIONS, {})
    seen = {each["id"]: each["saleStage"] for each in web.get(f"{OFFERINGS}?id={offer['id']},{news['id']}").body}
    assert seen == {offer["id"]: "preorder", news["id"]: "announced"}
    refused = web.post(CARTS, {"cartItem": [{"productOffering": {"id": news["id"]}}]}, expect=409).body
    opens = day(clock.moment(begin).astimezone(ZoneInfo("Europe/Berlin")).date(), "en", "DE")
    assert f"can be ordered from {opens}" in refused["reason"]

    order, other = ordered(web, offer), ordered(web, offer)
    hub.settle()
    held = web.get(order["href"]).body
    assert (held["state"], held["held"]) == ("held", ["saleStart"])
    (need,) = held["requirement"]
    assert (need["state"], need["validFrom"]) == ("open", begin)

    assert web.post(CANCELLATIONS, {"productOrder": {"id": order["id"]}}).body["state"] == "done"
    hub.settle()
    assert [web.get(each["href"]).body["state"] for each in (order, other)] == ["cancelled", "held"]
    assert {error.type for error in hub.function_errors} == {"NotYet"}
    assert hub.dead_letters() == []
