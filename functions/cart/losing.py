"""What a customer gives up with the terms of a product: whatever could not be bought like that again today. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from functions.cart.cart import Line
from functions.catalog import configuration, offer, price, stages
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.configuration import Configuration
from functions.catalog.sale import Item, Sale, present
from functions.catalog.totals import ZERO, Part
from functions.inventory import product as products
from functions.inventory import terms
from functions.shared import clock, tmf
from functions.shared.resource import Json, ref

GONE = {
    "en": "{} is no longer sold; whoever gives it up cannot have it again.",
    "de": "{} wird nicht mehr verkauft; wer es aufgibt, bekommt es nicht wieder.",
}
NOT_IN_IT = {
    "en": "{} is no longer sold in {}; whoever gives it up cannot have it like that again.",
    "de": "{} gibt es nicht mehr in {}; wer es aufgibt, bekommt es so nicht wieder.",
}
NOT_LIKE_THAT = {
    "en": "{} could not be had like that again: {}",
    "de": "{} wäre so nicht wieder zu haben: {}",
}
NOT_FOR_THEM = {
    "en": "{} could not be had again: {}",
    "de": "{} wäre nicht wieder zu haben: {}",
}
DEARER = {
    "en": "{name} would cost {today} today; what is given up costs {kept}.",
    "de": "{name} würde heute {today} kosten; was aufgegeben wird, kostet {kept}.",
}
RUNNING = {"en": "The promotion {} is given up with it.", "de": "Die Aktion {} wird damit aufgegeben."}
LEFT = {
    "en": "The promotion {} is given up with it; it would have run for {} more periods.",
    "de": "Die Aktion {} wird damit aufgegeben; sie wäre noch {} Perioden gelaufen.",
}
TERM = {"en": "Its minimum term runs until {}.", "de": "Die Mindestlaufzeit geht bis {}."}
PER = {
    "day": {"en": "a day", "de": "am Tag"},
    "week": {"en": "a week", "de": "in der Woche"},
    "month": {"en": "a month", "de": "im Monat"},
    "year": {"en": "a year", "de": "im Jahr"},
}
SEVERAL = {"en": "per {}", "de": "je {}"}


def given_up(lines: Iterable[Line]) -> dict[str, str]:
    """The products that lines end or give other terms, by line."""
    return {line.id: line.product for line in lines if line.product and line.gives_up}


def as_it_is(lines: Iterable[Line]) -> frozenset[str]:
    """The products that lines renew with all that lies in them."""
    return frozenset(line.product for line in lines if line.product and line.as_it_is)


def again(body: Json, catalog: Catalog, language: str) -> list[Item]:
    """What that product was sold as, with what lies in it, as it would be bought today; none that is not held now."""
    offering = catalog.offering(products.sold_as(body) or "")
    return (
        configuration.items("", catalog, offering, _configured(body, catalog, offering, language)) if offering else []
    )


def _configured(body: Json, catalog: Catalog, offering: Json, language: str) -> Configuration | None:
    """What lies in that product, as today's catalog looks at it; None where nothing does."""
    said = products.chosen(body, {})
    return configuration.look(catalog, offering, said, language=language) if "cartItem" in said else None


def losses(body: Json, catalog: Catalog, sale: Sale, *, as_it_is: bool = False) -> list[Json]:
    """What of a product's terms would be lost for good, by kind and in a sentence; nothing where all can be had again.

    `catalog` and `sale` are today's: what is compared is what this customer would get here and now. Who renews it
    `as_it_is` keeps what nobody could buy any more.
    """
    if "productOffering" not in body:
        return []
    items = again(body, catalog, sale.language)
    today = price.priced(items, replace(sale, currency=_currency(body))).get("", [])
    found = [] if as_it_is else _gone(body, catalog, items, sale)
    found += _dearer(body, catalog, items, today, sale)
    found += _promotions(body, catalog, today, sale)
    return [*found, *_term(body, catalog, sale)] if found else []


def _currency(body: Json) -> str | None:
    """The currency of its prices; the brand's own where it has none."""
    amounts = (p["price"].get("taxIncludedAmount") or {} for p in body.get("productPrice", []))
    return next((amount["unit"] for amount in amounts if "unit" in amount), None)


def _name(body: Json) -> str:
    offering = body["productOffering"]
    return str(offering.get("name") or body.get("name") or offering["id"])


