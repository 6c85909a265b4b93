"""Which prices an action of a promotion reaches, and what it takes off one of them."""

from decimal import Decimal

from functions.catalog import kinds
from functions.catalog.checks.form import AMOUNT, plain
from functions.catalog.checks.subject import EVERYTHING, Reached, Subject, Target
from functions.catalog.promotion import ACTIONS
from functions.shared.amounts import half_up, step
from functions.shared.resource import Json


def reach(subject: Subject, action: Json) -> Reached:
    """What is on sale that an action is for, and of its prices those of the action's type and currency."""
    named = kinds.aims(action) or [EVERYTHING]
    asked = action.get("priceType"), action.get("actionUnit")
    return subject.once(("reach", *asked, *named), lambda: _reached(subject, named, *asked))


def _reached(subject: Subject, named: list[Target], price_type: str | None, unit: str | None) -> Reached:
    found = Reached()
    reached = subject.offered.reached
    for each in (reached[target] for target in named if target in reached):
        found.on_sale |= each.on_sale
        found.channels |= each.channels
        for id_, price in each.prices.items():
            if price.get("priceType") == price_type and unit in (None, price["price"]["unit"]):
                found.prices[id_] = price
    return found


def acts(action: Json) -> bool:
    """Whether it says what it does in a way that can be reckoned with."""
    return action.get("actionType") in ACTIONS and AMOUNT.fullmatch(plain(action.get("actionValue", ""))) is not None


def off(subject: Subject, action: Json, price: Json, rest: Decimal | None = None) -> Decimal:
    """What it takes off a price of which so much is left: in whole steps of the currency, half of one up."""
    value = Decimal(plain(action["actionValue"]))
    rest = Decimal(plain(price["price"]["value"])) if rest is None else rest
    if action["actionType"] == "percentage":
        return half_up(rest * value / 100, step(price["price"]["unit"], subject.rounding))
    return min(value, rest) if action["actionType"] == "amount" else max(rest - value, Decimal(0))
