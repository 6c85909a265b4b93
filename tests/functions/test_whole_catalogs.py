"""A whole catalog is sent, checked, compared and published, and what is published is exported as it can be sent."""

from copy import deepcopy
from typing import Any

import pytest

from cli.say import TELCO
from cli.telco import compile_brand
from functions.catalog import drafts, store, whole
from functions.catalog.kinds import HELD
from functions.shared import aws, names
from tests.functions.stage import (
    BEN,
    CATALOG,
    CHECKS,
    OLGA,
    PUBLICATIONS,
    VERSIONS,
    Crashed,
    Stage,
    customer,
    stumbling,
)
from tests.functions.test_catalog import OFFERINGS, OTTO, PRICES, offered, priced, published
from tests.functions.test_schedule import at, later, launch

Json = dict[str, Any]
WEB = customer("una")
FIXED = ("id", "href", "@type")


def exported(version: str | None = None) -> Json:
    """What an export names, fetched, as it may be sent again."""
    query = {"query": f"catalogVersion={version}"} if version else {}
    job = OLGA.post(f"{CATALOG}/exportJob", {"url": "https://here", **query}).body
    assert (job["status"], job["contentType"]) == ("Succeeded", "application/json")
    return {name: value for name, value in OLGA.get(job["url"]).body.items() if name not in FIXED}


def resource(content: Json, kind: str, id_: str) -> Json:
    """One resource of some content, to be edited."""
    found: Json = next(each for each in content[kind] if each["id"] == id_)
    return found


def newest() -> str:
    return store.schedule("nova").newest.version


def sent(content: Json, seen: str | None = None, **more: Any) -> Json:
    return {"content": whole.packed(content), "previousVersion": seen or newest(), **more}


def cheaper(value: str = "5.00") -> Json:
    """What is on sale, with another price for one plan and one segment more."""
    content = exported()
    resource(content, "productOfferingPrice", "plan-s-monthly")["price"]["value"] = value
    return content


@pytest.mark.usefixtures("hub")
def test_what_is_exported_says_all_there_is_and_published_again_changes_nothing() -> None:
    content, before = exported(), newest()
    assert {kind: len(content.get(kind, [])) for kind in HELD} == {
        kind: len(held) for kind, held in store.live("nova").held.items()
    }
    answer = OLGA.post(PUBLICATIONS, sent(content))
    assert (answer.body["catalogVersion"], answer.headers["Idempotent-Replayed"]) == (before, "true")
    assert (newest(), drafts.all_waiting("nova")) == (before, [])
    compiled = compile_brand(TELCO, "nova")
    assert set(compiled) <= {*whole.FACTS, *HELD} <= names.definition("omnihub", "CatalogVersion").properties.keys()
    assert OLGA.post(PUBLICATIONS, sent(compiled)).body["catalogVersion"] == before


def test_a_whole_catalog_goes_on_sale_as_one_version_with_the_events_of_what_changed(hub: Stage) -> None:
    content = cheaper()
    extra = {**resource(content, "category", "postpaid"), "id": "whole-new"}
    content["category"].append(extra)
    content["segment"].append({**deepcopy(content["segment"][0]), "id": "nobody-yet"})
    before = newest()

    told = OLGA.post(PUBLICATIONS, sent(content)).body

    assert (told["previousVersion"], told["author"]) == (before, "operator-olga")
    assert newest() == told["catalogVersion"] != before
    assert WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == 5
    assert WEB.get(f"{CATALOG}/category/whole-new").headers["ETag"] == '"1"'
    assert "nobody-yet" in store.live("nova").held["segment"]
    assert OLGA.get(told["href"]).body == told
    assert drafts.all_waiting("nova") == []
    (event,) = hub.events_of("category", "whole-new")
    assert (event["eventType"], event["sequence"]) == ("CategoryCreateEvent", 1)
    assert [each["sequence"] for each in hub.events_of("productOfferingPrice", "plan-s-monthly")] == [2]

    gone = exported()
    gone["category"] = [each for each in gone["category"] if each["id"] != "whole-new"]
    OLGA.post(PUBLICATIONS, sent(gone))
    WEB.get(f"{CATALOG}/category/whole-new", expect=404)
    OLGA.post(PUBLICATIONS, sent(content, version := newest()))
    assert version != newest()
    assert WEB.get(f"{CATALOG}/category/whole-new").headers["ETag"] == '"3"'
    assert [each["sequence"] for each in hub.events_of("category", "whole-new")] == [1, 2, 3]


