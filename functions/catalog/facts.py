"""What a brand may say of itself in its catalog beside what it must, and whether that is what it must be. Pure."""

from collections.abc import Callable
from typing import Any

from functions.catalog.catalog import PRICE_RISE
from functions.catalog.kinds import WITHIN_TERM
from functions.catalog.tax import KEEPS
from functions.shared import amounts

LONGEST_NOTICE = 1000  # days


def _is_rounding(said: Any) -> bool:
    """Whether that is a step for each currency."""
    if not isinstance(said, dict) or not all(isinstance(each, str) for each in said.values()):
        return False
    try:
        return all(amounts.step(currency, said) for currency in said)
    except ValueError:
        return False


def _is_price_rise(said: Any) -> bool:
    if not isinstance(said, dict):
        return False
    days, term = (said.get(name, otherwise) for name, otherwise in PRICE_RISE.items())
    return type(days) is int and 0 <= days <= LONGEST_NOTICE and term in WITHIN_TERM


MAY_SAY: dict[str, Callable[[Any], bool]] = {
    "market": lambda said: isinstance(said, str),
    "rounding": _is_rounding,
    "priceRise": _is_price_rise,
    "taxKeeps": lambda said: said in KEEPS,
    "billsInAdvance": lambda said: isinstance(said, bool),
}
