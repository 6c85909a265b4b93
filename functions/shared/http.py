"""One way in and out for every API function: declared operations, admission, answers, the one error mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from math import isinf
from time import perf_counter
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared import access, clock, errors
from functions.shared.access import Caller, Granted
from functions.shared.incoming import Incoming, Operation
from functions.shared.shape import MAX_BYTES

Json = dict[str, Any]
Handle = Callable[..., Response[str]]
Record = Callable[[Caller, str, str | None], None]
Previewed = Callable[[Caller, str], datetime]

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
# What AWS answers when it is we who should come back later; anything else from AWS is our own mistake.
COME_BACK = re.compile(
    r"Throttl|TooManyRequests|ProvisionedThroughput|RequestLimit|Timeout|Unavailable|Internal|SlowDown|TransactionConflict|TransactionInProgress"
)
PREVIEW, PREVIEWED = "omnihub-preview", "Omnihub-Preview-As-Of"  # what is sent with a preview, and what comes with it
CORRELATION = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
REASON = CORRELATION  # no words: it goes into rows and events, where nothing about a person belongs

_event: ContextVar[Any] = ContextVar("event")
_lambda_context: ContextVar[Any] = ContextVar("lambda_context")
_context: ContextVar[dict[str, Any] | None] = ContextVar("context", default=None)


def as_json(value: Any) -> str:
    """Compact JSON; a Decimal becomes the number TM Forum asks for (exact: it is quantised far below 15 digits)."""
    return _ENCODER.encode(value)


def _number(value: Any) -> float | int:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    number = float(value)
    return int(value) if number.is_integer() or isinf(number) else number  # no float holds a whole number so large


# Looking for circles takes a third of the time, and an answer is a tree.
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_number)


class Api(APIGatewayHttpResolver):
    """Powertools' resolver, made safe for many invocations in one interpreter, that knows 405 from 404.

    Powertools keeps the request in attributes of the class; the local hub runs requests in threads. `granted` looks
    for the grants of a caller, `record` puts on record what staff touched: both where there is something of customers.
    `previewed` says which moment a caller's preview token shows, where something can be previewed.
    """

    def __init__(
        self,
        granted: Granted = access.nothing,
        record: Record | None = None,
        previewed: Previewed | None = None,
    ) -> None:
        self.operations: list[Operation] = []
        self._granted, self._record, self._previewed = granted, record, previewed
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

    def serves(
        self,
        method: str,
        path: str,
        may: str,
        *,
        takes: str | None = None,
        gives: str | None = None,
        status: int | None = None,
        also: int | None = None,
        many: bool | None = None,
        previews: bool = False,
        largest: int = MAX_BYTES,
        asks: tuple[str, ...] = (),
    ) -> Callable[[Handle], Handle]:
        """Registers what answers one operation: called with the admitted request and the ids of its path.

        `may` is the row of the access table. What the body and the answer are follows from method and path where
        `takes`, `gives` (`TMF663.ShoppingCart`: of another API), `status`, `also` and `many` say nothing. What
        `previews` can be asked of a coming day; `largest` is how many bytes the body may have; `asks` names what the
        query may say. All else (the 405 of its neighbours, the OpenAPI document, the tests' matrices) is read off this
        declaration.
        """

        def register(handle: Handle) -> Handle:
            told = (handle.__doc__ or "").partition("\n")[0]
            operation = Operation.of(
                method,
                path,
                may,
                told,
                takes=takes,
                gives=gives,
                status=status,
                also=also,
                many=many,
                previews=previews,
                largest=largest,
                asks=asks,
            )
            self.operations.append(operation)

            def admitted(**ids: str) -> Response[str]:
                return self._answered(handle, self._admitted(operation), ids)

            self.route(path, method)(admitted)
            return handle

        return register

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

    def _answered(self, handle: Handle, incoming: Incoming, ids: Json) -> Response[str]:
        """The answer; whatever came of it, what staff touched is on record before they learn of it."""
        made: Any = None
        try:
            answered = handle(incoming, **ids)
            made = answered.headers.get("Location")
            if incoming.as_of:
                answered.headers |= {PREVIEWED: clock.text(incoming.as_of), "Cache-Control": "no-store"}
            return answered
        finally:
            if self._record and incoming.caller.noted:
                self._record(incoming.caller, incoming.operation.may, made)

    def _admitted(self, operation: Operation) -> Incoming:
        """The request at hand, its caller admitted to the operation or refused."""
        raw = self.current_event.raw_event
        claims = raw["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
        reason = raw.get("headers", {}).get("omnihub-reason")
        if reason is not None and not REASON.match(reason):
            raise errors.Malformed(
                "Omnihub-Reason is a code or a ticket's number, at most 64 letters and digits.", code="badReason"
            )
        caller = self.context["caller"] = access.caller(
            claims, self.correlation_id(), reason=reason, granted=self._granted
        )
        caller.may(operation.may)
        return Incoming(raw, caller, operation, self._as_of(raw, caller, operation))

    def _as_of(self, raw: Json, caller: Caller, operation: Operation) -> datetime | None:
        """The moment that is previewed, if any; raises Malformed for an operation that cannot be."""
        token = raw.get("headers", {}).get(PREVIEW)
        if token is None:
            return None
        if not operation.previews or self._previewed is None:
            raise errors.Malformed(
                "A preview is to look and to try: with Omnihub-Preview the catalog and its offers are read. Leave the "
                "header out for this.",
                code="notPreviewed",
            )
        return self._previewed(caller, token)

    def correlation_id(self) -> str:
        """The channel's own id for this journey where it sends a usable one, else the gateway's request id."""
        raw = self.current_event.raw_event
        sent = (raw.get("headers") or {}).get("x-correlation-id", "")
        return sent if CORRELATION.match(sent) else str(raw["requestContext"]["requestId"])

    def _no_route(self, _: NotFoundError) -> Response[str]:
        raw = self.current_event.raw_event
        routes = self._static_routes + self._dynamic_routes
        allowed = {route.method for route in routes if route.rule.match(raw["rawPath"])}
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


def answer(
    status: int,
    body: Any,
    *,
    version: int | None = None,
    location: str | None = None,
    replayed: bool = False,
    headers: Mapping[str, str] | None = None,
    compressed: bool = False,
) -> Response[str]:
    """A JSON answer; `version` becomes the ETag, `replayed` says that an earlier request already did this.

    `compressed`: gzipped for who accepts that.
    """
    sent = dict(headers or {})
    if version is not None:
        sent["ETag"] = f'"{version}"'
    if location is not None:
        sent["Location"] = location
    if replayed:
        sent["Idempotent-Replayed"] = "true"
    return Response(status, "application/json", as_json(body), headers=sent, compress=compressed)


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
