"""The hub as it is deployed: created whole, reproducible, telling both stories, and failing as it should.

In this order: what comes last leaves the account in a state that the others would not like.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cli.call import sender
from cli.jane import CHOSEN, CUSTOMER, WEB
from cli.scenery import BEN, CARTS, OFFERINGS, ORDERS, TIMELINE
from cli.stories import STORIES
from cli.story import Actor, Call, Send
from functions.shared import tmf
from infra import libraries
from local.issuer import Issuer
from tests.conftest import OUT
from tests.deploy.deployment import Deployment, must
from tests.deploy.emulator import VENV
from tests.infra.stacks import Stacks

KINDS = sorted({each["Type"] for each in Stacks(OUT).resources.values()})
LOOPBACK = "0100007F"  # 127.0.0.1
SETTLED = 15  # seconds in which what follows a request must have come, and between two looks
LOOK = 0.3
HERS = Call("GET", f"{TIMELINE}?relatedParty.id={CUSTOMER}")


def eventually(look_at: Callable[[], bool]) -> bool:
    """Whether it comes true in time."""
    until = time.monotonic() + SETTLED
    while not (held := look_at()) and time.monotonic() < until:
        time.sleep(LOOK)
    return held


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_resource_is_deployed(deployed: Deployment, kind: str) -> None:
    assert kind in {each["ResourceType"] for each in deployed.resources()}


def test_every_resource_of_the_templates_is_complete(deployed: Deployment) -> None:
    made = {each["LogicalResourceId"]: each["ResourceStatus"] for each in deployed.resources()}
    assert set(made.values()) == {"CREATE_COMPLETE"}
    assert made.keys() == Stacks(deployed.out).resources.keys()


def test_nothing_is_deployed_without_layers(deployed: Deployment) -> None:
    shutil.rmtree(libraries.BUILT / "ministack")
    libraries.recipe_of(libraries.BUILT / "ministack").unlink()
    refused = deployed.cdk("deploy", "--all", "--require-approval", "never")
    assert refused.returncode != 0
    assert "The functions' libraries are not built for ministack" in refused.stderr


def test_a_second_deploy_with_layers_built_anew_changes_nothing(deployed: Deployment) -> None:
    libraries.build("ministack", libraries.BUILT / "ministack")
    said = must(deployed.cdk("deploy", "--all", "--require-approval", "never"))
    assert [line.strip() for line in said.splitlines() if "✅" in line] == [
        f"✅  {name} (no changes)" for name in deployed.stacks
    ]


def test_nothing_differs_from_what_is_deployed(deployed: Deployment) -> None:
    said = must(deployed.cdk("diff", "--fail"))
    assert said.count("There were no differences") == len(deployed.stacks)


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_over_the_deployed_api(hub: Deployment, name: str) -> None:
    told = must(hub.run(f"omnihub play {name}", [str(VENV / "bin" / "omnihub"), "play", name, "--yes"], hub.folder))
    assert "✗" not in told
    assert f"{len(STORIES[name].steps)} of {len(STORIES[name].steps)}" in told


def test_what_an_operator_publishes_reaches_the_channels(hub: Deployment, send: Send) -> None:
    operator, shown = Actor("Olga", "backoffice", "operator", "olga"), Call("GET", f"{OFFERINGS}/handset-terra-one")
    assert send(WEB, shown).body["isSellable"]
    assert send(operator, Call("PATCH", shown.path, {"isSellable": False})).status == 200
    assert send(operator, Call("POST", f"{tmf.BASE['omnihub']}/catalogPublication", {})).status == 201
    # Each instance of a function trusts the version it knows for ten seconds.
    assert eventually(lambda: not send(WEB, shown).body["isSellable"])


@pytest.mark.parametrize("flaw", [{"lifetime_seconds": -60}, {"client_id": "nobody"}, {"iss": "https://else.example"}])
def test_a_token_that_is_not_for_this_hub_opens_nothing(
    hub: Deployment, issuer: Issuer, flaw: dict[str, object]
) -> None:
    good = {"client_id": WEB.client_id, "role": WEB.role, "subject": WEB.subject, **WEB.claims}
    assert _status(hub, issuer.issue(**good)) == 200
    assert _status(hub, issuer.issue(**{**good, **flaw})) == 401


def test_a_token_of_another_key_or_none_opens_nothing(hub: Deployment, issuer: Issuer) -> None:
    stranger = Issuer(issuer.issuer).issue(WEB.client_id, WEB.role, WEB.subject, **WEB.claims)
    assert [_status(hub, token) for token in (stranger, "garbage", "")] == [401, 401, 401]


def _status(hub: Deployment, token: str) -> int:
    return sender(hub.url, lambda _: token)(WEB, Call("GET", OFFERINGS)).status


def test_every_workflow_ends_well_and_no_queue_holds_a_failure(hub: Deployment) -> None:
    workflows, sqs, s3 = hub.aws.client("stepfunctions"), hub.aws.client("sqs"), hub.aws.client("s3")
    (machine,) = hub.physical("AWS::StepFunctions::StateMachine")

    def ended() -> list[str]:
        return [run["status"] for run in workflows.list_executions(stateMachineArn=machine)["executions"]]

    assert eventually(lambda: "RUNNING" not in ended())
    assert ended() == ["SUCCEEDED"] * len(STORIES)
    for queue in hub.physical("AWS::SQS::Queue"):
        held = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert held["ApproximateNumberOfMessages"] == "0", queue
    (parked,) = hub.physical("AWS::S3::Bucket", "Parked")
    assert s3.list_objects_v2(Bucket=parked)["KeyCount"] == 0


def test_no_function_has_logged_an_error(hub: Deployment) -> None:
    logs = hub.aws.client("logs")
    lines = [
        event["message"]
        for group in hub.physical("AWS::Logs::LogGroup")
        for event in logs.filter_log_events(logGroupName=group)["events"]
    ]
    assert any('"level":"INFO"' in line for line in lines)
    assert [line for line in lines if "Traceback" in line or '"level":"ERROR"' in line] == []


def test_nothing_listens_but_on_loopback(hub: Deployment) -> None:
    listening = hub.aws.listening()
    assert {address for address, _ in listening} == {LOOPBACK}
    # Where it may, it takes 443 too: the issuers of Cognito have no port in their address.
    assert {hub.aws.port} <= {port for _, port in listening} <= {hub.aws.port, 443}


def test_a_function_may_do_no_more_than_its_role_grants(hub: Deployment, send: Send) -> None:
    assert send(BEN, HERS).status == 200
    with _without_rights(hub, "InteractionFunction"):
        assert send(BEN, HERS).status == 500
    assert send(BEN, HERS).status == 200


@contextmanager
def _without_rights(hub: Deployment, function: str) -> Iterator[None]:
    """Takes away what our policies grant a function, and gives it back."""
    iam, (name,) = hub.aws.client("iam"), hub.physical("AWS::Lambda::Function", function)
    role = hub.aws.client("lambda").get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=role, PolicyName=each) for each in names]
    for each in names:
        iam.delete_role_policy(RoleName=role, PolicyName=each)
    try:
        yield
    finally:
        for each in policies:
            document = json.dumps(each["PolicyDocument"])
            iam.put_role_policy(RoleName=role, PolicyName=each["PolicyName"], PolicyDocument=document)


def test_an_order_waits_for_a_slow_network(hub: Deployment, send: Send) -> None:
    must(hub.python("-m", "tests.deploy.seed", f"slow:{CHOSEN}:1"))
    cart = send(WEB, Call("POST", CARTS, {"cartItem": [{"productOffering": {"id": CHOSEN}}]})).body
    order = Call("GET", send(WEB, Call("POST", ORDERS, {"shoppingCart": {"id": cart["id"]}})).body["href"])
    eventually(lambda: send(WEB, order).body["state"] in ("completed", "failed"))
    assert send(WEB, order).body["state"] == "completed"


def test_a_record_that_cannot_be_published_does_not_hold_up_the_next(hub: Deployment, send: Send) -> None:
    (table,) = hub.physical("AWS::DynamoDB::GlobalTable", "CartTable")
    poison = {"pk": {"S": "poison"}, "sk": {"S": "poison"}, "type": {"S": "shoppingCart"}}
    hub.aws.client("dynamodb").put_item(TableName=table, Item=poison)
    cart = send(WEB, Call("POST", CARTS, {"cartItem": [{"productOffering": {"id": CHOSEN}}]})).body["id"]
    assert eventually(lambda: cart in json.dumps(send(BEN, HERS).body, default=str))


def test_a_teardown_takes_the_hub_and_leaves_its_data(hub: Deployment) -> None:
    data, around = hub.stacks
    tables = hub.physical("AWS::DynamoDB::GlobalTable")
    must(hub.cdk("destroy", around, "--force"))
    refused = hub.cdk("destroy", data, "--force")
    assert refused.returncode != 0
    assert "TerminationProtection" in refused.stdout + refused.stderr
    assert tables
    assert set(tables) <= set(hub.aws.client("dynamodb").list_tables()["TableNames"])
