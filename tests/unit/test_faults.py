"""Planted faults: each is a small edit of the sample catalog, found by its own code, in words that say what to do.

The sample itself has none: a check that cries wolf is not read.
"""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from time import process_time
from typing import Any, NamedTuple

import pytest

from cli.telco import compile_folder
from functions.catalog.check import MOST, check, findings
from functions.catalog.checks.finding import ERROR, WARNING
from tests.unit.test_telco import TELCO

Json = dict[str, Any]
Edit = Callable[[Json], Any]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
OFFERING, PRICE, PROMOTION = "productOffering", "productOfferingPrice", "promotion"
TERM = {"name": {"de": "Zwei Jahre", "en": "Two years"}, "duration": {"amount": 24, "units": "month"}}
TOO_MUCH = {"type": "remainingShare", "value": "101", "unit": "percent"}
PAST, SOON, LATER = "2025-06-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00", "2028-01-01T00:00:00+01:00"
GONE = {"startDateTime": "2025-01-01T00:00:00+01:00", "endDateTime": PAST}
LATE = {"startDateTime": SOON}
UNTIL = {"endDateTime": SOON}


@cache
def compiled(brand: str) -> Json:
    return compile_folder(TELCO / brand).content


def sample(brand: str = "nova") -> Json:
    return deepcopy(compiled(brand))


def held(content: Json, kind: str, id_: str) -> Json:
    found: Json = next(each for each in content[kind] if each["id"] == id_)
    return found


VAT = {"taxCategory": "standard", "taxRate": 19}


def said(kind: str, id_: str, **fields: Any) -> Edit:
    """That a resource says this too; what is None is taken away."""

    def edit(content: Json) -> None:
        one = held(content, kind, id_)
        one.update(fields)
        for name in [name for name, value in fields.items() if value is None]:
            del one[name]

    return edit


def like(kind: str, id_: str, **fields: Any) -> Edit:
    """One more that is like another, but for this."""
    return lambda content: content[kind].append(deepcopy(held(content, kind, id_)) | fields)


def rates(*told: Json) -> Edit:
    """Rates of the brand's usual tax in Helgoland."""
    where = {"taxCategory": "standard", "country": "DE", "stateOrProvince": "Helgoland"}
    return lambda content: content["taxRate"].extend(where | each for each in told)


def both(*edits: Edit) -> Edit:
    return lambda content: [edit(content) for edit in edits]


def when(*lines: str, any_of: bool = False) -> Json:
    """Criteria in one group: `channel = web`."""
    names = ("criteriaParameter", "criteriaOperator", "criteriaValue")
    criteria = [dict(zip(names, line.split(" ", 2), strict=True)) for line in lines]
    group = {"criteriaLogicalRelationship": "OR" if any_of else "AND", "criteria": criteria}
    return {"criteriaGroup": [group]}


def pattern(id_: str = "handset-days", **fields: Any) -> Edit:
    return lambda content: held(content, PROMOTION, id_)["pattern"][0].update(fields)


def action(id_: str = "handset-days", **fields: Any) -> Edit:
    def edit(content: Json) -> None:
        one = held(content, PROMOTION, id_)["pattern"][0]["action"][0]
        one.update(fields)
        for name in [name for name, value in fields.items() if value is None]:
            del one[name]

    return edit


def requires(id_: str, *others: str, kind: str = "requires") -> Edit:
    related = [{"id": other, "relationshipType": kind} for other in others]
    return lambda content: held(content, OFFERING, id_).setdefault("productOfferingRelationship", []).extend(related)


def eligible(*lines: str, id_: str = "fleet-service", any_of: bool = False) -> Edit:
    one = {"id": "who", "name": {"de": "Nur so.", "en": "Only so."}, **when(*lines, any_of=any_of)}
    return said(OFFERING, id_, eligibility=[one])


def listed(id_: str = "plan-l-monthly-business", **fields: Any) -> Edit:
    return said(PRICE, id_, **fields)


def stacking(id_: str, **fields: Any) -> Edit:
    """A promotion that others may meet, on the handsets in the shop and on the web."""
    return both(like(PROMOTION, "handset-days", id=id_, stackingLimit=2, exclusivityGroup=id_), action(id_, **fields))


