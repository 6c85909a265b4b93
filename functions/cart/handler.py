"""TMF663 over HTTP: carts, and their lines by paths of their own."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.cart import cart as carts
from functions.cart import store
from functions.cart.cart import ShoppingCart, View
from functions.catalog import store as catalogs
from functions.shared import clock, tmf
from functions.shared.errors import ChangedMeanwhile, Forbidden, Malformed
from functions.shared.http import Api, Incoming, answer, nothing
from functions.shared.resource import Json

CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the shopping cart API."""
    return api.resolve(event, context)


@api.post(CARTS)
def open_cart() -> Response[str]:
    """Opens a cart, with lines or without, for a guest, the caller, or the customer that staff names."""
    incoming = api.incoming("cart.create")
    caller, body = incoming.caller, incoming.body("TMF663", "ShoppingCart_Create")
    catalog, now = catalogs.current(caller.brand), clock.now()
    lines = [carts.new_line(item, caller, i) for i, item in enumerate(body.get("cartItem", []))]
    for line in lines:
        if line.offering and catalog.offering(line.offering):
            catalog.find_offering(line.offering, caller.channel, now)
    customer = _customer(incoming, body)
    cart = ShoppingCart(
        id=clock.new_id(),
        brand=caller.brand,
        catalog_version=catalog.version,
        created=clock.text(now),
        at=clock.text(now),
        expires=carts.expiry(customer, lines, now),
        customer=customer,
        lines={line.id: line for line in lines},
        more=_carried(body),
    )
    cart.must_take(0)
    cart = replace(cart, touches={caller.channel: {**carts.touched(cart, caller)[caller.channel], "origin": True}})
    kept, replayed = store.save_new(caller, cart, incoming.key(body))
    return _answer(201, kept, incoming, location=tmf.href("shoppingCart", kept.id), replayed=replayed)


@api.get(f"{CARTS}/<id_>")
def read_cart(id_: str) -> Response[str]:
    """The cart as this channel sees it."""
    incoming = api.incoming("cart.read")
    return _answer(200, store.load(incoming.caller, id_), incoming)


@api.get(CARTS)
def list_carts() -> Response[str]:
    """A customer's carts, newest first: the caller's own, or those of the customer that staff names."""
    incoming = api.incoming("cart.list")
    caller = incoming.caller
    wanted = tmf.filters(incoming.query, ["relatedParty.id", "state"])
    customer = caller.customer_id if caller.may("cart.list") == "own" else wanted.get("relatedParty.id")
    if customer is None:
        raise Malformed("Say whose carts: relatedParty.id=…", code="filterMissing")
    mine = store.of_customer(caller, customer)
    found = [carts.render(cart, _view(cart, incoming)) for cart in mine]
    found = [body for body in found if all(tmf.matches(body, path, value) for path, value in wanted.items())]
    status, entries, headers = tmf.page(found, incoming.query)
    return answer(status, entries, headers=headers)


@api.patch(f"{CARTS}/<id_>")
def change_cart(id_: str) -> Response[str]:
    """Merges a patch into the cart; a list of lines joins those there are, unless If-Match says it is all."""
    incoming = api.incoming("cart.change")
    caller, patch = incoming.caller, incoming.body("TMF663", "ShoppingCart_Update")
    seen = incoming.if_match()
    cart = store.load(caller, id_, "cart.change")
    if seen is not None and cart.version != seen:
        raise ChangedMeanwhile(
            "This changed since you read it; read it again and repeat your change.", currentVersion=str(cart.version)
        )
    cart.must_be_active(clock.now())
    lines = dict(cart.lines)
    if patch.get("cartItem") is not None:
        lines = carts.patched_lines(cart, patch["cartItem"], caller, whole=seen is not None)
    customer = _customer(incoming, patch) if cart.customer is None and carts.customer_named(patch) else cart.customer
    merged = {k: v for k, v in {**cart.more, **_carried(patch)}.items() if v is not None}
    after = replace(
        cart,
        lines=lines,
        customer=customer,
        more=merged,
        touches=carts.touched(cart, caller),
        expires=carts.expiry(customer, lines.values(), clock.now()),
    )
    after.must_take(0)
    return _answer(200, store.save(caller, after, cart.version), incoming)


