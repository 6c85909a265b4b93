"""What the naive evaluator knows about a cart: predicates, segments, price lists, times and currencies, by hand."""

from decimal import Decimal

import pytest

from tests.price.charges import charges_of
from tests.price.facts import Facts, Json, facts_of_cart, holds
from tests.price.naive import priced
from tests.price.shelf import (
    NOW,
    ON_SALE,
    Predicate,
    action,
    catalog,
    lines,
    monthly,
    offering,
    once,
    pattern,
    promotion,
    when,
)

KNOWN: Facts = {
    "channel": "shop",
    "partner": {"harbour", "north"},
    "customer.kind": "business",
    "place.postcode": "10115",
    "date": "2026-03-01",
    "installed.offering": {"plan", "tv"},
    "campaign": set(),
    "tenure": Decimal(12),
    "quantity": Decimal(3),
}
CRITERIA = [
    ("channel", "=", "shop", True),
    ("channel", "=", "Shop", False),
    ("channel", "<>", "web", True),
    ("partner", "=", "north", True),
    ("partner", "<>", "harbour", False),
    ("partner", "<>", "rival", True),
    ("customer.kind", "<>", "business", False),
    ("channel", ">", "a", False),  # only a postcode and a date have an order as text
    ("place.postcode", ">=", "10115", True),
    ("place.postcode", "<", "8001", True),  # as text
    ("date", "<=", "2026-03-01", True),
    ("date", ">", "2026-03-01", False),
    ("date", "<>", "2026-03-02", True),
    ("installed.offering", "=", "tv", True),
    ("installed.offering", "=", "net", False),
    ("installed.offering", "<>", "tv", False),
    ("installed.offering", "<>", "net", True),
    ("campaign", "=", "spring", False),
    ("campaign", "<>", "spring", True),
    ("tenure", "=", "12.0", True),
    ("tenure", "<", "9", False),  # as a number
    ("tenure", ">", "9", True),
    ("quantity", ">=", "4", False),
    ("quantity", "<>", "4", True),
    ("customer.loyalty", "=", "gold", False),  # not known, from here on
    ("customer.loyalty", "<>", "gold", True),
    ("place.city", "<>", "Berlin", True),
    ("installed.category", "<>", "tv", True),
    ("installed.category", "=", "tv", False),
    ("installed.count", "<>", "1", False),
    ("installed.count", ">=", "0", False),
]
YES: Predicate = ("channel", "=", "shop")
NO: Predicate = ("channel", "=", "web")


@pytest.mark.parametrize(("name", "sign", "value", "expected"), CRITERIA)
def test_a_criterion(name: str, sign: str, value: str, *, expected: bool) -> None:
    assert holds(when((name, sign, value)), KNOWN) is expected


GROUPS = [
    ({}, True),
    ({"criteriaGroup": []}, True),
    ({"criteriaGroupLogicalRelationship": "OR", "criteriaGroup": []}, True),
    (when(YES, NO), False),
    (when(YES, NO, joined="OR"), True),
    (when(NO, NO, joined="OR"), False),
    ({"criteriaGroup": [*when(YES)["criteriaGroup"], *when(NO)["criteriaGroup"]]}, False),
    (
        {
            "criteriaGroupLogicalRelationship": "OR",
            "criteriaGroup": [*when(YES)["criteriaGroup"], *when(NO)["criteriaGroup"]],
        },
        True,
    ),
    ({"criteriaGroup": [{"criteria": when(YES)["criteriaGroup"][0]["criteria"]}]}, True),
]


@pytest.mark.parametrize(("predicate", "expected"), GROUPS)
def test_criteria_and_groups_are_joined(predicate: Json, *, expected: bool) -> None:
    assert holds(predicate, KNOWN) is expected


MEMBERS = {"member": when(("customer.kind", "=", "business")), "big": when(("cart.recurring", ">=", "30"))}
SHOP = catalog(
    [
        offering(
            "plan",
            monthly("plan-eur", "10.00"),
            monthly("plan-chf", "12.00", "CHF"),
            once("fee", "5.00"),
            categories=("mobile", "voice"),
        ),
        offering("phone", once("phone-eur", "100.00"), categories=("device",)),
    ],
    segment=[{"id": name, **ON_SALE, **asks} for name, asks in MEMBERS.items()],
)


