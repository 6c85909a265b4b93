"""The tables of docs/ say what the code says: what is missing, stale or wrong is a red test with the row to paste."""

from pathlib import Path

import pytest

from functions.shared.access import ALLOWED
from tests.infra.stacks import Stacks
from tests.shape import facts
from tests.shape.facts import Facts

DOCS = Path(__file__).parents[2] / "docs"
TO_BE_WRITTEN = "…"  # stands in the row to paste where only a person knows what to say


def _rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the one table whose first heading is that, each cell without its backticks."""
    lines = (DOCS / f"{page}.md").read_text("utf-8").splitlines()
    cells = [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
    ]
    begin = next(index for index, row in enumerate(cells) if row[0] == heading)
    return [row for row in cells[begin + 2 :] if row[0] != heading]


def _hold(page: str, heading: str, expected: Facts, *, cells: tuple[int, ...], width: int) -> None:
    """Holds one table against the code; `cells` are those that follow from it, the others are for a person to write."""
    rows = {row[0]: row for row in _rows(page, heading)}
    found = []
    for key, said in sorted(expected.items()):
        row = [key, *[TO_BE_WRITTEN] * (width - 1)]
        for cell, text in zip(cells, said, strict=True):
            row[cell] = text
        now = rows.pop(key, None)
        right = now is not None and len(now) == width and all(now[cell] == row[cell] for cell in cells)
        if not right:
            written = now or row
            row = [
                text if i in (0, *cells) else (written[i] if i < len(written) else text) for i, text in enumerate(row)
            ]
            found.append(f"docs/{page}.md should have:\n| `{row[0]}` | {' | '.join(row[1:])} |")
        elif now and (not all(now) or TO_BE_WRITTEN in now):
            found.append(f"docs/{page}.md says nothing of {key}: write it.")
    found += [f"docs/{page}.md has a row for {key}, which the code does not know: take it out." for key in rows]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_settings(stacks: Stacks) -> None:
    _hold("settings", "Variable", facts.settings(stacks), cells=(2, 3), width=4)


def test_error_codes() -> None:
    _hold("errors", "Code", facts.error_codes(), cells=(1,), width=3)


def test_routes() -> None:
    _hold("routes", "Route", facts.operations(), cells=(1, 2), width=3)


def test_rights() -> None:
    _hold("access", "Right", facts.rights(), cells=(1, 2, 3, 4, 5, 6), width=7)


def test_every_row_of_the_access_table_is_asked_by_a_route_or_within_one() -> None:
    asked = {operation for operation, _ in facts.operations().values()}
    within = {each for tree in facts._trees() for each in facts.may_asked(tree)}
    assert not (idle := ALLOWED.keys() - asked - within), f"nobody asks for {sorted(idle)}"


def test_events(stacks: Stacks) -> None:
    _hold("events", "Event", facts.events(stacks), cells=(2,), width=3)


@pytest.mark.parametrize("page", ["settings", "errors", "routes", "events", "access"])
def test_a_table_is_in_order_and_names_nothing_twice(page: str) -> None:
    lines = (DOCS / f"{page}.md").read_text("utf-8").splitlines()
    keys = [line.split("|")[1].strip().strip("`") for line in lines if line.startswith("| `")]
    assert len(keys) == len(set(keys))
    assert keys == sorted(keys, key=_order), f"in order: {sorted(keys, key=_order)}"


def _order(key: str) -> tuple[str, str]:
    """Routes by path and then method, all else by name."""
    method, _, path = key.rpartition(" ")
    return path.lower(), method
