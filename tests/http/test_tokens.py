"""Who may not: every operation, asked with every kind of token that opens nothing, and by every role that may not."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws, jwt
from joserfc.jwk import RSAKey

from functions.shared.access import ALLOWED, ROLES, Role
from local.hub import Hub
from tests.http.routes import Route, routes
from tests.http.wire import Answer, assert_refused, send
from tests.http.world import CLIENTS, World, contents

_LENIENT = jws.JWSRegistry(strict_check_header=False)


def _claims(hub: Hub, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    held = {
        "iss": hub.issuer.issuer,
        "client_id": "nova-callcentre",
        "token_use": "access",
        "sub": "agent-1",
        "scope": "openid",
        "cognito:groups": ["agent"],
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in {**held, **more}.items() if value is not None}


def _text(part: dict[str, Any] | bytes) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signed(hub: Hub, key: RSAKey, *, kid: str | None = None, **claims: Any) -> str:
    header = {"alg": "RS256", "kid": kid or hub.issuer.public_key.kid}
    return jwt.encode(header, _claims(hub, **claims), key, ["RS256"])


def _headed(**header: Any) -> Callable[[Hub], str]:
    """A token whose signature is as good as its header lets it be."""

    def made(hub: Hub) -> str:
        head = {"alg": "RS256", "kid": hub.issuer.public_key.kid, **header}
        signed = f"{_text({name: value for name, value in head.items() if value is not None})}.{_text(_claims(hub))}"
        key = hub.issuer._key.private_key
        assert key
        return f"{signed}.{_text(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    return made


def _own_key_inside(hub: Hub) -> str:
    """Signed by a stranger, who sends the key along."""
    key = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": hub.issuer.public_key.kid, "jwk": key.as_dict(private=False)}
    return jws.serialize_compact(header, json.dumps(_claims(hub)).encode(), key, registry=_LENIENT)


def _swapped(hub: Hub) -> str:
    """An agent's signature under what an operator would say."""
    head, _, signature = str(_agent()(hub)).split(".")
    return f"{head}.{_text(_claims(hub, client_id='nova-backoffice', **{'cognito:groups': ['operator']}))}.{signature}"


def _unsigned(hub: Hub) -> str:
    return f"{_text({'alg': 'none', 'kid': hub.issuer.public_key.kid})}.{_text(_claims(hub))}."


def _with_the_public_key_as_a_secret(hub: Hub) -> str:
    signed = f"{_text({'alg': 'HS256', 'kid': hub.issuer.public_key.kid})}.{_text(_claims(hub))}"
    secret = hub.issuer.public_key.as_pem(private=False)
    return f"{signed}.{_text(hmac.digest(secret, signed.encode(), 'sha256'))}"


def _agent(**more: Any) -> Callable[[Hub], str]:
    return lambda hub: hub.issuer.issue("nova-callcentre", "agent", "agent-1", **more)


# What is wrong with it -> the token (None: none at all).
TOKENS: dict[str, Callable[[Hub], str | None]] = {
    "none": lambda hub: None,
    "empty": lambda hub: "",
    "garbage": lambda hub: "garbage",
    "three parts of garbage": lambda hub: "a.b.c",
    "a megabyte of it": lambda hub: "x" * 30_000,
    "not signed": _unsigned,
    "signature cut off": lambda hub: str(_agent()(hub)).rpartition(".")[0] + ".",
    "signed by another key": lambda hub: _signed(hub, RSAKey.generate_key(2048)),
    "signed with the public key as a secret": _with_the_public_key_as_a_secret,
    "a key nobody knows": lambda hub: _signed(hub, hub.issuer._key, kid="unknown"),
    "a key that is a path": _headed(kid="../../../../dev/null"),
    "a key that is a query": _headed(kid="' OR 1=1 --"),
    "a key that is a number": _headed(kid=1),
    "no key named": _headed(kid=None),
    "a key that comes along": _own_key_inside,
    "a key fetched from elsewhere": _headed(kid="x", jku="https://evil.example/jwks.json"),
    "an algorithm in another case": _headed(alg="rs256"),
    "another algorithm than the key's": _headed(alg="ES256"),
    "an algorithm that is none": _headed(alg="NONE"),
    "an extension nobody knows": _headed(crit=["exp"], exp=1),
    "what another said, with this signature": _swapped,
    "expired": _agent(lifetime_seconds=-1),
    "without an end": _agent(exp=None),
    "not valid yet": _agent(nbf=int(time.time()) + 3600),
    "issued tomorrow": _agent(iat=int(time.time()) + 86400),
    "of another issuer": _agent(iss="https://evil.example"),
    "of no channel": lambda hub: hub.issuer.issue("nova-fax", "agent", "agent-1"),
    "of no channel, for a channel": lambda hub: hub.issuer.issue("nova-fax", "agent", "a", aud="nova-callcentre"),
    "of no client": lambda hub: _signed(hub, hub.issuer._key, client_id=None),
    "for somebody else": _agent(aud="another-app"),
    "an id token": _agent(token_use="id"),
    "of no use": _agent(token_use=None),
    "without a role": _agent(**{"cognito:groups": None}),
    "with a role that is none": _agent(**{"cognito:groups": ["admin", "root"]}),
    "with a role that its channel does not permit": lambda hub: hub.issuer.issue("nova-web", "agent", "agent-1"),
    "with a scope of another app": _agent(**{"cognito:groups": None, "scope": "other/operator operator omnihub/"}),
}


