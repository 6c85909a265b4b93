"""Who bought keeps the terms it was sold on, may add what its rules allow, and is told before a change loses them."""

from decimal import Decimal
from typing import Any

import pytest

from tests.functions.stage import (
    BEN,
    CARTS,
    CATALOG,
    GUEST,
    OLGA,
    ORDERS,
    PRODUCTS,
    PUBLICATIONS,
    QUALIFICATIONS,
    Json,
    Person,
    Stage,
    fulfilled,
    line,
    on_record,
    order_of,
)

OFFERINGS, PRICES = f"{CATALOG}/productOffering", f"{CATALOG}/productOfferingPrice"


def product(of: Person, offering: str = "plan-m") -> Json:
    """What they have of that offering."""
    (found,) = [p for p in of.get(PRODUCTS).body if p["productOffering"]["id"] == offering]
    return dict(found)


def monthly(prices: list[Json]) -> list[Decimal]:
    return [Decimal(str(p["price"]["taxIncludedAmount"]["value"])) for p in prices if p["priceType"] == "recurring"]


def on(plan: Json, kind: str, offering: str | None = "plan-m", action: str = "modify", **more: Any) -> Json:
    """A line on that product."""
    return {
        "action": action,
        "kind": kind,
        "product": {"id": plan["id"], **more},
        **(line(offering) if offering else {}),
    }


def cart_of(person: Person, *items: Json, language: str = "en") -> Json:
    made: Json = person.post(CARTS, {"cartItem": list(items)}, accept_language=language).body
    return made


def ordered(person: Person, cart: Json, **more: Any) -> Any:
    return person.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **more}, expect=(201, 409))


@pytest.fixture(scope="module")
def una(hub: Stage) -> Person:
    """Una bought Nova M at 29.99; then its price went up to 34.99, and then it was taken off the market."""
    found = on_record()
    fulfilled(order_of(found, "plan-m"))
    (price,) = [p["productOfferingPrice"] for p in product(found)["productPrice"] if p["priceType"] == "recurring"]
    OLGA.patch(f"{PRICES}/{price['id']}", {"price": {"unit": "EUR", "value": 34.99}})
    OLGA.post(PUBLICATIONS, {})
    return found


@pytest.fixture(scope="module")
def retired(una: Person) -> None:
    OLGA.patch(f"{OFFERINGS}/plan-m", {"lifecycleStatus": "Retired"})
    OLGA.post(PUBLICATIONS, {})


def test_a_dearer_price_is_for_who_buys_and_the_change_says_what_it_loses(una: Person) -> None:
    before = una.get(PRODUCTS).body
    plan = product(una)
    assert monthly(plan["productPrice"]) == [Decimal("29.99")]
    assert BEN.get(plan["href"]).body == plan, "what an agent sees is the same"
    assert monthly(cart_of(GUEST, line("plan-m"))["cartTotalPrice"]) == [Decimal("34.99")]

    (item,) = cart_of(una, on(plan, "planChange", "plan-l"))["cartItem"]
    dearer, term = item["losing"]
    assert dearer["kind"] == "dearer"
    assert dearer["reason"] == "Nova M would cost 34.99 EUR a month today; what is given up costs 29.99 EUR a month."
    assert (dearer["price"]["price"]["value"], dearer["currentPrice"]["price"]["value"]) == (
        Decimal("29.99"),
        Decimal("34.99"),
    )
    assert term["kind"] == "termRunning"
    assert una.get(PRODUCTS).body == before


