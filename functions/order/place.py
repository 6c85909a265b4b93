"""How an order comes about: from a cart or as a client sends it, at the catalog's price and on its terms. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from functions.cart import cart as carts
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.replay import basis
from functions.cart.view import Looked, View
from functions.catalog import charge, configuration, proof
from functions.catalog.charge import Part
from functions.catalog.proof import Signer
from functions.order.order import ProductOrder, id_of, with_state
from functions.shared import clock, tmf
from functions.shared.access import Caller
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, other_parties, ref

ITEMS = 90  # an order is one transaction of at most 100 writes


# What the server says of an order, whatever a client sends.
OURS = frozenset(
    {
        "id",
        "href",
        "state",
        "orderDate",
        "completionDate",
        "channel",
        "orderTotalPrice",
        "productOrderItem",
        "relatedParty",
    }
    | {
        "catalogVersion",
        "shoppingCart",
        "requirement",
        "held",
        "priceProof",
        "cancellationDate",
        "cancellationReason",
        "@type",
        "touch",
    }
)


CLAIMED = frozenset({"owner", "customer", "payer"})  # whose an item is: of the order's customer, whoever is named
ITEM_OURS = frozenset({"state", "itemPrice", "itemTotalPrice", "touch", "requirement", "catalogVersion", "priceProof"})
PART = frozenset({"id", "action", "quantity", "product", "productOffering", "productOrderItem"})


@dataclass(frozen=True)
class Buyer:
    """For whom an order is, and what their record adds to it: billing account and places by role, by reference."""

    customer: str
    billing_account: str | None = None
    places: tuple[tuple[str, str], ...] = ()  # (role, id)
    accounts: tuple[str, ...] = ()  # every account of theirs
    trusted: bool = False  # whether who orders may name an account that is kept elsewhere: staff
    known: Mapping[str, str | int] = field(default_factory=dict)  # what rules of the catalog may ask of them

    def place_refs(self, chosen: list[Json]) -> list[Json]:
        """The places that were chosen, and of each other role the customer's own."""
        roles = {place.get("role") for place in chosen}
        own = [{"id": id_, "role": role, "@referredType": "GeographicAddress"} for role, id_ in self.places]
        return [*chosen, *(place for place in own if place["role"] not in roles)]

    def account_ref(self, chosen: Json | None) -> Json | None:
        """The account that was chosen, if it is theirs, else the usual one; raises RuleBroken for another's."""
        named = chosen.get("id") if isinstance(chosen, dict) else None
        id_ = named or self.billing_account
        if named and named not in self.accounts and (self.billing_account or not self.trusted):
            raise RuleBroken("This billing account is not the customer's.", code="accountUnknown")
        return _account(id_) if id_ else None

    def owner_ref(self) -> Json:
        return ref(self.customer, tmf.href("customer", self.customer), "Customer", role="owner")


def must_match(cart: ShoppingCart, items: Iterable[Json]) -> None:
    """Raises RuleBroken where items sent with a cart are not the cart's."""
    sent = sorted((_offering(item) or "", item.get("quantity", 1), item["action"]) for item in items)
    held = sorted((ln.offering or "", ln.quantity, ln.action) for ln in cart.lines.values() if ln.active)
    if sent != held:
        raise RuleBroken(
            "These items are not the cart's; leave productOrderItem out, or change the cart first.",
            code="itemsDiffer",
            sent=[list(s) for s in sent],
            cart=[list(h) for h in held],
        )


def _offering(item: Json) -> str | None:
    return (item.get("productOffering") or {}).get("id")


def consented(body: Json, of: tuple[str, str], signer: Signer) -> Mapping[Part, Decimal] | None:
    """The price that a request agrees to, by part: its proof of what is ordered, or its total; None: it says neither.

    Raises Malformed for a proof that is forged, or of something else.
    """
    if token := (body.get("priceProof") or {}).get("token"):
        return proof.read_of(token, signer.key, signer.brand, *of).total
    return charge.by_part(body["orderTotalPrice"]) if body.get("orderTotalPrice") else None


