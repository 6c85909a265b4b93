"""The price of an order, computed again from the version of the catalog that it is pinned to. Pure."""

from functions.cart.cart import Line
from functions.cart.replay import Told, replay, view_of
from functions.catalog.catalog import Catalog
from functions.order.order import ProductOrder
from functions.shared import tmf
from functions.shared.errors import NotFound
from functions.shared.resource import Json, ref


def replayed(order: ProductOrder, catalog: Catalog, language: str) -> Json:
    """What of the order is stored and what comes out now, item by item and in total, and whether that is equal.

    Raises NotFound where the order does not say what its prices hang on.
    """
    if order.basis is None:
        raise NotFound("price of this product order")
    found = replay(
        [_told(item) for item in order.items], order.body["orderTotalPrice"], view_of(order.basis, catalog, language)
    )
    named = ref(order.id, tmf.href("productOrder", order.id), "ProductOrder")
    return {"@type": "PriceReplay", "productOrder": named, **found}


def _told(item: Json) -> Told:
    """An item as the line that it was; what the catalog did not know when it was ordered costs nothing."""
    offering = item["productOffering"]["id"] if "catalogVersion" in item else None
    line = Line(
        id=item["id"],
        quantity=item.get("quantity", 1),
        touch=item["touch"],
        own=item["kind"] == "renew",  # one of another offering was asked then whether it is sold
        offering=offering,
        action=item["action"],
        kind=item["kind"],
        more=item,
    )
    return Told(line, "ProductOrderItem", item.get("itemPrice", []), item.get("itemTotalPrice", []))
