"""Random circumstances of a sale: what is known about it, and predicates that ask for this and more.

Every parameter and operator comes up; many criteria ask for what is the case, so that predicates hold often.
"""

from random import Random

from tests.price.facts import COMPARE, NUMBERS, SETS, Facts, Json

CATEGORIES = ("mobile", "fibre", "tv")
SEGMENTS = ("young", "loyal")
TURNS = ("2026-02-28T23:00:00+00:00", "2026-03-01T00:00:00+01:00", "2026-03-29T02:30:00+01:00", "2026-12-31T00:00:00Z")
MOMENTS = (*TURNS, "2026-02-28T22:59:59.999999+00:00", "2026-06-15T12:00:00Z", "2027-01-01T04:59:59Z")
WORDS: dict[str, tuple[str, ...]] = {
    "channel": ("web", "shop", "callcentre"),
    "partner": ("north", "harbour", "rival"),
    "customer.kind": ("consumer", "business"),
    "customer.tariff": ("old", "Old", "new"),
    "place.postcode": ("10115", "8001", "80331"),
    "place.city": ("Berlin", "Zürich"),
    "place.stateOrProvince": ("BE", "ZH"),
    "place.country": ("DE", "CH"),
    "date": ("2026-02-28", "2026-03-01", "2026-06-15", "2026-12-31"),
    "installed.offering": ("o1", "o2", "gone"),
    "installed.category": CATEGORIES,
    "cart.offering": ("o1", "o2", "o3"),
    "cart.category": CATEGORIES,
    "campaign": ("spring", "letter"),
    "segment": SEGMENTS,
    "installed.count": ("0", "1", "2.0", "10"),
    "cart.quantity": ("1", "2", "3", "10"),
    "cart.oneTime": ("0", "10.00", "29.95", "100"),
    "cart.recurring": ("0.00", "9.90", "30", "100"),
    "quantity": ("1", "2", "3", "10"),
    "tenure": ("0", "9", "12", "24"),
}
GIVEN = [
    name
    for name in WORDS
    if not name.startswith("cart.") and name not in ("channel", "partner", "date", "quantity", "segment")
]


def context(random: Random) -> Facts:
    facts: Facts = {"asOf": random.choice(MOMENTS), "channel": random.choice(WORDS["channel"])}
    if random.random() < 0.3:
        facts["seller"] = random.choice(WORDS["partner"])
    if random.random() < 0.6:
        facts["currency"] = random.choice(("EUR", "CHF"))
    for name in GIVEN:
        if random.random() < 0.7:
            several = set(random.sample(WORDS[name], random.randint(0, 2)))
            facts[name] = several if name in SETS else random.choice(WORDS[name])
    return facts


def predicate(random: Random, facts: Facts, *, often: float, segments: bool = True) -> Json:
    """Empty, and so always true, as `often` as that."""
    if random.random() < often:
        return random.choice(({}, {"criteriaGroup": []}))
    groups = [
        {
            **_joined(random, "criteriaLogicalRelationship"),
            "criteria": [_criterion(random, facts, segments=segments) for _ in range(random.choice((1, 1, 2, 3)))],
        }
        for _ in range(random.choice((1, 1, 1, 2)))
    ]
    return {**_joined(random, "criteriaGroupLogicalRelationship"), "criteriaGroup": groups}


def _joined(random: Random, name: str) -> Json:
    return random.choice(({}, {name: "AND"}, {name: "OR"}))


def _criterion(random: Random, facts: Facts, *, segments: bool) -> Json:
    name = random.choice([name for name in WORDS if segments or name != "segment"])
    ordered = name in NUMBERS or name in ("place.postcode", "date")
    sign, value = random.choice([*COMPARE] if ordered else ["=", "<>"]), random.choice(WORDS[name])
    if name in facts and random.random() < 0.5:
        known = facts[name]
        sign, value = "=", random.choice(sorted(known) or ["none"]) if name in SETS else known
    return {"criteriaParameter": name, "criteriaOperator": sign, "criteriaValue": value}


def life(random: Random, *, ended: float = 0.1) -> Json:
    """Now and then not on sale: not yet, no longer, or of another status."""
    if random.random() >= ended:
        return {"lifecycleStatus": random.choice(("Active", "Active", "Launched"))} | random.choice(
            ({}, {"validFor": {}}, {"validFor": {"startDateTime": "2020-01-01T00:00:00Z"}})
        )
    status = random.choice(("Active", "Active", "Active", "Retired", "In test", "Obsolete"))
    return {
        "lifecycleStatus": status,
        "validFor": {random.choice(("startDateTime", "endDateTime")): random.choice(TURNS)},
    }