def must_agree(seen: Mapping[Part, Decimal], current: list[Json], of: tuple[str, str], signer: Signer) -> None:
    """Raises RuleBroken, with both prices and the proof of today's, where a part of it rose; a drop is passed on."""
    now = charge.by_part(current)
    more = {part: now.get(part, charge.ZERO) - seen.get(part, charge.ZERO) for part in {*seen, *now}}
    if any(amount > 0 for amount in more.values()):
        raise RuleBroken(
            "The price rose since you saw it. Show the new one; to accept it, send the priceProof that is in details.",
            code="priceRose",
            seen=charge.told(seen),
            current=current,
            difference=charge.told({part: amount for part, amount in more.items() if amount}),
            priceProof={"catalogVersion": signer.version, "token": signer.token(*of, now)},
        )


def must_name_no_account(body: Json) -> None:
    """Raises RuleBroken where an order that is nobody's would be billed to somebody."""
    if any((part.get("billingAccount") or {}).get("id") for part in (body, *body["productOrderItem"])):
        raise RuleBroken("This billing account is not the customer's.", code="accountUnknown")


def place(cart: ShoppingCart, view: View, buyer: Buyer, body: Json, caller: Caller) -> ProductOrder:
    """The order that a cart becomes in this view; raises RuleBroken where a line cannot be ordered here."""
    lines = [line for line in sorted(cart.lines.values(), key=lambda ln: ln.id) if line.active]
    if not lines:
        raise RuleBroken("There is nothing in this cart to order; add a line or take up a saved one.", code="cartEmpty")
    if len(lines) > ITEMS:
        raise RuleBroken(f"An order holds at most {ITEMS} items; order in two parts.", code="orderTooLarge")
    found = views.look(lines, view)
    if refused := [{"cartItem": line.id, **why} for line in lines for why in found[line.id].barred]:
        raise RuleBroken(refused[0]["reason"], code=refused[0]["code"], cartItem=refused)
    items = [item_of(line, found[line.id], view, buyer) for line in lines]
    touches = {**cart.touches, caller.channel: cart.touches.get(caller.channel, {})}
    more: Json = {"shoppingCart": ref(cart.id, tmf.href("shoppingCart", cart.id), "ShoppingCart")}
    more["channel"] = _channels(touches, caller)
    order = _order(id_of(cart), items, view, buyer, caller, {**_carried(body), **more})
    written = {line.id: line.written for line in lines if line.written} or None
    return replace(order, written=written, partner=cart.partner, basis=basis(lines, view))


def direct_lines(body: Json, view: View, caller: Caller) -> dict[str, Line]:
    """The lines that the items of a direct order would have been, by id; none for what the catalog does not know."""
    seen: set[str] = set()
    for item in body["productOrderItem"]:
        if item["id"] in seen:
            raise Malformed(f"Two items have the id {item['id']}.", code="sameItem")
        seen.add(item["id"])
    return {item["id"]: line for item in body["productOrderItem"] if (line := _direct_line(item, view, caller))}


def place_directly(
    id_: str, body: Json, lines: Mapping[str, Line], view: View, buyer: Buyer | None, caller: Caller
) -> ProductOrder:
    """An order as a TM Forum client sends it; an item the catalog does not know is kept, and rejected later."""
    sold = [line for line in lines.values() if _configured(line, view)]
    found = views.look(sold, view)
    items = [
        item_of(lines[item["id"]], found[item["id"]], view, buyer) if item["id"] in found else _kept(item, caller)
        for item in body["productOrderItem"]
    ]
    channels = _channels({caller.channel: {"origin": True}}, caller)
    order = _order(id_, items, view, buyer, caller, {**_carried(body), "channel": channels})
    return replace(order, partner=caller.sells_as, basis=basis(sold, view))


def _configured(line: Line, view: View) -> bool:
    """Whether nothing is missing of what has to be chosen; raises RuleBroken where what is chosen is in conflict."""
    chosen = views.configured(line, view)
    if chosen and chosen.conflict:
        raise RuleBroken(chosen.bars[0]["reason"], code=chosen.bars[0]["code"], configuration=chosen.told)
    return not (chosen and chosen.missing)


