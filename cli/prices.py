"""What business people write of prices, price lists and taxes, in the form of TMF620."""

import re
from decimal import Decimal
from functools import partial

from cli.criteria import CUSTOMERS, predicate
from cli.entries import Entry, Node, near
from cli.facts import IDENT, Brand, Json, kept, plain, present

DUE = ("atOrder", "onDelivery", "onBill", "perUse")
# The word for an amount -> the type of the price, and its period.
KINDS: dict[str, tuple[str, str | None]] = {
    "once": ("oneTime", None),
    "daily": ("recurring", "day"),
    "weekly": ("recurring", "week"),
    "monthly": ("recurring", "month"),
    "yearly": ("recurring", "year"),
    "usage": ("usage", None),
}
USUALLY_DUE = {"oneTime": "atOrder", "recurring": "onBill", "usage": "perUse"}
# Where a rate holds: what is written -> the attribute of the rate.
PLACED = {"country": "country", "state": "stateOrProvince", "city": "city", "postcode": "postcode"}
UNIT = re.compile(r"(?:(\d{1,9}) )?(\S(?:.{0,18}\S)?)", re.ASCII)


class Prices:
    """The prices of a brand as they are read: those of the section, and those that offerings write themselves."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.by_id: dict[str, Json] = {}
        self.spots: dict[str, str] = {}
        self._replacing: list[tuple[Node, str]] = []

    def of_offering(self, offering: str, node: Node) -> str | None:
        """The id of a price that is shared, or of the one written here, which is then kept; none for a price list's."""
        if isinstance(node.value, str):
            return self.brand.ref(node, "prices")
        entry = Entry(f"a price of '{offering}'", node)
        kind = next((kind for kind in KINDS if kind in node.fields(entry.title)), "once")
        usual = f"{offering}-{kind}" + self._currency_suffix(entry)
        of_list = entry.read("priceList", lambda each: self.brand.ref(each, "priceLists"))
        ident: str = entry.read("id", _ident, usual if of_list is None else f"{usual}-{of_list}")
        self.add(ident, entry, replaces=usual)
        entry.finish()
        return ident if of_list is None else None

    def _currency_suffix(self, entry: Entry) -> str:
        currency = self.brand.currency_of(entry)
        return "" if currency == self.brand.currency else f"-{currency.lower()}"

    def add(self, ident: str, entry: Entry, replaces: str | None = None) -> None:
        """Reads one price; `replaces` is the one that a price of a price list takes the place of unless it says so."""
        amounts = [(kind, node) for kind in KINDS if (node := entry.get(kind))]
        if len(amounts) != 1:
            entry.node.refuse(f"{entry.title} needs one amount: {', '.join([*KINDS][:-1])} or {[*KINDS][-1]}.")
        if ident in self.by_id:
            entry.node.refuse(f"there is a price '{ident}' already; give this one an 'id' of its own.")
        ((kind, amount),) = amounts
        price_type, period = KINDS[kind]
        money = self.brand.money(amount, self.brand.currency_of(entry))
        made = {
            "id": ident,
            "name": entry.read("name", self.brand.text) or self.brand.usual(kind, entry),
            "priceType": price_type,
            "recurringChargePeriodType": period,
            "recurringChargePeriodLength": period and entry.read("every", lambda node: node.whole("every"), 1),
            "price": money,
            **(self._used(entry, money) if kind == "usage" else {}),
            "tax": [self._tax(entry)],
            "taxIncluded": False if entry.read("net", lambda node: node.flag("net")) else None,
            "negotiable": True if entry.read("negotiable", lambda node: node.flag("negotiable")) else None,
            "taxKeeps": entry.read("keeps", kept),
            "due": entry.read("due", lambda node: node.one_of(DUE, "due"), USUALLY_DUE[price_type]),
            **self._in_place(entry, replaces),
        }
        self.by_id[ident], self.spots[ident] = present(made | self.brand.life(entry)), entry.node.spot

    def _used(self, entry: Entry, first: dict[str, str]) -> Json:
        """What so many units cost, and from which unit on they cost something else."""
        word = (per := entry.need("per")).text("per")
        found = UNIT.fullmatch(word) or per.refuse(f"'{word}' is not a unit; write it like GB or 100 MB.")
        tiers = {Decimal(0): first}
        for start, node in entry.read("tiers", lambda each: each.fields("tiers"), {}).items():
            begins = Node(node.spot, start).number("a tier")
            if begins in tiers:
                node.refuse(f"a tier begins at {start} already; up to the first one the price is what 'usage' says.")
            tiers[begins] = self.brand.money(node, first["unit"])
        tier = [{"from": f"{start.normalize():f}", "price": price} for start, price in sorted(tiers.items())]
        unit = {"amount": int(found[1] or 1), "units": found[2]}
        return {"unitOfMeasure": unit, "tier": tier if len(tier) > 1 else None}

    def _tax(self, entry: Entry) -> Json:
        rates = self.brand.tax
        rate = entry.read("tax", lambda node: node.one_of([*rates], "tax"), "standard")
        if rate not in rates:
            entry.node.refuse(f"{entry.title} has no 'tax', and the brand has no rate called 'standard'.")
        return {"taxCategory": rate, "taxRate": plain(rates[rate].number("tax"))}

    def _in_place(self, entry: Entry, usual: str | None) -> Json:
        of_list = entry.read("priceList", lambda node: self.brand.ref(node, "priceLists"))
        named = entry.get("replaces")
        if of_list is None:
            return {} if named is None else named.refuse("only a price of a 'priceList' replaces another.")
        replaced = named.text("replaces") if named else usual or entry.need("replaces").text("replaces")
        self._replacing.append((named or entry.node, replaced))
        return {"priceList": of_list, "popRelationship": [{"id": replaced, "relationshipType": "replaces"}]}

    def finish(self) -> None:
        """Refuses a price that replaces what there is not, once all are read."""
        for node, replaced in self._replacing:
            if replaced not in self.by_id:
                node.refuse(f"there is no price '{replaced}' to replace{near(replaced, self.by_id)}")


def price_list(brand: Brand, ident: str, entry: Entry) -> Json:
    """A price list: for whom it holds is its `when`."""
    made = {"id": ident, **brand.told(entry, described=False)}
    made["priority"] = entry.read("priority", lambda node: node.whole("priority"), 1)
    entry.need("when")
    return present(made | brand.life(entry, version=None) | predicate(brand, entry))


def tax_rate(brand: Brand, ident: str, entry: Entry) -> Json:
    """What a category of tax comes to somewhere, for somebody."""
    made = {
        "id": ident,
        "taxCategory": entry.need("category").one_of([*brand.tax], "category"),
        "taxRate": plain(entry.need("rate").number("rate")),
        **{name: entry.read(key, partial(Node.text, what=key)) for key, name in PLACED.items()},
        "customerKind": entry.read("customer", lambda node: node.one_of(CUSTOMERS, "customer")),
        "keeps": entry.read("keeps", kept),
        "validFor": brand.period(entry),
    }
    return present(made)


def _ident(node: Node) -> str:
    if not IDENT.fullmatch(word := node.text("id")):
        node.refuse(f"'{word}' cannot be an id; write it like 'plan-m'.")
    return word
