"""What of an order is billed: its items at the prices and on the terms that it stores, which are the contract. Pure."""

from collections.abc import Mapping

from functions.catalog import bills, sold
from functions.catalog.bills import Sold
from functions.order.order import ProductOrder
from functions.shared.resource import Json


def billed(order: ProductOrder, rounding: Mapping[str, str]) -> list[Sold]:
    """Each item with what it costs; one that was refused or taken back costs nothing."""
    usual = (order.body.get("billingAccount") or {}).get("id")
    live = (item for item in order.items if item.get("state") not in ("rejected", "cancelled"))
    return [_sold(item, rounding, usual) for item in live]


def _sold(item: Json, rounding: Mapping[str, str], usual: str | None) -> Sold:
    return Sold(
        {"id": item["id"], "@referredType": "ProductOrderItem"},
        item.get("quantity", 1),
        sold.charges(item.get("itemPrice", []), item.get("itemTotalPrice", []), rounding),
        bills.longest(item.get("itemTerm", [])),
        (item.get("billingAccount") or {}).get("id") or usual,
    )
