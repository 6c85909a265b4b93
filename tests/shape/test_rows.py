"""The shape of the data, on every row that a whole day of everything has left."""

from collections.abc import Callable, Iterator
from typing import Any

from functions.catalog import jobs, publication
from functions.customer import own_price
from functions.inventory import rises
from functions.inventory import store as inventory
from functions.offer import store as qualifications
from functions.order import store as orders
from functions.shared import clock, tmf
from tests.shape.day import BRANDS, Day
from tests.tmf import strict

Row = dict[str, Any]


def test_the_day_has_made_every_kind_of_row_there_is(day: Day) -> None:
    computed = {"cartPromotion", "catalogVersion"}  # with every reading, and kept as files
    assert tmf.API.keys() - computed <= {row["type"] for row in day.rows}, "add what is missing to the day"


def _typed(row: Row, **types: type) -> Iterator[str]:
    for name, kind in types.items():
        value = row.get(name)
        if not isinstance(value, kind) or isinstance(value, bool) or value in ("", None):
            yield f"{name} is {value!r}"


def _row_faults(row: Row) -> Iterator[str]:
    yield from _typed(
        row,
        pk=str,
        sk=str,
        version=int,
        at=str,
        by=str,
        channel=str,
        correlation_id=str,
        schema=int,
        brand=str,
        market=str,
    )
    yield from _typed(row, type=str, id=str)
    if row.get("version", 0) < 1:
        yield f"version is {row.get('version')}"
    if BRANDS.get(row.get("brand", "")) != row.get("market"):
        yield f"{row.get('brand')} is not of the market {row.get('market')}"
    if not str(row.get("pk")).startswith(f"{row.get('brand')}#"):
        yield f"pk {row.get('pk')} does not begin with the brand"
    if not strict.DATE_TIME.fullmatch(str(row.get("at"))):
        yield f"at is {row.get('at')}"


def _touch_faults(where: str, touch: Any) -> Iterator[str]:
    for name in ("by", "channel", "at"):
        if not isinstance(touch, dict) or not touch.get(name):
            yield f"{where} does not say {name}: {touch}"


def _cart_faults(row: Row) -> Iterator[str]:
    if not row.get("touches"):
        yield "it does not say who touched it"
    for channel, touch in row.get("touches", {}).items():
        yield from _touch_faults(f"the touch of {channel}", {"channel": channel, **touch})
    if sum(1 for touch in row.get("touches", {}).values() if touch.get("origin")) != 1:
        yield "it has not exactly one channel of origin"
    for id_, line in row["body"]["cartItem"].items():
        # Whose line it is stands once on the cart, where it is who opened it.
        yield from _touch_faults(f"line {id_}", {**row["opened"], **line})
        if not isinstance(line.get("quantity"), int):
            yield f"line {id_} has the quantity {line.get('quantity')!r}"
    yield from _typed(row, catalog_version=str, expires=int, ttl=int, created=str)


def _order_faults(row: Row) -> Iterator[str]:
    body = row["body"]
    yield from _typed(body, orderDate=str, state=str, catalogVersion=str)
    for name in ("agreement", "requirement", "channel", "relatedParty"):
        if not isinstance(body.get(name), list):
            yield f"{name} is {body.get(name)!r}"
    for item in body["productOrderItem"]:
        where = f"item {item.get('id')}"
        yield from (f"{where}: {fault}" for fault in _typed(item, id=str, action=str, kind=str, state=str))
        yield from _touch_faults(where, item.get("touch"))
        yield from _due_faults(where, item.get("itemPrice", []))


def _due_faults(where: str, prices: list[Row]) -> Iterator[str]:
    for price in prices:
        if price.get("due") not in ("atOrder", "onDelivery", "onBill", "perUse"):
            yield f"{where}: a price does not say when it is due: {price}"
        money = (price.get("price") or {}).get("taxIncludedAmount") or {}
        if not money.get("unit") or isinstance(money.get("value"), float) or "value" not in money:
            yield f"{where}: this is no money: {money}"


def _product_faults(row: Row) -> Iterator[str]:
    body = row["body"]
    yield from _typed(body, status=str, catalogVersion=str, startDate=str)
    yield from _typed(body, origin=dict, productOffering=dict, externalReference=list, productPrice=list)
    if body.get("origin", {}).get("type") not in ("orderItem", "migration", "system"):
        yield f"origin is {body.get('origin')}"
    if not body.get("productPrice"):
        yield "it does not say at what price it was sold"
    yield from _due_faults("productPrice", body.get("productPrice", []))
    if body.get("productOffering", {}).get("id") in ("plan-m", "plan-s", "fibre-500") and not body.get("productTerm"):
        yield "it was sold for a term and does not say which"
    for term in body.get("productTerm", []):
        if not term.get("validFor", {}).get("startDateTime"):
            yield f"a term does not say from when: {term}"
    roles = {party.get("role") for party in body.get("relatedParty", [])}
    if not roles & {"owner", "payer", "user", "administrator"}:
        yield f"it does not name its parties by role: {roles}"


def _origin_faults(row: Row) -> Iterator[str]:
    if row["body"].get("origin", {}).get("type") not in ("orderItem", "migration", "system"):
        yield f"origin is {row['body'].get('origin')}"
    if not isinstance(row["body"].get("externalReference"), list):
        yield f"externalReference is {row['body'].get('externalReference')!r}"


def _interaction_faults(row: Row) -> Iterator[str]:
    yield from _typed(row["body"], reason=str, status=str, direction=str, interactionDate=dict, channel=list)
    yield from _typed(row, customer=str, customer_key=str, created=str)


BY_TYPE: dict[str, Callable[[Row], Iterator[str]]] = {
    "shoppingCart": _cart_faults,
    "productOrder": _order_faults,
    "product": _product_faults,
    "customer": _origin_faults,
    "billingAccount": _origin_faults,
    "partyInteraction": _interaction_faults,
}


def _faults_of_its_type(row: Row) -> Iterator[str]:
    if row.get("type") in BY_TYPE:
        yield from BY_TYPE[row["type"]](row)


def test_every_row_has_the_shape_of_a_row_and_of_its_type(day: Day) -> None:
    found = [
        f"{row.get('type')} {row.get('pk')} of {row['table']}: {fault}"
        for row in day.rows
        for fault in (*_row_faults(row), *_faults_of_its_type(row))
    ]
    assert not found, "\n".join(found)


def test_a_row_found_by_customer_is_found_in_its_brand(day: Day) -> None:
    for row in (row for row in day.rows if "customer_key" in row):
        assert row["customer_key"].startswith(f"{row['brand']}#"), row["pk"]
        assert f"#customer#{row['customer']}#" in f"{row['customer_key']}#", row["pk"]
        assert row["created"], row["pk"]


def test_times_are_told_so_that_they_sort(day: Day) -> None:
    for row in day.rows:
        assert clock.text(clock.moment(row["at"])) == row["at"], row["pk"]


def test_a_row_lies_under_the_date_that_its_list_is_filtered_by(day: Day) -> None:
    stores = (inventory, orders, own_price, publication, qualifications, rises)
    listed = {of.kind: of.dated for of in (*(store.LISTED for store in stores), *jobs.LISTED.values())}
    dated = [row for row in day.rows if row["type"] in listed and "created" in row]
    assert {row["type"] for row in dated} == listed.keys()
    for row in dated:
        assert clock.moment(row["body"][listed[row["type"]]]) == clock.moment(row["created"]), row["pk"]
