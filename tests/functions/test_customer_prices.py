"""A price of a customer's own: granted by staff, paid by that customer alone, and what became of it known for good."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from functions.catalog import store
from functions.shared import aws, clock, rows
from tests.functions.stage import (
    ACCOUNTS,
    BEN,
    CARTS,
    CUSTOMERS,
    GUEST,
    OFFERS,
    OLGA,
    ORDERS,
    Crashed,
    Json,
    Person,
    Stage,
    line,
    on_record,
    stumbling,
)
from tests.functions.stage import CUSTOMER_PRICES as PRICES
from tests.unit.test_catalog import promotion

PRICE = "tv-plus-monthly"


@pytest.fixture(autouse=True)
def negotiable(hub: Stage) -> Iterator[None]:
    """The catalog in which the price of television is negotiable."""
    was = store.live("nova").content
    on_sale({})
    yield
    store.publish(was)


def on_sale(promotions: Json, **of_price: Any) -> None:
    was = store.live("nova").content
    price = {**was["productOfferingPrice"][PRICE], "negotiable": True, **of_price}
    prices = {**was["productOfferingPrice"], PRICE: price}
    store.publish({**was, "productOfferingPrice": prices, "promotion": promotions})


def granted(to: Person, value: str = "9.99", by: Person = OLGA, **more: Any) -> Any:
    expect = more.pop("expect", 201)
    body = {
        "relatedParty": [{"id": to.customer, "role": "customer"}],
        "productOfferingPrice": {"id": PRICE},
        "price": {"unit": "EUR", "value": float(value)},
        "reason": "TENDER-4711",
        **more,
    }
    return by.post(PRICES, {k: v for k, v in body.items() if v is not None}, expect=expect)


def monthly(prices: list[Json]) -> Decimal:
    found = (p["price"]["taxIncludedAmount"]["value"] for p in prices if p["priceType"] == "recurring")
    return sum((Decimal(str(value)) for value in found), Decimal(0))


def cart_with(person: Person, quantity: int = 1) -> Json:
    return dict(person.post(CARTS, {"cartItem": [line("tv-plus", quantity=quantity)]}).body)


def offered(person: Person) -> Decimal:
    offers = person.get(f"{OFFERS}?productOffering.id=tv-plus").body
    return monthly(offers[0]["itemTotalPrice"])


def in_days(days: int) -> str:
    return clock.text(clock.now() + timedelta(days=days))


def test_the_customer_pays_it_in_offers_cart_and_order_and_nobody_else_does(hub: Stage) -> None:
    una, otto = on_record(), on_record()
    grant = granted(una).body
    told = {who: (offered(by), monthly(cart_with(by)["cartTotalPrice"])) for who, by in (("una", una), ("otto", otto))}
    assert told == {"una": (Decimal("9.99"),) * 2, "otto": (Decimal("16.99"),) * 2}
    assert monthly(cart_with(GUEST)["cartTotalPrice"]) == Decimal("16.99")

    cart = cart_with(una, 2)
    (unit,) = (p for p in cart["cartItem"][0]["itemPrice"] if p["priceType"] == "recurring")
    assert (unit["customerPrice"]["id"], unit["productOfferingPrice"]["id"]) == (grant["id"], PRICE)
    steps = cart["cartItem"][0]["priceProof"]["trace"]
    assert ("CustomerPrice", grant["id"], Decimal("19.98")) in [
        (s["@referredType"], s["rule"], Decimal(str(s["effect"]["value"]))) for s in steps
    ]
    order = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert monthly(order["orderTotalPrice"]) == Decimal("19.98")


def test_an_order_is_priced_again_to_the_cent_when_the_grant_has_ended(hub: Stage) -> None:
    una = on_record()
    grant = granted(una).body
    cart = cart_with(una, 3)
    order = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    direct = una.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("tv-plus")}]}).body
    OLGA.delete(grant["href"])

    assert monthly(cart_with(una)["cartTotalPrice"]) == Decimal("16.99")
    for placed, amount in ((order, "29.97"), (direct, "9.99")):
        replay = una.get(f"{placed['href']}/price/replay").body
        assert (replay["equal"], monthly(replay["total"]["computed"])) == (True, Decimal(amount))
    assert monthly(una.get(cart["href"]).body["cartTotalPrice"]) == Decimal("29.97"), "an ordered cart too"
    basis = hub.row("order", "productOrder", order["id"])["basis"]
    assert [(each["id"], each["price"]["value"]) for each in basis["own"]] == [(grant["id"], Decimal("9.99"))]


def test_what_was_seen_at_a_price_of_ones_own_is_not_ordered_dearer_unasked(hub: Stage) -> None:
    una = on_record()
    grant = granted(una).body
    cart = cart_with(una)
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        OLGA.delete(grant["href"])
        refused = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body
    assert (refused["code"], monthly(refused["details"]["difference"])) == ("priceRose", Decimal("7.00"))


def test_it_holds_from_its_first_moment_until_just_before_its_last(hub: Stage) -> None:
    una = on_record()
    granted(una, validFor={"startDateTime": in_days(1), "endDateTime": in_days(3)})
    found, now = [], clock.now()
    for day in range(4):
        with time_machine.travel(now + timedelta(days=day, minutes=1)):
            found.append(monthly(cart_with(una)["cartTotalPrice"]))
    assert found == [Decimal(each) for each in ("16.99", "9.99", "9.99", "16.99")]


def test_promotions_act_on_it_and_it_goes_before_every_price_list(hub: Stage) -> None:
    una = on_record()
    granted(una)
    on_sale({"half": promotion("half", "tv-plus", percentage="50")})
    assert monthly(cart_with(una)["cartTotalPrice"]) == Decimal("4.99")  # 4.995 off
    on_sale({}, negotiable=False)
    assert monthly(cart_with(una)["cartTotalPrice"]) == Decimal("16.99"), "the catalog has the last word"


def test_who_granted_it_when_and_why_is_known_for_good(hub: Stage) -> None:
    una = on_record()
    grant = granted(una).body
    assert (grant["author"], grant["reason"], grant["state"]) == (OLGA.subject, "TENDER-4711", "active")
    assert BEN.get(grant["href"]).body == grant
    OLGA.delete(grant["href"])
    OLGA.delete(grant["href"])
    again = granted(una, "8.99").body

    (second, first) = BEN.get(f"{PRICES}?relatedParty.id={una.customer}").body
    assert (second["id"], first["id"]) == (again["id"], grant["id"])
    assert (first["state"], first["endedBy"], first["validFor"]["endDateTime"]) == (
        "ended",
        OLGA.subject,
        first["endDate"],
    )
    names = [each["eventType"] for each in hub.events_of("customerPrice", grant["id"])]
    assert names == ["CustomerPriceCreateEvent", "CustomerPriceStateChangeEvent"]
    assert monthly(cart_with(una)["cartTotalPrice"]) == Decimal("8.99")


def kept_of(hub: Stage, person: Person) -> list[str]:
    """What is kept of a customer's own prices: grants, and the book."""
    held = [row for kind in ("customerPrice", "priceBook") for row in hub.held("customer", kind)]
    return [row["type"] for row in held if row["customer"] == person.customer]


