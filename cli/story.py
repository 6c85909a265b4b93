"""What a story is: steps that people take in channels, each one HTTP call and what must be true of its answer.

The demo, `omnihub play` and the tests all perform the same steps; they differ in who sends the call and who watches.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

Told = Mapping[str, Any]  # the answers of earlier steps, by the name they were kept under
PATIENCE, PAUSE = 20.0, 0.2  # seconds to wait for what the hub does after it has answered, and between two looks
USUAL = {"GET": 200, "POST": 201, "PATCH": 200, "DELETE": 204}
# What a person tells about themselves; once told, no channel asks for it again.
PERSONAL = frozenset(
    {"name", "givenName", "familyName", "birthDate", "contactMedium", "emailAddress", "phoneNumber"}
    | {"street1", "streetName", "city", "postCode", "postcode", "place"}
)


@dataclass(frozen=True)
class Actor:
    """Somebody in a channel, as their token says it; `variable` is what a shell calls that token."""

    name: str
    channel: str
    role: str
    subject: str
    customer: str | None = None
    outlet: str | None = None
    brand: str = "nova"

    @property
    def client_id(self) -> str:
        return f"{self.brand}-{self.channel}"

    @property
    def variable(self) -> str:
        return f"{self.name}_{self.channel}".upper()

    @property
    def claims(self) -> dict[str, Any]:
        """What the token says beside client, role and subject."""
        return {"customer_id": self.customer, "outlet": self.outlet}


@dataclass(frozen=True)
class Call:
    """One HTTP request of a step."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the hub said; numbers with a fraction are Decimals."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Truth:
    """A sentence, and whether it holds of an answer, given what was answered before."""

    sentence: str
    holds: Callable[[Any, Told], Any]

    def of(self, body: Any, told: Told) -> bool:
        """Whether it holds; an answer without the parts it speaks of does not fulfil it."""
        try:
            return bool(self.holds(body, told))
        except (LookupError, TypeError, AttributeError, ValueError, StopIteration):
            return False


@dataclass(frozen=True)
class Step:
    """Who does what where, in a sentence that goes on from the name; the call; and what must be true of its answer.

    `later`: what is looked for follows an earlier answer by a moment. `news`: the person says something new about
    themselves. `keep`: the name under which later steps find the answer.
    """

    actor: Actor
    does: str
    call: Callable[[Told], Call]
    truths: tuple[Truth, ...]
    keep: str = ""
    later: bool = False
    news: bool = False


@dataclass(frozen=True)
class Scene:
    """A step that was performed."""

    step: Step
    call: Call
    answer: Answer
    truths: tuple[tuple[str, bool], ...]

    @property
    def broken(self) -> list[str]:
        """What should have been true and was not."""
        return [sentence for sentence, held in self.truths if not held]


@dataclass(frozen=True)
class Story:
    """A story of one customer; `morals` are what must be true of all of it, `epilogue` how things stand at its end."""

    name: str
    title: str
    customer: str
    steps: tuple[Step, ...]
    morals: tuple[tuple[str, Callable[[list[Scene]], bool]], ...] = ()
    epilogue: Callable[[Told], list[str]] = lambda _: []

    @property
    def actors(self) -> list[Actor]:
        """Everybody who takes part, in the order of their entrance."""
        return list(dict.fromkeys(step.actor for step in self.steps))

    @property
    def names(self) -> dict[str, str]:
        """What they are called, by the subject of their token."""
        return {actor.subject: actor.name for actor in self.actors}


Send = Callable[[Actor, Call], Answer]


@dataclass
class Stage:
    """Where a story is performed. `rest` returns when the hub has come to rest; without it, one looks again."""

    send: Send
    rest: Callable[[], None] | None = None
    told: dict[str, Any] = field(default_factory=dict)

    def perform(self, story: Story) -> Iterator[Scene]:
        """Each step of the story in turn."""
        for step in story.steps:
            yield self.take(step)

    def take(self, step: Step) -> Scene:
        """One step: its call, and its truths held against the answer."""
        if step.later and self.rest:
            self.rest()
        scene, until = self._once(step), monotonic() + PATIENCE
        while scene.broken and step.later and not self.rest and monotonic() < until:
            sleep(PAUSE)
            scene = self._once(step)
        if step.keep:
            self.told[step.keep] = scene.answer.body
        return scene

    def _once(self, step: Step) -> Scene:
        call = step.call(self.told)
        answer = self.send(step.actor, call)
        usual = Truth(f"The hub answers {USUAL[call.method]}.", lambda _, __: answer.status == USUAL[call.method])
        # That it answered at all is worth a word only where it did not.
        said = [(truth.sentence, truth.of(answer.body, self.told)) for truth in step.truths]
        if not usual.of(None, {}):
            said.insert(0, (_refusal(usual.sentence, answer), False))
        return Scene(step, call, answer, tuple(said))


def _refusal(sentence: str, answer: Answer) -> str:
    reason = answer.body.get("reason") or answer.body.get("message") if isinstance(answer.body, dict) else None
    return f"{sentence} It answered {answer.status}{f': {reason}' if reason else ''}"


def personal(value: Any) -> set[str]:
    """The names in a body, at any depth, that ask a person for what they once told."""
    if isinstance(value, dict):
        return (set(value) & PERSONAL).union(*(personal(inner) for inner in value.values()))
    return set().union(*(personal(inner) for inner in value)) if isinstance(value, list) else set()


def nothing_asked_twice(scenes: list[Scene]) -> bool:
    """Whether no call in any channel made a person say again what the hub knows of them."""
    return not any(personal(scene.call.body) for scene in scenes if not scene.step.news)


def curl(call: Call, actor: Actor, url: str, language: str) -> str:
    """The call as a line for a shell in which the actor's token is a variable."""
    parts = ["curl -s"] + ([f"-X {call.method}"] if call.method not in ("GET", "POST") else [])
    parts += [f'-H "Authorization: Bearer ${actor.variable}"', f'-H "Accept-Language: {language}"']
    if call.body is not None:
        sent = json.dumps(call.body, ensure_ascii=False, default=float).replace("'", "'\\''")
        parts += ['-H "Content-Type: application/json"', f"-d '{sent}'"]
    return " ".join([*parts, f"'{url}{call.path}'"])
