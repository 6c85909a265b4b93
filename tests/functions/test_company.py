"""What offerings require and exclude: told where a cart is read, refused where it is ordered, as qualification does."""

from collections.abc import Iterator

import pytest

from functions.cart.cart import KINDS
from functions.catalog import store
from tests.functions.stage import (
    CARTS,
    GUEST,
    MERGE,
    OFFERS,
    OLGA,
    ORDERS,
    PRODUCTS,
    QUALIFICATIONS,
    Json,
    Person,
    Stage,
    line,
    on_record,
)
from tests.unit.test_catalog import monthly, offering
from tests.unit.test_configuration import part


def related(kind: str, *ids: str) -> list[Json]:
    return [{"id": id_, "relationshipType": kind} for id_ in ids]


# Data needs a plan, of which nobody has two; the small one does not say so itself, and the large one bars travelling.
# The pack costs one price and holds the large plan; the mix costs what the small plan does, which it holds.
SOLD = [
    offering("small", "month"),
    offering("large", "month", productOfferingRelationship=related("excludes", "small", "travel")),
    offering("data", "month", productOfferingRelationship=related("requires", "small", "large")),
    offering("travel", "month", productOfferingRelationship=related("excludes", "large")),
    offering("pack", "month", bundledProductOffering=[part("large", 1)]),
    offering("mix", bundledProductOffering=[part("small", 1)]),
    offering("retired", "month", lifecycleStatus="Retired"),
    offering(
        "over", "month", endOfLifeDateTime="2020-01-01T00:00:00Z", validFor={"endDateTime": "2019-01-01T00:00:00Z"}
    ),
    offering("unsold", "month", bundledProductOffering=[part("retired", 1)]),
]

GONE = ("retired", "over")


@pytest.fixture
def plans(hub: Stage) -> Iterator[Stage]:
    was = store.live("nova").content
    facts = {"brand": "nova", "currency": "EUR", "timeZone": "Europe/Berlin", "languages": ["en"]}
    store.publish({**facts, "productOffering": SOLD, "productOfferingPrice": [monthly("month", "9.99")]})
    yield hub
    store.publish(was)


def bars(cart: Json) -> dict[str, list[Json]]:
    """What keeps each line from being ordered, by its offering."""
    return {item["productOffering"]["id"]: item.get("barred", []) for item in cart["cartItem"]}


def told(bar: Json) -> tuple[str, str]:
    return bar["code"], bar["reason"]


def between(bar: Json) -> list[tuple[str, bool]]:
    """The two that do not go together, and whether each is in the cart."""
    return [(each["productOffering"]["id"], "cartItem" in each) for each in bar["between"]]


def owns(person: Person, of: str) -> str:
    party = {"id": person.customer, "role": "owner", "@referredType": "Customer"}
    body = {"name": of, "status": "active", "productOffering": {"id": of}, "relatedParty": [party]}
    return str(OLGA.post(PRODUCTS, body).body["id"])


def test_what_needs_another_is_kept_in_the_cart_and_says_what_would_unlock_it(plans: Stage) -> None:
    ann = on_record()
    cart = ann.post(CARTS, {"cartItem": [line("data")]}).body
    (bar,) = bars(cart)["data"]
    assert told(bar) == ("requiresOther", "It needs one of these: Plan small, Plan large.")
    assert [way["label"] for way in bar["unlock"]] == [
        "Possible with Plan large in the cart.",
        "Possible with Plan small in the cart.",
        "Possible with Plan large installed.",
        "Possible with Plan small installed.",
    ]
    refused = ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body
    assert (refused["code"], refused["reason"]) == ("requiresOther", bar["reason"])
    assert refused["details"]["cartItem"] == [{"cartItem": cart["cartItem"][0]["id"], **bar}]

    ann.post(f"{cart['href']}/cartItem", line("small"))
    assert bars(ann.get(cart["href"]).body) == {"data": [], "small": []}
    ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}})
    assert bars(ann.get(cart["href"]).body) == {"data": [], "small": []}, "as it was ordered"


