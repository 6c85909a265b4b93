"""A hub to shoot at, with a world in it that is mended after each shot, and what came of the shots."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from cli.openapi.document import examples
from functions.shared import tmf
from local.hub import Hub
from tests.fuzz.shot import Shot, faults, fire
from tests.http.world import World
from tests.shape.day import MEANT

LONG = 120  # seconds in which all must have come to rest
TASKS = ("cancelProductOrder", "cartMerge", "catalogPublication")  # nobody reads them again


@dataclass
class Range:
    """Counts by status and operation, and one shot for each kind of violation."""

    world: World
    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    succeeded: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        """How many were answered."""
        return self.statuses.total()

    def shoot(self, shots: Iterable[Shot]) -> None:
        """Fires them one after the other."""
        for shot in shots:
            answer = fire(self.world.hub, shot)
            if answer is None:
                continue
            self.statuses[answer.status] += 1
            if operation := shot.operation:
                self.operations[operation] += 1
                self.succeeded[operation] += answer.status < 300
            for fault in faults(shot, answer):
                self._violated(
                    f"{shot.method} {operation or '(none)'}: {fault[:200]}", f"{shot}\n    {answer.raw[:400]!r}"
                )
            if answer.status == 204:
                self.mend(shot.target)

    def mend(self, target: str) -> None:
        """Makes again what a DELETE took."""
        for place, id_ in [*self.world.ids.items()]:
            noun = place.rpartition("/")[2]  # a subscription is kept by its path
            if id_ in target and f"POST {noun}" in examples() and noun not in TASKS:
                with suppress(AssertionError):  # what it hangs on may be gone as well
                    self.world.make(noun)

    def settled(self) -> None:
        """What failed behind the requests is a violation too."""
        hub: Hub = self.world.hub
        self._end_subscriptions()
        hub.settle(LONG)
        for error in hub.function_errors:
            if error.type not in MEANT:
                self._violated(f"{error.function} raised {error.type}", error.message[:400])
        for letter in hub.dead_letters():
            self._violated(f"something was left in {letter.place}", str(letter.body)[:400])

    def _end_subscriptions(self) -> None:
        """Nobody is at the addresses that chance has written; deliveries would be tried again for long."""
        for base in tmf.BASE.values():
            while held := self.world.operator.get(f"{base}/hub").body:
                for each in held:
                    self.world.operator.delete(f"{base}/hub/{each['id']}")

    def _violated(self, what: str, example: str) -> None:
        self.violations[what] += 1
        self.examples.setdefault(what, example)
