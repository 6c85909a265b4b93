"""What a cart, an order and an installed product will be billed, over HTTP, against amounts a person worked out."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from functions.catalog import store
from tests.functions.stage import ACCOUNTS, CARTS, GUEST, OLGA, ORDERS, PRODUCTS, Json, Person, Stage, line, on_record
from tests.unit.test_bill import FIRST_BILLS, ZONES
from tests.unit.test_catalog import monthly, offering, once, promotion

ROW = re.compile(r"(?:(\d+) pcs )?(?:(\d+) x ([\d.]+), )?([\d.]+) / (?:(\d+) )?(\w+)")
CASES = [[cell.strip() for cell in row.split("|")] for row in FIRST_BILLS.strip().splitlines() if row[0] != "#"]


def sold_in(city: str, currency: str, prices: dict[str, str]) -> Json:
    """A catalog of one market, with an add-on for each of these prices as the table writes them."""
    content: Json = {
        "brand": "nova",
        "currency": currency.rstrip("*"),
        "timeZone": ZONES[city],
        "languages": ["en"],
        "rounding": {"CHF": "0.05"} if currency.endswith("*") else {},
        "productOffering": {},
        "productOfferingPrice": {},
        "promotion": {},
    }
    for id_, price in prices.items():
        found = ROW.fullmatch(price)
        assert found, price
        _, periods, first, ever, length, unit = found.groups()
        period = {"recurringChargePeriodType": unit, "recurringChargePeriodLength": int(length or 1)}
        content["productOfferingPrice"][id_] = {**monthly(id_, ever, currency.rstrip("*")), **period}
        content["productOffering"][id_] = offering(id_, id_)
        if periods:
            off = promotion(f"{id_}-first", id_, applicationDuration=int(periods))
            action = off["pattern"][0]["action"][0]
            action |= {"actionType": "fixedPrice", "actionValue": first, "actionUnit": currency.rstrip("*")}
            content["promotion"][off["id"]] = off
    return content


@pytest.fixture
def back() -> Iterator[None]:
    """Afterwards the sample catalog is on sale again."""
    was = store.live("nova").content
    yield
    store.publish(was)


def billed_on(day: int, **more: Any) -> Person:
    """A customer whose account is billed on that day."""
    made = on_record()
    OLGA.post(ACCOUNTS, {"customer": {"id": made.customer}, "cycleDay": day, **more})
    return made


def preview(person: Person, of: Json, **asked: str) -> Json:
    query = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in asked.items())
    found: Json = person.get(f"{of['href']}/billPreview?{query}").body
    for rate in (rate for told in (*found["bill"], *found.get("due", [])) for rate in told["rate"]):
        assert sum(step["effect"]["value"] for step in rate["trace"]) == rate["taxIncludedAmount"]["value"]
    for told in (*found["bill"], *found.get("due", [])):
        if told["rate"]:
            amounts = [rate["taxIncludedAmount"]["value"] for rate in told["rate"]]
            assert sum(amounts) == told["taxIncludedAmount"]["value"]
    return found


def amounts(bill: Json) -> list[Decimal]:
    return [Decimal(str(rate["taxIncludedAmount"]["value"])) for rate in bill["rate"]]


def by_market() -> dict[tuple[str, str], dict[str, list[str]]]:
    """The cases of the table by city and currency, each under the id of what is sold in it."""
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for n, case in enumerate(CASES, 1):
        found[case[1], case[3].partition(" ")[0]][f"add-on-{n}"] = case
    return found


@pytest.mark.usefixtures("hub", "back")
@pytest.mark.parametrize("market", by_market(), ids=" ".join)
def test_stacys_add_on_in_mid_period_is_billed_as_the_table_says(market: tuple[str, str]) -> None:
    cases = by_market()[market]
    prices = {id_: case[3].partition(" ")[2] for id_, case in cases.items()}
    store.publish(sold_in(*market, prices))
    people = {day: billed_on(int(day)) for day in {case[2] for case in cases.values()}}
    for id_, (at, _, day, price, this, following, how) in cases.items():
        quantity = int((re.search(r"(\d+) pcs", price) or ["", "1"])[1])
        cart = people[day].post(CARTS, {"cartItem": [line(id_, quantity=quantity)]}).body
        found = preview(people[day], cart, startDate=f"{at.replace(' ', 'T')}Z")
        first, second = found["bill"][:2]
        assert amounts(first) == [Decimal(amount) for amount in this.split()], how
        assert amounts(second) == [Decimal(amount) for amount in following.split()], how


def market(**kinds: list[Json]) -> Json:
    """Nova's market with these sold in it."""
    facts: Json = {"brand": "nova", "currency": "EUR", "timeZone": "Europe/Berlin", "languages": ["en"]}
    return {**facts, **{kind: {each["id"]: each for each in held} for kind, held in kinds.items()}}


