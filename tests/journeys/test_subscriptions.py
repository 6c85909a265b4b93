"""Subscriptions: who asked to be told is told, of what they asked for, and nobody waits for anybody else."""

from functions.shared import tmf
from local.hub import Hub
from tests.journeys.listener import listening
from tests.tmf.client import Client, assert_event

ORDERS = tmf.BASE["TMF622"]
HUB = f"{ORDERS}/hub"
CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"


def operator(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-backoffice", "operator", "olga"))


def order(hub: Hub, name: str, offering: str = "plan-m") -> str:
    """A customer orders, and all that follows has followed."""
    client = Client(hub.url, hub.token("nova-web", "customer", name, customer_id=name))
    cart = client.post(CARTS, {"cartItem": [{"productOffering": {"id": offering}}]}).body
    placed = client.post(f"{ORDERS}/productOrder", {"shoppingCart": {"id": cart["id"]}}).body
    hub.settle()
    return str(placed["id"])


def test_a_subscriber_is_told_of_an_order_as_it_goes_on_and_of_nothing_once_it_has_unsubscribed(hub: Hub) -> None:
    olga = operator(hub)
    with listening() as listener:
        made = olga.post(HUB, {"callback": f"{listener.url}/omnihub"})
        assert made.body["callback"] == f"{listener.url}/omnihub"
        assert made.location == f"{HUB}/{made.body['id']}"
        hub.settle()
        placed = order(hub, "ida")
        assert [(path, event["sequence"]) for path, event in sorted(listener.told, key=lambda t: t[1]["sequence"])] == [
            ("/omnihub/listener/productOrderCreateEvent", 1),
            ("/omnihub/listener/productOrderStateChangeEvent", 2),
            ("/omnihub/listener/productOrderAttributeValueChangeEvent", 3),
            ("/omnihub/listener/productOrderStateChangeEvent", 4),
        ]
        for event in listener.events():
            assert_event(event)
            assert event["event"]["productOrder"]["id"] == placed
        olga.delete(made.location)
        hub.settle()
        listener.told.clear()
        order(hub, "ida")
        assert listener.told == []
    assert hub.function_errors == []
    assert hub.dead_letters() == []
    assert not [url for url in hub.client("sqs").list_queues().get("QueueUrls", []) if "-hub-" in url]
