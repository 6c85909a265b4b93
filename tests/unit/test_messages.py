"""The words of a message to the customer: what an order comes to, as they write it."""

from typing import Any

import pytest

from functions.events import messages

ORDER = {"id": "0123456789abcdef", "productOrderItem": [{"productOffering": {"name": "Nova M"}}]}


def total(value: Any, period: str | None = None, unit: str = "EUR", kind: str = "recurring") -> dict[str, Any]:
    price = {"priceType": kind, "price": {"taxIncludedAmount": {"unit": unit, "value": value}}}
    return {**price, "recurringChargePeriod": period} if period else {**price, "priceType": "oneTime"}


@pytest.mark.parametrize(
    ("language", "market", "totals", "said"),
    [
        ("de", "DE", [total(24.99, "month")], " Sie zahlen 24,99 € im Monat."),
        ("en", "DE", [total(24.99, "month"), total("39.9")], " You pay €24.99 a month, €39.90 once."),
        ("de", "CH", [total("24.9", "month", "CHF")], " Sie zahlen CHF 24.90 im Monat."),
        (
            "de",
            "DE",
            [total(1200, "year"), total(5, "3 month")],
            " Sie zahlen 1.200,00 € im Jahr, 5,00 € alle 3 Monate.",
        ),
        ("fr", "CH", [total(5, "week", "CHF")], " You pay CHF5.00 a week."),
        ("de", "DE", [total(0, "month"), total("0.00")], ""),
        ("de", "DE", [{**total(5), "priceType": "usage"}], ""),
        ("de", "DE", [], ""),
    ],
)
def test_the_customer_is_told_what_the_order_comes_to(
    language: str, market: str, totals: list[dict[str, Any]], said: str
) -> None:
    written = messages.text("received", language, {**ORDER, "orderTotalPrice": totals}, "nova", market)
    others = {"de": "ist bei uns.{} Sie hat", "en": "order of Nova M.{} Its number"}
    assert others.get(language, others["en"]).format(said) in written
    assert written.isascii() or set(written) - set(map(chr, range(128))) <= set("€äöüß"), (
        "a text message has its letters"
    )
