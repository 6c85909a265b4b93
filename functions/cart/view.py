"""A cart as one channel sees it: named, priced and checked from the catalog versions it is pinned to. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.cart.cart import Line, ShoppingCart
from functions.catalog import price
from functions.catalog.catalog import Catalog
from functions.catalog.price import Charge
from functions.customer import private
from functions.shared import clock, tmf
from functions.shared.resource import Json, ref


def with_written(body: Json, cart: ShoppingCart, kept: Mapping[str, Json]) -> Json:
    """A rendered cart with what was written on it and its lines, as far as it is among `kept`."""
    items = [with_line_written(item, cart.lines[item["id"]], kept) for item in body["cartItem"]]
    return private.rejoined({**body, "cartItem": items}, kept.get(cart.written or "", {}).get(""))


def with_line_written(item: Json, line: Line, kept: Mapping[str, Json]) -> Json:
    """A rendered line with what was written on it."""
    return private.rejoined(item, kept.get(line.written or "", {}).get(line.id))


@dataclass(frozen=True)
class View:
    """How a cart is looked at: through which channel, when, in which language, by staff or not."""

    catalog: Catalog
    channel: str
    as_of: datetime
    language: str
    staff: bool = False
    others: Mapping[str, Catalog] = field(default_factory=dict)  # the versions that single lines are pinned to

    def catalog_of(self, line: Line) -> Catalog:
        """The catalog version that line is priced from."""
        return self.others.get(line.catalog_version or "", self.catalog)


def charges_of(line: Line, view: View) -> list[Charge]:
    """What one unit of the line costs in this view; nothing for what the catalog does not hold or the line ends."""
    catalog = view.catalog_of(line)
    offering = catalog.offering(line.offering or "")
    if offering is None or line.action in ("delete", "noChange"):
        return []
    return price.charges(catalog, offering, view.channel, view.as_of, view.language)


def barred(line: Line, view: View) -> Json | None:
    """Why the line cannot be ordered in this view, as a code and a sentence; None where it can."""
    if line.offering is None:
        if line.action == "add":
            return {"code": "unknownOffering", "reason": "This line names no offering."}
        return None
    offering = view.catalog_of(line).offering(line.offering)
    if offering is None:
        return {"code": "unknownOffering", "reason": f"There is no offering {line.offering} in the catalog."}
    return (
        view.catalog_of(line).barred(offering, view.channel, view.as_of, view.language)
        if line.action != "delete"
        else None
    )


def render_line(line: Line, view: View, found: list[Charge] | None = None) -> Json:
    """The line as a TM Forum CartItem, priced and checked for this view."""
    found = charges_of(line, view) if found is None else found
    why = barred(line, view)
    body: Json = {
        "id": line.id,
        "@type": "CartItem",
        "quantity": line.quantity,
        "action": line.action,
        "kind": line.kind,
        "status": "saveForLater" if line.saved else "active",
        **line.more,
        "touch": line.touch,
    }
    if line.offering:
        stored = view.catalog_of(line).offering(line.offering)
        name = {"name": view.catalog.text(stored["name"], view.language)} if stored else {}
        body["productOffering"] = ref(
            line.offering, tmf.href("productOffering", line.offering), "ProductOffering", **name
        )
    if line.product:
        body["product"] = {
            **line.more.get("product", {}),
            "id": line.product,
            "href": tmf.href("product", line.product),
        }
    if found:
        body["itemPrice"] = [charge.tmf for charge in found]
        body["ItemTotalPrice"] = price.totals([(line.quantity, found)])
    if why:
        body["barred"] = [why]
    return body


def total(cart: ShoppingCart, view: View) -> list[Json]:
    """What the lines that are not saved for later come to."""
    return price.totals((line.quantity, charges_of(line, view)) for line in cart.lines.values() if line.active)


def render(cart: ShoppingCart, view: View) -> Json:
    """The cart as a TM Forum ShoppingCart, computed for the channel that opens it."""
    found = {id_: charges_of(line, view) for id_, line in cart.lines.items()}
    lines = sorted(cart.lines.values(), key=lambda line: line.id)
    body: Json = {
        **cart.more,
        "state": cart.state_at(view.as_of),
        "catalogVersion": cart.catalog_version,
        "cartItem": [render_line(line, view, found[line.id]) for line in lines],
        "cartTotalPrice": price.totals((line.quantity, found[line.id]) for line in lines if line.active),
        "channel": [_channel(cart, channel, touch) for channel, touch in cart.touches.items()],
        "validFor": {"startDateTime": cart.created, "endDateTime": clock.text(cart.expires)},
        "promotion": promotions(cart, view, found) or None,
        "requirement": requirements(cart, view) or None,
    }
    if cart.customer:
        body["relatedParty"] = [_customer(cart.customer), *cart.more.get("relatedParty", [])]
    if cart.order:
        body["productOrder"] = ref(cart.order, tmf.href("productOrder", cart.order), "ProductOrder")
    if cart.merged_into:
        body["mergedInto"] = ref(cart.merged_into, tmf.href("shoppingCart", cart.merged_into), "ShoppingCart")
    return tmf.resource("shoppingCart", cart.id, body)


def _customer(id_: str) -> Json:
    return ref(id_, tmf.href("customer", id_), "Customer", role="customer")


def _channel(cart: ShoppingCart, channel: str, touch: Json) -> Json:
    role = "origin" if touch.get("origin") else "completed" if touch.get("completed") else "touched"
    return {"id": channel, "role": role}


def promotions(cart: ShoppingCart, view: View, found: Mapping[str, list[Charge]]) -> list[Json]:
    """The promotions that alter a price here; staff also see those that other channels may give, and which."""
    applied = {a.rule for charges in found.values() for c in charges for a in c.alterations}
    catalog = view.catalog
    lines = cart.lines.values()
    offered = {p["id"]: p for ln in lines for p in view.catalog_of(ln).promotions_for(ln.offering or "", view.as_of)}
    return [
        catalog.rendered_promotion(p, view.language, applied=p["id"] in applied)
        for p in offered.values()
        if p["id"] in applied or view.staff
    ]


def requirements(cart: ShoppingCart, view: View) -> list[Json]:
    """What must be true before the lines can be fulfilled, as their offerings say."""
    return [
        {"kind": need["kind"], "item": line.id, "state": "open"}
        for line in cart.lines.values()
        if line.active and (offering := view.catalog_of(line).offering(line.offering or ""))
        for need in offering.get("requirement", [])
    ]
