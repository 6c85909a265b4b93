"""A few threads that do what is due: at once, or after a pause that a retry must wait."""

from __future__ import annotations

import heapq
import itertools
import time
import traceback
from collections.abc import Callable
from threading import Condition, Thread

from local.functions import FunctionError, Functions
from local.work import Work

Task = Callable[[], None]


class Workers:
    """Runs tasks in `count` threads; a task that waits for its next try holds no thread."""

    def __init__(self, work: Work, functions: Functions, count: int = 4) -> None:
        self._work, self._functions = work, functions
        self._due: list[tuple[float, int, str, Task]] = []
        self._number = itertools.count()
        self._changed = Condition()
        self._stopping = False
        self._threads = [Thread(target=self._run, name=f"worker-{i}", daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, what: str, task: Task, delay: float = 0.0) -> None:
        """Do `task` after `delay` seconds; it is open work until it has ended."""
        self._work.begin(what)
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + delay, next(self._number), what, task))
            self._changed.notify()

    def stop(self) -> None:
        """End the threads; what was not due yet is dropped."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _next(self) -> tuple[str, Task] | None:
        with self._changed:
            while not self._stopping:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    _, _, what, task = heapq.heappop(self._due)
                    return what, task
                self._changed.wait(pause)
            return None

    def _run(self) -> None:
        while (found := self._next()) is not None:
            what, task = found
            try:
                task()
            except Exception as problem:
                kind, trace = type(problem).__name__, traceback.format_exc()
                self._functions.errors.append(FunctionError("the local hub", kind, f"{what}: {problem}", trace, None))
            finally:
                self._work.end(what)
