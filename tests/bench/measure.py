"""One scene measured: what it calls, reads, writes and logs, and what CPU it takes when it is warm."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.bench import replay
from tests.bench.person import Person
from tests.bench.replay import Cpu
from tests.bench.scenes import Scene
from tests.bench.stage import Stage, listening
from tests.bench.watch import Seen, watching

RUNS = 200


@dataclass(frozen=True)
class Measured:
    """The figures of a scene."""

    scene: Scene
    seen: Seen
    logged: int
    cpu: Cpu | None

    @property
    def calls(self) -> str:
        """The calls by name, in the order of their first, each with how often."""
        return ", ".join(
            f"{n} x {name}" if n > 1 else name for name, n in Counter(c.name for c in self.seen.calls).items()
        )

    def counts(self) -> dict[str, float]:
        """The figures that budgets name."""
        return {
            "AWS calls": len(self.seen.calls),
            "writing calls": sum(call.written > 0 for call in self.seen.calls),
            "read units": self.seen.read,
            "write units": self.seen.written,
        }


def measure(stage: Stage, scene: Scene, *, times: int = RUNS) -> Measured:
    """Measures a scene on a warm function; `times` runs for its CPU, none where it is 0."""
    with listening():
        stage.ask(scene.module, scene.prepare(Person(stage)))  # warm: clients, catalog, caches
        ask = stage.asking(scene.module, scene.prepare(Person(stage)))
    with replay.standing_still() as again:

        def run() -> Any:
            again()
            return ask()

        with watching() as seen, replay.recording() as recorded, listening() as heard:
            answer = run()
        assert not isinstance(answer, dict) or answer.get("statusCode", 200) < 400, heard.getvalue()
        logged = len(heard.getvalue().encode())
        with listening():
            spent = replay.cpu(run, answer, seen.calls, recorded, times) if times else None
    return Measured(scene, seen, logged, spent)