def regex(written: str) -> Edit:
    return lambda c: held(c, "productSpecification", "mobile-m")["productSpecCharacteristic"][0].update(regex=written)


def priced(id_: str, *more: str) -> Edit:
    """That an offering names these prices too."""
    return lambda content: held(content, OFFERING, id_)["productOfferingPrice"].extend({"id": each} for each in more)


def euros(value: Any) -> Json:
    return {"price": {"unit": "EUR", "value": value}}


def group_of(content: Json) -> Json:
    """The limits of a group of the bundle to choose from."""
    found = held(content, OFFERING, "home-choice")["bundledGroupProductOffering"][0]
    option: Json = found["bundledGroupProductOfferingOption"]
    return option


def box(content: Json) -> Json:
    """The characteristic of the box from which something follows."""
    listed = held(content, "productSpecification", "tv-box")["productSpecCharacteristic"]
    found: Json = next(each for each in listed if "productSpecCharRelationship" in each)
    return found


def deep(levels: int) -> Json:
    found: Json = {}
    for _ in range(levels):
        found = {"inner": found}
    return found


def circle(content: Json) -> None:
    """Fibre lies in the trio already; now the trio lies in fibre."""
    held(content, OFFERING, "fibre-500").update(isBundle=True, bundledProductOffering=[{"id": "triple-play"}])


def sellers(*partners: tuple[str, str | None, Json], **more: Any) -> Edit:
    """These partners: id, who stands above, and what each sells."""
    made = [
        {"id": id_, "name": id_, "lifecycleStatus": "Active", **({"parentId": above} if above else {}), **sells, **more}
        for id_, above, sells in partners
    ]
    return lambda content: content.setdefault("partner", []).extend(made)


def selling(*offerings: str, category: str | None = None) -> Json:
    """What of the sample a partner sells."""
    named = {"productOffering": [{"id": each} for each in offerings]} if offerings else {}
    return named | ({"category": [{"id": category}]} if category else {})


ALL: Json = {"everything": True}
STAIRS = [("p0", None, ALL), *((f"p{n}", f"p{n - 1}", ALL) for n in range(1, 6))]


def crowd(most: int) -> Edit:
    """So many promotions on one offering."""
    one = {"validFor": LATE, "exclusivityGroup": "all"}
    return both(*(like(PROMOTION, "handset-days", id=f"day-{n}", **one) for n in range(most)))


class Planted(NamedTuple):
    code: str
    word: str  # what the sentence must have
    edit: Edit
    severity: str = ERROR


