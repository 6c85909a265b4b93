"""The hub itself: start it from a synthesized template, talk to it, wait until it has come to rest, stop it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from moto import mock_aws
from moto.core.config import DefaultConfig
from moto.sns.models import sns_backends

from local import faults, mend, pretend, template
from local import issuer as tokens
from local.blueprint import Blueprint
from local.bus import Bus
from local.clock import Clock
from local.deliver import Delivery
from local.functions import FunctionError
from local.gateway import Gateway, Server
from local.machines import Machines
from local.queues import Queues, messages_in, redriven_to
from local.streams import Streams
from local.work import Work
from local.workers import Workers

HASTE = 0.01  # a pause of a minute on AWS lasts 0.6 s here
NO_ISSUER = "https://issuer.invalid"  # for a template without an authorizer

_MOTO = DefaultConfig(stepfunctions={"execute_state_machine": True}, **{"lambda": {"use_docker": False}})
_running = threading.Lock()


class AlreadyRunning(RuntimeError):
    """moto is one for the whole process, and so is the hub."""


@dataclass(frozen=True)
class DeadLetter:
    """What nobody could take: the queue's ARN or the object's address, and what lies there."""

    place: str
    body: Any


class Hub:
    """A running hub. `with Hub.start(out) as hub:` ends it cleanly."""

    def __init__(self, out: Path, port: int, state: Path | None, haste: float, document: Path | None) -> None:
        if not _running.acquire(blocking=False):
            raise AlreadyRunning("Another hub runs in this process; stop it first.")
        self.work = Work()
        self.state, self.haste, self.document = state, haste, document
        with ExitStack() as stack:  # undone in reverse, also when the start fails in its middle
            stack.callback(_running.release)
            self._start(out, port, stack)
            self._stack = stack.pop_all()

    @classmethod
    def start(
        cls,
        out: Path,
        port: int = 0,
        state: Path | None = None,
        *,
        haste: float = HASTE,
        document: Path | None = None,
    ) -> Self:
        """Run what `out` (`cdk.out`) defines on this port of loopback (0: any free one).

        With a `state` folder its key signs the tokens, so that other processes can issue them, and they can use the
        hub's account of AWS at its address. An OpenAPI `document` can be read and tried in a browser, at /docs.
        """
        return cls(Path(out), port, state, haste, document)

    def _start(self, out: Path, port: int, stack: ExitStack) -> None:
        server = Server(port)
        stack.callback(server.stop)
        self.url = server.url
        stack.enter_context(pretend.pretend())
        _forget_clients()
        stack.callback(_forget_clients)
        mend.install()
        stack.callback(mend.uninstall)
        stack.enter_context(mock_aws(config=_MOTO))
        self.blueprint = blueprint = template.deploy(out, self.url)
        self.issuer = tokens.Issuer((blueprint.issuers or [NO_ISSUER])[0], self.state)
        self._run(blueprint, stack)
        shared = self.state is not None
        if shared:
            stack.enter_context(faults.attached())
        server.start(Gateway(blueprint, self.issuer.public_key, self.work, self.document, shared=shared))
        stack.callback(server.stop)  # again, to be first: no request may meet a hub that is half gone
        if self.state is not None:
            tokens.remember(self.state, url=self.url, issuer=self.issuer.issuer, outputs=blueprint.outputs)

    def _run(self, blueprint: Blueprint, stack: ExitStack) -> None:
        """Start the threads, each after what it hands things to."""
        workers = Workers(self.work, blueprint.functions)
        delivery = Delivery(blueprint, workers, self.haste)
        self._machines = Machines(delivery)
        stack.enter_context(self._machines.attached())
        stack.callback(self._machines.stop)
        stack.callback(workers.stop)
        bus = Bus(delivery)
        stack.enter_context(bus.attached())
        streams = Streams(delivery, self.work)
        stack.callback(streams.stop)
        mend.listeners.append(streams.listen)
        stack.callback(mend.listeners.remove, streams.listen)
        self._queues = Queues(blueprint, self.work, self.haste)
        stack.enter_context(self._queues.attached())
        stack.callback(self._queues.stop)
        self.clock = Clock(delivery, bus)
        stack.callback(self.clock.stop)

    def stop(self) -> None:
        """End every thread, close the port and give moto and the environment back; harmless the second time."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def settle(self, timeout: float = 30) -> None:
        """Return when streams, bus, queues and executions are at rest; `StillBusy` names what is not in time."""
        self.work.settle(timeout, lambda: self._queues.waiting() + self._machines.running())

    def token(self, client_id: str, role: str, subject: str = "", **more: Any) -> str:
        """An access token, see `Issuer.issue`; without a subject it is the client's own (as a guest's is)."""
        return self.issuer.issue(client_id, role, subject or client_id, **more)

    def client(self, service: str) -> Any:
        """A boto3 client of the hub's own account."""
        return boto3.client(service)  # type: ignore[call-overload]

    @property
    def tables(self) -> dict[str, str]:
        """The tables' names by their ids in the template."""
        return self.blueprint.tables

    @property
    def outputs(self) -> dict[str, Any]:
        """The stacks' outputs."""
        return self.blueprint.outputs

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Every SMS so far: (phone number, text), in the order of sending."""
        return list(sns_backends[pretend.ACCOUNT][pretend.REGION].sms_messages.values())

    @property
    def function_errors(self) -> list[FunctionError]:
        """What handlers raised, every try of it, and what was lost because nothing was there to take it."""
        return self.blueprint.functions.errors

    def dead_letters(self) -> list[DeadLetter]:
        """What lies in the dead-letter queues and, from the stream mappings, in the buckets for failures."""
        found = [
            DeadLetter(queue, _readable(message.body))
            for queue in sorted(self.blueprint.dead_letter_queues & self.blueprint.queues.keys() | redriven_to())
            for message in messages_in(queue)
        ]
        s3 = self.client("s3")
        for bucket in self.blueprint.buckets:
            for listed in s3.list_objects_v2(Bucket=bucket, Prefix="aws/lambda/").get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=listed["Key"])["Body"].read().decode()
                found.append(DeadLetter(f"{bucket}/{listed['Key']}", _readable(body)))
        return found


def serve(
    out: Path,
    port: int,
    state: Path,
    before_ready: Callable[[Hub], None] | None = None,
    *,
    haste: float = HASTE,
    ready: Callable[[Hub], None] = lambda hub: None,
) -> None:
    """Run a hub until this thread is interrupted; `before_ready` fills it, `ready` tells the world."""
    with Hub.start(out, port, state, haste=haste) as hub:
        if before_ready is not None:
            before_ready(hub)
        ready(hub)
        threading.Event().wait()


def _readable(body: Any) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def _forget_clients() -> None:
    """Clients of the functions belong to the account and region that were set when they were made."""
    from functions.shared import aws

    aws.forget()
