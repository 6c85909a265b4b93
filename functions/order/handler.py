"""TMF622 over HTTP: orders from a cart or directly, and their cancellation."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.cart import context
from functions.cart import losing as terms
from functions.cart import store as cart_store
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.view import View
from functions.catalog import key as proofs
from functions.catalog import store as catalogs
from functions.catalog import totals
from functions.catalog.catalog import Catalog
from functions.catalog.proof import Signer
from functions.customer import private
from functions.customer import store as customers
from functions.inventory import billing
from functions.inventory import store as inventory
from functions.inventory.billing import Subject
from functions.order import bill, direct, store
from functions.order import order as orders
from functions.order import place as placing
from functions.order.item import Buyer
from functions.order.order import ProductOrder
from functions.order.replay import replayed
from functions.shared import audit, clock, grants, lists, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import Forbidden, RuleBroken
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json, customer_named, ref
from functions.shared.rows import Row
from functions.shared.settings import settings

ORDERS = f"{tmf.BASE['TMF622']}/productOrder"
CANCELLATIONS = f"{tmf.BASE['TMF622']}/cancelProductOrder"
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the product ordering API."""
    return api.resolve(event, context)


@api.serves("POST", ORDERS, "order.place")
def place_order(incoming: Incoming) -> Response[str]:
    """Orders a cart, or the items sent; the stream does the rest."""
    body = incoming.body
    cart = (body.get("shoppingCart") or {}).get("id")
    order, replayed = _from_cart(incoming, body, cart) if cart else _directly(incoming, body)
    location = tmf.href("productOrder", order.id)
    return _answer(201, order, incoming, location=location, replayed=replayed)


def _from_cart(incoming: Incoming, body: Json, cart_id: str) -> tuple[ProductOrder, bool]:
    caller, asked = incoming.caller, incoming.key
    cart = cart_store.load(caller, cart_id, "order.place")
    if cart.state == "ordered":
        return store.remembered(caller, asked) or store.placed_from(caller, cart, asked), True
    cart.must_be_active(clock.now())
    if body.get("productOrderItem"):
        placing.must_match(cart, body["productOrderItem"])
    buyer = _buyer(caller, body, cart)
    if buyer is None:
        raise RuleBroken("Say for whom: log in, or name the customer in relatedParty.", code="customerMissing")
    here = _view(incoming, catalogs.current(caller.brand))
    lines = [line for line in cart.lines.values() if line.active]
    has = _changed(caller, buyer, lines)
    view = replace(here, currency=cart.currency, partner=cart.partner, installed=has)
    view = _for(caller, buyer, lines, view, changes=lines, campaigns=cart.campaigns)
    order = placing.place(cart, view, buyer, body, caller)
    of, signer = ("shoppingCart", cart.id), _signer(view)
    agreed = placing.consented(body, of, signer)
    seen = totals.by_part(_seen(cart, view)) if agreed is None else agreed
    placing.must_agree(seen, order.body["orderTotalPrice"], of, signer)
    return store.save_placed(caller, order, cart, asked)


def _signer(view: View) -> Signer:
    catalog = view.catalog
    return Signer(catalog.brand, catalog.version, view.channel, clock.text(view.as_of), proofs.key())


def _seen(cart: ShoppingCart, view: View) -> list[Json]:
    """The price the cart showed when it was last touched: its pinned catalog version, as of then."""
    versions = {cart.catalog_version, *(line.catalog_version for line in cart.lines.values())}
    pinned = {version: catalogs.at_version(cart.brand, version) for version in versions if version}
    then = replace(view, catalog=pinned[cart.catalog_version], as_of=clock.moment(cart.at), others=pinned)
    return views.total(cart, then)


