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
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Part
from functions.catalog.kinds import PROVIDER, SELLER, provider
from functions.catalog.proof import Signer
from functions.inventory import product as products
from functions.order.order import ProductOrder, id_of, with_state
from functions.shared import clock, tmf
from functions.shared.access import Caller
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, nameless, other_parties, ref

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
        "acceptedLoss",
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


# Who sold an item is the hub's to say, and whose offering it is.
OURS_OF_ITEM = frozenset({SELLER, PROVIDER})
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


def _product(item: Json) -> str | None:
    return (item.get("product") or {}).get("id")


def on_products(body: Json, caller: Caller) -> list[Line]:
    """The items of a direct order that change or end a product, as lines that say no more than which and how."""
    return [
        Line(item["id"], 1, carts.touch_of(caller), action=item["action"], kind=carts.kind_of(item), product=product)
        for item in body["productOrderItem"]
        if item["action"] in ("modify", "delete") and (product := _product(item))
    ]


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
    _must_be_sold(found, "cartItem")
    items = [item_of(line, found[line.id], view, buyer) for line in lines]
    touches = {**cart.touches, caller.channel: cart.touches.get(caller.channel, {})}
    more: Json = {"shoppingCart": ref(cart.id, tmf.href("shoppingCart", cart.id), "ShoppingCart")}
    more["channel"] = _channels(touches, caller)
    more |= _waiting(views.ahead(lines, view, found))
    more |= accepted(body, lines, view, caller)
    order = _order(id_of(cart), items, view, buyer, caller, {**_carried(body), **more})
    written = {line.id: line.written for line in lines if line.written} or None
    return replace(order, written=written, sellers=cart.sellers, basis=basis(lines, view))


def accepted(body: Json, lines: Iterable[Line], view: View, caller: Caller) -> Json:
    """What of their products' terms the customer gives up knowingly, as the order keeps it: what, who said so, where.

    Raises RuleBroken, with all that is lost, where the request does not accept it by product and kind.
    """
    losing = {line.product: view.losing[line.id] for line in lines if line.product and line.id in view.losing}
    said = {each["id"]: set(each.get("kind") or []) for each in body.get("acceptedLoss") or []}
    kinds = {id_: [loss["kind"] for loss in losses] for id_, losses in losing.items()}
    if unsaid := [id_ for id_ in losing if not said.get(id_, set()) >= set(kinds[id_])]:
        told = [{"id": id_, "kind": kinds[id_], "loss": losing[id_]} for id_ in unsaid]
        raise RuleBroken(
            f"{losing[unsaid[0]][0]['reason']} Tell the customer, and order with acceptedLoss as in details.",
            code="termsLost",
            acceptedLoss=told,
        )
    found = [
        ref(id_, tmf.href("product", id_), "Product", kind=kinds[id_], loss=losing[id_], touch=carts.touch_of(caller))
        for id_ in losing
    ]
    return {"acceptedLoss": found} if found else {}


def direct_lines(body: Json, view: View, caller: Caller, installed: Mapping[str, Json]) -> dict[str, Line]:
    """The lines that the items of a direct order would have been, by id; none for what the catalog does not know.

    `installed` are the products that they name.
    """
    seen: set[str] = set()
    for item in body["productOrderItem"]:
        if item["id"] in seen:
            raise Malformed(f"Two items have the id {item['id']}.", code="sameItem")
        seen.add(item["id"])
        if item["action"] == "modify" and (why := views.ended(_product(item), view)):
            raise RuleBroken(why["reason"], code=why["code"])
    return {
        item["id"]: line for item in body["productOrderItem"] if (line := _direct_line(item, view, caller, installed))
    }


def place_directly(
    id_: str, body: Json, lines: Mapping[str, Line], view: View, buyer: Buyer | None, caller: Caller
) -> ProductOrder:
    """An order as a TM Forum client sends it; an item the catalog does not know is kept, and rejected later."""
    sold = [line for line in lines.values() if _configured(line, view)]
    found = views.look(sold, view)
    _must_be_sold(found, "productOrderItem")
    items = [
        item_of(lines[item["id"]], found[item["id"]], view, buyer) if item["id"] in found else _kept(item, caller)
        for item in body["productOrderItem"]
    ]
    channels = _channels({caller.channel: {"origin": True}}, caller)
    more = {"channel": channels, **accepted(body, on_products(body, caller), view, caller)}
    more |= _waiting(views.ahead(sold, view, found))
    order = _order(id_, items, view, buyer, caller, {**_carried(body), **more})
    return replace(order, sellers=view.catalog.partners.chain(view.partner), basis=basis(sold, view))


