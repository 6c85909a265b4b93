"""The simulated network below the hub: `omnihub run --southbound fail:fibre-500:1` has it misbehave."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cli.say import TELCO
from cli.telco import brands
from functions.catalog import store as catalogs
from functions.shared import access, rows
from functions.shared.settings import settings
from infra import channels

ORDER = re.compile(r"(?P<behaviour>fail|slow|twice):(?P<offering>[a-z0-9-]+|\*)(:(?P<times>[1-9][0-9]{0,5}))?")
EVERY = "*"


@dataclass(frozen=True)
class Misbehaviour:
    """What the simulated network does the next `times` it is asked for an offering."""

    behaviour: str
    offering: str
    times: int


def misbehaviour(ordered: str) -> Misbehaviour:
    """What `fail:fibre-500:1` orders; raises ValueError with a sentence."""
    found = ORDER.fullmatch(ordered)
    if found is None:
        raise ValueError(f"'{ordered}' says nothing to the network; write it like fail:fibre-500:1 or slow:*.")
    return Misbehaviour(found["behaviour"], found["offering"], int(found["times"] or 1))


def tell(told: Iterable[Misbehaviour]) -> None:
    """Leaves these orders with the simulator of a hub in use; raises ValueError for an offering nobody sells."""
    for each in told:
        sellers = [b for b in brands(TELCO) if each.offering == EVERY or catalogs.current(b).offering(each.offering)]
        if not sellers:
            raise ValueError(f"No brand has an offering {each.offering}, so the network will never be asked for it.")
        for brand in sellers:
            caller = access.hub({"brand": brand, "market": channels.BRANDS[brand][0], "correlation_id": "cli"}, "cli")
            body = {"behaviour": each.behaviour, "times": each.times}
            rows.save(rows.put(settings.events_table, rows.new(caller, "southbound", each.offering, body)))
