"""Random catalogs and carts that reach the corners of the semantics, each small enough to be priced by brute force.

`case(Random(seed))` is fast, and the same for the same seed; `cases` is a Hypothesis strategy over it, which shrinks.
Amounts are taken from few, so that savings tie often; all are whole steps of their currency.
"""

from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.price.circumstances import CATEGORIES, SEGMENTS, context, life, predicate
from tests.price.facts import Facts, Json
from tests.price.taxation import own_prices, taxes

OFFERINGS = ("o1", "o2", "o3", "o4")
BASES = {
    "EUR": ("4.99", "9.99", "10.00", "19.99", "20.00", "33.33", "0.01", "0.00"),
    "CHF": ("4.95", "9.90", "10.00", "20.05", "20.00", "33.35", "0.05", "0.00"),
}
OFF = ("1.00", "2.00", "5.00", "5.00", "9.95", "10.00", "0.05", "30.00", "100.00")
PERCENTAGES = ("5", "10", "10", "50", "50", "100", "33.3", "12.5")
PERIODS = (("month", None),) * 8 + (
    ("month", 1),
    ("month", 3),
    ("year", None),
    ("week", 4),
    ("day", 30),
    ("week", None),
)
SHORT = ("month", "year")


@dataclass(frozen=True)
class Case:
    content: Json
    lines: list[Json]
    context: Facts


@dataclass(frozen=True)
class Setting:
    """What a promotion may ask for and name."""

    facts: Facts
    offerings: list[str]
    prices: list[Json]


def case(random: Random) -> Case:
    facts = context(random)
    prices: list[Json] = []
    lists = [_price_list(random, name, facts) for name in ("k1", "k2") if random.random() < 0.3]
    offerings = [_offering(random, name, prices) for name in OFFERINGS[: random.randint(1, 4)]]
    for price_list in lists:
        for listed in [price for price in prices if "priceList" not in price and random.random() < 0.5]:
            prices.append(_in_a_list(random, listed, price_list["id"]))
    for offering in offerings:
        named = [reference["id"] for reference in offering["productOfferingPrice"]]
        replacing = [p["id"] for p in prices if "priceList" in p and p["popRelationship"][0]["id"] in named]
        offering["productOfferingPrice"] += [{"id": ident} for ident in replacing if random.random() < 0.5]
    setting = Setting(facts, [offering["id"] for offering in offerings], prices)
    promotions = random.sample("abcdefgh", random.choice((1, 2, 3, 4, 6, 8)))
    content = {
        "brand": "nova",
        "market": "somewhere",
        "currency": random.choice(("EUR", "EUR", "CHF")),
        "currencies": ["EUR", "CHF"],
        "timeZone": random.choice(("Europe/Berlin", "Europe/Zurich", "America/New_York")),
        "languages": ["en"],
        "rounding": random.choice(({"CHF": "0.05"}, {"CHF": "0.05", "EUR": "0.01"}, {"CHF": "0.05"})),
        "catalog": [],
        "category": [{"id": name, "name": {"en": name}, "lifecycleStatus": "Active"} for name in CATEGORIES],
        "productSpecification": [],
        "productOffering": offerings,
        "productOfferingPrice": prices,
        "promotion": [_promotion(random, name, setting) for name in promotions],
        "segment": [_segment(random, name, facts) for name in SEGMENTS if random.random() < 0.6],
        "priceList": lists,
        "partner": [
            {**_told(name), "lifecycleStatus": "Active", "everything": True, **above}
            for name, above in (("harbour", {"parentId": "north"}), ("north", {}), ("rival", {}))
        ],
    }
    idents = _few(random, ("l1", "l2", "l10", "l3"), (1, 2, 2, 3, 4))
    lines = [_line(random, ident, setting.offerings) for ident in idents]
    content |= taxes(random, prices, facts)
    facts |= {"own": own_prices(random, prices)}
    others = sorted({*setting.offerings} - {line["offering"] for line in lines}) or setting.offerings
    for line in lines:
        if random.random() < 0.5:
            line["holds"] = [random.choice(others)]
    return Case(content, lines, facts)


cases = st.builds(case, st.randoms(use_true_random=False))


def shuffled(given: Case, random: Random) -> Case:
    """The same case with every list in it in another order; none of them has one that means something."""

    def shuffle(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffle(each) for key, each in random.sample(list(value.items()), len(value))}
        if isinstance(value, list):
            return [shuffle(each) for each in random.sample(value, len(value))]
        return value

    return Case(shuffle(given.content), shuffle(given.lines), given.context)


def _few(random: Random, among: tuple[str, ...], counts: tuple[int, ...]) -> list[str]:
    return random.sample(among, random.choice(counts))


def _told(ident: str) -> Json:
    return {"id": ident, "name": {"en": ident}, "description": {"en": ident}}


def _line(random: Random, ident: str, offerings: list[str]) -> Json:
    return {"id": ident, "offering": random.choice(offerings), "quantity": random.choice((1, 1, 1, 2, 3, 10, 99))}


