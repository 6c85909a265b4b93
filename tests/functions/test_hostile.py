"""Rules that are meant to hurt, through every door: a folder, drafts over the API, and a version that nobody checked.

Each is refused with a sentence where it comes in. Where a version holds it all the same, who reads that is answered.
"""

import os
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.say import TELCO
from functions.catalog import store
from tests.functions.stage import (
    BEN,
    CART_PROMOTIONS,
    CARTS,
    CATALOG,
    OFFERS,
    OLGA,
    PUBLICATIONS,
    QUALIFICATIONS,
    Json,
    Stage,
    customer,
    line,
)
from tests.unit.test_faults import (
    OFFERING,
    PRICE,
    PROMOTION,
    Edit,
    both,
    crowd,
    held,
    like,
    pattern,
    regex,
    said,
    sample,
)
from tests.unit.test_faults import when as criteria

UNA = customer("una-hostile")
OFFER = """
offerings:
  evil:
    name: Evil
    description: It hurts.
    category: add-ons
    specification: extra-data
    channels: [web]
    prices: [{{ monthly: {price} }}]
{more}
"""


def offer(more: str = "", price: str = "5.00") -> str:
    return OFFER.format(price=price, more=more)


LAUGHS = "offerings:\n  evil:\n    category: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
CIRCLE = "offerings:\n" + "".join(
    f"  evil-{n}: {{ name: x, description: x, category: add-ons, channels: web, bundles: evil-{1 - n} }}\n"
    for n in (0, 1)
)
CRITERIA = "    eligibility: {{ who: {{ sentence: x, when: [{}] }} }}".format(
    ", ".join(f"{{ quantity: '> {n}' }}" for n in range(2000))
)
LAMP = "promotions:\n" + "".join(
    f"  p-{n}: {{ name: x, description: x, channels: web, offerings: plan-m, reduces: monthly, percent: 1 }}\n"
    for n in range(501)
)
CHAIN = "categories:\n" + "".join(f"  c{n}: {{ name: x, description: x, parent: c{n + 1} }}\n" for n in range(99))


class File(NamedTuple):
    """What stands in a file of a folder, and what is said of it."""

    text: str
    sentence: str


