"""What is on offer, on moto: who may have what and why not, at which price, and the promotions of a cart."""

from decimal import Decimal
from typing import Any

import pytest

from functions.shared import tmf
from tests.functions.stage import (
    BEN,
    CART_PROMOTIONS,
    CARTS,
    GUEST,
    OFFERS,
    OLGA,
    PUBLICATIONS,
    QUALIFICATIONS,
    Json,
    Person,
    Stage,
    cart_of,
    customer,
    line,
    on_record,
)

PROMOTIONS = f"{tmf.BASE['TMF671']}/promotion"
READ, QUERY, BATCH, PUT = "dynamodb.GetItem", "dynamodb.Query", "dynamodb.BatchGetItem", "dynamodb.PutItem"


def ask(person: Person, *offerings: str, **more: Any) -> Json:
    """What somebody is answered about these offerings."""
    items = [{"id": str(n), "productOffering": {"id": id_}} for n, id_ in enumerate(offerings, start=1)]
    made: Json = person.post(
        QUALIFICATIONS, {"productOfferingQualificationItem": items, **more}, accept_language="en"
    ).body
    return made


def results(answer: Json) -> dict[str, str]:
    """offering -> qualificationItemResult."""
    items = answer["productOfferingQualificationItem"]
    return {each["productOffering"]["id"]: each["qualificationItemResult"] for each in items}


def reasons(answer: Json) -> list[str]:
    """The codes by which the first item is barred."""
    (item, *_) = answer["productOfferingQualificationItem"]
    return [each["code"] for each in item.get("eligibilityUnavailabilityReason", [])]


def unlocks(answer: Json) -> dict[str, list[str]]:
    """rule -> the ways that would unlock it, of the first item."""
    (item, *_) = answer["productOfferingQualificationItem"]
    return {each["rule"]: [way["label"] for way in each.get("unlock", [])] for each in item["qualificationRule"]}


# --- qualification -----------------------------------------------------------------------------------------------


def test_an_add_on_is_had_beside_a_plan_and_not_without_one(hub: Stage) -> None:
    alone = ask(GUEST, "extra-data-10", explain=True)
    assert (alone["qualificationResult"], results(alone)) == ("red", {"extra-data-10": "unqualified"})
    assert "requiresOther" in reasons(alone)
    assert "Possible with Nova M in the cart." in unlocks(alone)["requires"]

    cart = cart_of(customer("web-wanda", "selfcare"), "plan-m")
    beside = ask(customer("web-wanda", "selfcare"), "extra-data-10", shoppingCart={"id": cart["id"]})
    assert (beside["qualificationResult"], reasons(beside)) == ("green", [])


def test_everything_that_bars_is_told_at_once_and_what_holds_as_well(hub: Stage) -> None:
    found = ask(Person("nova-shop", "agent", "agent-sam"), "fleet-service", explain=True)

    assert set(reasons(found)) >= {"notEligible"}
    (item,) = found["productOfferingQualificationItem"]
    assert {each["rule"]: each["holds"] for each in item["qualificationRule"]}["lifecycle"] is True
    assert unlocks(found)["eligibility"] == ["Possible for customers of the segment Business customers."]
    german = BEN.post(QUALIFICATIONS, {**_items("fleet-service"), "explain": True}, accept_language="de").body
    assert unlocks(german)["eligibility"] == ["Möglich für Kunden des Segments Geschäftskunden."]


def _items(*offerings: str) -> Json:
    return {
        "productOfferingQualificationItem": [
            {"id": str(n), "productOffering": {"id": id_}} for n, id_ in enumerate(offerings, start=1)
        ]
    }


