"""The hub as a whole: what it leaves behind, who may sign for it, and `python -m local`."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
from joserfc import jwt
from moto.core.models import botocore_stubber
from moto.dynamodb.models.table import Table
from moto.events.models import Rule

from functions.shared import aws
from local import issuer
from local.hub import Hub
from local.work import StillBusy, Work
from tests.local import toys
from tests.local.assemblies import api, function, resource, stream_to, table, write
from tests.local.conftest import StartHub
from tests.local.web import ask, told

TOYS = {"Web": function("web"), **api("Web", "ANY /guarded/{proxy+}", open_keys=("ANY /open/{proxy+}",))}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A synthesized toy with an API."""
    return write(tmp_path / "cdk.out", {"Toy": {"Resources": TOYS}})


def test_a_stopped_hub_leaves_nothing_behind(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere.test")
    environment = os.environ  # noqa: TID251 - nothing is read: it must be the same afterwards
    before = dict(environment), set(threading.enumerate()), Table.query, Rule.send_to_targets
    with Hub.start(out) as hub:
        assert "AWS_PROFILE" not in environment
        assert boto3.client("dynamodb").meta.endpoint_url == "https://dynamodb.eu-central-1.amazonaws.com"
        assert aws.dynamodb().meta.region_name == "eu-central-1"
        assert ask(hub, "GET", "/open/x").status == 200
    assert (dict(environment), set(threading.enumerate()), Table.query, Rule.send_to_targets) == before
    assert not botocore_stubber.enabled
    hub.stop()  # a second time is harmless


def test_an_idle_connection_does_not_hold_up_the_end(out: Path) -> None:
    with Hub.start(out) as hub:
        connection = HTTPConnection(hub.url.removeprefix("http://"))
        connection.request("GET", "/open/x")
        connection.getresponse().read()
        started = time.monotonic()
    assert time.monotonic() - started < 3
    connection.close()


def test_hubs_after_one_another_share_nothing(tmp_path: Path) -> None:
    toys.reset()
    out = write(
        tmp_path / "out", {"Toy": {"Resources": {"Rows": table(), "One": function("one"), "F": stream_to("One")}}}
    )
    put: Any = {
        "Put": {"TableName": "Rows", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    }
    for number in (1, 2):
        with Hub.start(out) as hub:
            hub.client("dynamodb").transact_write_items(ClientRequestToken="same", TransactItems=[put])
            hub.settle()
            assert len(toys.given_to("one")) == number


def test_settle_names_what_is_open() -> None:
    work = Work()
    work.begin("event for One", 2)
    with pytest.raises(StillBusy, match=r"^After 0\.05 s the hub is still busy: 2 x event for One; and more\.$"):
        work.settle(0.05, lambda: ["and more"])
    work.end("event for One", 2)
    with pytest.raises(StillBusy, match=r"busy: and more\.$"):
        work.settle(0.05, lambda: ["and more"])
    work.settle(0.05, list)


def test_settle_follows_work_from_thread_to_thread(start_hub: StartHub) -> None:
    """Row -> stream -> function -> row of the next table -> stream -> function -> bus -> function."""
    hub = start_hub(
        {
            "Rows": table(),
            "More": table(),
            "One": function("one"),
            "Two": function("two"),
            "Web": function("web"),
            "F1": stream_to("One"),
            "F2": stream_to("Two", "More"),
            "Bus": resource("Events::EventBus", Name="toys"),
            "Rule": resource(
                "Events::Rule",
                EventBusName={"Ref": "Bus"},
                EventPattern={"source": ["toy"]},
                Targets=[{"Id": "T", "Arn": {"Fn::GetAtt": ["Web", "Arn"]}}],
            ),
        }
    )

    def write_more(event: Any) -> None:
        time.sleep(0.05)
        for key in toys.keys(event):
            aws.dynamodb().put_item(TableName="More", Item={"pk": {"S": key}})

    def tell(event: Any) -> None:
        time.sleep(0.05)
        for key in toys.keys(event):
            detail = json.dumps({"key": key})
            aws.events().put_events(
                Entries=[{"Source": "toy", "DetailType": "t", "Detail": detail, "EventBusName": "toys"}]
            )

    toys.script.update(one=write_more, two=tell, web=lambda _: time.sleep(0.05))
    for key in "abc":
        hub.client("dynamodb").put_item(TableName="Rows", Item={"pk": {"S": key}})
    hub.settle()
    assert sorted(event["detail"]["key"] for event in toys.given_to("web")) == ["a", "b", "c"]
    assert not hub.function_errors


def test_many_clients_at_once(out: Path) -> None:
    answers: list[int] = []
    with Hub.start(out) as hub:
        token = f"Bearer {hub.token('shop-web', 'agent', 'joe')}"

        def shop() -> None:
            answers.extend(ask(hub, "GET", "/guarded/x", authorization=token).status for _ in range(10))

        threads = [threading.Thread(target=shop) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * 80


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_the_key_is_kept_and_nobody_else_may_read_it(out: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with Hub.start(out, state=state) as hub:
        assert stat.S_IMODE((state / issuer.KEY_FILE).stat().st_mode) == 0o600
        assert sorted(file.name for file in state.iterdir()) == ["hub.json", "key.json"]
        token = issuer.issue("shop-web", "customer", "ann", state=state, customer_id="c1")
        claims = told(ask(hub, "GET", "/guarded/x", authorization=token))["event"]["requestContext"]["authorizer"][
            "jwt"
        ]["claims"]
        assert claims["customer_id"] == "c1"
    with Hub.start(out, state=state) as hub:
        assert ask(hub, "GET", "/guarded/x", authorization=token).status == 200


def test_two_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    kids: list[Any] = []

    def start() -> None:
        kids.append(issuer.Issuer("i", tmp_path / "state").public_key.kid)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(kids)) == 1
    assert [file.name for file in (tmp_path / "state").iterdir()] == [issuer.KEY_FILE]


def test_without_a_hub_there_are_no_tokens(tmp_path: Path) -> None:
    with pytest.raises(issuer.NoHub, match="start the hub there first"):
        issuer.issue("shop-web", "agent", "joe", state=tmp_path)


@pytest.mark.parametrize(
    ("role", "more", "expected"),
    [
        ("customer", {"customer_id": "c"}, {"cognito:groups": ["customer"], "customer_id": "c", "username": "ann"}),
        ("agent", {}, {"cognito:groups": ["agent"], "scope": "openid"}),
        ("partner", {"partner_id": "p"}, {"cognito:groups": ["partner"], "partner_id": "p"}),
        ("partner", {"machine": True}, {"scope": "omnihub/partner"}),
        ("guest", {}, {"scope": "omnihub/guest"}),
    ],
)
def test_claims(role: str, more: Any, expected: Any) -> None:
    made = issuer.Issuer("https://i.test")
    claims = jwt.decode(made.issue("shop-web", role, "ann", **more), made.public_key).claims
    assert expected.items() <= claims.items()
    assert (claims["iss"], claims["token_use"], claims["client_id"]) == ("https://i.test", "access", "shop-web")
    assert claims["exp"] - claims["iat"] == 8 * 3600
    assert ("cognito:groups" in claims) != claims["scope"].startswith("omnihub/")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no role 'king' here"):
        issuer.Issuer("i").issue("shop-web", "king", "ann")


# --- python -m local -------------------------------------------------------------------------------------------------


@contextmanager
def _process(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-m", "local", *arguments]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Omnihub is ready at "):
            return line.removeprefix("Omnihub is ready at ").strip()
    raise AssertionError(process.stderr.read() if process.stderr else "no hub")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_when_it_is_ready_and_ends_when_told(out: Path, tmp_path: Path, number: int) -> None:
    state = tmp_path / "state"
    with _process("--out", str(out), "--port", "0", "--state", str(state)) as process:
        url = _ready(process)
        token = issuer.issue("shop-web", "agent", "joe", state=state)
        assert ask(_At(url), "GET", "/guarded/x", authorization=token).status == 200  # type: ignore[arg-type]
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


class _At:
    def __init__(self, url: str) -> None:
        self.url = url


def test_a_taken_port_is_one_sentence(out: Path, tmp_path: Path) -> None:
    with Hub.start(out) as hub:
        port = int(hub.url.rpartition(":")[2])
        with _process("--out", str(out), "--port", str(port), "--state", str(tmp_path / "s")) as process:
            said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (2, "")
    assert errors == f"Port {port} is taken. Run `python -m local --port {port + 1}`, or stop what listens there.\n"


def test_a_missing_assembly_is_one_sentence(tmp_path: Path) -> None:
    with _process("--out", str(tmp_path), "--port", "0") as process:
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (2, "")
    assert errors == f"There is no manifest.json in {tmp_path}; run `make synth` first.\n"
