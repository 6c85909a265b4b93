"""What the tests of the templates share."""

from pathlib import Path

import pytest

from tests.infra.stacks import Stacks


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks."""
    return Stacks(out)
