"""Asking a function once more, and waiting for what it answers: what it fails at is known at once, and stays."""

import json
from typing import Any

from cli.letters import failure


class Failed(Exception):
    """The function was asked and could not; the sentence is its own."""


def invoke(functions: Any, target: str, event: Any) -> Any:
    """What the function answers; raises Failed, or ClientError where it could not be asked."""
    answered = functions.invoke(FunctionName=target, Payload=json.dumps(event).encode())
    payload = json.loads(answered["Payload"].read() or b"null")
    if "FunctionError" in answered:
        raise Failed(failure(payload))
    return payload
