"""Subscriptions: who asked to be told is told, of what they asked for, and nobody waits for anybody else."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cli.hub import load
from functions.events import subscribe
from functions.shared import tmf
from local.hub import Hub
from tests.http.faults import LOST, failing
from tests.journeys.listener import Listener, listening
from tests.tmf.client import Client, assert_event

ORDERS, PRODUCTS = tmf.BASE["TMF622"], tmf.BASE["TMF637"]
HUB = f"{ORDERS}/hub"
CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"
DONE = "eventType=ProductOrderStateChangeEvent&event.productOrder.state=completed"


@pytest.fixture(scope="module")
def hub(out: Path) -> Iterator[Hub]:
    """A hub in which six hours of tries are over in a moment."""
    with Hub.start(out, haste=0.00002) as running:
        load(running)
        yield running


@pytest.fixture
def listener(hub: Hub) -> Iterator[Listener]:
    """Somebody who listens, and whom nobody tells anything once the test is over."""
    with listening() as made:
        yield made
        for each in operator(hub).get(HUB).body:
            operator(hub).delete(f"{HUB}/{each['id']}")
        hub.settle()


def operator(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-backoffice", "operator", "olga"))


def partner(hub: Hub, name: str) -> Client:
    return Client(hub.url, hub.token("nova-partner", "partner", f"{name}-till", partner_id=name))


def subscribed(hub: Hub, client: Client, url: str, query: str | None = None, base: str = ORDERS) -> str:
    """The path of a subscription whose queue is there."""
    made = client.post(f"{base}/hub", {"callback": url, **({} if query is None else {"query": query})})
    hub.settle()
    return made.location


def order(hub: Hub, name: str = "ida", offering: str = "plan-m") -> str:
    """A customer orders, and all that follows has followed, but where somebody listens and does not answer."""
    client = Client(hub.url, hub.token("nova-web", "customer", name, customer_id=name))
    cart = client.post(CARTS, {"cartItem": [{"productOffering": {"id": offering}}]}).body
    return str(client.post(f"{ORDERS}/productOrder", {"shoppingCart": {"id": cart["id"]}}).body["id"])


def queues(hub: Hub, id_: str) -> list[str]:
    """The queues of a subscription, by how their names end."""
    urls = hub.client("sqs").list_queues().get("QueueUrls", [])
    return sorted(url.rpartition(id_)[2] for url in urls if id_ in url)


def mappings(hub: Hub, id_: str) -> list[Any]:
    """What reads its queue."""
    found = hub.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return [mapping for mapping in found if mapping["EventSourceArn"].endswith(f"-hub-{id_}")]


def undelivered(hub: Hub, id_: str) -> list[str]:
    """The events that lie in its dead letters."""
    found = [letter.body["event"]["eventId"] for letter in hub.dead_letters() if letter.place.endswith(f"{id_}-dead")]
    return sorted(found)


def test_a_subscriber_is_told_of_an_order_as_it_goes_on_and_of_nothing_once_it_has_unsubscribed(
    hub: Hub, listener: Listener
) -> None:
    olga = operator(hub)
    made = olga.post(HUB, {"callback": f"{listener.url}/omnihub", "query": ""})
    assert made.body == {
        "id": made.body["id"],
        "@type": "EventSubscription",
        "callback": f"{listener.url}/omnihub",
        "query": "",
    }
    assert made.location == f"{HUB}/{made.body['id']}"
    assert olga.get(made.location).body == made.body
    assert made.body in olga.get(HUB).body
    hub.settle()
    placed = order(hub)
    hub.settle()
    assert [(path, event["sequence"]) for path, event in sorted(listener.told, key=lambda t: t[1]["sequence"])] == [
        ("/omnihub/listener/productOrderCreateEvent", 1),
        ("/omnihub/listener/productOrderStateChangeEvent", 2),
        ("/omnihub/listener/productOrderAttributeValueChangeEvent", 3),
        ("/omnihub/listener/productOrderStateChangeEvent", 4),
    ]
    for event in listener.events():
        assert_event(event)
        assert event["event"]["productOrder"]["id"] == placed
        assert event.keys().isdisjoint({"by", "role", "partner", "reason"})
    olga.delete(made.location)
    olga.get(made.location, expect=404)
    hub.settle()
    listener.told.clear()
    order(hub)
    hub.settle()
    assert listener.told == []
    assert queues(hub, made.body["id"]) == []
    assert mappings(hub, made.body["id"]) == []
    assert hub.function_errors == []
    assert hub.dead_letters() == []


def test_a_query_chooses_events_and_fields_and_the_api_is_the_one_whose_hub_it_is(hub: Hub, listener: Listener) -> None:
    olga = operator(hub)
    subscribed(hub, olga, f"{listener.url}/done", f"{DONE}&fields=event.productOrder.state")
    subscribed(hub, olga, f"{listener.url}/new", "eventType=ProductOrderCreateEvent,CancelProductOrderCreateEvent")
    subscribed(hub, olga, f"{listener.url}/none", "event.productOrder.state=failed")
    product = subscribed(hub, olga, f"{listener.url}/product", base=PRODUCTS)
    placed = order(hub)
    hub.settle()
    olga.delete(product)
    assert Counter(path for path, _ in listener.told) == {
        "/done/listener/productOrderStateChangeEvent": 1,
        "/new/listener/productOrderCreateEvent": 1,
        "/product/listener/productCreateEvent": 1,
    }
    (done,) = [event for path, event in listener.told if path.startswith("/done")]
    assert done.keys() == {"eventId", "eventTime", "eventType", "sequence", "event"}
    address = {"id": placed, "href": tmf.href("productOrder", placed), "@type": "ProductOrder"}
    assert done["event"] == {"productOrder": {**address, "state": "completed"}}


def test_a_partner_hears_of_what_it_sold_and_another_partner_does_not(hub: Hub, listener: Listener) -> None:
    acme, rival = partner(hub, "acme"), partner(hub, "rival")
    mine = subscribed(hub, acme, f"{listener.url}/acme", "eventType=ProductOrderCreateEvent")
    theirs = subscribed(hub, rival, f"{listener.url}/rival", "eventType=ProductOrderCreateEvent")
    cart = acme.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body
    sold = acme.post(
        f"{ORDERS}/productOrder",
        {"shoppingCart": {"id": cart["id"]}, "relatedParty": [{"id": "ida", "role": "customer"}]},
    ).body
    order(hub)
    hub.settle()
    assert [(path, event["event"]["productOrder"]["id"]) for path, event in listener.told] == [
        ("/acme/listener/productOrderCreateEvent", sold["id"])
    ]
    assert [each["id"] for each in acme.get(HUB).body] == [mine.rpartition("/")[2]]
    assert {mine.rpartition("/")[2], theirs.rpartition("/")[2]} <= {each["id"] for each in operator(hub).get(HUB).body}


def test_anothers_subscription_is_not_there_and_nor_is_one_of_another_api(hub: Hub, listener: Listener) -> None:
    acme, rival = partner(hub, "acme"), partner(hub, "rival")
    mine = subscribed(hub, acme, listener.url)
    id_ = mine.rpartition("/")[2]
    pico = Client(hub.url, hub.token("pico-backoffice", "operator", "pia"))
    unknown = acme.get(f"{HUB}/nobody", expect=404).body
    for client, path in ((rival, mine), (pico, mine), (acme, f"{PRODUCTS}/hub/{id_}")):
        assert client.get(path, expect=404).body == unknown
        assert client.delete(path, expect=404).body == unknown
    assert acme.get(mine).body["id"] == id_
    for role, name in (("customer", "web"), ("agent", "callcentre"), ("guest", "web")):
        other = Client(hub.url, hub.token(f"nova-{name}", role, "somebody"))
        other.post(HUB, {"callback": listener.url}, expect=403)
        other.get(mine, expect=403)
        other.delete(mine, expect=403)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"callback": "ftp://partner.example/hub"}, "badCallback"),
        ({"callback": "https://169.254.169.254/latest"}, "badCallback"),
        ({"callback": "https://10.0.0.1/hub", "query": DONE}, "badCallback"),
        ({"callback": "https://partner.example/hub", "query": "eventType=NoEvent"}, "badFilter"),
        ({"callback": "https://partner.example/hub", "query": "event.productOrder.nothing=1"}, "badFilter"),
        ({"query": DONE}, "malformed"),
        ({"callback": "https://partner.example/hub", "id": "mine"}, "malformed"),
    ],
)
def test_what_could_never_be_delivered_is_refused_when_it_is_asked_for(hub: Hub, body: Any, code: str) -> None:
    before = operator(hub).get(HUB).body
    assert operator(hub).post(HUB, body, expect=400).body["code"] == code
    assert operator(hub).get(HUB).body == before


def test_a_subscription_sent_twice_with_its_key_is_one(hub: Hub, listener: Listener) -> None:
    key = {"Idempotency-Key": "one-subscription"}
    first, again = (operator(hub).post(HUB, {"callback": listener.url}, headers=key) for _ in range(2))
    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    operator(hub).post(HUB, {"callback": f"{listener.url}/other"}, headers=key, expect=422)
    hub.settle()
    order(hub)
    hub.settle()
    assert len(listener.events("ProductOrderCreateEvent")) == 1


def test_a_listener_that_cannot_for_a_while_is_told_in_the_end_of_each_event_once(hub: Hub, listener: Listener) -> None:
    refused: Counter[str] = Counter()

    def twice_busy(event: Any) -> int:
        refused[event["eventId"]] += 1
        return 503 if refused[event["eventId"]] < 3 else 201

    listener.answers = twice_busy
    subscribed(hub, operator(hub), listener.url)
    order(hub)
    hub.settle()
    assert list(refused.values()) == [3, 3, 3, 3]
    assert hub.dead_letters() == []


def test_a_dead_listener_has_its_own_events_in_its_own_dead_letters_and_nobody_else_has_any(
    hub: Hub, listener: Listener
) -> None:
    with listening() as gone:
        pass
    dead = subscribed(hub, operator(hub), gone.url, "eventType.regex=State").rpartition("/")[2]
    redirecting = f"{listener.url}/moved"
    moved = subscribed(hub, operator(hub), redirecting, "eventType=ProductOrderCreateEvent").rpartition("/")[2]
    subscribed(hub, operator(hub), f"{listener.url}/alive")
    listener.answers = lambda _: 201
    listener.redirects = "/moved"
    placed = [order(hub) for _ in range(2)]
    hub.settle()
    assert undelivered(hub, dead) == sorted(f"productOrder-{id_}-{version}" for id_ in placed for version in (2, 4))
    assert undelivered(hub, moved) == sorted(f"productOrder-{id_}-1" for id_ in placed)
    paths = Counter(path.split("/")[1] for path, _ in listener.told)
    assert paths == {"alive": 8, "moved": 2 * subscribe.TRIES}
    assert len(hub.dead_letters()) == 6
    assert hub.function_errors == []


def test_a_slow_listener_delays_nobody_else(hub: Hub, listener: Listener) -> None:
    """It answers only when the other one has heard everything: in one line with it, neither ever would."""
    orders, heard, answered = 3, Event(), Event()
    with listening() as slow:

        def wait(_: Any) -> int:
            assert heard.wait(timeout=60)
            answered.set()
            return 201

        def hear(_: Any) -> int:
            if len(listener.events()) == orders:
                assert not answered.is_set()
                heard.set()
            return 201

        slow.answers, listener.answers = wait, hear
        subscribed(hub, operator(hub), slow.url, "eventType=ProductOrderCreateEvent")
        subscribed(hub, operator(hub), listener.url, "eventType=ProductOrderCreateEvent")
        placed = {order(hub) for _ in range(orders)}
        assert heard.wait(timeout=60), "the fast one waited for the slow one"
        hub.settle()
        for each in (slow, listener):
            assert {event["event"]["productOrder"]["id"] for event in each.events()} == placed


def _calls_of(hub: Hub, act: Callable[[], Any]) -> int:
    """How many calls of AWS the function makes that follows from it."""
    name = next(
        f.name for f in hub.blueprint.functions.by_name.values() if f.handler.endswith("events.subscribe.handler")
    )
    with failing(name, 0, None) as calls:
        act()
        hub.settle()
    return len(calls.made)


def test_whatever_call_the_making_breaks_off_at_what_is_missing_is_made_and_nothing_is_left_over(
    hub: Hub, listener: Listener
) -> None:
    olga, before = operator(hub), len(hub.function_errors)
    function = next(
        f.name for f in hub.blueprint.functions.by_name.values() if f.handler.endswith("events.subscribe.handler")
    )
    making = _calls_of(hub, lambda: olga.post(HUB, {"callback": f"{listener.url}/0"}))
    assert making >= 7
    for at in range(1, making + 1):
        with failing(function, at, LOST, done=True) as calls:
            path = subscribed(hub, olga, f"{listener.url}/{at}", "eventType=ProductOrderCreateEvent")
        id_ = path.rpartition("/")[2]
        assert calls.failed, at
        assert queues(hub, id_) == ["", "-dead"], calls.failed
        assert len(mappings(hub, id_)) == 1, calls.failed
    order(hub)
    hub.settle()
    told = Counter(path.split("/")[1] for path, _ in listener.told)
    assert told == {"0": 4, **{str(at): 1 for at in range(1, making + 1)}}

    paths = [f"{HUB}/{each['id']}" for each in olga.get(HUB).body]
    unmaking = _calls_of(hub, lambda: olga.delete(paths.pop()))
    assert unmaking >= 6
    for at, path in enumerate(paths[:unmaking], start=1):
        with failing(function, at, LOST, done=True) as calls:
            olga.delete(path)
            hub.settle()
        assert calls.failed, at
        assert queues(hub, path.rpartition("/")[2]) == [], calls.failed
        assert mappings(hub, path.rpartition("/")[2]) == [], calls.failed
    assert {error.type for error in hub.function_errors[before:]} == {"ReadTimeoutError"}
    assert not [letter for letter in hub.dead_letters() if "Undelivered" in letter.place]


def test_queues_are_encrypted_closed_to_what_is_no_tls_and_read_by_few_at_a_time(hub: Hub, listener: Listener) -> None:
    id_ = subscribed(hub, operator(hub), listener.url).rpartition("/")[2]
    sqs = hub.client("sqs")
    found = {url.rpartition(id_)[2]: url for url in sqs.list_queues()["QueueUrls"] if id_ in url}
    held = {
        end: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for end, url in found.items()
    }
    for attributes in held.values():
        assert "aws:SecureTransport" in attributes["Policy"]
        assert attributes["MessageRetentionPeriod"] == str(14 * 24 * 3600)
    redrive = json.loads(held[""]["RedrivePolicy"])
    assert (redrive["deadLetterTargetArn"], redrive["maxReceiveCount"]) == (held["-dead"]["QueueArn"], subscribe.TRIES)
    (mapping,) = mappings(hub, id_)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    timeout = max(f.timeout for f in hub.blueprint.functions.by_name.values() if f.handler.endswith("deliver.handler"))
    assert int(held[""]["VisibilityTimeout"]) >= 6 * timeout
