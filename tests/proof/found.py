"""What came of many cases. Nothing of the hub is imported here: who plants faults in it reads this first."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Found:
    """Cases and what did not hold in them."""

    cases: int = 0
    seconds: float = 0.0  # of one worker
    violations: Counter[str] = field(default_factory=Counter)  # by invariant
    first: dict[str, tuple[str, str]] = field(default_factory=dict)  # invariant -> the first case, and what was seen
    digest: int = 0  # of all cases: equal in two runs that were the same
    ends: dict[str, Counter[str]] = field(default_factory=dict)  # story -> where the orders of its days ended

    def take(self, case: object, broken: dict[str, str]) -> None:
        """Counts one case."""
        self.cases += 1
        self.digest = zlib.crc32(str(case).encode(), self.digest)
        self.violations.update(broken.keys())
        for name, said in broken.items():
            self.first.setdefault(name, (str(case), said))

    def join(self, other: Found) -> None:
        """Adds what came of other cases."""
        self.cases += other.cases
        self.seconds += other.seconds
        self.digest ^= other.digest
        self.violations += other.violations
        self.first = {**other.first, **self.first}
        self.ends |= other.ends
