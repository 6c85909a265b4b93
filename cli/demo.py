"""`omnihub demo`: both stories against a hub of its own, and each customer's timeline across the channels."""

from typing import TYPE_CHECKING, NoReturn

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli import show
from cli.call import sender
from cli.console import told_on
from cli.run import logged
from cli.say import NOT_AS_TOLD, OUT, STATE, must_be_built, refuse
from cli.stories import STORIES
from cli.story import Actor, Scene, Stage, Story

if TYPE_CHECKING:
    from local.hub import Hub

LOG = STATE / "demo.log"
WIDEST = 11  # letters of a channel's name


def demo() -> None:
    """Plays both stories on a hub it starts itself, and shows what each customer's timeline says at the end."""
    must_be_built()
    from cli.hub import load
    from local.hub import Hub

    with logged(LOG) as terminal:
        console = told_on(terminal)
        console.print("Starting a hub of its own …", style="dim")
        with Hub.start(OUT) as hub:
            load(hub)
            for story in STORIES.values():
                _tell(console, hub, story)
    console.print("\nStep by step, with every call to repeat by hand: [bold]make run[/bold], ", end="")
    console.print("and in another terminal [bold].venv/bin/omnihub play stacy[/bold]")


def _tell(console: Console, hub: "Hub", story: Story) -> None:
    def token_of(actor: Actor) -> str:
        return hub.token(actor.client_id, actor.role, actor.subject, **actor.claims)

    stage, scenes, before = Stage(sender(hub.url, token_of), hub.settle), list[Scene](), len(hub.messages)
    console.print()
    console.rule(f"[bold]{story.title}", align="left")
    for scene in stage.perform(story):
        scenes.append(scene)
        _say(console, scene)
        if scene.broken:
            refuse(
                f"That is not how the story goes: {scene.broken[0]}", f"look into {LOG}, then: make test", NOT_AS_TOLD
            )
    for sentence, holds in story.morals:
        if not holds(scenes):
            _broken(sentence)
        console.print(f"[green]✓[/green] [bold]{sentence}[/bold]")
    _end(console, stage, story, hub.messages[before:])


def _broken(sentence: str) -> NoReturn:
    refuse(f"That is not how the story goes: {sentence}", f"look into {LOG}, then: make test", NOT_AS_TOLD)


def _say(console: Console, scene: Scene) -> None:
    actor, mark = scene.step.actor, ("✗", "red") if scene.broken else ("✓", "green")
    where = show.channel(actor.channel)
    where.pad_right(WIDEST - len(where))
    row = Table.grid(padding=(0, 1))
    row.add_row(Text(*mark), where, Text.assemble((actor.name, "bold"), f" {scene.step.does}"))
    for sentence, _ in scene.truths:
        row.add_row("", "", Text(sentence, style="dim"))
    console.print(row)


def _end(console: Console, stage: Stage, story: Story, messages: list[tuple[str, str]]) -> None:
    parts = [
        show.timeline(stage.told["timeline"], story.names),
        Text(),
        show.order(stage.told["fulfilled"]),
        Text(),
        *(Text.assemble((f"SMS to {phone}  ", "dim"), text) for phone, text in messages),
        *(Text(sentence) for sentence in ["", *story.epilogue(stage.told)]),
    ]
    console.print(f"\n[bold]{story.name.capitalize()}'s timeline across the channels[/bold]\n")
    console.print(Padding(Group(*parts), (0, 0, 0, 2), expand=False))
