"""A request as its handler sees it: the operation it is, who is calling, and what is asked, checked when it is read."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import unquote

from functions.shared import clock, errors, language, shape, tmf
from functions.shared.access import Caller
from functions.shared.keys import Key

Json = dict[str, Any]

JSON_TYPES = ("application/json", "application/merge-patch+json")
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,128}\Z")
GUESTS_KEY = 32  # characters, as of 128 bits in hexadecimal: whoever knew it would be answered with the cart
STATUS = {"POST": 201, "DELETE": 204}
YEARS = range(1970, 9999)  # of a moment that is asked for: those that are years in every time zone
FIXED = ("id", "href", "@type")  # of every resource
BODY = {"POST": "_Create", "PATCH": "_Update"}


class Operation(NamedTuple):
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
    previews: bool = False  # whether it shows a coming day to who holds a token for that
    largest: int = shape.MAX_BYTES  # bytes of the body
    asks: tuple[str, ...] = ()  # what its query may say, beside what is usual

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
        previews: bool = False,
        largest: int = shape.MAX_BYTES,
        asks: tuple[str, ...] = (),
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
        return cls(method, path, may, api, summary, takes, answered, status, many, also, previews, largest, asks)


class Incoming:
    """One request: its caller and what it asks."""

    def __init__(self, raw: Json, caller: Caller, operation: Operation, as_of: datetime | None = None) -> None:
        self.caller, self.operation = caller, operation
        self.as_of = as_of  # the moment that is previewed; None where it is about now
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
            raw = b64decode(sent) if self._raw.get("isBase64Encoded") else sent
            parsed = shape.parse_json(raw, self.operation.largest)
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

    @property
    def now(self) -> datetime:
        """The moment that it is about: this one, unless another is previewed."""
        return self.as_of or clock.now()

    def moment(self, name: str) -> datetime | None:
        """The date-time that the query says of that name, if any."""
        written = self.asked(name)
        return None if written is None else moment_written(name, written.replace(" ", "+"))

    def asked(self, name: str) -> str | None:
        """What the query says of that name; the last where it says several."""
        said = [part.partition("=") for part in self.query.split("&")]
        return next((unquote(value) for key, _, value in reversed(said) if unquote(key) == name and value), None)

    def language(self, spoken: list[str]) -> str:
        """Of the languages that are `spoken` the one that Accept-Language wants most; the brand's first if none."""
        return language.chosen(self.headers.get("accept-language", ""), spoken)


def moment_written(name: str, written: str) -> datetime:
    """The moment that somebody writes; one without a time zone is taken as UTC."""
    try:
        moment = clock.moment(written)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise errors.Malformed(f"{name} must be a date-time such as 2026-03-01T00:00:00+01:00.", code="badFilter")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
