"""What a catalog version says: who sells what, when, in which words.

The small catalogs that other tests sell from are made here too.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.catalog import Catalog
from functions.shared import clock

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
STEADY = settings(derandomize=True, deadline=None, max_examples=40)
Json = dict[str, Any]


def period(start: timedelta | None = None, end: timedelta | None = None) -> Json:
    """A validFor, told from NOW."""
    found = {"startDateTime": start, "endDateTime": end}
    return {name: clock.text(NOW + offset) for name, offset in found.items() if offset is not None}


def offering(id_: str = "plan", *prices: str, channels: Iterable[str] = ("web", "shop"), **more: Any) -> Json:
    """Something those channels sell, at the prices of those ids."""
    return {
        "id": id_,
        "name": {"de": f"Tarif {id_}", "en": f"Plan {id_}"},
        "isSellable": True,
        "lifecycleStatus": "Active",
        "channel": [{"id": channel} for channel in channels],
        "productOfferingPrice": [{"id": price} for price in prices],
        **more,
    }


def monthly(id_: str, value: str, unit: str = "EUR", **more: Any) -> Json:
    """A price for each month."""
    return once(id_, value, unit, priceType="recurring", recurringChargePeriodType="month", due="onBill", **more)


def once(id_: str, value: str, unit: str = "EUR", **more: Any) -> Json:
    """A price to pay once."""
    return {
        "id": id_,
        "name": {"de": f"Preis {id_}", "en": f"Price {id_}"},
        "priceType": "oneTime",
        "price": {"unit": unit, "value": value},
        "tax": [{"taxCategory": "standard", "taxRate": 19}],
        "due": "atOrder",
        "lifecycleStatus": "Active",
        **more,
    }


def promotion(
    id_: str,
    *offerings: str,
    channels: Iterable[str] = ("web",),
    percentage: str | None = None,
    amount: tuple[str, str] | None = None,
    **more: Any,
) -> Json:
    """So many percent, or an amount (currency, value), off a price of those offerings in those channels."""
    action: Json = {"actionType": "percentage", "actionValue": percentage or "10", "priceType": "recurring"}
    if amount:
        action |= {"actionType": "amount", "actionUnit": amount[0], "actionValue": amount[1]}
    told = {name: more.pop(name) for name in ("priceType", "applicationDuration", "scope") if name in more}
    named = [{"id": offering, "@referredType": "ProductOffering"} for offering in offerings]
    sold = {"criteriaLogicalRelationship": "OR", "criteria": [criterion("channel", channel) for channel in channels]}
    return {
        "id": id_,
        "name": {"de": f"Aktion {id_}", "en": f"Promotion {id_}"},
        "description": {"de": "Es wird billiger.", "en": "It gets cheaper."},
        "lifecycleStatus": "Active",
        "pattern": [
            {
                "id": f"{id_}-1",
                "priority": more.pop("priority", 1),
                "criteriaGroup": [sold, *more.pop("criteriaGroup", [])],
                "action": [{**action, **told, "appliesTo": named}],
            }
        ],
        **more,
    }


def criterion(parameter: str, value: str, operator: str = "=") -> Json:
    """One comparison, as TMF671 writes it."""
    return {"criteriaParameter": parameter, "criteriaOperator": operator, "criteriaValue": value}


def catalog(
    offerings: Iterable[Json] = (),
    prices: Iterable[Json] = (),
    promotions: Iterable[Json] = (),
    version: str = "v1",
    **more: Any,
) -> Catalog:
    """A version of Nova's catalog with these in it."""
    content = {"brand": "nova", "currency": "EUR", "timeZone": "Europe/Berlin", "languages": ["de", "en"], **more}
    sold = {"productOffering": offerings, "productOfferingPrice": prices, "promotion": promotions}
    return Catalog.of(version, {**content, **{kind: list(held) for kind, held in sold.items()}})


def code_of(stored: Json, channel: str = "web", as_of: datetime = NOW) -> str | None:
    why = catalog([stored]).barred(stored, channel, as_of, "en")
    return why["code"] if why else None


@pytest.mark.parametrize(
    ("status", "sold"),
    [
        ("Active", True),
        ("Launched", True),
        ("In Study", False),
        ("In Design", False),
        ("In Test", False),
        ("Retired", False),
        ("Obsolete", False),
        ("Rejected", False),
    ],
)
def test_only_what_is_on_the_market_is_sold(*, status: str, sold: bool) -> None:
    assert (code_of(offering(lifecycleStatus=status)) is None) is sold


@pytest.mark.parametrize(
    ("valid_for", "sold"),
    [
        ({}, True),
        (period(timedelta(0)), True),
        (period(SECOND), False),
        (period(None, timedelta(0)), False),
        (period(None, SECOND), True),
        (period(-DAY, DAY), True),
        (period(-2 * DAY, -DAY), False),
        ({"startDateTime": "2026-03-01T13:00:00+01:00"}, True),
        ({"startDateTime": "2026-03-01T13:00:01+01:00"}, False),
    ],
)
def test_an_offering_is_sold_from_its_start_until_just_before_its_end(*, valid_for: Json, sold: bool) -> None:
    assert (code_of(offering(validFor=valid_for)) is None) is sold
    in_channel = offering(channel=[{"id": "web", "validFor": valid_for}, {"id": "shop"}])
    assert (code_of(in_channel) is None) is sold
    assert code_of(in_channel, "shop") is None


