"""The saga table: every step of the workflow in every way it can go wrong, alone and for good.

Each cell is a story: wherever it ends, the order is fulfilled, taken back whole, or parked with an alarm.
"""

from __future__ import annotations

from tests.proof.events import orders, orders_and_cancels, the_network, una
from tests.proof.machine import Plan
from tests.proof.world import Story

STEPS = ("claim", "activate", "install", "complete", "compensate")
FOR_GOOD = 99  # more often than any step is tried
# What happens to a task, and how often.
TREATMENTS = {
    "fails-before-its-effect": Plan("before", 1),
    "always-fails-before-its-effect": Plan("before", FOR_GOOD),
    "answer-is-lost": Plan("lost", 1),
    "answer-is-always-lost": Plan("lost", FOR_GOOD),
    "times-out": Plan("timeout", 1),
    "always-times-out": Plan("timeout", FOR_GOOD),
    "permanent": Plan("permanent", FOR_GOOD),
}


def _cell(step: str, treatment: str) -> Story:
    begin = the_network("fail") if step == "compensate" else una  # only then is there something to take back
    plan = {step: TREATMENTS[treatment]}
    return Story(f"{step}-{treatment}", begin, (orders,), day=True, plan=plan)


STORIES = (
    *(_cell(step, treatment) for step in STEPS for treatment in TREATMENTS),
    Story("compensation-fails-once", the_network("fail"), (orders,), day=True, plan={"compensate": Plan("before", 1)}),
    Story(
        "cancelled-and-refused",
        the_network("slow", 9),
        (orders_and_cancels,),
        day=True,
        plan={"claim": Plan("lost", 1)},
    ),
)
