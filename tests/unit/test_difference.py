"""What differs between two versions is told once, by the attribute that somebody changed."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from cli.telco import compile_brand
from functions.catalog.difference import between, prices
from tests.unit.test_telco import TELCO

Json = dict[str, Any]


@pytest.fixture(scope="module")
def before() -> Json:
    return compile_brand(TELCO, "nova")


def held(content: Json, kind: str, id_: str) -> Json:
    found: Json = next(each for each in content[kind] if each["id"] == id_)
    return found


def test_a_version_differs_in_nothing_from_itself_and_from_what_only_counts_more(before: Json) -> None:
    assert between(before, deepcopy(before)) == []
    assert between(before, before | {"sequence": {"category": {"mobile": 2}}}) == []


def test_what_is_new_gone_and_another_is_told_by_resource_and_attribute(before: Json) -> None:
    after = deepcopy(before)
    after["productOffering"].remove(held(after, "productOffering", "plan-campus"))
    after["category"].append({"id": "gifts", "name": {"de": "Geschenke", "en": "Gifts"}, "lifecycleStatus": "Active"})
    held(after, "productOffering", "plan-m")["name"]["en"] = "Nova Medium"
    held(after, "productOffering", "tv-sport")["channel"].pop(0)
    held(after, "promotion", "handset-days")["pattern"][0]["action"][0]["actionValue"] = "15"
    told = between(before, after)
    assert [(each.what, each.kind, each.id) for each in told] == [
        ("added", "category", "gifts"),
        ("removed", "productOffering", "plan-campus"),
        ("changed", "productOffering", "plan-m"),
        ("changed", "productOffering", "tv-sport"),
        ("changed", "promotion", "handset-days"),
    ]
    attributes = {each.id: [(a.path, a.before, a.after) for a in each.attributes] for each in told}
    assert attributes["plan-m"] == [("name.en", "Nova M", "Nova Medium")]
    assert attributes["tv-sport"] == [("channel[callcentre]", {"id": "callcentre"}, None)]
    assert attributes["handset-days"] == [("pattern[handset-days].action[0].actionValue", "10", "15")]
    assert attributes["gifts"] == attributes["plan-campus"] == []


def test_a_fact_of_the_brand_is_told_too(before: Json) -> None:
    (told,) = between(before, before | {"currencies": ["EUR", "CHF"], "rounding": {"EUR": "0.05"}})
    assert (told.kind, told.id) == ("brand", "nova")
    assert {attribute.path for attribute in told.attributes} == {"currencies", "rounding.EUR"}


def test_a_price_tells_what_it_is_of_and_by_how_much_it_rose(before: Json) -> None:
    after = deepcopy(before)
    for id_, value in (("activation-mobile", "29.99"), ("plan-l-monthly-business", "41.99"), ("tv-basic-monthly", "x")):
        held(after, "productOfferingPrice", id_)["price"]["value"] = value
    first, second = prices(before, after)
    assert (first.id, first.rise, first.unit) == ("activation-mobile", Decimal("-10.00"), "EUR")
    assert first.offerings == ("plan-l", "plan-m", "plan-s", "plan-xl")
    assert (second.id, second.rise, second.offerings) == ("plan-l-monthly-business", Decimal("2.00"), ("plan-l",))