CORPUS = [
    # offerings that nobody can reach
    Planted("noChannel", "in no channel", said(OFFERING, "plan-m", channel=[])),
    Planted(
        "channelNever",
        "when it is not on sale",
        said(OFFERING, "plan-campus", channel=[{"id": "web", "validFor": GONE}], validFor=LATE),
    ),
    Planted(
        "channelTwice",
        "the channel web stands twice",
        said(OFFERING, "plan-campus", channel=[{"id": "web"}, {"id": "web"}]),
    ),
    Planted("unreachable", "in no bundle", said(OFFERING, "earbuds-air", isSellable=False), WARNING),
    Planted("noCategory", "in no category", said(OFFERING, "earbuds-air", category=[]), WARNING),
    Planted(
        "contradiction",
        "can never hold together with customer.kind = consumer",
        eligible("customer.kind = consumer", "customer.kind = business"),
    ),
    Planted("neverHolds", "channel = kiosk", eligible("channel = kiosk")),
    Planted(
        "neverEligible",
        "holds for nobody",
        both(
            eligible("tenure < 6"),
            lambda c: held(c, OFFERING, "fleet-service")["eligibility"].append(
                {"id": "b", "name": "Nur so.", **when("tenure >= 6")}
            ),
        ),
    ),
    Planted(
        "partNeverEligible",
        "may have its part plan-m: tenure >= 6",
        both(
            eligible("tenure < 6", id_="triple-play"),
            said(OFFERING, "triple-play", bundledProductOffering=[{"id": "fibre-500"}, {"id": "plan-m"}]),
            eligible("tenure >= 6", id_="plan-m"),
        ),
    ),
    Planted(
        "noSentence",
        "the sentence that says why",
        said(OFFERING, "fleet-service", eligibility=[{"id": "who", **when("segment = business")}]),
    ),
    # bundles, and what requires what
    Planted("bundleDenied", "says it is no bundle", said(OFFERING, "triple-play", isBundle=False)),
    Planted("emptyBundle", "a bundle of nothing", said(OFFERING, "triple-play", bundledProductOffering=[])),
    Planted("bundleCycle", "contains itself", circle),
    Planted("bundleNever", "Nova TV Plus cannot be together", requires("tv-plus", "home-phone", kind="excludes")),
    Planted(
        "goneInBundle", "home-phone is Retired; take it out", said(OFFERING, "home-phone", lifecycleStatus="Retired")
    ),
    Planted("partNever", "never with it", said(OFFERING, "home-phone", validFor=GONE)),
    Planted(
        "partLimits",
        "at least 3 of tv-plus and may have at most 2",
        said(
            OFFERING,
            "triple-play",
            bundledProductOffering=[
                {
                    "id": "tv-plus",
                    "bundledProductOfferingOption": {"numberRelOfferLowerLimit": 3, "numberRelOfferUpperLimit": 2},
                }
            ],
        ),
    ),
    Planted(
        "groupNever",
        "at least 2 are to be chosen of tv, which has only 1",
        said(
            OFFERING,
            "triple-play",
            bundledGroupProductOffering=[
                {
                    "id": "tv",
                    "bundledGroupProductOfferingOption": {"numberRelOfferLowerLimit": 2},
                    "bundledProductOffering": [{"id": "tv-basic"}],
                }
            ],
        ),
    ),
    Planted(
        "requiresCycle",
        "in the end require it",
        both(requires("earbuds-air", "charger-30"), requires("charger-30", "earbuds-air")),
    ),
    Planted(
        "requiresExcluded",
        "cannot be together",
        both(requires("earbuds-air", "charger-30"), requires("charger-30", "earbuds-air", kind="excludes")),
    ),
    Planted("relatedToItself", "itself", requires("earbuds-air", "earbuds-air", kind="excludes")),
    Planted(
        "goneRecommended",
        "recommends case-aurora-4, which is Retired",
        requires("plan-m", "case-aurora-4", kind="recommends"),
        WARNING,
    ),
    # promotions
    Planted(
        "undecidedOrder",
        "another priority",
        both(stacking("one"), stacking("two", actionType="amount", actionValue="5.00", actionUnit="EUR")),
        WARNING,
    ),
    Planted(
        "neverApplies",
        "not on sale while it is given",
        both(
            said(PROMOTION, "selfcare-extra-data", validFor={"startDateTime": SOON, "endDateTime": LATER}),
            said(OFFERING, "extra-data-10", validFor={"endDateTime": SOON}),
        ),
    ),
    Planted("neverHolds", "channel = iptv", pattern(**when("channel = iptv"))),
    Planted("neverHolds", "date < 2024-01-01", pattern(**when("date < 2024-01-01"))),
    Planted("neverReduces", "has a recurring price", action(priceType="recurring")),
    Planted("neverReduces", "takes nothing off", action("student-handset", actionValue="999.00")),
    Planted("exceedsPrice", "takes off 700.00", action(actionType="amount", actionValue="700.00", actionUnit="EUR")),
    Planted(
        "exceedsPrice", "only 199.00", action(actionType="amount", actionValue="200.00", actionUnit="EUR"), WARNING
    ),
    Planted("noPattern", "never given", said(PROMOTION, "handset-days", pattern=[])),
    Planted("noAction", "gives nothing", pattern(action=[])),
    Planted("wrongAction", "percentage, amount, fixedPrice", action(actionType="percent")),
    Planted("wrongPercentage", "at most 100", action(actionValue="101")),
    Planted("wrongScope", "each and together", action(scope="all")),
    Planted("wrongDuration", "paid once", action(applicationDuration=3)),
    Planted("wrongTarget", "ProductOffering, Category", action(appliesTo=[{"id": "web", "@referredType": "Channel"}])),
    Planted("wrongLimit", "must be from 1 to", said(PROMOTION, "handset-days", stackingLimit=0)),
    # criteria
    Planted("contradiction", "channel = web", pattern(**when("channel = web", "channel = shop"))),
    Planted(
        "contradiction",
        "tenure < 24 can never hold together with tenure >= 24",
        pattern(**when("tenure >= 24", "tenure < 24")),
    ),
    Planted("contradiction", "quantity < 4", pattern(**when("quantity > 3", "quantity < 4"))),
    Planted(
        "contradiction", "cart.offering <> plan-m", pattern(**when("cart.offering = plan-m", "cart.offering <> plan-m"))
    ),
    Planted("unknownParameter", "'chanel'", pattern(**when("chanel = web"))),
    Planted("unknownOperator", "by = <>", pattern(**when("channel > web"))),
    Planted("wrongValue", "'long'", pattern(**when("tenure >= long"))),
    Planted("wrongValue", "a day like", pattern(**when("date > tomorrow"))),
    Planted("unknownRelationship", "AND or OR", pattern(criteriaGroupLogicalRelationship="XOR")),
    Planted("emptyGroup", "has no criteria", pattern(criteriaGroup=[{"criteria": []}])),
    Planted("segmentInSegment", "may not ask for a segment", said("segment", "student", **when("segment = business"))),
    Planted("goneSegment", "nobody is in it", said("segment", "student", lifecycleStatus="Retired"), WARNING),
    Planted(
        "contradiction",
        "customer.kind = consumer",
        said("priceList", "business", **when("customer.kind = business", "customer.kind = consumer")),
    ),
    # prices
    Planted("noPrice", "without a price", said(OFFERING, "plan-m", productOfferingPrice=[])),
    Planted(
        "priceGap",
        "no price from 2027-01-01 00:00",
        said(PRICE, "extra-data-10-monthly", validFor={"endDateTime": SOON}),
    ),
    Planted(
        "priceGap",
        "from 2027-01-01 00:00 until 2028-01-01 00:00",
        both(
            said(PRICE, "plan-s-monthly", validFor={"endDateTime": SOON}),
            like(PRICE, "plan-s-monthly", id="plan-s-2028", validFor={"startDateTime": LATER}),
            priced("plan-s", "plan-s-2028"),
        ),
    ),
    Planted(
        "priceTwice",
        "are both charged",
        both(like(PRICE, "plan-s-monthly", id="plan-s-2"), priced("plan-s", "plan-s-2")),
    ),
    Planted(
        "priceCliff",
        "from 19.99 to 99.00",
        both(
            said(PRICE, "plan-s-monthly", validFor={"endDateTime": SOON}),
            like(PRICE, "plan-s-monthly", id="plan-s-2", **euros("99.00"), validFor=LATE),
            priced("plan-s", "plan-s-2"),
        ),
        WARNING,
    ),
    Planted("replacesNothing", "which price it replaces", listed(popRelationship=None)),
    Planted(
        "replacesNothing",
        "no offering on sale names",
        said(OFFERING, "plan-l", productOfferingPrice=[{"id": "activation-mobile"}]),
    ),
    Planted(
        "replacesOther",
        "another type",
        listed(popRelationship=[{"id": "activation-mobile", "relationshipType": "replaces"}]),
    ),
    Planted("priceTwice", "replace plan-l-monthly", like(PRICE, "plan-l-monthly-business", id="plan-l-monthly-vip")),
    Planted("noPriceIn", "none in CHF", lambda c: c.update(currencies=["EUR", "CHF"]), WARNING),
    Planted("wrongCurrency", "must be EUR", said(PRICE, "plan-m-monthly", price={"unit": "USD", "value": "29.99"})),
    Planted("tooManyDecimals", "more than 2 decimals", said(PRICE, "plan-m-monthly", **euros("29.999"))),
    Planted(
        "wrongEarlyTermination",
        "unit is EUR where its type is fixed",
        said(OFFERING, "plan-m", productOfferingTerm=[{**TERM, "earlyTermination": {"type": "fixed", "value": "9"}}]),
    ),
    Planted(
        "wrongEarlyTermination",
        "101 percent, more than everything that is left",
        said(OFFERING, "plan-m", productOfferingTerm=[{**TERM, "earlyTermination": TOO_MUCH}]),
    ),
    Planted(
        "tiersNotAscending",
        "must ascend",
        said(PRICE, "fleet-service-usage", tier=[{"from": "0", "price": {"unit": "EUR", "value": "1"}}] * 2),
    ),
    Planted(
        "tierGap",
        "must begin at 0",
        said(PRICE, "fleet-service-usage", tier=[{"from": "2", "price": {"unit": "EUR", "value": "1"}}]),
    ),
    Planted(
        "tiersOfNoUsage",
        "only a usage price",
        said(PRICE, "plan-m-monthly", tier=[{"from": "0", "price": {"unit": "EUR", "value": "1"}}]),
    ),
    Planted("noUnit", "counted in", said(PRICE, "fleet-service-usage", unitOfMeasure=None)),
    Planted("noPeriod", "needs its period", said(PRICE, "plan-m-monthly", recurringChargePeriodType="fortnight")),
    Planted("noDue", "when it is due", said(PRICE, "plan-m-monthly", due="some day")),
    Planted("wrongPriceType", "oneTime, recurring, usage", said(PRICE, "plan-m-monthly", priceType="monthly")),
    Planted("wrongTaxRate", "from 0 to 100", rates({"id": "heligoland", "taxRate": 119})),
    Planted("taxTwice", "of the same case", rates({"id": "heligoland", "taxRate": 0}, {"id": "island", "taxRate": 7})),
    Planted("unknownCustomerKind", "consumer or business", rates({"id": "club", "taxRate": 7, "customerKind": "club"})),
    Planted("wrongKeeps", "gross or net", rates({"id": "export", "taxRate": 0, "keeps": "the change"})),
    Planted("wrongKeeps", "gross or net", said(PRICE, "plan-m-monthly", taxKeeps="both")),
    Planted("noTax", "which comes on top", said(PRICE, "plan-m-monthly", tax=[], taxIncluded=False)),
    Planted("notToNegotiate", "is negotiable", said(PRICE, "fleet-service-usage", negotiable=True)),
    Planted("severalTaxes", "more than one tax", said(PRICE, "plan-m-monthly", tax=[VAT, VAT])),
    Planted("badFacts", "taxKeeps is not what it must be", lambda c: c.update(taxKeeps="both")),
    Planted("badFacts", "billsInAdvance is not what it must be", lambda c: c.update(billsInAdvance="yes")),
    Planted("badFacts", "priceRise is not what it must be", lambda c: c.update(priceRise={"noticeDays": -1})),
    Planted("badFacts", "priceRise is not what it must be", lambda c: c.update(priceRise={"withinTerm": "maybe"})),
    # partners
    Planted("dangling", "the partner north, which there is not", sellers(("shop", "north", ALL))),
    Planted(
        "dangling",
        "the partner ghost, which",
        said(OFFERING, "plan-m", relatedParty=[{"id": "ghost", "role": "provider"}]),
    ),
    Planted("dangling", "partner asks for the partner ghost", said("priceList", "business", **when("partner = ghost"))),
    Planted("dangling", "the productOffering plan-z", sellers(("shop", None, selling("plan-m", "plan-z")))),
    Planted("partnerCycle", "beneath itself", sellers(("a", "b", ALL), ("b", "a", ALL))),
    Planted("partnerTooDeep", "more than 5 partners", sellers(*STAIRS)),
    Planted(
        "branchTooLarge", "are 101 partners", sellers(("n", None, ALL), *((f"s{n}", "n", ALL) for n in range(100)))
    ),
    Planted("emptyAssortment", "it sells nothing", sellers(("shop", None, {}))),
    Planted(
        "outsideParent",
        "it sells plan-l, which north above it may not",
        sellers(("north", None, selling("plan-m")), ("shop", "north", selling("plan-m", "plan-l"))),
    ),
    Planted(
        "outsideParent",
        "it sells fibre-2000, fibre-250, fibre-500 and triple-play, which north",
        sellers(("north", None, selling("fibre-1000")), ("shop", "north", selling(category="fibre"))),
    ),
    Planted("sellsNothing", "nothing that it", sellers(("shop", None, selling("plan-xl"))), WARNING),
    Planted(
        "sellsNothing",
        "who stands above it",
        both(sellers(("north", None, ALL), lifecycleStatus="Retired"), sellers(("shop", "north", ALL))),
        WARNING,
    ),
    # references
    Planted(
        "dangling",
        "the category postpayed, which there is not",
        said(OFFERING, "plan-m", category=[{"id": "postpayed"}]),
    ),
    Planted("dangling", "the productSpecification", said(OFFERING, "plan-m", productSpecification={"id": "gone"})),
    Planted(
        "dangling",
        "the productOfferingPrice gone",
        said(OFFERING, "plan-m", productOfferingPrice=[{"id": "gone"}, {"id": "plan-m-monthly"}]),
    ),
    Planted("dangling", "the productOffering gone", requires("plan-m", "gone")),
    Planted("dangling", "the category gone", said("category", "postpaid", parentId="gone")),
    Planted("dangling", "the priceList gone", listed(priceList="gone")),
    Planted("dangling", "the segment gone", said(OFFERING, "plan-m", marketSegment=[{"id": "gone"}])),
    Planted("dangling", "asks for the segment gone", pattern(**when("segment = gone"))),
    Planted("dangling", "asks for the productOffering gone", pattern(**when("cart.offering = gone"))),
    Planted(
        "dangling",
        "the category gone",
        action(
            appliesTo=[{"id": "gone", "@referredType": "Category"}, {"id": "handsets", "@referredType": "Category"}]
        ),
    ),
    Planted("unreleased", "still In study", said("productSpecification", "mobile-m", lifecycleStatus="In study")),
    Planted("noId", "has no id", said(OFFERING, "plan-m", category=[{"name": "Plans"}])),
    # lives
    Planted(
        "stagesInDisorder",
        "the first must come before the other",
        said(OFFERING, "plan-m", preorderDateTime=LATER, validFor=LATE),
    ),
    Planted("stagesInDisorder", "its life ends at", said(OFFERING, "plan-m", endOfLifeDateTime=PAST, validFor=LATE)),
    Planted("noSaleStart", "say from when", said(OFFERING, "plan-m", announcedDateTime=SOON, validFor=None)),
    Planted(
        "goneBeforeItsSale",
        "but it is Retired",
        said(OFFERING, "earbuds-air", announcedDateTime=PAST, validFor=LATE, lifecycleStatus="Retired"),
    ),
    Planted("preorderTooEarly", "300 days", said(OFFERING, "plan-m", preorderDateTime=PAST, validFor=LATE)),
    Planted("malformed", "announcedDateTime must be", said(OFFERING, "plan-m", announcedDateTime="soon")),
    Planted("partNotAlways", "home-phone cannot be ordered", said(OFFERING, "home-phone", validFor=UNTIL)),
    Planted("partNotAlways", "until 2027-01-01", said(OFFERING, "home-phone", validFor=LATE)),
    # words
    Planted("noTranslation", "no text in en", said(OFFERING, "plan-m", name={"de": "Nova M"}), WARNING),
    Planted(
        "noTranslation",
        "eligibility (name)",
        lambda c: held(c, OFFERING, "fleet-service")["eligibility"][0].update(name={"de": "Nur so."}),
        WARNING,
    ),
    Planted("malformed", "none of them empty", said(OFFERING, "plan-m", name={"de": "Nova M", "en": " "})),
    # lives
    Planted(
        "endsBeforeItBegins",
        "before it begins",
        said(OFFERING, "plan-m", validFor={"startDateTime": SOON, "endDateTime": PAST}),
    ),
    Planted("unknownStatus", "is not known", said(OFFERING, "plan-m", lifecycleStatus="active")),
    Planted("idTwice", "give one another", like(OFFERING, "plan-m")),
    Planted("categoryCycle", "below itself", said("category", "mobile", parentId="postpaid")),
    # what is meant to hurt
    Planted("tooDeep", "16 levels", said(OFFERING, "plan-m", note=deep(5000))),
    Planted("tooMany", "divide it", said(OFFERING, "plan-m", category=[{"id": "postpaid"}] * 20_000)),
    Planted("tooLong", "shorten it", said(OFFERING, "plan-m", name="x" * 1_000_000)),
    Planted("noText", "surrogate", said(OFFERING, "plan-m", note="\ud800")),
    Planted("noText", "NUL", said(OFFERING, "plan-m", note={"\0": 1})),
    Planted("tooManyPromotions", "retire some", crowd(501)),
    Planted("tooManyCriteria", "200 criteria", pattern(**when(*[f"cart.quantity > {n}" for n in range(9_000)]))),
    Planted("badPattern", "RE2", regex("((a{1,500}){1,500}){1,500}")),
    Planted("badPattern", "RE2", regex("(?=a)")),
    Planted("badPattern", "RE2", regex("a" * 5_000)),
    Planted("negativePrice", "zero or more", said(PRICE, "plan-m-monthly", **euros("-1.00"))),
    Planted("negativePrice", "actionValue", action(actionType="amount", actionValue="-5.00", actionUnit="EUR")),
    Planted("noNumber", "nan is no number", said(PRICE, "plan-m-monthly", **euros(float("nan")))),
    Planted("noNumber", "inf is no number", said(PRICE, "plan-m-monthly", **euros(float("inf")))),
    Planted("noAmount", "'NaN'", said(PRICE, "plan-m-monthly", **euros("NaN"))),
    Planted("noAmount", "12 digits", said(PRICE, "plan-m-monthly", **euros("9" * 39))),
    Planted("noNumber", "18 digits", said(PRICE, "plan-m-monthly", **euros(10**39))),
    Planted("wrongPercentage", "'Infinity'", action(actionValue="Infinity")),
    Planted("malformed", "must be a list", said(OFFERING, "plan-m", channel="web")),
    Planted("malformed", "an offset", said(OFFERING, "plan-m", validFor={"startDateTime": "2026-01-01"})),
    Planted("noId", "has no id", lambda c: c[OFFERING].append({"name": "x", "lifecycleStatus": "Active"})),
]


