"""Who may act for whom: a household's administrator, the user of one line, the seller's own sales, staff on record."""

from datetime import timedelta
from typing import Any

import pytest

from functions.shared import clock, tmf
from local.hub import Hub
from tests.tmf.client import Client

CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"
PRODUCTS, CUSTOMERS = f"{tmf.BASE['TMF637']}/product", f"{tmf.BASE['TMF629']}/customer"
INTERACTIONS = f"{tmf.BASE['TMF683']}/partyInteraction"
ACCOUNTS, MERGE = (f"{tmf.BASE['omnihub']}/{task}" for task in ("billingAccount", "cartMerge"))
GRANTS, RECORDS = (f"{tmf.BASE['omnihub']}/{noun}" for noun in ("grant", "accessRecord"))
LINE = {"productOffering": {"id": "plan-m"}}
Json = dict[str, Any]


def person(hub: Hub, login: str, customer: str | None = None) -> Client:
    return Client(hub.url, hub.token("nova-web", "customer", login, customer_id=customer))


def partner(hub: Hub, id_: str | None) -> Client:
    return Client(hub.url, hub.token("nova-partner", "partner", f"seller of {id_}", partner_id=id_))


def agent(hub: Hub, subject: str = "ben") -> Client:
    return Client(hub.url, hub.token("nova-callcentre", "agent", subject))


def operator(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-backoffice", "operator", "olga"))


def ids(answer: Any) -> set[str]:
    return {each["id"] for each in answer.body}


def bought(hub: Hub, buyer: Client, **more: Any) -> tuple[str, str]:
    """An order of one plan, fulfilled, and the product it became."""
    order = buyer.post(ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **LINE}], **more}).body
    hub.settle()
    found = [
        each["id"]
        for each in agent(hub, "reader").get(f"{PRODUCTS}?productOrderItem.productOrderId={order['id']}").body
    ]
    return str(order["id"]), str(found[0])


def given(by: Client, to: str, **more: Any) -> Json:
    """A grant to that login."""
    body: Json = by.post(GRANTS, {"party": {"id": to}, **more}).body
    return body


def same_as_missing(caller: Client, path: str) -> None:
    """What is another's is answered as what is not there: the same bytes."""
    assert caller.get(path, expect=404).body == caller.get(f"{path.rpartition('/')[0]}/{'0' * 32}", expect=404).body


def test_an_administrator_acts_for_the_household_until_it_is_taken_back(hub: Hub) -> None:
    """Ann lets her daughter Lea see to everything, and thinks better of it."""
    ann, lea = person(hub, "login-ann", "ann"), person(hub, "login-lea", "lea")
    cart = ann.post(CARTS, {"cartItem": [LINE]}).body
    same_as_missing(lea, cart["href"])
    grant = given(ann, "login-lea", role="administrator")

    assert lea.get(cart["href"]).body["id"] == cart["id"]
    lea.post(f"{cart['href']}/cartItem", {"productOffering": {"id": "charger-30"}})
    assert ids(lea.get(f"{CARTS}?relatedParty.id=ann")) == {cart["id"]}
    assert ids(lea.get(CARTS)) == set()
    order = lea.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}).body
    assert order["relatedParty"][0]["id"] == "ann"
    hub.settle()
    assert ids(lea.get(f"{PRODUCTS}?relatedParty.id=ann")) == ids(ann.get(PRODUCTS)) != set()
    assert lea.post(CARTS, {"relatedParty": [{"id": "ann", "role": "customer"}]}).body["relatedParty"][0]["id"] == "ann"

    ann.delete(grant["href"])
    for path in (cart["href"], order["href"], grant["href"]):
        same_as_missing(lea, path)
    assert lea.get(f"{CARTS}?relatedParty.id=ann", expect=403).body["code"] == "otherCustomer"
    lea.post(CARTS, {"relatedParty": [{"id": "ann", "role": "customer"}]}, expect=403)


