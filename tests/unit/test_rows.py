"""Rows: every write has a condition, every version is one up, and what is refused says what stands there."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import time_machine
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from functions.shared import aws, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import Busy, ChangedMeanwhile, KeyReused, Malformed, NotFound
from functions.shared.keys import Key
from functions.shared.rows import Refused
from local import mend
from local.pretend import pretend
from tests.functions.stage import OURS, create_table
from tests.proof.engine import Engine
from tests.unit.test_catalog import NOW

STEADY = settings(derandomize=True, deadline=None, max_examples=40)
Json = dict[str, Any]
TABLE, KIND = "rows", "shoppingCart"
JANE = Caller("nova", "DE", "web", "customer", "jane-login", "nova-web", "journey-1", customer_id="jane")


@pytest.fixture(scope="module")
def table(engine: Engine) -> Iterator[None]:
    """One table, on moto or `--engine`."""
    with pretend(engine.environment), mock_aws(config=OURS):
        mend.install()
        aws.forget()
        create_table(TABLE, ["kind", "customer"])
        yield
        mend.uninstall()
        aws.forget()


@dataclass
class Answering:
    """DynamoDB's answers before moto is asked: one after the other, then moto again. `asked` are the requests."""

    asked: list[Json]
    answers: list[tuple[int, Json] | None]

    def __call__(self, params: Json, **_: Any) -> Any:
        self.asked.append(json.loads(params["body"]))
        answer = self.answers.pop(0) if self.answers else None
        if answer is None:
            return None
        status, parsed = answer

        class Http:
            status_code = status

        return Http, {"ResponseMetadata": {"HTTPStatusCode": status}, **parsed}


@pytest.fixture
def dynamodb(table: None) -> Iterator[Callable[..., Answering]]:
    """Makes DynamoDB answer an operation as told."""
    told: list[tuple[str, Answering]] = []

    def answers(operation: str, *given_: tuple[int, Json] | None) -> Answering:
        name, answering = f"before-call.dynamodb.{operation}", Answering([], list(given_))
        aws.dynamodb().meta.events.register(name, answering)
        told.append((name, answering))
        return answering

    yield answers
    for name, answering in told:
        aws.dynamodb().meta.events.unregister(name, answering)


def cancelled(*codes: str) -> tuple[int, Json]:
    """A transaction that DynamoDB took back for these reasons."""
    error = {"Code": "TransactionCanceledException", "Message": "cancelled"}
    return 400, {"Error": error, "CancellationReasons": [{"Code": code} for code in codes]}


def row(id_: str, **more: Any) -> Json:
    return rows.new(JANE, KIND, id_, {"state": "active", "cartItem": {}}, **more)


def stored(id_: str) -> Json | None:
    return rows.load(TABLE, "nova", KIND, id_)


def changing(id_: str, sets: Json, when: str = "attribute_exists(pk)", **more: Any) -> Json:
    return rows.update(TABLE, rows.key("nova", KIND, id_), sets, when=when, **more)


# --- what a row holds --------------------------------------------------------------------------------------------

TEXTS = st.text("abc Ä€\n#:", max_size=6)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | TEXTS
    | st.integers(-(10**15), 10**15)
    | st.decimals(-(10**9), 10**9, places=3).filter(lambda d: d != d.to_integral_value()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(bool), inner, max_size=3),
    max_leaves=6,
)


@STEADY
@given(st.dictionaries(TEXTS.filter(bool), PLAIN, max_size=4))
def test_what_is_stored_is_read_as_it_was_and_as_boto3_would_read_it(held: Json) -> None:
    item, kept = rows.packed(held), {name: value for name, value in held.items() if value is not None}
    assert rows.unpacked(item) == kept
    write, read = TypeSerializer().serialize, TypeDeserializer().deserialize
    assert item == {name: write(value) for name, value in kept.items()}
    assert {name: read(value) for name, value in item.items()} == kept


def test_a_whole_number_is_an_int_and_money_stays_exact() -> None:
    found = rows.unpacked(
        {"a": {"N": "7"}, "b": {"N": "-7"}, "c": {"N": "29.99"}, "d": {"N": "0.10"}, "e": {"N": "1E+2"}}
    )
    assert found == {"a": 7, "b": -7, "c": Decimal("29.99"), "d": Decimal("0.10"), "e": 100}
    assert isinstance(found["a"], int)
    assert isinstance(found["b"], int)
    assert str(found["c"]) == "29.99"


