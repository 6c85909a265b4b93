"""A sale priced again from the version of the catalog it was priced from, held against what was stored of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from functions.cart import view as views
from functions.cart.cart import Line
from functions.cart.view import View
from functions.catalog import charge, price, totals, trace
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts, OwnPrice
from functions.catalog.totals import Part
from functions.shared import clock
from functions.shared.resource import Json


class Told(NamedTuple):
    """A line of a stored sale, with what it says one unit costs and the whole line comes to."""

    line: Line
    kind: str  # its type, ProductOrderItem or another
    unit: list[Json]
    total: list[Json]


def basis(lines: Iterable[Line], view: View) -> Json:
    """What the prices of a view hang on besides the catalog: where, when, by whom, and what was true of the customer.

    Stored with a sale, it prices it again for good. Of the customer it holds no fact, only which criteria of rules
    were true.
    """
    sold = views.items(lines, view)
    own = [
        {
            "id": each.id,
            "productOfferingPrice": {"id": each.price_id},
            "price": {"unit": view.currency or view.catalog.currency, "value": each.value},
        }
        for each in price.own(sold, view.sale)
    ]
    return {
        "channel": view.channel,
        "asOf": clock.text(view.as_of),
        "currency": view.currency or view.catalog.currency,
        **({"partner": view.partner} if view.partner is not None else {}),
        "held": price.held(sold, view.sale),
        **({"own": own} if own else {}),
    }


def own_prices(stored: Iterable[Json]) -> tuple[OwnPrice, ...]:
    """Prices of a customer's own as they are stored with them, or with a sale: there they hold for good."""
    return tuple(
        OwnPrice(each["id"], each["productOfferingPrice"]["id"], Decimal(each["price"]["value"]), each.get("validFor"))
        for each in stored
    )


def view_of(stored: Mapping[str, Any], catalog: Catalog, language: str) -> View:
    """The view that a stored basis was of."""
    facts = Facts(held=frozenset(stored["held"]), own=own_prices(stored.get("own", ())))
    as_of = clock.moment(stored["asOf"])
    seen = View(catalog, stored["channel"], as_of, language, facts=facts, currency=stored["currency"])
    return replace(seen, partner=stored.get("partner"))


def replay(sale: list[Told], total: list[Json], view: View) -> Json:
    """What each line and the whole comes to by this view and by what is stored, whether that is equal, and how."""
    found = views.look([told.line for told in sale], view)
    items = [_item(told, found[told.line.id].charges) for told in sale]
    computed = totals.summed(price for item in items for price in item["computed"])
    whole = {
        "stored": total,
        "computed": computed,
        "equal": _amounts(total) == _amounts(computed),
        "trace": trace.of_lines(items, "computed"),
    }
    return {
        "catalogVersion": view.catalog.version,
        "channel": view.channel,
        "asOf": clock.text(view.as_of),
        "equal": all(part["equal"] for part in (*items, whole)),
        "item": items,
        "total": whole,
    }


def _item(told: Told, charges: list[charge.Charge]) -> Json:
    line = told.line
    unit, computed = [each.tmf for each in charges], charge.totals([(line.quantity, charges)])
    same = _amounts(told.total) == _amounts(computed)
    return {
        "id": line.id,
        "@type": told.kind,
        "stored": told.total,
        "computed": computed,
        "equal": same and [_figures(p) for p in told.unit] == [_figures(p) for p in unit],
        "trace": trace.of_line(line.quantity, unit, computed),
    }


def _amounts(prices: list[Json]) -> list[dict[Part, Decimal]]:
    """What prices come to, with tax and without."""
    return [totals.by_part(prices, amount) for amount in ("taxIncludedAmount", "dutyFreeAmount")]


def _figures(price: Json) -> Json:
    """A price without its words: what it is, what it comes to, and each rule with what that took off for how long."""
    altered = [_without(each, "description") for each in price.get("priceAlteration", [])]
    listed = price.get("productOfferingPrice", {}).get("id")
    return {**_without(price, "name"), "productOfferingPrice": listed, "priceAlteration": altered}


def _without(value: Json, name: str) -> Json:
    return {attribute: inner for attribute, inner in value.items() if attribute != name}
