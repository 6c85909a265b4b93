"""The layers hold what the functions use and no more; each function has those it can import from, and no other."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra import libraries
from tests.infra.stacks import Stacks
from tests.infra.synth import run

ROOT = Path(__file__).parents[2]
# Bytes; AWS unpacks them for every new instance of a function that has them, and takes 250 MB at most.
LARGEST = {libraries.EVERY: 12_000_000, libraries.TEXTS: 8_000_000}
LOGICAL = {libraries.EVERY: "Libraries", libraries.TEXTS: "TextLibraries"}
# Makes every client of functions/shared/aws.py with the layer's libraries alone.
CLIENTS = """
import inspect, sys
sys.path[:0] = sys.argv[1:]
from functions.shared import aws
made = {f().meta.service_model.service_name for n, f in inspect.getmembers(aws, inspect.isfunction)
        if f.__module__ == aws.__name__ and n != "forget"}
print(*sorted(made))
"""


# Writes an amount with the layers alone, in every language given.
WRITTEN = """
import json, sys
from decimal import Decimal
sys.path[:0] = sys.argv[1:]
from functions.shared import locale
asked = json.load(sys.stdin)
print(json.dumps([[locale.money("EUR", Decimal("1234.5"), each, market), locale._locale(each, market).language]
                  for each, market in asked]))
"""


@pytest.fixture(scope="module")
def layers() -> Path:
    """The layers' folder as `make test` and `make layers` build it."""
    return libraries.built(libraries.AWS)


@pytest.fixture(scope="module")
def deployed(layers: Path, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """The stacks as the command line deploys them: with the layers in `layers`."""
    folder = tmp_path_factory.mktemp("deployed")
    context = json.dumps({"target": libraries.AWS})
    ran = run("infra.app", CDK_OUTDIR=str(folder / "out"), CDK_CONTEXT_JSON=context)
    assert ran.returncode == 0, ran.stderr
    return Stacks(folder / "out")


@pytest.mark.parametrize("name", LARGEST)
def test_a_layer_is_small(layers: Path, name: str) -> None:
    size = libraries.size(layers / name)
    sys.stdout.write(f"build/layers/aws/{name}: {size} of {LARGEST[name]} bytes\n")
    assert 1_000_000 < size < LARGEST[name]


def test_what_only_texts_need_is_in_the_layer_for_texts(layers: Path) -> None:
    tops = {name: {each.name.partition("-")[0] for each in (layers / name / "python").iterdir()} for name in LARGEST}
    assert tops[libraries.TEXTS] == libraries.TEXT
    assert not tops[libraries.EVERY] & libraries.TEXT


def test_a_function_has_the_layers_that_it_can_import_from_and_no_other(
    deployed: Stacks, subtests: pytest.Subtests
) -> None:
    ids = {id_: name for id_ in deployed.of("AWS::Lambda::LayerVersion") for name in LARGEST if _is(id_, name)}
    found = set()
    for function in deployed.functions:
        held = {name for id_, name in ids.items() if id_ in json.dumps(function.properties.get("Layers", []))}
        can = _imported(function.module, set())
        found.add(len(held))
        with subtests.test(function.name):
            assert (libraries.TEXTS in held) == bool(can & libraries.TEXT)
            assert libraries.EVERY in held
    assert found == {1, 2}  # else this shows nothing


def _is(id_: str, name: str) -> bool:
    return id_[: len(LOGICAL[name])] == LOGICAL[name]


def _imported(module: str, seen: set[str]) -> set[str]:
    """What a module and those it imports name as imports, wherever in their text, but for what only types need."""
    seen.add(module)
    file = ROOT / f"{module.replace('.', '/')}.py"
    tree = ast.parse((file if file.is_file() else file.with_suffix("") / "__init__.py").read_text("utf-8"))
    typed = {id(each) for node in ast.walk(tree) if _for_types(node) for each in ast.walk(node)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and id(node) not in typed:
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    ours = {name for name in found if name.startswith("functions") and _is_module(name)}
    abroad = {name.partition(".")[0] for name in found}
    return abroad.union(*(_imported(each, seen) for each in sorted(ours - seen) if each not in seen))


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def _is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def test_each_brand_of_the_sample_has_its_languages_in_the_layer() -> None:
    brands = sorted((ROOT / "telco").glob("*/brand.yaml"))
    spoken = {file.parent.name: set(yaml.safe_load(file.read_text("utf-8"))["brand"]["languages"]) for file in brands}
    assert len(spoken) == 2
    assert {name: languages - libraries.LANGUAGES for name, languages in spoken.items()} == {
        "nova": set(),
        "pico": set(),
    }


def test_texts_are_written_from_the_layer_in_its_languages_and_as_in_the_market_for_any_other(
    layers: Path, tmp_path: Path
) -> None:
    held = sorted(libraries.LANGUAGES - {"root"})
    asked = [*((each, "DE") for each in held), ("ja", "DE"), ("zh-Hant", "CH"), ("ja", "JP")]
    paths = [str(layers / name / "python") for name in LARGEST]
    command = [sys.executable, "-I", "-S", "-B", "-c", WRITTEN, *paths, str(ROOT)]
    ran = subprocess.run(  # noqa: S603
        command, cwd=tmp_path, env={}, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    written = json.loads(ran.stdout)
    assert [language for _, language in written[: len(held)]] == held
    assert written[len(held) :] == [["1.234,50\xa0€", "de"], ["EUR\xa01'234.50", "de"], ["€1,234.50", "en"]]


def test_the_layers_hold_no_bytecode_and_no_address_of_this_machine(layers: Path) -> None:
    files = [file for file in layers.rglob("*") if file.is_file()]
    assert [file for file in files if file.suffix == ".pyc" or file.name in ("RECORD", "direct_url.json")] == []
    assert [file for file in files if str(ROOT).encode() in file.read_bytes()] == []


def test_machine_code_in_the_layers_is_for_lambda(layers: Path) -> None:
    assert {file.name.split(".", 1)[1] for file in layers.rglob("*.so")} <= {"cpython-314-aarch64-linux-gnu.so"}


def test_the_layer_describes_the_services_that_functions_call_and_no_other(layers: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-B", "-c", CLIENTS, str(layers / libraries.EVERY / "python"), str(ROOT)]
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
