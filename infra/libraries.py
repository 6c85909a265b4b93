"""Builds the layers: what locks/runtime.txt pins, for the Python that runs the functions, as small as they use it.

There are two: `every` function needs the first, `texts` is for those that write amounts and days for people.
`python -m infra.libraries aws` is for Lambda, from wheels only and without Docker; any other target runs the functions
on this machine's Python.
"""

import shutil
import subprocess
import sys
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "locks" / "runtime.txt"
BUILT = ROOT / "build" / "layers"
AWS = "aws"
# What Lambda runs (`runtime` and `architecture` in functions.py), on Amazon Linux 2023 with glibc 2.34.
LAMBDA = (
    "--platform",
    "manylinux_2_28_aarch64",
    "--platform",
    "manylinux2014_aarch64",
    "--python-version",
    "3.14",
    "--implementation",
    "cp",
)
# botocore describes 400 services in 25 MB; each of these is described in its folder below `botocore/data`.
SERVICES = frozenset({"dynamodb", "events", "lambda", "s3", "secretsmanager", "sns", "sqs"})
EVERY, TEXTS = "every", "texts"
TEXT = frozenset({"babel"})  # what only those who write texts import
# babel knows how amounts and days are written in 200 languages, in 32 MB. Which of them a brand speaks its catalog
# says, on any day: the layer has those of the European Union, of Norway, Iceland, Turkey and Ukraine.
EUROPEAN = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
LANGUAGES = frozenset((*EUROPEAN.split(), "nb", "nn", "no", "is", "tr", "uk", "root"))
# What pip leaves for uninstalling; scripts name the interpreter of this machine.
LEFT_BY_PIP = ("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "bin")


def build(target: str, to: Path) -> Path:
    """Makes the layers' folder anew; the same lock gives the same bytes, on every machine."""
    recipe_of(to).unlink(missing_ok=True)  # what is built halfway is not built
    shutil.rmtree(to, ignore_errors=True)
    python, texts = (to / layer / "python" for layer in (EVERY, TEXTS))
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-compile"]
    only = ["--no-deps", "--require-hashes", "--only-binary=:all:", *(LAMBDA if target == AWS else ())]
    subprocess.run([*pip, *only, "--target", str(python), "--requirement", str(LOCK)], check=True)  # noqa: S603
    for pattern in LEFT_BY_PIP:
        for left in python.glob(pattern):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    _cut(python)
    texts.mkdir(parents=True)
    for part in [part for part in python.iterdir() if part.name.partition("-")[0] in TEXT]:
        part.rename(texts / part.name)
    recipe_of(to).write_text(_recipe(), "utf-8")
    return to


def _cut(python: Path) -> None:
    """Takes away what no function uses."""
    for described in (python / "botocore" / "data").iterdir():
        if described.is_dir() and described.name not in SERVICES:
            shutil.rmtree(described)
    for locale in (python / "babel" / "locale-data").iterdir():
        if locale.stem.partition("_")[0] not in LANGUAGES:
            locale.unlink()
    shutil.rmtree(python / "babel" / "messages")  # which translates programs


class NotBuilt(SystemExit):
    """What is deployed would fail at its first import."""


def built(target: str) -> Path:
    """The layers' folder for that target, as today's lock and services ask for it; NotBuilt says what to do."""
    layers = BUILT / target
    if not recipe_of(layers).is_file() or recipe_of(layers).read_text("utf-8") != _recipe():
        raise NotBuilt(f"The functions' libraries are not built for {target} as {LOCK.name} pins them: make layers")
    return layers


def _recipe() -> str:
    held = " ".join(sorted(SERVICES | LANGUAGES))
    return f"{LOCK.read_text('utf-8')}# {held}\n# {TEXTS}: {' '.join(sorted(TEXT))}\n"


def recipe_of(layers: Path) -> Path:
    """What layers were built from lies beside them."""
    return layers.with_suffix(".txt")


@cache
def needed(module: str) -> tuple[str, ...]:
    """The layers of a function, by its module ("cart.handler"): found from what it imports, inside functions too."""
    finder = ModuleFinder(path=[str(ROOT)])  # which reads compiled code, and runs none
    finder.run_script(str(ROOT / "functions" / f"{module.replace('.', '/')}.py"))
    abroad = {name.partition(".")[0] for name in finder.any_missing()}
    return (EVERY, TEXTS) if TEXT & abroad else (EVERY,)


def size(layer: Path) -> int:
    """The bytes of its files."""
    return sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())


def main(target: str) -> None:
    """Builds `build/layers/<target>` and says how large it is."""
    made = build(target, BUILT / target)
    for layer in (EVERY, TEXTS):
        sys.stdout.write(f"{made.relative_to(ROOT)}/{layer}: {size(made / layer) / 1e6:.1f} MB for {target}\n")


if __name__ == "__main__":
    main(sys.argv[1])
