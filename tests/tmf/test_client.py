"""The strict check and its client must see what is wrong: each fault here would slip past the plain schemas."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.tmf import strict
from tests.tmf.client import Client, Target, assert_event, target_of

CARTS = "/tmf-api/shoppingCart/v4/shoppingCart"
CART: dict[str, Any] = {
    "id": "c1",
    "href": f"{CARTS}/c1",
    "@type": "ShoppingCart",
    "state": "active",
    "validFor": {"endDateTime": "2026-03-01T12:00:00Z"},
    "cartItem": [{"id": "1", "quantity": 1, "action": "add", "status": "active"}],
}
EVENT: dict[str, Any] = {
    "eventId": "ShoppingCart-c1-3",
    "eventTime": "2026-03-01T12:00:00Z",
    "eventType": "ShoppingCartStateChangeEvent",
    "correlationId": "j1",
    "domain": "shoppingCart",
    "timeOcurred": "2026-03-01T12:00:00Z",
    "sequence": 3,
    "event": {"shoppingCart": CART},
}


def money(unit: object, value: object) -> dict[str, Any]:
    return {"cartTotalPrice": [{"price": {"taxIncludedAmount": {"unit": unit, "value": value}}}]}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"itemz": 1}, "itemz is neither in TMF663 ShoppingCart nor in our extensions"),
        ({"cartItem": [{"x": 1}]}, "cartItem[0].x is neither"),
        ({"cartItem": [{"id": "1"}]}, "cartItem[0].action is missing in a CartItem"),
        ({"cartItem": {}}, "cartItem is not a list"),
        ({"state": "open"}, "state is 'open', not one of"),
        ({"validFor": {"endDateTime": "2026-03-01"}}, "validFor.endDateTime is not a date-time"),
        ({"validFor": {"endDateTime": "2026-02-30T00:00:00Z"}}, "validFor.endDateTime is not a date-time"),
        ({"validFor": None}, "validFor is not an object"),
        ({"href": f"{CARTS}/c2"}, "does not end in the id c1"),
        ({"@type": ""}, "@type is missing"),
        ({"relatedParty": [{"id": "42"}]}, "relatedParty[0].@referredType is missing in a RelatedParty"),
        ({"relatedParty": [{"id": "42", "href": "/x/42"}]}, "relatedParty[0].@referredType is missing"),
        ({"mergedInto": {"href": "/x", "name": "x"}}, "mergedInto.id is missing in a ShoppingCartRef"),
        ({"@schemaLocation": "a b"}, "@schemaLocation is not a uri"),
        ({"catalogVersion": "\ud800"}, "catalogVersion holds a character that is not text"),
        (money("EUR", "29.99"), "taxIncludedAmount.value is not of type number but '29.99'"),
        (money("EUR", value=True), "taxIncludedAmount.value is not of type number but True"),
        (money("Euro", 1), "taxIncludedAmount.unit is 'Euro', not a currency"),
    ],
)
def test_a_faulty_cart_is_seen(change: dict[str, Any], fault: str) -> None:
    assert strict.faults(CART, "TMF663", "ShoppingCart") == []
    assert any(fault in found for found in strict.faults({**CART, **change}, "TMF663", "ShoppingCart"))


@pytest.mark.parametrize("name", ["id", "href", "@type", "state", "validFor", "cartItem"])
def test_what_a_cart_means_nothing_without_is_demanded(name: str) -> None:
    body = {key: value for key, value in CART.items() if key != name}

    assert any(name in fault for fault in strict.faults(body, "TMF663", "ShoppingCart"))


def test_an_address_alone_is_not_an_answer() -> None:
    body = {name: CART[name] for name in ("id", "href", "@type")}

    assert "cartItem is missing in a ShoppingCart" in strict.faults(body, "TMF663", "ShoppingCart")


def test_a_part_that_was_asked_for_needs_its_address_alone() -> None:
    assert strict.faults({"id": "c1", "href": f"{CARTS}/c1"}, "TMF663", "ShoppingCart", partial=True) == []
    assert strict.faults({"id": "c1", "state": "active"}, "TMF663", "ShoppingCart", partial=True) == ["href is missing"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"eventType": "ShoppingCartEatenEvent"}, "is not an event of any API"),
        ({"sequence": "3"}, "sequence is not of type integer"),
        ({"sequence": 4}, "is not <type>-<id>-<sequence>"),
        ({"event": {}}, "event must hold exactly one resource"),
        ({"event": {"shoppingCart": {**CART, "itemz": 1}}}, "event.shoppingCart.itemz is neither"),
        ({"event": {"shoppingCart": {**CART, "@type": None}}}, "event.shoppingCart.@type is missing"),
        ({"event": {"basket": CART}}, "event.basket is neither"),
        ({"timeOccurred": "2026-03-01T12:00:00Z"}, "timeOccurred is neither"),
    ],
)
def test_a_faulty_event_is_seen(change: dict[str, Any], fault: str) -> None:
    assert_event(EVENT)
    with pytest.raises(AssertionError) as raised:
        assert_event({**EVENT, **change})
    assert fault in str(raised.value)


def test_an_event_may_carry_the_address_alone() -> None:
    assert_event({**EVENT, "event": {"shoppingCart": {"id": "c1", "href": f"{CARTS}/c1"}}})


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (CARTS, Target("TMF663", "ShoppingCart", is_collection=True)),
        (f"{CARTS}/c1?fields=state", Target("TMF663", "ShoppingCart", is_collection=False)),
        (f"{CARTS}/c1/cartItem", Target("TMF663", "CartItem", is_collection=True)),
        (f"{CARTS}/c1/cartItem/1", Target("TMF663", "CartItem", is_collection=False)),
        ("/tmf-api/party/v4/individual/7", Target("TMF632", "Individual", is_collection=False)),
        ("/tmf-api/partyInteraction/v4/hub", Target("TMF683", "EventSubscription", is_collection=True)),
        ("/omnihub/v1/billingAccount", Target("omnihub", "BillingAccount", is_collection=True)),
        ("/tmf-api/unknown/v4/x", None),
    ],
)
def test_a_path_says_what_it_answers_with(path: str, target: Target | None) -> None:
    assert target_of(path) == target


Answer = tuple[int, dict[str, str], Any]
JSON, ETAG = {"Content-Type": "application/json"}, {"ETag": '"1"'}
PLACED = {"Location": f"https://hub.example{CARTS}/c1"}
ERROR = {"code": "notFound", "reason": "There is no such cart.", "status": "404"}


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[Client, list[tuple[str, bytes]]]]:
    """A client of a hub that always says the same; and what it was sent."""
    heard: list[tuple[str, bytes]] = []

    class Same(BaseHTTPRequestHandler):
        def answer(self) -> None:
            status, headers, body = answer
            heard.append((str(self.headers), self.rfile.read(int(self.headers.get("Content-Length", 0)))))
            raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, **({} if status == 204 else {"Content-Length": str(len(raw))})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Client(f"http://127.0.0.1:{server.server_port}", "t0ken", "de"), heard
        finally:
            server.shutdown()
            thread.join()


LISTED = JSON | {"X-Total-Count": "1", "X-Result-Count": "1"}


@pytest.mark.parametrize(
    ("method", "path", "answer", "fault"),
    [
        ("GET", f"{CARTS}/c1", (200, JSON | ETAG, CART), None),
        ("GET", f"{CARTS}/c1", (200, JSON, CART), "a ShoppingCart without an ETag"),
        ("GET", f"{CARTS}/c1", (200, ETAG, CART), "the content type is None"),
        ("GET", f"{CARTS}/c1", (200, JSON | ETAG, b"{"), "the body is not JSON"),
        ("GET", f"{CARTS}/c1", (200, JSON | ETAG, b'{"id":"c1","id":"c1"}'), "a name twice"),
        ("GET", f"{CARTS}/c1", (200, JSON | ETAG, {"id": "c1"}), "cartItem is missing in a ShoppingCart"),
        ("GET", f"{CARTS}/c1?fields=none", (200, JSON | ETAG, {k: CART[k] for k in ("id", "href", "@type")}), None),
        ("GET", f"{CARTS}/c1", (500, JSON, ERROR | {"status": "500"}), "the status is 500, expected below 500"),
        ("GET", CARTS, (200, LISTED, [CART]), None),
        ("GET", CARTS, (200, JSON, [CART]), "X-Result-Count is None for 1 entries"),
        ("GET", CARTS, (200, LISTED | {"X-Total-Count": "2"}, [CART]), "a complete list of 1 has X-Total-Count 2"),
        ("GET", CARTS, (206, LISTED | {"X-Total-Count": "2"}, [CART]), None),
        ("GET", CARTS, (206, LISTED, [CART]), "a 206 holds all of X-Total-Count 1"),
        ("GET", CARTS, (200, LISTED, [CART | {"x": 1}]), "[0].x is neither"),
        ("GET", CARTS, (200, LISTED, {"items": []}), "a list is not a bare JSON array"),
        ("POST", CARTS, (201, JSON | ETAG | PLACED, CART), None),
        ("POST", CARTS, (201, JSON | ETAG, CART), "a 201 of c1 has the Location None"),
        ("DELETE", f"{CARTS}/c1", (204, {}, None), None),
        ("GET", f"{CARTS}/c1", (404, JSON, ERROR), None),
        ("GET", f"{CARTS}/c1", (404, JSON, ERROR | {"status": 404}), "status is not of type string"),
        ("GET", f"{CARTS}/c1", (409, JSON, ERROR), "the error says status '404'"),
        ("GET", f"{CARTS}/c1", (405, JSON, ERROR | {"status": "405"}), "a 405 without Allow"),
        ("GET", f"{CARTS}/c1", (404, JSON, {"message": "Not Found"}), "code is missing in a Error"),
        ("GET", "/nowhere", (404, JSON, {"message": "Not Found"}), None),
        ("GET", f"{CARTS}/c1", (401, JSON, {"message": "Unauthorized"}), None),
        ("GET", "/omnihub/v1/basket/1", (200, JSON, {}), "omnihub has no definition Basket: name it"),
    ],
)
def test_an_answer_is_checked_before_a_test_sees_it(method: str, path: str, answer: Answer, fault: str | None) -> None:
    with answering(answer) as (client, _):
        if fault is None:
            assert client.request(method, path).status == answer[0]
            return
        with pytest.raises(AssertionError) as raised:
            client.request(method, path)
        assert fault in str(raised.value)


def test_the_status_a_test_wants_is_the_one_it_gets() -> None:
    with answering((404, JSON, ERROR)) as (client, _):
        assert client.get(f"{CARTS}/c1", expect=404).body["code"] == "notFound"
        with pytest.raises(AssertionError, match="the status is 404, expected"):
            client.get(f"{CARTS}/c1")


def test_a_request_says_who_calls_and_in_which_language() -> None:
    with answering((201, JSON | ETAG | PLACED, CART)) as (client, heard):
        answer = client.post(CARTS, {"cartItem": []}, headers={"Idempotency-Key": "k"})
        client.post(CARTS, b"{broken")

    assert (answer.etag, answer.location) == ('"1"', f"{CARTS}/c1")
    assert [body for _, body in heard] == [b'{"cartItem": []}', b"{broken"]
    for line in ("Authorization: Bearer t0ken", "Accept-Language: de", "Idempotency-Key: k"):
        assert line in heard[0][0]
