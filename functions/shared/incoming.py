"""A request as its handler sees it: the operation it is, who is calling, and what is asked, checked when it is read."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from functions.shared import errors, shape, tmf
from functions.shared.access import Caller
from functions.shared.keys import Key

Json = dict[str, Any]

JSON_TYPES = ("application/json", "application/merge-patch+json")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
GUESTS_KEY = 32  # characters, as of 128 bits in hexadecimal: whoever knew it would be answered with the cart
STATUS = {"POST": 201, "DELETE": 204}
FIXED = ("id", "href", "@type")  # of every resource
BODY = {"POST": "_Create", "PATCH": "_Update"}


@dataclass(frozen=True)
class Operation:
    """One operation of an API, as its handler declares it."""

    method: str
    path: str  # as the resolver takes it: /tmf-api/shoppingCart/v4/shoppingCart/<id_>
    may: str  # the row of the access table
    api: str  # TMF663
    summary: str
    takes: str | None  # the definition of the body
    gives: tuple[str, str] | None  # the API and definition of the answer, or of its entries; None: 204
    status: int
    many: bool  # whether the answer is a list
    also: int | None = None  # the status that the standard wants of some requests instead

    @classmethod
    def of(
        cls,
        method: str,
        path: str,
        may: str,
        summary: str,
        *,
        takes: str | None,
        gives: str | None,
        status: int | None,
        also: int | None = None,
        many: bool | None = None,
    ) -> Operation:
        """The declaration with what follows from method and path: POST of a `/customer` takes a Customer_Create."""
        noun = [part for part in path.split("/") if not part.startswith("<")][-1]
        definition, status = tmf.type_of(noun), status or STATUS.get(method, 200)
        takes = takes or (f"{definition}{BODY[method]}" if method in BODY else None)
        of, _, given = (gives or definition).rpartition(".")
        api = tmf.api_of(path)
        if many is None:
            many = method == "GET" and not path.endswith(">")
        answered = None if status == STATUS["DELETE"] else (of or api, given)
        return cls(method, path, may, api, summary, takes, answered, status, many, also)


class Incoming:
    """One request: its caller and what it asks."""

    def __init__(self, raw: Json, caller: Caller, operation: Operation) -> None:
        self.caller, self.operation = caller, operation
        self.headers: Mapping[str, str] = raw.get("headers") or {}
        self.query: str = raw.get("rawQueryString") or ""
        self.path: str = raw["rawPath"]
        self._raw = raw

    @cached_property
    def body(self) -> Json:
        """The JSON body, known to be what the operation takes, with every name and type in it checked."""
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
        if faults := shape.check(parsed, self.operation.api, self.operation.takes or ""):
            raise errors.Malformed(faults[0], faults=faults)
        if fixed := [name for name in FIXED if self.operation.method == "PATCH" and name in parsed]:
            raise errors.Malformed(f"{fixed[0]} cannot be changed; leave it out of the PATCH.")
        return parsed

    def if_match(self) -> int | None:
        """The version the caller last saw; None where it does not say. One that is not ours matches nothing: -1."""
        sent = self.headers.get("if-match", "").strip()
        if not sent or sent == "*":
            return None
        found = re.fullmatch(r'(?:W/)?"(\d{1,9})"', sent)
        return int(found[1]) if found else -1

    @property
    def key(self) -> Key | None:
        """The Idempotency-Key of this request, bound to its caller and to the meaning of its body."""
        sent = self.headers.get("idempotency-key")
        if sent is None:
            return None
        if not IDEMPOTENCY_KEY.match(sent):
            raise errors.Malformed("An Idempotency-Key has 1 to 128 visible ASCII characters.", code="badKey")
        if self.caller.role == "guest" and len(sent) < GUESTS_KEY:
            raise errors.Malformed(
                f"A guest's Idempotency-Key has at least {GUESTS_KEY} characters: all guests share a login.",
                code="badKey",
            )
        return Key.of(self.caller, sent, self.path, self.body)

    def asked(self, name: str) -> str | None:
        """What the query says of that name; the last where it says several."""
        said = [part.partition("=") for part in self.query.split("&")]
        return next((unquote(value) for key, _, value in reversed(said) if unquote(key) == name and value), None)

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
