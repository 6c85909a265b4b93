"""The definitions of the OpenAPI document: what the hub takes and gives, told from the tables that check it."""

from collections.abc import Mapping, Set
from typing import Any

from functions.shared import names, shape, tmf
from functions.shared.incoming import FIXED
from functions.shared.names import Definition

Json = dict[str, Any]

NO_SPACE = r"^[^\s\x00-\x1f\x7f]+$"
SIMPLE: Mapping[str, Json] = {
    "any": {},
    "base64": {"type": "string", "format": "byte"},
    "boolean": {"type": "boolean"},
    "date-time": {"type": "string", "format": "date-time"},
    "integer": {"type": "integer", "minimum": -shape.MAX_INTEGER, "maximum": shape.MAX_INTEGER},
    "number": {"type": "number", "minimum": -shape.MAX_INTEGER, "maximum": shape.MAX_INTEGER},
    "string": {"type": "string", "maxLength": shape.MAX_TEXT},
    "uri": {"type": "string", "maxLength": shape.MAX_TEXT, "pattern": NO_SPACE},
}
AN_ID: Json = {"type": "string", "minLength": 1, "maxLength": shape.MAX_ID}
ANSWERED = ("id", "href", "@type")  # what every resource says, whatever `fields` leaves out
PATCHED = "_Patch"  # an object within a merge patch: null removes, and nothing is required


class Schemas:
    """The definitions that the operations need, with all that these refer to."""

    def __init__(self) -> None:
        self.found: dict[str, Json] = {}

    def taken(self, api: str, definition: str) -> Json:
        """What a request's body must be: `ShoppingCart_Create`, or for a merge patch `ShoppingCart_Update`."""
        of = names.definition(api, definition)
        if not definition.endswith("_Update"):
            return self._define(api, definition, of, _needed(of, definition))
        kept = {name: kind for name, kind in of.properties.items() if name not in FIXED}
        return self._define(api, definition, of._replace(properties=kept), {}, patch=True)

    def given(self, api: str, definition: str) -> Json:
        """What an answer is. What `fields` may leave out is not required."""
        of = names.definition(api, definition)
        stay = ANSWERED if "href" in of.properties else of.required & tmf.ALWAYS
        return self._define(api, definition, of, _listed({*stay}))

    def refused(self, api: str, definition: str) -> Json:
        """What a refusal is: always whole."""
        of = names.definition(api, definition)
        return self._define(api, definition, of, _listed(of.required))

    def _define(self, api: str, name: str, of: Definition, needed: Json, *, patch: bool = False) -> Json:
        key = f"{api}.{name}"
        if key not in self.found:
            self.found[key] = {}  # a definition may hold its like
            self.found[key] = {
                "type": "object",
                **({"nullable": True} if name.endswith(PATCHED) else {}),
                "additionalProperties": False,
                "properties": {
                    each: self._value(api, each, kind, patch=patch) for each, kind in sorted(of.properties.items())
                },
                **needed,
            }
        return {"$ref": f"#/components/schemas/{key}"}

    def _value(self, api: str, name: str, kind: str, *, patch: bool) -> Json:
        null: Json = {"nullable": True} if patch else {}
        if kind.endswith("]"):
            inner, _, bounds = kind.rpartition("[")
            least: Json = {"minItems": 1} if bounds.startswith("1") else {}
            items = self._value(api, name, inner, patch=False)
            return {"type": "array", "items": items, "maxItems": shape.MAX_ENTRIES, **least, **null}
        if kind in SIMPLE:
            is_id = kind == "string" and (name == "id" or name.endswith("Id"))
            return {**(AN_ID if is_id else SIMPLE[kind]), **(null if kind != "any" else {})}
        of = names.definition(api, kind)
        if of.values is not None:
            spelled: list[str | None] = [*dict.fromkeys(way for each in of.values for way in (each, each.strip()))]
            return {"type": "string", "enum": spelled + [None] * patch, **null}
        return self._define(api, kind + PATCHED * patch, of, {} if patch else _needed(of), patch=patch)


def _needed(of: Definition, asked: str = "") -> Json:
    """What of it is required, and `id` in place of all that where it refers to something; see `shape`."""
    needed = of.required - shape.KNOWN_BY_THE_OTHER - ({"id"} if asked and not of.is_reference else set())
    if of.is_reference and (others := needed - shape.KNOWN_HERE - {"id"}) and "id" not in needed:
        return {**_listed(needed - others), "anyOf": [_listed({"id"}), _listed(others)]}
    if of.is_reference:
        return _listed(needed & {"id", *shape.KNOWN_HERE})
    if instead := {name: shape.INSTEAD[asked, name] for name in sorted(needed) if (asked, name) in shape.INSTEAD}:
        ways = [{"required": [way]} for name, other in instead.items() for way in (name, other)]
        return {**_listed(needed - instead.keys()), "anyOf": ways}
    return _listed(needed)


def _listed(required: Set[str]) -> Json:
    return {"required": sorted(required)} if required else {}