@pytest.mark.parametrize("how", ["from a cart", "directly"])
def test_a_renewal_that_names_no_offering_is_of_the_same(hub: Stage, how: str) -> None:
    ole = on_record()
    fulfilled(order_of(ole, "plan-l"))
    renewal = on(product(ole, "plan-l"), "renew", None)
    accepted = {"acceptedLoss": [{"id": renewal["product"]["id"], "kind": ["promotionRunning", "termRunning"]}]}
    if how == "from a cart":
        cart = cart_of(ole, renewal)
        (item,) = ordered(ole, cart, **accepted).body["productOrderItem"]
    else:
        body = {"productOrderItem": [{"id": "1", **renewal}], **accepted}
        (item,) = ole.post(ORDERS, body).body["productOrderItem"]
    assert (item["productOffering"]["id"], monthly(item["itemPrice"])) == ("plan-l", [Decimal("44.99")])


def test_another_plan_is_named_or_not_ordered(hub: Stage) -> None:
    ole = on_record()
    fulfilled(order_of(ole, "plan-l"))
    cart = cart_of(ole, on(product(ole, "plan-l"), "planChange", None))
    assert [bar["code"] for bar in cart["cartItem"][0]["barred"]] == ["unknownOffering"]
    assert ordered(ole, cart).body["code"] == "unknownOffering"


@pytest.mark.parametrize("kind", ["simSwap", "move", "numberChange", "suspend", "resume"])
@pytest.mark.parametrize("how", ["from a cart", "directly"])
def test_what_keeps_the_terms_sells_nothing_anew_though_the_offering_is_retired(
    una: Person, retired: None, kind: str, how: str
) -> None:
    before = product(una)
    if how == "directly":
        order = una.post(ORDERS, {"productOrderItem": [{"id": "1", **on(before, kind)}]}).body
    else:
        cart = cart_of(una, on(before, kind))
        (item,) = cart["cartItem"]
        assert not {"barred", "itemPrice", "losing"} & item.keys()
        assert cart["cartTotalPrice"] == []
        assert "requirement" not in cart
        order = ordered(una, cart).body
    assert order["orderTotalPrice"] == []
    assert una.get(f"{order['href']}/price/replay").body["equal"] is True
    assert fulfilled(order)["state"] == "completed"
    after = product(una)
    changed = {"productOrderItem", "status"}
    assert {k: v for k, v in after.items() if k not in changed} == {k: v for k, v in before.items() if k not in changed}
    assert after["status"] == ("suspended" if kind == "suspend" else "active" if kind == "resume" else before["status"])


def test_another_offering_on_the_same_line_is_sold_as_ever(una: Person, retired: None) -> None:
    plan = product(una)
    (item,) = cart_of(una, on(plan, "simSwap", "second-sim"))["cartItem"]
    assert item["itemPrice"]
    refused = una.post(CARTS, {"cartItem": [on(plan, "simSwap", "plan-xl")]}, expect=409)
    assert refused.body["code"] == "notOnSale"


def test_who_has_what_is_retired_adds_what_its_rules_allow(una: Person, retired: None) -> None:
    GUEST.post(CARTS, {"cartItem": [line("plan-m")]}, expect=409)
    asked = {"productOfferingQualificationItem": [{"id": "1", "productOffering": {"id": "extra-data-10"}}]}
    assert una.post(QUALIFICATIONS, asked).body["qualificationResult"] == "green"
    assert GUEST.post(QUALIFICATIONS, asked).body["qualificationResult"] == "red"

    order = ordered(una, cart_of(una, on(product(una), "addOn", "extra-data-10")))
    assert order.status == 201
    fulfilled(order.body)
    assert product(una, "extra-data-10")["status"] == "active"
    assert product(una)["productRelationship"][0]["relationshipType"] == "hasAddOn"


