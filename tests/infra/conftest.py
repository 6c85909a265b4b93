"""What the tests of the templates share."""

from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.infra.stacks import Stacks
from tests.infra.synth import run


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks of the stage that runs on one machine."""
    return Stacks(out)


@pytest.fixture(scope="session")
def every_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an assembly for each stage, and what cdk-nag found in it: made once for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "stages"
    with folder.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not folder.exists():
            ran = run("tests.infra.every_stage", str(folder.with_suffix(".part")))
            assert ran.returncode == 0, ran.stderr
            folder.with_suffix(".part").rename(folder)
    return folder


@pytest.fixture(scope="session")
def prod(every_stage: Path) -> Stacks:
    """The stacks of the stage that customers use."""
    return Stacks(every_stage / "prod")
