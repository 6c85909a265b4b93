"""Shots without a document: broken bytes, odd paths, queries, cursors and headers, drawn from tables by chance."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

from functions.shared import names
from tests.fuzz.shot import Shot
from tests.http.routes import Route, routes
from tests.http.test_bad_bodies import BODIES, QUANTITIES
from tests.http.test_bad_requests import METHODS, ODD_IDS, ODD_KEYS, QUERIES, STALE
from tests.http.world import World
from tests.tmf.client import target_of

ASKED = ("", ".gt", ".gte", ".lt", ".lte", ".eq", ".regex", ">", "<=", "*")
VALUES = [
    "",
    "a",
    "1",
    "-1",
    "1e400",
    "true",
    "2026-03-01T12:00:00Z",
    "%00",
    "%ED%A0%80",
    "(((",
    "a,b",
    "a;b",
    "x" * 3000,
]
ODD_BYTES = [
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"1e999",
    b"null",
    b"\\u0000",
]
HEADERS: dict[str, list[str]] = {
    "Accept-Language": ["*", "de;q=x", "q=;;;,en", "\xe9", "x" * 4000, "en-US-x,de;q=9e9"],
    "Content-Type": [
        "application/json; charset=klingon",
        "text/plain",
        "application/merge-patch+json",
        "",
        ";;;",
        "\xff",
    ],
    "Content-Encoding": ["gzip", "br"],
    "If-Match": STALE,
    "Idempotency-Key": [*ODD_KEYS.values(), "k" * 128, "a", "#", "%00"],
    "X-Correlation-Id": ["", "x" * 65, "a\tb", "\xe9", "../..", "${jndi:ldap://127.0.0.1}"],
    "Authorization": ["", "Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi", "bearer \xff", "Bearer " + "x" * 6000],
    "X-Forwarded-For": ["127.0.0.1, evil"],
    "Range": ["bytes=0-1"],
    "Expect": ["nothing"],
}


def shots(world: World, count: int, number: int) -> Iterator[Shot]:
    """So many, the same for a number as long as the world answers the same."""
    random = Random(number)
    for _ in range(count):
        yield random.choice(WAYS)(world, random, random.choice(routes()))


def _plain(
    world: World, route: Route, target: str = "", body: bytes | None = None, headers: dict[str, str] | None = None
) -> Shot:
    if body is None and route.method in ("POST", "PATCH"):
        body = json.dumps(world.sent(route)).encode()
    return Shot(route.method, target or world.path(route), world.tokens[route.role], body, headers or {})


def _broken_body(world: World, random: Random, route: Route) -> Shot:
    return _plain(world, route, body=random.choice([*BODIES.values()]))


def _flipped(world: World, random: Random, route: Route) -> Shot:
    """A correct body in which a few bytes are others, are twice there or are gone."""
    body = bytearray(json.dumps(world.sent(route)).encode() if route.method in ("POST", "PATCH") else b"{}")
    for _ in range(random.randint(1, 4)):
        at, odd = random.randrange(len(body) + 1), random.choice(ODD_BYTES)
        end = at + random.choice([0, 0, 1, 8])
        body[at:end] = random.choice([odd, body[at:end] * 2, b""])
    return _plain(world, route, body=bytes(body))


def _odd_value(world: World, random: Random, route: Route) -> Shot:
    """A correct body in which any value, however deep, is something else."""
    sent = world.sent(route) if route.method in ("POST", "PATCH") else {}
    text = json.dumps(_changed(sent, random, "\u0001")).replace(
        '"\\u0001"', random.choice([*QUANTITIES.values()]).decode()
    )
    return _plain(world, route, body=text.encode())


def _changed(value: object, random: Random, by: str) -> object:
    if isinstance(value, dict) and value:
        name = random.choice(sorted(value))
        return {**value, name: by if random.random() < 0.3 else _changed(value[name], random, by)}
    if isinstance(value, list) and value:
        return [_changed(value[0], random, by), *value[1:]]
    return by


def _odd_path(world: World, random: Random, route: Route) -> Shot:
    path = world.path(route, of=random.choice([*ODD_IDS.values()]))
    tail = random.choice(["", "/", "//", "/..", "/%2e%2e", "?", "?id=a", "/cartItem", ";a=b"])
    method = random.choice([route.method, *METHODS])
    return Shot(method, path + tail, world.tokens[route.role], b"{}" if method in ("POST", "PATCH", "PUT") else None)


def _odd_query(world: World, random: Random, route: Route) -> Shot:
    """Filters on what there is and is not, with every operator, in any mixture."""
    known = _known(route.path)
    parts = [random.choice([*QUERIES]) for _ in range(random.randint(0, 1))]
    for _ in range(random.randint(1, 3)):
        path = ".".join(random.choice([*known, "id", "name", "@type"]) for _ in range(random.choice([1, 1, 2])))
        parts.append(f"{path}{random.choice(ASKED)}={random.choice(VALUES)}")
    parts += random.choice(
        [[], ["sort=" + random.choice([*known, "-"])], ["fields=" + random.choice([*known, "none"])]]
    )
    listing = random.choice([each for each in routes() if each.method == "GET"])
    return _plain(world, listing, f"{world.path(listing)}?{'&'.join(random.sample(parts, len(parts)))}")


def _known(path: str) -> list[str]:
    """The attributes of what lies there; none of what is ours and stands below something of the standard's."""
    found = target_of(path)
    with suppress(LookupError):
        return [*names.definition(found.api, found.definition).properties] if found else []
    return []


def _odd_cursor(world: World, random: Random, route: Route) -> Shot:
    cursor = random.choice(["e30", "W10", "WyIiLCAiIl0", "WyJ+IiwgImEjYiNjIl0", "====", "%00", "x" * 5000, "bnVsbA"])
    letters = [*cursor]
    letters[random.randrange(len(letters))] = random.choice("aZ0_-=+/%")
    listing = random.choice([each for each in routes() if each.method == "GET" and "{" not in each.path])
    return _plain(world, listing, f"{world.path(listing)}?limit=1&cursor={''.join(letters)}")


def _odd_headers(world: World, random: Random, route: Route) -> Shot:
    named = random.sample(sorted(HEADERS), random.randint(1, 3))
    return _plain(world, route, headers={name: random.choice(HEADERS[name]) for name in named})


WAYS: list[Callable[[World, Random, Route], Shot]] = [
    _broken_body,
    _flipped,
    _odd_value,
    _odd_path,
    _odd_query,
    _odd_cursor,
    _odd_headers,
]
