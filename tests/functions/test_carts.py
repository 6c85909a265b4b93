"""The cart handler on moto: how often it calls AWS, and that nothing a person chose or wrote is lost."""

from typing import Any

import pytest
import time_machine

from functions.shared import aws
from tests.functions.stage import (
    BEN,
    CARTS,
    GUEST,
    MERGE,
    ORDERS,
    Json,
    Stage,
    cart_of,
    customer,
    line,
    on_record,
    stumbling,
)

READ, QUERY, BATCH = "dynamodb.GetItem", "dynamodb.Query", "dynamodb.BatchGetItem"
PUT, UPDATE, TRANSACT = "dynamodb.PutItem", "dynamodb.UpdateItem", "dynamodb.TransactWriteItems"
TEN = ["plan-m", "handset-aurora-5", "case-aurora-5", "charger-30", "earbuds-air"]
TEN += ["fibre-500", "tv-plus", "home-phone", "security-pack", "roaming-world"]


def offerings(cart: Json) -> list[str]:
    return sorted(item["productOffering"]["id"] for item in cart["cartItem"])


# --- calls -------------------------------------------------------------------------------------------------------


def test_opening_reading_and_editing_a_cart_costs_few_calls(hub: Stage) -> None:
    jane = customer("jane-calls")
    cart = cart_of(jane, *TEN[:9])
    href, first = cart["href"], cart["cartItem"][4]["id"]

    assert hub.called(lambda: cart_of(jane, *TEN)) == [PUT]
    assert hub.called(lambda: jane.get(href)) == [READ]
    assert hub.called(lambda: jane.post(f"{href}/cartItem", line(TEN[9]))) == [READ, UPDATE]
    assert hub.called(lambda: jane.patch(f"{href}/cartItem/{first}", {"quantity": 2})) == [READ, UPDATE]
    assert hub.called(lambda: jane.delete(f"{href}/cartItem/{first}")) == [READ, UPDATE]
    assert hub.called(lambda: jane.patch(href, {"cartItem": [line("tv-basic")]})) == [READ, PUT]


def test_a_merge_is_three_calls_and_one_write_whether_or_not_there_is_a_cart_to_merge_into(hub: Stage) -> None:
    first, second = (cart_of(GUEST, *TEN[:n])["id"] for n in (1, 9))
    jane = customer("jane-merges")

    adopted = hub.called(lambda: jane.post(MERGE, {"shoppingCart": {"id": first}}))
    merged = hub.called(lambda: jane.post(MERGE, {"shoppingCart": {"id": second}}))

    assert adopted == [QUERY, BATCH, PUT]
    assert merged == [QUERY, BATCH, TRANSACT]


def test_an_order_is_placed_with_three_calls_and_one_write(hub: Stage) -> None:
    jane = on_record()
    body = {"shoppingCart": {"id": cart_of(jane, *TEN)["id"]}}

    assert hub.called(lambda: jane.post(ORDERS, body, idempotency_key="k1")) == [READ, READ, TRANSACT]


# --- what opening answers is what reading answers ----------------------------------------------------------------


def test_what_opening_a_cart_answers_is_what_reading_it_answers(hub: Stage) -> None:
    jane = customer("jane-reads")
    opened = jane.post(CARTS, {"cartItem": [line("plan-m"), line("tv-plus", status="saveForLater")]})
    assert jane.get(opened.body["href"]).body == opened.body
    added = jane.post(f"{opened.body['href']}/cartItem", line("plan-s", quantity=3))
    (read,) = [i for i in jane.get(opened.body["href"]).body["cartItem"] if i["id"] == added.body["id"]]
    assert read == added.body
    changed = jane.patch(opened.body["href"], {"cartItem": [line("tv-basic")]})
    assert jane.get(opened.body["href"]).body == changed.body