@pytest.mark.usefixtures("hub")
def test_of_what_somebody_else_has_published_meanwhile_nothing_is_overwritten() -> None:
    content, seen = cheaper("6.00"), newest()
    offer = offered(priced())
    published(OTTO)
    refused = OLGA.post(PUBLICATIONS, sent(content, seen), expect=409).body
    assert (refused["code"], refused["details"]) == ("changedMeanwhile", {"currentVersion": newest()})
    assert WEB.get(offer["href"]).status == 200
    OLGA.post(PUBLICATIONS, {"content": whole.packed(content)}, expect=400)
    OLGA.post(PUBLICATIONS, {"content": whole.packed(content), "catalogVersion": seen}, expect=400)
    back = OLGA.post(PUBLICATIONS, {"catalogVersion": seen, "previousVersion": seen}, expect=409).body
    assert back["code"] == "changedMeanwhile"


@pytest.mark.usefixtures("hub")
def test_drafts_that_wait_are_not_lost_and_those_of_other_things_go_on_waiting() -> None:
    other = OLGA.post(OFFERINGS, {"name": "Noch nicht"}).body
    OLGA.patch(f"{PRICES}/plan-s-monthly", {"price": {"value": 11}})
    before = newest()

    refused = OTTO.post(PUBLICATIONS, sent(cheaper("12.00")), expect=409).body

    assert (refused["code"], refused["details"]["waiting"]) == (
        "draftsWait",
        ["productOfferingPrice plan-s-monthly"],
    )
    assert (newest(), OLGA.get(f"{PRICES}/plan-s-monthly").body["price"]["value"]) == (before, 11)
    OTTO.post(PUBLICATIONS, sent(cheaper("11.00")))  # which says the same as the draft
    assert {row["id"] for row in drafts.all_waiting("nova")} == {other["id"]}
    OLGA.delete(other["href"])
    published()


@pytest.mark.usefixtures("hub")
def test_a_whole_catalog_goes_on_sale_on_its_day_and_not_before() -> None:
    was = WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"]
    told = OLGA.post(PUBLICATIONS, sent(cheaper("13.00"), **later())).body
    assert WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == was
    with at(launch(told)):
        assert WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == 13
    entries = OLGA.get(VERSIONS).body
    assert [each["state"] for each in entries[-2:]] == ["onSale", "scheduled"]
    assert (entries[-1]["id"], entries[-1]["validFor"]) == (told["catalogVersion"], told["validFor"])
    assert entries[-2]["validFor"]["endDateTime"] == told["validFor"]["startDateTime"]

    refused = OLGA.post(PUBLICATIONS, sent(cheaper("14.00")), expect=409).body

    assert refused["code"] == "scheduledAlready"
    assert OLGA.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == 13  # no draft of what was refused
    OLGA.post(PUBLICATIONS, {"catalogVersion": told["previousVersion"]})


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("x", "content must be JSON, gzipped, in base64."),
        (whole.packed({"brand": "nova"})[:-8], "content must be JSON, gzipped, in base64"),
        (whole.packed([]), "content must be a JSON object"),  # type: ignore[arg-type]
        (whole.packed({"brand": "pico"}), "This is the catalog of pico; you publish that of nova."),
        (whole.packed({"brand": "nova", "schedule": []}), "content.schedule is nothing that a catalog has."),
        (whole.packed({"brand": "nova", "promotion": {"x": {}}}), "content.promotion must be a list."),
        (whole.packed({"brand": "nova", "market": " " * whole.LARGEST}), "content has more than 20 MB of JSON"),
    ],
)
def test_what_is_no_catalog_is_refused_in_a_sentence(content: str, sentence: str) -> None:
    for path in (PUBLICATIONS, CHECKS):
        refused = OLGA.post(path, {"content": content, "previousVersion": newest()}, expect=400).body
        assert refused["reason"].startswith(sentence)


@pytest.mark.usefixtures("hub")
def test_a_check_says_what_a_publication_would_find_and_change_and_does_nothing() -> None:
    before, content = newest(), cheaper("15.00")
    told = OLGA.post(CHECKS, {"content": whole.packed(content)}).body
    assert (told["publishable"], told["previousVersion"], told["changeCount"]) == (True, before, 1)
    assert told["change"][0] | {"attribute": []} == {
        "what": "changed",
        "kind": "productOfferingPrice",
        "id": "plan-s-monthly",
        "name": "Monatlicher Preis",
        "attribute": [],
    }
    (price,) = told["priceChange"]
    assert (price["after"], [each["id"] for each in price["productOffering"]]) == (
        {"unit": "EUR", "value": 15},
        ["plan-s"],
    )
    resource(content, "productOffering", "plan-s")["channel"] = []
    bad = OLGA.post(CHECKS, {"content": whole.packed(content)}).body
    assert (bad["publishable"], bad["change"]) == (False, [])
    assert [each["id"] for each in bad["finding"] if each["severity"] == "error"] == ["plan-s"]
    refused = OLGA.post(PUBLICATIONS, sent(content), expect=409).body
    assert (refused["code"], newest(), drafts.all_waiting("nova")) == ("notPublishable", before, [])

    OLGA.patch(f"{OFFERINGS}/plan-m", {"description": "Nur ein Entwurf."})
    of_drafts = OLGA.post(CHECKS, {}).body
    assert [(each["kind"], each["id"]) for each in of_drafts["change"]] == [("productOffering", "plan-m")]
    published()
    back = OLGA.post(CHECKS, {"catalogVersion": before}).body
    assert (back["catalogVersion"], [each["id"] for each in back["change"]]) == (before, ["plan-m"])
    assert OLGA.get(back["href"]).body == back
    BEN.post(CHECKS, {}, expect=403)
    BEN.get(f"{VERSIONS}/{before}", expect=403)
    OLGA.get(f"{VERSIONS}/{'0' * 16}", expect=404)


