"""The countable budgets hold: calls, units, bytes logged, transitions. What depends on a clock is for `make bench`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.hub import Hub
from tests.bench import budgets, units
from tests.bench.measure import measure
from tests.bench.scenes import SCENES, Scene
from tests.bench.stage import Stage, stage
from tests.bench.transitions import transitions


@pytest.fixture(scope="class")
def here(out: Path) -> Iterator[Stage]:
    """A stage for a class, so that it is gone before the hub starts: moto is one for the whole process."""
    with stage(out) as made:
        yield made


class TestRequests:
    @pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
    def test_a_request_keeps_its_budget(self, here: Stage, scene: Scene) -> None:
        found = measure(here, scene, times=0)
        broken = [figure for figure in budgets.counted(found) if not figure.ok]
        assert not broken, f"{broken}: {found.calls}"


def test_an_order_of_ten_lines_takes_few_transitions(hub: Hub) -> None:
    assert transitions(hub) <= budgets.TRANSITIONS


def test_every_budget_belongs_to_a_scene() -> None:
    assert budgets.COUNTS.keys() <= {scene.name for scene in SCENES}


def test_an_item_is_as_large_as_dynamodb_says() -> None:
    assert units.size({"pk": {"S": "ü"}, "n": {"N": "-12.50"}, "no": {"NULL": True}}) == 2 + 2 + 1 + 4 + 2 + 1
    assert units.size({"m": {"M": {"ab": {"S": "x"}, "l": {"L": [{"BOOL": True}]}}}}) == 1 + 3 + (2 + 1 + 1) + (
        1 + 1 + 3 + 2
    )


def test_an_index_is_written_only_when_its_entry_changes() -> None:
    index = units.Index(frozenset({"c"}), frozenset({"pk", "c"}))
    row = {"pk": {"S": "1"}, "c": {"S": "ann"}, "body": {"S": "x" * 3000}}
    other, nobodys = {**row, "c": {"S": "bob"}}, {"pk": {"S": "1"}, "body": {"S": "x"}}
    assert units.written(None, row, [index]) == 3 + 1
    assert units.written(row, {**row, "body": {"S": "y"}}, [index]) == 3
    assert units.written(row, other, [index]) == 3 + 2
    assert units.written(None, nobodys, [index]) == 1
    assert units.written(None, row, [index], transacted=True) == 6 + 1


def test_reading_is_rounded_up_per_item_and_a_query_once() -> None:
    row = {"pk": {"S": "x" * 4095}}
    assert units.read([row, None], consistent=True) == 3
    assert units.read([row], consistent=False) == 1
    assert units.queried([{"pk": {"S": "x"}}] * 10, consistent=False) == 0.5