@pytest.mark.parametrize("value", [1.5, {"price": 29.99}, [0.1], {1, 2}, b"bytes"])
def test_what_is_not_exact_is_never_stored(value: Any) -> None:
    with pytest.raises(TypeError):
        rows.packed({"value": value})


def test_a_row_tells_its_brand_version_schema_and_who_touched_it() -> None:
    with time_machine.travel(NOW, tick=False):
        made = row("c1", customer="jane")
    assert len(made.pop("mark")) == 8
    assert made == {
        "pk": "nova#shoppingCart#c1",
        "sk": "shoppingCart",
        "type": "shoppingCart",
        "id": "c1",
        "version": 1,
        "brand": "nova",
        "market": "DE",
        "schema": 1,
        "at": "2026-03-01T12:00:00.000Z",
        "by": "jane-login",
        "role": "customer",
        "channel": "web",
        "correlation_id": "journey-1",
        "reason": None,  # which is not stored
        "created": "2026-03-01T12:00:00.000Z",
        "kind_key": "nova#shoppingCart",
        "customer": "jane",
        "body": {"state": "active", "cartItem": {}},
    }
    assert rows.owned_by("nova", KIND, None) == {}
    jane = {"customer": "jane", "customer_key": "nova#customer#jane#shoppingCart"}
    shop = {"partner": "shop", "seller_key": "nova#partner#shop#shoppingCart"}
    assert rows.owned_by("nova", KIND, "jane") == jane
    assert rows.owned_by("nova", KIND, "jane", ("shop",)) == jane | shop
    assert rows.owned_by("nova", KIND, "jane", ("shop", "north")) == jane | shop | {"above": ["north"]}
    assert [rows.sellers(row) for row in (jane, jane | shop, shop | {"above": ["north"]})] == [
        (),
        ("shop",),
        ("shop", "north"),
    ]
    assert rows.owned_by("nova", KIND, None, ("shop",)) == shop
    assert "kind_key" not in rows.new(JANE, "key", "k1", {}), "what is technical is in no list"


# --- changes in place --------------------------------------------------------------------------------------------


