"""`omnihub token`: tokens that say what they should, and errors whose next command works."""

import json
import shlex
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from local import issuer
from tests.cli.conftest import Running
from tests.tmf.client import Client

NO_FAX = "nova has no channel fax; it has web, selfcare, mobile, iptv, callcentre, shop, kiosk, partner and backoffice."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a hub has run."""
    monkeypatch.chdir(tmp_path)
    issuer.remember(tmp_path, url="http://127.0.0.1:1", issuer="https://issuer.example.com")
    (tmp_path / ".omnihub").mkdir()
    (tmp_path / issuer.HUB_FILE).rename(tmp_path / ".omnihub" / issuer.HUB_FILE)
    return tmp_path


def claims(command: str) -> dict[str, Any]:
    """What the token of a command says."""
    given = CliRunner().invoke(app, shlex.split(command))
    assert given.exit_code == 0, given.stderr
    said: dict[str, Any] = json.loads(urlsafe_b64decode(given.stdout.split(".")[1] + "=="))
    return said


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "token --role customer --channel selfcare --customer customer-stacy",
            {"client_id": "nova-selfcare", "cognito:groups": ["customer"], "customer_id": "customer-stacy"},
        ),
        (
            "token --role agent --channel shop --subject seller-mira --outlet shop-beispielhafen",
            {"client_id": "nova-shop", "sub": "seller-mira", "outlet": "shop-beispielhafen"},
        ),
        ("token --role guest --channel web --brand pico", {"client_id": "pico-web", "scope": "omnihub/guest"}),
        ("token --role partner --channel partner --subject acme", {"sub": "acme", "partner_id": "acme"}),
        ("token --role operator --channel backoffice", {"sub": "operator", "cognito:groups": ["operator"]}),
    ],
)
def test_a_token_says_who_where_and_for_whom(command: str, said: dict[str, Any]) -> None:
    found = claims(command)
    assert {name: found.get(name) for name in said} == said
    assert ("customer_id" in found) == ("--customer" in command)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("command", "sentence", "following"),
    [
        (
            "token --role agent --channel web",
            "The web channel carries the roles customer and guest, not agent.",
            "omnihub token --role customer --channel web --customer customer-stacy",
        ),
        (
            "token --role agent --channel fax",
            NO_FAX,
            "omnihub token --role agent --channel callcentre",
        ),
        (
            "token --role wizard --channel fax",
            NO_FAX,
            "omnihub token --role customer --channel web --customer customer-stacy",
        ),
        (
            "token --role guest --channel web --brand vega",
            "There is no brand vega; there are nova and pico.",
            "omnihub token --role guest --channel web",
        ),
        (
            "token --role guest --channel fax --brand vega",
            "There is no brand vega; there are nova and pico.",
            "omnihub token --role guest --channel web",
        ),
        (
            "token --role partner --channel partner --brand pico",
            "pico has no channel partner; it has web, selfcare, mobile, kiosk, shop, callcentre and backoffice.",
            "omnihub token --role customer --channel web --brand pico --customer customer-luca",
        ),
        (
            "token --role customer --channel web --brand pico",
            "A customer's token names the customer.",
            "omnihub token --role customer --channel web --brand pico --customer customer-luca",
        ),
        (
            "token --role agent --channel callcentre --customer customer-jane",
            "Only a customer's token names a customer; as agent, say whose it is in each request.",
            "omnihub token --role agent --channel callcentre",
        ),
    ],
)
def test_each_error_is_a_sentence_and_a_next_command_that_works(command: str, sentence: str, following: str) -> None:
    refused = CliRunner().invoke(app, shlex.split(command))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == f"{sentence}\nNext: {following}\n"
    claims(following.removeprefix("omnihub "))


def test_where_no_hub_has_run_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["token", "--role", "guest", "--channel", "web"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.endswith("Next: make run\n")


def test_a_missing_option_names_the_way_to_all_of_them() -> None:
    refused = CliRunner().invoke(app, ["token", "--role", "guest"], prog_name="omnihub")
    assert refused.exit_code == 2
    assert "omnihub token --help" in refused.stderr
    assert "--channel" in refused.stderr


def test_the_running_hub_accepts_it(running: Running) -> None:
    token = running.omnihub("token", "--role", "agent", "--channel", "shop", "--outlet", "shop-beispielhafen").stdout
    mira = Client(running.url, token.strip())
    line = {"productOffering": {"id": "plan-m"}}
    cart = mira.post("/tmf-api/shoppingCart/v4/shoppingCart", {"cartItem": [line]}).body
    assert cart["cartItem"][0]["touch"]["outlet"] == "shop-beispielhafen"
