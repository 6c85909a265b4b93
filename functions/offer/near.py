"""Promotions that a cart nearly has: what to add for each, and what it would save then by itself. Pure.

One is near where all that is missing is of the cart: an offering, a quantity, a campaign, or an amount. Whether what
is proposed would do is asked of the pricing function, with it in the cart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from functions.catalog import price, promotion
from functions.catalog.catalog import ON_SALE
from functions.catalog.meeting import Saved
from functions.catalog.promotion import Action, Pattern, Promotion
from functions.catalog.rule import Criterion, Fact, Facts
from functions.catalog.sale import Item, Sale
from functions.offer import browse, qualification
from functions.offer.qualification import Shop, qualifies
from functions.shared.resource import valid

PROMOTIONS = 1000  # of a catalog that are looked at, in the order of their ids
TRIES, PRICED = 4, 100  # proposals for one promotion, and for all, that are priced
LARGEST = 99  # of a line
OF_CART = ("cart.", "quantity", "campaign")
AMOUNTS = ("cart.oneTime", "cart.recurring")


class Lack(NamedTuple):
    """Something to add: one of an offering (of a category, if that is asked), so many of a line, a campaign, an amount.

    `kind` is offering, quantity, campaign, oneTime or recurring; `value` the id, the new quantity, or how much more.
    """

    kind: str
    value: str | Decimal
    line: str | None = None
    category: str | None = None


class Near(NamedTuple):
    """A promotion, what it lacks, and what it saves by itself once that is there."""

    id: str
    lacks: tuple[Lack, ...]
    saved: Saved

    @property
    def addable(self) -> bool:
        """Whether the hub can add it all: an amount one has to choose things for."""
        return all(f"cart.{lack.kind}" not in AMOUNTS for lack in self.lacks)


@dataclass
class Search:
    """A search for what is near: what is known whatever is in the cart, and how many proposals may still be priced."""

    shop: Shop
    left: int = PRICED

    @cached_property
    def known(self) -> Facts:
        """What is known of the sale beside its cart."""
        nothing = Item("", self.shop.catalog, {"id": ""}, quantity=0)
        return price.known([nothing], self.shop.sale)[self.shop.catalog.version]

    def near(self, applied: Iterable[str]) -> list[Near]:
        """The promotions that what is in the cart nearly has, those that would save most first."""
        stored, has = self.shop.catalog.held["promotion"], frozenset(applied)
        ids = (id_ for id_ in islice(sorted(stored), PROMOTIONS) if id_ not in has)
        found = [one for id_ in ids if (one := self.lacking(id_))]
        return sorted(found, key=lambda each: (-each.saved.ever, -each.saved.at_first, each.id))

    def lacking(self, id_: str) -> Near | None:
        """What that promotion lacks, if it can be added."""
        if self.shop.catalog.held["promotion"][id_]["lifecycleStatus"] not in ON_SALE:
            return None
        found = promotion.of(self.shop.catalog, id_)
        if not found.on_sale(self.shop.sale.as_of):
            return None
        for lacks in islice(self._proposals(found), min(TRIES, self.left)):
            self.left -= 1
            if (saved := _saved(self.shop, id_, lacks)).ever > 0:
                return Near(id_, lacks, saved)
        return None

    def _proposals(self, found: Promotion) -> Iterator[tuple[Lack, ...]]:
        """What could be added so that one of its patterns holds for something that it reaches; the least first."""
        for pattern in found.patterns:
            if valid(pattern.valid_for, self.shop.sale.as_of) and self._hopeful(pattern):
                for target in _targets(self.shop, pattern):
                    yield from _ways(self.shop, pattern, target)

    def _hopeful(self, pattern: Pattern) -> bool:
        """Whether all that is missing may be of the cart: told before anything is looked up."""
        return any(all(c.parameter.startswith(OF_CART) for c in way) for way in pattern.predicate.ways(self.known))


def _targets(shop: Shop, pattern: Pattern) -> Iterator[tuple[Item, tuple[Lack, ...]]]:
    """The lines that it reaches; where there is none, what it would reach."""
    reached = [item for item in shop.beside if any(_names(action, item) for action in pattern.actions)]
    if reached:
        yield from ((item, ()) for item in sorted(reached, key=lambda item: item.id))
        return
    named = sorted({target for action in pattern.actions for target in action.targets or ()})
    for kind, id_ in named:
        if lack := _of_category(shop, id_) if kind == "Category" else _offering(shop, id_):
            yield shop.items(shop.catalog.held["productOffering"][str(lack.value)])[0], (lack,)


def _names(action: Action, item: Item) -> bool:
    """Whether an action reaches an offering, or one of its prices."""
    if action.targets is None:
        return True
    prices = frozenset(("ProductOfferingPrice", each["id"]) for each in item.offering.get("productOfferingPrice", []))
    return not action.targets.isdisjoint(promotion.ids(item.offering) | prices)


def _ways(shop: Shop, pattern: Pattern, target: tuple[Item, tuple[Lack, ...]]) -> Iterator[tuple[Lack, ...]]:
    item, lacks = target
    fresh = shop.items(item.offering) if lacks else []
    known = price.known([*shop.beside, *fresh], shop.sale)[item.catalog.version].of_line(item.quantity)
    for way in pattern.predicate.ways(known):
        added = [_added(shop, criterion, item, known) for criterion in way]
        if all(added) and (lacks or added):
            yield (*lacks, *(lack for lack in dict.fromkeys(added) if lack and lack not in lacks))


def _added(shop: Shop, criterion: Criterion, item: Item, facts: Facts) -> Lack | None:
    """What makes a criterion true; None where nothing that is added does."""
    parameter, value = criterion.parameter, criterion.value
    if parameter == "cart.offering" and criterion.operator == "=":
        return _offering(shop, str(value))
    if parameter == "cart.category" and criterion.operator == "=":
        return _of_category(shop, str(value))
    if parameter == "campaign" and criterion.operator == "=":
        return Lack("campaign", str(value))
    if isinstance(value, Decimal) and parameter in ("quantity", "cart.quantity", *AMOUNTS):
        return _more(criterion, value, item, facts, most=item.quantity if item.id in shop.single else LARGEST)
    return None


def _more(criterion: Criterion, value: Decimal, item: Item, facts: Facts, *, most: int) -> Lack | None:
    """How much more of a number there has to be; None where there is too much already, or a line holds no more."""
    has = facts.known.get(criterion.parameter)
    if not isinstance(has, Decimal) or criterion.operator not in ("=", ">", ">=") or value < has:
        return None
    if criterion.parameter in AMOUNTS:
        return Lack(criterion.parameter.partition(".")[2], value - has + (criterion.operator == ">") * Decimal("0.01"))
    wanted = value.to_integral_value(ROUND_FLOOR) + (criterion.operator == ">" or value % 1 != 0)
    quantity = item.quantity + wanted - has
    return Lack("quantity", quantity, line=item.id) if quantity <= most else None


def _offering(shop: Shop, id_: str) -> Lack | None:
    """That offering, if the sale may have it."""
    offering = shop.catalog.offering(id_)
    return Lack("offering", id_) if offering and qualifies(qualification.of(shop, offering)) else None


def _of_category(shop: Shop, id_: str) -> Lack | None:
    """The first offering of a category that the sale may have."""
    found = next(qualification.qualifying(shop, id_), None)
    return Lack("offering", found[0]["id"], category=id_) if found else None


def _saved(shop: Shop, id_: str, lacks: Sequence[Lack]) -> Saved:
    """What a promotion saves by itself with what it lacks in the cart."""
    items, sale = with_added(shop, lacks)
    facts = {version: _assumed(known, lacks) for version, known in price.known(items, sale).items()}
    return browse.given(price.asked(items, sale, facts).only(lambda candidate: candidate.id == id_)).saved


def with_added(shop: Shop, lacks: Sequence[Lack]) -> tuple[list[Item], Sale]:
    """The items and the sale with what is lacking in the cart; an amount, of which nobody knows how, is left out."""
    quantities = dict(sorted((lack.line or "", int(lack.value)) for lack in lacks if lack.kind == "quantity"))
    fresh = [lack for lack in lacks if lack.kind == "offering"]
    named = [shop.catalog.held["productOffering"][str(lack.value)] for lack in fresh]
    # What is new is told from the lines by ids that are none of theirs; a quantity of what is new is the first's.
    new = [
        item
        for n, offering in enumerate(named)
        for item in shop.items(offering, f"+{n}", quantities.get("", 1) if n == 0 else 1)
    ]
    beside = [item._replace(quantity=quantities.get(item.id, item.quantity)) for item in shop.beside]
    campaigns = frozenset(str(lack.value) for lack in lacks if lack.kind == "campaign")
    known: Mapping[str, Fact] = shop.sale.facts.known
    had = known.get("campaign", frozenset())
    assert isinstance(had, frozenset)  # noqa: S101  of that kind is the fact
    sale = replace(shop.sale, facts=Facts({**known, "campaign": had | campaigns}, shop.sale.facts.held))
    return sorted([*beside, *new], key=lambda item: item.id), sale


def _assumed(known: Facts, lacks: Sequence[Lack]) -> Facts:
    """The same as if the amounts were reached that are lacking."""
    more = {f"cart.{lack.kind}": lack.value for lack in lacks if f"cart.{lack.kind}" in AMOUNTS}
    sums = {name: known.known[name] + value for name, value in more.items()}  # type: ignore[operator]
    return Facts({**known.known, **sums}, known.held)
