"""A catalog version as a file: what is written is read, from any thread, and its name is its content's."""

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import book, draft, places, search
from functions.catalog.book import Book
from functions.catalog.catalog import KINDS, Catalog
from tests.bench import catalogs
from tests.unit.test_catalog import once, promotion

STEADY = settings(derandomize=True, deadline=None, max_examples=60)
Json = dict[str, Any]
CONTENT = catalogs.content(60)


def content(**more: Any) -> Json:
    return {"brand": "nova", "currency": "EUR", "timeZone": "Europe/Berlin", "languages": ["de", "en"], **more}


def test_what_is_written_is_read_whether_it_lies_in_a_file_or_in_memory(tmp_path: Path) -> None:
    version = book.write(CONTENT, tmp_path / "book")
    for read in (Catalog(version, Book.open(tmp_path / "book")), Catalog.of(version, CONTENT)):
        for kind, held in read.held.items():
            assert list(held.values()) == sorted(CONTENT.get(kind, []), key=lambda each: str(each["id"]))
            assert [held[id_] for id_ in held] == list(held.values())
            assert len(held) == len(CONTENT.get(kind, []))
            assert "nowhere" not in held
        assert {name: read.content[name] for name in catalogs.FACTS} == catalogs.FACTS
        assert (read.currencies, read.rounding) == (["EUR"], {})


def test_a_version_is_named_by_what_it_says_and_by_nothing_else(tmp_path: Path) -> None:
    def name(told: Json, file: str) -> str:
        return book.write(told, tmp_path / file)

    shuffled = {kind: random.Random(7).sample(v, len(v)) if kind in KINDS else v for kind, v in CONTENT.items()}
    again = Catalog.of("", CONTENT).content
    names = {name(told, str(at)) for at, told in enumerate((CONTENT, dict(reversed(shuffled.items())), again))}
    assert len(names) == 1
    assert len({(tmp_path / file).read_bytes() for file in "012"}) == 1
    first: Json = CONTENT["productOffering"][0]
    other = {**first, "version": "1.1"}
    changes: list[Json] = [
        {"market": "AT"},
        {"productOffering": [other, *CONTENT["productOffering"][1:]]},
        {"productOffering": CONTENT["productOffering"][1:]},
        {"sequence": {"category": {"category-1": 2}}},
    ]
    for at, said in enumerate(changes):
        assert name({**CONTENT, **said}, f"other-{at}") not in names


def test_a_book_cannot_be_written_to(tmp_path: Path) -> None:
    book.write(CONTENT, tmp_path / "book")
    read = Book.open(tmp_path / "book")
    with pytest.raises(Exception, match="readonly"):
        read._all("DELETE FROM category")


def test_many_threads_read_one_book(tmp_path: Path) -> None:
    book.write(CONTENT, tmp_path / "book")
    read = Catalog("v1", Book.open(tmp_path / "book"))
    ids = [each["id"] for each in CONTENT["productOffering"]] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda id_: read.held["productOffering"][id_]["id"], ids))
    assert found == ids


def test_how_often_a_resource_changed_goes_with_its_version() -> None:
    read = Catalog.of("v", content(category=[{"id": "a", "name": "A"}], sequence={"category": {"a": 7}}))
    assert (read.sequence("category", "a"), read.sequence("category", "b")) == (7, 1)
    assert read.content["sequence"] == {"category": {"a": 7}}


# --- what promotions aim at --------------------------------------------------------------------------------------


def aimed(id_: str, *targets: tuple[str, str], single: bool = False) -> Json:
    named = [{"id": to, "@referredType": kind} for kind, to in targets]
    action = {"actionType": "percentage", "actionValue": "1", "priceType": "oneTime"}
    told = {"actionEntityRef": named[0]} if single else {"appliesTo": named} if named else {}
    return {"id": id_, "name": "x", "lifecycleStatus": "Active", "pattern": [{"id": "1", "action": [action | told]}]}