def test_a_change_names_every_path_by_alias_and_raises_the_version() -> None:
    sets = {"body.state": "ordered", "by": "ben", "body.cartItem.l1": {"quantity": 1}}
    write = changing(
        "c1",
        sets,
        "version = :seen AND #body.#state = :active",
        removes=["body.cartItem.l2", "pending"],
        values={":seen": 3, ":active": "active"},
    )["Update"]

    assert write["UpdateExpression"] == (
        "SET version = version + :one, #body.#state = :set0, #by = :set1, #body.#cartItem.#l1 = :set2"
        " REMOVE #body.#cartItem.#l2, #pending"
    )
    words = {"body", "state", "by", "cartItem", "l1", "l2", "pending"}
    assert write["ExpressionAttributeNames"] == {f"#{word}": word for word in words}
    assert write["ExpressionAttributeValues"] == {
        ":one": {"N": "1"},
        ":set0": {"S": "ordered"},
        ":set1": {"S": "ben"},
        ":set2": {"M": {"quantity": {"N": "1"}}},
        ":seen": {"N": "3"},
        ":active": {"S": "active"},
    }
    assert write["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_change_of_nothing_but_the_version_names_nothing() -> None:
    write = changing("c1", {})["Update"]
    assert write["UpdateExpression"] == "SET version = version + :one"
    assert "ExpressionAttributeNames" not in write


@pytest.mark.usefixtures("table")
def test_a_change_answers_with_the_row_as_it_stands_afterwards() -> None:
    rows.save(rows.put(TABLE, row("changed", more={"a": 1})))

    after = rows.save(changing("changed", {"body.cartItem.l1": {"quantity": 2}, "by": "ben"}, removes=["more"]))

    assert after == stored("changed")
    assert after is not None
    assert (after["version"], after["by"], after["body"]["cartItem"]) == (2, "ben", {"l1": {"quantity": 2}})
    assert "more" not in after


# --- conditions --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("table")
def test_a_refused_write_changes_nothing_and_says_what_stands_there() -> None:
    rows.save(rows.put(TABLE, row("here")))
    before = stored("here")
    ghost = rows.put(TABLE, row("ghost"), seen=1)
    writes = {
        "put again": (rows.put(TABLE, row("here")), before),
        "put over another version": (rows.put(TABLE, row("here"), seen=2), before),
        "change what is not so": (changing("here", {}, "version = :seen", values={":seen": 9}), before),
        "put over nothing": (ghost, None),
        "change nothing": (changing("ghost", {"by": "x"}), None),
    }
    for what, (write, stands) in writes.items():
        with pytest.raises(Refused) as refused:
            rows.save(write)
        assert (refused.value.index, refused.value.row) == (0, stands), what
    assert stored("here") == before
    assert stored("ghost") is None


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("bad", [0, 1, 2])
def test_of_several_writes_the_one_that_was_refused_is_named_and_none_is_made(bad: int) -> None:
    rows.save(rows.put(TABLE, row(f"old{bad}", mark=bad)))
    writes = [rows.put(TABLE, row(f"new{bad}{n}")) for n in range(2)]
    writes.insert(bad, rows.put(TABLE, row(f"old{bad}")))

    with pytest.raises(Refused) as refused:
        rows.save(*writes)

    assert refused.value.index == bad
    assert refused.value.row is not None
    assert refused.value.row["mark"] == bad
    assert [stored(f"new{bad}{n}") for n in range(2)] == [None, None]


@pytest.mark.usefixtures("table")
def test_a_write_over_the_version_seen_goes_through_once() -> None:
    rows.save(rows.put(TABLE, row("once")))
    after = {**row("once"), "version": 2}
    rows.save(rows.put(TABLE, after, seen=1))
    with pytest.raises(Refused) as refused:
        rows.save(rows.put(TABLE, {**row("once"), "version": 2}, seen=1))
    assert refused.value.row == stored("once")


@pytest.mark.usefixtures("table")
def test_a_write_whose_answer_was_lost_is_done_when_the_sdk_asks_again() -> None:
    made = rows.put(TABLE, row("lost"))
    rows.save(made)
    rows.save(made)  # the very same write: refused by its own first try
    where = rows.key("nova", KIND, "lost")
    change = rows.update(
        TABLE, where, {**rows.touched(JANE), "body.state": "ordered"}, when="version = :seen", values={":seen": 1}
    )
    assert rows.save(change) == rows.save(change) == stored("lost")
    assert (stored("lost") or {})["version"] == 2


def test_a_version_that_is_not_the_current_one_is_told_the_current_one() -> None:
    for seen in (None, 3):
        rows.same_version({"version": 3}, seen)
    for seen in (2, 4, -1):
        with pytest.raises(ChangedMeanwhile) as stale:
            rows.same_version({"version": 3}, seen)
        assert stale.value.details == {"currentVersion": "3"}


def test_a_change_is_made_again_over_what_there_is_by_then_but_not_for_ever() -> None:
    tried: list[int] = []

    def change(fails: int) -> str:
        tried.append(fails)
        if len(tried) <= fails:
            raise ChangedMeanwhile("again")
        return "made"

    assert rows.repeated(lambda: change(3)) == "made"
    assert len(tried) == 4
    tried.clear()
    with pytest.raises(ChangedMeanwhile):
        rows.repeated(lambda: change(99))
    assert len(tried) == rows.PATIENCE + 1


def at(id_: str, version: int) -> Json:
    return {**row(id_), "version": version}


@pytest.mark.usefixtures("table")
def test_a_row_is_deleted_at_the_version_seen_and_at_no_other() -> None:
    rows.save(rows.put(TABLE, row("goes")))
    rows.save(rows.put(TABLE, at("goes", 2), seen=1))
    for seen in (1, 3):
        with pytest.raises(Refused) as refused:
            rows.save(rows.delete(TABLE, at("goes", seen)))
        assert refused.value.row == stored("goes")
    assert rows.save(rows.delete(TABLE, at("goes", 2))) is None
    assert stored("goes") is None


@pytest.mark.usefixtures("table")
def test_a_write_over_what_was_seen_is_made_with_all_that_belongs_to_it_or_says_why_not() -> None:
    for id_ in ("over", "beside"):
        rows.save(rows.put(TABLE, row(id_)))
    rows.save_over("cart", rows.put(TABLE, at("over", 2), seen=1), rows.put(TABLE, at("beside", 2), seen=1))
    assert [(stored(id_) or {})["version"] for id_ in ("over", "beside")] == [2, 2]
    stale, ghost = rows.put(TABLE, at("over", 2), seen=1), rows.put(TABLE, at("nothing", 2), seen=1)
    fresh = rows.put(TABLE, at("over", 3), seen=2)
    for told, writes in (({"currentVersion": "2"}, [stale]), ({"currentVersion": "2"}, [stale, ghost])):
        with pytest.raises(ChangedMeanwhile, match="read it again") as moved:
            rows.save_over("cart", *writes)
        assert moved.value.details == told
    with pytest.raises(ChangedMeanwhile) as moved:
        rows.save_over("cart", fresh, ghost)
    assert moved.value.details == {}, "what belongs to it is gone, it is there"
    with pytest.raises(NotFound, match="There is no such cart"):
        rows.save_over("cart", ghost)
    assert (stored("over") or {})["version"] == 2


# --- when DynamoDB is at its limit -------------------------------------------------------------------------------

CONFLICT = cancelled("None", "TransactionConflict")


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_is_tried_again(dynamodb: Callable[..., Answering], reason: str) -> None:
    answering = dynamodb("TransactWriteItems", cancelled("None", reason), cancelled(reason, "None"))

    rows.save(rows.put(TABLE, row(f"a-{reason}")), rows.put(TABLE, row(f"b-{reason}")))

    assert len(answering.asked) == 3
    assert stored(f"a-{reason}")
    assert stored(f"b-{reason}")


def test_one_that_meets_another_each_time_says_that_the_hub_is_busy(dynamodb: Callable[..., Answering]) -> None:
    answering = dynamodb("TransactWriteItems", *[CONFLICT] * 9)

    with pytest.raises(Busy, match="Send the same request again shortly"):
        rows.save(rows.put(TABLE, row("x")), rows.put(TABLE, row("y")))

    assert len(answering.asked) == rows.TRIES
    assert (stored("x"), stored("y")) == (None, None)


def test_a_condition_that_fails_beside_a_conflict_is_the_answer(dynamodb: Callable[..., Answering]) -> None:
    answering = dynamodb("TransactWriteItems", cancelled("TransactionConflict", "ConditionalCheckFailed"))
    with pytest.raises(Refused) as refused:
        rows.save(rows.put(TABLE, row("x")), rows.put(TABLE, row("y")))
    assert (refused.value.index, refused.value.row, len(answering.asked)) == (1, None, 1)


TOO_LARGE = "Item size has exceeded the maximum allowed size"


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("PutItem", {"Error": {"Code": "ValidationException", "Message": TOO_LARGE}}),
        (
            "TransactWriteItems",
            {
                "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
                "CancellationReasons": [{"Code": "None"}, {"Code": "ValidationError", "Message": TOO_LARGE}],
            },
        ),
    ],
)
def test_what_is_larger_than_dynamodb_keeps_is_the_clients_to_mend(
    dynamodb: Callable[..., Answering], operation: str, answer: Json
) -> None:
    dynamodb(operation, (400, answer))
    with pytest.raises(Malformed, match="larger than what can be kept") as refused:
        rows.save(*[rows.put(TABLE, row(id_)) for id_ in ("x", "y")[: 2 if operation.startswith("T") else 1]])
    assert refused.value.code == "tooLarge"


