"""Configurations: what is not chosen is completed, what is missing is said, and all that does not go together."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import configuration
from functions.catalog.catalog import Catalog
from functions.catalog.configuration import Configuration
from tests.unit.test_catalog import NOW, catalog, monthly, offering, period

Json = dict[str, Any]
STEADY = settings(derandomize=True, deadline=None, max_examples=200)


def values(name: str, *listed: Any, **more: Any) -> Json:
    """A characteristic that takes one of these, the first by default."""
    found = [{"value": value, "isDefault": place == 0} for place, value in enumerate(listed)]
    label = {"de": name.upper(), "en": name.capitalize()}
    return {"name": name, "description": label, "productSpecCharacteristicValue": found, **more}


def needs(other: str, value: Any, *related: Any, kind: str = "requires", of: str | None = None) -> Json:
    """What a value of a characteristic requires or excludes of another."""
    found = {"relationshipType": kind, "name": other, "id": of, "value": [value], "relatedValue": list(related)}
    return {name: each for name, each in found.items() if each}


def specification(id_: str, *characteristics: Json) -> Json:
    return {"id": id_, "name": id_, "lifecycleStatus": "Active", "productSpecCharacteristic": list(characteristics)}


def part(id_: str, least: int = 0, most: int = 1, usual: int = 0, **more: Any) -> Json:
    option = {"numberRelOfferLowerLimit": least, "numberRelOfferUpperLimit": most, "numberRelOfferDefault": usual}
    return {"id": id_, "bundledProductOfferingOption": option, **more}


def group(id_: str, *parts: Json, least: int = 1, most: int = 1) -> Json:
    option = {"numberRelOfferLowerLimit": least, "numberRelOfferUpperLimit": most}
    return {
        "id": id_,
        "name": {"de": id_.upper(), "en": id_.capitalize()},
        "bundledGroupProductOfferingOption": option,
        "bundledProductOffering": list(parts),
    }


def of(specified: str) -> Json:
    return {"productSpecification": {"id": specified}}


def relation(kind: str, *others: str, **more: Any) -> list[Json]:
    return [{"id": other, "relationshipType": kind, **more} for other in others]


SPECIFICATIONS = [
    specification(
        "box",
        values("quality", "HD", "UHD", productSpecCharRelationship=[needs("cable", "UHD", "LAN")]),
        values("cable", "WLAN", "LAN"),
        values("colours", "black", "white", "red", maxCardinality=2, minCardinality=1),
        {"name": "serial", "regex": "[A-Z]{2}[0-9]{4}"},
        {
            "name": "volume",
            "valueType": "number",
            "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 10, "rangeInterval": "closedBottom"}],
        },
        values("maker", "Nova", configurable=False),
    ),
    specification("asked", {"name": "number", "minCardinality": 1}, {"name": "wish"}),
    specification(
        "tv",
        values("screens", 2, 4, valueType="number", productSpecCharRelationship=[needs("quality", 4, "UHD", of="box")]),
        values("flag", *(False, True), valueType="boolean"),
    ),
]


def wide(level: int) -> list[Json]:
    return [part(f"wide-{level}-{i}", 1) for i in range(9)]


USE = [{"name": "screens", "productSpecCharacteristicValue": [{"value": 4}]}]
SHOP = catalog(
    [
        offering("box", "box-m", **of("box")),
        offering("line", "line-m", **of("asked")),
        offering("tv", "tv-m", **of("tv")),
        offering("tv-small", "tv-m", **of("tv"), prodSpecCharValueUse=[values("screens", 2)]),
        offering("sport", "sport-m", productOfferingRelationship=relation("requires", "tv", "tv-small")),
        offering("kids", "sport-m", productOfferingRelationship=relation("excludes", "sport")),
        offering("cinema", "sport-m", productOfferingRelationship=relation("requires", "tv", prodSpecCharValueUse=USE)),
        offering("gone", "sport-m", lifecycleStatus="Retired"),
        offering("hidden", "sport-m", isSellable=False, channels=["shop"]),
        offering(
            "bundle",
            isBundle=True,
            bundledProductOffering=[
                part("box", 1, 1, 1),
                part("sport"),
                part("kids"),
                part("cinema"),
                part("line", 0, 3, 0),
            ],
            bundledGroupProductOffering=[group("tele", part("tv"), part("tv-small", usual=1))],
        ),
        offering(
            "fixed",
            "bundle-m",
            isBundle=True,
            bundledProductOffering=[{"id": "box"}, part("line", 1, 4, 2), part("sport")],
            bundledGroupProductOffering=[
                group("tele", part("tv", usual=1), part("tv-small")),
                group("more", part("kids"), part("cinema"), least=0, most=2),
            ],
        ),
        offering("double", isBundle=True, bundledProductOffering=[part("bundle", 1, 2, 1), part("fixed", 0, 2, 0)]),
        offering("snake", isBundle=True, bundledProductOffering=[{"id": "snake"}, {"id": "tail"}]),
        offering("tail", isBundle=True, bundledProductOffering=[{"id": "snake"}]),
        *(offering(f"deep-{n}", isBundle=True, bundledProductOffering=[{"id": f"deep-{n + 1}"}]) for n in range(30)),
        *(
            offering(f"wide-{n}-{i}", isBundle=True, bundledProductOffering=wide(n + 1))
            for n in range(4)
            for i in range(9)
        ),
        *(offering(f"wide-4-{i}") for i in range(9)),
        offering("ghostly", isBundle=True, bundledProductOffering=[{"id": "ghost"}]),
        offering("dated", isBundle=True, bundledProductOffering=[{"id": "gone"}, part("hidden", 0, 1, 1)]),
    ],
    [monthly("box-m", "5.00"), monthly("line-m", "7.00"), monthly("tv-m", "9.00"), monthly("bundle-m", "20.00")],
    productSpecification=SPECIFICATIONS,
)


def chosen(id_: str | None = None, *parts: Json, quantity: int | None = None, **characteristics: Any) -> Json:
    """A line or a part with these characteristics and parts."""
    found: Json = {}
    if id_:
        found["productOffering"] = {"id": id_}
    if quantity is not None:
        found["quantity"] = quantity
    if characteristics:
        found["product"] = {"productCharacteristic": [{"name": n, "value": v} for n, v in characteristics.items()]}
    if parts:
        found["cartItem"] = list(parts)
    return found


def look(id_: str, item: Json, shop: Catalog = SHOP, **more: Any) -> Configuration:
    stored = shop.offering(id_)
    assert stored
    return configuration.look(shop, stored, item, language="en", **more)


def reasons(found: list[Json]) -> list[str]:
    return [each["reason"] for each in found]


def told(item: Json) -> dict[str, Any]:
    """The characteristics of an item by name."""
    listed = (item.get("product") or {}).get("productCharacteristic") or []
    return {each["name"]: each["value"] for each in listed}


def held(item: Json) -> list[tuple[str, int]]:
    return [(each["productOffering"]["id"], each.get("quantity", 1)) for each in item.get("cartItem", [])]


# --- completing --------------------------------------------------------------------------------------------------


def test_what_nobody_chose_has_its_default_and_what_must_be_asked_is_missing() -> None:
    found = look("box", {})
    assert (found.state, told(found.item)) == ("complete", {"quality": "HD", "cable": "WLAN", "colours": "black"})

    asked = look("line", {})
    assert (asked.state, reasons(asked.missing)) == ("incomplete", ["Choose number for Plan line."])
    (gap,) = asked.missing
    assert (gap["productOffering"]["id"], gap["characteristic"], gap["allowed"]) == ("line", "number", [])


def test_what_was_chosen_stays_as_it_was_said_and_defaults_follow_it() -> None:
    said = chosen(cable="LAN", maker="Nova")
    said["product"]["place"] = [{"id": "home"}]

    found = look("box", said)

    assert found.item["product"]["place"] == [{"id": "home"}]
    assert [*told(found.item)] == ["cable", "maker", "quality", "colours"]


def test_a_bundle_has_what_must_be_in_it_and_what_is_usual() -> None:
    found = look("bundle", {})

    assert held(found.item) == [("box", 1), ("tv-small", 1)]
    assert told(found.item["cartItem"][0])["quality"] == "HD"
    assert found.state == "complete"


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([chosen("sport")], [("sport", 1), ("box", 1), ("tv-small", 1)]),
        ([chosen("tv")], [("tv", 1), ("box", 1)]),
        ([chosen("line", number="1"), chosen("line", quantity=2, number="2")], [("line", 1), ("line", 2)]),
        ([], [("box", 1), ("tv-small", 1)]),
    ],
)
def test_what_a_customer_names_comes_first_and_what_must_be_follows(
    parts: list[Json], kept: list[tuple[str, int]]
) -> None:
    found = look("bundle", {"cartItem": parts})

    assert held(found.item)[: len(kept)] == kept
    assert {"box"} <= {id_ for id_, _ in held(found.item)}
    assert found.state == "complete"


def test_what_is_usual_but_optional_is_left_out_once_parts_are_named() -> None:
    lines = [part("line", 0, 2, 1)]
    shop = catalog([offering("line"), offering("pair", isBundle=True, bundledProductOffering=lines)])

    assert held(look("pair", {}, shop).item) == [("line", 1)]
    assert held(look("pair", {"cartItem": []}, shop).item) == []


def test_a_default_that_the_choice_rules_out_is_not_taken_and_what_remains_is_said() -> None:
    found = look("box", chosen(quality="UHD"))

    assert "cable" not in told(found.item)
    assert (found.state, reasons(found.missing)) == ("incomplete", ["Choose Cable for Plan box: LAN."])
    assert found.missing[0]["allowed"] == ["LAN"]


def test_a_bundle_of_bundles_is_completed_to_the_last_part() -> None:
    found = look("double", {"cartItem": [chosen("bundle", chosen("tv", screens=2), quantity=2)]})

    (bundle,) = found.item["cartItem"]
    assert held(bundle) == [("tv", 1), ("box", 1)]
    assert told(bundle["cartItem"][0]) == {"screens": 2, "flag": False}


def test_a_change_of_what_a_customer_has_completes_nothing_and_misses_nothing() -> None:
    found = look("line", chosen(wish="quiet"), whole=False)
    assert (found.state, told(found.item)) == ("complete", {"wish": "quiet"})

    assert reasons(look("box", chosen(quality="8K"), whole=False).conflict) == [
        "Quality of Plan box cannot be 8K: it is HD or UHD."
    ]
    assert look("bundle", {}, whole=False).item == {}


# --- what is missing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "item", "sentences"),
    [
        ("bundle", chosen(None, chosen("line")), ["Choose number for Plan line."]),
        ("bundle", chosen(None, chosen("cinema")), ["Plan cinema requires Plan tv; choose it too."]),
        ("fixed", chosen(None, chosen("line", quantity=2, number="1")), []),
        ("double", chosen(None, chosen("bundle", chosen("line"))), ["Choose number for Plan line."]),
        ("box", chosen(quality="UHD", cable=None), ["Choose Cable for Plan box: LAN."]),
    ],
)
def test_what_is_missing_is_said(id_: str, item: Json, sentences: list[str]) -> None:
    assert reasons(look(id_, item).missing) == sentences


def test_a_group_of_which_nothing_is_usual_is_missing_and_says_what_there_is() -> None:
    one = group("pay", part("card"), part("bill"), part("gone"), least=1, most=2)
    sold = [offering("card"), offering("bill"), offering("gone", lifecycleStatus="Retired")]
    shop = catalog([*sold, offering("plan", isBundle=True, bundledGroupProductOffering=[one])])

    (gap,) = look("plan", {}, shop, channel="web", as_of=NOW).missing

    assert gap["reason"] == "Choose 1 to 2 of Pay for Plan plan: Plan card or Plan bill."
    assert (gap["group"], gap["allowed"]) == ("pay", ["card", "bill"])
    assert (gap["numberRelOfferLowerLimit"], gap["numberRelOfferUpperLimit"]) == (1, 2)


def test_fewer_than_a_part_needs_are_missing() -> None:
    shop = catalog([offering("sim"), offering("team", isBundle=True, bundledProductOffering=[part("sim", 3, 9)])])

    found = look("team", chosen(None, chosen("sim", quantity=2)), shop)

    assert reasons(found.missing) == ["Plan team needs 3 of Plan sim."]


# --- conflicts ---------------------------------------------------------------------------------------------------

CONFLICTS: list[tuple[str, Json, str, tuple[str | None, str | None]]] = [
    (
        "box",
        chosen(quality="8K"),
        "Quality of Plan box cannot be 8K: it is HD or UHD.",
        ("quality", "quality"),
    ),
    ("box", chosen(volume=11), "volume of Plan box cannot be 11: it is from 1 to 10.", ("volume", "volume")),
    ("box", chosen(volume=10), "volume of Plan box cannot be 10: it is from 1 to 10.", ("volume", "volume")),
    ("box", chosen(volume="loud"), "volume of Plan box cannot be loud: it is from 1 to 10.", ("volume", "volume")),
    (
        "box",
        chosen(serial="x"),
        "serial of Plan box cannot be x: it is like [A-Z]{2}[0-9]{4}.",
        ("serial", "serial"),
    ),
    ("box", chosen(maker="Pico"), "Maker of Plan box cannot be Pico: it is Nova.", ("maker", "maker")),
    ("box", chosen(size=3), "Plan box has no characteristic size.", (None, "size")),
    (
        "box",
        chosen(quality=["HD", "UHD"], cable="LAN"),
        "Quality of Plan box cannot be both HD and UHD.",
        ("quality", "quality"),
    ),
    (
        "box",
        chosen(colours=["black", "white", "red"]),
        "Colours of Plan box takes at most 2 values, not 3.",
        ("colours", "colours"),
    ),
    (
        "box",
        chosen(quality="UHD", cable="WLAN"),
        "Quality UHD of Plan box requires Cable LAN, not WLAN.",
        ("quality", "cable"),
    ),
    ("tv", chosen(flag="perhaps"), "Flag of Plan tv cannot be perhaps: it is no or yes.", ("flag", "flag")),
    ("tv-small", chosen(screens=4), "Screens of Plan tv-small cannot be 4: it is 2.", ("screens", "screens")),
    ("bundle", chosen(None, chosen("fixed")), "Plan bundle cannot have Plan fixed as a part.", (None, None)),
    ("bundle", chosen(None, chosen("ghost")), "Plan bundle cannot have ghost as a part.", (None, None)),
    ("box", chosen(None, chosen("tv")), "Plan box cannot have Plan tv as a part.", (None, None)),
    (
        "bundle",
        chosen(None, chosen("tv"), chosen("tv-small")),
        "Plan tv and Plan tv-small cannot both be chosen: Tele takes one of them.",
        (None, None),
    ),
    (
        "bundle",
        chosen(None, chosen("line", quantity=4, number="1")),
        "Plan bundle has at most 3 of Plan line, not 4.",
        (None, None),
    ),
    (
        "bundle",
        chosen(None, chosen("sport"), chosen("kids")),
        "Plan kids cannot be together with Plan sport.",
        (None, None),
    ),
    (
        "bundle",
        chosen(None, chosen("tv", screens=2), chosen("cinema")),
        "Plan cinema requires Plan tv with Screens 4.",
        (None, "screens"),
    ),
    (
        "bundle",
        chosen(None, chosen("tv", screens=4), chosen("box", quality="HD")),
        "Screens 4 of Plan tv requires Quality UHD of Plan box, not HD.",
        ("screens", "quality"),
    ),
    (
        "bundle",
        chosen(None, chosen("sport", quantity=0)),
        "The quantity of Plan sport must be a whole number from 1 to 99.",
        (None, None),
    ),
    ("tail", {}, "Plan tail contains itself; the catalog must be mended.", (None, None)),
    ("ghostly", {}, "Plan ghostly has the part ghost, which the catalog does not hold.", (None, None)),
]


@pytest.mark.parametrize(("id_", "item", "sentence", "pair"), CONFLICTS, ids=[each[2][:60] for each in CONFLICTS])
def test_what_does_not_go_together_is_said_as_a_pair(
    id_: str, item: Json, sentence: str, pair: tuple[str | None, str | None]
) -> None:
    found = look(id_, item)

    assert sentence in reasons(found.conflict)
    assert found.state == "conflicting"
    (conflict,) = [each for each in found.conflict if each["reason"] == sentence]
    assert tuple(one.get("characteristic") for one in conflict["between"]) == pair
    assert all(one["productOffering"]["id"] for one in conflict["between"])
    assert {"code": "configurationConflict", "reason": sentence} in found.bars


def test_all_conflicts_and_all_that_is_missing_are_said_at_once() -> None:
    item = chosen(
        None,
        chosen("tv", screens=3),
        chosen("tv-small"),
        chosen("sport"),
        chosen("kids"),
        chosen("line"),
        chosen("box", quality="UHD", cable="WLAN"),
    )

    found = look("bundle", item)

    assert reasons(found.conflict) == [
        "Plan tv and Plan tv-small cannot both be chosen: Tele takes one of them.",
        "Screens of Plan tv cannot be 3: it is 2 or 4.",
        "Quality UHD of Plan box requires Cable LAN, not WLAN.",
        "Plan kids cannot be together with Plan sport.",
    ]
    assert reasons(found.missing) == ["Choose number for Plan line."]
    places = [one.get("cartItem") for each in found.conflict for one in each["between"]]
    assert places == ["1", "2", "1", "1", "6", "6", "4", "3"]


def test_three_that_exclude_each_other_are_three_pairs() -> None:
    three = group("one", part("a"), part("b"), part("c"))
    sold = [offering("a"), offering("b"), offering("c")]
    shop = catalog([*sold, offering("plan", isBundle=True, bundledGroupProductOffering=[three])])

    found = look("plan", chosen(None, chosen("a"), chosen("b"), chosen("c")), shop)

    pairs = [tuple(one["productOffering"]["id"] for one in each["between"]) for each in found.conflict]
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]


def test_more_of_a_group_than_it_takes_is_one_conflict() -> None:
    found = look("fixed", chosen(None, chosen("line", number="1"), chosen("tv", quantity=2)))
    assert "Plan fixed has at most 1 of Plan tv, not 2." in reasons(found.conflict)
    assert "Plan fixed takes at most 1 of Tele, not 2." in reasons(found.conflict)


@pytest.mark.parametrize("kind", ["excludes", "exclusivity"])
def test_values_that_exclude_each_other_or_a_whole_part(kind: str) -> None:
    colour = values("colour", "red", "blue", productSpecCharRelationship=[needs("trim", "red", "gold", kind=kind)])
    whole = {"relationshipType": kind, "id": "other", "value": ["blue"]}
    colour["productSpecCharRelationship"].append(whole)
    specified = [specification("thing", colour, values("trim", "gold", "grey")), specification("other")]
    sold = [offering("thing", **of("thing")), offering("other", **of("other"))]
    parts = [{"id": "thing"}, part("other")]
    shop = catalog(
        [*sold, offering("all", isBundle=True, bundledProductOffering=parts)], productSpecification=specified
    )

    assert reasons(look("thing", chosen(colour="red", trim="gold"), shop).conflict) == [
        "Colour red of Plan thing excludes Trim gold."
    ]
    both = chosen(None, chosen("thing", colour="blue"), chosen("other"))
    assert reasons(look("all", both, shop).conflict) == ["Colour blue of Plan thing excludes Plan other."]


def test_a_value_that_requires_another_part_says_so_where_the_bundle_has_one() -> None:
    relation = {"relationshipType": "dependency", "id": "dish", "value": ["sky"]}
    signal = values("signal", "cable", "sky", productSpecCharRelationship=[relation])
    specified = [specification("tuner", signal), specification("dish")]
    sold = [offering("tuner", **of("tuner")), offering("dish", **of("dish"))]
    parts = [{"id": "tuner"}, part("dish")]
    shop = catalog(
        [*sold, offering("all", isBundle=True, bundledProductOffering=parts)], productSpecification=specified
    )

    assert look("tuner", chosen(signal="sky"), shop).state == "complete"  # it may be there already
    found = look("all", chosen(None, chosen("tuner", signal="sky")), shop)
    assert reasons(found.missing) == ["Signal sky of Plan tuner requires Plan dish; choose it too."]
    both = chosen(None, chosen("tuner", signal="sky"), chosen("dish"))
    assert look("all", both, shop).state == "complete"


def test_what_is_fixed_counts_where_something_requires_it() -> None:
    relation = needs("size", "UHD", 55, of="screen")
    specified = [
        specification("box", values("quality", "HD", "UHD", productSpecCharRelationship=[relation])),
        specification("screen", values("size", 55, configurable=False, valueType="number")),
    ]
    parts = [{"id": "box"}, {"id": "screen"}]
    shop = catalog(
        [
            offering("box", **of("box")),
            offering("screen", **of("screen")),
            offering("all", isBundle=True, bundledProductOffering=parts),
        ],
        productSpecification=specified,
    )

    assert look("all", chosen(None, chosen("box", quality="UHD")), shop).state == "complete"


def test_a_part_that_is_not_sold_here_is_no_choice() -> None:
    sold: Json = {"channel": "web", "as_of": NOW}
    assert reasons(look("dated", {}, **sold).conflict) == ["Plan gone is not on sale any more."]

    later = offering("later", validFor=period(timedelta(days=1)))
    shop = catalog([later, offering("all", isBundle=True, bundledProductOffering=[part("later")])])
    assert look("all", chosen(None, chosen("later")), shop, **sold).state == "conflicting"
    assert look("all", chosen(None, chosen("later")), shop, channel="web", as_of=NOW + timedelta(days=2)).state == (
        "complete"
    )


@pytest.mark.parametrize("same", [3, "3", 3.0, Decimal("3.00")])
def test_one_number_is_one_number_however_it_is_written(same: Any) -> None:
    assert look("box", chosen(volume=same)).state == "complete"
    assert look("box", chosen(volume=[same, 3])).state == "complete"


@pytest.mark.parametrize("odd", [True, "NaN", "1e400", " 3", "٣", float("inf"), 10**40, [[3]], {"a": 3}, ""])
def test_what_is_no_number_is_none(odd: Any) -> None:
    assert look("box", chosen(volume=odd)).state == "conflicting"


# --- nothing hangs, nothing is raised ----------------------------------------------------------------------------


@pytest.mark.parametrize("id_", ["snake", "tail", "deep-0", "wide-0-0"])
def test_a_bundle_without_an_end_comes_to_an_end(id_: str) -> None:
    found = look(id_, {})
    assert found.conflict
    assert len(str(found)) < 200_000


def test_the_bundle_that_lies_too_deep_is_named() -> None:
    assert reasons(look("deep-0", {}).conflict) == [
        "Plan deep-5 lies more than 5 bundles deep; the catalog must be mended."
    ]


@pytest.mark.parametrize(
    "item",
    [
        {"cartItem": "all of it"},
        {"cartItem": ["tv", None, 3, {}, {"productOffering": "tv"}, {"productOffering": {"id": 3}}]},
        {"cartItem": [chosen("sport") for _ in range(1000)]},
        {"cartItem": [chosen("line", number=str(n)) for n in range(1000)]},
        {"cartItem": [{"productOffering": {"id": "tv"}, "product": "mine"}, {"productOffering": {"id": "x" * 9999}}]},
        {"product": {"productCharacteristic": "all"}},
        {"product": {"productCharacteristic": [3, {}, {"name": 3}, {"name": "x" * 9999, "value": "y" * 9999}]}},
        {"product": {"productCharacteristic": [{"name": "quality", "value": n} for n in range(1000)]}},
        {"product": {"productCharacteristic": [{"name": "quality", "value": [*range(1000)]}]}},
    ],
    ids=range(9),
)
def test_what_is_odd_is_a_conflict_with_a_sentence(item: Json) -> None:
    for id_ in ("bundle", "box"):
        found = look(id_, item)
        shown = configuration.shown(SHOP, found, "en")
        assert found.state == "conflicting" or (id_, item["product"] is not None) == ("bundle", True)
        assert all(len(sentence) < 400 for sentence in reasons(found.conflict))
        assert len(str(shown.get("configuration"))) < 100_000
        configuration.ordered(SHOP, found, "l1", "en")


NAMES = st.sampled_from(["quality", "cable", "colours", "serial", "volume", "maker", "number", "screens", "flag", "x"])
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["HD", "UHD", "LAN", "WLAN", "black", "AB1234", "Nova", 2, 4, "4", 11, True, None, [], {}]
)
ENTRIES = st.fixed_dictionaries({"name": NAMES, "value": VALUES | st.lists(VALUES, max_size=3)})
PRODUCTS = st.fixed_dictionaries({"productCharacteristic": st.lists(ENTRIES, max_size=4)})
IDS = st.sampled_from(["box", "line", "tv", "tv-small", "sport", "kids", "cinema", "bundle", "fixed", "gone", "ghost"])
OFFERINGS = st.fixed_dictionaries({"id": IDS})
PARTS = st.recursive(
    st.fixed_dictionaries(
        {"productOffering": OFFERINGS}, optional={"quantity": st.integers(-1, 4), "product": PRODUCTS}
    ),
    lambda inner: st.fixed_dictionaries(
        {"productOffering": OFFERINGS}, optional={"cartItem": st.lists(inner, max_size=3), "product": PRODUCTS}
    ),
    max_leaves=4,
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
ITEMS = st.fixed_dictionaries(
    {}, optional={"product": PRODUCTS | JUNK, "cartItem": st.lists(PARTS | JUNK, max_size=5) | JUNK}
)
SOLD = st.sampled_from(["box", "line", "tv", "bundle", "fixed", "double", "snake", "dated"])


@STEADY
@given(SOLD, ITEMS, st.sampled_from([{}, {"channel": "web", "as_of": NOW}, {"whole": False}]))
def test_completing_twice_changes_nothing(id_: str, item: Json, where: Json) -> None:
    once = look(id_, item, **where)
    again = look(id_, once.item, **where)

    assert json.dumps(again.item) == json.dumps(once.item)
    assert (again.missing, again.conflict, again.parts) == (once.missing, once.conflict, once.parts)


@STEADY
@given(SOLD, ITEMS)
def test_any_choice_is_complete_or_names_what_to_change(id_: str, item: Json) -> None:
    found = look(id_, item)

    assert (found.state == "complete") == (not found.bars)
    for gap in found.missing:
        assert gap["reason"].endswith(".")
        assert "allowed" in gap
    for conflict in found.conflict:
        one, other = conflict["between"]
        assert one["productOffering"]["id"]
        assert other["productOffering"]["id"]
    if found.state == "complete":
        parts = [part for part in found.item.get("cartItem") or [] if isinstance(part, dict)]
        assert all(look(part["productOffering"]["id"], part).state == "complete" for part in parts)


# --- prices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "item", "expected"),
    [
        ("box", {}, []),
        ("bundle", {}, [("box", 1), ("tv-small", 1)]),
        ("bundle", chosen(None, chosen("line", quantity=3), chosen("tv")), [("line", 3), ("tv", 1), ("box", 1)]),
        ("fixed", {}, [("line", 1)]),
        ("fixed", chosen(None, chosen("line"), chosen("line"), chosen("line", quantity=2)), [("line", 3)]),
        ("fixed", chosen(None, chosen("tv-small"), chosen("kids"), chosen("sport")), [("kids", 1), ("sport", 1)]),
        ("double", {}, [("box", 1), ("tv-small", 1)]),
        ("double", chosen(None, chosen("bundle", quantity=2)), [("box", 2), ("tv-small", 2)]),
        (
            "double",
            chosen(None, chosen("bundle", chosen("tv")), chosen("fixed", chosen("kids"), quantity=2)),
            [("tv", 1), ("box", 1), ("fixed", 2), ("kids", 2)],
        ),
    ],
)
def test_what_of_a_bundle_costs_its_own_price(id_: str, item: Json, expected: list[tuple[str, int]]) -> None:
    assert [(part["id"], count) for part, count in look(id_, item).parts] == expected