def _for(
    caller: Caller,
    buyer: Buyer,
    lines: Iterable[Line],
    view: View,
    *,
    changes: Iterable[Line],
    campaigns: Iterable[str] = (),
) -> View:
    """The view with what is known of the buyer, and of the terms that `changes` to their products give up."""
    known = context.facts(caller, buyer.customer, lines, view, campaigns=campaigns, known=buyer.known)
    lost = context.losing(
        caller,
        buyer.customer,
        terms.given_up(changes),
        view.installed,
        view.sale,
        as_it_is=terms.as_it_is(lines),
        known=buyer.known,
    )
    return replace(view, facts=known, losing=lost)


def _changed(caller: Caller, buyer: Buyer | None, changes: Iterable[Line]) -> dict[str, Json]:
    """The products of theirs that are changed or ended."""
    ids = [line.product for line in changes if line.product and line.action in ("modify", "delete")]
    return inventory.bodies(caller, buyer.customer, ids) if buyer and ids else {}


def _directly(incoming: Incoming, body: Json) -> tuple[ProductOrder, bool]:
    caller, asked = incoming.caller, incoming.key
    if caller.role == "partner" and any(item["action"] != "add" for item in body["productOrderItem"]):
        raise Forbidden("A partner sells; what a customer has, the customer or staff changes.", code="partnerSells")
    if made := store.remembered(caller, asked):
        return made, True
    name = body.get("externalId")
    id_ = clock.derived_id(caller.brand, "productOrder", caller.principal, name) if name else clock.new_id()
    here = _view(incoming, catalogs.current(caller.brand))
    view = replace(here, partner=context.seller(caller, body, here.catalog))
    buyer = _buyer(caller, body, None)
    if buyer is None and not caller.staff:
        direct.must_name_no_account(body)
    changes = direct.on_products(body, caller)
    view = replace(view, installed=_changed(caller, buyer, changes))
    lines = direct.lines_of(body, view, caller)
    if buyer:
        view = _for(caller, buyer, lines.values(), view, changes=changes)
    order = direct.place(id_, body, lines, view, buyer, caller)
    of, signer = orders.name_of(order), _signer(view)
    agreed = placing.consented(body, of, signer)
    if agreed is not None:
        placing.must_agree(agreed, order.body["orderTotalPrice"], of, signer)
    return store.save_placed(caller, order, None, asked)


def _buyer(caller: Caller, body: Json, cart: ShoppingCart | None) -> Buyer | None:
    """For whom the order is: the cart's customer, or whom the caller acts for."""
    named = customer_named(body)
    owner = (cart.customer if cart else None) or caller.acts_for("order.place", named)
    if named and owner and named != owner:
        raise Forbidden("This is another customer's; order for the customer it belongs to.", code="otherCustomer")
    if owner is None:
        return None
    facts = customers.buyer_facts(caller, owner)
    if facts is None:
        return Buyer(owner, trusted=caller.staff)
    return Buyer(owner, facts.billing_account, facts.places, facts.accounts, caller.staff, facts.known)


@api.serves("GET", f"{ORDERS}/<id_>", "order.read")
def read_order(incoming: Incoming, id_: str) -> Response[str]:
    """The order, the same in every channel."""
    order = store.load(incoming.caller, id_)
    return _answer(200, order, incoming)


@api.serves("GET", f"{ORDERS}/<id_>/price/replay", "order.replay", gives="PriceReplay", many=False)
def replay_price(incoming: Incoming, id_: str) -> Response[str]:
    """What the order costs, computed again from its pinned catalog: per item and in total, with how it came about."""
    order = store.load(incoming.caller, id_, "order.replay")
    catalog = catalogs.at_version(order.brand, order.body["catalogVersion"])
    body = replayed(order, catalog, incoming.language(catalog.languages))
    return answer(200, tmf.chosen(body, incoming.query), version=order.version)


