"""TMF663 over HTTP: carts, and their lines by paths of their own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.cart import bill, context, store
from functions.cart import cart as carts
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.row import KIND, from_row
from functions.cart.view import View
from functions.catalog import key as proofs
from functions.catalog import store as catalogs
from functions.customer import private
from functions.customer import store as customers
from functions.inventory import billing
from functions.inventory import store as inventory
from functions.inventory.billing import Subject
from functions.shared import audit, clock, grants, keys, lists, rows, tmf
from functions.shared.access import Caller
from functions.shared.errors import Forbidden, Malformed, NotFound, RuleBroken
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.keys import Key
from functions.shared.resource import Json, customer_named, other_parties, ref
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

CARTS = f"{tmf.BASE['TMF663']}/shoppingCart"
CREATED = 201
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the shopping cart API."""
    return api.resolve(event, context)


@api.serves("POST", CARTS, "cart.create")
def open_cart(incoming: Incoming) -> Response[str]:
    """Opens a cart, with lines or without, for a guest, the caller, or the customer that staff names."""
    caller, body = incoming.caller, incoming.body
    catalog, now = catalogs.current(caller.brand), clock.now()
    lines = [carts.new_line(item, caller, i) for i, item in enumerate(body.get("cartItem", []))]
    customer = _customer(incoming, body)
    cart = ShoppingCart(
        id=clock.new_id(),
        brand=caller.brand,
        catalog_version=catalog.version,
        created=clock.text(now),
        at=clock.text(now),
        expires=carts.expiry(customer, lines, now),
        customer=customer,
        sellers=catalog.partners.chain(context.seller(caller, body, catalog)),
        more=_carried(body),
    )
    cart.must_be_sold_in(catalog.currencies)
    cart.must_take(len(lines))
    cart = replace(cart, lines={line.id: _sold(incoming, cart, line, strict=False) for line in lines})
    cart, beside = _kept(caller, carts.opened_by(cart, caller))
    kept, replayed = store.save_new(caller, cart, incoming.key, beside)
    return _answer(201, kept, incoming, location=tmf.href("shoppingCart", kept.id), replayed=replayed)


@api.serves("GET", f"{CARTS}/<id_>", "cart.read")
def read_cart(incoming: Incoming, id_: str) -> Response[str]:
    """The cart as this channel sees it."""
    return _answer(200, store.load(incoming.caller, id_), incoming)


@api.serves(
    "GET", f"{CARTS}/<id_>/billPreview", "cart.read", gives="omnihub.BillPreview", many=False, asks=billing.ASKED
)
def preview_bills(incoming: Incoming, id_: str) -> Response[str]:
    """What the cart's bills would take, line by line, what its terms bind to, and what ending early would cost."""
    cart = store.load(incoming.caller, id_)
    view = context.view(cart, incoming)
    named = ref(cart.id, tmf.href("shoppingCart", cart.id), "ShoppingCart")
    subject = Subject({"shoppingCart": named}, cart.customer, bill.billed(cart, view), view.catalog)
    return answer(200, tmf.chosen(billing.preview(incoming, subject), incoming.query), version=cart.version)


