"""A customer of the web shop who has done nothing yet, and what they need to get where a scene begins."""

import uuid
from typing import Any

from functions.shared import tmf
from tests.bench.stage import BRAND, MARKET, Event, Stage

# Ten different offerings that the web channel sells: plans, handsets, fibre, TV, accessories.
TEN = ["plan-m", "handset-aurora-5", "case-aurora-5", "charger-30", "earbuds-air"]
TEN += ["fibre-500", "tv-plus", "home-phone", "security-pack", "roaming-world"]

CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"
ORDERS = f"{tmf.BASE['TMF622']}/productOrder"
CUSTOMERS = f"{tmf.BASE['TMF629']}/customer"
INDIVIDUALS = f"{tmf.BASE['TMF632']}/individual"
ACCOUNTS = "/omnihub/v1/billingAccount"
QUALIFICATIONS = f"{tmf.BASE['TMF679']}/productOfferingQualification"
OFFERS, CART_PROMOTIONS = "/omnihub/v1/offer", "/omnihub/v1/cartPromotion"
STEPS = ("claim", "activate", "install", "complete")


class Person:
    """Somebody new, on record with one address and one account; `guest` is their browser before they logged in."""

    def __init__(self, stage: Stage) -> None:
        self.stage, name = stage, uuid.uuid4().hex
        self.guest = stage.claims("nova-web", "", "nova-web", scope="omnihub/guest")
        self.claims = self.agent = stage.claims("nova-callcentre", "agent", str(uuid.uuid4()))  # who makes them known
        party = self.ask("customer.handler", "POST", INDIVIDUALS, {"givenName": "Ann", "familyName": "Example"})
        engaged = {"id": party["id"], "href": party["href"], "@referredType": "Individual"}
        about = {"name": "Ann Example", "engagedParty": engaged, "contactMedium": _media(name)}
        self.id = self.ask("customer.handler", "POST", CUSTOMERS, about)["id"]
        account = {"name": "Ann's account", "currency": "EUR", "cycleDay": 5, "customer": {"id": self.id}}
        self.ask("customer.handler", "POST", ACCOUNTS, account)
        self.claims = stage.claims("nova-web", "customer", str(uuid.uuid4()), customer_id=self.id)

    def event(self, method: str, path: str, body: Any = None, **more: Any) -> Event:
        return self.stage.request(method, path, body, **{"claims": self.claims, **more})

    def ask(self, module: str, *request: Any, **more: Any) -> Any:
        return self.stage.ask(module, self.event(*request, **more))

    def cart(self, lines: int, **more: Any) -> str:
        """The address of a cart with so many lines."""
        body = {"cartItem": [line(offering) for offering in TEN[:lines]]}
        return str(self.ask("cart.handler", "POST", CARTS, body, **more)["href"])

    def order(self) -> str:
        """The id of an order of ten lines."""
        cart = self.cart(10).rpartition("/")[2]
        return str(self.ask("order.handler", "POST", ORDERS, {"shoppingCart": {"id": cart}})["id"])

    def installed(self) -> None:
        """Ten products in the installed base, from an order that has been fulfilled."""
        order = self.order()
        for step in STEPS:
            self.stage.ask("events.fulfil", task(step, order))

    def first_line(self, href: str) -> str:
        """The address of a cart's first line."""
        return f"{href}/cartItem/{self.ask('cart.handler', 'GET', href)['cartItem'][0]['id']}"


def _media(name: str) -> list[dict[str, Any]]:
    home = {"street1": "Kastanienweg 8", "postCode": "01234", "city": "Musterstadt", "country": "DE"}
    number = f"+49171{int(name, 16) % 10**7:07d}"
    return [
        {"mediumType": "email", "characteristic": {"emailAddress": f"ann.{name}@example.com"}},
        {"mediumType": "mobile", "characteristic": {"phoneNumber": number}},
        {"mediumType": "postalAddress", "characteristic": {"contactType": "home", **home}},
    ]


def line(offering: str) -> dict[str, Any]:
    """The body that adds an offering."""
    return {"quantity": 1, "productOffering": {"id": offering}}


def task(step: str, order: str) -> Event:
    """What the workflow hands a step."""
    execution = f"arn:aws:states:eu-central-1:123456789012:execution:Workflow-AbCdEfGhIjKl:{order}"
    names = {"brand": BRAND, "market": MARKET, "id": order, "correlationId": str(uuid.uuid4())}
    return {"step": step, "execution": execution, **names}
