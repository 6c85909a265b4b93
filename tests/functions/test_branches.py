"""The list of a branch: the sales of several partners in one order, each once, in pages of bounded cost."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.catalog import store as catalogs
from functions.order import store
from functions.shared import lists, rows
from functions.shared.errors import RuleBroken
from tests.functions.stage import ORDERS, Json, Person, Stage, stage
from tests.functions.test_lists import reading

SHOPS = ("harbour", "station", "pier")
MINUTES = ("08:00", "08:01", "08:02")


def partner(id_: str, parent: str | None = None) -> Json:
    above = {"parentId": parent} if parent else {}
    return {"id": id_, "name": {"de": id_, "en": id_}, "lifecycleStatus": "Active", "everything": True, **above}


def seller(id_: str) -> Person:
    return Person("nova-partner", "partner", f"till of {id_}", partner=id_)


@pytest.fixture(scope="module")
def sold() -> Iterator[list[tuple[str, str]]]:
    """When and by which id each order was placed: many at the very same moment, by the distributor and its shops."""
    with stage() as made:
        tree = [partner("north"), *(partner(id_, "north") for id_ in SHOPS), partner("rival")]
        catalogs.publish({**catalogs.live("nova").content, "partner": tree})
        found = []
        for number in range(60):
            who = ("north", *SHOPS, "rival")[number * 7 // 3 % 5]
            created = f"2026-03-01T{MINUTES[number % 3]}:00.000Z"
            _put(made, f"{number * 7919 % 1000:032x}", created, (who,) if who in ("north", "rival") else (who, "north"))
            found += [(created, f"{number * 7919 % 1000:032x}")] if who != "rival" else []
        yield found


def _put(made: Stage, id_: str, created: str, sellers: tuple[str, ...]) -> None:
    item = {"id": "1", "action": "add", "state": "completed", "@type": "ProductOrderItem"}
    body = {"state": "completed", "orderDate": created, "productOrderItem": [item]}
    owned: Any = rows.owned_by("nova", store.KIND, "ann", sellers)
    made.put("order", store.KIND, id_, body, created=created, **owned)


def pages(asked: str) -> Iterator[list[Json]]:
    at: str | None = f"{ORDERS}?{asked}"
    while at:
        answer = seller("north").get(at)
        yield answer.body
        at = answer.headers["Link"].partition(">")[0][1:] if "Link" in answer.headers else None


@pytest.mark.parametrize("limit", [1, 7, 100])
@pytest.mark.parametrize(("asked", "backwards"), [("", True), ("&sort=orderDate", False), ("&sort=-orderDate", True)])
@pytest.mark.parametrize("read", [lists.READ, 10])
def test_a_branch_is_listed_whole_and_in_order_however_it_is_cut(
    sold: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    *,
    limit: int,
    asked: str,
    backwards: bool,
    read: int,
) -> None:
    monkeypatch.setattr(lists, "READ", read)
    monkeypatch.setattr(lists, "PART", 2)
    found = [each["id"] for page in pages(f"limit={limit}{asked}") for each in page]
    assert found == [id_ for _, id_ in sorted(sold, reverse=backwards)]


def test_a_branch_is_listed_for_a_time(sold: list[tuple[str, str]]) -> None:
    begun = [each["id"] for page in pages("orderDate.gte=2026-03-01T08:01:00Z&limit=5") for each in page]
    assert begun == [id_ for created, id_ in sorted(sold, reverse=True) if created >= "2026-03-01T08:01"]


def test_what_the_list_of_a_branch_costs_is_bounded(
    sold: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "READ", 10)
    monkeypatch.setattr(lists, "PART", 4)
    with reading(monkeypatch) as seen:
        answer = seller("north").get(f"{ORDERS}?limit=5")
    assert (answer.status, len(answer.body)) == (206, 5)
    # of each partner a part more than is shown, and the four of the same moment
    assert seen.keys <= 10 + 1 + (4 + 4) * (len(SHOPS) + 1) < len(sold)
    assert seen.rows == 5
    with reading(monkeypatch) as seen:
        seller("pier").get(f"{ORDERS}?limit=5")
    assert seen.calls.count("Query") == 1


@pytest.mark.usefixtures("sold")
def test_a_partner_stays_where_it_is_and_what_got_beneath_another_all_the_same_is_not_shown() -> None:
    was = catalogs.live("nova").content
    moved = {**was, "partner": {**was["partner"], "pier": partner("pier", "rival")}}
    with pytest.raises(RuleBroken, match="The partner pier hangs on another one than before") as refused:
        catalogs.publish(moved)
    assert refused.value.code == "partnerMoved"
    catalogs.publish({**was, "partner": {id_: each for id_, each in was["partner"].items() if id_ != "pier"}})
    catalogs.publish(moved)
    mine = {row["id"] for row in seller("rival").get(f"{ORDERS}?limit=100").body}
    sold_by_pier = {row["id"] for row in seller("pier").get(f"{ORDERS}?limit=100").body}
    assert sold_by_pier
    assert not mine & sold_by_pier
    for id_ in sold_by_pier:
        seller("rival").get(f"{ORDERS}/{id_}", expect=404)
        assert seller("north").get(f"{ORDERS}/{id_}").status == 200
    catalogs.publish({**was, "partner": {id_: each for id_, each in was["partner"].items() if id_ != "pier"}})
    catalogs.publish(was)
