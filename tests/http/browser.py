"""A real browser, driven over the WebDriver protocol: Debian's chromium and chromium-driver."""

import json
import re
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

MISSING = "The API's page is tried in a real browser. Install it: sudo apt-get install chromium chromium-driver"
OPTIONS = {
    "binary": "",
    "args": [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1300,1000",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing elsewhere could even be reached
    ],
}
LONG = 60


class Browser:
    """One window. Elements are named by XPath."""

    def __init__(self, port: int) -> None:
        self._port, self._session = port, ""
        wanted = {"goog:chromeOptions": OPTIONS, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        opened = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{opened['sessionId']}"

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=LONG)
        try:
            connection.request(method, self._session + path, None if body is None else json.dumps(body))
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        assert not (isinstance(value, dict) and "error" in value), value
        return value

    def open(self, url: str) -> None:
        """Goes there."""
        self._ask("POST", "/url", {"url": url})

    def run(self, script: str, *given: Any) -> Any:
        """What a piece of JavaScript returns."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(given)})

    def texts(self, xpath: str) -> list[str]:
        """The texts of all such elements, in the page's order."""
        found: list[str] = self.run(
            "const found = document.evaluate(arguments[0], document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);"
            "return [...Array(found.snapshotLength).keys()].map(i => found.snapshotItem(i).textContent);",
            xpath,
        )
        return found

    def wait(self, xpath: str) -> dict[str, str]:
        """The first such element, as soon as there is one."""
        return self._until(lambda: self._ask("POST", "/elements", {"using": "xpath", "value": xpath}), xpath)[0]  # type: ignore[no-any-return]

    def _until(self, look: Callable[[], Any], what: str) -> Any:
        end = time.monotonic() + LONG
        while not (found := look()):
            assert time.monotonic() < end, f"There is no {what} on the page."
            time.sleep(0.1)
        return found

    def click(self, xpath: str) -> None:
        """Presses it, as a person would."""
        (element,) = self.wait(xpath).values()
        self.run("arguments[0].scrollIntoView({block: 'center'})", self.wait(xpath))
        self._ask("POST", f"/element/{element}/click", {})

    def type(self, xpath: str, text: str) -> None:
        """Writes into it."""
        (element,) = self.wait(xpath).values()
        self._ask("POST", f"/element/{element}/value", {"text": text})

    def console(self) -> list[str]:
        """What the page complained of since one asked last."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    def requested(self) -> list[str]:
        """The addresses that the page asked for since one asked last."""
        entries = self._ask("POST", "/se/log", {"type": "performance"})
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        return [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]

    def picture(self, file: Path) -> None:
        """What it looks like, as PNG."""
        file.write_bytes(b64decode(self._ask("GET", "/screenshot")))

    def close(self) -> None:
        """Ends the window."""
        self._ask("DELETE", "")


@contextmanager
def browser() -> Iterator[Browser]:
    """A window with nothing in it, of a browser that ends with it."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium, MISSING
    assert driver, MISSING
    OPTIONS["binary"] = chromium
    with subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, encoding="utf-8") as process:  # noqa: S603
        try:
            assert process.stdout is not None
            ports = (re.search(r"successfully on port (\d+)", line) for line in process.stdout)
            port = next(found[1] for found in ports if found)
            window = Browser(int(port))
            yield window
            window.close()
        finally:
            process.terminate()
