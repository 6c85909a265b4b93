"""Random taxes of a catalog, prices with tax, without it, or with none, and what is one customer's own."""

from random import Random

from tests.price.circumstances import TURNS, WORDS
from tests.price.facts import Facts, Json

USUAL = {"standard": "19", "reduced": "7.7"}
RATES = ("0", "0", "7", "8.1", "20", "100")
NAMED = {
    "postcode": "place.postcode",
    "city": "place.city",
    "stateOrProvince": "place.stateOrProvince",
    "country": "place.country",
    "customerKind": "customer.kind",
}
OWN = ("0.00", "1.00", "4.95", "10.00", "19.90")
KEEPS = (None, None, "gross", "net")


def own_prices(random: Random, prices: list[Json]) -> dict[str, str]:
    """What some of these prices cost one customer, whether or not they are negotiable."""
    return {price["id"]: random.choice(OWN) for price in prices if "priceList" not in price and random.random() < 0.3}


def taxes(random: Random, prices: list[Json], facts: Facts) -> Json:
    """What a brand says of taxes; these prices are given theirs, the same usual rate for all of a category."""
    for price in prices:
        if category := random.choice((None, "standard", "standard", "standard", "reduced")):
            price["tax"] = [{"taxCategory": category, "taxRate": USUAL[category]}]
            price |= random.choice(({}, {}, {"taxIncluded": True}, {"taxIncluded": False}, {"taxIncluded": False}))
        price |= _keeps(random, "taxKeeps")
        if "priceList" not in price and random.random() < 0.3:
            price["negotiable"] = True
    rates = [_rate(random, name, facts) for name in random.sample("rstuvw", random.choice((0, 1, 2, 4, 6)))]
    return {"taxRate": rates, **_keeps(random, "taxKeeps")}


def _keeps(random: Random, name: str) -> Json:
    kept = random.choice(KEEPS)
    return {name: kept} if kept else {}


def _rate(random: Random, ident: str, facts: Facts) -> Json:
    names = random.sample([*NAMED], random.choice((0, 1, 1, 2, 2, 3)))
    return {
        "id": ident,
        "taxCategory": random.choice(("standard", "standard", "reduced")),
        "taxRate": random.choice(RATES),
        **{name: _value(random, NAMED[name], facts) for name in names},
        **_keeps(random, "keeps"),
        **random.choice(({}, {}, {}, {"validFor": {random.choice(("startDateTime", "endDateTime")): TURNS[1]}})),
    }


def _value(random: Random, parameter: str, facts: Facts) -> str:
    """Often what is the case."""
    if parameter in facts and random.random() < 0.8:
        return str(facts[parameter])
    return random.choice(WORDS[parameter])
