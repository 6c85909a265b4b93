"""Carts: nothing that somebody chose is lost, and what they cost is computed, never believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
import time_machine
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from functions.cart import cart as carts
from functions.cart import view as views
from functions.cart.cart import Line, ShoppingCart
from functions.cart.row import from_row, to_row
from functions.cart.view import View
from functions.catalog import totals
from functions.inventory import product
from functions.shared import clock, rows
from functions.shared.access import Caller
from functions.shared.errors import ConditionMissing, Malformed, NotFound, RuleBroken
from functions.shared.resource import customer_named, other_parties
from tests.bench import units
from tests.unit.test_catalog import DAY, NOW, catalog, monthly, offering, once, period, promotion

STEADY = settings(derandomize=True, deadline=None, max_examples=30)
Json = dict[str, Any]
JANE = Caller("nova", "DE", "web", "customer", "jane-login", "nova-web", "journey-1", customer_id="jane")
BEN = Caller("nova", "DE", "shop", "agent", "ben", "nova-shop", "journey-2", setting="onPremises", outlet="berlin-7")
GUEST = Caller("nova", "DE", "web", "guest", "nova-web", "nova-web", "journey-3")
SHOP = catalog(
    [
        offering("plan", "plan-m", "plan-o", requirement=[{"kind": "identity"}, {"kind": "credit"}]),
        offering("case", "case-o", channels=["web"]),
        offering("old", "case-o", lifecycleStatus="Retired"),
    ],
    [monthly("plan-m", "29.99"), once("plan-o", "39.99"), once("case-o", "19.90")],
    [promotion("online", "plan", priceType="oneTime", amount=("EUR", "20.00"))],
)
VIEW = View(SHOP, "web", NOW, "en")


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    """Time stands still, at noon of the first of March."""
    with time_machine.travel(NOW, tick=False):
        yield


def cart_of(*lines: Line, **more: Any) -> ShoppingCart:
    """Jane's cart, with these lines in it."""
    now = clock.text(NOW)
    known = {"customer": "jane", "catalog_version": "v1", "expires": NOW + carts.WAITS["owned"], **more}
    return ShoppingCart(
        id=known.pop("id", "c1"), brand="nova", created=now, at=now, lines={ln.id: ln for ln in lines}, **known
    )


def line(id_: str = "l1", offering_: str | None = "plan", **more: Any) -> Line:
    return Line(id=id_, offering=offering_, **{"quantity": 1, "touch": carts.touch_of(JANE), **more})


# What a client may have said of a line or a cart beyond what the hub acts on.
WORDS = st.text("abc Ä€\"'#.", max_size=8)
NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-10000, 10000, places=3)
ANYTHING = st.recursive(
    st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS.filter(bool), inner, max_size=2),
    max_leaves=3,
)
CARRIED = st.fixed_dictionaries(
    {},
    optional={
        "billingAccount": ANYTHING,
        "itemTerm": ANYTHING,
        "product": st.fixed_dictionaries({"name": WORDS}, optional={"productCharacteristic": ANYTHING}),
    },
)
TOUCHES = st.fixed_dictionaries(
    {"by": st.uuids().map(str), "channel": st.sampled_from(["web", "shop"]), "at": st.just(clock.text(NOW))},
    optional={"outlet": WORDS.filter(bool)},
)


def counted(of: Line) -> Line:
    """The line as often as it may be."""
    return replace(of, quantity=1) if of.alone else of


LINES = st.builds(
    lambda kind, **said: counted(Line(kind=kind, action=carts.KINDS[kind], **said)),
    kind=st.sampled_from(sorted(carts.KINDS)),
    id=st.uuids().map(lambda id_: id_.hex[:17]),
    quantity=st.integers(1, carts.QUANTITY),
    touch=TOUCHES,
    offering=st.none() | st.sampled_from(["plan", "case", "ghost"]),
    saved=st.booleans(),
    product=st.none() | st.uuids().map(lambda id_: id_.hex),
    catalog_version=st.none() | st.sampled_from(["v0", "v2"]),
    written=st.none() | st.just("0" * 32),
    more=CARRIED,
)


