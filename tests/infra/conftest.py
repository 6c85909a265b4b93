"""What the tests of the templates share."""

from pathlib import Path

import pytest

from tests.infra.stacks import Stacks
from tests.infra.synth import run


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks of the stage that runs on one machine."""
    return Stacks(out)


@pytest.fixture(scope="session")
def every_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an assembly for each stage, and what cdk-nag found in it."""
    folder = tmp_path_factory.mktemp("stages")
    ran = run("tests.infra.every_stage", str(folder), home=folder)
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="session")
def prod(every_stage: Path) -> Stacks:
    """The stacks of the stage that customers use."""
    return Stacks(every_stage / "prod")
