"""TMF679 over HTTP, and what is on offer: who may have which offering here and now, why not, and at which price."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.cart import store as carts
from functions.cart.cart import ShoppingCart
from functions.catalog import preview
from functions.catalog import store as catalogs
from functions.customer import own_price, private
from functions.customer import store as customers
from functions.offer import apply, browse, promise, shown, situation, store, task
from functions.offer.listing import Offer, every, told
from functions.offer.near import Near, Search
from functions.offer.qualification import Shop
from functions.shared import audit, clock, grants, keys, lists, rows, tmf
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.http import REASON, Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.lists import Window
from functions.shared.resource import Json, customer_named, other_parties, ref
from functions.shared.rows import Row
from functions.shared.settings import settings

QUALIFICATIONS = f"{tmf.BASE['TMF679']}/{store.KIND}"
CART_PROMOTIONS = f"{tmf.BASE['omnihub']}/{shown.KIND}"
OFFERS = f"{tmf.BASE['omnihub']}/offer"
CUSTOMER_PRICES = f"{tmf.BASE['omnihub']}/{own_price.KIND}"
# What an offers query says of the sale, beside filters on the offers themselves.
PLACE = ("postcode", "city", "stateOrProvince", "country")
CONTEXT = ("relatedParty.id", "shoppingCart.id", "explain", *(f"place.{name}" for name in PLACE))
HOLDS_FOR = timedelta(days=1)  # how long an answer may be relied on
INSTANT, TASK = 200, 201  # as the standard tells them apart: either is answered at once
APPLIED = 10  # promotions in one call
api = Api(grants.held, audit.keep, preview.shown)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request about what is on offer."""
    return api.resolve(event, context)


@api.serves("POST", QUALIFICATIONS, "qualification.create", also=INSTANT, previews=True)
def qualify(incoming: Incoming) -> Response[str]:
    """Answers for each item, or each offering it stands for, whether it can be had here and now, and why."""
    body, caller, asked = incoming.body, incoming.caller, incoming.key
    instant = bool(body.get("instantSyncQualification"))
    if incoming.as_of and not instant:
        raise Malformed(
            "A preview is answered at once and not kept: say instantSyncQualification true.", code="notPreviewed"
        )
    shop, customer = situation.asked(incoming, body)
    items = body.get("productOfferingQualificationItem") or []
    found = task.answered(_carried(body), shop, situation.products(caller, customer, items, shop))
    now = incoming.now
    told = {
        **found,
        "productOfferingQualificationDate": clock.text(clock.now()),
        "effectiveQualificationDate": clock.text(now),
        "expirationDate": clock.text(now + HOLDS_FOR),
    }
    if incoming.as_of:  # nothing is kept of it: nobody will find it by its id
        return answer(INSTANT, tmf.resource(store.KIND, clock.new_id(), _with_customer(told, customer)))
    owned = rows.owned_by(caller.brand, store.KIND, customer, shop.catalog.partners.chain(caller.sells_as))
    row, replayed = store.keep(caller, told, owned, asked)
    (kept,) = _rendered([row], incoming)
    status = INSTANT if instant else TASK
    return answer(status, kept, version=row["version"], location=tmf.href(store.KIND, row["id"]), replayed=replayed)


def _carried(body: Json) -> Json:
    """What was asked, without what the hub says itself; the customer is known by the row."""
    ours = ("relatedParty", "channel", "state", "qualificationResult", "@type")
    others = other_parties(body)
    return {
        **{name: value for name, value in body.items() if name not in ours},
        **({"relatedParty": others} if others else {}),
    }


@api.serves("GET", f"{QUALIFICATIONS}/<id_>", "qualification.read")
def read_qualification(incoming: Incoming, id_: str) -> Response[str]:
    """What was answered."""
    row = store.load(incoming.caller, id_)
    (body,) = _rendered([row], incoming)
    return answer(200, tmf.chosen(body, incoming.query), version=row["version"])


