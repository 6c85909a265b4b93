"""The published schema of the sources: it takes what compiles, and an editor marks by it what does not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from cli.schema import schema
from tests.unit.test_telco import OF_FORM, SMALL, TELCO

FILES = sorted(TELCO.glob("*/*.yaml"))
VALIDATOR = Draft202012Validator(schema())


class Editor(yaml.SafeLoader):
    """Reads as an editor does: numbers are numbers, and a day is a text."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in found if not tag.endswith("timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def faults(text: str) -> list[str]:
    return [fault.message for fault in VALIDATOR.iter_errors(yaml.load(text, Loader=Editor))]  # noqa: S506 - it is a SafeLoader


def test_the_published_file_is_what_the_code_says() -> None:
    Draft202012Validator.check_schema(schema())
    published = json.loads((TELCO / "catalog.schema.json").read_text("utf-8"))
    assert published == schema(), "run: python -m cli.schema > telco/catalog.schema.json"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_sample_file_names_the_schema_and_keeps_it(file: Path) -> None:
    text = file.read_text("utf-8")
    first, _ = text.split("\n", 1)
    assert (file.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve() == (
        TELCO / "catalog.schema.json"
    )
    assert faults(text) == []


def test_what_the_guide_shows_keeps_the_schema() -> None:
    examples = (TELCO / "README.md").read_text("utf-8").split("```yaml\n")[1:]
    assert [faults(example.split("```")[0]) for example in examples] == [[]] * len(examples)


@pytest.mark.parametrize(("old", "new", "_line", "_sentence"), OF_FORM)
def test_what_the_compiler_refuses_by_its_form_the_schema_refuses_too(
    old: str, new: str, _line: int, _sentence: str
) -> None:
    assert faults(SMALL) == []
    assert faults(SMALL.replace(old, new, 1))


@pytest.mark.parametrize("word", ["name", "priority", "yes", "no", "29.90"])
def test_a_word_stands_for_itself_wherever_a_value_may(word: str) -> None:
    told: Any = SMALL.replace("size: [1, 2]", f"size: [{word}, 2]")
    assert faults(told) == []