def _offering(random: Random, ident: str, prices: list[Json]) -> Json:
    named = []
    kinds = random.choice((("recurring",), ("oneTime",), ("recurring", "oneTime"), ("recurring", "oneTime", "usage")))
    for kind in kinds:
        period = _period(random) if kind == "recurring" else {}
        for currency in random.choice((("EUR", "CHF"), ("EUR", "CHF"), ("EUR", "CHF"), ("EUR",), ("CHF",))):
            name = f"{ident}-{kind}-{currency}"
            prices.append(_price(random, name, currency, {"priceType": kind, **period}))
            named.append({"id": name})
    terms = random.choice(((), (), (), (1,), (2,), (6,), (12,), (24,), (6, 18)))
    return {
        **_told(ident),
        **life(random, ended=0),
        "category": [{"id": name} for name in _few(random, CATEGORIES, (0, 1, 1, 2))],
        "productOfferingPrice": named,
        "productOfferingTerm": [
            {"name": {"en": f"{term}"}, "duration": {"amount": term, "units": "month"}} for term in terms
        ],
    }


def _period(random: Random) -> Json:
    kind, length = random.choice(PERIODS)
    period: Json = {"recurringChargePeriodType": kind}
    return period if length is None else period | {"recurringChargePeriodLength": length}


def _price(random: Random, ident: str, currency: str, kind: Json) -> Json:
    amount = {"unit": currency, "value": random.choice(BASES[currency])}
    return {**_told(ident), **life(random, ended=0.04), **kind, "price": amount, "due": "onBill", "tax": []}


def _price_list(random: Random, ident: str, facts: Facts) -> Json:
    priority = random.choice((1, 1, 2))
    return {**_told(ident), **life(random), "priority": priority, **predicate(random, facts, often=0.4)}


def _in_a_list(random: Random, listed: Json, price_list: str) -> Json:
    currency = listed["price"]["unit"]
    kind = {name: value for name, value in listed.items() if name == "priceType" or name.startswith("recurring")}
    return {
        **_price(random, f"{random.choice('az')}-{price_list}-{listed['id']}", currency, kind),
        "priceList": price_list,
        "popRelationship": [{"id": listed["id"], "relationshipType": "replaces"}],
    }


def _segment(random: Random, ident: str, facts: Facts) -> Json:
    return {**_told(ident), **life(random), **predicate(random, facts, often=0.2, segments=False)}


def _promotion(random: Random, ident: str, setting: Setting) -> Json:
    group = random.choice((None, None, None, "g1", "g1", "g2"))
    limit = random.choice((None, 1, 2, 3, 3, 3))
    together = random.random() < 0.35  # then it has one pattern with one action
    patterns = random.sample(("first", "other", "third"), 1 if together else random.choice((1, 1, 1, 2, 3)))
    return {
        **_told(ident),
        **life(random),
        "promotionType": "Discount",
        **({"exclusivityGroup": group} if group else {}),
        **({"stackingLimit": limit} if limit else {}),
        "pattern": [_pattern(random, name, setting, together=together) for name in patterns],
    }


def _pattern(random: Random, ident: str, setting: Setting, *, together: bool) -> Json:
    actions = [
        _action(random, setting, together=together) for _ in range(1 if together else random.choice((1, 1, 1, 2, 3)))
    ]
    if len(actions) > 1:
        actions = [
            action | {"id": name} for action, name in zip(actions, random.sample("xyz", len(actions)), strict=True)
        ]
    return {
        "id": ident,
        **random.choice(({}, {"priority": 1}, {"priority": 1}, {"priority": 2}, {"priority": 3})),
        **random.choice(({}, {}, {}, {"validFor": {"endDateTime": "2026-06-15T12:00:00Z"}})),
        **predicate(random, setting.facts, often=0.75),
        "action": actions,
    }


def _action(random: Random, setting: Setting, *, together: bool) -> Json:
    kind = random.choice(("percentage", "percentage", "amount", "fixedPrice"))
    unit = random.choice((None, "EUR", "CHF", *[setting.facts.get("currency")] * 3))
    value = random.choice(PERCENTAGES if kind == "percentage" else OFF)
    return {
        "actionType": kind,
        "actionValue": value,
        **({"actionUnit": unit} if unit and kind != "percentage" else {}),
        "priceType": random.choice([p["priceType"] for p in setting.prices if p["priceType"] != "usage"]),
        **random.choice(({}, {}, {"applicationDuration": random.choice((1, 3, 12, random.randint(1, 30)))})),
        **({"scope": "together"} if together else random.choice(({}, {"scope": "each"}))),
        **_applies_to(random, setting),
    }


def _applies_to(random: Random, setting: Setting) -> Json:
    kind, ident = random.choice(
        (
            ("ProductOffering", random.choice(setting.offerings)),
            ("Category", random.choice(CATEGORIES)),
            ("ProductOfferingPrice", random.choice(setting.prices)["id"]),
        )
    )
    reference = {"id": ident, "@referredType": kind}
    more = {"id": random.choice(OFFERINGS), "@referredType": "ProductOffering"}
    return random.choice(
        (
            {},
            {},
            {},
            {},
            {"appliesTo": []},
            {"appliesTo": [reference]},
            {"appliesTo": [reference, more]},
            {"actionEntityRef": reference},
        )
    )
