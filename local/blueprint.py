"""What the templates ask for that moto does not run by itself: functions, mappings, routes, schedules, failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.functions import Functions


@dataclass(frozen=True)
class EventSource:
    """One event source mapping: which function gets which records, and where they go when it cannot take them."""

    id: str
    function: str
    source: str  # ARN of the stream or queue
    batch_size: int
    filters: tuple[str, ...] = ()  # event patterns as JSON
    reports_failures: bool = False
    bisects: bool = False
    retries: int = -1  # for ever, as AWS does unless told
    on_failure: str | None = None  # ARN of a bucket, queue or topic


@dataclass(frozen=True)
class AsyncRules:
    """What a function's EventInvokeConfig says about asynchronous invocations."""

    retries: int = 2
    on_failure: str | None = None
    on_success: str | None = None


@dataclass(frozen=True)
class Authorizer:
    """A JWT authorizer: whose tokens are accepted, for whom."""

    issuer: str
    audience: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """One route of the HTTP API."""

    key: str  # "GET /path/{proxy+}", "ANY /path" or "$default"
    function: str
    authorizer: Authorizer | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """A rule that runs by the clock."""

    rule: str
    seconds: float
    targets: tuple[Mapping[str, Any], ...]


@dataclass
class Blueprint:
    """Everything that the templates define, by physical name or ARN; the hub runs from it."""

    url: str  # where the HTTP API will answer; templates may name it
    functions: Functions = field(default_factory=Functions)
    tables: dict[str, str] = field(default_factory=dict)  # logical id -> name
    streams: dict[str, str] = field(default_factory=dict)  # stream ARN -> table name
    expiring: dict[str, str] = field(default_factory=dict)  # table name -> TTL attribute
    queues: dict[str, str] = field(default_factory=dict)  # queue ARN -> URL
    buckets: list[str] = field(default_factory=list)
    dead_letter_queues: set[str] = field(default_factory=set)  # ARNs that anything names as the place for failures
    event_sources: list[EventSource] = field(default_factory=list)
    async_rules: dict[str, AsyncRules] = field(default_factory=dict)  # function name -> its rules
    schedules: list[Schedule] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    cors: Mapping[str, Any] | None = None
    issuers: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)  # ARNs
    outputs: dict[str, Any] = field(default_factory=dict)
