"""Which version of the catalog a brand sells, and from when: one schedule per brand, read and moved as a whole."""

import json
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

from functions.catalog.catalog import HELD, Catalog
from functions.catalog.shelf import Made, at_version, made, put, put_if
from functions.shared import aws, clock
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, RuleBroken
from functions.shared.resource import Json
from functions.shared.settings import settings

__all__ = [
    "Schedule",
    "at_version",
    "current",
    "live",
    "newest",
    "publish",
    "put_on_sale",
    "roll_back",
    "schedule",
    "seen",
]

PAST = 20  # entries kept that are over: what a reader with `as_of` may go back to
Numbers = dict[str, dict[str, int]]  # kind -> id -> which version of the resource


class Entry(NamedTuple):
    """From when a version is on sale (as `clock.text` writes it), and the publication that made it so."""

    since: str
    version: str
    publication: Json


class Schedule(NamedTuple):
    """What a brand sells and when, in order of time, and the tag under which S3 holds that.

    `numbers` are of resources of which there were more versions than the newest version of the catalog counts: it was
    taken back to an earlier one, or they were taken out of it.
    """

    entries: tuple[Entry, ...]
    numbers: Numbers
    tag: str

    def at(self, moment: datetime) -> Entry:
        """The entry in force then; the first where all begin later."""
        return self.entries[max(bisect(self.entries, (clock.text(moment), "~")) - 1, 0)]

    @property
    def newest(self) -> Entry:
        """The last word: what every change begins with, though it may be on sale from some later day only."""
        return self.entries[-1]


# bucket and brand -> (read at, schedule). A warm function trusts it for `catalog_max_age` seconds; which of its
# entries is in force is looked up by the clock every time.
_schedules: dict[tuple[str, str], tuple[float, Schedule]] = {}


def current(brand: str, as_of: datetime | None = None) -> Catalog:
    """The version that is on sale now or will be then, by a schedule no older than `catalog_max_age` seconds."""
    read_at, found = _schedules.get((settings.catalog_bucket, brand), (float("-inf"), None))
    if found is None or monotonic() - read_at >= settings.catalog_max_age:
        found = schedule(brand)
    return at_version(brand, found.at(as_of or clock.now()).version)


def live(brand: str, as_of: datetime | None = None) -> Catalog:
    """The version that is on sale now or will be then, by the schedule as it stands at this very moment."""
    return at_version(brand, schedule(brand).at(as_of or clock.now()).version)


def seen(brand: str, previewed: datetime | None) -> Catalog:
    """The version that a channel shows: the one on sale, or that of a moment that is previewed."""
    return live(brand, previewed) if previewed else current(brand)


def newest(brand: str) -> Catalog:
    """The version that was published last, on sale already or not: what a change begins with."""
    return at_version(brand, schedule(brand).newest.version)


def branch(caller: Caller) -> Sequence[str]:
    """The partners whose sales a partner's list shows: its own, and those of all beneath it in today's catalog."""
    partner = caller.sells_as
    return current(caller.brand).partners.branch(partner) if partner is not None else ()


def schedule(brand: str) -> Schedule:
    """The schedule as it stands at this very moment."""
    found = aws.s3().get_object(Bucket=settings.catalog_bucket, Key=_schedule_key(brand))
    said = json.loads(found["Body"].read())
    entries = tuple(Entry(each["from"], each["version"], each["publication"]) for each in said["entries"])
    return _trusted(brand, Schedule(entries, said.get("numbers", {}), found["ETag"]))


def _trusted(brand: str, found: Schedule) -> Schedule:
    _schedules[settings.catalog_bucket, brand] = monotonic(), found
    return found


def number_before(brand: str, kind: str, id_: str) -> int:
    """The number of versions that a resource had, where the newest version of the catalog counts fewer; else 0."""
    _, found = _schedules[settings.catalog_bucket, brand]
    return found.numbers.get(kind, {}).get(id_, 0)


def publish(
    content: Mapping[str, Any],
    over: Schedule | None = None,
    *,
    author: str = "omnihub",
    from_: datetime | None = None,
) -> Json:
    """Puts content on sale as `put_on_sale` does."""
    with made(content) as version:
        return put_on_sale(version, over, author=author, from_=from_)


def put_on_sale(version: Made, over: Schedule | None = None, *, author: str, from_: datetime | None = None) -> Json:
    """Keeps a version and puts it on sale, at once or from some moment on; returns the publication.

    `over` is the schedule that it was made from (None: whatever there is now). Where that ends with the same version
    already, its publication is returned and nothing done. Raises ChangedMeanwhile where somebody published since:
    nobody overwrites what they have not seen. A crash in between leaves everything as it was.
    """
    brand, name = version.catalog.brand, version.catalog.version
    over = over or _any_schedule(brand)
    if over and over.newest.version == name:
        return over.newest.publication
    since = _from(from_)
    if over:
        must_be_free(over, clock.moment(since))
        _must_stay(at_version(brand, over.newest.version), version.catalog)
    put(version)
    return _enter(version.catalog, since, over, author=author)


