"""How amounts, numbers and days are written for people, in their language and the market's way. Pure.

It comes from babel, which is loaded with the first text that has an amount or a day in it. A function that can reach
this module has babel's layer (`infra/libraries.py`).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from functions.shared.language import chain

if TYPE_CHECKING:
    from babel import Locale

USUAL = "en"  # how it is written where neither the language nor the market's own are known


def money(unit: str, value: Decimal, language: str, market: str | None = None) -> str:
    """An amount as people write it there: 24,99 € in German in Germany, CHF 24.90 in Switzerland."""
    from babel.numbers import format_currency

    return str(format_currency(value, unit, locale=_locale(language, market)))


def number(value: Decimal, language: str, market: str | None = None) -> str:
    """A number as people write it there."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, locale=_locale(language, market)))


def day(value: date, language: str, market: str | None = None) -> str:
    """A day as people write it there: 1. März 2026."""
    from babel.dates import format_date

    return str(format_date(value, "long", locale=_locale(language, market)))


@lru_cache(maxsize=64)
def _locale(language: str, market: str | None) -> "Locale":
    """The first way of writing that babel knows."""
    from babel import Locale, UnknownLocaleError

    for tag in _ways(language, market):
        try:
            return Locale.parse(tag.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(USUAL)


def _ways(language: str, market: str | None) -> Iterator[str]:
    """A language as it is written in that market where it is one of the country's, then as anywhere, then what is more
    general; where babel has none of them, as the market's people are used to see it.
    """
    from babel.languages import get_official_languages

    spoken_there = get_official_languages(market, de_facto=True) if market else ()
    if language in spoken_there:
        yield f"{language}_{market}"
    yield from chain(language)
    yield from (f"{each}_{market}" for each in spoken_there)