def _asked(world: World, route: Route, token: str | None, **headers: str) -> Answer:
    body = json.dumps(world.sent(route)).encode() if route.method in ("POST", "PATCH") else None
    return send(world.hub.url, route.method, world.path(route), token, body, headers)


NO_ROLE = {what for what in TOKENS if "a role" in what or "a scope" in what}  # whose they are is known: 403


@pytest.mark.parametrize("what", TOKENS)
def test_a_token_that_opens_nothing(world: World, what: str) -> None:
    before, token = contents(world.hub), TOKENS[what](world.hub)
    for route in routes():
        assert_refused(_asked(world, route, token), 403 if what in NO_ROLE else 401, gateway=True)
    assert contents(world.hub) == before


DEFECTS: dict[str, dict[str, Any]] = {
    "expired": {"lifetime_seconds": -1},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "of another issuer": {"iss": "https://evil.example"},
    "for somebody else": {"aud": "another-app"},
    "an id token": {"token_use": "id"},
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("defect", DEFECTS)
def test_no_role_makes_up_for_a_defect(world: World, role: Role, defect: str) -> None:
    whose: dict[str, dict[str, Any]] = {"customer": {"customer_id": "ann"}, "partner": {"partner_id": "shop-partner"}}
    who = whose.get(role, {})
    token = world.hub.issuer.issue(CLIENTS[role], role, f"{role}-1", **who, **DEFECTS[defect])
    for route in routes():
        assert_refused(_asked(world, route, token), 401, gateway=True)


@pytest.mark.parametrize("make", [_headed(), _headed(typ="JWT"), _headed(typ="at+jwt")], ids=["bare", "JWT", "at+jwt"])
def test_what_is_forged_here_is_good_where_nothing_is_wrong_with_it(world: World, make: Callable[[Hub], str]) -> None:
    read = next(route for route in routes() if route.method == "GET" and route.path.endswith("{id}"))
    assert _asked(world, read, make(world.hub)).status == 200


def test_a_token_in_another_dress(world: World) -> None:
    good = world.tokens["agent"]
    for header in (f"Basic {good}", f"Bearer  {good} x", "Bearer", f"Bearer {good},{good}", f"Token {good}"):
        answer = send(world.hub.url, "GET", world.collection("shoppingCart"), None, headers={"Authorization": header})
        assert_refused(answer, 401, gateway=True)


def test_the_same_token_is_good_as_it_stands(world: World) -> None:
    for token in (world.tokens["agent"], _signed(world.hub, world.hub.issuer._key)):
        read = next(route for route in routes() if route.method == "GET" and route.path.endswith("{id}"))
        assert _asked(world, read, token).status == 200


REFUSED = [(route, role) for route in routes() for role in ROLES if role not in ALLOWED[route.operation]]


@pytest.mark.parametrize(("route", "role"), REFUSED, ids=[f"{route} as {role}" for route, role in REFUSED])
def test_a_role_that_may_not(world: World, route: Route, role: Role) -> None:
    before = contents(world.hub)
    answer = _asked(world, route, world.tokens[role])
    assert_refused(answer, 403)
    assert answer.body["code"] == "forbidden"
    assert contents(world.hub) == before


OWNED = [route for route in routes() if "{id}" in route.path and ALLOWED[route.operation].get("customer") == "own"]


@pytest.mark.parametrize("route", OWNED, ids=str)
def test_what_is_another_customers_looks_exactly_like_what_is_not_there(world: World, route: Route) -> None:
    eve = world.hub.token("nova-web", "customer", "eve", customer_id="eve")
    outer = route.nouns[0]
    before, held = contents(world.hub), world.ids[outer]
    theirs = _asked(world, route, eve)
    try:
        world.ids[outer] = "0" * 32
        missing = _asked(world, route, eve)
    finally:
        world.ids[outer] = held
    assert_refused(theirs, 404)
    assert theirs.raw == missing.raw
    assert contents(world.hub) == before


@pytest.mark.parametrize("route", OWNED, ids=str)
def test_what_is_another_brands_is_not_there_even_for_its_staff(world: World, route: Route) -> None:
    token = world.hub.token("pico-callcentre", "agent", "agent-2")
    before = contents(world.hub)
    assert_refused(_asked(world, route, token), 404)
    assert contents(world.hub) == before
