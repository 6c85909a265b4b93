"""What is wrong beside the body: paths, methods, ids, queries, headers."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError

from tests.http.routes import Route, routes
from tests.http.test_bad_bodies import Told
from tests.http.wire import assert_refused, send
from tests.http.world import World, contents, difference

pytestmark = pytest.mark.once
PATHS = sorted({route.path for route in routes()})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONGEST_KEY = {"pk": 2048, "sk": 1024, "customer_key": 2048, "created": 1024}  # bytes that DynamoDB takes


@pytest.fixture(autouse=True)
def _keys_as_aws_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB refuses a key that is too long or empty, in reads and queries too; moto takes any."""
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def checked(self: Any, operation: str, sent: dict[str, Any]) -> Any:
        if self.meta.service_model.service_name == "dynamodb":
            for name, size in _keys(sent):
                if not 0 < size <= LONGEST_KEY[name]:
                    said = f"One or more parameter values were invalid: size of {name} is {size} bytes"
                    raise ClientError({"Error": {"Code": "ValidationException", "Message": said}}, operation)
        return call(self, operation, sent)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", checked)


def _keys(sent: Any) -> Iterator[tuple[str, int]]:
    if isinstance(sent, dict):
        for name, value in sent.items():
            if name in LONGEST_KEY and isinstance(value, dict) and "S" in value:
                yield name, len(value["S"].encode())
            elif name == ":customer" and "S" in value:
                yield "customer_key", len(value["S"].encode())
            else:
                yield from _keys(value)
    elif isinstance(sent, list):
        for value in sent:
            yield from _keys(value)


def _one(path: str) -> Route:
    return next(route for route in routes() if route.path == path)


@pytest.mark.parametrize("path", PATHS)
def test_a_method_that_the_path_does_not_know(world: World, path: str) -> None:
    before, route = contents(world.hub), _one(path)
    known = {route.method for route in routes() if route.path == path}
    for method in (each for each in METHODS if each not in known):
        answer = send(world.hub.url, method, world.path(route), world.tokens[route.role], b"{}")
        assert answer.status == 405, method
        assert {each.strip() for each in answer.headers["Allow"].split(",")} == known, method
        if method != "HEAD":
            assert_refused(answer, 405)
    assert contents(world.hub) == before


@pytest.mark.parametrize("path", sorted({path.rsplit("/", 1)[0] for path in PATHS if path.endswith("}")}))
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_path_that_nobody_knows(world: World, path: str, method: str) -> None:
    base = "/".join(path.split("/")[:4])
    for below in ("/nothing/here/at/all", "/shoppingCarts/1/2/3", "/%00/%00/%00", "/a/b/c%2Fd"):
        assert_refused(send(world.hub.url, method, base + below, world.tokens["agent"], b"{}"), 404, gateway=True)


ODD_IDS = {
    "nobody's": "0" * 32,
    "with a number sign": "a%23b",
    "with a slash": "a%2Fb",
    "up the tree": "..%2F..%2Fschedule.json",
    "percent of nothing": "%25",
    "half a percent": "%",
    "not hexadecimal": "%zz",
    "NUL": "a%00b",
    "line break": "a%0D%0Ab",
    "right to left": "%E2%80%AEa",
    "a smile": "%F0%9F%98%80",
    "half a character": "%ED%A0%80",
    "not utf-8": "%FF%FE",
    "blank": "%20",
    "quotes": "%27%22",
    "a template": "%7B%7B7*7%7D%7D",
    "long": "x" * 300,
    "too long for a key": "x" * 2100,
    "too long in bytes": "%C3%A9" * 1050,
    "very long": "x" * 6000,
}
WITH_ID = [route for route in routes() if route.path.endswith(("{id}", "{lineId}"))]


@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_an_id_that_is_none(world: World, route: Route) -> None:
    """It is answered as what is not there, whatever stands in it."""
    told = Told(world, route)
    body = json.dumps(world.sent(route)).encode() if route.method == "PATCH" else None
    for what, id_ in ODD_IDS.items():
        path = world.path(route, of=id_)
        told.check(what, send(world.hub.url, route.method, path, told.token, body), 404, 405, gateway=True)
    told.done()


OUTER = [route for route in routes() if len(route.nouns) == 2]


@pytest.mark.parametrize("route", OUTER, ids=str)
def test_an_outer_id_that_is_none(world: World, route: Route) -> None:
    told = Told(world, route)
    body = json.dumps(world.sent(route)).encode() if route.method in ("POST", "PATCH") else None
    for what, id_ in ODD_IDS.items():
        path = told.path.replace(world.ids[route.nouns[0]], id_)
        told.check(what, send(world.hub.url, route.method, path, told.token, body), 404, 405, gateway=True)
    told.done()


