"""What is known of the customer of a sale: as much of it as the rules behind the prices ask, and no more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain

from functions.cart import losing as terms
from functions.cart import replay
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.view import View
from functions.catalog import price
from functions.catalog import store as catalogs
from functions.catalog.catalog import Catalog
from functions.catalog.kinds import SELLER
from functions.catalog.offer import STAYING
from functions.catalog.rule import Fact, Facts
from functions.catalog.sale import Item, Sale, present
from functions.customer import own_price
from functions.customer import store as customers
from functions.inventory import store as inventory
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.incoming import Incoming
from functions.shared.resource import Json

OF_CUSTOMER = ("customer.", "place.", "tenure")
OWN = "customerPrice"  # asked for where a price of the catalog is negotiable
EVERYTHING = (*OF_CUSTOMER, "installed.", OWN)


def seller(caller: Caller, body: Json, catalog: Catalog) -> str | None:
    """The partner whose sale something new is: the caller's own, or the one that staff names as its seller."""
    if not caller.staff:
        return caller.sells_as
    named = (party["id"] for party in body.get("relatedParty") or [] if party.get("role") == SELLER)
    return next((id_ for id_ in named if id_ in catalog.held["partner"]), None)


def view(cart: ShoppingCart, incoming: Incoming) -> View:
    """The cart as the caller sees it, with what its rules ask of the customer."""
    seen, caller = pinned(cart, incoming), incoming.caller
    if cart.completed:
        return seen
    lines = cart.lines.values()
    known, given = facts(caller, cart.customer, lines, seen, campaigns=cart.campaigns), terms.given_up(lines)
    installed = inventory.bodies(caller, cart.customer, given.values()) if given and cart.customer else {}
    lost = losing(caller, cart.customer, given, installed, seen.sale, as_it_is=terms.as_it_is(lines))
    return replace(seen, facts=known, installed=installed, losing=lost)


def pinned(cart: ShoppingCart, incoming: Incoming) -> View:
    """The same with nothing known of the customer; an ordered cart is as it was ordered, whoever opens it, wherever."""
    caller = incoming.caller
    catalog = catalogs.at_version(caller.brand, cart.catalog_version)
    language = incoming.language(catalog.languages)
    if cart.completed:
        channel, then = cart.completed
        held = Facts(held=frozenset(cart.held), own=replay.own_prices(cart.own))
        seen = View(catalog, channel, then, language, caller.staff, facts=held, currency=cart.currency)
        return replace(seen, partner=cart.partner)
    versions = {line.catalog_version for line in cart.lines.values()}
    others = {version: catalogs.at_version(caller.brand, version) for version in versions if version}
    seen = View(catalog, caller.channel, clock.now(), language, caller.staff, others, currency=cart.currency)
    return replace(seen, partner=cart.partner)


def facts(
    caller: Caller,
    customer: str | None,
    lines: Iterable[Line],
    view: View,
    *,
    campaigns: Iterable[str] = (),
    known: Mapping[str, str | int] | None = None,
) -> Facts:
    """The facts that rules on these lines ask for. `known` is what the customer's record says, if it was read."""
    lines = list(lines)
    sold, active = views.items(lines, view), {line.id for line in lines if line.active}
    beside = present(item for item in sold if item.id in active)
    left = frozenset(terms.given_up(line for line in lines if line.active).values())
    return of_customer(
        caller, customer, view.catalog, asked=_asked(sold, beside), campaigns=campaigns, known=known, left=left
    )


def _asked(sold: list[Item], beside: frozenset[str] = frozenset()) -> set[str]:
    """What rules on these ask of a customer, by parameter."""
    asked = price.parameters(sold, beside)
    return asked | {OWN} if price.negotiable(sold) else asked


def losing(
    caller: Caller,
    customer: str | None,
    given: Mapping[str, str],
    installed: Mapping[str, Json],
    sale: Sale,
    *,
    as_it_is: Collection[str] = (),
    known: Mapping[str, str | int] | None = None,
) -> dict[str, list[Json]]:
    """What of the terms of products is given up for good, by what gives them up: by the catalog of today.

    `installed` are the products of theirs that run, those given up among them; some are renewed `as_it_is`.
    """
    bodies = {id_: installed[id_] for id_ in given.values() if id_ in installed}
    if not bodies:
        return {}
    today = catalogs.current(caller.brand)
    again = [item for body in bodies.values() for item in terms.again(body, today, sale.language)]
    sale = replace(sale, facts=of_customer(caller, customer, today, asked=_asked(again), known=known))
    found = {id_: terms.losses(body, today, sale, as_it_is=id_ in as_it_is) for id_, body in bodies.items()}
    return {by: found[id_] for by, id_ in given.items() if found.get(id_)}


def of_customer(
    caller: Caller,
    customer: str | None,
    catalog: Catalog,
    *,
    asked: Collection[str] = EVERYTHING,
    campaigns: Iterable[str] = (),
    known: Mapping[str, str | int] | None = None,
    left: Collection[str] = (),
) -> Facts:
    """What is known of a customer, as far as it is asked for by parameter; `left` are products that do not stay."""
    found: dict[str, Fact] = {"campaign": frozenset(campaigns)}
    if customer is None:
        return Facts(found)
    if any(parameter.startswith(OF_CUSTOMER) for parameter in asked):
        if known is None:
            record = customers.buyer_facts(caller, customer)
            known = record.known if record else {}
        found |= {name: Decimal(value) if isinstance(value, int) else value for name, value in known.items()}
    if any(parameter.startswith("installed.") for parameter in asked):
        has = inventory.offerings(caller, customer)
        found |= _installed(catalog, frozenset(chain.from_iterable(has.values())), len(has))
        if left:
            found[STAYING] = frozenset(chain.from_iterable(of for id_, of in has.items() if id_ not in left))
    return Facts(found, own=replay.own_prices(own_price.of(caller, customer)) if OWN in asked else ())


def _installed(catalog: Catalog, offerings: frozenset[str], products: int) -> dict[str, Fact]:
    held = [catalog.offering(id_) or {} for id_ in offerings]
    return {
        "installed.offering": offerings,
        "installed.category": frozenset(c["id"] for each in held for c in each.get("category", [])),
        "installed.count": Decimal(products),
    }
