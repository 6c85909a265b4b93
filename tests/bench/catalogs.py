"""Catalogs of any size, the same every time: offerings in channels and categories, with prices and promotions."""

from collections.abc import Iterator
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
CHANNELS = ("web", "shop", "callcentre", "kiosk", "mobile", "selfcare", "iptv", "partner")
LAUNCHES = ("2025-01-01", "2025-04-01", "2025-09-15", "2026-01-01", "2031-01-01")
MAKERS = ("Aurora", "Fjord", "Pebble", "Veltrin", "Kestrel", "Solano", "Merino", "Quarzo", "Halden", "Ostara")
SORTS = {
    "de": ("Tarif", "Hülle", "Ladegerät", "Router", "Kopfhörer", "Fernseher", "Datenpaket", "Glasfaser"),
    "en": ("Plan", "Case", "Charger", "Router", "Headphones", "Television", "Data pack", "Fibre"),
}
COLOURS = {"de": ("schwarz", "blau", "silber", "rot"), "en": ("black", "blue", "silver", "red")}


def content(offerings: int) -> Json:
    """A version of a catalog with so many offerings, half as many prices again, and a promotion for every 500."""
    chance = Random(offerings)
    categories = max(offerings // 100, 5)
    held = [_offering(number, categories, chance) for number in range(offerings)]
    return {
        **FACTS,
        "catalog": [_told("all", "Alles", "Everything")],
        "category": [
            {**_told(f"category-{n}", f"Gruppe {n}", f"Group {n}"), "isRoot": True} for n in range(categories)
        ],
        "productOffering": held,
        "productOfferingPrice": [_price(each["id"], chance) for one in held for each in one["productOfferingPrice"]],
        "productSpecification": [_specification(number) for number in range(max(offerings // 10, 1))],
        "promotion": [_promotion(number, offerings, categories) for number in range(max(offerings // 500, 2))],
    }


def asked_for(offerings: int) -> Iterator[str]:
    """The ids of offerings that somebody may look up, without end."""
    chance = Random(1)
    while True:
        yield _id(chance.randrange(offerings))


def _id(number: int) -> str:
    return f"offer-{number:06d}"


def _told(id_: str, german: str, english: str) -> Json:
    return {
        "id": id_,
        "name": {"de": german, "en": english},
        "lifecycleStatus": "Active",
        "validFor": {"startDateTime": "2025-01-01T00:00:00+01:00"},
        "version": "1.0",
    }


def _offering(number: int, categories: int, chance: Random) -> Json:
    which, maker, colour = chance.randrange(8), chance.choice(MAKERS), chance.randrange(4)
    size = f"{chance.randrange(1, 100)} {chance.choice(('S', 'M', 'L', 'Pro', 'Max', 'GB'))}"
    said = {lang: f"{SORTS[lang][which]} {maker} {size} {COLOURS[lang][colour]}" for lang in ("de", "en")}
    prices = [f"{_id(number)}-once"] + [f"{_id(number)}-monthly"] * (number % 2)
    return {
        **_told(_id(number), said["de"], said["en"]),
        "description": {
            "de": f"{said['de']}: in zwei Tagen da, mit {number % 36} Monaten Garantie und Rückgabe in jedem Laden.",
            "en": f"{said['en']}: there in two days, with {number % 36} months of warranty, returned in any shop.",
        },
        "lifecycleStatus": "Retired" if number % 50 == 49 else "Active",
        "isBundle": number % 20 == 0,
        "isSellable": number % 25 != 24,
        "category": [{"id": f"category-{chance.randrange(categories)}"}],
        "channel": [{"id": channel} for channel in CHANNELS if chance.random() < 0.7 or channel == "web"],
        "productSpecification": {"id": f"specification-{number // 10}"},
        "productOfferingPrice": [{"id": price} for price in prices],
        "productOfferingTerm": [{"name": {"de": "24 Monate", "en": "24 months"}, "duration": {"amount": 24}}],
        "validFor": {"startDateTime": f"{chance.choice(LAUNCHES)}T00:00:00+01:00"},
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


def _specification(number: int) -> Json:
    values = [{"value": f"{size} GB", "isDefault": not index} for index, size in enumerate((64, 128, 256))]
    return {
        **_told(f"specification-{number}", f"Gerät {number}", f"Device {number}"),
        "productSpecCharacteristic": [
            {
                "id": name,
                "name": name,
                "description": {"de": "Speicher", "en": "Memory"},
                "valueType": "string",
                "minCardinality": 1,
                "maxCardinality": 1,
                "productSpecCharacteristicValue": values,
            }
            for name in ("memory", "storage")
        ],
    }


def _promotion(number: int, offerings: int, categories: int) -> Json:
    """Every second is on a category, the others on some offerings; each in some channels only."""
    named = [{"id": f"category-{number % categories}", "@referredType": "Category"}]
    if number % 2:
        named = [{"id": _id(n * 37 % offerings), "@referredType": "ProductOffering"} for n in range(number, number + 9)]
    criteria = [
        {"criteriaParameter": "channel", "criteriaOperator": "=", "criteriaValue": channel}
        for channel in CHANNELS[number % 4 : number % 4 + 3]
    ]
    action = {"actionType": "percentage", "actionValue": "10", "priceType": "recurring", "applicationDuration": 6}
    group = {"criteriaLogicalRelationship": "OR", "criteria": criteria}
    return {
        **_told(f"promotion-{number}", f"Aktion {number}", f"Promotion {number}"),
        "promotionType": "Discount",
        "pattern": [{"id": "1", "priority": 1, "criteriaGroup": [group], "action": [{**action, "appliesTo": named}]}],
    }
