"""The short form of the races: each once, with real threads; `make prove ENGINE=ministack` runs them by the dozen."""

from collections.abc import Iterator

import pytest

from tests.proof.engine import Engine
from tests.proof.races import RACES, raced, track
from tests.proof.world import Story, World


@pytest.fixture(scope="module")
def hub(engine: Engine) -> Iterator[World]:
    """One hub for all races."""
    with track(engine) as made:
        yield made


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_whoever_wins_every_invariant_holds(hub: World, race: Story) -> None:
    assert raced(hub, race, 1).first == {}