# What stands behind the question mark -> statuses; a list may take what it does not have to understand.
QUERIES = {
    "limit=-1": (400,),
    "limit=1.5": (400,),
    "limit=%D9%A3": (400,),
    "limit=99999": (400,),
    "limit=" + "9" * 5000: (400,),
    "offset=-1": (400,),
    "offset=x": (400,),
    "offset=" + "9" * 5000: (400,),
    "nobody.knows=1": (400,),
    "__class__=1": (400,),
    "%zz=%zz": (400,),
    "%ED%A0%80=%ED%A0%80": (400,),
    "=": (200, 400),
    "&&&": (200, 400),
    "fields=": (200, 206),
    "fields=%00": (200, 206, 400),
    "fields=" + "a," * 2000: (200, 206, 400),
    "sort=-": (200, 206, 400),
    "limit=0": (200, 206),
    "relatedParty.id=": (200, 206, 400),
    "relatedParty.id=%00": (200, 206, 400),
    "relatedParty.id=a%23b": (200, 206, 400),
    "relatedParty.id=" + "x" * 2100: (200, 206, 400),
    "id=" + "x" * 2100: (200, 206, 400),
}
LISTS = [route for route in routes() if route.method == "GET" and "{" not in route.path]


@pytest.mark.parametrize("route", LISTS, ids=str)
def test_a_query_that_makes_no_sense(world: World, route: Route) -> None:
    found = []
    for query, statuses in QUERIES.items():
        answer = send(world.hub.url, "GET", f"{world.path(route)}?{query}", world.tokens[route.role])
        try:
            assert answer.status in (*statuses, 400) if route.function == "customer" else answer.status in statuses
            if answer.status >= 400:
                assert_refused(answer, 400)
        except AssertionError as wrong:
            found.append(f"{query[:60]}: {answer.status} {answer.raw[:200]!r} {wrong}")
    if found:
        pytest.fail(f"{route}\n" + "\n".join(found), pytrace=False)


POSTS = [route for route in routes() if route.method == "POST"]
CONDITIONAL = [route for route in routes() if route.method in ("PATCH", "DELETE")]
ODD_KEYS = {"empty": "", "two words": "a b", "a tab": "a\tb", "an accent": "\xe9", "too long": "x" * 129}
STALE = [
    '"0"',
    '"999"',
    'W/"999"',
    '"abc"',
    "abc",
    "1",
    '""',
    '"1", "2"',
    '"-1"',
    '"1.0"',
    '"' + "9" * 5000 + '"',
    "<>",
]


@pytest.mark.parametrize("route", POSTS, ids=str)
def test_an_idempotency_key_that_is_none(world: World, route: Route) -> None:
    """Were it taken for none, a client that relies on it would order twice."""
    world.hub.settle()
    told, body = Told(world, route), json.dumps(world.sent(route)).encode()
    for what, key in ODD_KEYS.items():
        told.body(what, body, 400, Idempotency_Key=key)
    world.hub.settle()
    told.done()


@pytest.mark.parametrize("route", CONDITIONAL, ids=str)
def test_an_if_match_that_is_not_the_current_version_is_stale_never_malformed(world: World, route: Route) -> None:
    world.hub.settle()
    told = Told(world, route)
    body = json.dumps(world.sent(route)).encode() if route.method == "PATCH" else None
    for tag in STALE:
        answer = send(world.hub.url, route.method, told.path, told.token, body, {"If-Match": tag})
        told.check(tag[:20], answer, 409)
        if answer.status == 409 and "currentVersion" not in answer.body.get("details", {}):
            told.found.append(f"{tag[:20]}: the answer does not say the current version")
        if answer.status == 204:
            world.make(route.nouns[-1])
            world.make("cartItem")
            pytest.fail(f"{route}: it is gone, though If-Match was {tag[:20]}.", pytrace=False)
    world.hub.settle()
    told.done()


def test_headers_that_make_no_sense_harm_nobody(world: World) -> None:
    path = world.path(_one("/tmf-api/shoppingCart/v4/shoppingCart/{id}"))
    for name, value in {
        "Accept": "text/html",
        "Accept-Language": "q=;;;,de;q=x.y.z,*;q=9e9, \xe9",
        "X-Correlation-Id": "x" * 5000,
        "If-None-Match": '"1"',
        "Cookie": "a=b; c",
        "Content-Type": "application/json; charset=klingon",
        "X-Forwarded-For": "127.0.0.1, evil",
        "Range": "bytes=0-1",
    }.items():
        answer = send(world.hub.url, "GET", path, world.tokens["agent"], headers={name: value})
        assert answer.status == 200, name


def test_nothing_of_all_this_was_logged_as_our_own_mistake(world: World) -> None:
    assert world.hub.function_errors == []
    assert world.hub.dead_letters() == []
    assert difference(contents(world.hub), contents(world.hub)) == ""
