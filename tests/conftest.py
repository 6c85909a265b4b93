"""What every test may use: the synthesized template, and one running hub."""

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

import pytest
from botocore.loaders import JSONFileLoader

from cli.hub import load
from local.hub import Hub
from tests.infra.recorder import Recorder
from tests.proof.engine import ENGINES, Engine

OUT = Path(__file__).parent.parent / "cdk.out"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which engine holds the rows of the tests that decide about them, and how much of the longest proofs is tried."""
    parser.addoption("--engine", choices=list(ENGINES), default="moto")
    parser.addoption("--whole", action="store_true", help="all of what takes long, not a sample of it")


def pytest_configure(config: pytest.Config) -> None:
    """Every run writes down what the functions call, and holds it against their roles."""
    config.pluginmanager.register(Recorder(OUT), "rights")
    config.addinivalue_line("markers", "once: of parameters that say they are others `again`, one is tried")


LONGEST = ("proof", "cli", "infra", "http")  # folders of the files that take longest: those that begin last are short


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With two workers a long file that came last would leave one of them idle; and all of it is for `--whole`."""
    if not config.getoption("--whole"):
        again = {item for item in items if item.get_closest_marker("once") and _is_again(item)}
        config.hook.pytest_deselected(items=[*again])
        items[:] = [item for item in items if item not in again]
    last = len(LONGEST)
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, last))


def _is_again(item: pytest.Item) -> bool:
    """Whether the same code was tried with another of its parameters."""
    called = getattr(item, "callspec", None)
    return called is not None and any(getattr(each, "again", False) for each in called.params.values())


@pytest.fixture(scope="session", autouse=True)
def _endpoints_are_read_once() -> Iterator[None]:
    """moto has every mocked AWS begin a session of its own; what botocore then reads is the same each time.

    All but the models of services: moto changes that of S3 in its place.
    """
    plain = JSONFileLoader.load_file
    once = cache(partial(plain, JSONFileLoader()))
    with patch.object(
        JSONFileLoader, "load_file", lambda self, path: plain(self, path) if "service-" in path else once(path)
    ):
        yield


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Where the rows of a module are; each begins with none."""
    with ENGINES[request.config.getoption("engine")]() as made:
        yield made


@pytest.fixture(scope="session")
def out() -> Path:
    """The synthesized app; `make test` makes it."""
    assert (OUT / "manifest.json").exists(), "There is no cdk.out; run the tests with `make test`."
    return OUT


@pytest.fixture(scope="module")
def hub(out: Path) -> Iterator[Hub]:
    """A hub of this module's own, with the sample telco in it."""
    with Hub.start(out) as running:
        load(running)
        yield running