def gone(person: Person, **more: Any) -> Any:
    return BEN.delete(f"{CUSTOMERS}/{person.customer}", **more)


def test_it_goes_with_the_customer_and_an_order_at_it_is_still_priced_again(hub: Stage) -> None:
    una, otto = on_record(), on_record()
    ended, others = granted(una, "8.99").body, granted(otto).body
    OLGA.delete(ended["href"])
    grant = granted(una).body
    order = una.post(ORDERS, {"shoppingCart": {"id": cart_with(una, 3)["id"]}}).body

    assert gone(una).status == 204
    assert kept_of(hub, una) == []
    for each in (ended, grant):
        OLGA.get(each["href"], expect=404)
    assert OLGA.get(f"{PRICES}?relatedParty.id={una.customer}").body == []
    replay = OLGA.get(f"{order['href']}/price/replay").body
    assert (replay["equal"], monthly(replay["total"]["computed"])) == (True, Decimal("29.97"))
    assert hub.events_of("customerPrice", grant["id"])[-1]["eventType"] == "CustomerPriceDeleteEvent"
    gone(una, expect=404)
    assert OLGA.get(others["href"]).body == others
    assert monthly(cart_with(otto)["cartTotalPrice"]) == Decimal("9.99")


def test_a_customer_who_is_not_deleted_keeps_them(hub: Stage) -> None:
    una = on_record()
    grant = granted(una).body
    account = BEN.post(ACCOUNTS, {"customer": {"id": una.customer}, "name": "bills"}).body
    assert gone(una, expect=409).body["code"] == "accountsOpen"
    BEN.delete(account["href"])
    gone(una, If_Match='"99"', expect=409)
    with stumbling(aws.dynamodb(), "TransactWriteItems", Crashed()), pytest.raises(Crashed):
        gone(una)
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: OLGA.delete(grant["href"])):
        gone(una, expect=409)
    assert kept_of(hub, una) == ["customerPrice", "priceBook"]
    assert gone(una).status == 204


