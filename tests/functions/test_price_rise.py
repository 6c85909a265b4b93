"""A price rise over what is sold already: seen before it is decided, told before it counts, true by the time alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from functions.events import rise as walk
from functions.shared import aws, clock, rows
from tests.functions.stage import (
    BEN,
    CARTS,
    CUSTOMERS,
    OLGA,
    ORDERS,
    PRODUCTS,
    RISES,
    Json,
    Person,
    Stage,
    fulfilled,
    line,
    on_record,
    order_of,
    step,
    stumbling,
    told,
)
from tests.functions.test_bill_preview import amounts, billed_on, preview

STUDENTS = [{"criteria": [{"criteriaParameter": "segment", "criteriaOperator": "=", "criteriaValue": "student"}]}]


def later(days: int) -> str:
    return clock.text(clock.now() + timedelta(days=days))


def rise(offering: str, **more: Any) -> Json:
    """A price rise that is announced in ten days and counts in forty."""
    asked = {
        "productOffering": {"id": offering},
        "reason": "energy",
        "noticeDate": later(10),
        "effectiveDate": later(40),
    }
    return {**asked, **({} if {"price", "percentage"} & more.keys() else {"percentage": 10}), **more}


def drafted(hub: Stage, offering: str, **more: Any) -> Json:
    made: Json = OLGA.post(RISES, rise(offering, **more)).body
    walked(hub, made["id"])
    return dict(OLGA.get(made["href"]).body)


def walked(hub: Stage, id_: str, most: int = 50) -> int:
    """Hands each event of a price rise to the walk, as the bus does, until none follows; how many steps it took."""
    steps = 0
    while told("rise", hub.events_of("priceRise", id_)[-1])["walked"] and steps < most:
        steps += 1
    return steps


def decided(hub: Stage, found: Json) -> Json:
    OLGA.patch(found["href"], {"state": "decided"})
    walked(hub, found["id"])
    return dict(OLGA.get(found["href"]).body)


def brought(
    offering: str, *values: float, owner: str, since: str = "2023-01-31T00:00:00Z", per: str = "month", **more: Any
) -> Json:
    """A product that is installed for long, with these monthly prices."""
    prices = [
        {
            "priceType": "recurring",
            "recurringChargePeriod": per,
            "price": {"taxIncludedAmount": {"unit": "EUR", "value": value}},
            "productOfferingPrice": {"id": f"{offering}-{n}"},
        }
        for n, value in enumerate(values)
    ]
    body = {
        "status": "active",
        "startDate": since,
        "productOffering": {"id": offering},
        "productPrice": prices,
        "relatedParty": [{"id": owner, "role": "owner", "@referredType": "Customer"}],
        **more,
    }
    made: Json = OLGA.post(PRODUCTS, body).body
    return made


def prices(found: Json) -> list[Decimal]:
    return [
        Decimal(str(each["price"]["taxIncludedAmount"]["value"]))
        for each in found["productPrice"]
        if each["priceType"] == "recurring"
    ]


def euros(totals: list[Json]) -> list[Decimal]:
    return [Decimal(str(each["price"]["value"])) for each in totals]


@pytest.fixture
def at() -> Iterator[Any]:
    """Has it be so many days later."""
    with time_machine.travel(datetime.now().astimezone(), tick=True) as traveller:
        begun = clock.now()
        yield lambda days: traveller.move_to(begun + timedelta(days=days))


def test_a_rise_is_seen_decided_told_and_then_it_counts(hub: Stage, at: Any) -> None:
    una = on_record()
    plan = brought("prepaid-basic", 9.99, owner=str(una.customer))
    other = brought("tv-basic", 5, owner=str(una.customer))
    spared = brought("prepaid-basic", 9.99, owner=str(on_record(None).customer), productTerm=[_term(600)])

    found = drafted(hub, "prepaid-basic", percentage=10)
    preview = found["preview"]
    assert found["state"] == "draft"
    assert (preview["complete"], preview["product"], preview["bill"], preview["withinTerm"]) == (True, 1, 1, 1)
    assert (euros(preview["currentTotal"]), euros(preview["comingTotal"])) == ([Decimal("9.99")], [Decimal("10.99")])
    assert preview["histogram"] == [{"unit": "EUR", "upTo": 1, "product": 1}]
    assert [(each["id"], each["increase"]["value"]) for each in preview["largest"]] == [(plan["id"], 1)]
    (bill,) = OLGA.get(f"{found['href']}/bill").body
    assert (bill["customer"]["id"], [each["id"] for each in bill["product"]]) == (una.customer, [plan["id"]])
    assert (euros(bill["currentTotal"]), euros(bill["comingTotal"])) == ([Decimal("14.99")], [Decimal("15.99")])
    assert una.get(plan["href"]).body == plan, "a draft changes nothing"

    done = decided(hub, found)
    assert (done["state"], done["told"]) == ("decided", {"complete": True, "product": 1})
    assert done["touch"]["by"] == OLGA.subject
    assert una.get(plan["href"]).body == plan, "before the notice date nobody is told"
    at(11)
    (coming,) = una.get(plan["href"]).body["comingPrice"]
    assert BEN.get(plan["href"]).body["comingPrice"] == [coming]
    assert (coming["currentPrice"]["value"], coming["price"]["value"]) == (Decimal("9.99"), Decimal("10.99"))
    assert coming["terminationWithoutCharge"] == {
        "startDateTime": found["noticeDate"],
        "endDateTime": found["effectiveDate"],
    }
    assert prices(una.get(plan["href"]).body) == [Decimal("9.99")]
    at(41)
    after = una.get(plan["href"]).body
    assert (prices(after), "comingPrice" in after) == ([Decimal("10.99")], False)
    assert una.get(PRODUCTS).body == [other, after] or una.get(PRODUCTS).body == [after, other]
    assert prices(OLGA.get(spared["href"]).body) == [Decimal("9.99")]


def _term(months: int) -> Json:
    return {"name": "term", "duration": {"amount": months, "units": "month"}}


def test_new_terms_leave_a_rise_behind_and_what_keeps_the_terms_takes_it_along(hub: Stage, at: Any) -> None:
    una = on_record()
    fulfilled(order_of(una, "plan-s"))
    (plan,) = una.get(PRODUCTS).body
    found = decided(hub, drafted(hub, "plan-s", withinTerm="included", percentage=50))
    assert found["told"]["product"] == 1
    at(45)
    assert prices(una.get(plan["href"]).body)[0] == Decimal("29.99")  # 19.99 and half of it, to the cent
    _changed(una, plan, "simSwap", None)
    assert prices(una.get(plan["href"]).body)[0] == Decimal("29.99")
    _changed(una, plan, "planChange", "plan-l")
    assert prices(una.get(plan["href"]).body)[0] == Decimal("44.99")


def test_a_rise_that_is_told_while_an_order_is_fulfilled_takes_nothing_from_it(hub: Stage) -> None:
    una = on_record(None)
    plan = brought("tv-plus", 8, owner=str(una.customer))
    found = drafted(hub, "tv-plus", percentage=1)
    OLGA.patch(found["href"], {"state": "decided"})
    swap = {"action": "modify", "kind": "suspend", "product": {"id": plan["id"]}}
    cart = una.post(CARTS, {"cartItem": [swap]}).body
    order = una.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    step("claim", order["id"])
    step("activate", order["id"])
    with stumbling(aws.dynamodb(), "PutItem", lambda: walked(hub, found["id"])):
        step("install", order["id"])
    row = hub.row("inventory", "product", plan["id"])
    assert (row["body"]["status"], len(row["rises"]), "pending" in row) == ("suspended", 1, False)


def _changed(by: Person, plan: Json, kind: str, offering: str | None) -> None:
    item = {"action": "modify", "kind": kind, "product": {"id": plan["id"]}, **(line(offering) if offering else {})}
    cart = by.post(CARTS, {"cartItem": [item]}).body
    (seen,) = cart["cartItem"]
    lost = [loss["kind"] for loss in seen.get("losing", [])]
    accepted = {"acceptedLoss": [{"id": plan["id"], "kind": lost}]} if lost else {}
    order = by.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **accepted})
    assert fulfilled(order.body)["state"] == "completed"


def test_a_rise_is_for_a_segment_as_it_was_when_it_was_previewed(hub: Stage) -> None:
    student, other = on_record(), on_record(None)
    OLGA.patch(f"{CUSTOMERS}/{student.customer}", {"characteristic": [{"name": "student", "value": "yes"}]})
    hers = brought("sim-only", 10, owner=str(student.customer), productOffering={"id": "prepaid-max"})
    brought("sim-only", 10, owner=str(other.customer), productOffering={"id": "prepaid-max"})
    found = drafted(hub, "prepaid-max", criteriaGroup=STUDENTS, price={"unit": "EUR", "value": 12.5})
    assert [each["id"] for each in found["preview"]["largest"]] == [hers["id"]]
    OLGA.patch(f"{CUSTOMERS}/{student.customer}", {"characteristic": []})
    OLGA.patch(f"{CUSTOMERS}/{other.customer}", {"characteristic": [{"name": "student", "value": "yes"}]})
    assert decided(hub, found)["told"] == {"complete": True, "product": 1}
    assert [each["value"] for each in hub.row("inventory", "product", hers["id"])["rises"]] == [Decimal("12.5")]


def test_a_walk_of_many_pages_counts_each_bill_once_however_often_a_page_is_walked(
    hub: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every page is walked twice: its answer was lost, and the bus sends its event again."""
    monkeypatch.setattr(walk, "PAGE", 3)
    people = [on_record(None) for _ in range(4)]
    plans = [
        brought("plan-xl", 64.99, owner=str(person.customer), since=f"2022-0{n}-01T00:00:00Z")
        for person in people
        for n in (1, 2, 3)
    ]
    dear = brought("plan-xl", 99, owner=str(people[0].customer))

    made: Json = OLGA.post(RISES, rise("plan-xl", price={"unit": "EUR", "value": 69.99})).body
    steps = 0
    while (event := hub.events_of("priceRise", made["id"])[-1]) and told("rise", event)["walked"]:
        assert told("rise", event) == {"walked": False}, "the row has moved on"
        steps += 1
    found = OLGA.get(made["href"]).body
    assert steps > 4
    assert (found["preview"]["product"], found["preview"]["bill"]) == (len(plans), len(people))
    assert found["preview"]["histogram"] == [{"unit": "EUR", "upTo": 5, "product": len(plans)}]
    bills = OLGA.get(f"{found['href']}/bill?limit=2")
    assert (bills.status, len(bills.body)) == (206, 2)
    done = decided(hub, found)
    assert done["told"] == {"complete": True, "product": len(plans)}
    for each in plans:
        assert len(hub.row("inventory", "product", each["id"])["rises"]) == 1
    assert "rises" not in hub.row("inventory", "product", dear["id"]), "it costs more already"


