"""The HTTP API's JWT authorizer: the token is really verified, as API Gateway documents it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from local.blueprint import Authorizer


@dataclass(frozen=True)
class Refused(Exception):
    """The token opens nothing; `challenge` is the www-authenticate header."""

    challenge: str
    status: int = 401

    @classmethod
    def because(cls, said: str) -> Refused:
        """A token was there and is no good."""
        return cls(f'Bearer scope="" error="invalid_token" error_description="{said}"')


def verify(header: str | None, authorizer: Authorizer, scopes: tuple[str, ...], key: RSAKey) -> dict[str, Any]:
    """The token's claims, if it is signed by the issuer's key, in time, and for this audience."""
    if not header:
        raise Refused("Bearer")
    token = header[7:] if header[:7].lower() == "bearer " else header
    claims = _signed_claims(token.strip(), key)
    _check_times(claims)
    if claims.get("iss") != authorizer.issuer:
        raise Refused.because("the token has an invalid issuer")
    if not _audience(claims) & set(authorizer.audience):
        raise Refused.because("the token does not have a valid audience")
    if scopes and not set(scopes) & set(str(claims.get("scope", "")).split()):
        said = f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope" error_description="a scope is missing"'
        raise Refused(said, 403)
    return claims


def _signed_claims(token: str, key: RSAKey) -> dict[str, Any]:
    """Any flaw is the same to the caller, so every error of the library, or of odd JSON, is one refusal."""
    try:
        signed = jws.deserialize_compact(token, key, algorithms=["RS256"])
        claims = json.loads(signed.payload or b"")
    except (Exception, RecursionError) as flaw:
        raise Refused.because("the token cannot be verified") from flaw
    if signed.headers().get("kid") != key.kid or not isinstance(claims, dict):
        raise Refused.because("the token cannot be verified")
    return claims


def _check_times(claims: dict[str, Any]) -> None:
    now = time.time()
    if not _is_time(claims.get("exp")) or claims["exp"] <= now:
        raise Refused.because("the token has expired")
    for name, said in (("nbf", "the token is not valid yet"), ("iat", "the token was issued in the future")):
        if name in claims and (not _is_time(claims[name]) or claims[name] > now + 1):  # iat is in whole seconds
            raise Refused.because(said)


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _audience(claims: dict[str, Any]) -> set[str]:
    """`aud`, or `client_id` where there is none: access tokens of Cognito have no `aud`."""
    given = claims["aud"] if "aud" in claims else claims.get("client_id")
    return {text for text in (given if isinstance(given, list) else [given]) if isinstance(text, str)}


def as_context(claims: dict[str, Any], scopes: tuple[str, ...]) -> dict[str, Any]:
    """What the function finds in `requestContext.authorizer`: every claim as a text, a list as `[a b]`."""
    return {"jwt": {"claims": {name: _text(value) for name, value in claims.items()}, "scopes": list(scopes) or None}}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(_text(member) for member in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
