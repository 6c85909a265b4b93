"""What lines ask of a sale that is not so: who may have them, and what they need or do not go with. Pure.

The rules are those of `functions/catalog/offer.py`, by which qualification answers too.
"""

from collections.abc import Iterable, Iterator, Mapping

from functions.cart.cart import Line
from functions.catalog import offer, phrases, price
from functions.catalog.catalog import Catalog
from functions.catalog.offer import Need
from functions.catalog.rule import Facts
from functions.catalog.sale import Item, Sale, present
from functions.shared import tmf
from functions.shared.resource import Json, ref


def unmet(
    lines: Iterable[Line], sold: Mapping[str, list[Item]], sale: Sale, known: Mapping[str, Facts]
) -> dict[str, list[Json]]:
    """By line everything that it asks and that is not so: a code, a sentence, and what would unlock it.

    `known` is what is known of the sale with the lines that are active. One that is saved for later is asked as if it
    were taken up. What was ordered was asked then.
    """
    asking = any(offer.asks(each) for of_line in sold.values() for item in of_line for each in item.offerings)
    if sale.facts.held is not None or not asking:
        return {}
    lines = list(lines)
    active = {line.id: sold[line.id] for line in lines if line.active}
    found = {}
    for line in lines:
        beside = active | {line.id: sold[line.id]}
        facts = known if line.active else price.known([item for items in beside.values() for item in items], sale)
        found[line.id] = [
            _bar(line, item.catalog, need, known, beside, sale.language)
            for item in sold[line.id]
            for need, known in _broken(item, facts[item.catalog.version].of_line(item.quantity), sale.language)
        ]
    return found


def _broken(item: Item, facts: Facts, language: str) -> Iterator[tuple[Need, Facts]]:
    """What it asks that does not hold, and of what; of others that it does not go with one after the other."""
    for need in offer.needs(item, language, offer.present(facts)):
        known = need.known(facts)
        for each in offer.apart(item.catalog, need, language):
            if not each.predicate.holds(known):
                yield each, known


def _bar(
    line: Line, catalog: Catalog, need: Need, facts: Facts, beside: Mapping[str, list[Item]], language: str
) -> Json:
    bar: Json = {"code": need.code, "reason": need.told(catalog, line.offering or "", language)}
    if need.others:
        bar["between"] = [_choice(catalog, id_, beside, language) for id_ in (need.offering, *need.others)]
    if ways := need.ways(facts):
        bar["unlock"] = phrases.unlocks(catalog, ways, language)
    return bar


def _choice(catalog: Catalog, id_: str, beside: Mapping[str, list[Item]], language: str) -> Json:
    """An offering, with the line it is in; it is installed where there is none."""
    offering = catalog.offering(id_)
    name = {"name": catalog.text(offering["name"], language)} if offering else {}
    line = next((line for line, items in beside.items() if id_ in present(items)), None)
    named = ref(id_, tmf.href("productOffering", id_), "ProductOffering", **name)
    return {"productOffering": named, **({"cartItem": line} if line else {})}
