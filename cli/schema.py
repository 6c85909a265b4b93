"""The JSON Schema of what business people write, by which an editor completes and marks it: telco/catalog.schema.json.

    python -m cli.schema > telco/catalog.schema.json

It holds for one file: what another file says (an id that is named, the brand's languages) only the compiler knows.
"""

import json
import sys

from cli import choices, prices, promotions
from cli.criteria import CUSTOMERS
from cli.facts import CHANNELS, ENDED_EARLY, NAME, Json
from cli.partners import ALL
from cli.shapes import (
    DIGITS,
    FLAG,
    IDENTS,
    LIFE,
    SCALAR,
    SPAN,
    TEXT,
    TOLD,
    WHEN,
    WHOLE,
    WORDS,
    by_id,
    definitions,
    entry,
    one,
    only_with,
    said,
    several,
)
from cli.telco import RELATIONSHIPS, REQUIREMENTS, VALUE_TYPES
from functions.catalog.tax import KEEPS

KEPT = said("what of a price stays the same under another tax", {"enum": [*KEEPS]})


def _price(more: Json) -> Json:
    recurring = [kind for kind, (_, period) in prices.KINDS.items() if period]
    fields = {
        **more,
        **{kind: one("number") for kind in prices.KINDS},
        "name": WORDS,
        "every": said("each so many periods", WHOLE),
        "currency": one("currency"),
        "per": said("what usage is counted in, such as GB or 100 MB", TEXT),
        "tiers": said("from how many units on one costs how much", by_id(one("number"), DIGITS)),
        "tax": said("one of the brand's rates", TEXT),
        "net": said("whether tax comes on top", FLAG),
        "keeps": KEPT,
        "negotiable": said("whether single customers may have one of their own", FLAG),
        "due": {"enum": [*prices.DUE]},
        "priceList": TEXT,
        "replaces": TEXT,
        **LIFE,
    }
    rules = [only_with("every", recurring), only_with("tiers", ["usage"]), only_with("per", ["usage"])]
    rules += [only_with("usage", ["per"]), only_with("replaces", ["priceList"])]
    if not more:
        rules.append(only_with("priceList", ["replaces"]))
    return entry([], fields, oneOf=[{"required": [kind]} for kind in prices.KINDS], allOf=rules)


def _brand() -> Json:
    names = {"type": "object", "additionalProperties": WORDS}
    step = {"type": ["number", "string"], "exclusiveMinimum": 0, "pattern": rf"^(?!0*(\.0*)?$){DIGITS}$"}
    price_rise = entry(
        ["noticeDays", "withinTerm"], {"noticeDays": one("whole"), "withinTerm": {"enum": ["excluded", "included"]}}
    )
    fields = {
        "id": TEXT,
        **TOLD,
        "market": TEXT,
        "currency": one("currency"),
        "currencies": several(one("currency")),
        "rounding": said("the step amounts are rounded to", by_id(step, "[A-Z]{3}")),
        "billsInAdvance": said("yes: a bill takes the period to come", FLAG),
        "priceRise": said("how a price of what is sold already may rise", price_rise),
        "timeZone": {"type": "string", "examples": ["Europe/Berlin"]},
        "languages": several(TEXT),
        "channels": several({"enum": [*CHANNELS]}),
        "channelGroups": {"type": "object", "additionalProperties": several({"enum": [*CHANNELS]})},
        "tax": {"type": "object", "additionalProperties": one("number")},
        "keeps": KEPT,
        "texts": names,
        **LIFE,
    }
    return entry([], fields)


def _characteristic() -> Json:
    kinds = {"enum": [*VALUE_TYPES]}
    return entry(["label"], {"label": WORDS, "type": kinds, "unit": TEXT, "pattern": {"type": "string"}})


def _specification() -> Json:
    asked = {"anyOf": [{"enum": ["asked", "asked if wanted"]}, {**SCALAR, "pattern": r"^(?!asked).*\S"}]}
    values = several(SCALAR)
    bounds = {"from": one("number"), "to": one("number")}
    chosen = entry([], {"choose": values, "usual": values, **bounds, "least": one("count"), "most": one("count")})
    chosen["anyOf"] = [{"required": [word]} for word in ("choose", "from", "to")]
    listed = {"type": "array", "items": SCALAR, "minItems": 1}
    characteristics = by_id({"anyOf": [asked, listed, chosen]}, NAME.pattern)
    following = by_id(values, NAME.pattern)
    rule = entry(["when"], {"when": {**following, "minProperties": 1, "maxProperties": 1}, "of": TEXT})
    rule["properties"] |= dict.fromkeys(choices.RELATIONS, following)
    rule["anyOf"] = [{"required": [kind]} for kind in choices.RELATIONS]
    fields = {**TOLD, "maker": TEXT, "number": SCALAR, "characteristics": characteristics}
    return entry(["name"], {**fields, "rules": said("what follows from a choice", several(rule)), **LIFE})