@pytest.mark.parametrize(
    "reason",
    [
        {"Code": "ItemCollectionSizeLimitExceeded", "Message": "Collection size exceeded."},
        {"Code": "ValidationError"},
        {"Message": TOO_LARGE},
        {},
    ],
)
def test_another_reason_for_which_a_transaction_was_taken_back_is_not_swallowed(
    dynamodb: Callable[..., Answering], reason: Json
) -> None:
    error = {"Code": "TransactionCanceledException", "Message": "cancelled"}
    dynamodb("TransactWriteItems", (400, {"Error": error, "CancellationReasons": [reason, {"Code": "None"}]}))
    with pytest.raises(ClientError, match="cancelled"):
        rows.save(rows.put(TABLE, row("x")), rows.put(TABLE, row("y")))


@pytest.mark.parametrize("operation", ["TransactWriteItems", "PutItem"])
def test_what_else_dynamodb_says_is_not_swallowed(dynamodb: Callable[..., Answering], operation: str) -> None:
    wrong = 400, {"Error": {"Code": "ValidationException", "Message": "wrong"}}
    dynamodb(operation, wrong)
    writes = [rows.put(TABLE, row(id_)) for id_ in ("x", "y")[: 2 if operation.startswith("T") else 1]]
    with pytest.raises(ClientError, match="wrong"):
        rows.save(*writes)