@pytest.mark.parametrize(
    ("kind", "offering", "action"), [("planChange", "plan-l", "modify"), ("disconnect", None, "delete")]
)
def test_what_cannot_be_had_again_is_given_up_knowingly_or_not_at_all(
    una: Person, retired: None, kind: str, offering: str | None, action: str
) -> None:
    plan = product(una)
    cart = cart_of(una, on(plan, kind, offering, action))
    (item,) = cart["cartItem"]
    assert [loss["kind"] for loss in item["losing"]] == ["noLongerSold", "dearer", "termRunning"]
    german = una.get(cart["href"], accept_language="de").body["cartItem"][0]["losing"][0]["reason"]
    assert german == "Nova M wird nicht mehr verkauft; wer es aufgibt, bekommt es nicht wieder."

    asked = {
        "id": "1",
        "action": action,
        "kind": kind,
        "product": {"id": plan["id"]},
        **(line(offering) if offering else {}),
    }
    (answer,) = una.post(QUALIFICATIONS, {"productOfferingQualificationItem": [asked]}).body[
        "productOfferingQualificationItem"
    ]
    assert [loss["kind"] for loss in answer["losing"]] == ["noLongerSold", "dearer", "termRunning"]

    refused = ordered(una, cart)
    assert (refused.status, refused.body["code"]) == (409, "termsLost")
    (told,) = refused.body["details"]["acceptedLoss"]
    assert (told["id"], told["kind"]) == (plan["id"], ["noLongerSold", "dearer", "termRunning"])
    half = ordered(una, cart, acceptedLoss=[{"id": plan["id"], "kind": ["dearer"]}])
    assert half.body["code"] == "termsLost", "it was told of more than that"
    direct = {"productOrderItem": [{"id": "1", **on(plan, kind, offering, action)}]}
    assert una.post(ORDERS, direct, expect=409).body["details"]["acceptedLoss"][0]["kind"] == told["kind"]

    order = ordered(una, cart, acceptedLoss=[{"id": told["id"], "kind": told["kind"]}]).body
    (kept,) = order["acceptedLoss"]
    assert (kept["id"], kept["kind"]) == (plan["id"], told["kind"])
    assert [loss["kind"] for loss in kept["loss"]] == told["kind"]
    assert {name: kept["touch"][name] for name in ("by", "channel")} == {"by": una.subject, "channel": "web"}
    assert ordered(una, cart).body == order, "a repeat has the order there is"
    una.post(f"{ORDERS[: -len('productOrder')]}cancelProductOrder", {"productOrder": {"id": order["id"]}})


# --- promotions, terms and rules of who may have it ---------------------------------------------------------------


def brought(
    of: Person, offering: str, *altered: Json, value: float = 9.99, start: str, months: int = 0, **more: Any
) -> Json:
    """A product that came with a migration, long ago or not."""
    price = {
        "priceType": "recurring",
        "recurringChargePeriod": "month",
        "price": {"taxIncludedAmount": {"unit": "EUR", "value": value}},
    }
    body: Json = {
        "status": "active",
        "startDate": start,
        "name": offering,
        "productOffering": {"id": offering},
        "productPrice": [{**price, "productPriceAlteration": list(altered)}],
        "relatedParty": [{"id": of.customer, "role": "owner", "@referredType": "Customer"}],
        **more,
    }
    if months:
        body["productTerm"] = [{"name": "term", "duration": {"amount": months, "units": "month"}}]
    made: Json = OLGA.post(PRODUCTS, body).body
    return made


def promotion(periods: int | None, name: str = "old-friends") -> Json:
    found: Json = {"name": name, "description": "Old friends", "priceType": "recurring", "priority": 1}
    found["price"] = {"taxIncludedAmount": {"unit": "EUR", "value": -5}, "percentage": 50}
    return {**found, **({"applicationDuration": periods} if periods else {})}