def test_a_company_with_more_lines_than_a_bill_tells_has_them_all_raised(hub: Stage) -> None:
    company = str(on_record(None).customer)
    plan = brought("fleet-service", 30, owner=company)
    row = hub.row("inventory", "product", plan["id"])
    for n in range(120):
        rows.save(rows.put("test-inventory", {**row, "id": f"line-{n}", "pk": f"nova#product#line-{n}"}))
    found = drafted(hub, "fleet-service", percentage=10)
    assert (found["preview"]["product"], found["preview"]["bill"]) == (121, 1)
    bills = OLGA.get(f"{found['href']}/bill").body
    assert sorted((each["part"], len(each["product"])) for each in bills) == [(1, 100), (2, 21)]
    assert {tuple(euros(each["comingTotal"])) for each in bills} == {(Decimal("3993.00"),)}
    assert decided(hub, found)["told"] == {"complete": True, "product": 121}


def test_who_is_told_late_pays_late(hub: Stage, at: Any) -> None:
    una = on_record(None)
    plan = brought("tv-plus", 10, owner=str(una.customer))
    found = drafted(hub, "tv-plus")
    OLGA.patch(found["href"], {"state": "decided"})
    at(35)
    walked(hub, found["id"])  # only now, for whatever reason
    (coming,) = una.get(plan["href"]).body["comingPrice"]
    assert clock.moment(coming["effectiveDate"]) >= clock.now() + timedelta(days=29)
    at(41)
    assert prices(una.get(plan["href"]).body) == [10]
    at(66)
    assert prices(una.get(plan["href"]).body) == [11]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"percentage": 0}, 400, "priceRiseUnclear"),
        ({"percentage": 1000}, 400, "priceRiseUnclear"),
        ({"percentage": 10, "price": {"unit": "EUR", "value": 5}}, 400, "priceRiseUnclear"),
        ({"price": {"unit": "XXX", "value": 5}}, 400, "priceRiseUnclear"),
        ({"price": {"unit": "EUR", "value": 5.001}}, 400, "priceRiseUnclear"),
        ({"price": {"unit": "EUR", "value": -5}}, 400, "priceRiseUnclear"),
        ({"effectiveDate": "9999-12-31T23:59:59Z"}, 400, "priceRiseUnclear"),
        ({"noticeDate": "0001-01-01T00:00:00+01:00"}, 400, "malformed"),
        ({"reason": ""}, 400, "priceRiseUnclear"),
        ({"withinTerm": "perhaps"}, 400, "priceRiseUnclear"),
        ({"productOffering": {"id": "no-such-plan"}}, 409, "unknownOffering"),
        (
            {
                "criteriaGroup": [
                    {"criteria": [{"criteriaParameter": "shoeSize", "criteriaOperator": "=", "criteriaValue": "1"}]}
                ]
            },
            400,
            "priceRiseUnclear",
        ),
        (
            {
                "criteriaGroup": [
                    {"criteria": [{"criteriaParameter": "channel", "criteriaOperator": "=", "criteriaValue": "web"}]}
                ]
            },
            400,
            "priceRiseUnclear",
        ),
        (
            {
                "criteriaGroup": [
                    {"criteria": [{"criteriaParameter": "segment", "criteriaOperator": "=", "criteriaValue": "nobody"}]}
                ]
            },
            400,
            "priceRiseUnclear",
        ),
        ({"noticeDate": "2020-01-01T00:00:00Z"}, 409, "noticeTooShort"),
        ({"noticeDate": "2090-01-01T00:00:00Z", "effectiveDate": "2090-01-30T00:00:00Z"}, 409, "noticeTooShort"),
    ],
)
def test_a_rise_that_says_nothing_clear_changes_nothing(hub: Stage, wrong: Json, status: int, code: str) -> None:
    before = hub.held("inventory", "priceRise")
    assert OLGA.post(RISES, rise("plan-m", **wrong), expect=status).body["code"] == code
    assert hub.held("inventory", "priceRise") == before


