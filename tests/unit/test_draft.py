"""Drafts: words in several languages, defaults, folding, and what stands in the way of publishing."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import check, draft, words
from functions.catalog.catalog import KINDS, Catalog
from functions.shared.errors import Malformed
from tests.unit.test_catalog import monthly, offering, once

STEADY = settings(derandomize=True, deadline=None, max_examples=60)
Json = dict[str, Any]
NOW, LATER = "2026-03-01T12:00:00.000Z", "2026-03-01T13:00:00.000Z"


# --- words -------------------------------------------------------------------------------------------------------

PLAN: Json = {
    "name": {"de": "Tarif", "en": "Plan"},
    "productOfferingTerm": [{"name": {"de": "24 Monate", "en": "24 months"}, "duration": {"amount": 24}}],
}


@pytest.mark.parametrize(
    ("patch", "language", "after"),
    [
        ({"name": "Tariff"}, "en", {"name": {"de": "Tarif", "en": "Tariff"}}),
        ({"name": "Plan"}, "en", {"name": {"de": "Tarif", "en": "Plan"}}),
        ({"description": "New."}, "en", {"description": {"en": "New."}}),
        (
            {"productOfferingTerm": [{"name": "12 months"}, {"name": "24 months"}]},
            "en",
            {"productOfferingTerm": [{"name": {"en": "12 months"}}, {"name": {"de": "24 Monate", "en": "24 months"}}]},
        ),
        ({"productOfferingTerm": None}, "de", {"productOfferingTerm": None}),
    ],
)
def test_a_patch_in_one_language_keeps_the_words_of_the_others(patch: Json, language: str, after: Json) -> None:
    changed = draft.changed(PLAN, patch, language, NOW)
    assert changed == {k: v for k, v in {**PLAN, **after, "lastUpdate": NOW}.items() if v is not None}


def test_what_is_read_in_a_language_and_written_back_in_it_changes_nothing() -> None:
    for language in ("de", "en", "fr"):
        assert words.written(words.spoken(PLAN, language, "de"), PLAN, language) == PLAN


def test_only_words_for_people_are_read_in_a_language() -> None:
    value = {"productSpecCharacteristicValue": [{"value": {"name": {}, "category": {"id": {"a": 1}}}}], "name": "size"}
    stored = {"id": "s", "name": {"de": "Ding"}, "lifecycleStatus": "Active", "productSpecCharacteristic": [value]}
    shown = Catalog.of("v1", _content()).rendered("productSpecification", stored, "en")
    assert (shown["name"], shown["productSpecCharacteristic"]) == ("Ding", [value])


# --- what is written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "standing"),
    [
        ("catalog", {}),
        ("category", {"isRoot": True}),
        ("productOffering", {"isBundle": False, "isSellable": True}),
        ("productOfferingPrice", {"isBundle": False}),
        ("productSpecification", {"isBundle": False}),
    ],
)
def test_a_name_is_enough_and_the_rest_is_what_it_usually_is(kind: str, standing: Json) -> None:
    usual = {"lifecycleStatus": "In study", "version": "1.0", "validFor": {"startDateTime": NOW}, "lastUpdate": NOW}
    assert draft.new(kind, {"name": "x"}, "de", NOW) == {"name": {"de": "x"}, **usual, **standing}
    said = {"lifecycleStatus": "Active", "version": "2.0", **{name: not value for name, value in standing.items()}}
    assert draft.new(kind, {"name": "x", **said}, "de", NOW).items() >= said.items()


def test_what_has_parts_is_a_bundle_as_long_as_it_has_them() -> None:
    part = [{"id": "plan"}]
    made = draft.new("productOffering", {"name": "x", "bundledProductOffering": part}, "de", NOW)
    assert made["isBundle"] is True
    without = draft.changed(made, {"bundledProductOffering": None}, "de", NOW)
    assert without["isBundle"] is False
    group = [{"id": "g", "bundledProductOffering": part}]
    assert draft.changed(without, {"bundledGroupProductOffering": group}, "de", NOW)["isBundle"] is True
    assert draft.changed(made, {"name": "y"}, "de", NOW)["isBundle"] is True
    denied = draft.changed(made, {"bundledProductOffering": part, "isBundle": False}, "de", NOW)
    assert denied["isBundle"] is False, "which the check then tells"


def test_a_category_below_another_is_no_root() -> None:
    assert draft.new("category", {"name": "x", "parentId": "above"}, "de", NOW)["isRoot"] is False


def test_what_is_ours_and_what_is_personal_is_not_taken_from_a_client() -> None:
    party = {"id": "p1", "role": "owner", "@referredType": "Individual"}
    sent = {"name": "x", "@type": "Y", "lastUpdate": LATER, "promotion": [], "relatedParty": [{**party, "name": "Una"}]}
    made = draft.new("catalog", sent, "de", NOW)
    assert (made["lastUpdate"], made["relatedParty"]) == (NOW, [party])
    assert not {"@type", "promotion"} & made.keys()


@pytest.mark.parametrize("name", draft.LASTING)
def test_what_a_resource_is_nothing_without_cannot_be_taken_away(name: str) -> None:
    with pytest.raises(Malformed, match=f"{name} cannot be taken away"):
        draft.changed(PLAN, {name: None}, "de", NOW)


@pytest.mark.parametrize("name", draft.NAMED)
def test_a_reference_that_names_nothing_is_not_what_a_patch_leaves(name: str) -> None:
    named = {**PLAN, name: {"id": "one", "name": "One"}}
    for held, patch in ((PLAN, {"version": "2"}), (named, {"id": None})):
        with pytest.raises(Malformed, match=f"{name} needs an id; send null"):
            draft.changed(held, {name: patch}, "de", NOW)
    assert name not in draft.changed(named, {name: None}, "de", NOW)
    assert draft.changed(named, {name: {"id": "two"}}, "de", NOW)[name]["id"] == "two"


def test_what_is_too_large_for_a_row_is_refused() -> None:
    with pytest.raises(Malformed, match="more than 300 KB"):
        draft.new("catalog", {"name": "x", "description": "x" * draft.LARGEST}, "de", NOW)


# --- folding -----------------------------------------------------------------------------------------------------


def _content(**held: Any) -> Json:
    return {"brand": "nova", "currency": "EUR", "timeZone": "Europe/Berlin", "languages": ["de", "en"], **held}


def _row(kind: str, id_: str, version: int, name: str | None) -> Json:
    row = {"type": kind, "id": id_, "version": version}
    return {**row, "gone": True} if name is None else {**row, "body": {"name": name}}


DRAFTS = st.dictionaries(
    st.tuples(st.sampled_from(KINDS), st.sampled_from("abcd")),
    st.tuples(st.integers(2, 9), st.none() | st.sampled_from(["x", "y"])),
    max_size=8,
).map(lambda found: [_row(*key, *said) for key, said in found.items()])
PUBLISHED = st.fixed_dictionaries(
    {kind: st.lists(st.sampled_from("abcd"), unique=True).map(sorted) for kind in KINDS}
).map(lambda found: _content(**{kind: {id_: {"id": id_, "name": "old"} for id_ in ids} for kind, ids in found.items()}))


def _by_hand(content: Json, rows: list[Json]) -> Json:
    """What a catalog would be that had been written with these in it."""
    held = {kind: dict(content[kind]) for kind in KINDS}
    for row in rows:
        if "gone" in row:
            held[row["type"]].pop(row["id"], None)
        else:
            held[row["type"]][row["id"]] = {"id": row["id"], **row["body"]}
    return {kind: dict(sorted(of.items())) for kind, of in held.items()}


@STEADY
@given(content=PUBLISHED, rows=DRAFTS, data=st.data())
def test_drafts_fold_to_what_would_have_been_written_in_whatever_order_they_were(
    content: Json, rows: list[Json], data: st.DataObject
) -> None:
    found = draft.folded(content, data.draw(st.permutations(rows)))

    assert {kind: found[kind] for kind in KINDS} == _by_hand(content, rows)
    assert draft.folded(content, rows) == found
    assert draft.folded(found, rows) == found  # what was folded already changes nothing: a publication may be repeated
    catalog = Catalog.of("v2", found)
    for row in rows:
        assert catalog.sequence(row["type"], row["id"]) == (1 if "gone" in row else row["version"])


@STEADY
@given(content=PUBLISHED, rows=DRAFTS, cut=st.integers(0, 8))
def test_two_publications_one_after_the_other_are_as_good_as_one(content: Json, rows: list[Json], cut: int) -> None:
    assert draft.folded(draft.folded(content, rows[:cut]), rows[cut:]) == draft.folded(content, rows)


# --- checking ----------------------------------------------------------------------------------------------------

SOUND = {
    "productOffering": [offering("plan", "monthly", category=[{"id": "plans"}])],
    "productOfferingPrice": [monthly("monthly", "29.99"), once("fee", "9")],
    "category": [{"id": "plans", "name": {"de": "Tarife"}, "lifecycleStatus": "Active"}],
}


def _found(change: Callable[[Json], Any], kind: str = "productOffering", place: int = 0) -> list[str]:
    held = {kind: [dict(each) for each in stored] for kind, stored in SOUND.items()}
    change(held[kind][place])
    return check.findings(_content(**held))


def test_a_sound_catalog_is_found_to_be_sound() -> None:
    assert _found(lambda _: None) == []


@pytest.mark.parametrize(
    ("kind", "said", "finding"),
    [
        ("productOffering", {"channel": []}, "on sale in no channel"),
        ("productOffering", {"productOfferingPrice": []}, "on sale without a price"),
        ("productOffering", {"productOfferingPrice": [{"id": "nowhere"}]}, "productOfferingPrice nowhere, which there"),
        ("productOffering", {"productOfferingPrice": [{"name": "by value"}]}, "a productOfferingPrice in it has no id"),
        ("productOffering", {"category": [{"id": "none"}]}, "it names the category none, which there is not"),
        ("productOffering", {"productSpecification": {"id": "none"}}, "it names the productSpecification none"),
        ("productOffering", {"bundledProductOffering": [{"id": "none"}]}, "it names the productOffering none"),
        ("productOffering", {"validFor": {"startDateTime": LATER, "endDateTime": NOW}}, "before it begins"),
        ("productOffering", {"lifecycleStatus": "active"}, "lifecycleStatus active is not known"),
        (
            "productOffering",
            {"productOfferingTerm": [{"duration": {"amount": 1}}]},
            "a productOfferingTerm has no name",
        ),
        ("productOffering", {"requirement": [{"reason": "why"}]}, "a requirement does not say of which kind"),
        ("category", {"lifecycleStatus": "In study"}, "it names the category plans, which is still In study"),
        ("productOfferingPrice", {"price": {"unit": "CHF", "value": "1"}}, "price.unit must be EUR"),
        ("productOfferingPrice", {"price": {"unit": "EUR", "value": "1.999"}}, "more than 2 decimals"),
        ("productOfferingPrice", {"price": {"unit": "EUR", "value": "-1"}}, "zero or more"),
        ("productOfferingPrice", {"price": {"unit": "EUR"}}, "zero or more"),
        ("productOfferingPrice", {"due": None}, "it does not say when it is due"),
        ("productOfferingPrice", {"priceType": "free"}, "priceType must be one of oneTime, recurring, usage"),
        ("productOfferingPrice", {"recurringChargePeriodType": None}, "a recurring price needs its period"),
        ("productOfferingPrice", {"tax": [{"taxCategory": "standard"}]}, "a tax needs a taxCategory and a taxRate"),
    ],
)
def test_what_a_channel_could_not_sell_is_found_and_named(kind: str, said: Json, finding: str) -> None:
    found = _found(lambda stored: stored.update(said), kind)
    assert finding in found[0]
    assert {each.split(" ")[0] for each in found} <= set(KINDS)


@pytest.mark.parametrize("status", [*check.BEFORE_RELEASE, "in study"])
def test_what_is_not_released_may_be_as_unfinished_as_it_likes(status: str) -> None:
    unfinished = {"channel": [], "productOfferingPrice": [{"id": "nowhere"}], "lifecycleStatus": status}
    assert _found(lambda stored: stored.update(unfinished)) == []


def test_a_retired_offering_needs_no_channel_and_a_free_one_a_price_of_zero() -> None:
    assert _found(lambda stored: stored.update(lifecycleStatus="Retired", channel=[])) == []
    free = {"price": {"unit": "EUR", "value": "0"}}
    assert _found(lambda stored: stored.update(free), "productOfferingPrice") == []