def _parts() -> Json:
    """Offers inside a bundle, each with how many of it there may be, where that is not one."""
    counts = dict.fromkeys(("least", "most", "usual"), one("count"))
    part = entry([], {**counts, **dict.fromkeys(choices.RELATIONS, IDENTS)})
    named = {**by_id(part), "minProperties": 1, "maxProperties": 1}
    return several({"anyOf": [one("id"), named]})


def _offering() -> Json:
    dated = {"type": "object", "additionalProperties": entry([], SPAN), "minProperties": 1}
    counts = dict.fromkeys(("least", "most"), one("count"))
    choice = entry(["name", "of"], {"name": WORDS, "of": one("parts"), "usual": IDENTS, **counts})
    fee = {**entry([], dict.fromkeys(ENDED_EARLY, one("number"))), "minProperties": 1, "maxProperties": 1}
    term = entry(["months"], {"months": WHOLE, "name": WORDS, "endedEarly": said("what ending it early costs", fee)})
    fields = {
        **TOLD,
        "category": IDENTS,
        "specification": TEXT,
        "channels": several({"anyOf": [one("channel"), dated]}),
        "bundles": said("what is always in it", one("parts")),
        "optional": said("what may be in it", one("parts")),
        "choices": said(
            "what one chooses from", {"type": "object", "additionalProperties": choice, "minProperties": 1}
        ),
        "sellable": said("no: only inside a bundle", FLAG),
        "term": {"anyOf": [WHOLE, term]},
        "prices": several({"anyOf": [TEXT, one("offeredPrice")]}),
        **dict.fromkeys(RELATIONSHIPS, IDENTS),
        "needs": several({"enum": [*REQUIREMENTS]}),
        "segments": said("whom it is meant for", IDENTS),
        "announced": said("from when it is shown, before anybody can order it", one("moment")),
        "preorder": said("from when it can be ordered ahead of its sale", one("moment")),
        "endOfLife": said("the last day on which who has it can change it", one("moment")),
        "provider": said("the partner whose it is", TEXT),
        "eligibility": said("who may buy it", by_id(entry(["sentence", "when"], {"sentence": WORDS, **WHEN}))),
        **LIFE,
    }
    needed = ["name", "description", "category", "channels"]
    return entry(
        needed, fields, anyOf=[{"required": [each]} for each in ("specification", "bundles", "optional", "choices")]
    )


def _promotion() -> Json:
    reduced = {kind: period for kind, (_, period) in prices.KINDS.items() if kind != "usage"}
    lasting = [
        {
            "if": {"required": [f"{period}s"]},
            "then": {"properties": {"reduces": {"enum": [kind for kind in reduced if reduced[kind] == period]}}},
        }
        for period in promotions.PERIODS
    ]
    fields = {
        **TOLD,
        "channels": several(one("channel")),
        "segments": said("for whom: one of these", IDENTS),
        **WHEN,
        **dict.fromkeys(promotions.REACHED, IDENTS),
        "reduces": {"enum": [*reduced]},
        "percent": one("percent"),
        "amount": said("so much less", one("number")),
        "price": said("so much instead", one("number")),
        "currency": one("currency"),
        **{f"{period}s": WHOLE for period in promotions.PERIODS},
        "group": said("of one group a cart gets at most one", TEXT),
        "stacks": said("how many may meet on a price", WHOLE),
        "priority": said("the smaller, the stronger", WHOLE),
        "together": said("taken off all these prices together", FLAG),
        **LIFE,
    }
    needed = ["name", "description", "channels", "reduces"]
    one_of = [{"required": [word]} for word in promotions.ACTIONS]
    any_of = [{"required": [key]} for key in promotions.REACHED]
    return entry(needed, fields, oneOf=one_of, anyOf=any_of, allOf=lasting)


def schema() -> Json:
    """The schema of one file of a brand."""
    rate = {
        "category": TEXT,
        "rate": one("number"),
        **{key: {"type": ["string", "integer"]} if key == "postcode" else TEXT for key in prices.PLACED},
        "keeps": KEPT,
        "customer": {"enum": [*CUSTOMERS]},
    }
    lists = {"name": WORDS, "description": WORDS, "priority": WHOLE, **WHEN, **LIFE}
    named = entry([], {"categories": IDENTS, "offerings": IDENTS}, minProperties=1)
    sold = {"anyOf": [{"const": ALL}, named]}
    sections = {
        "brand": _brand(),
        "categories": by_id(entry(["name", "description"], {**TOLD, "parent": TEXT, **LIFE})),
        "characteristics": by_id(_characteristic(), NAME.pattern),
        "specifications": by_id(_specification()),
        "segments": by_id(entry(["name", "when"], {**TOLD, **WHEN, **LIFE})),
        "priceLists": by_id(entry(["name", "when"], lists)),
        "taxRates": by_id(entry(["category", "rate"], {**rate, **SPAN})),
        "partners": by_id(entry(["name", "sells"], {**TOLD, "parent": TEXT, "sells": sold, **LIFE})),
        "prices": by_id(one("price")),
        "offerings": by_id(_offering()),
        "promotions": by_id(_promotion()),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What an Omnihub brand sells",
        **entry([], sections),
        "$defs": {"offeredPrice": _price({"id": one("id")}), "parts": _parts(), "price": _price({}), **definitions()},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n")