@api.serves("GET", CARTS, "cart.list")
def list_carts(incoming: Incoming) -> Response[str]:
    """Carts, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return _rendered([from_row(row) for row in found], incoming)

    return lists.of_rows(incoming, settings.cart_table, store.LISTED, rendered, branch=catalogs.branch)


@api.serves("POST", f"{tmf.BASE['omnihub']}/cartMerge", "cart.merge", gives="TMF663.ShoppingCart", status=200)
def merge_carts(incoming: Incoming) -> Response[str]:
    """At login: the guest's cart becomes the customer's, or its lines join the cart the customer has."""
    caller, body = incoming.caller, incoming.body
    guest, customer = body.get("shoppingCart"), _customer(incoming, body)
    if guest is None:
        raise Malformed("Say which cart is merged: shoppingCart {id}.", code="cartMissing")
    if customer is None:
        raise Malformed("Say whose the cart becomes: relatedParty [{id, role: customer}].", code="customerMissing")
    asked = incoming.key
    if caller.staff and customers.buyer_facts(caller, customer) is None:
        raise RuleBroken("There is no such customer; a merge cannot be taken back.", code="customerUnknown")
    cart, replayed = keys.once(
        settings.cart_table,
        caller,
        asked,
        lambda: rows.repeated(lambda: _merge(caller, guest["id"], customer, asked)),
        lambda id_: store.load(caller, id_),
    )
    return _answer(200, cart, incoming, location=tmf.href("shoppingCart", cart.id), replayed=replayed)


def _merge(caller: Caller, guest_id: str, customer: str, asked: Key | None) -> ShoppingCart:
    guest, into = store.to_merge(caller, guest_id, customer)
    if before := _merged_before(caller, guest, customer):
        keys.bind(settings.cart_table, caller, asked, before.id)
        return before
    guest.must_be_active(clock.now())
    if into is None:
        adopted = replace(guest, customer=customer, touches=carts.touched(guest, caller))
        expires = carts.expiry(customer, guest.lines.values(), clock.now())
        return store.save(caller, replace(adopted, expires=expires), guest.version, asked=asked)
    return store.save_merged(caller, carts.merged(into, guest, caller), guest, asked)


def _merged_before(caller: Caller, guest: ShoppingCart, customer: str) -> ShoppingCart | None:
    """What a cart has become that is a guest's no more; raises NotFound where it is another customer's."""
    if guest.state == "merged" and guest.merged_into:
        return store.load(caller, guest.merged_into)
    if guest.customer not in (None, customer):
        raise NotFound("shopping cart")
    return guest if guest.customer else None


@api.serves("PATCH", f"{CARTS}/<id_>", "cart.change")
def change_cart(incoming: Incoming, id_: str) -> Response[str]:
    """Merges a patch into the cart; a list of lines joins those there are, unless If-Match says it is all."""
    patch, seen = incoming.body, incoming.if_match()
    if seen is None:
        return _answer(200, rows.repeated(lambda: _patch(incoming, id_, patch, seen)), incoming)
    return _answer(200, _patch(incoming, id_, patch, seen), incoming)


def _patch(incoming: Incoming, id_: str, patch: Json, seen: int | None) -> ShoppingCart:
    caller = incoming.caller
    cart = store.load(caller, id_, "cart.change")
    store.must_be_seen(cart, seen)
    cart.must_be_active(clock.now())
    lines = dict(cart.lines)
    if "cartItem" in patch:
        lines = carts.patched_lines(cart, patch["cartItem"] or [], caller, whole=seen is not None)
        lines |= {new: _sold(incoming, cart, lines[new], strict=False) for new in lines.keys() - cart.lines.keys()}
    named = customer_named(patch)
    if named and cart.customer and named != cart.customer:
        raise Forbidden("This cart is another customer's; open one for that customer.", code="otherCustomer")
    customer = _customer(incoming, patch) if cart.customer is None and named else cart.customer
    after = replace(
        cart,
        lines=lines,
        customer=customer,
        more=private.merged(cart.more, _carried(patch)),
        touches=carts.touched(cart, caller),
        expires=carts.expiry(customer, lines.values(), clock.now()),
    )
    after.must_take(0)
    after.must_be_sold_in(catalogs.at_version(caller.brand, cart.catalog_version).currencies)
    after, beside = _kept(caller, after)
    return store.save(caller, after, cart.version, beside)


def _sold(incoming: Incoming, cart: ShoppingCart, line: Line, *, strict: bool) -> Line:
    """The line, pinned to the catalog that sells it here; raises RuleBroken with the reason where that does not.

    The standard lets a cart name an offering we do not hold: it is kept and barred, unless `strict`.
    """
    caller = incoming.caller
    has: dict[str, Json] = {}
    if line.product and line.action in ("modify", "delete"):
        held = inventory.must_be_changeable(caller, line.product, cart.customer)
        has = {line.product: held}
        line = carts.on_product(line, held)
    catalog = catalogs.current(caller.brand)
    language = incoming.language(catalog.languages)
    view = View(catalog, caller.channel, clock.now(), language, installed=has, partner=cart.partner)
    known = line.keeps or (line.offering is not None and (strict or catalog.offering(line.offering) is not None))
    if why := views.not_sold(line, view) if known and line.action != "delete" else views.over(line, view):
        raise RuleBroken(why["reason"], code=why["code"])
    if line.keeps or line.offering is None or line.action == "delete":
        return line
    return replace(line, catalog_version=None if catalog.version == cart.catalog_version else catalog.version)


@api.serves("DELETE", f"{CARTS}/<id_>", "cart.delete")
def drop_cart(incoming: Incoming, id_: str) -> Response[str]:
    """Deletes a cart of which nothing came."""
    cart = store.load(incoming.caller, id_, "cart.delete")
    store.must_be_seen(cart, incoming.if_match())
    if cart.state_at(clock.now()) != "abandoned":
        cart.must_be_active(clock.now())
    store.delete(incoming.caller, cart)
    return nothing()


@api.serves("POST", f"{CARTS}/<id_>/cartItem", "cart.change")
def add_line(incoming: Incoming, id_: str) -> Response[str]:
    """Adds a line that this channel sells."""
    caller, body = incoming.caller, incoming.body
    asked = incoming.key

    def added() -> tuple[ShoppingCart, str]:
        line = carts.new_line(body, caller)
        if line.offering is None and line.action == "add":
            raise Malformed("A line to add names its offering: productOffering.id.", code="offeringMissing")
        return _edited(incoming, id_, lambda cart: _sold(incoming, cart, line, strict=True), asked), line.id

    def again(line_id: str) -> tuple[ShoppingCart, str]:
        return store.load(caller, id_, "cart.change"), line_id

    (cart, line_id), replayed = keys.once(settings.cart_table, caller, asked, added, again)
    return _line(CREATED, cart, line_id, incoming, replayed=replayed)


@api.serves("PATCH", f"{CARTS}/<id_>/cartItem/<line_id>", "cart.change")
def change_line(incoming: Incoming, id_: str, line_id: str) -> Response[str]:
    """Changes how much, or saves the line for later and takes it up again."""
    caller, patch = incoming.caller, incoming.body
    if patch.get("id", line_id) != line_id:
        raise Malformed("id cannot be changed; leave it out of the PATCH.")
    cart = _edited(incoming, id_, lambda cart: carts.changed_line(cart.line(line_id), patch, caller))
    return _line(200, cart, line_id, incoming)


@api.serves("DELETE", f"{CARTS}/<id_>/cartItem/<line_id>", "cart.change")
def remove_line(incoming: Incoming, id_: str, line_id: str) -> Response[str]:
    """Takes a line out of the cart."""
    cart = store.load(incoming.caller, id_, "cart.change")
    cart.must_be_active(clock.now())
    store.remove_line(incoming.caller, cart, cart.line(line_id), seen=incoming.if_match())
    return nothing()


def _edited(
    incoming: Incoming, id_: str, decide: Callable[[ShoppingCart], Line], asked: Key | None = None
) -> ShoppingCart:
    """The cart with the line that is decided on it; where it does not depend on what the caller saw, it never fails
    for what another channel does to other lines."""
    caller, seen = incoming.caller, incoming.if_match()

    def edit() -> ShoppingCart:
        cart = store.load(caller, id_, "cart.change")
        cart.must_be_active(clock.now())
        line = decide(cart)
        after, beside = _kept(caller, replace(cart, lines={**cart.lines, line.id: line}))
        return store.save_line(caller, cart, after.lines[line.id], seen=seen, beside=beside, asked=asked)

    return edit() if seen is not None else rows.repeated(edit)


def _kept(caller: Caller, cart: ShoppingCart) -> tuple[ShoppingCart, list[Operation]]:
    """The cart without what a person wrote on it, and the write that keeps that with the customer's data."""
    bare, parts = carts.parted(cart)
    lay = {"": cart.written, **{line.id: line.written for line in cart.lines.values()}}
    before = customers.written(caller, [lay[part] for part, content in parts.items() if content])
    parts = {part: private.joined(before.get(lay[part] or "", {}).get(part), new) for part, new in parts.items()}
    id_, writes = customers.keep_written(caller, KIND, parts, cart.customer)
    return carts.kept_under(bare, id_, parts), writes


