"""The operations that the handlers have registered: method, path, and the row of the access table they ask for."""

import re
from dataclasses import dataclass
from functools import cache

from cli.openapi.document import served
from cli.openapi.parameters import template
from functions.shared import tmf
from functions.shared.access import ALLOWED, ROLES, Role
from functions.shared.shape import MAX_BYTES


@dataclass(frozen=True, order=True)
class Route:
    """One operation. In its path `{id}` stands for an id."""

    path: str
    method: str
    operation: str
    function: str  # the folder whose handler answers
    largest: int = MAX_BYTES  # bytes of a body

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def nouns(self) -> list[str]:
        """What the path names, outermost first: shoppingCart, cartItem."""
        below = re.sub(r"^/(tmf-api/\w+/v4|omnihub/v1)/", "", self.path)
        return [part for part in below.split("/") if not part.startswith("{")]

    @property
    def again(self) -> bool:
        """Whether it is the hub of one more API: one handler answers for all of them."""
        return self.nouns[0] == "hub" and not self.path.startswith(tmf.BASE["TMF622"])

    @property
    def role(self) -> Role:
        """The strongest role that may do it, staff before operators: they have a channel that sells."""
        return next(role for role in ("agent", *ROLES) if role in ALLOWED[self.operation])


@cache
def routes() -> list[Route]:
    """Every operation of every handler, in the order of their paths."""
    found = [Route(template(each.path), each.method, each.may, folder, each.largest) for folder, each in served()]
    assert {each.operation for each in found} <= ALLOWED.keys()
    return sorted(found)
