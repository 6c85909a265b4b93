"""Partners as a tree: who stands above whom, what each may sell, and whose prices hold."""

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from functions.catalog import book, price
from functions.catalog.book import Book
from functions.catalog.catalog import Catalog
from functions.catalog.partners import DEEPEST, WIDEST
from functions.catalog.sale import Item, Sale
from tests.unit.test_catalog import DAY, NOW, catalog, criterion, monthly, offering, period

Json = dict[str, Any]
ALL: Json = {"everything": True}


def partner(id_: str, parent: str | None = None, **more: Any) -> Json:
    above = {"parentId": parent} if parent else {}
    return {"id": id_, "name": {"en": id_.title()}, "lifecycleStatus": "Active", **above, **more}


def named(*offerings: str, categories: tuple[str, ...] = ()) -> Json:
    """What a partner sells, by id and by category."""
    return {"productOffering": [{"id": id_} for id_ in offerings], "category": [{"id": id_} for id_ in categories]}


TREE = [
    partner("north", **named("film", categories=("mobile",))),
    partner("harbour", "north", **named("film", "plan", "tv")),
    partner("station", "north", **ALL),
    partner("late", "north", **ALL, validFor=period(DAY)),
    partner("left", **ALL, lifecycleStatus="Retired"),
    partner("stall", "left", **ALL),
    partner("rival", **ALL),
]
SOLD = [
    offering("plan", category=[{"id": "mobile"}]),
    offering("film"),
    offering("tv"),
    offering("part", isSellable=False, category=[{"id": "mobile"}]),
]
SHOP = catalog(SOLD, partner=TREE)


@pytest.mark.parametrize(
    ("seller", "sells"),
    [
        (None, {"plan", "film", "tv", "part"}),
        ("rival", {"plan", "film", "tv", "part"}),
        ("north", {"plan", "film", "part"}),
        ("station", {"plan", "film", "part"}),  # all that the one above sells
        ("harbour", {"plan", "film"}),  # not what the one above does not sell, whatever it names
        ("late", set()),  # not yet
        ("left", set()),  # no more
        ("stall", set()),  # nor what hangs on that one
        ("stranger", set()),
        ("", set()),
    ],
)
def test_a_partner_sells_what_it_and_all_above_it_may(seller: str | None, sells: set[str]) -> None:
    held = SHOP.held["productOffering"]
    assert {id_ for id_ in held if SHOP.shown(held[id_], "web", NOW, partner=seller)} == sells
    for order in ("id", "name.en"):
        seen = SHOP.shown_in("web", "productOffering", order, NOW, partner=seller)
        numbers = SHOP.book.order("productOffering", order)
        assert {SHOP.book.at("productOffering", n)["id"] for at, n in enumerate(numbers) if seen >> at & 1} == sells


def test_where_no_partner_is_written_down_each_sells_what_its_channel_does() -> None:
    plain = catalog(SOLD)
    assert plain.barred(plain.held["productOffering"]["tv"], "web", NOW, partner="anybody") is None
    assert plain.shown_in("web", "productOffering", "id", NOW, partner="anybody") == 0b1111
    assert (plain.partners.chain("anybody"), plain.partners.chain(None), plain.partners.branch("anybody")) == (
        ("anybody",),
        (),
        ["anybody"],
    )


def test_a_refusal_names_who_does_not_sell_it() -> None:
    for seller, who in (("harbour", "North"), ("stranger", "stranger"), ("stall", "Left")):
        refused = SHOP.barred(SHOP.held["productOffering"]["tv"], "web", NOW, "en", partner=seller)
        assert refused == {"code": "notInAssortment", "reason": f"Plan tv is not in the assortment of {who}."}
    braces = catalog(SOLD, partner=[partner("{}", **named("film"))])
    assert "assortment of {}." in str((braces.barred(SOLD[0], "web", NOW, "en", partner="{}") or {})["reason"])


