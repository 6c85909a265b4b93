"""Who is calling, and what each role may do: one table of role and operation.

The channel, brand and market come from the credential (its client id), never from the body.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from functions.shared.errors import Forbidden, NotSignedIn
from functions.shared.settings import settings

Role = Literal["customer", "agent", "partner", "operator", "guest"]
Scope = Literal["any", "own", "open"]  # open: by an id nobody guesses, never in a list
ROLES: tuple[Role, ...] = ("operator", "agent", "partner", "customer", "guest")  # the strongest of a token counts
STAFF: frozenset[Role] = frozenset({"operator", "agent"})

# operation -> role -> whose resources. A role that is not named may not.
ALLOWED: dict[str, dict[Role, Scope]] = {
    "catalog.read": {"operator": "any", "agent": "any", "partner": "any", "customer": "any", "guest": "any"},
    "catalog.write": {"operator": "any"},
    "catalog.publish": {"operator": "any"},
    "cart.create": {"operator": "any", "agent": "any", "partner": "open", "customer": "own", "guest": "open"},
    "cart.read": {"operator": "any", "agent": "any", "partner": "open", "customer": "own", "guest": "open"},
    "cart.list": {"operator": "any", "agent": "any", "customer": "own"},
    "cart.change": {"operator": "any", "agent": "any", "partner": "open", "customer": "own", "guest": "open"},
    "cart.delete": {"operator": "any", "agent": "any", "partner": "open", "customer": "own", "guest": "open"},
    "cart.merge": {"customer": "own", "agent": "any"},
    "order.place": {"operator": "any", "agent": "any", "partner": "open", "customer": "own"},
    "order.read": {"operator": "any", "agent": "any", "customer": "own"},
    "order.change": {"operator": "any", "agent": "any", "customer": "own"},
    "order.delete": {"operator": "any"},
    "order.cancel": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.create": {"operator": "any", "agent": "any"},
    "customer.read": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.delete": {"operator": "any", "agent": "any"},
    "customer.find": {"operator": "any", "agent": "any"},
    "customer.change": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.verify": {"operator": "any", "agent": "any"},
    "hub.create": {"operator": "any", "partner": "own"},
    "hub.read": {"operator": "any", "partner": "own"},
    "hub.end": {"operator": "any", "partner": "own"},
    "interaction.create": {"operator": "any", "agent": "any", "partner": "any", "customer": "own"},
    "interaction.delete": {"operator": "any"},
    "interaction.read": {"operator": "any", "agent": "any", "customer": "own"},
    "product.read": {"operator": "any", "agent": "any", "customer": "own"},
    "product.write": {"operator": "any"},
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The person or machine behind a request, and the channel it came through."""

    brand: str
    market: str
    channel: str
    role: Role
    subject: str
    client_id: str
    correlation_id: str
    setting: str = "distance"  # how a contract is concluded here: distance, onPremises, offPremises
    customer_id: str | None = None
    partner_id: str | None = None
    outlet: str | None = None

    @property
    def principal(self) -> str:
        """Whose Idempotency-Keys these are."""
        return f"{self.client_id}/{self.subject}"

    @property
    def staff(self) -> bool:
        return self.role in STAFF

    def may(self, operation: str) -> Scope:
        """Whose resources this role may touch so; raises Forbidden where it may not at all."""
        scope = ALLOWED[operation].get(self.role)
        if scope is None:
            raise Forbidden(f"The role {self.role} may not do this ({operation}).")
        return scope

    def owns(self, operation: str, customer_id: str | None) -> bool:
        """Whether a resource of that customer (None: nobody's yet) is open to this caller."""
        scope = self.may(operation)
        return scope == "any" or customer_id is None or (scope == "own" and customer_id == self.customer_id)

    def whose(self, operation: str, named: str | None) -> str | None:
        """The customer whose resources a list shows: their own, or who is named; None: everybody's."""
        if self.may(operation) == "any":
            return named
        if self.customer_id is None:
            raise Forbidden("This login belongs to no customer yet.", code="noCustomer")
        if named not in (None, self.customer_id):
            raise Forbidden("A customer lists only what is their own.", code="otherCustomer")
        return self.customer_id


@lru_cache(maxsize=4)
def _table(text: str) -> Any:
    return json.loads(text)


def _listed(claim: Any) -> list[str]:
    # An HTTP API hands a list claim over as the text "[agent operator]".
    return str(claim or "").strip("[]").replace(",", " ").split()


def _role(claims: dict[str, Any], permitted: list[str]) -> Role:
    scopes = [s.removeprefix("omnihub/") for s in _listed(claims.get("scope")) if s.startswith("omnihub/")]
    held = {*_listed(claims.get("cognito:groups")), *scopes} & set(permitted)
    for role in ROLES:
        if role in held:
            return role
    raise Forbidden("This token carries no role that its channel permits.", code="noRole")


def caller(claims: dict[str, Any], correlation_id: str) -> Caller:
    """Who these verified claims speak for; raises NotSignedIn where they are not an access token of ours."""
    if claims.get("token_use") != "access" or claims.get("iss") not in _table(settings.issuers):
        raise NotSignedIn("Send an access token of this hub in the Authorization header.")
    client_id = str(claims.get("client_id", ""))
    channel = _table(settings.channels).get(client_id)
    if channel is None:
        raise NotSignedIn("This token's client is no channel of this hub.")
    return Caller(
        brand=channel["brand"],
        market=channel["market"],
        channel=channel["id"],
        setting=channel["setting"],
        role=_role(claims, channel["roles"]),
        subject=str(claims.get("sub", "")),
        client_id=client_id,
        correlation_id=correlation_id,
        customer_id=claims.get("customer_id"),
        partner_id=claims.get("partner_id"),
        outlet=claims.get("outlet"),
    )


def hub(row: dict[str, Any], subject: str) -> Caller:
    """The hub itself, going on with what that row began: same brand, market and journey."""
    return Caller(
        brand=row["brand"],
        market=row["market"],
        channel="hub",
        role="operator",
        subject=subject,
        client_id="omnihub",
        correlation_id=row["correlation_id"],
    )
