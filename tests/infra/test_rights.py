"""Least privilege: what a function is told of and what it may do are one decision, and no right is wider than it says.

That it is granted just what it calls is held by the recorder, over every test there is.
"""

import re
from typing import Any

import pytest

from tests.infra.grants import granted, own
from tests.infra.stacks import Stacks, Statement, statements


def test_a_function_is_told_of_exactly_the_tables_it_may_touch(stacks: Stacks) -> None:
    for function in stacks.functions:
        told = {name for name in function.variables if name.endswith("_TABLE")}
        touched = {
            on.partition("/")[0]
            for _, action, on in granted(function, stacks) - own(function, stacks)
            if "dynamodb" in action
        }
        assert told == touched, function.name


def test_a_function_is_told_of_a_bucket_bus_topic_or_secret_exactly_where_it_may_use_it(stacks: Stacks) -> None:
    for variable, action in {
        "CATALOG_BUCKET": "s3:GetObject",
        "BUS_NAME": "events:PutEvents",
        "CONFIRM_TOPIC": "sns:Publish",
        "PRICE_SECRET": "secretsmanager:GetSecretValue",
    }.items():
        for function in stacks.functions:
            allowed = [s for s in function.statements if any(a.rstrip("*") == action for a in s.actions)]
            assert bool(allowed) == (variable in function.variables), f"{function.name}: {variable} and {action}"


def test_every_function_has_a_role_of_its_own(stacks: Stacks) -> None:
    roles = [str(function.properties["Role"]) for function in stacks.functions]
    assert len(set(roles)) == len(roles)


# Every right that is wider than one action on one named thing: (what, where) as patterns -> why it has to be.
WIDE: dict[tuple[str, str], str] = {
    (r"xray:\w+", r"\*"): "X-Ray has no resources that a right could name",
    (r"logs:(\w+LogDelivery|ListLogDeliveries|\w+ResourcePolic\w+|DescribeLogGroups)", r"\*"): (
        "the workflow's log delivery is an account's, not a resource's; AWS documents the star"
    ),
    (
        r"s3:(Get|Put)Object",
        r".*Catalog.*/\*",
    ): "the objects of the one bucket: versions have ids that are not known before",
    (r"s3:PutObject", r".*Parked.*/aws/lambda/\*"): "what Lambda parks, named by mapping, shard and time",
    (r"lambda:InvokeFunction", r".*Function.*:\*"): "the versions of the one function",
    (r"sqs:\w+", r"arn:.*:sqs:.*-hub-\*"): "the subscribers' queues, which are made and taken away while the hub runs",
    (r"lambda:(Create|Delete)EventSourceMapping", r"\*"): "a condition names the one function that it may feed",
    (r"lambda:ListEventSourceMappings", r"\*"): "Lambda tells of all mappings or of none",
    (r"sns:Publish", r"not arn:aws:sns:\*:\*:\*"): "an SMS goes to a number, which is no resource: all but every topic",
}


def _wide(statement: Statement) -> list[tuple[str, str]]:
    """The pairs of action and resource in which a star stands."""
    shown = [_shown(resource) for resource in statement.resources]
    resources = [f"not {each}" for each in shown] if statement.excepted else shown
    return [(a, r) for a in statement.actions for r in resources if "*" in a or "*" in r or statement.excepted]


def _shown(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    join = resource.get("Fn::Join")
    return "".join(part if isinstance(part, str) else str(part) for part in join[1]) if join else str(resource)


def _is_known(action: str, resource: str) -> bool:
    return any(re.fullmatch(a, action) and re.fullmatch(r, resource) for a, r in WIDE)


def _all_wide(stacks: Stacks) -> list[tuple[str, str, str]]:
    policies = stacks.of("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    return [
        (id_, action, resource)
        for id_, policy in policies.items()
        for statement in statements(policy)
        for action, resource in _wide(statement)
    ]


def test_no_right_has_a_star_but_those_with_a_reason(stacks: Stacks) -> None:
    unknown = [
        f"{id_} may {action} on {resource}"
        for id_, action, resource in _all_wide(stacks)
        if not _is_known(action, resource)
    ]
    assert not unknown, "Name the action and the thing, or give the reason in WIDE:\n" + "\n".join(sorted(unknown))


def test_every_reason_for_a_star_is_still_needed(stacks: Stacks) -> None:
    there = [(action, resource) for _, action, resource in _all_wide(stacks)]
    for a, r in WIDE:
        assert any(re.fullmatch(a, action) and re.fullmatch(r, resource) for action, resource in there), (a, r)


@pytest.mark.parametrize("kind", ["AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy"])
def test_no_queue_topic_or_bucket_is_open_to_everybody(stacks: Stacks, kind: str) -> None:
    for id_, policy in stacks.of(kind).items():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            everybody = statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"})
            assert not everybody, id_


def test_functions_take_orders_from_the_one_api_and_the_rules_that_name_them(stacks: Stacks) -> None:
    for id_, permission in stacks.of("AWS::Lambda::Permission").items():
        properties = permission["Properties"]
        assert properties["Principal"].removesuffix(".amazonaws.com") in ("apigateway", "events", "cognito-idp"), id_
        assert properties.get("SourceArn"), f"{id_} lets every API or rule of any account in"
