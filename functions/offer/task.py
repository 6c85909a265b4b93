"""TMF679's question and answer: of each item, or each offering it stands for, whether the sale may have it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from functions.catalog import phrases
from functions.catalog.rule import Facts
from functions.offer import qualification
from functions.offer.qualification import Rule, Shop, qualifies
from functions.shared import tmf
from functions.shared.resource import Json, ref

ITEMS = 100  # offerings that are answered for an item that names none
ALTERNATIVES = 3
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
}


def answered(
    asked: Json, shop: Shop, products: Mapping[str, str | None], losing: Mapping[str, list[Json]] | None = None
) -> Json:
    """The question with its answers; `products` are the installed products it names, with what each was sold as.

    A product that is None there is not the customer's. `losing` is what a change of terms would cost each.
    """
    items = asked.get("productOfferingQualificationItem") or [{}]
    found = [{**each, **_losing(item, losing or {})} for item in items for each in _item(item, asked, shop, products)]
    shown = [each for each in found if each["qualificationItemResult"] == "qualified" or not _only_available(asked)]
    return {
        **asked,
        "channel": {"id": shop.sale.channel},
        "productOfferingQualificationItem": shown,
        "qualificationResult": _result([each["qualificationItemResult"] for each in found]),
        "state": "done",
    }


def _losing(item: Json, losing: Mapping[str, list[Json]]) -> Json:
    lost = losing.get((item.get("product") or {}).get("id") or "")
    return {"losing": lost} if lost else {}


def _only_available(asked: Json) -> bool:
    return bool(asked.get("provideOnlyAvailable"))


def _result(results: list[str]) -> str:
    """green: all of it; yellow: some of it, or something instead; red: nothing."""
    if results and all(each == "qualified" for each in results):
        return "green"
    return "red" if all(each == "unqualified" for each in results) else "yellow"


def _item(item: Json, asked: Json, shop: Shop, products: Mapping[str, str | None]) -> Iterator[Json]:
    product = item.get("product") or {}
    sold_as = products.get(product.get("id", "")) or (product.get("productOffering") or {}).get("id")
    shop = _having(shop, sold_as)
    id_ = (item.get("productOffering") or {}).get("id") or sold_as
    if id_ is None and "id" not in product:
        yield from _expanded(item, asked, shop)
        return
    theirs = product.get("id") is None or products.get(product["id"]) is not None
    found = [] if theirs else [_barred("productUnknown", phrases.NOT_THEIRS, product["id"], shop)]
    if id_ is not None:
        offering = shop.catalog.offering(id_)
        more = (
            qualification.of(shop, offering) if offering else [_barred("unknownOffering", phrases.UNKNOWN, id_, shop)]
        )
        found += more
    yield {**item, **_answer(id_, found, asked, shop)}


def _having(shop: Shop, sold_as: str | None) -> Shop:
    """The same where that is installed, too."""
    if sold_as is None:
        return shop
    known = shop.sale.facts.known
    installed: Any = known.get("installed.offering") or frozenset()
    facts = Facts({**known, "installed.offering": installed | {sold_as}}, shop.sale.facts.held)
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
