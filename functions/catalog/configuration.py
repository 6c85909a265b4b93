"""What a customer chose of an offering: completed with its defaults, what is still missing, and what goes against what.

The form is TM Forum's: `product.productCharacteristic [{name, value}]` for the characteristics, and the parts of a
bundle as items of their own under `cartItem` (a cart) or `productOrderItem` (an order), each with the same again. A
line that says nothing of its parts takes those that are usual; once it names any, those it names and what must be.

Nothing here raises, however odd the input: what is odd is a conflict with a sentence.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from functions.catalog import choices
from functions.catalog.assembly import UNDER, Assembly, Barred, Node
from functions.catalog.catalog import Catalog
from functions.catalog.chosen import Chosen
from functions.catalog.dependence import Dependence
from functions.catalog.kinds import is_bundle
from functions.catalog.sale import Item
from functions.catalog.verdict import Verdict
from functions.shared import tmf
from functions.shared.resource import Json, ref

CHOSEN = "productCharacteristic"
Priced = list[tuple[Json, int]]


class Configuration(NamedTuple):
    """`item` is what was chosen with the defaults filled in; `missing` and `conflict` are in a steady order.

    Of what lies in it, `parts` cost their own price, each so many times; `included` are the others.
    """

    item: Json
    missing: list[Json]
    conflict: list[Json]
    parts: Priced
    included: tuple[Json, ...] = ()

    @property
    def state(self) -> str:
        """complete, incomplete or conflicting."""
        return "conflicting" if self.conflict else "incomplete" if self.missing else "complete"

    @property
    def bars(self) -> list[Json]:
        """Why it cannot be ordered: everything, each with a code and a sentence."""
        conflicts = [{"code": "configurationConflict", "reason": each["reason"]} for each in self.conflict]
        return conflicts + [{"code": "notConfigured", "reason": each["reason"]} for each in self.missing]

    @property
    def told(self) -> Json:
        """How a cart's line tells it."""
        found = {"state": self.state, "missing": self.missing, "conflict": self.conflict}
        return {name: value for name, value in found.items() if value}


def look(
    catalog: Catalog,
    offering: Json,
    item: Json,
    *,
    language: str | None = None,
    channel: str | None = None,
    as_of: datetime | None = None,
    whole: bool = True,
) -> Configuration:
    """The configuration that `item` is of the catalog's offering.

    With a channel and a moment, parts that are not sold there and then are no choice. Not `whole`: only what is sent
    is looked at, nothing is filled in or missing, as where it changes what a customer has.
    """

    def barred(part: Json) -> Json | None:
        if channel is None or as_of is None:
            return None
        why = catalog.barred(part, channel, as_of, language)
        return why if why and why["code"] != "notSoldAlone" else None

    if is_bundle(offering) or not _says_nothing(item):
        return _look(catalog, offering, item, language, barred, whole=whole)
    found = _usual(catalog, offering["id"], language, whole=whole)
    item = {name: value for name, value in item.items() if name not in UNDER}
    if defaults := found.item.get("product"):
        item["product"] = {**(item.get("product") or {}), **defaults}
    return found._replace(item=item)


def _says_nothing(item: Json) -> bool:
    product = item.get("product") or {}
    said = not isinstance(product, dict) or product.get(CHOSEN) is not None
    return not said and all(item.get(name) is None for name in UNDER)


@lru_cache(maxsize=4096)
def _usual(catalog: Catalog, id_: str, language: str | None, *, whole: bool) -> Configuration:
    """What an offering without parts is where nobody chose, as most lines are: the same whoever asks."""
    return _look(catalog, catalog.offering(id_) or {"id": id_}, {}, language, lambda _: None, whole=whole)


def _look(
    catalog: Catalog, offering: Json, item: Json, language: str | None, barred: Barred, *, whole: bool
) -> Configuration:
    verdict = Verdict(catalog, language)
    assembly = Assembly(verdict, barred, whole=whole)
    root = assembly.build(offering, item)
    chosen = Chosen(verdict, assembly.nodes)
    dependence = Dependence(assembly, chosen)
    chosen.read()
    if whole:
        chosen.fill(dependence.ruled_out)
        chosen.complete(dependence.ruled_out)
    dependence.judge(whole=whole)
    parts = _summed(_added(catalog, root, 1))
    costing = {part["id"] for part, _ in parts}
    included = {node.id: node.offering for node in assembly.nodes[1:] if node.id not in costing}
    return Configuration(chosen.completed(root), verdict.missing, verdict.conflict, parts, (*included.values(),))