@pytest.mark.parametrize(
    ("rule", "reaches"),
    [
        (aimed("p"), True),
        (aimed("p", ("ProductOffering", "plan")), True),
        (aimed("p", ("ProductOffering", "plan"), single=True), True),
        (aimed("p", ("ProductOffering", "other")), False),
        (aimed("p", ("Category", "plans")), True),
        (aimed("p", ("Category", "plan")), False),
        (aimed("p", ("ProductOffering", "other"), ("Category", "plans")), True),
        (aimed("p", ("ProductOfferingPrice", "list")), True),
        (aimed("p", ("ProductOfferingPrice", "staff")), True),
        (aimed("p", ("ProductOfferingPrice", "base")), True),
        (aimed("p", ("ProductOfferingPrice", "elsewhere")), False),
        (promotion("p", "plan"), True),
        (promotion("p", "other"), False),
    ],
)
def test_a_promotion_is_found_by_whatever_it_names(*, rule: Json, reaches: bool) -> None:
    """The offering names `list`, in whose place `staff` may stand, and `deal`, which stands in the place of `base`."""
    prices = [once(id_, "1") for id_ in ("list", "base", "elsewhere")]
    prices += [
        once(id_, "1", popRelationship=[{"id": of, "relationshipType": "replaces"}])
        for id_, of in (("staff", "list"), ("deal", "base"))
    ]
    plan = {"id": "plan", "category": [{"id": "plans"}], "productOfferingPrice": [{"id": "list"}, {"id": "deal"}]}
    read = Catalog.of("v", content(productOfferingPrice=prices, promotion=[rule, aimed("z"), aimed("a")]))
    found = [*read.promotions_on(plan)]
    assert found == (["a", "p", "z"] if reaches else ["a", "z"])
    assert [each["id"] for each in read.replacements("list")] == ["staff"]


# --- drafts over it ----------------------------------------------------------------------------------------------


def test_drafts_over_a_book_are_read_in_the_order_of_ids() -> None:
    read = Catalog.of("v", content(category=[{"id": id_, "name": id_} for id_ in "bdf"]))
    rows: list[Json] = [{"type": "category", "id": id_, "version": 2, "body": {"name": "new"}} for id_ in "agd"]
    rows.append({"type": "category", "id": "f", "version": 2, "gone": True})
    over = draft.overlaid(read.held["category"], rows)
    assert {id_: each["name"] for id_, each in over.items()} == {"a": "new", "b": "b", "d": "new", "g": "new"}
    assert list(over) == ["a", "b", "d", "g"]
    assert (len(over), "f" in over) == (4, False)
    again = Catalog.of("w", draft.folded(read.content, rows))
    assert again.held["category"] == over


# --- sets of places ----------------------------------------------------------------------------------------------

PLACES = st.sets(st.integers(0, 300) | st.integers(places.STEP - 9, 3 * places.STEP))


@STEADY
@given(some=PLACES, offset=st.integers(0, 310), limit=st.integers(0, 310))
def test_a_page_of_a_set_is_what_a_sorted_list_would_give(some: set[int], offset: int, limit: int) -> None:
    found = places.unpacked(places.packed(places.of(some)))
    assert found == places.of(sorted(some))
    assert found.bit_count() == len(some)
    assert places.some(found, offset, limit) == sorted(some)[offset : offset + limit]


# --- names half remembered ---------------------------------------------------------------------------------------

NAMES = ["Glasfaser 500", "Glasfaser 1000", "Kabel 500", "Hülle für Aurora 4", "Aurora 4 Pro", "Fernsehen L", "Ärger"]


def searched(asked: str, names: Iterable[str] = NAMES) -> list[str]:
    told = list(names)
    grams = [search.trigrams(search.folded(name)) for name in told]
    wanted = search.folded(asked)
    everywhere = places.all_of(len(told))
    having = lambda gram: places.of(at for at, held in enumerate(grams) if gram in held)  # noqa: E731
    found = places.some(search.candidates(wanted, everywhere, having), 0, len(told))
    return [told[at] for at in search.best(wanted, [(at, told[at]) for at in found])]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("Glasfaser 500", "Glasfaser 500"),
        ("glassfaser 1000", "Glasfaser 1000"),
        ("galsfaser 500", "Glasfaser 500"),
        ("hulle", "Hülle für Aurora 4"),
        ("HÜLLE", "Hülle für Aurora 4"),
        ("huelle aurora", "Hülle für Aurora 4"),
        ("fernsehn", "Fernsehen L"),
        ("arger", "Ärger"),
        ("pro aurora", "Aurora 4 Pro"),
        ("kab", "Kabel 500"),
    ],
)
def test_a_name_is_found_though_it_is_misspelt(asked: str, first: str) -> None:
    assert searched(asked)[0] == first


@pytest.mark.parametrize("asked", ["", "%%%", "zzzzzz", "日本"])
def test_what_nothing_is_called_finds_nothing(asked: str) -> None:
    assert searched(asked) == []


@STEADY
@given(st.text(max_size=80), st.lists(st.text(max_size=40), max_size=8))
def test_anything_may_be_searched_for_in_anything(asked: str, names: list[str]) -> None:
    assert set(searched(asked[: search.LONGEST], names)) <= set(names)


@pytest.mark.parametrize(
    ("asked", "word", "away"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ab", 1), ("gla", "glasfaser", 1)],
)
def test_a_slip_of_the_finger_is_one_letter_away(asked: str, word: str, away: int) -> None:
    assert search.distance(asked, word) == away
