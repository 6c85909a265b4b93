"""What is found of a resource: how bad it is, a code for programs, and a sentence that says what to do."""

from typing import NamedTuple

from functions.shared.resource import Json

ERROR, WARNING = "error", "warning"


class Fault(NamedTuple):
    """What is wrong with one resource; the reason goes on after its name and a colon."""

    severity: str
    code: str
    reason: str


def error(code: str, reason: str) -> Fault:
    """What stands in the way of publishing."""
    return Fault(ERROR, code, reason)


def warning(code: str, reason: str) -> Fault:
    """What is hardly meant, and could be sold all the same."""
    return Fault(WARNING, code, reason)


class Finding(NamedTuple):
    """A fault of a resource; `where` is the file and line it is written in, where it came from a folder."""

    kind: str
    id: str
    name: str
    fault: Fault
    where: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, with the resource it is of."""
        named = f" ({self.name})" if self.name else ""
        return f"{self.kind} {self.id}{named}: {self.fault.reason}"

    @property
    def json(self) -> Json:
        """The same for programs."""
        told = {"severity": self.fault.severity, "kind": self.kind, "id": self.id, "code": self.fault.code}
        return told | {"reason": self.fault.reason} | ({"where": self.where} if self.where else {})
