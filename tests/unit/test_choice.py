"""Which promotions a whole sale gets, where trying everything takes too long, and where others are left out."""

from decimal import Decimal

from functions.catalog.choice import TOGETHER, Asked, Slot, Whole, best, rivals
from functions.catalog.meeting import LOOKED_AT, Candidate, Price
from tests.unit.test_meeting import candidate, charge

GROUPS = 6


def of_group(group: int, member: int, value: int) -> Candidate:
    return candidate(f"{group}-{member}", group=f"g{group}", value=Decimal(value))


def asked(slots: list[list[Candidate]], quantity: int = 1, wholes: list[Whole] | None = None) -> Asked:
    """A line for each list of promotions that could act on its price."""
    made = [Slot(f"{n}", quantity, Price(charge(), 12, each)) for n, each in enumerate(slots)]
    every = [*(c for each in slots for c in each), *(whole.candidate for whole in wholes or [])]
    return Asked(made, wholes or [], {c.id: c.step.priority for c in every})


def given(found: Asked) -> list[list[str]]:
    return [[step.rule for step in each.rules] for each in best(found)]


def test_of_more_choices_than_are_tried_each_group_gives_its_best_where_they_do_not_meet() -> None:
    slots = [[of_group(g, m, 5 + (m * (g + 1)) % 4) for m in range(4)] for g in range(GROUPS)]
    assert 5**GROUPS > TOGETHER
    most = [max(each, key=lambda c: c.step.value).id for each in slots]
    assert given(asked(slots)) == [[id_] for id_ in most]


def test_of_more_choices_than_are_tried_groups_that_meet_are_decided_one_after_the_other() -> None:
    """On the first price the groups exclude each other: the first is worth more there, the others elsewhere too."""
    everywhere = [of_group(g, m, 10 + g + m) for g in range(GROUPS) for m in range(4)]
    slots = [everywhere, *([c for c in everywhere if c.group == f"g{g}"] for g in range(1, GROUPS))]
    assert given(asked(slots)) == [["5-3"], *([f"{g}-3"] for g in range(1, GROUPS))]
    assert given(asked([*reversed(slots)])) == [*([f"{g}-3"] for g in range(GROUPS - 1, 0, -1)), ["5-3"]]


def test_who_stands_for_a_group_is_who_is_strongest_anywhere_in_the_sale() -> None:
    weak, strong = candidate("weak", group="g", value=Decimal(50), priority=2), candidate("strong", group="g")
    both = asked([[weak], [weak, strong]])
    assert rivals(both) == {"g": ["strong"]}
    assert given(both) == [[], ["strong"]]
    assert rivals(both._replace(strength={"weak": 1, "strong": 1})) == {"g": ["strong", "weak"]}


def test_the_quantity_of_lines_decides_between_groups() -> None:
    """One of a group is given in a cart: ten units at a tenth off are more than one unit at a half."""
    half, tenth = candidate("half", group="g", value=Decimal(50)), candidate("tenth", group="g")
    found = asked([[half], [tenth]])
    assert given(found) == [["half"], []]
    several = found._replace(slots=[found.slots[0], found.slots[1]._replace(quantity=10)])
    assert given(several) == [[], ["tenth"]]


def whole(id_: str, value: int, *slots: int, limit: int = 9, group: str | None = None) -> Whole:
    made = candidate(id_, value=Decimal(value), limit=limit, group=group)
    return Whole(made, slots, 12)


def test_others_are_as_if_they_were_not_there() -> None:
    lone, grouped = candidate("lone", value=Decimal(20)), of_group(1, 1, 30)
    found = asked([[lone, grouped], [lone]], wholes=[whole("all", 10, 0, 1), whole("also", 40, 0, 1, limit=1)])
    assert given(found) == [["1-1", "also"], ["lone", "also"]]
    assert given(found.only(lambda c: c.id in ("lone", "all"))) == [["lone", "all"], ["lone", "all"]]
    assert given(found.only(lambda c: c.id == "1-1")) == [["1-1"], []]


def test_of_many_over_several_prices_those_are_tried_together_that_save_most() -> None:
    many = [whole(f"{n:02}", n, 0, 1) for n in range(1, LOOKED_AT + 3)]
    found = given(asked([[], []], wholes=many))
    assert found == [["11", "12", "13", "14"]] * 2


def test_of_equals_over_several_prices_the_first_by_name_is_given() -> None:
    twins = [whole("b", 10, 0, 1, limit=1), whole("a", 10, 0, 1, limit=1)]
    assert given(asked([[], []], wholes=twins)) == [["a"], ["a"]]
    short = [Whole(candidate("a", value=Decimal(10), periods=6), (0, 1), 12), whole("z", 5, 0, 1, limit=1)]
    assert given(asked([[], []], wholes=short)) == [["a"], ["a"]], "as much over the term, and more at first"
