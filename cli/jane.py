"""Jane: five handsets at lunch, an agent who compares, a shop where she picks one, and a house move after that."""

from typing import Any

from cli import look
from cli.scenery import BEN, CARTS, CUSTOMERS, OFFERINGS, ORDERS, SPECIFICATIONS, TIMELINE, note
from cli.story import Actor, Call, Scene, Step, Story, Told, Truth, nothing_asked_twice

CUSTOMER, OUTLET = "customer-jane", "shop-beispielhafen"  # of telco/people.yaml
CHOSEN, PLAN, RULE = "handset-fjord-2", "plan-m", "handset-days"
HOMES = (  # she moves from wherever she lives to the other
    {"contactType": "home", "street1": "Gartenstraße 21", "postCode": "01236", "city": "Neu-Beispielhafen"},
    {"contactType": "home", "street1": "Am Alten Hafen 4", "postCode": "01235", "city": "Beispielhafen"},
)
COMPARED = {"memory", "colour", "display", "camera", "battery", "weight", "dualSim", "waterproof"}

WEB = Actor("Jane", "web", "customer", CUSTOMER, customer=CUSTOMER)
SELFCARE = Actor("Jane", "selfcare", "customer", CUSTOMER, customer=CUSTOMER)
MIRA = Actor("Mira", "shop", "agent", "seller-mira", outlet=OUTLET)

JANE_PATH = f"{CUSTOMERS}/{CUSTOMER}"


def _saved(told: Told) -> Call:
    saved = [{"productOffering": {"id": each["id"]}, "status": "saveForLater"} for each in told["handsets"]]
    return Call("POST", CARTS, {"cartItem": saved})


def _same_lines(cart: Any, told: Told) -> bool:
    return [line["id"] for line in cart["cartItem"]] == [line["id"] for line in told["cart"]["cartItem"]]


def _compared(specifications: Any, told: Told) -> bool:
    named = {handset["productSpecification"]["id"] for handset in told["handsets"]}
    said = [
        {each["name"] for each in specification["productSpecCharacteristic"]}
        for specification in specifications
        if specification["id"] in named
    ]
    return len(said) == len(named) and all(each >= COMPARED for each in said)


def _chosen_line(told: Told) -> str:
    return f"{told['cart']['href']}/cartItem/{look.line(told['cart'], CHOSEN)['id']}"


def _order(told: Told) -> Call:
    return Call("POST", ORDERS, {"shoppingCart": {"id": told["cart"]["id"]}})


def _new_home(told: Told) -> dict[str, str]:
    streets = [each["characteristic"]["street1"] for each in look.homes(told["customer"])]
    return next(home for home in HOMES if home["street1"] not in streets)


def _moved(told: Told) -> Call:
    kept = [each for each in told["customer"]["contactMedium"] if each not in look.homes(told["customer"])]
    new = {"mediumType": look.HOME, "characteristic": {**_new_home(told), "country": "DE"}}
    return Call("PATCH", JANE_PATH, {"contactMedium": [*kept, new]})


def _parcel(told: Told) -> str:
    return look.place(
        next(item for item in told["order"]["productOrderItem"] if look.offering(item) == CHOSEN), "delivery"
    )


def _ordered_to(told: Told) -> str:
    return look.address(look.medium(told["customer"], _parcel(told)))


def _the_same(order: Any, told: Told) -> bool:
    parts = ("id", "orderTotalPrice", "channel", "billingAccount")
    items = [
        [(item["id"], item["itemTotalPrice"]) for item in each["productOrderItem"]] for each in (order, told["order"])
    ]
    return all(order[part] == told["order"][part] for part in parts) and items[0] == items[1]


SAME = (
    Truth("It is the very order.", _the_same),
    Truth("It is fulfilled.", lambda it, _: it["state"] == "completed"),
)

