"""What the TM Forum definitions are made of, with our additive attributes joined in.

The standard's facts lie beside this module, one file per API, made by `tests/tmf/reduce.py`; ours are
`../extensions.json`. A file is read when it is first asked for, so a request without a body never pays for it.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
OURS = "omnihub"  # our own resources under /omnihub/v1; Money, TimePeriod and the like are the order API's
BORROWED_FROM = "TMF622"
ANY_EVENT = "AnyEvent"  # what all events of an API have in common, with every resource that one of them carries
ANYWHERE = {"@baseType": "string", "@schemaLocation": "uri", "@type": "string", "@referredType": "string"}


class Definition(NamedTuple):
    """One definition: its attributes by name with their types, or the values where it is an enumeration."""

    name: str
    properties: Mapping[str, str]
    required: frozenset[str]
    values: tuple[str, ...] | None
    is_reference: bool


@cache
def definition(api: str, name: str) -> Definition:
    """The definition `name` of `api` ("TMF663"); `X_Create` and `X_Update` fall back to X. LookupError if unknown."""
    if name.startswith(ANY_EVENT):
        return _any_event(api, name)
    resource = resource_of(name)
    ours = [of_api[key] for of_api in _extensions(api) for key in {resource, name} if key in of_api]
    for entry in ours:
        if isinstance(entry, str):
            return definition(api, entry)
        if isinstance(entry, list):
            return Definition(name, {}, frozenset(), tuple(entry), is_reference=False)
    standard = _standard_definition(api, name, resource)
    if standard is None and not ours:
        raise LookupError(f"{api} has no definition {name}")
    every_event = [extensions()["*"]["*Event"]] if name.endswith("Event") else []
    return _joined(name, standard or {}, ours + every_event)


def events(api: str) -> list[str]:
    """The events of an API, the standard's and ours."""
    known = {*standard_api(api)["definitions"], *extensions().get(api, {})}
    return sorted(name for name in known if name.endswith("Event"))


def _any_event(api: str, name: str) -> Definition:
    """AnyEvent of an API, or what it carries."""
    envelopes = [definition(api, event).properties for event in events(api)]
    if name == ANY_EVENT:
        joined = [*envelopes, {"event": f"{ANY_EVENT}Payload"}]
    else:
        joined = [definition(api, envelope["event"]).properties for envelope in envelopes]
    properties = {key: kind for each in joined for key, kind in each.items()}
    return Definition(name, properties, frozenset(), None, is_reference=False)


def _joined(name: str, standard: Mapping[str, Any], ours: list[Mapping[str, str]]) -> Definition:
    if "enum" in standard:
        return Definition(name, {}, frozenset(), tuple(standard["enum"]), is_reference=False)
    properties = dict(standard.get("properties", {}))
    for entry in ours:
        properties |= entry
    is_reference = {"id", "@referredType"} <= properties.keys()
    required = frozenset(standard.get("required", ("id",) if is_reference and not standard else ()))
    return Definition(name, ANYWHERE | properties, required, None, is_reference)


def resource_of(name: str) -> str:
    """`ShoppingCart` of `ShoppingCart_Create`."""
    return name.removesuffix("_Create").removesuffix("_Update")


def basis(api: str) -> str:
    """The path under which an API's resources live, without a slash behind."""
    return str(standard_api(api)["basePath"])


@cache
def standard_api(api: str) -> Mapping[str, Any]:
    """An API's facts as they lie in its file: api, version, basePath, definitions, paths."""
    if api == OURS:
        return {"api": api, "basePath": "/omnihub/v1", "definitions": {}, "paths": {}}
    file = HERE / f"{api}.json"
    if not file.is_file():
        raise LookupError(f"There are no names of {api}")
    facts: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return facts


@cache
def extensions() -> Mapping[str, Mapping[str, Any]]:
    """Ours, per API ("*" is every API): definition -> {attribute: type}, [values], or the definition it is like."""
    facts: Mapping[str, Mapping[str, Any]] = json.loads((HERE.parent / "extensions.json").read_text(encoding="utf-8"))
    return facts


def _extensions(api: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return extensions()["*"], extensions().get(api, {})


def _standard_definition(api: str, name: str, resource: str) -> Mapping[str, Any] | None:
    definitions = standard_api(api)["definitions"]
    if api == OURS:
        definitions = standard_api(BORROWED_FROM)["definitions"]
    found: Mapping[str, Any] | None = definitions.get(name, definitions.get(resource))
    return found
