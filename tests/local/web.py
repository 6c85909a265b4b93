"""A client without opinions: it sends what it is told and shows what comes back."""

import json
import socket
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from typing import Any

from local.hub import Hub


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: bytes
    headers: Message


def ask(hub: Hub, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """One request over a connection of its own."""
    connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), answer.headers)
    finally:
        connection.close()


def told(answer: Answer) -> Any:
    """What the toy answered."""
    return json.loads(answer.text)


def raw(hub: Hub, text: bytes) -> bytes:
    """What comes back for these bytes."""
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))
