"""TMF630's query: what is asked is what is met, whatever the type, and nonsense is refused with a sentence."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.shared.errors import Malformed
from functions.shared.query import MOST, Query
from functions.shared.tmf import chosen

STEADY = settings(derandomize=True, deadline=None, max_examples=60)
ORDER: dict[str, Any] = {
    "id": "o1",
    "href": "/o1",
    "@type": "ProductOrder",
    "state": "inProgress",
    "orderDate": "2026-03-01T12:00:00.000Z",
    "externalId": "A, B; C",
    "category": "B2B & more",
    "productOrderItem": [
        {"id": "1", "quantity": 2, "action": "add", "productOffering": {"id": "plan-m", "name": "Nova M"}},
        {"id": "2", "quantity": 10, "action": "add", "productOffering": {"id": "plan-l"}},
    ],
    "orderTotalPrice": [
        {"priceType": "recurring", "price": {"taxIncludedAmount": {"unit": "EUR", "value": Decimal("29.99")}}}
    ],
    "note": [{"text": "call before noon"}],
}


def asked(raw: str) -> Query:
    return Query.read(raw, "TMF622", "ProductOrder")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "state=inProgress",
        "state=acknowledged,inProgress",
        "state=acknowledged;state=inProgress",
        "state=acknowledged&state=inProgress",
        "state=acknowledged;id=o1",
        "state.eq=inProgress&id=o1",
        "productOrderItem.quantity=2",
        "productOrderItem.quantity=2.0",
        "productOrderItem.quantity.gt=9",
        "productOrderItem.quantity%3E9",
        "productOrderItem.quantity%3E=10",
        "productOrderItem.quantity.gte=10&productOrderItem.quantity.lt=3",
        "productOrderItem.productOffering.id=plan-l",
        "productOrderItem.productOffering.name=Nova%20M",
        "orderDate=2026-03-01T13:00:00%2B01:00",
        "orderDate=2026-03-01T13:00:00+01:00",
        "orderDate.gt=2026-03-01",
        "orderDate.lt=2026-03-01T12:00:00.001Z",
        "orderTotalPrice.price.taxIncludedAmount.value=29.990",
        "orderTotalPrice.price.taxIncludedAmount.value.lte=29.99",
        "note.text.regex=^call.*noon$",
        "note.text*=before",
        f"externalId={quote('A, B; C', safe='')}",
        "category=B2B%20%26%20more",
        "category=B2B+%26+more",
        "@type=ProductOrder",
        "fields=id&limit=3&offset=0&sort=-orderDate",
    ],
)
def test_the_order_meets(raw: str) -> None:
    assert asked(raw).meets(ORDER)


@pytest.mark.parametrize(
    "raw",
    [
        "state=inprogress",
        "state=inProgress&id=o2",
        "productOrderItem.quantity=3",
        "productOrderItem.quantity.gt=10",
        "productOrderItem.quantity.lt=2",
        "productOrderItem.productOffering.id=plan",
        "orderDate=2026-03-01T12:00:00%2B01:00",
        "orderDate.lt=2026-03-01T12:00:00Z",
        "note.text.regex=^noon",
        "completionDate.gt=1990-01-01T00:00:00Z",
        "externalId=A",
        "description=",
    ],
)
def test_the_order_does_not_meet(raw: str) -> None:
    assert not asked(raw).meets(ORDER)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("stat=x", "did you mean state?"),
        ("productOrderItem.quantty=1", "did you mean productOrderItem.quantity?"),
        ("state.nothing=x", "is not an attribute"),
        ("productOrderItem=1", "such as productOrderItem.id"),
        ("productOrderItem.quantity=two", "productOrderItem.quantity must be an integer, not two"),
        ("orderDate=yesterday", "orderDate must be a date and time"),
        ("note.text.regex=(((", "RE2"),
        ("note.text.regex=" + "a" * 201, "200 characters"),
        (r"note.text.regex=(a)\1", "RE2"),
        ("state", "write attribute=value"),
        ("=x", "write attribute=value"),
        ("limit=101", "100 at most"),
        ("limit=-1", "whole number"),
        ("offset=1001", "next link"),
        ("offset=1&cursor=abc", "not both"),
        ("sort=nothing", "is not an attribute"),
        ("id=" + ",".join(map(str, range(MOST + 1))), f"At most {MOST}"),
    ],
)
def test_nonsense_is_told_what_it_is(raw: str, says: str) -> None:
    with pytest.raises(Malformed, match=says.replace("?", r"\?")):
        asked(raw)


def test_an_attribute_may_be_called_as_an_operator_is() -> None:
    specification = {"productSpecCharacteristic": [{"name": "imsi", "regex": "^[0-9]+$"}]}

    def meets(raw: str) -> bool:
        return Query.read(raw, "TMF620", "ProductSpecification").meets(specification)

    assert meets(f"productSpecCharacteristic.regex={quote('^[0-9]+$', safe='')}")
    assert not meets("productSpecCharacteristic.regex=imsi")
    assert meets("productSpecCharacteristic.regex.regex=9")
    assert meets("productSpecCharacteristic.name.regex=^im")


def test_a_pattern_that_would_take_for_ever_elsewhere_takes_no_longer_than_the_text() -> None:
    """Python's own engine takes 2^40 steps for this."""
    evil = {"note": [{"text": "a" * 40 + "!"}]}
    assert not asked("note.text.regex=^(a%2B)%2B$").meets(evil)


