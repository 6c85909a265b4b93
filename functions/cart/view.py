"""A cart as one channel sees it: named, priced and checked from the catalog versions it is pinned to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.cart import cart as carts
from functions.cart.cart import Line, ShoppingCart
from functions.cart.company import unmet
from functions.catalog import charge, configuration, price, promotion, stages
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.configuration import Configuration
from functions.catalog.kinds import is_bundle
from functions.catalog.proof import Signer
from functions.catalog.rule import Facts
from functions.catalog.sale import Item, Sale
from functions.customer import private
from functions.inventory import product as products
from functions.shared import clock, tmf
from functions.shared.resource import Json, ref

OVERTAKEN = {
    "en": "This product, or what lies in it, changed since the line was added; remove the line and add it again.",
    "de": "Dieses Produkt oder was darin liegt hat sich geändert; entfernen Sie die Zeile und legen Sie sie neu an.",
}
RIVAL = {
    "en": "Line {} gives this product new terms or ends it, too; keep one of them.",
    "de": "Auch Zeile {} gibt diesem Produkt neue Bedingungen oder beendet es; behalten Sie eine von beiden.",
}


def with_written(body: Json, cart: ShoppingCart, kept: Mapping[str, Json]) -> Json:
    """A rendered cart with what was written on it and its lines, as far as it is among `kept`."""
    items = [with_line_written(item, cart.lines[item["id"]], kept) for item in body["cartItem"]]
    return private.rejoined({**body, "cartItem": items}, kept.get(cart.written or "", {}).get(""))


def with_line_written(item: Json, line: Line, kept: Mapping[str, Json]) -> Json:
    """A rendered line with what was written on it."""
    return private.rejoined(item, kept.get(line.written or "", {}).get(line.id))


@dataclass(frozen=True)
class View:
    """How a cart is looked at: through which channel, when, in which language, for whom, by staff or not."""

    catalog: Catalog
    channel: str
    as_of: datetime
    language: str
    staff: bool = False
    others: Mapping[str, Catalog] = field(default_factory=dict)  # the versions that single lines are pinned to
    installed: Mapping[str, Json] = field(default_factory=dict)  # the products that lines change, where it is known
    facts: Facts = field(default_factory=Facts)  # what is known of the customer
    losing: Mapping[str, list[Json]] = field(default_factory=dict)  # line -> what of its product's terms it gives up
    currency: str | None = None  # the brand's own where the cart says none
    partner: str | None = None  # whose sale it is, if a partner's: whoever looks, it is at their price
    key: bytes | None = field(
        default=None, repr=False
    )  # what prices are signed with; they are not, where there is none

    def catalog_of(self, line: Line) -> Catalog:
        """The catalog version that line is priced from."""
        return self.others.get(line.catalog_version or "", self.catalog)

    @property
    def sale(self) -> Sale:
        """The same, as the pricing function asks it."""
        return Sale(self.channel, self.as_of, self.language, self.facts, self.currency, self.partner)

    def signer(self, catalog: Catalog) -> Signer | None:
        """Who proves what this view tells of prices from that version.

        It says no moment: nothing changed, nothing is told otherwise, and a request that is repeated has its answer.
        """
        return Signer(catalog.brand, catalog.version, self.channel, None, self.key) if self.key else None


@dataclass(frozen=True)
class Looked:
    """A line in a view: what one unit costs, what was chosen of it, and everything that keeps it from being ordered."""

    charges: list[Charge]
    configuration: Configuration | None = None
    barred: tuple[Json, ...] = ()


def look(lines: Iterable[Line], view: View) -> dict[str, Looked]:
    """The lines of a cart in a view; one that is saved for later is priced by itself."""
    lines = list(lines)
    chosen = {line.id: found for line in lines if (found := configured(line, view))}
    sold = {line.id: _items(line, view, chosen.get(line.id)) for line in lines}
    together = [item for line in lines if line.active for item in sold[line.id]]
    apart = [sold[line.id] for line in lines if line.saved]
    known = price.known(together, view.sale)
    charges = price.priced(together, view.sale, known)
    for part in apart:
        charges |= price.priced(part, view.sale)
    needs = unmet(lines, sold, view.sale, known)
    rival = rivals((line for line in lines if line.active), view)
    return {
        line.id: Looked(
            charges.get(line.id, []),
            chosen.get(line.id),
            (*(_bars(line, view, chosen.get(line.id)) or needs.get(line.id, [])), *rival.get(line.id, [])),
        )
        for line in lines
    }


def items(lines: Iterable[Line], view: View) -> list[Item]:
    """The lines that cost something, and the parts of bundles that do, as they are priced."""
    return [item for line in lines for item in _items(line, view, configured(line, view))]


def _items(line: Line, view: View, chosen: Configuration | None) -> list[Item]:
    """Neither what the catalog does not hold costs anything, nor what is ended or stays as it was sold."""
    catalog = view.catalog_of(line)
    offering = catalog.offering(line.offering or "")
    if offering is None or line.keeps or line.action in ("delete", "noChange"):
        return []
    return configuration.items(line.id, catalog, offering, chosen, line.quantity)


def configured(line: Line, view: View) -> Configuration | None:
    """What was chosen on the line, completed; None where the catalog does not hold it or the line ends or keeps it."""
    catalog = view.catalog_of(line)
    offering = catalog.offering(line.offering or "")
    if offering is None or line.action in ("delete", "noChange"):
        return None
    # What a product has already is not asked again; new terms of a bundle are those of all that lies in it.
    whole = line.effect in ("install", "extend") or (line.effect == "terms" and is_bundle(offering))
    return configuration.look(
        catalog,
        offering,
        line.more,
        language=view.language,
        channel=None if line.keeps or line.renews else view.channel,
        as_of=view.as_of,
        whole=whole,
    )


def _bars(line: Line, view: View, chosen: Configuration | None) -> list[Json]:
    """What keeps the line from being ordered by anybody: that it is not sold here, or how it is configured."""
    if why := not_sold(line, view):
        return [why]
    if (has := view.installed.get(line.product or "")) and carts.overtaken(line, has):
        return [{"code": "productChanged", "reason": view.catalog.text(OVERTAKEN, view.language)}]
    return chosen.bars if chosen else []


def rivals(lines: Iterable[Line], view: View) -> dict[str, list[Json]]:
    """By line that another gives the same product new terms or ends it, too: it can only have one of them."""
    told = view.catalog.text(RIVAL, view.language)
    return {id_: [{"code": "sameProduct", "reason": told.format(other)}] for id_, other in carts.rivals(lines).items()}


def not_sold(line: Line, view: View) -> Json | None:
    """Why the market does not let anybody have the line, as a code and a sentence; None where it does."""
    if (why := over(line, view)) or line.keeps:
        return why
    if line.offering is None:
        if line.action == "add" or line.effect == "terms":
            return {"code": "unknownOffering", "reason": "This line names no offering."}
        return None
    offering = view.catalog_of(line).offering(line.offering)
    if offering is None:
        return {"code": "unknownOffering", "reason": f"There is no offering {line.offering} in the catalog."}
    if line.action == "delete":
        return None
    barred = view.catalog_of(line).barred
    return barred(offering, view.channel, view.as_of, view.language, partner=view.partner, kept=line.renews)


def over(line: Line, view: View) -> Json | None:
    """Why what the line changes cannot be changed any more; None where it can, or where that is not known."""
    return ended(line.product, view, line.offering if line.keeps else None) if line.action == "modify" else None


def ended(product_id: str | None, view: View, otherwise: str | None = None) -> Json | None:
    """Why nobody can change that product: what it was sold as has come to the end of its life."""
    known = view.installed.get(product_id or "")
    has = view.catalog.offering((products.sold_as(known) if known else otherwise) or "")
    return view.catalog.over(has, view.as_of, view.language) if has else None


def render_line(line: Line, view: View, looked: Looked) -> Json:
    """The line as a TM Forum CartItem, as it was looked at in this view."""
    chosen, status = looked.configuration, "saveForLater" if line.saved else "active"
    body: Json = {
        "id": line.id,
        "@type": "CartItem",
        "quantity": line.quantity,
        "action": line.action,
        "kind": line.kind,
        "status": status,
        **(configuration.shown(view.catalog_of(line), chosen, view.language, status) if chosen else line.more),
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
            **body.get("product", {}),
            "id": line.product,
            "href": tmf.href("product", line.product),
        }
    if looked.charges:
        body["itemPrice"] = [each.tmf for each in looked.charges]
        body["ItemTotalPrice"] = charge.totals([(line.quantity, looked.charges)])
        if signer := view.signer(view.catalog_of(line)):
            body |= signer.line("cartItem", line.id, line.quantity, body["itemPrice"], body["ItemTotalPrice"])
    if looked.barred:
        body["barred"] = [*looked.barred]
    if losing := view.losing.get(line.id):
        body["losing"] = losing
    return body


def total(cart: ShoppingCart, view: View) -> list[Json]:
    """What the lines that are not saved for later come to."""
    active = [line for line in cart.lines.values() if line.active]
    found = look(active, view)
    return charge.totals((line.quantity, found[line.id].charges) for line in active)


def render(cart: ShoppingCart, view: View) -> Json:
    """The cart as a TM Forum ShoppingCart, computed for the channel that opens it."""
    found = look(cart.lines.values(), view)
    lines = sorted(cart.lines.values(), key=lambda line: line.id)
    rendered = [render_line(line, view, found[line.id]) for line in lines]
    totals = charge.totals((line.quantity, found[line.id].charges) for line in lines if line.active)
    active, signer = [item for item in rendered if item["status"] == "active"], view.signer(view.catalog)
    body: Json = {
        **cart.more,
        "state": cart.state_at(view.as_of),
        "catalogVersion": cart.catalog_version,
        "cartItem": rendered,
        "cartTotalPrice": totals,
        **(signer.whole("shoppingCart", cart.id, active, "ItemTotalPrice", totals) if signer else {}),
        "channel": [_channel(cart, channel, touch) for channel, touch in cart.touches.items()],
        "validFor": {"startDateTime": cart.created, "endDateTime": clock.text(cart.expires)},
        "promotion": promotions(cart, view, found) or None,
        "requirement": requirements(cart, view, found) or None,
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


def promotions(cart: ShoppingCart, view: View, found: Mapping[str, Looked]) -> list[Json]:
    """The promotions that alter a price here; staff also see those that other channels may give, and which."""
    given = {step.rule for looked in found.values() for each in looked.charges for step in each.rules}
    on = {
        each.id: promotion.rendered(item.catalog, each.stored, view.language, applied=each.id in given)
        for line in cart.lines.values()
        for item in _items(line, view, found[line.id].configuration)
        for each in promotion.on(item.catalog, item.offering)
        if each.on_sale(view.as_of)
    }
    return [each for id_, each in sorted(on.items()) if view.staff or id_ in given]


def requirements(cart: ShoppingCart, view: View, found: Mapping[str, Looked]) -> list[Json]:
    """What must be true before the lines can be fulfilled: what their offerings say, and that their day has come."""
    active = [line for line in cart.lines.values() if line.active]
    return [
        {"kind": need["kind"], "item": line.id, "state": "open"}
        for line in active
        if not line.keeps and (offering := view.catalog_of(line).offering(line.offering or ""))
        for need in offering.get("requirement", [])
    ] + ahead(active, view, found)


def ahead(lines: Iterable[Line], view: View, found: Mapping[str, Looked]) -> list[Json]:
    """The day that each line waits for which is ordered before it is on sale, it or a part of it."""
    days = {line.id: stages.begins(_offerings(line, view, found[line.id]), view.as_of) for line in lines}
    return [
        {"kind": "saleStart", "item": id_, "state": "open", "validFrom": clock.text(day)}
        for id_, day in days.items()
        if day is not None
    ]


def _offerings(line: Line, view: View, looked: Looked) -> list[Json]:
    """What the line is of, with everything that is in it."""
    return [offering for item in _items(line, view, looked.configuration) for offering in item.offerings]
