"""Choices as they are written in the telco's files, and those that a catalog cannot be published with."""

from pathlib import Path
from typing import Any

import pytest

from cli.telco import TelcoError, compile_brand
from functions.catalog import check
from tests.unit.test_catalog import catalog, monthly, offering
from tests.unit.test_configuration import group, needs, of, part, relation, specification, values
from tests.unit.test_telco import SMALL

Json = dict[str, Any]
CHOICES = """
characteristics:
  screens: { label: Screens, type: number }
  quality: { label: Quality }
specifications:
  tv:
    name: TV
    characteristics:
      screens: { choose: [2, 4, 6], usual: 4, least: 0, most: 2 }
      size: { from: 20, to: 60 }
      quality: [HD, UHD]
    rules:
      - { when: { quality: UHD }, requires: { screens: [4, 6] }, excludes: { size: 20 }, of: thing }
      - { when: { screens: 2 }, excludes: { quality: UHD } }
offerings:
  tv: { name: TV, description: A TV., category: things, specification: tv, channels: web, prices: [monthly: 5] }
  home:
    name: Home
    description: All of it.
    category: things
    channels: web
    bundles: [thing]
    optional: [tv: { most: 3, usual: 2, excludes: thing }]
  pick:
    name: Pick
    description: One of them.
    category: things
    channels: web
    choices:
      any: { name: Any, of: [tv, thing], usual: thing }
      more: { name: More, least: 0, most: 2, of: home }
"""


def compiled(tmp_path: Path, text: str = CHOICES) -> Json:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "all.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "choices.yaml").write_text(text, encoding="utf-8")
    return compile_brand(tmp_path, "tiny")


def found(listed: list[Json], id_: str) -> Json:
    return next(each for each in listed if each["id"] == id_)


def limits(least: int, most: int, usual: int | None = None) -> Json:
    option = {"numberRelOfferLowerLimit": least, "numberRelOfferUpperLimit": most}
    return option if usual is None else {**option, "numberRelOfferDefault": usual}


def test_the_parts_of_a_bundle_say_how_many_there_may_be(tmp_path: Path) -> None:
    made = compiled(tmp_path)["productOffering"]

    home, pick = found(made, "home"), found(made, "pick")
    assert (home["isBundle"], "productOfferingPrice" in home) == (True, False)
    assert home["bundledProductOffering"] == [
        {"id": "thing"},
        {
            "id": "tv",
            "bundledProductOfferingOption": limits(0, 3, 2),
            "productOfferingRelationship": [{"id": "thing", "relationshipType": "excludes"}],
        },
    ]
    one, more = pick["bundledGroupProductOffering"]
    assert (one["id"], one["name"]) == ("any", {"de": "Any", "en": "Any"})
    assert one["bundledGroupProductOfferingOption"] == limits(1, 1)
    assert more["bundledGroupProductOfferingOption"] == limits(0, 2)
    assert [(p["id"], p["bundledProductOfferingOption"]) for p in one["bundledProductOffering"]] == [
        ("thing", limits(0, 1, 1)),
        ("tv", limits(0, 1, 0)),
    ]


