"""What a list costs at 20,000 rows, and with `--whole` at 100,000: no more than at 2,500."""

import pytest

from tests.functions.stage import BEN, OLGA, ORDERS
from tests.functions.test_lists import ANN, ANNS, orders, reading

MANY, SAMPLED = 100_000, 20_000


def test_many_rows_cost_no_more(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """(calls, keys, rows) at most; DynamoDB's own work is its index's."""
    asked = [
        (OLGA.get, "", (2, 1000, 100)),
        (BEN.get, "?relatedParty.id=ann", (2, ANNS, 100)),
        (ANN.get, "?limit=5", (2, ANNS, 5)),
        (BEN.get, "?state=inProgress", (2, 1000, 100)),
        (OLGA.get, "?priority=3", (11, 1000, 1000)),
    ]
    with orders(MANY if request.config.getoption("--whole") else SAMPLED):
        for ask, query, (calls, keys, read) in asked:
            with reading(monkeypatch) as seen:
                answer = ask(ORDERS + query)
            assert answer.status == 206, query
            assert len(seen.calls) <= calls, f"{query}: {seen.calls}"
            assert 0 < seen.keys <= keys, query
            assert 0 < seen.rows <= read, query