def test_a_rise_is_decided_once_when_it_has_been_seen_and_while_there_is_time(hub: Stage, at: Any) -> None:
    made = OLGA.post(RISES, rise("roaming-swiss"), idempotency_key="rise-1")
    assert OLGA.post(RISES, made_of(made.body), idempotency_key="rise-1", expect=422).body["code"] == "keyReused"
    found = made.body
    assert OLGA.patch(found["href"], {"state": "decided"}, expect=409).body["code"] == "previewIncomplete"
    walked(hub, found["id"])
    OLGA.patch(found["href"], {"reason": "another"}, expect=400)
    OLGA.patch(found["href"], {"state": "decided"}, if_match='"1"', expect=409)
    late = drafted(hub, "roaming-swiss")
    OLGA.patch(found["href"], {"state": "decided"})
    again = OLGA.patch(found["href"], {"state": "decided"}).body
    assert (again["state"], again["touch"]) == ("decided", OLGA.get(found["href"]).body["touch"])
    at(11)
    assert OLGA.patch(late["href"], {"state": "decided"}, expect=409).body["code"] == "noticeTooShort"
    assert {each["id"] for each in OLGA.get(RISES).body} >= {found["id"], late["id"]}
    assert BEN.get(RISES, expect=403).status == 403
    OLGA.get(f"{RISES}/nobodys", expect=404)
    OLGA.get(f"{RISES}/nobodys/bill", expect=404)


