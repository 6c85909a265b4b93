"""As many orders again, of other catalogs: in a file of its own, so that another process runs them."""

from tests.price.test_replay import replays


def test_orders_of_fifty_more_catalogs_do(each: int) -> None:
    replays(20_000, each)
