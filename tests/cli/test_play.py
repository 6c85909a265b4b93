"""`omnihub play`: Enter goes on, every call can be repeated by hand, and a story that cannot be told says why."""

import json
import subprocess
from pathlib import Path

import pytest

from cli import look
from cli.stories import STORIES
from tests.cli.conftest import Running, omnihub


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_played_with_enters_and_each_sentence_holds(running: Running, name: str) -> None:
    played = running.omnihub("play", name, typed="\n" * len(STORIES[name].steps))
    assert (played.returncode, played.stderr) == (0, "")
    assert "\x1b" not in played.stdout
    for number, step in enumerate(STORIES[name].steps, 1):
        assert f"{number} of {len(STORIES[name].steps)}" in played.stdout
        assert step.does in played.stdout
        assert all(f"✓ {truth.sentence}" in played.stdout for truth in step.truths)
    assert "✗" not in played.stdout
    assert played.stdout.splitlines()[-1].startswith("SMS to +49")


def test_a_story_can_be_played_again_on_the_same_hub(running: Running) -> None:
    assert [running.omnihub("play", "jane", "--yes").returncode for _ in range(2)] == [0, 0]


def test_the_printed_calls_work_when_pasted(running: Running) -> None:
    said = running.omnihub("play", "jane", "--yes").stdout.splitlines()
    tokens = [line for line in said if "=$(" in line]
    calls = [line.strip() for line in said if line.strip().startswith("curl ")]
    assert (len(tokens), len(calls)) == (4, len(STORIES["jane"].steps))
    script = "\n".join([*tokens, *(call + "; echo" for call in calls)])
    pasted = subprocess.run(
        ["/bin/bash"], cwd=running.folder, input=script, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    answers = [json.loads(line) for line in pasted.stdout.splitlines()]
    assert len(answers) == len(calls)
    assert len(answers[0]) == 5
    assert look.newest_first(answers[-1])
    assert {answer["@type"] for answer in answers if isinstance(answer, dict)} >= {"ShoppingCart", "ProductOrder"}


def test_messages_appear_in_the_hubs_terminal(running: Running) -> None:
    running.omnihub("play", "stacy", "--yes")
    running.until("SMS to +491713920011: Nova: Extra data 10 GB is active. Enjoy!\n")


def test_an_unknown_story_names_one_that_there_is(tmp_path: Path) -> None:
    refused = omnihub(tmp_path, "play", "hamlet")
    assert refused.returncode == 2
    assert refused.stderr == "There is no story hamlet; there are stacy and jane.\nNext: omnihub play stacy\n"


def test_without_a_hub_it_says_how_to_start_one(tmp_path: Path) -> None:
    refused = omnihub(tmp_path, "play", "stacy")
    assert refused.returncode == 2
    assert refused.stderr == "No hub has run in this folder yet.\nNext: make run (in another terminal)\n"


def test_a_hub_that_does_not_answer_is_a_sentence(running: Running) -> None:
    refused = running.omnihub("play", "stacy", "--url", "http://127.0.0.1:1", "--yes")
    assert refused.returncode == 2
    assert refused.stderr == "No hub answers at http://127.0.0.1:1.\nNext: make run (in another terminal)\n"
