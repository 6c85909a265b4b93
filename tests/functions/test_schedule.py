"""From when a version of the catalog is on sale: launches to come, and the way back to an earlier version."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from functions.catalog import shelf, store
from functions.catalog.held import Overlaid
from functions.shared import aws, clock, settings
from functions.shared.errors import RuleBroken
from tests.functions.stage import BEN, CATALOG, OLGA, PUBLICATIONS, Stage, cart_of, customer
from tests.functions.test_catalog import OFFERINGS, PRICES, offered, priced, published

Json = dict[str, Any]
WEB = customer("una")
HOUR, INSTANT = timedelta(hours=1), timedelta(milliseconds=1)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with time_machine.travel(moment, tick=False):
        yield


def later(offset: timedelta = HOUR) -> Json:
    return {"validFor": {"startDateTime": clock.text(clock.now() + offset)}}


def launch(told: Json) -> datetime:
    return clock.moment(told["validFor"]["startDateTime"])


def value(price: str, person: Any = BEN) -> Any:
    return person.get(f"{PRICES}/{price}").body["price"]["value"]


@pytest.mark.usefixtures("hub")
def test_a_launch_happens_at_its_moment_though_nobody_reads_the_schedule_again() -> None:
    offer = offered(priced())
    told = OLGA.post(PUBLICATIONS, later()).body
    calls: list[int] = []
    for moment, status in ((launch(told) - INSTANT, 404), (launch(told), 200)):
        with at(moment):
            calls.append(WEB.get(offer["href"], expect=status).status)
            assert store.current("nova").version == (
                told["catalogVersion"] if status == 200 else told["previousVersion"]
            )
    assert calls == [404, 200]
    assert store.current("nova", as_of=launch(told)).version == told["catalogVersion"]
    assert OLGA.get(offer["href"]).body["id"] == offer["id"]  # who writes sees it all the time
    with at(launch(told)):
        assert cart_of(WEB, offer["id"])["catalogVersion"] == told["catalogVersion"]
    back(told)


def back(told: Json) -> Json:
    """Takes a launch back before it happens."""
    made: Json = OLGA.post(PUBLICATIONS, {**sale(told), "catalogVersion": told["previousVersion"]}).body
    return made


def sale(told: Json) -> Json:
    return {"validFor": {"startDateTime": told["validFor"]["startDateTime"]}}


@pytest.mark.usefixtures("hub")
def test_who_writes_sees_the_catalog_of_a_coming_day_in_any_channel() -> None:
    offer = offered(priced(), channel=[{"id": "shop"}])
    told = OLGA.post(PUBLICATIONS, later()).body
    moment = told["validFor"]["startDateTime"]
    before = clock.text(launch(told) - INSTANT)
    for query, seen in (
        (f"asOf={moment}", True),
        (f"asOf={moment}&channel=shop", True),
        (f"asOf={moment}&channel=web", False),
        (f"asOf={before}&channel=shop", False),
        (f"asOf={before}", False),
        ("channel=shop", False),
    ):
        assert OLGA.get(f"{offer['href']}?{query}", expect=200 if seen else 404).status == (200 if seen else 404)
        assert [each["id"] for each in OLGA.get(f"{OFFERINGS}?id={offer['id']}&{query}").body] == [offer["id"]] * seen
    draft = OLGA.post(OFFERINGS, {"name": "Nur ein Entwurf"}).body
    assert OLGA.get(f"{OFFERINGS}?id={draft['id']}&asOf={moment}").body == []
    for said in ("tomorrow", "2026-13-01T00:00:00Z"):
        assert OLGA.get(f"{OFFERINGS}?asOf={said}", expect=400).body["code"] == "badFilter"
    WEB.get(f"{OFFERINGS}?asOf={moment}", expect=400)
    WEB.get(f"{offer['href']}?asOf={moment}", expect=404)
    OLGA.delete(draft["href"])
    back(told)


@pytest.mark.usefixtures("hub")
def test_an_offering_is_found_by_a_name_that_is_misspelt() -> None:
    found = WEB.get(f"{OFFERINGS}?q=glassfaser", accept_language="de").body
    assert found
    assert "Glasfaser" in found[0]["name"]
    WEB.get(f"{PRICES}?q=x", expect=400)


@pytest.mark.usefixtures("hub")
def test_what_waits_for_its_day_is_not_published_before_by_mistake() -> None:
    price = priced("1")
    published()
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 2}})
    told = OLGA.post(PUBLICATIONS, later()).body
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 3}})

    refused = OLGA.post(PUBLICATIONS, {}, expect=409).body

    assert refused["code"] == "scheduledAlready"
    assert refused["details"]["validFor"] == told["validFor"]
    assert (value(price), value(price, OLGA)) == (1, 3)
    both = OLGA.post(PUBLICATIONS, sale(told)).body  # it goes along with it
    assert [each.version for each in store.schedule("nova").entries].count(told["catalogVersion"]) == 0
    with at(launch(told)):
        assert value(price) == 3
    back(both)
    with at(launch(told)):
        assert value(price) == 2
    back(told)


@pytest.mark.usefixtures("hub")
def test_an_earlier_version_is_on_sale_again_at_once_and_what_was_to_follow_is_dropped() -> None:
    price = priced("1")
    good = published()
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 99}})
    bad = published()
    OLGA.post(f"{CATALOG}/category", {"name": "x"})
    OLGA.post(PUBLICATIONS, later())
    assert value(price) == 99

    told = OLGA.post(PUBLICATIONS, {"catalogVersion": good["catalogVersion"]}).body

    assert (told["catalogVersion"], told["author"]) == (good["catalogVersion"], "operator-olga")
    assert value(price) == 1
    assert store.schedule("nova").newest.version == good["catalogVersion"]
    assert OLGA.get(told["href"]).body == told
    again = OLGA.post(PUBLICATIONS, {"catalogVersion": good["catalogVersion"]})
    assert (again.body, again.headers["Idempotent-Replayed"]) == (told, "true")
    with at(clock.now() + 2 * HOUR):
        assert value(price) == 1
    assert bad["catalogVersion"] in [each.version for each in store.schedule("nova").entries]  # what was, was


def test_after_the_way_back_no_version_of_a_resource_comes_twice(hub: Stage) -> None:
    price = priced("1")
    good = published()
    for new in (2, 3):
        OLGA.patch(f"{PRICES}/{price}", {"price": {"value": new}})
        published()
    OLGA.post(PUBLICATIONS, {"catalogVersion": good["catalogVersion"]})
    assert OLGA.get(f"{PRICES}/{price}").headers["ETag"] == '"1"'
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 4}}, if_match='"3"', expect=409)
    assert OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 4}}, if_match='"1"').headers["ETag"] == '"4"'
    published()
    assert price not in store.schedule("nova").numbers.get("productOfferingPrice", {})
    assert [event["sequence"] for event in hub.events_of("productOfferingPrice", price)] == [1, 2, 3, 4]


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("version", ["0123456789abcdef", "../../pico/versions/x", "", "x" * 5000])
def test_there_is_no_way_to_a_version_that_never_was(version: str) -> None:
    refused = OLGA.post(PUBLICATIONS, {"catalogVersion": version}, expect=409).body
    assert refused["code"] == "unknownVersion"


@pytest.mark.usefixtures("hub")
def test_a_schedule_keeps_what_is_to_come_and_a_little_of_what_was() -> None:
    content = store.newest("nova").content
    for number in range(store.PAST + 5):
        store.publish({**content, "market": f"M{number}"})
    far = clock.now() + 24 * HOUR
    told = store.publish({**content, "market": "DE"}, from_=far)
    entries = store.schedule("nova").entries
    assert len(entries) == store.PAST + 1
    assert [each.since for each in entries] == sorted(each.since for each in entries)
    assert entries[-1].publication == told
    with pytest.raises(RuleBroken):
        store.publish({**content, "market": "XX"})
    long_ago = clock.now() - timedelta(days=900)
    assert store.current("nova", as_of=long_ago).version == entries[0].version
    store.roll_back("nova", told["catalogVersion"], store.schedule("nova"), author="olga")


@pytest.mark.usefixtures("hub")
def test_the_disk_holds_no_more_versions_than_it_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    content = store.newest("nova").content
    versions = [store.publish({**content, "market": name})["catalogVersion"] for name in ("A", "B", "DE")]
    monkeypatch.setattr(shelf, "LARGEST", 1)
    for version in versions:
        assert store.at_version("nova", version).version == version
        assert len(shelf._at_hand) == 1


@pytest.mark.usefixtures("hub")
def test_an_answer_that_got_lost_is_no_other_publisher() -> None:
    """The schedule is written, the answer is lost, and the second try of the same write finds it changed."""
    client = aws.s3()
    told: Json = {}

    def lost(params: Json, **_: Any) -> Any:
        if params["url_path"].endswith("schedule.json") and not told:
            told["yes"] = True
            client.put_object(Bucket="catalog", Key="nova/schedule.json", Body=params["body"])
        return None

    name = "before-call.s3.PutObject"
    client.meta.events.register_first(name, lost)
    try:
        made = store.publish({**store.newest("nova").content, "market": "CH"})
    finally:
        client.meta.events.unregister(name, lost)
    said = json.loads(client.get_object(Bucket="catalog", Key="nova/schedule.json")["Body"].read())
    assert said["entries"][-1]["publication"] == made
    assert OLGA.get(f"{OFFERINGS}/plan-m").status == 200


def test_a_thousand_readers_during_a_hundred_publications_see_no_mixed_version(
    hub: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All prices of a version are the same; whoever reads three in one request sees one value, and the newest last."""
    content = store.newest("nova").content
    prices = [each for each in content["productOfferingPrice"].values() if each["lifecycleStatus"] == "Active"][:3]
    query = f"{PRICES}?id={','.join(each['id'] for each in prices)}&fields=price"
    monkeypatch.setitem(settings.source.get() or {}, "CATALOG_MAX_AGE", "0")

    def publish(number: int) -> None:
        said = {each["id"]: {**each, "price": {"unit": "EUR", "value": str(number)}} for each in prices}
        store.publish({**content, "productOfferingPrice": Overlaid(content["productOfferingPrice"], said)})

    def read() -> set[int]:
        return {int(each["price"]["value"]) for each in WEB.get(query).body}

    publish(0)
    with ThreadPoolExecutor(4) as pool:
        reading = []
        for number in range(1, 101):
            reading += [pool.submit(copy_context().run, read) for _ in range(10)]
            publish(number)
        seen = [each.result() for each in reading]
    assert len(seen) == 1000
    assert {len(values) for values in seen} == {1}
    assert len({value for values in seen for value in values}) > 10  # they did read meanwhile
    assert read() == {100}
    store.publish(content)
