"""The OpenAPI document is what the handlers serve, and what it shows works."""

import json
from typing import Any

import pytest
import schemathesis

from cli.openapi.document import as_text, examples, served, told_by
from cli.openapi.document import document as generated
from functions.shared.access import ALLOWED
from local.hub import Hub
from tests.http.routes import routes
from tests.http.world import filled, tokens
from tests.tmf.client import Client
from tests.tmf.document import document

OPERATIONS = {
    (path, method.upper()): each for path, held in document()["paths"].items() for method, each in held.items()
}
TAKING = [each for _, each in served() if each.takes]


def test_the_document_in_the_repository_is_what_the_generator_writes() -> None:
    assert as_text(document()) == as_text(generated()), "make openapi"


def test_the_document_is_valid_openapi() -> None:
    schemathesis.openapi.from_dict(document()).validate()


def test_the_validator_can_tell_a_document_that_is_not_valid() -> None:
    broken: Any = json.loads(as_text(document()))
    del broken["paths"]["/tmf-api/shoppingCart/v4/shoppingCart"]["get"]["responses"]
    with pytest.raises(Exception, match="responses"):
        schemathesis.openapi.from_dict(broken).validate()


def test_operations_in_the_document_are_those_of_the_handlers_and_each_row_of_the_roles_table_has_one() -> None:
    assert OPERATIONS.keys() == {(route.path, route.method) for route in routes()}
    for route in routes():
        said = OPERATIONS[route.path, route.method]
        assert said["x-omnihub-may"] == route.operation
        assert said["x-omnihub-roles"] == ALLOWED[route.operation]


def test_an_operation_has_an_id_of_its_own_and_says_what_it_does() -> None:
    ids = [said["operationId"] for said in OPERATIONS.values()]
    assert len(ids) == len(set(ids))
    assert [said["operationId"] for said in OPERATIONS.values() if not said["summary"].endswith(".")] == []


def test_every_operation_that_takes_a_body_shows_one_and_no_example_is_of_nothing() -> None:
    shown = {told_by(operation) for operation in TAKING}
    assert shown == examples().keys()


def test_the_examples_are_a_story_that_the_hub_plays_from_the_first_to_the_last(hub: Hub) -> None:
    """Each is sent as it stands in the document, with the ids that the hub answered to those before it."""
    held, ids = tokens(hub), dict[str, str]()
    for key, example in examples().items():
        for route in (each for each in routes() if f"{each.method} {each.nouns[-1]}" == key):
            *_, outer = ("", *route.nouns[:-1])
            path = route.path.replace("{id}", ids.get(outer or route.nouns[-1], ""))
            path = path.replace("{lineId}", ids.get(route.nouns[-1], ""))
            answer = Client(hub.url, held[route.role]).request(
                route.method, path, filled(example, ids), expect=(200, 201)
            )
            ids.setdefault(route.nouns[-1], answer.body["id"])
            hub.settle()
    assert hub.function_errors == []
