"""What an action of a promotion does: whether it says so in a way that can be reckoned with."""

from collections.abc import Iterator
from decimal import Decimal

from functions.catalog import kinds
from functions.catalog.checks.finding import Fault, error
from functions.catalog.checks.form import AMOUNT, plain
from functions.catalog.checks.prices import money
from functions.catalog.checks.references import TARGETS
from functions.catalog.checks.subject import Subject
from functions.catalog.promotion import ACTIONS, SCOPES
from functions.shared.resource import Json

PRICE_TYPES = ("oneTime", "recurring")


def faults(subject: Subject, action: Json) -> Iterator[Fault]:
    """What is wrong with it by itself."""
    yield from _value(subject, action)
    if action.get("priceType") not in PRICE_TYPES:
        yield error("wrongPriceType", f"the priceType of an action must be one of {' and '.join(PRICE_TYPES)}.")
    if action.get("scope", SCOPES[0]) not in SCOPES:
        yield error("wrongScope", f"the scope of an action is one of {' and '.join(SCOPES)}.")
    yield from _duration(action)
    if any(named not in TARGETS for named, _ in kinds.aims(action)):
        yield error("wrongTarget", f"an action applies to one of {', '.join(TARGETS)} (@referredType).")


def _value(subject: Subject, action: Json) -> Iterator[Fault]:
    kind, value = action.get("actionType"), plain(action.get("actionValue", ""))
    if kind not in ACTIONS:
        yield error("wrongAction", f"actionType must be one of {', '.join(ACTIONS)}.")
    elif kind != "percentage":
        price = {"unit": action.get("actionUnit"), "value": action.get("actionValue", "")}
        yield from (fault._replace(reason=_of_action(fault.reason)) for fault in money(subject, price, "action"))
    elif not AMOUNT.fullmatch(value) or not 0 < Decimal(value) <= 100:
        yield error("wrongPercentage", f"a percentage is more than 0 and at most 100, not {value[:20]!r}.")


def _of_action(reason: str) -> str:
    return reason.replace("action.unit", "actionUnit").replace("action.value", "actionValue")


def _duration(action: Json) -> Iterator[Fault]:
    if "applicationDuration" not in action:
        return
    if action.get("priceType") == "oneTime":
        yield error("wrongDuration", "what is paid once has no applicationDuration; take it out.")
    elif action["applicationDuration"] < 1:
        yield error("wrongDuration", "an applicationDuration must be 1 or more: for how many periods.")