def carts_with(customer: st.SearchStrategy[str | None], most: int = 4) -> st.SearchStrategy[ShoppingCart]:
    return st.builds(
        lambda lines, **said: cart_of(*lines, **said),
        lines=st.lists(LINES, max_size=most, unique_by=lambda ln: ln.id),
        id=st.uuids().map(lambda id_: id_.hex),
        customer=customer,
        catalog_version=st.sampled_from(["v0", "v1", "v2"]),
        expires=st.integers(-100, 100).map(lambda days: NOW + days * DAY),
        version=st.integers(1, 1000),
        state=st.sampled_from(["active", "ordered", "merged"]),
        touches=st.dictionaries(st.sampled_from(["web", "shop"]), TOUCHES.map(lambda t: {**t, "origin": True})),
        order=st.none() | st.just("1" * 32),
        merged_into=st.none() | st.just("2" * 32),
        written=st.none() | st.just("3" * 32),
        opened=TOUCHES.map(lambda touch: {name: value for name, value in touch.items() if name != "at"}),
        more=CARRIED,
    )


CARTS = carts_with(st.none() | st.uuids().map(str))
OWN, GUESTS = carts_with(st.just("jane")), carts_with(st.none())


# --- merging -----------------------------------------------------------------------------------------------------


def pinned(cart: ShoppingCart) -> dict[str, Line]:
    """Its lines, each with the catalog version it is priced from."""
    return {
        id_: replace(ln, catalog_version=ln.catalog_version or cart.catalog_version) for id_, ln in cart.lines.items()
    }


@STEADY
@given(OWN, GUESTS)
def test_merging_loses_no_line_and_alters_none(own: ShoppingCart, guest: ShoppingCart) -> None:
    after = carts.merged(own, guest, JANE)

    assert pinned(after) == {**pinned(guest), **pinned(own)}
    assert (after.id, after.customer, after.version) == (own.id, "jane", own.version)
    assert set(after.touches) == {*own.touches, *guest.touches, "web"}


@STEADY
@given(OWN, GUESTS)
def test_merging_twice_is_merging_once(own: ShoppingCart, guest: ShoppingCart) -> None:
    after = carts.merged(own, guest, JANE)
    assert carts.merged(after, guest, JANE) == after


@STEADY
@given(OWN, st.lists(GUESTS, min_size=2, max_size=3))
def test_guest_carts_may_be_merged_in_any_order(own: ShoppingCart, guests: list[ShoppingCart]) -> None:
    found = []
    for order in permutations(guests):
        cart = own
        for guest in order:
            cart = carts.merged(cart, guest, JANE)
        found.append(cart)

    assert all((cart.lines, cart.expires) == (found[0].lines, found[0].expires) for cart in found)
    assert found[0].lines.keys() == set().union(own.lines, *(guest.lines for guest in guests))


@pytest.mark.parametrize(("held", "brought", "fits"), [(60, 40, True), (60, 41, False), (100, 0, True)])
def test_two_carts_that_do_not_fit_into_one_are_not_merged(*, held: int, brought: int, fits: bool) -> None:
    own = cart_of(*(line(f"own{n}") for n in range(held)))
    guest = cart_of(*(line(f"guest{n}") for n in range(brought)), customer=None)
    if fits:
        assert len(carts.merged(own, guest, JANE).lines) == 100
        return
    with pytest.raises(RuleBroken, match="at most 100 lines") as full:
        carts.merged(own, guest, JANE)
    assert full.value.code == "cartFull"


def test_a_merged_line_is_priced_from_the_catalog_it_was_seen_in() -> None:
    dear = catalog([offering("plan", "m")], [monthly("m", "99.00")], version="v2")
    after = carts.merged(cart_of(catalog_version="v1"), cart_of(line(), customer=None, catalog_version="v2"), JANE)

    assert after.lines["l1"].catalog_version == "v2"
    seen = views.total(after, replace(VIEW, others={"v2": dear}))
    assert totals.by_part(seen) == {("recurring", "month", "EUR"): Decimal("99.00")}


# --- saved for later ---------------------------------------------------------------------------------------------


@STEADY
@given(OWN)
def test_what_is_left_over_of_an_ordered_cart_is_what_was_saved_for_later(cart: ShoppingCart) -> None:
    cart = replace(cart, state="active", order=None, merged_into=None)
    saved = {id_: ln for id_, ln in cart.lines.items() if ln.saved}

    after = carts.left_over(cart, BEN)

    if after is None:
        assert not saved
        return
    assert (after.lines, after.catalog_version, after.customer) == (saved, cart.catalog_version, "jane")
    assert (after.state, after.version, after.order) == ("active", 1, None)
    assert after.expires == NOW + carts.WAITS["saved"]
    assert list(after.touches) == ["shop"]
    again = carts.left_over(cart, JANE)
    assert again is not None
    assert again.id == after.id != cart.id, "whoever orders it, one cart takes the rest over"