def test_a_decided_rise_is_taken_back_before_its_day_and_products_have_their_old_terms_again(
    hub: Stage, at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "TOLD", 1)
    una, otto = on_record(None), on_record(None)
    plans = [brought("roaming-swiss", 9.99, owner=str(each.customer)) for each in (una, otto)]
    found = drafted(hub, "roaming-swiss", percentage=10)
    assert OLGA.patch(found["href"], {"state": "cancelled"}, expect=409).body["code"] == "wrongState"
    decided(hub, found)
    at(11)
    assert [len(OLGA.get(each["href"]).body["comingPrice"]) for each in plans] == [1, 1]
    BEN.patch(found["href"], {"state": "cancelled"}, expect=403)
    OLGA.patch(found["href"], {"state": "cancelled", "reason": "x"}, expect=400)

    touched = OLGA.patch(found["href"], {"state": "cancelled"}).body["cancellation"]
    assert (touched["by"], touched["complete"]) == (OLGA.subject, False)
    assert walked(hub, found["id"]) > 1
    after = OLGA.get(found["href"]).body
    assert (after["state"], after["cancellation"]) == ("cancelled", {**touched, "complete": True, "product": 2})
    assert OLGA.patch(found["href"], {"state": "cancelled"}).body == after, "a repeat changes nothing"
    assert OLGA.patch(found["href"], {"state": "decided"}, expect=409).body["code"] == "wrongState"
    assert [una.get(plans[0]["href"]).body, otto.get(plans[1]["href"]).body] == plans
    at(41)
    assert prices(una.get(plans[0]["href"]).body) == [Decimal("9.99")]
    assert OLGA.patch(found["href"], {"state": "cancelled"}).body == after


