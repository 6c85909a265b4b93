"""What other nouns may know of a customer: how to reach them, whom to bill, where to deliver; what stays private."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.customer import store
from functions.customer.kinds import CUSTOMER
from functions.customer.save import open_new
from functions.customer.store import BuyerFacts, Reach
from functions.shared import clock, rows
from functions.shared.access import Caller
from functions.shared.errors import RuleBroken
from tests.functions.customer_fixtures import (
    BEN,
    CUSTOMERS,
    INDIVIDUALS,
    Answer,
    Json,
    customer_table,
    email,
    home,
    mobile,
    new_account,
    new_customer,
    stored,
    themselves,
)

HUB = Caller("nova", "DE", "hub", "operator", "confirm", "omnihub", "journey-1")
SOMEBODY = Caller("nova", "DE", "web", "customer", "login", "nova-web", "journey-2", customer_id="somebody")


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    with customer_table(monkeypatch) as made:
        yield made


def places(address: str) -> tuple[tuple[str, str], ...]:
    return (("delivery", address), ("installation", address), ("billing", address))


def facts_of(customer: Json) -> BuyerFacts:
    """What an order is told of her, but for what rules may ask."""
    found = store.buyer_facts(HUB, customer["id"])
    assert found
    return replace(found, known={})


def test_jane_moves_house_and_what_she_ordered_before_still_knows_where_to_go(calls: list[str]) -> None:
    jane = new_customer(email("jane@example.com"), home("Am Alten Hafen 4"))
    me, hafen = themselves(jane), jane["contactMedium"][1]
    assert facts_of(jane) == BuyerFacts(None, places(hafen["id"]))

    sent = [jane["contactMedium"][0], {**hafen, "characteristic": home("Gartenstraße 21")["characteristic"]}]
    moved = me.patch(jane["href"], {"contactMedium": sent})

    mail, garten = moved.body["contactMedium"]
    assert mail["id"] == jane["contactMedium"][0]["id"]
    assert (garten["id"] != hafen["id"], garten["characteristic"]["street1"]) == (True, "Gartenstraße 21")
    assert me.get(jane["href"]).body["contactMedium"] == [mail, garten]
    seen = BEN.get(jane["href"]).body["contactMedium"]
    assert [(m["id"], "endDateTime" in m["validFor"]) for m in seen[1:]] == [(garten["id"], False), (hafen["id"], True)]
    assert facts_of(jane) == BuyerFacts(None, places(garten["id"]))
    old = store.address(HUB, jane["id"], hafen["id"])
    assert old is not None
    assert old["characteristic"] == hafen["characteristic"]

    back = me.patch(jane["href"], {"contactMedium": [mail, hafen]}).body["contactMedium"][1]
    assert back["id"] not in (hafen["id"], garten["id"])
    again = BEN.patch(jane["href"], {"contactMedium": BEN.get(jane["href"]).body["contactMedium"]})
    assert len(again.body["contactMedium"]) == 4


def test_an_address_is_told_to_its_customer_and_to_staff_only() -> None:
    jane = new_customer(home("Am Alten Hafen 4"))
    (hafen,) = jane["contactMedium"]

    assert store.address(replace(SOMEBODY, customer_id=jane["id"]), jane["id"], hafen["id"]) == hafen
    assert store.address(SOMEBODY, jane["id"], hafen["id"]) is None
    assert store.address(HUB, jane["id"], "no such medium") is None
    assert store.address(HUB, "nobody", hafen["id"]) is None


def test_what_an_order_needs_is_one_read(calls: list[str]) -> None:
    jane = new_customer(home("Am Alten Hafen 4"))
    account = new_account(jane)
    calls.clear()

    facts = facts_of(jane)

    assert facts == BuyerFacts(account["id"], places(jane["contactMedium"][0]["id"]), (account["id"],))
    assert calls == ["GetItem"]
    assert store.buyer_facts(HUB, "nobody") is None


@pytest.mark.parametrize(
    ("media", "more", "reach"),
    [
        ([], {}, Reach("de", None)),
        ([mobile("0171 3920022")], {"preferredLanguage": "en-GB"}, Reach("en", "+491713920022")),
        ([mobile("nonsense"), mobile("+41780000011")], {}, Reach("de", "+41780000011")),
        ([{**mobile("030 23125044"), "mediumType": "phone"}, mobile("0171 3920022")], {}, Reach("de", "+491713920022")),
    ],
)
def test_how_a_customer_is_reached(media: list[Json], more: Json, reach: Reach) -> None:
    jane = new_customer(*media, **more)

    assert store.reach(HUB, jane["id"]) == reach
    assert store.reach(replace(HUB, brand="pico"), jane["id"]) is None


def test_what_somebody_wrote_is_kept_apart_and_shown_to_whom_it_belongs() -> None:
    janes, janes_write = store.keep_written(HUB, "productOrder", {"": {"written": {"note": "Ring twice."}}}, "jane")
    guests, guests_write = store.keep_written(
        HUB, "shoppingCart", {"": None, "line": {"written": {"note": "Hi"}}}, None
    )
    rows.save(*janes_write, *guests_write)
    both = {
        janes: {"": {"written": {"note": "Ring twice."}}},
        guests: {"line": {"written": {"note": "Hi"}}},
    }

    assert store.written(HUB, [janes, guests, "gone", None]) == both
    assert store.written(replace(SOMEBODY, customer_id="jane"), [janes, guests]) == both
    assert store.written(SOMEBODY, [janes, guests]) == {guests: both[guests]}
    assert store.written(HUB, []) == {}
    assert store.keep_written(HUB, "shoppingCart", {"": None}, None) == (None, [])


def test_a_migration_brings_its_ids_along_once() -> None:
    sent = {
        "name": "Jane",
        "engagedParty": {"id": "party-jane"},
        "origin": {"type": "migration", "system": "crm", "id": "batch-1"},
        "contactMedium": [home("Am Alten Hafen 4", id="medium-jane-home"), email("j@example.com", id="j@example.com")],
    }

    row, replayed = open_new(HUB, CUSTOMER, sent, id_="customer-jane")

    assert (row["id"], replayed) == ("customer-jane", False)
    assert row["body"]["origin"] == sent["origin"]
    kept, made = (medium["id"] for medium in row["body"]["contactMedium"])
    assert kept == "medium-jane-home"
    assert made != "j@example.com", "an id travels, so it must not say who"
    with pytest.raises(RuleBroken, match="already"):
        open_new(HUB, CUSTOMER, sent, id_="customer-jane")


def between(monkeypatch: pytest.MonkeyPatch, name: str, act: Callable[[], Answer]) -> None:
    """Lets somebody else act once, right after the next read by the store's function of that name."""
    read = getattr(store, name)

    def and_then(*asked: Any, **more: Any) -> Any:
        row = read(*asked, **more)
        monkeypatch.setattr(store, name, read)
        assert act().status < 300
        return row

    monkeypatch.setattr(store, name, and_then)