def term(months: int, **fee: str) -> Json:
    told = {"name": {"en": f"{months} months"}, "duration": {"amount": months, "units": "month"}}
    return {**told, "earlyTermination": fee} if fee else told


DATA = {
    "id": "data",
    "name": {"en": "Data beyond what is included"},
    "priceType": "usage",
    "price": {"unit": "EUR", "value": "0.10"},
    "tier": [
        {"from": "0", "price": {"unit": "EUR", "value": "0.10"}},
        {"from": "1000", "price": {"unit": "EUR", "value": "0.05"}},
    ],
    "unitOfMeasure": {"amount": 100, "units": "MB"},
    "due": "perUse",
    "lifecycleStatus": "Active",
}
# Twelve months at half the price, in the first of them two euros less off what both lines cost.
SOLD = market(
    productOffering=[
        offering("plan", "plan-month", "plan-once", "sim", "data", productOfferingTerm=[term(24)]),
        offering("box", "box-month", productOfferingTerm=[term(12, type="declining", value="60.00", unit="EUR")]),
        offering("extra", "extra-month"),
    ],
    productOfferingPrice=[
        monthly("plan-month", "20.00"),
        once("plan-once", "39.99"),
        once("sim", "5.00", due="onDelivery"),
        monthly("box-month", "5.00"),
        monthly("extra-month", "9.99"),
        DATA,
    ],
    promotion=[
        promotion("half", "plan", percentage="50", applicationDuration=12),
        promotion("both", "plan", "box", amount=("EUR", "2.00"), applicationDuration=3, scope="together"),
    ],
)


@pytest.fixture
def sold(back: None) -> None:
    store.publish(SOLD)


def of(bill: Json) -> dict[str, Decimal]:
    """What each line of a bill takes, by its name."""
    return {rate["name"]: Decimal(str(rate["taxIncludedAmount"]["value"])) for rate in bill["rate"]}


def total(told: Json, name: str = "taxIncludedAmount") -> Decimal:
    return Decimal(str(told[name]["value"]))


@pytest.mark.usefixtures("hub", "sold")
def test_a_cart_is_billed_promotion_by_promotion_until_it_is_level() -> None:
    ann = billed_on(1)
    cart = ann.post(CARTS, {"cartItem": [line("plan"), line("box")]}).body
    found = preview(ann, cart, startDate="2026-04-16", usage="data:1250.5")

    assert [(due["due"], total(due)) for due in found["due"]] == [
        ("atOrder", Decimal("39.99")),
        ("onDelivery", Decimal("5.00")),
    ]
    first, second, *_, last = found["bill"]
    # 16 to 30 April: 15 of 30 days; of the 2 euros that both have off, the plan has 10 / 15 and the box 5 / 15.
    assert of(first) == {
        "Price plan-month": Decimal("5.00"),
        "Data beyond what is included": Decimal("1.15"),  # 10 blocks of 100 MB at 0.10, 3 that are begun at 0.05
        "Promotion both": Decimal("-0.34"),  # -0.67 x 15/30 = -0.335 of the box
        "Price box-month": Decimal("2.50"),
    } | {"Promotion both": of(first)["Promotion both"]}
    together = [total(rate) for rate in first["rate"] if rate["name"] == "Promotion both"]
    assert together == [Decimal("-0.67"), Decimal("-0.34")]  # 1.33 x 15/30 = 0.665 and 0.67 x 15/30 = 0.335
    assert first["billingPeriod"] == {
        "startDateTime": "2026-04-01T00:00:00+02:00",
        "endDateTime": "2026-05-01T00:00:00+02:00",
    }
    assert first["rate"][0]["periodCoverage"]["startDateTime"] == "2026-04-16T00:00:00+02:00"
    assert total(second) == Decimal("10.00") + 5 - 2 + Decimal("1.15")
    assert [bill["isLevel"] for bill in found["bill"]] == [False] * 13 + [True]
    assert total(last) == Decimal("26.15")
    assert last["billingPeriod"]["startDateTime"].startswith("2027-05-01"), "half the price until 15 April"
    halfway = found["bill"][12]  # April 2027: 15 days at 10.00, 15 at 20.00
    assert of(halfway)["Price plan-month"] == Decimal("15.00")
    assert halfway["rate"][0]["trace"] == [
        step("ProductOfferingPrice", "plan-month", "Price plan-month", "0", "20"),
        step("Promotion", "half", "Promotion half", "20", "-5"),
    ]


