"""What every TM Forum resource is made of: camelCase outside, snake_case inside, money in Decimals."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Json = dict[str, Any]

MINOR_UNITS = {"EUR": 2, "CHF": 2, "USD": 2, "GBP": 2, "JPY": 0}


class Resource(BaseModel):
    """A part of a TM Forum resource that the hub acts on: strict, immutable, named by alias."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, strict=True, frozen=True, defer_build=True
    )

    def tmf(self) -> Json:
        """The TM Forum names and values; absent ones are left out."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Money(Resource):
    """An amount and its currency (ISO 4217), never one without the other."""

    unit: str
    value: Decimal

    def __add__(self, other: "Money") -> "Money":
        if other.unit != self.unit:
            raise ValueError(f"{self.unit} and {other.unit} do not add up")
        return Money(unit=self.unit, value=self.value + other.value)

    def times(self, factor: int | Decimal) -> "Money":
        """The amount `factor` times over, rounded half up to the currency's minor unit."""
        return Money(unit=self.unit, value=self.value * factor).rounded()

    def rounded(self) -> "Money":
        step = Decimal(1).scaleb(-MINOR_UNITS.get(self.unit, 2))
        return Money(unit=self.unit, value=self.value.quantize(step, "ROUND_HALF_UP"))


class TimePeriod(Resource):
    """From `start` until just before `end`; either side may be open."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, strict=False, frozen=True, defer_build=True
    )

    start_date_time: datetime | None = None
    end_date_time: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether that moment lies within."""
        started = self.start_date_time is None or self.start_date_time <= moment
        return started and (self.end_date_time is None or moment < self.end_date_time)


def valid(period: Json | None, moment: datetime) -> bool:
    """Whether a `validFor` as it is stored holds at that moment; none at all always does."""
    return period is None or TimePeriod.model_validate(period).holds(moment)


def ref(id_: str, href: str, referred: str, **more: Any) -> Json:
    """A TM Forum reference to something of ours."""
    return {"id": id_, "href": href, "@referredType": referred, **more}
