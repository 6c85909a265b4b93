"""What a person wrote comes off a cart or order whole, leaves no word behind, and comes back whole."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.customer import private

STEADY = settings(derandomize=True, deadline=None, max_examples=60)
Json = dict[str, Any]
WORD = st.integers(0, 10**6).map(lambda n: f"secret{n}")
NOTES = st.lists(st.fixed_dictionaries({"text": WORD}), min_size=1, max_size=2)
ROLE = st.sampled_from(["delivery", "installation", "billing"])
BY_VALUE = st.fixed_dictionaries({"role": ROLE, "streetName": WORD}, optional={"id": WORD, "name": WORD, "city": WORD})
BY_REFERENCE = st.fixed_dictionaries({"role": ROLE, "id": st.just("address-1")}, optional={"href": st.just("/a")})
PLACES = st.lists(BY_VALUE | BY_REFERENCE, max_size=3)
BODIES = st.fixed_dictionaries(
    {"quantity": st.integers(1, 9)},
    optional={
        "note": NOTES,
        "description": WORD,
        "notificationContact": WORD,
        "contactMedium": st.lists(st.fixed_dictionaries({"mediumType": WORD}), min_size=1, max_size=2),
        "place": PLACES,
        "product": st.fixed_dictionaries({"id": st.just("p1")}, optional={"place": PLACES}),
    },
)


def without_ids(body: Any) -> Any:
    """The body without what an address given by value gets when it is kept: an id, and what the id refers to."""
    if isinstance(body, list):
        return [without_ids(each) for each in body]
    if not isinstance(body, dict):
        return body
    gone = {"id", "@referredType"} if "streetName" in body else set()
    return {name: without_ids(value) for name, value in body.items() if name not in gone}


@STEADY
@given(BODIES)
def test_what_was_parted_comes_back_whole(body: Json) -> None:
    bare, content = private.parted(body)
    assert without_ids(private.rejoined(bare, content)) == without_ids(body)


@STEADY
@given(BODIES)
def test_no_written_word_stays_behind_and_all_else_does(body: Json) -> None:
    bare, content = private.parted(body)

    assert "secret" not in str(bare)
    assert (content is None) == ("secret" not in str(body))
    assert (bare["quantity"], "product" in bare) == (body["quantity"], "product" in body)
    assert [p["role"] for p in bare.get("place", [])] == [p["role"] for p in body.get("place", [])]


@STEADY
@given(BODIES)
def test_what_is_bare_is_not_parted_again(body: Json) -> None:
    bare, _ = private.parted(body)
    assert private.parted(bare) == (bare, None)
    assert private.rejoined(bare, None) == bare


@STEADY
@given(BODIES)
def test_parting_leaves_the_body_it_was_given_alone(body: Json) -> None:
    before = str(body)
    private.parted(body)
    assert str(body) == before


def test_an_address_gets_an_id_nobody_guesses_and_keeps_its_role() -> None:
    place = {"role": "delivery", "streetName": "Hidden Lane"}

    first, second = (private.parted({"place": [place]})[0]["place"][0] for _ in range(2))

    assert (first["role"], first["@referredType"], len(first["id"])) == ("delivery", "GeographicAddress", 32)
    assert first["id"] != second["id"]


def test_the_name_of_a_place_that_is_referred_to_is_not_kept() -> None:
    bare, content = private.parted({"place": [{"id": "a1", "role": "delivery", "name": "At Una's"}]})
    assert (bare["place"], content) == ([{"id": "a1", "role": "delivery"}], None)


@pytest.mark.parametrize(
    "body",
    [
        {"product": {"product": [{"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}]}},
        {"productOrderItem": [{"product": {"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}}]},
        {"cartItem": [{"note": [{"text": "Hidden Lane"}]}]},
        {"product": {"description": "for the house in Hidden Lane"}},
    ],
    ids=["a product in a product", "an item in an item", "a line in a line", "words on a product"],
)
def test_what_lies_deeper_is_parted_too(body: Json) -> None:
    """The standard lets a product hold products and an item hold items: an address there is as private."""
    bare, content = private.parted(body)
    assert "Hidden Lane" not in str(bare)
    assert "Hidden Lane" in str(private.rejoined(bare, content))
