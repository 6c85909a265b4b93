"""What every test may use: the synthesized template, and one running hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.hub import load
from local.hub import Hub

OUT = Path(__file__).parent.parent / "cdk.out"


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
