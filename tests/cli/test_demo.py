"""`omnihub demo`: both stories, and what a person wants to see at their end."""

from pathlib import Path

import pytest

from cli.stories import STORIES
from tests.cli.conftest import omnihub


@pytest.fixture(scope="module")
def shown(out: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "cdk.out").symlink_to(out.resolve())
    played = omnihub(folder, "demo")
    assert (played.returncode, played.stderr) == (0, "")
    assert (folder / ".omnihub" / "demo.log").is_file()
    return played.stdout


def test_both_stories_are_told(shown: str) -> None:
    for story in STORIES.values():
        assert story.title in shown
        assert all(f"{step.actor.name} {step.does}" in shown for step in story.steps)
    assert "✗" not in shown


def test_both_timelines_span_the_channels(shown: str) -> None:
    stacy, jane = shown.split("Jane finds a handset")
    for part, owner, channels in ((stacy, "Stacy", ("web", "self-care")), (jane, "Jane", ("web", "shop"))):
        timeline = part.split(f"{owner}'s timeline across the channels")[1]
        assert all(f"  {channel} " in timeline for channel in (*channels, "call centre", "hub"))
        assert "Ben" in timeline
        assert owner in timeline


def test_order_price_and_messages_are_shown(shown: str) -> None:
    assert "completed: 4.99 EUR a month" in shown
    assert "9.99 EUR a month (selfcare-extra-data: -5.00 EUR for 6 months)" in shown
    assert "Nova: Extra data 10 GB is active. Enjoy!" in shown
    assert "Solvaan Fjord 2, Nova M ist aktiv. Viel Freude damit!" in shown
    assert "The parcel goes to Am Alten Hafen 4, 01235 Beispielhafen, as ordered" in shown


def test_piped_it_is_plain(shown: str) -> None:
    assert "\x1b" not in shown
    assert not [line for line in shown.splitlines() if line.startswith("{")]