def must_be_free(over: Schedule, moment: datetime) -> None:
    """Raises RuleBroken where a version that is to go on sale later than that stands in the way."""
    if over.at(moment).version != over.newest.version:
        raise RuleBroken(
            f"Version {over.newest.version} goes on sale at {over.newest.since} and holds what you would publish "
            "before. Publish for then or later, or first go back to an earlier version from that moment on.",
            code="scheduledAlready",
            validFor={"startDateTime": over.newest.since},
        )


def _must_stay(now: Catalog, to: Catalog) -> None:
    """Raises RuleBroken where a partner would hang on another than before: what it sold was sold under that one."""
    was, partners = now.held["partner"], to.held["partner"]
    for id_ in partners if was else ():
        if id_ in was and was[id_].get("parentId") != partners[id_].get("parentId"):
            raise RuleBroken(
                f"The partner {id_} hangs on another one than before. What it sold stays where it was sold: retire it, "
                "and write a new partner with a new id.",
                code="partnerMoved",
            )


def roll_back(brand: str, version: str, over: Schedule, *, author: str, from_: datetime | None = None) -> Json:
    """Puts an earlier version on sale again, at once or from some moment on; what was to follow then is dropped."""
    since, last = _from(from_), over.at(from_ or clock.now())
    if last == over.newest and last.version == version:
        return last.publication
    to, now = at_version(brand, version), at_version(brand, over.newest.version)
    had = [(kind, id_, number) for kind in HELD for id_, number in now.book.numbered(kind).items()]
    had += [
        (kind, id_, now.sequence(kind, id_)) for kind in HELD for id_ in now.held[kind].keys() - to.held[kind].keys()
    ]
    return _enter(to, since, remembering(over, had), author=author)


def remembering(over: Schedule, had: Iterable[tuple[str, str, int]]) -> Schedule:
    """The same, with numbers that resources have had, by kind and id: what is written counts on from them."""
    numbers: Numbers = {kind: dict(of) for kind, of in over.numbers.items()}
    for kind, id_, number in had:
        of_kind = numbers.setdefault(kind, {})
        of_kind[id_] = max(number, of_kind.get(id_, 0))
    return over._replace(numbers=numbers)


def _from(moment: datetime | None) -> str:
    now = clock.now()
    return clock.text(max(moment or now, now))


def _enter(catalog: Catalog, since: str, over: Schedule | None, *, author: str) -> Json:
    brand, told = catalog.brand, _told(catalog.version, since, over, author)
    before = [each for each in over.entries if each.since < since] if over else []
    past = sum(each.since <= clock.text(clock.now()) for each in before)
    entries = (*before[max(past - PAST, 0) :], Entry(since, catalog.version, told))
    written = [{"from": each.since, "version": each.version, "publication": each.publication} for each in entries]
    said = {"entries": written, "numbers": _ahead(over.numbers, catalog) if over else {}}
    condition = {"IfMatch": over.tag} if over else {"IfNoneMatch": "*"}
    if not put_if(json.dumps(said).encode(), _schedule_key(brand), **condition):
        now = schedule(brand)
        if all(each.publication != told for each in now.entries):  # else only the answer of its first try got lost
            raise overtaken(now)
    _schedules.pop((settings.catalog_bucket, brand), None)
    return told


def _ahead(numbers: Numbers, catalog: Catalog) -> Numbers:
    """Those that are larger than what the catalog says; it says nothing of what it has not."""

    def said(kind: str, id_: str) -> int:
        return catalog.sequence(kind, id_) if id_ in catalog.held[kind] else 0

    found = {kind: {i: n for i, n in of.items() if n > said(kind, i)} for kind, of in numbers.items()}
    return {kind: of for kind, of in found.items() if of}


def must_still_be(brand: str, over: Schedule) -> None:
    """Raises ChangedMeanwhile where somebody published since that schedule was read."""
    if (now := schedule(brand)).tag != over.tag:
        raise overtaken(now)


def overtaken(now: Schedule) -> ChangedMeanwhile:
    """The fact that the schedule is not the one that was seen."""
    return ChangedMeanwhile(
        "Somebody else published meanwhile; nothing of yours is lost. Publish again to add it.",
        currentVersion=now.newest.version,
    )


def _told(version: str, since: str, over: Schedule | None, author: str) -> Json:
    """A publication as its schedule keeps it: who and when is known as soon as that is written."""
    told = {
        "id": clock.sortable_id(),
        "state": "done",
        "catalogVersion": version,
        "validFor": {"startDateTime": since},
        "creationDate": clock.text(clock.now()),
        "author": author,
    }
    return {**told, "previousVersion": over.newest.version} if over else told


def _any_schedule(brand: str) -> Schedule | None:
    try:
        return schedule(brand)
    except aws.s3().exceptions.NoSuchKey:
        return None


def _schedule_key(brand: str) -> str:
    return f"{brand}/schedule.json"
