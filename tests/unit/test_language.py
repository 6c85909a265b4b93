"""In which language somebody is answered, and how an amount and a day are written there."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared import language, locale

NOVA, PICO = ["de", "en"], ["en", "de"]


@pytest.mark.parametrize(
    ("wanted", "spoken", "answered"),
    [
        ("", NOVA, "de"),
        ("en", NOVA, "en"),
        ("EN", NOVA, "en"),
        ("de-CH, fr;q=0.5", PICO, "de"),  # the more general language
        ("fr;q=0.5, de-CH;q=0.4", PICO, "de"),
        ("fr, it;q=0.5", PICO, "en"),  # neither is spoken: the brand's first
        ("en;q=0.5, de;q=0.9", PICO, "de"),
        ("en;q=0.5, de;q=0.5", PICO, "en"),  # of two wanted as much the first
        ("de-Latn-CH-1996", PICO, "de"),
        ("de-CH", ["en", "de-CH", "de"], "de-CH"),
        ("de-AT", ["en", "de-CH"], "en"),  # how they write it in another country was not asked for
        ("*", NOVA, "de"),
        ("fr, *;q=0.1", PICO, "en"),
        ("en;q=0.1, *;q=0.5", PICO, "de"),  # * is what is not named
        ("*, de;q=0", NOVA, "en"),
        ("de;q=0", NOVA, "en"),  # the brand's first is refused
        ("de;q=0, en;q=0", NOVA, "de"),  # all are: then it is the first
        ("de;q=0, de-CH", PICO, "en"),
        ("fr;q=1.000, en;q=0.999", NOVA, "en"),
        ("  en  ;  q=0.8  ,  ", NOVA, "en"),
        ("de;q=x, en;q=0.1", NOVA, "en"),  # what cannot be read is not there
        ("en;q=9e9", NOVA, "de"),
        ("en;q=1.5", NOVA, "de"),
        ("en;q=-1", NOVA, "de"),
        ("english", NOVA, "de"),
        ("en_US", NOVA, "de"),
        ("q=;;;,en", NOVA, "en"),
        ("\xe9, en", NOVA, "en"),
        (",".join(["fr"] * 60 + ["en"]), NOVA, "de"),  # nobody wants sixty
    ],
)
def test_of_what_is_spoken_the_language_is_answered_that_is_wanted_most(
    wanted: str, spoken: list[str], answered: str
) -> None:
    assert language.chosen(wanted, spoken) == answered


@given(st.text(max_size=300), st.sampled_from([NOVA, PICO]))
def test_whatever_is_sent_the_answer_is_in_a_language_that_is_spoken(wanted: str, spoken: list[str]) -> None:
    assert language.chosen(wanted, spoken) in spoken


@pytest.mark.parametrize(
    ("unit", "value", "spoken", "market", "written"),
    [
        ("EUR", "24.99", "de", "DE", "24,99\xa0€"),
        ("EUR", "1234.5", "de", "DE", "1.234,50\xa0€"),
        ("EUR", "24.99", "en", "DE", "€24.99"),  # as one writes it in English, wherever
        ("CHF", "24.9", "de", "CH", "CHF\xa024.90"),
        ("CHF", "24.9", "fr", "CH", "24,90\xa0CHF"),
        ("EUR", "24.99", "de", None, "24,99\xa0€"),
        ("EUR", "24.99", "de", "nowhere", "24,99\xa0€"),
        ("EUR", "24.99", "de-Latn-1996", "DE", "24,99\xa0€"),  # as in the more general language
        (
            "EUR",
            "24.99",
            "tlh",
            "DE",
            "24,99\xa0€",
        ),  # nobody has written that language down for us: as people see it there
        ("CHF", "24.9", "tlh", "CH", "CHF\xa024.90"),
        ("EUR", "24.99", "tlh", "nowhere", "€24.99"),
        ("EUR", "24.99", "tlh", None, "€24.99"),
        ("JPY", "500", "en", "JP", "¥500"),
        ("EUR", "-3", "de", "DE", "-3,00\xa0€"),
    ],
)
def test_an_amount_is_written_as_the_reader_does(
    unit: str, value: str, spoken: str, market: str | None, written: str
) -> None:
    assert locale.money(unit, Decimal(value), spoken, market) == written


def test_a_day_and_a_number_are_written_as_the_reader_does() -> None:
    assert [locale.day(date(2026, 3, 1), spoken, "DE") for spoken in ("de", "en")] == [
        "1. März 2026",
        "March 1, 2026",
    ]
    assert [locale.number(Decimal("1234.5"), spoken, "DE") for spoken in ("de", "en")] == ["1.234,5", "1,234.5"]