def test_two_who_change_one_customer_at_once_do_not_undo_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    jane = new_customer()
    between(monkeypatch, "load", lambda: BEN.patch(jane["href"], {"name": "first"}))

    second = BEN.patch(jane["href"], {"statusReason": "second"})

    assert (second.status, second.body["details"]) == (409, {"currentVersion": "2"})
    assert BEN.get(jane["href"]).body["name"] == "first"


def test_what_is_deleted_while_somebody_changes_it_stays_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    jane = new_customer()
    between(monkeypatch, "load", lambda: BEN.delete(jane["href"]))

    assert BEN.patch(jane["href"], {"name": "second"}).status == 404
    assert [item["sk"]["S"] for item in stored().values()] == ["individual"]


def test_a_party_that_is_deleted_while_it_becomes_a_customer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    party = BEN.post(INDIVIDUALS, {"givenName": "Jane", "familyName": "Keller"}).body
    between(monkeypatch, "party", lambda: BEN.delete(party["href"]))

    refused = BEN.post(CUSTOMERS, {"name": "Jane", "engagedParty": {"id": party["id"]}})

    assert (refused.status, refused.body["code"]) == (409, "partyUnknown")
    assert stored() == {}


@pytest.mark.parametrize("referred", ["Individual", "Organization", "Employee"])
def test_a_customer_may_be_somebody_who_is_kept_elsewhere(referred: str) -> None:
    engaged = {"id": "E-1", "@referredType": referred}

    made = BEN.post(CUSTOMERS, {"name": "Jane", "engagedParty": engaged, "status": "validated"})

    assert (made.body["engagedParty"], made.body["status"]) == (engaged, "validated")


def test_a_medium_that_ended_by_itself_is_found_no_more() -> None:
    soon = clock.text(datetime.now(UTC) + timedelta(seconds=-1))
    jane = new_customer(mobile("01713920022", verified=True, validFor={"endDateTime": soon}))

    assert BEN.get(CUSTOMERS, contactMedium__characteristic__phoneNumber="01713920022").body == []
    assert themselves(jane).get(jane["href"]).body["contactMedium"] == []
    assert store.reach(HUB, jane["id"]) == Reach("de", None)


def test_the_fields_that_are_asked_for() -> None:
    jane = new_customer()

    told = BEN.send("GET", jane["href"], query="fields=name").body

    assert told == {"id": jane["id"], "href": jane["href"], "@type": "Customer", "name": "Jane Keller"}
