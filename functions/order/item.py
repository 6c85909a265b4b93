"""An item of an order: what it is, whose, what it costs, and on which terms it is sold. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.cart.cart import Line
from functions.cart.view import Looked, View
from functions.catalog import charge, configuration
from functions.catalog.catalog import Catalog
from functions.catalog.kinds import PROVIDER, SELLER, provider
from functions.shared import tmf
from functions.shared.errors import RuleBroken
from functions.shared.resource import Json, ref

# Who sold an item is the hub's to say, and whose offering it is.
OURS_OF_ITEM = frozenset({SELLER, PROVIDER})
CLAIMED = frozenset({"owner", "customer", "payer"})  # whose an item is: of the order's customer, whoever is named


@dataclass(frozen=True)
class Buyer:
    """For whom an order is, and what their record adds to it: billing account and places by role, by reference."""

    customer: str
    billing_account: str | None = None
    places: tuple[tuple[str, str], ...] = ()  # (role, id)
    accounts: tuple[str, ...] = ()  # every account of theirs
    trusted: bool = False  # whether who orders may name an account that is kept elsewhere: staff
    known: Mapping[str, str | int] = field(default_factory=dict)  # what rules of the catalog may ask of them

    def place_refs(self, chosen: list[Json]) -> list[Json]:
        """The places that were chosen, and of each other role the customer's own."""
        roles = {place.get("role") for place in chosen}
        own = [{"id": id_, "role": role, "@referredType": "GeographicAddress"} for role, id_ in self.places]
        return [*chosen, *(place for place in own if place["role"] not in roles)]

    def account_ref(self, chosen: Json | None) -> Json | None:
        """The account that was chosen, if it is theirs, else the usual one; raises RuleBroken for another's."""
        named = chosen.get("id") if isinstance(chosen, dict) else None
        id_ = named or self.billing_account
        if named and named not in self.accounts and (self.billing_account or not self.trusted):
            raise RuleBroken("This billing account is not the customer's.", code="accountUnknown")
        return _account(id_) if id_ else None

    def owner_ref(self) -> Json:
        return ref(self.customer, tmf.href("customer", self.customer), "Customer", role="owner")


def item_of(line: Line, looked: Looked, view: View, buyer: Buyer | None) -> Json:
    """The order item a line becomes, with what one unit costs and the terms it is sold on."""
    found = looked.charges
    item: Json = {k: v for k, v in line.more.items() if k not in ("note", "cartItem")}
    if looked.configuration:
        item |= configuration.ordered(view.catalog_of(line), looked.configuration, line.id, view.language)
    item |= {
        "id": line.id,
        "@type": "ProductOrderItem",
        "quantity": line.quantity,
        "action": line.action,
        "kind": line.kind,
        "state": "acknowledged",
        "touch": line.touch,
    }
    _sell(item, line, view)
    if found:
        item["itemPrice"] = [each.tmf for each in found]
        item["itemTotalPrice"] = charge.totals([(line.quantity, found)])
    product = dict(item.get("product") or {})
    if line.product:
        product |= {"id": line.product, "href": tmf.href("product", line.product)}
    if buyer and (places := buyer.place_refs(product.get("place", []))):
        product["place"] = places
    if product:
        item["product"] = product
    if parties := _item_parties(item.pop("relatedParty", []), line, view, buyer):
        item["relatedParty"] = parties
    if buyer and (account := buyer.account_ref(item.get("billingAccount"))):
        item["billingAccount"] = account
    return item


def _item_parties(named: list[Json], line: Line, view: View, buyer: Buyer | None) -> list[Json]:
    """Who buys it, whoever else was named, who sells it, and whose offering it is."""
    ours = OURS_OF_ITEM | CLAIMED if buyer else OURS_OF_ITEM
    others = [party for party in named if party.get("role") not in ours]
    return [*([buyer.owner_ref()] if buyer else []), *others, *seller(view), *_provider(view, line.offering)]


def _sell(item: Json, line: Line, view: View) -> None:
    """Names the offering, and from which catalog on which terms it is sold, unless the product keeps its own."""
    offering = view.catalog.offering(line.offering or "")
    name = {"name": view.catalog.text(offering["name"], view.language)} if offering else {}
    if line.offering and (offering or line.keeps):
        item["productOffering"] = ref(
            line.offering, tmf.href("productOffering", line.offering), "ProductOffering", **name
        )
    if offering is None or line.keeps:
        return
    item["catalogVersion"] = view.catalog.version
    terms = [
        {**term, "name": view.catalog.text(term["name"], view.language)}
        for term in offering.get("productOfferingTerm", [])
    ]
    if terms:
        item["itemTerm"] = [
            {k: v for k, v in term.items() if k in ("name", "duration", "earlyTermination")} for term in terms
        ]


def seller(view: View) -> list[Json]:
    """The partner whose sale it is."""
    return [_organization(view.catalog, view.partner, SELLER, view.language)] if view.partner is not None else []


def _provider(view: View, offering_id: str | None) -> list[Json]:
    """The partner whose offering it is."""
    owner = provider(view.catalog.offering(offering_id or "") or {})
    return [_organization(view.catalog, owner["id"], PROVIDER, view.language)] if owner else []


def _organization(catalog: Catalog, id_: str, role: str, language: str) -> Json:
    known = {"name": catalog.partner_name(id_, language)} if id_ in catalog.held["partner"] else {}
    return {"id": id_, **known, "role": role, "@referredType": "Organization"}


def _account(id_: str) -> Json:
    return ref(id_, tmf.href("billingAccount", id_), "BillingAccount")