# Every call that publishing a catalog of two changes makes, one after the other.
CALLS = [("s3", "PutObject", 2), ("dynamodb", "TransactWriteItems", 2), ("dynamodb", "PutItem", 1)]


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(("service", "operation", "place"), [(s, o, n) for s, o, count in CALLS for n in range(count)])
def test_whatever_call_it_ends_at_a_repeat_goes_on(service: str, operation: str, place: int) -> None:
    """Nothing of it is public before all is, and no other publication takes a part of it along."""
    client, content = getattr(aws, service)(), exported()
    value = f"{len(store.schedule('nova').entries)}.50"
    for price in ("plan-s-monthly", "plan-m-monthly"):
        resource(content, "productOfferingPrice", price)["price"]["value"] = value
    body = sent(content)
    with stumbling(client, operation, *[None] * place, Crashed()), pytest.raises(Crashed):
        OLGA.post(PUBLICATIONS, body)
    assert drafts.all_waiting("nova") == []
    made = OLGA.post(PUBLICATIONS, body).body
    assert made["catalogVersion"] == newest()
    assert f"{WEB.get(f'{PRICES}/plan-s-monthly').body['price']['value']:.2f}" == value
    assert drafts.all_waiting("nova") == []
    assert OLGA.get(made["href"]).body == made


def test_two_who_change_the_same_at_the_same_time_are_told_apart(hub: Stage) -> None:
    def patched() -> None:
        OTTO.patch(f"{PRICES}/plan-s-monthly", {"price": {"value": 31}})

    def other() -> None:
        offered(priced())
        published(OTTO)

    before, body = newest(), sent(cheaper("30.00"))
    with stumbling(aws.dynamodb(), "PutItem", patched):
        refused = OLGA.post(PUBLICATIONS, body, expect=409).body
    assert (refused["code"], newest()) == ("changedMeanwhile", before)
    published()
    body = sent(cheaper("32.00"))
    with stumbling(aws.s3(), "PutObject", None, other):
        refused = OLGA.post(PUBLICATIONS, body, expect=409).body
    assert refused["code"] == "changedMeanwhile"
    assert WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == 31
    assert drafts.all_waiting("nova") == []  # what was refused goes with nobody else's publication
    OLGA.post(PUBLICATIONS, sent(cheaper("32.00")))
    assert WEB.get(f"{PRICES}/plan-s-monthly").body["price"]["value"] == 32
    sequence = [event["sequence"] for event in hub.events_of("productOfferingPrice", "plan-s-monthly")]
    assert sequence == list(range(2, 2 + len(sequence)))


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    "fact",
    [
        {"rounding": {"EUR": "often"}},
        {"rounding": "often"},
        {"market": 5},
        {"priceRise": {"noticeDays": -1}},
        {"taxKeeps": []},
        {"languages": []},
        {"timeZone": "Here"},
    ],
)
def test_facts_by_which_nobody_could_read_the_catalog_are_refused(fact: Json) -> None:
    refused = OLGA.post(PUBLICATIONS, sent({**exported(), **fact}), expect=409).body
    assert (refused["code"], refused["details"]["findings"]) == ("notPublishable", refused["details"]["findings"][:1])


@pytest.mark.usefixtures("hub")
def test_more_changes_than_a_function_can_make_are_refused_before_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    content, before = exported(), newest()
    content["category"] += [{**resource(content, "category", "postpaid"), "id": f"more-{n}"} for n in range(1001)]
    refused = OLGA.post(PUBLICATIONS, sent(content), expect=409).body
    assert (refused["code"], newest(), drafts.all_waiting("nova")) == ("tooManyDrafts", before, [])
    monkeypatch.setattr(whole, "MOST_PLAIN", 10)
    refused = OLGA.get(f"{VERSIONS}/{before}", expect=400).body
    assert refused["code"] == "tooLarge"
    assert OLGA.get(f"{VERSIONS}/{before}?fields=timeZone").body["timeZone"] == "Europe/Berlin"