def test_nothing_is_promised_to_who_is_deleted_at_that_moment(hub: Stage) -> None:
    una = on_record()
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: gone(una)):
        assert granted(una, expect=409).body["code"] == "customerUnknown"
    assert kept_of(hub, una) == []


def test_more_than_one_write_takes_go_part_by_part_wherever_it_was_cut_off(hub: Stage) -> None:
    una = on_record()
    first = hub.row("customer", "customerPrice", granted(una).body["id"])
    for n in range(230):  # of years
        rows.save(rows.put("test-customer", {**first, "id": f"{first['id']}-{n}", "pk": f"{first['pk']}-{n}"}))
    gone(una, expect=503)
    with stumbling(aws.dynamodb(), "TransactWriteItems", Crashed()), pytest.raises(Crashed):
        gone(una)
    writes = []
    for _ in range(9):
        calls = len(hub.calls)
        answer = gone(una, expect=(204, 503))
        writes.append(hub.calls[calls:].count("dynamodb.TransactWriteItems"))
        if answer.status == 204:
            break
    assert (answer.status, kept_of(hub, una)) == (204, [])
    assert max(writes) <= 3


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"productOfferingPrice": {"id": "plan-m-monthly"}}, 409, "notNegotiable"),
        ({"productOfferingPrice": {"id": "no-such"}}, 409, "unknownPrice"),
        ({"productOfferingPrice": None}, 400, "priceMissing"),
        ({"relatedParty": None}, 400, "customerMissing"),
        ({"relatedParty": [{"id": "nobody", "role": "customer"}]}, 409, "customerUnknown"),
        ({"price": {"unit": "CHF", "value": 9}}, 400, "badAmount"),
        ({"price": {"unit": "EUR", "value": -1}}, 400, "badAmount"),
        ({"price": {"unit": "EUR", "value": 9.999}}, 400, "badAmount"),
        ({"price": None}, 400, "badAmount"),
        ({"validFor": {"endDateTime": "2020-01-01T00:00:00Z"}}, 400, "badPeriod"),
        ({"reason": None}, 400, "badReason"),
        ({"reason": "because Una is nice"}, 400, "badReason"),
    ],
)
def test_what_cannot_be_promised_is_refused_with_a_sentence_and_changes_nothing(
    hub: Stage, more: Json, status: int, code: str
) -> None:
    una = on_record()
    assert granted(una, expect=status, **more).body["code"] == code
    assert BEN.get(f"{PRICES}?relatedParty.id={una.customer}").body == []


def test_two_for_one_price_at_one_time_are_refused_and_one_after_the_other_is_not(hub: Stage) -> None:
    una = on_record()
    first = granted(una, validFor={"endDateTime": in_days(10)}).body
    refused = granted(una, "8.99", validFor={"startDateTime": in_days(9)}, expect=409).body
    assert (refused["code"], refused["details"]["customerPrice"]) == ("exists", first["id"])
    granted(una, "8.99", validFor={"startDateTime": in_days(10)})


def test_of_two_who_promise_the_same_at_once_one_is_told_of_the_other(hub: Stage) -> None:
    una = on_record()
    other: list[Json] = []
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: other.append(granted(una, "8.99").body)):
        refused = granted(una, expect=409).body
    assert refused["details"]["customerPrice"] == other[0]["id"]
    assert monthly(cart_with(una)["cartTotalPrice"]) == Decimal("8.99")


def test_only_operators_grant_and_end_it(hub: Stage) -> None:
    una = on_record()
    grant = granted(una).body
    granted(una, by=BEN, expect=403)
    for person in (BEN, una, GUEST):
        person.delete(grant["href"], expect=403)
    for person in (una, GUEST):
        person.get(grant["href"], expect=403)


def test_the_book_is_read_only_for_a_customer_with_something_negotiable_in_the_cart(hub: Stage) -> None:
    una = on_record()
    granted(una)
    asks, asks_not = cart_with(una), una.post(CARTS, {"cartItem": [line("plan-m")]}).body
    assert hub.called(lambda: una.get(asks["href"])) == ["dynamodb.GetItem"] * 2
    assert hub.called(lambda: una.get(asks_not["href"])) == ["dynamodb.GetItem"]
    guests = cart_with(GUEST)
    assert hub.called(lambda: GUEST.get(guests["href"])) == ["dynamodb.GetItem"]
    assert json.dumps(asks_not["cartItem"][0]["itemPrice"], default=str).count("customerPrice") == 0