# --- a patch that names cartItem ---------------------------------------------------------------------------------


def patched(cart: ShoppingCart, items: list[Json], *, whole: bool) -> dict[str, tuple[str | None, int]]:
    """Offering and quantity by line id; new lines are called new."""
    after = carts.patched_lines(cart, items, JANE, whole=whole)
    return {id_ if id_ in cart.lines else "new": (ln.offering, ln.quantity) for id_, ln in after.items()}


HELD = cart_of(line("a", quantity=1), line("b", "case", quantity=2))
TWO_A, B, NEW = {"id": "a", "quantity": 2}, {"id": "b"}, {"productOffering": {"id": "case"}, "quantity": 7}


@pytest.mark.parametrize(
    ("items", "joined", "replaced"),
    [
        ([TWO_A, B], {"a": ("plan", 2), "b": ("case", 2)}, {"a": ("plan", 2), "b": ("case", 2)}),
        ([TWO_A], ["b"], {"a": ("plan", 2)}),
        ([B], ["a"], {"b": ("case", 2)}),
        ([], ["a", "b"], {}),
        ([NEW], {"a": ("plan", 1), "b": ("case", 2), "new": ("case", 7)}, {"new": ("case", 7)}),
        ([NEW, TWO_A], ["b"], {"new": ("case", 7), "a": ("plan", 2)}),
        (
            [B, NEW, TWO_A],
            {"a": ("plan", 2), "b": ("case", 2), "new": ("case", 7)},
            {"a": ("plan", 2), "b": ("case", 2), "new": ("case", 7)},
        ),
    ],
)
def test_a_list_of_lines_joins_those_there_are_or_with_if_match_replaces_them(
    items: list[Json], joined: Any, replaced: Json
) -> None:
    """Where `joined` is a list, these lines would be dropped: the patch is refused and names them."""
    assert patched(HELD, items, whole=True) == replaced
    if isinstance(joined, dict):
        assert patched(HELD, items, whole=False) == joined
        return
    with pytest.raises(ConditionMissing) as refused:
        patched(HELD, items, whole=False)
    assert refused.value.details == {"cartItem": joined}


@STEADY
@given(OWN, st.data())
def test_no_patch_drops_a_line_in_silence(cart: ShoppingCart, data: st.DataObject) -> None:
    named = data.draw(st.lists(st.sampled_from(sorted(cart.lines)), unique=True)) if cart.lines else []
    items = [{"id": id_, "status": "saveForLater"} for id_ in named] + [NEW] * data.draw(st.integers(0, 2))
    assume(items)

    exactly = carts.patched_lines(cart, items, JANE, whole=True)
    assert exactly.keys() & cart.lines.keys() == set(named)
    assert len(exactly) == len(items)
    assert all(exactly[id_].saved for id_ in named)
    dropped = cart.lines.keys() - set(named)
    if dropped and named:
        with pytest.raises(ConditionMissing) as missing:
            carts.patched_lines(cart, items, JANE, whole=False)
        assert set(missing.value.details["cartItem"]) == dropped
        return
    joined = carts.patched_lines(cart, items, JANE, whole=False)
    assert joined.keys() >= cart.lines.keys()
    assert all(joined[id_] == cart.lines[id_] for id_ in cart.lines.keys() - set(named))


# --- lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(carts.KINDS))
@pytest.mark.parametrize("action", ["add", "modify", "delete", "noChange"])
def test_a_kind_goes_with_its_own_action_alone(kind: str, action: str) -> None:
    body = {"action": action, "kind": kind, "product": {"id": "p1"}, "productOffering": {"id": "plan"}}
    if action in (carts.KINDS[kind], "noChange"):
        assert carts.new_line(body, JANE).kind == kind
        return
    with pytest.raises(Malformed, match=f"The kind {kind} does not go with the action {action}"):
        carts.new_line(body, JANE)


