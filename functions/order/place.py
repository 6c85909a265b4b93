"""How a cart becomes an order, at the price and on the terms that were agreed to. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from functions.cart import cart as carts
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.replay import basis
from functions.cart.view import View
from functions.catalog import proof, totals
from functions.catalog.kinds import SELLER
from functions.catalog.proof import Signer
from functions.catalog.totals import ZERO, Part
from functions.order.item import Buyer, item_of, seller
from functions.order.order import ProductOrder, id_of
from functions.shared import clock, tmf
from functions.shared.access import Caller
from functions.shared.errors import RuleBroken
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


def offering_id(item: Json) -> str | None:
    """The offering that an item names."""
    return (item.get("productOffering") or {}).get("id")


def must_match(cart: ShoppingCart, items: Iterable[Json]) -> None:
    """Raises RuleBroken where items sent with a cart are not the cart's."""
    lines = [line for line in cart.lines.values() if line.active]
    of = {line.product: line.offering for line in lines if line.product}  # what is to be renewed need not be named
    sent = sorted((_offering(item, of) or "", item.get("quantity", 1), item["action"]) for item in items)
    held = sorted((line.offering or "", line.quantity, line.action) for line in lines)
    if sent != held:
        raise RuleBroken(
            "These items are not the cart's; leave productOrderItem out, or change the cart first.",
            code="itemsDiffer",
            sent=[list(s) for s in sent],
            cart=[list(h) for h in held],
        )


def _offering(item: Json, of: Mapping[str, str | None]) -> str | None:
    return offering_id(item) or of.get((item.get("product") or {}).get("id", ""))


def consented(body: Json, of: tuple[str, str], signer: Signer) -> Mapping[Part, Decimal] | None:
    """The price that a request agrees to, by part: its proof of what is ordered, or its total; None: it says neither.

    Raises Malformed for a proof that is forged, or of something else.
    """
    if token := (body.get("priceProof") or {}).get("token"):
        return proof.read_of(token, signer.key, signer.brand, *of).total
    return totals.by_part(body["orderTotalPrice"]) if body.get("orderTotalPrice") else None


def must_agree(seen: Mapping[Part, Decimal], current: list[Json], of: tuple[str, str], signer: Signer) -> None:
    """Raises RuleBroken, with both prices and the proof of today's, where a part of it rose; a drop is passed on."""
    now = totals.by_part(current)
    more = {part: now.get(part, ZERO) - seen.get(part, ZERO) for part in {*seen, *now}}
    if any(amount > 0 for amount in more.values()):
        raise RuleBroken(
            "The price rose since you saw it. Show the new one; to accept it, send the priceProof that is in details.",
            code="priceRose",
            seen=totals.told(seen),
            current=current,
            difference=totals.told({part: amount for part, amount in more.items() if amount}),
            priceProof={"catalogVersion": signer.version, "token": signer.token(*of, now)},
        )


def place(cart: ShoppingCart, view: View, buyer: Buyer, body: Json, caller: Caller) -> ProductOrder:
    """The order that a cart becomes in this view; raises RuleBroken where a line cannot be ordered here."""
    lines = [line for line in sorted(cart.lines.values(), key=lambda ln: ln.id) if line.active]
    if not lines:
        raise RuleBroken("There is nothing in this cart to order; add a line or take up a saved one.", code="cartEmpty")
    if len(lines) > ITEMS:
        raise RuleBroken(f"An order holds at most {ITEMS} items; order in two parts.", code="orderTooLarge")
    found = views.look(lines, view)
    must_be_sold({id_: looked.barred for id_, looked in found.items()}, "cartItem")
    items = [item_of(line, found[line.id], view, buyer) for line in lines]
    touches = {**cart.touches, caller.channel: cart.touches.get(caller.channel, {})}
    more: Json = {"shoppingCart": ref(cart.id, tmf.href("shoppingCart", cart.id), "ShoppingCart")}
    more["channel"] = channels(touches, caller)
    more |= waiting(views.ahead(lines, view, found))
    more |= accepted(body, lines, view, caller)
    order = made(id_of(cart), items, view, buyer, caller, {**carried(body), **more})
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


def must_be_sold(barred: Mapping[str, Iterable[Json]], called: str) -> None:
    """Raises RuleBroken, with all that keeps each line from being ordered, where something does."""
    if refused := [{called: id_, **why} for id_, bars in barred.items() for why in bars]:
        raise RuleBroken(refused[0]["reason"], code=refused[0]["code"], **{called: refused})


def made(id_: str, items: list[Json], view: View, buyer: Buyer | None, caller: Caller, more: Json) -> ProductOrder:
    body: Json = {
        **more,
        "state": "acknowledged",
        "orderDate": clock.text(view.as_of),
        "catalogVersion": view.catalog.version,
        "productOrderItem": items,
        "orderTotalPrice": totals.summed(p for item in items for p in item.get("itemTotalPrice", [])),
        "requirement": more.get("requirement", []),
        "agreement": more.get("agreement", []),
        "relatedParty": _parties(more, view, buyer, caller),
    }
    if buyer and (account := buyer.account_ref(more.get("billingAccount"))):
        body["billingAccount"] = account
    return ProductOrder(id=id_, brand=caller.brand, body=body, customer=buyer.customer if buyer else None)


def waiting(open_: list[Json]) -> Json:
    """What the order says of the requirements that are open."""
    return {"requirement": open_, "held": sorted({each["kind"] for each in open_})} if open_ else {}


def _parties(body: Json, view: View, buyer: Buyer | None, caller: Caller) -> list[Json]:
    parties = [party for party in body.get("relatedParty", []) if party.get("role") != SELLER]
    if buyer:
        parties.insert(0, ref(buyer.customer, tmf.href("customer", buyer.customer), "Customer", role="customer"))
    if caller.staff:
        parties.append({"id": caller.subject, "role": SELLER, "@referredType": "Employee"})
    return [*parties, *seller(view)]


def channels(touches: Mapping[str, Json], caller: Caller) -> list[Json]:
    """Each channel once for each part it had: where it began, who touched it, where it was completed."""
    found = []
    for channel, touch in touches.items():
        roles = ["origin"] if touch.get("origin") else []
        roles += ["completed"] if channel == caller.channel else ["touched"] if not roles else []
        found += [{"id": channel, "role": role} for role in roles]
    return found


def carried(body: Json) -> Json:
    carried = {k: v for k, v in body.items() if k not in OURS}
    if others := other_parties(body):
        carried["relatedParty"] = others
    return carried
