"""Shots that schemathesis makes from the OpenAPI document: what an operation takes, and what it does not."""

import json
import warnings
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisDeprecationWarning
from requests import Request
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from functions.shared.access import ALLOWED, ROLES
from tests.fuzz.shot import Shot
from tests.http.routes import Route
from tests.http.world import World
from tests.tmf.document import document

TAKEN, FORBIDDEN = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(document())


def cases(route: Route, mode: GenerationMode, count: int, number: int) -> list[Any]:
    """So many cases of one operation, always the same for a number."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_schema()[route.path][route.method].as_strategy(generation_mode=mode))
    def collect(case: Any) -> None:
        found.append(case)

    with warnings.catch_warnings():
        # Hypothesis takes the random numbers that the hub's threads draw meanwhile for the strategy's.
        warnings.simplefilter("ignore", HypothesisDeprecationWarning)
        collect()
    return found


def shots(world: World, route: Route, mode: GenerationMode, count: int, number: int) -> Iterator[Shot]:
    """The cases as requests: half of them to what there is in that world, with a token of any role that may."""
    random = Random(f"{number} {route}")
    for case in cases(route, mode, count, number):
        prepared = Request(**case.as_transport_kwargs(base_url="http://127.0.0.1")).prepare()
        target, body = prepared.path_url, prepared.body
        if "{" in route.path and random.random() < 0.5:
            target = world.path(route) + target[len(target.partition("?")[0]) :]
        refused = _forbids_the_body(case)
        if isinstance(case.body, dict) and random.random() < 0.5:
            refused = False  # what was wrong with it may be gone
            few = random.sample(sorted(case.body), min(len(case.body), 2))
            body = json.dumps({**world.sent(route), **{name: case.body[name] for name in few}})
        headers = {k: _text(v) for k, v in prepared.headers.items() if k not in ("Authorization", "Content-Length")}
        sent = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else None
        yield Shot(route.method, target, _token(world, route, random), sent, headers, refused)


def _forbids_the_body(case: Any) -> bool:
    body = case.meta.components.get(ParameterLocation.BODY)
    return body is not None and body.mode is FORBIDDEN


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _token(world: World, route: Route, random: Random) -> str | None:
    roles = [role for role in ROLES if role in ALLOWED[route.operation]]
    chance = random.random()
    if chance < 0.03:
        return None
    return world.tokens[random.choice(roles if chance < 0.9 else ROLES)]