@pytest.mark.parametrize(
    ("offering", "altered", "value", "start", "months", "codes"),
    [
        ("plan-l", [], 44.99, "2024-01-31T00:00:00Z", 24, []),  # all of it can be had again
        ("plan-l", [], 39.99, "2024-01-31T00:00:00Z", 24, ["dearer"]),
        ("plan-l", [], 49.99, "2024-01-31T00:00:00Z", 0, []),
        ("plan-l", [], 39.99, "2024-01-31T00:00:00Z", 600, ["dearer", "termRunning"]),
        ("plan-l", [promotion(None)], 44.99, "2024-01-31T00:00:00Z", 0, ["promotionRunning"]),
        ("plan-l", [promotion(3)], 44.99, "2024-01-31T00:00:00Z", 0, []),  # it has run out
        ("plan-l", [promotion(999)], 44.99, "2024-01-31T00:00:00Z", 0, ["promotionRunning"]),
        ("fleet-service", [], 99.00, "2024-01-31T00:00:00Z", 0, ["notEligible"]),  # a business no more
        ("plan-xl", [], 64.99, "2024-01-31T00:00:00Z", 0, ["noLongerSold"]),
        ("forgotten", [], 5.00, "2024-01-31T00:00:00Z", 0, ["noLongerSold"]),  # the catalog holds it no more
    ],
)
def test_what_is_lost_is_what_could_not_be_bought_like_that_today(
    hub: Stage, offering: str, altered: list[Json], value: float, start: str, months: int, codes: list[str]
) -> None:
    ole = on_record(None)
    held = brought(ole, offering, *altered, value=value, start=start, months=months)
    (item,) = cart_of(ole, on(held, "disconnect", None, "delete"))["cartItem"]
    assert [loss["kind"] for loss in item.get("losing", [])] == codes
    lost = {loss["kind"]: loss for loss in item.get("losing", [])}
    if "promotionRunning" in lost:
        assert lost["promotionRunning"]["promotion"]["id"] == "old-friends"
        assert lost["promotionRunning"]["price"]["price"]["value"] == Decimal("-22.5"), "half of 44.99"
        assert ("periods" in lost["promotionRunning"]) is ("applicationDuration" in altered[0])
    assert ordered(ole, cart_of(ole, on(held, "disconnect", None, "delete"))).status == (409 if codes else 201)


@pytest.mark.parametrize(
    ("parts", "altered", "value", "told"),
    [
        (["fibre-500", "tv-basic"], [], 54.98, []),  # 44.99 and 9.99: all of it can be had again
        (["fibre-500", "tv-basic"], [], 54.97, ["dearer: home-choice would cost 54.98 EUR a month today"]),
        (["fibre-1000", "tv-basic"], [], 54.98, ["dearer: home-choice would cost 69.98 EUR a month today"]),
        (["fibre-500", "plan-xl"], [], 99.00, ["noLongerSold: Nova XL is no longer sold"]),
        (["fibre-500", "forgotten"], [], 99.00, ["noLongerSold: forgotten is no longer sold; "]),
        (["fibre-500", "plan-l"], [], 99.00, ["noLongerSold: plan-l is no longer sold in home-choice; "]),
        ([], [promotion(999, "fibre-three-months-free")], 99.00, ["promotionRunning: The promotion"]),
        (["fibre-500"], [promotion(999, "fibre-three-months-free")], 99.00, []),  # it is given again
        (["fibre-250"], [promotion(999, "fibre-three-months-free")], 99.00, ["promotionRunning: The promotion"]),
    ],
    ids=str,
)
def test_what_lies_in_a_bundle_is_lost_where_it_could_not_be_bought_like_that_today(
    hub: Stage, parts: list[str], altered: list[Json], value: float, told: list[str]
) -> None:
    ole, names = on_record(None), {"plan-xl": "Nova XL"}
    inside = [{"productOffering": {"id": id_}, "name": names.get(id_, id_)} for id_ in parts]
    more: Json = {"isBundle": True, "product": inside} if parts else {}
    held = brought(ole, "home-choice", *altered, value=value, start="2024-01-31T00:00:00Z", **more)
    (item,) = cart_of(ole, on(held, "disconnect", None, "delete"))["cartItem"]
    lost = [f"{loss['kind']}: {loss['reason']}" for loss in item.get("losing", [])]
    assert [each.startswith(begin) for each, begin in zip(lost, told, strict=True)] == [True] * len(told), lost
