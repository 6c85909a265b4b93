"""Orders of fifty catalogs, one published after the other, come to the same cent when they are priced again."""

from collections import Counter

from tests.functions.stage import stage
from tests.price.orders import PUBLICATIONS, corners, placed, priced_again


def replays(seed: int, each: int) -> None:
    """So many orders of each of fifty catalogs, all equal; and by another catalog they are not."""
    with stage():
        rows = list(placed(seed, each))
        assert len(rows) == PUBLICATIONS * each
        met: Counter[str] = Counter()
        for row in rows:
            replay = priced_again(row)
            assert replay["equal"], replay
            met += corners(row, replay)
        assert min(met.values()) > len(rows) // 50, met
        assert len(met) == 9, met
        versions = sorted({row["body"]["M"]["catalogVersion"]["S"] for row in rows})
        assert len(versions) == PUBLICATIONS
        others = [priced_again(row, versions[n % PUBLICATIONS])["equal"] for n, row in enumerate(rows[::50])]
        assert sum(others) < len(others) // 3, "a replay tells a wrong catalog"


def test_orders_after_fifty_publications_come_to_the_same_cent(each: int) -> None:
    replays(10_000, each)
