"""The stage that the handlers' tests play on: one for each module."""

from collections.abc import Iterator

import pytest

from tests.functions.stage import Stage, stage


@pytest.fixture(scope="module")
def hub() -> Iterator[Stage]:
    """The real handlers on moto with the sample telco, called one by one."""
    with stage() as made:
        yield made
