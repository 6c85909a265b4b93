"""The HTTP below botocore, recorded once from moto and answered from the record: what is left is CPU.

Time and chance stand still, so that the same request makes the same calls each time.
"""

import gc
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from statistics import median
from time import thread_time_ns
from typing import Any
from unittest.mock import patch

from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from moto.core.models import botocore_stubber

from functions.shared import aws, clock
from tests.bench.watch import Call


class Wire(BytesIO):
    """A body as urllib3 hands it over."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Recording:
    """The answers of one run of a handler, in the order in which they came."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    at: int = 0

    def __call__(self, **_: Any) -> AWSResponse:
        status, headers, body = self.answers[self.at]
        self.at += 1
        return AWSResponse("https://recorded.invalid/", status, headers, Wire(body))  # type: ignore[arg-type]


@contextmanager
def recording() -> Iterator[Recording]:
    """Inside the block moto answers, and each answer is kept."""
    made, original = Recording(), type(botocore_stubber).process_request

    def process(stubber: Any, request: Any) -> Any:
        answer = original(stubber, request)
        if answer is not None:
            status, headers, body = answer
            made.answers.append((status, dict(headers), body.encode() if isinstance(body, str) else bytes(body)))
        return answer

    with patch.object(type(botocore_stubber), "process_request", process):
        yield made


@contextmanager
def replaying(recorded: Recording) -> Iterator[None]:
    """Inside the block every request is answered from the record; moto is out of the way."""
    with (
        patch.object(botocore_stubber, "enabled", new=False),
        patch.object(URLLib3Session, "send", lambda _session, _request: recorded()),
    ):
        yield


@contextmanager
def standing_still() -> Iterator[Callable[[], None]]:
    """Inside the block it is always now, and chance begins anew whenever what this gives is called."""
    moment, first = clock.now(), int(secrets.token_hex(10), 16)
    count = [first]
    real_now, real_hex = clock.now, secrets.token_hex

    def now() -> Any:
        real_now()  # asked all the same: it is a part of what a handler costs
        return moment

    def token_hex(bytes_: int) -> str:
        real_hex(bytes_)
        count[0] += 1
        return f"{count[0]:0{2 * bytes_}x}"[-2 * bytes_ :]

    def again() -> None:
        count[0] = first

    with patch.object(clock, "now", now), patch.object(secrets, "token_hex", token_hex):
        yield again


@dataclass(frozen=True)
class Cpu:
    """Milliseconds of CPU: the warm handler, and the botocore calls it makes, alone."""

    handler: float
    botocore: float

    @property
    def ratio(self) -> float | None:
        """How many times its calls a handler costs; None where it makes none."""
        return self.handler / self.botocore if self.botocore else None


def cpu(ask: Callable[[], Any], answer: Any, calls: list[Call], recorded: Recording, times: int) -> Cpu:
    """The medians of `times` runs of each, in turns so that both meet the same machine."""
    bare = _alone(calls)
    spent: dict[Callable[[], Any], list[int]] = {ask: [], bare: []}
    with replaying(recorded), _small_heap():
        recorded.at = 0
        assert ask() == answer, "from the record the handler answers something else: it depends on time or chance"
        for _ in range(times):
            for run, found in spent.items():
                recorded.at = 0
                began = thread_time_ns()
                run()
                found.append(thread_time_ns() - began)
    return Cpu(median(spent[ask]) / 1e6, median(spent[bare]) / 1e6 if calls else 0.0)


@contextmanager
def _small_heap() -> Iterator[None]:
    """Inside the block the garbage collector leaves alone what is there: moto and the tests are not on Lambda."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _alone(calls: list[Call]) -> Callable[[], None]:
    """The same calls without the handler."""
    methods = [(getattr(aws._client(call.service), xform_name(call.operation)), call.params) for call in calls]

    def run() -> None:
        for method, params in methods:
            try:
                answer = method(**params)
            except ClientError:
                continue  # a condition that did not hold is an answer too
            if "Body" in answer:
                answer["Body"].read()

    return run
