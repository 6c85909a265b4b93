"""The operations that the handlers have registered: method, path, and the row of the access table they ask for."""

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from functions.shared.access import ALLOWED, ROLES, Role
from functions.shared.http import Api

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass(frozen=True, order=True)
class Route:
    """One operation. In its path `{id}` stands for an id, `{kind}` for a kind of catalog resource."""

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
        registered = [*api._static_routes, *api._dynamic_routes]
        found += [Route(_path(r.path), r.method, _operation(r.func), folder) for r in registered]
        known = {(rule, method) for rule, methods in api.operations.items() for method in methods}
        assert known == {(r.rule, r.method) for r in registered}, f"{folder}: the 405 knows other operations"
    return sorted(found)


def _path(rule: str) -> str:
    def shown(name: re.Match[str]) -> str:
        head, *rest = name[1].strip("_").split("_")
        return "{" + head + "".join(part.capitalize() for part in rest) + "}"

    return re.sub(r"<(\w+)>", shown, rule)


def _operation(function: object) -> str:
    """The first argument of the function's `api.incoming(…)`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))  # type: ignore[arg-type]
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "incoming":
            operation = ast.literal_eval(call.args[0])
            assert operation in ALLOWED, f"{operation} is no row of access.ALLOWED"
            return str(operation)
    raise AssertionError(f"{function} admits no caller: it must call api.incoming(operation).")
