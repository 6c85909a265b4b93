"""What bills will take and what a contract binds to, asked by a query of a cart, an order or a product."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from functions.catalog import bill_preview
from functions.catalog.bills import Plan, Sold
from functions.catalog.catalog import Catalog
from functions.customer import store as customers
from functions.shared import clock
from functions.shared.amounts import plain
from functions.shared.days import Cycle
from functions.shared.errors import Malformed
from functions.shared.incoming import Incoming
from functions.shared.resource import Json

ASKED_OF_WHAT_RUNS = ("endDate", "cycleDay", "usage")
ASKED = ("startDate", *ASKED_OF_WHAT_RUNS)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(2000, 2200)
MOST = 10**9  # units of usage
USUAL_DAY = 1  # of a bill, where no account says another: that of a new account


class Subject(NamedTuple):
    """What a preview is of, and whose; `began` where it runs already, and bills before today are none to come."""

    of: Json  # {shoppingCart: reference}
    customer: str | None
    sold: Sequence[Sold]
    catalog: Catalog
    starts: datetime | None = None
    runs: bool = False


def preview(incoming: Incoming, subject: Subject) -> Json:
    """The preview that a request asks for; raises Malformed where the query makes no sense."""
    asked = _asked(incoming)
    zone = ZoneInfo(subject.catalog.time_zone)
    now = clock.now()
    began = subject.starts if subject.starts and subject.starts.year in YEARS else now
    starts = _moment("startDate", asked, zone) or began
    ends = _moment("endDate", asked, zone) or (now if subject.runs else starts)
    accounts = customers.accounts(incoming.caller, subject.customer, {each.account for each in subject.sold})
    sold = [each._replace(account=_id(accounts.get(each.account))) for each in subject.sold]
    usual = _day(asked)
    days = {_id(found): found["cycleDay"] for found in accounts.values()}
    plan = Plan(
        activated=starts,
        zone=zone,
        ends=ends.astimezone(zone).date(),
        since=(now if subject.runs else starts).astimezone(zone).date(),
        cycles={each.account: Cycle(days.get(each.account, usual), zone) for each in sold},
        in_advance=subject.catalog.bills_in_advance,
        used=_used(asked, sold),
    )
    told = bill_preview.told(sold, plan)
    if subject.runs:
        del told["due"]  # it was, when it was bought
    return {"@type": "BillPreview", **subject.of, "startDate": clock.text(starts), **told}


def _id(account: Json | None) -> str | None:
    return account["id"] if account else None


def _asked(incoming: Incoming) -> dict[str, str]:
    names = incoming.operation.asks
    found = {unquote(name): unquote(value) for name, _, value in (p.partition("=") for p in incoming.query.split("&"))}
    for name in found.keys() - {*names, "fields", ""}:
        raise Malformed(f"{name[:40]} is not asked here; a bill preview takes {', '.join(names)}.", code="badFilter")
    return found


def _moment(name: str, asked: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """A day, which begins at midnight in the market, or a moment; none where it is not said."""
    if not (said := asked.get(name)):
        return None
    try:
        moment = datetime.fromisoformat(f"{said}T00:00:00" if DAY.fullmatch(said) else said)
        if moment.year in YEARS and (moment.tzinfo or DAY.fullmatch(said)):
            return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except ValueError:
        pass
    raise Malformed(f"{name} is a day such as 2026-04-17, or a date-time with its offset.", code="badFilter")


def _day(asked: Mapping[str, str]) -> int:
    said = asked.get("cycleDay", str(USUAL_DAY))
    if not re.fullmatch(r"[1-9]|[12]\d|3[01]", said, re.ASCII):
        raise Malformed("cycleDay is a day of the month, from 1 to 31.", code="badCycleDay")
    return int(said)


def _used(asked: Mapping[str, str], sold: Iterable[Sold]) -> dict[str, Decimal]:
    """The units of each usage price that are expected in a period: `usage=<price>:<units>,…`."""
    known = {each.price_id for of in sold for each in of.charges if each.price_type == "usage"}
    found: dict[str, Decimal] = {}
    for part in filter(None, asked.get("usage", "").split(",")):
        id_, _, amount = part.rpartition(":")
        units = plain(amount)
        if id_ not in known or units is None or units > MOST:
            there = f"there is {', '.join(sorted(known))}" if known else "there is none here"
            raise Malformed(f"usage names usage prices with units, such as data:12.5; {there}.", code="badFilter")
        found[id_] = units
    return found
