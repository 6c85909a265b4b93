"""The facts the checks stand on: reduced without prose, the same on every run, and documented where they are ours."""

import json
import re
from pathlib import Path

import pytest

from functions.shared import names
from tests.tmf import reduce
from tests.tmf.client import APIS

PAGE = Path(__file__).parents[2] / "docs" / "extensions.md"
SIMPLE = {"any", "base64", "boolean", "date-time", "integer", "number", "string", "uri"}
BLANKS = {"aborted ", "Not Started"}  # the standard's own values

TINY = {
    "info": {"version": "4.0.0", "title": "Tiny"},
    "basePath": "/tmf-api/tiny/v4/",
    "paths": {
        "/thing": {
            "post": {
                "description": "Makes a thing.",
                "parameters": [{"in": "body", "name": "thing", "schema": {"$ref": "#/definitions/Thing_Create"}}],
                "responses": {"201": {"schema": {"$ref": "#/definitions/Thing"}}, "400": {"description": "No."}},
            },
            "get": {"responses": {"200": {"schema": {"type": "array", "items": {"$ref": "#/definitions/Thing"}}}}},
        },
        "/thing/{id}": {"delete": {"responses": {"204": {"description": "Gone."}}}},
    },
    "definitions": {
        "Thing": {
            "description": "A thing of some kind.",
            "discriminator": "@type",
            "allOf": [
                {"$ref": "#/definitions/Entity"},
                {
                    "properties": {
                        "size": {"type": "number", "format": "float", "description": "How big."},
                        "part": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/Thing"}},
                        "kind": {"$ref": "#/definitions/KindType"},
                        "extra": {"$ref": "#/definitions/Any"},
                    },
                    "required": ["size"],
                },
            ],
        },
        "Entity": {
            "properties": {"id": {"type": "string"}, "at": {"type": "string", "format": "date-time"}},
            "required": ["id"],
        },
        "Thing_Create": {"properties": {"tag": {"type": "array", "items": {"type": "string"}}}},
        "KindType": {"type": "string", "enum": ["b", "a "]},
        "Any": {},
    },
}
TINY_REDUCED = """\
{"api":"TMF000",
"version":"4.0.0",
"basePath":"/tmf-api/tiny/v4",
"definitions":{
"Entity":{"properties":{"at":"date-time","id":"string"},"required":["id"]},
"KindType":{"enum":["b","a "]},
"Thing":{"properties":{"at":"date-time","extra":"any","id":"string","kind":"KindType","part":"Thing[1..]",\
"size":"number"},"required":["id","size"]},
"Thing_Create":{"properties":{"tag":"string[]"}}},
"paths":{
"/thing":{"get":{"200":"Thing[]"},"post":{"body":"Thing_Create","201":"Thing"}},
"/thing/{id}":{"delete":{"204":""}}}}
"""


def test_reducing_keeps_every_fact_and_no_prose() -> None:
    assert reduce.reduce("TMF000", TINY) == TINY_REDUCED


def test_reducing_does_not_depend_on_the_order_of_the_source() -> None:
    turned = json.loads(json.dumps(TINY), object_pairs_hook=lambda pairs: dict(reversed(pairs)))

    assert reduce.reduce("TMF000", turned) == TINY_REDUCED


@pytest.mark.parametrize("api", reduce.APIS)
def test_the_names_hold_no_prose(api: str) -> None:
    text = (names.HERE / f"{api}.json").read_text(encoding="utf-8")

    strings = re.findall(r'"([^"]*)"', text)

    assert {each for each in strings if re.search(r"\s", each)} <= BLANKS
    assert max(map(len, strings)) < 80


@pytest.mark.parametrize("api", APIS)
def test_every_type_named_is_a_definition(api: str) -> None:
    ours = [*names.extensions().get(api, {}), *names.extensions()["*"]]
    known = {name for name in [*names.standard_api(api)["definitions"], *ours] if not name.startswith("*")}

    for name in known:
        for kind in names.definition(api, name).properties.values():
            plain = kind.partition("[")[0]
            if plain not in SIMPLE and not _is_elsewhere(api, name):
                assert names.definition(api, plain), f"{api} {name}: {kind}"


def _is_elsewhere(api: str, name: str) -> bool:
    """An entry for every API, about a definition that this one does not have."""
    return name in names.extensions()["*"] and name not in names.standard_api(api)["definitions"]


def test_an_extension_never_changes_the_type_of_a_standard_attribute() -> None:
    for api in APIS:
        for name, facts in names.standard_api(api)["definitions"].items():
            joined = names.definition(api, name).properties
            for attribute, kind in facts.get("properties", {}).items():
                assert joined[attribute] == kind, f"{api} {name}.{attribute}"


def test_the_page_and_the_list_are_equal() -> None:
    listed, written = _listed(), _written()

    assert not listed - written, "docs/extensions.md lacks rows for these lines of extensions.json"
    assert not written - listed, "extensions.json lacks lines for these rows of docs/extensions.md"


def test_every_row_of_the_page_says_what_it_means() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if "| `" in line]

    assert [row for row in rows if not row[-1].strip()] == []


def _listed() -> set[tuple[str, ...]]:
    rows: set[tuple[str, ...]] = set()
    for api, definitions in names.extensions().items():
        for name, entry in definitions.items():
            if isinstance(entry, dict):
                rows |= {(api, name, attribute, kind) for attribute, kind in entry.items()}
            else:
                rows.add((api, name, *([entry] if isinstance(entry, str) else entry)))
    return rows


def _written() -> set[tuple[str, ...]]:
    """The code words of each row but for what it says, which is the fifth cell."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ")[:4] for line in lines if line.startswith("| `")]
    return {tuple(re.findall(r"`([^`]+)`", " ".join(row))) for row in cells}
