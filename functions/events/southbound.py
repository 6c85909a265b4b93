"""The port to the systems that make a product work (network, logistics), and a simulator that can misbehave.

Every request has an id of its own and may come twice: the answer is the same, the effect is one.
"""

from typing import Any, Protocol

from functions.shared import rows
from functions.shared.access import Caller
from functions.shared.resource import Json
from functions.shared.settings import settings


class StillWorking(Exception):
    """Not done yet: ask again with the same request."""


class ActivationRefused(Exception):
    """It will never be done; the sentence says why."""


class Southbound(Protocol):
    """What fulfilment asks of the world below."""

    def activate(self, request: str, item: Json) -> Json:
        """Makes the item work; returns what it was given (a serial). Raises StillWorking or ActivationRefused."""

    def deactivate(self, request: str) -> None:
        """Takes back what that request activated; nothing where it activated nothing."""


class Simulator:
    """A southbound system in the events table: a ledger row per request, and behaviour that a test can order.

    A row `southbound` of an offering's id (or `*`) says {behaviour, times}: for so many requests it will `fail`, be
    `slow` (not done yet), or answer `twice` (done, the answer lost on its way, and the same answer when asked again).
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def activate(self, request: str, item: Json) -> Json:
        offering = (item.get("productOffering") or {}).get("id", "*")
        if (held := self._ledger(request)) and held["body"]["state"] == "active":
            return dict(held["body"]["given"])
        behaviour = self._told(offering)
        if behaviour == "slow":
            raise StillWorking(f"{offering} is not active yet.")
        if behaviour == "fail":
            raise ActivationRefused(f"The network refused {offering}.")
        given = {"serial": f"SIM-{request[:12]}"}
        row = rows.new(self.caller, "activation", request, {"state": "active", "given": given, "offering": offering})
        seen = held["version"] if held else None
        try:
            rows.save(rows.put(settings.events_table, {**row, "version": (seen or 0) + 1}, seen=seen))
        except rows.Refused as refused:
            return dict((refused.row or row)["body"]["given"])
        if behaviour == "twice":
            raise StillWorking(f"{offering} is active, and nobody heard it.")
        return given

    def deactivate(self, request: str) -> None:
        held = self._ledger(request)
        if held is None or held["body"]["state"] != "active":
            return
        where = rows.key(self.caller.brand, "activation", request)
        change = rows.update(
            settings.events_table,
            where,
            {"body.state": "ended"},
            when="#body.#state = :active",
            values={":active": "active"},
        )
        try:
            rows.save(change)
        except rows.Refused:
            return  # somebody else took it back

    def _ledger(self, request: str) -> Any:
        return rows.load(settings.events_table, self.caller.brand, "activation", request)

    def _told(self, offering: str) -> str | None:
        """How to behave this time, counted down; None: well."""
        for told in rows.load_many(settings.events_table, self.caller.brand, "southbound", [offering, "*"]):
            if told["body"]["times"] < 1:
                continue
            where, left = rows.key(self.caller.brand, "southbound", told["id"]), told["body"]["times"] - 1
            rows.save(rows.update(settings.events_table, where, {"body.times": left}, when="attribute_exists(pk)"))
            return str(told["body"]["behaviour"])
        return None