FOLDERS = {
    "nesting without end": File("offerings: " + "[" * 2000, "nested too deeply"),
    "nesting, in blocks": File("".join(f"{' ' * n}a:\n" for n in range(1500)), "nested too deeply"),
    "a file that holds itself": File("offerings: &a { evil: *a }", "nested too deeply"),
    "aliases of aliases": File(LAUGHS, "more than 300000 values"),
    "a file that is too large": File("#" * 11_000_000, "at most 10 MB"),
    "a pattern that takes for ever": File(
        "characteristics: { evil: { label: x, pattern: '((a{1,500}){1,500}){1,500}' } }", "no"
    ),
    "a pattern of brackets": File(
        f"characteristics: {{ evil: {{ label: x, pattern: '{'(' * 999}' }} }}", "not a regular expression of RE2"
    ),
    "bundles in a circle": File(CIRCLE, "contains itself"),
    "a negative price": File(offer(price="-5.00"), "'-5.00' is not a number"),
    "no number": File(offer(price=".nan"), "'.nan' is not a number"),
    "a number of 39 digits": File(offer(price="9" * 39), "is not a number"),
    "a huge exponent": File(offer(price="1e999999"), "is not a number"),
    "a list without end": File(offer(f"    needs: [{', '.join(['identity'] * 10_500)}]"), "more than 10000 entries"),
    "criteria by thousands": File(offer(CRITERIA), "200 criteria"),
    "promotions by hundreds on one price": File(LAMP, "more than 500 promotions"),
    "categories below each other for ever": File(CHAIN + "  c99: { name: x, description: x }", "flatten them"),
    "an id twice": File(offer() + "  evil: x", "stands twice in the same place"),
    "half of a surrogate pair": File(offer().replace("Evil", r'"\uD800"'), "half of a surrogate pair"),
    "the name of a prototype": File(offer().replace("evil:", "__proto__:"), "cannot stand as an id"),
    "an id without end": File(offer().replace("evil:", f"{'e' * 900}:"), "at most 256 characters"),
    "the year 0": File(offer("    from: 0000-01-01"), "no day or time"),
    "the last day there is": File(offer("    until: 9999-12-31"), "no day or time"),
    "an object of the language": File(
        "offerings: { evil: !!python/object/apply:os.abort [] }", "lines of 'key: value'"
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(copytree(TELCO / "nova", tmp_path_factory.mktemp("hostile") / "nova"))


def checked(folder: Path) -> str:
    """What the check says of a folder that may not be published."""
    told = CliRunner().invoke(app, ["catalog", "check", str(folder)])
    assert (told.exit_code, isinstance(told.exception, SystemExit)) == (1, True), told.exception
    return " ".join((told.stderr + told.stdout).split())


@pytest.mark.parametrize("file", FOLDERS.values(), ids=FOLDERS.keys())
def test_a_folder_is_refused_with_the_file_it_is_in(folder: Path, file: File) -> None:
    evil = folder / "evil.yaml"
    evil.write_text(file.text, "utf-8")
    try:
        text = checked(folder)
    finally:
        evil.unlink()
    assert re.search(r"nova/(evil|mobile)\.yaml(, line \d|: this is )", text)
    assert file.sentence in text


@pytest.mark.parametrize("kind", ["pipe", "device", "directory", "nowhere"])
def test_what_is_no_file_is_not_read(folder: Path, kind: str) -> None:
    evil = folder / "evil.yaml"
    if kind == "pipe":
        os.mkfifo(evil)
    elif kind == "directory":
        evil.mkdir()
    else:
        evil.symlink_to("/dev/zero" if kind == "device" else "/nowhere/at/all")
    try:
        assert "nova/evil.yaml: this is no file of at most 10 MB" in checked(folder)
    finally:
        evil.rmdir() if kind == "directory" else evil.unlink()


def test_a_time_zone_is_no_path(folder: Path) -> None:
    brand = folder / "brand.yaml"
    before = brand.read_text("utf-8")
    brand.write_text(before.replace("timeZone: Europe/Berlin", "timeZone: ../../../../etc/passwd"), "utf-8")
    try:
        assert "is not a time zone" in checked(folder)
    finally:
        brand.write_text(before, "utf-8")


# --- drafts, and their publication ---------------------------------------------------------------------------------


def deep(levels: int) -> Json:
    found: Json = {"name": "x"}
    for _ in range(levels):
        found = {"productOfferingTerm": [found]}
    return found


def rule(*lines: str) -> Json:
    action = {"actionType": "percentage", "actionValue": "10", "priceType": "recurring"}
    return {
        "name": "x",
        "lifecycleStatus": "Active",
        "pattern": [{"name": "x", **criteria(*lines), "action": [action]}],
    }


DRAFTS: dict[str, tuple[str, Any, str]] = {
    "nesting": ("productOffering", deep(60), ""),
    "a list without end": ("productOffering", {"category": [{"id": "add-ons"}] * 20_000}, ""),
    "no number": ("productOfferingPrice", {"price": {"unit": "EUR", "value": float("nan")}}, ""),
    "a number of 39 digits": ("productOfferingPrice", {"price": {"unit": "EUR", "value": 10**39}}, ""),
    "a negative price": ("productOfferingPrice", {"price": {"unit": "EUR", "value": -5}}, "zero or more"),
    "a pattern that takes for ever": (
        "productSpecification",
        {"productSpecCharacteristic": [{"name": "x", "regex": "((a{1,500}){1,500}){1,500}"}]},
        "RE2",
    ),
    "a bundle of itself": (
        "productOffering",
        {"isBundle": True, "bundledProductOffering": [{"id": "ITSELF"}]},
        "itself",
    ),
    "criteria by hundreds": ("promotion", rule(*[f"quantity > {n}" for n in range(300)]), "200 criteria"),
    "a parameter nobody knows": ("promotion", rule("__proto__ = x"), "no parameter"),
    "half of a surrogate pair": ("productOffering", {"description": "\ud800"}, ""),
    "the end of the calendar": ("productOffering", {"announcedDateTime": "9999-12-31T23:59:59-14:00"}, ""),
    "a life in disorder": ("productOffering", {"preorderDateTime": "2031-01-01T00:00:00Z"}, "never sold"),
}


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS.keys())
def test_a_draft_or_its_publication_is_refused_with_a_sentence(draft: tuple[str, Json, str]) -> None:
    kind, more, sentence = draft
    path = f"{'/tmf-api/promotionManagement/v4' if kind == 'promotion' else CATALOG}/{kind}"
    life = (
        {"lifecycleStatus": "Active", "validFor": {}} if "preorderDateTime" in more else {"lifecycleStatus": "Active"}
    )
    made = OLGA.post(path, {"name": "Evil", **life, **more}, expect=(201, 400))
    if not sentence:
        assert (made.status, made.body["reason"][-1]) == (400, ".")
        return
    assert made.status == 201
    if "bundledProductOffering" in more:
        OLGA.patch(made.body["href"], {"bundledProductOffering": [{"id": made.body["id"]}]})
    try:
        refused = OLGA.post(PUBLICATIONS, {}, expect=409).body
        assert any(made.body["id"] in each and sentence in each for each in refused["details"]["findings"])
    finally:
        OLGA.delete(made.body["href"])


# --- a version that nobody checked ---------------------------------------------------------------------------------


def spread(most: int) -> Edit:
    """A bundle of bundles that has more parts than anybody could count."""

    def edit(content: Json) -> None:
        bundle = held(content, OFFERING, "triple-play")
        for n in range(most):
            for side in "ab":
                parts = [{"id": f"{each}-{n + 1}"} for each in "ab"]
                content[OFFERING].append({**deepcopy(bundle), "id": f"{side}-{n}", "bundledProductOffering": parts})
        bundle["bundledProductOffering"] = [{"id": "a-0"}, {"id": "b-0"}]

    return edit


def euros(value: Any) -> Edit:
    return said(PRICE, "plan-m-monthly", price={"unit": "EUR", "value": value})


UNCHECKED: dict[str, Edit] = {
    "bundles of bundles": spread(30),
    "bundles in a circle": lambda c: held(c, OFFERING, "fibre-500").update(
        isBundle=True, bundledProductOffering=[{"id": "triple-play"}]
    ),
    "a negative price": euros("-5.00"),
    "no number": euros(float("nan")),
    "no number, as a text": euros("NaN"),
    "more than there is": euros(float("inf")),
    "a number of 39 digits": euros("9" * 39),
    "a huge exponent": euros("1e999999"),
    "a price for a fortnight": said(PRICE, "plan-m-monthly", recurringChargePeriodType="fortnight"),
    "a price list that is gone": said(PRICE, "plan-l-monthly-business", priceList="gone"),
    "criteria by thousands": pattern(**criteria(*[f"cart.quantity > {n}" for n in range(5000)])),
    "a parameter nobody knows": pattern(**criteria("__proto__ = x")),
    "an action nobody knows": lambda c: held(c, PROMOTION, "handset-days")["pattern"][0]["action"][0].update(
        actionType="all", actionValue="Infinity"
    ),
    "promotions by thousands": crowd(1500),
    "a segment of itself": said("segment", "student", **criteria("segment = student")),
    "who may have it, unreadable": said(OFFERING, "fleet-service", eligibility=[{"id": "x", **criteria("x > y")}]),
    "a pattern that takes for ever": regex("(a+)+$"),
    "names that never end": said(OFFERING, "plan-m", name="x" * 60_000),
    "moments at the end of the calendar": said(
        OFFERING,
        "plan-m",
        announcedDateTime="0001-01-01T00:00:00+14:00",
        validFor={"startDateTime": "9999-12-31T23:59:59Z"},
    ),
    "categories in a circle": both(
        said("category", "mobile", parentId="postpaid"), said("category", "postpaid", subCategory=[{"id": "mobile"}])
    ),
    "a resource of a strange name": like(OFFERING, "plan-m", id="__proto__"),
}


@pytest.fixture
def again(hub: Stage) -> Iterator[None]:
    """The sample is on sale again when all of them are read."""
    yield
    store.publish(sample())


@pytest.mark.parametrize("edit", UNCHECKED.values(), ids=UNCHECKED.keys())
@pytest.mark.usefixtures("again")
def test_who_reads_what_nobody_checked_is_answered(edit: Edit) -> None:
    content = sample()
    edit(content)
    store.publish(content)
    answered = tuple(range(200, 500))
    for kind in ("productOffering", "productOfferingPrice", "category"):
        UNA.get(f"{CATALOG}/{kind}?limit=100", expect=200)
    UNA.get(f"{CATALOG}/productOffering?q=nova", expect=200)
    assert UNA.get(f"{OFFERS}?explain=true&limit=100", expect=(200, 206)).body
    for sold in ("plan-m", "triple-play", "handset-aurora-5", "fleet-service"):
        UNA.get(f"{CATALOG}/productOffering/{sold}", expect=answered)
        item = {"productOfferingQualificationItem": [{"id": "1", "productOffering": {"id": sold}}]}
        UNA.post(QUALIFICATIONS, {**item, "instantSyncQualification": True, "explain": True}, expect=200)
        made = UNA.post(CARTS, {"cartItem": [line(sold)]}, expect=(201, 409))
        if made.status == 201:
            UNA.get(made.body["href"], expect=200)
            BEN.get(f"{CART_PROMOTIONS}/{made.body['id']}", expect=200)
    assert UNA.post(CARTS, {"cartItem": [line("plan-s")]}).body["cartTotalPrice"]  # everything else is sold
