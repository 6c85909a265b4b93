"""Two requests of each operation that nobody would think of, and broken bytes; `make fuzz` fires ten thousand."""

import json
from collections.abc import Iterator
from email.message import Message

import pytest

from tests.fuzz import generated, raw
from tests.fuzz.range import Range
from tests.fuzz.shot import Shot, faults, fire, nobody_else
from tests.http.routes import Route, routes
from tests.http.wire import Answer
from tests.http.world import World

NUMBER = 20260301  # the same requests on every machine


@pytest.fixture(scope="module", autouse=True)
def _nothing_failed_behind_the_requests(world: World) -> Iterator[None]:
    """What the functions and queues did meanwhile is looked at when all is done."""
    with nobody_else():
        yield
        behind = Range(world)
        behind.settled()
    assert behind.examples == {}


@pytest.mark.parametrize("route", routes(), ids=str)
def test_an_operation_answers_as_the_document_says_whatever_it_is_sent(world: World, route: Route) -> None:
    """One request as the document wants it, one as it does not."""
    target = Range(world)
    for mode in (generated.TAKEN, generated.FORBIDDEN):
        target.shoot(generated.shots(world, route, mode, 1, NUMBER))
    assert target.requests
    assert target.examples == {}


def test_broken_bytes_odd_queries_and_odd_headers_are_refused_as_the_document_says(world: World) -> None:
    target = Range(world)
    target.shoot(raw.shots(world, 10 * len(raw.WAYS), NUMBER))
    assert target.examples == {}


def test_what_is_sent_gzipped_to_who_asks_for_that_is_what_the_document_says(world: World) -> None:
    (route,) = (each for each in routes() if str(each) == "GET /omnihub/v1/catalogVersion/{id}")
    asked = Shot("GET", world.path(route), world.tokens["operator"], headers={"Accept-Encoding": "gzip"})
    answered = fire(world.hub, asked)
    assert answered is not None
    assert answered.headers["Content-Encoding"] == "gzip"
    assert [*faults(asked, answered)] == []


CART = {"id": "1", "href": "/tmf-api/shoppingCart/v4/shoppingCart/1", "@type": "ShoppingCart"}
ERROR = {"@type": "Error", "code": "notFound", "reason": "There is no such cart.", "status": "404"}


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (200, CART, None),
        (404, ERROR, None),
        (500, ERROR, "it is answered with 500"),
        (200, CART | {"colour": "red"}, "Additional properties are not allowed"),
        (200, CART | {"validFor": {"endDateTime": "tomorrow"}}, "is not a"),
        (200, {"id": "1"}, "is a required property"),
        (200, [CART], "is not of type"),
        (202, CART, "which the document does not say"),
        (404, {"message": "Not Found"}, None),
        (400, {"message": "Bad Request"}, "is a required property"),
        (404, ERROR | {"reason": "KeyError"}, "It shows our insides"),
    ],
)
def test_an_answer_that_the_document_does_not_say_is_found(status: int, body: object, fault: str | None) -> None:
    """Were it not, none of this would mean anything."""
    received = Message()
    received["Content-Type"] = "application/json"
    shot = Shot("GET", CART["href"])
    found = list(faults(shot, Answer(status, received, json.dumps(body).encode())))
    assert found == [] if fault is None else any(fault in each for each in found), found
