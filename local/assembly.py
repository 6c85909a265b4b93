"""The cloud assembly that `make synth` leaves in `cdk.out`: its stacks in the order in which they can be created."""

from __future__ import annotations

import json
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any


class NoAssembly(RuntimeError):
    """There is nothing synthesized where we look."""


@dataclass(frozen=True)
class StackFile:
    """One stack: its name, its template, and where its assets lie by hash."""

    name: str
    template: dict[str, Any]
    assets: dict[str, Path]

    def asset(self, key: str) -> Path:
        """The file that the template names by its key in the assets bucket (`<hash>.<ending>`)."""
        found = self.assets.get(key.rpartition("/")[2].partition(".")[0])
        if found is None:
            raise NoAssembly(f"The asset {key} of stack {self.name} is not in its assets file; run `make synth` again.")
        return found


def read(out: Path) -> list[StackFile]:
    """Every stack in `out`, each after those it depends on."""
    manifest = out / "manifest.json"
    if not manifest.is_file():
        raise NoAssembly(f"There is no manifest.json in {out}; run `make synth` first.")
    artifacts: dict[str, dict[str, Any]] = json.loads(manifest.read_text("utf-8")).get("artifacts", {})
    order = TopologicalSorter({name: artifact.get("dependencies", []) for name, artifact in artifacts.items()})
    found: list[StackFile] = []
    for name in order.static_order():
        artifact = artifacts.get(name, {})
        if artifact.get("type") == "aws:cloudformation:stack":
            found.append(_stack(out, name, artifact))
        elif artifact.get("type") == "cdk:cloud-assembly":  # a CDK stage
            found.extend(read(out / artifact["properties"]["directoryName"]))
    if not found:
        raise NoAssembly(f"{manifest} names no stack; run `make synth` again.")
    return found


def _stack(out: Path, name: str, artifact: dict[str, Any]) -> StackFile:
    properties = artifact["properties"]
    template = json.loads((out / properties["templateFile"]).read_text("utf-8"))
    listed = out / f"{name}.assets.json"
    files = json.loads(listed.read_text("utf-8"))["files"] if listed.is_file() else {}
    assets = {key: out / asset["source"]["path"] for key, asset in files.items() if "path" in asset.get("source", {})}
    return StackFile(properties.get("stackName", name), template, assets)
