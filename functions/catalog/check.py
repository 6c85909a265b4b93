"""What stands in the way of publishing a catalog, and what is hardly meant: each finding says what to do. Pure.

Only what channels may know of is looked at; what is still In study may be as unfinished as it likes, if it can be read.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from functions.catalog import soundness, words
from functions.catalog.checks import categories, criteria, form, offerings, prices, promotions, resellers, spans, texts
from functions.catalog.checks.finding import ERROR, Fault, Finding, error
from functions.catalog.checks.references import dangling
from functions.catalog.checks.sound import Sound
from functions.catalog.checks.subject import Subject
from functions.catalog.facts import MAY_SAY
from functions.catalog.kinds import HELD, ON_SALE, RELEASED, released
from functions.shared.resource import Json

BEFORE_RELEASE = ("In study", "In design", "In test", "Rejected")
MOST = 1000  # findings that are told of one catalog: who has more begins with these
Spots = Mapping[tuple[str, str], str]


def findings(content: Mapping[str, Any], as_of: datetime | None = None) -> list[str]:
    """Everything that would make a channel sell what it cannot, or fail; none where the catalog may be published."""
    return [found.sentence for found in check(content, as_of) if found.fault.severity == ERROR]


def check(content: Mapping[str, Any], as_of: datetime | None = None, spots: Spots | None = None) -> list[Finding]:
    """Everything that is found of a catalog version: errors and warnings, at most MOST, in the order of its resources.

    `as_of`: what was over before counts no more. `spots`: by kind and id, the file and line a resource stands in.
    """
    found: list[Finding] = []
    for kind, stored, fault in _found(content, as_of):
        id_ = stored.get("id") if isinstance(stored, dict) else None
        where = (spots or {}).get((kind, id_), "") if isinstance(id_, str) else ""
        told = _shown(id_, 256) if isinstance(id_, str) else "without id"
        found.append(Finding(kind, told, _name(content, stored), fault, where))
        if len(found) == MOST:
            break
    return found


Found = tuple[str, Any, Fault]


def _found(content: Mapping[str, Any], as_of: datetime | None) -> Iterator[Found]:
    wrong = list(_facts(content))
    yield from wrong
    if wrong:
        return
    held = {kind: Sound(kind, content.get(kind) or []) for kind in HELD}
    for kind, of_kind in held.items():
        yield from ((kind, stored, fault) for stored, fault in of_kind.faults())
    subject = Subject(content, held, as_of)
    for kind in HELD:
        for stored in held[kind].values():
            yield from ((kind, stored, fault) for fault in _faults(subject, kind, stored))


def _facts(content: Mapping[str, Any]) -> Iterator[Found]:
    """What no catalog can be read without."""
    texts_ = ("brand", "currency", "timeZone")
    wrong = [name for name in texts_ if not isinstance(content.get(name), str)]
    for name in ("languages", "currencies"):
        listed = content.get(name, [content.get("currency")] if name == "currencies" else None)
        if not (isinstance(listed, list) and listed and all(isinstance(each, str) for each in listed)):
            wrong.append(name)
    wrong += [kind for kind in HELD if not isinstance(content.get(kind) or [], list | Mapping)]
    wrong += [name for name, is_so in MAY_SAY.items() if content.get(name) is not None and not is_so(content[name])]
    for name in wrong:
        yield "catalog", {"id": str(content.get("brand"))[:40]}, error("badFacts", f"{name} is not what it must be.")
    if not wrong and not _is_zone(content["timeZone"]):
        said = "timeZone is not a time zone; write it like Europe/Berlin."
        yield "catalog", {"id": content["brand"]}, error("badFacts", said)


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ValueError, OSError, LookupError):
        return False


def _faults(subject: Subject, kind: str, stored: Json) -> Iterator[Fault]:
    if not released(stored):
        status = stored["lifecycleStatus"]
        if status.lower() not in [each.lower() for each in BEFORE_RELEASE]:
            known = ", ".join((*BEFORE_RELEASE, *RELEASED))
            yield error("unknownStatus", f"lifecycleStatus {status[:40]} is not known; it is one of {known}.")
        return
    yield from _periods(stored)
    yield from dangling(subject, kind, stored)
    yield from texts.faults(subject, stored)
    if kind in CHECKS:
        yield from CHECKS[kind](subject, stored)


def _periods(stored: Json) -> Iterator[Fault]:
    for dated in (stored, *stored.get("channel", []), *stored.get("pattern", [])):
        if spans.empty(spans.of(dated)):
            period = dated["validFor"]
            said = f"it ends ({period['endDateTime']}) before it begins ({period['startDateTime']})."
            yield error("endsBeforeItBegins", said)


def _offering(subject: Subject, stored: Json) -> Iterator[Fault]:
    yield from soundness.of_offering(subject.catalog, stored)
    yield from offerings.faults(subject, stored)
    if stored["lifecycleStatus"] in ON_SALE:
        yield from prices.of_offering(subject, stored)


def _predicate(kind: str) -> Callable[[Subject, Json], Iterator[Fault]]:
    def faults(subject: Subject, stored: Json) -> Iterator[Fault]:
        yield from criteria.faults(subject, kind, stored)

    return faults


CHECKS: dict[str, Callable[[Subject, Json], Iterator[Fault]]] = {
    "category": categories.faults,
    "productOffering": _offering,
    "productOfferingPrice": prices.faults,
    "productSpecification": lambda subject, stored: soundness.of_specification(subject.catalog, stored),
    "promotion": promotions.faults,
    "segment": _predicate("segment"),
    "priceList": _predicate("priceList"),
    "taxRate": prices.tax_rate,
    "partner": resellers.faults,
}


def _name(content: Mapping[str, Any], stored: Any) -> str:
    said = stored.get("name") if isinstance(stored, dict) else None
    if form.words(said, "") or not isinstance(content.get("languages"), list):
        return ""
    return _shown(words.text(said, *content["languages"][:1]), 80)


def _shown(text: str, most: int) -> str:
    """A text as it can be printed: short, and without half of a surrogate pair."""
    return text[:most].encode("utf-8", "replace").decode()
