"""Nordring distributes for Nova through two shops; each sells its assortment at its price and sees its branch alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.hub import load
from cli.say import TELCO
from cli.telco import compile_brand
from functions.catalog import check
from functions.catalog import store as catalogs
from functions.shared import tmf
from local.hub import Hub
from tests.tmf.client import Client

CARTS, ORDERS = f"{tmf.BASE['TMF663']}/shoppingCart", f"{tmf.BASE['TMF622']}/productOrder"
PRODUCTS, QUALIFICATIONS = f"{tmf.BASE['TMF637']}/product", f"{tmf.BASE['TMF679']}/productOfferingQualification"
OFFERINGS, OFFERS = f"{tmf.BASE['TMF620']}/productOffering", f"{tmf.BASE['omnihub']}/offer"
PROMOTIONS = f"{tmf.BASE['TMF671']}/promotion"
JANE = {"relatedParty": [{"id": "customer-jane", "role": "customer"}]}
Json = dict[str, Any]

PARTNERS = """
partners:
  nordring:                          # a distributor
    name: { de: Nordring Vertrieb, en: Nordring Distribution }
    sells: { categories: [postpaid, fibre], offerings: film-club }
  harbour:                           # one of its shops
    name: Handyladen am Hafen
    parent: nordring
    sells: { categories: fibre, offerings: [plan-m, film-club] }
  station:                           # and another, which sells whatever Nordring may
    name: Bahnhof Mobil
    parent: nordring
    sells: all
  elsewhere:
    name: Elsewhere
    sells: all
  filmwerk:                          # whose films others sell
    name: Filmwerk
    sells: { offerings: film-club }

priceLists:
  nordring:
    name: { de: Preise im Nordring, en: Prices at Nordring }
    priority: 5
    when:
      - partner: nordring

prices:
  plan-m-nordring: { monthly: 27.49, priceList: nordring, replaces: plan-m-monthly }

specifications:
  film-club:
    name: { de: Filmclub, en: Film club }

offerings:
  film-club:
    name: { de: Filmclub, en: Film club }
    description: { de: Jeden Monat vier Filme., en: Four films a month. }
    category: services
    specification: film-club
    channels: everywhere
    provider: filmwerk
    prices:
      - monthly: 4.99

promotions:
  harbour-start:
    name: { de: Hafenstart, en: Harbour start }
    description: { de: Am Hafen drei Monate zum halben Preis., en: Half price for three months at the harbour. }
    channels: partner
    when:
      - partner: harbour
    offerings: plan-m
    reduces: monthly
    percent: 50
    months: 3
"""


@pytest.fixture(scope="module")
def hub(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub whose brand Nova has partners."""
    folder = tmp_path_factory.mktemp("telco")
    shutil.copytree(TELCO / "nova", folder / "nova")
    (folder / "nova" / "partners.yaml").write_text(PARTNERS)
    content = compile_brand(folder, "nova")
    assert check.check(content) == []
    with Hub.start(out) as running:
        load(running)
        catalogs.publish(content)
        yield running


def partner(hub: Hub, id_: str | None) -> Client:
    return Client(hub.url, hub.token("nova-partner", "partner", f"seller of {id_}", partner_id=id_), "en")


