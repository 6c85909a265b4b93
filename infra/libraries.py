"""Builds the layer: what locks/runtime.txt pins, for the Python that runs the functions, as small as they use it.

`python -m infra.libraries aws` is for Lambda, from wheels only and without Docker; any other target runs the functions
on this machine's Python.
"""

import shutil
import subprocess
import sys
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
# babel knows how amounts and days are written in 200 languages, in 30 MB; of these the brands speak.
LANGUAGES = frozenset({"root", "de", "en", "fr", "it"})
# What pip leaves for uninstalling; scripts name the interpreter of this machine.
LEFT_BY_PIP = ("*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "bin")


def build(target: str, to: Path) -> Path:
    """Makes the layer's folder anew; the same lock gives the same bytes, on every machine."""
    recipe_of(to).unlink(missing_ok=True)  # what is built halfway is not built
    shutil.rmtree(to, ignore_errors=True)
    python = to / "python"
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-compile"]
    only = ["--no-deps", "--require-hashes", "--only-binary=:all:", *(LAMBDA if target == AWS else ())]
    subprocess.run([*pip, *only, "--target", str(python), "--requirement", str(LOCK)], check=True)  # noqa: S603
    for pattern in LEFT_BY_PIP:
        for left in python.glob(pattern):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    for described in (python / "botocore" / "data").iterdir():
        if described.is_dir() and described.name not in SERVICES:
            shutil.rmtree(described)
    for locale in (python / "babel" / "locale-data").iterdir():
        if locale.stem.partition("_")[0] not in LANGUAGES:
            locale.unlink()
    shutil.rmtree(python / "babel" / "messages")  # which translates programs
    recipe_of(to).write_text(_recipe(), "utf-8")
    return to


class NotBuilt(SystemExit):
    """What is deployed would fail at its first import."""


def built(target: str) -> Path:
    """The layer for that target, as today's lock and services ask for it; NotBuilt says what to do."""
    layer = BUILT / target
    if not recipe_of(layer).is_file() or recipe_of(layer).read_text("utf-8") != _recipe():
        raise NotBuilt(f"The functions' libraries are not built for {target} as {LOCK.name} pins them: make layers")
    return layer


def _recipe() -> str:
    return f"{LOCK.read_text('utf-8')}# {' '.join(sorted(SERVICES | LANGUAGES))}\n"


def recipe_of(layer: Path) -> Path:
    """What a layer was built from lies beside it."""
    return layer.with_suffix(".txt")


def size(layer: Path) -> int:
    """The bytes of its files."""
    return sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())


def main(target: str) -> None:
    """Builds `build/layers/<target>` and says how large it is."""
    layer = build(target, BUILT / target)
    sys.stdout.write(f"{layer.relative_to(ROOT)}: {size(layer) / 1e6:.1f} MB for {target}\n")


if __name__ == "__main__":
    main(sys.argv[1])
