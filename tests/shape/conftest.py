"""What happened, once for all tests of the shape: a telco's day with everything that makes rows and events."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.hub import Hub
from tests.infra.stacks import Stacks
from tests.shape.day import Day, play


@pytest.fixture(scope="module")
def day(hub: Hub) -> Iterator[Day]:
    """The day as it has left its traces."""
    with play(hub) as played:
        yield played


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks."""
    return Stacks(out)
