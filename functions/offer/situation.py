"""Where one chooses, for whom and beside what: gathered from the request, the customer, the cart and the catalog."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from functions.cart import context
from functions.cart import losing as terms
from functions.cart import store as carts
from functions.cart import view as views
from functions.cart.cart import ShoppingCart
from functions.catalog import store as catalogs
from functions.catalog.rule import Fact
from functions.catalog.sale import Sale
from functions.customer import store as customers
from functions.customer.customer import ADDRESS, located
from functions.inventory import product as installed
from functions.inventory import store as inventory
from functions.offer import task
from functions.offer.qualification import Shop
from functions.offer.task import Has
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
    lines = [line for line in cart.lines.values() if line.active] if cart else []
    left = frozenset(terms.given_up(lines).values())
    campaigns = cart.campaigns if cart else ()
    known = context.of_customer(caller, customer, catalog, campaigns=campaigns, left=left)
    facts = replace(known, known={**known.known, **_place(caller, customer, body.get("place") or [])})
    language = incoming.language(catalog.languages)
    currency, partner = (cart.currency, cart.partner) if cart else (None, context.seller(caller, body, catalog))
    sale = Sale(caller.channel, incoming.now, language, facts, currency, partner)
    beside = views.items(lines, context.pinned(cart, incoming)) if cart else ()
    return Shop(catalog, sale, beside, frozenset(line.id for line in lines if line.alone), left)


def _place(caller: Caller, customer: str | None, places: list[Json]) -> dict[str, Fact]:
    """What is known of the place that is named, by value or by the id of an address of the customer's."""
    place = next(iter(places), {})
    told: dict[str, Fact] = {f"place.{name}": place[name] for name in ADDRESS if place.get(name)}
    if told or customer is None or "id" not in place:
        return told
    medium = customers.address(caller, customer, place["id"]) or {}
    return {**located(medium.get("characteristic") or {})}


def products(caller: Caller, customer: str | None, items: Iterable[Json], shop: Shop) -> dict[str, Has]:
    """The installed products that items name, by id: none that is not there, not theirs, or not the customer's."""
    named = {id_: item for item in items if (id_ := (item.get("product") or {}).get("id"))}
    bodies = {id_: body for id_ in named if (body := _installed(caller, customer, id_)) is not None}
    lines = {id_: task.line_of(named[id_], body) for id_, body in bodies.items()}
    given = terms.given_up(lines[id_] for id_, body in bodies.items() if body["status"] not in installed.ENDED)
    lost = context.losing(caller, customer, given, bodies, shop.sale, as_it_is=terms.as_it_is(lines.values()))
    there = inventory.offerings(caller, customer) if given and customer else {}
    return {
        id_: Has(body, lines[id_], lost.get(id_, []), _staying(there, shop.left | {id_}) if id_ in given else None)
        for id_, body in bodies.items()
    }


def _staying(there: Mapping[str, list[str]], left: frozenset[str]) -> frozenset[str]:
    """The offerings of the products that do not go."""
    return frozenset(each for id_, of in there.items() if id_ not in left for each in of)


def _installed(caller: Caller, customer: str | None, id_: str) -> Json | None:
    try:
        row = inventory.load(caller, id_)
    except (NotFound, Forbidden):
        return None
    if customer is not None and row.get("customer") != customer:
        return None
    return installed.now(row)
