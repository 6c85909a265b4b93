"""Tokens for the local hub: what Cognito would issue, signed with a key that lies in the state folder."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

STATE = Path(".omnihub")  # in the working directory
KEY_FILE, HUB_FILE = "key.json", "hub.json"
SHIFT = 8 * 3600  # seconds: a working day
PEOPLE = ("customer", "agent", "partner", "operator")
MACHINES = ("guest", "partner", "operator")


class NoHub(RuntimeError):
    """The state folder does not say who issues tokens."""


class Issuer:
    """Signs tokens in the name of the template's issuer.

    With a state folder the key is kept there (mode 0600), so that another process signs tokens which a running hub
    accepts; without one the key lives as long as this process.
    """

    def __init__(self, issuer: str, state: Path | None = None) -> None:
        self.issuer = issuer
        self._key = _kept_key(state) if state is not None else _passing_key()

    @property
    def public_key(self) -> RSAKey:
        """What a verifier needs."""
        return RSAKey.import_key(self._key.as_dict(private=False))

    @property
    def jwks(self) -> dict[str, Any]:
        """The public key as a key set, as an issuer publishes it."""
        return {"keys": [{**self._key.as_dict(private=False), "use": "sig", "alg": "RS256"}]}

    def issue(
        self,
        client_id: str,
        role: str,
        subject: str,
        *,
        customer_id: str | None = None,
        partner_id: str | None = None,
        machine: bool = False,
        lifetime_seconds: float = SHIFT,
        **more: Any,
    ) -> str:
        """An access token of a channel's client for `subject` in `role`.

        People (customer, agent, partner, operator) carry their role as a group; a guest, and with `machine` a
        partner or operator, carries it as the scope `omnihub/<role>`. `more` adds claims or replaces them; None
        leaves one out.
        """
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "client_id": client_id,
            "token_use": "access",
            "sub": subject,
            "iat": now,
            "exp": now + int(lifetime_seconds),
            "jti": str(uuid.uuid4()),
            "customer_id": customer_id,
            "partner_id": partner_id,
            "brand": client_id.partition("-")[0] if customer_id or partner_id else None,
            **_role_claims(role, subject, machine=machine or role not in PEOPLE),
            **more,
        }
        header = {"alg": "RS256", "kid": self._key.kid, "typ": "JWT"}
        return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, self._key)


def _role_claims(role: str, subject: str, *, machine: bool) -> dict[str, Any]:
    known = MACHINES if machine else PEOPLE
    if role not in known:
        raise ValueError(f"There is no role {role!r} here; it is one of {', '.join(sorted({*PEOPLE, *MACHINES}))}.")
    if machine:
        return {"scope": f"omnihub/{role}"}
    return {"scope": "openid", "cognito:groups": [role], "username": subject}


def issue(client_id: str, role: str, subject: str, *, state: Path = STATE, **more: Any) -> str:
    """A token for the hub whose state folder this is, running in whatever process."""
    hub = state / HUB_FILE
    if not hub.is_file():
        raise NoHub(f"There is no {hub}; start the hub there first, with `python -m local --state {state}`.")
    return Issuer(json.loads(hub.read_text("utf-8"))["issuer"], state).issue(client_id, role, subject, **more)


def remember(state: Path, *, url: str, issuer: str, outputs: Mapping[str, Any] | None = None) -> None:
    """Leave word in the state folder: where the hub answers, who issues tokens, and the outputs of its stacks."""
    known = {"url": url, "issuer": issuer, "outputs": dict(outputs or {})}
    (state / HUB_FILE).write_text(json.dumps(known, indent=2) + "\n", "utf-8")


def _new_key() -> RSAKey:
    key = RSAKey.generate_key(2048, private=True)
    key.ensure_kid()
    return key


@cache
def _passing_key() -> RSAKey:
    return _new_key()


def _kept_key(state: Path) -> RSAKey:
    state.mkdir(parents=True, exist_ok=True)
    file = state / KEY_FILE
    if not file.exists():
        draft = state / f"{KEY_FILE}.{uuid.uuid4().hex}"
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(json.dumps(_new_key().as_dict(private=True)), "utf-8")
        try:
            file.hardlink_to(draft)  # whoever is second uses the first one's key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = RSAKey.import_key(json.loads(file.read_text("utf-8")))
    key.ensure_kid()
    return key
