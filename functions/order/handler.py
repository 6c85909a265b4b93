"""TMF622 over HTTP: orders from a cart or directly, and their cancellation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.cart import cart as carts
from functions.cart import store as cart_store
from functions.cart import view as views
from functions.cart.cart import ShoppingCart
from functions.cart.view import View
from functions.catalog import store as catalogs
from functions.catalog.catalog import Catalog
from functions.customer import private
from functions.customer import store as customers
from functions.order import order as orders
from functions.order import place as placing
from functions.order import store
from functions.order.order import ProductOrder
from functions.order.place import Buyer
from functions.shared import clock, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import Forbidden, RuleBroken
from functions.shared.http import Api, Incoming, answer, list_of_customer
from functions.shared.resource import Json, ref
from functions.shared.rows import Row

ORDERS = f"{tmf.BASE['TMF622']}/productOrder"
CANCELLATIONS = f"{tmf.BASE['TMF622']}/cancelProductOrder"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product ordering API."""
    return api.resolve(event, context)


@api.post(ORDERS)
def place_order() -> Response[str]:
    """Orders a cart, or the items sent; the stream does the rest."""
    incoming = api.incoming("order.place")
    body = incoming.body("TMF622", "ProductOrder_Create")
    cart = (body.get("shoppingCart") or {}).get("id")
    order, replayed = _from_cart(incoming, body, cart) if cart else _directly(incoming, body)
    location = tmf.href("productOrder", order.id)
    return answer(201, _rendered(order, incoming.caller), version=order.version, location=location, replayed=replayed)


def _from_cart(incoming: Incoming, body: Json, cart_id: str) -> tuple[ProductOrder, bool]:
    caller, asked = incoming.caller, incoming.key(body)
    cart = cart_store.load(caller, cart_id, "order.place")
    if cart.state == "ordered":
        return store.remembered(caller, asked) or store.placed_from(caller, cart), True
    cart.must_be_active(clock.now())
    if body.get("productOrderItem"):
        placing.must_match(cart, body["productOrderItem"])
    buyer = _buyer(caller, body, cart)
    if buyer is None:
        raise RuleBroken("Say for whom: log in, or name the customer in relatedParty.", code="customerMissing")
    view = _view(incoming, catalogs.current(caller.brand))
    order = placing.place(cart, view, buyer, body, caller)
    placing.must_agree(body.get("orderTotalPrice") or _seen(cart, view), order.body["orderTotalPrice"])
    return store.save_placed(caller, order, cart, asked)


def _seen(cart: ShoppingCart, view: View) -> list[Json]:
    """The price the cart showed when it was last touched: its pinned catalog version, as of then."""
    versions = {cart.catalog_version, *(line.catalog_version for line in cart.lines.values())}
    pinned = {version: catalogs.at_version(cart.brand, version) for version in versions if version}
    then = replace(view, catalog=pinned[cart.catalog_version], as_of=clock.moment(cart.at), others=pinned)
    return views.total(cart, then)


def _directly(incoming: Incoming, body: Json) -> tuple[ProductOrder, bool]:
    caller, asked = incoming.caller, incoming.key(body)
    if caller.role == "partner" and any(item["action"] != "add" for item in body["productOrderItem"]):
        raise Forbidden("A partner sells; what a customer has, the customer or staff changes.", code="partnerSells")
    if made := store.remembered(caller, asked):
        return made, True
    name = asked.id if asked else body.get("externalId")
    id_ = clock.derived_id(caller.brand, "productOrder", caller.principal, name) if name else clock.new_id()
    view = _view(incoming, catalogs.current(caller.brand))
    order = placing.place_directly(id_, body, view, _buyer(caller, body, None), caller)
    if body.get("orderTotalPrice") and order.body["orderTotalPrice"]:
        placing.must_agree(body["orderTotalPrice"], order.body["orderTotalPrice"])
    return store.save_placed(caller, order, None, asked)