SERVER_SAYS: list[Json] = [
    {"id": "mine"},
    {"href": "/mine"},
    {"state": "ordered"},
    {"catalogVersion": "mine"},
    {"cartTotalPrice": [{"priceType": "mine", "price": {"taxIncludedAmount": {"unit": "EUR", "value": 0}}}]},
    {"validFor": {"endDateTime": "2999-01-01T00:00:00Z"}},
    {"channel": [{"id": "mine", "role": "origin"}]},
    {"promotion": [{"id": "mine"}]},
    {"productOrder": {"id": "mine"}},
    {"mergedInto": {"id": "mine"}},
    {"requirement": [{"kind": "identity", "item": "mine", "state": "met"}]},
]


@pytest.mark.parametrize("sent", SERVER_SAYS, ids=lambda sent: next(iter(sent)))
def test_what_the_server_says_of_a_cart_is_never_what_a_client_sent(hub: Stage, sent: Json) -> None:
    """It is read where the standard lets a client send it, and ours all the same; or it is refused."""
    jane = customer("jane-lies")
    honest = cart_of(jane, "plan-m")
    opened = jane.ask("POST", CARTS, {"cartItem": [line("plan-m")], **sent}, expect=(201, 400))
    if opened.status == 400:
        return
    for body in (opened.body, jane.get(opened.headers["Location"]).body):
        assert "mine" not in str(body)
        assert body.keys() == honest.keys()
        assert (body["state"], body["href"].rpartition("/")[2]) == ("active", body["id"])
        assert not body["validFor"]["endDateTime"].startswith("2999")


# --- what a person wrote -----------------------------------------------------------------------------------------

HIDDEN = {"role": "delivery", "streetName": "Hidden Lane", "city": "Berlin", "@type": "GeographicAddress"}
NOTE = [{"text": "ring twice"}]
MEDIUM = [{"mediumType": "email", "characteristic": {"emailAddress": "una@example.com"}}]


def test_an_address_given_with_a_line_outlives_a_note_added_later_and_the_other_way_round(hub: Stage) -> None:
    una = on_record()
    for first, second in (
        ({"product": {"place": [HIDDEN]}}, {"note": NOTE}),
        ({"note": NOTE}, {"product": {"place": [HIDDEN]}}),
    ):
        cart = una.post(CARTS, {"cartItem": [line("case-aurora-5", **first)]}).body
        href = f"{cart['href']}/cartItem/{cart['cartItem'][0]['id']}"
        una.patch(href, second)
        (item,) = una.get(cart["href"]).body["cartItem"]
        assert item["note"] == NOTE, first
        assert item["product"]["place"][0]["streetName"] == "Hidden Lane", first


def test_how_to_reach_somebody_outlives_what_is_written_on_the_lines(hub: Stage) -> None:
    una = on_record()
    cart = una.post(CARTS, {"contactMedium": MEDIUM}).body
    una.post(f"{cart['href']}/cartItem", line("plan-m", note=NOTE))
    una.patch(cart["href"], {"cartItem": [line("plan-s", note=NOTE)]})
    now = una.get(cart["href"]).body
    assert (now["contactMedium"], [item["note"] for item in now["cartItem"]]) == (MEDIUM, [NOTE, NOTE])


def test_how_to_reach_somebody_can_be_taken_back(hub: Stage) -> None:
    una = on_record()
    cart = una.post(CARTS, {"contactMedium": MEDIUM}).body
    assert "contactMedium" not in una.patch(cart["href"], {"contactMedium": None}).body
    assert "contactMedium" not in una.get(cart["href"]).body


def test_taking_a_note_back_leaves_the_address_on_the_line(hub: Stage) -> None:
    una = on_record()
    cart = una.post(CARTS, {"cartItem": [line("case-aurora-5", note=NOTE, product={"place": [HIDDEN]})]}).body
    una.patch(f"{cart['href']}/cartItem/{cart['cartItem'][0]['id']}", {"note": None})
    (item,) = una.get(cart["href"]).body["cartItem"]
    assert "note" not in item
    assert item["product"]["place"][0]["streetName"] == "Hidden Lane"