def _customer(incoming: Incoming, body: Json) -> str | None:
    """Whose cart it becomes: the caller's own, or the customer that the body names and the caller may act for."""
    named, caller = customer_named(body), incoming.caller
    if named is not None and caller.role == "partner":
        raise Forbidden("A partner's cart is nobody's; name the customer when you order it.", code="otherCustomer")
    return caller.acts_for(incoming.operation.may, named)


def _carried(body: Json) -> Json:
    ours = {
        "cartItem",
        "cartTotalPrice",
        "validFor",
        "relatedParty",
        "state",
        "channel",
        "catalogVersion",
        "priceProof",
        "promotion",
        "productOrder",
        "mergedInto",
        "requirement",
        "@type",
    }
    carried = {k: v for k, v in body.items() if k not in ours}
    if others := other_parties(body):
        carried["relatedParty"] = others
    return carried


def _view(cart: ShoppingCart, incoming: Incoming) -> View:
    """The cart as the caller sees it, its prices signed."""
    return replace(context.view(cart, incoming), key=proofs.key())


def _rendered(found: list[ShoppingCart], incoming: Incoming) -> list[Json]:
    """The carts as this channel sees them, with what was written on them."""
    ids = {id_ for cart in found for id_ in (cart.written, *(line.written for line in cart.lines.values()))}
    kept = customers.written(incoming.caller, ids)
    return [views.with_written(views.render(cart, _view(cart, incoming)), cart, kept) for cart in found]


def _answer(status: int, cart: ShoppingCart, incoming: Incoming, **headers: Any) -> Response[str]:
    (body,) = _rendered([cart], incoming)
    body = tmf.chosen(body, incoming.query)
    return answer(status, body, version=cart.version, **headers)


def _line(status: int, cart: ShoppingCart, line_id: str, incoming: Incoming, **headers: Any) -> Response[str]:
    line = cart.line(line_id)
    kept = customers.written(incoming.caller, [line.written])
    view = _view(cart, incoming)
    looked = views.look(cart.lines.values(), view)[line_id]
    body = views.with_line_written(views.render_line(line, view, looked), line, kept)
    location = f"{tmf.href(KIND, cart.id)}/cartItem/{line_id}" if status == CREATED else None
    return answer(status, body, version=cart.version, location=location, **headers)
