"""Stories that threads play for real: nobody decides who goes first, and nothing goes wrong but what they do to others.

Which order of calls comes out differs from run to run; what must hold afterwards does not.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Barrier

import time_machine

from tests.functions.stage import BEN, stage
from tests.proof.cases import Case
from tests.proof.clients import Client
from tests.proof.engine import Engine
from tests.proof.explorer import letters
from tests.proof.found import Found
from tests.proof.invariants import violated
from tests.proof.orders import (
    ANN,
    MOBILE,
    SELF,
    a_guest_has_a_cart_too,
    adds,
    ann_has_a_cart,
    ann_ordered_before,
    cancels,
    changes,
    merges,
    orders,
    removes,
    two_carts_change_one_line,
)
from tests.proof.world import START, Play, Seen, Story, World

CHANNELS = (ANN, BEN, MOBILE)
EIGHT = [(CHANNELS[n % len(CHANNELS)], f"k{n}") for n in range(8)]
PATIENT = 60  # seconds until somebody who waits for the others gives up


RACES = (
    Story("eight-order", ann_has_a_cart, tuple(orders(who, key) for who, key in EIGHT)),
    Story("eight-order-with-one-key", ann_has_a_cart, tuple(orders(ANN, "k1") for _ in EIGHT)),
    Story("eight-order-without-keys", ann_has_a_cart, tuple(orders(who) for who, _ in EIGHT)),
    Story("eight-add", ann_has_a_cart, tuple(adds(who, key) for who, key in EIGHT)),
    Story("eight-add-with-one-key", ann_has_a_cart, tuple(adds(ANN, "k1") for _ in EIGHT)),
    Story("eight-change-one-line", ann_has_a_cart, tuple(changes(w, quantity=n + 1) for n, (w, _) in enumerate(EIGHT))),
    Story("all-merge", a_guest_has_a_cart_too, tuple(merges(who, key) for who, key in EIGHT if who is not BEN)),
    Story(
        "one-product-in-two-carts", two_carts_change_one_line, tuple(orders(w, k, second=k > "k3") for w, k in EIGHT)
    ),
    Story("eight-cancel", ann_ordered_before, tuple(cancels(who, key) for who, key in EIGHT)),
    Story(
        "order-and-edit",
        ann_has_a_cart,
        (
            *(orders(w, k) for w, k in EIGHT[:3]),
            *(adds(w, k) for w, k in EIGHT[3:6]),
            changes(SELF, 1, quantity=4),
            removes(ANN),
        ),
    ),
    Story(
        "merge-order-and-add",
        a_guest_has_a_cart_too,
        (merges(ANN, "k1"), merges(SELF, "k2"), orders(ANN, "k3"), orders(BEN, "k4"), adds(BEN, "k5"), adds(SELF)),
    ),
)


@contextmanager
def track(engine: Engine | None = None) -> Iterator[World]:
    """A hub whose time goes on, and whose calls wait for nobody."""
    with time_machine.travel(START, tick=True) as clock, stage(engine) as made:
        logging.disable(logging.CRITICAL)  # a line a request
        yield World(made, clock, random.Random(0))
        logging.disable(logging.NOTSET)


def raced(world: World, story: Story, rounds: int) -> Found:
    """The story so many times, each held against every invariant."""
    found = Found()
    for number in range(rounds):
        seen = race(world, story)
        found.take(Case(story.name, "threads", str(number)), {**violated(seen), **_unlike(world, seen)})
    return found


def race(world: World, story: Story) -> Seen:
    """The story once more, everybody in a thread of their own, all from one moment on."""
    told, before = world.begin(story)
    clients = [Client(letter) for letter in letters(len(story.actors))]
    gate = Barrier(len(clients))
    with ThreadPoolExecutor(len(clients)) as threads:
        runs = [
            threads.submit(copy_context().run, _from_the_gate, gate, act(told), client)
            for act, client in zip(story.actors, clients, strict=True)
        ]
    problems = [problem for run in runs if (problem := run.exception())]
    return world.seen(story, before, [each for client in clients for each in client.heard], problems)


def _from_the_gate(gate: Barrier, play: Play, client: Client) -> None:
    gate.wait(PATIENT)
    play(client)


def _unlike(world: World, seen: Seen) -> dict[str, str]:
    """What the streams told is what the tables hold, whoever wrote at once."""
    there = world.rows()
    unlike = [at for at in there.keys() | seen.rows.keys() if there.get(at) != seen.rows.get(at)]
    return {"the_changes_make_the_rows": f"{unlike[0]} is not what its changes say"} if unlike else {}