def test_what_a_cart_refuses_is_not_ordered_without_one(plans: Stage) -> None:
    ann, items = on_record(), [{"id": id_, "action": "add", **line(id_)} for id_ in ("data", "small")]
    refused = ann.post(ORDERS, {"productOrderItem": items[:1]}, expect=409).body
    assert (refused["code"], refused["details"]["productOrderItem"][0]["productOrderItem"]) == ("requiresOther", "data")
    assert ann.post(ORDERS, {"productOrderItem": items}).body["state"] == "acknowledged"


def test_all_that_does_not_go_together_is_named_in_pairs_whichever_of_the_two_says_so(plans: Stage) -> None:
    ann = on_record()
    cart = ann.post(CARTS, {"cartItem": [line("small"), line("large"), line("travel")]}).body
    found = bars(cart)
    assert {id_: [between(bar) for bar in of] for id_, of in found.items()} == {
        "small": [[("small", True), ("large", True)]],
        "large": [[("large", True), ("small", True)], [("large", True), ("travel", True)]],
        "travel": [[("travel", True), ("large", True)]],
    }
    assert told(found["small"][0]) == ("excludesOther", "It does not go with Plan large.")
    assert [way["label"] for way in found["small"][0]["unlock"]] == ["Possible without Plan large in the cart."]
    refused = ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body["details"]["cartItem"]
    assert sorted(tuple(id_ for id_, _ in between(each)) for each in refused) == [
        ("large", "small"),
        ("large", "travel"),
        ("small", "large"),
        ("travel", "large"),
    ]


def test_a_line_that_is_saved_for_later_neither_helps_nor_hinders_another(plans: Stage) -> None:
    ann = on_record()
    small = line("small", status="saveForLater")
    cart = ann.post(CARTS, {"cartItem": [line("data"), small, line("large")]}).body
    assert [id_ for id_, found in bars(cart).items() if found] == ["small"], "it would not go with the large one"
    (large,) = (item["id"] for item in cart["cartItem"] if item["productOffering"]["id"] == "large")
    ann.delete(f"{cart['href']}/cartItem/{large}")
    after = bars(ann.get(cart["href"]).body)
    assert [id_ for id_, found in after.items() if found] == ["data"], "the small plan is not bought now"


def test_what_is_installed_counts_and_is_read_only_where_a_line_asks_for_it(plans: Stage) -> None:
    ann = on_record()
    owns(ann, "large")
    data, small = (ann.post(CARTS, {"cartItem": [line(id_)]}).body for id_ in ("data", "small"))
    travel = ann.post(CARTS, {"cartItem": [line("travel")]}).body
    assert bars(data) == {"data": []}
    (bar,) = bars(travel)["travel"]
    assert between(bar) == [("travel", True), ("large", False)], "that one is installed"
    read, installed = ["dynamodb.GetItem"], ["dynamodb.Query", "dynamodb.BatchGetItem"]
    assert plans.called(lambda: ann.get(small["href"])) == read
    assert plans.called(lambda: ann.get(data["href"])) == read + installed
    both = ann.post(CARTS, {"cartItem": [line("data"), line("small")]}).body
    assert plans.called(lambda: ann.get(both["href"])) == read, "what it needs is in the cart"


def test_what_a_line_replaces_or_ends_does_not_stay(plans: Stage) -> None:
    ann = on_record()
    plan = owns(ann, "small")
    change = line("large", action="modify", kind="planChange", product={"id": plan})
    changed = ann.post(CARTS, {"cartItem": [change, line("data")]}).body
    assert bars(changed) == {"large": [], "data": []}, "the small plan gives way"
    end = {"action": "delete", "product": {"id": plan}}
    ended = ann.post(CARTS, {"cartItem": [end, line("data")]}).body
    (data,) = (item for item in ended["cartItem"] if item["action"] == "add")
    assert [bar["code"] for bar in data["barred"]] == ["requiresOther"]


