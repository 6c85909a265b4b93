"""What every test may use: the synthesized template, and one running hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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


LONGEST = ("proof", "cli", "infra", "http")  # folders of the files that take longest: those that begin last are short


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With two workers a long file that came last would leave one of them idle."""
    last = len(LONGEST)
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, last))


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
