"""A stage on which every answer passes the strict TM Forum check before a story sees it."""

from dataclasses import dataclass, field
from functools import partial

from cli.story import USUAL, Actor, Answer, Call, Scene, Stage, Story
from local.hub import Hub
from tests.tmf.client import Client


@dataclass
class Performance:
    """A story that was told to its end on a hub."""

    story: Story
    stage: Stage
    scenes: list[Scene] = field(default_factory=list)


def perform(hub: Hub, story: Story) -> Performance:
    """Tells the whole story, strictly; the hub has come to rest when it returns."""
    told = Performance(story, Stage(partial(send, hub), hub.settle))
    told.scenes.extend(told.stage.perform(story))
    hub.settle()
    return told


def send(hub: Hub, actor: Actor, call: Call) -> Answer:
    """One call of a story, by the client that accepts no fault."""
    client = Client(
        hub.url, hub.token(actor.client_id, actor.role, actor.subject, **actor.claims), accept_language="en"
    )
    answered = client.request(call.method, call.path, call.body, expect=USUAL[call.method])
    return Answer(answered.status, dict(answered.headers), answered.body)


def assert_all_true(told: Performance) -> None:
    """Every sentence of every step, and of the whole."""
    broken = [
        f"{scene.step.actor.name} {scene.step.does} {sentence}" for scene in told.scenes for sentence in scene.broken
    ]
    assert broken == []
    assert [sentence for sentence, holds in told.story.morals if not holds(told.scenes)] == []
