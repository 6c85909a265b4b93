"""What the functions really call, over a whole day, their roles allow: locally nobody would refuse it, AWS would."""

import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import botocore.client

from functions.shared import settings
from local.hub import Hub
from tests.infra.stacks import Lambda, Stacks
from tests.shape.day import play

Call = tuple[str, str, str]  # function, action, on what: a table, table/index, or the service's one thing
# A transaction is authorised by what it holds, not by its own name.
WITHIN = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def _actions(service: str, operation: str, sent: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if operation in ("TransactWriteItems", "TransactGetItems"):
        for entry in sent["TransactItems"]:
            ((verb, write),) = entry.items()
            yield f"dynamodb:{WITHIN.get(verb, 'GetItem')}", _noun(write["TableName"])
    elif operation == "BatchGetItem":
        yield from ((f"{service}:{operation}", _noun(table)) for table in sent["RequestItems"])
    elif service == "dynamodb":
        yield f"{service}:{operation}", _noun(sent["TableName"]) + ("/index" if "IndexName" in sent else "")
    else:
        yield f"{service}:{operation}", "number" if "PhoneNumber" in sent else ""


def _noun(table: str) -> str:
    found = re.match(r"[A-Z][a-z]+", table)
    return found[0].lower() if found else table


def _allows(function: Lambda, action: str, on: str) -> bool:
    table, _, index = on.partition("/")
    for statement in function.statements:
        if not any(re.fullmatch(each.replace("*", ".*"), action) for each in statement.actions):
            continue
        if not action.startswith("dynamodb:"):
            if (on == "number") == statement.excepted:
                return True
        elif table in statement.tables and (not index or "/index/*" in str(statement.resources)):
            return True
    return False


def test_every_call_of_a_day_is_one_that_the_functions_role_allows(stacks: Stacks, hub: Hub) -> None:
    real = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
    called: set[Call] = set()

    def call(self: Any, operation: str, sent: dict[str, Any]) -> Any:
        function = (settings.source.get() or {}).get("AWS_LAMBDA_FUNCTION_NAME")
        if function:
            service = self.meta.service_model.service_name
            called.update((function, action, on) for action, on in _actions(service, operation, sent))
        return real(self, operation, sent)

    with patch.object(botocore.client.BaseClient, "_make_api_call", call), play(hub):
        pass
    by_id = {function.logical_id: function for function in stacks.functions}
    assert {function for function, _, _ in called} == by_id.keys(), "the day must ask every function"
    refused = [
        f"{by_id[function].name} calls {action} on {on or 'its one'}: AccessDenied"
        for function, action, on in sorted(called)
        if not _allows(by_id[function], action, on)
    ]
    assert not refused, "\n".join(refused)