def _buyer(caller: Caller, body: Json, cart: ShoppingCart | None) -> Buyer | None:
    """For whom the order is: the cart's customer, the caller, or for staff the customer that the body names."""
    named = carts.customer_named(body)
    owner = (cart.customer if cart else None) or caller.customer_id
    if owner is None and (caller.staff or caller.role == "partner"):
        owner = named
    if named and owner and named != owner:
        raise Forbidden("This is another customer's; order for the customer it belongs to.", code="otherCustomer")
    if owner is None:
        return None
    facts = customers.buyer_facts(caller, owner)
    return Buyer(owner, facts.billing_account, facts.places, facts.accounts) if facts else Buyer(owner)


@api.get(f"{ORDERS}/<id_>")
def read_order(id_: str) -> Response[str]:
    """The order, the same in every channel."""
    incoming = api.incoming("order.read")
    order = store.load(incoming.caller, id_)
    return answer(200, tmf.chosen(_rendered(order, incoming.caller), incoming.query), version=order.version)


@api.get(ORDERS)
def list_orders() -> Response[str]:
    """A customer's orders, newest first: the caller's own, or those of the customer that staff names."""
    incoming = api.incoming("order.read")

    def found(caller: Caller, customer: str) -> list[Json]:
        return [orders.render(order) for order in store.of_customer(caller, customer)]

    return list_of_customer(incoming, "order.read", ["state", "externalId"], found)


@api.post(CANCELLATIONS)
def cancel_order() -> Response[str]:
    """Cancels an order if it is not too late; the task that answers says what came of it."""
    incoming = api.incoming("order.cancel")
    sent = incoming.body("TMF622", "CancelProductOrder_Create")
    kept, replayed = rows.repeated(lambda: _cancel(incoming, sent))
    location = tmf.href(store.CANCELLATION, kept["id"])
    body = _cancellation(kept, incoming.caller)
    return answer(201, body, version=kept["version"], location=location, replayed=replayed)


def _cancel(incoming: Incoming, body: Json) -> tuple[Row, bool]:
    caller, id_, now = incoming.caller, clock.new_id(), clock.text(clock.now())
    order = store.load(caller, body["productOrder"]["id"], "order.cancel")
    after, state = orders.cancelled(order, id_)
    sent = {k: v for k, v in body.items() if k in ("cancellationReason", "requestedCancellationDate")}
    bare, why = private.parted(sent)
    written, beside = customers.keep_written(caller, store.CANCELLATION, {"": why}, order.customer)
    task: Json = {
        **bare,
        "productOrder": ref(order.id, tmf.href("productOrder", order.id), "ProductOrder"),
        "state": state,
    }
    if state == "done":
        task["effectiveCancellationDate"] = now
    owned = rows.owned_by(caller.brand, store.CANCELLATION, order.customer)
    row = rows.new(caller, store.CANCELLATION, id_, task, created=now, written=written, **owned)
    return store.save_cancellation(caller, row, after, incoming.key(body), beside)


@api.get(f"{CANCELLATIONS}/<id_>")
def read_cancellation(id_: str) -> Response[str]:
    """What came of a cancellation."""
    incoming = api.incoming("order.read")
    row = store.load_cancellation(incoming.caller, id_)
    return answer(200, tmf.chosen(_cancellation(row, incoming.caller), incoming.query), version=row["version"])


@api.get(CANCELLATIONS)
def list_cancellations() -> Response[str]:
    """A customer's cancellations, newest first."""
    incoming = api.incoming("order.read")

    def found(caller: Caller, customer: str) -> list[Json]:
        return [_cancellation(row, caller) for row in store.cancellations_of(caller, customer)]

    return list_of_customer(incoming, "order.read", ["productOrder.id", "state"], found)


def _rendered(order: ProductOrder, caller: Caller) -> Json:
    return orders.render(order, customers.written(caller, (order.written or {}).values()))


def _cancellation(row: Row, caller: Caller) -> Json:
    kept = customers.written(caller, [row.get("written")]).get(row.get("written", ""), {})
    return private.rejoined(tmf.resource(store.CANCELLATION, row["id"], row["body"]), kept.get(""))


def _view(incoming: Incoming, catalog: Catalog) -> View:
    caller = incoming.caller
    return View(catalog, caller.channel, clock.now(), incoming.language(catalog.languages), caller.staff)