def test_values_and_the_rules_between_them_are_the_specification_s(tmp_path: Path) -> None:
    (quality, screens, size) = found(compiled(tmp_path)["productSpecification"], "tv")["productSpecCharacteristic"]

    listed = [(v["value"], v["isDefault"]) for v in screens["productSpecCharacteristicValue"]]
    assert listed == [(2, False), (4, True), (6, False)]
    assert (screens["configurable"], screens["minCardinality"], screens["maxCardinality"]) == (True, 0, 2)
    (bounds,) = size["productSpecCharacteristicValue"]
    assert (bounds["valueFrom"], bounds["valueTo"], size["minCardinality"]) == (20, 60, 1)
    assert screens["productSpecCharRelationship"] == [
        {"name": "quality", "relationshipType": "excludes", "value": [2], "relatedValue": ["UHD"]}
    ]
    assert quality["productSpecCharRelationship"] == [
        {"name": name, "id": "thing", "relationshipType": kind, "value": ["UHD"], "relatedValue": related}
        for name, kind, related in (("screens", "requires", [4, 6]), ("size", "excludes", [20]))
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("bundles: [thing]", "bundles: [thing: { least: 5, most: 2 }]", "more at least (5) than at most (2)"),
        ("bundles: [thing]", "bundles: [thing: { usual: 0 }, home]", "the bundle 'home' contains itself"),
        ("bundles: [thing]", "bundles: [thing: { most: 3, usual: 4 }]", "usually has 4, which is not from 1 to 3"),
        ("bundles: [thing]", "bundles: [thing: { most: 100 }]", "'100' is not a whole number from 0 to 99"),
        ("bundles: [thing]", "bundles: [thing: { mots: 1 }]", "has a field 'mots', which is not known; did you mean"),
        ("bundles: [thing]", "bundles: [{ thing: {}, tv: {} }]", "name one offer, as in"),
        (
            "bundles: [thing]",
            "bundles: [think: { most: 2 }]",
            "there is no 'think' in offerings; did you mean 'thing'?",
        ),
        ("of: home }", "of: home, usual: tv }", "'tv' is usual in 'more', but not one to choose there"),
        ("least: 0, most: 2, of: home", "least: 3, most: 2, of: home", "more at least (3) than at most (2)"),
        ("name: More, ", "", "the choice 'more' of 'pick' has no 'name'"),
        ("usual: 4, least", "usual: 5, least", "'5' is usual, but not one to choose"),
        ("choose: [2, 4, 6], usual: 4, ", "", "does not say what there is to choose"),
        ("{ from: 20, to: 60 }", "{ from: 60, to: 20 }", "ends before it begins"),
        ("{ from: 20, to: 60 }", "{ from: 20.5, to: 60 }", "a bound must be a whole number"),
        ("{ from: 20, to: 60 }", "{ from: 20, to: 60, choose: 30 }", "has either 'choose' or 'from' and 'to'"),
        ("least: 0, most: 2 }\n      size", "least: 3, most: 2 }\n      size", "takes at most 2 values, fewer than"),
        ("when: { screens: 2 }", "when: { colour: red }", "'colour' is none of the characteristics of"),
        ("when: { screens: 2 }", "when: { screens: 2, size: 30 }", "a rule follows from one characteristic"),
        ("excludes: { quality: UHD } }", "excludes: { qualty: UHD } }", "the characteristic 'qualty' is not known"),
        (", excludes: { quality: UHD } }", " }", "neither requires nor excludes anything"),
        ("of: thing }", "of: think }", "there is no 'think' in specifications; did you mean 'thing'?"),
    ],
)
def test_a_slip_of_the_pen_is_told_in_a_sentence(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in CHOICES
    with pytest.raises(TelcoError) as wrong:
        compiled(tmp_path, CHOICES.replace(old, new))
    assert sentence in str(wrong.value)
    assert str(wrong.value).startswith("tiny/choices.yaml, line ")


# --- what check finds --------------------------------------------------------------------------------------------


def bundle(*parts: Json, **more: Any) -> Json:
    return offering("all", isBundle=True, bundledProductOffering=list(parts), **more)


def holds(id_: str) -> Json:
    return {"bundledProductOffering": [{"id": id_}]}


def findings(*offerings: Json, specified: tuple[Json, ...] = ()) -> list[str]:
    sold = [offering(id_, "m") for id_ in "abc" if id_ not in {each["id"] for each in offerings}]
    shop = catalog([*sold, *offerings], [monthly("m", "1.00")], productSpecification=list(specified))
    return [each.partition("): ")[2] for each in check.findings(shop.content)]


SIZES = (group("g", part("b"), part("c")),)
FAULTS: list[tuple[list[Json], str]] = [
    ([bundle({"id": "all"})], "it contains itself (all in all);"),
    (
        [bundle({"id": "sub"}), offering("sub", "m", bundledProductOffering=[{"id": "all"}])],
        "it contains itself (all in sub in all);",
    ),
    (
        [
            bundle({"id": "d0"}),
            *(offering(f"d{n}", "m", bundledProductOffering=[{"id": f"d{n + 1}"}]) for n in range(7)),
        ],
        "its parts lie more than 5 bundles deep (d4 in d3 in d2 in d1 in d0 in all);",
    ),
    ([bundle(part("a", 3, 2))], "it must have at least 3 of a and may have at most 2."),
    ([bundle(part("a", 1, 2, 3))], "it usually has 3 of a, which is not from 1 to 2."),
    ([bundle(part("a"), part("a"))], "it has a as a part twice; name it once, with how many there may be."),
    (
        [bundle(part("a"), bundledGroupProductOffering=[group("g", part("a"), part("b"))])],
        "it has a as a part twice; name it once, with how many there may be.",
    ),
    (
        [bundle(part("a"), {"id": "gone"}), offering("gone", "m", lifecycleStatus="Retired")],
        "its part gone is Retired; take it out, or retire the bundle too.",
    ),
    (
        [bundle(bundledGroupProductOffering=[group("g", part("a"), least=2, most=2)])],
        "at least 2 are to be chosen of g, which has only 1.",
    ),
    (
        [bundle(bundledGroupProductOffering=[group("g", part("a"), part("b"), least=2, most=1)])],
        "at least 2 and at most 1 are to be chosen of g.",
    ),
    (
        [bundle(bundledGroupProductOffering=[group("g", part("a", usual=1), part("b", usual=1))])],
        "more are usual of g than the 1 that may be chosen.",
    ),
    (
        [
            bundle({"id": "a"}, {"id": "b"}),
            offering("a", "m", productOfferingRelationship=relation("excludes", "b")),
        ],
        "no choice of its parts goes together (Tarif a cannot be together with Tarif b); change",
    ),
    (
        [
            bundle({"id": "a"}, bundledGroupProductOffering=[*SIZES]),
            offering("a", "m", productOfferingRelationship=relation("excludes", "b", "c")),
        ],
        "no choice of its parts goes together (Choose 1 of G for Tarif all: none of it can be had here); change",
    ),
    (
        [
            bundle({"id": "a"}, part("b"), part("c")),
            offering("a", "m", productOfferingRelationship=relation("requires", "b")),
            offering("b", "m", productOfferingRelationship=relation("excludes", "a")),
        ],
        "no choice of its parts goes together (Tarif a requires Tarif b; choose it too); change",
    ),
    (
        [offering("a", "m", prodSpecCharValueUse=[values("size", 1)])],
        "it narrows characteristics (prodSpecCharValueUse), but has no productSpecification.",
    ),
]


@pytest.mark.parametrize(("offerings", "sentence"), FAULTS, ids=[each[1][:50] for each in FAULTS])
def test_a_bundle_that_nobody_can_have_is_found(offerings: list[Json], sentence: str) -> None:
    assert any(each.startswith(sentence) for each in findings(*offerings)), findings(*offerings)


@pytest.mark.parametrize(
    "offerings",
    [
        [bundle({"id": "a"}, part("b"), bundledGroupProductOffering=[group("g", part("c"), least=0)])],
        [
            bundle({"id": "a"}, bundledGroupProductOffering=[group("g", part("b"), part("c"))]),
            offering("a", "m", productOfferingRelationship=relation("excludes", "b")),
        ],
        [
            bundle({"id": "a"}, part("b"), part("c")),
            offering("a", "m", productOfferingRelationship=relation("requires", "b", "c")),
            offering("b", "m", productOfferingRelationship=relation("excludes", "a")),
        ],
        [bundle(*(part(f"x{n}") for n in range(150))), *(offering(f"x{n}", "m") for n in range(150))],
    ],
    ids=["some may be added", "the other of two", "one of two helps", "many to choose from"],
)
def test_a_bundle_that_somebody_can_have_is_not(offerings: list[Json]) -> None:
    assert findings(*offerings) == []


CHARACTERISTICS: list[tuple[Json, str]] = [
    (values("size", 1, 2, minCardinality=3, maxCardinality=2), "it takes at least 3 and at most 2 values."),
    ({"name": "size", "regex": "(a"}, "regex (a is none of RE2 with at most 200 characters."),
    ({"name": "size", "regex": r"(a)\1"}, r"regex (a)\1 is none of RE2 with at most 200 characters."),
    ({"name": "size", "regex": "a" * 201}, f"regex {'a' * 59}… is none of RE2 with at most 200 characters."),
    (values("size", "big", valueType="number"), "its value big is not of the kind number, or not as its regex says."),
    (values("size", "big", regex="[0-9]+"), "its value big is not of the kind string, or not as its regex says."),
    (
        {"name": "size", "productSpecCharacteristicValue": [{}]},
        "a value of it has none of value, valueFrom,",
    ),
    (
        {"name": "size", "valueType": "number", "productSpecCharacteristicValue": [{"valueFrom": 9, "valueTo": 1}]},
        "its values begin (9) after they end (1).",
    ),
    (
        {"name": "size", "productSpecCharacteristicValue": [{"valueFrom": 1, "valueTo": 2}]},
        "it has a range of values, but is a string.",
    ),
    (
        {"name": "size", "productSpecCharacteristicValue": [{"value": n, "isDefault": True} for n in (1, 2)]},
        "it has more defaults than the 1 that it takes.",
    ),
    (
        {"name": "size", "minCardinality": 1, "configurable": False},
        "it cannot be chosen (configurable is false)",
    ),
    (
        values("size", 1, productSpecCharRelationship=[needs("size", 2, 1)]),
        "it requires something where it is 2, which it cannot be.",
    ),
    (
        values("size", 1, productSpecCharRelationship=[needs("colour", 1)]),
        "it requires the characteristic colour, which thing has not.",
    ),
    (
        values("size", 1, productSpecCharRelationship=[needs("size", 1, 7, kind="excludes")]),
        "it excludes size 7, which that cannot be.",
    ),
    (
        values("size", 1, productSpecCharRelationship=[needs("colour", 1, of="ghost")]),
        "it requires the productSpecification ghost, which there is not.",
    ),
    (
        values("size", 1, productSpecCharRelationship=[{"relationshipType": "requires"}]),
        "it requires nothing: name another characteristic (name) or specification (id).",
    ),
]


@pytest.mark.parametrize(("stored", "sentence"), CHARACTERISTICS, ids=[each[1][:50] for each in CHARACTERISTICS])
def test_a_characteristic_that_cannot_be_chosen_is_found(stored: Json, sentence: str) -> None:
    found = findings(specified=(specification("thing", stored),))
    assert any(each.startswith(f"characteristic size: {sentence}") for each in found), found


def test_a_specification_names_each_characteristic_once_and_an_offering_only_those() -> None:
    twice = specification("thing", values("size", 1), values("size", 2), {"regex": "x"})
    narrowed = offering("a", "m", **of("thing"), prodSpecCharValueUse=[values("colour", "red"), values("size", 9)])

    assert findings(narrowed, specified=(twice,)) == [
        "prodSpecCharValueUse names the characteristic colour, which its specification has not.",
        "prodSpecCharValueUse: size cannot be 9, says its specification.",
        "it has the characteristic size twice.",
        "a characteristic has no name.",
    ]


@pytest.mark.parametrize("brand", ["nova", "pico"])
def test_the_sample_catalogs_have_no_such_fault(brand: str) -> None:
    assert check.findings(compile_brand(Path(__file__).parents[2] / "telco", brand)) == []
