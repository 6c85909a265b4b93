"""Karl keeps the plan he has; the operator sees what a rise would do to bills, decides it, and Karl is told in time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from functions.shared import tmf
from local.hub import Hub
from tests.tmf.client import Client

CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"
PRODUCTS, RISES = f"{tmf.BASE['TMF637']}/product", f"{tmf.BASE['omnihub']}/priceRise"


def test_karl_keeps_an_old_plan_and_is_told_before_it_gets_dearer(hub: Hub) -> None:
    olga = Client(hub.url, hub.token("nova-backoffice", "operator", "operator-olga"))
    ben = Client(hub.url, hub.token("nova-callcentre", "agent", "agent-ben"))
    party = ben.post(f"{tmf.BASE['TMF632']}/individual", {"givenName": "Karl", "familyName": "Vogt"}).body
    engaged = {"name": "Karl Vogt", "engagedParty": {"id": party["id"], "@referredType": "Individual"}}
    karl = ben.post(f"{tmf.BASE['TMF629']}/customer", engaged).body["id"]
    own = Client(hub.url, hub.token("nova-selfcare", "customer", "login-karl", customer_id=karl))
    amount = {"taxIncludedAmount": {"unit": "EUR", "value": 54.99}}
    plan = olga.post(
        PRODUCTS,
        {
            "status": "active",
            "startDate": "2022-05-01T00:00:00Z",
            "name": "Nova XL",
            "productOffering": {"id": "plan-xl", "name": "Nova XL"},
            "productPrice": [{"priceType": "recurring", "recurringChargePeriod": "month", "price": amount}],
            "relatedParty": [{"id": karl, "role": "owner", "@referredType": "Customer"}],
        },
    ).body

    swap = {"action": "modify", "kind": "simSwap", "product": {"id": plan["id"]}, "productOffering": {"id": "plan-xl"}}
    cart = own.post(CARTS, {"cartItem": [swap]}).body
    own.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
    hub.settle()
    assert own.get(plan["href"]).body["productPrice"] == plan["productPrice"]

    change = {**swap, "kind": "planChange", "productOffering": {"id": "plan-l"}}
    cart = own.post(CARTS, {"cartItem": [change]}, headers={"Accept-Language": "en"}).body
    assert [loss["kind"] for loss in cart["cartItem"][0]["losing"]] == ["noLongerSold", "dearer"]
    refused = own.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body
    assert refused["code"] == "termsLost"

    rise = olga.post(RISES, _rise("plan-xl")).body
    hub.settle()
    seen = olga.get(rise["href"]).body
    assert (seen["preview"]["complete"], seen["preview"]["bill"]) == (True, 1)
    (bill,) = olga.get(f"{rise['href']}/bill").body
    assert [Decimal(str(each["price"]["value"])) for each in bill["comingTotal"]] == [Decimal("60.49")]
    olga.patch(rise["href"], {"state": "decided"})
    hub.settle()
    assert olga.get(rise["href"]).body["told"] == {"complete": True, "product": 1}
    after = own.get(plan["href"]).body
    assert after["productPrice"] == plan["productPrice"]
    assert "comingPrice" not in after, "the day of the notice has not come"
    assert hub.function_errors == []


def _rise(offering: str) -> dict[str, Any]:
    """Ten percent more for customers without a note of being students, told in a week."""
    now = datetime.now(UTC)
    asked = {"criteriaParameter": "segment", "criteriaOperator": "<>", "criteriaValue": "student"}
    return {
        "productOffering": {"id": offering},
        "criteriaGroup": [{"criteria": [asked]}],
        "percentage": 10,
        "noticeDate": (now + timedelta(days=7)).isoformat(),
        "effectiveDate": (now + timedelta(days=60)).isoformat(),
        "reason": "dearer electricity",
    }
