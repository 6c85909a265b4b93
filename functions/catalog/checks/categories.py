"""Categories: whether each hangs on one above it, and none below itself."""

from collections.abc import Iterator

from functions.catalog.checks import bundles
from functions.catalog.checks.finding import Fault, error
from functions.catalog.checks.subject import Subject
from functions.shared.resource import Json

DEEPEST = 10  # categories within each other


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Whether it stands below itself, or too deep."""
    depth = subject.once("categories", lambda: bundles.depths(_below(subject)))[stored["id"]]
    if depth is None:
        yield error("categoryCycle", "it stands below itself, or above a circle of categories; change a parentId.")
    elif depth > DEEPEST:
        yield error("categoryTooDeep", f"more than {DEEPEST} categories stand below each other under it; flatten them.")


def _below(subject: Subject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {id_: [] for id_ in subject.held["category"]}
    for id_, stored in subject.held["category"].items():
        if stored.get("parentId") in found:
            found[stored["parentId"]].append(id_)
        found[id_] += [each["id"] for each in stored.get("subCategory") or [] if each.get("id") in found]
    return found