def test_a_grant_ends_with_its_time_and_not_with_a_clean_up(hub: Hub) -> None:
    berta, tim = person(hub, "login-berta", "berta"), person(hub, "login-tim", "tim")
    cart, now = berta.post(CARTS, {}).body, clock.now()
    given(berta, "login-tim", role="administrator", validFor={"endDateTime": clock.text(now + timedelta(hours=1))})
    tim.get(cart["href"])
    (grant,) = berta.get(GRANTS).body

    berta.patch(grant["href"], {"validFor": {"endDateTime": clock.text(now - timedelta(seconds=1))}})
    same_as_missing(tim, cart["href"])
    berta.patch(
        grant["href"], {"validFor": {"startDateTime": clock.text(now + timedelta(hours=1)), "endDateTime": None}}
    )
    same_as_missing(tim, cart["href"])
    berta.patch(grant["href"], {"validFor": None})
    tim.get(cart["href"])


def test_a_user_sees_the_one_product_that_was_given_to_them(hub: Hub) -> None:
    """Carla pays for two lines; her son uses one of them, and belongs to no customer himself."""
    carla, son = person(hub, "login-carla", "carla"), person(hub, "login-son")
    (order, used), (_, other) = bought(hub, carla), bought(hub, carla)
    son.get(PRODUCTS, expect=403)
    given(carla, "login-son", role="user", product={"id": used})

    assert son.get(f"{PRODUCTS}/{used}").body["id"] == used
    assert ids(son.get(PRODUCTS)) == {used}
    same_as_missing(son, f"{PRODUCTS}/{other}")
    same_as_missing(son, f"{ORDERS}/{order}")
    assert ids(son.get(f"{PRODUCTS}?id={used},{other}")) == {used}
    son.get(f"{PRODUCTS}?relatedParty.id=carla", expect=403)
    son.get(ORDERS, expect=403)


def test_nobody_gives_away_what_is_anothers(hub: Hub) -> None:
    dora, eve = person(hub, "login-dora", "dora"), person(hub, "login-eve", "eve")
    _, product = bought(hub, dora)
    helper = person(hub, "login-helper")

    given(eve, "login-helper", role="user", product={"id": product})  # as if it were hers: it is compared when used
    same_as_missing(helper, f"{PRODUCTS}/{product}")
    assert ids(helper.get(PRODUCTS)) == set()
    eve.post(GRANTS, {"party": {"id": "x"}, "role": "user", "customer": {"id": "dora"}}, expect=403)
    eve.post(GRANTS, {"party": {"id": "x"}, "role": "owner"}, expect=403)
    eve.post(GRANTS, {"party": {"id": "x"}, "role": "seller", "partner": {"id": "p"}}, expect=403)
    given(dora, "login-eve", role="administrator")
    eve.post(GRANTS, {"party": {"id": "x"}, "role": "user", "customer": {"id": "dora"}}, expect=403)
    hers = given(dora, "login-other", role="user")
    same_as_missing(eve, hers["href"])
    eve.delete(hers["href"], expect=404)
    eve.patch(hers["href"], {"role": "administrator"}, expect=404)


def test_a_payer_sees_the_account_and_what_is_billed_to_it(hub: Hub) -> None:
    ben, paul = agent(hub), person(hub, "login-paul")
    party = ben.post(f"{tmf.BASE['TMF632']}/individual", {"givenName": "Fay", "familyName": "Abel"}).body
    engaged = {"id": party["id"], "@referredType": "Individual"}
    fay = ben.post(CUSTOMERS, {"name": "Fay", "engagedParty": engaged}).body
    account, other = (ben.post(ACCOUNTS, {"customer": {"id": fay["id"]}}).body for _ in range(2))
    order, product = bought(hub, person(hub, "login-fay", fay["id"]))
    cart = person(hub, "login-fay", fay["id"]).post(CARTS, {}).body
    given(person(hub, "login-fay", fay["id"]), "login-paul", role="payer", billingAccount={"id": account["id"]})

    assert ids(paul.get(ACCOUNTS)) == {account["id"]}
    for path in (account["href"], f"{ORDERS}/{order}", f"{PRODUCTS}/{product}"):
        paul.get(path)
    for path in (other["href"], fay["href"], party["href"], cart["href"]):
        same_as_missing(paul, path)
    paul.patch(account["href"], {"name": "mine"}, expect=404)


