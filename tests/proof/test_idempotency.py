"""An Idempotency-Key on every POST: twelve cases of each, as staff and as everybody else who may.

A POST that is new joins by itself, and is red until it honours keys: `functions/shared/keys.py` has what it takes.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import pytest

from functions.events import happened
from functions.shared import keys, tmf
from functions.shared.http import as_json
from functions.shared.incoming import Incoming
from functions.shared.rows import unpacked
from local.hub import Hub
from tests.http.faults import LOST, REFUSED, behind, failing, interrupted, tried_twice
from tests.http.routes import routes
from tests.http.wire import Answer
from tests.http.world import World, tally
from tests.proof.posts import ELSEWHERE, Post, Sent, posts
from tests.proof.stand import Stand, text

Json = dict[str, Any]
KEY = "Schluessel-0f8fad5b-d9cb-469f-a165-70867728950e"  # long enough for a guest
BAD_KEYS = ("", "k" * 129, KEY + "\x01", KEY + "\x7f", KEY + "\x85", KEY + "\u00e9", f"{KEY} {KEY}", f"{KEY}\t{KEY}")
BUSY = REFUSED["InternalServerError"][1]
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LIFE, MOMENT = timedelta(seconds=keys.KEY_LIFETIME), timedelta(seconds=1)
# The hub's own tasks: whether one moves money or stock, and so must come with a key.
MOVES = {
    "billingAccount": False,
    "cartMerge": False,
    "cartPromotion": False,
    "catalogCheck": False,
    "catalogPublication": False,
    "customerPrice": False,
    "grant": False,
    "hub": False,
    "priceRise": False,
}
# What there is once, whatever the keys: what the same body under a key that is new gets. All else makes another.
ONCE: dict[tuple[str, str], int | str] = {
    ("cartMerge", ""): 200,
    ("cartMerge", "into a cart"): 200,
    ("cartPromotion", ""): 200,
    ("catalogPublication", ""): 201,
    ("productOrder", "from a cart"): 201,
    ("customer", ""): "partyTaken",
    ("customerPrice", ""): "exists",
    ("grant", ""): "exists",
}
EVERY = list(posts())
pytestmark = pytest.mark.once
every_post = pytest.mark.parametrize("post", EVERY, ids=str)


def _taken(world: World, sent: Sent) -> str:
    """Somebody did the same before, under no key."""
    return str(sent.send(None).headers["Location"])


def _given_up(world: World, path: str) -> None:
    world.agent.delete(path)


def _draft_without_a_price(world: World, sent: Sent) -> str:
    offering = {**world.body("productOffering"), "productOfferingPrice": [{"id": "no-such-price"}]}
    return str(world.operator.post(world.collection("productOffering"), offering).location)


def _taken_out(world: World, path: str) -> None:
    world.operator.delete(path)


def _closed(world: World, sent: Sent) -> str:
    path = tmf.href("customer", world.ids["customer"])
    world.agent.patch(path, {"status": "closed"})
    return path


def _reopened(world: World, path: str) -> None:
    world.agent.patch(path, {"status": "active"})


# The code of a refusal, what brings it about, and what mends it.
MENDED: dict[tuple[str, str], tuple[str, Callable[[World, Sent], str], Callable[[World, str], None]]] = {
    ("billingAccount", ""): ("customerClosed", _closed, _reopened),
    ("catalogPublication", ""): ("notPublishable", _draft_without_a_price, _taken_out),
    ("customer", ""): ("partyTaken", _taken, _given_up),
    ("customerPrice", ""): ("exists", _taken, _taken_out),
    ("grant", ""): ("exists", _taken, _given_up),
}


@pytest.fixture(scope="module")
def stand(hub: Hub) -> Iterator[Stand]:
    """One of everything, and nothing that happens by itself."""
    made = Stand(World(hub))
    with made.still():
        yield made


def _assert_done(answer: Answer, *, replayed: bool | None = None) -> None:
    assert answer.status < 300, f"{answer.status} {answer.raw.decode()}"
    if replayed is not None:
        assert answer.headers.get("Idempotent-Replayed") == ("true" if replayed else None)


def _assert_same(first: Answer, again: Answer) -> None:
    """What the first was answered, and that it is a repeat."""
    _assert_done(again, replayed=True)
    assert _told(again) == _told(first)


def _assert_refused_with_another_body(sent: Sent) -> None:
    answer = sent.send(KEY, json.dumps({**sent.body, "@baseType": "Another"}))
    assert answer.status == 422, answer.raw
    assert answer.body["code"] == "keyReused"


def _told(answer: Answer) -> tuple[int, bytes, str | None, str | None]:
    return answer.status, answer.raw, answer.headers["Location"], answer.headers["ETag"]


def _must_have_a_key(post: Post) -> bool:
    return post.route.path.startswith(tmf.BASE["omnihub"]) and MOVES[post.noun]


# --- what a request and its repeat come to ---------------------------------------------------------------------------


@every_post
def test_a_post_without_a_key_is_taken_unless_it_moves_money_or_stock(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        answer = sent.send(None)
        if _must_have_a_key(post):
            assert answer.status == 400
        else:
            _assert_done(answer, replayed=False)


def test_of_each_task_of_the_hubs_own_it_is_said_whether_it_moves_money_or_stock() -> None:
    own = {each.nouns[-1] for each in routes() if each.method == "POST" and each.path.startswith(tmf.BASE["omnihub"])}
    assert own == MOVES.keys()


@every_post
def test_a_bad_key_is_refused_and_nothing_is_written(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        before = stand.state()
        answers = [sent.send(bad) for bad in BAD_KEYS]
        assert {(answer.status, answer.body["code"]) for answer in answers} == {(400, "badKey")}
        assert stand.state() == before


@every_post
def test_the_same_key_and_body_are_answered_as_before_and_nothing_is_written(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        first = sent.send(KEY)
        _assert_done(first, replayed=False)
        before = stand.state()
        _assert_same(first, sent.send(KEY))
        assert stand.state() == before


@every_post
def test_the_same_key_with_another_body_is_refused_and_nothing_is_written(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        _assert_done(sent.send(KEY))
        before = stand.state()
        _assert_refused_with_another_body(sent)
        assert stand.state() == before


@every_post
def test_the_order_of_names_and_white_space_do_not_matter(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        first = sent.send(KEY)
        again = sent.send(KEY, json.dumps(_turned(sent.body), indent=3))
        _assert_same(first, again)


def _turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    return [_turned(each) for each in value] if isinstance(value, list) else value


@every_post
def test_a_refusal_is_not_remembered(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        assert sent.send(KEY, '{"noSuchName": 1}').status == 400
        _assert_done(sent.send(KEY), replayed=False)


@every_post
def test_a_post_that_forgets_its_key_is_found(stand: Stand, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Incoming, "key", None)

    def honoured(sent: Sent) -> None:
        _assert_same(sent.send(KEY), sent.send(KEY))
        _assert_refused_with_another_body(sent)

    with stand.ready(post) as sent, pytest.raises(AssertionError):
        honoured(sent)


@pytest.mark.parametrize("post", [each for each in EVERY if (each.noun, each.way) in MENDED], ids=str)
def test_what_stood_in_the_way_is_mended_and_the_same_request_goes_through(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        code, spoil, mend = MENDED[post.noun, post.way]
        spoiled = spoil(stand.world, sent)
        refused = sent.send(KEY)
        assert (refused.status, refused.body["code"]) == (409, code)
        mend(stand.world, spoiled)
        _assert_done(sent.send(KEY), replayed=False)


@contextmanager
def _catalogs_of_old() -> Iterator[None]:
    """Whatever is on sale has been so for long: nobody publishes before what is on sale already."""
    s3: Any = boto3.client("s3")
    kept: dict[str, tuple[Any, bytes]] = {}
    for bucket in s3.list_buckets()["Buckets"]:
        for found in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            if found["Key"].endswith("/schedule.json"):
                place = {"Bucket": bucket["Name"], "Key": found["Key"]}
                kept[found["Key"]] = place, s3.get_object(**place)["Body"].read()
    for place, written in kept.values():
        said = json.loads(written)
        now = {**said["entries"][-1], "from": "2000-01-01T00:00:00.000Z"}
        s3.put_object(**place, Body=json.dumps({**said, "entries": [now]}))
    yield
    for place, written in kept.values():
        s3.put_object(**place, Body=written)


@every_post
def test_a_key_lives_for_a_day_and_is_then_new(stand: Stand, post: Post) -> None:
    with _catalogs_of_old(), stand.at(NOW), stand.ready(post) as sent:
        first = sent.send(KEY)
        with stand.at(NOW + LIFE - MOMENT):
            _assert_same(first, sent.signed_in(stand.hub).send(KEY))
        with stand.at(NOW + LIFE):
            later = post.ready(stand.world).send(KEY)
        _assert_done(later, replayed=False)
        assert later.body["id"] != first.body["id"]


# --- who sends it ----------------------------------------------------------------------------------------------------


@every_post
def test_anothers_key_of_that_name_is_unrelated(stand: Stand, post: Post) -> None:
    with stand.ready(post) as sent:
        first = sent.send(KEY)
        others = post.ready(stand.world, "somebody else")
        theirs = others.send(KEY)
        _assert_done(theirs, replayed=False)
        assert theirs.body["id"] != first.body["id"]
        _assert_same(first, sent.send(KEY))
        _assert_same(theirs, others.send(KEY))


@every_post
def test_a_key_is_new_in_another_channel_and_what_there_is_once_stays_one(stand: Stand, post: Post) -> None:
    """A key's principal is who signed in where: the client and the subject of the token."""
    with stand.ready(post) as sent:
        first = sent.send(KEY)
        there = sent.signed_in(stand.hub, ELSEWHERE[post.role])
        elsewhere = there.send(KEY)
        once = ONCE.get((post.noun, post.way))
        if isinstance(once, str):
            assert (elsewhere.status, elsewhere.body["code"]) == (409, once)
        else:
            _assert_done(elsewhere)
            assert elsewhere.status == (once or 201)
            assert (elsewhere.body["id"] == first.body["id"]) is (once is not None)
            _assert_refused_with_another_body(there)  # that key is bound, too