@api.delete(f"{CARTS}/<id_>")
def drop_cart(id_: str) -> Response[str]:
    """Deletes a cart of which nothing came."""
    incoming = api.incoming("cart.delete")
    cart = store.load(incoming.caller, id_, "cart.delete")
    if cart.state_at(clock.now()) != "abandoned":
        cart.must_be_active(clock.now())
    store.delete(incoming.caller, cart)
    return nothing()


@api.post(f"{CARTS}/<id_>/cartItem")
def add_line(id_: str) -> Response[str]:
    """Adds a line that this channel sells."""
    incoming = api.incoming("cart.change")
    caller, body = incoming.caller, incoming.body("TMF663", "CartItem")
    cart = store.load(caller, id_, "cart.change")
    cart.must_be_active(clock.now())
    line = carts.new_line(body, caller)
    if line.offering is None and line.action == "add":
        raise Malformed("A line to add names its offering: productOffering.id.", code="offeringMissing")
    if line.offering and line.action != "delete":
        view = _view(cart, incoming)
        view.catalog.find_offering(line.offering, caller.channel, view.as_of, view.language)
    cart = store.save_line(caller, cart, line, seen=incoming.if_match())
    return _line(201, cart, line.id, incoming, location=f"{tmf.href('shoppingCart', id_)}/cartItem/{line.id}")


@api.patch(f"{CARTS}/<id_>/cartItem/<line_id>")
def change_line(id_: str, line_id: str) -> Response[str]:
    """Changes how much, or saves the line for later and takes it up again."""
    incoming = api.incoming("cart.change")
    caller, patch = incoming.caller, incoming.body("TMF663", "CartItem")
    cart = store.load(caller, id_, "cart.change")
    cart.must_be_active(clock.now())
    line = carts.changed_line(cart.line(line_id), patch, caller)
    cart = store.save_line(caller, cart, line, seen=incoming.if_match())
    return _line(200, cart, line_id, incoming)


@api.delete(f"{CARTS}/<id_>/cartItem/<line_id>")
def remove_line(id_: str, line_id: str) -> Response[str]:
    """Takes a line out of the cart."""
    incoming = api.incoming("cart.change")
    cart = store.load(incoming.caller, id_, "cart.change")
    cart.must_be_active(clock.now())
    store.remove_line(incoming.caller, cart, cart.line(line_id), seen=incoming.if_match())
    return nothing()


def _customer(incoming: Incoming, body: Json) -> str | None:
    """Whose cart it becomes: the caller's own, or for staff the customer that the body names."""
    named, caller = carts.customer_named(body), incoming.caller
    if caller.staff:
        return named
    if named is not None and named != caller.customer_id:
        raise Forbidden("Only staff opens a cart for another customer.")
    return caller.customer_id


def _carried(body: Json) -> Json:
    ours = {
        "cartItem",
        "cartTotalPrice",
        "validFor",
        "relatedParty",
        "state",
        "channel",
        "catalogVersion",
        "promotion",
        "@type",
    }
    carried = {k: v for k, v in body.items() if k not in ours}
    if others := carts.other_parties(body):
        carried["relatedParty"] = others
    return carried


def _view(cart: ShoppingCart, incoming: Incoming) -> View:
    caller = incoming.caller
    catalog = catalogs.at_version(caller.brand, cart.catalog_version)
    return View(catalog, caller.channel, clock.now(), incoming.language(catalog.languages), caller.staff)


def _answer(status: int, cart: ShoppingCart, incoming: Incoming, **headers: Any) -> Response[str]:
    body = tmf.chosen(carts.render(cart, _view(cart, incoming)), incoming.query)
    return answer(status, body, version=cart.version, **headers)


def _line(status: int, cart: ShoppingCart, line_id: str, incoming: Incoming, **headers: Any) -> Response[str]:
    body = carts.render_line(cart.lines[line_id], _view(cart, incoming))
    return answer(status, body, version=cart.version, **headers)