def test_the_chain_and_the_branch_of_a_partner_are_bounded_whatever_a_catalog_says() -> None:
    assert (SHOP.partners.chain("harbour"), SHOP.partners.chain("north")) == (("harbour", "north"), ("north",))
    assert SHOP.partners.branch("north") == ["north", "harbour", "late", "station"]
    assert SHOP.partners.branch("harbour") == ["harbour"]
    circle = catalog(partner=[partner("a", "b"), partner("b", "a")]).partners
    assert (circle.chain("a"), circle.branch("a")) == (("a", "b"), ["a", "b"])
    stairs = catalog(partner=[partner(f"p{n}", f"p{n + 1}") for n in range(100)]).partners
    assert stairs.chain("p0") == tuple(f"p{n}" for n in range(DEEPEST))
    wide = catalog(partner=[partner("n"), *(partner(f"s{n}", "n") for n in range(2 * WIDEST))]).partners
    assert len(wide.branch("n")) == WIDEST


LISTED = catalog(
    [offering("plan", "usual")],
    [
        monthly("usual", "10.00"),
        *(
            monthly(
                f"of-{who}", value, priceList=who, popRelationship=[{"id": "usual", "relationshipType": "replaces"}]
            )
            for who, value in (("north", "9.00"), ("harbour", "8.00"), ("others", "12.00"))
        ),
    ],
    partner=TREE,
    priceList=[
        {
            "id": who,
            "name": {"en": who},
            "lifecycleStatus": "Active",
            "priority": priority,
            "criteriaGroup": [{"criteria": [criterion("partner", asked, operator)]}],
        }
        for who, priority, asked, operator in (
            ("north", 20, "north", "="),
            ("harbour", 10, "harbour", "="),
            ("others", 30, "north", "<>"),
        )
    ],
)


@pytest.mark.parametrize(
    ("seller", "value"),
    [("north", "9.00"), ("station", "9.00"), ("harbour", "8.00"), ("rival", "12.00"), (None, "12.00")],
)
def test_a_price_list_of_a_partner_holds_for_all_beneath_it(seller: str | None, value: str) -> None:
    item = Item("l1", LISTED, LISTED.held["productOffering"]["plan"])
    (charge,) = price.priced([item], Sale("web", NOW, "en", partner=seller))["l1"]
    assert charge.base.value == Decimal(value)


def test_whose_an_offering_is_is_told_by_name() -> None:
    owned = offering("film", relatedParty=[{"id": "north", "role": "provider"}, {"id": "else", "role": "x"}])
    made = catalog([owned], partner=TREE)
    told = made.rendered("productOffering", owned, "en")["relatedParty"]
    assert told == [{"id": "north", "role": "provider", "name": "North"}, {"id": "else", "role": "x"}]


def test_a_version_from_before_there_were_partners_is_read_as_one_without(tmp_path: Path) -> None:
    version = book.write({**SHOP.book.facts, "productOffering": SOLD}, tmp_path / "book")
    connection = sqlite3.connect(tmp_path / "book")
    connection.execute("DROP TABLE partner")
    connection.commit()
    connection.close()
    earlier = Catalog(version, Book.open(tmp_path / "book"))
    assert list(earlier.held["partner"]) == []
    assert earlier.barred(earlier.held["productOffering"]["tv"], "web", NOW, partner="anybody") is None


def given(*criteria: tuple[str, str, str], every: str = "AND") -> Json:
    asked = [{"criteriaParameter": p, "criteriaOperator": o, "criteriaValue": v} for p, o, v in criteria]
    return {"pattern": [{"criteriaGroup": [{"criteria": asked, "criteriaLogicalRelationship": every}]}]}


HARBOUR, NORTH, WEB = ("partner", "=", "harbour"), ("partner", "=", "north"), ("channel", "=", "web")


@pytest.mark.parametrize(
    ("promotion", "knows"),
    [
        ({}, {None, "harbour", "station", "north", "rival"}),
        (given(("partner", "<>", "harbour")), {None, "harbour", "station", "north", "rival"}),
        (given(HARBOUR, WEB, every="OR"), {None, "harbour", "station", "north", "rival"}),
        (given(HARBOUR, WEB), {"harbour", "north"}),
        (given(NORTH), {"harbour", "station", "north"}),
        (given(HARBOUR, ("partner", "=", "rival"), every="OR"), {"harbour", "north", "rival"}),
        (given(HARBOUR, NORTH), {"harbour", "station", "north"}),
    ],
)
def test_who_knows_of_a_promotion_follows_from_who_may_give_it(promotion: Json, knows: set[str | None]) -> None:
    assert {each for each in (None, "harbour", "station", "north", "rival") if SHOP.tells(promotion, each)} == knows
