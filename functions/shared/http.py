"""One way in and out for every API function: routes, who is calling, bodies, and the one error mapping."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from decimal import Decimal
from time import perf_counter
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import access, errors, rows, shape, tmf
from functions.shared.access import Caller
from functions.shared.keys import Key

Json = dict[str, Any]

STATUS: dict[type[errors.HubError], int] = {
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.NotAllowed: 405,
    errors.RuleBroken: 409,
    errors.ChangedMeanwhile: 409,
    errors.WrongMediaType: 415,
    errors.KeyReused: 422,
    errors.ConditionMissing: 428,
    errors.Busy: 503,
}
JSON_TYPES = ("application/json", "application/merge-patch+json")
# What AWS answers when it is we who should come back later; anything else from AWS is our own mistake.
COME_BACK = re.compile(
    r"Throttl|TooManyRequests|ProvisionedThroughput|RequestLimit|Timeout|Unavailable|Internal|SlowDown|TransactionConflict|TransactionInProgress"
)
CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")

_event: ContextVar[Any] = ContextVar("event")
_lambda_context: ContextVar[Any] = ContextVar("lambda_context")
_context: ContextVar[dict[str, Any] | None] = ContextVar("context", default=None)


def as_json(value: Any) -> str:
    """Compact JSON; a Decimal becomes the number TM Forum asks for (exact: it is quantised far below 15 digits)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number)


def _number(value: Any) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return int(value) if value == value.to_integral_value() else float(value)