def test_every_kind_has_an_effect_and_every_effect_a_kind() -> None:
    assert carts.KINDS.keys() == product.EFFECT.keys()
    assert all(kind in carts.KINDS for kind in carts.USUAL.values())
    assert {carts.KINDS[carts.USUAL[action]] for action in carts.KINDS.values()} == {*carts.KINDS.values()}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"action": "modify"}, "A line that would modify something names it: product.id."),
        ({"action": "delete", "product": {}}, "A line that would delete something names it: product.id."),
        ({"quantity": 0}, "A quantity is a whole number from 1 to 99."),
        ({"quantity": 100}, "A quantity is a whole number from 1 to 99."),
        ({"quantity": -1}, "A quantity is a whole number from 1 to 99."),
        ({"quantity": None}, "A quantity is a whole number from 1 to 99."),
        ({"kind": "teleport"}, "The kind teleport does not go with the action add."),
    ],
)
def test_what_a_line_lacks_is_said(body: Json, sentence: str) -> None:
    with pytest.raises(Malformed, match=sentence):
        carts.new_line(body, JANE)


@pytest.mark.parametrize(
    "patch",
    [{"action": "modify"}, {"kind": "portIn"}, {"productOffering": {"id": "case"}}, {"action": None}],
    ids=str,
)
def test_what_a_line_is_about_stays(patch: Json) -> None:
    with pytest.raises(RuleBroken, match="of a line stays; remove the line and add another") as fixed:
        carts.changed_line(line(), patch, JANE)
    assert fixed.value.code == "lineFixed"


@pytest.mark.parametrize(
    ("patch", "quantity", "saved"),
    [
        ({}, 3, False),
        ({"quantity": 9}, 9, False),
        ({"status": "saveForLater"}, 3, True),
        ({"status": None}, 3, False),
        ({"action": "add", "kind": "sale", "productOffering": {"id": "plan"}}, 3, False),
    ],
)
def test_a_change_touches_a_line_and_keeps_what_it_does_not_name(*, patch: Json, quantity: int, saved: bool) -> None:
    after = carts.changed_line(line(quantity=3, more={"itemTerm": []}), patch, BEN)

    assert (after.quantity, after.saved, after.more) == (quantity, saved, {"itemTerm": []})
    assert after.touch == {"by": "ben", "channel": "shop", "at": clock.text(NOW), "outlet": "berlin-7"}


def test_a_change_merges_into_the_product_and_null_takes_a_part_of_it_away() -> None:
    held = {"product": {"place": [{"id": "p", "role": "delivery"}], "name": "mine"}}

    colour = {"productCharacteristic": [{"name": "colour", "value": "sand"}]}
    after = carts.changed_line(line(more=held), {"product": {**colour, "name": None}}, JANE)

    assert after.more == {"product": {"place": [{"id": "p", "role": "delivery"}], **colour}}


# --- time --------------------------------------------------------------------------------------------------------

SAVED, ACTIVE = line("s", saved=True), line("a")


@pytest.mark.parametrize(
    ("customer", "lines", "days"),
    [
        (None, [], 7),
        (None, [ACTIVE], 7),
        (None, [SAVED], 7),
        ("jane", [], 90),
        ("jane", [ACTIVE], 90),
        ("jane", [ACTIVE, SAVED], 90),
        ("jane", [SAVED], 180),
        ("jane", [SAVED, line("t", saved=True)], 180),
    ],
)
def test_how_long_a_cart_waits(customer: str | None, lines: list[Line], days: int) -> None:
    assert carts.expiry(customer, lines, NOW) == NOW + timedelta(days=days)
    assert carts.expiry(customer, iter(lines), NOW) == NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("state", "before", "then"),
    [("active", "active", "abandoned"), ("ordered", "ordered", "ordered"), ("merged", "merged", "merged")],
)
def test_a_cart_is_abandoned_by_the_clock_alone(state: str, before: str, then: str) -> None:
    cart, moment = cart_of(state=state, expires=NOW), timedelta(milliseconds=1)
    assert [cart.state_at(NOW - moment), cart.state_at(NOW), cart.state_at(NOW + moment)] == [before, then, then]


@pytest.mark.parametrize(
    ("cart", "code", "sentence", "details"),
    [
        (cart_of(expires=NOW), "cartAbandoned", "This cart was kept until 2026-03-01; start a new one.", {}),
        (
            cart_of(state="ordered", order="o1"),
            "cartOrdered",
            "This cart was ordered; start a new one.",
            {"productOrder": "o1"},
        ),
        (
            cart_of(state="merged", merged_into="c2", expires=NOW),
            "cartMerged",
            "This cart was merged into another one; go on with that.",
            {"shoppingCart": "c2"},
        ),
    ],
)
def test_a_cart_that_takes_no_more_changes_says_what_became_of_it(
    cart: ShoppingCart, code: str, sentence: str, details: Json
) -> None:
    with pytest.raises(RuleBroken) as why:
        cart.must_be_active(NOW)
    assert (why.value.code, why.value.sentence, why.value.details) == (code, sentence, details)


