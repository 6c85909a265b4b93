"""The operations that the handlers have registered: method, path, and the row of the access table they ask for."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from functions.shared.access import ALLOWED, ROLES, Role
from functions.shared.http import Api

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass(frozen=True, order=True)
class Route:
    """One operation. In its path `{id}` stands for an id."""

    path: str
    method: str
    operation: str
    function: str  # the folder whose handler answers

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def nouns(self) -> list[str]:
        """What the path names, outermost first: shoppingCart, cartItem."""
        below = re.sub(r"^/(tmf-api/\w+/v4|omnihub/v1)/", "", self.path)
        return [part for part in below.split("/") if not part.startswith("{")]

    @property
    def role(self) -> Role:
        """The strongest role that may do it, staff before operators: they have a channel that sells."""
        return next(role for role in ("agent", *ROLES) if role in ALLOWED[self.operation])


@cache
def routes() -> list[Route]:
    """Every operation of every handler, in the order of their paths."""
    found = []
    for folder in sorted(file.parent.name for file in FUNCTIONS.glob("*/handler.py")):
        api: Api = import_module(f"functions.{folder}.handler").api
        found += [Route(_path(each.path), each.method, each.may, folder) for each in api.operations]
        assert {each.may for each in api.operations} <= ALLOWED.keys(), folder
    return sorted(found)


def _path(rule: str) -> str:
    def shown(name: re.Match[str]) -> str:
        head, *rest = name[1].strip("_").split("_")
        return "{" + head + "".join(part.capitalize() for part in rest) + "}"

    return re.sub(r"<(\w+)>", shown, rule)