@cache
def spots(brand: str = "nova") -> dict[tuple[str, str], str]:
    return compile_folder(TELCO / brand).spots


def found(edit: Edit, as_of: datetime | None = NOW) -> list[Any]:
    content = sample()
    edit(content)
    return check(content, as_of, spots())


@pytest.mark.parametrize("brand", ["nova", "pico"])
@pytest.mark.parametrize("as_of", [None, NOW, NOW + timedelta(days=3650)])
def test_the_sample_has_no_fault_at_any_time(brand: str, as_of: datetime | None) -> None:
    assert [each.sentence for each in check(sample(brand), as_of)] == []


@pytest.mark.parametrize("planted", CORPUS, ids=lambda planted: f"{planted.code}: {planted.word}")
def test_a_planted_fault_is_found_and_told(planted: Planted) -> None:
    told = [each for each in found(planted.edit) if each.fault.code == planted.code]
    assert planted.severity in {each.fault.severity for each in told}
    for each in told:  # with the file and the line, unless it stands in none
        assert each.where == spots().get((each.kind, each.id), "")
        assert not each.where or re.fullmatch(r"nova/\w+\.yaml, line \d+", each.where)
    reasons = [each.fault.reason for each in told]
    assert any(planted.word in reason for reason in reasons), reasons
    assert all(reason.endswith((".", "?")) for reason in reasons)


