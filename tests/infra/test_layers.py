"""The layer holds what the functions use and no more, and nothing is deployed without it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra import libraries

ROOT = Path(__file__).parents[2]
LARGEST = 14_000_000  # bytes; AWS unpacks it for every new instance of a function, and takes 250 MB at most
# Makes every client of functions/shared/aws.py with the layer's libraries alone.
CLIENTS = """
import inspect, sys
sys.path[:0] = sys.argv[1:]
from functions.shared import aws
made = {f().meta.service_model.service_name for n, f in inspect.getmembers(aws, inspect.isfunction)
        if f.__module__ == aws.__name__ and n != "forget"}
print(*sorted(made))
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
    command = [sys.executable, "-I", "-S", "-B", "-c", CLIENTS, str(layer / "python"), str(ROOT)]
    environment = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stderr
    assert set(ran.stdout.split()) == libraries.SERVICES, "Say so in infra/libraries.py."


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
