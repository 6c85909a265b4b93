"""What of a cart would be billed: its lines that are not saved for later, at the prices of a view. Pure."""

from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.view import Looked, View
from functions.catalog import bills, charge, sold
from functions.catalog.bills import Sold


def billed(cart: ShoppingCart, view: View) -> list[Sold]:
    """Each line with what it costs, the longest of its terms and the account it names."""
    lines = [line for line in cart.lines.values() if line.active]
    found = views.look(lines, view)
    return [_sold(cart, line, view, found[line.id]) for line in sorted(lines, key=lambda line: line.id)]


def _sold(cart: ShoppingCart, line: Line, view: View, looked: Looked) -> Sold:
    catalog = view.catalog_of(line)
    offering = catalog.offering(line.offering or "") or {}
    terms = [
        {**term, "name": catalog.text(term["name"], view.language)} for term in offering.get("productOfferingTerm", [])
    ]
    prices, totals = [each.tmf for each in looked.charges], charge.totals([(line.quantity, looked.charges)])
    account = line.more.get("billingAccount") or cart.more.get("billingAccount") or {}
    return Sold(
        {"id": line.id, "@referredType": "CartItem"},
        line.quantity,
        sold.charges(prices, totals, catalog.rounding),
        bills.longest(terms) if looked.charges else None,
        account.get("id"),
    )