def test_a_changed_fact_changes_the_answer_of_the_next_question(hub: Stage) -> None:
    una = on_record()
    named = {"relatedParty": [{"id": una.customer, "role": "customer", "@referredType": "Customer"}]}
    before = ask(BEN, "handset-pebble-3", **named)
    assert before["productOfferingQualificationItem"][0]["qualificationItemResult"] == "qualified"
    assert before["relatedParty"][0]["id"] == una.customer

    web = OFFERS + "?category.id=handsets"
    (cheap,) = [each for each in una.get(web).body if each["id"] == "handset-pebble-3"]
    BEN.patch(tmf.href("customer", str(una.customer)), {"characteristic": [{"name": "student", "value": "yes"}]})
    (student,) = [each for each in una.get(web).body if each["id"] == "handset-pebble-3"]
    assert {a["name"] for a in _altered(cheap)} == {"handset-days"}
    assert {a["name"] for a in _altered(student)} == {"student-handset"}
    assert student["termTotal"]["value"] == 169


def _altered(offer: Json) -> list[Json]:
    return [each for price in offer["itemPrice"] for each in price.get("priceAlteration", [])]


def test_what_is_asked_for_is_what_is_answered(hub: Stage) -> None:
    asked = ("plan-m", "extra-data-10", "nonsense")
    assert results(ask(GUEST, *asked)) == {
        "plan-m": "qualified",
        "extra-data-10": "unqualified",
        "nonsense": "unqualified",
    }
    only = ask(GUEST, *asked, provideOnlyAvailable=True)
    assert (results(only), only["qualificationResult"]) == ({"plan-m": "qualified"}, "yellow")
    silent = ask(GUEST, "extra-data-10", provideUnavailabilityReason=False)
    assert reasons(silent) == []
    assert reasons(ask(GUEST, "nonsense")) == ["unknownOffering"]


def test_something_else_is_proposed_where_it_is_asked_for(hub: Stage) -> None:
    found = ask(GUEST, "tv-sport", provideAlternative=True)

    (item,) = found["productOfferingQualificationItem"]
    assert (item["qualificationItemResult"], found["qualificationResult"]) == ("alternate", "yellow")
    proposed = [each["alternateProductOffering"]["id"] for each in item["alternateProductOfferingProposal"]]
    assert proposed
    assert set(results(ask(GUEST, *proposed)).values()) == {"qualified"}


def test_an_item_that_names_none_stands_for_all_of_a_category_or_all_there_is(hub: Stage) -> None:
    everything = GUEST.post(QUALIFICATIONS, {}).body
    of_tv = GUEST.post(QUALIFICATIONS, {"category": {"id": "tv"}, "provideOnlyAvailable": True}).body
    item = {"productOfferingQualificationItem": [{"id": "7", "category": {"id": "tv"}}]}

    assert {"plan-m", "extra-data-10"} <= results(everything).keys()
    assert set(results(of_tv)) == {"tv-basic", "tv-plus"}
    ids = [each["id"] for each in GUEST.post(QUALIFICATIONS, item).body["productOfferingQualificationItem"]]
    assert ids == [f"7.{n}" for n in range(1, len(ids) + 1)]


def test_an_installed_product_is_what_an_add_on_needs_if_it_is_the_customers(hub: Stage) -> None:
    hub.put(
        "inventory", "product", "p-of-ina", {"status": "active", "productOffering": {"id": "plan-m"}}, customer="ina"
    )
    ina, eve = customer("ina", "selfcare"), customer("eve", "selfcare")
    item = {"id": "1", "productOffering": {"id": "extra-data-10"}, "product": {"id": "p-of-ina"}}

    def asked(person: Person) -> Json:
        made: Json = person.post(QUALIFICATIONS, {"productOfferingQualificationItem": [item]}).body
        return made

    assert asked(ina)["qualificationResult"] == "green"
    assert "productUnknown" in reasons(asked(eve))
    by_value = {**item, "product": {"productOffering": {"id": "plan-m"}}}
    assert eve.post(QUALIFICATIONS, {"productOfferingQualificationItem": [by_value]}).body["qualificationResult"] == (
        "green"
    )


def test_an_instant_answer_is_a_200_and_a_task_a_201_and_both_are_kept(hub: Stage) -> None:
    instant = GUEST.post(QUALIFICATIONS, {**_items("plan-m"), "instantSyncQualification": True})
    task = GUEST.post(QUALIFICATIONS, _items("plan-m"))

    assert (instant.status, task.status) == (200, 201)
    for made in (instant, task):
        assert GUEST.get(made.body["href"]).body == made.body
    assert instant.body["state"] == "done"


