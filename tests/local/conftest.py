"""Hubs made of toys."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from local.hub import Hub
from tests.local import assemblies, toys

StartHub = Callable[..., Hub]


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """No toy remembers another test."""
    toys.reset()


@pytest.fixture
def start_hub(tmp_path: Path) -> Iterator[StartHub]:
    """Starts a hub of these resources; it is stopped when the test ends."""
    with ExitStack() as stack:

        def start(resources: assemblies.Resources, **given: Any) -> Hub:
            out = assemblies.write(tmp_path / "cdk.out", {"Toy": {"Resources": resources}})
            return stack.enter_context(Hub.start(out, **given))

        yield start
