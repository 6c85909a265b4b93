"""A function that dies right after its transaction, where a request asks: `Omnihub-Break: crash-after-commit`.

The fault lies where AWS is called, in the thread of that request, so that nothing in `functions/` knows of it. Heard is
who could change the account's rows anyhow (`account.trusted`), on a hub that other processes share: it opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

from local import account
from local.http_event import Request

HEADER, CRASH = "omnihub-break", "crash-after-commit"
COMMIT = "TransactWriteItems"
_asked: ContextVar[bool] = ContextVar("dies_after_commit", default=False)


class Died(SystemExit):
    """The process of the function is gone; no code of it sees that."""


@contextmanager
def attached() -> Iterator[None]:
    """Inside the block, an invocation that is to die does."""
    real = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: Any, operation: str, sent: dict[str, Any]) -> Any:
        answer = real(client, operation, sent)
        if operation == COMMIT and _asked.get():
            raise Died("The function died after its transaction, as it was asked to.")
        return answer

    with patch.object(BaseClient, "_make_api_call", call):
        yield


@contextmanager
def of(request: Request) -> Iterator[None]:
    """Inside the block, what is invoked in this thread dies if the request asks for it."""
    wanted = request.joined_headers.get(HEADER) == CRASH and account.trusted(request)
    before = _asked.set(wanted)
    try:
        yield
    finally:
        _asked.reset(before)
