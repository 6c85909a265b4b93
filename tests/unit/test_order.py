"""Orders: the contract a cart became, at the catalog's price, and the only ways its states may go."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import product as pairs
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cart import view as views
from functions.cart.view import View
from functions.catalog import totals
from functions.catalog.proof import Signer
from functions.inventory.product import EFFECT
from functions.order import direct, place, store
from functions.order import order as orders
from functions.order.item import CLAIMED, Buyer
from functions.order.order import ENDED, ITEM_STATES, STATES, ProductOrder
from functions.shared import clock, names, rows
from functions.shared.errors import Malformed, RuleBroken
from tests.unit.test_cart import BEN, JANE, OWN, SHOP, VIEW, cart_of, line
from tests.unit.test_catalog import NOW, catalog, monthly, offering, once

STEADY = settings(derandomize=True, deadline=None, max_examples=30)
Json = dict[str, Any]
JANES = Buyer("jane", billing_account="account-1", places=(("delivery", "address-1"), ("billing", "address-2")))


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    """Time stands still, at noon of the first of March."""
    with time_machine.travel(NOW, tick=False):
        yield


# --- the states --------------------------------------------------------------------------------------------------


def test_the_states_are_the_standards() -> None:
    assert STATES.keys() == set(names.definition("TMF622", "ProductOrderStateType").values or ())
    assert ITEM_STATES.keys() == set(names.definition("TMF622", "ProductOrderItemStateType").values or ())


@pytest.mark.parametrize("table", [STATES, ITEM_STATES], ids=["order", "item"])
def test_every_way_leads_to_a_state_that_is_in_the_table_and_on_to_an_end(table: dict[str, frozenset[str]]) -> None:
    assert set().union(*table.values()) <= table.keys()
    assert {state for state, to in table.items() if not to} == ENDED == {"completed", "failed", "cancelled", "rejected"}
    for state in table:
        assert _reached(table, state) & ENDED, f"{state} never ends"
    assert _reached(table, "acknowledged") == table.keys()


def _reached(table: dict[str, frozenset[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        fresh = table[ahead.pop()] - found
        found |= fresh
        ahead += fresh
    return found


def test_items_go_no_way_that_orders_do_not_go() -> None:
    assert ITEM_STATES.keys() < STATES.keys()
    assert all(to <= STATES[state] for state, to in ITEM_STATES.items())


def order_in(state: str, *items: str, **more: Any) -> ProductOrder:
    """An order in that state, with items in these."""
    held = [{"id": str(n), "action": "add", "state": each} for n, each in enumerate(items)]
    body = {"state": state, "orderDate": clock.text(NOW), "productOrderItem": held}
    return ProductOrder(id="o1", brand="nova", body=body, **more)


@pytest.mark.parametrize(("state", "to"), [*pairs(STATES, [*STATES, "nonsense"])])
def test_an_order_moves_where_the_table_lets_it_and_nowhere_else(state: str, to: str) -> None:
    order = order_in(state)
    if to in STATES[state]:
        moved = order.moved(to, completionDate="now")
        assert (moved.state, moved.body["completionDate"], order.state) == (to, "now", state)
        return
    with pytest.raises(RuleBroken, match=f"An order that is {state} cannot become {to}") as refused:
        order.moved(to)
    assert (refused.value.code, refused.value.details) == ("wrongState", {"state": state})


@pytest.mark.parametrize(("state", "to"), [*pairs(ITEM_STATES, [*STATES, "nonsense"])])
def test_an_item_moves_where_the_table_lets_it_or_stays(state: str, to: str) -> None:
    order = order_in("inProgress", state)
    if to == state or to in ITEM_STATES[state]:
        assert order.with_items({"0": {"state": to, "note": "x"}}).item("0") == {
            **order.item("0"),
            "state": to,
            "note": "x",
        }
        return
    with pytest.raises(RuleBroken, match=f"An order item that is {state} cannot become {to}") as refused:
        order.with_items({"0": {"state": to}})
    assert (refused.value.code, refused.value.details) == ("wrongState", {"state": state})


def test_items_at_their_end_stay_there_when_all_the_others_move() -> None:
    order = order_in("inProgress", "inProgress", "rejected", "completed")
    assert [item["state"] for item in order.each_item("failed").items] == ["failed", "rejected", "completed"]


# state of the order -> (its items, what a cancellation makes of it, the state of the task), not activated and activated
TOO_LATE = (None, "terminatedWithError")
CANCELLATIONS: dict[str, tuple[str, tuple[str | None, str]]] = {
    "acknowledged": ("acknowledged", ("cancelled", "done")),
    "pending": ("pending", ("cancelled", "done")),
    "held": ("held", ("cancelled", "done")),
    "assessingCancellation": ("assessingCancellation", ("cancelled", "done")),
    "inProgress": ("inProgress", ("pendingCancellation", "inProgress")),
    "pendingCancellation": ("pendingCancellation", TOO_LATE),
    "partial": ("completed", TOO_LATE),
    "completed": ("completed", TOO_LATE),
    "failed": ("failed", TOO_LATE),
    "cancelled": ("cancelled", TOO_LATE),
    "rejected": ("rejected", TOO_LATE),
}


# Nothing leads back to acknowledged: there is no such order that has been activated.
@pytest.mark.parametrize(
    ("state", "activated"), [pair for pair in pairs(STATES, [False, True]) if pair != ("acknowledged", True)]
)
def test_what_a_cancellation_makes_of_an_order_until_it_is_activated(*, state: str, activated: bool) -> None:
    item, (becomes, task) = CANCELLATIONS[state]
    if activated:
        becomes, task = TOO_LATE
    order = order_in(state, item, "rejected", activation={"0": {}} if activated else None)

    after, answer = orders.cancelled(order, "task-1")

    assert answer == task
    if becomes is None:
        assert after is None
        return
    assert after is not None
    assert [after.state, *(each["state"] for each in after.items)] == [becomes, becomes, "rejected"]
    assert after.body["cancellationDate"] == clock.text(NOW)
    assert after.cancellation == ("task-1" if task == "inProgress" else None)


# --- a patch ------------------------------------------------------------------------------------------------------


def test_a_patch_changes_what_is_not_the_contract_and_may_repeat_what_is() -> None:
    order = order_in("held", "held", customer="jane")
    after = orders.patched(order, {"priority": "1", "state": "held", "productOrderItem": order.items})
    assert after == replace(order, body={**order.body, "priority": "1"})
    assert orders.patched(after, {"priority": None}) == order
    for name, value in (("state", "completed"), ("externalId", "x"), ("productOrderItem", [])):
        with pytest.raises(Malformed, match=f"{name} is part of the contract"):
            orders.patched(order, {"priority": "1", name: value})


# --- from a cart -------------------------------------------------------------------------------------------------


def placed(*lines: Any, body: Json | None = None, view: View = VIEW, **more: Any) -> ProductOrder:
    return place.place(cart_of(*lines, **more), view, JANES, body or {}, replace(JANE, channel=view.channel))


GARBAGE = st.dictionaries(
    st.sampled_from(
        ["orderTotalPrice", "state", "id", "href", "catalogVersion", "orderDate", "requirement", "channel"]
    ),
    st.sampled_from(["x", 0, [], [{"price": {"taxIncludedAmount": {"unit": "EUR", "value": 0}}}]]),
)


@STEADY
@given(OWN, GARBAGE, st.sampled_from(["web", "shop"]))
def test_the_price_of_an_order_is_the_catalogs_whatever_the_client_sends(cart: Any, sent: Json, channel: str) -> None:
    view = replace(VIEW, channel=channel)
    active = {id_: ln for id_, ln in cart.lines.items() if ln.active}
    if not active or any(each.barred for each in views.look(active.values(), view).values()):
        with pytest.raises(RuleBroken):
            place.place(cart, view, JANES, sent, JANE)
        return
    order = place.place(cart, view, JANES, sent, JANE)

    expected = totals.by_part(views.total(cart, view))
    assert totals.by_part(order.body["orderTotalPrice"]) == expected
    assert totals.by_part(p for item in order.items for p in item.get("itemTotalPrice", [])) == expected
    assert {item["id"] for item in order.items} == active.keys()
    assert (order.id, order.state, order.body["catalogVersion"]) == (orders.id_of(cart), "acknowledged", "v1")
    assert order.body["orderDate"] == clock.text(NOW)


def test_an_order_keeps_the_price_the_rule_and_the_terms_it_was_sold_on() -> None:
    term = [{"name": {"de": "24 Monate", "en": "24 months"}, "duration": {"amount": 24, "units": "month"}}]
    shop = catalog([offering("plan", "m", productOfferingTerm=term)], [monthly("m", "29.99")])

    (item,) = placed(line(quantity=2), view=replace(VIEW, catalog=shop)).items

    assert item["itemPrice"][0]["price"]["taxIncludedAmount"] == {"unit": "EUR", "value": Decimal("29.99")}
    assert item["itemTotalPrice"][0]["price"]["taxIncludedAmount"] == {"unit": "EUR", "value": Decimal("59.98")}
    assert item["itemTerm"] == [{"name": "24 months", "duration": {"amount": 24, "units": "month"}}]
    assert item["productOffering"]["name"] == "Plan plan"
    assert (item["billingAccount"]["id"], item["relatedParty"][0]["role"]) == ("account-1", "owner")
    assert [(p["id"], p["role"]) for p in item["product"]["place"]] == [
        ("address-1", "delivery"),
        ("address-2", "billing"),
    ]


def test_who_touched_the_cart_and_who_sold_it_stays_on_the_order() -> None:
    touches = {"web": {"by": "jane", "at": "then", "origin": True}, "callcentre": {"by": "ann", "at": "then"}}

    order = place.place(cart_of(line(), touches=touches), replace(VIEW, channel="shop"), JANES, {}, BEN)

    assert {(c["id"], c["role"]) for c in order.body["channel"]} == {
        ("web", "origin"),
        ("callcentre", "touched"),
        ("shop", "completed"),
    }
    assert [(p["id"], p["role"]) for p in order.body["relatedParty"]] == [("jane", "customer"), ("ben", "seller")]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "cartEmpty"),
        ([line(saved=True)], "cartEmpty"),
        ([line(), line("l2", "old")], "notOnSale"),
        ([line(), line("l2", "ghost")], "unknownOffering"),
        ([line(str(n)) for n in range(91)], "orderTooLarge"),
    ],
)
def test_what_cannot_be_ordered_is_refused_whole(lines: list[Any], code: str) -> None:
    with pytest.raises(RuleBroken, match=r"\w \w.*[.;]") as refused:
        placed(*lines)
    assert refused.value.code == code


def test_a_cart_that_is_refused_says_of_every_line_what_is_wrong_with_it() -> None:
    with pytest.raises(RuleBroken) as refused:
        placed(line("a"), line("b", "old"), line("c", "ghost"))
    told = refused.value.details["cartItem"]
    assert [(each["cartItem"], each["code"]) for each in told] == [("b", "notOnSale"), ("c", "unknownOffering")]
    assert (refused.value.code, refused.value.sentence) == (told[0]["code"], told[0]["reason"])


def test_an_order_refers_to_what_it_is_about_by_the_standards_names() -> None:
    order = placed(
        line(product="p1", more={"product": {"name": "x"}, "note": [{"text": "y"}]}),
        view=replace(VIEW, partner="shop"),
        sellers=("shop",),
    )
    (item_,) = order.items
    base = "/tmf-api/customerManagement/v4/customer/jane"
    cart = {"id": "c1", "href": "/tmf-api/shoppingCart/v4/shoppingCart/c1", "@referredType": "ShoppingCart"}
    account = {"id": "account-1", "href": "/omnihub/v1/billingAccount/account-1", "@referredType": "BillingAccount"}
    jane = {"id": "jane", "href": base, "@referredType": "Customer"}
    assert (order.sellers, order.body["shoppingCart"], order.body["billingAccount"]) == (("shop",), cart, account)
    shop = {"id": "shop", "role": "seller", "@referredType": "Organization"}
    assert order.body["relatedParty"] == [{**jane, "role": "customer"}, shop]
    assert (item_["relatedParty"], item_["billingAccount"]) == ([{**jane, "role": "owner"}, shop], account)
    assert {place_["@referredType"] for place_ in item_["product"]["place"]} == {"GeographicAddress"}
    assert (item_["@type"], item_["product"]["name"], item_["product"]["id"]) == ("ProductOrderItem", "x", "p1")
    assert "note" not in item_, "what people wrote is kept with the customer"


@pytest.mark.parametrize(
    ("usual", "trusted", "named", "billed"),
    [
        ("account-1", False, None, "account-1"),
        ("account-1", False, "account-1", "account-1"),
        ("account-1", False, "account-2", "account-2"),
        ("account-1", False, "toms", None),
        ("account-1", True, "toms", None),
        (None, False, "account-2", "account-2"),
        (None, False, "elsewhere", None),
        (None, True, "elsewhere", "elsewhere"),
    ],
)
def test_an_account_that_is_billed_is_the_customers_or_one_kept_elsewhere_that_staff_names(
    *, usual: str | None, trusted: bool, named: str | None, billed: str | None
) -> None:
    buyer = Buyer("jane", billing_account=usual, accounts=("account-1", "account-2"), trusted=trusted)
    chosen: Json = {"billingAccount": {"id": named}} if named else {}

    def on_order() -> Json:
        return place.place(cart_of(line()), VIEW, buyer, chosen, JANE).body

    def on_item() -> Json:
        return place.place(cart_of(line(more=chosen)), VIEW, buyer, {}, JANE).items[0]

    for billing in (on_order, on_item):
        if billed is None:
            with pytest.raises(RuleBroken, match="This billing account is not the customer's") as refused:
                billing()
            assert refused.value.code == "accountUnknown"
        else:
            assert billing()["billingAccount"]["id"] == billed


def test_who_has_nothing_to_bill_to_is_billed_later() -> None:
    body = place.place(cart_of(line()), VIEW, Buyer("jane"), {}, JANE).body
    assert "billingAccount" not in body


def test_what_a_client_says_of_parties_and_agreements_stays_on_its_order() -> None:
    technician = {"id": "t", "role": "technician"}
    seller = {"id": "ben", "role": "seller", "@referredType": "Employee"}
    body = {"relatedParty": [technician], "agreement": [{"id": "a1"}]}
    order = place.place(cart_of(line()), replace(VIEW, channel="shop"), JANES, body, BEN)
    jane, *others = order.body["relatedParty"]
    assert (jane["id"], others) == ("jane", [technician, seller])
    assert order.body["agreement"] == [{"id": "a1"}]
    assert placed(line()).body["agreement"] == []
    assert order.items[0]["productOffering"]["@referredType"] == "ProductOffering"
    origin = {"web": {"origin": True}}
    assert placed(line(), touches=origin).body["channel"][0] == {"id": "web", "role": "origin"}


def test_whose_an_item_is_the_order_says_and_who_else_has_to_do_with_it_stays() -> None:
    parties = [{"id": role, "role": role} for role in (*CLAIMED, "user", "technician")]
    for (made,) in (
        placed(line(more={"relatedParty": parties})).items,
        placed_directly(item(relatedParty=parties)).items,
    ):
        assert [(party["id"], party["role"]) for party in made["relatedParty"]] == [
            ("jane", "owner"),
            ("user", "user"),
            ("technician", "technician"),
        ]


@pytest.mark.parametrize(
    ("language", "names"), [("en", ["North shops", "Guard insurance"]), ("de", ["Nordläden", "Wächter"])]
)
def test_an_item_says_who_sold_it_and_whose_offering_it_is_in_the_readers_language(
    language: str, names: list[str]
) -> None:
    active = {"lifecycleStatus": "Active", "everything": True}
    partners = [
        {"id": "north", "name": {"en": "North shops", "de": "Nordläden"}, **active},
        {"id": "guard", "name": {"en": "Guard insurance", "de": "Wächter"}, **active},
    ]
    cover = offering("plan", "m", relatedParty=[{"id": "guard", "role": "provider"}])
    shop = catalog([cover, offering("case", "m")], [monthly("m", "4.99")], partner=partners)
    view = replace(VIEW, catalog=shop, partner="north", language=language)

    items = {each["productOffering"]["id"]: each for each in placed(line(), line("2", "case"), view=view).items}
    told = [
        (party["id"], party["role"], party.get("name"), party["@referredType"])
        for party in items["plan"]["relatedParty"]
    ]
    assert told == [
        ("jane", "owner", None, "Customer"),
        ("north", "seller", names[0], "Organization"),
        ("guard", "provider", names[1], "Organization"),
    ]
    assert [party["role"] for party in items["case"]["relatedParty"]] == ["owner", "seller"]
    (of_nobody,) = placed(line(), view=replace(view, catalog=catalog([cover], [monthly("m", "4.99")]))).items
    assert [party.get("name") for party in of_nobody["relatedParty"]] == [None, None, None], "nobody knows them"


def test_an_item_keeps_what_ending_its_term_early_costs() -> None:
    ends = {"type": "remainingShare", "value": "50", "unit": "percent"}
    term = [{"name": {"en": "A year"}, "duration": {"amount": 12, "units": "month"}, "earlyTermination": ends, "x": 1}]
    shop = catalog([offering("plan", "m", productOfferingTerm=term)], [monthly("m", "9.99")])
    (made,) = placed(line(), view=replace(VIEW, catalog=shop)).items
    assert made["itemTerm"] == [
        {"name": "A year", "duration": {"amount": 12, "units": "month"}, "earlyTermination": ends}
    ]


def test_ninety_lines_are_ordered_and_one_saved_line_that_cannot_be_does_not_matter() -> None:
    assert len(placed(*(line(str(n)) for n in range(90)), line("s", "ghost", saved=True)).items) == 90


def amount(value: str, kind: str = "recurring", period: str | None = "month") -> Json:
    body = {"priceType": kind, "price": {"taxIncludedAmount": {"unit": "EUR", "value": Decimal(value)}}}
    return {**body, "recurringChargePeriod": period} if period else body


SIGNER = Signer("nova", "v1", "web", clock.text(NOW), b"a key")
MONTH, ONCE = amount("29.99"), amount("39.99", "oneTime", None)


@pytest.mark.parametrize(
    ("agreed", "current", "agrees"),
    [
        ([MONTH, ONCE], [MONTH, ONCE], True),
        ([ONCE, MONTH], [MONTH, ONCE], True),
        ([MONTH], [amount("29.98")], True),
        ([MONTH], [amount("30.00")], False),
        ([MONTH], [MONTH, ONCE], False),
        ([MONTH, ONCE], [MONTH], True),
        ([MONTH, ONCE], [], True),
        ([], [], True),
        ([], [MONTH], False),
        ([amount("15.00"), amount("14.99")], [MONTH], True),
        ([MONTH, ONCE], [amount("10.00"), amount("40.00", "oneTime", None)], False),
        ([MONTH], [amount("29.99", "recurring", "week")], False),
        ([MONTH], [MONTH, amount("0.00", "oneTime", None)], True),
    ],
)
def test_a_price_that_rose_in_any_part_is_not_agreed_to(
    *, agreed: list[Json], current: list[Json], agrees: bool
) -> None:
    seen, of = totals.by_part(agreed), ("shoppingCart", "c1")
    if agrees:
        place.must_agree(seen, current, of, SIGNER)
        return
    with pytest.raises(RuleBroken, match="The price rose since you saw it") as rose:
        place.must_agree(seen, current, of, SIGNER)
    told = rose.value.details
    assert (totals.by_part(told["seen"]), told["current"]) == (seen, current)
    assert totals.by_part(told["difference"]) == {
        part: more
        for part in {*seen, *totals.by_part(current)}
        if (more := totals.by_part(current).get(part, Decimal(0)) - seen.get(part, Decimal(0)))
    }
    consent = place.consented({"priceProof": told["priceProof"]}, of, SIGNER)
    assert consent == totals.by_part(current)
    place.must_agree(consent, current, of, SIGNER)


def test_a_price_agreed_in_another_currency_is_not_this_price() -> None:
    in_yen = {("oneTime", "", "JPY"): Decimal("39.99")}
    with pytest.raises(RuleBroken, match="The price rose since you saw it"):
        place.must_agree(in_yen, [ONCE], ("shoppingCart", "c1"), SIGNER)


def item(id_: str = "1", offering_: str | None = "plan", action: str = "add", **more: Any) -> Json:
    return {"id": id_, "action": action, **({"productOffering": {"id": offering_}} if offering_ else {}), **more}


@pytest.mark.parametrize(
    ("sent", "same"),
    [
        ([item("9", quantity=2), item("8", "case")], True),
        ([item("8", "case"), item("9", quantity=2)], True),
        ([item("9", quantity=2)], False),
        ([item("9"), item("8", "case")], False),
        ([item("9", quantity=2), item("8", "case"), item("7", "case")], False),
        ([item("9", quantity=2), item("8", "case", action="noChange")], False),
        ([item("9", quantity=2), item("8", "old")], False),
    ],
)
def test_items_sent_with_a_cart_are_the_carts_active_lines_in_any_order(*, sent: list[Json], same: bool) -> None:
    cart = cart_of(line(quantity=2), line("l2", "case"), line("l3", "case", saved=True))
    if same:
        place.must_match(cart, sent)
        return
    with pytest.raises(RuleBroken) as differ:
        place.must_match(cart, sent)
    assert differ.value.code == "itemsDiffer"
    assert "productOrderItem" in differ.value.sentence
    assert differ.value.details["cart"] == [["case", 1, "add"], ["plan", 2, "add"]]
    assert len(differ.value.details["sent"]) == len(sent)
    assert all(isinstance(each, list) for each in differ.value.details["sent"])


def test_items_without_an_offering_are_matched_too() -> None:
    ending = line("l1", None, action="delete", kind="disconnect", product="p1")
    place.must_match(cart_of(ending), [item("1", None, action="delete")])
    with pytest.raises(RuleBroken):
        place.must_match(cart_of(ending), [item("1", None, action="modify")])


@pytest.mark.parametrize("named", [{"billingAccount": {"id": "account-1"}}, {"billingAccount": {}}, {}])
def test_an_order_of_nobody_is_billed_to_nobody(named: Json) -> None:
    for body in ({**named, "productOrderItem": [item()]}, {"productOrderItem": [item(), item("2", **named)]}):
        if not named.get("billingAccount"):
            direct.must_name_no_account(body)
            continue
        with pytest.raises(RuleBroken, match="This billing account is not the customer's") as refused:
            direct.must_name_no_account(body)
        assert refused.value.code == "accountUnknown"


# --- as a client sends it ----------------------------------------------------------------------------------------


def placed_directly(*items: Json, **body: Any) -> ProductOrder:
    sent = {"productOrderItem": list(items), **body}
    return direct.place("o1", sent, direct.lines_of(sent, VIEW, JANE), VIEW, JANES, JANE)


def test_a_direct_order_begins_and_ends_in_its_channel_and_is_the_partners_who_sells() -> None:
    order = placed_directly(item())
    assert order.body["channel"] == [{"id": "web", "role": "origin"}, {"id": "web", "role": "completed"}]
    assert (order.sellers, order.items[0]["relatedParty"][0]["id"]) == ((), "jane")
    shop = replace(JANE, role="partner", partner_id="shop", customer_id=None)
    sent = {"productOrderItem": [item()]}
    view = replace(VIEW, partner="shop")
    lines = direct.lines_of(sent, view, shop)
    assert direct.place("o1", sent, lines, view, None, shop).sellers == ("shop",)


def test_an_item_we_do_not_sell_keeps_its_type() -> None:
    order = placed_directly(item("1", None), {**item("2", "ghost"), "@type": "Special"})
    assert [each["@type"] for each in order.items] == ["ProductOrderItem", "Special"]


WRONG = [{"priceType": "oneTime", "price": {"taxIncludedAmount": {"unit": "EUR", "value": Decimal("0.01")}}}]
LIES = st.dictionaries(
    st.sampled_from(["itemPrice", "itemTotalPrice", "state", "touch", "catalogVersion", "requirement", "itemTerm"]),
    st.sampled_from(["completed", WRONG, []]),
)


@STEADY
@given(st.lists(st.tuples(st.sampled_from(["plan", "case"]), st.integers(1, 99), LIES), min_size=1, max_size=4))
def test_a_direct_order_costs_what_the_catalog_says_whatever_the_client_sends(
    sent: list[tuple[str, int, Json]],
) -> None:
    items = [{**lies, **item(str(n), id_, quantity=quantity)} for n, (id_, quantity, lies) in enumerate(sent)]

    order = placed_directly(*items, orderTotalPrice=WRONG, state="completed", id="mine")

    lines = [line(str(n), id_, quantity=quantity) for n, (id_, quantity, _) in enumerate(sent)]
    assert totals.by_part(order.body["orderTotalPrice"]) == totals.by_part(views.total(cart_of(*lines), VIEW))
    assert order.body["orderTotalPrice"] == placed(*lines).body["orderTotalPrice"]
    assert [order.state, *(each["state"] for each in order.items)] == ["acknowledged"] * (1 + len(sent))
    assert all(each["touch"]["by"] == "jane-login" and "itemTerm" not in each for each in order.items)
    assert "id" not in order.body


def test_an_item_without_an_offering_of_ours_is_kept_as_it_came_and_costs_nothing() -> None:
    order = placed_directly(item("1", None, itemPrice=WRONG), item("2", "ghost", quantity=3, state="completed"))

    assert [(each["state"], "itemPrice" in each, orders.fulfillable(each)) for each in order.items] == [
        ("acknowledged", False, False)
    ] * 2
    assert (order.items[1]["productOffering"]["id"], order.items[1]["quantity"]) == ("ghost", 3)
    assert order.body["orderTotalPrice"] == []


@pytest.mark.parametrize(
    ("items", "error", "code"),
    [
        ([item("1"), item("1", "case")], Malformed, "sameItem"),
        ([item("1", "old")], RuleBroken, "notOnSale"),
        ([item("1", quantity=100)], Malformed, "badQuantity"),
        ([item("1", kind="disconnect")], Malformed, "kindMismatch"),
        ([item("1", action="modify", kind="planChange")], Malformed, "productMissing"),
        ([item("1", None, action="delete", kind="sale", product={"id": "p1"})], Malformed, "kindMismatch"),
        ([item("1", None, action="delete", kind="teleport", product={"id": "p1"})], Malformed, "kindMismatch"),
    ],
)
def test_what_a_direct_order_cannot_mean_is_refused(items: list[Json], error: type[Exception], code: str) -> None:
    with pytest.raises(error, match=r"\w \w") as refused:
        placed_directly(*items)
    assert getattr(refused.value, "code", None) == code


@pytest.mark.parametrize(
    ("sent", "fulfillable", "changes"),
    [
        (item("1"), True, None),
        (item("1", action="modify", kind="planChange", product={"id": "p1"}), True, "p1"),
        (item("1", None, action="delete", product={"id": "p1"}), True, "p1"),
        (item("1", None, action="delete"), False, None),
        (item("1", None), False, None),
        (item("1", None, product={"id": "p1"}), False, None),
    ],
)
def test_what_the_hub_can_fulfil_and_which_product_it_changes(
    *, sent: Json, fulfillable: bool, changes: str | None
) -> None:
    (made,) = placed_directly(sent).items
    assert orders.fulfillable(made) is fulfillable
    assert orders.changed_products([made]) == ({changes: ["1"]} if changes else {})


@pytest.mark.parametrize("kind", EFFECT)
def test_what_changes_or_ends_a_product_is_fulfilled_where_it_names_one_and_all_else_where_it_was_sold(
    kind: str,
) -> None:
    changes = EFFECT[kind] in ("change", "suspend", "resume", "end")
    products: list[Json] = [{}, {"product": {}}, {"product": {"id": "p1"}}]
    for product_ in products:
        for sold in ({}, {"catalogVersion": "v1"}):
            expected = product_ == {"product": {"id": "p1"}} if changes else bool(sold)
            assert orders.fulfillable({"kind": kind, **product_, **sold}) is expected


ASKED = item("1", quantity=2, product={"id": "p1"})


@pytest.mark.parametrize(
    "other",
    [
        {**ASKED, "id": "2"},
        {**ASKED, "action": "modify"},
        {**ASKED, "quantity": 1},
        {**ASKED, "productOffering": {"id": "case"}},
        {**ASKED, "product": {"id": "p2"}},
        item("1", None, quantity=2, product={"id": "p1"}),
        item("1", quantity=2),
    ],
)
def test_orders_that_differ_in_what_they_ask_for_are_not_a_repeat_of_each_other(other: Json) -> None:
    def asking(*items: Json, customer: str = "jane") -> Any:
        return orders.asked_for(replace(order_in("held"), customer=customer, body={"productOrderItem": list(items)}))

    assert asking(ASKED) != asking(other)
    assert asking(ASKED, other) == asking({**other, "note": []}, {**ASKED, "state": "held"}), "in any order"
    assert asking(ASKED) != asking(ASKED, customer="tom")
    assert asking(item()) == asking(item(quantity=1)) != asking(item(quantity=2)), "one is meant where none is said"
    assert asking(item("1", None)) == asking({**item("1", None), "productOffering": {}, "product": {}})


@pytest.mark.parametrize("price_", ["0.00", None])
def test_what_costs_nothing_is_fulfilled_all_the_same(price_: str | None) -> None:
    """An offering that is free, or has no price at all, is sold like any other."""
    free = catalog([offering("gift", *(["g"] if price_ else []))], [once("g", price_)] if price_ else [])
    (made,) = placed(line(offering_="gift"), view=replace(VIEW, catalog=free)).items
    assert orders.fulfillable(made)


# --- what is written on it, and the row --------------------------------------------------------------------------

HIDDEN = {"role": "delivery", "streetName": "Hidden Lane", "@type": "GeographicAddress"}


def by_someone() -> ProductOrder:
    """An order with words of a person on it and an address by value on each of its items."""
    items = [item(str(n), product={"place": [HIDDEN, {"id": "p", "role": "billing"}]}) for n in range(2)]
    return placed_directly(*items, note=[{"text": "before noon"}], notificationContact="una@example.com")


def test_what_a_person_wrote_is_parted_from_an_order_kept_elsewhere_and_seen_again() -> None:
    order = by_someone()

    bare, parts = orders.parted(order)
    stored = orders.kept_under(bare, "w1", parts)

    for word in ("Hidden Lane", "before noon", "una@example.com"):
        assert word not in str(bare), word
        assert word in str(parts), word
    assert stored.written == {"": "w1", "0": "w1", "1": "w1"}
    assert str(parts).count("Hidden Lane") == 2, "each address is kept once, with its item"
    seen = orders.render(stored, {"w1": {part: content for part, content in parts.items() if content}})
    assert (seen["note"], seen["notificationContact"]) == (order.body["note"], "una@example.com")
    for each in seen["productOrderItem"]:
        (hidden, billing) = each["product"]["place"]
        assert hidden.items() >= HIDDEN.items()
        assert billing == {"id": "p", "role": "billing"}
    for kept in (None, {}, {"another": {"": {"note": "x"}}}):
        unseen = orders.render(stored, kept)
        assert unseen == orders.render(bare), "who may not see it sees the reference"
        assert "Hidden Lane" not in str(unseen)


def test_an_order_on_which_nothing_was_written_keeps_nothing_elsewhere() -> None:
    bare, parts = orders.parted(placed(line()))
    assert not any(parts.values())
    assert orders.kept_under(bare, None, parts).written is None


def test_what_was_written_on_a_line_lies_where_it_lay() -> None:
    order = placed(line(written="w-line"), line("l2", "case"))
    assert order.written == {"l1": "w-line"}
    assert orders.kept_under(order, "w-order", {"": {"written": {}}, "l2": None}).written == {
        "l1": "w-line",
        "": "w-order",
    }


@STEADY
@given(
    make=st.sampled_from([lambda: placed(line(quantity=3), line("l2", "case")), by_someone, lambda: order_in("held")]),
    workflow=st.none() | st.just("arn:execution"),
    activation=st.none() | st.just({"1": {"serial": "SIM-1"}}),
    written=st.none() | st.just({"": "w1"}),
    cancellation=st.none() | st.just("task-1"),
    customer=st.none() | st.just("jane"),
    sellers=st.sampled_from([(), ("shops-gmbh",), ("shops-gmbh", "north")]),
    version=st.integers(1, 1000),
)
def test_an_order_comes_back_from_its_row_as_it_was(make: Callable[[], ProductOrder], **held: Any) -> None:
    order = replace(make(), **held)
    row = store.to_row(JANE, order)

    assert store.from_row(rows.unpacked(rows.packed(row))) == order
    assert (row["created"], row["pk"]) == (clock.text(NOW), f"nova#productOrder#{order.id}")
    assert row.get("customer_key") == ("nova#customer#jane#productOrder" if order.customer else None)
    assert row.get("seller_key") == ("nova#partner#shops-gmbh#productOrder" if order.sellers else None)


@pytest.mark.parametrize("state", STATES)
def test_an_order_is_listed_by_when_it_was_placed_and_by_its_state_until_it_has_ended(state: str) -> None:
    order = order_in(state)
    then = "2026-02-01T08:00:00.000Z"
    row = store.to_row(JANE, replace(order, body={**order.body, "orderDate": then}))
    assert row["created"] == then
    assert row.get("state_key") == (None if state in ENDED else f"nova#productOrder#{state}")


def test_one_cart_has_one_order_id_and_another_brands_cart_another() -> None:
    cart = cart_of(line())
    assert orders.id_of(cart) == "aaa391f160e9dea1e1cdacfeab19c082", "today's code and the next find the same order"
    assert orders.id_of(cart) == orders.id_of(replace(cart, version=9, lines={}, customer="tom"))
    assert len({orders.id_of(each) for each in (cart, replace(cart, id="c2"), replace(cart, brand="pico"))}) == 3


def test_the_catalog_these_orders_are_placed_from_is_the_carts() -> None:
    assert SHOP.version == cart_of().catalog_version