def step(kind: str, rule: str, name: str, before: str, effect: str) -> Json:
    amounts = {"input": {"unit": "EUR", "value": Decimal(before)}, "effect": {"unit": "EUR", "value": Decimal(effect)}}
    told = {"rule": rule, "@referredType": kind, "name": name, "priceType": "recurring"}
    return {**told, "recurringChargePeriod": "month", **amounts}


@pytest.mark.usefixtures("hub", "sold")
def test_a_brand_that_bills_in_advance_takes_what_is_left_and_the_whole_next_period() -> None:
    store.publish({**SOLD, "billsInAdvance": True})
    ann = billed_on(5)
    cart = ann.post(CARTS, {"cartItem": [line("extra")]}).body
    first, *_, last = preview(ann, cart, startDate="2028-02-15")["bill"]
    # 15 February to 4 March 2028 are 19 of 29 days from the 5th: 9.99 x 19/29 = 6.5452
    assert amounts(first) == [Decimal("6.55"), Decimal("9.99")]
    assert [rate["periodCoverage"]["endDateTime"][:10] for rate in first["rate"]] == ["2028-03-05", "2028-04-05"]
    assert (amounts(last), last["isLevel"], last["billDate"][:10]) == ([Decimal("9.99")], True, "2028-05-05")


@pytest.mark.usefixtures("hub")
def test_stacys_add_on_to_what_she_has_is_billed_from_the_day_she_adds_it() -> None:
    """The sample catalog: 9.99 a month, 5.00 less for six months in self-care; her account is billed on the 5th."""
    stacy = billed_on(5)
    party = {"id": stacy.customer, "role": "owner", "@referredType": "Customer"}
    plan = {"name": "Nova M", "status": "active", "productOffering": {"id": "plan-m"}, "relatedParty": [party]}
    installed = OLGA.post(PRODUCTS, plan).body
    added = line("extra-data-10", action="modify", product={"id": installed["id"]})
    selfcare = replace(stacy, client="nova-selfcare")
    cart = selfcare.post(CARTS, {"cartItem": [added]}).body
    found = preview(selfcare, cart, startDate="2026-10-25T02:30:00+01:00")
    # 25 October to 4 November are 11 of 31 days: 4.99 x 11/31 = 1.7706; then six months run out on 24 April.
    assert [amounts(bill) for bill in found["bill"][:2]] == [[Decimal("1.77")], [Decimal("4.99")]]
    april = found["bill"][6]  # 5 to 24 April at 4.99, 25 April to 4 May at 9.99: (20 x 4.99 + 10 x 9.99) / 30 = 6.6567
    assert amounts(april) == [Decimal("6.66")]
    assert [step["effect"]["value"] for step in april["rate"][0]["trace"]] == [Decimal("9.99"), Decimal("-3.33")]
    assert amounts(found["bill"][7]) == [Decimal("9.99")]
    assert [bill["isLevel"] for bill in found["bill"]] == [False] * 7 + [True]

    order = selfcare.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert bare(preview(stacy, order, startDate="2026-10-25T02:30:00+01:00")) == bare(found), "in any channel"


