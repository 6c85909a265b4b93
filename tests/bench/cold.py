"""A cold start: the CPU of importing a handler from its own bundle, in a fresh process, beside bare boto3 in turns.

Third-party code is compiled already, as in a layer; a bundle is not, and is compiled with every start.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from local import assembly
from local.pretend import ENVIRONMENT

TIMES = 15
BARE = "import boto3; boto3.client('dynamodb')"
# A client that is made at the first request is a part of the cold start too: shown, though not in the budget.
ONE_CLIENT = "from functions.shared import aws; aws.events() if 'publish' in sys.argv[2] else aws.dynamodb()"
CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
began = time.process_time()
{first}
then = time.process_time()
{second}
print(1000 * (then - began), 1000 * (time.process_time() - began))
"""


@dataclass(frozen=True)
class Bundle:
    """A function's code as it is deployed."""

    module: str  # "cart.handler"
    folder: Path


@dataclass(frozen=True)
class Cold:
    """Milliseconds of CPU, medians: the import, the import and a first client, and bare boto3 with a client."""

    imported: float
    ready: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.imported / self.bare


def bundles(out: Path) -> list[Bundle]:
    """Every function of the synthesized templates, and where its code lies."""
    return sorted(
        (
            Bundle(_module(resource["Properties"]["Handler"]), file.asset(resource["Properties"]["Code"]["S3Key"]))
            for file in assembly.read(out)
            for resource in file.template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::Function" and _is_ours(resource["Properties"])
        ),
        key=lambda bundle: bundle.module,
    )


def _is_ours(properties: dict[str, Any]) -> bool:
    return str(properties.get("Handler", "")).startswith("functions.")


def _module(handler: str) -> str:
    return handler.removeprefix("functions.").removesuffix(".handler")


def cold_starts(found: list[Bundle], *, times: int = TIMES, tell: Callable[[], None] = lambda: None) -> dict[str, Cold]:
    """The cold start of every bundle by its module; `tell` is called after each of `times` rounds."""
    bare: list[float] = []
    spent: dict[str, list[tuple[float, float]]] = {bundle.module: [] for bundle in found}
    for _ in range(times):
        bare.append(_run(Path(), "", BARE, "pass")[0])
        for bundle in found:
            spent[bundle.module].append(
                _run(bundle.folder, bundle.module, f"import functions.{bundle.module}", ONE_CLIENT)
            )
        tell()
    return {
        module: Cold(median(first for first, _ in runs), median(second for _, second in runs), median(bare))
        for module, runs in spent.items()
    }


def _run(folder: Path, module: str, first: str, second: str) -> tuple[float, float]:
    code = CHILD.format(first=first, second=second)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(folder.resolve()), module],
        env={**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{module or 'boto3'} does not import on its own:\n{done.stderr}"
    imported, ready = done.stdout.split()[-2:]
    return float(imported), float(ready)
