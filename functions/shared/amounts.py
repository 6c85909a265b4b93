"""Amounts: how they are written, rounded half up to a currency's step, and shared out without losing one. Pure."""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# ISO 4217: a currency has two decimals, but these.
_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DECIMALS = dict.fromkeys((*_NONE, "XPF"), 0) | dict.fromkeys(_THREE, 3) | dict.fromkeys(("CLF", "UYW"), 4)


WRITTEN = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)


def plain(value: object) -> Decimal | None:
    """An amount as data writes it, text or number: zero or more, at most 15 digits and 9 decimals; None for others."""
    if isinstance(value, str | int | Decimal) and WRITTEN.fullmatch(str(value)):
        return Decimal(str(value))
    return None


def decimals(currency: str) -> int:
    """How many decimals the currency's minor unit has."""
    return DECIMALS.get(currency, 2)


def step(currency: str, rounding: Mapping[str, str] | None = None) -> Decimal:
    """The smallest step of an amount: what a catalog's `rounding` says, such as CHF: "0.05", or else the minor unit.

    Raises ValueError where that is no amount above zero.
    """
    written = (rounding or {}).get(currency)
    if written is None:
        return Decimal(1).scaleb(-decimals(currency))
    try:
        size = Decimal(written)
    except InvalidOperation:
        size = Decimal(0)
    if not (size.is_finite() and size > 0):
        raise ValueError(f"The rounding of {currency} is an amount above zero, such as 0.05, not {written[:40]}.")
    return size


def half_up(amount: Decimal, step: Decimal) -> Decimal:
    """The multiple of `step` nearest to the amount; of two equally near, the one further from zero."""
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def shared(total: Decimal, weights: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """`total` in parts as near as steps allow to the proportion of the weights; the parts come to exactly the total.

    Each gets the whole steps of its share; the steps left over go to the largest remainders, of equal ones the first.
    So a larger weight never gets less, and where the total is at most the sum of the weights (all in whole steps),
    none gets more than its weight. The total is a multiple of `step` and, as the weights, not below zero; without
    any weight above zero there is nothing to share by: ValueError, as for any other amount that cannot be shared.
    """
    steps, rest = divmod(total, step)
    whole = sum(weights, Decimal(0))
    if rest or total < 0 or any(weight < 0 for weight in weights) or (total and not whole):
        raise ValueError(f"{total} cannot be shared out in steps of {step} by {len(weights)} weights.")
    if not total:
        return [total] * len(weights)
    quotas = [divmod(steps * weight, whole) for weight in weights]
    left = int(steps - sum(share for share, _ in quotas))
    favoured = set(sorted(range(len(quotas)), key=lambda i: quotas[i][1], reverse=True)[:left])
    return [(share + (i in favoured)) * step for i, (share, _) in enumerate(quotas)]
