"""Bundles that are on sale when their parts are not, and what has to be bought before what."""

from collections.abc import Iterator, Mapping

from functions.catalog.checks import lives, spans
from functions.catalog.checks.finding import Fault, error
from functions.catalog.checks.subject import Subject, parts
from functions.shared.resource import Json


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with a bundle; nothing where it is none."""
    if stored.get("isBundle") and not any(parts(stored)):
        yield error("emptyBundle", "it is a bundle of nothing; name its parts (bundledProductOffering).")
    if stored.get("isBundle") is False and any(parts(stored)):
        yield error("bundleDenied", "it has parts and says it is no bundle (isBundle false); leave isBundle out.")
    for part in stored.get("bundledProductOffering") or []:
        if lives.OPTION in part:
            continue  # it may be left out
        named = subject.find_on_sale("productOffering", part.get("id"))
        if named and spans.empty(spans.both(subject.span(stored), subject.span(named))):
            yield error("partNever", f"its part {part['id']} is on sale {spans.told(spans.of(named))}, never with it.")
    yield from lives.of_bundle(subject, stored)


def depths(below: Mapping[str, list[str]]) -> dict[str, int | None]:
    """How many levels lie below each, itself counted; None for what lies in or above a cycle.

    From the lowest up, level by level, so that no depth can exhaust the stack.
    """
    found: dict[str, int | None] = dict.fromkeys(below)
    above: dict[str, list[str]] = {}
    waits = {id_: len({*inner} & below.keys()) for id_, inner in below.items()}
    for id_, inner in below.items():
        for each in {*inner} & below.keys():
            above.setdefault(each, []).append(id_)
    level, depth = [id_ for id_, count in waits.items() if not count], 1
    while level:
        following = []
        for id_ in level:
            found[id_] = depth
            for each in above.get(id_, ()):
                waits[each] -= 1
                if not waits[each]:
                    following.append(each)
        level, depth = following, depth + 1
    return found


def circular(subject: Subject) -> set[str]:
    """The offerings that nobody can come to have: whatever they require in the end requires them."""

    def found() -> set[str]:
        needs = subject.offered.needs
        needed_by: dict[str, list[str]] = {}
        for id_, others in needs.items():
            for other in others:
                needed_by.setdefault(other, []).append(id_)
        left, reached = {*needs}, [other for other in needed_by if other not in needs]
        while reached:
            for id_ in needed_by.get(reached.pop(), ()):
                if id_ in left:
                    left.remove(id_)
                    reached.append(id_)
        return left

    return subject.once("circular", found)
