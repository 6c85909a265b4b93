"""The life of an offering by the clock: what is shown, ordered, changed and ended in each stage, to the second."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.cart import view as views
from functions.cart.cart import KINDS, Line, on_product
from functions.cart.view import View
from functions.catalog import places, stages
from functions.catalog.catalog import Catalog
from functions.inventory import product
from functions.shared.resource import moment_of
from tests.unit.test_cart import line
from tests.unit.test_catalog import catalog, monthly, offering, once

Json = dict[str, Any]
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
# A year in the life of an offering; its sale begins and ends on the days on which the clocks are changed.
BEFORE, ANNOUNCED, OPENS = "2026-01-01T00:00:00+01:00", "2026-02-01T00:00:00+01:00", "2026-03-01T10:00:00+01:00"
BEGINS, ENDS, OVER = "2026-03-29T00:00:00+01:00", "2026-10-26T00:00:00+01:00", "2027-01-01T00:00:00+01:00"
LIFE = {
    "announcedDateTime": ANNOUNCED,
    "preorderDateTime": OPENS,
    "validFor": {"startDateTime": BEGINS, "endDateTime": ENDS},
    "endOfLifeDateTime": OVER,
}
TURNS = [(BEFORE, None), (ANNOUNCED, "announced"), (OPENS, "preorder"), (BEGINS, "onSale"), (ENDS, "endOfSale")]
TURNS += [(OVER, "endOfLife")]


def moments() -> Iterator[tuple[datetime, str | None]]:
    """Each turn of the life, the second before it, and what the stage is then."""
    for (_, earlier), (turn, later) in zip([TURNS[0], *TURNS], TURNS, strict=False):
        yield moment_of(turn) - SECOND, earlier
        yield moment_of(turn), later


def plan(**more: Any) -> Json:
    return offering("plan", "early", "plan-m", **{**LIFE, **more})


# Its price rises on the first day of its sale.
PRICES = [
    monthly("early", "5.00", validFor={"endDateTime": BEGINS}),
    monthly("plan-m", "9.00", validFor={"startDateTime": BEGINS}),
]


def shop(*more: Json) -> Catalog:
    return catalog([plan(), *more], PRICES)


@pytest.mark.parametrize(("moment", "stage"), [*moments()])
def test_a_stage_begins_with_its_very_second(moment: datetime, stage: str | None) -> None:
    assert stages.at(plan(), moment) == stage


def test_the_days_of_a_sale_are_those_of_the_market_when_the_clocks_change() -> None:
    one_day = plan(validFor={"startDateTime": BEGINS, "endDateTime": "2026-03-30T00:00:00+02:00"})
    assert moment_of("2026-03-30T00:00:00+02:00") - moment_of(BEGINS) == 23 * HOUR
    assert stages.at(one_day, moment_of(BEGINS) + 23 * HOUR - SECOND) == "onSale"
    assert stages.at(one_day, moment_of(BEGINS) + 23 * HOUR) == "endOfSale"
    last_day = moment_of("2026-10-25T00:00:00+02:00")
    assert stages.at(plan(), last_day + 25 * HOUR - SECOND) == "onSale"
    assert stages.at(plan(), last_day + 25 * HOUR) == "endOfSale"


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ({}, "onSale"),
        ({"validFor": {}}, "onSale"),
        ({"lifecycleStatus": "In study"}, None),
        ({"lifecycleStatus": "Retired"}, "endOfSale"),
        ({"lifecycleStatus": "Obsolete"}, "endOfLife"),
        ({"lifecycleStatus": "Retired", "endOfLifeDateTime": BEFORE}, "endOfLife"),
        ({"validFor": {"startDateTime": OVER}}, None),
        ({"validFor": {"startDateTime": OVER}, "preorderDateTime": BEFORE}, "preorder"),
        ({"validFor": {"startDateTime": OVER}, "announcedDateTime": BEFORE}, "announced"),
        ({"announcedDateTime": BEFORE}, "onSale"),
    ],
)
def test_what_is_not_said_never_comes_and_the_status_counts_too(said: Json, stage: str | None) -> None:
    assert stages.at(offering(**said), moment_of(ENDS)) == stage


PLAN = {"productOffering": {"id": "plan"}}
# What may be done with a line in each stage: n new, r renewed, k kept (what one has is changed), d ended.
ALLOWED = {None: "kd", "announced": "kd", "preorder": "nrkd", "onSale": "nrkd", "endOfSale": "rkd", "endOfLife": "d"}


def _operation(kind: str) -> str:
    if KINDS[kind] == "delete" or kind == "renew":
        return "d" if kind != "renew" else "r"
    return "k" if product.EFFECT[kind] in product.KEEPS else "n"


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize(("moment", "stage"), [*moments()])
def test_every_kind_of_line_in_every_stage(moment: datetime, stage: str | None, kind: str) -> None:
    held = on_product(line(kind=kind, action=KINDS[kind], product="p1"), PLAN)
    told = views.look([held], View(shop(), "web", moment, "en", installed={"p1": PLAN}))[held.id].barred
    assert (not told) is (_operation(kind) in ALLOWED[stage])
    over = stage == "endOfLife" and KINDS[kind] == "modify"
    assert {each["code"] for each in told} <= {"endOfLife" if over else "notOnSale"}


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (BEFORE, "Plan plan is not on sale before March 29, 2026."),
        (ANNOUNCED, "Plan plan can be ordered from March 1, 2026 10:00."),
        (OPENS, None),
        (ENDS, "Plan plan is not on sale since October 26, 2026."),
        (OVER, "Plan plan is not on sale since October 26, 2026."),
    ],
)
def test_who_cannot_order_is_told_from_or_since_when(moment: str, sentence: str | None) -> None:
    why = shop().barred(plan(), "web", moment_of(moment), "en")
    assert (why["reason"] if why else None) == sentence


def test_what_is_at_the_end_of_its_life_takes_no_change_whatever_a_line_names() -> None:
    """Neither an add-on nor a new plan in its place, nor a change that names no offering."""
    catalog_ = shop(offering("other", "plan-m"))
    for kind, named in (("simSwap", None), ("addOn", "other"), ("planChange", "other")):
        held = line(offering_=named, kind=kind, action="modify", product="p1")
        at_end = View(catalog_, "web", moment_of(OVER), "en", installed={"p1": PLAN})
        (why,) = views.look([held], at_end)[held.id].barred
        told = "Plan plan is at the end of its life since January 1, 2027; it can only be ended."
        assert why == {"code": "endOfLife", "reason": told}
        before = View(catalog_, "web", moment_of(OVER) - SECOND, "en", installed={"p1": PLAN})
        assert not views.look([held], before)[held.id].barred


def test_only_who_has_what_is_sold_no_more_goes_on_with_it() -> None:
    for had, code in (("plan", None), ("other", "notOnSale")):
        held: Line = on_product(line(kind="renew", action="modify", product="p1"), {"productOffering": {"id": had}})
        why = next(iter(views.look([held], View(shop(), "web", moment_of(ENDS), "en"))[held.id].barred), None)
        assert (why["code"] if why else None) == code


@pytest.mark.parametrize(("moment", "stage"), [*moments()])
@pytest.mark.parametrize("alone", [True, False])
def test_lists_show_what_the_channel_shows(moment: datetime, stage: str | None, *, alone: bool) -> None:
    catalog_ = catalog([plan(isSellable=alone)], PRICES)
    assert catalog_.shown(plan(isSellable=alone), "web", moment) is (stage in stages.SHOWN)
    for channel, shown in (("web", stage in stages.SHOWN), ("kiosk", stage in stages.SHOWN and not alone)):
        assert places.some(catalog_.shown_in(channel, "productOffering", "id", moment), 0, 9) == [0] * int(shown)


def test_a_channel_with_a_time_of_its_own_announces_nothing_before_that() -> None:
    late = plan(channel=[{"id": "web"}, {"id": "shop", "validFor": {"startDateTime": BEGINS}}])
    catalog_ = catalog([late], PRICES)
    for channel, shown in (("web", True), ("shop", False)):
        assert catalog_.shown(late, channel, moment_of(ANNOUNCED)) is shown
        assert bool(catalog_.shown_in(channel, "productOffering", "id", moment_of(ANNOUNCED))) is shown


@pytest.mark.parametrize(("moment", "stage"), [*moments()])
def test_before_its_first_day_it_costs_what_it_costs_then(moment: datetime, stage: str | None) -> None:
    found = [price["id"] for price in shop().prices(plan(), moment)]
    assert found == ["plan-m"]
    unannounced = catalog([offering("plan", "early", "plan-m", validFor=LIFE["validFor"])], PRICES)
    before = moment < moment_of(BEGINS)
    bare = unannounced.held["productOffering"]["plan"]
    assert [price["id"] for price in unannounced.prices(bare, moment)] == (["early"] if before else ["plan-m"])


def test_a_line_that_is_ordered_ahead_says_from_when_it_is_met_whatever_lies_in_it() -> None:
    later = "2026-04-10T00:00:00+02:00"
    box = offering("box", "box-o", preorderDateTime=OPENS, validFor={"startDateTime": later})
    bundle = offering("both", isBundle=True, bundledProductOffering=[{"id": "plan"}, {"id": "box"}])
    catalog_ = catalog([plan(), box, bundle, offering("now", "box-o")], [*PRICES, once("box-o", "20.00")])
    lines = [line(id_, of) for id_, of in (("l1", "plan"), ("l2", "both"), ("l3", "now"))]
    for moment, days in (
        (moment_of(OPENS), {"l1": "2026-03-28T23:00:00.000Z", "l2": "2026-04-09T22:00:00.000Z"}),
        (moment_of(BEGINS), {"l2": "2026-04-09T22:00:00.000Z"}),
        (moment_of(later), {}),
    ):
        view = View(catalog_, "web", moment, "en")
        found = views.look(lines, view)
        assert not any(each.barred for each in found.values())
        needs = views.ahead(lines, view, found)
        assert {need["item"]: need["validFrom"] for need in needs} == days
        assert {(need["kind"], need["state"]) for need in needs} <= {("saleStart", "open")}
