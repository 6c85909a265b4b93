"""What the hub adds to a token before it is issued: what was granted to its subject, and in which brand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.customer.claims import handler
from functions.shared import access, clock, grants, rows, settings
from functions.shared.access import Caller
from tests.functions.stage import NAMED, Stage

Json = dict[str, Any]
PAST, FUTURE = (clock.text(clock.now() + timedelta(days=days)) for days in (-1, 1))


@pytest.fixture(autouse=True)
def brands(hub: Stage) -> Iterator[None]:
    """The function's own settings."""
    token = settings.source.set({"CUSTOMER_TABLE": NAMED["CUSTOMER_TABLE"], "BRANDS": '["nova", "pico"]'})
    yield
    settings.source.reset(token)


def give(holder: str, thing: str, id_: str, role: str, brand: str = "nova", **more: Any) -> None:
    """A grant as the customer's function keeps it."""
    caller: Caller = access.hub({"brand": brand, "market": "DE", "correlation_id": "j"}, "test")
    named, body = access.Thing(thing, id_), {"role": role, "validFor": more.pop("validFor", None)}
    row = rows.new(
        caller,
        grants.KIND,
        grants.id_of(brand, holder, named),
        body,
        **grants.of_holder(brand, holder).entry,
        thing=thing,
        thing_id=id_,
        **more,
    )
    rows.save(rows.put(NAMED["CUSTOMER_TABLE"], row))


def told(sub: str | None, client: str = "3n4b5urk1ft4fl3mg5e62d9ado") -> Json:
    """The claims that Cognito is told to add for that login, or for a client without one."""
    event: Json = {
        "version": "3",
        "triggerSource": "TokenGeneration_HostedAuth" if sub else "TokenGeneration_ClientCredentials",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
        "request": {"scopes": ["openid"], **({"userAttributes": {"sub": sub}} if sub else {})},
        "response": {"claimsAndScopeOverrideDetails": None},
    }
    answer = handler(event, None)
    assert {name: answer[name] for name in event if name != "response"} == {
        name: event[name] for name in event if name != "response"
    }
    added: Json = answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]["claimsToAddOrOverride"]
    return added


def test_an_owner_is_their_customer_and_a_seller_their_partners_and_their_outlets() -> None:
    give("claims-jane", "customer", "customer-jane", "owner", customer="customer-jane")
    give("claims-mira", "partner", "acme", "seller")
    give("claims-mira", "outlet", "shop-7", "seller")
    assert told("claims-jane") == {"brand": "nova", "customer_id": "customer-jane"}
    assert told("claims-mira") == {"brand": "nova", "partner_id": "acme", "outlet": "shop-7"}


def test_a_partners_machine_is_known_by_its_client() -> None:
    give("1example23456789", "partner", "acme", "seller", brand="pico")
    assert told(None, "1example23456789") == {"brand": "pico", "partner_id": "acme"}


@pytest.mark.parametrize(
    ("name", "role", "more"),
    [
        ("administrator", "administrator", {}),
        ("user", "user", {}),
        ("revoked", "owner", {"revoked": True}),
        ("expired", "owner", {"validFor": {"endDateTime": PAST}}),
        ("not yet", "owner", {"validFor": {"startDateTime": FUTURE}}),
    ],
)
def test_what_is_no_ownership_in_force_makes_nobody_a_customer(name: str, role: str, more: Json) -> None:
    give(f"claims-{name}", "customer", "customer-jane", role, customer="customer-jane", **more)
    assert told(f"claims-{name}") == {}


def test_of_two_customers_the_token_names_the_older() -> None:
    for day, customer in ((2, "younger"), (1, "older")):
        give("claims-two", "customer", customer, "owner", customer=customer, created=f"2026-03-0{day}T12:00:00.000Z")
    assert told("claims-two") == {"brand": "nova", "customer_id": "older"}


def test_who_has_no_grants_gets_no_claims() -> None:
    assert told("claims-nobody") == {}


def test_claims_hold_in_the_brand_they_were_granted_in() -> None:
    settings.source.set(
        {
            "CHANNELS": '{"c": {"id": "web", "brand": "pico", "market": "CH", "setting": "distance", '
            '"roles": ["customer"]}}',
            "ISSUERS": '["i"]',
        }
    )
    claims = {"iss": "i", "token_use": "access", "client_id": "c", "sub": "s", "cognito:groups": "[customer]"}
    given = {**claims, "customer_id": "jane", "outlet": "o"}
    assert access.caller({**given, "brand": "pico"}, "j").customer_id == "jane"
    elsewhere = access.caller({**given, "brand": "nova"}, "j")
    assert (elsewhere.customer_id, elsewhere.outlet) == (None, None)
