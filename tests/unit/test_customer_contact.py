"""Contact media: immutable, ended instead of lost, and chosen for a purpose."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.customer import contact
from functions.shared.errors import RuleBroken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Json = dict[str, Any]


def home(street: str, **more: Any) -> Json:
    said = {"street1": street, "city": "Musterstadt", **more.pop("said", {})}
    return {"mediumType": "postalAddress", "characteristic": said, **more}


def mail(address: str, **more: Any) -> Json:
    return {"mediumType": "email", "characteristic": {"emailAddress": address}, **more}


def merged(held: list[Json], sent: list[Json], as_of: datetime = NOW, *, trusted: bool = False) -> list[Json]:
    return contact.merged(held, sent, as_of, trusted=trusted)


def ids(media: list[Json]) -> list[str]:
    return [medium["id"] for medium in media]


def test_a_new_medium_gets_an_id_a_start_and_is_unverified() -> None:
    (medium,) = merged([], [mail("a@example.com", id="mine", verified=True)])

    assert medium["id"] != "mine"
    assert medium["verified"] is False
    assert medium["validFor"] == {"startDateTime": "2026-03-01T12:00:00.000Z"}


def test_trusted_senders_bring_ids_and_say_what_is_verified() -> None:
    first, second, third = merged(
        [], [mail("a@x.org", id="m1", verified=True), home("A 1", id="m1"), home("B 2", id="b@x.org")], trusted=True
    )

    assert (first["id"], first["verified"]) == ("m1", True)
    assert second["id"] not in ("m1", "")
    assert third["id"] != "b@x.org"


@pytest.mark.parametrize("named", [True, False])
def test_what_says_the_same_stays_the_same(*, named: bool) -> None:
    held = merged([], [mail("a@x.org"), home("A 1")])
    sent = held if named else [mail("a@x.org"), home("A 1")]

    assert ids(merged(held, sent, NOW + DAY)) == ids(held)
    assert merged(held, held, NOW + DAY) == held


def test_what_is_left_out_or_altered_ends_and_stays() -> None:
    held = merged([], [mail("a@x.org"), home("A 1")])

    after = merged(held, [{**held[0], "characteristic": {"emailAddress": "b@x.org"}}], NOW + DAY)

    assert ids(after)[1:] == ids(held)
    assert [medium["validFor"].get("endDateTime") for medium in after] == [None, *["2026-03-02T12:00:00.000Z"] * 2]
    assert merged(after, after[:1], NOW + 2 * DAY) == after


def test_what_has_ended_is_not_revived_but_entered_anew() -> None:
    ended = merged(merged([], [home("A 1")]), [], NOW + DAY)

    assert merged(ended, ended, NOW + 2 * DAY) == ended, "sent back as it was read, it stays ended"
    fresh, old = merged(ended, [{**ended[0], "validFor": {}}], NOW + 2 * DAY)
    assert (old, fresh["id"] != old["id"]) == (ended[0], True)


def test_only_who_is_trusted_verifies_what_is_there() -> None:
    held = merged([], [mail("a@x.org")])
    sent = [{**held[0], "verified": True}]

    assert merged(held, sent)[0]["verified"] is False
    verified = merged(held, sent, trusted=True)
    assert verified[0]["verified"] is True
    assert merged(verified, [mail("a@x.org")])[0]["verified"] is True
    assert merged(verified, [{**verified[0], "verified": False}])[0]["verified"] is True


def test_the_past_is_bounded() -> None:
    held = merged([], [home(f"A {number}") for number in range(contact.MEDIA)])

    with pytest.raises(RuleBroken, match="At most 100"):
        merged(held, [home("B 1")])


STARTED = {"validFor": {"startDateTime": "2026-02-01T00:00:00Z"}}
EARLIER = {"validFor": {"startDateTime": "2025-02-01T00:00:00+01:00"}}
PAST = {"validFor": {"endDateTime": "2026-03-01T12:00:00Z"}}
FUTURE = {"validFor": {"startDateTime": "2026-03-01T12:00:00.001Z"}}


@pytest.mark.parametrize(
    ("media", "chosen"),
    [
        ([], []),
        ([mail("a@x.org", id="1")], []),
        ([home("A", id="1")], ["1", "1", "1"]),
        ([home("A", id="1", **PAST), home("B", id="2", **FUTURE)], []),
        ([home("A", id="1", **STARTED), home("B", id="2", **EARLIER)], ["1", "1", "1"]),
        ([home("A", id="1"), home("B", id="2")], ["2", "2", "2"]),
        ([home("A", id="1", preferred=True), home("B", id="2", **STARTED)], ["1", "1", "1"]),
        ([home("A", id="1"), home("B", id="2", said={"contactType": "billing"}, **STARTED)], ["1", "1", "2"]),
        ([home("B", id="2", said={"contactType": "delivery"})], ["2", "2", "2"]),
    ],
)
def test_the_address_for_each_purpose(media: list[Json], chosen: list[str]) -> None:
    assert contact.places(media, NOW) == list(zip(contact.ROLES, chosen, strict=bool(chosen)))


def phone(number: str, kind: str, **more: Any) -> Json:
    return {"id": number, "mediumType": kind, "characteristic": {"phoneNumber": number}, **more}


@pytest.mark.parametrize(
    ("media", "order"),
    [
        ([phone("1", "phone"), phone("2", "mobile phone")], ["2", "1"]),
        ([phone("1", "mobile"), phone("2", "mobile", verified=True)], ["2", "1"]),
        ([phone("1", "mobile"), phone("2", "mobile", preferred=True)], ["2", "1"]),
        ([phone("1", "mobile", **PAST), mail("a@x.org")], []),
    ],
)
def test_the_numbers_best_for_an_sms_come_first(media: list[Json], order: list[str]) -> None:
    assert contact.phones(media, NOW) == order