@pytest.mark.parametrize(
    ("stored", "code", "sentence"),
    [
        (offering(lifecycleStatus="Retired"), "notOnSale", "Plan plan is not on sale any more."),
        (offering(validFor=period(DAY)), "notOnSale", "Plan plan is not on sale before March 2, 2026 13:00."),
        (offering(validFor=period(None, -DAY)), "notOnSale", "Plan plan is not on sale since February 28, 2026 13:00."),
        (offering(isSellable=False), "notSoldAlone", "Plan plan is sold only as a part of a bundle."),
        (offering(channels=["shop"]), "notSoldHere", "Plan plan is not for sale in the web channel."),
        (
            offering(channel=[{"id": "web", "validFor": {"endDateTime": "2026-03-01T00:00:00+01:00"}}]),
            "notSoldHere",
            "Plan plan is not for sale in the web channel since March 1, 2026.",
        ),
        (
            offering(channel=[{"id": "web", "validFor": period(DAY)}]),
            "notSoldHere",
            "Plan plan is not for sale in the web channel before March 2, 2026 13:00.",
        ),
    ],
)
def test_why_it_is_not_sold_is_a_sentence(stored: Json, code: str, sentence: str) -> None:
    assert catalog([stored]).barred(stored, "web", NOW, "en") == {"code": code, "reason": sentence}


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (offering(), True),
        (offering(isSellable=False), True),
        (offering(lifecycleStatus="Retired"), False),
        (offering(channels=["shop"]), False),
    ],
)
def test_a_channel_shows_what_it_sells_alone_or_in_a_bundle(*, stored: Json, shown: bool) -> None:
    assert catalog([stored]).shown(stored, "web", NOW) is shown


SOMEWHEN = st.none() | st.integers(-3, 3).map(lambda days: days * DAY)


@STEADY
@given(
    status=st.sampled_from(["Active", "Retired"]),
    whole=st.tuples(SOMEWHEN, SOMEWHEN),
    here=st.tuples(SOMEWHEN, SOMEWHEN),
    alone=st.booleans(),
    channel=st.sampled_from(["web", "shop"]),
)
def test_whoever_is_told_no_reason_may_sell_it_and_nobody_else(
    *, status: str, whole: Any, here: Any, alone: bool, channel: str
) -> None:
    listed = [{"id": "web", "validFor": period(*here)}]
    stored = offering(lifecycleStatus=status, validFor=period(*whole), isSellable=alone, channel=listed)
    shop = catalog([stored])

    def holds(start: timedelta | None, end: timedelta | None) -> bool:
        return (start is None or start <= timedelta(0)) and (end is None or end > timedelta(0))

    sold = status == "Active" and holds(*whole) and holds(*here) and alone and channel == "web"
    assert (shop.barred(stored, channel, NOW) is None) is sold


@pytest.mark.parametrize(
    ("more", "charged"),
    [
        ({}, True),
        ({"validFor": period(-DAY, DAY)}, True),
        ({"validFor": period(DAY)}, False),
        ({"validFor": period(None, timedelta(0))}, False),
        ({"lifecycleStatus": "Retired"}, False),
        ({"lifecycleStatus": "In Design"}, False),
    ],
)
def test_only_the_prices_in_force_are_charged_in_the_order_listed(*, more: Json, charged: bool) -> None:
    shop = catalog([offering("plan", "b", "a")], [once("a", "1.00"), once("b", "2.00", **more)])

    found = [price["id"] for price in shop.prices(offering("plan", "b", "a"), NOW)]

    assert found == (["b", "a"] if charged else ["a"])


@pytest.mark.parametrize(
    ("words", "language", "text"),
    [
        ({"de": "Tarif", "en": "Plan"}, "en", "Plan"),
        ({"de": "Tarif", "en": "Plan"}, "fr", "Tarif"),
        ({"de": "Tarif", "en": "Plan"}, None, "Tarif"),
        ({"en": "Plan"}, "de", "Plan"),
        ("Plan", "de", "Plan"),
    ],
)
def test_a_text_is_read_in_the_language_asked_for_else_in_the_markets_own(
    words: Any, language: str | None, text: str
) -> None:
    assert catalog().text(words, language) == text


def test_an_offering_leaves_in_one_language_with_the_addresses_of_what_it_names() -> None:
    bundle = offering("home", "a", bundledProductOffering=[{"id": "plan"}])
    shop = catalog([offering(), bundle], [once("a", "1.50")])

    seen = shop.rendered("productOffering", bundle, "en")

    assert (seen["name"], seen["@type"]) == ("Plan home", "ProductOffering")
    assert seen["href"] == "/tmf-api/productCatalogManagement/v4/productOffering/home"
    assert seen["bundledProductOffering"][0]["name"] == "Plan plan"
    assert seen["productOfferingPrice"][0]["href"].endswith("/productOfferingPrice/a")
    assert shop.rendered("productOfferingPrice", once("a", "1.50"), "de")["price"]["value"] == Decimal("1.50")


def test_a_tier_whose_price_nobody_can_read_is_told_without_it() -> None:
    shop, good = catalog(), {"unit": "EUR", "value": "0.10"}
    tier = [{"from": 0, "price": good}, {"from": 5}, {"from": 9, "price": {"unit": "EUR", "value": "much"}}, {}]
    told = shop.rendered("productOfferingPrice", {"id": "calls", "name": {"de": "Anrufe"}, "tier": tier}, "de")["tier"]
    assert told == [{"from": 0, "price": {"unit": "EUR", "value": Decimal("0.10")}}, {"from": 5}, {"from": 9}, {}]
