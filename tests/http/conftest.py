"""What the tests of bad input share."""

import pytest

from local.hub import Hub
from tests.http.world import World


@pytest.fixture(scope="module")
def world(hub: Hub) -> World:
    """One of everything, in a hub of this module's own."""
    return World(hub)