# --- what goes wrong meanwhile ---------------------------------------------------------------------------------------


@cache
def _calls(stand: Stand, post: Post, key: str | None = KEY) -> tuple[int, Counter[str]]:
    """How often the request calls AWS where all goes well, and what there is more of afterwards."""
    with stand.ready(post) as sent:
        before = tally(stand.hub)
        with failing(behind(stand.hub, sent.path), 0, None) as calls:
            _assert_done(sent.send(key))
        assert calls.made, "nothing was called, and so nothing can fail"
        return len(calls.made), tally(stand.hub) - before


def _at_each_call(stand: Stand, post: Post, trial: Callable[[Sent, str, int], list[Answer]]) -> list[str]:
    """What is wrong after the trial at each call and a repeat: all answers are the one, and there is one of it."""
    (count, came), found = _calls(stand, post), []
    for at in range(1, count + 1):
        with stand.ready(post) as sent:
            before = tally(stand.hub)
            answers = trial(sent, behind(stand.hub, sent.path), at)
            last = sent.send(KEY)
            if last.status >= 300 or last.headers["Idempotent-Replayed"] != "true":
                found.append(f"call {at}: not repeated, but {last.status} {last.raw!r}")
            found += [f"call {at}: {each.status} {each.raw!r}" for each in answers if _told(each) != _told(last)]
            if (now := tally(stand.hub) - before) != came:
                found.append(f"call {at}: there came {dict(now)}, not {dict(came)}")
    return found