class Api(APIGatewayHttpResolver):
    """Powertools' resolver, made safe for many invocations in one interpreter, that knows 405 from 404.

    Powertools keeps the request in attributes of the class; the local hub runs requests in threads.
    """

    def __init__(self) -> None:
        self.operations: dict[re.Pattern[str], set[str]] = {}
        super().__init__()
        self.not_found(self._no_route)
        self.exception_handler(Exception)(self._failed)
        self.logger = Logger(service="omnihub", use_rfc3339=True, location=None, serialize_stacktrace=False)

    @property
    def current_event(self) -> Any:
        return _event.get()

    @current_event.setter
    def current_event(self, event: Any) -> None:
        _event.set(event)

    @property
    def lambda_context(self) -> Any:
        return _lambda_context.get()

    @lambda_context.setter
    def lambda_context(self, context: Any) -> None:
        _lambda_context.set(context)

    @property
    def context(self) -> dict[str, Any]:
        if (held := _context.get()) is None:
            _context.set(held := {})
        return held

    @context.setter
    def context(self, context: dict[str, Any]) -> None:
        _context.set(context)

    def route(self, rule: str, method: Any, *args: Any, **kwargs: Any) -> Any:
        """Registers an operation, and remembers its method for the 405 of its neighbours."""
        for each in [method] if isinstance(method, str) else method:
            self.operations.setdefault(self._compile_regex(rule), set()).add(each)
        return super().route(rule, method, *args, **kwargs)

    def resolve(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Answers one HTTP API event (payload 2.0) and logs one line about it, without path or query."""
        began = perf_counter()
        _context.set({})
        _event.set(self._to_proxy_event(dict(event)))
        _lambda_context.set(context)
        answer = self._build_response(self._resolve())
        route = self.context.get("_route")
        caller: Caller | None = self.context.get("caller")
        self.logger.info(
            "answered",
            extra={
                "route": f"{route.method} {route.path}" if route and route.path in self._patterns() else "none",
                "status": answer["statusCode"],
                "ms": round((perf_counter() - began) * 1000),
                "correlation_id": self.correlation_id(),
                **(
                    {"brand": caller.brand, "market": caller.market, "channel": caller.channel, "role": caller.role}
                    if caller
                    else {}
                ),
            },
        )
        return answer

    def _patterns(self) -> set[str]:
        return {route.path for route in self._static_routes + self._dynamic_routes}

    def incoming(self, operation: str) -> Incoming:
        """The request at hand, its caller admitted to `operation` or refused."""
        claims = self.current_event.raw_event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
        caller = self.context["caller"] = access.caller(claims, self.correlation_id())
        caller.may(operation)
        return Incoming(self.current_event.raw_event, caller)

    def correlation_id(self) -> str:
        """The channel's own id for this journey where it sends a usable one, else the gateway's request id."""
        raw = self.current_event.raw_event
        sent = (raw.get("headers") or {}).get("x-correlation-id", "")
        return sent if CORRELATION.match(sent) else str(raw["requestContext"]["requestId"])

    def _no_route(self, _: NotFoundError) -> Response[str]:
        raw = self.current_event.raw_event
        allowed = {m for rule, methods in self.operations.items() if rule.match(raw["rawPath"]) for m in methods}
        if not allowed:
            return refusal(errors.NotFound("path"))
        return refusal(errors.NotAllowed(sorted(allowed)))

    def _failed(self, error: Exception) -> Response[str]:
        if isinstance(error, errors.HubError):
            return refusal(error)
        if (isinstance(error, ClientError) and COME_BACK.search(error.response["Error"]["Code"])) or (
            isinstance(error, BotoCoreError)
        ):
            self.logger.warning("came back later", extra={"error": type(error).__name__})
            return refusal(errors.Busy("The hub is busy. Send the same request again shortly."))
        self.logger.error("failed", exc_info=error)
        body = {
            "code": "internal",
            "reason": "Something is wrong on our side; quote the correlation id.",
            "status": "500",
        }
        return Response(500, "application/json", as_json({"@type": "Error", **body, "message": self.correlation_id()}))


class Incoming:
    """One request: its caller and what it asks."""

    def __init__(self, raw: Json, caller: Caller) -> None:
        self.caller = caller
        self.headers: Mapping[str, str] = raw.get("headers") or {}
        self.query: str = raw.get("rawQueryString") or ""
        self._raw = raw

    def body(self, api: str, definition: str) -> Json:
        """The JSON body, known to be a `definition` of that TM Forum API with every name and type in it checked."""
        kind = self.headers.get("content-type", JSON_TYPES[0]).split(";")[0].strip().lower()
        if kind not in JSON_TYPES:
            raise errors.WrongMediaType("Send JSON: content-type application/json.")
        sent = self._raw.get("body") or ""
        try:
            parsed = shape.parse_json(b64decode(sent) if self._raw.get("isBase64Encoded") else sent)
        except ValueError as error:
            raise errors.Malformed(str(error)) from None
        if not isinstance(parsed, dict):
            raise errors.Malformed("The body must be a JSON object.")
        if faults := shape.check(parsed, api, definition):
            raise errors.Malformed(faults[0], faults=faults)
        return parsed

    def if_match(self) -> int | None:
        """The version the caller last saw; None where it does not say. One that is not ours matches nothing: -1."""
        sent = self.headers.get("if-match", "").strip()
        if not sent or sent == "*":
            return None
        found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', sent)
        return int(found[1]) if found else -1

    def key(self, body: Json) -> Key | None:
        """The Idempotency-Key of this request, bound to its caller and to the meaning of its body."""
        sent = self.headers.get("idempotency-key")
        if sent is None:
            return None
        if not IDEMPOTENCY_KEY.match(sent):
            raise errors.Malformed("An Idempotency-Key has 1 to 128 visible ASCII characters.", code="badKey")
        return Key.of(self.caller, sent, self._raw["rawPath"], body)

    def language(self, spoken: list[str]) -> str:
        """The first language of Accept-Language that is `spoken`; the market's own where none is."""
        wanted = re.findall(r"([a-zA-Z]{2})(?:-\w+)?\s*(?:;\s*q=([0-9.]+))?", self.headers.get("accept-language", ""))
        ranked = sorted(wanted, key=lambda pair: -_quality(pair[1]))
        return next((code.lower() for code, _ in ranked if code.lower() in spoken), spoken[0])


def _quality(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


def answer(
    status: int,
    body: Any,
    *,
    version: int | None = None,
    location: str | None = None,
    replayed: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A JSON answer; `version` becomes the ETag, `replayed` says that an earlier request already did this."""
    sent = dict(headers or {})
    if version is not None:
        sent["ETag"] = f'"{version}"'
    if location is not None:
        sent["Location"] = location
    if replayed:
        sent["Idempotent-Replayed"] = "true"
    return Response(status, "application/json", as_json(body), headers=sent)


def list_of_customer(
    incoming: Incoming,
    operation: str,
    filters: Sequence[str],
    found: Callable[[Caller, str], Iterable[Json]],
) -> Response[str]:
    """A page of what belongs to one customer: the caller's own, or for staff the one that relatedParty.id names."""
    caller = incoming.caller
    wanted = tmf.filters(incoming.query, ["relatedParty.id", *filters])
    named = wanted.pop("relatedParty.id", None)
    customer = caller.customer_id if caller.may(operation) == "own" else named
    if customer is None:
        raise errors.Malformed("Say whose with relatedParty.id in the query.", code="filterMissing")
    if named not in (None, customer):
        raise errors.Forbidden("A customer lists only what is their own.", code="otherCustomer")
    newest = list(found(caller, customer))
    status, page, headers = tmf.page([body for body in newest if tmf.meets(body, wanted)], incoming.query)
    if len(newest) >= rows.NEWEST:  # there may be more: neither complete nor counted
        status = 206
        del headers["X-Total-Count"]
    return answer(status, page, headers=headers)


def nothing() -> Response[str]:
    """204: it is gone."""
    return Response(204, None, "")


def refusal(error: errors.HubError) -> Response[str]:
    """The TM Forum error body for a fact that stands in the way."""
    status = STATUS[type(error)]
    body: Json = {"@type": "Error", "code": error.code, "reason": error.sentence, "status": str(status)}
    if error.details:
        body["details"] = error.details
    headers = {}
    if isinstance(error, errors.Busy):
        headers["Retry-After"] = "1"
    if isinstance(error, errors.NotAllowed):
        headers["Allow"] = ", ".join(error.details["allow"])
    return Response(status, "application/json", as_json(body), headers=headers)
