"""Who is calling, what each role may do, and whose resources: one table, and one rule that every noun asks. Pure.

The channel, brand and market come from the credential (its client id), never from the body. Whose a resource is says
its row: `customer`, and `partner` where one sold it; a row with neither is a guest's, open to who knows its id.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from functions.shared.errors import Forbidden, NotSignedIn
from functions.shared.settings import settings

Role = Literal["customer", "agent", "partner", "operator", "guest"]
# own: one's own and what one was granted. sold: what the partner sold. branch: that, and what was sold by whoever was
# beneath it then. open: nobody's yet, by an id that nobody guesses, never in a list.
Scope = Literal["any", "own", "branch", "sold", "open", "own or open"]
ROLES: tuple[Role, ...] = ("operator", "agent", "partner", "customer", "guest")  # the strongest of a token counts
SOLD: tuple[Scope, ...] = ("sold", "branch")
STAFF: frozenset[Role] = frozenset({"operator", "agent"})

# operation -> role -> whose resources. A role that is not named may not.
ALLOWED: dict[str, dict[Role, Scope]] = {
    "catalog.read": {"operator": "any", "agent": "any", "partner": "any", "customer": "any", "guest": "any"},
    "catalog.write": {"operator": "any"},
    "catalog.publish": {"operator": "any"},
    "catalog.preview": {"operator": "any"},
    "cart.create": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own", "guest": "open"},
    "cart.read": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own or open", "guest": "open"},
    "cart.list": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "cart.change": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own or open", "guest": "open"},
    "cart.delete": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own or open", "guest": "open"},
    "cart.merge": {"agent": "any", "customer": "own or open"},
    "offer.list": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own", "guest": "open"},
    "qualification.create": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own", "guest": "open"},
    "qualification.read": {
        "operator": "any",
        "agent": "any",
        "partner": "branch",
        "customer": "own or open",
        "guest": "open",
    },
    "qualification.list": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "promotion.browse": {"operator": "any", "agent": "any"},
    "promotion.apply": {"operator": "any", "agent": "any"},
    "order.place": {"operator": "any", "agent": "any", "partner": "sold", "customer": "own or open"},
    "order.read": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "order.replay": {"operator": "any", "agent": "any", "customer": "own"},
    "order.list": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "order.change": {"operator": "any", "agent": "any", "customer": "own"},
    "order.delete": {"operator": "any"},
    "order.cancel": {"operator": "any", "agent": "any", "customer": "own"},
    "cancellation.read": {"operator": "any", "agent": "any", "customer": "own"},
    "cancellation.list": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.create": {"operator": "any", "agent": "any"},
    "customer.read": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.list": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.change": {"operator": "any", "agent": "any", "customer": "own"},
    "customer.delete": {"operator": "any", "agent": "any"},
    "customer.verify": {"operator": "any", "agent": "any"},
    "party.create": {"operator": "any", "agent": "any"},
    "party.read": {"operator": "any", "agent": "any", "customer": "own"},
    "party.list": {"operator": "any", "agent": "any", "customer": "own"},
    "party.change": {"operator": "any", "agent": "any", "customer": "own"},
    "party.delete": {"operator": "any", "agent": "any"},
    "account.create": {"operator": "any", "agent": "any"},
    "account.read": {"operator": "any", "agent": "any", "customer": "own"},
    "account.list": {"operator": "any", "agent": "any", "customer": "own"},
    "account.change": {"operator": "any", "agent": "any", "customer": "own"},
    "account.delete": {"operator": "any", "agent": "any"},
    "grant.create": {"operator": "any", "agent": "any", "customer": "own"},
    "grant.read": {"operator": "any", "agent": "any", "customer": "own"},
    "grant.list": {"operator": "any", "agent": "any", "customer": "own"},
    "grant.change": {"operator": "any", "agent": "any", "customer": "own"},
    "grant.delete": {"operator": "any", "agent": "any", "customer": "own"},
    "grant.staff": {"operator": "any"},  # for a partner's or an outlet's people
    "customerPrice.create": {"operator": "any"},
    "customerPrice.read": {"operator": "any", "agent": "any"},
    "customerPrice.list": {"operator": "any", "agent": "any"},
    "customerPrice.end": {"operator": "any"},
    "audit.list": {"operator": "any"},
    "hub.create": {"operator": "any", "partner": "sold"},
    "hub.read": {"operator": "any", "partner": "sold"},
    "hub.list": {"operator": "any", "partner": "sold"},
    "hub.delete": {"operator": "any", "partner": "sold"},
    "interaction.create": {"operator": "any", "agent": "any", "partner": "any", "customer": "own"},
    "interaction.read": {"operator": "any", "agent": "any", "customer": "own"},
    "interaction.list": {"operator": "any", "agent": "any", "customer": "own"},
    "interaction.change": {"operator": "any", "agent": "any", "customer": "own"},
    "interaction.delete": {"operator": "any"},
    "product.read": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "product.list": {"operator": "any", "agent": "any", "partner": "branch", "customer": "own"},
    "product.write": {"operator": "any"},
    "priceRise.read": {"operator": "any"},
    "priceRise.write": {"operator": "any"},
}
OWN = frozenset(operation for operation, roles in ALLOWED.items() if "own" in roles.get("customer", ""))

GrantRole = Literal["owner", "administrator", "payer", "user"]
# What a grant lets its holder do with what it names: a customer, or one product or billing account of theirs.
GRANTED: dict[GrantRole, frozenset[str]] = {
    "owner": OWN,
    "administrator": OWN - {operation for operation in OWN if operation.startswith("grant.")},
    "payer": frozenset({"account.read", "account.list", "order.read", "order.list", "product.read", "product.list"}),
    "user": frozenset({"product.read", "product.list"}),
}


class Thing(NamedTuple):
    """What a grant can name: a customer, billingAccount, product, partner or outlet."""

    kind: str
    id: str


class Grant(NamedTuple):
    """What somebody may do as whom with one thing of a customer, in force now."""

    thing: Thing
    role: GrantRole
    customer: str


# The grants of a caller that name one of these things; of all things where none are named.
Granted = Callable[["Caller", Sequence[Thing] | None], Sequence[Grant]]


def nothing(caller: "Caller", things: Sequence[Thing] | None) -> Sequence[Grant]:
    """Where no function looks for grants, nobody has any."""
    return ()


def customer_of(row: Mapping[str, Any]) -> str | None:
    """Whose a row is; None: nobody's yet."""
    id_: str | None = row["id"] if row["type"] == "customer" else row.get("customer")
    return id_


