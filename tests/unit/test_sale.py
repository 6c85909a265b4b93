"""What one unit of an offering costs before any promotion: list, price lists, own prices, parts and usage."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import sale as sales
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.rule import Facts, OwnPrice
from functions.catalog.sale import Item, Sale
from functions.shared.resource import Json
from tests.unit.test_catalog import NOW, catalog, criterion, monthly, offering, once, period

DAY = timedelta(days=1)


def charges(shop: Catalog, facts: Facts | None = None, *, per_unit: int = 1, language: str = "en") -> list[Charge]:
    sale = Sale("web", NOW, language, facts or Facts())
    return sales.charges(Item("1", shop, offering("plan", "fee"), 1, per_unit), sale, {shop.version: sale.facts})


def priced(*prices: Json, lists: Iterable[Json] = (), **more: Any) -> Catalog:
    said = [{**each, "lifecycleStatus": "Active"} for each in lists]
    return catalog([offering("plan", "fee")], prices, priceList=said, **more)


def instead(id_: str, value: str, list_: str) -> Json:
    """A price of a price list in the place of the fee."""
    return once(id_, value, priceList=list_, popRelationship=[{"id": "fee", "relationshipType": "replaces"}])


def values(found: list[Charge]) -> list[str]:
    return [f"{each.base.value}" for each in found]


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ({"amount": 100, "units": "MB"}, "100 MB"),
        ({"amount": "0.25", "units": "GB"}, "0.25 GB"),
        ({"units": "visit"}, "1 visit"),
        ({"amount": 5}, None),
        (None, None),
    ],
)
def test_usage_says_what_block_a_price_is_for(unit: Json | None, said: str | None) -> None:
    shop = priced(once("fee", "0.10", priceType="usage", due="onBill", unitOfMeasure=unit))
    (found,) = charges(shop)
    assert found.measure == said
    assert found.tmf.get("unitOfMeasure") == said


@pytest.mark.parametrize(("per_unit", "said"), [(1, None), (2, 2), (3, 3)])
def test_a_part_counts_as_often_as_it_lies_in_one_unit(per_unit: int, said: int | None) -> None:
    (found,) = charges(priced(once("fee", "9.99")), per_unit=per_unit)
    assert (found.count, found.tmf.get("count")) == (per_unit, said)
    assert found.amount(2) == Decimal("9.99") * 2 * per_unit


@pytest.mark.parametrize(
    ("when", "value"),
    [
        (None, "7.00"),
        (period(start=-DAY, end=DAY), "7.00"),
        (period(start=DAY), "10.00"),
        (period(end=-DAY), "10.00"),
    ],
)
def test_a_customers_own_price_counts_while_it_is_valid(when: Json | None, value: str) -> None:
    facts = Facts(own=(OwnPrice("grant", "fee", Decimal("7.00"), when),))
    listed = [instead("staff", "5.00", "staff")]
    shop = priced(once("fee", "10.00", negotiable=True), *listed)
    (found,) = charges(shop, facts)
    assert values([found]) == [value]
    assert found.own == ("grant" if value == "7.00" else None)
    fixed = priced(once("fee", "10.00"), version="v2")
    assert values(charges(fixed, facts)) == ["10.00"], "nobody has one of what is not negotiable"


@pytest.mark.parametrize(
    ("priorities", "value"),
    [
        ({"a": None, "b": None}, "1.00"),  # of equals the first by name
        ({"a": 2, "b": None}, "2.00"),  # none said is the first
        ({"a": 2, "b": 1}, "2.00"),
        ({"a": None, "b": 2}, "1.00"),
        ({"a": 0, "b": None}, "1.00"),
    ],
)
def test_of_price_lists_that_hold_the_strongest_counts(priorities: dict[str, int | None], value: str) -> None:
    lists: list[Json] = [{"id": id_, **({} if p is None else {"priority": p})} for id_, p in priorities.items()]
    shop = priced(once("fee", "10.00"), instead("of-a", "1.00", "a"), instead("of-b", "2.00", "b"), lists=lists)
    assert values(charges(shop)) == [value]


def test_a_price_list_counts_where_its_rules_hold() -> None:
    asks: Json = {"criteriaGroup": [{"criteria": [criterion("customer.group", "staff")]}]}
    shop = priced(once("fee", "10.00"), instead("of-a", "1.00", "a"), lists=[{"id": "a", **asks}])
    assert values(charges(shop)) == ["10.00"]
    assert values(charges(shop, Facts({"customer.group": "staff"}))) == ["1.00"]


def test_a_price_with_another_tax_keeps_its_name_in_the_readers_language() -> None:
    tax = [{"taxCategory": "standard", "taxRate": 19}]
    rate = {"id": "here", "taxCategory": "standard", "taxRate": 7, "lifecycleStatus": "Active"}
    shop = priced(monthly("fee", "11.90", tax=tax), taxRate=[rate])
    for language, name in (("de", "Preis fee"), ("en", "Price fee"), ("de", "Preis fee")):
        (found,) = charges(shop, language=language)
        assert (found.name, found.tax and found.tax.rule) == (name, "here")