@api.serves("GET", QUALIFICATIONS, "qualification.list")
def list_qualifications(incoming: Incoming) -> Response[str]:
    """What was asked and answered, the newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return _rendered(found, incoming)

    return lists.of_rows(incoming, settings.cart_table, store.LISTED, rendered, branch=catalogs.branch)


def _rendered(found: list[Row], incoming: Incoming) -> list[Json]:
    """The answers with what a person wrote on the questions."""
    kept = customers.written(incoming.caller, [row.get("written") for row in found])
    return [
        private.rejoined(
            tmf.resource(store.KIND, row["id"], _with_customer(row["body"], row.get("customer"))),
            kept.get(row.get("written") or "", {}).get(""),
        )
        for row in found
    ]


def _with_customer(body: Mapping[str, Any], customer: str | None) -> Json:
    if customer is None:
        return dict(body)
    party = ref(customer, tmf.href("customer", customer), "Customer", role="customer")
    return {**body, "relatedParty": [party, *body.get("relatedParty", [])]}


@api.serves("GET", f"{CART_PROMOTIONS}/<id_>", "promotion.browse")
def browse_promotions(incoming: Incoming, id_: str) -> Response[str]:
    """What promotions a cart has, could have and nearly has; what each saves, and what to add for those it lacks."""
    return _browsed(200, incoming, carts.load(incoming.caller, id_))


@api.serves("POST", CART_PROMOTIONS, "promotion.apply", status=200)
def apply_promotions(incoming: Incoming) -> Response[str]:
    """Adds to a cart what the promotions lack that are named, all at once: lines, quantities, campaigns."""
    body, caller, asked = incoming.body, incoming.caller, incoming.key
    id_, named = (body.get("shoppingCart") or {}).get("id"), [each.get("id") for each in body.get("promotion") or []]
    if not (id_ and named and all(named)):
        raise Malformed("Say what is applied to which cart: shoppingCart {id}, promotion [{id}].", code="cartMissing")
    if len(named) > APPLIED:
        raise Malformed(f"At most {APPLIED} promotions are applied at once.", code="tooManyPromotions")

    def applied() -> ShoppingCart:
        seen = incoming.if_match()
        return (
            _apply(incoming, id_, named, seen)
            if seen is not None
            else rows.repeated(lambda: _apply(incoming, id_, named, None))
        )

    cart, replayed = keys.once(
        settings.cart_table, caller, asked, applied, lambda made: carts.load(caller, made, "cart.change")
    )
    return _browsed(200, incoming, cart, location=tmf.href(shown.KIND, cart.id), replayed=replayed)


def _apply(incoming: Incoming, id_: str, named: list[str], seen: int | None) -> ShoppingCart:
    caller = incoming.caller
    cart = carts.load(caller, id_, "cart.change")
    carts.must_be_seen(cart, seen)
    cart.must_be_active(clock.now())
    after = cart
    for promotion in named:
        shop = situation.of_cart(incoming, after)
        if promotion in browse.candidates(browse.asked(shop.beside, shop.sale)):
            continue
        after = apply.added(after, _lacking(shop, promotion), caller, shop.catalog.version)
    if after is cart:
        keys.bind(settings.cart_table, caller, incoming.key, cart.id)
        return cart
    return carts.save(caller, after, cart.version, asked=incoming.key)


def _lacking(shop: Shop, id_: str) -> Near:
    """What a promotion lacks, all of which the hub can add; raises RuleBroken where it cannot."""
    found = Search(shop).lacking(id_) if id_ in shop.catalog.held["promotion"] else None
    if found is None:
        raise RuleBroken(
            f"Nothing that could be added to this cart would bring the promotion {id_}.", code="promotionOutOfReach"
        )
    if not found.addable:
        raise RuleBroken("What this promotion lacks is an amount: choose what for, and add that.", code="amountLacking")
    return found


def _browsed(status: int, incoming: Incoming, cart: ShoppingCart, **headers: Any) -> Response[str]:
    shop = situation.of_cart(incoming, cart)
    browsed = browse.browse(shop.beside, shop.sale)
    near = Search(shop).near(id_ for each in browsed.alone for id_ in each.promotions)
    body = shown.told(cart.id, shop, browsed, near)
    return answer(status, tmf.chosen(body, incoming.query), version=cart.version, **headers)


@api.serves("POST", CUSTOMER_PRICES, "customerPrice.create")
def grant_price(incoming: Incoming) -> Response[str]:
    """Promises a customer a price of their own, from when until when, and says why."""
    caller, sent = incoming.caller, incoming.body
    customer = caller.acts_for(incoming.operation.may, customer_named(sent))
    if customer is None:
        raise Malformed("Say whose it is: relatedParty [{id, role: customer}].", code="customerMissing")
    reason = sent.get("reason") or caller.reason or ""
    if not REASON.match(reason):
        raise Malformed("Say why: reason is a code or the number of a ticket, no words.", code="badReason")
    body = {**promise.promised(sent, catalogs.current(caller.brand), clock.now()), "reason": reason}
    if customers.buyer_facts(caller, customer) is None:
        raise own_price.unknown_customer()
    row, replayed = own_price.grant(caller, customer, body, incoming.key)
    return _own_price(201, row, incoming, location=tmf.href(own_price.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{CUSTOMER_PRICES}/<id_>", "customerPrice.read")
def read_price(incoming: Incoming, id_: str) -> Response[str]:
    """What was promised, to whom, by whom and why; ended or not."""
    return _own_price(200, own_price.load(incoming.caller, id_), incoming)


@api.serves("GET", CUSTOMER_PRICES, "customerPrice.list")
def list_prices(incoming: Incoming) -> Response[str]:
    """What was ever promised, newest first; with `relatedParty.id` to one customer."""

    def rendered(found: list[Row]) -> list[Json]:
        return [own_price.render(row) for row in found]

    return lists.of_rows(incoming, settings.customer_table, own_price.LISTED, rendered)


@api.serves("DELETE", f"{CUSTOMER_PRICES}/<id_>", "customerPrice.end")
def end_price(incoming: Incoming, id_: str) -> Response[str]:
    """Ends it from this moment on; it stays readable for good."""
    rows.same_version(own_price.load(incoming.caller, id_, "end"), incoming.if_match())
    own_price.end(incoming.caller, id_)
    return nothing()


def _own_price(status: int, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    return answer(status, tmf.chosen(own_price.render(row), incoming.query), version=row["version"], **headers)


@api.serves("GET", OFFERS, "offer.list", previews=True)
def list_offers(incoming: Incoming) -> Response[str]:
    """What can be had here and now, with its price; `explain=true` has the rest too, and what would unlock it."""
    wanted = lists.asked(incoming, also=CONTEXT)
    if wanted.cursor:
        raise Malformed(lists.NO_CURSOR, code="badCursor")
    said = {name: value for name in (*CONTEXT, "category.id") if (value := wanted.only(name))}
    shop, _ = situation.asked(incoming, _body(said))
    wanted = wanted.without(*said)
    # A filter or an order is over all that is looked at; a page alone costs what it shows.
    most = lists.READ if wanted.filters or wanted.sort else wanted.offset + wanted.limit
    found: Iterator[Offer] = every(shop, said.get("category.id"), barred_too=said.get("explain") == "true")
    places = list(islice(found, most + 1))

    def read(part: Any) -> list[lists.Found]:
        return [(None, told(shop, each)) for each in part]

    headers = {"Content-Language": shop.sale.language}
    return lists.page(incoming, wanted, Window(places, len(places) > most, read), headers)


def _body(said: Mapping[str, str]) -> Json:
    """The context of a query, as the body of a qualification says it."""
    place = {name: said[f"place.{name}"] for name in PLACE if f"place.{name}" in said}
    return {
        **(
            {"relatedParty": [{"id": said["relatedParty.id"], "role": "customer"}]} if "relatedParty.id" in said else {}
        ),
        **({"shoppingCart": {"id": said["shoppingCart.id"]}} if "shoppingCart.id" in said else {}),
        **({"place": [place]} if place else {}),
    }