def test_a_grant_given_again_goes_on_with_its_versions(hub: Hub) -> None:
    gina = person(hub, "login-gina", "gina")
    first = gina.post(GRANTS, {"party": {"id": "login-hans"}, "role": "user"}, headers={"Idempotency-Key": "g-1"})
    again = gina.post(GRANTS, {"party": {"id": "login-hans"}, "role": "user"}, headers={"Idempotency-Key": "g-1"})
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    twice = gina.post(GRANTS, {"party": {"id": "login-hans"}, "role": "payer"}, expect=409)
    assert twice.body["code"] == "exists"

    gina.patch(first.body["href"], {"role": "payer"}, headers={"If-Match": '"7"'}, expect=409)
    gina.delete(first.body["href"])
    assert gina.get(GRANTS).body == []
    new = gina.post(GRANTS, {"party": {"id": "login-hans"}, "role": "payer"})
    assert (new.body["id"], new.etag) == (first.body["id"], '"3"')
    assert ids(person(hub, "login-hans").get(GRANTS)) == {new.body["id"]}
    person(hub, "login-hans").get(new.body["href"])
    person(hub, "login-hans").delete(new.body["href"], expect=404)


@pytest.mark.parametrize(
    "body",
    [
        {"role": "user"},
        {"party": {"id": "x"}},
        {"party": {"id": "x"}, "role": "seller"},
        {"party": {"id": "x"}, "role": "owner", "product": {"id": "p"}},
        {"party": {"id": "x"}, "role": "user", "product": {"id": "p"}, "billingAccount": {"id": "a"}},
        {"party": {"id": "x"}, "role": "seller", "partner": {"id": "p"}, "outlet": {"id": "o"}},
        {"party": {"id": "x"}, "role": "administrator", "partner": {"id": "p"}},
        {"party": {"id": "x"}, "role": "boss"},
    ],
    ids=str,
)
def test_a_grant_that_means_nothing_is_refused(hub: Hub, body: Json) -> None:
    named = {} if {"partner", "outlet"} & body.keys() else {"customer": {"id": "ida"}}
    operator(hub).post(GRANTS, {**named, **body}, expect=400)


def test_a_partner_sees_what_they_sold_and_nobody_elses(hub: Hub) -> None:
    acme, rival = partner(hub, "acme"), partner(hub, "rival")
    kim = [{"id": "kim", "role": "customer", "@referredType": "Customer"}]
    own = person(hub, "login-kim", "kim").post(CARTS, {"cartItem": [LINE]}).body
    cart = acme.post(CARTS, {"cartItem": [LINE]}).body
    acme.post(f"{cart['href']}/cartItem", LINE)
    order = acme.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, "relatedParty": kim}).body
    direct, product = bought(hub, acme, relatedParty=kim)

    assert ids(acme.get(CARTS)) == {cart["id"]}
    assert ids(acme.get(ORDERS)) == {order["id"], direct}
    assert product in ids(acme.get(PRODUCTS))
    assert ids(acme.get(f"{ORDERS}?relatedParty.id=kim")) == {order["id"], direct}
    same_as_missing(acme, own["href"])
    for path in (cart["href"], order["href"], f"{PRODUCTS}/{product}"):
        acme.get(path)
        same_as_missing(rival, path)
    assert (ids(rival.get(CARTS)), ids(rival.get(ORDERS)), ids(rival.get(PRODUCTS))) == (set(), set(), set())
    assert ids(rival.get(f"{ORDERS}?id={direct}")) == set()
    acme.get(f"{CUSTOMERS}/kim", expect=403)
    partner(hub, None).post(CARTS, {}, expect=403)
    partner(hub, None).get(ORDERS, expect=403)