def test_a_single_write_that_meets_a_transaction_is_tried_again(dynamodb: Callable[..., Answering]) -> None:
    """A line added while its cart is being ordered is only a moment early."""
    conflict = 400, {"Error": {"Code": "TransactionConflictException", "Message": "ongoing"}}
    rows.save(rows.put(TABLE, row("met")))
    answering = dynamodb("UpdateItem", conflict)
    after = rows.save(changing("met", {"by": "ben"}))
    assert after is not None
    assert (after["by"], len(answering.asked)) == ("ben", 2)


# --- many at once ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("table")
def test_rows_come_in_the_order_asked_for_and_what_is_missing_is_left_out() -> None:
    for id_ in ("m1", "m2", "m3"):
        rows.save(rows.put(TABLE, row(id_)))
    found = rows.load_many(TABLE, "nova", KIND, ["m3", "ghost", "m1", "m2"])
    assert [each["id"] for each in found] == ["m3", "m1", "m2"]
    assert [each["id"] for each in rows.load_many(TABLE, "nova", KIND, ["m1", "m1"])] == ["m1", "m1"]
    assert rows.load_many(TABLE, "nova", KIND, []) == []
    assert rows.load_many(TABLE, "pico", KIND, ["m1"]) == []


def test_rows_that_dynamodb_did_not_get_to_are_asked_for_again(dynamodb: Callable[..., Answering]) -> None:
    for id_ in ("u1", "u2", "u3"):
        rows.save(rows.put(TABLE, row(id_)))
    first = {
        "Responses": {TABLE: [rows.packed(row("u2"))]},
        "UnprocessedKeys": {TABLE: {"Keys": [rows.key("nova", KIND, i) for i in ("u1", "u3")]}},
    }
    answering = dynamodb("BatchGetItem", (200, first))

    found = rows.load_many(TABLE, "nova", KIND, ["u1", "u2", "u3"])

    assert [each["id"] for each in found] == ["u1", "u2", "u3"]
    asked = [[key["pk"]["S"] for key in request["RequestItems"][TABLE]["Keys"]] for request in answering.asked]
    assert [len(keys_) for keys_ in asked] == [3, 2]


def test_a_table_that_answers_nothing_is_not_asked_for_ever(dynamodb: Callable[..., Answering]) -> None:
    nothing = {"Responses": {}, "UnprocessedKeys": {TABLE: {"Keys": [rows.key("nova", KIND, "u1")]}}}
    answering = dynamodb("BatchGetItem", *[(200, nothing)] * 200)
    with pytest.raises(Busy, match="Send the same request again shortly"):
        rows.load_many(TABLE, "nova", KIND, ["u1"])
    assert len(answering.asked) == rows.TRIES + 1


def test_a_row_is_read_as_it_stands_now_unless_its_reader_says_otherwise(dynamodb: Callable[..., Answering]) -> None:
    one, many = dynamodb("GetItem"), dynamodb("BatchGetItem")
    rows.load(TABLE, "nova", KIND, "now")
    for more in ({}, {"consistent": False}):
        rows.load_many(TABLE, "nova", KIND, ["now"], **more)
    assert one.asked[0]["ConsistentRead"] is True
    assert [request["RequestItems"][TABLE]["ConsistentRead"] for request in many.asked] == [True, False]


