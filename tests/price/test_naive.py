"""The naive evaluator against carts worked out by hand: at least one for every rule of the semantics.

A row: what it shows, the catalog, the lines, and what comes out: the ids given, the saving over the horizon, what is
paid in period 1 per period. PLAN is 10.00 a month without a term, so that a saving counts twelve times.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from tests.price.facts import Facts, Json
from tests.price.naive import priced
from tests.price.shelf import (
    NOW,
    action,
    catalog,
    discount,
    lines,
    monthly,
    offering,
    once,
    pattern,
    promotion,
    recurring,
    when,
)

PLAN = offering("plan", monthly("plan-price", "10.00"), categories=("mobile",))
TV = offering("tv", monthly("tv-price", "20.00"), categories=("home",))
HALF = action("percentage", "50")
TENTH = action("percentage", "10")


@dataclass(frozen=True)
class Row:
    rule: str
    content: Json
    lines: list[Json]
    given: str
    saving: str
    paid: dict[str, str]
    facts: Facts = field(default_factory=dict)


def shares(result: Json) -> list[Decimal]:
    return [price["share"][0] for line in result["line"] for price in line["price"]]


def units(result: Json) -> list[Decimal]:
    found: list[Decimal] = result["line"][0]["price"][0]["unit"]
    return found


ROWS = [
    Row(
        "0: of patterns that hold, the smallest (priority, id): 10 %, not 50 %; 1.00 x 12",
        catalog([PLAN], [promotion("a", pattern("y", HALF), pattern("x", TENTH), pattern("w", HALF, priority=2))]),
        lines(("plan", 1)),
        "a",
        "12.00",
        {"1 month": "9.00"},
    ),
    Row(
        "0: criteria see the quantity of the line: 3 x 5.00 and 1 x 1.00 off, 16.00 x 12",
        catalog(
            [PLAN],
            [
                promotion(
                    "a",
                    pattern("many", HALF, priority=1, asks=when(("quantity", ">=", "3"))),
                    pattern("few", TENTH, priority=2),
                )
            ],
        ),
        lines(("plan", 1), ("plan", 3)),
        "a",
        "192.00",
        {"1 month": "24.00"},
    ),
    Row(
        "0: without a pattern that holds for any line it is not given",
        catalog([PLAN], [promotion("a", pattern("x", HALF, asks=when(("channel", "=", "shop"))))]),
        lines(("plan", 1)),
        "",
        "0",
        {"1 month": "10.00"},
    ),
    Row(
        "0: reaches by offering, category or price: 1.00, 2.00 and 3.00 off, not the fourth; 6.00 x 12",
        catalog(
            [PLAN, TV, offering("net", monthly("net-price", "30.00")), offering("plan-price", monthly("x", "7.00"))],
            [
                discount(
                    "a",
                    TENTH
                    | {
                        "appliesTo": [
                            {"id": "plan", "@referredType": "ProductOffering"},
                            {"id": "home", "@referredType": "Category"},
                            {"id": "net-price", "@referredType": "ProductOfferingPrice"},
                        ]
                    },
                )
            ],
        ),
        lines(("plan", 1), ("tv", 1), ("net", 1), ("plan-price", 1)),
        "a",
        "72.00",
        {"1 month": "61.00"},
    ),
    Row(
        "0: the price type must fit: 10 % of 30.00 once, nothing off the month",
        catalog(
            [offering("plan", monthly("m", "10.00"), once("o", "30.00"))],
            [discount("a", action("percentage", "10", "oneTime"))],
        ),
        lines(("plan", 2)),
        "a",
        "6.00",
        {"": "54.00", "1 month": "20.00"},
    ),
    Row(
        "0: amounts act in their own currency: 2.00 EUR x 12, the action in francs reaches nothing",
        catalog(
            [PLAN],
            [discount("a", action("amount", "1", actionUnit="CHF"), action("amount", "2", actionUnit="EUR"))],
        ),
        lines(("plan", 1)),
        "a",
        "24.00",
        {"1 month": "8.00"},
    ),
    Row(
        "0: of several actions the first by type, then by number (9 before 10), then by id: 9 % of 10.00 = 0.90 x 12",
        catalog(
            [PLAN],
            [
                discount(
                    "a",
                    action("percentage", "10", id="x"),
                    action("percentage", "9", id="z", applicationDuration=1),
                    action("percentage", "9", id="y"),
                )
            ],
        ),
        lines(("plan", 1)),
        "a",
        "10.80",
        {"1 month": "9.10"},
    ),
    Row(
        "1: by pattern priority: 20.00 halved is 10.00, less 5.00; 15.00 x 12 (the other way it would be 12.50)",
        catalog(
            [TV],
            [discount("a", action("amount", "5"), priority=2, limit=2), discount("b", HALF, priority=1, limit=2)],
        ),
        lines(("tv", 1)),
        "a b",
        "180.00",
        {"1 month": "5.00"},
    ),
    Row(
        "1: at equal priority by id: 20.00 less 5.00 is 15.00, halved 7.50; 12.50 x 12",
        catalog([TV], [discount("b", HALF, limit=2), discount("a", action("amount", "5"), limit=2)]),
        lines(("tv", 1)),
        "a b",
        "150.00",
        {"1 month": "7.50"},
    ),
    Row(
        "1: the smallest limit of all counts: 50 % alone (10.00) beats 5.00 alone; they may not meet",
        catalog([TV], [discount("a", HALF, limit=2), discount("b", action("amount", "5"), limit=1)]),
        lines(("tv", 1)),
        "a",
        "120.00",
        {"1 month": "10.00"},
    ),
    Row(
        "1: three meet: 100 - 10 = 90, - 18 = 72, - 21.60 = 50.40; 49.60 x 12",
        catalog(
            [offering("big", monthly("b", "100.00"))],
            [discount(i, action("percentage", v), limit=3) for i, v in (("a", "10"), ("b", "20"), ("c", "30"))],
        ),
        lines(("big", 1)),
        "a b c",
        "595.20",
        {"1 month": "50.40"},
    ),
    Row(
        "1: with a limit of 2 for c: of the pairs ab 28, ac 37, bc 44 the best; 44.00 x 12",
        catalog(
            [offering("big", monthly("b", "100.00"))],
            [
                discount("a", action("percentage", "10"), limit=3),
                discount("b", action("percentage", "20"), limit=3),
                discount("c", action("percentage", "30"), limit=2),
            ],
        ),
        lines(("big", 1)),
        "b c",
        "528.00",
        {"1 month": "56.00"},
    ),
    Row(
        "1: a fixed price of 12.00 takes 8.00 off 20.00 and nothing off 10.00, where it is no member; 8.00 x 12",
        catalog([PLAN, TV], [discount("a", action("fixedPrice", "12"))]),
        lines(("plan", 1), ("tv", 1)),
        "a",
        "96.00",
        {"1 month": "22.00"},
    ),
    Row(
        "1: an amount takes no more than is left: 2 x 4.99",
        catalog([offering("sim", once("s", "4.99"))], [discount("a", action("amount", "5", "oneTime"))]),
        lines(("sim", 2)),
        "a",
        "9.98",
        {"": "0.00"},
    ),
    Row(
        "1: half up, per unit before the quantity: half of 9.99 is 4.995, so 5.00 off; 2 x 5.00 x 12",
        catalog([offering("plan", monthly("m", "9.99"))], [discount("a", HALF)]),
        lines(("plan", 2)),
        "a",
        "120.00",
        {"1 month": "9.98"},
    ),
    Row(
        "1: francs to 0.05, half up: 12.5 % of 10.20 is 1.275, so 1.30 off; 1.30 x 12",
        catalog([offering("plan", monthly("m", "10.20", "CHF"))], [discount("a", action("percentage", "12.5"))]),
        lines(("plan", 1)),
        "a",
        "15.60",
        {"1 month": "8.90"},
        {"currency": "CHF"},
    ),
    Row(
        "1: three free months, then a tenth off: 3 x 10.00 + 9 x 1.00 (in the free months the tenth is of nothing)",
        catalog(
            [PLAN],
            [
                discount("a", action("percentage", "100", applicationDuration=3), limit=2),
                discount("b", TENTH, priority=2, limit=2),
            ],
        ),
        lines(("plan", 1)),
        "a b",
        "39.00",
        {"1 month": "0.00"},
    ),
    Row(
        "1: alone it takes off nothing (a fixed price of 15.00 on 10.00), so it may not come along for later",
        catalog(
            [PLAN], [discount("a", action("fixedPrice", "15"), limit=2), discount("b", TENTH, priority=2, limit=2)]
        ),
        lines(("plan", 1)),
        "b",
        "12.00",
        {"1 month": "9.00"},
    ),
    Row(
        "2: a group gives one for the whole cart: half of 20.00 (10.00 x 12), not half of 10.00",
        catalog(
            [PLAN, TV],
            [
                discount("a", action("percentage", "50", on=("plan",)), group="g"),
                discount("b", action("percentage", "50", on=("tv",)), group="g"),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "b",
        "120.00",
        {"1 month": "20.00"},
    ),
    Row(
        "2: members of different groups and of none do not touch one another: 5.00 and 10.00 x 12",
        catalog(
            [PLAN, TV],
            [
                discount("a", action("percentage", "50", on=("plan",)), group="g"),
                discount("b", action("percentage", "50", on=("tv",)), group="h"),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "a b",
        "180.00",
        {"1 month": "15.00"},
    ),
    Row(
        "2: the stronger member is given, though the weaker would save more: 1.00 x 12",
        catalog([PLAN], [discount("a", HALF, priority=2, group="g"), discount("b", TENTH, group="g")]),
        lines(("plan", 1)),
        "b",
        "12.00",
        {"1 month": "9.00"},
    ),
    Row(
        "2: a stronger member that would take off nothing leaves the weaker in: 5.00 x 12",
        catalog(
            [PLAN],
            [
                discount("a", HALF, priority=2, group="g"),
                discount("b", action("percentage", "10", on=("tv",)), group="g"),
            ],
        ),
        lines(("plan", 1)),
        "a",
        "60.00",
        {"1 month": "5.00"},
    ),
    Row(
        "2: its number is the smallest of its patterns that hold for some line, here 1 (of 1 and 3): 3 x 1.00 x 12",
        catalog(
            [PLAN],
            [
                promotion(
                    "a",
                    pattern("x", TENTH, priority=1, asks=when(("quantity", ">", "1"))),
                    pattern("y", TENTH, priority=3),
                    group="g",
                ),
                discount("b", HALF, priority=2, group="g"),
            ],
        ),
        lines(("plan", 1), ("plan", 2)),
        "a",
        "36.00",
        {"1 month": "27.00"},
    ),
    Row(
        "3: over 12 months seven free ones (70.00) are more than half for ever (60.00)",
        catalog(
            [PLAN],
            [discount("a", HALF), discount("b", action("percentage", "100", applicationDuration=7))],
        ),
        lines(("plan", 1)),
        "b",
        "70.00",
        {"1 month": "0.00"},
    ),
    Row(
        "3: over a term of 24 months half for ever (120.00) is more than seven free ones",
        catalog(
            [offering("plan", monthly("m", "10.00"), term=24)],
            [discount("a", HALF), discount("b", action("percentage", "100", applicationDuration=7))],
        ),
        lines(("plan", 1)),
        "a",
        "120.00",
        {"1 month": "5.00"},
    ),
    Row(
        "3: ties: 2 x 5.00 = 1 x 10.00, the larger saving in period 1",
        catalog(
            [PLAN],
            [
                discount("a", action("percentage", "50", applicationDuration=2)),
                discount("b", action("percentage", "100", applicationDuration=1)),
            ],
        ),
        lines(("plan", 1)),
        "b",
        "10.00",
        {"1 month": "0.00"},
    ),
    Row(
        "3: ties: the same in all, the smaller id; and what adds nothing to it is not given",
        catalog(
            [PLAN],
            [
                discount("c", action("percentage", "100"), limit=2),
                discount("b", action("amount", "10"), limit=2),
            ],
        ),
        lines(("plan", 1)),
        "b",
        "120.00",
        {"1 month": "0.00"},
    ),
    Row(
        "3: periods in 12 months: 1 year, 365 days, 52 weeks, 13 of 4 weeks, 4 of 3 months; 1.00 off each: 435.00",
        catalog(
            [
                offering(
                    "all",
                    recurring("y", "10.00", "year"),
                    recurring("d", "10.00", "day"),
                    recurring("w", "10.00", "week"),
                    recurring("w4", "10.00", "week", recurringChargePeriodLength=4),
                    recurring("m3", "10.00", "month", recurringChargePeriodLength=3),
                )
            ],
            [discount("a", TENTH)],
        ),
        lines(("all", 1)),
        "a",
        "435.00",
        {"1 day": "9.00", "1 week": "9.00", "1 year": "9.00", "3 month": "9.00", "4 week": "9.00"},
    ),
    Row(
        "3: in a term of 5 months: 152 days (152.08), 21 weeks (21.67), and at least 1 year: 174 x 1.00",
        catalog(
            [
                offering(
                    "all",
                    recurring("y", "10.00", "year"),
                    recurring("d", "10.00", "day"),
                    recurring("w", "10.00", "week"),
                    term=5,
                )
            ],
            [discount("a", TENTH)],
        ),
        lines(("all", 1)),
        "a",
        "174.00",
        {"1 day": "9.00", "1 week": "9.00", "1 year": "9.00"},
    ),
    Row(
        "4: together an amount is taken off once: 6.00 off 10.00 + 20.00; 6.00 x 12",
        catalog([PLAN, TV], [discount("a", action("amount", "6", scope="together"))]),
        lines(("plan", 1), ("tv", 1)),
        "a",
        "72.00",
        {"1 month": "24.00"},
    ),
    Row(
        "4: after stage one: half of plan leaves 5.00 + 20.00, of that a tenth is 2.50; 7.50 x 12",
        catalog(
            [PLAN, TV],
            [
                discount("b", action("percentage", "50", on=("plan",))),
                discount("a", action("percentage", "10", scope="together")),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "a b",
        "90.00",
        {"1 month": "22.50"},
    ),
    Row(
        "4: one after the other: a tenth of 30.00 is 1.00 + 2.00, then half of plan's 9.00 is 4.50; 7.50 x 12",
        catalog(
            [PLAN, TV],
            [
                discount("b", action("percentage", "10", scope="together"), limit=2),
                discount("a", action("percentage", "50", scope="together", on=("plan",)), priority=2, limit=2),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "a b",
        "90.00",
        {"1 month": "22.50"},
    ),
    Row(
        "4: a limit of 1 holds here too: half of plan (5.00) is more than a tenth of all (3.00)",
        catalog(
            [PLAN, TV],
            [
                discount("b", action("percentage", "10", scope="together"), limit=2),
                discount("a", action("percentage", "50", scope="together", on=("plan",)), limit=1),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "a",
        "60.00",
        {"1 month": "25.00"},
    ),
    Row(
        "4: each sort of period is a sum of its own: 5.00 off the months x 12, 5.00 off the years x 1",
        catalog(
            [PLAN, offering("club", recurring("c", "100.00", "year"))],
            [discount("a", action("amount", "5", scope="together"))],
        ),
        lines(("plan", 1), ("club", 1)),
        "a",
        "65.00",
        {"1 month": "5.00", "1 year": "95.00"},
    ),
    Row(
        "4: a fixed price for both: 2 x 10.00 + 20.00 for 32.00; over the longest term, 24 months: 8.00 x 24",
        catalog(
            [PLAN, offering("tv", monthly("t", "20.00"), term=24)],
            [discount("a", action("fixedPrice", "32", scope="together"))],
        ),
        lines(("plan", 2), ("tv", 1)),
        "a",
        "192.00",
        {"1 month": "32.00"},
    ),
    Row(
        "5: the better of a group by both stages: 3.00 off each plan twice (6.00) or 5.00 together",
        catalog(
            [PLAN],
            [
                discount("b", action("percentage", "30"), group="g"),
                discount("a", action("amount", "5", scope="together"), group="g"),
            ],
        ),
        lines(("plan", 1), ("plan", 1)),
        "b",
        "72.00",
        {"1 month": "14.00"},
    ),
    Row(
        "5: a tie of group members: the larger saving in period 1 of all charges",
        catalog(
            [PLAN],
            [
                discount("a", action("amount", "5", applicationDuration=2), group="g"),
                discount("b", action("amount", "10", applicationDuration=1, scope="together"), group="g"),
            ],
        ),
        lines(("plan", 1)),
        "b",
        "10.00",
        {"1 month": "0.00"},
    ),
    Row(
        "5: a tie in all: the smallest sorted tuple of ids, (a, y) before (b, x)",
        catalog(
            [PLAN, TV],
            [
                discount("b", action("amount", "1", on=("plan",)), group="g"),
                discount("a", action("amount", "1", on=("plan",)), group="g"),
                discount("x", action("amount", "1", on=("tv",)), group="h"),
                discount("y", action("amount", "2", on=("tv",)), group="h"),
            ],
        ),
        lines(("plan", 1), ("tv", 1)),
        "a y",
        "36.00",
        {"1 month": "27.00"},
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_a_cart_worked_out_by_hand(row: Row) -> None:
    result = priced(row.content, row.lines, NOW | row.facts)
    assert result["given"] == tuple(row.given.split())
    assert result["saving"] == Decimal(row.saving)
    assert {total["period"]: total["gross"] for total in result["total"]} == {
        period: Decimal(amount) for period, amount in row.paid.items()
    }


def test_a_promotion_acts_until_its_periods_are_over_and_then_the_price_rises() -> None:
    result = priced(
        catalog([PLAN], [discount("a", action("percentage", "100", applicationDuration=3))]), lines(("plan", 1)), NOW
    )
    assert units(result) == [Decimal("0.00")] * 3 + [Decimal("10.00")] * 21


def test_promotions_are_named_per_price_in_the_order_in_which_they_act() -> None:
    content = catalog(
        [PLAN, TV],
        [
            discount("a", action("amount", "1"), priority=3, limit=2),
            discount("b", TENTH, priority=1, limit=2),
            discount("c", action("amount", "1", scope="together"), limit=1),
            discount("d", action("amount", "9", on=("tv",)), priority=2, limit=2),
        ],
    )
    # Of pairs on plan: b and a 1.00 + 1.00. On tv: b and d 2.00 + 9.00. Together, c 1.00 off 8.00 + 9.00.
    plan, tv = (line["price"][0] for line in priced(content, lines(("plan", 1), ("tv", 1)), NOW)["line"])
    assert (plan["each"], plan["together"]) == (("b", "a"), ("c",))
    assert (tv["each"], tv["together"]) == (("b", "d"), ("c",))


SHARES = [
    ("in proportion: 6.00 of 10.00 and 20.00", "6", [("plan", 1), ("tv", 1)], ["2.00", "4.00"]),
    ("the quantity counts: 6.00 of 20.00 and 40.00", "6", [("plan", 2), ("tv", 2)], ["2.00", "4.00"]),
    ("equal remainders: the odd cent to the smallest line", "10", [("plan", 1)] * 3, ["3.34", "3.33", "3.33"]),
    # 1.00 / 30 each: plan 0.333, tv 0.666: the cent goes to the larger remainder.
    ("the largest remainder: 1.00 of 10.00 and 20.00", "1", [("plan", 1), ("tv", 1)], ["0.33", "0.67"]),
    ("lines are compared as text", "0.02", [("plan", 1)] * 11, ["0.01", "0.01", *["0.00"] * 9]),
]


@pytest.mark.parametrize(("value", "told", "expected"), [row[1:] for row in SHARES], ids=[row[0] for row in SHARES])
def test_what_is_taken_off_together_is_shared(value: str, told: list[tuple[str, int]], expected: list[str]) -> None:
    content = catalog([PLAN, TV], [discount("a", action("amount", value, scope="together"))])
    result = priced(content, lines(*told), NOW)
    assert [line["id"] for line in result["line"]] == sorted(line["id"] for line in lines(*told))
    assert shares(result) == [Decimal(share) for share in expected]


def test_what_is_taken_off_together_is_shared_in_steps_of_the_currency() -> None:
    content = catalog(
        [offering("plan", monthly("m", "10.00", "CHF"))],
        [discount("a", action("amount", "0.40", scope="together", actionUnit="CHF"))],
    )
    # Eight steps of 0.05 over three equal lines: two each, and one more for the first two.
    given = shares(priced(content, lines(*[("plan", 1)] * 3), NOW | {"currency": "CHF"}))
    assert given == [Decimal("0.15"), Decimal("0.15"), Decimal("0.10")]
