"""The four kinds that live here and what makes them differ, as data: states, whose word counts, what lists them."""

from collections.abc import Mapping
from typing import NamedTuple

from functions.customer import identifier
from functions.shared import tmf
from functions.shared.resource import Resource


class Kind(NamedTuple):
    """A kind of resource. `states`: state -> where it may go, beginning with the first."""

    name: str
    words: str  # as a sentence calls it
    states: Mapping[str, frozenset[str]]
    staff_only: frozenset[str]  # what a customer cannot change
    fixed: frozenset[str] = frozenset()  # what nobody changes
    filters: tuple[str, ...] = ()
    state: str = "status"  # the attribute that holds the state
    right: str = "party"  # whose rows of the access table it asks: party.read

    @property
    def api(self) -> str:
        return tmf.API[self.name]

    @property
    def definition(self) -> str:
        return tmf.type_of(self.name)

    @property
    def listed(self) -> Resource:
        return Resource(self.name, self.words, customer=())

    @property
    def first(self) -> str:
        return next(iter(self.states))


BY_MEDIUM = (identifier.BY_EMAIL, identifier.BY_PHONE)
BY_REFERENCE = (identifier.BY_REFERENCE, identifier.OF_SYSTEM)
ASSESSED = {"status", "externalReference", "creditRating", "taxExemptionCertificate", "relatedParty"}

CUSTOMER = Kind(
    "customer",
    "customer",
    {
        "active": frozenset({"closed"}),
        "initialized": frozenset({"validated", "active", "closed"}),
        "validated": frozenset({"active", "closed"}),
        "closed": frozenset({"active"}),
    },
    staff_only=frozenset(
        {"status", "statusReason", "externalReference", "account", "agreement", "characteristic"}
        | {"creditProfile", "relatedParty", "validFor"}
    ),
    fixed=frozenset({"engagedParty", "origin", "brand"}),
    filters=(*BY_MEDIUM, *BY_REFERENCE, identifier.BY_ACCOUNT),
    right="customer",
)
INDIVIDUAL = Kind(
    "individual",
    "individual",
    {
        "initialized": frozenset({"validated", "deceaded"}),
        "validated": frozenset({"deceaded"}),
        "deceaded": frozenset({"validated"}),  # somebody was taken for somebody else
    },
    staff_only=frozenset({*ASSESSED, "individualIdentification", "deathDate"}),
    filters=(*BY_MEDIUM, "relatedParty.id"),
)
ORGANIZATION = Kind(
    "organization",
    "organization",
    {
        "initialized": frozenset({"validated", "closed"}),
        "validated": frozenset({"closed"}),
        "closed": frozenset({"validated"}),
    },
    staff_only=frozenset({*ASSESSED, "organizationIdentification", "existsDuring", "isLegalEntity"}),
    filters=(*BY_MEDIUM, "relatedParty.id"),
)
ACCOUNT = Kind(
    "billingAccount",
    "billing account",
    {
        "active": frozenset({"suspended", "closed"}),
        "suspended": frozenset({"active", "closed"}),
        "closed": frozenset(),
    },
    staff_only=frozenset({"state", "cycleDay", "relatedParty", "externalReference"}),
    fixed=frozenset({"customer", "origin", "currency"}),
    filters=("customer.id", *BY_REFERENCE),
    state="state",
    right="account",
)
KINDS = {kind.name: kind for kind in (CUSTOMER, INDIVIDUAL, ORGANIZATION, ACCOUNT)}
PARTIES = ("individual", "organization")
