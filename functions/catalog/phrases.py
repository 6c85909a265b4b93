"""How rules are put to people, in each language: what each says, and what would have to be true. Pure.

A sentence for every parameter and operator that a criterion may have is data here; a test asks for each of them.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from functions.catalog.catalog import Catalog
from functions.catalog.rule import Criterion
from functions.shared.locale import day, money
from functions.shared.resource import Json

# What the market's rules say of an offering where they hold, and where they do not.
MARKET: dict[str, tuple[Json, Json]] = {
    "notOnSale": (
        {"en": "It is on sale.", "de": "Es ist im Verkauf."},
        {"en": "It is not on sale.", "de": "Es ist nicht im Verkauf."},
    ),
    "notSoldAlone": (
        {"en": "It is sold by itself.", "de": "Es wird einzeln verkauft."},
        {"en": "It is sold only as a part of a bundle.", "de": "Es wird nur in einem Paket verkauft."},
    ),
    "notSoldHere": (
        {"en": "It is for sale in the channel {}.", "de": "Es wird im Kanal {} verkauft."},
        {"en": "It is not for sale in the channel {}.", "de": "Es wird im Kanal {} nicht verkauft."},
    ),
    "notInAssortment": (
        {"en": "It is in the partner's assortment.", "de": "Es ist im Sortiment des Partners."},
        {"en": "It is not in the partner's assortment.", "de": "Es ist nicht im Sortiment des Partners."},
    ),
}
UNKNOWN = {"en": "There is no offering {} in the catalog.", "de": "Ein Angebot {} gibt es im Katalog nicht."}
NOT_THEIRS = {"en": "The product {} is not installed at this customer.", "de": "Dieser Kunde hat das Produkt {} nicht."}
POSSIBLE = {"en": "Possible {}.", "de": "Möglich {}."}
AND = {"en": " and ", "de": " und "}

KINDS = {
    "consumer": {"en": "private customers", "de": "Privatkunden"},
    "business": {"en": "business customers", "de": "Geschäftskunden"},
}
# What is equal to a value, and what is not.
IS: dict[str, tuple[Json, Json]] = {
    "channel": (
        {"en": "in the channel {}", "de": "im Kanal {}"},
        {"en": "in another channel than {}", "de": "in einem anderen Kanal als {}"},
    ),
    "partner": (
        {"en": "bought from {}", "de": "beim Kauf bei {}"},
        {"en": "not bought from {}", "de": "nicht beim Kauf bei {}"},
    ),
    "segment": (
        {"en": "for customers of the segment {}", "de": "für Kunden des Segments {}"},
        {"en": "for customers outside the segment {}", "de": "für Kunden außerhalb des Segments {}"},
    ),
    "customer.kind": (
        {"en": "for {}", "de": "für {}"},
        {"en": "for all but {}", "de": "für alle außer {}"},
    ),
    "customer.": (
        {"en": "for customers of whom it says {name}: {}", "de": "für Kunden mit der Angabe {name}: {}"},
        {"en": "for customers of whom it does not say {name}: {}", "de": "für Kunden ohne die Angabe {name}: {}"},
    ),
    "place.": (
        {"en": "at an address in {}", "de": "an einer Adresse in {}"},
        {"en": "at an address outside {}", "de": "an einer Adresse außerhalb von {}"},
    ),
    "installed.offering": (
        {"en": "with {} installed", "de": "mit {} im Bestand"},
        {"en": "without {} installed", "de": "ohne {} im Bestand"},
    ),
    "installed.category": (
        {"en": "with something of {} installed", "de": "mit etwas aus {} im Bestand"},
        {"en": "with nothing of {} installed", "de": "ohne etwas aus {} im Bestand"},
    ),
    "cart.offering": (
        {"en": "with {} in the cart", "de": "mit {} im Warenkorb"},
        {"en": "without {} in the cart", "de": "ohne {} im Warenkorb"},
    ),
    "cart.category": (
        {"en": "with something of {} in the cart", "de": "mit etwas aus {} im Warenkorb"},
        {"en": "with nothing of {} in the cart", "de": "ohne etwas aus {} im Warenkorb"},
    ),
    "campaign": (
        {"en": "with the campaign {}", "de": "mit der Kampagne {}"},
        {"en": "without the campaign {}", "de": "ohne die Kampagne {}"},
    ),
}
# What is compared with a value, as one of the phrases below.
OF: dict[str, Json] = {
    "place.postcode": {"en": "at an address with the postcode {}", "de": "an einer Adresse mit der Postleitzahl {}"},
    "date": {"en": "on a day {}", "de": "an einem Tag {}"},
    "installed.count": {"en": "with {} products installed", "de": "mit {} Produkten im Bestand"},
    "cart.quantity": {"en": "with {} things in the cart", "de": "mit {} Stück im Warenkorb"},
    "cart.oneTime": {"en": "for one-time prices of {} in the cart", "de": "bei einmaligen Preisen von {} im Warenkorb"},
    "cart.recurring": {
        "en": "for recurring prices of {} in the cart",
        "de": "bei laufenden Preisen von {} im Warenkorb",
    },
    "quantity": {"en": "with {} of it", "de": "mit {} Stück davon"},
    "tenure": {"en": "after {} months as a customer", "de": "nach {} Monaten als Kunde"},
}
NUMBERS: dict[str, Json] = {
    "=": {"en": "exactly {}", "de": "genau {}"},
    "<>": {"en": "other than {}", "de": "nicht {}"},
    ">": {"en": "more than {}", "de": "mehr als {}"},
    ">=": {"en": "at least {}", "de": "mindestens {}"},
    "<": {"en": "less than {}", "de": "weniger als {}"},
    "<=": {"en": "at most {}", "de": "höchstens {}"},
}
PLACES: dict[str, Json] = {  # in an order
    "=": {"en": "{}", "de": "{}"},
    "<>": {"en": "other than {}", "de": "außer {}"},
    ">": {"en": "after {}", "de": "nach {}"},
    ">=": {"en": "from {} on", "de": "ab {}"},
    "<": {"en": "before {}", "de": "vor {}"},
    "<=": {"en": "up to {}", "de": "bis {}"},
}
# By which kind of resource a value is called.
NAMED = {
    "segment": "segment",
    "partner": "partner",
    "installed.offering": "productOffering",
    "cart.offering": "productOffering",
    "installed.category": "category",
    "cart.category": "category",
}

AMOUNTS = ("cart.oneTime", "cart.recurring")

# What to add to a cart, by the kind of what it lacks.
ADD: dict[str, Json] = {
    "offering": {"en": "Add {}.", "de": "{} dazunehmen."},
    "quantity": {"en": "Take {} of it.", "de": "{} Stück davon nehmen."},
    "campaign": {"en": "Enter the campaign {}.", "de": "Die Kampagne {} eintragen."},
    "oneTime": {"en": "Choose for {} more in one-time prices.", "de": "Für {} mehr an einmaligen Preisen auswählen."},
    "recurring": {"en": "Choose for {} more in recurring prices.", "de": "Für {} mehr an laufenden Preisen auswählen."},
}


def unlocking(catalog: Catalog, way: Iterable[Criterion], language: str, *, currency: str | None = None) -> str:
    """The sentence that says what would have to be true together."""
    told = (phrase(catalog, criterion, language, currency=currency) for criterion in way)
    return catalog.text(POSSIBLE, language).format(catalog.text(AND, language).join(told))


def unlocks(
    catalog: Catalog, ways: Iterable[Iterable[Criterion]], language: str, *, currency: str | None = None
) -> list[Json]:
    """What would have to be true, each way as a sentence and as criteria, which TMF671 writes so."""
    return [
        {
            "label": unlocking(catalog, way, language, currency=currency),
            "criteria": [
                {"criteriaParameter": c.parameter, "criteriaOperator": c.operator, "criteriaValue": str(c.value)}
                for c in way
            ],
        }
        for way in ways
    ]


def phrase(catalog: Catalog, criterion: Criterion, language: str, *, currency: str | None = None) -> str:
    """What one criterion asks for, as a part of a sentence; an amount in the currency of the sale."""
    parameter = criterion.parameter
    if parameter in AMOUNTS:
        value = amount(catalog, currency, Decimal(str(criterion.value)), language)
    else:
        value = called(catalog, criterion, language)
    if said := OF.get(parameter):
        compared = (NUMBERS if criterion.kind == "number" else PLACES)[criterion.operator]
        return catalog.text(said, language).format(catalog.text(compared, language).format(value))
    family = parameter if parameter in IS else f"{parameter.partition('.')[0]}."
    words = IS[family][0 if criterion.operator == "=" else 1]
    return catalog.text(words, language).format(value, name=parameter.partition(".")[2])


def amount(catalog: Catalog, unit: str | None, value: Decimal, language: str) -> str:
    """An amount as people write it; in the brand's own currency where none is said."""
    return money(unit or catalog.currency, value, language, catalog.market)


def called(catalog: Catalog, criterion: Criterion, language: str) -> str:
    """The value as people call it: a day, or by the name of what it is the id of."""
    value = str(criterion.value)
    if criterion.parameter == "date":
        return _day(catalog, value, language)
    if criterion.parameter == "customer.kind":
        return catalog.text(KINDS[value], language) if value in KINDS else value
    named = catalog.held[NAMED[criterion.parameter]].get(value) if criterion.parameter in NAMED else None
    return catalog.text(named["name"], language) if named else value


def _day(catalog: Catalog, written: str, language: str) -> str:
    """A day as people write it; what is compared as a day and is none stays as it is."""
    try:
        return day(date.fromisoformat(written), language, catalog.market)
    except ValueError:
        return written
