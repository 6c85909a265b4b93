"""The words of the JSON Schema of the sources: what an entry, a list, a text, a number and a criterion look like."""

from collections.abc import Iterable

from cli.criteria import CUSTOMERS
from cli.entries import NUMBER
from cli.facts import CHANNELS, IDENT, LIFECYCLES, Json
from functions.catalog import rule

DIGITS = NUMBER.pattern


def one(of: str) -> Json:
    """Something that is defined once."""
    return {"$ref": f"#/$defs/{of}"}


def several(of: Json) -> Json:
    """A list, or the one value standing for a list of one."""
    return {"anyOf": [of, {"type": "array", "items": of, "minItems": 1}]}


def entry(needed: Iterable[str], fields: Json, **more: object) -> Json:
    """Lines of 'key: value', of which these must be there, and no others may."""
    return {"type": "object", "required": [*needed], "properties": fields, "additionalProperties": False, **more}


def by_id(of: Json, shape: str = IDENT.pattern) -> Json:
    """Entries under their ids."""
    return {"type": "object", "propertyNames": {"pattern": f"^{shape}$"}, "additionalProperties": of}


def only_with(field: str, others: Iterable[str]) -> Json:
    """That `field` stands only beside one of the others."""
    return {"if": {"required": [field]}, "then": {"anyOf": [{"required": [other]} for other in others]}}


def said(text: str, of: Json) -> Json:
    """The same with a word for who points at it."""
    return {**of, "description": text}


TEXT = one("text")
WHOLE, FLAG, IDENTS, WORDS = one("whole"), one("flag"), one("ids"), one("words")
SCALAR: Json = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
SPAN: Json = {
    "from": said("the first day, or a moment", one("moment")),
    "until": said("the last day, or the moment it ends", one("moment")),
}
LIFE: Json = {**SPAN, "status": one("status")}
TOLD: Json = {"name": WORDS, "description": WORDS}
WHEN: Json = {"when": said("all of these must hold", one("when"))}


def definitions() -> Json:
    """What is named in more than one place."""
    ident = {"type": "string", "pattern": f"^{IDENT.pattern}$"}
    found = {
        "text": {"type": "string", "pattern": r"\S"},
        "words": {
            "description": "one text for each language, or one for all",
            "anyOf": [TEXT, {"type": "object", "additionalProperties": TEXT, "minProperties": 1}],
        },
        "id": ident,
        "ids": several(ident),
        "status": {"enum": [*LIFECYCLES]},
        "flag": {"enum": ["yes", "no", "true", "false", True, False]},
        "whole": {"type": ["integer", "string"], "minimum": 1, "maximum": 999_999, "pattern": r"^0*[1-9]\d{0,5}$"},
        "count": {"type": ["integer", "string"], "minimum": 0, "maximum": 99, "pattern": r"^0*\d{1,2}$"},
        "moment": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?$"},
        "number": {"type": ["number", "string"], "minimum": 0, "pattern": f"^{DIGITS}$"},
        "percent": {
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": 100,
            "pattern": r"^(?!0*(\.0*)?$)(100(\.0{1,6})?|\d{1,2}(\.\d{1,6})?)$",
        },
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
        "channel": {"type": "string", "examples": [*CHANNELS]},
        **_criteria(),
    }
    return dict(sorted(found.items()))


def _criteria() -> Json:
    """What may stand in `when`: a parameter and a value, with an operator before it or without."""
    kinds = {f"is-{kind}": _value(kind) for kind in rule.OPERATORS}
    asked = {name: one(f"is-{kind}") for name, kind in rule.PARAMETERS.items() if not name.endswith(".")}
    asked["customer.kind"] = several({"type": "string", "pattern": f"^((=|<>)\\s*)?({'|'.join(CUSTOMERS)})$"})
    asked["date"] = several({"type": "string", "pattern": rf"^({'|'.join(rule.COMPARED)})?\s*\d{{4}}-\d\d-\d\d$"})
    line: Json = {"type": "object", "additionalProperties": False, "minProperties": 1}
    line["patternProperties"] = {r"^customer\..+$": one("is-text")}
    each = several({**line, "properties": asked, "maxProperties": 1})
    every = several({**line, "properties": {**asked, "any": said("one of these", each)}})
    return {**kinds, "when": every}


def _value(kind: rule.Kind) -> Json:
    value = DIGITS if kind == "number" else r"[^\s<>=].*"
    more = {"minimum": 0} if kind == "number" else {}
    signs = "|".join(rule.OPERATORS[kind])
    plain = {"type": ["number", "string"], "pattern": f"^{value}$", **more}
    compared = {**plain, "pattern": rf"^({signs})?\s*{value}$"}
    return {"anyOf": [compared, {"type": "array", "items": plain, "minItems": 1}]}
