"""The only reader of the environment: each variable named once, read when it is used.

A test holds every `settings.x` that a function can reach against the variables its template sets.
"""

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

# On one machine many functions share an interpreter: the local hub sets this for each invocation.
source: ContextVar[Mapping[str, str] | None] = ContextVar("settings_source", default=None)


class Missing(RuntimeError):
    """A variable that the function reads and the template does not set."""


class Setting(Generic[T]):
    """One variable of the environment, by the attribute's name in capitals."""

    def __init__(self, parse: Callable[[str], T], default: T | None = None) -> None:
        self.parse, self.default = parse, default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.upper()

    def __get__(self, instance: object, owner: type) -> T:
        environment = source.get() or os.environ  # noqa: TID251  this is the one place
        text = environment.get(self.name)
        if text is not None:
            return self.parse(text)
        if self.default is None:
            raise Missing(f"The variable {self.name} is not set for this function.")
        return self.default


class Settings:
    """Every setting of every function; `docs/settings.md` lists the same."""

    cart_table = Setting(str)
    catalog_table = Setting(str)
    customer_table = Setting(str)
    events_table = Setting(str)
    interaction_table = Setting(str)
    inventory_table = Setting(str)
    order_table = Setting(str)
    catalog_bucket = Setting(str)
    catalog_max_age = Setting(float, 10.0)  # seconds for which the schedule of catalog versions is trusted
    callbacks = Setting(str, "public")  # where a subscriber may be told: `public`, or on `loopback` too
    price_secret = Setting(str)  # the secret that holds the key of price proofs
    deliver_function = Setting(str)
    subscriber_queues = Setting(str)  # the URL of every subscriber's queue, up to the subscription's id
    brands = Setting(str)  # JSON list of the brands there are
    bus_name = Setting(str)
    confirm_topic = Setting(str)
    channels = Setting(str)  # JSON: client id -> channel, kind, brand, market, contract setting, roles
    issuers = Setting(str)  # JSON list of the token issuers we trust


settings = Settings()
