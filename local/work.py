"""What is still under way: everything that will go on without being asked is counted, so that one can wait for it."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

POLL = 0.01  # seconds between two looks at what cannot tell us that it has ended


class StillBusy(AssertionError):
    """The hub did not come to rest; the message names what is open."""


class Work:
    """A ledger of open work, by a name that a person can read."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._open: Counter[str] = Counter()
        self._begun = 0

    def begin(self, what: str, count: int = 1) -> None:
        """Something will happen; call it before whoever caused it goes on."""
        with self._changed:
            self._open[what] += count
            self._begun += count

    def end(self, what: str, count: int = 1) -> None:
        """It has happened, and whatever it caused has begun."""
        with self._changed:
            self._open[what] -= count
            self._open += Counter()  # drops what is at zero
            self._changed.notify_all()

    @contextmanager
    def during(self, what: str) -> Iterator[None]:
        """`what` is under way inside the block."""
        self.begin(what)
        try:
            yield
        finally:
            self.end(what)

    def still_open(self) -> list[str]:
        """One line for each kind of open work."""
        with self._changed:
            return [f"{count} x {what}" for what, count in sorted(self._open.items())]

    def settle(self, timeout: float, elsewhere: Callable[[], list[str]]) -> None:
        """Return when nothing is open, here or `elsewhere` (work that is only found by looking).

        Work may move from here to there and back while we look; only a look during which nothing began counts.
        """
        until = time.monotonic() + timeout
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._open, timeout=max(0.0, until - time.monotonic()))
                begun = self._begun
            found = self.still_open() + elsewhere()
            with self._changed:
                if not found and not self._open and begun == self._begun:
                    return
            if time.monotonic() > until:
                raise StillBusy(
                    f"After {timeout:g} s the hub is still busy: {'; '.join(found) or 'work keeps beginning'}."
                )
            time.sleep(POLL)
