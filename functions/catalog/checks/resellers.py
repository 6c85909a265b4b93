"""Partners: whether each hangs on one that there is, and sells something, and nothing that the one above may not."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from functions.catalog.checks import bundles
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.subject import Subject
from functions.catalog.kinds import ON_SALE
from functions.catalog.partners import DEEPEST, WIDEST, Assortment, chain
from functions.catalog.verdict import either
from functions.shared.resource import Json

TOLD = 7  # offerings that one finding looks for


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What is wrong with where a partner stands, and with what it sells."""
    depth = subject.once("partners", lambda: bundles.depths(_beneath(subject)))[stored["id"]]
    if depth is None:
        yield error("partnerCycle", "it stands beneath itself, or above a circle of partners; change a parentId.")
        return
    if depth > DEEPEST:
        yield error("partnerTooDeep", f"more than {DEEPEST} partners stand beneath each other here; take some out.")
    if (size := subject.once("branches", lambda: _sizes(subject))[stored["id"]]) > WIDEST:
        said = f"it and those beneath it are {size} partners; a branch has at most {WIDEST}: divide it into several."
        yield error("branchTooLarge", said)
    yield from _assortment(subject, stored)


def _assortment(subject: Subject, stored: Json) -> Iterator[Fault]:
    own, partners = Assortment.of(stored), subject.held["partner"]
    if not (own.everything or own.offerings or own.categories):
        yield error("emptyAssortment", "it sells nothing; name the categories and offerings it sells, or everything.")
        return
    above = partners.get(stored.get("parentId") or "")
    may = Assortment.of(above) if above else None
    if may and not own.everything:
        outside = (each["id"] for each in _named(subject, own) if not may.has(each))
        if told := [*islice(outside, TOLD)]:
            said = f"it sells {either(told, 'and')}, which {stored['parentId']} above it may not; take that out of one,"
            yield error("outsideParent", f"{said} or put it into the other.")
            return
    if stored["lifecycleStatus"] in ON_SALE and not _sells(subject, stored, own):
        said = (
            "nothing that it and all above it may sell is on sale; look at its assortment, and at who stands above it."
        )
        yield warning("sellsNothing", said)


def _sells(subject: Subject, stored: Json, own: Assortment) -> bool:
    partners = subject.held["partner"]
    held = [partners[each] for each in chain(partners, stored["id"])[1:] if each in partners]
    if any(each["lifecycleStatus"] not in ON_SALE for each in held):
        return False
    may = [Assortment.of(each) for each in held]
    sold = subject.on_sale("productOffering") if own.everything else _named(subject, own)
    return any(all(each.has(offering) for each in may) for offering in sold)


def _named(subject: Subject, assortment: Assortment) -> Iterator[Json]:
    """The offerings on sale that an assortment names, by id or by category."""
    for id_ in sorted(assortment.offerings):
        if found := subject.find_on_sale("productOffering", id_):
            yield found
    by_category = subject.once("offerings of categories", lambda: _by_category(subject))
    for category in sorted(assortment.categories):
        yield from (subject.held["productOffering"][id_] for id_ in by_category.get(category, ()))


def _by_category(subject: Subject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for offering in subject.on_sale("productOffering"):
        for category in offering.get("category") or []:
            found[category.get("id", "")].append(offering["id"])
    return found


def _beneath(subject: Subject) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {id_: [] for id_ in subject.held["partner"]}
    for id_, stored in subject.held["partner"].items():
        if stored.get("parentId") in found:
            found[stored["parentId"]].append(id_)
    return found


def _sizes(subject: Subject) -> dict[str, int]:
    """How many partners there are in the branch of each, itself counted."""
    partners = subject.held["partner"]
    found = dict.fromkeys(partners, 0)
    for id_ in partners:
        for each in chain(partners, id_):
            if each in found:
                found[each] += 1
    return found
