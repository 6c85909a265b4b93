"""The schedule of a brand as a list of versions: what was, is and will be on sale."""

from datetime import datetime

from functions.catalog.store import Schedule
from functions.shared import clock, tmf
from functions.shared.resource import Json

KIND = "catalogVersion"


def scheduled(schedule: Schedule, now: datetime) -> list[Json]:
    """Each entry of the schedule in the order of time; a version that was put on sale again is there once more."""
    ends = [*(each.since for each in schedule.entries[1:]), None]
    found = []
    for entry, end in zip(schedule.entries, ends, strict=True):
        state = "onSale" if entry == schedule.at(now) else "scheduled" if entry.since > clock.text(now) else "over"
        told = {
            "state": state,
            "validFor": {"startDateTime": entry.since, **({"endDateTime": end} if end else {})},
            "catalogPublication": {
                "id": entry.publication["id"],
                "href": tmf.href("catalogPublication", entry.publication["id"]),
            },
            "author": entry.publication["author"],
        }
        found.append(tmf.resource(KIND, entry.version, told))
    return found
