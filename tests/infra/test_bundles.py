"""Each function's bundle stands alone: it imports with the runtime's libraries and nothing else, and holds no more."""

import json
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.infra.stacks import Lambda, Stacks

ROOT = Path(__file__).parents[2]
LARGEST = 1024 * 1024  # bytes of first-party code in one bundle
# Imports the handler, then every module beside it: an import inside a function finds what it needs too.
SCRIPT = """
import importlib, json, pkgutil, sys
bundle, libraries, handler = sys.argv[1:]
sys.path[:0] = [bundle, libraries]
module, _, name = handler.rpartition(".")
assert callable(getattr(importlib.import_module(module), name))
at_once = sorted(n for n in sys.modules if n.startswith("functions."))
import functions
for each in pkgutil.walk_packages(functions.__path__, "functions."):
    importlib.import_module(each.name)
strangers = [n for n, m in sys.modules.items() if n.startswith("functions") and bundle not in (m.__file__ or bundle)]
assert not strangers, strangers
print(json.dumps(at_once))
"""


def _runtime() -> Iterator[str]:
    """The distributions that the layers hold, as locks/runtime.txt pins them."""
    for line in (ROOT / "locks" / "runtime.txt").read_text("utf-8").splitlines():
        if "==" in line:
            yield line.partition("==")[0].strip()


@pytest.fixture(scope="session")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the runtime's libraries and no others, as a layer does."""
    folder = tmp_path_factory.mktemp("libraries")
    installed = Path(sysconfig.get_path("purelib"))
    for name in _runtime():
        for top in {file.parts[0] for file in distribution(name).files or () if file.parts[0] not in ("..", "/")}:
            link = folder / top
            if top != "__pycache__" and not link.exists():
                link.symlink_to(installed / top)
    return folder


def _allowed(folder: str) -> set[str]:
    """The folders that a noun may look at: those of the layers below its own."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    nouns = [{name.strip().removeprefix("functions.") for name in layer.split("|")} for layer in layers]
    (own,) = [i for i, layer in enumerate(nouns) if folder in layer]
    return {folder}.union(*nouns[own + 1 :])


def _by_name(stacks: Stacks) -> dict[str, Lambda]:
    return {function.name: function for function in stacks.functions}


def test_a_bundle_imports_by_itself_in_a_process_of_its_own(
    stacks: Stacks, libraries: Path, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for function in stacks.functions:
        with subtests.test(function.name):
            command = [
                sys.executable,
                "-I",
                "-S",
                "-B",
                "-c",
                SCRIPT,
                str(function.asset),
                str(libraries),
                function.handler,
            ]
            environment = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
            ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
            assert ran.returncode == 0, ran.stderr
            assert function.module in json.loads(ran.stdout)


def test_a_bundle_holds_its_noun_and_what_comes_before_it_in_the_sale(stacks: Stacks) -> None:
    for function in stacks.functions:
        inside = {file.name for file in (function.asset / "functions").iterdir() if file.is_dir()}
        folder = function.handler.split(".")[1]
        assert inside - {"__pycache__"} <= _allowed(folder), function.name
        assert {each.name for each in function.asset.iterdir()} == {"functions"}, function.name


def test_a_bundle_is_small_and_holds_no_test(stacks: Stacks) -> None:
    for function in stacks.functions:
        files = [file for file in function.asset.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files if "__pycache__" not in file.parts)
        assert 0 < size < LARGEST, f"{function.name}: {size} bytes"
        odd = [f.name for f in files if f.suffix not in (".py", ".json", ".pyc") or f.name.startswith("test_")]
        assert not odd, f"{function.name}: {odd}"


def test_a_bundle_is_the_code_as_it_stands(stacks: Stacks) -> None:
    """Else the tests would run on yesterday's synth; `make test` makes it anew."""
    for function in stacks.functions:
        for file in (function.asset / "functions").rglob("*.py"):
            here = ROOT / file.relative_to(function.asset)
            assert here.read_bytes() == file.read_bytes(), f"{here} changed since the synth; run `make test`."