@pytest.mark.parametrize("answer", [{}, {"UnprocessedKeys": {}}, {"UnprocessedKeys": {TABLE: {}}}])
def test_an_answer_that_leaves_nothing_is_whole(dynamodb: Callable[..., Answering], answer: Json) -> None:
    answering = dynamodb("BatchGetItem", (200, {"Responses": {}, **answer}))
    assert rows.load_many(TABLE, "nova", KIND, ["ghost"]) == []
    assert len(answering.asked) == 1


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("id_", ["x", "x" * 256])
def test_the_shortest_and_the_longest_id_are_ids(id_: str) -> None:
    rows.save(rows.put(TABLE, row(id_)))
    assert (stored(id_) or {})["id"] == id_


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("id_", ["", "x" * 257, "x" * 100_000])
def test_an_id_that_cannot_be_ours_is_not_even_asked_for(dynamodb: Callable[..., Answering], id_: str) -> None:
    answering = dynamodb("GetItem")
    assert rows.load(TABLE, "nova", KIND, id_) is None
    assert answering.asked == []


# --- what an index lists ------------------------------------------------------------------------------------------

DATED = replace(JANE, brand="dated")
ANNS = rows.of_customer("dated", KIND, "ann")


def day(number: int) -> str:
    return f"2026-03-{number:02}T12:00:00.000Z"


@pytest.fixture(scope="module")
def dated(table: None) -> None:
    """Five carts of Ann's, one of each day, and one each of another customer, kind and brand."""
    for caller, kind, id_, customer in [
        *((DATED, KIND, str(number), "ann") for number in range(1, 6)),
        (DATED, KIND, "6", "tom"),
        (DATED, "product", "7", "ann"),
        (replace(JANE, brand="other"), KIND, "8", "ann"),
    ]:
        owned = rows.owned_by(caller.brand, kind, customer)
        rows.save(rows.put(TABLE, rows.new(caller, kind, id_, {}, created=day(int(id_)), **owned)))


def ids(found: tuple[list[rows.Place], bool]) -> tuple[list[str], bool]:
    return [place.id for place in found[0]], found[1]


@pytest.mark.usefixtures("dated")
def test_a_customers_newest_rows_are_the_ones_of_that_kind_and_brand() -> None:
    assert rows.newest_of_customer(TABLE, "dated", KIND, "ann", most=2) == ["5", "4"]
    assert rows.newest_of_customer(TABLE, "dated", KIND, "ann", most=9) == ["5", "4", "3", "2", "1"]
    assert rows.newest_of_customer(TABLE, "dated", "product", "ann", most=9) == ["7"]
    assert ids(rows.keys_in(TABLE, rows.of_kind("dated", KIND), most=9)) == (["6", "5", "4", "3", "2", "1"], False)


@pytest.mark.usefixtures("dated")
@pytest.mark.parametrize(
    ("asked", "found", "more"),
    [
        ({"most": 2}, "54", True),
        ({"most": 2, "newest_first": False}, "12", True),
        ({"most": 9, "since": day(3)}, "543", False),
        ({"most": 9, "until": day(3)}, "321", False),
        ({"most": 9, "since": day(2), "until": day(4)}, "432", False),
        ({"most": 9, "since": day(9)}, "", False),
        ({"most": 2, "after": rows.Place(day(4), "dated#shoppingCart#4")}, "32", True),
        ({"most": 9, "after": rows.Place(day(4), "dated#shoppingCart#4"), "newest_first": False}, "5", False),
    ],
)
def test_an_index_is_read_from_day_to_day_and_on_behind_a_place(asked: Json, found: str, *, more: bool) -> None:
    places = rows.keys_in(TABLE, ANNS, **asked)
    assert ids(places) == ([*found], more)
    assert [place.created for place in places[0]] == [day(int(id_)) for id_ in found]


@pytest.mark.parametrize(("pk", "kind"), [("a#cart#1", "cart"), ("a#cart", ""), ("nonsense", "")])
def test_a_place_that_is_none_of_ours_leads_nowhere(dynamodb: Callable[..., Answering], pk: str, kind: str) -> None:
    answering = dynamodb("Query", (200, {"Items": []}))
    rows.keys_in(TABLE, ANNS, most=1, after=rows.Place(day(1), pk))
    place = {"pk": pk, "sk": kind, "customer_key": ANNS.value, "created": day(1)}
    assert answering.asked[0]["ExclusiveStartKey"] == {name: {"S": value} for name, value in place.items()}