def test_a_guest_who_logs_in_has_what_is_installed_at_them(plans: Stage) -> None:
    ann = on_record()
    owns(ann, "small")
    cart = GUEST.post(CARTS, {"cartItem": [line("data")]}).body
    assert [bar["code"] for bar in bars(cart)["data"]] == ["requiresOther"]
    merged = ann.post(MERGE, {"shoppingCart": {"id": cart["id"]}}).body
    assert bars(merged) == {"data": []}
    ann.post(ORDERS, {"shoppingCart": {"id": merged["id"]}})


@pytest.mark.parametrize("bundle", ["pack", "mix"])
def test_what_lies_in_a_bundle_helps_others_whether_it_is_paid_by_itself_or_not(plans: Stage, bundle: str) -> None:
    ann = on_record()
    cart = ann.post(CARTS, {"cartItem": [line("data"), line(bundle)]}).body
    assert bars(cart) == {"data": [], bundle: []}
    read = ["dynamodb.GetItem", "dynamodb.Query"] if bundle == "pack" else ["dynamodb.GetItem"]
    assert plans.called(lambda: ann.get(cart["href"])) == read, "what the large plan excludes may be installed"
    items = [{"id": id_, "action": "add", **line(id_)} for id_ in ("data", bundle)]
    assert ann.post(ORDERS, {"productOrderItem": items}).body["state"] == "acknowledged"


@pytest.mark.parametrize(("bundle", "inside", "other"), [("pack", "large", "small"), ("mix", "small", "large")])
def test_what_lies_in_a_bundle_hinders_others_and_is_named(plans: Stage, bundle: str, inside: str, other: str) -> None:
    ann = on_record()
    cart = ann.post(CARTS, {"cartItem": [line(other), line(bundle)]}).body
    found, lines = bars(cart), {item["productOffering"]["id"]: item["id"] for item in cart["cartItem"]}
    (of_other,), (of_bundle,) = found[other], found[bundle]
    assert told(of_other) == ("excludesOther", f"It does not go with Plan {inside}.")
    assert told(of_bundle) == ("excludesOther", f"Plan {inside}: It does not go with Plan {other}.")
    pair = {other: lines[other], inside: lines[bundle]}
    for bar in (of_other, of_bundle):
        assert {each["productOffering"]["id"]: each["cartItem"] for each in bar["between"]} == pair
    ask = {"productOfferingQualificationItem": [{"id": "1", **line(bundle)}]}
    alone = ann.post(CARTS, {"cartItem": [line(other)]}).body
    answer = ann.post(QUALIFICATIONS, {**ask, "shoppingCart": {"id": alone["id"]}}).body
    (why,) = answer["productOfferingQualificationItem"][0]["eligibilityUnavailabilityReason"]
    assert why["code"] == "excludesOther"
    assert why["label"].startswith(f"Plan {inside}: It does not go with Plan ")


@pytest.mark.usefixtures("plans")
@pytest.mark.parametrize(
    "in_cart", [[], ["small"], ["large"], ["travel"], ["data"], ["small", "travel"], ["pack"], ["mix", "data"]], ids=str
)
@pytest.mark.parametrize("owned", [None, "small", "large"])
def test_a_cart_and_a_qualification_say_the_same(in_cart: list[str], owned: str | None) -> None:
    ann = on_record()
    if owned:
        owns(ann, owned)
    asked = [each["id"] for each in SOLD if each["id"] not in in_cart and each["id"] not in GONE]
    beside = ann.post(CARTS, {"cartItem": [line(id_) for id_ in in_cart]}).body
    items = [{"id": id_, **line(id_)} for id_ in asked]
    body = {"shoppingCart": {"id": beside["id"]}, "productOfferingQualificationItem": items}
    answer = ann.post(QUALIFICATIONS, body).body["productOfferingQualificationItem"]
    said = {item["id"]: {why["code"] for why in item.get("eligibilityUnavailabilityReason", [])} for item in answer}
    for id_ in asked:
        cart = ann.post(CARTS, {"cartItem": [line(each) for each in (*in_cart, id_)]}).body
        assert {bar["code"] for bar in bars(cart)[id_]} == said[id_], f"{id_} beside {in_cart}, {owned} installed"


