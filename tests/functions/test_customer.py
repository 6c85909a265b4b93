"""Customers, parties and billing accounts over HTTP, on moto; every answer has passed the strict check."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.events import happened
from functions.shared import rows
from tests.functions.customer_fixtures import (
    ACCOUNTS,
    BEN,
    CUSTOMERS,
    GUEST,
    INDIVIDUALS,
    OLGA,
    ORGANIZATIONS,
    PARTNER,
    SAM,
    Json,
    Person,
    customer_table,
    email,
    home,
    identifiers,
    mobile,
    new_account,
    new_customer,
    stored,
    themselves,
)

ELSEWHERE = {"id": "party-of-the-crm"}  # an engaged party that is kept in another system
JANE = {"givenName": "Jane", "familyName": "Keller"}


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    with customer_table(monkeypatch) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "sent", "added", "patch", "after"),
    [
        (
            CUSTOMERS,
            {"name": "Jane Keller", "engagedParty": ELSEWHERE},
            {"status": "active", "preferredLanguage": "de", "brand": "nova", "account": []},
            {"name": "Jane Winter", "statusReason": "married"},
            {"name": "Jane Winter", "statusReason": "married", "status": "active"},
        ),
        (
            INDIVIDUALS,
            {**JANE, "birthDate": "1990-04-01T00:00:00Z"},
            {**JANE, "birthDate": "1990-04-01T00:00:00Z", "status": "initialized"},
            {"status": "validated", "birthDate": None},
            {**JANE, "status": "validated"},
        ),
        (
            ORGANIZATIONS,
            {"tradingName": "Holzwerk", "isLegalEntity": True},
            {"tradingName": "Holzwerk", "isLegalEntity": True, "status": "initialized"},
            {"name": "Holzwerk Lindner GmbH"},
            {"name": "Holzwerk Lindner GmbH", "tradingName": "Holzwerk", "status": "initialized"},
        ),
    ],
    ids=["customer", "individual", "organization"],
)
def test_each_kind_is_made_read_changed_and_deleted(
    path: str, sent: Json, added: Json, patch: Json, after: Json
) -> None:
    made = BEN.post(path, sent)
    assert made.status == 201
    assert made.headers["Location"] == made.body["href"] == f"{path}/{made.body['id']}"
    assert made.version == '"1"'
    assert made.body.items() >= added.items()

    read = BEN.get(made.body["href"])
    assert (read.status, read.body, read.version) == (200, made.body, made.version)

    changed = BEN.patch(made.body["href"], patch, If_Match=made.version)
    assert (changed.status, changed.version) == (200, '"2"')
    assert changed.body.items() >= after.items()
    assert [name for name, value in patch.items() if value is None and name in changed.body] == []

    assert BEN.delete(made.body["href"], If_Match='"1"').status == 409
    gone = BEN.delete(made.body["href"])
    assert (gone.status, gone.body) == (204, None)
    assert BEN.get(made.body["href"]).status == 404
    assert stored() == {}


def test_a_billing_account_is_its_customers_from_opening_to_deleting() -> None:
    jane = new_customer()
    account = new_account(jane, name="Konto Jane", cycleDay=15)

    assert account.items() >= {"name": "Konto Jane", "cycleDay": 15, "currency": "EUR", "state": "active"}.items()
    assert [(party["role"], party["id"]) for party in account["relatedParty"]] == [
        ("owner", jane["engagedParty"]["id"]),
        ("payer", jane["engagedParty"]["id"]),
    ]
    (named,) = BEN.get(jane["href"]).body["account"]
    assert named.items() >= {"id": account["id"], "name": "Konto Jane", "state": "active"}.items()

    BEN.patch(account["href"], {"name": "Haushalt"})
    assert BEN.get(jane["href"]).body["account"][0]["name"] == "Haushalt"

    refused = BEN.delete(jane["href"])
    assert (refused.status, refused.body["code"]) == (409, "accountsOpen")
    assert BEN.delete(account["href"]).status == 204
    assert BEN.get(jane["href"]).body["account"] == []
    assert BEN.delete(jane["href"]).status == 204
    assert [item["sk"]["S"] for item in stored().values()] == ["individual"]


def test_a_closed_account_stays_but_is_no_longer_the_one_that_is_billed(calls: list[str]) -> None:
    jane = new_customer()
    first, second = new_account(jane), new_account(jane, relatedParty=[{"id": "her-employer", "role": "payer"}])
    assert [party["role"] for party in second["relatedParty"]] == ["payer", "owner"]

    closed = BEN.patch(first["href"], {"state": "closed"})

    assert closed.body["state"] == "closed"
    assert [a["state"] for a in BEN.get(jane["href"]).body["account"]] == ["closed", "active"]
    assert BEN.patch(first["href"], {"state": "active"}).body["code"] == "wrongState"


def test_staff_choose_the_default_account_but_drop_none_by_leaving_it_out() -> None:
    jane = new_customer()
    first, second = new_account(jane), new_account(jane)
    held = BEN.get(jane["href"]).body["account"]

    turned = BEN.patch(jane["href"], {"account": [*reversed(held), {"id": "4711", "name": "old billing"}]})

    assert [each["id"] for each in turned.body["account"]] == [second["id"], first["id"], "4711"]
    assert BEN.patch(jane["href"], {"account": [{"id": first["id"]}]}).body["code"] == "accountsOpen"
    assert [each["id"] for each in BEN.get(CUSTOMERS, account__id="4711").body] == [jane["id"]]


def test_nothing_is_asked_twice_a_customer_takes_over_what_the_party_said() -> None:
    languages = [
        {"languageCode": "de", "isFavouriteLanguage": False},
        {"languageCode": "en", "isFavouriteLanguage": True},
    ]
    media = [email("jane@example.com", verified=True), home("Am Alten Hafen 4")]
    party = BEN.post(INDIVIDUALS, {**JANE, "languageAbility": languages, "contactMedium": media}).body

    jane = BEN.post(CUSTOMERS, {"name": "Jane", "engagedParty": {"id": party["id"], "name": "Jane"}}).body

    assert jane["preferredLanguage"] == "en"
    assert jane["contactMedium"] == party["contactMedium"]
    assert jane["engagedParty"] == {"id": party["id"], "href": party["href"], "@referredType": "Individual"}
    (of,) = BEN.get(party["href"]).body["relatedParty"]
    assert (of["id"], of["role"]) == (jane["id"], "customer")
    assert [
        each["id"] for each in BEN.get(CUSTOMERS, contactMedium__characteristic__emailAddress="jane@example.com").body
    ] == [jane["id"]]


def test_a_party_is_one_customer_and_free_again_when_that_is_deleted() -> None:
    jane = new_customer()
    again = {"name": "Jane once more", "engagedParty": jane["engagedParty"]}

    refused = BEN.post(CUSTOMERS, again)

    assert (refused.status, refused.body["code"]) == (409, "partyTaken")
    assert refused.body["details"] == {"customer": jane["id"]}
    assert BEN.delete(jane["engagedParty"]["href"]).body["code"] == "partyTaken"
    assert BEN.delete(jane["href"]).status == 204
    assert BEN.post(CUSTOMERS, again).status == 201


@pytest.mark.parametrize("medium", [email("Jane@Example.com"), mobile("0171 392 00 22")])
def test_a_verified_identifier_is_one_customers_only(medium: Json) -> None:
    jane = new_customer({**medium, "verified": True})
    before = stored()

    refused = BEN.post(
        CUSTOMERS, {"name": "X", "engagedParty": ELSEWHERE, "contactMedium": [{**medium, "verified": True}]}
    )

    assert (refused.status, refused.body["code"]) == (409, "identifierTaken")
    assert refused.body["details"] == {"customer": jane["id"]}
    assert stored() == before

    unverified = new_customer(medium)
    assert unverified["contactMedium"][0]["verified"] is False
    (held,) = unverified["contactMedium"]
    assert BEN.patch(unverified["href"], {"contactMedium": [{**held, "verified": True}]}).status == 409


def test_what_a_customer_says_is_verified_is_not_and_claims_nothing() -> None:
    jane, luca = new_customer(email("jane@example.com")), new_customer()
    theirs = themselves(luca).patch(luca["href"], {"contactMedium": [email("jane@example.com", verified=True)]})
    assert theirs.body["contactMedium"][0]["verified"] is False

    mail = BEN.get(jane["href"]).body["contactMedium"][0]
    verified = OLGA.patch(jane["href"], {"contactMedium": [{**mail, "verified": True}]})

    assert (verified.status, verified.body["contactMedium"][0]["id"]) == (200, mail["id"])
    assert identifiers() == {"email:jane@example.com"}
    kept = themselves(jane).patch(jane["href"], {"contactMedium": [email("jane@example.com"), mobile("0171 1")]})
    assert [(m["verified"], m["id"] == mail["id"]) for m in kept.body["contactMedium"]] == [
        (True, True),
        (False, False),
    ]


def test_an_identifier_that_is_given_up_is_free_for_the_next() -> None:
    jane = new_customer(mobile("+491713920022", verified=True))
    assert identifiers() == {"msisdn:+491713920022"}

    moved = BEN.patch(jane["href"], {"contactMedium": [mobile("+491713920023", verified=True)]})

    assert moved.status == 200
    assert identifiers() == {"msisdn:+491713920023"}
    new_customer(mobile("+491713920022", verified=True))
    BEN.delete(jane["href"])
    assert identifiers() == {"msisdn:+491713920022"}


def test_an_altered_medium_is_unverified_however_it_is_sent() -> None:
    jane = new_customer(email("jane@example.com", verified=True))
    (mail,) = jane["contactMedium"]
    altered = {**mail, "characteristic": {"emailAddress": "jane@example.org"}}

    after = BEN.patch(jane["href"], {"contactMedium": [altered]}).body["contactMedium"]

    assert [(m["characteristic"]["emailAddress"], m["verified"]) for m in after] == [
        ("jane@example.org", False),
        ("jane@example.com", True),
    ]
    assert after[0]["id"] != after[1]["id"] == mail["id"]
    assert "endDateTime" in after[1]["validFor"]
    assert identifiers() == set()


@pytest.mark.parametrize(
    "filters",
    [
        {"contactMedium__characteristic__emailAddress": "JANE@example.com"},
        {"contactMedium__characteristic__phoneNumber": "+491713920022"},
        {"contactMedium__characteristic__phoneNumber": "0049 171 392 00 22"},
        {"contactMedium__characteristic__phoneNumber": "0171-3920022"},
        {"externalReference__id": "K-1", "externalReference__system": "crm"},
        {"account__id": "<account>"},
        {"account__id": "<account>", "contactMedium__characteristic__emailAddress": "jane@example.com"},
    ],
)
def test_a_customer_is_found_by_each_identifier(filters: dict[str, str], calls: list[str]) -> None:
    jane = new_customer(
        email("jane@example.com", verified=True),
        mobile("+491713920022", verified=True),
        externalReference=[{"system": "crm", "type": "customer", "id": "K-1"}],
    )
    account = new_account(jane)
    new_customer(email("other@example.com", verified=True))
    calls.clear()

    found = BEN.get(CUSTOMERS, **{name: value.replace("<account>", account["id"]) for name, value in filters.items()})

    assert [each["id"] for each in found.body] == [jane["id"]]
    assert found.headers["X-Total-Count"] == "1"
    assert calls == ["GetItem", "GetItem", "PutItem"]  # the last puts the agent's look on record


def test_parties_and_accounts_are_found_through_their_customer(calls: list[str]) -> None:
    jane = new_customer(email("jane@example.com", verified=True))
    account = new_account(jane, externalReference=[{"system": "billing", "id": "77"}])
    mail = {"contactMedium__characteristic__emailAddress": "jane@example.com"}
    calls.clear()

    for path, filters, found in [
        (INDIVIDUALS, mail, jane["engagedParty"]["id"]),
        (INDIVIDUALS, {"relatedParty__id": jane["id"]}, jane["engagedParty"]["id"]),
        (ORGANIZATIONS, mail, None),
        (ACCOUNTS, {"customer__id": jane["id"]}, account["id"]),
        (ACCOUNTS, {"externalReference__id": "77", "externalReference__system": "billing"}, account["id"]),
        (ACCOUNTS, {"externalReference__id": "78", "externalReference__system": "billing"}, None),
        (CUSTOMERS, {"externalReference__id": "77", "externalReference__system": "billing"}, None),
    ]:
        assert [each["id"] for each in BEN.get(path, **filters).body] == ([found] if found else []), (path, filters)
        assert len(calls) <= 4  # three to find it, one to put it on record
        calls.clear()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("nam=Jane", "did you mean name?"),
        ("externalReference.id=K-1", "externalReference.system"),
        ("externalReference.system=crm", "externalReference.id"),
    ],
)
def test_a_search_that_names_nobody_is_told_how(query: str, says: str) -> None:
    refused = BEN.send("GET", CUSTOMERS, query=query)

    assert refused.status == 400
    assert says in refused.body["reason"]


@pytest.mark.parametrize(
    "query",
    [
        "account.id=",
        "account.id=" + "x" * 5000,
        "contactMedium.characteristic.phoneNumber=hello",
        "contactMedium.characteristic.emailAddress=@",
        "externalReference.id=%00&externalReference.system=%F0%9F",
    ],
)
def test_a_search_for_what_nobody_can_have_finds_nobody(query: str) -> None:
    assert BEN.send("GET", CUSTOMERS, query=query).body == []


@pytest.mark.parametrize(("path", "query"), [(ACCOUNTS, "customer.id="), (INDIVIDUALS, "relatedParty.id=")])
def test_an_empty_name_is_nobodys(path: str, query: str) -> None:
    assert BEN.send("GET", path, query=query).body == []


def test_an_external_reference_is_unique_in_its_system() -> None:
    reference = {"system": "crm", "type": "customer", "id": "K-1"}
    jane = new_customer(externalReference=[reference])
    body = {"name": "X", "engagedParty": ELSEWHERE}

    assert BEN.post(CUSTOMERS, {**body, "externalReference": [reference]}).body["code"] == "identifierTaken"
    assert BEN.post(CUSTOMERS, {**body, "externalReference": [{**reference, "system": "erp"}]}).status == 201
    assert new_account(jane, externalReference=[reference])["externalReference"] == [reference]
    assert SAM.post(CUSTOMERS, {**body, "externalReference": [reference]}).status == 201


def test_a_repeated_post_makes_one_customer_and_answers_the_same(calls: list[str]) -> None:
    party = BEN.post(INDIVIDUALS, JANE, Idempotency_Key="party-1")
    body = {
        "name": "Jane",
        "engagedParty": {"id": party.body["id"]},
        "contactMedium": [email("j@x.org", verified=True)],
    }
    first = BEN.post(CUSTOMERS, body, Idempotency_Key="k-1")
    account = BEN.post(ACCOUNTS, {"customer": {"id": first.body["id"]}}, Idempotency_Key="a-1")
    count = len(stored())
    calls.clear()

    again = BEN.post(CUSTOMERS, body, Idempotency_Key="k-1")
    assert len(calls) == 4
    assert (again.status, again.body["id"]) == (201, first.body["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    for path, sent, key, made in [
        (INDIVIDUALS, JANE, "party-1", party),
        (ACCOUNTS, {"customer": {"id": first.body["id"]}}, "a-1", account),
    ]:
        replayed = BEN.post(path, sent, Idempotency_Key=key)
        assert (replayed.body["id"], replayed.headers["Idempotent-Replayed"]) == (made.body["id"], "true")
    assert BEN.post(CUSTOMERS, {**body, "name": "J"}, Idempotency_Key="k-1").status == 422
    assert len(stored()) == count


@pytest.mark.parametrize("path", ["customer", "party", "account"])
def test_a_change_of_an_older_version_is_refused_with_the_current_one(path: str) -> None:
    jane = new_customer()
    href = {"customer": jane["href"], "party": jane["engagedParty"]["href"], "account": new_account(jane)["href"]}[path]
    read = BEN.get(href)
    changed = BEN.patch(href, {"relatedParty": []}, If_Match=read.version)

    for stale in (read.version, '"x"'):
        refused = BEN.patch(href, {"relatedParty": []}, If_Match=stale)
        assert (refused.status, refused.body["code"]) == (409, "changedMeanwhile")
        assert refused.body["details"] == {"currentVersion": changed.version.strip('"')}
    assert BEN.patch(href, {"relatedParty": []}).status == 200


CHANGES: dict[str, Any] = {
    "customer": {"name": "J"},
    "party": {"givenName": "J"},
    "account": {"name": "J"},
}


def theirs(jane: Json) -> dict[str, str]:
    return {"customer": jane["href"], "party": jane["engagedParty"]["href"], "account": new_account(jane)["href"]}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize(
    ("who", "reads", "changes", "deletes"),
    [
        ("agent", 200, 200, (204, 409)),
        ("operator", 200, 200, (204, 409)),
        ("themselves", 200, 200, (403,)),
        ("another customer", 404, 404, (403,)),
        ("another brand", 404, 404, (404,)),
        ("partner", 403, 403, (403,)),
        ("guest", 403, 403, (403,)),
    ],
)
def test_who_may_read_and_change(kind: str, who: str, reads: int, changes: int, deletes: tuple[int, ...]) -> None:
    jane = new_customer()
    href = theirs(jane)[kind]
    person = {
        "agent": BEN,
        "operator": OLGA,
        "themselves": themselves(jane),
        "another customer": themselves(new_customer()),
        "another brand": SAM,
        "partner": PARTNER,
        "guest": GUEST,
    }[who]

    assert person.get(href).status == reads
    assert person.patch(href, CHANGES[kind]).status == changes
    assert person.delete(href).status in deletes
    collection = href.rpartition("/")[0]
    created = person.post(collection, {})
    assert created.status == (400 if who in ("agent", "operator", "another brand") else 403)


def test_what_is_anothers_and_what_is_missing_look_the_same() -> None:
    jane, other = new_customer(), themselves(new_customer())
    nobodys = BEN.post(INDIVIDUALS, JANE).body["href"]

    for href in [*theirs(jane).values(), nobodys]:
        missing = f"{href.rpartition('/')[0]}/{'0' * 32}"
        assert other.get(href) == other.get(missing)
        assert other.patch(href, {}) == other.patch(missing, {})
        assert other.get(href).status == 404
    assert other.get(f"{CUSTOMERS}/{'x' * 3000}").status == 404


def test_a_customer_lists_what_is_their_own() -> None:
    jane = new_customer(email("jane@example.com", verified=True))
    account, other = new_account(jane), new_customer(email("other@example.com", verified=True))
    new_account(other)
    me = themselves(jane)

    assert [each["id"] for each in me.get(CUSTOMERS).body] == [jane["id"]]
    assert [each["id"] for each in me.get(INDIVIDUALS).body] == [jane["engagedParty"]["id"]]
    assert me.get(ORGANIZATIONS).body == []
    assert [each["id"] for each in me.get(ACCOUNTS).body] == [account["id"]]
    assert me.get(ACCOUNTS, customer__id=other["id"]).body["code"] == "otherCustomer"
    assert me.get(CUSTOMERS, contactMedium__characteristic__emailAddress="other@example.com").body == []
    assert len(me.get(CUSTOMERS, contactMedium__characteristic__emailAddress="jane@example.com").body) == 1
    assert Person("nova-web", "customer").get(CUSTOMERS).body["code"] == "noCustomer"


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("customer", {"status": "closed"}),
        ("customer", {"account": []}),
        ("customer", {"externalReference": [{"system": "crm", "id": "1"}]}),
        ("customer", {"relatedParty": [{"id": "x", "role": "administrator"}]}),
        ("party", {"status": "validated"}),
        ("party", {"individualIdentification": [{"identificationId": "L01X"}]}),
        ("account", {"state": "suspended"}),
        ("account", {"cycleDay": 3}),
        ("account", {"relatedParty": [{"id": "x", "role": "payer"}]}),
    ],
)
def test_what_only_staff_changes(kind: str, patch: Json) -> None:
    jane = new_customer()
    href = theirs(jane)[kind]

    refused = themselves(jane).patch(href, patch)

    assert (refused.status, refused.body["code"]) == (403, "staffOnly")
    assert next(iter(patch)) in refused.body["reason"]
    assert BEN.patch(href, patch).status == (409 if "account" in patch else 200)


@pytest.mark.parametrize("kind", ["customer", "party", "account"])
def test_a_customer_may_send_back_all_of_what_they_read(kind: str) -> None:
    jane = new_customer(email("jane@example.com", verified=True), externalReference=[{"system": "crm", "id": "1"}])
    me, href = themselves(jane), theirs(jane)[kind]
    read = me.get(href).body
    again = {name: value for name, value in read.items() if name not in ("id", "href", "@type")}

    changed = me.patch(href, again)

    assert (changed.status, changed.body) == (200, read)


BAD: list[tuple[str, str, Any, str]] = [
    ("POST", CUSTOMERS, "{", "not JSON"),
    ("POST", CUSTOMERS, "[]", "must be a JSON object"),
    ("POST", CUSTOMERS, '{"name": "a", "name": "b"}', "given twice"),
    ("POST", CUSTOMERS, {"name": "Jane"}, "needs engagedParty"),
    ("POST", CUSTOMERS, {"name": 1, "engagedParty": ELSEWHERE}, "name must be text"),
    ("POST", CUSTOMERS, {"name": "J", "engagedParty": ELSEWHERE, "id": "me"}, "id is set by the hub"),
    ("POST", CUSTOMERS, {"name": "J", "engagedParty": ELSEWHERE, "nickname": "x"}, "nickname is not an attribute"),
    ("POST", CUSTOMERS, {"name": "J", "engagedParty": ELSEWHERE, "contactMedium": [{}]}, "needs characteristic"),
    (
        "POST",
        CUSTOMERS,
        {"name": "J", "engagedParty": ELSEWHERE, "contactMedium": [email("nowhere", verified=True)]},
        "verified e-mail address",
    ),
    (
        "POST",
        CUSTOMERS,
        {"name": "J", "engagedParty": ELSEWHERE, "contactMedium": [mobile("110", verified=True)]},
        "verified phone number",
    ),
    ("POST", CUSTOMERS, {"name": "J", "engagedParty": ELSEWHERE, "account": [{"name": "x"}]}, "named by its id"),
    ("POST", CUSTOMERS, {"name": "J", "engagedParty": ELSEWHERE, "externalReference": [{"id": "1"}]}, "short name"),
    (
        "POST",
        CUSTOMERS,
        {"name": "J", "engagedParty": ELSEWHERE, "characteristic": [{"name": "a", "value": "x" * 9999}] * 40},
        "more than 300 KB",
    ),
    ("POST", INDIVIDUALS, {"givenName": "Jane"}, "needs familyName"),
    ("POST", INDIVIDUALS, {**JANE, "status": "alive"}, "status must be one of"),
    ("POST", ORGANIZATIONS, {"name": "Holzwerk"}, "needs tradingName"),
    ("POST", ACCOUNTS, {"customer": {"id": "<jane>"}, "href": "/x"}, "href is set by the hub"),
    ("POST", ACCOUNTS, {"customer": {"id": "<jane>"}, "currency": "Euro"}, "three capital letters"),
    ("POST", ACCOUNTS, {"customer": {"id": "<jane>"}, "cycleDay": 32}, "from 1 to 31"),
    ("PATCH", CUSTOMERS, {"id": "x"}, "id cannot be changed"),
    ("PATCH", CUSTOMERS, {"@type": "Customer"}, "@type cannot be changed"),
    ("PATCH", CUSTOMERS, {"name": None}, "needs name"),
    ("PATCH", CUSTOMERS, {"engagedParty": {"id": "somebody else"}}, "engagedParty cannot be changed"),
    ("PATCH", CUSTOMERS, {"engagedParty": None}, "engagedParty cannot be changed"),
    ("PATCH", CUSTOMERS, {"origin": {"type": "migration"}}, "origin cannot be changed"),
    ("PATCH", CUSTOMERS, {"contactMedium": {}}, "contactMedium must be a list"),
    ("PATCH", CUSTOMERS, {"contactMedium": [None]}, "must be an object"),
    ("PATCH", ACCOUNTS, {"href": "x"}, "href cannot be changed"),
    ("PATCH", ACCOUNTS, {"currency": "CHF"}, "currency cannot be changed"),
    ("PATCH", ACCOUNTS, {"customer": {"id": "x"}}, "customer cannot be changed"),
    ("PATCH", ACCOUNTS, {"cycleDay": None}, "from 1 to 31"),
    ("PATCH", ACCOUNTS, {"cycleDay": True}, "must be an integer"),
]


@pytest.mark.parametrize(("method", "path", "body", "says"), BAD)
def test_a_bad_request_is_told_what_is_wrong_and_changes_nothing(method: str, path: str, body: Any, says: str) -> None:
    jane = new_customer()
    href = {CUSTOMERS: jane["href"], ACCOUNTS: new_account(jane)["href"]}.get(path, path) if method == "PATCH" else path
    if isinstance(body, dict) and body.get("customer") == {"id": "<jane>"}:
        body = {**body, "customer": {"id": jane["id"]}}
    before = stored()

    refused = BEN.send(method, href, body)

    assert (refused.status, says in refused.body["reason"]) == (400, True), refused.text
    assert stored() == before


def test_an_account_is_opened_for_a_customer_of_the_brand() -> None:
    jane = new_customer()

    assert BEN.post(ACCOUNTS, {}).body["code"] == "customerMissing"
    for caller, customer in [(BEN, "nobody"), (SAM, jane["id"])]:
        refused = caller.post(ACCOUNTS, {"customer": {"id": customer}})
        assert (refused.status, refused.body["code"]) == (409, "customerUnknown")


def test_a_closed_customer_gets_no_account_and_can_come_back() -> None:
    jane = new_customer()
    assert BEN.patch(jane["href"], {"status": "sleeping"}).body["code"] == "wrongState"
    assert BEN.patch(jane["href"], {"status": "closed", "statusReason": "moved away"}).status == 200

    assert BEN.post(ACCOUNTS, {"customer": {"id": jane["id"]}}).body["code"] == "customerClosed"
    assert BEN.patch(jane["href"], {"status": "active"}).body["status"] == "active"


def test_more_identifiers_than_a_transaction_holds_are_refused() -> None:
    references = [{"system": "crm", "id": str(number)} for number in range(91)]
    body = {"name": "J", "engagedParty": ELSEWHERE}

    assert BEN.post(CUSTOMERS, {**body, "externalReference": references}).body["code"] == "tooManyIdentifiers"
    many = BEN.post(CUSTOMERS, {**body, "externalReference": references[:60]}).body
    others = [{"system": "erp", "id": str(number)} for number in range(60)]
    assert BEN.patch(many["href"], {"externalReference": others}).body["code"] == "tooManyIdentifiers"
    assert BEN.patch(many["href"], {"externalReference": others[:30]}).status == 200


def test_each_write_is_one_call_beside_its_record_and_few_take_more_than_four(calls: list[str]) -> None:
    writes = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}

    def made(answer: Any, most: int = 4) -> Json:
        assert answer.status < 300, answer.text
        assert len(calls) <= most, calls
        writing = [call for call in calls if call in writes]
        assert len(writing) == 1 or writing[1:] == ["PutItem"], calls
        calls.clear()
        return answer.body or {}

    party = made(BEN.post(INDIVIDUALS, JANE, Idempotency_Key="1"))
    media = [email("jane@example.com", verified=True), mobile("01713920022", verified=True)]
    sent = {"name": "Jane", "engagedParty": {"id": party["id"]}, "contactMedium": media}
    jane = made(BEN.post(CUSTOMERS, sent, Idempotency_Key="2"))
    account = made(BEN.post(ACCOUNTS, {"customer": {"id": jane["id"]}}, Idempotency_Key="3"))
    made(BEN.patch(jane["href"], {"contactMedium": []}))
    made(BEN.patch(party["href"], {"nationality": "DE"}))
    made(BEN.patch(account["href"], {"name": "Konto"}))
    made(BEN.delete(account["href"]))
    made(BEN.delete(jane["href"]), most=6)  # it looks for grants and for what was written, which go with her
    made(BEN.delete(party["href"]))


def test_every_row_says_whose_and_why_and_no_event_tells_who() -> None:
    media = [email("jane.keller@example.com", verified=True), home("Am Alten Hafen 4")]
    party = BEN.post(INDIVIDUALS, {**JANE, "contactMedium": media}).body
    engaged = {"id": party["id"], "name": "Jane Keller"}
    jane = BEN.post(CUSTOMERS, {"name": "Jane Keller", "engagedParty": engaged}, Idempotency_Key="k").body
    new_account(jane, name="Konto Keller")
    every = {"pk", "sk", "type", "id", "version", "at", "by", "channel", "correlation_id", "schema", "brand", "market"}

    for item in stored().values():
        row = rows.unpacked(item)
        assert every <= row.keys()
        assert row["pk"].startswith("nova#")
        if row["type"] in ("customer", "billingAccount"):
            assert row["body"].keys() >= {"origin", "externalReference"}
        event = happened.event(None, row)
        assert (event is None) == (row["type"] in ("identifier", "key"))
        assert not any(word in str(event) for word in ("Keller", "keller", "Hafen"))
