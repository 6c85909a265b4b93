"""The promotion browser and the naive evaluator, written apart: the best that is shown is the best there is."""

from random import Random

from functions.catalog import price
from functions.catalog.choice import best
from functions.offer import term
from functions.offer.browse import Browsed, browse
from tests.price import naive
from tests.price.compare import asked
from tests.price.generate import case

PARTS, SAMPLED, CARTS = 4, 1, 500


def test_the_best_combination_saves_what_brute_force_finds(part: int) -> None:
    for seed in range(part * CARTS, (part + 1) * CARTS):
        made = case(Random(seed))
        items, sale = asked(made)
        browsed, found = browse(items, sale), naive.priced(made.content, made.lines, made.context)

        first = browsed.together[0]
        assert (first.saved.ever, first.saved.at_first) == (found["saving"], found["now"]), seed
        assert set(first.promotions) == {
            id_ for line in found["line"] for each in line["price"] for id_ in (*each["each"], *each["together"])
        }, seed
        assert first.rank == min(each.rank for each in browsed.together), seed
        assert all(each.promotions[0] in _alone_saves(browsed) for each in browsed.alone), seed


def _alone_saves(browsed: Browsed) -> set[str]:
    return {each.promotions[0] for each in browsed.alone if each.saved.ever > 0}


def test_a_promotion_alone_saves_what_brute_force_finds_where_it_is_the_only_one(part: int) -> None:
    for seed in range(part * CARTS, part * CARTS + 100):
        made = case(Random(seed))
        for alone in browse(*asked(made)).alone:
            (id_,) = alone.promotions
            only = {**made.content, "promotion": [p for p in made.content["promotion"] if p["id"] == id_]}
            found = naive.priced(only, made.lines, made.context)
            assert (alone.saved.ever, alone.saved.at_first) == (found["saving"], found["now"]), (seed, id_)


def test_what_a_cart_comes_to_over_the_term_is_its_list_prices_less_what_is_saved() -> None:
    for seed in range(300):
        items, sale = asked(case(Random(seed)))
        found = price.asked(sorted(items, key=lambda item: item.id), sale)
        slots, charges = found.slots, best(found)
        listed = [slot.charge for slot in slots]
        if any(share for charge in charges for share in charge.shares):
            continue  # what is taken off together may count for longer than the line that it is a part of
        if any(charge.net for charge in charges):
            continue  # what is saved is saved of what is written, to which tax then comes
        assert term.total(slots, listed) - term.total(slots, charges) == term.saved(slots, charges).ever, seed