NAMED_ALONE = ("product", "billingAccount")  # what a grant names without the rest of a customer


def _things(row: Mapping[str, Any], customer: str) -> list[Thing]:
    """What a grant may name to reach that row."""
    found = [Thing("customer", customer)]
    if row["type"] in NAMED_ALONE:
        found.append(Thing(row["type"], row["id"]))
    account = (row.get("body") or {}).get("billingAccount")
    if isinstance(account, Mapping) and account.get("id"):
        found.append(Thing("billingAccount", account["id"]))
    return found


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
    reason: str | None = None  # why staff does it: a code or a ticket's number, never words about a person
    granted: Granted = field(default=nothing, compare=False, repr=False)
    # customer -> what of theirs staff has touched in this request, to be put on record
    noted: dict[str, list[Thing]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def principal(self) -> str:
        """Whose Idempotency-Keys these are."""
        return f"{self.client_id}/{self.subject}"

    @property
    def sells_as(self) -> str | None:
        """The partner whose sale it is; None where none sells. Raises Forbidden where a seller belongs to none."""
        if self.role == "partner" and self.partner_id is None:
            raise Forbidden("This login belongs to no partner yet.", code="noPartner")
        return self.partner_id if self.role == "partner" else None

    @property
    def seller(self) -> str | None:
        """The same for who only looks around: a partner who belongs to none yet is one that nobody knows."""
        return (self.partner_id or "") if self.role == "partner" else None

    @property
    def staff(self) -> bool:
        return self.role in STAFF

    def may(self, operation: str) -> Scope:
        """Whose resources this role may touch so; raises Forbidden where it may not at all."""
        scope = ALLOWED[operation].get(self.role)
        if scope is None:
            raise Forbidden(f"The role {self.role} may not do this ({operation}).")
        return scope

    def opens(self, operation: str, row: Mapping[str, Any]) -> bool:
        """Whether that row is open to this caller for this: the one rule that every noun asks."""
        scope, customer = self.may(operation), customer_of(row)
        if scope == "any":
            self.note(customer, Thing(row["type"], row["id"]))
            return True
        if scope in SOLD:
            above = row.get("above", ()) if scope == "branch" else ()
            return self.partner_id is not None and self.partner_id in (row.get("partner"), *above)
        if customer is None:
            return "open" in scope and row.get("partner") is None
        return "own" in scope and (
            customer == self.customer_id or self._was_granted(operation, customer, _things(row, customer))
        )

    def _was_granted(self, operation: str, customer: str, things: Sequence[Thing]) -> bool:
        # A grant names its customer too, so that nobody gives away what is another's.
        return any(g.customer == customer and operation in GRANTED[g.role] for g in self.granted(self, things))

    def whose(self, operation: str, named: str | None) -> str | None:
        """The customer whose resources a list shows: their own, or who is named; None: everybody's."""
        if self.may(operation) == "any":
            return named
        if named is None and self.customer_id is None:
            raise Forbidden("This login belongs to no customer yet.", code="noCustomer")
        return self._own(operation, named)

    def acts_for(self, operation: str, named: str | None) -> str | None:
        """The customer for whom something new is: who is named, as far as the caller may; None: nobody's yet."""
        scope = self.may(operation)
        if scope == "any":
            self.note(named)
        return named if scope in ("any", *SOLD) else self._own(operation, named)

    def _own(self, operation: str, named: str | None) -> str | None:
        if named in (None, self.customer_id):
            return self.customer_id
        if "own" in self.may(operation) and self._was_granted(operation, named, [Thing("customer", named)]):
            return named
        raise Forbidden(
            "This is another customer's; staff acts for them, and who was granted it.", code="otherCustomer"
        )

    def granted_ids(self, operation: str, kind: str) -> list[str]:
        """The single resources of a kind that grants name, for who belongs to no customer."""
        if kind not in ("customer", *NAMED_ALONE) or "own" not in self.may(operation) or self.customer_id is not None:
            return []
        return [g.thing.id for g in self.granted(self, None) if g.thing.kind == kind and operation in GRANTED[g.role]]

    def note(self, customer: str | None, thing: Thing | None = None) -> None:
        """Has it put on record that an agent, who acts for customers, touched that of one."""
        if customer is None or self.role != "agent":
            return
        things = self.noted.setdefault(customer, [])
        if thing and thing not in things:
            things.append(thing)


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


def caller(
    claims: dict[str, Any], correlation_id: str, *, reason: str | None = None, granted: Granted = nothing
) -> Caller:
    """Who these verified claims speak for; raises NotSignedIn where they are not an access token of ours."""
    if claims.get("token_use") != "access" or claims.get("iss") not in _table(settings.issuers):
        raise NotSignedIn("Send an access token of this hub in the Authorization header.")
    client_id = str(claims.get("client_id", ""))
    channel = _table(settings.channels).get(client_id)
    if channel is None:
        raise NotSignedIn("This token's client is no channel of this hub.")
    role = _role(claims, channel["roles"])
    # What grants put into a token holds in the brand that gave them.
    said = claims if claims.get("brand", channel["brand"]) == channel["brand"] else {}
    return Caller(
        brand=channel["brand"],
        market=channel["market"],
        channel=channel["id"],
        setting=channel["setting"],
        role=role,
        subject=str(claims.get("sub", "")),
        client_id=client_id,
        correlation_id=correlation_id,
        customer_id=said.get("customer_id"),
        partner_id=said.get("partner_id"),
        outlet=said.get("outlet"),
        reason=reason if role in STAFF else None,
        granted=granted,
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
