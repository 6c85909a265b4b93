"""What is chosen among promotions, on few carts: what `make mutants` can try again and again."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.price.compare import ours, theirs
from tests.price.generate import Case, case, cases, shuffled

FEW = range(20_000, 20_250)


def test_what_is_given_is_what_trying_everything_finds() -> None:
    for seed in FEW:
        made = case(Random(seed))
        assert ours(made) == theirs(made), seed


@settings(derandomize=True, deadline=None, max_examples=60)
@given(cases, st.randoms(use_true_random=False))
def test_the_order_of_rules_lines_and_files_never_changes_a_price(given_: Case, order: Random) -> None:
    assert ours(shuffled(given_, order)) == ours(given_)
