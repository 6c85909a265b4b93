"""Whether an offering that is on sale can be reached, chosen and bought by somebody, some time, somewhere."""

from collections.abc import Iterator
from itertools import pairwise

from functions.catalog import kinds
from functions.catalog.catalog import PROMOTIONS
from functions.catalog.checks import bundles, criteria, lives, logic, spans
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.logic import Clause
from functions.catalog.checks.subject import Subject
from functions.catalog.commitment import termination_faults
from functions.catalog.kinds import ON_SALE
from functions.shared.resource import Json


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What stands in the way of selling it."""
    if any("name" not in term for term in stored.get("productOfferingTerm", [])):
        yield error("noTermName", "a productOfferingTerm has no name; say what the customer is told.")
    for term in stored.get("productOfferingTerm", []):
        yield from _ended_early(subject, term.get("earlyTermination"))
    if any("kind" not in need for need in stored.get("requirement", [])):
        yield error("noRequirementKind", "a requirement does not say of which kind it is.")
    yield from lives.faults(subject, stored)
    if stored["lifecycleStatus"] not in ON_SALE:
        return
    yield from _channels(subject, stored)
    yield from _reachable(subject, stored)
    yield from _eligible(subject, stored)
    yield from _related(subject, stored)
    yield from bundles.faults(subject, stored)
    yield from _parts_eligible(subject, stored)
    yield from _crowded(subject, stored)


def _crowded(subject: Subject, stored: Json) -> Iterator[Fault]:
    """More promotions on one offering than are looked at for it."""
    aimed = subject.once("aimed", lambda: _aimed(subject))
    prices = [price["id"] for price in stored.get("productOfferingPrice") or [] if "id" in price]
    ids = [id_ for price in prices for id_ in (price, *(each["id"] for each in subject.replacing.get(price, ())))]
    named = {("", ""), ("ProductOffering", stored["id"]), *(("ProductOfferingPrice", id_) for id_ in ids)}
    named |= {("Category", each["id"]) for each in stored.get("category") or [] if "id" in each}
    if len(set().union(*(aimed.get(target, ()) for target in named))) > PROMOTIONS:
        yield error("tooManyPromotions", f"more than {PROMOTIONS} promotions may be given on it; retire some of them.")


def _aimed(subject: Subject) -> dict[tuple[str, str], set[str]]:
    """The promotions by what they name."""
    found: dict[tuple[str, str], set[str]] = {}
    for promotion in subject.held["promotion"].values():
        for target in kinds.targets(promotion):
            found.setdefault(target, set()).add(promotion["id"])
    return found


def _ended_early(subject: Subject, fee: Json | None) -> Iterator[Fault]:
    """Whether what ending a term early costs can be charged."""
    unit = (fee or {}).get("unit")
    currency = unit if unit in subject.currencies else " or ".join(subject.currencies)
    for told in termination_faults(fee, str(currency)) if fee else ():
        yield error("wrongEarlyTermination", told)


def _channels(subject: Subject, stored: Json) -> Iterator[Fault]:
    listed = stored.get("channel") or []
    if not listed:
        yield error("noChannel", "it is on sale in no channel; name those that sell it (channel).")
    by_id, sale = dict[str, list[Json]](), spans.of(stored)
    for channel in listed:
        if "id" not in channel:
            yield error("noId", "a channel in it has no id.")
            continue
        by_id.setdefault(channel["id"], []).append(channel)
        if spans.empty(spans.both(sale, spans.of(channel))):
            when = spans.told(spans.of(channel))
            yield error("channelNever", f"the channel {channel['id']} sells it {when}, when it is not on sale.")
    for id_, entries in by_id.items() if len(by_id) < len(listed) else ():
        for earlier, later in pairwise(sorted(map(spans.of, entries))):
            if not spans.empty(span := spans.both(earlier, later)):
                yield error("channelTwice", f"the channel {id_} stands twice {spans.told(span)}; keep one of them.")


def _reachable(subject: Subject, stored: Json) -> Iterator[Fault]:
    if stored.get("isSellable", True):
        if not stored.get("category"):
            yield warning("noCategory", "it is in no category, so nobody finds it by looking around; name one.")
    elif stored["id"] not in subject.offered.bundled:
        yield warning("unreachable", "it is not sold alone, and in no bundle; put it into one, or let it be sold.")


def _eligible(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Each requirement by itself, and all of them in the channels that sell it."""
    listed = stored.get("eligibility")
    if not listed:
        return
    context = _sold_in(stored)
    together = []
    for required in listed:
        if "name" not in required:
            yield error("noSentence", f"the eligibility {required.get('id')} has no name: the sentence that says why.")
        found = list(criteria.faults(subject, "productOffering", required, context))
        yield from (f._replace(reason=f"the eligibility {required.get('id')}: {f.reason}") for f in found)
        together += criteria.readable(subject, "productOffering", required) or []
        if any(f.severity == "error" for f in found):
            return
    if len(listed) > 1 and (why := logic.contradiction([*together, *context])):
        yield error("neverEligible", f"all its eligibility together holds for nobody: {why}; change one of them.")


def _sold_in(stored: Json) -> list[Clause]:
    return criteria.one_of("channel", (c["id"] for c in stored.get("channel") or [] if "id" in c))


def _asked(subject: Subject, stored: Json) -> list[Clause]:
    """What all its eligibility asks, as far as it can be evaluated."""
    listed = stored.get("eligibility") or []
    return [clause for each in listed for clause in criteria.readable(subject, "productOffering", each) or []]


def _parts_eligible(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Whether who may have a bundle may have what must be in it: that is asked of it too."""
    for part in stored.get("bundledProductOffering") or []:
        named = None if lives.OPTION in part else subject.find_on_sale("productOffering", part.get("id"))
        of_part = _asked(subject, named) if named else []
        whole = [*_asked(subject, stored), *_sold_in(stored)] if of_part else []
        if not of_part or logic.contradiction(of_part) or logic.contradiction(whole):
            continue  # that is told where it stands
        if why := logic.contradiction([*whole, *of_part]):
            told = f"nobody who may have it may have its part {part['id']}: {why}; change one of them."
            yield error("partNeverEligible", told)


def _related(subject: Subject, stored: Json) -> Iterator[Fault]:
    if not stored.get("productOfferingRelationship"):
        return
    needed, excluded = _others(stored, "requires"), _others(stored, "excludes")
    if stored["id"] in needed + excluded:
        yield error("relatedToItself", "it requires or excludes itself; take that out.")
    possible = [id_ for id_ in needed if id_ not in excluded and stored["id"] not in _excluded(subject, id_)]
    if needed and not possible:
        yield error("requiresExcluded", f"it requires {' or '.join(needed[:4])}, which it cannot be together with.")
    elif stored["id"] in bundles.circular(subject):
        yield error("requiresCycle", f"it requires {' or '.join(needed[:4])}, which in the end require it.")
    for id_ in _others(stored, "recommends"):
        named = subject.find_released("productOffering", id_)
        if named and named["lifecycleStatus"] not in ON_SALE:
            yield warning("goneRecommended", f"it recommends {id_}, which is {named['lifecycleStatus']}; name another.")


def _others(stored: Json, kind: str) -> list[str]:
    related = stored.get("productOfferingRelationship") or []
    return sorted({each["id"] for each in related if each.get("relationshipType") == kind and "id" in each})


def _excluded(subject: Subject, id_: str) -> list[str]:
    return _others(subject.held["productOffering"].get(id_) or {}, "excludes")
