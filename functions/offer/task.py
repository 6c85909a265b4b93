"""TMF679's question and answer: of each item, or each offering it stands for, whether the sale may have it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from functions.cart import cart as carts
from functions.cart.cart import Line
from functions.catalog import offer, phrases
from functions.catalog.rule import Facts
from functions.inventory import product as installed
from functions.offer import qualification
from functions.offer.qualification import Rule, Shop, qualifies
from functions.shared import tmf
from functions.shared.resource import Json, ref

ITEMS = 100  # offerings that are answered for an item that names none
ALTERNATIVES = 3
INSTALLED = "installed.offering"
# What a rule is about, by the code of its refusal.
RULES = {
    "notOnSale": "lifecycle",
    "notSoldAlone": "sellable",
    "notSoldHere": "channel",
    "notInAssortment": "partner",
    "notEligible": "eligibility",
    "requiresOther": "requires",
    "excludesOther": "excludes",
    "unknownOffering": "offering",
    "productUnknown": "product",
    "configurationConflict": "configuration",
    "notConfigured": "configuration",
    "endOfLife": "lifecycle",
}


class Has(NamedTuple):
    """An installed product that is asked about: as it is, the line that it would be, and what that would give up.

    `staying` are the offerings that would then still be installed; None where it stays, too.
    """

    body: Json
    line: Line
    losing: list[Json]
    staying: frozenset[str] | None = None


def line_of(item: Json, installed: Json) -> Line:
    """The line about that installed product which an item asks for."""
    named, product = (item.get("productOffering") or {}).get("id"), item["product"]
    action, kind = item.get("action", "add"), carts.kind_of(item)
    line = Line(product["id"], 1, {}, named, action, kind, product=product["id"], more={"product": product})
    return carts.on_product(line, installed)


def answered(asked: Json, shop: Shop, products: Mapping[str, Has]) -> Json:
    """The question with its answers; `products` are the installed products it names, as far as they are theirs."""
    items = asked.get("productOfferingQualificationItem") or [{}]
    found = [each for item in items for each in _item(item, asked, shop, products)]
    shown = [each for each in found if each["qualificationItemResult"] == "qualified" or not _only_available(asked)]
    return {
        **asked,
        "channel": {"id": shop.sale.channel},
        "productOfferingQualificationItem": shown,
        "qualificationResult": _result([each["qualificationItemResult"] for each in found]),
        "state": "done",
    }


def _only_available(asked: Json) -> bool:
    return bool(asked.get("provideOnlyAvailable"))


def _result(results: list[str]) -> str:
    """green: all of it; yellow: some of it, or something instead; red: nothing."""
    if results and all(each == "qualified" for each in results):
        return "green"
    return "red" if all(each == "unqualified" for each in results) else "yellow"


def _item(item: Json, asked: Json, shop: Shop, products: Mapping[str, Has]) -> Iterator[Json]:
    product = item.get("product") or {}
    has = products.get(product.get("id", ""))
    line = has.line if has else Line("", 1, {}, (item.get("productOffering") or {}).get("id"))
    sold_as = installed.sold_as(has.body if has else product)
    id_ = line.offering or sold_as
    if id_ is None and "id" not in product:
        yield from _expanded(item, asked, shop)
        return
    unknown = product.get("id") is not None and has is None
    found = [_barred("productUnknown", phrases.NOT_THEIRS, product["id"], shop)] if unknown else []
    if id_ is not None:
        found += _rules(id_, line, has, _around(shop, sold_as, has))
    lost = {"losing": has.losing} if has and has.losing else {}
    yield {**item, **_answer(id_, found, asked, shop), **lost}


def _rules(id_: str, line: Line, has: Has | None, shop: Shop) -> list[Rule]:
    """The rules on what it would be; none on what is ended, or changes as it is."""
    sale, before = shop.sale, shop.catalog.offering(installed.sold_as(has.body) or "") if has else None
    over = shop.catalog.over(before, sale.as_of, sale.language) if before and line.action == "modify" else None
    found = [Rule(over["code"], over["reason"], holds=False)] if over else []
    sells_nothing = line.action == "modify" and line.offering is None and line.effect in installed.KEEPS
    if line.action == "delete" or line.keeps or sells_nothing:
        return found
    offering = shop.catalog.offering(id_)
    if offering is None:
        return [*found, _barred("unknownOffering", phrases.UNKNOWN, id_, shop)]
    return [*found, *qualification.of(shop, offering, line.more, renewed=line.renews)]


def _around(shop: Shop, sold_as: str | None, has: Has | None) -> Shop:
    """The same with that installed, too, or without the product that it would end or replace."""
    known: Mapping[str, Any] = shop.sale.facts.known
    there: frozenset[str] = known.get(INSTALLED, frozenset())
    if has and has.staying is not None:
        told = {offer.STAYING: has.staying}
    elif sold_as is not None:
        told = {INSTALLED: there | {sold_as}, offer.STAYING: known.get(offer.STAYING, there) | {sold_as}}
    else:
        return shop
    facts = Facts({**known, **told}, shop.sale.facts.held)
    return shop._replace(sale=replace(shop.sale, facts=facts))


def _barred(code: str, words_: Json, id_: str, shop: Shop) -> Rule:
    return Rule(code, shop.catalog.text(words_, shop.sale.language).format(id_), holds=False)


def _expanded(item: Json, asked: Json, shop: Shop) -> Iterator[Json]:
    """An answer for each offering of the category, or of all; at most ITEMS."""
    category = (item.get("category") or asked.get("category") or {}).get("id")
    if _only_available(asked):
        found = ((each["id"], rules) for each, rules in qualification.qualifying(shop, category))
    else:
        found = ((each["id"], qualification.of(shop, each)) for each in qualification.shown(shop, category))
    begin = f"{item['id']}." if item.get("id") else ""
    for n, (id_, rules) in enumerate(islice(found, ITEMS), start=1):
        yield {**item, "id": f"{begin}{n}", **_answer(id_, rules, asked, shop)}


def _answer(id_: str | None, rules: list[Rule], asked: Json, shop: Shop) -> Json:
    answer: Json = {"state": "done", "qualificationItemResult": "qualified" if qualifies(rules) else "unqualified"}
    offering = shop.catalog.offering(id_ or "")
    if id_ is not None:
        answer["productOffering"] = offered(shop, id_, offering)
    if not qualifies(rules):
        if asked.get("provideUnavailabilityReason", True):
            answer["eligibilityUnavailabilityReason"] = [
                {"code": rule.code, "label": rule.label} for rule in rules if not rule.holds
            ]
        if asked.get("provideAlternative") and offering:
            answer |= _alternate(shop, offering)
    told = [rule for rule in rules if rule.holds or asked.get("explain")]
    answer["qualificationRule"] = [rule_told(shop, rule) for rule in told]
    return answer


def _alternate(shop: Shop, offering: Json) -> Json:
    found = qualification.alternatives(shop, offering, ALTERNATIVES)
    proposals = [
        {"id": str(n), "alternateProductOffering": offered(shop, each["id"], each)}
        for n, each in enumerate(found, start=1)
    ]
    if not proposals:
        return {}
    return {"qualificationItemResult": "alternate", "alternateProductOfferingProposal": proposals}


def offered(shop: Shop, id_: str, offering: Json | None) -> Json:
    """A reference to an offering, by its name where there is one."""
    name = {"name": shop.catalog.text(offering["name"], shop.sale.language)} if offering else {}
    return ref(id_, tmf.href("productOffering", id_), "ProductOffering", **name)


def rule_told(shop: Shop, rule: Rule) -> Json:
    """A rule with what would unlock it, each way as a sentence and as criteria."""
    told: Json = {"rule": RULES[rule.code], "label": rule.label, "holds": rule.holds}
    if rule.ways:
        told["unlock"] = phrases.unlocks(shop.catalog, rule.ways, shop.sale.language, currency=shop.sale.currency)
    return told
