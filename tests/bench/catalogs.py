"""Catalogs of any size, the same every time: offerings with rules, prices, bundles and promotions, all of them sound.

A shelf of twenty offerings is a bundle, what it may hold, what is sold in it alone, and one that is no longer sold.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any

Json = dict[str, Any]
FACTS: Json = {
    "brand": "nova",
    "market": "DE",
    "currency": "EUR",
    "timeZone": "Europe/Berlin",
    "languages": ["de", "en"],
}
SHELF = 20  # a catalog has a multiple of it
PROMOTIONS, SEGMENTS, PRICE_LISTS, PARTNERS = 200, 20, 10, 5  # whatever its size: what people maintain
CHANNELS = ("web", "shop", "callcentre", "kiosk", "mobile", "selfcare", "iptv", "partner")
LAUNCHES = ("2025-01-01", "2025-04-01", "2025-09-15", "2026-01-01", "2031-01-01")
MAKERS = ("Aurora", "Fjord", "Pebble", "Veltrin", "Kestrel", "Solano", "Merino", "Quarzo", "Halden", "Ostara")
SORTS = {
    "de": ("Tarif", "Hülle", "Ladegerät", "Router", "Kopfhörer", "Fernseher", "Datenpaket", "Glasfaser"),
    "en": ("Plan", "Case", "Charger", "Router", "Headphones", "Television", "Data pack", "Fibre"),
}
COLOURS = {"de": ("schwarz", "blau", "silber", "rot"), "en": ("black", "blue", "silver", "red")}
SINCE = "2025-01-01T00:00:00+01:00"


def content(offerings: int) -> Json:
    """A version of a catalog with so many offerings, and half as many prices again."""
    chance = Random(offerings)
    categories = max(offerings // 100, 5)
    held = [_offering(number, categories, chance) for number in range(offerings)]
    named = [each["id"] for one in held for each in one.get("productOfferingPrice", [])]
    usual = {id_: _price(id_, chance) for id_ in named}
    listed = [usual[each["id"]] for one in held[1::SHELF] for each in one["productOfferingPrice"]]
    return {
        **FACTS,
        "catalog": [_told("all", "Alles", "Everything")],
        "category": [
            {**_told(f"category-{n}", f"Gruppe {n}", f"Group {n}"), "isRoot": True} for n in range(categories)
        ],
        "productOffering": held,
        "productOfferingPrice": [*usual.values(), *map(_in_a_list, listed, cycle(range(PRICE_LISTS)))],
        "productSpecification": [_specification(number) for number in range(offerings // 10)],
        "promotion": [_promotion(number, offerings, categories) for number in range(PROMOTIONS)],
        "segment": [_segment(number) for number in range(SEGMENTS)],
        "priceList": [_price_list(number) for number in range(PRICE_LISTS)],
        "partner": [_partner(number, categories) for number in range(PARTNERS)],
        "taxRate": [{"id": "standard-de", "taxCategory": "standard", "taxRate": 19, "country": "DE"}],
    }


def asked_for(offerings: int) -> Iterator[str]:
    """The ids of offerings that somebody may look up, without end."""
    chance = Random(1)
    while True:
        yield _id(chance.randrange(offerings))


def chosen(offerings: int, lines: int) -> list[str]:
    """The ids of offerings for one cart, from all over the catalog; each is named by some promotions."""
    return [_named(number * 21 + 10, offerings) for number in range(lines)]


def _named(number: int, offerings: int) -> str:
    """The offering that promotions of about this number name."""
    return _id(number * 37 * SHELF % offerings + 1)


def _id(number: int) -> str:
    return f"offer-{number:06d}"


def _told(id_: str, german: str, english: str) -> Json:
    return {
        "id": id_,
        "name": {"de": german, "en": english},
        "lifecycleStatus": "Active",
        "validFor": {"startDateTime": SINCE},
        "version": "1.0",
    }


# --- what is sold ------------------------------------------------------------------------------------------------


def _offering(number: int, categories: int, chance: Random) -> Json:
    which, maker, colour = chance.randrange(8), chance.choice(MAKERS), chance.randrange(4)
    size = f"{chance.randrange(1, 100)} {chance.choice(('S', 'M', 'L', 'Pro', 'Max', 'GB'))}"
    said = {lang: f"{SORTS[lang][which]} {maker} {size} {COLOURS[lang][colour]}" for lang in ("de", "en")}
    prices = [f"{_id(number)}-once"] + [f"{_id(number)}-monthly"] * (number % 2)
    place = number % SHELF
    made = {
        **_told(_id(number), said["de"], said["en"]),
        "description": {
            "de": f"{said['de']}: in zwei Tagen da, mit {number % 36} Monaten Garantie und Rückgabe in jedem Laden.",
            "en": f"{said['en']}: there in two days, with {number % 36} months of warranty, returned in any shop.",
        },
        "lifecycleStatus": "Retired" if place == SHELF - 1 else "Active",
        "isBundle": place == 0,
        "isSellable": place != BUNDLED_ONLY,
        "category": [{"id": f"category-{chance.randrange(categories)}"}],
        "channel": [{"id": channel} for channel in CHANNELS if chance.random() < 0.7 or channel == "web"],
        "productSpecification": {"id": f"specification-{number // 10}"},
        "productOfferingPrice": [{"id": price} for price in prices],
        "productOfferingTerm": [
            {"name": {"de": "24 Monate", "en": "24 months"}, "duration": {"amount": 24, "units": "month"}}
        ],
        "validFor": {"startDateTime": f"{LAUNCHES[number // SHELF % len(LAUNCHES)]}T00:00:00+01:00"},
    }
    if place == 0:
        return _bundle(made, number)
    if place == EXCLUDING:
        related = {"id": _id(number - EXCLUDING + EXCLUDED), "relationshipType": "excludes"}
        made["productOfferingRelationship"] = [related]
    return {**made, "eligibility": [_eligibility(number, categories)]} if place == SHELF // 2 else made


EXCLUDING, BUNDLED_ONLY, GROUP = 2, 4, (5, 6, 7)  # places on a shelf
EXCLUDED = GROUP[1]


def _bundle(made: Json, number: int) -> Json:
    """One thing that is in it, two that may be, and one of three; every second costs what its parts cost."""
    may = {"numberRelOfferLowerLimit": 0, "numberRelOfferUpperLimit": 3}
    one = {"numberRelOfferLowerLimit": 1, "numberRelOfferUpperLimit": 1}
    usual = {"numberRelOfferLowerLimit": 0, "numberRelOfferUpperLimit": 1, "numberRelOfferDefault": 1}
    group: list[Json] = [{"id": _id(number + place)} for place in GROUP]
    group[0]["bundledProductOfferingOption"] = usual
    parts: Json = {
        "bundledProductOffering": [
            {"id": _id(number + 1)},
            *({"id": _id(number + n), "bundledProductOfferingOption": may} for n in (EXCLUDING, BUNDLED_ONLY)),
        ],
        "bundledGroupProductOffering": [
            {
                "id": "one",
                "name": {"de": "Eines davon", "en": "One of these"},
                "bundledGroupProductOfferingOption": one,
                "bundledProductOffering": group,
            }
        ],
    }
    by_parts = number // SHELF % 2
    return {**{name: value for name, value in made.items() if name != "productOfferingPrice" or not by_parts}, **parts}


def _eligibility(number: int, categories: int) -> Json:
    """One after the other: who is in a segment, lives somewhere, has something already, or is a customer for long."""
    asked = (
        _criterion("segment", "=", f"segment-{number // SHELF % SEGMENTS}"),
        _criterion("place.postcode", "<", "50000"),
        _criterion("installed.category", "=", f"category-{number % categories}"),
        _criterion("tenure", ">=", str(number % 24 + 1)),
    )[number // SHELF % 4]
    return {
        "id": "1",
        "name": {"de": "Nur für manche Kunden.", "en": "For some customers only."},
        "criteriaGroup": [{"criteria": [asked]}],
    }


def _price(id_: str, chance: Random) -> Json:
    made = {
        **_told(id_, "Monatlicher Preis", "Monthly price"),
        "priceType": "recurring",
        "recurringChargePeriodType": "month",
        "recurringChargePeriodLength": 1,
        "price": {"unit": "EUR", "value": f"{chance.randrange(100, 99_999) / 100:.2f}"},
        "tax": [{"taxCategory": "standard", "taxRate": 19}],
        "due": "onBill",
    }
    if id_.endswith("-monthly"):
        return made
    once = {name: value for name, value in made.items() if not name.startswith("recurring")}
    return {
        **once,
        "name": {"de": "Einmaliger Preis", "en": "One-time price"},
        "priceType": "oneTime",
        "due": "atOrder",
    }


def _in_a_list(price: Json, number: int) -> Json:
    """The same for those to whom a price list applies: a tenth of it."""
    replaced = {"id": price["id"], "relationshipType": "replaces"}
    return {
        **price,
        "id": f"{price['id']}-list-{number}",
        "price": {"unit": "EUR", "value": f"{Decimal(price['price']['value']) * 9 / 10:.2f}"},
        "priceList": f"list-{number}",
        "popRelationship": [replaced],
    }


def _specification(number: int) -> Json:
    values = [{"value": f"{size} GB", "isDefault": not index} for index, size in enumerate((64, 128, 256))]
    needs = {
        "relationshipType": "requires",
        "name": "storage",
        "value": ["256 GB"],
        "relatedValue": ["128 GB", "256 GB"],
    }
    return {
        **_told(f"specification-{number}", f"Gerät {number}", f"Device {number}"),
        "productSpecCharacteristic": [
            {
                "id": name,
                "name": name,
                "description": {"de": label, "en": name.capitalize()},
                "valueType": "string",
                "minCardinality": 1,
                "maxCardinality": 1,
                "productSpecCharacteristicValue": values,
                **({"productSpecCharRelationship": [needs]} if name == "memory" else {}),
            }
            for name, label in (("memory", "Arbeitsspeicher"), ("storage", "Speicher"))
        ],
    }


# --- the rules ---------------------------------------------------------------------------------------------------


def _criterion(parameter: str, operator: str, value: str) -> Json:
    return {"criteriaParameter": parameter, "criteriaOperator": operator, "criteriaValue": value}


def _segment(number: int) -> Json:
    criteria = [_criterion("customer.group", "=", f"group-{number}"), _criterion("tenure", ">=", str(number))]
    return {**_told(f"segment-{number}", f"Kreis {number}", f"Circle {number}"), "criteriaGroup": [_either(criteria)]}


def _price_list(number: int) -> Json:
    criteria = [_criterion("segment", "=", f"segment-{number * 2}")]
    told = _told(f"list-{number}", f"Preisliste {number}", f"Price list {number}")
    return {**told, "priority": number + 1, "criteriaGroup": [{"criteria": criteria}]}


def _partner(number: int, categories: int) -> Json:
    """One that sells what is of a category."""
    told = _told(f"partner-{number}", f"Händler {number}", f"Dealer {number}")
    return {**told, "category": [{"id": f"category-{number % categories}"}]}


def _promotion(number: int, offerings: int, categories: int) -> Json:
    """Every second is on a category, the others on some offerings; each in some channels, most asking for more."""
    named = [{"id": f"category-{number * 7 % categories}", "@referredType": "Category"}]
    if number % 2:
        shelves = range(number, number + 9)
        named = [{"id": _named(n, offerings), "@referredType": "ProductOffering"} for n in shelves]
    channels = [_criterion("channel", "=", channel) for channel in (*CHANNELS, *CHANNELS)[number % 8 : number % 8 + 5]]
    asked, stacks = _asked(number), number % 10 == 8
    told = _told(f"promotion-{number}", f"Aktion {number}", f"Promotion {number}")
    return {
        **told,
        "promotionType": "Discount",
        **({"stackingLimit": 2} if stacks else {"exclusivityGroup": f"group-{number % 7}"} if number % 5 == 0 else {}),
        "pattern": [
            {
                "id": "1",
                "priority": number + 100 if stacks else number % 10 + 1,
                "criteriaGroup": [_either(channels), *([{"criteria": asked}] if asked else [])],
                "action": [{**_action(number), "appliesTo": named}],
            }
        ],
    }


def _either(criteria: list[Json]) -> Json:
    return {"criteriaLogicalRelationship": "OR", "criteria": criteria}


def _asked(number: int) -> list[Json]:
    return [
        [],
        [_criterion("segment", "=", f"segment-{number % SEGMENTS}")],
        [_criterion("cart.quantity", ">=", str(number % 3 + 2))],
        [_criterion("date", ">=", "2026-01-01"), _criterion("date", "<=", "2030-12-31")],
        [_criterion("campaign", "=", f"campaign-{number}")],
    ][number % 5]


def _action(number: int) -> Json:
    kind = "recurring" if number % 3 else "oneTime"
    for_ = {"applicationDuration": 6} if kind == "recurring" else {}
    if number % 4 == 3:
        return {"actionType": "amount", "actionValue": "0.50", "actionUnit": "EUR", "priceType": kind, **for_}
    return {"actionType": "percentage", "actionValue": str(number % 3 * 5 + 5), "priceType": kind, **for_}