def _gone(body: Json, catalog: Catalog, items: list[Item], sale: Sale) -> list[Json]:
    """That nobody can buy it any more, or this customer cannot: it, something that lies in it, or so much of that."""
    found = [*_not_sold(body, catalog, items, sale)]
    told = {id_ for id_, _ in found}
    offering = catalog.offering(products.sold_as(body) or "")
    chosen = _configured(body, catalog, offering, sale.language) if offering else None
    unlike = [
        {"kind": "noLongerSold", "reason": _say(NOT_LIKE_THAT, sale).format(_name(body), conflict["reason"])}
        for conflict in (chosen.conflict if chosen else [])
        if told.isdisjoint(each["productOffering"]["id"] for each in conflict["between"])
    ]
    return [*(loss for _, loss in found), *unlike]


def _not_sold(body: Json, catalog: Catalog, items: list[Item], sale: Sale) -> Iterator[tuple[str, Json]]:
    facts, there = price.known(items, sale), present(items)
    names = {id_: _name(part) for part in products.holding(body) if (id_ := products.sold_as(part))}
    for id_, name in names.items():
        offering = catalog.offering(id_)
        # Whether it is sold at all, wherever: who looks at a shop's offer does not lose it by calling.
        if offering is None or stages.at(offering, sale.as_of) not in stages.NEW:
            yield id_, {"kind": "noLongerSold", "reason": _say(GONE, sale).format(name)}
        elif id_ in there:
            for need in offer.eligibility(catalog, offering, sale.language):
                if not need.predicate.holds(facts[catalog.version].of_line(1)):
                    yield id_, {"kind": "notEligible", "reason": _say(NOT_FOR_THEM, sale).format(name, need.reason)}
        elif there:
            yield id_, {"kind": "noLongerSold", "reason": _say(NOT_IN_IT, sale).format(name, _name(body))}


def _dearer(body: Json, catalog: Catalog, items: list[Item], today: list[Charge], sale: Sale) -> Iterator[Json]:
    """That its recurring price, before any promotion, would be higher today."""
    own = {p["id"] for item in items for p in catalog.priced_by(item.offering)}
    elsewhere = catalog.held["productOfferingPrice"]  # of what is in it, where it was not kept what that is
    kept: dict[Part, Decimal] = {}
    new: dict[Part, Decimal] = {}
    for p, c in terms.kept(body):
        id_ = terms.price_id(p)
        if id_ in own or id_ not in elsewhere:
            kept[c.part] = kept.get(c.part, ZERO) + terms.listed(c)
    for each in today:
        if each.price_type == "recurring":
            new[each.part] = new.get(each.part, ZERO) + terms.listed(each)
    for part in sorted(kept):
        if part in new and new[part] > kept[part]:
            was, now = _price(part, kept[part]), _price(part, new[part])
            said = {"kept": _money(part, kept[part], sale), "today": _money(part, new[part], sale)}
            reason = _say(DEARER, sale).format(name=_name(body), **said)
            yield {"kind": "dearer", "reason": reason, "price": was, "currentPrice": now}


def _promotions(body: Json, catalog: Catalog, today: list[Charge], sale: Sale) -> Iterator[Json]:
    """That a promotion still runs on it which it would not get again today."""
    given = {step.rule for each in today for step in each.rules}
    for kept, step, left in terms.running(body, sale.as_of, ZoneInfo(catalog.time_zone)):
        if step.rule in given:
            continue
        words = _say(RUNNING if left is None else LEFT, sale)
        named = ref(step.rule, tmf.href("promotion", step.rule), "Promotion", name=step.name)
        loss = {"kind": "promotionRunning", "reason": words.format(step.name, left), "promotion": named}
        price = _price(kept.part, -dict(kept.taken)[step])
        yield {**loss, "price": price, **({} if left is None else {"periods": left})}


def _price(part: Part, amount: Decimal) -> Json:
    kind, period, unit = part
    return {"priceType": kind, "recurringChargePeriod": period, "price": {"unit": unit, "value": amount}}


def _term(body: Json, catalog: Catalog, sale: Sale) -> Iterator[Json]:
    """That its minimum term is not over: no loss by itself, but to be known by who decides."""
    zone = ZoneInfo(catalog.time_zone)
    end = terms.term_end(body, zone)
    if end and end > sale.as_of.astimezone(zone).date():
        until = clock.text(datetime(end.year, end.month, end.day, tzinfo=zone))
        yield {"kind": "termRunning", "reason": _say(TERM, sale).format(end.isoformat()), "until": until}


def _money(part: Part, amount: Decimal, sale: Sale) -> str:
    _, period, unit = part
    per = _say(PER[period], sale) if period in PER else _say(SEVERAL, sale).format(period)
    return f"{amount} {unit} {per}"


def _say(words: Mapping[str, str], sale: Sale) -> str:
    return words.get(sale.language, words["en"])
