"""Reduce TM Forum swagger 2.0 files to facts: names, types, enums, required lists and paths, and no prose.

`python tests/tmf/reduce.py <folder of TMFnnn*.json>` writes `functions/shared/names/TMFnnn.json`, one definition
per line, the same bytes on every run. A type is one word: `string`, `integer`, `number`, `boolean`, `date-time`,
`uri`, `base64`, `any`, or another definition; `[]` behind it makes a list of it, `[1..]` one that is never empty.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

APIS = ("TMF620", "TMF622", "TMF629", "TMF632", "TMF637", "TMF663", "TMF671", "TMF679", "TMF681", "TMF683")
NAMES = Path(__file__).parents[2] / "functions" / "shared" / "names"
NUMBER_FORMATS = ("float", "double", "int32", "int64")

Schema = Mapping[str, Any]


def reduce(api: str, swagger: Schema) -> str:
    """The text of one names file: JSON with a line per definition and per path, sorted."""
    schemas: Schema = swagger["definitions"]
    definitions = {name: _definition(name, schemas) for name in schemas if name != "Any"}
    paths = {path: _path(operations) for path, operations in swagger["paths"].items()}
    head = {"api": api, "version": swagger["info"]["version"], "basePath": swagger["basePath"].rstrip("/")}
    first = ",\n".join(f"{_json(key)}:{_json(value)}" for key, value in head.items())
    return f'{{{first},\n"definitions":{_lines(definitions)},\n"paths":{_lines(paths)}}}\n'


def _definition(name: str, schemas: Schema) -> dict[str, Any]:
    properties: dict[str, str] = {}
    required: set[str] = set()
    for schema in _with_parents(schemas[name], schemas):
        if "enum" in schema:
            return {"enum": schema["enum"]}
        properties |= {key: _type(value) for key, value in schema.get("properties", {}).items()}
        required |= set(schema.get("required", ()))
    facts: dict[str, Any] = {"properties": dict(sorted(properties.items()))}
    return facts | ({"required": sorted(required)} if required else {})


def _with_parents(schema: Schema, schemas: Schema) -> Iterator[Schema]:
    """The schema's `allOf` parts, parents first, then itself; a discriminator names an attribute and adds nothing."""
    for part in schema.get("allOf", ()):
        yield from _with_parents(schemas[_referred(part)] if "$ref" in part else part, schemas)
    yield schema


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = _referred(schema)
        return "any" if name == "Any" else name
    if schema.get("type") == "array":
        return _type(schema["items"]) + ("[1..]" if schema.get("minItems") else "[]")
    if schema.get("format") in NUMBER_FORMATS or "format" not in schema:
        return str(schema.get("type", "any"))
    return str(schema["format"])


def _path(operations: Schema) -> dict[str, dict[str, str]]:
    """Per method: the type of the body it takes, and of each answer that is not an error."""
    return {method: _operation(operation) for method, operation in sorted(operations.items())}


def _operation(operation: Schema) -> dict[str, str]:
    body = next((p["schema"] for p in operation.get("parameters", ()) if p.get("in") == "body"), None)
    answers = {code: answer for code, answer in sorted(operation["responses"].items()) if code.startswith("2")}
    taken = {"body": _type(body)} if body else {}
    return taken | {code: _type(answer["schema"]) if "schema" in answer else "" for code, answer in answers.items()}


def _referred(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _lines(entries: Mapping[str, object]) -> str:
    return "{\n" + ",\n".join(f"{_json(key)}:{_json(entries[key])}" for key in sorted(entries)) + "}"


def main(folder: Path) -> None:
    """Write one names file per API; of several versions in the folder the highest is taken."""
    for api in APIS:
        source = max(folder.glob(f"{api}*.json"))
        text = reduce(api, json.loads(source.read_text(encoding="utf-8")))
        (NAMES / f"{api}.json").write_text(text, encoding="utf-8")
        sys.stdout.write(f"{api}.json: {len(text)} characters from {source.name}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where the swagger files lie: python tests/tmf/reduce.py <folder>")
    main(Path(sys.argv[1]))
