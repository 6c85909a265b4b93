"""How an order comes about that a client sends directly, without a cart: by the same rules, line by line. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from functions.cart import cart as carts
from functions.cart import view as views
from functions.cart.cart import Line
from functions.cart.replay import basis
from functions.cart.view import View
from functions.inventory import product as products
from functions.order.item import OURS_OF_ITEM, Buyer, item_of
from functions.order.order import ProductOrder, with_state
from functions.order.place import accepted, carried, channels, made, must_be_sold, offering_id, waiting
from functions.shared.access import Caller
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, nameless

ITEM_OURS = frozenset({"state", "itemPrice", "itemTotalPrice", "touch", "requirement", "catalogVersion", "priceProof"})
PART = frozenset({"id", "action", "quantity", "product", "productOffering", "productOrderItem"})


def on_products(body: Json, caller: Caller) -> list[Line]:
    """The items of a direct order that change or end a product, as lines, whether the catalog knows them or not."""
    changing = (item for item in body["productOrderItem"] if item["action"] in ("modify", "delete") and _product(item))
    return [replace(carts.new_line(item, caller), id=item["id"]) for item in changing]


def must_name_no_account(body: Json) -> None:
    """Raises RuleBroken where an order that is nobody's would be billed to somebody."""
    if any((part.get("billingAccount") or {}).get("id") for part in (body, *body["productOrderItem"])):
        raise RuleBroken("This billing account is not the customer's.", code="accountUnknown")


def lines_of(body: Json, view: View, caller: Caller) -> dict[str, Line]:
    """The lines that the items of a direct order would have been, by id; none for what the catalog does not know."""
    seen: set[str] = set()
    for item in body["productOrderItem"]:
        if item["id"] in seen:
            raise Malformed(f"Two items have the id {item['id']}.", code="sameItem")
        seen.add(item["id"])
        if item["action"] == "modify" and (why := views.ended(_product(item), view)):
            raise RuleBroken(why["reason"], code=why["code"])
    return {item["id"]: line for item in body["productOrderItem"] if (line := _direct_line(item, view, caller))}


def place(
    id_: str, body: Json, lines: Mapping[str, Line], view: View, buyer: Buyer | None, caller: Caller
) -> ProductOrder:
    """An order as a TM Forum client sends it; an item the catalog does not know is kept, and rejected later."""
    sold, changes = [line for line in lines.values() if _configured(line, view)], on_products(body, caller)
    found = views.look(sold, view)
    must_be_sold(views.rivals(changes, view), "productOrderItem")
    must_be_sold({id_: looked.barred for id_, looked in found.items()}, "productOrderItem")
    items = [
        item_of(lines[item["id"]], found[item["id"]], view, buyer) if item["id"] in found else _kept(item, caller)
        for item in body["productOrderItem"]
    ]
    touched = channels({caller.channel: {"origin": True}}, caller)
    more = {"channel": touched, **accepted(body, changes, view, caller)}
    more |= waiting(views.ahead(sold, view, found))
    order = made(id_, items, view, buyer, caller, {**carried(body), **more})
    return replace(order, sellers=view.catalog.partners.chain(view.partner), basis=basis(sold, view))


def _configured(line: Line, view: View) -> bool:
    """Whether nothing is missing of what has to be chosen; raises RuleBroken where what is chosen is in conflict."""
    chosen = views.configured(line, view)
    if chosen and chosen.conflict:
        raise RuleBroken(chosen.bars[0]["reason"], code=chosen.bars[0]["code"], configuration=chosen.told)
    return not (chosen and chosen.missing)


def _direct_line(sent: Json, view: View, caller: Caller) -> Line | None:
    """The line that an item of a direct order would have been; None where it sells nothing that we know."""
    held = view.installed.get(_product(sent) or "", {})
    offering = offering_id(sent) or products.renewed(carts.kind_of(sent), held)
    if offering is None or (view.catalog.offering(offering) is None and products.sold_as(held) != offering):
        return None
    line = carts.on_product(replace(carts.new_line(sent, caller), id=sent["id"]), held)
    if why := views.not_sold(line, view):
        raise RuleBroken(why["reason"], code=why["code"])
    more = {k: v for k, v in line.more.items() if k not in ITEM_OURS | {"itemTerm"}}
    return replace(line, more=_with_parts(more))


def _with_parts(item: Json) -> Json:
    """An item whose parts say what was chosen alone."""
    if not isinstance(parts := item.get("productOrderItem"), list):
        return item
    return {**item, "productOrderItem": [_with_parts({k: v for k, v in p.items() if k in PART}) for p in parts]}


def _kept(sent: Json, caller: Caller) -> Json:
    """An item as it came, rejected later: we do not know its offering, or nobody could fulfil what is chosen of it."""
    carried = {k: v for k, v in sent.items() if k not in ITEM_OURS}
    if isinstance(parties := carried.get("relatedParty"), list):
        carried["relatedParty"] = [party for party in nameless(parties) if party.get("role") not in OURS_OF_ITEM]
    kept = with_state({**carried, "kind": carts.kind_of(sent), "touch": carts.touch_of(caller)}, "acknowledged")
    return {**kept, "@type": sent.get("@type", "ProductOrderItem")}


def _product(item: Json) -> str | None:
    return (item.get("product") or {}).get("id")
