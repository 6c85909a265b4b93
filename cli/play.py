"""`omnihub play`: a story step by step against the running hub, each call to be repeated by hand."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.padding import Padding

from cli import show
from cli.call import LANGUAGE, own_url, sender, token_of
from cli.console import told_on
from cli.run import MESSAGES
from cli.say import NOT_AS_TOLD, refuse
from cli.stories import STORIES
from cli.story import Actor, Scene, Stage, Story, Told, curl


def play(
    story: Annotated[str, typer.Argument(help=" or ".join(STORIES))],
    url: Annotated[
        str | None, typer.Option(help="the hub's address; the one that runs in this folder if absent")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="goes on by itself, without Enter")] = False,  # noqa: FBT002
) -> None:
    """Plays a story against the running hub; Enter goes on, and every call can be repeated by hand."""
    if story not in STORIES:
        refuse(f"There is no story {story}; there are {' and '.join(STORIES)}.", f"omnihub play {next(iter(STORIES))}")
    told, address = STORIES[story], (url or own_url()).rstrip("/")
    console = told_on()
    console.print(f"[bold]{told.title}[/bold], played at {address}. First the tokens of those who take part:\n")
    for actor in told.actors:
        _plain(f"{actor.variable}=$({_omnihub()} {_token(actor)})")
    stage, scenes = Stage(sender(address, token_of)), list[Scene]()
    for scene in stage.perform(told):
        scenes.append(scene)
        console.print(f"\n[dim]{len(scenes)} of {len(told.steps)}[/dim]  ", end="")
        _show(console, scene, told.names, address)
        if scene.broken:
            _broken(scene.broken[0])
        if not yes and len(scenes) < len(told.steps):
            _wait()
    _close(console, told, scenes, stage.told)
    for each in [] if url else _messages(MESSAGES):
        _plain(f"SMS to {each['to']}: {each['text']}")


def _close(console: Console, story: Story, scenes: list[Scene], told: Told) -> None:
    console.print()
    for sentence, holds in story.morals:
        if not holds(scenes):
            _broken(sentence)
        console.print(f"[green]✓[/green] [bold]{sentence}[/bold]")
    for sentence in story.epilogue(told):
        _plain(sentence)


def _broken(sentence: str) -> NoReturn:
    refuse(f"That is not how the story goes: {sentence}", "Ctrl-C in the hub's terminal, then: make run", NOT_AS_TOLD)


def _show(console: Console, scene: Scene, names: Mapping[str, str], url: str) -> None:
    actor = scene.step.actor
    console.print(show.channel(actor.channel), f"  [bold]{actor.name}[/bold] {scene.step.does}", sep="")
    typer.secho(f"   {curl(scene.call, actor, url, LANGUAGE)}", dim=True)
    if shown := show.answer(scene.answer.body, names):
        console.print(Padding(shown, (0, 0, 0, 5), expand=False))
    for sentence, held in scene.truths:
        console.print(f"   {'[green]✓[/green]' if held else '[red]✗[/red]'} {sentence}")


def _messages(kept: Path) -> list[dict[str, str]]:
    """The newest messages of the hub of this folder, if it keeps any."""
    return [json.loads(line) for line in kept.read_text("utf-8").splitlines()[-2:]] if kept.is_file() else []


def _wait() -> None:
    """Enter goes on; so does the end of what is piped in."""
    typer.echo("   ⏎ ", nl=False)
    if not sys.stdin.readline().endswith("\n") or not sys.stdin.isatty():
        typer.echo()


def _plain(line: str) -> None:
    typer.echo(line)  # as it is: rich would wrap what is to be pasted


def _omnihub() -> str:
    """The command as this shell finds it."""
    script = Path(sys.argv[0])
    here = Path.cwd()
    return str(script.relative_to(here) if script.is_absolute() and script.is_relative_to(here) else script)


def _token(actor: Actor) -> str:
    asked = {"role": actor.role, "channel": actor.channel, "customer": actor.customer, "outlet": actor.outlet}
    asked["subject"] = actor.subject if actor.subject != actor.customer else None
    return "token " + " ".join(f"--{name} {value}" for name, value in asked.items() if value)
