"""The HTTP client of the tests: every answer it gets is held against the standard before a test sees it.

`Client(url, token).post("/tmf-api/shoppingCart/v4/shoppingCart", {})` raises AssertionError with every fault of the
answer: its status, headers, names, types, and what it lacks. Numbers with a fraction arrive as Decimal.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from functions.shared import names
from tests.tmf import document, strict

APIS = (*sorted(file.stem for file in names.HERE.glob("TMF*.json")), names.OURS)
BASES = {names.basis(api): api for api in APIS}
# A path's last noun is its definition (`/shoppingCart` -> ShoppingCart), but for these.
IRREGULAR: dict[tuple[str, str], tuple[str, str]] = {(api, "hub"): (api, "EventSubscription") for api in APIS}
IRREGULAR["omnihub", "cartMerge"] = ("TMF663", "ShoppingCart")
IRREGULAR["omnihub", "bill"] = ("omnihub", "PriceRiseBill")
# What has a version of its own, and so an ETag wherever one of it is answered.
MUTABLE = {
    "BillingAccount",
    "Catalog",
    "Category",
    "Customer",
    "CustomerPrice",
    "Grant",
    "Individual",
    "Organization",
    "PartyInteraction",
    "PriceRise",
    "Product",
    "ProductOffering",
    "ProductOfferingPrice",
    "ProductOrder",
    "ProductSpecification",
    "ShoppingCart",
}
GATEWAYS_OWN = (401, 403, 413)  # API Gateway answers these itself, in AWS's bytes
GONE, CREATED, PART = 204, 201, 206


class Target(NamedTuple):
    """What a path answers with: the definition, and whether GET gives a list of it."""

    api: str
    definition: str
    is_collection: bool


@dataclass(frozen=True)
class Response:
    """An answer that has passed the check; `headers` ignores case."""

    status: int
    headers: Message
    body: Any

    @property
    def etag(self) -> str:
        """To be sent back as If-Match."""
        return str(self.headers["ETag"])

    @property
    def location(self) -> str:
        """The path of what was created."""
        return urlsplit(self.headers["Location"]).path


@dataclass(frozen=True)
class Client:
    """One caller: a hub's address, a token (None calls without one), and the language wanted.

    `expect` is the status the test wants, several of them, or None for anything below 500. A body of bytes is sent
    as it is, for what is malformed.
    """

    url: str
    token: str | None
    accept_language: str | None = None

    def get(self, path: str, *, headers: Mapping[str, str] | None = None, expect: Any = (200, PART)) -> Response:
        return self.request("GET", path, headers=headers, expect=expect)

    def post(
        self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, expect: Any = CREATED
    ) -> Response:
        return self.request("POST", path, body, headers=headers, expect=expect)

    def patch(
        self, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None, expect: Any = 200
    ) -> Response:
        return self.request("PATCH", path, body, headers=headers, expect=expect)

    def delete(self, path: str, *, headers: Mapping[str, str] | None = None, expect: Any = GONE) -> Response:
        return self.request("DELETE", path, headers=headers, expect=expect)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        expect: Any = None,
    ) -> Response:
        """Sends, reads, checks; AssertionError lists all that is wrong with the answer."""
        status, received, raw = self._exchange(method, path, body, headers or {})
        answer, found = Response(status, received, None), []
        try:
            answer = Response(status, received, _read(raw))
        except ValueError as error:
            found.append(f"the body is not JSON ({error})")
        if not _is_expected(status, expect):
            found.append(f"the status is {status}, expected {expect or 'below 500'}")
        found += answer_faults(method, path, answer)
        found += document.faults(method, path, status, received, raw)
        assert not found, f"{method} {path} -> {status}\n  " + "\n  ".join(found) + f"\n{raw.decode(errors='replace')}"
        return answer

    def _exchange(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Message, bytes]:
        sent = {"Accept": "application/json"}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.accept_language is not None:
            sent["Accept-Language"] = self.accept_language
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body if isinstance(body, bytes) else json.dumps(body, default=_number).encode()
        address = urlsplit(self.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.netloc, timeout=30)
        try:
            connection.request(method, address.path.rstrip("/") + path, body, sent | dict(headers))
            answered = connection.getresponse()
            return answered.status, answered.headers, answered.read()
        finally:
            connection.close()


def target_of(path: str) -> Target | None:
    """What lies at a path (with or without query); None outside every base path."""
    plain = urlsplit(path).path
    base = next((base for base in BASES if plain.startswith(f"{base}/")), None)
    if base is None:
        return None
    if plain.endswith("/price/replay"):
        return Target(BASES[base], "PriceReplay", is_collection=False)
    segments = plain.removeprefix(f"{base}/").rstrip("/").split("/")
    noun = segments[-1] if len(segments) % 2 else segments[-2]
    api, definition = IRREGULAR.get((BASES[base], noun), (BASES[base], noun[:1].upper() + noun[1:]))
    return Target(api, definition, is_collection=bool(len(segments) % 2))


def answer_faults(method: str, path: str, answer: Response) -> Iterator[str]:
    """Everything about one answer that a conforming client could trip over."""
    if answer.status == GONE:
        if answer.body is not None:
            yield "a 204 has a body"
        return
    if not answer.headers.get("Content-Type", "").startswith("application/json"):
        yield f"the content type is {answer.headers.get('Content-Type')}"
    target = target_of(path)
    if answer.status >= 400:
        yield from _error_faults(answer, target)
    elif target is None:
        yield "the path lies outside every base path"
    else:
        yield from _success_faults(method, path, answer, target)


def _success_faults(method: str, path: str, answer: Response, target: Target) -> Iterator[str]:
    try:
        names.definition(target.api, target.definition)
    except LookupError as error:
        yield f"{error}: name it in extensions.json, or the path's noun in IRREGULAR"
        return
    partial = "fields" in parse_qs(urlsplit(path).query, keep_blank_values=True)
    if method == "GET" and target.is_collection:
        yield from _list_faults(answer, target, partial=partial)
        return
    yield from strict.faults(answer.body, target.api, target.definition, partial=partial)
    if answer.status == CREATED:
        yield from _location_faults(answer)
    if target.definition in MUTABLE and not re.fullmatch(r'(W/)?"[^"]+"', answer.headers.get("ETag", "")):
        yield f"a {target.definition} without an ETag"


def _list_faults(answer: Response, target: Target, *, partial: bool) -> Iterator[str]:
    if not isinstance(answer.body, list):
        yield "a list is not a bare JSON array"
        return
    for index, entry in enumerate(answer.body):
        found = strict.faults(entry, target.api, target.definition, partial=partial)
        yield from (f"[{index}].{fault}" for fault in found)
    total, count = answer.headers.get("X-Total-Count"), answer.headers.get("X-Result-Count")
    if count != str(len(answer.body)):
        yield f"X-Result-Count is {count} for {len(answer.body)} entries"
    if answer.status == PART and total is not None and int(total) <= len(answer.body):
        yield f"a 206 holds all of X-Total-Count {total}"
    if answer.status != PART and total != str(len(answer.body)):
        yield f"a complete list of {len(answer.body)} has X-Total-Count {total}"


def _location_faults(answer: Response) -> Iterator[str]:
    ident = answer.body.get("id") if isinstance(answer.body, dict) else None
    if not answer.headers.get("Location", "").endswith(f"/{ident}"):
        yield f"a 201 of {ident} has the Location {answer.headers.get('Location')}"


def _error_faults(answer: Response, target: Target | None) -> Iterator[str]:
    body = answer.body
    is_gateways_own = answer.status in GATEWAYS_OWN or (answer.status == 404 and target is None)
    if is_gateways_own and isinstance(body, dict) and body.keys() == {"message"}:
        return
    yield from strict.faults(body, target.api if target else names.BORROWED_FROM, "Error")
    if isinstance(body, dict) and body.get("status") != str(answer.status):
        yield f"the error says status {body.get('status')!r}"
    for status, header in {405: "Allow", 503: "Retry-After"}.items():
        if answer.status == status and header not in answer.headers:
            yield f"a {status} without {header}"


def assert_event(envelope: dict[str, Any]) -> None:
    """An event as partners get it: known by its type, whole, and strictly of the standard."""
    kind = str(envelope.get("eventType"))
    found = [f"{kind} is not an event of any API"]
    for api in APIS:
        try:
            names.definition(api, kind)
        except LookupError:
            continue
        found = strict.faults(envelope, api, kind)
        break
    assert not found, f"{kind}\n  " + "\n  ".join(found)


def _read(raw: bytes) -> Any:
    return json.loads(raw, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once) if raw else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"a name twice in {[name for name, _ in pairs]}")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{value!r} is not JSON")


def _is_expected(status: int, expect: Any) -> bool:
    if expect is None:
        return status < 500
    return status in expect if isinstance(expect, tuple) else bool(status == expect)
