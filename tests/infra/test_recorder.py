"""The recorder hears every call of a handler as IAM would, and says of each difference what to change."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.shared import settings
from tests.functions.stage import CATALOG, customer, stage
from tests.infra.asked import actions
from tests.infra.grants import Call, differences, granted, own
from tests.infra.stacks import Stacks, changed
from tests.infra.synth import ROOT

TOLD = {
    "CART_TABLE": "carts",
    "ORDER_TABLE": "orders",
    "CATALOG_BUCKET": "versions",
    "BUS_NAME": "bus",
    "CONFIRM_TOPIC": "arn:topic",
}
WRITES = [{"Put": {"TableName": "orders"}}, {"ConditionCheck": {"TableName": "carts"}}]
ASKED: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("dynamodb", "GetItem", {"TableName": "carts"}, [("dynamodb:GetItem", "CART_TABLE")]),
    (
        "dynamodb",
        "Query",
        {"TableName": "carts", "IndexName": "by_customer"},
        [("dynamodb:Query", "CART_TABLE/index/by_customer")],
    ),
    (
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": WRITES},
        [("dynamodb:PutItem", "ORDER_TABLE"), ("dynamodb:ConditionCheckItem", "CART_TABLE")],
    ),
    (
        "dynamodb",
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "carts"}}]},
        [("dynamodb:GetItem", "CART_TABLE")],
    ),
    (
        "dynamodb",
        "BatchGetItem",
        {"RequestItems": {"carts": {}, "orders": {}}},
        [("dynamodb:BatchGetItem", "CART_TABLE"), ("dynamodb:BatchGetItem", "ORDER_TABLE")],
    ),
    ("s3", "HeadObject", {"Bucket": "versions", "Key": "nova/x"}, [("s3:GetObject", "CATALOG_BUCKET/nova/x")]),
    ("s3", "ListObjectsV2", {"Bucket": "versions"}, [("s3:ListBucket", "CATALOG_BUCKET")]),
    (
        "s3",
        "PutObject",
        {"Bucket": "versions", "Key": "nova/x", "IfMatch": "1"},
        [("s3:PutObject", "CATALOG_BUCKET/nova/x"), ("s3:GetObject", "CATALOG_BUCKET/nova/x")],
    ),
    ("events", "PutEvents", {"Entries": [{"EventBusName": "bus"}] * 2}, [("events:PutEvents", "BUS_NAME")]),
    ("sns", "Publish", {"PhoneNumber": "+491"}, [("sns:Publish", "a phone number")]),
    ("sns", "Publish", {"TopicArn": "arn:topic"}, [("sns:Publish", "CONFIRM_TOPIC")]),
    ("sqs", "SendMessageBatch", {"QueueUrl": "https://aws/1/q"}, [("sqs:SendMessage", "https://aws/1/q")]),
    ("sqs", "CreateQueue", {"QueueName": "q"}, [("sqs:CreateQueue", "q")]),
    ("dynamodb", "ListTables", {}, [("dynamodb:ListTables", "*")]),
]


@pytest.mark.parametrize(("service", "operation", "sent", "expected"), ASKED, ids=lambda value: str(value)[:20])
def test_a_call_is_told_as_iam_authorises_it(
    service: str, operation: str, sent: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    token = settings.source.set(TOLD)
    try:
        assert list(actions(service, operation, sent)) == expected
    finally:
        settings.source.reset(token)


def test_what_a_handler_calls_is_written_down(pytestconfig: pytest.Config) -> None:
    recorder: Any = pytestconfig.pluginmanager.get_plugin("rights")
    with stage():
        before = {call for call in recorder.calls if call[0] == "catalog.handler"}
        recorder.calls -= before
        customer("una").get(f"{CATALOG}/productOffering/plan-m")
        heard = {call for call in recorder.calls if call[0] == "catalog.handler"}
        recorder.calls |= before
    assert ("catalog.handler", "events:PutEvents", "BUS_NAME") in heard


def _used(stacks: Stacks) -> set[Call]:
    """A use of everything that is granted."""
    rights = {call for function in stacks.functions for call in granted(function, stacks) - own(function, stacks)}
    return {(function, action, on.replace("*", "nova/schedule.json")) for function, action, on in rights}


def test_a_right_that_is_used_and_a_use_that_is_granted_are_no_difference(stacks: Stacks) -> None:
    assert differences(_used(stacks), stacks) == ([], [])


@pytest.mark.parametrize(
    ("call", "row"),
    [
        (("cart.handler", "dynamodb:GetItem", "CART_TABLE"), 'GetItem for "cart" in ROWS["cart.handler"]'),
        (
            ("order.handler", "dynamodb:Query", "ORDER_TABLE/index/by_customer"),
            'Query:by_customer for "order" in ROWS["order.handler"]',
        ),
        (("cart.handler", "s3:GetObject", "CATALOG_BUCKET/*"), 'GetObject in OBJECTS["cart.handler"]'),
    ],
)
def test_a_right_that_nobody_used_is_to_be_taken_away(stacks: Stacks, call: Call, row: str) -> None:
    function, action, on = call
    used = {each for each in _used(stacks) if each[:2] != call[:2] or not each[2].startswith(on.rstrip("*"))}
    missing, excess = differences(used, stacks)
    said = f"{function} may {action} on {on} and no test has it do so: take away {row} of infra/rights.py."
    assert (missing, excess) == ([], [said])


def test_a_call_that_no_role_allows_is_to_be_granted(stacks: Stacks) -> None:
    missing, excess = differences({*_used(stacks), ("catalog.handler", "dynamodb:Scan", "CART_TABLE")}, stacks)
    said = "catalog.handler calls dynamodb:Scan on CART_TABLE, which AWS would refuse: "
    assert (missing, excess) == ([f'{said}add Scan for "cart" in ROWS["catalog.handler"] of infra/rights.py.'], [])


def _with_queues_to_come(resources: dict[str, Any]) -> None:
    """`events.confirm` makes queues while the hub runs and has them feed `events.fulfil`."""
    maker, fed = (
        next(id_ for id_, each in resources.items() if each["Properties"].get("Handler") == f"functions.{name}.handler")
        for name in ("events.confirm", "events.fulfil")
    )
    where = ["https://sqs.", {"Ref": "AWS::Region"}, ".example/", {"Ref": "AWS::AccountId"}, "/Omnihub-dev-hub-"]
    queues = ["arn:aws:sqs:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}, ":Omnihub-dev-hub-*"]
    may = {maker: ["sqs:CreateQueue", "lambda:CreateEventSourceMapping"], fed: ["sqs:ReceiveMessage"]}
    for id_, allowed in may.items():
        properties = resources[id_]["Properties"]
        properties["Environment"]["Variables"]["SUBSCRIBER_QUEUES"] = {"Fn::Join": ["", where]}
        statement = {"Effect": "Allow", "Action": allowed, "Resource": {"Fn::Join": ["", queues]}}
        role = properties["Role"]["Fn::GetAtt"][0]
        policy = {"PolicyDocument": {"Statement": [statement]}, "Roles": [{"Ref": role}]}
        resources[f"{id_}ToCome"] = {"Type": "AWS::IAM::Policy", "Properties": policy}
    resources[maker]["Properties"]["Environment"]["Variables"]["DELIVER_FUNCTION"] = {"Fn::GetAtt": [fed, "Arn"]}


def test_queues_that_come_and_go_are_known_by_the_beginning_of_their_address(out: Path, tmp_path: Path) -> None:
    made = Stacks(changed(out, tmp_path, _with_queues_to_come))
    maker, fed = (next(f for f in made.functions if f.name == name) for name in ("events.confirm", "events.fulfil"))
    assert ("events.confirm", "sqs:CreateQueue", "SUBSCRIBER_QUEUES*") in granted(maker, made)
    received = ("events.fulfil", "sqs:ReceiveMessage", "SUBSCRIBER_QUEUES*")
    assert received in granted(fed, made)
    assert received in own(fed, made), "Lambda takes what mappings to come will feed it"


PLANTED = {
    "conftest.py": """
from pathlib import Path
from tests.infra.recorder import Recorder
def pytest_configure(config):
    config.pluginmanager.register(Recorder(Path({out!r})), "rights")
""",
    "test_planted.py": """
import boto3
from moto import mock_aws
from local.pretend import pretend
def test_a_handler_asks_what_it_may_not():
    with pretend(), mock_aws():
        handler = {"__name__": "functions.cart.handler", "client": boto3.client("dynamodb")}
        exec("def handler(): client.list_tables()", handler)
        handler["handler"]()
""",
    "pytest.ini": "[pytest]\ntestpaths = .\n",
}


@pytest.mark.parametrize(("given", "whole"), [(["-n", "2"], True), ([], True), (["test_planted.py"], False)])
def test_a_difference_makes_the_run_red_though_every_test_passed(
    out: Path, tmp_path: Path, given: list[str], *, whole: bool
) -> None:
    for name, text in PLANTED.items():
        (tmp_path / name).write_text(text.replace("{out!r}", repr(str(out))), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *given]
    environment = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout
    assert "cart.handler calls dynamodb:ListTables on *, which AWS would refuse" in ran.stdout
    assert ("no test has it do so" in ran.stdout) is whole