def _must_be_sold(found: Mapping[str, Looked], called: str) -> None:
    """Raises RuleBroken, with all that keeps each line from being ordered, where something does."""
    if refused := [{called: id_, **why} for id_, looked in found.items() for why in looked.barred]:
        raise RuleBroken(refused[0]["reason"], code=refused[0]["code"], **{called: refused})


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
        "requirement": more.get("requirement", []),
        "agreement": more.get("agreement", []),
        "relatedParty": _parties(more, view, buyer, caller),
    }
    if buyer and (account := buyer.account_ref(more.get("billingAccount"))):
        body["billingAccount"] = account
    return ProductOrder(id=id_, brand=caller.brand, body=body, customer=buyer.customer if buyer else None)


def _waiting(open_: list[Json]) -> Json:
    """What the order says of the requirements that are open."""
    return {"requirement": open_, "held": sorted({each["kind"] for each in open_})} if open_ else {}


def _account(id_: str) -> Json:
    return ref(id_, tmf.href("billingAccount", id_), "BillingAccount")


def _parties(body: Json, view: View, buyer: Buyer | None, caller: Caller) -> list[Json]:
    parties = [party for party in body.get("relatedParty", []) if party.get("role") != SELLER]
    if buyer:
        parties.insert(0, ref(buyer.customer, tmf.href("customer", buyer.customer), "Customer", role="customer"))
    if caller.staff:
        parties.append({"id": caller.subject, "role": SELLER, "@referredType": "Employee"})
    return [*parties, *_seller(view)]


def _seller(view: View) -> list[Json]:
    """The partner whose sale it is."""
    return [_organization(view.catalog, view.partner, SELLER, view.language)] if view.partner is not None else []


def _provider(view: View, offering_id: str | None) -> list[Json]:
    """The partner whose offering it is."""
    owner = provider(view.catalog.offering(offering_id or "") or {})
    return [_organization(view.catalog, owner["id"], PROVIDER, view.language)] if owner else []


def _organization(catalog: Catalog, id_: str, role: str, language: str) -> Json:
    known = {"name": catalog.partner_name(id_, language)} if id_ in catalog.held["partner"] else {}
    return {"id": id_, **known, "role": role, "@referredType": "Organization"}


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
    _sell(item, line, view)
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
    if parties := _item_parties(item.pop("relatedParty", []), line, view, buyer):
        item["relatedParty"] = parties
    if buyer and (account := buyer.account_ref(item.get("billingAccount"))):
        item["billingAccount"] = account
    return item


def _item_parties(named: list[Json], line: Line, view: View, buyer: Buyer | None) -> list[Json]:
    """Who buys it, whoever else was named, who sells it, and whose offering it is."""
    ours = OURS_OF_ITEM | CLAIMED if buyer else OURS_OF_ITEM
    others = [party for party in named if party.get("role") not in ours]
    return [*([buyer.owner_ref()] if buyer else []), *others, *_seller(view), *_provider(view, line.offering)]


def _sell(item: Json, line: Line, view: View) -> None:
    """Names the offering, and from which catalog on which terms it is sold, unless the product keeps its own."""
    offering = view.catalog.offering(line.offering or "")
    name = {"name": view.catalog.text(offering["name"], view.language)} if offering else {}
    if line.offering and (offering or line.keeps):
        item["productOffering"] = ref(
            line.offering, tmf.href("productOffering", line.offering), "ProductOffering", **name
        )
    if offering is None or line.keeps:
        return
    item["catalogVersion"] = view.catalog.version
    terms = [
        {**term, "name": view.catalog.text(term["name"], view.language)}
        for term in offering.get("productOfferingTerm", [])
    ]
    if terms:
        item["itemTerm"] = [
            {k: v for k, v in term.items() if k in ("name", "duration", "earlyTermination")} for term in terms
        ]


def _direct_line(sent: Json, view: View, caller: Caller, installed: Mapping[str, Json]) -> Line | None:
    """The line that an item of a direct order would have been; None where it sells nothing that we know."""
    offering, held = _offering(sent), installed.get(_product(sent) or "", {})
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