STEPS = (
    Step(
        WEB,
        "has ten minutes at lunch, and looks at the handsets in the web shop.",
        lambda _: Call("GET", f"{OFFERINGS}?category.id=handsets"),
        (Truth("There are five.", lambda it, _: len(it) == 5),),
        keep="handsets",
    ),
    Step(
        WEB,
        "saves all five for later.",
        _saved,
        (
            Truth("They are in her cart, saved for later.", lambda it, _: len(look.lines(it, "saveForLater")) == 5),
            Truth("There is nothing to pay yet.", lambda it, _: it["cartTotalPrice"] == []),
        ),
        keep="cart",
    ),
    Step(
        BEN,
        "gets her call in the afternoon, and opens her cart.",
        lambda told: Call("GET", f"{CARTS}?relatedParty.id={CUSTOMER}&state=active"),
        (
            Truth(
                "It is the same cart with the same five lines.",
                lambda it, told: _same_lines(next(each for each in it if each["id"] == told["cart"]["id"]), told),
            ),
        ),
    ),
    Step(
        BEN,
        "compares the five for her.",
        lambda _: Call("GET", f"{SPECIFICATIONS}?fields=name,brand,productSpecCharacteristic"),
        (Truth("All five say the same eight things about themselves.", _compared),),
        keep="specifications",
    ),
    Step(
        BEN,
        "notes what they spoke about.",
        lambda _: note(CUSTOMER, "Compared five handsets; she likes the Fjord."),
        (Truth("The note is his, from the call centre.", lambda it, _: look.channels(it) == ["callcentre"]),),
    ),
    Step(
        MIRA,
        "opens the cart at the terminal of the shop; Jane has come by after work.",
        lambda told: Call("GET", told["cart"]["href"]),
        (
            Truth("The five are there, and she need not begin again.", _same_lines),
            Truth(
                "The shop's own price of the Fjord is shown, with its rule.",
                lambda it, _: look.rules(look.line(it, CHOSEN)["itemPrice"]) == [RULE],
            ),
        ),
    ),
    Step(
        MIRA,
        "takes up the Fjord, which Jane has tried in her hand.",
        lambda told: Call("PATCH", _chosen_line(told), {"status": "active"}),
        (
            Truth("It will be ordered.", lambda it, _: it["status"] == "active"),
            Truth("The line tells in which shop.", lambda it, _: it["touch"]["outlet"] == OUTLET),
        ),
    ),
    Step(
        MIRA,
        "adds a plan to it.",
        lambda told: Call("POST", f"{told['cart']['href']}/cartItem", {"productOffering": {"id": PLAN}}),
        (Truth("The plan is in the cart.", lambda it, _: look.offering(it) == PLAN),),
    ),
    Step(
        MIRA,
        "orders at the terminal.",
        _order,
        (
            Truth(
                "Two items are ordered, no more.",
                lambda it, _: sorted(map(look.offering, it["productOrderItem"])) == [CHOSEN, PLAN],
            ),
            Truth(
                "It began on the web and was completed in the shop.",
                lambda it, _: (look.channels(it, "origin"), look.channels(it, "completed")) == (["web"], ["shop"]),
            ),
            Truth(
                "Bill and parcel have their address, and nobody asked for it.",
                lambda it, _: it["billingAccount"]["id"] == "account-jane" and _parcel({"order": it}),
            ),
        ),
        keep="order",
    ),
    Step(
        MIRA,
        "orders once more: the terminal had lost its line, and she could not know.",
        _order,
        (Truth("It is the same order, not a second one.", lambda it, told: it["id"] == told["order"]["id"]),),
    ),
    Step(
        SELFCARE,
        "opens self-care at home, and looks at what the hub knows of her.",
        lambda _: Call("GET", JANE_PATH),
        (Truth("Her address is there.", lambda it, _: len(look.homes(it)) == 1),),
        keep="customer",
    ),
    Step(
        SELFCARE,
        "moves house: the new address takes the place of the old one.",
        _moved,
        (
            Truth(
                "The new address is in force.",
                lambda it, told: (
                    [each["characteristic"]["street1"] for each in look.homes(it)] == [_new_home(told)["street1"]]
                ),
            ),
        ),
        news=True,
    ),
    Step(
        WEB,
        "looks at her order on the web.",
        lambda told: Call("GET", told["order"]["href"]),
        SAME,
        later=True,
        keep="fulfilled",
    ),
    Step(BEN, "sees the same order in the call centre.", lambda told: Call("GET", told["order"]["href"]), SAME),
    Step(MIRA, "sees the same order in the shop.", lambda told: Call("GET", told["order"]["href"]), SAME),
    Step(
        BEN,
        "is asked where the parcel goes, and looks up the place that the order names.",
        lambda _: Call("GET", JANE_PATH),
        (
            Truth(
                "The parcel goes where it was ordered to.",
                lambda it, told: look.address(look.medium(it, _parcel(told))) == _ordered_to(told),
            ),
            Truth(
                "That is no longer where she lives.",
                lambda it, told: _parcel(told) not in [each["id"] for each in look.homes(it)],
            ),
        ),
        keep="moved",
    ),
    Step(
        WEB,
        "finds the other four still waiting.",
        lambda _: Call("GET", f"{CARTS}?state=active"),
        (
            Truth(
                "They are in her next cart, saved for later.",
                lambda it, told: any(
                    {line["id"] for line in look.lines(each, "saveForLater")}
                    == {line["id"] for line in told["cart"]["cartItem"]} - {look.line(told["cart"], CHOSEN)["id"]}
                    for each in it
                ),
            ),
        ),
        keep="carts",
    ),
    Step(
        BEN,
        "reads her timeline.",
        lambda _: Call("GET", f"{TIMELINE}?relatedParty.id={CUSTOMER}"),
        (
            Truth("All of it is there, newest first.", lambda it, _: look.newest_first(it)),
            Truth(
                "It spans the web, the call centre and the shop.",
                lambda it, _: {"web", "callcentre", "shop"} <= look.spanned(it),
            ),
        ),
        keep="timeline",
        later=True,
    ),
)


def _one_order(scenes: list[Scene]) -> bool:
    orders = [scene.answer.body["id"] for scene in scenes if scene.call.method == "POST" and scene.call.path == ORDERS]
    return len(set(orders)) == 1 < len(orders)


def _epilogue(told: Told) -> list[str]:
    (home,) = look.homes(told["moved"])
    waiting = [line["productOffering"]["name"] for cart in told["carts"] for line in look.lines(cart, "saveForLater")]
    return [
        f"The parcel goes to {_ordered_to(told)}, as ordered; Jane now lives at {look.address(home)}.",
        f"Still saved for her: {', '.join(waiting)}.",
    ]


JANE = Story(
    "jane",
    "Jane finds a handset",
    CUSTOMER,
    STEPS,
    (
        ("Nothing was asked twice: no channel made her say her name, address or number again.", nothing_asked_twice),
        ("One cart became one order, though it was sent twice.", _one_order),
    ),
    _epilogue,
)
