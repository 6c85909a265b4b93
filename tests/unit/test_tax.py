"""Which tax a price bears somewhere, for somebody, and what is to pay then: worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import charge, price, proof, totals, trace
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.rule import Facts
from functions.catalog.sale import Item, Sale
from functions.shared import clock
from functions.shared.resource import Json
from tests.price.shelf import action, catalog, discount, monthly, offering

VAT = [{"taxCategory": "standard", "taxRate": 19}]
NOW = clock.moment("2026-03-01T12:00:00.000Z")
HELD = {"brand": "nova", "languages": ["en"]}
EVERYWHERE = {"place.country": "DE", "place.stateOrProvince": "HB", "place.city": "Bremen", "place.postcode": "28195"}
FIRM = {"customer.kind": "business"}


def rate(id_: str, percent: str, **more: Any) -> Json:
    return {"id": id_, "taxCategory": "standard", "taxRate": percent, **more}


def priced(value: str, quantity: int, facts: Json, *rates: Json, **more: Any) -> Charge:
    """A plan at so much a month, sold so often; `more` is what its price says, and `brand` what the brand does."""
    brand, promotions = more.pop("brand", {}), more.pop("promotions", [])
    plan = offering("plan", monthly("m", value, **{"name": {"en": "Plan"}, "due": "onBill", "tax": VAT, **more}))
    shop = Catalog.of("v1", {**HELD, **catalog([plan], promotions, taxRate=[*rates], **brand)})
    sale = Sale("web", NOW, "en", Facts(facts))
    ((found,),) = price.priced([Item("l1", shop, shop.held["productOffering"]["plan"], quantity)], sale).values()
    return found


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({}, None),
        ({"place.country": "CH"}, None),
        ({"place.country": "DE"}, "germany"),
        ({"place.city": "Bremen"}, "bremen"),
        ({"place.city": "Bremen", "place.country": "DE"}, "bremen"),  # of two that name one thing, the smaller place
        ({"place.stateOrProvince": "HB", "place.country": "DE"}, "land"),
        (EVERYWHERE, "post"),
        (FIRM, "firms"),
        ({**EVERYWHERE, **FIRM}, "german-firms"),  # names two things
        ({**FIRM, "place.country": "AT"}, "firms"),
        ({"customer.kind": "consumer", "place.country": "AT"}, None),
    ],
)
def test_the_rate_that_names_most_of_the_case_counts_then_the_smaller_place(facts: Json, named: str | None) -> None:
    rates = [
        rate("germany", "1", country="DE"),
        rate("land", "2", stateOrProvince="HB"),
        rate("bremen", "3", city="Bremen"),
        rate("post", "4", postcode="28195"),
        rate("firms", "5", customerKind="business"),
        rate("german-firms", "6", country="DE", customerKind="business"),
        rate("over", "7", country="DE", city="Bremen", validFor={"endDateTime": "2026-02-28T23:00:00Z"}),
        {**rate("books", "8", country="DE", city="Bremen"), "taxCategory": "reduced"},
    ]
    for shuffled in (rates, rates[::-1]):
        tax = priced("10.00", 1, facts, *shuffled).tax
        assert tax is not None
        assert tax.rule == named


NET: Json = {"taxIncluded": False}
EXPORT = rate("export", "0", customerKind="business")


@pytest.mark.parametrize(
    ("written", "said", "quantity", "facts", "gross", "net"),
    [
        ("11.90", {}, 1, {}, "11.90", "10.00"),
        ("9.99", {}, 1, {}, "9.99", "8.39"),  # 8.3949…
        ("9.99", {}, 3, {}, "29.97", "25.18"),  # 25.1848…: of the line, not 3 x 8.39
        ("9.99", NET, 1, {}, "11.89", "9.99"),  # 11.8881
        ("9.99", NET, 99, {}, "1176.92", "989.01"),  # 1176.9219: what is written counts, not 99 x 11.89
        ("10.50", {**NET, "tax": [{"taxCategory": "x", "taxRate": "0.05"}]}, 1, {}, "10.51", "10.50"),  # 10.50525
        ("0.10", {**NET, "tax": [{"taxCategory": "x", "taxRate": "5"}]}, 1, {}, "0.11", "0.10"),  # 0.105: half up
        ("10.00", {"tax": []}, 2, {}, "20.00", None),
        # nobody pays another price because of the tax, unless data says that what it is without counts
        ("11.90", {}, 2, FIRM, "23.80", "23.80"),
        ("11.90", {"taxKeeps": "net"}, 2, FIRM, "20.00", "20.00"),
        ("9.99", {"taxKeeps": "net"}, 3, FIRM, "25.17", "25.17"),  # 8.3949… a unit is 8.39, times 3
        ("9.99", {**NET, "taxKeeps": "gross"}, 1, FIRM, "9.99", "9.99"),
        ("0.00", {"taxKeeps": "net"}, 1, FIRM, "0.00", "0.00"),
    ],
)
def test_what_is_to_pay_with_tax_and_what_that_is_without(
    written: str, said: Json, quantity: int, facts: Json, gross: str, net: str | None
) -> None:
    found = priced(written, quantity, facts, EXPORT, **said)
    ((total),) = charge.totals([(quantity, [found])])
    assert total["price"]["taxIncludedAmount"]["value"] == Decimal(gross)
    assert total["price"].get("dutyFreeAmount", {}).get("value") == (Decimal(net) if net else None)
    assert found.comes_to(quantity) == Decimal(gross)


@pytest.mark.parametrize(
    ("of_price", "of_rate", "of_brand", "gross"),
    [
        (None, None, None, "11.90"),
        (None, None, "net", "10.00"),
        (None, "net", "gross", "10.00"),
        (None, "gross", "net", "11.90"),
        ("gross", "net", "net", "11.90"),
        ("net", "gross", "gross", "10.00"),
    ],
)
def test_what_stays_the_same_says_the_price_else_the_rate_else_the_brand(
    of_price: str | None, of_rate: str | None, of_brand: str | None, gross: str
) -> None:
    ruling = EXPORT | ({"keeps": of_rate} if of_rate else {})
    brand = {"taxKeeps": of_brand} if of_brand else {}
    more = {"taxKeeps": of_price} if of_price else {}
    assert priced("11.90", 1, FIRM, ruling, brand=brand, **more).comes_to(1) == Decimal(gross)


def test_francs_are_paid_in_steps_of_five_and_what_they_are_without_tax_is_told_to_the_cent() -> None:
    tax = [{"taxCategory": "standard", "taxRate": "8.1"}]
    plan = offering("plan", monthly("m", "19.90", "CHF", name={"en": "Plan"}, due="onBill", tax=tax))
    shop = Catalog.of("v1", {**HELD, **catalog([plan], taxRate=[]), "currency": "CHF"})
    item = Item("l1", shop, shop.held["productOffering"]["plan"])
    ((found,),) = price.priced([item], Sale("web", NOW, "en")).values()
    assert found.sum(1)[:2] == (Decimal("19.90"), Decimal("18.41"))
    assert found.tmf["tax"][0]["taxAmount"]["value"] == Decimal("1.49")


def test_a_price_tells_its_tax_and_the_trace_what_that_changed() -> None:
    tenth = discount("spring", action("percentage", "10"))
    tenth["name"] = {"en": "Spring"}
    kept = priced("11.90", 2, FIRM, EXPORT, taxKeeps="net", promotions=[tenth])
    on_top = priced("10.00", 3, {}, promotions=[tenth], **NET)

    def steps(sold: Charge, quantity: int) -> list[tuple[str, Decimal]]:
        told = trace.of_line(quantity, [sold.tmf], charge.totals([(quantity, [sold])]))
        assert sum(step["effect"]["value"] for step in told) == sold.comes_to(quantity)
        return [(step["rule"], step["effect"]["value"]) for step in told]

    assert steps(kept, 2) == [
        ("m", Decimal("23.80")),
        ("export", Decimal("-3.80")),
        ("spring", Decimal("-2.00")),
    ]
    assert steps(on_top, 3) == [("m", Decimal(30)), ("spring", Decimal(-3)), ("standard", Decimal("5.13"))]
    assert (kept.tmf["listPrice"]["value"], kept.tmf["price"]["taxRate"]) == (Decimal("11.90"), 0)
    assert on_top.tmf["priceAlteration"][0]["price"]["dutyFreeAmount"]["value"] == Decimal("-1.00")


def test_totals_are_the_sums_of_lines_and_tell_each_tax_apart() -> None:
    lines = [(3, [priced("9.99", 3, {})]), (7, [priced("9.99", 7, {}, **NET)]), (1, [priced("5.00", 1, FIRM, EXPORT)])]
    (whole,) = charge.totals(lines)
    each = [total for line in lines for total in charge.totals([line])]
    assert totals.summed(each) == [whole]
    assert "taxRate" not in whole["price"], "there are two"
    gross, net = (whole["price"][name]["value"] for name in ("taxIncludedAmount", "dutyFreeAmount"))
    assert gross - net == sum(tax["taxAmount"]["value"] for tax in whole["tax"])
    assert [(t.get("id"), t["taxRate"], t.get("taxIncluded", True)) for t in whole["tax"]] == [
        ("export", 0, True),
        (None, 19, True),
        (None, 19, False),
    ]


def test_what_is_written_without_tax_is_summed_apart_by_what_takes_off_several_together() -> None:
    ten = discount("ten", action("amount", "10", scope="together"))
    ten["name"] = {"en": "Ten"}
    words: Json = {"name": {"en": "P"}, "due": "onBill", "tax": VAT}
    sold = [
        offering("with", monthly("w", "20.00", **words)),
        offering("bare", monthly("n", "20.00", **words, **NET)),
    ]
    shop = Catalog.of("v1", {**HELD, **catalog(sold, [ten], taxRate=[])})
    items = [Item(id_, shop, shop.held["productOffering"][id_]) for id_ in ("with", "bare")]
    found = price.priced(items, Sale("web", NOW, "en"))
    assert [found[id_][0].comes_to(1) for id_ in ("with", "bare")] == [Decimal("10.00"), Decimal("11.90")]
    told = proof.Signer("nova", "v1", "web", None, b"key").line(
        "cartItem", "l1", 1, [found["bare"][0].tmf], charge.totals([(1, found["bare"])])
    )
    assert [s["effect"]["value"] for s in told["priceProof"]["trace"]] == [20, -10, Decimal("1.90")]
