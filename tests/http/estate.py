"""Two of everybody: what Ann has and Bob has, what acme sold and its rival, a guest's cart, and another brand's Pia.

Bob's and Pia's things carry a word of their own, so that wherever it turns up, something of theirs got out.
"""

from dataclasses import dataclass, field
from typing import Any

from functions.catalog import store as catalogs
from functions.catalog.kinds import WRITTEN
from functions.shared import tmf
from functions.shared.access import Role
from local.hub import Hub
from tests.tmf.client import Client

SECRET = "Geheimrat"
CLIENTS: dict[Role, str] = {
    "agent": "callcentre",
    "customer": "web",
    "guest": "web",
    "operator": "backoffice",
    "partner": "partner",
}
PARTNERS = ("shoppingCart", "cartItem", "productOfferingQualification", "productOrder", "product")
GUESTS = ("shoppingCart", "cartItem", "productOfferingQualification")
NOWHERE = "0" * 32
NEGOTIABLE = {"nova": ("fleet-service-monthly", "EUR"), "pico": ("second-esim-monthly", "CHF")}
OFFERING = {"nova": "plan-m", "pico": "prepaid-basic"}
Json = dict[str, Any]


def at(noun: str) -> str:
    """Where these are."""
    return f"{tmf.BASE['omnihub' if noun == 'cartMerge' else tmf.API[noun]]}/{noun}"


@dataclass
class Owner:
    """Somebody who has one of everything. `company` is the customer behind their organization."""

    brand: str
    name: str
    ids: dict[str, str] = field(default_factory=dict)
    company: str = ""
    medium: str = ""

    def customer(self, noun: str) -> str:
        """As which customer they hold that."""
        return self.company if noun == "organization" else self.ids["customer"]


