"""The short form of `make prove`: some hundred cases of every story, and that the instrument itself is honest."""

from collections.abc import Iterator

import pytest

from tests.proof import carts, orders
from tests.proof.cases import Found, explore
from tests.proof.invariants import violated
from tests.proof.world import Story, World, world

CASES = 24  # of each story


@pytest.fixture(scope="module")
def hub() -> Iterator[World]:
    """One hub for all stories."""
    with world() as made:
        yield made


@pytest.mark.parametrize("story", [*orders.STORIES, *carts.STORIES], ids=lambda story: story.name)
def test_whoever_goes_first_and_whatever_dies_every_invariant_holds(hub: World, story: Story) -> None:
    found = Found()
    for case, seen in explore(hub, story, CASES):
        found.take(case, violated(seen))
    assert found.first == {}
    assert found.cases >= CASES
