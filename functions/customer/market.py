"""What a market gives where a customer says nothing: the language, the currency, and how a national number goes on."""

from typing import NamedTuple


class Market(NamedTuple):
    """A country as its customers take it for granted."""

    language: str
    currency: str
    calling_code: str


MARKETS = {
    "DE": Market(language="de", currency="EUR", calling_code="49"),
    "CH": Market(language="en", currency="CHF", calling_code="41"),
}
ELSEWHERE = Market(language="en", currency="EUR", calling_code="")


def of(market: str) -> Market:
    """The market of that code; one that is not listed takes nothing for granted but English and euros."""
    return MARKETS.get(market, ELSEWHERE)
