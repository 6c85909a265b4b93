"""A price rise over products that are sold already: what is asked, whom it touches, what each will cost. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from functions.catalog import rule
from functions.catalog.catalog import Catalog
from functions.catalog.charge import Charge
from functions.catalog.kinds import WITHIN_TERM
from functions.inventory import product, raised, terms
from functions.inventory.raised import Entry
from functions.shared import clock, tmf
from functions.shared.amounts import half_up, plain, step
from functions.shared.errors import Malformed, RuleBroken
from functions.shared.resource import Json, moment_of, ref

KIND, BILL = "priceRise", "priceRiseBill"
# What of a price rise its author says; all else is the hub's.
WHOM = ("productOffering", "productOfferingPrice", "criteriaGroup", "criteriaGroupLogicalRelationship")
SAID = (*WHOM, "percentage", "price", "noticeDate", "effectiveDate", "withinTerm", "reason")
LARGEST = 100  # percent
FIRST, LAST = 2000, 2200  # years
EXCLUDED, INCLUDED = WITHIN_TERM

Rise = Mapping[str, Any]  # the body of a price rise

EMPTY: Json = {
    "complete": False,
    "product": 0,
    "bill": 0,
    "withinTerm": 0,
    "currentTotal": [],
    "comingTotal": [],
    "histogram": [],
    "largest": [],
}


def drafted(sent: Json, catalog: Catalog, now: datetime) -> Json:
    """The price rise that is asked for, as a draft with an empty preview; raises Malformed or RuleBroken."""
    body = {name: sent[name] for name in SAID if name in sent}
    _must_be_readable(body, catalog)
    offering = catalog.offering(body["productOffering"]["id"])
    if offering is None:
        raise RuleBroken(
            f"There is no offering {body['productOffering']['id'][:40]} in the catalog.", code="unknownOffering"
        )
    named = catalog.text(offering["name"])
    body["productOffering"] = ref(
        offering["id"], tmf.href("productOffering", offering["id"]), "ProductOffering", name=named
    )
    body |= {name: clock.text(_moment(body[name])) for name in ("noticeDate", "effectiveDate")}
    body = {"withinTerm": catalog.price_rise["withinTerm"], "noticeDays": catalog.price_rise["noticeDays"], **body}
    must_give_notice(body, now)
    return {**body, "state": "draft", "preview": EMPTY}


def _must_be_readable(body: Json, catalog: Catalog) -> None:
    needed = ("productOffering", "noticeDate", "effectiveDate", "reason")
    if missing := [name for name in needed if not body.get(name)]:
        raise _unclear(f"A price rise says its {', '.join(missing)}.")
    if ("percentage" in body) == ("price" in body):
        raise _unclear("A price rise says either a percentage or the new price.")
    if "percentage" in body and not 0 < (plain(body["percentage"]) or 0) <= LARGEST:
        raise _unclear(f"The percentage is more than 0, and at most {LARGEST}.")
    if "price" in body:
        _must_be_an_amount(body["price"], catalog)
    if body.get("withinTerm", EXCLUDED) not in (EXCLUDED, INCLUDED):
        raise _unclear(f"withinTerm is {EXCLUDED} or {INCLUDED}.")
    _must_ask_of_customers(body, catalog)


def _must_be_an_amount(price: Json, catalog: Catalog) -> None:
    unit, value = price.get("unit"), plain(price.get("value"))
    if unit not in catalog.currencies or value is None or value % step(unit, catalog.rounding):
        raise _unclear("The new price is an amount in a currency that is sold in.")


def _must_ask_of_customers(body: Json, catalog: Catalog) -> None:
    try:
        criteria = list(rule.read(body).criteria())
    except ValueError as error:
        raise _unclear(f"The criteria cannot be read: {error}") from None
    for each in criteria:
        if not each.personal or each.parameter == "campaign":
            raise _unclear(f"{each.parameter} is nothing that a customer is or has.")
        if each.parameter == "segment" and each.value not in catalog.held["segment"]:
            raise _unclear(f"There is no segment {str(each.value)[:40]}.")


def _unclear(sentence: str) -> Malformed:
    return Malformed(sentence, code="priceRiseUnclear")


def _moment(written: str) -> datetime:
    moment = clock.moment(written)
    if moment.tzinfo is None:
        raise _unclear("A date-time names its time zone, such as 2026-03-01T00:00:00+01:00.")
    if not FIRST <= moment.year <= LAST:
        raise _unclear(f"The dates of a price rise lie between {FIRST} and {LAST}.")
    return moment


def must_give_notice(rise: Rise, now: datetime) -> None:
    """Raises RuleBroken where customers would be told in the past, or too late before it counts."""
    notice, effective = moment_of(rise["noticeDate"]), moment_of(rise["effectiveDate"])
    if notice < now:
        raise RuleBroken("The notice date is over; nobody can be told in the past.", code="noticeTooShort")
    if effective - notice < timedelta(days=rise["noticeDays"]):
        raise RuleBroken(
            f"Customers are told at least {rise['noticeDays']} days before a rise counts.", code="noticeTooShort"
        )


def decided(rise: Json, touch: Json, now: datetime) -> Json:
    """The price rise once it is decided; raises RuleBroken where nobody saw yet what it does, or it is too late."""
    if rise["state"] != "draft":
        raise RuleBroken(
            "This price rise was taken back; draft another one.", code="wrongState", state=str(rise["state"])
        )
    if not rise["preview"]["complete"]:
        raise RuleBroken("The preview is not complete yet; look at it first.", code="previewIncomplete")
    must_give_notice(rise, now)
    return {**rise, "state": "decided", "touch": touch, "told": {"complete": False, "product": 0}}


def taken_back(rise: Json, touch: Json, now: datetime) -> Json:
    """The price rise once it is taken back; raises RuleBroken where it is no decided one, or counts already."""
    if rise["state"] != "decided":
        raise RuleBroken(
            "Only a price rise that is decided is taken back.", code="wrongState", state=str(rise["state"])
        )
    if moment_of(rise["effectiveDate"]) <= now:
        raise RuleBroken("This price rise counts already; it is taken back before its day only.", code="tooLate")
    return {**rise, "state": "cancelled", "cancellation": {**touch, "complete": False, "product": 0}}


DECISIONS = {"decided": decided, "cancelled": taken_back}  # by the state that they lead to


# --- whom it touches ---------------------------------------------------------------------------------------------


class Market(NamedTuple):
    """Where it is: by which days terms count, and to which steps amounts are rounded."""

    zone: tzinfo
    rounding: Mapping[str, str]

    @classmethod
    def of(cls, catalog: Catalog) -> "Market":
        """That of a brand."""
        return cls(ZoneInfo(catalog.time_zone), catalog.rounding)


def entries(id_: str, rise: Rise, body: Json, held: Sequence[Entry], market: Market) -> list[Json]:
    """What the rise makes of each price of a product that it is about; none where it makes nothing dearer."""
    effective = moment_of(rise["effectiveDate"])
    then = raised.as_of(body, held, effective)
    if body["status"].strip() in product.ENDED or product.sold_as(body) != rise["productOffering"]["id"]:
        return []
    asked = (rise.get("productOfferingPrice") or {}).get("id")
    found = []
    for price, charge in terms.kept(then, market.rounding):
        current, unit = charge.base.value, charge.base.unit
        new = _raised(rise, charge)
        if asked in (None, terms.price_id(price)) and new is not None and new > current:
            amounts = {
                "unit": unit,
                "period": charge.period,
                "current": current,
                "value": new,
                "net": charge.net or None,
            }
            dates = {"noticeDate": rise["noticeDate"], "effectiveDate": rise["effectiveDate"]}
            found.append({"id": id_, "price": terms.price_id(price), **amounts, **dates})
    return found


def _raised(rise: Rise, charge: Charge) -> Decimal | None:
    """The new amount, with tax or without as the price is written."""
    if "percentage" in rise:
        return half_up(charge.base.value * (100 + Decimal(str(rise["percentage"]))) / 100, charge.step)
    price = rise["price"]
    return Decimal(str(price["value"])) if price["unit"] == charge.base.unit else None


def is_protected(rise: Rise, body: Json, market: Market) -> bool:
    """Whether the minimum term of a product keeps its price from rising: it is not over, and the rise respects it."""
    end = terms.term_end(body, market.zone)
    over = end is None or end <= moment_of(rise["effectiveDate"]).astimezone(market.zone).date()
    return rise["withinTerm"] == EXCLUDED and not over
