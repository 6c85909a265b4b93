"""The sample telco compiles, says what the stories need, and every slip of the pen is told with its file and line."""

import json
import random
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.telco import CHANNELS, TelcoError, brands, compile_brand, compile_folder
from functions.catalog.check import check

TELCO = Path(__file__).parents[2] / "telco"
RESOURCES = ["category", "productOffering", "productOfferingPrice", "productSpecification", "promotion"]
RESOURCES += ["segment", "priceList"]
REFERRED = {
    "ProductOffering": "productOffering",
    "Category": "category",
    "ProductOfferingPrice": "productOfferingPrice",
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def nova() -> Json:
    return compile_brand(TELCO, "nova")


@pytest.fixture(scope="module", params=["nova", "pico"])
def version(request: pytest.FixtureRequest) -> Json:
    return compile_brand(TELCO, request.param)


def by_id(resources: list[Json]) -> dict[str, Json]:
    return {resource["id"]: resource for resource in resources}


def offering(version: Json, ident: str) -> Json:
    return by_id(version["productOffering"])[ident]


def channels(resource: Json) -> set[str]:
    return {channel["id"] for channel in resource["channel"]}


def given_in(promotion: Json) -> set[str]:
    """The channels that its criteria name."""
    return {
        criterion["criteriaValue"]
        for group in promotion["pattern"][0]["criteriaGroup"]
        for criterion in group["criteria"]
        if criterion["criteriaParameter"] == "channel"
    }


def action(promotion: Json) -> Json:
    (found,) = promotion["pattern"][0]["action"]
    return dict(found)


def active(version: Json, category: str) -> list[Json]:
    return [
        o for o in version["productOffering"] if {"id": category} in o["category"] and o["lifecycleStatus"] == "Active"
    ]


# ---- both brands


def test_two_brands_with_two_currencies_and_two_languages() -> None:
    facts = [compile_brand(TELCO, brand) for brand in brands(TELCO)]
    assert [(f["brand"], f["market"], f["currency"], f["timeZone"]) for f in facts] == [
        ("nova", "DE", "EUR", "Europe/Berlin"),
        ("pico", "CH", "CHF", "Europe/Zurich"),
    ]
    assert [f["languages"] for f in facts] == [["de", "en"], ["en", "de"]]


def test_every_text_speaks_every_language(version: Json) -> None:
    for kind in ["catalog", *RESOURCES]:
        for resource in version[kind]:
            for key in {"name", "description"} & resource.keys():
                assert set(resource[key]) == set(version["languages"])
                assert all(text.strip() == text != "" for text in resource[key].values())


def test_every_offering_is_in_a_category_and_a_channel(version: Json) -> None:
    categories = by_id(version["category"])
    for found in version["productOffering"]:
        assert found["category"]
        assert all(ref["id"] in categories for ref in found["category"])
        assert channels(found)
        assert channels(found) <= set(CHANNELS)


def test_every_reference_leads_somewhere(version: Json) -> None:
    ids = {kind: by_id(version[kind]).keys() for kind in RESOURCES}
    for found in version["productOffering"]:
        assert found["isBundle"] or found["productSpecification"]["id"] in ids["productSpecification"]
        assert found["isBundle"] or found["productOfferingPrice"]
        assert {ref["id"] for ref in found.get("productOfferingPrice", [])} <= ids["productOfferingPrice"]
        others = found.get("bundledProductOffering", []) + found.get("productOfferingRelationship", [])
        assert {ref["id"] for ref in others} <= ids["productOffering"]
    for promotion in version["promotion"]:
        for reached in action(promotion)["appliesTo"]:
            assert reached["id"] in ids[REFERRED[reached["@referredType"]]]
    for price in version["productOfferingPrice"]:
        assert price.get("priceList", "") in {"", *ids["priceList"]}
        assert {each["id"] for each in price.get("popRelationship", [])} <= ids["productOfferingPrice"]


def test_every_resource_has_an_id_of_its_own(version: Json) -> None:
    for kind in RESOURCES:
        assert [r["id"] for r in version[kind]] == sorted({r["id"] for r in version[kind]})


def test_money_is_a_decimal_text_in_the_currency_of_the_brand(version: Json) -> None:
    for price in version["productOfferingPrice"]:
        assert price["price"]["unit"] == version["currency"]
        assert re.fullmatch(r"\d+\.\d\d", price["price"]["value"])
        assert (price["priceType"] == "recurring") == (price.get("recurringChargePeriodType") == "month")
        assert price["due"] in ("atOrder", "onBill", "perUse")


def test_every_time_carries_the_offset_of_the_market(version: Json) -> None:
    found = re.findall(r'"(?:start|end)DateTime": "([^"]*)"', json.dumps(version, default=str))
    assert found
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00", moment) for moment in found)


# ---- what nova sells


@pytest.mark.parametrize(
    ("category", "how_many"),
    [("postpaid", 4), ("prepaid", 2), ("handsets", 5), ("bundles", 2), ("add-ons", 5), ("accessories", 3)],
)
def test_nova_has_what_the_demo_shows(nova: Json, category: str, how_many: int) -> None:
    assert len(active(nova, category)) == how_many


def test_the_five_handsets_can_be_compared(nova: Json) -> None:
    specifications = by_id(nova["productSpecification"])
    sheets = [
        [c["name"] for c in specifications[o["productSpecification"]["id"]]["productSpecCharacteristic"]]
        for o in active(nova, "handsets")
    ]
    assert len(sheets) == 5
    assert all(sheet == sheets[0] for sheet in sheets)
    assert {"memory", "colour"} <= set(sheets[0])


def test_the_five_handsets_are_sold_where_jane_looks_at_them(nova: Json) -> None:
    assert all(
        {"web", "callcentre", "shop"} <= channels(o) for o in [*active(nova, "handsets"), offering(nova, "plan-m")]
    )


def test_some_handsets_are_paid_at_once_and_some_by_the_month(nova: Json) -> None:
    prices = by_id(nova["productOfferingPrice"])
    kinds = [{prices[ref["id"]]["priceType"] for ref in o["productOfferingPrice"]} for o in active(nova, "handsets")]
    assert kinds.count({"oneTime"}) == 3
    assert kinds.count({"oneTime", "recurring"}) == 2


def test_the_bundle_costs_less_than_its_parts(nova: Json) -> None:
    prices = by_id(nova["productOfferingPrice"])
    bundle = offering(nova, "triple-play")
    parts = [ref["id"] for ref in bundle["bundledProductOffering"]]

    def monthly(ident: str) -> Decimal:
        return Decimal(prices[f"{ident}-monthly"]["price"]["value"])

    assert bundle["isBundle"]
    assert parts == ["fibre-500", "home-phone", "tv-plus"]
    # The bundle's text names the saving.
    assert sum(map(monthly, parts)) - monthly("triple-play") == Decimal("9.98")


def test_some_offers_are_gone_or_still_to_come_or_sold_in_one_place_only(nova: Json) -> None:
    retired = [o["id"] for o in nova["productOffering"] if o["lifecycleStatus"] == "Retired"]
    assert retired == ["case-aurora-4", "plan-xl", "roaming-swiss"]
    assert offering(nova, "fibre-2000")["validFor"] == {"startDateTime": "2035-01-01T00:00:00+01:00"}
    assert channels(offering(nova, "plan-campus")) == {"web"}
    assert channels(offering(nova, "setup-service")) == {"shop"}


def test_the_last_day_in_a_channel_ends_at_midnight_there(nova: Json) -> None:
    shop = by_id(offering(nova, "fibre-250")["channel"])["shop"]
    assert shop["validFor"] == {
        "startDateTime": "2025-01-01T00:00:00+01:00",
        "endDateTime": "2026-03-01T00:00:00+01:00",
    }


def test_only_self_care_gives_stacys_promotion_though_others_sell_the_add_on(nova: Json) -> None:
    promotion = by_id(nova["promotion"])["selfcare-extra-data"]
    assert given_in(promotion) == {"selfcare"}
    assert action(promotion) == {
        "actionType": "percentage",
        "actionValue": "50",
        "priceType": "recurring",
        "applicationDuration": 6,
        "appliesTo": [{"id": "extra-data-10", "@referredType": "ProductOffering"}],
    }
    assert channels(offering(nova, "extra-data-10")) == {"web", "selfcare", "callcentre", "mobile"}


def test_the_other_promotions_are_of_every_kind(nova: Json) -> None:
    found = by_id(nova["promotion"])
    assert given_in(found["handset-days"]) == {"shop", "web"}
    assert {p["id"] for p in nova["promotion"] if p.get("exclusivityGroup")} == {"handset-days", "student-handset"}
    said = {
        ident: (action(each)["actionType"], action(each)["actionValue"], action(each).get("actionUnit"))
        for ident, each in found.items()
    }
    assert said["handset-days"] == ("percentage", "10", None)
    assert said["student-handset"] == ("fixedPrice", "169.00", "EUR")
    assert said["fibre-three-months-free"] == ("percentage", "100", None)
    assert said["activation-online"] == ("amount", "20.00", "EUR")
    assert [ident for ident, each in found.items() if action(each).get("scope") == "together"] == ["home-together"]
    assert found["winter-tv"]["validFor"]["endDateTime"] == "2026-01-16T00:00:00+01:00"


def test_a_price_of_a_price_list_stands_in_the_place_of_another_and_no_offering_names_it(nova: Json) -> None:
    (price,) = [p for p in nova["productOfferingPrice"] if "priceList" in p]
    assert (price["id"], price["priceList"]) == ("plan-l-monthly-business", "business")
    assert price["popRelationship"] == [{"id": "plan-l-monthly", "relationshipType": "replaces"}]
    assert {"id": price["id"]} not in offering(nova, "plan-l")["productOfferingPrice"]


def test_who_may_not_buy_an_offering_can_be_told_why(nova: Json) -> None:
    (required,) = offering(nova, "fleet-service")["eligibility"]
    assert required["name"]["en"] == "For business customers only."
    assert required["criteriaGroup"][0]["criteria"] == [
        {"criteriaParameter": "segment", "criteriaOperator": "=", "criteriaValue": "business"}
    ]


def test_usage_costs_less_from_a_tier_on(nova: Json) -> None:
    price = by_id(nova["productOfferingPrice"])["fleet-service-usage"]
    assert price["unitOfMeasure"] == {"amount": 1, "units": "visit"}
    assert [(tier["from"], tier["price"]["value"]) for tier in price["tier"]] == [("0", "25.00"), ("5", "19.00")]


def test_every_resource_knows_its_file_and_line() -> None:
    source = compile_folder(TELCO / "nova")
    made = {(kind, each["id"]) for kind in [*RESOURCES, "taxRate"] for each in source.content[kind]}
    assert made == source.spots.keys()
    file, line = source.spots["productOfferingPrice", "plan-l-monthly-business"].split(", line ")
    assert "monthly: 39.99" in (TELCO / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_what_the_sample_people_have_is_what_their_brand_sells() -> None:
    people = yaml.safe_load((TELCO / "people.yaml").read_text(encoding="utf-8"))
    assert {person["key"] for person in people["people"]} == {"stacy", "jane", "luca", "holzwerk"}
    for person in people["people"]:
        sold = compile_brand(TELCO, person["brand"])
        specifications = by_id(sold["productSpecification"])
        assert person["billingAccount"]["currency"] == sold["currency"]
        for product in person["installed"]:
            specification = offering(sold, product["offering"])["productSpecification"]["id"]
            known = {c["name"]: c for c in specifications[specification]["productSpecCharacteristic"]}
            for name, value in product["characteristics"].items():
                values = [v["value"] for v in known[name].get("productSpecCharacteristicValue", [])]
                assert value in values or re.fullmatch(known[name]["regex"], value)


def test_no_sample_person_could_be_reached() -> None:
    text = (TELCO / "people.yaml").read_text(encoding="utf-8")
    assert all(address.endswith("example.com") for address in re.findall(r"@(\S+) }", text))
    numbers = re.findall(r'"(\+\d+)"', text)
    assert len(numbers) > 6
    assert all(re.fullmatch(r"\+49171392\d{4}|\+493023125\d{3}|\+4178000\d{4}", number) for number in numbers)


# ---- the guide for business users


def test_the_examples_of_the_guide_compile_as_they_stand(tmp_path: Path) -> None:
    shutil.copytree(TELCO / "nova", tmp_path / "nova")
    examples = re.findall(r"```yaml\n(.*?)```", (TELCO / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for place, example in enumerate(examples):
        (tmp_path / "nova" / f"example{place}.yaml").write_text(example, encoding="utf-8")
    made = compile_brand(tmp_path, "nova")
    assert len(examples) == 10
    assert action(by_id(made["promotion"])["commuter-start"])["appliesTo"][0]["id"] == "commuter-data"
    assert [found.sentence for found in check(made)] == []
    assert by_id(made["productOfferingPrice"])["parking-sim-monthly-loyal"]["priceList"] == "loyal"
    winter = offering(made, "winter-pass")
    assert (winter["preorderDateTime"], winter["validFor"]["startDateTime"]) == (
        "2026-11-15T10:00:00+01:00",
        "2026-12-01T00:00:00+01:00",
    )
    assert winter["endOfLifeDateTime"] == "2028-01-01T00:00:00+01:00"
    assert "rescue-visit" in by_id(made["productOfferingPrice"])
    assert "engraved-case" in by_id(made["productSpecification"])
    assert offering(made, "priority-support")["productOfferingPrice"] == [
        {"id": "priority-support-monthly"},
        {"id": "priority-support-monthly-2027"},
    ]


def test_the_slip_the_guide_shows_is_told_as_the_guide_says(tmp_path: Path) -> None:
    shutil.copytree(TELCO / "nova", tmp_path / "nova")
    file = tmp_path / "nova" / "mobile.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("category: postpaid", "category: postpayed", 1), "utf-8")
    with pytest.raises(TelcoError) as told:
        compile_brand(tmp_path, "nova")
    shown = re.escape(str(told.value))
    # The line moves with every edit of the file; the sentence does not.
    shown = re.sub(r"line\\ \d+", r"line\\ \\d+", shown)
    assert re.search(f"^    {shown}$", (TELCO / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


# ---- the order of things


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same entries in another order; inside an entry a list may mean its order, so only mappings are turned."""
    if not isinstance(value, dict):
        return value
    keys = list(value)
    chance.shuffle(keys)
    return {key: shuffled(value[key], chance) for key in keys}


@settings(max_examples=6, deadline=None)
@given(chance=st.randoms(use_true_random=False), files=st.integers(min_value=1, max_value=4))
def test_the_order_of_files_and_entries_makes_no_other_version(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, files: int
) -> None:
    folder = tmp_path_factory.mktemp("telco") / "pico"
    folder.mkdir()
    parts: list[Json] = [{} for _ in range(files)]
    for file in sorted((TELCO / "pico").glob("*.yaml")):
        for section, entries in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader).items():  # noqa: S506 - BaseLoader makes only texts
            for ident in entries:
                chance.choice(parts).setdefault(section, {})[ident] = shuffled(entries[ident], chance)
    for place, part in enumerate(parts):
        text = yaml.safe_dump(shuffled(part, chance), sort_keys=False, allow_unicode=True)
        (folder / f"{chance.randrange(1000)}-{place}.yaml").write_text(text, encoding="utf-8")
    made, sample = compile_brand(folder.parent, "pico"), compile_brand(TELCO, "pico")
    assert json.dumps(made, default=str) == json.dumps(sample, default=str)


# ---- slips of the pen

SMALL = """\
brand:
  id: tiny
  name: Tiny
  description: A small brand.
  market: JP
  currency: JPY
  timeZone: Europe/Berlin
  languages: [de, en]
  from: 2026-01-01
  channels: [web, shop]
  tax: { standard: 10 }
  texts: { monthly: Monat, once: Einmal }
categories:
  things: { name: { de: Dinge, en: Things }, description: All. }
characteristics:
  size: { label: Size, type: number }
specifications:
  thing: { name: Thing, characteristics: { size: [1, 2] } }
prices:
  shared: { once: 100 }
offerings:
  thing:
    name: Thing
    description: A thing.
    category: things
    specification: thing
    channels: [web]
    prices: [{ monthly: 10 }]
promotions:
  deal:
    name: Deal
    description: A deal.
    channels: web
    offerings: thing
    reduces: monthly
    percent: 50
"""


def compile_text(tmp_path: Path, text: str) -> Json:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "all.yaml").write_text(text, encoding="utf-8")
    return compile_brand(tmp_path, "tiny")


def test_a_currency_without_decimals_has_none(tmp_path: Path) -> None:
    made = compile_text(tmp_path, SMALL)
    assert by_id(made["productOfferingPrice"])["thing-monthly"]["price"] == {"unit": "JPY", "value": "10"}


# What is wrong by itself: the schema refuses it too.
OF_FORM = [
    # references
    ("    specification: thing\n", "", 22, "'thing' in offerings has no 'specification'"),
    # texts
    ("{ de: Dinge, en: Things }", "{ de: Dinge, en: '' }", 14, "the text for 'en' must be a text, and not empty."),
    ("    description: A thing.\n", "", 22, "'thing' in offerings has no 'description'."),
    # the brand
    ("currency: JPY", "currency: yen", 6, "'yen' is not a currency; write its three capitals, like EUR."),
    ("[web, shop]", "[web, shpo]", 10, "channel 'shpo' is not known; did you mean 'shop'?"),
    # ids, keys and sections
    ("[{ monthly: 10 }]", "[{ id: Big One, monthly: 10 }]", 28, "'Big One' cannot be an id"),
    ("  shared:", "  Shared Price:", 20, "'Shared Price' cannot stand as an id in prices; write it like 'plan-m'."),
    ("  size: {", "  Size!: {", 16, "'Size!' cannot stand as an id in characteristics"),
    ("channels: [web]", "chanels: web\n    channels: [web]", 27, "'thing' in offerings has a field 'chanels',"),
    ("market: JP", "market: JP\n  colour: red", 6, "the brand has a field 'colour', which is not known"),
    ("[{ monthly: 10 }]", "[{ monthly: 10, dew: onBill }]", 28, "a price of 'thing' has a field 'dew', which is"),
    ("promotions:", "promotion:", 29, "the section 'promotion' is not known; did you mean 'promotions'?"),
    # channels
    ("channels: [web]", "channels: []", 27, "this list is empty; leave the line out, or fill it."),
    ("    channels: [web]\n", "", 22, "'thing' in offerings has no 'channels'."),
    ("    channels: web\n    off", "    channels: [web: {until: 2026-02-01}]\n    off", 33, "only an offering"),
    # dates
    ("from: 2026-01-01", "from: 1.1.2026", 9, "'1.1.2026' is not a date; write it like 2026-03-01"),
    # money
    ("monthly: 10 }", "monthly: '10,00' }", 28, "the amount '10,00' is not a number"),
    ("monthly: 10 }", "monthly: ten }", 28, "the amount 'ten' is not a number"),
    ("monthly: 10 }", "monthly: -10 }", 28, "the amount '-10' is not a number"),
    ("monthly: 10 }", "monthly: 1e3 }", 28, "the amount '1e3' is not a number"),
    ("{ once: 100 }", "{ due: onBill }", 20, "'shared' in prices needs one amount: once, daily, weekly, monthly,"),
    ("{ once: 100 }", "{ once: 100, due: never }", 20, "due 'never' is not known; known are atOrder"),
    # promotions
    ("percent: 50", "percent: 50\n    amount: 5", 30, "needs either 'percent', 'amount' or 'price'."),
    ("percent: 50", "percent: 101", 36, "percent must be more than 0 and at most 100."),
    ("reduces: monthly", "reduces: once\n    months: 3", 36, "is paid once, so there can be no 'months'"),
    ("percent: 50", "percent: 50\n    months: 1.5", 37, "months '1.5' is not a whole number from 1 on."),
    ("    offerings: thing\n", "", 30, "'deal' in promotions needs 'offerings', 'categories' or 'prices'"),
    ("percent: 50", "percent: 50\n    years: 1", 37, "has 'months', so there can be no 'years'"),
    ("percent: 50", "percent: 50\n    stacks: 0", 37, "stacks '0' is not a whole number from 1 on."),
    # who, where and when
    ("percent: 50", "percent: 50\n    when: [chanel: web]", 37, "'chanel' cannot be asked in 'when'; did you"),
    ("percent: 50", "percent: 50\n    when: [channel: '> web']", 37, "channel is compared by = <>, not by >."),
    ("percent: 50", "percent: 50\n    when: [tenure: long]", 37, "tenure 'long' is not a number"),
    ("percent: 50", "percent: 50\n    when: [channel: [web, '<> shop']]", 37, "so channel has no operator here"),
    ("percent: 50", "percent: 50\n    when: [any: [{ tenure: 1, quantity: 2 }]]", 37, "'any' says one thing"),
    ("percent: 50", "percent: 50\n    when: web", 37, "a line of 'when' must be written as lines of"),
    ("specification: thing", "specification: thing\n    eligibility: { old: { when: web } }", 27, "no 'sentence'"),
    ("prices:\n", "segments: { all: { name: All } }\nprices:\n", 19, "'all' in segments has no 'when'."),
    # price lists, usage and taxes
    ("monthly: 10 }", "monthly: 10, replaces: shared }", 28, "only a price of a 'priceList' replaces another."),
    ("monthly: 10 }", "usage: 10, name: Use }", 28, "a price of 'thing' has no 'per'."),
    ("currency: JPY", "currency: JPY\n  rounding: { JPY: 0 }", 7, "the step must be more than 0"),
    # values
    ("type: number", "type: colour", 16, "type 'colour' is not known; known are text, number, flag."),
    ("specification: thing", "specification: thing\n    status: Gone", 27, "status 'Gone' is not known"),
    ("specification: thing", "specification: thing\n    sellable: maybe", 27, "sellable 'maybe' is not known"),
    ("specification: thing", "specification: thing\n    needs: luck", 27, "need 'luck' is not known"),
    ("specification: thing", "specification: thing\n    term: 0", 27, "months '0' is not a whole number from 1"),
    ("channels: [web]", "channels: web\n    term: {months: 9, endedEarly: {half: 5}}", 28, "'endedEarly' says one of"),
    ("channels: [web]", "channels: web\n    term: {months: 9, endedEarly: {}}", 28, "'endedEarly' says one of"),
    # the file
    ("  things: {", "  things: All\n  more: {", 14, "the category 'things' must be written as lines of 'key:"),
]  # fmt: skip
# What only the whole folder, or a calendar, tells.
OF_MEANING = [
    # references
    ("category: things", "category: thing", 25, "there is no 'thing' in categories; did you mean 'things'?"),
    ("specification: thing", "specification: think", 26, "there is no 'think' in specifications; did you"),
    ("[{ monthly: 10 }]", "[{ monthly: 10 }, sharde]", 28, "there is no 'sharde' in prices"),
    ("offerings: thing", "offerings: nothing", 34, "there is no 'nothing' in offerings; did you mean 'thing'?"),
    ("channels: [web]", "requires: [tin]\n    channels: [web]", 27, "there is no 'tin'"),
    ("description: All. }", "description: All., parent: up }", 14, "there is no 'up' in categories"),
    ("description: All. }", "description: All., parent: things }", 14, "the category 'things' stands below itself"),
    ("specification: thing", "bundles: thing", 26, "the bundle 'thing' contains itself"),
    ("{ size: [1, 2] }", "{ sise: 1 }", 18, "the characteristic 'sise' is not known; did you mean 'size'?"),
    ("channels: [web]", "channels: web\n    term: {months: 9, endedEarly: {share: 101}}", 28, "101 percent is more"),
    # texts
    ("{ de: Dinge, en: Things }", "{ de: Dinge }", 14, "the text for 'en' is missing; the brand speaks de and en."),
    ("{ de: Dinge, en: Things }", "{ de: A, en: B, fr: C }", 14, "the brand does not speak 'fr', only de and en."),
    # the brand
    ("  currency: JPY\n", "", 2, "the brand has no 'currency'."),
    ("Europe/Berlin", "Europe/Bonn", 7, "'Europe/Bonn' is not a time zone"),
    ("Europe/Berlin", "../../etc/passwd", 7, "'../../etc/passwd' is not a time zone"),
    ("id: tiny", "id: big", 2, "the brand is called 'big' here, but its folder 'tiny'."),
    ("texts: { monthly: Monat,", "texts: {", 28, "a price of 'thing' has no 'name', and the brand's texts have"),
    ("{ standard: 10 }", "{ reduced: 7 }", 20, "has no 'tax', and the brand has no rate called 'standard'"),
    # ids, keys and sections
    ("offerings:\n  thing:", "offerings:\n  thing: {}\n  thing:", 23, "'thing' stands twice in the same place"),
    ("[{ monthly: 10 }]", "[{ monthly: 10 }, { monthly: 9 }]", 28, "there is a price 'thing-monthly' already"),
    # channels
    ("channels: [web]", "channels: kiosk", 27, "the channel 'kiosk' is not known to tiny; known are web, shop."),
    ("channels: [web]", "channels: [web, web]", 27, "the channel 'web' stands here twice."),
    # dates
    ("from: 2026-01-01", "from: 2026-02-30", 9, "there is no day or time '2026-02-30'."),
    ("from: 2026-01-01", "from: 2026-03-29 02:30", 9, "there is no '2026-03-29 02:30' in Europe/Berlin"),
    ("specification: thing", "specification: thing\n    until: 9999-12-31", 27, "there is no day or time"),
    ("specification: thing", "specification: thing\n    until: 2025-12-31", 27, "ends before it begins."),
    # money
    ("monthly: 10 }", "monthly: 10.50 }", 28, "10.50 JPY has more than 0 decimals."),
    # promotions
    ("offerings: thing", "prices: thing-once", 34, "there is no 'thing-once' in prices; known are shared, th"),
    ("percent: 50", "percent: 50\n    segments: all", 37, "there is no 'all' in segments"),
    # who, where and when
    ("percent: 50", "percent: 50\n    when: [channel: kiosk]", 37, "the channel 'kiosk' is not known to tiny"),
    ("percent: 50", "percent: 50\n    when: [date: '< 2026-02-30']", 37, "'2026-02-30' is not a day"),
    ("percent: 50", "percent: 50\n    when: [cart.offering: think]", 37, "there is no 'think' in offerings;"),
    # price lists, usage and taxes
    ("monthly: 10 }", "monthly: 10, priceList: vip }", 28, "there is no 'vip' in priceLists"),
    ("monthly: 10 }", "monthly: 10, currency: EUR }", 28, "currency 'EUR' is not known; known are JPY."),
    ("monthly: 10 }", "usage: 10, name: Use, per: GB, tiers: { 0: 5 } }", 28, "a tier begins at 0 already"),
    ("currency: JPY", "currency: JPY\n  currencies: EUR", 7, "name each currency once, and JPY among them."),
    ("currency: JPY", "currency: JPY\n  rounding: { EUR: 1 }", 7, "currency 'EUR' is not known; known are JPY."),
    ("prices:\n", "taxRates: { low: { category: low, rate: 1 } }\nprices:\n", 19, "category 'low' is not known"),
    # values
    ("[1, 2]", "[1, big]", 18, "size 'big' is not a number"),
    ("[1, 2]", "[1, 1.0]", 18, "'size' has the same value twice."),
    ("type: number }", "pattern: '[' }", 16, "the pattern is not a regular expression of RE2"),
    # the file
    ("    description: A thing.", "    description: A thing: big", 24, "this is not YAML"),
    ("  name: Tiny\n", "\tname: Tiny\n", 3, "this is not YAML"),
    ("    name: Thing", "    ? [a]\n    : b\n    name: Thing", 23, "only a plain word can stand before a colon."),
    ("market: JP", "market: &a { b: *a }", 5, "nested too deeply"),
    ("brand:\n", "brand: tiny\n", 2, "this is not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "sentence"), [*OF_FORM, *OF_MEANING])
def test_a_slip_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, sentence: str) -> None:
    assert SMALL.count(old) >= 1
    with pytest.raises(TelcoError) as told:
        compile_text(tmp_path, SMALL.replace(old, new, 1))
    assert str(told.value).startswith(f"tiny/all.yaml, line {line}: ")
    assert sentence in str(told.value)


def twice(folder: Path) -> None:
    (folder / "more.yaml").write_text("prices:\n  shared: { once: 5 }\n", encoding="utf-8")


def not_utf8(folder: Path) -> None:
    (folder / "more.yaml").write_bytes(b"prices: {}\n# \xe4")


def unprintable(folder: Path) -> None:
    (folder / "more.yaml").write_text("prices: {}\n# \x07", encoding="utf-8")


def no_brand(folder: Path) -> None:
    (folder / "all.yaml").write_text("prices: {}\n", encoding="utf-8")


def a_bare_list(folder: Path) -> None:
    (folder / "more.yaml").write_text("- one\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("slip", "sentence"),
    [
        (twice, "tiny/more.yaml, line 2: 'shared' stands in prices already: tiny/all.yaml, line 20."),
        (not_utf8, "tiny/more.yaml: save the file as UTF-8; byte 13 is not."),
        (unprintable, "tiny/more.yaml: this is not YAML (special characters are not allowed)."),
        (no_brand, "tiny: no file has a section 'brand'; copy brand.yaml from another brand."),
        (a_bare_list, "tiny/more.yaml, line 1: the file must be written as lines of 'key: value'."),
        (shutil.rmtree, "tiny: no YAML files here; a brand is a folder with a file brand.yaml."),
    ],
)
def test_a_slip_between_files_is_told_with_the_file(
    tmp_path: Path, slip: Callable[[Path], None], sentence: str
) -> None:
    compile_text(tmp_path, SMALL)
    slip(tmp_path / "tiny")
    with pytest.raises(TelcoError) as told:
        compile_brand(tmp_path, "tiny")
    assert str(told.value) == sentence