def test_the_facts_of_a_cart_are_worked_out_from_list_prices() -> None:
    facts = facts_of_cart(SHOP, lines(("plan", 3), ("phone", 1)), NOW | {"customer.kind": "business"})
    assert facts["cart.offering"] == {"plan", "phone"}
    assert facts["cart.category"] == {"mobile", "voice", "device"}
    assert facts["cart.quantity"] == 4
    assert facts["cart.recurring"] == Decimal("30.00")
    assert facts["cart.oneTime"] == Decimal("115.00")
    assert facts["segment"] == {"member", "big"}
    assert facts["date"] == "2026-03-01"


def test_what_lies_in_a_line_is_in_the_cart_and_is_not_counted() -> None:
    facts = facts_of_cart(SHOP, [{**lines(("plan", 3))[0], "holds": ["phone"]}], NOW)
    assert facts["cart.offering"] == {"plan", "phone"}
    assert facts["cart.category"] == {"mobile", "voice", "device"}
    assert (facts["cart.quantity"], facts["cart.oneTime"]) == (3, Decimal("15.00"))


def test_the_day_is_that_of_the_market() -> None:
    facts = facts_of_cart(SHOP, [], NOW | {"asOf": "2026-02-28T23:00:00Z"})
    assert facts["date"] == "2026-03-01"


def test_only_prices_of_the_carts_currency_are_charged() -> None:
    bought = lines(("plan", 1))
    assert [charge.price for charge in charges_of(SHOP, bought, NOW | {"currency": "CHF"})] == ["plan-chf"]
    assert [charge.price for charge in charges_of(SHOP, bought, NOW)] == ["fee", "plan-eur"]
    assert facts_of_cart(SHOP, bought, NOW | {"currency": "CHF"})["cart.oneTime"] == 0


def test_a_segment_does_not_see_the_quantity_of_a_line() -> None:
    content = catalog(
        [offering("plan", monthly("m", "10.00"))],
        [promotion("a", pattern("x", action("percentage", "50"), asks=when(("segment", "=", "many"))))],
        segment=[{"id": "many", **ON_SALE, **when(("quantity", ">", "1"))}],
    )
    assert priced(content, lines(("plan", 5)), NOW)["given"] == ()


def in_list(ident: str, price_list: str, amount: str, unit: str = "EUR") -> Json:
    replaces = [{"id": "m", "relationshipType": "replaces"}]
    return monthly(ident, amount, unit, priceList=price_list, popRelationship=replaces)


def price_list(ident: str, priority: int, *asks: Predicate) -> Json:
    return {"id": ident, "priority": priority, **ON_SALE, **(when(*asks) if asks else {})}


BUSINESS: Predicate = ("customer.kind", "=", "business")
PRICE_LISTS: list[tuple[str, list[Json], list[Json], str]] = [
    ("none holds", [price_list("k", 1, BUSINESS)], [in_list("p", "k", "8.00")], "m"),
    ("one holds", [price_list("k", 1)], [in_list("p", "k", "8.00")], "p"),
    (
        "the strongest",
        [price_list("a", 2), price_list("k", 1)],
        [in_list("p", "a", "7.00"), in_list("q", "k", "8.00")],
        "q",
    ),
    (
        "the smallest id of prices equally strong",
        [price_list("b", 1), price_list("a", 1)],
        [in_list("p", "b", "9.00"), in_list("q", "a", "8.00")],
        "p",
    ),
    ("its price is in another currency", [price_list("k", 1)], [in_list("p", "k", "8.00", "CHF")], "m"),
    ("its price is retired", [price_list("k", 1)], [in_list("p", "k", "8.00") | {"lifecycleStatus": "Retired"}], "m"),
    ("it is retired", [price_list("k", 1) | {"lifecycleStatus": "Retired"}], [in_list("p", "k", "8.00")], "m"),
    ("for many of them", [price_list("k", 1, ("quantity", ">=", "2"))], [in_list("p", "k", "8.00")], "p"),
    ("by the list price of all", [price_list("k", 1, ("cart.recurring", "=", "20"))], [in_list("p", "k", "8.00")], "p"),
]


