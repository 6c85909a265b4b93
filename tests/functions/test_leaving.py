"""What goes with a customer who is deleted: what was written on their carts and orders, and who else could see them."""

from typing import Any

import pytest

from functions.shared import aws, rows
from tests.functions.stage import (
    ACCOUNTS,
    BEN,
    CARTS,
    CUSTOMERS,
    GRANTS,
    OLGA,
    ORDERS,
    Crashed,
    Person,
    Stage,
    line,
    on_record,
    stumbling,
)

NOTE = [{"text": "ring twice"}]


def gone(person: Person, **more: Any) -> Any:
    return BEN.delete(f"{CUSTOMERS}/{person.customer}", **more)


def written(hub: Stage, person: Person) -> list[rows.Row]:
    """What is kept of what was written on their carts and orders."""
    return [row for row in hub.held("customer", "private") if row.get("customer") == person.customer]


def granted(hub: Stage, person: Person) -> list[rows.Row]:
    """The grants of them that hold."""
    found = [row for row in hub.held("customer", "grant") if row.get("customer") == person.customer]
    return [row for row in found if not row.get("revoked")]


def with_words() -> tuple[Person, str]:
    """A customer with a note on a cart and one on an order of it, whom a neighbour may look after."""
    una = on_record()
    cart = una.post(CARTS, {"cartItem": [line("plan-m", note=NOTE)]}).body
    order = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "note": NOTE}).body
    BEN.post(GRANTS, {"party": {"id": "neighbour"}, "customer": {"id": una.customer}, "role": "administrator"})
    return una, str(order["href"])


def test_what_was_written_and_who_could_see_them_goes_with_a_customer(hub: Stage) -> None:
    (una, order), (otto, others) = with_words(), with_words()
    assert "ring twice" in str(OLGA.get(order).body)
    assert gone(una).status == 204
    assert (written(hub, una), granted(hub, una)) == ([], [])
    after = OLGA.get(order).body
    assert "ring twice" not in str(after)
    assert after["productOrderItem"], "what was ordered stays"
    assert (len(written(hub, otto)) > 0, len(granted(hub, otto))) == (True, 1)
    assert "ring twice" in str(OLGA.get(others).body)


def test_who_is_not_deleted_keeps_it(hub: Stage) -> None:
    una, order = with_words()
    account = BEN.post(ACCOUNTS, {"customer": {"id": una.customer}, "name": "bills"}).body
    assert gone(una, expect=409).body["code"] == "accountsOpen"
    assert "ring twice" in str(OLGA.get(order).body)
    assert len(granted(hub, una)) == 1
    BEN.delete(account["href"])


def test_who_changes_at_that_moment_keeps_it(hub: Stage) -> None:
    una, order = with_words()

    def renamed() -> None:
        BEN.patch(f"{CUSTOMERS}/{una.customer}", {"name": "Una Hansen"})

    with stumbling(aws.dynamodb(), "TransactWriteItems", renamed):
        assert gone(una, expect=409).body["code"] == "changedMeanwhile"
    assert "ring twice" in str(OLGA.get(order).body)
    assert len(granted(hub, una)) == 1


def test_where_it_breaks_off_all_goes_or_nothing(hub: Stage) -> None:
    una, _ = with_words()
    for operation in ("TransactWriteItems", "PutItem"):  # the second is the record of the call
        with stumbling(aws.dynamodb(), operation, Crashed()), pytest.raises(Crashed):
            gone(una)
        stays = operation == "TransactWriteItems"
        assert (len(written(hub, una)) > 0, len(granted(hub, una))) == (stays, int(stays))
    assert (written(hub, una), granted(hub, una)) == ([], [])


def test_more_than_one_request_takes_goes_part_by_part(hub: Stage) -> None:
    una, _ = with_words()
    first = written(hub, una)[0]
    for n in range(100):  # of years
        rows.save(rows.put("test-customer", {**first, "id": f"{first['id']}-{n}", "pk": f"{first['pk']}-{n}"}))
    answers = [gone(una, expect=(204, 503)).status for _ in range(3)]
    assert answers == [503, 503, 204]
    assert written(hub, una) == []
