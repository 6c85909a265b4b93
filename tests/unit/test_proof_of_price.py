"""Price proofs: a token says what was told and cannot be made up, a trace adds up, and a price can be told again."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import Any

import pytest
import time_machine

from functions.cart import view as views
from functions.cart.replay import Told, basis, replay, view_of
from functions.cart.view import View
from functions.catalog import charge, price, proof, seal, totals, trace
from functions.catalog.proof import Signer, Statement
from functions.catalog.rule import Facts
from functions.catalog.totals import Part
from functions.shared import clock
from functions.shared.errors import Malformed
from functions.shared.resource import Money
from tests.price.compare import asked
from tests.price.generate import case
from tests.unit.test_cart import VIEW, cart_of, line
from tests.unit.test_catalog import NOW, catalog, criterion, monthly, offering, once, promotion

Json = dict[str, Any]
KEY = b"a key"
MONTHLY, ONCE = ("recurring", "month", "EUR"), ("oneTime", "", "EUR")
SAID = Statement(
    "nova", "shoppingCart", "c1", "v1", "web", "2026-03-01T12:00:00.000Z", {MONTHLY: Decimal("29.99"), ONCE: Decimal(5)}
)


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    """Time stands still, at noon of the first of March."""
    with time_machine.travel(NOW, tick=False):
        yield


# --- tokens ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        SAID,
        SAID._replace(total={}),
        SAID._replace(as_of=None),
        SAID._replace(total={("recurring", "2 week", "CHF"): Decimal("0.05")}),
        SAID._replace(total={ONCE: Decimal("123456789012.345")}),
        SAID._replace(id="ä€\"'\x00.", channel="düster", version=""),
    ],
)
def test_a_token_says_what_was_signed(said: Statement) -> None:
    assert proof.read(proof.sign(said, KEY), KEY) == said


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ({ONCE: Decimal("20.00"), MONTHLY: Decimal(1)}, {MONTHLY: Decimal("1.0"), ONCE: Decimal("2E+1")}),
        ({ONCE: Decimal("0.00")}, {ONCE: Decimal(0)}),
    ],
)
def test_the_same_statement_has_the_same_token_however_its_amounts_are_written(told: Any, again: Any) -> None:
    assert proof.sign(SAID._replace(total=told), KEY) == proof.sign(SAID._replace(total=again), KEY)


@pytest.mark.parametrize(
    "other",
    [
        {"brand": "pico"},
        {"kind": "cartItem"},
        {"id": "c2"},
        {"version": "v2"},
        {"channel": "shop"},
        {"as_of": "2026-03-01T12:00:00.001Z"},
        {"as_of": None},
        {"total": {MONTHLY: Decimal("29.98"), ONCE: Decimal(5)}},
        {"total": {MONTHLY: Decimal("29.99")}},
        {"total": {("recurring", "week", "EUR"): Decimal("29.99"), ONCE: Decimal(5)}},
        {"total": {MONTHLY: Decimal("29.99"), ("oneTime", "", "CHF"): Decimal(5)}},
    ],
)
def test_a_signature_is_of_one_statement(other: Json) -> None:
    said, mark = proof.sign(SAID, KEY).split(".")
    body, own = proof.sign(SAID._replace(**other), KEY).split(".")
    assert (body, own) != (said, mark)
    for forged in (f"{body}.{mark}", f"{said}.{own}"):
        refused(forged)


def refused(token: str, key: bytes = KEY) -> None:
    with pytest.raises(Malformed, match="This price proof is none that the hub gave") as why:
        proof.read(token, key)
    assert why.value.code == "badPriceProof"


TOKEN = proof.sign(SAID, KEY)


@pytest.mark.parametrize("at", [*range(0, len(TOKEN), 7), len(TOKEN) - 1])
def test_a_token_that_was_touched_anywhere_is_refused(at: int) -> None:
    for put in ("", "A" if TOKEN[at] != "A" else "B", TOKEN[at] * 2):
        refused(TOKEN[:at] + put + TOKEN[at + 1 :])


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        TOKEN.partition(".")[0],
        TOKEN + ".",
        TOKEN.swapcase(),
        " " + TOKEN,
        "\ud800." + TOKEN,
        "ä" + TOKEN[1:],
        TOKEN.replace(".", "=."),
        "A" * 1_000_000,
        TOKEN.partition(".")[0] * 20 + TOKEN,
        urlsafe_b64encode(json.dumps([]).encode()).decode() + ".0",
    ],
    ids=range(13),
)
def test_what_is_no_token_is_refused_with_a_sentence(token: str) -> None:
    refused(token)


def test_a_token_of_another_key_or_another_form_is_none_of_ours() -> None:
    refused(proof.sign(SAID, b"another key"))
    said = TOKEN.partition(".")[0].encode()
    refused(f"{said.decode()}.{hmac.new(KEY, said, sha256).hexdigest()}")


def test_a_token_that_is_too_long_is_not_even_looked_at() -> None:
    refused(proof.sign(SAID._replace(id="x" * seal.LONGEST), KEY))


@pytest.mark.parametrize(
    ("of", "its"),
    [
        (("nova", "shoppingCart", "c1"), True),
        (("pico", "shoppingCart", "c1"), False),
        (("nova", "cartItem", "c1"), False),
        (("nova", "shoppingCart", "c2"), False),
    ],
)
def test_a_token_is_of_one_thing_of_one_brand(*, of: tuple[str, str, str], its: bool) -> None:
    if its:
        assert proof.read_of(TOKEN, KEY, *of) == SAID
        return
    with pytest.raises(Malformed, match="This price proof is of something else") as why:
        proof.read_of(TOKEN, KEY, *of)
    assert why.value.code == "otherPriceProof"


# --- traces ------------------------------------------------------------------------------------------------------

SHOP = catalog(
    [
        offering("plan", "plan-m", "plan-o", "plan-m-young"),
        offering("tv", "tv-m", isBundle=True),
        offering("box", "box-o"),
    ],
    [
        monthly("plan-m", "30.00"),
        once("plan-o", "40.00"),
        {
            **monthly("plan-m-young", "25.00"),
            "priceList": "young",
            "popRelationship": [{"id": "plan-m", "relationshipType": "replaces"}],
        },
        monthly("tv-m", "10.00"),
        once("box-o", "8.00"),
    ],
    [
        promotion("tenth", "plan", channels=["web", "shop"], percentage="10", stackingLimit=2),
        promotion("pair", "plan", "tv", amount=("EUR", "5.00"), scope="together", stackingLimit=2),
        promotion("off", "plan", priceType="oneTime", amount=("EUR", "15.00"), stackingLimit=2, priority=1),
        promotion("rest", "plan", priceType="oneTime", percentage="20", stackingLimit=2, priority=2),
    ],
    segment=[{"id": "young", "lifecycleStatus": "Active", "criteriaGroup": [{"criteria": [criterion("tenure", "0")]}]}],
    priceList=[
        {
            "id": "young",
            "priority": 1,
            "lifecycleStatus": "Active",
            "criteriaGroup": [{"criteria": [criterion("segment", "young")]}],
        }
    ],
)
WEB = View(SHOP, "web", NOW, "en", key=KEY)
YOUNG = replace(WEB, facts=Facts({"tenure": Decimal(0)}))


def steps(of: Json) -> list[tuple[str, str, str]]:
    """A trace as a person would note it: what did it, what there was, what it did."""
    return [
        (step["rule"], f"{step['input']['value']:.2f}", f"{step['effect']['value']:+.2f}")
        for step in of["priceProof"]["trace"]
    ]


def test_a_line_says_how_its_price_came_about() -> None:
    cart = cart_of(line("l1", quantity=2), line("l2", "tv"))
    first, second = views.render(cart, WEB)["cartItem"]
    assert steps(first) == [
        ("plan-m", "0.00", "+60.00"),
        ("tenth", "60.00", "-6.00"),
        ("plan-o", "0.00", "+80.00"),
        ("off", "80.00", "-30.00"),
        ("rest", "50.00", "-10.00"),
        ("pair", "54.00", "-4.22"),
    ]
    assert steps(second) == [("tv-m", "0.00", "+10.00"), ("pair", "10.00", "-0.78")]
    assert [step["@referredType"] for step in second["priceProof"]["trace"]] == ["ProductOfferingPrice", "Promotion"]
    assert {step["name"] for step in second["priceProof"]["trace"]} == {"Price tv-m", "Promotion pair"}


def test_a_total_says_what_each_line_adds_and_leaves_out_what_is_saved() -> None:
    cart = cart_of(line("l1", quantity=2), line("l2", "tv"), line("l3", "box", saved=True))
    assert steps(views.render(cart, WEB)) == [
        ("l1", "0.00", "+40.00"),
        ("l1", "0.00", "+49.78"),
        ("l2", "49.78", "+9.22"),
    ]


def test_a_price_of_a_price_list_says_of_which() -> None:
    (item,) = views.render(cart_of(line()), YOUNG)["cartItem"]
    found = {step["rule"]: step.get("priceList") for step in item["priceProof"]["trace"]}
    assert {rule: list_ for rule, list_ in found.items() if list_} == {"plan-m-young": "young"}
    assert "plan-m" not in found


def test_a_view_without_a_key_and_a_line_without_a_price_prove_nothing() -> None:
    unsigned = views.render(cart_of(line()), replace(WEB, key=None))
    assert "priceProof" not in unsigned
    assert "priceProof" not in unsigned["cartItem"][0]
    free = views.render(cart_of(line(offering_="ghost")), WEB)
    assert "priceProof" not in free
    assert "priceProof" not in free["cartItem"][0]


def test_a_proof_is_of_what_is_told_beside_it() -> None:
    body = views.render(cart_of(line(quantity=3), line("l2", "tv")), WEB)
    for kind, told, total in [
        ("shoppingCart", body, "cartTotalPrice"),
        *(("cartItem", item, "ItemTotalPrice") for item in body["cartItem"]),
    ]:
        found = proof.read_of(told["priceProof"]["token"], KEY, "nova", kind, told["id"])
        assert (found.version, found.channel, found.as_of) == ("v1", "web", None)
        assert {name: told["priceProof"].get(name) for name in ("catalogVersion", "channel", "asOf")} == {
            "catalogVersion": "v1",
            "channel": "web",
            "asOf": None,
        }
        assert found.total == totals.by_part(told[total])


def test_a_cart_in_which_nothing_changed_has_the_proof_it_had() -> None:
    cart = cart_of(line(quantity=3), line("l2", "tv"))
    later = replace(WEB, as_of=NOW + timedelta(days=1))
    assert views.render(cart, later) == views.render(cart, WEB)


def test_of_a_part_that_is_in_a_bundle_several_times_all_are_counted() -> None:
    two = charge.Charge("p", "P", "recurring", "month", Money("EUR", Decimal(7)), None, "onBill", count=2)
    unit, total = [two.tmf], charge.totals([(3, [two])])
    assert unit[0]["count"] == 2
    assert [step["effect"]["value"] for step in trace.of_line(3, unit, total)] == [Decimal(42)]
    assert totals.by_part(total) == {MONTHLY: Decimal(42)}


@pytest.mark.parametrize("part", range(4))
def test_every_trace_adds_up_to_its_total(part: int) -> None:
    met = 0
    for seed in range(part * 250, (part + 1) * 250):
        items, sale = asked(case(Random(seed)))
        for item_id, found in price.priced(items, sale).items():
            quantity = next(item.quantity for item in items if item.id == item_id)
            unit, total = [each.tmf for each in found], charge.totals([(quantity, found)])
            made = trace.of_line(quantity, unit, total)
            assert summed(made) == totals.by_part(total), seed
            assert chained(made), seed
            met += any(step["rule"] in "abcdefgh" for step in made)
    assert met > 100


def summed(made: list[Json]) -> dict[Part, Decimal]:
    found: dict[Part, Decimal] = {}
    for step in made:
        part = step["priceType"], step.get("recurringChargePeriod", ""), step["effect"]["unit"]
        found[part] = found.get(part, Decimal(0)) + step["effect"]["value"]
    return found


def chained(made: list[Json]) -> bool:
    """Whether each promotion begins with what the step before it left, on one price or on all of a part."""
    left: Decimal | None = None
    of_part: Counter[tuple[str, str]] = Counter()
    for step in made:
        part, before = (step["priceType"], step.get("recurringChargePeriod", "")), step["input"]["value"]
        if step["@referredType"] == "ProductOfferingPrice":
            if before:
                return False
        elif before not in (left, of_part[part]):
            return False
        left = before + step["effect"]["value"]
        of_part[part] += step["effect"]["value"]
    return True


# --- told again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "held"),
    [
        ({}, []),
        ({"tenure": Decimal(0)}, ["segment = young"]),
        ({"tenure": Decimal(3)}, []),
        ({"tenure": Decimal(0), "place.city": "Berlin"}, ["segment = young"]),
    ],
)
def test_of_the_customer_a_basis_keeps_what_was_true_and_no_fact(facts: Any, held: list[str]) -> None:
    stored = basis([line(), line("l2", "tv")], replace(WEB, facts=Facts(facts)))
    assert stored == {"channel": "web", "asOf": clock.text(NOW), "currency": "EUR", "held": held}


def sold_to(view: View) -> tuple[list[Told], list[Json], Json]:
    """A stored sale of two lines: its lines, total and basis."""
    lines = [line("l1", quantity=2), line("l2", "tv")]
    looked = views.look(lines, view)
    told = [
        Told(
            each,
            "ProductOrderItem",
            [c.tmf for c in looked[each.id].charges],
            charge.totals([(each.quantity, looked[each.id].charges)]),
        )
        for each in lines
    ]
    return told, totals.summed(p for each in told for p in each.total), basis(lines, view)


@pytest.mark.parametrize("view", [WEB, YOUNG, replace(WEB, channel="shop"), replace(WEB, language="de")])
def test_a_sale_is_priced_again_from_its_basis(view: View) -> None:
    told, total, stored = sold_to(view)
    found = replay(told, total, view_of(stored, SHOP, "en"))
    assert found["equal"]
    assert [(item["id"], item["equal"], item["stored"]) for item in found["item"]] == [
        (each.line.id, True, each.total) for each in told
    ]
    assert found["total"]["stored"] == total
    assert summed(found["total"]["trace"]) == totals.by_part(total)


TAMPERED: dict[str, Any] = {
    "a cent of a total": lambda told: told._replace(total=[{**told.total[0], "price": money("0.01")}, *told.total[1:]]),
    "a part less": lambda told: told._replace(total=told.total[1:]),
    "a cent of a unit": lambda told: told._replace(unit=[{**told.unit[0], "price": money("29.99")}, *told.unit[1:]]),
    "another price": lambda told: told._replace(
        unit=[{**told.unit[0], "productOfferingPrice": {"id": "x"}}, *told.unit[1:]]
    ),
    "a rule less": lambda told: told._replace(unit=[{**told.unit[0], "priceAlteration": []}, *told.unit[1:]]),
    "for longer": lambda told: told._replace(
        unit=[
            {**told.unit[0], "priceAlteration": [{**a, "applicationDuration": 9} for a in altered(told)]},
            *told.unit[1:],
        ],
    ),
}


def money(value: str) -> Json:
    return {"taxIncludedAmount": {"unit": "EUR", "value": Decimal(value)}}


def altered(told: Told) -> list[Json]:
    found: list[Json] = told.unit[0]["priceAlteration"]
    return found


@pytest.mark.parametrize("tampered", TAMPERED)
def test_a_replay_tells_whatever_differs_of_an_item(tampered: str) -> None:
    (first, second), total, stored = sold_to(WEB)
    found = replay([TAMPERED[tampered](first), second], total, view_of(stored, SHOP, "en"))
    assert (found["equal"], [item["equal"] for item in found["item"]]) == (False, [False, True])
    assert found["total"]["equal"]


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "shop"},
        {"held": ["segment = young"]},
        {"currency": "CHF"},
        {"asOf": clock.text(NOW - timedelta(days=9000))},
    ],
)
def test_every_part_of_a_basis_decides(change: Json) -> None:
    young = {**SHOP.content, "promotion": [{**p, "validFor": WHEN} for p in SHOP.content["promotion"].values()]}
    shop = type(SHOP).of("v1", young)
    told, total, stored = sold_to(replace(WEB, catalog=shop))
    assert replay(told, total, view_of(stored, shop, "en"))["equal"]
    assert not replay(told, total, view_of({**stored, **change}, shop, "en"))["equal"]


WHEN = {"startDateTime": clock.text(NOW - timedelta(days=1))}


def test_a_replay_tells_where_only_the_total_differs() -> None:
    told, total, stored = sold_to(WEB)
    found = replay(told, [{**total[0], "price": money("0.01")}, *total[1:]], view_of(stored, SHOP, "en"))
    assert [item["equal"] for item in found["item"]] == [True, True]
    assert (found["equal"], found["total"]["equal"]) == (False, False)


@pytest.mark.parametrize("part", range(4))
def test_what_was_true_of_a_customer_prices_as_their_facts_do(part: int) -> None:
    met = 0
    for seed in range(part * 250, (part + 1) * 250):
        items, sale = asked(case(Random(seed)))
        held = price.held(items, sale)
        met += bool(held)
        kept = Facts(held=frozenset(held), own=tuple(price.own(items, sale)))
        assert price.priced(items, replace(sale, facts=kept)) == price.priced(items, sale), seed
    assert met > 100


def test_a_moment_of_the_hub_is_stored_exactly() -> None:
    with time_machine.travel("2026-03-01T22:59:59.999999+00:00", tick=False):
        assert clock.moment(clock.text(clock.now())) == clock.now()
        stored = basis([line()], replace(VIEW, as_of=clock.now()))
        assert view_of(stored, VIEW.catalog, "en").as_of == clock.now()


def test_a_signer_proves_no_price_that_is_none() -> None:
    signer = Signer("nova", "v1", "web", clock.text(NOW), KEY)
    assert signer.line("cartItem", "l1", 1, [], []) == {}
    assert signer.whole("shoppingCart", "c1", [], "ItemTotalPrice", []) == {}
    assert "a key" not in repr(signer)
    assert "a key" not in repr(replace(VIEW, key=KEY))