@pytest.mark.usefixtures("hub", "sold")
def test_what_terms_bind_to_and_what_ending_them_costs_is_told_of_cart_order_and_product_alike() -> None:
    ann = billed_on(1)
    cart = ann.post(CARTS, {"cartItem": [line("plan"), line("box")]}).body
    asked = {"startDate": "2026-04-16", "endDate": "2026-10-16"}
    found = preview(ann, cart, **asked)

    plan, box = found["commitment"]["item"]
    # 12 x 10.00 + 12 x 20.00 - 3 x 1.33, and 44.99 once; 12 x 5.00 - 3 x 0.67
    assert (total(plan, "recurring"), total(plan, "oneTime"), total(plan, "total")) == tuple(
        map(Decimal, ("356.01", "44.99", "401.00"))
    )
    assert total(plan, "perMonth") == Decimal("16.71")
    assert (total(box, "total"), total(found["commitment"], "total")) == (Decimal("57.99"), Decimal("458.99"))
    plan, box = found["earlyTermination"]["item"]
    # Six months on: 6 x 10.00 + 12 x 20.00 of the plan are left and owed; of the box's 60.00 six twelfths.
    assert (plan["type"], box["type"]) == ("remainingShare", "declining")
    assert [total(plan, "amount"), total(plan, "remaining")] == [300, 300]
    assert [total(box, "amount"), total(box, "remaining")] == [30, 30]
    assert total(found["earlyTermination"], "amount") == 330
    for item in (*found["commitment"]["item"], *found["earlyTermination"]["item"]):
        whole = total(item, "total" if "total" in item else "amount")
        assert sum(each["effect"]["value"] for each in item["trace"]) == whole

    order = ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    of_order = preview(ann, order, **asked)
    assert of_order["productOrder"]["id"] == order["id"]
    assert bare(of_order) == bare(found), "the contract is what the cart showed"
    store.publish(market(productOffering=[], productOfferingPrice=[]))
    assert bare(preview(ann, order, **asked)) == bare(found), "whatever the catalog says today"


def bare(found: Json) -> Any:
    """A preview without what it is of."""
    told = {name: value for name, value in found.items() if name not in ("shoppingCart", "productOrder")}
    text = json.dumps(told, default=lambda amount: f"{amount.normalize():f}")
    return json.loads(text.replace("ProductOrderItem", "CartItem"))


@pytest.mark.usefixtures("hub", "sold")
def test_an_installed_product_says_what_its_next_bills_take_and_what_ending_it_costs() -> None:
    ann = billed_on(15)
    owned = {
        "name": "Plan",
        "status": "active",
        "startDate": "2026-01-31T12:00:00+01:00",
        "relatedParty": [{"id": ann.customer, "role": "owner", "@referredType": "Customer"}],
        "productPrice": [
            {
                "priceType": "recurring",
                "recurringChargePeriod": "month",
                "price": {"taxIncludedAmount": {"unit": "EUR", "value": 20}, "taxRate": 19},
            },
            {"priceType": "recurring", "recurringChargePeriod": "moonly", "price": {"percentage": 3}},
        ],
        "productTerm": [{"duration": {"amount": 24, "units": "month"}}],
    }
    product = OLGA.post(PRODUCTS, owned).body
    found = preview(ann, product, endDate="2027-01-31")
    assert "due" not in found
    assert total(found["earlyTermination"], "amount") == 240, "a year of 24 months is left"
    assert [total(bill) for bill in found["bill"]] == [20] * len(found["bill"])
    assert found["bill"][0]["taxItem"] == [{"taxRate": 19, "taxAmount": {"unit": "EUR", "value": Decimal("3.19")}}]
    ended = preview(ann, product, endDate="2028-02-01")["earlyTermination"]
    assert [total(ended, "amount"), total(ended, "remaining")] == [0, 0]
    billed_on(3).get(f"{product['href']}/billPreview", expect=404)
    refused = ann.get(f"{product['href']}/billPreview?startDate=2026-01-01", expect=400)
    assert "startDate is not asked here" in refused.body["reason"]


@pytest.mark.usefixtures("sold")
def test_a_preview_asks_aws_no_more_than_a_cart_and_its_account(hub: Stage) -> None:
    ann = billed_on(5)
    cart = ann.post(CARTS, {"cartItem": [line("extra")]}).body
    calls = ["dynamodb.GetItem", "dynamodb.GetItem", "dynamodb.BatchGetItem"]
    assert hub.called(lambda: preview(ann, cart)) == calls
    guests = GUEST.post(CARTS, {"cartItem": [line("extra")]}).body
    assert hub.called(lambda: preview(GUEST, guests, startDate="2026-02-10", cycleDay="29")) == ["dynamodb.GetItem"]
    found = preview(GUEST, guests, startDate="2026-02-10", cycleDay="29")
    assert total(found["bill"][0]) == Decimal("5.99"), "18 of the 30 days from 29 January to 27 February"
    assert "billingAccount" not in found["bill"][0]


