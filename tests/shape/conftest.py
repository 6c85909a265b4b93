"""What happened, once for all tests of the shape: a telco's day with everything that makes rows and events."""

from pathlib import Path

import pytest

from cli.hub import load
from local.hub import Hub
from tests.infra.stacks import Stacks
from tests.shape.day import Day, play


@pytest.fixture(scope="session")
def day(out: Path) -> Day:
    """The day as it has left its traces; the hub it was played on is gone."""
    with Hub.start(out) as hub:
        load(hub)
        return play(hub)


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks."""
    return Stacks(out)
