"""In which language somebody is answered, and how amounts and days are written for people there. Pure.

What a text is made of comes from babel, which is loaded with the first text that has an amount or a day in it.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

# One entry of Accept-Language: a tag or *, and how much it is wanted (RFC 9110).
WANTED = re.compile(
    r"\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.ASCII | re.IGNORECASE
)
MOST = 50  # entries that are read of one header
USUAL = "en"  # how it is written in a language that is not known here


def chosen(wanted: str, spoken: Sequence[str]) -> str:
    """Of the languages that are spoken the one that an Accept-Language wants most; the first where it wants none.

    A tag stands for what is more general too: de-CH is answered in de. What has q=0 is answered only where all else is
    refused too, * is any other, and what cannot be read is as if it were not there.
    """
    found = [match for part in wanted.split(",")[:MOST] if (match := WANTED.fullmatch(part))]
    ranked = [(tag.lower(), float(q or 1)) for tag, q in (match.groups() for match in found)]
    refused = {tag for tag, q in ranked if not q}
    known = {language.lower(): language for language in spoken if language.lower() not in refused}
    for tag, _ in sorted((each for each in ranked if each[1]), key=lambda each: -each[1]):
        named = {general for other, _ in ranked for general in _chain(other)}
        candidates = [each for each in known if each not in named] if tag == "*" else _chain(tag)
        if answer := next((known[each] for each in candidates if each in known), None):
            return answer
    return next(iter(known.values()), spoken[0])


def _chain(tag: str) -> list[str]:
    """A tag and everything more general, the tag first."""
    parts = tag.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


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
    """How a language is written in a market, where it is one of that country's; else how it is written anywhere."""
    from babel import Locale, UnknownLocaleError
    from babel.languages import get_official_languages

    spoken_there = market is not None and language in get_official_languages(market, de_facto=True)
    for tag in (f"{language}_{market}" if spoken_there else language, language):
        try:
            return Locale.parse(tag.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(USUAL)
