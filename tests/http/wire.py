"""A request byte by byte, which the strict client would not send, and what every refusal has in common."""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from functions.shared import names
from tests.tmf import strict

# What a sentence for a person never holds: our classes, files, clients, or the reasons of a library.
INNARDS = re.compile(
    r"Traceback|\b\w+(Error|Exception)\b|\bfunctions[./]|\bbotocore\b|\bpydantic\b|0x[0-9a-f]{6}|<class"
)
# What API Gateway answers by itself, in its own bytes.
GATEWAYS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 413: "Request Entity Too Large"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw) if self.raw else None


def send(
    url: str,
    method: str,
    path: str,
    token: str | None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """One request on a connection of its own; JSON unless `headers` says otherwise."""
    given = {"Authorization": f"Bearer {token}"} if token is not None else {}
    if body is not None:
        given["Content-Type"] = "application/json"
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, body, {**given, **(headers or {})})
        answered = connection.getresponse()
        raw = answered.read()
        packed = answered.headers["Content-Encoding"] == "gzip"  # for who asks for that
        return Answer(answered.status, answered.headers, gzip.decompress(raw) if packed else raw)
    finally:
        connection.close()


def assert_refused(answer: Answer, *statuses: int, gateway: bool = False) -> None:
    """A refusal with one of these statuses, in the error body, with a sentence for the person who must act.

    `gateway` also admits the bytes that API Gateway answers by itself.
    """
    said = answer.raw.decode("utf-8")
    assert answer.status in statuses, f"{answer.status}, expected {statuses}: {said[:300]}"
    assert answer.headers["Content-Type"] == "application/json"
    if gateway and answer.body == {"message": GATEWAYS.get(answer.status)}:
        return
    assert not (found := faults(answer)), f"{said[:300]}\n" + "\n".join(found)


def faults(answer: Answer) -> list[str]:
    """What is wrong with an error body."""
    body = answer.body
    found = strict.faults(body, names.BORROWED_FROM, "Error")
    if found:
        return found
    reason = body["reason"]
    if body["status"] != str(answer.status):
        found.append(f"It says status {body['status']}.")
    if not reason.endswith((".", "?")) or len(reason) > 400:
        found.append(f"This is no sentence: {reason!r}.")
    if leak := INNARDS.search(answer.raw.decode("utf-8")):
        found.append(f"It shows our insides: {leak[0]}.")
    if answer.status == 405 and not answer.headers.get("Allow"):
        found.append("A 405 without Allow.")
    if answer.status == 503 and not answer.headers.get("Retry-After"):
        found.append("A 503 without Retry-After.")
    return found