def test_an_active_cart_takes_changes_up_to_its_hundredth_line() -> None:
    cart = cart_of(*(line(str(n)) for n in range(99)))
    cart.must_be_active(NOW)
    cart.must_take(1)
    with pytest.raises(RuleBroken, match="at most 100 lines"):
        cart.must_take(2)
    with pytest.raises(NotFound, match="There is no such cart line"):
        cart.line("ghost")


# --- the row -----------------------------------------------------------------------------------------------------


@STEADY
@given(CARTS)
def test_a_cart_comes_back_from_its_row_as_it_was(cart: ShoppingCart) -> None:
    assert from_row(rows.unpacked(rows.packed(to_row(JANE, cart)))) == cart


@STEADY
@given(CARTS)
def test_a_row_says_whose_it_is_and_when_it_may_be_cleaned_away(cart: ShoppingCart) -> None:
    row = to_row(BEN, cart)

    assert (row["pk"], row["sk"], row["version"]) == (f"nova#shoppingCart#{cart.id}", "shoppingCart", cart.version)
    assert (row["by"], row["channel"], row["correlation_id"], row["schema"]) == ("ben", "shop", "journey-2", 1)
    assert datetime.fromtimestamp(row["ttl"], UTC) == cart.expires + carts.GRACE
    key = f"nova#customer#{cart.customer}#shoppingCart" if cart.customer else None
    assert row.get("customer_key") == key
    assert not any("price" in name.lower() for name in row["body"]), "prices are computed, never stored"


SUBJECT = "0f8fad5b-d9cb-469f-a165-70867728950e"
CUSTOMER = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
OFFERINGS = ["plan-m", "handset-aurora-5", "case-aurora-5", "charger-30", "earbuds-air", "fibre-500", "tv-plus"]
OFFERINGS += ["home-phone", "security-pack", "roaming-world"]


HERSELF = replace(JANE, subject=SUBJECT, correlation_id=SUBJECT, customer_id=CUSTOMER)
SELLER = replace(BEN, subject=SUBJECT, correlation_id=SUBJECT)


@pytest.mark.parametrize(
    "callers", [[HERSELF], [SELLER], [HERSELF, SELLER]], ids=["on the web", "in the shop", "in both"]
)
def test_ten_lines_are_written_with_two_units(callers: list[Caller]) -> None:
    """Of people and outlets as they are: a subject is a UUID, an outlet has a number."""
    cart = cart_of(id=clock.new_id(), customer=CUSTOMER, catalog_version="0123456789abcdef", version=11)
    cart = carts.opened_by(cart, callers[0])
    for n, id_ in enumerate(OFFERINGS):
        caller = callers[n % len(callers)]
        made = carts.new_line({"productOffering": {"id": id_}}, caller, n)
        cart = replace(cart, lines={**cart.lines, made.id: made}, touches=carts.touched(cart, caller))

    assert units.size(rows.packed(to_row(callers[0], cart))) <= 2 * units.WRITE


# --- how it is seen ----------------------------------------------------------------------------------------------


def test_a_cart_is_priced_for_the_channel_that_opens_it() -> None:
    cart = cart_of(line(quantity=2), line("l2", "case", saved=True))

    online, instore = (views.render(cart, replace(VIEW, channel=channel)) for channel in ("web", "shop"))

    assert totals.by_part(online["cartTotalPrice"]) == {
        ("recurring", "month", "EUR"): Decimal("59.98"),
        ("oneTime", "", "EUR"): Decimal("39.98"),
    }
    assert totals.by_part(instore["cartTotalPrice"])["oneTime", "", "EUR"] == Decimal("79.98")
    assert [item.get("barred") for item in online["cartItem"]] == [None, None]
    assert instore["cartItem"][1]["barred"][0]["code"] == "notSoldHere"
    assert [p["id"] for p in online["promotion"]] == ["online"]
    assert "promotion" not in instore
    assert [p["applied"] for p in views.render(cart, replace(VIEW, channel="shop", staff=True))["promotion"]] == [False]
    assert [(r["kind"], r["item"]) for r in online["requirement"]] == [("identity", "l1"), ("credit", "l1")]