@api.serves(
    "GET", f"{ORDERS}/<id_>/billPreview", "order.read", gives="omnihub.BillPreview", many=False, asks=billing.ASKED
)
def preview_bills(incoming: Incoming, id_: str) -> Response[str]:
    """What the order's bills take at the prices it stores, what its terms bind to, and what ending early costs."""
    order = store.load(incoming.caller, id_)
    catalog = catalogs.at_version(order.brand, order.body["catalogVersion"])
    done = order.body.get("completionDate")
    subject = Subject(
        {"productOrder": ref(order.id, tmf.href("productOrder", order.id), "ProductOrder")},
        order.customer,
        bill.billed(order, catalog.rounding),
        catalog,
        clock.moment(done) if done else None,
    )
    return answer(200, tmf.chosen(billing.preview(incoming, subject), incoming.query), version=order.version)


@api.serves("GET", ORDERS, "order.list")
def list_orders(incoming: Incoming) -> Response[str]:
    """Orders, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return _rendered([store.from_row(row) for row in found], incoming.caller)

    return lists.of_rows(incoming, settings.order_table, store.LISTED, rendered, branch=catalogs.branch)


@api.serves("PATCH", f"{ORDERS}/<id_>", "order.change")
def change_order(incoming: Incoming, id_: str) -> Response[str]:
    """Merges a patch into what of the order is not the contract."""
    order = store.load(incoming.caller, id_, "order.change")
    rows.same_version({"version": order.version}, incoming.if_match())
    return _answer(200, store.change(incoming.caller, order, incoming.body), incoming)


@api.serves("DELETE", f"{ORDERS}/<id_>", "order.delete")
def delete_order(incoming: Incoming, id_: str) -> Response[str]:
    """Deletes an order that came to nothing."""
    order = store.load(incoming.caller, id_, "order.delete")
    rows.same_version({"version": order.version}, incoming.if_match())
    store.delete(incoming.caller, order)
    return nothing()


@api.serves("POST", CANCELLATIONS, "order.cancel")
def cancel_order(incoming: Incoming) -> Response[str]:
    """Cancels an order if it is not too late; the task that answers says what came of it."""
    sent = incoming.body
    kept, replayed = rows.repeated(lambda: _cancel(incoming, sent))
    location = tmf.href(store.CANCELLATION, kept["id"])
    (body,) = _cancellations([kept], incoming.caller)
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
    return store.save_cancellation(caller, row, after, incoming.key, beside)


@api.serves("GET", f"{CANCELLATIONS}/<id_>", "cancellation.read")
def read_cancellation(incoming: Incoming, id_: str) -> Response[str]:
    """What came of a cancellation."""
    row = store.load_cancellation(incoming.caller, id_)
    (body,) = _cancellations([row], incoming.caller)
    return answer(200, tmf.chosen(body, incoming.query), version=row["version"])


@api.serves("GET", CANCELLATIONS, "cancellation.list")
def list_cancellations(incoming: Incoming) -> Response[str]:
    """Cancellations, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return _cancellations(found, incoming.caller)

    return lists.of_rows(incoming, settings.order_table, store.CANCELLATIONS, rendered)


def _rendered(found: list[ProductOrder], caller: Caller) -> list[Json]:
    """The orders with what was written on them."""
    kept = customers.written(caller, [id_ for order in found for id_ in (order.written or {}).values()])
    return [orders.render(order, kept, proofs.key()) for order in found]


def _cancellations(found: list[Row], caller: Caller) -> list[Json]:
    """The cancellations with the reasons that were written on them."""
    kept = customers.written(caller, [row.get("written") for row in found])
    return [
        private.rejoined(
            tmf.resource(store.CANCELLATION, row["id"], row["body"]), kept.get(row.get("written", ""), {}).get("")
        )
        for row in found
    ]


def _answer(status: int, order: ProductOrder, incoming: Incoming, **headers: Any) -> Response[str]:
    (body,) = _rendered([order], incoming.caller)
    return answer(status, tmf.chosen(body, incoming.query), version=order.version, **headers)


def _view(incoming: Incoming, catalog: Catalog) -> View:
    caller = incoming.caller
    return View(catalog, caller.channel, clock.now(), incoming.language(catalog.languages), caller.staff)
