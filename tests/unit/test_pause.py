"""How long a message that was not delivered waits for its next attempt."""

import pytest

from functions.events.deliver import LONGEST, pause
from functions.events.subscribe import TRIES


@pytest.mark.parametrize(
    ("tried", "seconds"), [(1, 5), (2, 10), (3, 20), (10, 2560), (11, 3600), (16, 3600), (999, 3600)]
)
def test_it_waits_twice_as_long_after_each_attempt_up_to_an_hour(tried: int, seconds: int) -> None:
    assert pause(tried, 0) == seconds
    assert seconds * 0.75 - 1 <= pause(tried, 1) <= seconds * 0.75


def test_all_attempts_take_about_six_hours_as_the_guide_says() -> None:
    together = sum(pause(tried, 0.5) for tried in range(1, TRIES))
    assert 5 * 3600 < together < 7 * 3600
    assert LONGEST < 12 * 3600  # what SQS hides a message for at most
