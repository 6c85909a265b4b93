"""What a product costs by the terms it keeps, and what of a decided rise is true when: tables computed by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.inventory import raised, rise, rise_preview, terms

Json = dict[str, Any]
BERLIN = ZoneInfo("Europe/Berlin")
MARKET = rise.Market(BERLIN, {"CHF": "0.05"})
MONTH = ("recurring", "month", "EUR")


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def price(value: str, *altered: Json, period: str = "month", currency: str = "EUR", **more: Any) -> Json:
    body: Json = {"priceType": "recurring", "recurringChargePeriod": period, "productOfferingPrice": {"id": "p"}}
    amount = {"taxIncludedAmount": {"unit": currency, "value": Decimal(value)}}
    return {**body, "price": amount, **({"productPriceAlteration": list(altered)} if altered else {}), **more}


def percent(value: str, periods: int | None = None) -> Json:
    off = {"percentage": Decimal(value), "taxIncludedAmount": {"unit": "EUR", "value": Decimal("-1")}}
    return {"name": "half", "priceType": "recurring", "price": off, "applicationDuration": periods}


def amount(value: str, periods: int | None = None) -> Json:
    off = {"taxIncludedAmount": {"unit": "EUR", "value": -Decimal(value)}}
    return {"name": "less", "priceType": "recurring", "price": off, "applicationDuration": periods}


NET: Json = {
    **price("23.80"),
    "taxIncluded": False,
    "price": {"dutyFreeAmount": {"unit": "EUR", "value": 20}, "taxIncludedAmount": {"unit": "EUR", "value": 23.8}},
    "tax": [{"taxCategory": "standard", "taxRate": 19}],
}


def product(*prices: Json, since: str = "2025-01-31T00:00:00+01:00", **more: Any) -> Json:
    offering = {"id": "plan"}
    return {"status": "active", "startDate": since, "productOffering": offering, "productPrice": list(prices), **more}


@pytest.mark.parametrize(
    ("prices", "at", "costs"),
    [
        ([price("20")], "2025-02-01", "20"),
        ([price("20", count=3)], "2025-02-01", "60"),
        ([price("20"), price("5.50")], "2025-02-01", "25.50"),
        ([price("20", percent("50", 3))], "2025-02-01", "10"),  # the first month
        ([price("20", percent("50", 3))], "2025-04-29", "10"),  # the last day of the third: until 30 April
        ([price("20", percent("50", 3))], "2025-04-30", "20"),
        ([price("20", percent("50"))], "2035-01-01", "10"),
        ([price("20", amount("25"))], "2025-02-01", "0"),  # never less than nothing
        ([price("19.99", amount("5"), percent("10"))], "2025-02-01", "13.49"),  # 14.99 less 1.499, a half step up
        ([{**price("20"), "priceType": "usage"}], "2025-02-01", None),
        ([{**price("20"), "price": {"dutyFreeAmount": {"unit": "EUR", "value": 20}}}], "2025-02-01", None),
        ([NET], "2025-02-01", "23.80"),  # 20 and 19 percent of it
    ],
)
def test_what_a_product_costs_in_the_period_that_runs(prices: list[Json], at: str, costs: str | None) -> None:
    found = terms.costs(product(*prices), moment(at), BERLIN)
    assert found == ({} if costs is None else {MONTH: Decimal(costs)})


@pytest.mark.parametrize(
    ("period", "periods", "at", "left"),
    [
        ("month", 3, "2025-01-31", 3),
        ("month", 3, "2025-02-27", 3),
        ("month", 3, "2025-02-28", 2),  # 31 January, 28 February, 31 March
        ("month", 3, "2025-03-30", 2),
        ("month", 3, "2025-03-31", 1),
        ("month", 3, "2025-04-30", None),
        ("month", 3, "2024-12-24", 3),  # before it begins none has gone by
        ("3 month", 2, "2025-04-29", 2),
        ("3 month", 2, "2025-04-30", 1),
        ("year", 1, "2026-01-30", 1),
        ("year", 1, "2026-01-31", None),
        ("week", 2, "2025-02-06", 2),
        ("week", 2, "2025-02-07", 1),
        ("fortnightly or so", 2, "2025-02-01", None),  # nobody can reckon with that
        ("month", 1, "2025-02-27T22:59:59", 1),
        ("month", 1, "2025-02-27T23:00:00", None),  # midnight in Berlin
    ],
)
def test_for_how_many_periods_a_promotion_still_runs(period: str, periods: int, at: str, left: int | None) -> None:
    body = product(price("20", percent("50", periods), period=period))
    found = [each for _, _, each in terms.running(body, moment(at), BERLIN)]
    assert found == ([] if left is None else [left])


@pytest.mark.parametrize(
    ("term", "end"),
    [
        ([], None),
        ([{"duration": {"amount": 24, "units": "month"}}], "2027-01-31"),
        ([{"duration": {"amount": 1, "units": "month"}}], "2025-02-28"),
        ([{"duration": {"amount": 1, "units": "year"}}, {"duration": {"amount": 6, "units": "month"}}], "2026-01-31"),
        ([{"duration": {"amount": 3, "units": "moons"}}], None),
        (
            [{"duration": {"amount": 1, "units": "month"}, "validFor": {"startDateTime": "2026-05-31T00:00:00+02:00"}}],
            "2026-06-30",
        ),
    ],
)
def test_when_the_minimum_term_is_over(term: list[Json], end: str | None) -> None:
    found = terms.term_end(product(price("20"), productTerm=term), BERLIN)
    assert (found.isoformat() if found else None) == end


def entry(value: str, notice: str, effective: str, id_: str = "r", **more: Any) -> Json:
    dates = {"noticeDate": f"{notice}T00:00:00Z", "effectiveDate": f"{effective}T00:00:00Z"}
    amounts = {"unit": "EUR", "period": "month", "current": Decimal("20"), "value": Decimal(value)}
    return {"id": id_, "price": "p", **amounts, **dates, **more}


@pytest.mark.parametrize(
    ("at", "now", "coming"),
    [
        ("2026-01-01T00:00:00", "20", []),
        ("2026-02-28T23:59:59", "20", []),
        ("2026-03-01T00:00:00", "20", ["22"]),  # the first is told
        ("2026-04-30T23:59:59", "20", ["22", "25"]),
        ("2026-05-01T00:00:00", "22", ["25"]),
        ("2026-06-30T23:59:59", "22", ["25"]),
        ("2026-07-01T00:00:00", "25", []),
        ("2040-01-01T00:00:00", "25", []),
    ],
)
def test_what_is_true_of_two_rises_is_a_matter_of_the_time(at: str, now: str, coming: list[str]) -> None:
    held = [
        entry("25", "2026-04-01", "2026-07-01", "second"),
        entry("22", "2026-03-01", "2026-05-01", "first"),
        entry("99", "2026-01-01", "2026-01-01", "of another price", price="q"),
    ]
    body = product(price("20", percent("50")))
    then = raised.as_of(body, held, moment(at))
    (price_then,) = then["productPrice"]
    assert price_then["price"]["taxIncludedAmount"]["value"] == Decimal(now)
    (altered,) = price_then["productPriceAlteration"]
    if now != "20":
        assert altered["price"]["taxIncludedAmount"]["value"] == -Decimal(now) / 2, "half of what it is now"
    assert [str(each["price"]["value"]) for each in raised.coming(held, moment(at))] == coming
    assert body == product(price("20", percent("50"))), "what is stored stays"


RISE = {
    "productOffering": {"id": "plan"},
    "effectiveDate": "2026-05-01T00:00:00Z",
    "noticeDate": "2026-03-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("asked", "body", "becomes"),
    [
        ({"percentage": Decimal(10)}, product(price("20")), ["22.00"]),
        ({"percentage": Decimal("2.5")}, product(price("19.99")), ["20.49"]),  # 20.48975
        ({"percentage": Decimal("0.01")}, product(price("10")), []),  # less than a cent
        ({"percentage": Decimal("2.5")}, product(price("19.95", currency="CHF")), ["20.45"]),  # 20.44875, to 5 cents
        ({"price": {"unit": "EUR", "value": Decimal(25)}}, product(price("20"), price("30")), ["25"]),
        ({"price": {"unit": "CHF", "value": Decimal(25)}}, product(price("20")), []),
        ({"percentage": Decimal(10), "productOfferingPrice": {"id": "q"}}, product(price("20")), []),
        ({"percentage": Decimal(10)}, {**product(price("20")), "productOffering": {"id": "other"}}, []),
        ({"percentage": Decimal(10)}, {**product(price("20")), "status": "terminated"}, []),
        ({"percentage": Decimal(10)}, {**product(price("20")), "status": "suspended"}, ["22.00"]),
    ],
)
def test_what_a_rise_makes_of_a_product(asked: Json, body: Json, becomes: list[str]) -> None:
    assert [str(each["value"]) for each in rise.entries("r", {**RISE, **asked}, body, [], MARKET)] == becomes


def test_a_price_without_tax_rises_without_and_its_tax_with_it() -> None:
    body = product(NET)
    (found,) = rise.entries("r", {**RISE, "percentage": Decimal(10)}, body, [], MARKET)
    assert (found["current"], found["value"], found["net"]) == (Decimal(20), Decimal(22), True)
    assert raised.told(found)["taxIncluded"] is False
    (then,) = raised.as_of(body, [found], moment("2026-05-01"))["productPrice"]
    amounts = {name: money["value"] for name, money in then["price"].items() if name != "taxRate"}
    assert amounts == {"dutyFreeAmount": Decimal("22.00"), "taxIncludedAmount": Decimal("26.18")}
    assert then["tax"][0]["taxAmount"]["value"] == Decimal("4.18")


def test_a_second_rise_is_on_top_of_what_is_decided_until_then() -> None:
    body, before = product(price("20")), [entry("22", "2026-01-01", "2026-04-01", "first")]
    (found,) = rise.entries("second", {**RISE, "percentage": Decimal(10)}, body, before, MARKET)
    assert (found["current"], found["value"]) == (Decimal(22), Decimal("24.20"))


def test_a_bill_is_an_account_and_all_that_is_on_it() -> None:
    home, work = ({"billingAccount": {"id": each}} for each in ("home", "work"))
    tv = {**product(price("5")), "productOffering": {"id": "tv"}}
    yearly = {**product(price("60", period="year")), "productOffering": {"id": "insurance"}}
    whole = [
        {"id": "1", "body": {**product(price("20", percent("50"))), **home}},
        {"id": "2", "body": {**tv, **home}},
        {"id": "3", "body": {**yearly, **home}},
        {"id": "4", "body": {**tv, **work}},
    ]
    (bill,) = rise_preview.bills("r", {**RISE, "percentage": Decimal(10), "withinTerm": "excluded"}, whole, MARKET)
    assert bill["billingAccount"]["id"] == "home"
    assert [each["id"] for each in bill["product"]] == ["1"]
    told = [
        [(t["recurringChargePeriod"], t["price"]["value"]) for t in bill[f"{n}Total"]] for n in ("current", "coming")
    ]
    assert told == [[("month", Decimal(15)), ("year", Decimal(60))], [("month", Decimal(16)), ("year", Decimal(60))]]
