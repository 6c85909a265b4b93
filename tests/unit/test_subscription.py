"""What a subscriber wants to hear: the query when it is written, when it is met, and what it leaves of an event."""

from typing import Any

import pytest

from functions.events import happened
from functions.shared import names
from functions.shared.errors import Malformed
from functions.subscription import subscription
from tests.tmf import strict

Json = dict[str, Any]
ORDER = {
    "id": "o1",
    "href": "/tmf-api/productOrderingManagement/v4/productOrder/o1",
    "@type": "ProductOrder",
    "state": "completed",
    "priority": "3",
    "orderDate": "2026-03-01T12:00:00Z",
    "productOrderItem": [{"id": "1", "action": "add", "state": "completed", "quantity": 2}],
    "relatedParty": [{"id": "ann", "role": "customer", "@referredType": "Customer"}],
}
EVENT: Json = {
    "eventId": "productOrder-o1-4",
    "eventTime": "2026-03-01T12:00:00.000Z",
    "timeOcurred": "2026-03-01T12:00:00.000Z",
    "eventType": "ProductOrderStateChangeEvent",
    "correlationId": "journey-1",
    "domain": "productOrdering",
    "title": "ProductOrderStateChangeEvent",
    "sequence": 4,
    "brand": "nova",
    "market": "DE",
    "channel": "web",
    "by": "ann-login",
    "role": "customer",
    "event": {"productOrder": ORDER},
}
MET = """
(empty)
eventType=ProductOrderStateChangeEvent
eventType=ProductOrderCreateEvent,ProductOrderStateChangeEvent
eventType=ProductOrderCreateEvent;eventType=ProductOrderStateChangeEvent
eventType.regex=^ProductOrder
eventType=ProductOrderStateChangeEvent&event.productOrder.state=completed
event.productOrder.state=failed,completed
event.productOrder.state.regex=^comp
event.productOrder.productOrderItem.quantity.gt=1
event.productOrder.relatedParty.id=ann
event.productOrder.orderDate.gte=2026-03-01T00:00:00Z
channel=web
sequence.gte=4
correlationId.regex=^journey-
fields=eventId
"""
NOT_MET = """
eventType=ProductOrderCreateEvent
event.productOrder.state=failed
event.productOrder.state=completed&event.productOrder.productOrderItem.quantity.gt=2
event.productOrder.relatedParty.id=tom
event.cancelProductOrder.state=done
channel=shop
eventType.regex=^Cancel
"""
# query -> what the sentence says
REFUSED = {
    "eventType=ProductOrderDoneEvent": "ProductOrderDoneEvent is not an event of this API",
    "eventType=ProductOrderStateChangeEvnt": "did you mean ProductOrderStateChangeEvent?",
    "eventType=ShoppingCartCreateEvent": "not an event of this API",
    "event.productOrder.stat=completed": "did you mean event.productOrder.state?",
    "event.shoppingCart.id=1": "not an attribute here",
    "event.productOrder=1": "is an object",
    "event=1": "is an object",
    "productOrder.state=completed": "not an attribute here",
    "nothing": "is no filter",
    "sequence.gt=many": "sequence must be an integer",
    "event.productOrder.state.regex=(": "regular expression",
    "fields=eventId,event.productOrder.nme": "not an attribute here",
    "fields=nothing": "not an attribute here",
    "sort=eventId": "no sort",
    "offset=1": "no offset",
    "limit=5": "no limit",
    "cursor=x": "no cursor",
}


def _queries(table: str) -> list[str]:
    return ["" if line == "(empty)" else line for line in table.strip().splitlines()]


@pytest.mark.parametrize("query", _queries(MET))
def test_a_query_that_is_met(query: str) -> None:
    assert subscription.wants(subscription.read(query, "TMF622"), EVENT)


@pytest.mark.parametrize("query", _queries(NOT_MET))
def test_a_query_that_is_not_met(query: str) -> None:
    assert not subscription.wants(subscription.read(query, "TMF622"), EVENT)


@pytest.mark.parametrize("query", REFUSED)
def test_a_query_that_names_nothing_is_refused_when_it_is_written(query: str) -> None:
    with pytest.raises(Malformed) as refused:
        subscription.read(query, "TMF622")
    assert REFUSED[query] in refused.value.sentence


def test_every_event_of_every_api_can_be_asked_for_by_its_name_and_its_resources_id() -> None:
    asked = 0
    for api in happened.DOMAIN:
        for kind in names.events(api):
            subscription.read(f"eventType={kind}", api)
            payload = names.definition(api, names.definition(api, kind).properties["event"])
            for noun, resource in payload.properties.items():
                if resource[0].isupper() and "id" in names.definition(api, resource).properties:
                    subscription.read(f"event.{noun}.id=1&fields=event.{noun}", api)
                    asked += 1
    assert asked > 50


def test_an_event_too_large_for_the_bus_is_told_to_whoever_may_want_it() -> None:
    """It says the address and the state of its resource, and nobody can tell whether it meets more."""
    short = happened.shortened(EVENT)
    for query, wanted in {
        "event.productOrder.state=completed": True,
        "event.productOrder.state=failed": False,
        "event.productOrder.id=o2": False,
        "event.productOrder.relatedParty.id=tom": True,
        "event.productOrder.relatedParty.id=tom&eventType=ProductOrderCreateEvent": False,
    }.items():
        assert subscription.wants(subscription.read(query, "TMF622"), short) is wanted, query


def test_who_is_told_hears_the_envelope_without_what_the_hub_knows_of_its_own_people() -> None:
    asked = subscription.read("", "TMF622")
    told = subscription.told(asked, {**EVENT, "partner": "acme", "reason": "ticket-7"})
    assert told == {name: value for name, value in EVENT.items() if name not in ("by", "role")}
    assert strict.faults(told, "TMF622", "ProductOrderStateChangeEvent") == []


def test_fields_narrow_what_is_told_to_what_they_name_and_to_what_tells_a_repeat() -> None:
    always = {"eventId": "productOrder-o1-4", "eventTime": EVENT["eventTime"], "sequence": 4}
    always["eventType"] = "ProductOrderStateChangeEvent"
    asked = subscription.read("fields=event.productOrder.state,correlationId", "TMF622")
    address = {name: ORDER[name] for name in ("id", "href", "@type")}
    assert subscription.told(asked, EVENT) == {
        **always,
        "correlationId": "journey-1",
        "event": {"productOrder": {**address, "state": "completed"}},
    }
    assert subscription.told(subscription.read("fields=none", "TMF622"), EVENT) == always


def test_the_path_of_every_event_is_spelled_as_the_standard_spells_it() -> None:
    spelled = 0
    for api in happened.DOMAIN:
        paths = {path for path in names.standard_api(api)["paths"] if path.startswith("/listener/")}
        ours = {subscription.listener({"eventType": kind}) for kind in names.events(api)}
        assert paths <= ours, api
        spelled += len(paths)
    assert spelled > 50