def test_the_corpus_is_large_and_of_many_kinds() -> None:
    assert len(CORPUS) > 100
    assert len({planted.code for planted in CORPUS}) > 60


def test_what_is_over_is_no_fault_any_more() -> None:
    early = said(PRICE, "extra-data-10-monthly", validFor={"startDateTime": PAST})
    assert [each.fault.code for each in found(early, None)] == ["priceGap"]
    assert found(early) == []


def test_a_finding_names_the_file_and_line_and_reads_as_one_sentence() -> None:
    content, spots = compile_folder(TELCO / "nova")
    content = deepcopy(content)
    held(content, OFFERING, "plan-m")["channel"] = []
    (told,) = check(content, NOW, spots)
    assert told.where == spots[OFFERING, "plan-m"]
    assert told.json == {
        "severity": "error",
        "kind": OFFERING,
        "id": "plan-m",
        "code": "noChannel",
        "reason": "it is on sale in no channel; name those that sell it (channel).",
        "where": told.where,
    }
    assert findings(content) == [f"productOffering plan-m (Nova M): {told.fault.reason}"]


def test_warnings_do_not_stand_in_the_way() -> None:
    content = sample()
    held(content, OFFERING, "plan-m")["name"] = {"de": "Nova M"}
    assert findings(content, NOW) == []


