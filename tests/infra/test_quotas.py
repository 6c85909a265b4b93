"""How much of AWS's quotas a deploy would take: `pytest -s tests/infra/test_quotas.py` prints it with the headroom."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from tests.infra.stacks import Stacks, listed

HEADROOM = 0.25  # of a quota that is to be left, so that the next noun is a day's work and not a redesign

Measured = Mapping[str, int]  # what -> how much of it


def _count(stacks: Stacks, kind: str, *by: str) -> Measured:
    """How many resources of a type there are, or how many for each value of a property."""
    found = [each["Properties"] for each in stacks.of(kind).values()]
    return Counter(" ".join(sorted(stacks.ids_in(each[by[0]]))) if by else "the hub" for each in found)


def _bytes(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _templates(stacks: Stacks, measure: Callable[[Mapping[str, Any]], int]) -> Measured:
    return {name: measure(file.template) for name, file in stacks.files.items()}


def _environments(stacks: Stacks) -> Measured:
    """A reference counts as the sixty characters that the longest generated name has."""
    return {
        function.name: sum(
            len(k) + (len(v.encode()) if isinstance(v, str) else 60) for k, v in function.variables.items()
        )
        for function in stacks.functions
    }


def _policies(stacks: Stacks) -> Measured:
    """Bytes of the inline policies of each role as the template writes them, which is longer than the ARNs will be."""
    found: Counter[str] = Counter()
    for policy in stacks.of("AWS::IAM::Policy").values():
        text = json.dumps(policy["Properties"]["PolicyDocument"], default=str, separators=(",", ":"))
        for role in policy["Properties"]["Roles"]:
            found[role["Ref"]] += len(text)
    return found


def _attached(stacks: Stacks) -> Measured:
    return {
        id_: len(role["Properties"].get("ManagedPolicyArns", [])) for id_, role in stacks.of("AWS::IAM::Role").items()
    }


def _statements(stacks: Stacks) -> Measured:
    """The resource policy of each function, a statement for each who may call it: about 350 bytes one."""
    return {id_: n * 350 for id_, n in _count(stacks, "AWS::Lambda::Permission", "FunctionName").items()}


def _targets(stacks: Stacks) -> Measured:
    return {id_: len(rule["Properties"]["Targets"]) for id_, rule in stacks.of("AWS::Events::Rule").items()}


def _indexes(stacks: Stacks) -> Measured:
    tables = stacks.of("AWS::DynamoDB::GlobalTable")
    return {id_: len(table["Properties"].get("GlobalSecondaryIndexes", [])) for id_, table in tables.items()}


def _readers(stacks: Stacks) -> Measured:
    return _count(stacks, "AWS::Lambda::EventSourceMapping", "EventSourceArn")


def _seconds(stacks: Stacks) -> Measured:
    """Of the functions that answer the API, which itself gives up after thirty."""
    answering = {id_ for each in stacks.of("AWS::ApiGatewayV2::Integration").values() for id_ in _behind(stacks, each)}
    return {f.name: f.properties["Timeout"] for f in stacks.functions if f.logical_id in answering}


def _behind(stacks: Stacks, integration: Mapping[str, Any]) -> Iterable[str]:
    function = stacks.function(integration["Properties"]["IntegrationUri"])
    return [function.logical_id] if function else []


def _audience(stacks: Stacks) -> Measured:
    found = stacks.of("AWS::ApiGatewayV2::Authorizer")
    return {id_: len(listed(each["Properties"]["JwtConfiguration"]["Audience"])) for id_, each in found.items()}


# quota -> (AWS's figure, what is measured)
QUOTAS: dict[str, tuple[int, Callable[[Stacks], Measured]]] = {
    "resources of a stack": (500, lambda stacks: _templates(stacks, lambda t: len(t["Resources"]))),
    "outputs of a stack": (200, lambda stacks: _templates(stacks, lambda t: len(t.get("Outputs", {})))),
    "bytes of a template": (1_000_000, lambda stacks: _templates(stacks, _bytes)),
    "routes of an HTTP API": (300, lambda stacks: _count(stacks, "AWS::ApiGatewayV2::Route")),
    "integrations of an HTTP API": (300, lambda stacks: _count(stacks, "AWS::ApiGatewayV2::Integration")),
    "clients of an authorizer": (50, _audience),
    "seconds of a function that answers": (30, _seconds),
    "bytes of a function's environment": (4096, _environments),
    "bytes of a function's resource policy": (20_480, _statements),
    "bytes of a role's inline policies": (10_240, _policies),
    "managed policies of a role": (10, _attached),
    "rules of a bus": (300, lambda stacks: _count(stacks, "AWS::Events::Rule", "EventBusName")),
    "targets of a rule": (5, _targets),
    "indexes of a table": (20, _indexes),
    "readers of a stream": (2, _readers),
    "alarms of an account and region": (5000, lambda stacks: _count(stacks, "AWS::CloudWatch::Alarm")),
}
# quota -> why less than the headroom will do
TIGHT = {
    "readers of a stream": "one reader publishes all; a second one is a decision, and the stream slows at two",
    "seconds of a function that answers": "to publish a catalog is to fold all of it; what takes longer is a workflow",
}


def _fullest(stacks: Stacks, quota: str) -> tuple[str, int]:
    measured = QUOTAS[quota][1](stacks)
    assert measured, f"nothing to measure for {quota}"
    return max(measured.items(), key=lambda each: each[1])


def test_a_table_of_the_quotas(prod: Stacks) -> None:
    """For a person to read."""
    lines = [f"{'quota':40} {'used':>9} {'of':>9} {'left':>6}  by"]
    for quota, (most, _) in QUOTAS.items():
        what, used = _fullest(prod, quota)
        lines.append(f"{quota:40} {used:>9,} {most:>9,} {1 - used / most:>6.0%}  {what}")
    print("\n" + "\n".join(lines))  # noqa: T201  it is what the test is for


@pytest.mark.parametrize("quota", QUOTAS)
def test_a_quarter_of_each_quota_is_left(prod: Stacks, quota: str) -> None:
    most = QUOTAS[quota][0]
    what, used = _fullest(prod, quota)
    assert used <= (most if quota in TIGHT else most * (1 - HEADROOM)), f"{what} takes {used} of {most} {quota}"