@pytest.mark.parametrize("own", [{}, {"contactMedium": MEDIUM}], ids=["who wrote nothing", "who wrote before"])
def test_what_a_guest_wrote_is_there_after_the_carts_are_one(hub: Stage, own: Json) -> None:
    una = on_record()
    cart = una.post(CARTS, {"cartItem": [line("plan-s")], **own}).body
    guests = GUEST.post(CARTS, {"contactMedium": MEDIUM, "cartItem": [line("case-aurora-5", note=NOTE)]}).body
    una.post(MERGE, {"shoppingCart": {"id": guests["id"]}})
    now = una.get(cart["href"]).body
    assert now["contactMedium"] == MEDIUM
    assert [i["note"] for i in now["cartItem"] if i["productOffering"]["id"] == "case-aurora-5"] == [NOTE]


PRIVATE: dict[str, tuple[Json, Json]] = {
    "a note on the cart's line": ({}, {"note": [{"text": "Hidden Lane"}]}),
    "an address on a line": ({}, {"product": {"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}}),
    "an address on a line itself": ({}, {"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}),
    "an address deeper down": (
        {},
        {"product": {"product": [{"place": [{"role": "delivery", "streetName": "Hidden Lane"}]}]}},
    ),
    "the name of a party": (
        {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]},
        {},
    ),
    "the name of a line's party": (
        {},
        {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]},
    ),
    "the name of a product's party": (
        {},
        {"product": {"relatedParty": [{"id": "t", "role": "user", "name": "Hidden Lane", "@referredType": "X"}]}},
    ),
    "how to reach somebody": (
        {"contactMedium": [{"mediumType": "email", "characteristic": {"emailAddress": "Hidden Lane"}}]},
        {},
    ),
}


@pytest.mark.parametrize(("on_cart", "on_line"), PRIVATE.values(), ids=PRIVATE.keys())
def test_personal_data_is_stored_with_the_customer_alone(hub: Stage, on_cart: Json, on_line: Json) -> None:
    una = on_record()
    before = len(hub.records)
    cart = una.post(CARTS, {"cartItem": [line("case-aurora-5", **on_line)], **on_cart}).body
    una.patch(f"{cart['href']}/cartItem/{cart['cartItem'][0]['id']}", {"quantity": 2})
    una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
    for record in hub.records[before:]:
        if record["dynamodb"]["Keys"]["sk"]["S"] != "private":
            assert "Hidden Lane" not in str(record["dynamodb"]), record["dynamodb"]["Keys"]


# --- lines, keys and races ---------------------------------------------------------------------------------------


def test_a_key_adds_one_line_however_often_and_however_closely_it_comes(hub: Stage) -> None:
    jane = customer("jane-keys")
    href = cart_of(jane)["href"]

    def add() -> Any:
        return jane.post(f"{href}/cartItem", line("plan-m"), idempotency_key="add-1")

    first: list[Any] = []
    with stumbling(aws.dynamodb(), "TransactWriteItems", lambda: first.append(add())):
        meanwhile = add()
    again = add()

    assert meanwhile.body == first[0].body
    assert meanwhile.headers["Idempotent-Replayed"] == "true"
    assert len(jane.get(href).body["cartItem"]) == 1
    assert again.body == first[0].body
    assert again.headers["Idempotent-Replayed"] == "true"
    other = jane.post(f"{href}/cartItem", line("plan-s"), idempotency_key="add-1", expect=422)
    assert other.body["code"] == "keyReused"


def test_lines_added_by_two_channels_in_between_are_both_there(hub: Stage) -> None:
    jane, app = customer("jane-two"), customer("jane-two", "mobile")
    href = cart_of(jane)["href"]
    with stumbling(aws.dynamodb(), "UpdateItem", lambda: app.post(f"{href}/cartItem", line("plan-s"))):
        jane.post(f"{href}/cartItem", line("plan-m"))
    assert offerings(jane.get(href).body) == ["plan-m", "plan-s"]


def test_a_patch_is_made_over_what_another_channel_added_in_between(hub: Stage) -> None:
    jane, app = customer("jane-patch"), customer("jane-patch", "mobile")
    href = cart_of(jane, "tv-plus")["href"]
    with stumbling(aws.dynamodb(), "PutItem", lambda: app.post(f"{href}/cartItem", line("plan-s"))):
        jane.patch(href, {"cartItem": [line("plan-m")]})
    assert offerings(jane.get(href).body) == ["plan-m", "plan-s", "tv-plus"]
    stale = jane.patch(href, {"cartItem": []}, if_match='"1"', expect=409)
    assert (stale.body["code"], stale.body["details"]["currentVersion"]) == ("changedMeanwhile", "3")
    assert offerings(jane.get(href).body) == ["plan-m", "plan-s", "tv-plus"]


def test_a_line_that_another_channel_adds_to_the_guests_cart_while_it_is_merged_is_not_lost(hub: Stage) -> None:
    jane = customer("jane-races")
    own, guests = cart_of(jane, "plan-s"), cart_of(GUEST, "plan-m")
    add = lambda: GUEST.post(f"{guests['href']}/cartItem", line("tv-plus"))  # noqa: E731
    with stumbling(aws.dynamodb(), "TransactWriteItems", add):
        jane.post(MERGE, {"shoppingCart": {"id": guests["id"]}})
    assert offerings(jane.get(own["href"]).body) == ["plan-m", "plan-s", "tv-plus"]


def test_a_cart_that_was_merged_or_ordered_takes_no_line_in_between(hub: Stage) -> None:
    jane = customer("jane-late")
    own, guests = cart_of(jane, "plan-s"), cart_of(GUEST, "plan-m")
    merge = lambda: jane.post(MERGE, {"shoppingCart": {"id": guests["id"]}})  # noqa: E731
    with stumbling(aws.dynamodb(), "UpdateItem", merge):
        late = GUEST.post(f"{guests['href']}/cartItem", line("tv-plus"), expect=409)
    assert late.body["code"] == "cartMerged"
    order = lambda: jane.post(ORDERS, {"shoppingCart": {"id": own["id"]}})  # noqa: E731
    with stumbling(aws.dynamodb(), "UpdateItem", order):
        late = jane.post(f"{own['href']}/cartItem", line("tv-plus"), expect=409)
    assert late.body["code"] == "cartOrdered"


def test_an_abandoned_cart_is_seen_and_takes_nothing_whether_or_not_it_was_cleaned_away(hub: Stage) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        cart = cart_of(GUEST, "plan-m")
        clock.move_to("2026-03-08T12:00:00Z")
        assert GUEST.get(cart["href"]).body["state"] == "abandoned"
        refused = GUEST.post(f"{cart['href']}/cartItem", line("plan-s"), expect=409)
        assert refused.body["code"] == "cartAbandoned"
        refused = customer("jane").post(MERGE, {"shoppingCart": {"id": cart["id"]}}, expect=409)
        assert refused.body["code"] == "cartAbandoned"
        GUEST.delete(cart["href"])


# --- what was saved for later ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["jane", "ben"])
def test_what_a_guest_saved_for_later_goes_on_with_the_customer_who_orders_the_rest(hub: Stage, who: str) -> None:
    """Somebody logs in only when they pay: the cart was a guest's, the order is theirs, and so is what they saved."""
    name = f"saves-{who}"
    cart = GUEST.post(CARTS, {"cartItem": [line("plan-m"), line("tv-plus", status="saveForLater")]}).body
    body: Json = {"shoppingCart": {"id": cart["id"]}}
    if who == "ben":
        body["relatedParty"] = [{"id": name, "role": "customer", "@referredType": "Customer"}]
    (BEN if who == "ben" else customer(name)).post(ORDERS, body)

    (left,) = customer(name).get(f"{CARTS}?state=active").body

    assert (offerings(left), left["cartItem"][0]["status"]) == (["tv-plus"], "saveForLater")
