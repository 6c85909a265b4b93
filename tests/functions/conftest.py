"""The stage that the handlers' tests play on: one for each module."""

from collections.abc import Iterator

import pytest

from tests.functions.stage import Stage, stage
from tests.proof.engine import Engine


@pytest.fixture(scope="module")
def hub(engine: Engine) -> Iterator[Stage]:
    """The real handlers on moto (or `--engine`) with the sample telco, called one by one."""
    with stage(engine) as made:
        yield made
