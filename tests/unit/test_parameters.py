"""What has to be known of a sale: what its rules ask, what of it was true, and prices of the customer's own."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from functions.catalog import price
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts, OwnPrice
from functions.catalog.sale import Item, Sale
from functions.shared.resource import Json
from tests.unit.test_catalog import NOW, catalog, criterion, monthly, offering, once, period, promotion

ACTIVE = {"lifecycleStatus": "Active"}


def asks(*criteria: Json) -> list[Json]:
    return [{"criteria": list(criteria)}]


def related(kind: str, *ids: str) -> list[Json]:
    return [{"id": id_, "relationshipType": kind} for id_ in ids]


SEGMENT = {"id": "young", **ACTIVE, "criteriaGroup": asks(criterion("customer.student", "yes"))}
RATE = {"id": "ch", "taxCategory": "standard", "taxRate": 8, "country": "CH"}
STAFF = {"id": "staff", **ACTIVE, "criteriaGroup": asks(criterion("customer.group", "staff"))}
SHOP = catalog(
    [
        offering("plan", "plan-m"),
        offering("phone", "phone-o"),
        offering("data", "data-m", productOfferingRelationship=related("requires", "plan", "phone")),
        offering("lone", "data-m", productOfferingRelationship=related("excludes", "plan")),
    ],
    [
        monthly("plan-m", "20.00", tax=None, negotiable=True),
        once("phone-o", "300.00"),
        once("phone-s", "200.00", priceList="staff", popRelationship=related("replaces", "phone-o")),
        monthly("data-m", "5.00", tax=None),
    ],
    [promotion("young", "plan", criteriaGroup=asks(criterion("segment", "young"), criterion("tenure", "12", ">=")))],
    segment=[SEGMENT],
    taxRate=[RATE],
    priceList=[STAFF],
)
IN_CART, INSTALLED = "cart.offering", "installed.offering"


def item(id_: str, shop: Catalog = SHOP, quantity: int = 1, per_unit: int = 1) -> Item:
    return Item(id_, shop, shop.held["productOffering"][id_], quantity, per_unit)


@pytest.mark.parametrize(
    ("ids", "beside", "found"),
    [
        (
            ["plan"],
            [],
            {"channel", "segment", "tenure", "customer.student"},
        ),  # a segment asks what decides who is in it
        (["phone"], [], {"place.country", "customer.group"}),  # its tax, and its price list
        (["data"], [], {IN_CART, INSTALLED}),
        (["data"], ["lone"], {IN_CART, INSTALLED}),
        (["data"], ["phone"], set()),  # what it needs is there: nothing more is asked
        (["lone"], ["plan"], {IN_CART, INSTALLED}),  # what is excluded is asked whatever there is
        (["lone", "phone"], [], {IN_CART, INSTALLED, "place.country", "customer.group"}),
        (["phone", "data"], ["plan"], {"place.country", "customer.group"}),
        ([], [], set()),
    ],
)
def test_what_rules_ask_of_a_sale(ids: list[str], beside: list[str], found: set[str]) -> None:
    assert price.parameters([item(id_) for id_ in ids], frozenset(beside)) == found
    assert price.parameters([item(id_) for id_ in reversed(ids)], frozenset(beside)) == found


def test_what_lies_in_a_bundle_asks_too_who_may_have_it_and_costs_nothing() -> None:
    """The phone's own rules of price are not asked: the bundle pays for it."""
    bundle = item("plan")._replace(
        included=(SHOP.held["productOffering"]["data"], SHOP.held["productOffering"]["phone"])
    )
    of_plan = price.parameters([item("plan")])
    assert price.parameters([bundle]) == of_plan | {IN_CART, INSTALLED}
    assert price.parameters([bundle], frozenset({"phone"})) == of_plan
    at_list = price.priced([item("plan")], sale())
    assert price.priced([bundle], sale()) == at_list
    facts = price.known([bundle], sale())[SHOP.version].known
    assert facts[IN_CART] == {"plan", "data", "phone"}
    assert (facts["cart.quantity"], facts["cart.oneTime"]) == (Decimal(1), Decimal(0))


def sale(**facts: object) -> Sale:
    return Sale("web", NOW, "en", Facts({name.replace("_", "."): fact for name, fact in facts.items()}))  # type: ignore[misc]


def test_of_what_is_true_of_a_customer_only_what_decides_is_kept() -> None:
    items = [item("plan"), item("phone")]
    young = sale(customer_student="yes", tenure=Decimal(12), customer_group="staff", customer_name="Ann")
    assert price.held(items, young) == ["customer.group = staff", "segment = young", "tenure >= 12"]
    assert price.held(items, sale(customer_student="no", place_country="CH")) == ["place.country = CH"]
    assert price.held(items[:1], young) == ["segment = young", "tenure >= 12"]
    assert price.held([], young) == []


def test_prices_of_the_customers_own_are_those_of_what_is_sold_and_valid() -> None:
    later = period(start=timedelta(days=1))
    granted = [OwnPrice("1", "plan-m", Decimal(9)), OwnPrice("2", "data-m", Decimal(1), later)]
    facts = Facts(own=(*granted, OwnPrice("3", "other", Decimal(1))))
    asked = Sale("web", NOW, "en", facts)
    both = [item("plan"), item("data"), item("plan")]
    assert price.own(both, asked) == [granted[0]]
    assert price.own(both, Sale("web", NOW + timedelta(days=2), "en", facts)) == granted
    assert price.own([item("phone")], asked) == []
    assert [price.negotiable([item(id_)]) for id_ in ("plan", "phone", "data")] == [True, False, False]
    assert price.negotiable([item("phone"), item("plan")])


def test_what_is_known_of_a_sale_is_its_cart_at_list_prices_and_the_day_of_the_market() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    items = [item("plan", quantity=2, per_unit=3), item("data"), item("phone", quantity=2), item("phone")]
    (found,) = price.known(items, Sale("web", late, "en", Facts({"customer.student": "yes"}))).values()
    assert found.known["date"] == "2026-03-02"
    assert found.known["segment"] == {"young"}
    assert found.known["cart.recurring"] == Decimal("125.00"), "2 x 3 x 20 and 5"
    assert found.known["cart.oneTime"] == Decimal("900.00")
    assert found.known["cart.quantity"] == Decimal(4), "of each line the last one told counts once"
    assert found.known["cart.offering"] == {"plan", "data", "phone"}


@pytest.mark.parametrize(
    ("durations", "given"),
    [
        ([], "long"),  # twelve months: a tenth for good is more than a half of one month
        ([{"amount": 1, "units": "month"}], "short"),
        ([{"amount": 1, "units": "month"}, {"amount": 2, "units": "year"}], "long"),
        ([{"units": "month"}, {"amount": 1, "units": "month"}], "short"),
        ([{"amount": 90, "units": "day"}], "long"),  # no months are said: the usual
        ([{"amount": 90}], "long"),
        ([None], "long"),
    ],
)
def test_the_longest_term_decides_over_how_long_promotions_are_compared(durations: list[Json], given: str) -> None:
    terms = [{"name": {"en": "Term"}, **({"duration": each} if each else {})} for each in durations]
    rivals = [
        promotion("long", "plan", percentage="10"),
        promotion("short", "plan", percentage="50", applicationDuration=1),
    ]
    shop = catalog([offering("plan", "m", productOfferingTerm=terms)], [monthly("m", "20.00")], rivals)
    (charge,) = price.priced([item("plan", shop)], Sale("web", NOW, "en"))["plan"]
    assert [step.rule for step in charge.rules] == [given]
