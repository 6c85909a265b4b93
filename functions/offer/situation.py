"""Where one chooses, for whom and beside what: gathered from the request, the customer, the cart and the catalog."""

from collections.abc import Iterable
from dataclasses import replace

from functions.cart import cart as cart_lines
from functions.cart import context
from functions.cart import losing as terms
from functions.cart import store as carts
from functions.cart import view as views
from functions.cart.cart import ShoppingCart
from functions.catalog import store as catalogs
from functions.catalog.rule import Fact
from functions.catalog.sale import Item, Sale
from functions.customer import store as customers
from functions.customer.customer import ADDRESS, located
from functions.inventory import store as inventory
from functions.offer.qualification import Shop
from functions.shared.access import Caller
from functions.shared.errors import Forbidden, NotFound
from functions.shared.incoming import Incoming
from functions.shared.resource import Json, customer_named


def asked(incoming: Incoming, body: Json) -> tuple[Shop, str | None]:
    """The shop of a request, and its customer: `body` may name these in relatedParty, shoppingCart and place."""
    caller, named = incoming.caller, customer_named(body)
    if named is not None and caller.role == "partner":
        raise Forbidden("A partner's sale is nobody's; name the customer when you order it.", code="otherCustomer")
    customer = caller.acts_for(incoming.operation.may, named)
    cart_id = (body.get("shoppingCart") or {}).get("id")
    cart = carts.load(caller, cart_id) if cart_id else None
    if cart and cart.customer:
        if named not in (None, cart.customer):
            raise Forbidden("This cart is another customer's; leave the customer out.", code="otherCustomer")
        customer = cart.customer
    return _shop(incoming, customer, cart, body), customer


def of_cart(incoming: Incoming, cart: ShoppingCart) -> Shop:
    """The shop around a cart."""
    return _shop(incoming, cart.customer, cart, {})


def _shop(incoming: Incoming, customer: str | None, cart: ShoppingCart | None, body: Json) -> Shop:
    caller = incoming.caller
    catalog = catalogs.seen(caller.brand, incoming.as_of)
    known = context.of_customer(caller, customer, catalog, campaigns=cart.campaigns if cart else ())
    facts = replace(known, known={**known.known, **_place(caller, customer, body.get("place") or [])})
    language = incoming.language(catalog.languages)
    currency, partner = (cart.currency, cart.partner) if cart else (None, context.seller(caller, body, catalog))
    sale = Sale(caller.channel, incoming.now, language, facts, currency, partner)
    return Shop(catalog, sale, _beside(incoming, cart) if cart else ())


def _beside(incoming: Incoming, cart: ShoppingCart) -> list[Item]:
    return views.items((line for line in cart.lines.values() if line.active), context.pinned(cart, incoming))


def _place(caller: Caller, customer: str | None, places: list[Json]) -> dict[str, Fact]:
    """What is known of the place that is named, by value or by the id of an address of the customer's."""
    place = next(iter(places), {})
    told: dict[str, Fact] = {f"place.{name}": place[name] for name in ADDRESS if place.get(name)}
    if told or customer is None or "id" not in place:
        return told
    medium = customers.address(caller, customer, place["id"]) or {}
    return {**located(medium.get("characteristic") or {})}


def products(caller: Caller, customer: str | None, ids: Iterable[str]) -> dict[str, str | None]:
    """What installed products were sold as; None for one that is not there, not theirs, or not the customer's."""
    return {id_: _sold_as(caller, customer, id_) for id_ in ids}


def losing(caller: Caller, customer: str | None, items: Iterable[Json], shop: Shop) -> dict[str, list[Json]]:
    """What of their terms the products would lose that items end or give other terms, by product."""
    named = {id_: cart_lines.kind_of(each) for each in items if (id_ := (each.get("product") or {}).get("id"))}
    given = {id_: id_ for id_, kind in named.items() if terms.gives_up(kind)}
    return context.losing(caller, customer, given, shop.sale)


def _sold_as(caller: Caller, customer: str | None, id_: str) -> str | None:
    try:
        row = inventory.load(caller, id_)
    except (NotFound, Forbidden):
        return None
    if customer is not None and row.get("customer") != customer:
        return None
    return str((row["body"].get("productOffering") or {}).get("id") or "")
