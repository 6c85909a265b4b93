"""Contact media: each is immutable, so whoever points at one (an order, a product) finds it as it was. Pure.

A change makes a new medium with a new id and ends the old one, which stays.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from functions.shared import clock
from functions.shared.errors import RuleBroken
from functions.shared.resource import Json

MEDIA = 100  # of one customer or party, ended ones included: they share a row of at most 400 KB
# Staff may bring ids along (a migration does). The form keeps out what would carry personal data into an order.
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ROLES = ("delivery", "installation", "billing")
ADDRESS = frozenset({"street1", "postCode", "city"})
NEVER = datetime.min.replace(tzinfo=UTC)


def merged(held: Sequence[Json], sent: Sequence[Json], as_of: datetime, *, trusted: bool) -> list[Json]:
    """The media after a list took the place of those in force: what it leaves out or alters ends, never vanishes.

    An entry is the medium it names by `id`, else the one that says the same. `trusted` senders may bring ids and say
    what is verified; an altered medium is unverified all the same, since the flag was about what it said before.
    """
    left = {medium["id"]: medium for medium in held}
    taken, in_force = set(left), []
    for entry in sent:
        known = _meant(entry, left, as_of)
        if known is None:
            in_force.append(_new(entry, taken, as_of, trusted=trusted))
        elif not ended(known, as_of):
            in_force.append(_kept(left.pop(known["id"]), entry, trusted=trusted))
    if len(in_force) + len(left) > MEDIA:
        raise RuleBroken(f"At most {MEDIA} contact media are kept, those of the past included.", code="tooManyMedia")
    return in_force + [_ended(medium, as_of) for medium in left.values()]


def _meant(entry: Json, held: Mapping[str, Json], as_of: datetime) -> Json | None:
    """The medium an entry stands for. One that has ended is meant only by an entry that says so too."""
    named = held.get(entry.get("id", ""))
    if named and _said(named) == _said(entry) and ended(named, as_of) <= ended(entry, as_of):
        return named
    same = (m for m in held.values() if _said(m) == _said(entry) and not ended(m, as_of))
    return next(same, None)


def _said(medium: Json) -> tuple[str | None, Json | None]:
    return medium.get("mediumType"), medium.get("characteristic")


def _new(entry: Json, taken: set[str], as_of: datetime, *, trusted: bool) -> Json:
    sent = entry.get("id", "")
    free = trusted and ID.fullmatch(sent) and sent not in taken
    id_ = sent if free else clock.new_id()
    verified = trusted and sent not in taken and entry.get("verified") is True
    taken.add(id_)
    period = {"startDateTime": clock.text(as_of), **entry.get("validFor", {})}
    return {**entry, "id": id_, "verified": verified, "validFor": period}


def _kept(known: Json, entry: Json, *, trusted: bool) -> Json:
    """The medium with what may change of it: whether it is preferred, until when it holds, and by staff, verified."""
    verified = known.get("verified", False)
    if trusted:
        verified = entry.get("verified", verified)
    start = {k: v for k, v in known.get("validFor", {}).items() if k == "startDateTime"}
    return {**entry, "id": known["id"], "verified": verified, "validFor": {**start, **entry.get("validFor", {})}}


def _ended(medium: Json, as_of: datetime) -> Json:
    if ended(medium, as_of):
        return medium
    return {**medium, "validFor": {**medium.get("validFor", {}), "endDateTime": clock.text(as_of)}}


def ended(medium: Json, as_of: datetime) -> bool:
    """Whether the medium holds no longer."""
    end = medium.get("validFor", {}).get("endDateTime")
    return end is not None and clock.moment(end) <= as_of


def start(medium: Json) -> datetime:
    """Since when the medium holds."""
    written = medium.get("validFor", {}).get("startDateTime")
    return clock.moment(written) if written else NEVER


def in_force(media: Iterable[Json], as_of: datetime) -> list[Json]:
    """The media that hold at that moment."""
    return [medium for medium in media if start(medium) <= as_of and not ended(medium, as_of)]


def places(media: Iterable[Json], as_of: datetime) -> list[tuple[str, str]]:
    """(role, medium id) of the address for delivery, installation and billing; empty where there is no address.

    For each: the address made for that role by its `contactType`, else the preferred one, else the newest.
    """
    addresses = [medium for medium in in_force(media, as_of) if is_address(medium)]
    return [(role, _best(addresses, role)["id"]) for role in ROLES] if addresses else []


def is_address(medium: Json) -> bool:
    """Whether a parcel or a technician can go there; the standard leaves the spelling of `mediumType` to everybody."""
    return not ADDRESS.isdisjoint(medium.get("characteristic", {}))


def _best(addresses: Sequence[Json], role: str) -> Json:
    def rank(ranked: tuple[int, Json]) -> tuple[object, ...]:
        position, medium = ranked
        purpose = medium["characteristic"].get("contactType")
        elsewhere = purpose in ROLES and purpose != role
        return purpose == role, not elsewhere, medium.get("preferred", False), start(medium), position

    return max(enumerate(addresses), key=rank)[1]


def phones(media: Iterable[Json], as_of: datetime) -> list[str]:
    """The numbers in force, the best for an SMS first: mobile, verified, preferred."""
    found = [medium for medium in in_force(media, as_of) if medium.get("characteristic", {}).get("phoneNumber")]
    found.sort(key=lambda m: (not _mobile(m), not m.get("verified", False), not m.get("preferred", False)))
    return [medium["characteristic"]["phoneNumber"] for medium in found]


def _mobile(medium: Json) -> bool:
    kind = medium.get("mediumType", "").lower()
    return "mobile" in kind or "sms" in kind
