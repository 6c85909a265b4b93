"""The HTTP API on loopback: routes and authorizers of the template, AWS's own bytes where AWS would answer itself."""

from __future__ import annotations

import re
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread, current_thread
from typing import Any

from joserfc.jwk import RSAKey

from local import account, docs, faults
from local.authorizer import Refused, as_context, verify
from local.blueprint import Blueprint, Route
from local.functions import name_in
from local.http_event import BadAnswer, Request, Response, event_for, response_from
from local.work import Work

LARGEST_BODY = 10 * 1024 * 1024
LONGEST_DRAIN = 64 * 1024 * 1024  # of a body that is too large, so that its sender can read the answer
IDLE = 60  # seconds after which a silent connection is closed


class PortTaken(OSError):
    """Somebody else listens there."""


class TooLarge(ValueError):
    """A body over API Gateway's limit."""


@dataclass(frozen=True)
class _Match:
    """A route that can be compared: the more specific, the earlier."""

    route: Route
    method: str
    pattern: re.Pattern[str]
    rank: tuple[int, int, int, int]


def _matcher(route: Route) -> _Match:
    if route.key == "$default":
        return _Match(route, "ANY", re.compile(".*"), (2, 0, 0, 1))
    method, _, path = route.key.partition(" ")
    parts = re.split(r"(\{\w+\+?\})", path)
    text = "".join(_part(part) if part.startswith("{") else re.escape(part) for part in parts)
    greedy, literal = "+}" in path, sum(len(part) for part in parts if not part.startswith("{"))
    return _Match(route, method, re.compile(text, re.DOTALL), (int(greedy), -literal, len(parts), int(method == "ANY")))


def _part(part: str) -> str:
    return f"(?P<{part[1:-2]}>.+)" if part.endswith("+}") else f"(?P<{part[1:-1]}>[^/]+)"


class Gateway:
    """Answers requests from the template's routes; knows nothing of sockets."""

    def __init__(
        self, blueprint: Blueprint, key: RSAKey, work: Work, document: Path | None = None, *, shared: bool = False
    ) -> None:
        self._functions, self._key, self._work, self._document = blueprint.functions, key, work, document
        self._shared = shared  # with other processes of this machine: they may use the hub's account
        self._routes = sorted((_matcher(route) for route in blueprint.routes), key=lambda match: match.rank)
        self._cors: dict[str, Any] | None = dict(blueprint.cors) if blueprint.cors else None

    def largest_body(self, authorization: str | None) -> int:
        """How many bytes a request may bring: what API Gateway takes, or what the account of AWS does."""
        return account.LARGEST_BODY if self._shared and account.signed(authorization) else LARGEST_BODY

    def answer(self, request: Request) -> Response:
        """The answer to one request."""
        if self._shared and (of_aws := account.answer(request)):
            return of_aws
        headers = request.joined_headers
        origin = headers.get("origin")
        if self._cors and origin and request.method == "OPTIONS" and "access-control-request-method" in headers:
            return Response(204, headers=self._preflight(origin))
        response = self._answer(request, headers.get("authorization"))
        if self._cors and origin:
            kept = [pair for pair in response.headers if not pair[0].startswith("access-control-")]
            response = Response(response.status, response.body, kept + self._cors_headers(origin))
        return response

    def _answer(self, request: Request, authorization: str | None) -> Response:
        path = request.path
        found = None
        for match in self._routes:
            if match.method in (request.method, "ANY") and (found := match.pattern.fullmatch(path)):
                break
        if found is None:
            shown = docs.page(path, self._document) if self._document and request.method == "GET" else None
            return shown or Response.message(404, "Not Found")
        context = None
        if match.route.authorizer is not None:
            try:
                claims = verify(authorization, match.route.authorizer, match.route.scopes, self._key)
            except Refused as refused:
                said = "Unauthorized" if refused.status == 401 else "Forbidden"
                return Response.message(refused.status, said, www_authenticate=refused.challenge)
            context = as_context(claims, match.route.scopes)
        event = event_for(request, route_key=match.route.key, parameters=found.groupdict(), authorizer=context)
        with faults.of(request):
            return self._ask(match.route.function, event)

    def _ask(self, function: str, event: dict[str, Any]) -> Response:
        with self._work.during(f"request to {name_in(function)}"):
            outcome = self._functions.invoke(function, event)
        if outcome.error is not None:
            return Response.message(500, "Internal Server Error")
        try:
            return response_from(outcome.value())
        except BadAnswer:
            return Response.message(500, "Internal Server Error")

    def _preflight(self, origin: str) -> list[tuple[str, str]]:
        allowed = self._cors_headers(origin)
        for name, key in (("methods", "AllowMethods"), ("headers", "AllowHeaders")):
            if allowed and (self._cors or {}).get(key):
                allowed.append((f"access-control-allow-{name}", ",".join((self._cors or {})[key])))
        if allowed and "MaxAge" in (self._cors or {}):
            allowed.append(("access-control-max-age", str((self._cors or {})["MaxAge"])))
        return allowed

    def _cors_headers(self, origin: str) -> list[tuple[str, str]]:
        cors = self._cors or {}
        origins = cors.get("AllowOrigins", [])
        if "*" not in origins and origin not in origins:
            return []
        given = [("access-control-allow-origin", "*" if "*" in origins else origin)]
        if cors.get("AllowCredentials"):
            given.append(("access-control-allow-credentials", "true"))
        if cors.get("ExposeHeaders"):
            given.append(("access-control-expose-headers", ",".join(cors["ExposeHeaders"])))
        return given


