"""The short form of `make prove`: some hundred cases of every story, and that the instrument itself is honest."""

from collections.abc import Iterator

import pytest

from tests.proof.cases import FAMILIES, explored
from tests.proof.world import Story, World, world

CASES = 24  # of each story


@pytest.fixture(scope="module")
def hub() -> Iterator[World]:
    """One hub for all stories."""
    with world() as made:
        yield made


CALLS = [story for name in ("order exactness", "cart edits") for story in FAMILIES[name]]


@pytest.mark.parametrize("story", CALLS, ids=lambda story: story.name)
def test_whoever_goes_first_and_whatever_dies_every_invariant_holds(hub: World, story: Story) -> None:
    found = explored(hub, story, CASES)
    assert found.first == {}
    assert found.cases >= CASES
