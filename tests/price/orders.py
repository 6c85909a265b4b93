"""Orders of generated carts, placed while one catalog after the other is published, and priced again when all are."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from functions.cart import cart as carts
from functions.cart.cart import Line, ShoppingCart
from functions.cart.view import View
from functions.catalog import store as catalogs
from functions.catalog.catalog import Catalog
from functions.catalog.rule import Facts
from functions.order import direct, place, store
from functions.order.item import Buyer
from functions.order.order import ProductOrder
from functions.order.replay import replayed
from functions.shared import clock, rows
from functions.shared.access import Caller
from tests.price.circumstances import WORDS, context
from tests.price.compare import TOLD_APART, fact, own
from tests.price.facts import Json
from tests.price.generate import case
from tests.price.taxation import own_prices

BRAND, PUBLICATIONS = "nova", 50
JANE = Caller(BRAND, "DE", "web", "customer", "jane-login", "nova-web", "journey-1", customer_id="jane")
QUANTITIES = (1, 1, 1, 2, 3, 10, 99)


def content(seed: int) -> Json:
    """A catalog that sells all it has in every channel."""
    made: Json = case(Random(seed)).content
    channels = [{"id": channel} for channel in WORDS["channel"]]
    return {**made, "productOffering": [{**each, "channel": channels} for each in made["productOffering"]]}


def view(random: Random, catalog: Catalog) -> View:
    """Somebody looks at the catalog, somewhere and at some time."""
    told = context(random)
    facts = {name: fact(name, value) for name, value in told.items() if name not in TOLD_APART}
    moment = told["asOf"]
    as_of = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    as_of = clock.moment(clock.text(as_of.astimezone(UTC)))  # a moment as the clock of the hub tells it
    known = Facts(facts, own=own(own_prices(random, [*catalog.held["productOfferingPrice"].values()])))
    looked = View(catalog, told["channel"], as_of, "en", facts=known, currency=told.get("currency"))
    return replace(looked, partner=told.get("seller"))


def order(random: Random, looked: View, number: int) -> ProductOrder:
    """What somebody orders there: a cart, or items as another system sends them."""
    return (_of_cart if random.random() < 0.5 else _direct)(random, looked, str(number))


def _of_cart(random: Random, looked: View, number: str) -> ProductOrder:
    now, sold = clock.text(looked.as_of), sorted(looked.catalog.held["productOffering"])
    lines = [_line(random, str(n), random.choice(sold)) for n in range(random.randint(1, 3))]
    lines += [replace(lines[0], id="later", saved=True)] if random.random() < 0.1 else []
    lines += [_line(random, "gone", None, action="delete", kind="disconnect")] if random.random() < 0.1 else []
    cart = ShoppingCart(
        id=number,
        brand=BRAND,
        catalog_version=looked.catalog.version,
        created=now,
        at=now,
        expires=looked.as_of + carts.WAITS["owned"],
        lines={line.id: line for line in lines},
    )
    return place.place(cart, looked, Buyer("jane"), {}, replace(JANE, channel=looked.channel))


def _line(random: Random, id_: str, offering: str | None, **more: Any) -> Line:
    touch = {"by": "jane", "channel": "web", "at": "2026-03-01T12:00:00.000Z"}
    return Line(id=id_, quantity=random.choice(QUANTITIES), touch=touch, offering=offering, **more)


def _direct(random: Random, looked: View, number: str) -> ProductOrder:
    sold = [*sorted(looked.catalog.held["productOffering"]), "of-another-catalog"]
    items = [
        {
            "id": str(n),
            "action": "add",
            "quantity": random.choice(QUANTITIES),
            "productOffering": {"id": random.choice(sold)},
        }
        for n in range(random.randint(1, 3))
    ]
    body, caller = {"productOrderItem": items}, replace(JANE, channel=looked.channel)
    lines = direct.lines_of(body, looked, caller)
    return direct.place(number, body, lines, looked, Buyer("jane"), caller)


def kept(made: ProductOrder) -> rows.Row:
    """The order as its table holds it."""
    return rows.packed(store.to_row(JANE, made))


def placed(seed: int, each: int) -> Iterator[rows.Row]:
    """Publishes one catalog after the other, and keeps so many orders of each."""
    random = Random(seed)
    for publication in range(PUBLICATIONS):
        catalogs.publish(content(seed + publication))
        for number in range(each):
            made = order(random, view(random, catalogs.current(BRAND)), number)
            yield kept(made)


def priced_again(row: rows.Row, version: str | None = None) -> Json:
    """The replay of an order by what its row says, or by another version of the catalog."""
    found = store.from_row(rows.unpacked(row))
    catalog = catalogs.at_version(BRAND, version or found.body["catalogVersion"])
    return replayed(found, catalog, "en")


def corners(row: rows.Row, replay: Json) -> Counter[str]:
    """What of the pricing an order has met."""
    steps = [step for item in replay["item"] for step in item["trace"]]
    totals = [price for item in replay["item"] for price in item["computed"]]
    found = {
        "a promotion": any(step["@referredType"] == "Promotion" for step in steps),
        "a promotion over several lines": any("priceAlteration" in price for price in totals),
        "a tax that hangs on the customer": any("id" in tax for price in totals for tax in price.get("tax", [])),
        "a price of the customer's own": "own" in row["basis"]["M"],
        "a price list": any("priceList" in step for step in steps),
        "something about the customer": bool(row["basis"]["M"]["held"]["L"]),
        "an item that is not known": any(not item["stored"] for item in replay["item"]),
        "a partner's sale": "partner" in row["basis"]["M"],
        "another currency": any(price["price"]["taxIncludedAmount"]["unit"] != "EUR" for price in totals),
    }
    return Counter(name for name, met in found.items() if met)
