"""Whichever engine holds the rows: what is kept is restored, and every change is on record once and in order."""

from collections.abc import Iterator

import pytest

from functions.shared import rows
from functions.shared.rows import Row
from tests.functions.stage import HUB, Stage, stage
from tests.proof.engine import Engine, current

TABLES = {"cart": "shoppingCart", "order": "productOrder"}


@pytest.fixture(scope="module")
def hub(engine: Engine) -> Iterator[Stage]:
    """A stage on it."""
    with stage(engine) as made:
        yield made


def told(hub: Stage) -> list[tuple[str, int | None, int | None]]:
    """Of whom the records are, and the versions before and after."""
    found = []
    for held in [record["dynamodb"] for record in hub.records]:
        old, new = (rows.unpacked(held[side]) if side in held else {} for side in ("OldImage", "NewImage"))
        found.append(((new or old)["id"], old.get("version"), new.get("version")))
    return found


def stands(hub: Stage, id_: str) -> Row | None:
    return next((row for row in hub.engine.rows() if row["id"] == id_), None)


def test_changes_of_several_tables_are_on_record_in_the_order_of_the_writes(hub: Stage) -> None:
    hub.records.clear()
    for turn in range(3):
        for folder, kind in TABLES.items():
            hub.put(folder, kind, f"{folder}-{turn}", {"turn": turn})
    row = hub.row("cart", "shoppingCart", "cart-1")
    rows.save(rows.put("test-cart", {**row, "version": 2}, seen=1))
    rows.save(rows.delete("test-cart", {**row, "version": 2}))

    made = [(f"{folder}-{turn}", None, 1) for turn in range(3) for folder in TABLES]
    assert told(hub) == [*made, ("cart-1", 1, 2), ("cart-1", 2, None)]


def test_a_refused_write_is_on_no_record(hub: Stage) -> None:
    hub.put("cart", "shoppingCart", "once", {})
    hub.records.clear()
    with pytest.raises(rows.Refused):
        rows.save(rows.put("test-cart", rows.new(HUB, "shoppingCart", "once", {"other": True})))
    assert told(hub) == []


def test_what_was_made_changed_or_taken_away_since_is_as_it_was_kept(hub: Stage) -> None:
    for id_ in ("stays", "changes", "goes"):
        hub.put("cart", "shoppingCart", id_, {"note": id_})
    kept, before = hub.engine.keep(), sorted(hub.engine.rows(), key=str)
    for _ in range(2):
        changes, goes = (hub.row("cart", "shoppingCart", id_) for id_ in ("changes", "goes"))
        rows.save(rows.put("test-cart", {**changes, "version": 2}, seen=1), rows.delete("test-cart", goes))
        for n in range(30):
            hub.put("order", "productOrder", f"new-{n}", {})
        hub.engine.restore(kept)
        assert sorted(hub.engine.rows(), key=str) == before
    hub.records.clear()
    assert told(hub) == []


def test_only_rows_whose_time_is_over_expire(hub: Stage) -> None:
    for id_, ttl in (("over", 99), ("not yet", 101), ("never", None)):
        hub.put("cart", "shoppingCart", id_, {}, ttl=ttl)
    assert current() is hub.engine
    current().expire(100)
    assert [bool(stands(hub, id_)) for id_ in ("over", "not yet", "never")] == [False, True, True]
