"""The words a customer gets, per stage and language; a message is kept as its template and parameters, not its text."""

from decimal import Decimal

from functions.shared.locale import money
from functions.shared.resource import Json

OTHERS = "en"  # for who speaks none of these
# (event, state of the order) -> stage
STAGES = {
    ("ProductOrderCreateEvent", "acknowledged"): "received",
    ("ProductOrderStateChangeEvent", "completed"): "activated",
    ("ProductOrderStateChangeEvent", "partial"): "activated",
    ("ProductOrderStateChangeEvent", "failed"): "failed",
    ("ProductOrderStateChangeEvent", "cancelled"): "cancelled",
    ("ProductOrderStateChangeEvent", "rejected"): "failed",
}
TEXTS = {
    "received": {
        "en": "{brand}: thank you, we have your order of {what}.{price} Its number is {number}.",
        "de": "{brand}: Danke, Ihre Bestellung von {what} ist bei uns.{price} Sie hat die Nummer {number}.",
    },
    "activated": {
        "en": "{brand}: {what} is active. Enjoy!",
        "de": "{brand}: {what} ist aktiv. Viel Freude damit!",
    },
    "failed": {
        "en": "{brand}: we could not fulfil your order {number}. Nothing will be charged; we will call you.",
        "de": "{brand}: Ihre Bestellung {number} ist nicht ausführbar. Es wird nichts berechnet; wir rufen Sie an.",
    },
    "cancelled": {
        "en": "{brand}: your order {number} is cancelled.",
        "de": "{brand}: Ihre Bestellung {number} ist storniert.",
    },
}

PRICE = {"en": " You pay {}.", "de": " Sie zahlen {}."}
EVERY = {  # by the period of a price
    "": {"en": "{} once", "de": "{} einmalig"},
    "day": {"en": "{} a day", "de": "{} am Tag"},
    "week": {"en": "{} a week", "de": "{} in der Woche"},
    "month": {"en": "{} a month", "de": "{} im Monat"},
    "year": {"en": "{} a year", "de": "{} im Jahr"},
}
MANY = {  # of a price for several of these
    "day": {"en": "{} every {} days", "de": "{} alle {} Tage"},
    "week": {"en": "{} every {} weeks", "de": "{} alle {} Wochen"},
    "month": {"en": "{} every {} months", "de": "{} alle {} Monate"},
    "year": {"en": "{} every {} years", "de": "{} alle {} Jahre"},
}
USED = "usage"  # what will be used nobody knows yet


def stage(event_type: str, state: str) -> str | None:
    """The stage of the customer's journey that an order's event is; None where nobody waits for word."""
    return STAGES.get((event_type, state))


def text(stage: str, language: str, order: Json, brand: str, market: str | None = None) -> str:
    """The message of a stage in that language, else in English; amounts as that is written in the market."""
    words = TEXTS[stage]
    language = language if language in words else OTHERS
    names = [(item.get("productOffering") or {}).get("name") for item in order.get("productOrderItem", [])]
    what = ", ".join(dict.fromkeys(name for name in names if name)) or order["id"][:8]
    told = {"brand": brand.capitalize(), "what": what, "number": order["id"][:8].upper()}
    return words[language].format(**told, price=_price(order.get("orderTotalPrice", []), language, market))


def _price(totals: list[Json], language: str, market: str | None) -> str:
    """What an order comes to, as a sentence; none where it costs nothing, or does not say what."""
    found = [_part(each, language, market) for each in totals if each.get("priceType") != USED]
    return PRICE[language].format(", ".join(told)) if (told := [each for each in found if each]) else ""


def _part(total: Json, language: str, market: str | None) -> str:
    amount, period = total["price"]["taxIncludedAmount"], total.get("recurringChargePeriod", "")
    value = Decimal(str(amount["value"]))
    if not value:
        return ""
    count, _, unit = period.rpartition(" ")
    # A space that does not break is no letter of a text message: with one it would take twice the room.
    written = money(amount["unit"], value, language, market).replace("\xa0", " ").replace("\u202f", " ")
    return MANY[unit][language].format(written, count) if count else EVERY[unit][language].format(written)
