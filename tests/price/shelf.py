"""Small catalogs written by hand, in few words: what the tables of carts are made of."""

from typing import Any

from tests.price.facts import Facts, Json

ON_SALE: Json = {"lifecycleStatus": "Active", "validFor": {"startDateTime": "2020-01-01T00:00:00Z"}}
NOW: Facts = {"asOf": "2026-03-01T12:00:00+01:00", "channel": "web"}
Predicate = tuple[str, str, str]


def monthly(ident: str, amount: str, unit: str = "EUR", **more: Any) -> Json:
    return recurring(ident, amount, "month", unit=unit, **more)


def recurring(ident: str, amount: str, period: str, *, unit: str = "EUR", **more: Any) -> Json:
    kind = {"priceType": "recurring", "recurringChargePeriodType": period}
    return {"id": ident, **ON_SALE, **kind, "price": {"unit": unit, "value": amount}, **more}


def once(ident: str, amount: str, unit: str = "EUR", **more: Any) -> Json:
    return {"id": ident, **ON_SALE, "priceType": "oneTime", "price": {"unit": unit, "value": amount}, **more}


def offering(ident: str, *prices: Json, categories: tuple[str, ...] = (), term: int | None = None) -> Json:
    """With its prices inside; `catalog` takes them out."""
    months = [] if term is None else [{"duration": {"amount": term, "units": "month"}}]
    return {
        "id": ident,
        **ON_SALE,
        "category": [{"id": each} for each in categories],
        "prices": prices,
        "productOfferingTerm": months,
    }


def action(kind: str, value: str, price_type: str = "recurring", **more: Any) -> Json:
    """`more` as in the action, and `on`: the ids of offerings it applies to."""
    named = [{"id": ident, "@referredType": "ProductOffering"} for ident in more.pop("on", ())]
    return {"actionType": kind, "actionValue": value, "priceType": price_type, "appliesTo": named, **more}


def when(*criteria: Predicate, joined: str = "AND") -> Json:
    told = [
        dict(zip(("criteriaParameter", "criteriaOperator", "criteriaValue"), each, strict=True)) for each in criteria
    ]
    return {"criteriaGroup": [{"criteriaLogicalRelationship": joined, "criteria": told}]}


def pattern(ident: str, *actions: Json, priority: int = 1, asks: Json | None = None, **more: Any) -> Json:
    return {"id": ident, "priority": priority, "action": [*actions], **(asks or {}), **more}


def promotion(ident: str, *patterns: Json, group: str | None = None, limit: int = 1, **more: Any) -> Json:
    grouped = {} if group is None else {"exclusivityGroup": group}
    return {"id": ident, **ON_SALE, "pattern": [*patterns], "stackingLimit": limit, **grouped, **more}


def discount(ident: str, *actions: Json, priority: int = 1, group: str | None = None, limit: int = 1) -> Json:
    """A promotion of one pattern that asks for nothing."""
    return promotion(ident, pattern("p", *actions, priority=priority), group=group, limit=limit)


def catalog(offerings: list[Json], promotions: list[Json] | None = None, **more: Any) -> Json:
    """`more`: segment, priceList; `standing_in`: prices of price lists; anything else of the content."""
    prices = [price for each in offerings for price in each["prices"]] + more.pop("standing_in", [])
    return {
        "currency": "EUR",
        "timeZone": "Europe/Berlin",
        "rounding": {"CHF": "0.05"},
        "productOffering": [_named(each) for each in offerings],
        "productOfferingPrice": prices,
        "promotion": promotions or [],
        **more,
    }


def _named(held: Json) -> Json:
    told = {name: value for name, value in held.items() if name != "prices"}
    return told | {"productOfferingPrice": [{"id": price["id"]} for price in held["prices"]]}


def lines(*told: tuple[str, int]) -> list[Json]:
    """(offering, quantity) become the lines l1, l2, …"""
    return [{"id": f"l{n}", "offering": ident, "quantity": quantity} for n, (ident, quantity) in enumerate(told, 1)]