def test_what_an_index_can_serve_is_told() -> None:
    query = asked("relatedParty.id=ann&state=held,pending&orderDate.gte=2026-01-01T00:00:00Z&orderDate.lt=2026-02-01")
    assert query.only("relatedParty.id") == "ann"
    assert query.only("state") is None
    assert query.any_of("state") == ["held", "pending"]
    assert [moment and moment.day for moment in query.bounds("orderDate")] == [1, 1]
    assert query.without("relatedParty.id").only("relatedParty.id") is None


VALUES = st.one_of(st.none(), st.integers(-5, 5))


@STEADY
@given(st.lists(VALUES, max_size=8), st.booleans())
def test_sorting_keeps_every_entry_and_what_lacks_the_attribute_comes_last(held: list[int | None], down: bool) -> None:  # noqa: FBT001
    bodies = [{"id": str(i), **({} if v is None else {"priority": str(v)})} for i, v in enumerate(held)]
    found = asked(f"sort={'-' if down else ''}priority,id").in_order(bodies)
    known = [body["priority"] for body in found if "priority" in body]
    assert sorted(body["id"] for body in found) == sorted(body["id"] for body in bodies)
    assert known == sorted(known, reverse=down)
    assert all("priority" not in body for body in found[len(known) :])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@STEADY
@given(TEXT, TEXT)
def test_a_value_written_as_it_must_be_finds_itself_and_nothing_else(held: str, other: str) -> None:
    query = asked(f"description={quote(held, safe='')}")
    assert query.meets({"description": held})
    assert query.meets({"description": other}) == (other == held)


@STEADY
@given(st.text(max_size=40))
def test_any_text_is_a_query_or_is_refused(raw: str) -> None:
    with suppress(Malformed):
        asked(raw)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ("fields=state", {"state"}),
        ("fields=state,externalId", {"state", "externalId"}),
        ("fields=state&fields=externalId", {"state", "externalId"}),
        ("fields=none", set()),
        ("fields=", {*ORDER} - {"id", "href", "@type"}),
        ("fields=productOrderItem.quantity", {"productOrderItem"}),
        ("fields=nothing.at.all", set()),
    ],
)
def test_fields_keep_what_they_name(fields: str, kept: set[str]) -> None:
    assert set(chosen(ORDER, fields)) == {"id", "href", "@type"} | kept


def test_dotted_fields_keep_what_they_name_within() -> None:
    found = chosen(ORDER, "fields=productOrderItem.productOffering.name,productOrderItem.quantity")
    assert found["productOrderItem"] == [
        {"id": "1", "quantity": 2, "productOffering": {"id": "plan-m", "name": "Nova M"}},
        {"id": "2", "quantity": 10, "productOffering": {"id": "plan-l"}},
    ]