@pytest.mark.usefixtures("plans")
@pytest.mark.parametrize("beside", [[], ["data"], ["travel"], ["large"]], ids=str)
@pytest.mark.parametrize(
    ("owned", "kind", "to"),
    [
        ("small", "planChange", "large"),
        ("large", "planChange", "small"),
        ("small", "planChange", "pack"),
        ("small", "upgrade", "unsold"),
        ("large", "renew", None),
        ("retired", "renew", None),
        ("retired", "renew", "retired"),
        ("large", "renew", "retired"),
        ("retired", "simSwap", None),
        ("over", "simSwap", None),
        ("over", "planChange", "large"),
        ("over", "disconnect", None),
        ("large", "disconnect", None),
        ("large", "addOn", "data"),
        ("large", "addOn", "travel"),
    ],
)
def test_they_say_the_same_of_a_product_that_is_changed_or_ended(
    owned: str, kind: str, to: str | None, beside: list[str]
) -> None:
    ann = on_record()
    change = {"action": KINDS[kind], "kind": kind, "product": {"id": owns(ann, owned)}, **(line(to) if to else {})}
    cart = ann.post(CARTS, {"cartItem": [line(id_) for id_ in beside]}).body
    asked = {"shoppingCart": {"id": cart["id"]}, "productOfferingQualificationItem": [{"id": "1", **change}]}
    (answer,) = ann.post(QUALIFICATIONS, asked).body["productOfferingQualificationItem"]
    said = {why["code"] for why in answer.get("eligibilityUnavailabilityReason", [])}
    added = ann.post(f"{cart['href']}/cartItem", change, expect=(201, 409)).body
    if "code" in added:
        assert added["code"] in said, "and so it does not come into the cart"
    else:
        assert {bar["code"] for bar in added.get("barred", [])} == said


def test_what_the_cart_replaces_is_gone_for_a_question_beside_it(plans: Stage) -> None:
    ann = on_record()
    change = line("large", action="modify", kind="planChange", product={"id": owns(ann, "small")})
    cart = ann.post(CARTS, {"cartItem": [change]}).body
    items = [{"id": id_, **line(id_)} for id_ in ("travel", "data")]
    asked = {"shoppingCart": {"id": cart["id"]}, "productOfferingQualificationItem": items}
    travel, data = ann.post(QUALIFICATIONS, asked).body["productOfferingQualificationItem"]
    assert [why["code"] for why in travel["eligibilityUnavailabilityReason"]] == ["excludesOther"]
    assert data["qualificationItemResult"] == "qualified"


def test_a_bundle_whose_part_is_not_sold_is_not_offered(plans: Stage) -> None:
    """It could not be ordered whatever one chose."""
    ann = on_record()
    asked = {"productOfferingQualificationItem": [{"id": "1", **line("unsold")}]}
    (answer,) = ann.post(QUALIFICATIONS, asked).body["productOfferingQualificationItem"]
    (why,) = answer["eligibilityUnavailabilityReason"]
    assert (answer["qualificationItemResult"], why["code"]) == ("unqualified", "configurationConflict")
    assert "Plan retired" in why["label"]
    offers = {each["id"]: each for each in ann.get(f"{OFFERS}?explain=true").body}
    assert not offers["unsold"]["qualified"]
    assert "unsold" not in {each["id"] for each in ann.get(OFFERS).body}
    cart = ann.post(CARTS, {"cartItem": [line("unsold")]}).body
    assert ann.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=409).body["code"] == "configurationConflict"


def test_what_has_parts_is_a_bundle_whether_it_says_so_or_not(plans: Stage) -> None:
    """Who changes to the mix pays for what lies in it, as who buys it does."""
    ann = on_record()
    change = line("mix", action="modify", kind="planChange", product={"id": owns(ann, "large")})
    cart, bought = (ann.post(CARTS, {"cartItem": [each]}).body for each in (change, line("mix")))
    assert cart["cartTotalPrice"] == bought["cartTotalPrice"] != []
