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

    A row `southbound` of an offering's id (or `*`) says {behaviour: fail | slow, times: n}.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def activate(self, request: str, item: Json) -> Json:
        offering = (item.get("productOffering") or {}).get("id", "*")
        if (held := self._ledger(request)) and held["body"]["state"] == "active":
            return dict(held["body"]["given"])
        self._behave(offering)
        given = {"serial": f"SIM-{request[:12]}"}
        row = rows.new(self.caller, "activation", request, {"state": "active", "given": given, "offering": offering})
        try:
            rows.save(rows.put(settings.events_table, row, seen=held["version"] if held else None))
        except rows.Refused as refused:
            return dict((refused.row or row)["body"]["given"])
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

    def _behave(self, offering: str) -> None:
        for told in rows.load_many(settings.events_table, self.caller.brand, "southbound", [offering, "*"]):
            if told["body"]["times"] < 1:
                continue
            where = rows.key(self.caller.brand, "southbound", told["id"])
            rows.save(
                rows.update(
                    settings.events_table, where, {"body.times": told["body"]["times"] - 1}, when="attribute_exists(pk)"
                )
            )
            if told["body"]["behaviour"] == "slow":
                raise StillWorking(f"{offering} is not active yet.")
            raise ActivationRefused(f"The network refused {offering}.")
