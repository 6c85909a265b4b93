"""Handlers of toy functions; what they were given lies in `seen`, and `script` says how they behave."""

import json
import threading
from collections.abc import Callable
from typing import Any

from functions.shared import settings

seen: list[tuple[str, Any]] = []
script: dict[str, Callable[[Any], Any]] = {}
_lock = threading.Lock()


class Refusal(Exception):
    """Raised where a script wants a function to fail."""


def reset() -> None:
    """Forget everything."""
    seen.clear()
    script.clear()


def given_to(name: str) -> list[Any]:
    """The events that a toy got, in order."""
    return [event for who, event in seen if who == name]


def keys(event: Any) -> list[str]:
    """The keys of the rows in a stream batch."""
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]


def _play(name: str, event: Any) -> Any:
    with _lock:
        seen.append((name, event))
    return script[name](event) if name in script else None


def one(event: Any, _: Any) -> Any:
    """A toy."""
    return _play("one", event)


def two(event: Any, _: Any) -> Any:
    """Another toy."""
    return _play("two", event)


def web(event: Any, context: Any) -> Any:
    """Answers with what it was asked, unless a script says otherwise."""
    answer = _play("web", event)
    if answer is not None:
        return answer
    told = {
        "event": event,
        "context": {
            "function_name": context.function_name,
            "arn": context.invoked_function_arn,
            "version": context.function_version,
            "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis(),
        },
        "settings": dict(settings.source.get() or {}),
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}