@pytest.mark.parametrize(("bytes_", "calls"), [(2048, 1), (2049, 0)])
def test_what_is_longer_than_a_key_may_be_is_not_even_asked_for(
    dynamodb: Callable[..., Answering], bytes_: int, calls: int
) -> None:
    answering = dynamodb("Query", (200, {"Items": []}))
    assert rows.keys_in(TABLE, rows.listed("by_kind", "ä" * 4 + "x" * (bytes_ - 8)), most=1) == ([], False)
    assert len(answering.asked) == calls


def test_where_rows_are_listed() -> None:
    assert rows.of_state("nova", KIND, "open") == ("by_state", "state_key", "nova#shoppingCart#open")
    assert rows.of_state("nova", KIND, "open").entry == {"state_key": "nova#shoppingCart#open"}
    assert rows.of_seller("nova", KIND, "shop") == ("by_seller", "seller_key", "nova#partner#shop#shoppingCart")
    assert rows.Place("then", "nova#cart#a#b").id == "a#b"


# --- idempotency keys --------------------------------------------------------------------------------------------

BODIES = st.dictionaries(TEXTS.filter(bool), PLAIN, max_size=4)


def shuffled(value: Any, order: Random) -> Any:
    """The same JSON with its names in another order."""
    if isinstance(value, list):
        return [shuffled(each, order) for each in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    order.shuffle(names)
    return {name: shuffled(value[name], order) for name in names}


@STEADY
@given(BODIES, st.randoms(use_true_random=False))
def test_a_key_does_not_mind_white_space_and_the_order_of_names(body: Json, order: Random) -> None:
    written = json.dumps(body, default=str)
    again = json.loads(written.replace(", ", " ,\n  ") if '"' not in str(body) else written)
    assert Key.of(JANE, "k", "/p", body) == Key.of(JANE, "k", "/p", shuffled(body, order))
    assert Key.of(JANE, "k", "/p", json.loads(written)) == Key.of(JANE, "k", "/p", shuffled(again, order))


@STEADY
@given(BODIES, BODIES)
def test_another_body_or_path_is_another_request_and_another_person_another_key(body: Json, other: Json) -> None:
    key = Key.of(JANE, "k", "/p", body)
    assert (Key.of(JANE, "k", "/p", other).request == key.request) is (
        json.dumps(other, sort_keys=True, default=str) == json.dumps(body, sort_keys=True, default=str)
    )
    assert Key.of(JANE, "k", "/q", body).request != key.request
    strangers = [replace(JANE, subject="tom"), replace(JANE, client_id="nova-mobile"), replace(JANE, brand="pico")]
    assert key.id not in {Key.of(each, "k", "/p", body).id for each in strangers}
    assert key.id != Key.of(JANE, "k2", "/p", body).id


def test_todays_code_and_the_next_know_the_same_key_for_the_same_request() -> None:
    body = {"shoppingCart": {"id": "c1"}, "quantity": 2, "price": Decimal("29.99")}
    assert Key.of(JANE, "k", "/p", body) == Key(
        "6eefe2f530c23cf21f5fbbebc49b0d66", "c10ca32dd58052e4319974b45775f923c88f8b20fef017b08f2165a4b01a3872"
    )


def test_a_key_is_not_to_be_read_in_the_row_that_remembers_it() -> None:
    key = Key.of(JANE, "my-secret-key", "/p", {"name": "Una Keller"})
    row_ = keys.remember(TABLE, JANE, key, "c1")["Put"]["Item"]
    assert "my-secret-key" not in str(row_)
    assert "Una" not in str(row_)


@pytest.mark.usefixtures("table")
def test_a_key_remembers_what_it_made_and_refuses_another_body() -> None:
    key = Key.of(JANE, "k1", "/p", {"a": 1})
    assert keys.recall(TABLE, JANE, None) is None
    assert keys.recall(TABLE, JANE, key) is None
    rows.save(keys.remember(TABLE, JANE, key, "made-1"))

    assert keys.recall(TABLE, JANE, key) == "made-1"
    assert (rows.load(TABLE, "nova", "key", key.id) or {})["body"] == {}
    with pytest.raises(Refused) as refused:
        rows.save(keys.remember(TABLE, JANE, key, "made-2"))
    assert keys.made_by(key, refused.value.row) == "made-1"
    other = Key.of(JANE, "k1", "/p", {"a": 2})
    with pytest.raises(KeyReused, match="use a new key for a new request"):
        keys.recall(TABLE, JANE, other)
    for asked, held in ((other, refused.value.row), (key, None)):
        with pytest.raises(KeyReused):
            keys.made_by(asked, held)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("hours", "known"), [(0, True), (23.99, True), (24, False), (1000, False)])