@pytest.mark.parametrize("facts", [{"languages": []}, {"currency": 7}, {"timeZone": "../etc"}, {"promotion": 7}])
def test_a_catalog_without_its_facts_is_told_first(facts: Json) -> None:
    (told,) = check(sample() | facts)
    assert told.fault.code == "badFacts"


def test_what_a_promotion_does_and_when_it_is_given_are_told_at_once() -> None:
    content = sample()
    pattern = held(content, PROMOTION, "handset-days")["pattern"][0]
    pattern["action"][0]["actionValue"] = "NaN"
    pattern["criteriaGroup"] = [
        {"criteria": [{"criteriaParameter": "tenure", "criteriaOperator": ">=", "criteriaValue": "9" * 39}]}
    ]
    assert {each.fault.code for each in check(content)} == {"wrongPercentage", "wrongValue"}


def test_whatever_a_catalog_holds_is_told_and_never_breaks_the_check() -> None:
    """Each attribute of each kind in turn is something that nobody expects."""
    odd: list[Any] = [None, True, 10**50, float("nan"), "x", [[]], [None], {"id": {}}, [{}]]
    for kind in sample():
        if isinstance(compiled("nova")[kind], list) and kind not in ("languages", "currencies"):
            names = {name for each in compiled("nova")[kind] for name in each}
            for name in names:
                for value in odd:
                    content = sample_of(kind)
                    content[kind][0][name] = value
                    json.dumps([each.json for each in check(content, NOW)])


