"""The API's document at /docs: given to a hub, it is read without a token; without it nothing lies there."""

import json
from pathlib import Path

import pytest

from tests.local.assemblies import api, function
from tests.local.conftest import StartHub
from tests.local.web import ask

TOY = {"Web": function("web"), **api("Web", "ANY /guarded/{proxy+}")}


def test_a_document_is_read_in_a_browser_without_a_token(start_hub: StartHub, tmp_path: Path) -> None:
    document = tmp_path / "openapi.json"
    document.write_text('{"openapi": "3.0.3"}', "utf-8")
    hub = start_hub(TOY, document=document)
    page = ask(hub, "GET", "/docs")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "connect-src 'self'" in page.headers["content-security-policy"]
    for name, kind in {"start.js": "javascript", "swagger-ui-bundle.js": "javascript", "swagger-ui.css": "css"}.items():
        assert f"/docs/{name}".encode() in page.text
        answer = ask(hub, "GET", f"/docs/{name}")
        assert (answer.status, answer.headers["content-type"]) == (200, f"text/{kind}; charset=utf-8")
    assert json.loads(ask(hub, "GET", "/docs/openapi.json").text) == {"openapi": "3.0.3"}
    document.write_text('{"openapi": "3.0.4"}', "utf-8")
    assert json.loads(ask(hub, "GET", "/docs/openapi.json").text) == {"openapi": "3.0.4"}, "it is read when asked for"
    assert ask(hub, "GET", "/guarded/x").status == 401, "all else wants a token as before"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/docs/index.html"),
        ("GET", "/docs/../hub.py"),
        ("GET", "/docs/%2e%2e/swagger-ui.css"),
        ("GET", "/docs//etc/passwd"),
        ("GET", "/docsx"),
        ("GET", "/swagger-ui.css"),
        ("POST", "/docs"),
    ],
)
def test_nothing_else_lies_there(start_hub: StartHub, tmp_path: Path, method: str, path: str) -> None:
    (tmp_path / "openapi.json").write_text("{}", "utf-8")
    answer = ask(start_hub(TOY, document=tmp_path / "openapi.json"), method, path)
    assert (answer.status, answer.text) == (404, b'{"message":"Not Found"}')


def test_a_hub_without_a_document_has_no_such_page(start_hub: StartHub) -> None:
    assert ask(start_hub(TOY), "GET", "/docs").status == 404
