"""One version of a row is exactly one event, by the standard's names, without personal data."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cart import row as carts
from functions.catalog.catalog import KINDS
from functions.events import happened
from functions.shared import rows, tmf
from functions.shared.access import Caller
from functions.shared.http import as_json
from tests.tmf import strict
from tests.unit.test_cart import CARTS, JANE

STEADY = settings(derandomize=True, deadline=None, max_examples=40)
Json = dict[str, Any]
AT = "2026-03-01T12:00:00.000Z"
CALLER = Caller("nova", "DE", "web", "customer", "jane-login", "nova-web", "journey-1", customer_id="jane")
CUSTOMER = {"id": "jane", "role": "customer", "@referredType": "Customer"}
ITEM = {"id": "1", "action": "add", "quantity": 1, "state": "acknowledged"}
# What a row of each kind holds, with every personal thing that may be in it.
SECRET = "Jane Keller"
MEDIUM = [{"mediumType": "email", "characteristic": {"emailAddress": SECRET}}]
BODIES: dict[str, Json] = {
    "shoppingCart": {"state": "active", "cartItem": {}},
    "productOrder": {"state": "acknowledged", "orderDate": AT, "productOrderItem": [ITEM], "relatedParty": [CUSTOMER]},
    "cancelProductOrder": {"state": "inProgress", "productOrder": {"id": "o1", "@referredType": "ProductOrder"}},
    "product": {"status": "active", "startDate": AT},
    "customer": {
        "name": SECRET,
        "status": "active",
        "engagedParty": {"id": "i1", "@referredType": "Individual"},
        "contactMedium": MEDIUM,
        "characteristic": [{"name": "nick", "value": SECRET}],
    },
    "individual": {"givenName": SECRET, "familyName": SECRET, "status": "initialized", "contactMedium": MEDIUM},
    "organization": {"tradingName": SECRET, "status": "initialized", "contactMedium": MEDIUM},
    "billingAccount": {"name": SECRET, "state": "active", "currency": "EUR"},
    "partyInteraction": {
        "description": SECRET,
        "note": [{"text": SECRET}],
        "status": "opened",
        "reason": "question",
        "direction": "inbound",
        "creationDate": AT,
        "interactionDate": {"startDateTime": AT},
        "channel": [{"id": "web", "href": "/c", "role": "interaction"}],
        "relatedParty": [{**CUSTOMER, "href": "/tmf-api/customerManagement/v4/customer/jane"}],
    },
    "customerPrice": {
        "state": "active",
        "productOfferingPrice": {"id": "m"},
        "price": {"unit": "EUR", "value": 9},
        "validFor": {"startDateTime": AT},
        "reason": "T-1",
        "author": SECRET,
    },
    "catalogPublication": {"state": "done", "catalogVersion": "v1", "creationDate": AT, "author": "olga"},
    "priceRise": {"state": "draft", "noticeDate": AT, "effectiveDate": AT, "reason": "energy"},
    "productOfferingQualification": {"state": "inProgress", "description": SECRET, "channel": {"id": "web"}},
    "communicationMessage": {"state": "inProgress", "messageType": "SMS", "template": "received", "language": "de"},
}
ENDS = {
    "shoppingCart": "ordered",
    "productOrder": "completed",
    "cancelProductOrder": "done",
    "product": "terminated",
    "customer": "closed",
    "individual": "validated",
    "organization": "validated",
    "billingAccount": "closed",
    "partyInteraction": "completed",
    "customerPrice": "ended",
    "catalogPublication": "failed",
    "priceRise": "decided",
    "productOfferingQualification": "done",
    "communicationMessage": "completed",
}
PERSONAL = (
    "customer",
    "individual",
    "organization",
    "billingAccount",
    "customerPrice",
    "partyInteraction",
    "productOfferingQualification",
)
# computed with every reading; a file; and what nobody is told of
NO_ROW = {"cartPromotion", "catalogVersion", "eventSubscription"}
# kind -> the events that a row of it can be, as the standard (or our own extension of it) names them
EVENTS = {
    "shoppingCart": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "productOrder": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "cancelProductOrder": ["Create", "StateChange"],
    "product": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "customer": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "individual": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "organization": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "billingAccount": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "partyInteraction": ["Create", "AttributeValueChange", "StatusChange", "Delete"],
    "customerPrice": ["Create", "StateChange", "Delete"],
    "catalogPublication": ["Create"],
    "priceRise": ["Create", "AttributeValueChange", "StateChange"],
    "productOfferingQualification": ["Create", "AttributeValueChange", "StateChange", "Delete"],
    "communicationMessage": ["Create", "StateChange"],
}


def row_of(kind: str, version: int = 1, state: str | None = None, **more: Any) -> Json:
    """A row of that kind at that version; `state` is written where the kind has its state."""
    body = dict(BODIES[kind])
    if state is not None:
        body["state" if "state" in body else "status"] = state
    row = rows.new(CALLER, kind, "r1", {**body, **more})
    if kind == "shoppingCart":
        row |= {"catalog_version": "v1", "touches": {"web": {"by": "jane", "at": AT, "origin": True}}, "created": AT}
    return {**row, "version": version, "at": AT}


def event(old: Json | None, new: Json | None) -> Json:
    found = happened.event(old, new)
    assert found is not None
    return found


def test_every_kind_of_row_that_is_a_resource_is_covered_here() -> None:
    drafted = {kind for kind, api in tmf.API.items() if api in happened.DRAFTED}
    assert tmf.API.keys() - happened.UNTOLD - drafted - NO_ROW == BODIES.keys() == EVENTS.keys()
    assert {*happened.DRAFTED, *(tmf.API[kind] for kind in BODIES)} == happened.DOMAIN.keys()


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_the_life_of_a_row_is_told_in_the_standards_names(kind: str) -> None:
    created, changed = row_of(kind), row_of(kind, 2, at="later")
    ended = row_of(kind, 3, ENDS[kind])
    found = [event(None, created), event(created, changed), event(changed, ended), event(ended, None)]

    state = "StatusChange" if kind == "partyInteraction" else "StateChange"
    expected = [f"{tmf.type_of(kind)}{word}Event" for word in ("Create", "AttributeValueChange", state, "Delete")]
    assert [each["eventType"] for each in found] == expected
    assert [each["eventId"] for each in found] == [f"{kind}-r1-{version}" for version in (1, 2, 3, 4)]
    assert [each["sequence"] for each in found] == [1, 2, 3, 4]


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_an_event_is_what_the_standard_says_it_is(kind: str) -> None:
    created = row_of(kind)
    images = {
        "Create": (None, created),
        "AttributeValueChange": (created, row_of(kind, 2)),
        "StateChange": (created, row_of(kind, 2, ENDS[kind])),
        "StatusChange": (created, row_of(kind, 2, ENDS[kind])),
        "Delete": (created, None),
    }
    for word in EVENTS[kind]:
        found = event(*images[word])
        faults = strict.faults(json.loads(as_json(found)), tmf.API[kind], f"{tmf.type_of(kind)}{word}Event")
        left_out = "is missing in a" if kind in PERSONAL else "nothing"  # what is personal stays at home
        assert [fault for fault in faults if left_out not in fault] == []


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_an_event_says_whose_brand_channel_and_journey_it_belongs_to(kind: str) -> None:
    found = event(None, row_of(kind))
    assert (found["brand"], found["market"], found["channel"]) == ("nova", "DE", "web")
    assert (found["correlationId"], found["eventTime"], found["timeOcurred"]) == ("journey-1", AT, AT)
    assert found["event"][kind]["href"] == tmf.href(kind, "r1")


@pytest.mark.parametrize("kind", PERSONAL)
def test_what_is_personal_does_not_travel(kind: str) -> None:
    images = row_of(kind), row_of(kind, 2, "completed")
    for old, new in ((None, images[0]), images, (images[1], None)):
        assert SECRET not in str(event(old, new))
    allowed = {"id", "href", "@type", *happened.IMPERSONAL[kind]}
    assert event(None, images[0])["event"][kind].keys() <= allowed


def draft_of(kind: str, version: int, status: str, **more: Any) -> Json:
    """The row of a catalog resource at that version, as an operator writes it."""
    body = {"name": {"de": "Neu", "en": "New"}, "lifecycleStatus": status, "version": "1.0", "lastUpdate": AT}
    return {**rows.new(CALLER, kind, "r1", body, language="de"), "version": version, "at": AT, **more}


@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_tells_itself_what_it_does_to_its_resource(kind: str) -> None:
    """What is published has no row, and the row of what was published goes; neither comes or goes by that."""
    told = [
        (None, draft_of(kind, 1, "In study"), "Create"),
        (draft_of(kind, 1, "In study"), draft_of(kind, 2, "In study", before="In study"), "AttributeValueChange"),
        (None, draft_of(kind, 2, "Active", before="Active"), "AttributeValueChange"),
        (None, draft_of(kind, 2, "Retired", before="Active"), "StateChange"),
        (draft_of(kind, 2, "Active"), draft_of(kind, 3, "Active", before="Active", gone=True), "Delete"),
    ]
    for old, new, change in told:
        found = event(old, new)
        assert found["eventType"] == f"{tmf.type_of(kind)}{change}Event"
        assert found["eventId"] == f"{kind}-r1-{new['version']}"
        assert found["event"][kind]["name"] == "Neu"
        assert strict.faults(json.loads(as_json(found)), "TMF620", found["eventType"]) == []


def test_a_draft_that_was_published_and_is_cleared_away_is_no_event() -> None:
    row = draft_of("productOffering", 2, "Active")
    folded = {name: value for name, value in row.items() if name != "body"} | {"folded": True}
    assert happened.event(row, folded) is None
    assert happened.event(folded, None) is None
    assert event(folded, draft_of("productOffering", 3, "Active", before="Active"))["sequence"] == 3


def test_of_a_subscription_the_id_travels_alone_for_its_callback_may_hold_a_secret() -> None:
    row = rows.new(CALLER, "eventSubscription", "r1", {"callback": f"https://partner.example/{SECRET}"})
    for old, new, name in ((None, row, "EventSubscriptionCreateEvent"), (row, None, "EventSubscriptionDeleteEvent")):
        found = event(old, new)
        assert found["event"] == {"eventSubscription": {"id": "r1", "@type": "EventSubscription"}}
        assert strict.faults(found, "omnihub", name) == []


@pytest.mark.parametrize(
    "kind", ["key", "identifier", "private", "activation", "southbound", "claim", *sorted(happened.UNTOLD)]
)
def test_a_technical_row_is_no_event(kind: str) -> None:
    row = rows.new(CALLER, kind, "x", {"state": "active"})
    assert happened.event(None, row) is None
    assert happened.event(row, {**row, "version": 2, "body": {"state": "ended"}}) is None
    assert happened.event(row, None) is None
    assert happened.event(None, None) is None


@STEADY
@given(
    kind=st.sampled_from(sorted(BODIES)),
    states=st.lists(st.sampled_from(["active", "inProgress", "completed"]), min_size=1, max_size=6),
)
def test_one_version_is_one_event_and_no_two_are_alike(kind: str, states: list[str]) -> None:
    life = [row_of(kind, version + 1, state) for version, state in enumerate(states)]
    images = [(None, life[0]), *pairwise(life), (life[-1], None)]

    found = [event(old, new) for old, new in images]

    assert [each["sequence"] for each in found] == list(range(1, len(life) + 2))
    assert len({each["eventId"] for each in found}) == len(found)
    moved = [each["eventType"].endswith(("StateChangeEvent", "StatusChangeEvent")) for each in found[1:-1]]
    assert moved == [before != after for before, after in pairwise(states)]


@STEADY
@given(CARTS)
def test_a_carts_event_says_what_was_decided_and_no_price(cart: Any) -> None:
    found = event(None, rows.unpacked(rows.packed(carts.to_row(JANE, cart))))

    told = found["event"]["shoppingCart"]
    assert [item["id"] for item in told["cartItem"]] == sorted(cart.lines)
    for item in told["cartItem"]:
        line = cart.lines[item["id"]]
        assert (item["quantity"], item["action"]) == (line.quantity, line.action)
        assert (item["status"] == "saveForLater", item["touch"]) == (line.saved, line.touch)
    assert "Price" not in str(told)
    assert [party["id"] for party in told.get("relatedParty", [])] == ([cart.customer] if cart.customer else [])
    assert strict.faults(json.loads(as_json(found)), "TMF663", "ShoppingCartCreateEvent") == []


def test_the_customer_is_named_once_whether_or_not_the_row_names_them_too() -> None:
    for kind in ("productOrder", "product"):
        found = event(None, {**row_of(kind), "customer": "jane"})
        assert [party["id"] for party in found["event"][kind]["relatedParty"]] == ["jane"]


def test_an_event_too_large_for_the_bus_tells_the_address_alone() -> None:
    found = event(None, row_of("productOrder"))

    short = happened.shortened(found)

    assert short["event"]["productOrder"] == {
        "id": "r1",
        "href": tmf.href("productOrder", "r1"),
        "@type": "ProductOrder",
    }
    beside = {"customer": "jane", "state": "acknowledged"}
    assert {k: v for k, v in short.items() if k != "event"} == {k: v for k, v in found.items() if k != "event"} | beside
    assert strict.faults(short, "TMF622", short["eventType"]) == []


def test_a_carts_event_whole() -> None:
    lines = {
        "l2": {
            "quantity": 2,
            "action": "delete",
            "saved": True,
            "by": "ben",
            "channel": "shop",
            "outlet": "7",
            "at": AT,
        },
        "l1": {"quantity": 1, "offering": "plan", "at": AT},
    }
    row = row_of("shoppingCart", 2, "ordered", cartItem=lines)
    row |= {"order": "o1", "opened": {"by": "jane-login", "channel": "web"}, "touches": {"web": {"origin": True}}}
    row["touches"]["shop"] = {}

    told = event(row_of("shoppingCart"), row)["event"]["shoppingCart"]

    order = {"id": "o1", "href": tmf.href("productOrder", "o1"), "@referredType": "ProductOrder"}
    common = {"@type": "CartItem"}
    assert told == {
        "id": "r1",
        "href": tmf.href("shoppingCart", "r1"),
        "@type": "ShoppingCart",
        "state": "ordered",
        "catalogVersion": "v1",
        "channel": [{"id": "web", "role": "origin"}, {"id": "shop", "role": "touched"}],
        "validFor": {"startDateTime": AT},
        "productOrder": order,
        "cartItem": [
            {
                **common,
                "id": "l1",
                "quantity": 1,
                "action": "add",
                "status": "active",
                "touch": {"by": "jane-login", "channel": "web", "at": AT},
                "productOffering": {"id": "plan"},
            },
            {
                **common,
                "id": "l2",
                "quantity": 2,
                "action": "delete",
                "status": "saveForLater",
                "touch": {"by": "ben", "channel": "shop", "at": AT, "outlet": "7"},
            },
        ],
    }


def test_an_event_says_which_partner_sold_it_and_why_it_was_done_where_that_is_known() -> None:
    row = row_of("productOrder")
    known = event(None, {**row, "partner": "shops-gmbh", "reason": "goodwill"})
    assert (known["partner"], known["reason"]) == ("shops-gmbh", "goodwill")
    assert not event(None, row).keys() & {"partner", "reason"}


def test_the_customer_of_a_row_is_the_first_of_its_parties_except_where_it_knows_none() -> None:
    seller = {"id": "ben", "role": "seller", "@referredType": "Employee"}
    told = event(None, {**row_of("productOrder", relatedParty=[seller]), "customer": "jane"})["event"]["productOrder"]
    jane = {"id": "jane", "href": tmf.href("customer", "jane"), "role": "customer", "@referredType": "Customer"}
    assert told["relatedParty"] == [jane, seller]
    assert happened.customer_of(told) == "jane"
    nobodys: list[Json] = [{}, {"relatedParty": []}, {"relatedParty": [seller, {"id": "x"}]}]
    for resource in nobodys:
        assert happened.customer_of(resource) is None
    task = event(None, {**row_of("cancelProductOrder"), "customer": "jane"})
    assert "relatedParty" not in task["event"]["cancelProductOrder"]


@pytest.mark.parametrize(("language", "name"), [("de", "Neu"), ("en", "New")])
def test_a_draft_is_told_in_its_markets_language(language: str, name: str) -> None:
    found = event(None, draft_of("productOffering", 1, "In study") | {"language": language})
    assert found["event"]["productOffering"]["name"] == name
