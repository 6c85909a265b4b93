"""The answers of the OpenAPI document: what comes back when it goes well, and what may stand in the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from cli.openapi.schemas import Json, Schemas
from functions.shared import names
from functions.shared.incoming import Operation

REFUSALS: Mapping[int, str] = {
    400: "It cannot be read, or names what does not exist in the standard.",
    401: "The token is missing, or none of ours.",
    403: "The role may not do this.",
    404: "It is not there, or not the caller's: the answer is the same.",
    409: "A rule or the state of the resource forbids it, or it changed meanwhile.",
    413: "The body is larger than 10 MB.",
    415: "The body is not JSON.",
    422: "The Idempotency-Key came with another body before.",
    428: "The change needs an If-Match.",
    503: "The hub is busy; send the same request again after Retry-After.",
}
GATEWAYS = (401, 403, 404, 413)  # which API Gateway may answer by itself, in its own words
ALWAYS = (400, 401, 403, 503)
BY_METHOD: Mapping[str, Sequence[int]] = {
    "GET": (),
    "POST": (404, 409, 413, 415, 422),
    "PATCH": (404, 409, 413, 415, 428),
    "DELETE": (404, 409),
}
COUNT: Json = {"type": "integer", "minimum": 0}
HEADERS: Mapping[str, Json] = {
    "Content-Language": {"description": "The language of names and sentences.", "schema": {"type": "string"}},
    "ETag": {"description": "The version, to be sent back as If-Match.", "schema": {"type": "string"}},
    "Idempotent-Replayed": {"description": "An earlier request did this already.", "schema": {"type": "string"}},
    "Link": {"description": "The next page, as rel=next; none behind the last.", "schema": {"type": "string"}},
    "Location": {"description": "Where it is.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "required": True, "schema": COUNT},
    "X-Result-Count": {"description": "How many are in this answer.", "required": True, "schema": COUNT},
    "X-Total-Count": {"description": "How many there are, where that is known.", "schema": COUNT},
}


def components(schemas: Schemas) -> Json:
    """What the answers of all operations share."""
    error = schemas.refused(names.BORROWED_FROM, "Error")
    gateways = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}

    def refusal(status: int, said: str) -> Json:
        schema = {"anyOf": [error, gateways]} if status in GATEWAYS else error
        headers = {"headers": _headers("Retry-After")} if status == 503 else {}
        return {"description": said, **headers, "content": {"application/json": {"schema": schema}}}

    return {
        "headers": HEADERS,
        "responses": {str(status): refusal(status, said) for status, said in REFUSALS.items()},
    }


def answers(operation: Operation, schemas: Schemas) -> Json:
    """Every answer of one operation by its status."""
    found = _done(operation, schemas)
    refused = {*ALWAYS, *BY_METHOD[operation.method]}
    if "<" in operation.path:
        refused.add(404)
    return found | {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(refused)}


def _done(operation: Operation, schemas: Schemas) -> Json:
    if operation.gives is None:
        return {str(operation.status): {"description": "It is gone."}}
    schema = schemas.given(*operation.gives)
    if operation.many:
        entries = {"type": "array", "items": schema}
        counts = _headers("Content-Language", "X-Result-Count", "X-Total-Count")
        return {
            "200": _answer("All of them.", entries, counts),
            "206": _answer("A part of them; Link says where the next is.", entries, counts | _headers("Link")),
        }
    if operation.method == "GET":
        return {"200": _answer("What was asked for.", schema, _headers("Content-Language", "ETag"))}
    more = _headers("Idempotent-Replayed", "Location") if operation.method == "POST" else {}
    done = _answer("What it is now.", schema, _headers("ETag") | more)
    return {str(status): done for status in (operation.status, operation.also) if status}


def _answer(said: str, schema: Json, headers: Json) -> Json:
    return {"description": said, "headers": headers, "content": {"application/json": {"schema": schema}}}


def _headers(*named: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in named}
