"""The layer holds what the functions use and no more, and nothing is deployed without it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import libraries

ROOT = Path(__file__).parents[2]
LARGEST = 12_000_000  # bytes; AWS unpacks it for every new instance of a function, and takes 250 MB at most
# Makes a client of each service with the layer's libraries alone.
CLIENTS = """
import sys
sys.path.insert(0, sys.argv[1])
import boto3
for service in sys.argv[2:]:
    boto3.client(service)
"""


@pytest.fixture(scope="module")
def layer() -> Path:
    """The layer as `make test` and `make layers` build it."""
    return libraries.built(libraries.AWS)


def test_the_layer_is_small(layer: Path) -> None:
    size = libraries.size(layer)
    sys.stdout.write(f"build/layers/aws: {size} of {LARGEST} bytes\n")
    assert 1_000_000 < size < LARGEST


def test_the_layer_holds_no_bytecode_and_no_address_of_this_machine(layer: Path) -> None:
    files = [file for file in layer.rglob("*") if file.is_file()]
    assert [file for file in files if file.suffix == ".pyc" or file.name in ("RECORD", "direct_url.json")] == []
    assert [file for file in files if str(ROOT).encode() in file.read_bytes()] == []


def test_machine_code_in_the_layer_is_for_lambda(layer: Path) -> None:
    assert {file.name.split(".", 1)[1] for file in layer.rglob("*.so")} <= {"cpython-314-aarch64-linux-gnu.so"}


def test_the_layer_describes_the_services_that_functions_call_and_no_other(layer: Path, tmp_path: Path) -> None:
    source = (ROOT / "functions" / "shared" / "aws.py").read_text("utf-8")
    called = re.findall(r'_client\("([a-z0-9-]+)"\)', source)
    assert set(called) == libraries.SERVICES, "Say so in infra/libraries.py."
    assert len(called) == source.count("_client(") - source.count("def _client(")
    command = [sys.executable, "-I", "-S", "-B", "-c", CLIENTS, str(layer / "python"), *libraries.SERVICES]
    environment = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr


def test_clients_are_made_in_one_module() -> None:
    makers = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "functions").rglob("*.py")
        if "boto3.client(" in file.read_text("utf-8") or "boto3.resource(" in file.read_text("utf-8")
    }
    assert makers == {"functions/shared/aws.py"}


def test_the_command_line_deploys_with_the_layers_of_aws_or_not_at_all() -> None:
    assert json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]["target"] == libraries.AWS
    with pytest.raises(libraries.NotBuilt, match=r"are not built for nowhere as runtime\.txt pins them: make layers"):
        libraries.built("nowhere")
