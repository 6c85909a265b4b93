"""An answer held against docs/openapi.json: the document says its operation, status, headers and body."""

import json
import re
from collections.abc import Iterator, Mapping
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs

from cli.openapi.document import DOCUMENT

Json = dict[str, Any]


@cache
def document() -> Json:
    """docs/openapi.json, as it lies there."""
    found: Json = json.loads(DOCUMENT.read_text("utf-8"))
    return found


def operation_at(method: str, path: str) -> Json | None:
    """The operation that a request asks for; None where the document has none."""
    plain = urlsplit(path).path
    for pattern, operations in _patterns():
        if pattern.fullmatch(plain) and method.lower() in operations:
            found: Json = operations[method.lower()]
            return found
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], Json]]:
    """Every path as a pattern. A segment that is percent-encoded is one segment."""
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), each) for path, each in document()["paths"].items()]


def faults(method: str, path: str, status: int, headers: Message, raw: bytes) -> Iterator[str]:
    """What of an answer the document does not say. What is no operation is a 404 or 405, in the error body."""
    operation = operation_at(method, path)
    if operation is None:
        if status not in (400, 401, 404, 405):
            yield f"the document knows no {method} {path}, which is answered with {status}"
        return
    said = _held(operation["responses"].get(str(status)))
    if said is None:
        yield f"{operation['operationId']} is answered with {status}, which the document does not say"
        return
    for name, header in said.get("headers", {}).items():
        yield from _header_faults(name, _held(header) or {}, headers)
    schema = said.get("content", {}).get("application/json", {}).get("schema")
    narrowed = any("." in each for each in parse_qs(urlsplit(path).query).get("fields", ()))
    for keyword, fault in _body_faults(status, schema, raw):
        if not (narrowed and keyword in ("required", "anyOf")):  # as the document says of `fields`
            yield fault


def _body_faults(status: int, schema: Json | None, raw: bytes) -> Iterator[tuple[str, str]]:
    """The keyword of the schema that a body breaks, and how."""
    if schema is None:
        if raw:
            yield "", f"a {status} has a body, which the document does not say"
        return
    try:
        body = json.loads(raw)
    except ValueError:
        yield "", f"a {status} is not the JSON that the document says"
        return
    for error in _validator(json.dumps(schema)).iter_errors(body):
        place = ".".join(map(str, error.instance_path))
        yield str(error.schema_path[-1]), f"{place}: {error.message[:300]}"


def _header_faults(name: str, said: Json, headers: Message) -> Iterator[str]:
    value = headers.get(name)
    if value is None:
        if said.get("required"):
            yield f"the header {name} is missing"
    elif said["schema"]["type"] == "integer" and not value.isdecimal():
        yield f"the header {name} is {value!r}, not a number"


def _held(said: Any) -> Json | None:
    """What the document says there, or where it refers to."""
    if not isinstance(said, Mapping) or "$ref" not in said:
        return said  # type: ignore[return-value]
    found: Any = document()
    for part in said["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _held(found)


@cache
def _validator(schema: str) -> jsonschema_rs.Draft4Validator:
    root = {**json.loads(schema), "components": document()["components"]}
    return jsonschema_rs.Draft4Validator(root, validate_formats=True)
