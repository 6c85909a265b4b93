"""The one pricing function, against whole cents added up by hand."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import charge, price, totals
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.sale import Item, Sale
from functions.shared.amounts import decimals
from tests.unit.test_catalog import DAY, NOW, catalog, monthly, offering, once, period, promotion

STEADY = settings(derandomize=True, deadline=None, max_examples=40)
Json = dict[str, Any]
Sums = dict[tuple[str, str | None], int]
MONTHLY, ONCE = ("recurring", "month"), ("oneTime", None)


def written(minor: int, unit: str) -> str:
    """Minor units as a catalog writes them: 2999 is 29.99 in euros."""
    digits = decimals(unit)
    return f"{minor // 10**digits}.{minor % 10**digits:0{digits}d}" if digits else str(minor)


def minor(value: Decimal, unit: str) -> int:
    """An amount in minor units; it must be whole."""
    scaled = value.scaleb(decimals(unit))
    assert scaled == scaled.to_integral_value(), value
    return int(scaled)


@dataclass(frozen=True)
class Rule:
    """A promotion as a person would note it: percent in hundredths, or an amount in minor units."""

    id: str
    offerings: tuple[str, ...]
    kind: tuple[str, str | None]
    priority: int
    channels: tuple[str, ...]
    status: str
    start: int | None
    end: int | None
    percent: int | None
    amount: int

    def stored(self, unit: str) -> Json:
        off: dict[str, Any] = {"amount": (unit, written(self.amount, unit))}
        if self.percent is not None:
            off = {"percentage": f"{self.percent / 100:.2f}"}
        days = (None if each is None else each * DAY for each in (self.start, self.end))
        more: dict[str, Any] = {"priority": self.priority, "priceType": self.kind[0], "lifecycleStatus": self.status}
        return promotion(self.id, *self.offerings, channels=self.channels, validFor=period(*days), **more, **off)

    def given_in(self, channel: str) -> bool:
        begun = self.start is None or self.start <= 0
        return self.status == "Active" and begun and (self.end is None or self.end > 0) and channel in self.channels

    def off(self, base: int) -> int:
        if self.percent is None:
            return min(self.amount, base)
        return min((2 * base * self.percent + 10_000) // 20_000, base)  # half up, in whole numbers


@dataclass(frozen=True)
class Shop:
    """A currency, what each offering costs in minor units, the rules, and what somebody wants of it."""

    unit: str
    prices: dict[str, list[tuple[tuple[str, str | None], int]]]
    rules: list[Rule]
    lines: list[tuple[int, str]] = field(default_factory=list)

    def catalog(self, order: Random | None = None) -> Catalog:
        prices = []
        for sold, components in self.prices.items():
            for i, (kind, base) in enumerate(components):
                make = monthly if kind == MONTHLY else once
                prices.append(make(f"{sold}-{i}", written(base, self.unit), self.unit))
        offerings = [offering(o, *(f"{o}-{i}" for i in range(len(held)))) for o, held in self.prices.items()]
        rules = [rule.stored(self.unit) for rule in self.rules]
        for each in (prices, offerings, rules) if order else ():
            order.shuffle(each)  # type: ignore[union-attr]
        return catalog(offerings, prices, rules, currency=self.unit)

    def totals(self, channel: str = "web", order: Random | None = None) -> list[Json]:
        """What the hub says it comes to."""
        shop, lines = self.catalog(order), list(self.lines)
        if order:
            order.shuffle(lines)
        return charge.totals(priced(shop, *lines, channel=channel))

    def by_hand(self, channel: str = "web") -> Sums:
        """The same, added up in whole minor units."""
        sums: Counter[tuple[str, str | None]] = Counter()
        for quantity, id_ in self.lines:
            for kind, base in self.prices[id_]:
                fitting = [r for r in self.rules if id_ in r.offerings and r.kind == kind and r.given_in(channel)]
                sums[kind] += quantity * (base - max((rule.off(base) for rule in fitting), default=0))
        return dict(sums)


def charged(shop: Catalog, id_: str, channel: str = "web") -> list[Charge]:
    stored = shop.offering(id_)
    assert stored
    return priced(shop, (1, id_), channel=channel)[0][1]


def priced(shop: Catalog, *lines: tuple[int, str], channel: str = "web") -> list[tuple[int, list[Charge]]]:
    """What so many of each offering cost in a cart together."""
    items = [Item(str(n), shop, shop.offering(id_) or {}, quantity) for n, (quantity, id_) in enumerate(lines)]
    found = price.priced(items, Sale(channel, NOW, "en"))
    return [(item.quantity, found[item.id]) for item in items]


def in_minor(totals: Iterable[Json], unit: str) -> Sums:
    found = {}
    for each in totals:
        amount = each["price"]["taxIncludedAmount"]
        assert amount["unit"] == unit
        found[each["priceType"], each.get("recurringChargePeriod")] = minor(amount["value"], unit)
    return found


KIND = st.sampled_from([MONTHLY, ONCE])
OFFERINGS = ["case", "fibre", "plan"]
DAYS = st.none() | st.integers(-2, 2)
RULES = st.builds(
    Rule,
    id=st.sampled_from([f"rule-{letter}" for letter in "abcdef"]),
    offerings=st.lists(st.sampled_from(OFFERINGS), unique=True, min_size=1).map(tuple),
    kind=KIND,
    priority=st.integers(1, 3),
    channels=st.lists(st.sampled_from(["web", "shop"]), unique=True, min_size=1).map(tuple),
    status=st.sampled_from(["Active", "Active", "Active", "Retired", "In Design"]),
    start=DAYS,
    end=DAYS,
    percent=st.none() | st.integers(0, 10_000),
    amount=st.integers(0, 60_000),
)
SHOPS = st.builds(
    Shop,
    unit=st.sampled_from(["EUR", "CHF", "JPY"]),
    prices=st.fixed_dictionaries(
        {id_: st.lists(st.tuples(KIND, st.integers(0, 50_000)), max_size=3) for id_ in OFFERINGS}
    ),
    rules=st.lists(RULES, max_size=6, unique_by=lambda rule: rule.id),
    lines=st.lists(st.tuples(st.integers(1, 99), st.sampled_from(OFFERINGS)), max_size=6),
)


@STEADY
@given(SHOPS, st.sampled_from(["web", "shop", "iptv"]))
def test_a_total_is_what_adding_up_whole_cents_comes_to(shop: Shop, channel: str) -> None:
    assert in_minor(shop.totals(channel), shop.unit) == shop.by_hand(channel)


@STEADY
@given(SHOPS, st.randoms(use_true_random=False))
def test_the_order_of_lines_promotions_and_files_is_immaterial(shop: Shop, order: Random) -> None:
    assert shop.totals(order=order) == shop.totals()


@STEADY
@given(SHOPS, st.integers(1, 8))
def test_lines_of_the_same_come_to_what_one_line_of_their_sum_comes_to(shop: Shop, quantity: int) -> None:
    apart = replace(shop, lines=[(1, "plan")] * quantity)
    together = replace(shop, lines=[(quantity, "plan")])
    assert totals.by_part(apart.totals()) == totals.by_part(together.totals())


@STEADY
@given(SHOPS)
def test_a_channel_that_may_not_give_a_promotion_never_does(shop: Shop) -> None:
    for id_ in OFFERINGS:
        for channel in ("web", "shop", "iptv"):
            altered = [a.rule for each in charged(shop.catalog(), id_, channel) for a in each.steps]
            assert set(altered) <= {rule.id for rule in shop.rules if rule.given_in(channel)}


@STEADY
@given(SHOPS)
def test_no_alteration_makes_a_price_negative_and_each_says_what_it_takes_off(shop: Shop) -> None:
    for id_ in OFFERINGS:
        found = charged(shop.catalog(), id_)
        for each in found:
            taken = [a["price"]["taxIncludedAmount"]["value"] for a in each.tmf.get("priceAlteration", [])]
            assert each.unit == each.base.value + sum(taken)
            assert each.base.value >= each.unit >= 0


def sold(*rules: Json, value: str = "30.00", unit: str = "EUR") -> Charge:
    shop = catalog([offering("plan", "m")], [monthly("m", value, unit)], rules, currency=unit)
    (found,) = charged(shop, "plan")
    return found


@pytest.mark.parametrize(
    ("value", "unit", "percent", "left"),
    [
        ("0.01", "EUR", "50", "0.00"),
        ("0.03", "EUR", "50", "0.01"),
        ("29.99", "EUR", "10", "26.99"),
        ("29.95", "EUR", "10", "26.95"),
        ("10.05", "CHF", "50", "5.02"),
        ("99.90", "EUR", "33.33", "66.60"),
        ("5", "JPY", "10", "4"),
        ("29.99", "EUR", "0", "29.99"),
        ("29.99", "EUR", "100", "0.00"),
        ("29.99", "EUR", "150", "0.00"),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_minor_unit(value: str, unit: str, percent: str, left: str) -> None:
    found = sold(promotion("p", "plan", percentage=percent), value=value, unit=unit)
    assert (found.base.unit, found.unit) == (unit, Decimal(left))


@pytest.mark.parametrize(
    ("more", "applies"),
    [
        ({}, True),
        ({"lifecycleStatus": "Retired"}, False),
        ({"lifecycleStatus": "In Design"}, False),
        ({"validFor": period(None, timedelta(0))}, False),
        ({"validFor": period(timedelta(seconds=1))}, False),
        ({"validFor": period(timedelta(0), DAY)}, True),
        ({"channels": ["shop"]}, False),
        ({"channels": ["shop", "web"]}, True),
        ({"priceType": "oneTime"}, False),
    ],
)
def test_a_promotion_applies_here_and_now_or_not_at_all(*, more: Json, applies: bool) -> None:
    found = sold(promotion("p", "plan", amount=("EUR", "1.00"), **more))
    assert bool(found.steps) is applies
    assert found.unit == Decimal("29.00" if applies else "30.00")


@pytest.mark.parametrize(
    ("rules", "given_"),
    [
        ([("a", 1, "1.00"), ("b", 2, "9.00")], "b"),
        ([("a", 2, "9.00"), ("b", 1, "1.00")], "a"),
        ([("b", 1, "9.00"), ("a", 1, "9.00")], "a"),
    ],
)
def test_of_several_promotions_on_a_price_the_best_for_the_customer_is_given(
    rules: list[tuple[str, int, str]], given_: str
) -> None:
    stored = [promotion(i, "plan", priority=p, amount=("EUR", off)) for i, p, off in rules]
    assert [a.rule for a in sold(*stored).steps] == [given_]


def test_a_price_shows_its_list_price_and_by_name_the_rule_that_changed_it() -> None:
    rule = promotion("spring", "plan", percentage="10", priority=7, applicationDuration=6)

    shown = sold(rule).tmf

    assert shown["price"] == {
        "taxIncludedAmount": {"unit": "EUR", "value": Decimal("30.00")},
        "dutyFreeAmount": {"unit": "EUR", "value": Decimal("25.21")},
        "taxRate": Decimal(19),
    }
    assert (shown["name"], shown["priceType"], shown["recurringChargePeriod"]) == ("Price m", "recurring", "month")
    assert (shown["due"], shown["productOfferingPrice"]["id"]) == ("onBill", "m")
    (alteration,) = shown["priceAlteration"]
    off = {"taxIncludedAmount": {"unit": "EUR", "value": Decimal("-3.00")}, "percentage": Decimal(10)}
    assert alteration == {
        "name": "spring",
        "description": "Promotion spring",
        "priceType": "recurring",
        "priority": 7,
        "recurringChargePeriod": "month",
        "applicationDuration": 6,
        "price": off,
    }


@STEADY
@given(SHOPS)
def test_two_answers_are_compared_by_what_each_kind_period_and_currency_comes_to(shop: Shop) -> None:
    total = shop.totals()
    sums = totals.by_part(total)
    assert {
        (kind, period or None): minor(value, unit) for (kind, period, unit), value in sums.items()
    } == shop.by_hand()
    assert totals.summed(total) == total
    components = [p for n, id_ in shop.lines for p in [c.tmf for c in charged(shop.catalog(), id_)] * n]
    assert in_minor(totals.summed(components), shop.unit) == replace(shop, rules=[]).by_hand()


def amount(value: Any, unit: str = "EUR", **more: Any) -> Json:
    return {"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": unit, "value": value}}, **more}


@pytest.mark.parametrize(
    ("prices", "sums"),
    [
        ([], {}),
        ([{}], {("", "", ""): 0}),
        ([{"priceType": "oneTime"}], {("oneTime", "", ""): 0}),
        ([amount(1), amount(2)], {("oneTime", "", "EUR"): 3}),
        ([amount(1), amount(2, "CHF")], {("oneTime", "", "EUR"): 1, ("oneTime", "", "CHF"): 2}),
        ([amount(Decimal("1.5")), amount(1, recurringChargePeriod="month")], None),
    ],
)
def test_what_differs_in_kind_period_or_currency_is_never_added_up(prices: list[Json], sums: Any) -> None:
    """And what a client leaves out of a price counts as nothing."""
    found = totals.by_part(prices)
    assert found == sums if sums is not None else len(found) == len(prices)


def test_a_cart_is_priced_in_its_own_currency() -> None:
    shop = catalog([offering("plan", "e", "c")], [once("e", "1.00"), once("c", "2.00", "CHF")])
    for currency, value in (("CHF", "6.00"), ("EUR", "3.00"), ("USD", None)):
        item = Item("1", shop, shop.offering("plan") or {}, 3)
        found = price.priced([item], Sale("web", NOW, "en", currency=currency))
        amounts = [each["price"]["taxIncludedAmount"] for each in charge.totals([(3, found["1"])])]
        assert amounts == ([{"unit": currency, "value": Decimal(value)}] if value else [])


TURNS = st.none() | st.integers(-6, 6).map(lambda hours: hours * timedelta(hours=1))
ASKED = st.lists(
    st.tuples(st.integers(-8, 8), st.integers(-1, 1), st.sampled_from(["web", "shop"])), min_size=1, max_size=8
)


@STEADY
@given(st.lists(st.tuples(TURNS, TURNS), min_size=3, max_size=3), ASKED)
def test_a_price_that_is_remembered_is_the_price_of_the_moment_it_is_asked_for(periods: Any, asked: Any) -> None:
    """Whoever was asked before, and when: to the millisecond at which a price or a promotion begins or ends."""
    first, second, third = (period(*turns) for turns in periods)

    def shop() -> Catalog:
        prices = [monthly("a", "10.00", validFor=first), monthly("b", "20.00", validFor=second)]
        return catalog([offering("plan", "a", "b")], prices, [promotion("p", "plan", percentage="50", validFor=third)])

    kept = shop()
    for hours, milliseconds, channel in asked:
        moment = NOW + timedelta(hours=hours, milliseconds=milliseconds)
        items = [[Item("1", each, offering("plan", "a", "b"))] for each in (kept, shop())]
        found = [price.priced(each, Sale(channel, moment, "en")) for each in items]
        assert found[0] == found[1], moment


def test_an_amount_taken_off_names_its_currency() -> None:
    found = sold(promotion("p", "plan", amount=("CHF", "50.00")), value="30.00", unit="CHF")
    (alteration,) = found.tmf["priceAlteration"]
    assert alteration["price"] == {"taxIncludedAmount": {"unit": "CHF", "value": Decimal("-30.00")}}


@pytest.mark.parametrize(
    ("channel", "staff", "seen"),
    [
        ("web", False, [("online", True)]),
        ("shop", False, [("instore", True)]),
        ("iptv", False, []),
        ("iptv", True, [("instore", False), ("online", False)]),
        ("shop", True, [("instore", True), ("online", False)]),
    ],
)
def test_customers_see_the_promotions_of_their_channel_and_staff_sees_all(
    *, channel: str, staff: bool, seen: list[tuple[str, bool]]
) -> None:
    rules = [promotion("online", "plan"), promotion("instore", "plan", channels=["shop"])]
    ended = promotion("over", "plan", channels=["iptv"], validFor=period(None, timedelta(0)))
    shop = catalog([offering("plan", "m")], [monthly("m", "10.00")], [*rules, ended])

    found = price.promotions_seen(shop, offering("plan", "m"), Sale(channel, NOW, "de"), staff=staff, operator=False)

    assert [(p["id"], p["applied"]) for p in found] == seen
    told = {p["id"]: (p["name"], p["description"], p["channel"]) for p in found}
    assert all(
        text == (f"Aktion {id_}", "Es wird billiger.", [{"id": {"online": "web", "instore": "shop"}[id_]}])
        for id_, text in told.items()
    )


@pytest.mark.parametrize(
    ("terms", "given_"),
    [
        ([], "eight"),  # twelve months: eight off once a month beat ten off six times
        ([(6, "month")], "ten"),
        ([(24, "month")], "eight"),
        ([(2, "year")], "eight"),
        ([(1, "month"), (6, "month")], "ten"),  # the longest counts
        ([(6, "week")], "eight"),  # no term that counts: twelve months
    ],
)
def test_how_long_a_term_is_decides_which_promotion_saves_most(terms: list[tuple[int, str]], given_: str) -> None:
    rules = [
        promotion("ten", "plan", amount=("EUR", "10.00"), applicationDuration=6),
        promotion("eight", "plan", amount=("EUR", "8.00")),
    ]
    told = [{"name": "term", "duration": {"amount": amount, "units": units}} for amount, units in terms]
    shop = catalog([offering("plan", "m", productOfferingTerm=told)], [monthly("m", "30.00")], rules)
    (found,) = charged(shop, "plan")
    assert [step.rule for step in found.steps] == [given_]
