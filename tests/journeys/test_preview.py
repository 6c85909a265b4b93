"""Olga shows the shop of a coming day: every channel sees it with her token, and nobody can buy by it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from functions.catalog import key
from functions.shared import clock, tmf
from local.hub import Hub
from tests.journeys.test_catalog import CARTS, OFFERINGS, ORDERS, PUBLICATIONS, operator, una, written
from tests.tmf.client import Client

PREVIEWS, OFFERS = f"{tmf.BASE['omnihub']}/catalogPreview", f"{tmf.BASE['omnihub']}/offer"
PROMOTIONS = f"{tmf.BASE['TMF671']}/promotion"
QUALIFICATIONS = f"{tmf.BASE['TMF679']}/productOfferingQualification"


@pytest.fixture(scope="module")
def launch() -> str:
    """A day that is to come."""
    return clock.text(clock.now() + timedelta(days=90))


@pytest.fixture(scope="module")
def offer(hub: Hub, launch: str) -> Iterator[dict[str, Any]]:
    """An offer of the web and the app, published for that day."""
    olga = operator(hub, "olga")
    made = written(olga, "Frühlings-Option", channel=[{"id": "web"}, {"id": "mobile"}])
    olga.post(PUBLICATIONS, {"validFor": {"startDateTime": launch}})
    yield made
    now = olga.get(f"{PUBLICATIONS}?sort=-creationDate").body[0]
    olga.post(PUBLICATIONS, {"catalogVersion": now["previousVersion"]})


def preview(hub: Hub, launch: str, brand: str = "nova", **more: str) -> dict[str, str]:
    """What who holds Olga's token sends along."""
    said = "&".join(f"{name}={value}" for name, value in more.items())
    told = operator(hub, "olga", brand).get(f"{PREVIEWS}/{launch}?{said}").body
    assert told["asOf"] == launch
    return {"Omnihub-Preview": told["token"]}


def test_every_channel_shows_the_coming_catalog_to_who_holds_a_token(
    hub: Hub, launch: str, offer: dict[str, Any]
) -> None:
    token = preview(hub, launch)
    partner = Client(hub.url, hub.token("nova-partner", "partner", "p", partner_id="p"))
    guest = Client(hub.url, hub.token("nova-web", "guest"))
    for person, sold in ((una(hub), True), (guest, True), (una(hub, "mobile"), True), (partner, False)):
        person.get(offer["href"], expect=404)
        seen = person.get(offer["href"], headers=token, expect=200 if sold else 404)
        found = person.get(f"{OFFERINGS}?id={offer['id']}", headers=token)
        assert [each["id"] for each in found.body] == [offer["id"]][: int(sold)]
        assert (found.headers["Omnihub-Preview-As-Of"], found.headers["Cache-Control"]) == (launch, "no-store")
        if sold:
            assert seen.headers["Omnihub-Preview-As-Of"] == launch
            assert seen.body["productOfferingPrice"][0]["id"] == offer["productOfferingPrice"][0]["id"]
    price = offer["productOfferingPrice"][0]["href"]
    assert str(una(hub).get(price, headers=token).body["price"]["value"]) == "7.99"
    una(hub).get(PROMOTIONS, headers=token)
    assert una(hub).get(OFFERINGS).headers["Omnihub-Preview-As-Of"] is None


def test_offers_are_priced_and_qualified_as_of_that_day_and_nothing_is_kept(
    hub: Hub, launch: str, offer: dict[str, Any]
) -> None:
    token, web = preview(hub, launch), una(hub)
    asked = f"{OFFERS}?productOffering.id={offer['id']}&explain=true"
    assert web.get(asked).body == []
    key.forget()  # that of who made the token: who is shown it reads their own
    (found,) = web.get(asked, headers=token).body
    assert found["qualified"]
    assert str(found["itemTotalPrice"][0]["price"]["taxIncludedAmount"]["value"]) == "7.99"

    item = {"productOfferingQualificationItem": [{"id": "1", "productOffering": {"id": offer["id"]}}]}
    instant = {**item, "instantSyncQualification": True}
    assert web.post(QUALIFICATIONS, instant, expect=200).body["qualificationResult"] == "red"
    told = web.post(QUALIFICATIONS, instant, headers=token, expect=200).body
    assert (told["qualificationResult"], told["effectiveQualificationDate"]) == ("green", launch)
    web.get(told["href"], expect=404)
    assert web.post(QUALIFICATIONS, item, headers=token, expect=400).body["code"] == "notPreviewed"


def test_nothing_can_be_put_into_a_cart_or_ordered_by_a_preview(hub: Hub, launch: str, offer: dict[str, Any]) -> None:
    token, web = preview(hub, launch), una(hub)
    line = {"productOffering": {"id": offer["id"]}}
    cart = web.post(CARTS, {}).body
    before = web.get(cart["href"]).body
    for method, path, body in (
        ("POST", CARTS, {"cartItem": [line]}),
        ("POST", f"{cart['href']}/cartItem", line),
        ("PATCH", cart["href"], {"cartItem": [line]}),
        ("DELETE", cart["href"], None),
        ("GET", cart["href"], None),
        ("POST", ORDERS, {"shoppingCart": {"id": cart["id"]}}),
        ("POST", PUBLICATIONS, {}),
        ("PATCH", offer["href"], {"name": "Anders"}),
    ):
        person = operator(hub, "olga") if path in (PUBLICATIONS, offer["href"]) else web
        refused = person.request(method, path, body, headers=token, expect=400).body
        assert (refused["code"], "to look and to try" in refused["reason"]) == ("notPreviewed", True)
    assert web.get(cart["href"]).body == before


def test_a_token_that_is_forged_of_another_brand_or_over_shows_nothing(hub: Hub, launch: str) -> None:
    web, token = una(hub), preview(hub, launch)["Omnihub-Preview"]
    said, mark = token.split(".")
    for forged in ("", "x", said, f"{said}.{'0' * len(mark)}", f"{said[:-2]}.{mark}", "x" * 5000, f"{token}\u00e9"):
        refused = web.get(OFFERINGS, headers={"Omnihub-Preview": forged}, expect=400).body
        assert (refused["code"], "none that the hub gave" in refused["reason"]) == ("badPreview", True)
    proof = web.post(CARTS, {"cartItem": [{"productOffering": {"id": "plan-m"}}]}).body["priceProof"]["token"]
    web.get(OFFERINGS, headers={"Omnihub-Preview": proof}, expect=400)

    assert web.get(OFFERINGS, headers=preview(hub, launch, "pico"), expect=400).body["code"] == "otherPreview"
    short = preview(hub, launch, **{"validFor.endDateTime": clock.text(clock.now() + timedelta(minutes=5))})
    web.get(OFFERINGS, headers=short)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert web.get(OFFERINGS, headers=short, expect=400).body["code"] == "previewEnded"


def test_only_an_operator_gives_a_token_and_for_no_longer_than_a_month(hub: Hub, launch: str) -> None:
    una(hub).get(f"{PREVIEWS}/{launch}", expect=403)
    olga = operator(hub, "olga")
    late = clock.text(clock.now() + timedelta(days=31))
    for until in (late, "2020-01-01"):
        refused = olga.get(f"{PREVIEWS}/{launch}?validFor.endDateTime={until}", expect=400).body
        assert refused["code"] == "badPreview"
    for moment in ("soon", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00"):
        assert olga.get(f"{PREVIEWS}/{moment}", expect=400).body["code"] == "badFilter"
        assert olga.get(f"{OFFERINGS}?asOf={moment}", expect=400).body["code"] == "badFilter"