def test_a_rise_that_counts_is_not_taken_back(hub: Stage, at: Any) -> None:
    una = on_record(None)
    plan = brought("roaming-swiss", 20, owner=str(una.customer))
    found = decided(hub, drafted(hub, "roaming-swiss"))
    at(41)
    assert OLGA.patch(found["href"], {"state": "cancelled"}, expect=409).body["code"] == "tooLate"
    assert OLGA.get(found["href"]).body == found
    assert prices(una.get(plan["href"]).body) == [22]


def test_a_step_that_is_late_tells_nobody_of_a_rise_that_is_taken_back(hub: Stage) -> None:
    una = on_record(None)
    plan = brought("roaming-swiss", 30, owner=str(una.customer))
    found = drafted(hub, "roaming-swiss")
    OLGA.patch(found["href"], {"state": "decided"})
    late = hub.events_of("priceRise", found["id"])[-1]

    def taken_back() -> None:
        OLGA.patch(found["href"], {"state": "cancelled"})
        walked(hub, found["id"])

    with stumbling(aws.dynamodb(), "TransactWriteItems", taken_back):
        assert told("rise", late) == {"walked": False}
    assert "rises" not in hub.row("inventory", "product", plan["id"])
    assert OLGA.get(found["href"]).body["cancellation"]["complete"]


def test_a_rise_on_top_of_one_that_is_taken_back_says_what_it_rises_from_then(hub: Stage, at: Any) -> None:
    una = on_record(None)
    plan = brought("roaming-swiss", 40, owner=str(una.customer))
    first = decided(hub, drafted(hub, "roaming-swiss"))
    second = drafted(hub, "roaming-swiss", effectiveDate=later(60))
    decided(hub, second)
    OLGA.patch(first["href"], {"state": "cancelled"})
    walked(hub, first["id"])
    at(41)
    (coming,) = una.get(plan["href"]).body["comingPrice"]
    assert (coming["currentPrice"]["value"], coming["price"]["value"]) == (40, Decimal("48.4"))
    assert prices(una.get(plan["href"]).body) == [40]
    at(61)
    assert prices(una.get(plan["href"]).body) == [Decimal("48.4")]