def sample_of(kind: str) -> Json:
    """The sample with few of each other kind, so that it is quickly looked at."""
    return {k: deepcopy(v[:2]) if isinstance(v, list) and k != "languages" else v for k, v in compiled("nova").items()}


@pytest.mark.parametrize("wrong", [{"productOffering": [None, 3, "x", []]}, {"promotion": [[]]}])
def test_what_is_no_resource_is_told(wrong: Json) -> None:
    assert {each.fault.code for each in check(sample() | wrong)} >= {"noId"}


def test_a_large_catalog_is_checked_in_seconds() -> None:
    """Ten thousand offerings with their prices, and two hundred promotions that reach all of them."""
    content = sample()
    plan, price = held(content, OFFERING, "plan-campus"), held(content, PRICE, "plan-campus-monthly")
    for n in range(10_000):
        content[PRICE].append({**price, "id": f"p{n}"})
        content[OFFERING].append({**plan, "id": f"o{n}", "productOfferingPrice": [{"id": f"p{n}"}]})
    rule = held(content, PROMOTION, "selfcare-extra-data")
    acts = {**rule["pattern"][0]["action"][0], "appliesTo": []}
    for n in range(200):
        one = {**rule["pattern"][0], "action": [acts], "priority": n + 1, **when("channel = web")}
        content[PROMOTION].append({**rule, "id": f"r{n}", "stackingLimit": 3, "pattern": [one]})
    began = process_time()
    assert check(content, NOW) == []
    assert process_time() - began < 20


def test_a_catalog_full_of_faults_is_told_as_far_as_somebody_reads() -> None:
    content = sample()
    broken = held(content, OFFERING, "plan-m") | {"channel": []}
    content[OFFERING] += [{**broken, "id": f"o{n}"} for n in range(3 * MOST)]
    assert len(check(content, NOW)) == MOST
