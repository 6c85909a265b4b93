"""The hub, wrong on purpose: each variant plants a fault in its source, and the instrument must convict it.

A variant is a few words of the hub's own source and what stands there instead. Where the source moves on, the variant
no longer fits and the run is red: nothing is convicted that is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

FUNCTIONS = Path(__file__).parents[3] / "functions"


@dataclass(frozen=True)
class Plant:
    """What stands in a file of `functions/`, and what is put in its place."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Broken:
    """A wrong hub: what is wrong with it, and in which stories that shows."""

    name: str
    says: str
    plants: tuple[Plant, ...]
    stories: tuple[str, ...]

    def source(self, file: Path) -> str:
        """A file's source with its faults in it."""
        text = file.read_text("utf-8")
        for plant in self.plants:
            if file == FUNCTIONS / plant.file:
                if text.count(plant.old) != 1:
                    raise DoesNotFit(f"{self.name}: {plant.file} has {text.count(plant.old)} times {plant.old!r}")
                text = text.replace(plant.old, plant.new)
        return text


class DoesNotFit(ValueError):
    """The source has moved on; the variant must be written again."""


class _Loader(SourceFileLoader):
    """Reads a module with its faults, never from what was compiled before."""

    broken: Broken

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.broken.source(Path(self.path)), self.path, "exec", dont_inherit=True)


class Planted(MetaPathFinder):
    """Imports the hub with a variant's faults in it; to be put first, before anything of the hub is imported."""

    def __init__(self, broken: Broken) -> None:
        self._broken = broken
        self._files = {str(FUNCTIONS / plant.file) for plant in broken.plants}

    def install(self) -> None:
        """Puts it first."""
        already = [name for name in sys.modules if name.partition(".")[0] == "functions"]
        if already:
            raise RuntimeError(f"{already[0]} is there already, without the fault")
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] != "functions":
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.origin in self._files:
            spec.loader = _Loader(name, str(spec.origin))
            spec.loader.broken = self._broken
        return spec