def test_a_place_or_note_is_kept_with_the_customer_and_told_to_nobody_else(hub: Stage) -> None:
    place = {"role": "installation", "postcode": "01234", "city": "Musterstadt"}
    note = {"id": "1", "text": "Bitte zweimal klingeln", "author": "x", "date": "2026-03-01T12:00:00Z"}
    made = customer("pia").post(QUALIFICATIONS, {**_items("plan-m"), "place": [place], "note": [note]}).body

    row = hub.row("cart", "productOfferingQualification", made["id"])
    assert "Musterstadt" not in str(row)
    assert "klingeln" not in str(row)
    assert customer("pia").get(made["href"]).body["place"][0]["city"] == "Musterstadt"
    events = hub.events_of("productOfferingQualification", made["id"])
    assert [each["eventType"] for each in events] == ["ProductOfferingQualificationCreateEvent"]
    assert "plan-m" not in str(events)
    customer("eve").get(made["href"], expect=404)
    GUEST.get(made["href"], expect=404)


def test_nobody_asks_for_another_customer_or_beside_anothers_cart(hub: Stage) -> None:
    cart = cart_of(customer("pia"), "plan-m")
    pia = {"relatedParty": [{"id": "pia", "role": "customer", "@referredType": "Customer"}]}

    for person in (GUEST, customer("eve"), Person("nova-partner", "partner", "p")):
        person.post(QUALIFICATIONS, {**_items("plan-m"), **pia}, expect=403)
        person.get(f"{OFFERS}?relatedParty.id=pia", expect=403)
    customer("eve").get(f"{OFFERS}?shoppingCart.id={cart['id']}", expect=404)
    GUEST.get(f"{OFFERS}?shoppingCart.id={cart['id']}", expect=404)


def test_how_often_a_question_calls_aws(hub: Stage) -> None:
    una = on_record()
    GUEST.get(OFFERS)
    assert hub.called(lambda: GUEST.get(OFFERS)) == []
    assert hub.called(lambda: GUEST.post(QUALIFICATIONS, _items("plan-m"))) == [PUT]
    assert hub.called(lambda: una.get(OFFERS)) == [READ, QUERY, READ]
    assert hub.called(lambda: una.post(QUALIFICATIONS, _items("plan-m"))) == [READ, QUERY, READ, PUT]


# --- offers ------------------------------------------------------------------------------------------------------


def test_offers_are_those_the_customer_may_have_page_by_page(hub: Stage) -> None:
    everything = GUEST.get(OFFERS).body
    ids = [each["id"] for each in everything]
    assert ids == sorted(ids)
    assert all(each["qualified"] for each in everything)
    assert "extra-data-10" not in ids

    first = GUEST.get(f"{OFFERS}?limit=3")
    assert (first.status, [each["id"] for each in first.body]) == (206, ids[:3])
    second = GUEST.get(first.headers["Link"].partition(">")[0].removeprefix("<"))
    assert [each["id"] for each in second.body] == ids[3:6]
    rest = GUEST.get(f"{OFFERS}?offset={len(ids) - 1}")
    assert ([each["id"] for each in rest.body], "Link" in rest.headers) == (ids[-1:], False)


def test_offers_say_on_request_what_is_barred_and_what_would_unlock_it(hub: Stage) -> None:
    found = {each["id"]: each for each in GUEST.get(f"{OFFERS}?explain=true", accept_language="en").body}

    barred = found["extra-data-10"]
    assert barred["qualified"] is False
    rules = {each["rule"]: each for each in barred["qualificationRule"]}
    assert rules["requires"]["unlock"][0]["criteria"][0]["criteriaParameter"] == "cart.offering"
    assert "unlock" not in rules["lifecycle"]


