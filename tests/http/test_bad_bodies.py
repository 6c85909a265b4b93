"""Whatever is wrong with a body, every operation says so in a sentence and changes nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.shared import names
from tests.http.routes import Route, routes
from tests.http.wire import Answer, assert_refused, send
from tests.http.world import World, contents, difference
from tests.tmf.client import BASES

pytestmark = pytest.mark.once
TAKING = [route for route in routes() if route.method in ("POST", "PATCH")]
DEEP = 100_000

# What is wrong with it -> the body, byte by byte. None of these is what any operation takes.
BODIES: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t",
    "cut off": b'{"quantity": 1',
    "a comma too many": b'{"quantity": 1,}',
    "single quotes": b"{'quantity': 1}",
    "a comment": b'{/* one */ "quantity": 1}',
    "two documents": b"{}{}",
    "words": b"quantity=1",
    "xml": b"<quantity>1</quantity>",
    "a name twice": b'{"@type": "A", "@type": "B"}',
    "a name twice, deep inside": b'{"relatedParty": [{"id": "a", "id": "b"}]}',
    "not a number": b'{"quantity": NaN}',
    "infinite": b'{"quantity": Infinity}',
    "infinitely little": b'{"quantity": -Infinity}',
    "too large for a double": b'{"quantity": 1e400}',
    "too large to be exact": b'{"quantity": 1' + b"0" * 30 + b"}",
    "digits without end": b'{"quantity": ' + b"9" * 5000 + b"}",
    "lists without end": b"[" * DEEP,
    "lists in lists": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deeper than the store takes": b'{"@baseType":' + b"[" * 60 + b"]" * 60 + b"}",
    "latin-1": '{"@baseType": "é"}'.encode("latin-1"),
    "utf-16": '{"@baseType": "A"}'.encode("utf-16"),
    "a byte order mark": '{"@baseType": "A"}'.encode("utf-8-sig"),
    "bytes of a surrogate": b'{"@baseType": "\xed\xa0\x80"}',
    "null": b"null",
    "true": b"true",
    "a number": b"17",
    "a text": b'"quantity"',
    "a list": b"[]",
    "a list of objects": b'[{"quantity": 1}]',
    "a name nobody knows": b'{"itemz": 1}',
    "a name in the wrong case": b'{"@Type": "A"}',
    "an empty name": b'{"": 1}',
    "a name of python's": b'{"__class__": {"__init__": 1}}',
    "a name of javascript's": b'{"__proto__": {"role": "operator"}}',
    "a name with NUL": b'{"a\\u0000": 1}',
    "a name that is half a character": b'{"\\ud800": 1}',
    "a NUL": b'{"@baseType": "a\\u0000b"}',
    "half a character": b'{"@baseType": "\\ud800"}',
    "the other half": b'{"@baseType": "\\udc00\\ud800"}',
    "a very long text": b'{"@baseType": "' + b"x" * 20_000 + b'"}',
    "a type that is a number": b'{"@type": 5}',
}
QUANTITIES: dict[str, bytes] = {
    "true": b"true",
    "a text": b'"1"',
    "a fraction": b"1.5",
    "a whole fraction": b"2.0",
    "none": b"0",
    "less than none": b"-1",
    "more than anybody orders": b"100",
    "10^15": b"1" + b"0" * 15,
    "10^30": b"1" + b"0" * 30,
    "in powers": b"1e1",
    "null": b"null",
    "a list": b"[1]",
    "an object": b'{"amount": 1}',
}
WRONG = {"string": 5, "date-time": "yesterday", "uri": 5, "base64": 5, "boolean": "true", "integer": "1", "number": "1"}


class Told:
    """What one operation answers to all of a table, and whether anything changed meanwhile."""

    def __init__(self, world: World, route: Route) -> None:
        self.world, self.route, self.found = world, route, list[str]()
        self.path, self.token = world.path(route), world.tokens[route.role]
        self.before = contents(world.hub)

    def body(self, what: str, body: bytes, *statuses: int, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.check(what, send(self.world.hub.url, self.route.method, self.path, self.token, body, sent), *statuses)

    def check(self, what: str, answer: Answer, *statuses: int, gateway: bool = False) -> None:
        try:
            assert_refused(answer, *(statuses or (400,)), gateway=gateway)
        except AssertionError as wrong:
            self.found.append(f"{what}: {wrong}")
        if (now := contents(self.world.hub)) != self.before:
            self.found.append(f"{what}: this changed\n{difference(self.before, now)[:400]}")
            self.before = now

    def done(self) -> None:
        if self.found:
            pytest.fail(f"{self.route}\n" + "\n".join(self.found), pytrace=False)


@pytest.fixture(params=TAKING, ids=str)
def told(request: pytest.FixtureRequest, world: World) -> Iterator[Told]:
    """Each operation that takes a body; the hub has come to rest before and after."""
    world.hub.settle()
    yield Told(world, request.param)
    world.hub.settle()
    assert world.hub.function_errors == []


def test_a_body_that_is_not_the_json_we_take(told: Told) -> None:
    for what, body in BODIES.items():
        told.body(what, body)
    told.done()


def test_a_body_larger_than_the_operation_takes(told: Told) -> None:
    told.body("text", b'{"@baseType": "' + b"x" * told.route.largest + b'"}')
    told.body("blanks", b"{" + b" " * told.route.largest + b"}")
    told.done()


def test_no_body_at_all(told: Told) -> None:
    told.check("none", send(told.world.hub.url, told.route.method, told.path, told.token))
    told.done()


def test_a_body_of_another_type(told: Told) -> None:
    body = json.dumps(told.world.sent(told.route)).encode()
    for kind in (
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "json",
        "",
    ):
        told.body(kind, body, 415, Content_Type=kind)
    told.done()


def _definition(route: Route) -> tuple[str, str]:
    base = next(base for base in BASES if route.path.startswith(f"{base}/"))
    noun = route.nouns[-1]
    return BASES[base], "EventSubscription" if noun == "hub" else noun[0].upper() + noun[1:]


def _attributes(route: Route) -> Iterator[tuple[str, Any]]:
    """Every attribute that the operation's definition knows, with a value of another type."""
    api, definition = _definition(route)
    for name, kind in names.definition(api, definition).properties.items():
        if kind == "any":
            continue
        yield name, WRONG.get(kind, 5)
        yield name, {"a": {"b": 1}} if kind in WRONG or kind.endswith("]") else [1]
        if kind.endswith("]"):
            yield name, [WRONG.get(kind[:-2], 5)]
            yield name, [None]


