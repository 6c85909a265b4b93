"""The short form of `make prove`: some cases of every story, and that the instrument itself is honest."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from subprocess import run
from sys import executable
from threading import current_thread

import pytest

from functions.shared import aws
from tests.functions.stage import Json
from tests.proof.cases import FAMILIES, STORIES, Case, explore, explored, play
from tests.proof.explorer import Actor, Fault, after, following, kinds, shrunk
from tests.proof.explorer import run as play_out
from tests.proof.found import Found
from tests.proof.invariants import INVARIANTS, violated
from tests.proof.world import World, world

ROOT = Path(__file__).parents[2]
# family -> cases of each of its stories here; of the faults of the first two comes one in so many, whatever stands here
CASES = {"order exactness": 10, "cart edits": 10, "events": 5, "saga": 1}
ONE_IN = 8  # `make prove` and `--whole` try every fault
MOST = {story.name: CASES[family] for family, stories in FAMILIES.items() for story in stories}


@pytest.fixture(scope="module")
def hub() -> Iterator[World]:
    """One hub for all stories."""
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def one_in(request: pytest.FixtureRequest) -> int:
    """Of how many faults one is tried."""
    return 1 if request.config.getoption("--whole") else ONE_IN


@pytest.fixture(scope="module")
def found(hub: World, one_in: int) -> Callable[[str], Found]:
    """What comes of a story's cases, explored once for all that ask."""
    return cache(lambda name: explored(hub, STORIES[name], MOST[name], one_in))


@pytest.mark.parametrize("name", MOST)
def test_whoever_goes_first_and_whatever_dies_every_invariant_holds(found: Callable[[str], Found], name: str) -> None:
    assert found(name).first == {}
    assert found(name).cases >= MOST[name]


# Each of these was a fault of the hub that the instrument found; the case that showed it.
FOUND = {
    "a line written whole over another channel's change to it": "quantity-and-later/fine/ABBBA",
    "a list of lines added twice, as the SDK had lost the answer": "join-and-add/A1again/AAAABCCBBB",
    "an agent's access on record twice, and so not at all": "two-channels/B5again/AAAABBBBBB",
    "an ordered cart at the price of whoever opens it": "two-channels/fine/AAAABBBBBB",
    "a text message sent again by the SDK": "shopping/dflprx/32",
    "a message claimed, never answered and seen by nobody": "fulfilled/dfrx/0",
    "an order whose first step failed for good, and nobody knew": "claim-permanent/dl/0",
    "an order taken back as an answer was lost on its way": "activate-answer-is-lost/dl/0",
}


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND.keys())
def test_what_it_found_stays_mended(hub: World, case: str) -> None:
    _, seen = play(hub, Case.read(case))
    assert violated(seen) == {}


@pytest.mark.parametrize("name", ["three-channels", "merge-and-order"])
def test_the_same_seed_gives_the_same_cases_in_another_process(
    found: Callable[[str], Found], one_in: int, name: str
) -> None:
    said = (
        "from tests.proof.world import world\nfrom tests.proof.cases import STORIES, explored\n"
        f"with world() as hub: found = explored(hub, STORIES[{name!r}], {MOST[name]}, {one_in})\n"
        "print(found.cases, found.digest)"
    )
    again = run([executable, "-c", said], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert again.stdout.splitlines()[-1] == f"{found(name).cases} {found(name).digest}"


def test_a_day_plays_the_same_twice_to_the_last_call(hub: World) -> None:
    first, second = (play(hub, Case("two-orders", "dflprx", "5"))[1] for _ in range(2))
    assert [(who, op) for who, (op, _) in first.calls] == [(who, op) for who, (op, _) in second.calls]
    assert first.rows == second.rows


def test_no_two_cases_share_a_request_token(hub: World) -> None:
    """An engine that remembers tokens longer than a case lasts would take the second one for a repeat of the first."""
    sent: list[str] = []

    def heard(params: Json, **_: object) -> None:
        sent.append(json.loads(params["body"])["ClientRequestToken"])

    aws.dynamodb().meta.events.register("before-call.dynamodb.TransactWriteItems", heard)
    for _ in range(2):
        play(hub, Case.read("two-channels/fine/ABABABAB"))
    aws.dynamodb().meta.events.unregister("before-call.dynamodb.TransactWriteItems", heard)
    assert len(sent) == len(set(sent)) >= 4


def test_every_order_of_calls_is_tried_once(hub: World) -> None:
    begin = takewhile(lambda each: each[0].wrong == "fine", explore(hub, STORIES["two-channels"], 10_000 // 25))
    fine = [case.order for case, _ in begin]
    assert len(fine) == len(set(fine)) >= 84
    assert all(order.count("A") >= 3 and order.count("B") >= 4 for order in fine)


def test_a_case_is_one_line_that_plays_again(hub: World) -> None:
    for case, _ in list(explore(hub, STORIES["crossing-channels"], 30))[::7]:
        assert Case.read(str(case)) == case
        assert play(hub, case)[0] == case


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is no story ''"),
        ("no-such/fine/AB", "There is no story 'no-such'"),
        ("two-channels", "'' is no fault"),
        ("two-channels/A2/AB", "'A2' is no fault"),
        ("two-channels/A2burnt/AB", "'A2burnt' is no fault"),
        ("fulfilled/dflprx/x", "fulfilled is a whole day"),
        ("fulfilled/wrong/1", "fulfilled is a whole day"),
    ],
)
def test_what_is_no_case_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Case.read(text)


def test_a_failure_shrinks_to_the_faults_and_turns_it_needs() -> None:
    def fails(faults: object, schedule: str) -> str | None:
        return schedule if Fault("A", 1, "crash") in list(faults) and "AB" in schedule else None  # type: ignore[call-overload]

    noise = [Fault("B", 0, "crash"), Fault("A", 1, "crash"), Fault("B", 2, "timeout")]
    faults, schedule = shrunk(fails, noise, "ABABBABA")
    assert faults == [Fault("A", 1, "crash")]
    assert schedule.count("AB") == 1


def test_a_depth_first_search_goes_on_where_somebody_else_could_have_gone() -> None:
    seen: list[str] = []
    schedule: str | None = ""
    while schedule is not None:
        trace = play_out([Actor(letter, _two_calls) for letter in "AB"], following(schedule))
        seen.append(trace.taken)
        schedule = after(trace)
    assert seen == ["AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"]


def _two_calls() -> None:
    actor = current_thread()
    assert isinstance(actor, Actor)
    for _ in range(2):
        actor.through(lambda *_: None, None, ("GetItem", {}))  # type: ignore[arg-type]


@pytest.mark.parametrize("operation", ["GetItem", "Query", "PutItem", "TransactWriteItems", "Publish", "PutEvents"])
def test_a_write_can_go_wrong_before_and_after_it_is_done(operation: str) -> None:
    assert ("crashed" in kinds(operation)) == (operation not in ("GetItem", "Query"))
    assert ("conflict" in kinds(operation)) == (operation in ("PutItem", "TransactWriteItems"))


def test_every_invariant_says_in_a_sentence_what_must_hold() -> None:
    for name, holds in INVARIANTS.items():
        sentence = (holds.__doc__ or "").split("\n")[0]
        assert sentence.endswith("."), name
        assert len(sentence.split()) > 5, name