@pytest.mark.usefixtures("hub", "sold")
def test_each_account_has_bills_of_its_own_and_nobody_learns_another_customers_day() -> None:
    ann, bob = billed_on(10), billed_on(20)
    (his,) = bob.get(f"{ACCOUNTS}?customer.id={bob.customer}").body
    second = OLGA.post(ACCOUNTS, {"customer": {"id": ann.customer}, "cycleDay": 31}).body
    items = [line("extra"), line("extra", billingAccount={"id": second["id"]})]
    cart = ann.post(CARTS, {"cartItem": [*items, line("extra", billingAccount={"id": his["id"]})]}).body
    found = preview(ann, cart, startDate="2026-04-20")
    ends = {bill.get("billingAccount", {}).get("id"): bill["billDate"][:10] for bill in reversed(found["bill"])}
    assert len(ends) == 3
    assert (ends[second["id"]], ends[None]) == ("2026-04-30", "2026-05-01"), "the usual day, not his"


@pytest.mark.usefixtures("hub", "sold")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("startDate=tomorrow", "startDate is a day such as 2026-04-17"),
        ("startDate=2026-04-17T10:00:00", "or a date-time with its offset"),
        ("startDate=1999-12-31", "startDate is a day"),
        ("startDate=9999-12-31", "startDate is a day"),
        ("endDate=2026-02-30", "endDate is a day"),
        ("cycleDay=0", "from 1 to 31"),
        ("cycleDay=32", "from 1 to 31"),
        ("cycleDay=1.5", "from 1 to 31"),
        ("usage=data", "such as data:12.5; there is none here"),
        ("usage=data:-1", "there is none here"),
        ("startdate=2026-04-17", "startdate is not asked here; a bill preview takes startDate, endDate"),
    ],
)
def test_what_cannot_be_asked_is_told(query: str, told: str) -> None:
    cart = GUEST.post(CARTS, {"cartItem": [line("extra")]}).body
    refused = GUEST.get(f"{cart['href']}/billPreview?{query}", expect=400)
    assert told in refused.body["reason"]


def recurring(value: Any = 20, **more: Any) -> Json:
    money = {"taxIncludedAmount": {"unit": "EUR", "value": value}}
    return {"priceType": "recurring", "recurringChargePeriod": "month", "price": money, **more}


@pytest.mark.usefixtures("hub", "sold")
@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"productPrice": [recurring(10**15)]}, []),
        ({"productPrice": [recurring(recurringChargePeriod="9999 year")]}, []),
        ({"productPrice": [recurring(count=10**15)]}, []),
        ({"productPrice": [recurring(count=-1)]}, []),
        ({"productPrice": [recurring(-1)]}, []),
        ({"productPrice": [recurring(productPriceAlteration=[{"priceType": "x", "price": {}}])]}, [20]),
        (
            {
                "productPrice": [
                    recurring(
                        productPriceAlteration=[
                            {
                                "priceType": "recurring",
                                "name": "half",
                                "applicationDuration": 10**15,
                                "price": {"percentage": 50},
                            }
                        ]
                    )
                ]
            },
            [10],
        ),
        ({"productPrice": [recurring()], "startDate": "0001-01-01T00:00:00Z"}, None),
        ({"productPrice": [recurring()], "startDate": "9999-12-31T23:59:59Z"}, None),
        ({"productPrice": [recurring()], "productTerm": [{"duration": {"amount": 10**15, "units": "year"}}]}, [20]),
        (
            {
                "productPrice": [recurring()],
                "productTerm": [
                    {
                        "duration": {"amount": 24, "units": "month"},
                        "earlyTermination": {"type": "fixed", "value": "NaN", "unit": "EUR"},
                    }
                ],
            },
            [20],
        ),
    ],
)
def test_what_somebody_brought_along_that_nobody_can_reckon_with_is_left_out(
    more: Json, told: list[int] | None
) -> None:
    ann = billed_on(1)
    party = {"id": ann.customer, "role": "owner", "@referredType": "Customer"}
    body = {"name": "Old", "status": "active", "startDate": "2026-01-01T00:00:00+01:00", "relatedParty": [party]}
    product = OLGA.post(PRODUCTS, {**body, **more}).body
    found = preview(ann, product)
    if told is not None:
        assert [amounts(bill) for bill in found["bill"]] == [[Decimal(each)] for each in told]
    assert "earlyTermination" not in found
