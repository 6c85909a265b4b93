"""Stacy: an offer seen on the web, a call to the agent, a discount that only self-care gives, one timeline."""

from decimal import Decimal
from typing import Any

from cli import look
from cli.scenery import BEN, CARTS, CUSTOMERS, ORDERS, PRODUCTS, TIMELINE, as_customer, note
from cli.story import Actor, Call, Step, Story, Told, Truth
from functions.shared import tmf

CUSTOMER, PLAN, NUMBER = "customer-stacy", "product-stacy-plan", "+491713920011"  # of telco/people.yaml
OFFER, RULE = "extra-data-10", "selfcare-extra-data"
FULL, REDUCED = Decimal("9.99"), Decimal("4.99")

WEB = Actor("Stacy", "web", "customer", CUSTOMER, customer=CUSTOMER)
SELFCARE = Actor("Stacy", "selfcare", "customer", CUSTOMER, customer=CUSTOMER)

OFFERING = tmf.href("productOffering", OFFER)
ADD_ON = {"action": "modify", "productOffering": {"id": OFFER}, "product": {"id": PLAN}}


def _line_of_ben(told: Told) -> str:
    cart = told["cart"]
    return f"{cart['href']}/cartItem/{look.line(cart, OFFER)['id']}"


def _added(products: Any, _: Told) -> Any:
    added = next(p for p in products if look.offering(p) == OFFER)
    return added if added["status"] == "active" else None


STEPS = (
    Step(
        WEB,
        "looks at an offer in the web shop: ten gigabytes more, every month.",
        lambda _: Call("GET", OFFERING),
        (
            Truth("The web shop sells it.", lambda it, _: it["id"] == OFFER),
            Truth("It says nothing of a discount that it cannot give.", lambda it, _: "promotion" not in it),
        ),
    ),
    Step(
        BEN,
        "takes her call, and knows her by the number she calls from.",
        lambda _: Call("GET", f"{CUSTOMERS}?contactMedium.characteristic.phoneNumber={NUMBER.replace('+', '%2B')}"),
        (Truth("It is Stacy, and nobody else.", lambda it, _: [each["id"] for each in it] == [CUSTOMER]),),
        keep="customers",
    ),
    Step(
        BEN,
        "reads her timeline.",
        lambda _: Call("GET", f"{TIMELINE}?relatedParty.id={CUSTOMER}"),
        (
            Truth(
                "He sees what she looked at a moment ago, and where.",
                lambda it, _: OFFER in [look.about(entry)["id"] for entry in look.entries(it, "offerViewed", "web")],
            ),
        ),
        later=True,
    ),
    Step(
        BEN,
        "opens the offer himself.",
        lambda _: Call("GET", OFFERING),
        (
            Truth("He is told of a discount on it.", lambda it, _: look.promotion(it, RULE)),
            Truth("It does not apply in the call centre.", lambda it, _: look.promotion(it, RULE)["applied"] is False),
            Truth(
                "Only self-care may give it.",
                lambda it, _: look.channels(look.promotion(it, RULE)) == ["selfcare"],
            ),
        ),
    ),
    Step(
        BEN,
        "tries it all the same: a cart for Stacy, with the extra data on the plan she has.",
        lambda _: Call("POST", CARTS, {"relatedParty": [as_customer(CUSTOMER)], "cartItem": [ADD_ON]}),
        (
            Truth(
                "The call centre's price is the full one.",
                lambda it, _: (
                    look.amount(it["cartTotalPrice"], "recurring") == FULL
                    and not look.rules(look.line(it, OFFER)["itemPrice"])
                ),
            ),
            Truth("The discount is named, and not applied.", lambda it, _: not look.promotion(it, RULE)["applied"]),
        ),
        keep="cart",
    ),
    Step(
        BEN,
        "takes the line out again: Stacy can have it for less.",
        lambda told: Call("DELETE", _line_of_ben(told)),
        (),
    ),
    Step(
        BEN,
        "notes what he told her.",
        lambda _: note(CUSTOMER, "Told her where extra data costs half."),
        (Truth("The note is his, from the call centre.", lambda it, _: look.channels(it) == ["callcentre"]),),
    ),
    Step(
        SELFCARE,
        "logs in to self-care, and sees the plan she has.",
        lambda _: Call("GET", PRODUCTS),
        (
            Truth(
                "Her plan is there, and active.",
                lambda it, _: next(each for each in it if each["id"] == PLAN)["status"] == "active",
            ),
        ),
    ),
    Step(
        SELFCARE,
        "finds the cart that Ben opened for her.",
        lambda _: Call("GET", f"{CARTS}?state=active"),
        (Truth("It is the same cart.", lambda it, told: told["cart"]["id"] in [each["id"] for each in it]),),
    ),
    Step(
        SELFCARE,
        "adds the extra data to her plan.",
        lambda told: Call("POST", f"{told['cart']['href']}/cartItem", ADD_ON),
        (
            Truth("Here the discount applies, by its name.", lambda it, _: look.rules(it["itemPrice"]) == [RULE]),
            Truth("It costs half.", lambda it, _: look.amount(it["ItemTotalPrice"], "recurring") == REDUCED),
            Truth("It changes the plan that she has.", lambda it, _: it["product"]["id"] == PLAN),
        ),
    ),
    Step(
        SELFCARE,
        "orders.",
        lambda told: Call("POST", ORDERS, {"shoppingCart": {"id": told["cart"]["id"]}}),
        (
            Truth("The hub has the order.", lambda it, _: it["state"] == "acknowledged"),
            Truth(
                "The price she saw is the price she ordered.",
                lambda it, _: look.amount(it["orderTotalPrice"], "recurring") == REDUCED,
            ),
            Truth(
                "It tells where it began and where it was completed.",
                lambda it, _: (
                    look.channels(it, "origin") == ["callcentre"] and look.channels(it, "completed") == ["selfcare"]
                ),
            ),
        ),
        keep="order",
    ),
    Step(
        SELFCARE,
        "looks at her order a moment later.",
        lambda told: Call("GET", told["order"]["href"]),
        (Truth("It is fulfilled.", lambda it, _: it["state"] == "completed"),),
        keep="fulfilled",
        later=True,
    ),
    Step(
        SELFCARE,
        "looks at what she has now.",
        lambda _: Call("GET", PRODUCTS),
        (
            Truth("The extra data is active.", _added),
            Truth("It relies on her plan.", lambda it, told: PLAN in look.related(_added(it, told), "reliesOn")),
            Truth(
                "And her plan names it.",
                lambda it, told: (
                    _added(it, told)["id"] in look.related(next(each for each in it if each["id"] == PLAN), "hasAddOn")
                ),
            ),
        ),
        keep="products",
    ),
    Step(
        BEN,
        "reads her timeline once more.",
        lambda _: Call("GET", f"{TIMELINE}?relatedParty.id={CUSTOMER}"),
        (
            Truth("All of it is there, newest first.", lambda it, _: look.newest_first(it)),
            Truth(
                "It spans the web, the call centre and self-care.",
                lambda it, _: {"web", "callcentre", "selfcare"} <= look.spanned(it),
            ),
            Truth(
                "She was told when it was active.",
                lambda it, _: any("activated" in entry["description"] for entry in look.entries(it, "messageSent")),
            ),
        ),
        keep="timeline",
        later=True,
    ),
)
STACY = Story("stacy", "Stacy adds data to her plan", CUSTOMER, STEPS)