def items(
    id_: str, catalog: Catalog, offering: Json, found: Configuration | None = None, quantity: int = 1
) -> list[Item]:
    """So much of an offering as it is priced: itself with what it pays for, then each part that costs its own price.

    Which kind of bundle it is follows from the catalog. Without any `productOfferingPrice` it is component-price: it
    costs what its parts cost. With a price of its own it is fixed-price, and that pays for what must be in it: a part
    up to its lower limit, and a group that something must be chosen of. What is added to that costs its own price.
    """
    if found is None:
        return [Item(id_, catalog, offering, quantity)]
    whole = Item(id_, catalog, offering, quantity, included=found.included)
    return [whole, *(Item(id_, catalog, part, quantity, count) for part, count in found.parts)]


def component_priced(offering: Json) -> bool:
    """Whether it costs what its parts cost."""
    return is_bundle(offering) and not offering.get("productOfferingPrice")


def _added(catalog: Catalog, node: Node, times: int) -> Iterator[tuple[Json, int]]:
    """What costs its own price of the parts of so many of a node."""
    by_parts = component_priced(node.offering)
    groups = {group.id: group.least for group in choices.composition(catalog, node.id).groups}
    paid: dict[str, int] = {}  # of each part, how many the bundle's own price has paid for so far
    for child in node.parts:
        if by_parts or child.part is None:
            included = 0
        elif child.part.group is not None:
            included = child.quantity if groups[child.part.group] else 0
        else:
            included = min(child.quantity, child.part.least - paid.get(child.id, 0))
            paid[child.id] = paid.get(child.id, 0) + included
        if extra := child.quantity - included:
            if not component_priced(child.offering):
                yield child.offering, extra * times
            yield from _added(catalog, child, extra * times)
        if included and not component_priced(child.offering):
            yield from _added(catalog, child, included * times)


def _summed(found: Iterator[tuple[Json, int]]) -> Priced:
    offerings: dict[str, Json] = {}
    counts: dict[str, int] = {}
    for offering, count in found:
        offerings[offering["id"]] = offering
        counts[offering["id"]] = counts.get(offering["id"], 0) + count
    return [(offerings[id_], count) for id_, count in counts.items()]


def shown(catalog: Catalog, found: Configuration, language: str, status: str = "active") -> Json:
    """What a cart's line says of its configuration: what is chosen, completed, and whether that is all."""
    plain = found.state == "complete" and not found.item.get("cartItem")
    told = {} if plain and not (found.item.get("product") or {}).get(CHOSEN) else {"configuration": found.told}
    return {**found.item, **_items(catalog, found.item, "cartItem", "", language, status=status), **told}


def ordered(catalog: Catalog, found: Configuration, line: str, language: str) -> Json:
    """What an order's item says of its configuration: the characteristics, and an item for each part."""
    product = {"product": found.item["product"]} if found.item.get("product") else {}
    return {**product, **_items(catalog, found.item, "productOrderItem", f"{line}.", language, state="acknowledged")}


def _items(catalog: Catalog, within: Json, under: str, prefix: str, language: str, **how: str) -> Json:
    """The parts as TM Forum items under that name, each numbered within what it is part of."""
    made = []
    listed = within.get("cartItem")
    for number, part in enumerate(listed if isinstance(listed, list) else [], 1):
        if not isinstance(part, dict):
            continue
        item = {name: value for name, value in part.items() if name != "cartItem"}
        item = {"id": f"{prefix}{number}", "@type": tmf.type_of(under), "quantity": 1, "action": "add", **item, **how}
        item |= _named(catalog, item.get("productOffering"), language)
        made.append({**item, **_items(catalog, part, under, f"{item['id']}.", language, **how)})
    return {under: made} if made else {}


def _named(catalog: Catalog, sent: Any, language: str) -> Json:
    id_ = sent.get("id") if isinstance(sent, dict) else None
    offering = catalog.offering(id_) if isinstance(id_, str) else None
    if offering is None:
        return {}
    named = ref(offering["id"], tmf.href("productOffering", offering["id"]), "ProductOffering")
    return {"productOffering": {**named, "name": catalog.text(offering["name"], language)}}
