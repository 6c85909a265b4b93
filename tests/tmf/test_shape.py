"""What the hub refuses at its door, and what it must not: tables of bodies, then any JSON there is."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.shared import names, shape

CART, LINE, ORDER = ("TMF663", "ShoppingCart_Create"), ("TMF663", "CartItem"), ("TMF622", "ProductOrder_Create")
ITEM = {"id": "1", "action": "add"}
NAN = float("nan")
NO_TEXT = "holds a character that is not text (NUL or half of a surrogate pair)."


def deep(levels: int) -> dict[str, Any]:
    """A cart line in a cart line in …"""
    line: dict[str, Any] = {}
    for _ in range(levels - 1):
        line = {"cartItem": [line]}
    return line


FAULTY: list[tuple[tuple[str, str], object, str]] = [
    # the body
    (CART, [], "The body must be an object, not a list."),
    (CART, None, "The body must be an object, not null."),
    (CART, "cart", 'The body must be an object, not the text "cart".'),
    # names
    (CART, {"cartItm": []}, "cartItm is not an attribute of ShoppingCart; did you mean cartItem?"),
    (
        CART,
        {"cartItem": [{"quantty": 1}]},
        "cartItem[0].quantty is not an attribute of CartItem; did you mean quantity?",
    ),
    (CART, {"": 1}, '"" is not an attribute of ShoppingCart.'),
    (CART, {"\ud800": 1}, "? is not an attribute of ShoppingCart."),
    (CART, {"id": "1"}, "id is set by the hub; leave it out."),
    (ORDER, {"shoppingCart": {"id": "c"}, "orderDate": "2026-03-01"}, "orderDate is set by the hub; leave it out."),
    (("TMF663", "ShoppingCart_Update"), {"href": "/x"}, "href cannot be changed; leave it out of the PATCH."),
    # types
    (CART, {"cartItem": {}}, "cartItem must be a list, not an object."),
    (CART, {"cartItem": [1]}, "cartItem[0] must be an object, not 1."),
    (CART, {"cartItem": None}, "cartItem must be a list, not null."),
    (LINE, {"quantity": "2"}, 'quantity must be an integer, not the text "2".'),
    (LINE, {"quantity": True}, "quantity must be an integer, not true."),
    (LINE, {"quantity": Decimal("1.5")}, "quantity must be an integer, not 1.5."),
    (LINE, {"quantity": Decimal("2.0")}, "quantity must be an integer, not 2.0."),
    (LINE, {"action": "remove"}, 'action must be one of add, modify, delete, noChange, not the text "remove".'),
    (LINE, {"action": ["add"]}, "action must be one of add, modify, delete, noChange, not a list."),
    (LINE, {"product": {"isBundle": 1}}, "product.isBundle must be true or false, not 1."),
    (LINE, {"product": {"name": 7}}, "product.name must be text, not 7."),
    (LINE, {"@type": {}}, "@type must be text, not an object."),
    (LINE, {"@schemaLocation": "two words"}, '@schemaLocation must be a URI, not the text "two words".'),
    (
        LINE,
        {"itemPrice": [{"price": {"taxIncludedAmount": {"unit": "EUR", "value": "29.99"}}}]},
        'itemPrice[0].price.taxIncludedAmount.value must be a number, not the text "29.99".',
    ),
    (LINE, {"itemTerm": [{"duration": {"amount": NAN}}]}, "itemTerm[0].duration.amount must be a number, not nan."),
    (LINE, {"itemTerm": [{"duration": {"amount": True}}]}, "itemTerm[0].duration.amount must be a number, not true."),
    # bounds
    (LINE, {"note": [{"text": "x" * 10_001}]}, "note[0].text may have at most 10000 characters, not 10001."),
    (LINE, {"id": "x" * 257}, "id may have at most 256 characters, not 257."),
    (LINE, {"id": ""}, "id must not be empty."),
    (CART, {"cartItem": [{}] * 1_001}, "cartItem may have at most 1000 entries, not 1001."),
    (LINE, {"note": [{"text": "a\x00b"}]}, f"note[0].text {NO_TEXT}"),
    (LINE, {"note": [{"text": "\udc00"}]}, f"note[0].text {NO_TEXT}"),
    (ORDER, {"productOrderItem": []}, "productOrderItem needs at least one entry."),
    # what is needed
    (ORDER, {}, "The body needs productOrderItem or shoppingCart."),
    (ORDER, {"shoppingCart": {}}, "shoppingCart needs id."),
    (ORDER, {"productOrderItem": [{"id": "1"}]}, "productOrderItem[0] needs action."),
    (CART, {"relatedParty": [{"role": "customer"}]}, "relatedParty[0] needs id."),
    (LINE, {"product": {"place": [{"name": "home"}]}}, "product.place[0] needs role."),
    (LINE, {"product": {"place": [{"id": "9"}]}}, "product.place[0] needs role."),
    (("TMF632", "Individual_Create"), {"givenName": "Jane"}, "The body needs familyName."),
    # ours
    (("omnihub", "BillingAccount_Create"), {"currency": 1}, "currency must be text, not 1."),
    (
        ("omnihub", "BillingAccount_Create"),
        {"relatedParty": [{"role": "payer"}]},
        "relatedParty[0] needs id.",
    ),
    (CART, {"state": "open"}, 'state must be one of active, ordered, merged, abandoned, not the text "open".'),
]


@pytest.mark.parametrize(("of", "body", "fault"), FAULTY)
def test_what_is_wrong_is_said_in_one_sentence(of: tuple[str, str], body: object, fault: str) -> None:
    assert shape.check(body, *of) == [fault]


FINE: list[tuple[tuple[str, str], object]] = [
    (CART, {}),
    (CART, {"@type": "ShoppingCart", "@baseType": "Entity", "@schemaLocation": "https://example.com/cart.json"}),
    (CART, {"relatedParty": [{"id": "42"}]}),
    (CART, {"cartItem": [{"productOffering": {"id": "not-ours"}, "quantity": 1, "action": "add"}]}),
    (CART, {"cartItem": [{"kind": "sale", "place": [{"id": "9", "role": "delivery"}]}]}),
    (LINE, {"product": {"place": [{"role": "delivery", "streetName": "Weg", "city": "Bern"}]}}),
    (LINE, {"product": {"place": [{"id": "9", "role": "installation"}]}}),
    (LINE, {"product": {"productCharacteristic": [{"name": "simType", "value": None}]}}),
    (LINE, {"product": {"productCharacteristic": [{"name": "size", "value": {"any": [1, True, Decimal("0.5")]}}]}}),
    (LINE, {"ItemTotalPrice": [{"price": {"taxIncludedAmount": {"unit": "EUR", "value": Decimal("29.99")}}}]}),
    (LINE, {"itemTerm": [{"duration": {"amount": 24, "units": "month"}, "@type": "CartTerm"}]}),
    (("TMF637", "Product_Create"), {"status": "aborted"}),
    (("TMF637", "Product_Create"), {"status": "aborted "}),
    (("TMF632", "Individual"), {}),
    (("TMF629", "Customer_Create"), {"name": "Jane", "engagedParty": {"id": "7"}, "account": [{"name": "main"}]}),
    (("TMF629", "Customer_Create"), {"name": "Jane", "engagedParty": {"id": "7"}, "account": [{"id": "a1"}]}),
    (
        ("TMF683", "PartyInteraction_Create"),
        {
            "interactionDate": {"startDateTime": "2026-03-01T12:00:00+01:00"},
            "reason": "question",
            "status": "opened",
            "direction": "inbound",
            "channel": [{"id": "web"}],
            "relatedParty": [{"id": "42", "role": "customer"}],
        },
    ),
    (ORDER, {"shoppingCart": {"id": "c1"}}),
    (ORDER, {"productOrderItem": [ITEM], "channel": [{"id": "web"}], "note": [{"text": "Please ring."}]}),
    (("TMF622", "ProductOrder_Update"), {"description": None, "requestedStartDate": "2026-03-01T12:00:00.123Z"}),
    (("TMF622", "ProductOrder_Update"), {"billingAccount": {"name": None}}),
    (("TMF663", "CartItem_Update"), {"quantity": 3}),
    (("omnihub", "BillingAccount_Create"), {"currency": "EUR", "cycleDay": 3, "customer": {"id": "c"}}),
]


@pytest.mark.parametrize(("of", "body"), FINE)
def test_what_the_standard_allows_is_not_refused(of: tuple[str, str], body: object) -> None:
    assert shape.check(body, *of) == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026-03-01T12:00:00Z", True),
        ("2026-03-01T12:00:00.123456789+05:30", True),
        ("2024-02-29T23:59:59-00:30", True),
        ("2026-03-01T12:00:00", False),
        ("2026-03-01", False),
        ("2026-03-01 12:00:00Z", False),
        ("2026-02-29T12:00:00Z", False),
        ("2026-03-01T24:30:00Z", False),
        ("2026-03-01T12:00:00+25:00", False),
        ("0000-01-01T00:00:00Z", False),
        ("0001-01-01T00:00:00+14:00", False),
        ("٢٠٢٦-03-01T12:00:00Z", False),
        ("2026-03-01T12:00:00Z\n", False),
        ("", False),
    ],
)
def test_a_moment_has_an_offset_and_exists(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert shape.is_date_time(text) is is_one
    assert (shape.check({"date": text}, "TMF663", "Note") == []) is is_one


def test_only_so_much_nesting_is_read() -> None:
    assert shape.check(deep(24), *LINE) == []

    (fault,) = shape.check(deep(41), *LINE)

    assert fault.endswith("is nested more than 24 deep.")


def test_what_the_standard_leaves_open_is_bounded_too() -> None:
    value: object = 1
    for _ in range(60):
        value = [value]

    faults = shape.check({"name": "x", "value": value}, "TMF663", "Characteristic")
    wide = shape.check({"name": "x", "value": {"a" * 20_000: "\x00"}}, "TMF663", "Characteristic")

    assert [fault[-28:] for fault in faults] == ["is nested more than 24 deep."]
    assert len(wide) == 2
    assert all(len(fault) < 600 for fault in wide)


def test_ten_faults_are_enough() -> None:
    assert len(shape.check({f"x{number}": 1 for number in range(10_000)}, *CART)) == 10


def test_the_names_known_are_the_standards_and_ours() -> None:
    known = shape.known(*CART)

    assert {"cartItem", "validFor", "catalogVersion", "@type"} <= known
    assert "id" not in known


def test_an_unknown_definition_is_our_own_mistake() -> None:
    with pytest.raises(LookupError, match="TMF663 has no definition Basket"):
        shape.check({}, "TMF663", "Basket")
    with pytest.raises(LookupError, match="TMF663 has no definition BasketEvent"):
        shape.check({}, "TMF663", "BasketEvent")
    with pytest.raises(LookupError, match="There are no names of TMF999"):
        shape.check({}, "TMF999", "Basket")


READ = [
    (b'{"a": [-2, 1.50, 1e3, true, null, "\xc3\xbc"]}', {"a": [-2, Decimal("1.50"), Decimal("1e3"), True, None, "ü"]}),
    ("[0.30000000000000004]", [Decimal("0.30000000000000004")]),
    ("1000000000000000", 10**15),
    ("[" * 100 + "]" * 100, None),
    ('["' + "[" * 5_000 + '"]', ["[" * 5_000]),
]


@pytest.mark.parametrize(("text", "value"), READ)
def test_json_is_read_without_loss(text: str | bytes, value: object) -> None:
    assert value is None or shape.parse_json(text) == value


REFUSED = [
    ("", "The body is empty; JSON is expected."),
    (" \n", "The body is empty; JSON is expected."),
    ("{", "The body is not JSON: expecting property name enclosed in double quotes at line 1, column 2."),
    ('{"a": 1} x', "The body is not JSON: extra data at line 1, column 10."),
    ('["a\x00"]', "The body is not JSON: invalid control character at line 1, column 4."),
    (b"\xff\xfe", "The body is not UTF-8 text."),
    ('"\ud800"', "The body is not UTF-8 text."),
    ('{"a": 1, "a": 1}', 'The name "a" is given twice in one object.'),
    ('[{"x": {"\\ud800": 1, "\\ud800": 2}}]', 'The name "?" is given twice in one object.'),
    ("[NaN]", "NaN is not a JSON number."),
    ("[-Infinity]", "-Infinity is not a JSON number."),
    ("1000000000000001", "The number 1000000000000001 is too large."),
    ("-" + "9" * 5_000, f"The number -{'9' * 199}… is too large."),
    ("1e400", "The number 1e400 is too large."),
    ("1e99999999999999999999", "The number 1e99999999999999999999 cannot be held exactly."),
    ("0e-99999", "The number 0e-99999 cannot be held exactly."),
    ("0." + "1" * 35, f"The number 0.{'1' * 35} cannot be held exactly."),
    ("[" * 101 + "]" * 101, "The body is nested more than 100 deep."),
    ('{"a":' * 100_000, "The body is nested more than 100 deep."),
    ("[" * 500_000, "The body is nested more than 100 deep."),
    ("9" * (512 * 1024 + 1), "The body is larger than 512 KB."),
    ('"' + "ü" * (256 * 1024) + '"', "The body is larger than 512 KB."),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_quite_json_is_refused_with_a_sentence(text: str | bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        shape.parse_json(text)

    assert str(refused.value) == sentence


def test_no_text_makes_reading_slow() -> None:
    for text in ("[" + '\\"' * 250_000, "[" + "[]," * 170_000, '"' * 500_000, '["' * 170_000):
        with pytest.raises(ValueError, match="The body"):
            shape.parse_json(text)


TEXT = st.text(st.characters(exclude_categories=[]), max_size=8)
KNOWN = st.sampled_from([*sorted(names.definition("TMF663", "CartItem").properties), "name", "value", "role", "note"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KNOWN | TEXT, inner, max_size=5),
    max_leaves=20,
)
KINDS = st.sampled_from([CART, LINE, ORDER, ("TMF663", "CartItem_Update"), ("TMF637", "Product_Create")])
ANY = settings(max_examples=150, deadline=None, database=None)


@ANY
@given(JSON, KINDS)
def test_no_json_is_too_strange_to_be_judged(body: object, of: tuple[str, str]) -> None:
    faults = shape.check(body, *of)

    assert len(faults) <= 10
    assert all(fault.encode() and fault.endswith((".", "?")) for fault in faults)


@ANY
@given(st.dictionaries(KNOWN, JSON, max_size=3), TEXT, JSON, KINDS)
@example({}, "itemz", 1, CART)
def test_an_unknown_name_is_never_passed(body: dict[str, Any], name: str, value: object, of: tuple[str, str]) -> None:
    known = shape.known(*of)

    faults = shape.check({**body, f"x{name}": value}, *of)

    assert f"x{name}" in known or faults


@ANY
@given(st.binary(max_size=40) | TEXT | st.text('{}[]",:0123456789.eE+-\\ntrufals', max_size=60))
def test_no_text_is_read_halfway(text: str | bytes) -> None:
    try:
        shape.parse_json(text)
    except ValueError as refused:
        assert str(refused).endswith(".")  # noqa: PT017