@pytest.mark.parametrize(("held", "prices", "expected"), [r[1:] for r in PRICE_LISTS], ids=[r[0] for r in PRICE_LISTS])
def test_a_price_of_a_price_list_stands_in_the_place_of_the_list_price(
    held: list[Json], prices: list[Json], expected: str
) -> None:
    content = catalog([offering("plan", monthly("m", "10.00"))], priceList=held, standing_in=prices)
    assert [charge.price for charge in charges_of(content, lines(("plan", 2)), NOW)] == [expected]


@pytest.mark.parametrize(("named", "saving"), [("m", "48.00"), ("p", "48.00"), ("q", "0")])
def test_a_promotion_reaches_it_by_its_own_name_and_by_that_of_the_replaced_one(named: str, saving: str) -> None:
    half = action("percentage", "50") | {"appliesTo": [{"id": named, "@referredType": "ProductOfferingPrice"}]}
    content = catalog(
        [offering("plan", monthly("m", "10.00"))],
        [promotion("a", pattern("x", half))],
        priceList=[price_list("k", 1), price_list("l", 2)],
        standing_in=[in_list("p", "k", "8.00"), in_list("q", "l", "6.00")],
    )
    assert priced(content, lines(("plan", 1)), NOW)["saving"] == Decimal(saving)


START, END = "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"
TIMES = [
    ("2026-02-28T22:59:59Z", False),
    ("2026-02-28T23:00:00Z", True),
    ("2026-03-31T23:59:59.999+02:00", True),
    ("2026-03-31T22:00:00Z", False),
]


@pytest.mark.parametrize(("as_of", "expected"), TIMES)
def test_promotions_and_patterns_hold_from_their_start_until_just_before_their_end(
    as_of: str, *, expected: bool
) -> None:
    period = {"validFor": {"startDateTime": START, "endDateTime": END}}
    half = pattern("x", action("percentage", "50"))
    for dated in (promotion("a", half) | period, promotion("a", half | period)):
        content = catalog([offering("plan", monthly("m", "10.00"))], [dated])
        assert bool(priced(content, lines(("plan", 1)), NOW | {"asOf": as_of})["given"]) is expected


@pytest.mark.parametrize(("as_of", "expected"), TIMES)
def test_prices_hold_from_their_start_until_just_before_their_end(as_of: str, *, expected: bool) -> None:
    dated = monthly("m", "10.00", validFor={"startDateTime": START, "endDateTime": END})
    found = charges_of(catalog([offering("plan", dated)]), lines(("plan", 1)), NOW | {"asOf": as_of})
    assert bool(found) is expected


STATUSES = [("Active", "a"), ("Launched", "a"), ("Retired", ""), ("Obsolete", ""), ("In test", "")]


@pytest.mark.parametrize(("status", "given"), STATUSES)
def test_only_what_is_active_or_launched_is_on_sale(status: str, given: str) -> None:
    half = promotion("a", pattern("x", action("percentage", "50"))) | {"lifecycleStatus": status}
    content = catalog([offering("plan", monthly("m", "10.00"))], [half])
    assert priced(content, lines(("plan", 1)), NOW)["given"] == tuple(given.split())


def test_a_partner_is_known_with_all_above_it() -> None:
    tree = {
        "partner": [{"id": "stall", "parentId": "harbour"}, {"id": "harbour", "parentId": "north"}, {"id": "north"}]
    }
    for seller, known in (("stall", {"stall", "harbour", "north"}), ("north", {"north"}), ("stranger", {"stranger"})):
        assert facts_of_cart(SHOP | tree, [], NOW | {"seller": seller})["partner"] == known
    assert "partner" not in facts_of_cart(SHOP | tree, [], NOW)