def test_a_key_is_known_for_a_day_whether_or_not_its_row_was_cleaned_away(*, hours: float, known: bool) -> None:
    key = Key.of(JANE, f"day-{hours}", "/p", {})
    with time_machine.travel(NOW, tick=False) as clock:
        rows.save(keys.remember(TABLE, JANE, key, "first"))
        clock.move_to(NOW + timedelta(hours=hours))
        assert keys.recall(TABLE, JANE, key) == ("first" if known else None)
        if known:
            with pytest.raises(Refused):
                rows.save(keys.remember(TABLE, JANE, key, "second"))
            return
        rows.save(keys.remember(TABLE, JANE, key, "second"))
        assert keys.recall(TABLE, JANE, key) == "second"


@pytest.mark.usefixtures("table")
def test_a_new_row_is_put_with_its_key_and_what_belongs_to_it_or_not_at_all() -> None:
    key, other = Key.of(JANE, "new", "/p", {}), Key.of(JANE, "new", "/p", {"other": 1})
    assert keys.put_new(TABLE, JANE, key, row("n1"), rows.put(TABLE, row("n1-beside"))) is None
    assert keys.recall(TABLE, JANE, key) == "n1"
    assert stored("n1-beside")

    assert keys.put_new(TABLE, JANE, key, row("n2"), rows.put(TABLE, row("n2-beside"))) == "n1"
    assert keys.put_new(TABLE, JANE, Key.of(JANE, "fresh", "/p", {}), row("n1")) == "n1", "that id made one before"
    with pytest.raises(KeyReused):
        keys.put_new(TABLE, JANE, other, row("n2"))
    assert [stored(id_) for id_ in ("n2", "n2-beside")] == [None, None]


@pytest.mark.usefixtures("table")
def test_without_a_key_a_new_row_is_put_once() -> None:
    assert keys.put_new(TABLE, JANE, None, row("n3")) is None
    assert keys.put_new(TABLE, JANE, None, row("n3"), rows.put(TABLE, row("n3-beside"))) == "n3"
    assert stored("n3-beside") is None


@pytest.mark.usefixtures("table")
def test_a_write_that_is_refused_beside_a_key_is_named_as_without_it() -> None:
    rows.save(rows.put(TABLE, row("held")))
    for asked in (None, Key.of(JANE, "beside-held", "/p", {})):
        with pytest.raises(Refused) as refused:
            keys.save(TABLE, JANE, asked, "free", rows.put(TABLE, row("free")), rows.put(TABLE, row("held")))
        assert (refused.value.index, refused.value.row) == (1, stored("held"))


@pytest.mark.usefixtures("table")
def test_what_a_key_asks_for_is_made_once_whatever_stands_in_the_way_of_its_repeat() -> None:
    def asked(name: str) -> Key:
        return Key.of(JANE, name, "/p", {})

    def made(name: str, id_: str) -> str:
        keys.save(TABLE, JANE, asked(name), id_, rows.put(TABLE, row(id_)))
        return f"made {id_}"

    def refused() -> str:
        raise ChangedMeanwhile("again")

    def overtaken(then: Callable[[], str]) -> Callable[[], str]:
        return lambda: made("overtaken", "o2") and then()

    def once(name: str | None, make: Callable[[], str]) -> tuple[str, bool]:
        return keys.once(TABLE, JANE, asked(name) if name else None, make, lambda id_: f"again {id_}")

    assert once("once", lambda: made("once", "o1")) == ("made o1", False)
    assert once("once", lambda: pytest.fail("it is not decided once more")) == ("again o1", True)
    assert once("overtaken", overtaken(lambda: made("overtaken", "o3"))) == ("again o2", True)
    assert once("late", lambda: made("late", "o4") and refused()) == ("again o4", True)
    for name in ("stays", None):
        with pytest.raises(ChangedMeanwhile):
            once(name, refused)
    assert stored("o3") is None
