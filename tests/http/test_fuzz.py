"""Bodies that nobody would think of: no operation ever answers them with a 5xx, or without a sentence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.shared import names
from tests.http.routes import Route, routes
from tests.http.test_bad_bodies import TAKING, _definition
from tests.http.wire import faults, send
from tests.http.world import World
from tests.shape.day import MEANT

GROUPS = sorted({route.function for route in TAKING})
WORDS = ["plan-m", "ann", "customer", "add", "modify", "delete", "sale", "2026-03-01T12:00:00Z", "EUR", "open", "1", ""]
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
NUMBERS = st.one_of(st.integers(-3, 3), st.integers(), st.floats(allow_nan=False, allow_infinity=False, width=32))
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def _value(api: str, kind: str, depth: int = 3) -> st.SearchStrategy[Any]:
    """A value of that type, now and then one of another."""
    if depth == 0:
        return LEAVES
    if kind.endswith("]"):
        right: st.SearchStrategy[Any] = st.lists(_value(api, kind.rpartition("[")[0], depth - 1), max_size=2)
    elif kind in ("string", "date-time", "uri", "base64"):
        right = TEXTS
    elif kind in ("integer", "number"):
        right = NUMBERS
    elif kind == "boolean":
        right = st.booleans()
    elif kind == "any":
        right = st.recursive(
            LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2)
        )
    else:
        right = _object(api, kind, depth - 1)
    return right if depth == 3 else st.one_of(right, right, right, LEAVES)


def _object(api: str, definition: str, depth: int) -> st.SearchStrategy[Any]:
    of = names.definition(api, definition)
    if of.values is not None:
        return st.sampled_from([*of.values, "none of them"])
    required = {name: _value(api, of.properties[name], depth) for name in of.required if name in of.properties}
    known = {name: _value(api, kind, depth) for name, kind in of.properties.items() if name not in required}
    return st.fixed_dictionaries(required, optional=known) if depth < 2 else _some(required, known)


def _some(required: dict[str, Any], known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Objects with a few of the many attributes: more would all be refused for one of them."""
    chosen = st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True)
    return chosen.flatmap(lambda names: st.fixed_dictionaries({**required, **{name: known[name] for name in names}}))


def _body(route: Route) -> st.SearchStrategy[Any]:
    return _object(*_definition(route), 3)


@pytest.mark.parametrize("group", GROUPS)
def test_no_body_makes_the_hub_fail(world: World, group: str) -> None:
    chosen = st.sampled_from([route for route in TAKING if route.function == group])

    @settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def never_fails(data: st.DataObject) -> None:
        route = data.draw(chosen, label="route")
        mixed = {**world.sent(route), **data.draw(_body(route), label="body")}
        answer = send(
            world.hub.url, route.method, world.path(route), world.tokens[route.role], json.dumps(mixed).encode()
        )
        assert answer.status < 500, f"{answer.status} {answer.raw!r}"
        assert answer.status < 400 or faults(answer) == []

    never_fails()
    world.hub.settle()
    assert {error.type for error in world.hub.function_errors} <= MEANT


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.one_of(st.binary(max_size=40), st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_no_bytes_make_the_hub_fail(world: World, body: bytes) -> None:
    route = next(route for route in routes() if route.nouns == ["shoppingCart"] and route.method == "POST")
    answer = send(world.hub.url, "POST", world.path(route), world.tokens["agent"], body)
    assert answer.status in (201, 400)
    assert answer.status < 400 or faults(answer) == []
