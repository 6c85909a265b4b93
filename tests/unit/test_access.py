"""Who is calling, from the credential alone, and what each role may do: the whole table, cell by cell."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as at_random
from hypothesis import strategies as st

from functions.shared import access, settings
from functions.shared.access import ALLOWED, ROLES, Caller, Role
from functions.shared.errors import Forbidden, NotSignedIn
from infra import channels

STEADY = at_random(derandomize=True, deadline=None, max_examples=60)
Json = dict[str, Any]
ISSUER = "https://issuer.example.com"

# One row per operation. a: anybody's, o: one's own, i: by an id nobody guesses, -: may not.
ROLES_ACROSS = ["operator", "agent", "partner", "customer", "guest"]
TABLE = """
catalog.read        a a a a a
catalog.write       a - - - -
catalog.publish     a - - - -
cart.create         a a i o i
cart.read           a a i o i
cart.list           a a - o -
cart.change         a a i o i
cart.delete         a a i o i
cart.merge          - a - o -
order.place         a a i o -
order.read          a a - o -
order.change        a a - o -
order.delete        a - - - -
order.cancel        a a - o -
customer.create     a a - - -
customer.read       a a - o -
customer.delete     a a - - -
customer.find       a a - - -
customer.change     a a - o -
customer.verify     a a - - -
hub.create          a - o - -
hub.read            a - o - -
hub.end             a - o - -
interaction.create  a a a o -
interaction.delete  a - - - -
interaction.read    a a - o -
product.read        a a - o -
product.write       a - - - -
"""
SCOPES = {"a": "any", "o": "own", "i": "open", "-": None}
CELLS = [
    (operation, role, SCOPES[cell])
    for operation, *cells in map(str.split, TABLE.strip().splitlines())
    for role, cell in zip(ROLES_ACROSS, cells, strict=True)
]


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """The channels as they are deployed, and one issuer."""
    token = settings.source.set({"CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER])})
    yield
    settings.source.reset(token)


def somebody(role: Role, customer: str | None = None) -> Caller:
    return Caller("nova", "DE", "web", role, "sub", "nova-web", "journey-1", customer_id=customer)


def test_the_table_here_names_every_operation_and_every_role() -> None:
    assert {operation for operation, _, _ in CELLS} == ALLOWED.keys()
    assert set(ROLES) == set(ROLES_ACROSS)


@pytest.mark.parametrize(("operation", "role", "scope"), CELLS)
def test_what_a_role_may_do(operation: str, role: Role, scope: str | None) -> None:
    caller = somebody(role, "jane")
    if scope is None:
        for ask in (lambda: caller.may(operation), lambda: caller.owns(operation, "jane")):
            with pytest.raises(Forbidden, match=f"The role {role} may not do this"):
                ask()
        return
    assert caller.may(operation) == scope
    owned = [caller.owns(operation, customer) for customer in ("jane", "tom", None)]
    assert owned == {"any": [True, True, True], "own": [True, False, True], "open": [False, False, True]}[scope]


@pytest.mark.parametrize("operation", sorted(ALLOWED))
def test_a_customer_whose_token_names_none_owns_nobodys(operation: str) -> None:
    if ALLOWED[operation].get("customer") == "own":
        assert not somebody("customer").owns(operation, "jane")
        assert not somebody("customer").owns(operation, "")


def claims(client: str = "nova-web", **more: Any) -> Json:
    known = {"iss": ISSUER, "token_use": "access", "client_id": client, "sub": "sub-1", "cognito:groups": "[customer]"}
    return {name: value for name, value in {**known, **more}.items() if value is not None}


def test_the_channel_brand_and_market_come_from_the_credential() -> None:
    caller = access.caller(claims("pico-shop", **{"cognito:groups": "[agent]"}, outlet="bern-3"), "journey-1")

    assert (caller.brand, caller.market, caller.channel, caller.setting) == ("pico", "CH", "shop", "onPremises")
    assert (caller.role, caller.subject, caller.outlet, caller.staff) == ("agent", "sub-1", "bern-3", True)
    assert (caller.correlation_id, caller.principal) == ("journey-1", "pico-shop/sub-1")


def test_a_customers_token_names_the_customer() -> None:
    caller = access.caller(claims(customer_id="jane"), "journey-1")
    assert (caller.customer_id, caller.role, caller.staff) == ("jane", "customer", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_use": "id"},
        {"token_use": None},
        {"iss": "https://elsewhere.example.com"},
        {"iss": None},
        {"iss": ISSUER + "/"},
        {"client_id": "nova-nothing"},
        {"client_id": None},
        {"client_id": ""},
    ],
    ids=str,
)
def test_a_token_that_is_none_of_ours_signs_nobody_in(wrong: Json) -> None:
    with pytest.raises(NotSignedIn):
        access.caller(claims(**wrong), "journey-1")


def test_no_claims_at_all_sign_nobody_in() -> None:
    with pytest.raises(NotSignedIn):
        access.caller({}, "journey-1")


@pytest.mark.parametrize(
    ("client", "groups", "scope", "role"),
    [
        ("nova-web", "[customer]", None, "customer"),
        ("nova-web", None, "omnihub/guest", "guest"),
        ("nova-web", "[customer]", "omnihub/guest openid", "customer"),
        ("nova-backoffice", "[agent operator]", None, "operator"),
        ("nova-backoffice", "[operator agent]", None, "operator"),
        ("nova-backoffice", "[agent, operator]", None, "operator"),
        ("nova-backoffice", "[agent]", "omnihub/operator", "operator"),
        ("nova-backoffice", "[agent]", None, "agent"),
        ("nova-partner", None, "omnihub/partner", "partner"),
        ("nova-shop", "[customer agent]", None, "agent"),
        ("nova-web", "[operator agent customer]", None, "customer"),
        ("nova-web", "[operator]", None, None),
        ("nova-web", "[agent]", "omnihub/operator", None),
        ("nova-selfcare", None, "omnihub/guest", None),
        ("nova-shop", "[customer]", None, None),
        ("nova-web", None, "guest", None),
        ("nova-web", None, "openid", None),
        ("nova-web", "[]", "", None),
        ("nova-web", None, None, None),
        ("nova-web", "[Customer]", None, None),
    ],
)
def test_the_strongest_role_that_the_channel_permits_counts(
    client: str, groups: str | None, scope: str | None, role: str | None
) -> None:
    sent = claims(client, **{"cognito:groups": groups}, scope=scope)
    if role:
        assert access.caller(sent, "journey-1").role == role
        return
    with pytest.raises(Forbidden) as refused:
        access.caller(sent, "journey-1")
    assert refused.value.code == "noRole"


WORDS = st.sampled_from([*ROLES_ACROSS, "admin", "everything", ""])


@STEADY
@given(st.sampled_from(sorted(channels.clients())), st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=3))
def test_no_token_is_more_than_its_channel_permits(client: str, groups: list[str], scopes: list[str]) -> None:
    sent = claims(client, **{"cognito:groups": f"[{' '.join(groups)}]"}, scope=" ".join(f"omnihub/{s}" for s in scopes))
    permitted = channels.KINDS[client.partition("-")[2]][1]
    held = {*groups, *scopes} & set(permitted)
    try:
        assert access.caller(sent, "journey-1").role == min(held, key=ROLES_ACROSS.index)
    except Forbidden:
        assert not held


def test_two_people_at_one_client_have_keys_of_their_own() -> None:
    first, second = (access.caller(claims(sub=sub), "journey-1").principal for sub in ("a", "b"))
    assert first != second


def test_the_hub_goes_on_with_the_journey_it_found() -> None:
    caller = access.hub({"brand": "pico", "market": "CH", "correlation_id": "journey-9"}, "fulfilment")
    assert (caller.brand, caller.market, caller.channel, caller.role) == ("pico", "CH", "hub", "operator")
    assert (caller.subject, caller.correlation_id, caller.staff) == ("fulfilment", "journey-9", True)
