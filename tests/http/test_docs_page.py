"""The API's page in a real browser: whole, working against the hub, and asking nobody else for anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.hub import load
from cli.openapi.document import DOCUMENT
from local.hub import Hub
from tests.http.browser import Browser, browser
from tests.http.routes import routes
from tests.tmf.document import document

OFFERINGS = "//div[contains(@id, 'operations-') and contains(@id, '-listProductOffering')]"

STATUS = f"{OFFERINGS}//table[contains(@class, 'live-responses-table')]//tbody//td[contains(@class, 'col_status')]"


@pytest.fixture(scope="module")
def hub(out: Path) -> Iterator[Hub]:
    """A hub with its document, as `omnihub run` starts it."""
    with Hub.start(out, document=DOCUMENT) as running:
        load(running)
        yield running


@pytest.fixture(scope="module")
def page(hub: Hub) -> Iterator[Browser]:
    """The page, as soon as it shows operations."""
    with browser() as window:
        window.open(f"{hub.url}/docs")
        window.wait("//div[contains(@class, 'opblock')]")
        yield window


def test_the_page_shows_every_operation_under_its_api(page: Browser) -> None:
    shown = page.texts("//span[contains(@class, 'opblock-summary-path')]")
    plain = sorted(text.replace("\u200b", "") for text in shown)
    assert plain == sorted(route.path for route in routes())
    assert page.texts("//h3[contains(@class, 'opblock-tag')]/a") == [tag["name"] for tag in document()["tags"]]
    assert "omnihub token" in page.texts("//div[contains(@class, 'description')]")[0]


def test_a_token_is_pasted_and_an_operation_tried(page: Browser, hub: Hub) -> None:
    page.click("//button[contains(@class, 'authorize')]")
    page.type("//div[contains(@class, 'auth-container')]//input", hub.token("nova-web", "customer", "customer-stacy"))
    page.click("//button[contains(@class, 'modal-btn') and contains(@class, 'authorize')]")
    page.click("//button[contains(@class, 'btn-done')]")
    page.click(f"{OFFERINGS}//button[contains(@class, 'opblock-summary-control')]")
    page.click(f"{OFFERINGS}//button[contains(@class, 'execute')]")
    page.wait(STATUS)
    assert [text.strip()[:3] for text in page.texts(STATUS)] == ["200"]


def test_nothing_was_asked_of_anybody_else_and_nothing_went_wrong(page: Browser, hub: Hub) -> None:
    asked = {url[: url.find("/", len("http://"))] for url in page.requested() if not url.startswith("data:")}
    assert asked == {hub.url}
    assert page.console() == []
