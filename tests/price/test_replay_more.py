"""As many orders again, of other catalogs: in a file of its own, so that another process runs them."""

from tests.price.test_replay import replays


def test_five_thousand_more() -> None:
    replays(20_000)
