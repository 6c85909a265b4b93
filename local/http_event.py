"""Requests as functions see them (payload format 2.0), and their answers as clients do."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from local.pretend import ACCOUNT

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One HTTP request, as it came over the wire."""

    method: str
    target: str  # path and query, as sent
    headers: Headers
    body: bytes = b""
    protocol: str = "HTTP/1.1"
    address: str = "127.0.0.1"

    @property
    def path(self) -> str:
        """The path, percent-decoded: an HTTP API hands functions nothing else."""
        return unquote(urlsplit(f"//local{self.target}").path if self.target.startswith("/") else self.target)

    @property
    def query(self) -> str:
        """The query string exactly as sent."""
        return self.target.partition("#")[0].partition("?")[2]

    @property
    def joined_headers(self) -> dict[str, str]:
        """Names in lower case, repeated ones joined by a comma."""
        joined: dict[str, str] = {}
        for name, value in self.headers:
            lower = name.lower()
            joined[lower] = f"{joined[lower]},{value}" if lower in joined else value
        return joined


@dataclass(frozen=True)
class Response:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def message(cls, status: int, said: str, **headers: str) -> Response:
        """What the gateway says by itself."""
        given = [
            ("content-type", "application/json"),
            *((key.replace("_", "-"), text) for key, text in headers.items()),
        ]
        return cls(status, json.dumps({"message": said}, separators=(",", ":")).encode(), given)


class BadAnswer(ValueError):
    """A function answered what API Gateway cannot send."""


def event_for(
    request: Request, *, route_key: str, parameters: Mapping[str, str], authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The event for the function behind a route; keys without a value are absent, as in AWS."""
    headers = request.joined_headers
    cookies = [part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()]
    headers |= {"x-forwarded-for": request.address, "x-forwarded-proto": "http"}
    now = time.time()
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": headers.get("host", "localhost"),
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.address,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route_key,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    optional = {
        "cookies": cookies,
        "queryStringParameters": _joined_query(request.query),
        "pathParameters": dict(parameters),
        **_body(request.body),
    }
    return {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": False,
        **{name: value for name, value in optional.items() if value},
    }


def _joined_query(query: str) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _body(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def response_from(answer: Any) -> Response:
    """The function's answer on the wire; one without a status is a body for 200."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(200, _json(answer), [("content-type", "application/json")])
    try:
        status = int(answer["statusCode"])
        body = answer.get("body") or ""
        raw = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
        headers = [(str(name).lower(), _header(value)) for name, value in (answer.get("headers") or {}).items()]
        cookies = [("set-cookie", _header(cookie)) for cookie in answer.get("cookies") or []]
    except (AttributeError, TypeError, ValueError) as flaw:
        raise BadAnswer(f"API Gateway cannot send this answer: {flaw}") from flaw
    if not 200 <= status <= 599:
        raise BadAnswer(f"API Gateway cannot send the status {status}.")
    kept = [(name, value) for name, value in headers if name not in ("content-length", "transfer-encoding")]
    if "content-type" not in dict(kept) and raw:
        kept.append(("content-type", "text/plain; charset=utf-8"))
    return Response(status, raw, kept + cookies)


def _header(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header holds a line break")
    return text


def _json(answer: Any) -> bytes:
    return answer.encode() if isinstance(answer, str) else json.dumps(answer, separators=(",", ":")).encode()