class Server(ThreadingHTTPServer):
    """Listens on loopback from the start, and answers once a gateway is given."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as taken:
            raise PortTaken(f"Port {port} is taken.") from taken
        self.gateway: Gateway | None = None
        self._open: set[socket.socket] = set()
        self._busy: set[Thread] = set()
        self._lock = Lock()
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="http", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self, gateway: Gateway) -> None:
        """Answer from now on."""
        self.gateway = gateway
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            sockets, threads = list(self._open), list(self._busy)
        for connection in sockets:
            _hang_up(connection)
        for thread in threads:
            thread.join(timeout=10)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that the end of the hub is also its end."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Remember the connection's thread."""
        with self._lock:
            self._busy.add(current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._busy.discard(current_thread())
                self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, or spoke no HTTP, is no error of ours."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body in one packet
    timeout = IDLE

    def _go(self) -> None:
        try:
            gateway = self.server.gateway
            body = self._body(gateway.largest_body(self.headers.get("authorization")) if gateway else LARGEST_BODY)
        except TooLarge:
            self.close_connection = True
            return self._send(Response.message(413, "Request Entity Too Large"))
        except ValueError:
            self.close_connection = True
            return self._send(Response.message(400, "Bad Request"))
        address = self.client_address[0]
        request = Request(self.command, self.path, self.headers.items(), body, self.request_version, address)
        return self._send(gateway.answer(request) if gateway else Response.message(503, "Service Unavailable"))

    def _body(self, most: int) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks(most)
        lengths = set(self.headers.get_all("content-length", ["0"]))
        length = lengths.pop().strip()
        if lengths or not length.isdecimal() or not length.isascii():
            raise ValueError("content-length")
        if int(length) > most:
            self._drain(int(length))
            raise TooLarge
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ValueError("the body ended early")
        return body

    def _chunks(self, most: int) -> bytes:
        parts, total = [], 0
        while size := int(self.rfile.readline(1026).split(b";")[0].strip(), 16):
            total += size
            if size < 0 or total > most:
                raise TooLarge
            parts.append(self.rfile.read(size))
            if self.rfile.readline(3) not in (b"\r\n", b"\n"):
                raise ValueError("a chunk does not end where it says")
        while self.rfile.readline(65537) not in (b"\r\n", b"\n", b""):
            pass  # trailers
        return b"".join(parts)

    def _drain(self, length: int) -> None:
        left = min(length, LONGEST_DRAIN)
        while left > 0 and (read := len(self.rfile.read(min(left, 65536)))):
            left -= read

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        self.send_header("date", self.date_time_string())
        for name, value in response.headers:
            self.send_header(name, value.encode("utf-8").decode("latin-1"))
        told = {name for name, _ in response.headers}  # S3 says of what it does not send how long it would be
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED) and "content-length" not in told:
            self.send_header("content-length", str(len(response.body)))
        self.send_header("apigw-requestid", uuid.uuid4().hex[:16])
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.wfile.write(response.body)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses is refused in the gateway's words."""
        self.close_connection, self.request_version = True, self.protocol_version
        if code == HTTPStatus.NOT_IMPLEMENTED:  # a method that no route can have
            return self._send(Response.message(404, "Not Found"))
        status = HTTPStatus(code)
        return self._send(Response.message(code, status.phrase))

    def log_message(self, *_: Any) -> None:
        """Nothing: what is to be known, the functions log."""


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._go)