def _order(id_: str, items: list[Json], view: View, buyer: Buyer | None, caller: Caller, more: Json) -> ProductOrder:
    body: Json = {
        **more,
        "state": "acknowledged",
        "orderDate": clock.text(view.as_of),
        "catalogVersion": view.catalog.version,
        "productOrderItem": items,
        "orderTotalPrice": charge.summed(p for item in items for p in item.get("itemTotalPrice", [])),
        "requirement": [],
        "agreement": more.get("agreement", []),
        "relatedParty": _parties(more, buyer, caller),
    }
    if buyer and (account := buyer.account_ref(more.get("billingAccount"))):
        body["billingAccount"] = account
    return ProductOrder(id=id_, brand=caller.brand, body=body, customer=buyer.customer if buyer else None)


def _account(id_: str) -> Json:
    return ref(id_, tmf.href("billingAccount", id_), "BillingAccount")


def _parties(body: Json, buyer: Buyer | None, caller: Caller) -> list[Json]:
    parties: list[Json] = list(body.get("relatedParty", []))
    if buyer:
        parties.insert(0, ref(buyer.customer, tmf.href("customer", buyer.customer), "Customer", role="customer"))
    if caller.staff:
        parties.append({"id": caller.subject, "role": "seller", "@referredType": "Employee"})
    return parties


def _channels(touches: Mapping[str, Json], caller: Caller) -> list[Json]:
    """Each channel once for each part it had: where it began, who touched it, where it was completed."""
    found = []
    for channel, touch in touches.items():
        roles = ["origin"] if touch.get("origin") else []
        roles += ["completed"] if channel == caller.channel else ["touched"] if not roles else []
        found += [{"id": channel, "role": role} for role in roles]
    return found


def _carried(body: Json) -> Json:
    carried = {k: v for k, v in body.items() if k not in OURS}
    if others := other_parties(body):
        carried["relatedParty"] = others
    return carried


def item_of(line: Line, looked: Looked, view: View, buyer: Buyer | None) -> Json:
    """The order item a line becomes, with what one unit costs and the terms it is sold on."""
    found = looked.charges
    item: Json = {k: v for k, v in line.more.items() if k not in ("note", "cartItem")}
    if looked.configuration:
        item |= configuration.ordered(view.catalog_of(line), looked.configuration, line.id, view.language)
    item |= {
        "id": line.id,
        "@type": "ProductOrderItem",
        "quantity": line.quantity,
        "action": line.action,
        "kind": line.kind,
        "state": "acknowledged",
        "touch": line.touch,
    }
    _sell(item, line.offering, view)
    if found:
        item["itemPrice"] = [each.tmf for each in found]
        item["itemTotalPrice"] = charge.totals([(line.quantity, found)])
    product = dict(item.get("product") or {})
    if line.product:
        product |= {"id": line.product, "href": tmf.href("product", line.product)}
    if buyer and (places := buyer.place_refs(product.get("place", []))):
        product["place"] = places
    if product:
        item["product"] = product
    if buyer:
        others = [party for party in item.get("relatedParty", []) if party.get("role") not in CLAIMED]
        item["relatedParty"] = [buyer.owner_ref(), *others]
        if account := buyer.account_ref(item.get("billingAccount")):
            item["billingAccount"] = account
    return item


def _sell(item: Json, offering_id: str | None, view: View) -> None:
    offering = view.catalog.offering(offering_id or "")
    if offering is None:
        return
    name = view.catalog.text(offering["name"], view.language)
    item["catalogVersion"] = view.catalog.version
    item["productOffering"] = ref(
        offering["id"], tmf.href("productOffering", offering["id"]), "ProductOffering", name=name
    )
    terms = [
        {**term, "name": view.catalog.text(term["name"], view.language)}
        for term in offering.get("productOfferingTerm", [])
    ]
    if terms:
        item["itemTerm"] = [{k: v for k, v in term.items() if k in ("name", "duration")} for term in terms]


def _direct_line(sent: Json, view: View, caller: Caller) -> Line | None:
    """The line that an item of a direct order would have been; None where we do not know its offering."""
    offering = _offering(sent)
    if offering is None or view.catalog.offering(offering) is None:
        return None
    view.catalog.find_offering(offering, caller.channel, view.as_of, view.language)
    line = replace(carts.new_line(sent, caller), id=sent["id"])
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
    kept = with_state({**carried, "kind": carts.kind_of(sent), "touch": carts.touch_of(caller)}, "acknowledged")
    return {**kept, "@type": sent.get("@type", "ProductOrderItem")}
