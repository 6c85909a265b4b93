"""`omnihub run`: three lines that work when pasted, logs out of the way, clean ends, a sentence for each misfortune."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.cli.conftest import Running, free_port, omnihub
from tests.tmf.client import Client

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "thing"}


def test_the_terminal_shows_where_all_is_three_lines_to_paste_and_last_the_ready_line(running: Running) -> None:
    said = running.said[:7]
    assert said[0] == "What the functions log goes to .omnihub/hub.log; messages to customers appear here."
    assert [line.partition("=")[0].split()[0] for line in said[1:4]] == ["TOKEN", "curl", "curl"]
    assert said[4] == f"Read and try the API in a browser: {running.url}/docs"
    assert f"AWS_ENDPOINT_URL={running.url}, region eu-central-1, any credentials" in said[5]
    assert said[6] == f"Omnihub is ready at {running.url}"


def test_any_aws_tool_reads_the_hub_by_the_address_it_shows(running: Running) -> None:
    client = boto3.client("dynamodb", region_name="eu-central-1", endpoint_url=running.url, **CREDENTIALS)  # type: ignore[call-overload]
    assert len(client.list_tables()["TableNames"]) == 7


def test_the_three_lines_work_when_pasted(running: Running) -> None:
    pasted = subprocess.run(
        ["/bin/bash"],
        input="\necho\n".join(running.said[1:4]),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    offers, cart = (json.loads(line) for line in pasted.stdout.splitlines() if line)
    assert {"handset-fjord-2", "plan-m"} <= {offer["id"] for offer in offers}
    assert [line["productOffering"]["id"] for line in cart["cartItem"]] == ["handset-fjord-2"]
    assert cart["cartItem"][0]["itemPrice"]


def test_what_the_functions_log_is_in_the_file_and_not_in_the_terminal(running: Running) -> None:
    Client(running.url, running.omnihub("token", "--role", "guest", "--channel", "web").stdout.strip()).post(CARTS, {})
    logged = [json.loads(line) for line in (running.folder / ".omnihub" / "hub.log").read_text("utf-8").splitlines()]
    assert "POST /tmf-api/shoppingCart/v4/shoppingCart" in [line["route"] for line in logged]
    assert not [line for line in running.said if line.startswith("{")]


def test_a_taken_port_is_a_sentence_and_the_log_of_the_hub_that_has_it_stays(running: Running) -> None:
    log = running.folder / ".omnihub" / "hub.log"
    Client(running.url, running.omnihub("token", "--role", "guest", "--channel", "web").stdout.strip()).post(CARTS, {})
    before = log.read_text("utf-8")
    second = running.omnihub("run", "--port", str(running.port))
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == f"Port {running.port} is taken.\nNext: make run PORT={running.port + 1}\n"
    assert log.read_text("utf-8").startswith(before)


@pytest.mark.parametrize("told", ["fail", "fail:fibre-500:0", "break:fibre-500", "slow:Fibre"])
def test_an_order_that_the_network_does_not_understand_is_a_sentence(running: Running, told: str) -> None:
    refused = running.omnihub("run", "--port", str(free_port()), "--southbound", told)
    assert refused.returncode == 2
    assert refused.stderr == (
        f"'{told}' says nothing to the network; write it like fail:fibre-500:1 or slow:*.\n"
        "Next: omnihub run --southbound fail:fibre-500:1\n"
    )


@pytest.mark.parametrize("command", ["run", "demo"])
def test_without_the_synthesized_app_it_says_what_to_do(tmp_path: Path, command: str) -> None:
    refused = omnihub(tmp_path, command)
    assert refused.returncode == 2
    assert refused.stderr.endswith("Next: make run (in the repository's folder)\n")


def test_the_network_fails_once_when_told_and_ctrl_c_ends_it_all_cleanly(start: Callable[..., Running]) -> None:
    running = start("--southbound", "fail:fibre-500:1")
    token = running.omnihub("token", "--role", "customer", "--channel", "web", "--customer", "customer-jane").stdout
    jane = Client(running.url, token.strip())
    for said in ("ist nicht ausführbar", "ist aktiv"):  # only the first time
        cart = jane.post(CARTS, {"cartItem": [{"productOffering": {"id": "fibre-500"}}]}).body
        jane.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
        running.until(said)
    assert running.interrupt() == 0
    assert running.said[-1] == "Omnihub has stopped; carts and orders went with it. Until next time!"
    assert running.said[-2:-1] != ["Traceback"]
    assert not [line for line in running.said if "Traceback" in line]
