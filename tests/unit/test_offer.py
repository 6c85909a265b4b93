"""Rules on an offering as tables: what is told of each, what would unlock it, and in which phrases."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from functions.catalog import phrases
from functions.catalog.kinds import channels
from functions.catalog.rule import OPERATORS, PARAMETERS, Criterion, Facts
from functions.catalog.sale import Sale
from functions.offer import browse, qualification, task
from functions.offer.near import PRICED, Search
from functions.offer.qualification import LOOKED, Shop
from tests.unit.test_catalog import DAY, NOW, catalog, criterion, monthly, offering, period, promotion

Json = dict[str, Any]


def shop(*offerings: Json, beside: Iterable[str] = (), promotions: Iterable[Json] = (), facts: Any = None) -> Shop:
    """A shop on the web that holds these, with some in the cart."""
    prices = [monthly(each["id"], "10.00") for each in offerings]
    named: list[Json] = [{**each, "productOfferingPrice": [{"id": each["id"]}]} for each in offerings]
    segment: Json = {"id": "student", "name": {"en": "Students", "de": "Studierende"}, "lifecycleStatus": "Active"}
    segment |= {"criteriaGroup": [{"criteria": [criterion("customer.student", "yes")]}]}
    tv = {"id": "tv", "name": {"en": "Television", "de": "Fernsehen"}, "lifecycleStatus": "Active"}
    made = catalog(named, prices, promotions, segment=[segment], category=[tv])
    empty = Shop(made, Sale("web", NOW, "en", Facts(facts or {})))
    held = made.held["productOffering"]
    return empty._replace(beside=[item for n, id_ in enumerate(beside) for item in empty.items(held[id_], f"l{n}")])


def told(where: Shop, id_: str = "plan") -> dict[str, tuple[bool, list[str]]]:
    """rule -> whether it holds, and the sentences of what would unlock it."""
    found = qualification.of(where, where.catalog.held["productOffering"][id_])
    return {
        task.RULES[each.code]: (each.holds, [phrases.unlocking(where.catalog, way, "en") for way in each.ways])
        for each in found
    }


# --- rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "barred"),
    [
        (offering(), {}),
        (offering(lifecycleStatus="Retired"), {"lifecycle": []}),
        (offering(validFor=period(end=-DAY)), {"lifecycle": []}),
        (offering(validFor=period(DAY)), {"lifecycle": ["Possible on a day from March 2, 2026 on."]}),
        (offering(isSellable=False), {"sellable": []}),
        (offering(channels=["shop"]), {"channel": ["Possible in the channel shop."]}),
        (
            offering(channel=[{"id": "web", "validFor": period(DAY)}, {"id": "shop"}]),
            {"channel": ["Possible on a day from March 2, 2026 on.", "Possible in the channel shop."]},
        ),
        (
            offering(lifecycleStatus="Retired", isSellable=False, channels=["shop"]),
            {"lifecycle": [], "sellable": [], "channel": ["Possible in the channel shop."]},
        ),
    ],
)
def test_every_rule_of_the_market_that_bars_is_told(stored: Json, barred: dict[str, list[str]]) -> None:
    found = told(shop(stored))
    assert {name: ways for name, (holds, ways) in found.items() if not holds} == barred
    assert found.keys() == {"lifecycle", "sellable", "channel"}


def needing(*criteria: Json, **more: Any) -> Json:
    asked = {"id": "e", "name": {"en": "Only for some."}, "criteriaGroup": [{"criteria": [*criteria], **more}]}
    return offering(eligibility=[asked])


@pytest.mark.parametrize(
    ("stored", "facts", "ways"),
    [
        (needing(criterion("segment", "student")), {}, ["Possible for customers of the segment Students."]),
        (needing(criterion("segment", "student")), {"customer.student": "yes"}, None),
        (
            needing(criterion("segment", "student"), criterion("tenure", "12", ">=")),
            {"tenure": Decimal(3)},
            ["Possible for customers of the segment Students and after at least 12 months as a customer."],
        ),
        (
            needing(
                criterion("segment", "student"),
                criterion("tenure", "12", ">="),
                criteriaLogicalRelationship="OR",
            ),
            {},
            [
                "Possible for customers of the segment Students.",
                "Possible after at least 12 months as a customer.",
            ],
        ),
    ],
)
def test_eligibility_says_what_would_unlock_it(stored: Json, facts: Json, ways: list[str] | None) -> None:
    assert told(shop(stored, facts=facts))["eligibility"] == (ways is None, ways or [])


def related(kind: str, *ids: str) -> Json:
    return offering(productOfferingRelationship=[{"id": id_, "relationshipType": kind} for id_ in ids])


@pytest.mark.parametrize(
    ("kind", "beside", "installed", "holds"),
    [
        ("requires", [], [], False),
        ("requires", ["a"], [], True),
        ("requires", [], ["b"], True),
        ("excludes", [], [], True),
        ("excludes", ["b"], [], False),
        ("excludes", [], ["a"], False),
    ],
)
def test_what_it_goes_with(*, kind: str, beside: list[str], installed: list[str], holds: bool) -> None:
    where = shop(
        related(kind, "a", "b"),
        offering("a"),
        offering("b"),
        beside=beside,
        facts={"installed.offering": frozenset(installed)},
    )
    assert told(where)[kind][0] is holds


def test_the_unlocking_ways_of_a_requirement_name_what_to_add_first_in_the_cart() -> None:
    where = shop(related("requires", "a"), offering("a"))
    assert told(where)["requires"][1] == ["Possible with Plan a in the cart.", "Possible with Plan a installed."]


# --- words -------------------------------------------------------------------------------------------------------


EVERY = [
    Criterion(f"{name}colour" if name.endswith(".") else name, operator, Decimal(3) if kind == "number" else "x", kind)
    for name, kind in PARAMETERS.items()
    for operator in OPERATORS[kind]
]


def _family(asked: Criterion) -> tuple[str, str]:
    """A city, a state and a country are all what an address is in."""
    of_place = asked.parameter.startswith("place.") and asked.kind == "text"
    return "place" if of_place else asked.parameter, asked.operator


@pytest.mark.parametrize(("asked", "language"), [*product(EVERY, ("en", "de"))], ids=str)
def test_every_parameter_and_operator_has_words_of_its_own_in_every_language(asked: Criterion, language: str) -> None:
    where = shop(offering())
    said = phrases.phrase(where.catalog, asked, language)
    assert said
    assert "{" not in said
    assert str(asked.value) in said
    others = [each for each in EVERY if _family(each) != _family(asked)]
    assert said not in {phrases.phrase(where.catalog, each, language) for each in others}
    assert said != phrases.phrase(where.catalog, asked, "de" if language == "en" else "en")


def test_words_of_the_market_are_there_in_both_languages() -> None:
    tables = [each for pair in phrases.MARKET.values() for each in pair]
    tables += [
        phrases.UNKNOWN,
        phrases.NOT_THEIRS,
        phrases.POSSIBLE,
        phrases.AND,
        *phrases.ADD.values(),
        *phrases.KINDS.values(),
    ]
    assert all({"en", "de"} <= each.keys() for each in tables)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Criterion("customer.kind", "=", "business", "text"), "for business customers"),
        (Criterion("cart.category", "=", "tv", "set"), "with something of Television in the cart"),
        (Criterion("installed.offering", "<>", "plan", "set"), "without Plan plan installed"),
        (Criterion("place.postcode", ">=", "01000", "ordered"), "at an address with the postcode from 01000 on"),
        (
            Criterion("cart.recurring", ">", Decimal(50), "number"),
            "for recurring prices of more than €50.00 in the cart",
        ),
        (Criterion("date", ">=", "2026-12-24", "ordered"), "on a day from December 24, 2026 on"),
        (Criterion("date", "<", "soon", "ordered"), "on a day before soon"),
    ],
)
def test_a_value_is_called_as_people_call_it(asked: Criterion, said: str) -> None:
    assert phrases.phrase(shop(offering()).catalog, asked, "en") == said


def test_amounts_and_days_are_in_the_readers_language_and_the_currency_of_the_sale() -> None:
    catalog = shop(offering()).catalog
    asked = Criterion("cart.oneTime", ">=", Decimal("1234.5"), "number")
    day = Criterion("date", "=", "2026-03-01", "ordered")
    assert phrases.unlocking(catalog, [asked, day], "de", currency="CHF") == (
        "Möglich bei einmaligen Preisen von mindestens 1.234,50\xa0CHF im Warenkorb und an einem Tag 1. März 2026."
    )
    assert (
        phrases.phrase(catalog, asked, "en", currency="EUR") == "for one-time prices of at least €1,234.50 in the cart"
    )


# --- which channels give a promotion -----------------------------------------------------------------------------


def group(*asked: Json, **more: Any) -> Json:
    return {"criteria": [*asked], **more}


@pytest.mark.parametrize(
    ("pattern", "given"),
    [
        ({}, None),
        ({"criteriaGroup": [group(criterion("channel", "web"))]}, {"web"}),
        ({"criteriaGroup": [group(criterion("channel", "web", "<>"))]}, None),
        ({"criteriaGroup": [group(criterion("channel", "web"), criterion("segment", "x"))]}, {"web"}),
        (
            {
                "criteriaGroup": [
                    group(criterion("channel", "web"), criterion("segment", "x"), criteriaLogicalRelationship="OR")
                ]
            },
            None,
        ),
        (
            {
                "criteriaGroup": [
                    group(criterion("channel", "web"), criterion("channel", "shop"), criteriaLogicalRelationship="OR"),
                    group(criterion("channel", "shop")),
                ]
            },
            {"shop"},
        ),
        (
            {
                "criteriaGroup": [group(criterion("channel", "web")), group(criterion("segment", "x"))],
                "criteriaGroupLogicalRelationship": "OR",
            },
            None,
        ),
    ],
)
def test_which_channels_may_give_a_promotion(pattern: Json, given: set[str] | None) -> None:
    assert channels({"pattern": [pattern]}) == given
    everywhere = [{"criteriaGroup": [group(criterion("channel", "kiosk"))]}, pattern]
    assert channels({"pattern": everywhere}) == (given | {"kiosk"} if given is not None else None)


# --- near --------------------------------------------------------------------------------------------------------


def near(where: Shop) -> dict[str, list[tuple[str, Any]]]:
    applied = [id_ for each in browse.browse(where.beside, where.sale).alone for id_ in each.promotions]
    return {each.id: [(lack.kind, lack.value) for lack in each.lacks] for each in Search(where).near(applied)}


def lacking(*asked: Json, on: str = "plan", **more: Any) -> Json:
    return promotion("p", on, criteriaGroup=[{"criteria": [*asked], **more}])


@pytest.mark.parametrize(
    ("asked", "lacks"),
    [
        ([criterion("cart.offering", "b")], [("offering", "b")]),
        ([criterion("cart.category", "tv")], [("offering", "set-top")]),
        ([criterion("quantity", "3", ">=")], [("quantity", 3)]),
        ([criterion("quantity", "2", ">")], [("quantity", 3)]),
        ([criterion("cart.quantity", "3")], [("quantity", 3)]),
        ([criterion("campaign", "FLYER")], [("campaign", "FLYER")]),
        ([criterion("cart.recurring", "25", ">=")], [("recurring", Decimal("15.00"))]),
        ([criterion("cart.recurring", "25", ">")], [("recurring", Decimal("15.01"))]),
        (
            [criterion("cart.offering", "b"), criterion("campaign", "FLYER")],
            [("offering", "b"), ("campaign", "FLYER")],
        ),
        ([criterion("quantity", "100", ">=")], None),  # more than a line holds
        ([criterion("quantity", "1", "<")], None),
        ([criterion("cart.offering", "b", "<>"), criterion("cart.offering", "b")], None),
        ([criterion("cart.offering", "shop-only")], None),  # not sold here
        ([criterion("cart.offering", "picky")], None),  # not for this customer
        ([criterion("segment", "student")], None),
        ([criterion("channel", "shop")], None),
        ([criterion("date", "2027-01-01", ">=")], None),
        ([criterion("customer.kind", "business"), criterion("campaign", "FLYER")], None),
    ],
)
def test_what_a_promotion_lacks(asked: list[Json], lacks: list[tuple[str, Any]] | None) -> None:
    picky = {**needing(criterion("segment", "student")), "id": "picky"}
    others = (offering("b"), offering("set-top", category=[{"id": "tv"}]), offering("shop-only", channels=["shop"]))
    where = shop(offering(), *others, picky, beside=["plan"], promotions=[lacking(*asked)])
    assert near(where) == ({"p": lacks} if lacks else {})


@pytest.mark.parametrize("asked", [criterion("quantity", "3", ">="), criterion("cart.quantity", "3", ">=")])
def test_of_a_product_that_is_changed_there_is_one(asked: Json) -> None:
    where = shop(offering(), beside=["plan"], promotions=[lacking(asked)])
    assert near(where) == {"p": [("quantity", 3)]}
    assert near(where._replace(single=frozenset(["l0"]))) == {}


def test_a_promotion_on_what_is_not_in_the_cart_lacks_that() -> None:
    where = shop(offering(), offering("b"), beside=["plan"], promotions=[promotion("p", "b")])
    assert near(where) == {"p": [("offering", "b")]}
    assert near(where._replace(beside=[])) == {"p": [("offering", "b")]}


def test_what_is_near_is_bounded() -> None:
    promotions = [
        promotion(f"p{n:04}", "plan", criteriaGroup=[group(criterion("campaign", f"c{n}"))]) for n in range(150)
    ]
    where = shop(offering(), beside=["plan"], promotions=promotions)
    search = Search(where)
    assert len(search.near([])) == PRICED
    assert search.left == 0


def test_no_question_looks_at_more_offerings_than_it_may() -> None:
    many = [offering(f"o{n:04}") for n in range(LOOKED + 20)]
    where = shop(*many)
    assert sum(1 for _ in qualification.qualifying(where)) == LOOKED
    assert qualification.alternatives(where, many[0] | {"category": []}, 3) == []


def test_the_rules_of_no_draft_are_read() -> None:
    odd = {**promotion("odd", "plan", criteriaGroup=[group(criterion("moon", "full"))]), "lifecycleStatus": "In study"}
    where = shop(offering(), beside=["plan"], promotions=[odd])
    assert near(where) == {}