def agent(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-callcentre", "agent", "ben"), "en")


def operator(hub: Hub) -> Client:
    return Client(hub.url, hub.token("nova-backoffice", "operator", "olga"), "en")


def line(offering: str) -> Json:
    return {"productOffering": {"id": offering}}


def ids(answer: Any) -> set[str]:
    return {each["id"] for each in answer.body}


def monthly(item: Json) -> list[str]:
    """What an item costs a month, before and after what is taken off at first."""
    (price,) = [each for each in item["itemPrice"] if each["priceType"] == "recurring"]
    altered = [each["price"]["taxIncludedAmount"]["value"] for each in price.get("priceAlteration", [])]
    return [str(each) for each in (price["price"]["taxIncludedAmount"]["value"], *altered)]


def test_a_partner_sees_and_sells_its_assortment_and_nothing_else(hub: Hub) -> None:
    seen = {each: ids(partner(hub, each).get(f"{OFFERINGS}?fields=id&limit=100")) for each in ("harbour", "station")}
    assert seen["station"] - seen["harbour"] == {"plan-s", "plan-l"}
    assert seen["harbour"] - seen["station"] == set()
    assert {"plan-m", "film-club", "fibre-500"} <= seen["harbour"]
    for each, found in seen.items():
        offers = partner(hub, each).get(f"{OFFERS}?limit=100")
        assert {offer["id"] for offer in offers.body} <= found
    harbour = partner(hub, "harbour")
    missing = harbour.get(f"{OFFERINGS}/never-was", expect=404).body
    assert harbour.get(f"{OFFERINGS}/plan-l", expect=404).body == missing
    assert ids(harbour.get(f"{OFFERINGS}?id=plan-l,plan-m")) == {"plan-m"}
    assert "plan-l" not in ids(harbour.get(f"{OFFERINGS}?q=Nova+L"))

    refused = harbour.post(f"{CARTS}", {"cartItem": [line("plan-l")]}, expect=409).body
    assert (refused["code"], refused["reason"]) == (
        "notInAssortment",
        "Nova L is not in the assortment of Handyladen am Hafen.",
    )
    direct = harbour.post(
        ORDERS, {"productOrderItem": [{"id": "1", "action": "add", **line("plan-l")}], **JANE}, expect=409
    )
    assert direct.body["code"] == "notInAssortment"
    asked = {"productOfferingQualificationItem": [{"id": "1", **line("plan-l")}], "instantSyncQualification": True}
    (item,) = harbour.post(QUALIFICATIONS, asked, expect=200).body["productOfferingQualificationItem"]
    assert item["qualificationItemResult"] == "unqualified"
    assert [each["code"] for each in item["eligibilityUnavailabilityReason"]] == ["notInAssortment"]


def test_a_promotion_of_a_partner_is_seen_by_it_and_who_stands_above_it_and_by_operators(hub: Hub) -> None:
    readers = {each: partner(hub, each) for each in ("harbour", "nordring", "station", "elsewhere", "stranger")}
    readers |= {"agent": agent(hub), "operator": operator(hub)}
    readers["web"] = Client(hub.url, hub.token("nova-web", "guest", "nova-web"), "en")
    seen = {"harbour", "nordring", "operator"}
    for name, reader in readers.items():
        told = reader.get(f"{PROMOTIONS}/harbour-start", expect=200 if name in seen else 404)
        listed = {order: ids(reader.get(f"{PROMOTIONS}?limit=100&sort={order}")) for order in ("id", "name")}
        asked = ids(reader.get(f"{PROMOTIONS}?id=harbour-start&fields=name"))
        assert (told.status == 200) == (asked == {"harbour-start"}) == (name in seen), name
        assert {"harbour-start" in each for each in listed.values()} == {name in seen}, name
        assert len(listed["id"]) > 1, "what everybody may have is seen as ever"
        offer = reader.get(f"{OFFERINGS}?id=plan-m")
        given = {p["id"] for each in offer.body for p in each.get("promotion", [])}
        assert ("harbour-start" in given) == (name in {"harbour", "operator"}), name
    preview = readers["operator"].get(f"{PROMOTIONS}?channel=partner&partner=harbour&limit=100")
    assert ids(preview) == ids(readers["harbour"].get(f"{PROMOTIONS}?limit=100"))


def test_who_the_catalog_does_not_know_sells_nothing(hub: Hub) -> None:
    for stranger in (partner(hub, "stranger"), partner(hub, None)):
        assert stranger.get(OFFERINGS).body == []
    stranger = partner(hub, "stranger")
    assert stranger.get(OFFERS).body == []
    assert stranger.post(CARTS, {"cartItem": [line("plan-m")]}, expect=409).body["code"] == "notInAssortment"


def test_an_operator_sees_what_a_partner_will_show(hub: Hub) -> None:
    olga, harbour = operator(hub), partner(hub, "harbour")
    preview = ids(olga.get(f"{OFFERINGS}?channel=partner&partner=harbour&limit=100"))
    assert preview == ids(harbour.get(f"{OFFERINGS}?limit=100"))
    assert "plan-l" in ids(olga.get(f"{OFFERINGS}?channel=partner&limit=100"))
    assert olga.get(f"{OFFERINGS}?partner=harbour", expect=400).body["code"] == "badFilter"


def test_each_sells_at_its_price_and_the_order_shows_the_seller_and_whose_offering_it_is(hub: Hub) -> None:
    told = {}
    for each in ("nordring", "harbour", "station", "elsewhere"):
        seller = partner(hub, each)
        cart = seller.post(CARTS, {"cartItem": [line("plan-m"), line("film-club")]}).body
        order = seller.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **JANE}).body
        by_offering = {item["productOffering"]["id"]: item for item in order["productOrderItem"]}
        told[each] = monthly(by_offering["plan-m"])
        (seen,) = [party for party in order["relatedParty"] if party["role"] == "seller"]
        assert (seen["id"], seen["@referredType"]) == (each, "Organization")
        roles = {party["role"]: party for party in by_offering["film-club"]["relatedParty"]}
        assert (roles["seller"], roles["provider"]["id"], roles["provider"]["name"]) == (seen, "filmwerk", "Filmwerk")
        assert "provider" not in {party["role"] for party in by_offering["plan-m"]["relatedParty"]}
        replayed = operator(hub).get(f"{order['href']}/price/replay").body
        assert replayed["equal"] is True
    assert seen["name"] == "Elsewhere"
    assert told == {
        "nordring": ["27.49"],
        "harbour": ["27.49", "-13.75"],
        "station": ["27.49"],
        "elsewhere": ["29.99"],
    }
    hub.settle()
    sold = partner(hub, "harbour").get(PRODUCTS).body
    assert {party["role"] for each in sold for party in each["relatedParty"]} == {"owner", "seller", "provider"}


