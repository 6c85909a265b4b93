"""What is known of the customer of a sale: as much of it as the rules behind the prices ask, and no more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.view import View
from functions.catalog import price
from functions.catalog import store as catalogs
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Fact, Facts
from functions.customer import store as customers
from functions.inventory import store as inventory
from functions.shared import clock
from functions.shared.access import Caller
from functions.shared.incoming import Incoming

OF_CUSTOMER = ("customer.", "place.", "tenure")
EVERYTHING = (*OF_CUSTOMER, "installed.")


def view(cart: ShoppingCart, incoming: Incoming) -> View:
    """The cart as the caller sees it, with what its rules ask of the customer."""
    seen, caller = pinned(cart, incoming), incoming.caller
    if cart.completed:
        return seen
    return replace(seen, facts=facts(caller, cart.customer, cart.lines.values(), seen, campaigns=cart.campaigns))


def pinned(cart: ShoppingCart, incoming: Incoming) -> View:
    """The same with nothing known of the customer; an ordered cart is as it was ordered, whoever opens it, wherever."""
    caller = incoming.caller
    catalog = catalogs.at_version(caller.brand, cart.catalog_version)
    language = incoming.language(catalog.languages)
    if cart.completed:
        channel, then = cart.completed
        held = Facts(held=frozenset(cart.held))
        return View(catalog, channel, then, language, caller.staff, facts=held, currency=cart.currency)
    versions = {line.catalog_version for line in cart.lines.values()}
    others = {version: catalogs.at_version(caller.brand, version) for version in versions if version}
    return View(catalog, caller.channel, clock.now(), language, caller.staff, others, currency=cart.currency)


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
    asked = {criterion.parameter for criterion in price.criteria(views.items(lines, view))}
    return of_customer(caller, customer, view.catalog, asked=asked, campaigns=campaigns, known=known)


def of_customer(
    caller: Caller,
    customer: str | None,
    catalog: Catalog,
    *,
    asked: Collection[str] = EVERYTHING,
    campaigns: Iterable[str] = (),
    known: Mapping[str, str | int] | None = None,
) -> Facts:
    """What is known of a customer, as far as it is asked for by parameter."""
    found: dict[str, Fact] = {"campaign": frozenset(campaigns)}
    if customer is None:
        return Facts(found)
    if any(parameter.startswith(OF_CUSTOMER) for parameter in asked):
        if known is None:
            record = customers.buyer_facts(caller, customer)
            known = record.known if record else {}
        found |= {name: Decimal(value) if isinstance(value, int) else value for name, value in known.items()}
    if any(parameter.startswith("installed.") for parameter in asked):
        found |= _installed(catalog, inventory.offerings(caller, customer))
    return Facts(found)


def _installed(catalog: Catalog, offerings: list[str]) -> dict[str, Fact]:
    held = [catalog.offering(id_) or {} for id_ in offerings]
    return {
        "installed.offering": frozenset(offerings),
        "installed.category": frozenset(c["id"] for each in held for c in each.get("category", [])),
        "installed.count": Decimal(len(offerings)),
    }