def test_a_partners_cart_is_nobody_elses_before_it_is_ordered(hub: Hub) -> None:
    cart = partner(hub, "acme").post(CARTS, {"cartItem": [LINE]}).body
    lou, guest = person(hub, "login-lou", "lou"), Client(hub.url, hub.token("nova-web", "guest"))
    for caller in (lou, guest):
        same_as_missing(caller, cart["href"])
    lou.post(MERGE, {"shoppingCart": {"id": cart["id"]}}, expect=404)
    lou.post(ORDERS, {"shoppingCart": {"id": cart["id"]}}, expect=404)


def test_a_guests_cart_is_closed_to_the_guest_once_it_is_a_customers(hub: Hub) -> None:
    guest, mia = Client(hub.url, hub.token("nova-web", "guest")), person(hub, "login-mia", "mia")
    adopted, merged, ordered = (guest.post(CARTS, {"cartItem": [LINE]}).body for _ in range(3))
    mia.post(MERGE, {"shoppingCart": {"id": adopted["id"]}}, expect=200)
    mia.post(MERGE, {"shoppingCart": {"id": merged["id"]}}, expect=200)
    mia.post(ORDERS, {"shoppingCart": {"id": ordered["id"]}})
    for cart in (adopted, merged, ordered):
        same_as_missing(guest, cart["href"])
    guest.get(CARTS, expect=403)


def test_whatever_staff_touches_of_a_customer_is_on_record_with_its_reason(hub: Hub) -> None:
    """Nina asks who looked at her data; the operator finds Ben, what he read and changed, and why."""
    nina, ben = person(hub, "login-nina", "nina"), agent(hub)
    cart = nina.post(CARTS, {"cartItem": [LINE]}).body
    nina.get(cart["href"])
    why = {"Omnihub-Reason": "ticket-4711"}
    ben.get(cart["href"], headers=why)
    line = ben.post(f"{cart['href']}/cartItem", {"productOffering": {"id": "charger-30"}}, headers=why)
    ben.get(f"{CARTS}?relatedParty.id=nina")
    ben.delete(f"{CARTS}/{'0' * 32}", expect=404)
    written = ben.post(CARTS, {"relatedParty": [{"id": "nina", "role": "customer"}]}, headers=why).body
    ben.patch(cart["href"], {"cartItem": []}, headers={"If-Match": '"1"'}, expect=409)

    found = operator(hub).get(f"{RECORDS}?customer.id=nina").body
    told = [(each["operation"], each["reason"], each.get("resource")) for each in reversed(found)]
    assert told == [
        ("cart.read", "ticket-4711", [cart["href"]]),
        ("cart.change", "ticket-4711", [cart["href"], line.location]),
        ("cart.list", "unstated", [cart["href"]]),
        ("cart.create", "ticket-4711", [written["href"]]),
        ("cart.change", "unstated", [cart["href"]]),
    ]
    assert {(each["by"], each["role"], each["channel"], each["customer"]["id"]) for each in found} == {
        ("ben", "agent", "callcentre", "nina")
    }
    assert len(operator(hub).get(f"{RECORDS}?customer.id=nina&reason=ticket-4711").body) == 3
    ben.get(f"{RECORDS}?customer.id=nina", expect=403)
    nina.get(RECORDS, expect=403)


def test_a_list_over_many_customers_is_on_record_for_each_that_it_shows(hub: Hub) -> None:
    names = [f"olav-{n}" for n in range(5)]
    for name in names:
        person(hub, name, name).post(CARTS, {})
    shown = agent(hub, "lister").get(f"{CARTS}?limit=3").body
    seen = {cart["relatedParty"][0]["id"] for cart in shown}
    on_record = {n for n in names if operator(hub).get(f"{RECORDS}?customer.id={n}&by=lister").body}
    assert on_record == seen == set(names[2:])


def test_a_reason_is_a_code_and_no_words(hub: Hub) -> None:
    refused = agent(hub).get(CARTS, headers={"Omnihub-Reason": "her mother is ill"}, expect=400)
    assert refused.body["code"] == "badReason"