def test_whose_sale_a_cart_is_it_stays_at_their_price_whoever_opens_it(hub: Hub) -> None:
    harbour, ben = partner(hub, "harbour"), agent(hub)
    cart = harbour.post(CARTS, {"cartItem": [line("plan-m")]}).body
    (item,) = ben.get(cart["href"]).body["cartItem"]
    assert monthly(item) == ["27.49"]  # the promotion is for the channel of the partner
    refused = ben.post(f"{cart['href']}/cartItem", line("plan-l"), expect=409).body
    assert refused["code"] == "notInAssortment"
    order = ben.post(ORDERS, {"shoppingCart": {"id": cart["id"]}, **JANE}).body
    sellers = {party["id"]: party["@referredType"] for party in order["relatedParty"] if party["role"] == "seller"}
    assert sellers == {"ben": "Employee", "harbour": "Organization"}
    assert harbour.get(order["href"]).body["id"] == order["id"]


def test_staff_sells_by_hand_on_a_partners_behalf_and_nobody_else_may_say_who_sold(hub: Hub) -> None:
    ben, harbour = agent(hub), partner(hub, "harbour")
    by_harbour = {
        "relatedParty": [*JANE["relatedParty"], {"id": "harbour", "role": "seller", "@referredType": "Organization"}]
    }
    item = {"id": "1", "action": "add", **line("film-club")}
    cart = ben.post(CARTS, {"cartItem": [line("plan-m")], **by_harbour}).body
    assert monthly(cart["cartItem"][0]) == ["27.49"]
    assert harbour.get(cart["href"]).body["id"] == cart["id"]
    assert ben.post(CARTS, {"cartItem": [line("plan-l")], **by_harbour}, expect=409).body["code"] == "notInAssortment"
    order = ben.post(ORDERS, {"productOrderItem": [item], **by_harbour}).body
    assert harbour.get(order["href"]).body["id"] == order["id"]
    (offer,) = ben.get(f"{OFFERS}?shoppingCart.id={cart['id']}&productOffering.id=fibre-500&limit=100").body
    assert offer["qualified"] is True

    jane = Client(hub.url, hub.token("nova-web", "customer", "jane", customer_id="customer-jane"), "en")
    said = {"id": "harbour", "role": "seller", "@referredType": "Organization", "name": "Handyladen am Hafen"}
    alone = jane.post(ORDERS, {"productOrderItem": [{**item, "relatedParty": [said]}], "relatedParty": [said]}).body
    assert [party["role"] for party in alone["relatedParty"]] == ["customer"]
    assert [party["role"] for party in alone["productOrderItem"][0]["relatedParty"]] == ["owner", "provider"]
    harbour.get(alone["href"], expect=404)


