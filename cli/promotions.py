"""What business people write of segments, eligibility and promotions, in the form of TMF671."""

from cli.criteria import predicate
from cli.entries import Entry, Node, near
from cli.facts import Brand, Json, present
from cli.prices import KINDS, Prices

ACTIONS = {"percent": "percentage", "amount": "amount", "price": "fixedPrice"}
PERIODS = ("day", "week", "month", "year")
REACHED = {"offerings": "ProductOffering", "categories": "Category", "prices": "ProductOfferingPrice"}
ALL = "all"  # what `offerings` says where a promotion reaches every one


def segment(brand: Brand, ident: str, entry: Entry) -> Json:
    """A segment: whom it means is its `when`."""
    made = {"id": ident, **brand.told(entry, described=False), **brand.life(entry, version=None)}
    entry.need("when")
    return present(made | predicate(brand, entry))


def eligibility(brand: Brand, node: Node) -> list[Json]:
    """What must hold for an offering to be sold, each with the sentence that says so."""
    return [_required(brand, ident, found) for ident, found in sorted(node.fields("eligibility").items())]


def _required(brand: Brand, ident: str, node: Node) -> Json:
    entry = Entry(f"the eligibility '{ident}'", node)
    entry.need("when")
    made = {"id": ident, "name": brand.text(entry.need("sentence")), **predicate(brand, entry)}
    entry.finish()
    return made


def promotion(prices: Prices, ident: str, entry: Entry) -> Json:
    """A promotion with its one pattern; who is meant and where are criteria of it."""
    brand = prices.brand
    one_of = {"channel": [channel["id"] for channel in brand.channels(entry.need("channels"), dated=False)]}
    if segments := sorted(brand.ref(node, "segments") for node in entry.each("segments")):
        one_of["segment"] = segments
    pattern = {
        "id": ident,
        "priority": entry.read("priority", lambda node: node.whole("priority"), 1),
        **predicate(brand, entry, one_of),
        "action": [_action(prices, entry)],
    }
    made = {
        "id": ident,
        **brand.told(entry),
        "promotionType": "Discount",
        "exclusivityGroup": entry.read("group", lambda node: node.text("group")),
        "stackingLimit": entry.read("stacks", lambda node: node.whole("stacks")),
        "pattern": [pattern],
        **brand.life(entry, version=None),
    }
    return present(made)


def _action(prices: Prices, entry: Entry) -> Json:
    brand = prices.brand
    price_type, period = KINDS[entry.need("reduces").one_of([k for k in KINDS if k != "usage"], "reduces")]
    said = [(kind, node) for word, kind in ACTIONS.items() if (node := entry.get(word))]
    if len(said) != 1:
        entry.node.refuse(f"{entry.title} needs either 'percent', 'amount' or 'price'.")
    (kind, node), currency = said[0], brand.currency_of(entry)
    money = None if kind == "percentage" else brand.money(node, currency)
    return present(
        {
            "actionType": kind,
            "actionValue": money["value"] if money else _percentage(node),
            "actionUnit": money and money["unit"],
            "priceType": price_type,
            "applicationDuration": _duration(entry, period),
            "scope": "together" if entry.read("together", lambda each: each.flag("together")) else None,
            "appliesTo": _reached(prices, entry),
        }
    )


def _duration(entry: Entry, period: str | None) -> int | None:
    """For how many of its periods a price is reduced: `months` of a monthly one."""
    found = None
    for each in PERIODS:
        if node := entry.get(f"{each}s"):
            if each != period:
                has = f"has '{period}s'" if period else "is paid once"
                node.refuse(f"a price that this reduces {has}, so there can be no '{each}s'.")
            found = node.whole(f"{each}s")
    return found


def _reached(prices: Prices, entry: Entry) -> list[Json]:
    """What a promotion reduces, by kind and id; nothing where it says `offerings: all`."""
    found = {(REACHED[key], _named(prices, key, node)) for key in REACHED for node in entry.each(key)}
    if found == {("ProductOffering", ALL)}:
        return []
    return [{"id": ident, "@referredType": kind} for kind, ident in sorted(found)] or entry.node.refuse(
        f"{entry.title} needs 'offerings', 'categories' or 'prices' that it reduces; 'offerings: all' for every one."
    )


def _named(prices: Prices, key: str, node: Node) -> str:
    if key == "offerings" and node.value == ALL:
        return ALL
    if key != "prices":
        return prices.brand.ref(node, key)
    if (ident := node.text("an id of prices")) not in prices.by_id:
        node.refuse(f"there is no '{ident}' in prices{near(ident, prices.by_id)}")
    return ident


def _percentage(node: Node) -> str:
    if not 0 < (percent := node.number("percent")) <= 100:
        node.refuse("percent must be more than 0 and at most 100.")
    return f"{percent.normalize():f}"
