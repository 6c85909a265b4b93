"""The words a customer gets, per stage and language; a message is kept as its template and parameters, not its text."""

from functions.shared.resource import Json

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
        "en": "{brand}: thank you, we have your order of {what}. Its number is {number}.",
        "de": "{brand}: Danke, Ihre Bestellung von {what} ist bei uns. Sie hat die Nummer {number}.",
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


def stage(event_type: str, state: str) -> str | None:
    """The stage of the customer's journey that an order's event is; None where nobody waits for word."""
    return STAGES.get((event_type, state))


def text(stage: str, language: str, order: Json, brand: str) -> str:
    """The message of a stage in that language, else in English."""
    words = TEXTS[stage]
    names = [(item.get("productOffering") or {}).get("name") for item in order.get("productOrderItem", [])]
    what = ", ".join(dict.fromkeys(name for name in names if name)) or order["id"][:8]
    return words.get(language, words["en"]).format(brand=brand.capitalize(), what=what, number=order["id"][:8].upper())
