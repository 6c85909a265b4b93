"""Whether an offering that is on sale can be reached, chosen and bought by somebody, some time, somewhere."""

from collections.abc import Iterator
from itertools import pairwise

from functions.catalog.checks import bundles, criteria, logic, spans
from functions.catalog.checks.finding import Fault, error, warning
from functions.catalog.checks.subject import Subject
from functions.catalog.kinds import ON_SALE
from functions.shared.resource import Json


def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
    """What stands in the way of selling it."""
    if any("name" not in term for term in stored.get("productOfferingTerm", [])):
        yield error("noTermName", "a productOfferingTerm has no name; say what the customer is told.")
    if any("kind" not in need for need in stored.get("requirement", [])):
        yield error("noRequirementKind", "a requirement does not say of which kind it is.")
    if stored["lifecycleStatus"] not in ON_SALE:
        return
    yield from _channels(subject, stored)
    yield from _reachable(subject, stored)
    yield from _eligible(subject, stored)
    yield from _related(subject, stored)
    yield from bundles.faults(subject, stored)


def _channels(subject: Subject, stored: Json) -> Iterator[Fault]:
    listed = stored.get("channel") or []
    if not listed:
        yield error("noChannel", "it is on sale in no channel; name those that sell it (channel).")
    by_id: dict[str, list[Json]] = {}
    for channel in listed:
        if "id" not in channel:
            yield error("noId", "a channel in it has no id.")
            continue
        by_id.setdefault(channel["id"], []).append(channel)
        if spans.empty(spans.both(spans.of(stored), spans.of(channel))):
            when = spans.told(spans.of(channel))
            yield error("channelNever", f"the channel {channel['id']} sells it {when}, when it is not on sale.")
    for id_, entries in by_id.items():
        for earlier, later in pairwise(sorted(map(spans.of, entries))):
            if not spans.empty(span := spans.both(earlier, later)):
                yield error("channelTwice", f"the channel {id_} stands twice {spans.told(span)}; keep one of them.")


def _reachable(subject: Subject, stored: Json) -> Iterator[Fault]:
    if stored.get("isSellable", True):
        if not stored.get("category"):
            yield warning("noCategory", "it is in no category, so nobody finds it by looking around; name one.")
    elif stored["id"] not in subject.bundled:
        yield warning("unreachable", "it is not sold alone, and in no bundle; put it into one, or let it be sold.")


def _eligible(subject: Subject, stored: Json) -> Iterator[Fault]:
    """Each requirement by itself, and all of them in the channels that sell it."""
    context = criteria.one_of("channel", (c["id"] for c in stored.get("channel") or [] if "id" in c))
    listed = stored.get("eligibility") or []
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


def _related(subject: Subject, stored: Json) -> Iterator[Fault]:
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