def test_an_offer_costs_what_it_will_cost_in_the_cart(hub: Stage) -> None:
    cart = cart_of(BEN, "plan-m")
    offers = {each["id"]: each for each in BEN.get(f"{OFFERS}?shoppingCart.id={cart['id']}").body}
    for id_ in ("fibre-1000", "tv-plus", "handset-aurora-5", "extra-data-10"):
        added = BEN.post(f"{cart['href']}/cartItem", line(id_)).body
        assert offers[id_]["itemTotalPrice"] == added["ItemTotalPrice"], id_
        BEN.delete(f"{cart['href']}/cartItem/{added['id']}")


def test_offers_are_filtered_and_sorted_like_every_list(hub: Stage) -> None:
    plans = GUEST.get(f"{OFFERS}?category.id=postpaid&sort=-termTotal.value").body
    totals = [each["termTotal"]["value"] for each in plans]
    assert totals == sorted(totals, reverse=True)
    assert {each["category"][0]["id"] for each in plans} == {"postpaid"}
    cheap = GUEST.get(f"{OFFERS}?termTotal.value.lt=300").body
    assert 0 < len(cheap) < 22
    GUEST.get(f"{OFFERS}?nonsense=1", expect=400)
    GUEST.get(f"{OFFERS}?cursor=abc", expect=400)
    named = GUEST.get(f"{OFFERS}?fields=qualified&limit=1").body
    assert named[0].keys() == {"id", "@type", "qualified"}


# --- promotions --------------------------------------------------------------------------------------------------


def browsed(cart: Json, person: Person = BEN) -> Json:
    found: Json = person.get(f"{CART_PROMOTIONS}/{cart['id']}", accept_language="en").body
    return found


def states(found: Json) -> dict[str, str]:
    return {each["id"]: each["state"] for each in found["promotion"]}


def apply(cart: Json, *promotions: str, **more: Any) -> Any:
    body = {"shoppingCart": {"id": cart["id"]}, "promotion": [{"id": id_} for id_ in promotions]}
    return BEN.post(CART_PROMOTIONS, body, **more)


def test_an_agent_sees_what_to_add_adds_it_in_one_call_and_the_cart_has_it(hub: Stage) -> None:
    cart = cart_of(BEN, "tv-basic")
    before = browsed(cart)
    assert states(before)["home-together"] == "nearlyApplicable"
    (near,) = [each for each in before["promotion"] if each["id"] == "home-together"]
    assert [each["label"] for each in near["lack"]] == ["Add Fibre 250."]
    assert (near["saving"]["value"], near["canBeApplied"]) == (72, True)

    after = apply(cart, "home-together")

    assert states(after.body)["home-together"] == "given"
    assert after.body["saving"] == near["saving"]
    now = BEN.get(cart["href"])
    assert [each["productOffering"]["id"] for each in now.body["cartItem"]] == ["tv-basic", "fibre-250"]
    assert now.headers["ETag"] == after.headers["ETag"] == '"2"'
    assert len(hub.events_of("shoppingCart", cart["id"])) == 2


def test_several_are_applied_in_one_write_and_what_is_there_already_changes_nothing(hub: Stage) -> None:
    cart = cart_of(BEN, "tv-basic")
    found = apply(cart, "home-together", "fibre-three-months-free")
    assert {"home-together", "fibre-three-months-free"} <= {
        id_ for id_, state in states(found.body).items() if state == "given"
    }
    assert found.headers["ETag"] == '"2"'
    assert apply(cart, "home-together").headers["ETag"] == '"2"'


def test_a_stale_cart_an_old_key_and_another_body(hub: Stage) -> None:
    cart = cart_of(BEN, "tv-basic")
    apply(cart, "home-together", if_match='"7"', expect=409)
    first = apply(cart, "home-together", if_match='"1"', idempotency_key="k-apply")
    again = apply(cart, "home-together", if_match='"1"', idempotency_key="k-apply")
    assert (again.headers["Idempotent-Replayed"], again.body) == ("true", first.body)
    apply(cart, "fibre-three-months-free", idempotency_key="k-apply", expect=422)