@every_post
def test_of_two_at_once_both_get_the_one_answer(stand: Stand, post: Post) -> None:
    def trial(sent: Sent, function: str, at: int) -> list[Answer]:
        second: list[Answer] = []
        with interrupted(function, at, lambda: second.append(sent.send(KEY))):
            first = sent.send(KEY)
        return [first, *second]

    assert not (found := _at_each_call(stand, post, trial)), "\n".join(found)


@every_post
@pytest.mark.parametrize("lost", [False, True], ids=["before it is done", "when it is done"])
def test_what_failed_at_any_call_is_resumed_by_the_retry(stand: Stand, post: Post, *, lost: bool) -> None:
    def trial(sent: Sent, function: str, at: int) -> list[Answer]:
        with failing(function, at, LOST if lost else BUSY, done=lost) as calls:
            answer = sent.send(KEY)
        assert calls.failed
        return [sent.send(KEY) if answer.status == 503 else answer]  # a lost answer may be made good at once

    assert not (found := _at_each_call(stand, post, trial)), "\n".join(found)


@every_post
def test_a_call_that_the_sdk_repeats_by_itself_does_no_harm(stand: Stand, post: Post) -> None:
    def trial(sent: Sent, function: str, at: int) -> list[Answer]:
        with tried_twice(function, at):
            return [sent.send(KEY)]

    assert not (found := _at_each_call(stand, post, trial)), "\n".join(found)


@every_post
def test_a_call_that_the_sdk_repeats_by_itself_does_no_harm_without_a_key(stand: Stand, post: Post) -> None:
    count, came = _calls(stand, post, None)
    for at in range(1, count + 1):
        with stand.ready(post) as sent:
            before = tally(stand.hub)
            with tried_twice(behind(stand.hub, sent.path), at):
                _assert_done(sent.send(None))
            assert tally(stand.hub) - before == came, f"call {at}"


# --- where the key is not --------------------------------------------------------------------------------------------


class Kept(logging.Handler):
    """Every line that the functions log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)}")


@pytest.fixture
def logged() -> Iterator[list[str]]:
    kept, logger = Kept(), logging.getLogger("omnihub")
    logger.addHandler(kept)
    yield kept.lines
    logger.removeHandler(kept)


@every_post
def test_the_key_is_in_no_log_line_row_event_or_error(stand: Stand, post: Post, logged: list[str]) -> None:
    with stand.ready(post) as sent:
        answers = [sent.send(bad) for bad in BAD_KEYS]
        with failing(behind(stand.hub, sent.path), 1, BUSY):
            answers.append(sent.send(KEY))
        with failing(behind(stand.hub, sent.path), 1, RuntimeError("ours")):
            answers.append(sent.send(KEY))
        answers += [sent.send(KEY), sent.send(KEY), sent.send(KEY, json.dumps({**sent.body, "@baseType": "Another"}))]
        assert [answer.status for answer in answers[-5:-3]] == [503, 500]
        rows = [text(record) for _, record in stand.records]
        said = [*(f"{answer.raw!r} {answer.headers.items()}" for answer in answers), *rows, *_events(stand), *logged]
        assert len(logged) >= len(answers)
        assert not [each for each in said if KEY in each]


def _events(stand: Stand) -> Iterator[str]:
    for record in stand.written():
        images = [unpacked(record[side]) if side in record else None for side in ("OldImage", "NewImage")]
        yield as_json(happened.event(*images))