def test_an_attribute_of_another_type(told: Told) -> None:
    correct = told.world.sent(told.route)
    for name, value in _attributes(told.route):
        told.body(f"{name}: {value}", json.dumps({**correct, name: value}).encode())
    told.done()


QUANTIFIED = {
    "cartItem": b'{"productOffering": {"id": "plan-m"}, "quantity": %s}',
    "shoppingCart": b'{"cartItem": [{"productOffering": {"id": "plan-m"}, "quantity": %s}]}',
    "productOrder": b'{"relatedParty": [{"id": "ann", "role": "customer"}], "productOrderItem": '
    b'[{"id": "1", "action": "add", "productOffering": {"id": "plan-m"}, "quantity": %s}]}',
}


def test_a_quantity_that_is_none(told: Told) -> None:
    """Neither true nor "1" nor 2.0 is a quantity, and nobody orders a hundred of anything."""
    pattern = QUANTIFIED.get(told.route.nouns[-1])
    for what, quantity in QUANTITIES.items() if pattern else ():
        told.body(what, pattern % quantity)  # type: ignore[operator]
    told.done()


@pytest.mark.parametrize(
    "offering", ["plan-zzz", "#", "plan-m#", "../plan-m", "plan-m\u202e", "PLAN-M", "x" * 256, "' OR 1=1", "${jndi:x}"]
)
def test_a_line_of_an_offering_that_is_not_there(world: World, offering: str) -> None:
    before = contents(world.hub)
    body = json.dumps({"productOffering": {"id": offering}}).encode()
    answer = send(world.hub.url, "POST", world.collection("cartItem"), world.tokens["agent"], body)
    assert_refused(answer, 409)
    assert contents(world.hub) == before