def test_what_a_guest_chose_never_joins_a_partners_sale(hub: Hub) -> None:
    tom, mine = "customer-tom", [{"id": "customer-tom", "role": "customer", "@referredType": "Customer"}]
    by_harbour = [*mine, {"id": "harbour", "role": "seller", "@referredType": "Organization"}]
    sale = agent(hub).post(CARTS, {"cartItem": [line("plan-m")], "relatedParty": by_harbour}).body
    guest = Client(hub.url, hub.token("nova-web", "guest", "somebody")).post(CARTS, {"cartItem": [line("plan-l")]}).body
    web = Client(hub.url, hub.token("nova-web", "customer", "tom", customer_id=tom), "en")
    merged = web.post(f"{tmf.BASE['omnihub']}/cartMerge", {"shoppingCart": {"id": guest["id"]}}, expect=200).body
    assert merged["id"] == guest["id"]
    assert len(web.get(sale["href"]).body["cartItem"]) == 1  # which is his to see, too


# who asks -> whose sales are open to them
BRANCHES = {
    "nordring": {"nordring", "harbour", "station"},
    "harbour": {"harbour"},
    "station": {"station"},
    "elsewhere": {"elsewhere"},
    "stranger": set[str](),
}
SELLERS = ("nordring", "harbour", "station", "elsewhere")


@pytest.fixture(scope="module")
def sold(hub: Hub) -> dict[str, dict[str, str]]:
    """A cart, an order, a product and a qualification of each seller, by collection."""
    found: dict[str, dict[str, str]] = {path: {} for path in (CARTS, ORDERS, PRODUCTS, QUALIFICATIONS)}
    for each in SELLERS:
        seller = partner(hub, each)
        found[CARTS][each] = seller.post(CARTS, {"cartItem": [line("plan-m")]}).body["id"]
        item = {"id": "1", "action": "add", **line("film-club")}
        order = seller.post(ORDERS, {"productOrderItem": [item], **JANE}).body["id"]
        found[ORDERS][each] = order
        found[QUALIFICATIONS][each] = seller.post(QUALIFICATIONS, {"productOfferingQualificationItem": [item]}).body[
            "id"
        ]
        hub.settle()
        (product_,) = agent(hub).get(f"{PRODUCTS}?productOrderItem.productOrderId={order}").body
        found[PRODUCTS][each] = product_["id"]
    return found


@pytest.mark.parametrize("path", [CARTS, ORDERS, PRODUCTS, QUALIFICATIONS])
@pytest.mark.parametrize("who", BRANCHES)
def test_a_reseller_reads_and_lists_its_branch_and_all_else_is_not_there(
    hub: Hub, sold: dict[str, dict[str, str]], who: str, path: str
) -> None:
    asking = partner(hub, who)
    missing = asking.get(f"{path}/{'0' * 32}", expect=404).body
    for seller, id_ in sold[path].items():
        if seller in BRANCHES[who]:
            assert asking.get(f"{path}/{id_}").body["id"] == id_
        else:
            assert asking.get(f"{path}/{id_}", expect=404).body == missing
    mine = {sold[path][seller] for seller in BRANCHES[who]}
    assert ids(asking.get(f"{path}?limit=100")) & {*sold[path].values()} == mine
    assert ids(asking.get(f"{path}?id={','.join(sold[path].values())}")) == mine


def test_a_distributor_changes_nothing_of_what_its_shops_sell(hub: Hub, sold: dict[str, dict[str, str]]) -> None:
    nordring = partner(hub, "nordring")
    cart = f"{CARTS}/{sold[CARTS]['harbour']}"
    nordring.post(f"{cart}/cartItem", line("plan-m"), expect=404)
    nordring.patch(cart, {"cartItem": []}, expect=404)
    nordring.delete(cart, expect=404)
    nordring.post(ORDERS, {"shoppingCart": {"id": sold[CARTS]["harbour"]}, **JANE}, expect=404)
    assert len(partner(hub, "harbour").get(cart).body["cartItem"]) == 1


def test_a_branch_is_listed_in_one_order_page_by_page(hub: Hub, sold: dict[str, dict[str, str]]) -> None:
    nordring = partner(hub, "nordring")
    whole = [each["id"] for each in nordring.get(f"{ORDERS}?limit=100").body]
    paged: list[str] = []
    page = nordring.get(f"{ORDERS}?limit=1", expect=206)
    paged += ids(page)
    while "link" in page.headers:
        page = nordring.get(page.headers["link"].partition(">")[0][1:], expect=206)
        paged += [each["id"] for each in page.body]
    assert paged == whole
    dates = [each["orderDate"] for each in nordring.get(f"{ORDERS}?sort=orderDate&limit=100").body]
    assert dates == sorted(dates)