class Estate:
    """Everything that is, and tokens for who asks."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.ann, self.bob = (self._owner("nova", name) for name in ("Ann", f"Bob {SECRET}"))
        self.pia = self._owner("pico", f"Pia {SECRET}")
        self.acme, self.rival = (self._sold(partner) for partner in ("acme", "rival"))
        self.published = {brand: self._published(brand) for brand in OFFERING}
        self.guests = self._cart(Client(hub.url, self.token("guest", "guest")))
        self.hubs = {base: self._subscribed(f"{base}/hub") for base in tmf.BASE.values()}
        for role in CLIENTS:
            self._let(f"{role}-holder")
        hub.settle()

    def token(self, role: Role, subject: str, *, brand: str = "nova", **more: Any) -> str:
        """A token of that role in the channel it has."""
        return self.hub.token(f"{brand}-{CLIENTS[role]}", role, subject, **more)

    def _published(self, brand: str) -> dict[str, str]:
        """One id of each kind in a brand's catalog that the other brand has not."""
        held, others = (catalogs.current(each).held for each in (brand, *(b for b in OFFERING if b != brand)))
        ids = {kind: next(id_ for id_ in held[kind] if id_ not in others[kind]) for kind in WRITTEN}
        if brand == "nova":
            ids |= {"productOffering": "plan-l", "promotion": "home-together"}  # which every channel here shows
        operator = Client(self.hub.url, self.token("operator", "publisher", brand=brand))
        ids["catalogVersion"] = catalogs.newest(brand).version
        for task in ("catalogPublication", "catalogCheck", "exportJob", "importJob"):
            body = {"url": "s3://wherever"} if task.endswith("Job") else {}
            ids[task] = operator.post(at(task), body).body["id"]
        soon = {"noticeDate": "2090-01-01T00:00:00Z", "effectiveDate": "2090-03-01T00:00:00Z", "reason": "energy"}
        rise = {"productOffering": {"id": OFFERING[brand]}, "percentage": 5, **soon}
        ids["priceRise"] = operator.post(at("priceRise"), rise).body["id"]
        return ids

    def _owner(self, brand: str, name: str) -> Owner:
        owner = Owner(brand, name)
        agent = Client(self.hub.url, self.token("agent", "maker", brand=brand))
        owner.ids["individual"], owner.ids["customer"] = self._customer(agent, "individual", name)
        owner.ids["organization"], owner.company = self._customer(agent, "organization", name)
        found = agent.get(f"{at('customer')}/{owner.ids['customer']}").body
        owner.medium = found["contactMedium"][0]["id"]
        theirs = {"customer": {"id": owner.ids["customer"]}}
        owner.ids["billingAccount"] = agent.post(at("billingAccount"), {**theirs, "name": name}).body["id"]
        own = Client(self.hub.url, self.token("customer", name, brand=brand, customer_id=owner.ids["customer"]))
        owner.ids["grant"] = own.post(at("grant"), {"party": {"id": f"friend of {name}"}, "role": "user"}).body["id"]
        owner.ids["customerPrice"] = self._promised(brand, owner.ids["customer"])
        owner.ids |= self._cart(own, OFFERING[brand], note=name)
        self._ordered(own, owner.ids, OFFERING[brand])
        cancel = {"productOrder": {"id": owner.ids["productOrder"]}, "cancellationReason": name}
        owner.ids["cancelProductOrder"] = own.post(at("cancelProductOrder"), cancel).body["id"]
        said = {"direction": "inbound", "status": "opened", "reason": "question", "channel": [{"id": "web"}]}
        when = {"interactionDate": {"startDateTime": "2026-03-01T12:00:00Z"}, "description": name}
        owner.ids["partyInteraction"] = own.post(at("partyInteraction"), {**said, **when}).body["id"]
        return owner

    def _promised(self, brand: str, customer: str) -> str:
        operator = Client(self.hub.url, self.token("operator", "promiser", brand=brand))
        price, unit = NEGOTIABLE[brand]
        body = {"productOfferingPrice": {"id": price}, "price": {"unit": unit, "value": 1}, "reason": "T-1"}
        party = {"relatedParty": [{"id": customer, "role": "customer"}]}
        return str(operator.post(at("customerPrice"), {**body, **party}).body["id"])

    def _customer(self, agent: Client, kind: str, name: str) -> tuple[str, str]:
        named = {"individual": {"givenName": name, "familyName": "X"}, "organization": {"tradingName": name}}[kind]
        party = agent.post(at(kind), named).body["id"]
        engaged = {"id": party, "@referredType": tmf.type_of(kind)}
        address = {"mediumType": "postalAddress", "characteristic": {"street1": name, "city": "Musterstadt"}}
        made = agent.post(at("customer"), {"name": name, "engagedParty": engaged, "contactMedium": [address]}).body
        return party, made["id"]

    def _cart(self, by: Client, offering: str = "plan-m", note: str = "") -> dict[str, str]:
        written = {"note": [{"id": "n", "author": "x", "text": note, "date": "2026-03-01T12:00:00Z"}]} if note else {}
        cart = by.post(at("shoppingCart"), {"cartItem": [{"productOffering": {"id": offering}, **written}]}).body
        asked = {"productOfferingQualificationItem": [{"id": "1", "productOffering": {"id": offering}, **written}]}
        return {
            "shoppingCart": cart["id"],
            "cartItem": cart["cartItem"][0]["id"],
            "cartPromotion": cart["id"],
            "productOfferingQualification": by.post(at("productOfferingQualification"), asked).body["id"],
        }

    def _ordered(self, by: Client, ids: dict[str, str], offering: str, **more: Any) -> None:
        item = {"id": "1", "action": "add", "productOffering": {"id": offering}}
        ids["productOrder"] = by.post(at("productOrder"), {"productOrderItem": [item], **more}).body["id"]
        self.hub.settle()
        ids["product"] = by.get(f"{at('product')}?limit=1").body[0]["id"]

    def _sold(self, partner: str) -> dict[str, str]:
        by = Client(self.hub.url, self.token("partner", f"{partner}'s", partner_id=partner))
        ids = self._cart(by)
        self._ordered(by, ids, OFFERING["nova"], relatedParty=[{"id": f"buyer of {partner}", "role": "customer"}])
        return ids

    def _subscribed(self, hub: str) -> dict[str, str]:
        """Who listens to an API: two partners, and an operator of each brand."""
        asked = {"callback": "https://partner.example/omnihub", "query": "correlationId=of-nobody"}
        tokens = {partner: self.token("partner", partner, partner_id=partner) for partner in ("acme", "rival")}
        tokens |= {brand: self.token("operator", "listener", brand=brand) for brand in OFFERING}
        return {who: Client(self.hub.url, token).post(hub, asked).body["id"] for who, token in tokens.items()}

    def _let(self, holder: str) -> None:
        """Ann lets them act for her, whatever role they come in."""
        agent = Client(self.hub.url, self.token("agent", "maker"))
        for customer in (self.ann.ids["customer"], self.ann.company):
            body = {"party": {"id": holder}, "role": "administrator", "customer": {"id": customer}}
            agent.post(at("grant"), body)