@pytest.mark.parametrize(
    ("promotions", "code"),
    [
        (("selfcare-extra-data",), "promotionOutOfReach"),  # of another channel
        (("winter-tv",), "promotionOutOfReach"),  # over
        (("there-is-none",), "promotionOutOfReach"),
        ((), "cartMissing"),
        (("home-together",) * 11, "tooManyPromotions"),
    ],
)
def test_what_cannot_be_applied_is_refused_and_nothing_is_added(
    hub: Stage, promotions: tuple[str, ...], code: str
) -> None:
    cart = cart_of(BEN, "tv-basic")
    assert apply(cart, *promotions, expect=(400, 409)).body["code"] == code
    assert len(BEN.get(cart["href"]).body["cartItem"]) == 1


def test_a_promotion_without_an_id_is_asked_for(hub: Stage) -> None:
    cart = cart_of(BEN, "tv-basic")
    body = {"shoppingCart": {"id": cart["id"]}, "promotion": [{"name": "The one in the window"}]}
    assert OLGA.post(CART_PROMOTIONS, body, expect=400).body["code"] == "cartMissing"


def test_only_staff_browses_promotions(hub: Stage) -> None:
    cart = cart_of(customer("pia"), "tv-basic")
    customer("pia").get(f"{CART_PROMOTIONS}/{cart['id']}", expect=403)
    customer("pia").post(CART_PROMOTIONS, {"shoppingCart": {"id": cart["id"]}}, expect=403)
    assert states(browsed(cart, OLGA)) == states(browsed(cart, OLGA))


def launched(name: str, action: Json, *asked: tuple[str, str], **more: Any) -> Json:
    """A promotion that is on sale from now on, where each of these parameters has that value."""
    criteria = [{"criteriaParameter": p, "criteriaOperator": "=", "criteriaValue": v} for p, v in asked]
    action = {"priceType": "recurring", **action}
    pattern = {"id": "p", "criteriaGroup": [{"criteria": criteria}], "action": [action]}
    made: Json = OLGA.post(PROMOTIONS, {"name": name, "lifecycleStatus": "Active", "pattern": [pattern], **more}).body
    OLGA.post(PUBLICATIONS, {})
    return made


def taken_back(*promotions: Json) -> None:
    for each in promotions:
        OLGA.delete(each["href"])
    OLGA.post(PUBLICATIONS, {})


def amount(value: str, *offerings: str) -> Json:
    named = [{"id": id_, "@referredType": "ProductOffering"} for id_ in offerings]
    return {"actionType": "amount", "actionValue": value, "actionUnit": "EUR", "appliesTo": named}


HERE = ("channel", "callcentre")


def test_of_a_group_the_alternatives_are_shown_with_what_they_save(hub: Stage) -> None:
    one = launched("One", amount("1", "tv-plus"), HERE, exclusivityGroup="tv")
    two = launched("Two", amount("2", "tv-plus"), HERE, exclusivityGroup="tv")
    found = browsed(cart_of(BEN, "tv-plus"))

    told = [
        ([p["id"] for p in each["promotion"]], each["given"], each["savingAtFirst"]["value"])
        for each in found["combination"]
    ]
    assert told == [([two["id"]], True, 2), ([one["id"]], False, 1)]
    assert found["savingAtFirst"]["value"] == 2
    assert [(each["id"], each["state"]) for each in found["promotion"][:2]] == [
        (two["id"], "given"),
        (one["id"], "applicable"),
    ]
    taken_back(one, two)


def test_what_an_amount_lacks_is_told_and_left_to_the_agent(hub: Stage) -> None:
    asked = {"criteriaParameter": "cart.recurring", "criteriaOperator": ">=", "criteriaValue": "50"}
    promotion = launched("Fifty", amount("5", "fibre-250"), HERE)
    pattern = [
        {
            "id": "p",
            "criteriaGroup": [{"criteria": [asked]}],
            "action": [{"priceType": "recurring", **amount("5", "fibre-250")}],
        }
    ]
    OLGA.patch(promotion["href"], {"pattern": pattern})
    OLGA.post(PUBLICATIONS, {})
    cart = cart_of(BEN, "fibre-250")
    (near,) = [each for each in browsed(cart)["promotion"] if each["id"] == promotion["id"]]

    price = next(p for p in cart["cartTotalPrice"] if p["priceType"] == "recurring")["price"]["taxIncludedAmount"]
    (lack,) = near["lack"]
    assert (lack["kind"], lack["amount"]["value"]) == ("recurring", 50 - price["value"])
    assert (near["canBeApplied"], near["savingAtFirst"]["value"]) == (False, 5)
    assert apply(cart, promotion["id"], expect=409).body["code"] == "amountLacking"
    taken_back(promotion)


