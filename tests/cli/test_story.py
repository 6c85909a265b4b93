"""How stories are told: what is looked for later, what does not hold, and calls as lines for a shell."""

import subprocess

import pytest

from cli import story
from cli.story import Actor, Answer, Call, Stage, Step, Truth, curl

ANN = Actor("Ann", "web", "customer", "ann", customer="ann")
DONE = Truth("It is done.", lambda it, _: it["state"] == "done")


def step(*truths: Truth, later: bool = False) -> Step:
    return Step(ANN, "looks.", lambda _: Call("GET", "/thing"), truths, keep="thing", later=later)


def stage(*bodies: object, status: int = 200) -> Stage:
    answers = iter(bodies)
    return Stage(lambda _, __: Answer(status, {}, next(answers)))


def test_what_comes_later_is_looked_for_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "sleep", lambda _: None)
    told = stage({"state": "open"}, {"state": "open"}, {"state": "done"})
    assert told.take(step(DONE, later=True)).broken == []
    assert told.told["thing"] == {"state": "done"}


def test_what_never_comes_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "PATIENCE", 0)
    assert stage({"state": "open"}).take(step(DONE, later=True)).broken == ["It is done."]


def test_a_hub_that_can_come_to_rest_is_asked_once() -> None:
    rested: list[bool] = []
    told = Stage(lambda _, __: Answer(200, {}, {"state": "open"}), lambda: rested.append(True))
    assert told.take(step(DONE, later=True)).broken == ["It is done."]
    assert rested == [True]


@pytest.mark.parametrize("body", [None, [], {}, {"state": None}, "done", {"reason": "No.", "status": "404"}])
def test_an_answer_without_what_the_sentence_is_about_does_not_fulfil_it(body: object) -> None:
    assert stage(body).take(step(DONE)).broken == ["It is done."]


def test_a_refusal_is_told_with_its_reason() -> None:
    scene = stage({"reason": "There is no such thing."}, status=404).take(step())
    assert scene.broken == ["The hub answers 200. It answered 404: There is no such thing."]


def test_a_call_is_a_line_that_a_shell_reads_as_it_was_meant() -> None:
    line = curl(Call("PATCH", "/a?b=c&d=e", {"name": 'Jane\'s $HOME "€"'}), ANN, "http://127.0.0.1:8080", "en")
    shown = subprocess.run(  # noqa: S603
        ["/bin/bash", "-c", f"curl() {{ printf '%s\\n' \"$@\"; }}; ANN_WEB=secret; {line}"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    words = shown.stdout.splitlines()
    assert words[-1] == "http://127.0.0.1:8080/a?b=c&d=e"
    assert words[1:3] == ["-X", "PATCH"]
    assert "Authorization: Bearer secret" in words
    assert '{"name": "Jane\'s $HOME \\"€\\""}' in words
