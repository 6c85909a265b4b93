"""One request to be fired at a hub, and what is wrong with the answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from local.hub import Hub
from tests.http.wire import Answer, send
from tests.http.wire import faults as refusal_faults
from tests.tmf import document


@dataclass(frozen=True)
class Shot:
    """One request, as it goes over the wire."""

    method: str
    target: str  # path and query
    token: str | None = None
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    refused: bool = False  # whether the document forbids it: to be answered with a 4xx

    def __str__(self) -> str:
        sent = f" {self.headers}" if self.headers else ""
        return f"{self.method} {self.target[:300]}{sent} {(self.body or b'')[:300]!r}"

    @property
    def operation(self) -> str:
        """The document's name for it; a blank where it is none."""
        found = document.operation_at(self.method, self.target)
        return str(found["operationId"]) if found else ""


@contextmanager
def nobody_else() -> Iterator[None]:
    """No name is looked up meanwhile: a shot may ask the hub to call an address that chance has written."""

    def refused(host: Any, *given: Any, **named: Any) -> Any:
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "no name is looked up here")
        return look_up(host, *given, **named)

    look_up, socket.getaddrinfo = socket.getaddrinfo, refused
    try:
        yield
    finally:
        socket.getaddrinfo = look_up


def fire(hub: Hub, shot: Shot) -> Answer | None:
    """What the hub answers; None where such a request cannot be sent with HTTP at all."""
    assert urlsplit(hub.url).hostname == "127.0.0.1", "Shots go to this machine alone."
    try:
        return send(hub.url, shot.method, shot.target, shot.token, shot.body, shot.headers)
    except (ValueError, UnicodeError, HTTPException):
        return None


def faults(shot: Shot, answer: Answer) -> Iterator[str]:
    """Everything that is wrong with an answer, whatever was asked."""
    if answer.status >= 500:
        yield f"it is answered with {answer.status}"
        return
    yield from document.faults(shot.method, shot.target, answer.status, answer.headers, answer.raw)
    if shot.refused and answer.status < 400:
        yield f"the document forbids it, and it is answered with {answer.status}"
    if answer.status >= 400 and shot.method != "HEAD" and not _gateways_own(answer):
        yield from refusal_faults(answer)


def _gateways_own(answer: Answer) -> bool:
    return answer.raw.startswith(b'{"message":')
