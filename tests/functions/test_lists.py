"""What a list costs: it reads at most 1,000 rows whatever there is, and by an index in two calls."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import botocore.client
import pytest
from moto.dynamodb.models import dynamodb_backends

from functions.order import store
from functions.shared import lists, rows
from local.pretend import ACCOUNT, REGION
from tests.functions.stage import BEN, HUB, OLGA, ORDERS, Json, Stage, customer
from tests.functions.stage import stage as set_up

SOME, ANNS = 2_500, 250
STATES = ("completed", "completed", "completed", "completed", "inProgress")


@contextmanager
def orders(count: int) -> Iterator[Stage]:
    """A table of so many orders, of which 250 are Ann's, put there without asking moto for each."""
    with set_up() as made:
        table = dynamodb_backends[ACCOUNT][REGION].tables["test-order"]
        for number in range(count):
            table.put_item(rows.packed(_row(number, count)))
        yield made


@pytest.fixture(scope="module")
def crowded() -> Iterator[Stage]:
    with orders(SOME) as made:
        yield made


def _row(number: int, count: int) -> Json:
    """An order as the hub writes it, as small as one can be."""
    id_, state = f"{number:032x}", STATES[number % len(STATES)]
    whose = "ann" if number % (count // ANNS) == 0 else f"customer-{number}"
    created = f"2026-{1 + number * 12 // count:02}-01T00:00:00.{number % 1000:03}Z"
    item = {"id": "1", "action": "add", "state": state, "@type": "ProductOrderItem"}
    body = {"state": state, "orderDate": created, "externalId": f"EXT-{number}", "productOrderItem": [item]}
    open_ = rows.of_state("nova", store.KIND, state).entry if state in store.OPEN else {}
    owned = rows.owned_by("nova", store.KIND, whose)
    return rows.new(HUB, store.KIND, id_, {**body, "priority": str(number % 7)}, created=created, **owned, **open_)


READING = ("GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan")


class Reads:
    """What DynamoDB was asked meanwhile: the calls that read, and the rows that they gave."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.rows = self.keys = 0


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reads]:
    seen, call = Reads(), botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(self: Any, operation: str, sent: Json) -> Any:
        answer = call(self, operation, sent)
        if operation in READING:  # that an agent read is written down besides
            seen.calls.append(operation)
        seen.keys += len(answer.get("Items", []))
        seen.rows += sum(map(len, answer.get("Responses", {}).values())) + ("Item" in answer)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(botocore.client.BaseClient, "_make_api_call", counted)
        yield seen


ANN = customer("ann")
# who, what they ask, calls at most, rows at most, status, whether the total is told
BY_INDEX: list[tuple[str, Callable[[str], Any], str, int, int, str | None]] = [
    ("everything", OLGA.get, "", 206, 100, None),
    ("everything, five", OLGA.get, "?limit=5", 206, 5, None),
    ("everything, oldest first", OLGA.get, "?sort=%2BorderDate&limit=10", 206, 10, None),
    ("a customer's", BEN.get, "?relatedParty.id=ann", 206, 100, str(ANNS)),
    ("a customer's own", ANN.get, "", 206, 100, str(ANNS)),
    ("a customer's, from the middle", BEN.get, "?relatedParty.id=ann&offset=100&limit=50", 206, 50, str(ANNS)),
    ("a customer's who has none", BEN.get, "?relatedParty.id=nobody", 200, 0, "0"),
    ("open ones", BEN.get, "?state=inProgress&limit=20", 206, 20, str(SOME // len(STATES))),
    ("by id", OLGA.get, f"?id={7:032x}", 200, 1, "1"),
    ("by ids", OLGA.get, f"?id={7:032x},{8:032x}", 200, 2, "2"),
]


@pytest.mark.parametrize(
    ("ask", "query", "status", "count", "total"), [c[1:] for c in BY_INDEX], ids=[c[0] for c in BY_INDEX]
)
def test_what_an_index_serves_takes_two_calls(
    crowded: Stage,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[str], Any],
    query: str,
    status: int,
    count: int,
    total: str | None,
) -> None:
    with reading(monkeypatch) as seen:
        answer = ask(ORDERS + query)
    assert (answer.status, len(answer.body)) == (status, count)
    assert answer.headers.get("X-Total-Count") == total
    assert len(seen.calls) <= 2, seen.calls
    assert seen.rows <= max(count, 1)
    assert seen.keys <= lists.READ


@pytest.mark.parametrize(
    "query",
    ["?priority=3", "?externalId=EXT-1", "?state=completed", "?externalId.regex=9$", "?priority.gt=5&limit=3"],
)
def test_what_no_index_serves_reads_a_thousand_rows_and_says_where_to_go_on(
    crowded: Stage, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    with reading(monkeypatch) as seen:
        answer = OLGA.get(ORDERS + query)
    assert answer.status == 206
    assert 'rel="next"' in answer.headers["Link"]
    assert "X-Total-Count" not in answer.headers, "it was not read to its end"
    assert seen.rows <= lists.READ
    assert seen.keys <= lists.READ
    assert len(seen.calls) <= 1 + lists.READ // rows.MOST


def test_a_span_of_dates_is_read_from_the_index(crowded: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    span = "orderDate.gte=2026-03-01T00:00:00.430Z&orderDate.lte=2026-03-01T00:00:00.500Z"
    with reading(monkeypatch) as seen:
        answer = OLGA.get(f"{ORDERS}?{span}&limit=10&fields=orderDate")
    assert len(answer.body) == 10
    assert seen.rows <= lists.READ
    assert {body["orderDate"][:10] for body in answer.body} == {"2026-03-01"}


def test_so_many_cannot_be_sorted_by_what_no_index_is_sorted_by(crowded: Stage) -> None:
    refused = OLGA.get(f"{ORDERS}?sort=priority", expect=400)
    assert refused.body["code"] == "tooMany"
    assert [b["priority"] for b in BEN.get(f"{ORDERS}?sort=priority&relatedParty.id=ann&limit=2").body] == ["0", "0"]


def test_far_pages_are_reached_by_the_cursor_alone(crowded: Stage) -> None:
    assert OLGA.get(f"{ORDERS}?offset=1000&limit=1").status == 206
    assert "next link" in OLGA.get(f"{ORDERS}?offset=1001", expect=400).body["reason"]


def test_the_links_lead_through_every_one_of_anns_once(crowded: Stage) -> None:
    found, path = [], f"{ORDERS}?limit=40&fields=none"
    while path:
        answer = ANN.get(path)
        found += [body["id"] for body in answer.body]
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert len(found) == len(set(found)) == ANNS


def test_a_cursor_of_another_list_shows_nobody_anything_of_it(crowded: Stage) -> None:
    """A cursor is a place in one's own index, wherever it was taken from."""
    link = OLGA.get(f"{ORDERS}?limit=1").headers["Link"]
    cursor = link.partition("cursor=")[2].partition(">")[0].partition("&")[0]
    theirs = ANN.get(f"{ORDERS}?cursor={cursor}&limit=100")
    assert {body["relatedParty"][0]["id"] for body in theirs.body if "relatedParty" in body} <= {"ann"}
    own = {f"{number:032x}" for number in range(0, SOME, SOME // ANNS)}
    assert {body["id"] for body in theirs.body} <= own


@pytest.mark.parametrize("cursor", ["%21", "W10", "WyJhIiwiYiJd", "WzEsMl0", "e30", "A" * 5000, "bnVsbA"])
def test_a_cursor_that_is_none_is_refused(crowded: Stage, cursor: str) -> None:
    assert OLGA.get(f"{ORDERS}?cursor={cursor}", expect=400).body["code"] == "badCursor"