@STEADY
@given(OWN)
def test_the_total_of_a_cart_is_the_total_of_its_lines_that_are_not_saved(cart: ShoppingCart) -> None:
    seen = views.render(cart, VIEW)

    parts = [p for item in seen["cartItem"] if item["status"] == "active" for p in item.get("ItemTotalPrice", [])]
    assert totals.by_part(seen["cartTotalPrice"]) == totals.by_part(parts)
    assert seen["cartTotalPrice"] == views.total(cart, VIEW)
    assert [item["id"] for item in seen["cartItem"]] == sorted(cart.lines)


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (line(), None),
        (line(offering_="case"), None),
        (line(offering_="old"), "notOnSale"),
        (line(offering_="ghost"), "unknownOffering"),
        (line(offering_=None), "unknownOffering"),
        (line(offering_=None, action="modify", kind="simSwap", product="p1"), None),
        (line(offering_="old", action="delete", kind="disconnect", product="p1"), None),
        (line(offering_="ghost", action="delete", kind="disconnect", product="p1"), "unknownOffering"),
    ],
)
def test_why_a_line_cannot_be_ordered_here(held: Line, code: str | None) -> None:
    why = next(iter(views.look([held], VIEW)[held.id].barred), None)
    assert (why["code"] if why else None) == code


@pytest.mark.parametrize("action", ["delete", "noChange"])
def test_what_ends_or_stays_costs_nothing(action: str) -> None:
    assert [each.charges for each in views.look([line(action=action)], VIEW).values()] == [[]]


def test_prices_and_touches_that_a_client_sends_are_not_carried() -> None:
    sent = dict.fromkeys(carts.OURS, "mine") | {"productOffering": {"id": "plan"}, "itemTerm": ["kept"]}
    sent["product"] = {"id": "p1", "href": "mine", "relatedParty": [{"name": "Una"}], "name": "kept"}

    made = carts.new_line(sent, JANE)

    assert made.more == {"itemTerm": ["kept"], "product": {"id": "p1", "name": "kept"}}
    assert "mine" not in str(views.render_line(made, VIEW, views.look([made], VIEW)[made.id]))


@pytest.mark.parametrize(
    ("parties", "customer", "others"),
    [
        (None, None, []),
        ([], None, []),
        ([{"id": "jane", "role": "customer"}], "jane", []),
        ([{"id": "jane", "role": "Customer", "name": "Jane Keller"}], "jane", []),
        ([{"id": "jane", "@referredType": "Customer"}], "jane", []),
        ([{"id": "tom", "role": "user", "name": "Tom"}], None, [{"id": "tom", "role": "user"}]),
        ([{"id": "tom"}, {"id": "jane", "role": "customer"}], "jane", [{"id": "tom"}]),
    ],
)
def test_the_customer_is_told_from_the_other_parties_and_nobodys_name_is_kept(
    parties: Any, customer: str | None, others: list[Json]
) -> None:
    body = {"relatedParty": parties}
    assert customer_named(body) == customer
    assert other_parties(body) == others


def test_the_first_channel_stays_the_origin_however_often_it_is_touched() -> None:
    cart = cart_of(touches={"web": {"by": "jane-login", "at": "before", "origin": True}})

    cart = replace(cart, touches=carts.touched(cart, BEN))
    cart = replace(cart, touches=carts.touched(cart, JANE))

    assert {channel: touch.get("origin", False) for channel, touch in cart.touches.items()} == {
        "web": True,
        "shop": False,
    }
    assert cart.touches["web"]["at"] == clock.text(NOW)
    assert views.render(cart, VIEW)["channel"] == [{"id": "web", "role": "origin"}, {"id": "shop", "role": "touched"}]


def test_an_offering_that_was_dearer_then_is_not_dearer_for_having_been_saved() -> None:
    """A price valid until tomorrow is no longer charged when the saved line is taken up the day after."""
    shop = catalog(
        [offering("plan", "new", "old")], [once("old", "9.00", validFor=period(None, DAY)), once("new", "5.00")]
    )
    cart = cart_of(line())
    sums = [totals.by_part(views.total(cart, View(shop, "web", moment, "en"))) for moment in (NOW, NOW + DAY)]
    assert [found["oneTime", "", "EUR"] for found in sums] == [Decimal("14.00"), Decimal("5.00")]