# Worked out by hand. cycle day | per | price | new | it counts from | asked at | lines of the bills that follow
SPLITS = """
1  | month | 30.00 | 33.00 | 2040-03-16T00:00:00+01:00 | 2040-03-02 | 14.52 17.03, 33.00 | 30 x 15/31, 33 x 16/31
1  | month | 30.00 | 33.00 | 2040-03-16T00:00:00+01:00 | 2040-03-20 | 14.52 17.03, 33.00 | as it counts already
1  | month | 30.00 | 33.00 | 2040-03-16T00:00:00+01:00 | 2040-02-20 | 30.00, 14.52 17.03, 33.00 | a bill before
1  | month | 29.00 | 31.90 | 2040-02-29T00:00:00+01:00 | 2040-02-02 | 28.00 1.10, 31.90 | the leap day alone, 1/29
31 | month | 29.00 | 31.90 | 2040-02-29T00:00:00+01:00 | 2040-02-02 | 29.00, 31.90 | a period ends on the 28th
30 | month | 31.00 | 33.00 | 2040-03-31T00:00:00+02:00 | 2040-03-30 | 1.00 31.94, 33.00 | one day of 31 is old
5  | month | 30.00 | 33.00 | 2040-03-05T00:00:00+01:00 | 2040-03-02 | 30.00, 33.00 | it begins with a bill
1  | month | 30.00 | 33.00 | 2040-03-31T22:00:00Z      | 2040-03-02 | 30.00, 33.00 | midnight in Berlin, in summer
1  | month | 30.00 | 33.00 | 2040-02-29T23:00:00Z      | 2040-02-02 | 30.00, 33.00 | midnight in Berlin, in winter
1  | month | 30.00 | 33.00 | 2040-03-16T12:00:00+01:00 | 2040-03-02 | 15.48 15.97, 33.00 | at noon: from the day after
1  | week  | 7.00  | 14.00 | 2040-03-16T00:00:00+01:00 | 2040-03-02 | 15.00 32.00, 60.00 | a day is 1.00, then 2.00
1  | year  | 120.00 | 132.00 | 2040-03-10T00:00:00+01:00 | 2040-03-02 | 132.00, | a year begins on the day of the rise
1  | year  | 120.00 | 132.00 | 2040-03-11T00:00:00+01:00 | 2040-03-02 | 120.00, | and here the day before
"""
SPLIT = [[cell.strip() for cell in row.split("|")] for row in SPLITS.strip().splitlines()]


@pytest.mark.parametrize(("day", "per", "was", "new", "counts", "asked", "lines", "how"), SPLIT)
def test_a_bill_is_split_on_the_day_of_a_rise_as_the_table_says(
    hub: Stage, day: str, per: str, was: str, new: str, counts: str, asked: str, lines: str, how: str
) -> None:
    effective = clock.moment(counts)
    with time_machine.travel(effective - timedelta(days=70)) as traveller:
        ann = billed_on(int(day))
        plan = brought("roaming-swiss", float(was), owner=str(ann.customer), since="2038-03-10T12:00:00+01:00", per=per)
        dates = {"noticeDate": clock.text(effective - timedelta(days=40)), "effectiveDate": counts}
        found = drafted(hub, "roaming-swiss", price={"unit": "EUR", "value": float(new)}, **dates)
        decided(hub, found)
        before = preview(ann, plan)["bill"]
        assert all(len(amounts(bill)) < 2 for bill in before), "before the notice date nobody is told"
        traveller.move_to(clock.moment(f"{asked}T12:00:00Z"))
        bills = preview(ann, plan)["bill"]
    expected = [[Decimal(amount) for amount in bill.split()] for bill in lines.split(",")]
    assert [amounts(bill) for bill in bills][: len(expected)] == expected, how
    assert bills[-1]["isLevel"]
    OLGA.delete(plan["href"])


def made_of(body: Json) -> Json:
    return {"productOffering": {"id": "plan-m"}, "reason": body["reason"]}
