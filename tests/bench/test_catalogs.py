"""The catalogs that are measured are what they are said to be: sound, the same every time, with rules of every kind."""

from functions.catalog import check
from functions.catalog.kinds import HELD
from tests.bench import catalogs, library
from tests.bench.library import Measured

CONTENT = catalogs.content(1_000)


def test_a_generated_catalog_has_nothing_wrong_with_it() -> None:
    assert check.check(CONTENT, library.MOMENT) == []


def test_it_is_the_same_every_time_and_holds_every_kind() -> None:
    assert catalogs.content(1_000) == CONTENT
    assert {kind for kind in HELD if CONTENT[kind]} == {*HELD}
    assert len(CONTENT["promotion"]) == catalogs.PROMOTIONS


def test_what_is_put_into_a_cart_is_there() -> None:
    chosen = catalogs.chosen(1_000, 10)
    assert len({*chosen} & {each["id"] for each in CONTENT["productOffering"]}) == len(chosen)


def test_the_largest_catalog_is_judged_and_what_a_small_one_has_not_is_left_blank() -> None:
    figures = {library.COLD: 100.0, library.TRANSFER: 10.0, library.MEMORY: 60.0, library.LOOKUP: 0.1}
    figures[library.PRICED] = 2.5
    small = Measured(1_000, figures, {"page 1": 1.0}, {"TMF679": 30.0}, {})
    large = Measured(100_000, figures, {"page 1": 1.0, "page 1,000": 2.0}, {"TMF679": 21.0}, {})
    broken = {figure.what for figure in library.budgeted([small, large]) if not figure.ok}
    assert broken == {f"catalog of 100,000: {library.PRICED}", "catalog of 100,000: TMF679, ms"}
    assert ["page 1,000, ms", "", "2.00"] in library.rows([small, large])
