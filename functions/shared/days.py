"""Days of a market: months that go by, and billing periods. Half-open, whole days, never hours. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, tzinfo


@dataclass(frozen=True)
class Days:
    """The days from `since` until just before `until`."""

    since: date
    until: date

    def __len__(self) -> int:
        return max((self.until - self.since).days, 0)

    def meet(self, others: "Days") -> "Days":
        """The days that are in both; `len` is 0 where there are none."""
        return Days(max(self.since, others.since), min(self.until, others.until))


@dataclass(frozen=True)
class Cycle:
    """When an account is billed: on that day of each month (in a shorter month its last), of that time zone's days."""

    day: int
    zone: tzinfo

    def __post_init__(self) -> None:
        if self.day not in range(1, 32):
            raise ValueError(f"A cycle day is a day from 1 to 31, not {self.day}.")

    def local_day(self, moment: datetime) -> date:
        """The day it is in the market at that moment; a moment without a time zone is a ValueError."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment} names no time zone.")
        return moment.astimezone(self.zone).date()

    def period(self, day: date) -> Days:
        """The billing period that the day lies in."""
        month = _month(day)
        if day < _on(month, self.day):
            month -= 1
        return Days(_on(month, self.day), _on(month + 1, self.day))


def later(day: date, months: int) -> date:
    """The same day so many months later; in a shorter month its last day."""
    return _on(_month(day) + months, day.day)


def whole_months(since: date, until: date) -> int:
    """How many months have gone by; until the same day of the next month, none."""
    months = _month(until) - _month(since)
    return months if later(since, months) <= until else months - 1


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _on(month: int, day: int) -> date:
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))
