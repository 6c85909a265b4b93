"""What AWS does by the clock: rows whose time to live is over vanish, scheduled rules run."""

from __future__ import annotations

import time
import uuid
from threading import Event, Thread
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from local import mend
from local.blueprint import Schedule
from local.bus import Bus
from local.deliver import Delivery, stamp
from local.pretend import ACCOUNT, REGION, arn

TICK = 1.0  # seconds between two looks
TTL_USER = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


class Clock:
    """One thread that looks at the time."""

    def __init__(self, delivery: Delivery, bus: Bus) -> None:
        self._blueprint, self._haste, self._bus = delivery.blueprint, delivery.haste, bus
        self._next = {schedule.rule: time.monotonic() + self._interval(schedule) for schedule in self._schedules()}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join()

    def sweep(self) -> int:
        """Delete the rows whose time to live is over, now; how many there were."""
        count = 0
        for name, attribute in self._blueprint.expiring.items():
            with mend.LOCK:
                table = dynamodb_backends[ACCOUNT][REGION].tables[name]
                over = [item for item in table.all_items() if _is_over(item.attrs.get(attribute))]
                with mend.recorded_as(TTL_USER):
                    for item in over:
                        table.delete_item(item.hash_key, item.range_key)
            count += len(over)
        return count

    def run_rule(self, rule: str) -> None:
        """Run a scheduled rule now, whatever its interval."""
        schedule = next(schedule for schedule in self._schedules() if schedule.rule == rule)
        where = arn("events", f"rule/{schedule.rule}")
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": stamp()[:19] + "Z",
            "region": REGION,
            "resources": [where],
            "detail": {},
        }
        for target in schedule.targets:
            self._bus.dispatch(where, dict(target), event)

    def _schedules(self) -> list[Schedule]:
        return self._blueprint.schedules

    def _interval(self, schedule: Schedule) -> float:
        return max(TICK, schedule.seconds * self._haste)

    def _run(self) -> None:
        while not self._stopping.wait(TICK):
            self.sweep()
            for schedule in self._schedules():
                if time.monotonic() >= self._next[schedule.rule]:
                    self._next[schedule.rule] += self._interval(schedule)
                    self.run_rule(schedule.rule)


def _is_over(value: Any) -> bool:
    return value is not None and value.type == "N" and float(value.value) < time.time()
