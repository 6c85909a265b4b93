"""The hub's pricing function and the naive one, written apart, say the same to the cent."""

from random import Random

from tests.price.compare import ours, theirs
from tests.price.generate import case

PARTS, SAMPLED, CARTS = 10, 1, 1000  # so that a red one is told soon


def test_two_evaluators_agree_to_the_cent(part: int) -> None:
    for seed in range(part * CARTS, (part + 1) * CARTS):
        made = case(Random(seed))
        assert ours(made) == theirs(made), seed
