"""People who ask, and ask again until they are told: with the same key, or in another channel with another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.functions.stage import CARTS, MERGE, ORDERS, Answer, Json, Person
from tests.proof.explorer import Crash, process

ANY = tuple(range(200, 600))
PATIENCE = 12  # times that somebody asks


@dataclass(frozen=True)
class Heard:
    """One request, and what came back: nothing, where the process died."""

    who: Person
    method: str
    path: str
    body: Any
    headers: Mapping[str, str]
    answer: Answer | None
    screen: str  # whose

    @property
    def done(self) -> bool:
        """Whether they were told that it is done."""
        return self.answer is not None and self.answer.status < 400

    @property
    def lost(self) -> bool:
        """Whether they do not know what came of it."""
        return self.answer is None or self.answer.status >= 500

    @property
    def replayed(self) -> bool:
        return self.answer is not None and "Idempotent-Replayed" in self.answer.headers

    @property
    def version(self) -> int:
        """The version that the answer shows."""
        assert self.answer is not None
        return int(self.answer.headers["ETag"].strip('"'))


@dataclass
class Client:
    """What one of them has asked and heard so far."""

    letter: str
    heard: list[Heard] = field(default_factory=list)

    def once(self, who: Person, method: str, path: str, body: Any = None, **headers: str) -> Heard:
        """Asks once."""
        try:
            with process():
                journey = f"journey-{self.letter}"  # else it would be another in each run of a case
                answer: Answer | None = who.ask(method, path, body, expect=ANY, x_correlation_id=journey, **headers)
        except (Crash, ClientError, BotoCoreError):
            answer = None
        made = Heard(who, method, path, body, headers, answer, self.letter)
        self.heard.append(made)
        return made

    def ask(self, who: Person, method: str, path: str, body: Any = None, *, key: str = "", other: Any = None) -> Heard:
        """Asks until there is an answer; after the first failure in another channel, where `other` is (person, key)."""
        for _ in range(PATIENCE):
            told = self.once(who, method, path, body, **({"idempotency_key": key} if key else {}))
            if not told.lost:
                return told
            who, key = other or (who, key)
        return told

    def order(self, who: Person, cart: str, *, key: str = "", other: tuple[Person, str] | None = None) -> Heard:
        """Orders a cart; where it changed meanwhile, looks at it again and orders what it has become."""
        for turn in range(PATIENCE):
            again = f"{key}-{turn}" if key and turn else key
            told = self.ask(who, "POST", ORDERS, {"shoppingCart": {"id": cart}}, key=again, other=other)
            if told.answer is None or told.answer.status != 409 or told.answer.body["code"] != "changedMeanwhile":
                return told
            self.ask(who, "GET", f"{CARTS}/{cart}")
        return told

    def add(self, who: Person, cart: str, offering: str, *, key: str = "", **more: Any) -> Heard:
        """Adds a line."""
        body: Json = {"productOffering": {"id": offering}, **more}
        return self.ask(who, "POST", f"{CARTS}/{cart}/cartItem", body, key=key)

    def change(self, who: Person, cart: str, line: str, **patch: Any) -> Heard:
        """Changes a line."""
        return self.ask(who, "PATCH", f"{CARTS}/{cart}/cartItem/{line}", patch)

    def remove(self, who: Person, cart: str, line: str) -> Heard:
        """Takes a line out."""
        return self.ask(who, "DELETE", f"{CARTS}/{cart}/cartItem/{line}")

    def merge(self, who: Person, cart: str, *, key: str = "") -> Heard:
        """At login, brings the guest's cart along."""
        return self.ask(who, "POST", MERGE, {"shoppingCart": {"id": cart}}, key=key)


def through(who: Person, channel: str) -> Person:
    """The same person in another channel."""
    return replace(who, client=f"nova-{channel}")