# --- TMF671 ------------------------------------------------------------------------------------------------------


def test_a_channel_reads_the_promotions_it_gives_and_an_operator_all(hub: Stage) -> None:
    assert "handset-days" in {each["id"] for each in GUEST.get(PROMOTIONS).body}
    assert "handset-days" not in {each["id"] for each in BEN.get(PROMOTIONS).body}
    BEN.get(f"{PROMOTIONS}/handset-days", expect=404)
    assert {each["id"] for each in OLGA.get(PROMOTIONS).body} > {each["id"] for each in BEN.get(PROMOTIONS).body}


def test_a_business_user_launches_a_promotion_changes_it_and_takes_it_back(hub: Stage) -> None:
    def off() -> list[Decimal]:
        (item,) = cart_of(BEN, "plan-s")["cartItem"]
        prices = [p for p in item["itemPrice"] if p["priceType"] == "recurring"]
        return [a["price"]["taxIncludedAmount"]["value"] for p in prices for a in p.get("priceAlteration", [])]

    assert off() == []
    made = launched("Nur am Telefon", amount("2", "plan-s"), HERE)
    assert off() == [-2]
    seen = BEN.get(made["href"])
    assert seen.body["name"] == "Nur am Telefon"
    GUEST.get(made["href"], expect=404)

    pattern = seen.body["pattern"]
    pattern[0]["action"][0]["actionValue"] = "3"
    OLGA.patch(made["href"], {"pattern": pattern}, if_match=seen.headers["ETag"])
    OLGA.post(PUBLICATIONS, {})
    assert off() == [-3]

    taken_back(made)
    assert off() == []
    kinds = [each["eventType"] for each in hub.events_of("promotion", made["id"])]
    assert kinds == ["PromotionCreateEvent", "PromotionAttributeValueChangeEvent", "PromotionDeleteEvent"]


def test_an_unfinished_promotion_is_published_unread_and_an_unsound_one_is_refused(hub: Stage) -> None:
    odd = {"criteriaParameter": "moon.phase", "criteriaOperator": "~", "criteriaValue": "full"}
    pattern = [{"id": "a", "criteriaGroup": [{"criteria": [odd]}], "action": [{"actionType": "teleport"}]}]
    made = OLGA.post(PROMOTIONS, {"name": "Mond", "pattern": pattern})
    OLGA.post(PUBLICATIONS, {})
    assert states(browsed(cart_of(BEN, "tv-basic")))

    OLGA.patch(made.body["href"], {"lifecycleStatus": "Active"})
    refused = OLGA.post(PUBLICATIONS, {}, expect=409).body
    assert refused["code"] == "notPublishable"
    taken_back(made.body)


def test_a_campaign_is_entered_with_the_promotion_that_asks_for_it(hub: Stage) -> None:
    promotion = launched("Flyer", amount("4", "fibre-250"), ("campaign", "FLYER"), ("quantity", "2"))
    cart = cart_of(BEN, "fibre-250")
    (near,) = [each for each in browsed(cart)["promotion"] if each["id"] == promotion["id"]]
    assert [each["kind"] for each in near["lack"]] == ["campaign", "quantity"]

    assert states(apply(cart, promotion["id"]).body)[promotion["id"]] == "given"

    now = BEN.get(f"{CARTS}/{cart['id']}").body
    assert (now["campaign"], now["cartItem"][0]["quantity"]) == (["FLYER"], 2)
    taken_back(promotion)
