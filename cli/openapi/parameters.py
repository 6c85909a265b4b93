"""The parameters of the OpenAPI document: ids of the path, what narrows an answer, and the headers that matter."""

import re
from collections.abc import Mapping

from cli.openapi.schemas import AN_ID, Json
from functions.shared import http, incoming, query
from functions.shared.incoming import Operation

LISTING = ("fields", "filter", "offset", "limit", "sort", "cursor")
BY_METHOD = {"GET": ("fields",), "POST": ("Idempotency-Key",), "PATCH": ("If-Match",), "DELETE": ("If-Match",)}
SHARED: Mapping[str, Json] = {
    "fields": {
        "in": "query",
        "description": "The attributes to answer with, separated by commas; `none` for id, href and @type alone. A "
        "dotted path also narrows what lies within, which then lacks what its schema requires.",
        "schema": {"type": "string"},
    },
    "filter": {
        "in": "query",
        "style": "form",
        "explode": True,
        "description": "Any attribute, dotted where it lies deeper: `relatedParty.id=…`. Several are and; `a=x,y` and "
        "`a=x;a=y` are or. `.gt`, `.gte`, `.lt`, `.lte` and `.regex` behind the attribute compare.",
        "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        "example": {},
    },
    "offset": {
        "in": "query",
        "description": "How many to leave out; beyond that, follow the `Link` of an answer.",
        "schema": {"type": "integer", "minimum": 0, "maximum": query.FAR, "default": 0},
    },
    "limit": {
        "in": "query",
        "description": "How many to answer with.",
        "schema": {"type": "integer", "minimum": 0, "maximum": query.PAGE, "default": query.PAGE},
    },
    "sort": {
        "in": "query",
        "description": "Attributes to sort by, separated by commas; `-` in front for the largest first.",
        "schema": {"type": "string"},
    },
    "cursor": {
        "in": "query",
        "description": "Where the page before ended, as its `Link` says; without `offset`.",
        "schema": {"type": "string"},
    },
    "startDate": {
        "in": "query",
        "description": "From when it runs, or would: a day of the market, or a date-time.",
        "schema": {"type": "string"},
        "example": "2026-04-17",
    },
    "endDate": {
        "in": "query",
        "description": "The first day without it, for what ending it early costs: a day of the market, or a date-time.",
        "schema": {"type": "string"},
        "example": "2027-04-17",
    },
    "cycleDay": {
        "in": "query",
        "description": "On which day of the month it is billed, where no billing account says so.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 31},
    },
    "usage": {
        "in": "query",
        "description": "What is expected in each period, by the ids of usage prices: `data-per-gb:12.5,calls:90`.",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "in": "header",
        "description": "The `ETag` last seen: the change is refused (409) where there is a newer version.",
        "schema": {"type": "string"},
        "example": "*",
    },
    "Idempotency-Key": {
        "in": "header",
        "description": "One for each thing to be made; sent again, it is answered as the first time and makes nothing.",
        "schema": {"type": "string", "pattern": f"^{incoming.IDEMPOTENCY_KEY.pattern.removesuffix(chr(92) + 'Z')}$"},
    },
    "X-Correlation-Id": {
        "in": "header",
        "description": "The channel's own id for this journey; it is in every event and log line.",
        "schema": {"type": "string", "maxLength": 64},
    },
    "Omnihub-Reason": {
        "in": "header",
        "description": "Why staff does it, for the record: a code or the number of a ticket, no words about a person.",
        "schema": {"type": "string", "pattern": f"^{http.REASON.pattern.removesuffix(chr(92) + 'Z')}$"},
    },
    "Omnihub-Preview": {
        "in": "header",
        "description": "A token of an operator's: the answer is as of the moment that it names, and nothing is kept.",
        "schema": {"type": "string"},
    },
    "Accept-Language": {
        "in": "header",
        "description": "The language of names and sentences, where the market speaks it.",
        "schema": {"type": "string"},
        "example": "en",
    },
}


def template(rule: str) -> str:
    """A resolver's path as OpenAPI writes it: `<line_id>` is `{lineId}`."""
    return re.sub(r"<(\w+)>", lambda found: "{" + _camel(found[1]) + "}", rule)


def _camel(name: str) -> str:
    head, *rest = name.strip("_").split("_")
    return head + "".join(part.capitalize() for part in rest)


def parameters(operation: Operation) -> list[Json]:
    """Those of one operation."""
    ids = [
        {"name": _camel(name), "in": "path", "required": True, "schema": AN_ID}
        for name in re.findall(r"<(\w+)>", operation.path)
    ]
    return ids + [{"$ref": f"#/components/parameters/{name}"} for name in _named(operation)]


def _named(operation: Operation) -> tuple[str, ...]:
    asking = LISTING if operation.many else BY_METHOD[operation.method]
    preview = ("Omnihub-Preview",) if operation.previews else ()
    return (*asking, *operation.asks, *preview, "Accept-Language", "X-Correlation-Id", "Omnihub-Reason")
