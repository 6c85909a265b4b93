"""Who is calling, from the credential alone, and what each role may do: the whole table, cell by cell."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as at_random
from hypothesis import strategies as st

from functions.shared import access, settings
from functions.shared.access import ALLOWED, ROLES, Caller, Grant, Role, Thing
from functions.shared.errors import Forbidden, NotSignedIn
from infra import channels

STEADY = at_random(derandomize=True, deadline=None, max_examples=60)
Json = dict[str, Any]
ISSUER = "https://issuer.example.com"

ROLES_ACROSS = ["operator", "agent", "partner", "customer", "guest"]
CELLS = [(operation, role, roles.get(role)) for operation, roles in ALLOWED.items() for role in ROLES]
# scope -> the rows it opens to Jane, who sells for acme
OPENS = {
    "any": {"hers", "sold", "hers and sold", "nobody's", "tom's", "beneath", "far beneath", "above", "beside"},
    "own": {"hers", "hers and sold"},
    "sold": {"sold", "hers and sold"},
    "branch": {"sold", "hers and sold", "beneath", "far beneath"},
    "open": {"nobody's"},
    "own or open": {"hers", "hers and sold", "nobody's"},
}
ROWS: dict[str, Json] = {
    "hers": {"customer": "jane"},
    "sold": {"partner": "acme"},
    "hers and sold": {"customer": "jane", "partner": "acme"},
    "nobody's": {},
    "tom's": {"customer": "tom", "partner": "rival"},
    "beneath": {"partner": "kiosk", "above": ["acme", "north"]},
    "far beneath": {"customer": "tom", "partner": "stall", "above": ["kiosk", "acme", "north"]},
    "above": {"partner": "north"},
    "beside": {"partner": "rival", "above": ["north"]},
}


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """The channels as they are deployed, and one issuer."""
    token = settings.source.set({"CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER])})
    yield
    settings.source.reset(token)


def somebody(role: Role, customer: str | None = None, *granted: Grant, partner: str | None = None) -> Caller:
    def held(_: Caller, things: Any) -> list[Grant]:
        return [grant for grant in granted if things is None or grant.thing in things]

    return Caller(
        "nova",
        "DE",
        "web",
        role,
        "sub",
        "nova-web",
        "journey-1",
        customer_id=customer,
        partner_id=partner,
        granted=held,
    )


def row(**owners: Any) -> Json:
    return {"type": "shoppingCart", "id": "c1", "body": {}, **owners}


@pytest.mark.parametrize(("operation", "role", "scope"), CELLS)
def test_what_a_role_may_do(operation: str, role: Role, scope: str | None) -> None:
    caller = somebody(role, "jane", partner="acme")
    if scope is None:
        for ask in (lambda: caller.may(operation), lambda: caller.opens(operation, row(customer="jane"))):
            with pytest.raises(Forbidden, match=f"The role {role} may not do this"):
                ask()
        return
    assert caller.may(operation) == scope
    assert {name for name, owners in ROWS.items() if caller.opens(operation, row(**owners))} == OPENS[scope]


def test_every_role_and_every_scope_is_tried() -> None:
    assert set(ROLES) == set(ROLES_ACROSS)
    assert {scope for _, _, scope in CELLS if scope} == OPENS.keys()


@pytest.mark.parametrize("operation", sorted(ALLOWED))
def test_who_belongs_to_none_owns_nobodys_and_sells_nobodys(operation: str) -> None:
    for role in ("customer", "partner"):
        if ALLOWED[operation].get(role, "any") != "any":
            assert not somebody(role).opens(operation, row(customer="jane", partner="acme"))
            assert not somebody(role).opens(operation, row(customer=""))


def test_a_customer_is_their_own() -> None:
    assert somebody("customer", "jane").opens("customer.read", {"type": "customer", "id": "jane"})
    assert not somebody("customer", "jane").opens("customer.read", {"type": "customer", "id": "tom"})


GRANTS = [
    (Thing("customer", "ann"), row(customer="ann"), True),
    (Thing("customer", "ann"), row(customer="tom"), False),
    (Thing("customer", "ann"), {"type": "customer", "id": "ann"}, True),
    (Thing("product", "p1"), row(customer="ann", type="product", id="p1"), True),
    (Thing("product", "p1"), row(customer="ann", type="product", id="p2"), False),
    (Thing("product", "p1"), row(customer="ann", id="p1"), False),
    (Thing("product", "p1"), row(customer="tom", type="product", id="p1"), False),
    (Thing("billingAccount", "a1"), row(customer="ann", type="billingAccount", id="a1"), True),
    (Thing("billingAccount", "a1"), row(customer="ann", body={"billingAccount": {"id": "a1"}}), True),
    (Thing("billingAccount", "a1"), row(customer="tom", body={"billingAccount": {"id": "a1"}}), False),
    (Thing("billingAccount", "a1"), row(customer="ann", body={"billingAccount": "a1"}), False),
    (Thing("billingAccount", "a1"), row(customer="ann"), False),
]


@pytest.mark.parametrize(("thing", "of", "opened"), GRANTS)
@pytest.mark.parametrize("role", access.GRANTED)
def test_a_grant_opens_what_it_names_to_its_role_and_nothing_else(
    thing: Thing, of: Json, role: access.GrantRole, *, opened: bool
) -> None:
    caller = somebody("customer", None, Grant(thing, role, "ann"))
    for operation in access.OWN:
        assert caller.opens(operation, of) == (opened and operation in access.GRANTED[role]), operation


def test_a_grant_is_nothing_to_roles_that_own_nothing() -> None:
    for role in ("guest", "partner"):
        caller = somebody(role, None, Grant(Thing("customer", "ann"), "owner", "ann"))
        assert not caller.opens("cart.read", row(customer="ann"))


def test_an_administrator_acts_and_lists_for_a_customer_but_gives_no_grants() -> None:
    lea = somebody("customer", "lea", Grant(Thing("customer", "ann"), "administrator", "ann"))
    assert lea.acts_for("cart.create", "ann") == lea.whose("cart.list", "ann") == "ann"
    assert lea.acts_for("cart.create", None) == lea.whose("cart.list", None) == "lea"
    refusals: list[Callable[[], object]] = [
        lambda: lea.acts_for("cart.create", "tom"),
        lambda: lea.whose("cart.list", "tom"),
        lambda: lea.acts_for("grant.create", "ann"),
        lambda: somebody("customer").whose("cart.list", None),
        lambda: somebody("guest").acts_for("cart.create", "ann"),
    ]
    for refused in refusals:
        with pytest.raises(Forbidden):
            refused()


def test_only_who_acts_for_customers_is_put_on_record() -> None:
    for role in ROLES:
        caller = somebody(role, "jane", partner="acme")
        caller.opens("cart.read", row(customer="jane", partner="acme"))
        assert caller.noted == ({"jane": [Thing("shoppingCart", "c1")]} if role == "agent" else {})


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
    permitted = channels.clients()[client]["roles"]
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
