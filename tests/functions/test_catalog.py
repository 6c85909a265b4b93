"""TMF620 as its operator writes it: drafts, their versions, and the one publication that makes them public."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.openapi.document import examples
from functions.catalog import drafts, store
from functions.catalog.catalog import KINDS
from functions.shared import aws, tmf
from functions.shared.errors import ChangedMeanwhile
from tests.functions.stage import (
    BEN,
    CATALOG,
    GUEST,
    OLGA,
    PUBLICATIONS,
    Crashed,
    Person,
    Stage,
    cart_of,
    customer,
    stumbling,
)

Json = dict[str, Any]
OFFERINGS, PRICES = f"{CATALOG}/productOffering", f"{CATALOG}/productOfferingPrice"
WEB = customer("una")
OTTO = Person("nova-backoffice", "operator", "operator-otto")
CONFLICT = {"Error": {"Code": "ConditionalRequestConflict", "Message": "Another was faster."}}


def priced(value: str = "7.99", **more: Any) -> str:
    """A price that may be sold at; its id."""
    told = {**examples()["POST productOfferingPrice"], "price": {"unit": "EUR", "value": float(value)}, **more}
    return str(OLGA.post(PRICES, told).body["id"])


def offered(price: str, **more: Any) -> Json:
    """An offering that the web and the call centre may sell at that price."""
    told = {"name": "Pendler-Option", "lifecycleStatus": "Active", "channel": [{"id": "web"}, {"id": "callcentre"}]}
    made: Json = OLGA.post(OFFERINGS, {**told, "productOfferingPrice": [{"id": price}], **more}).body
    return made


def published(by: Person = OLGA, **more: Any) -> Json:
    made: Json = by.post(PUBLICATIONS, {}, **more).body
    return made


def live() -> Any:
    """What the schedule of the bucket ends with."""
    return json.loads(aws.s3().get_object(Bucket="catalog", Key="nova/schedule.json")["Body"].read())["entries"][-1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_is_written_read_changed_and_deleted(hub: Stage, kind: str) -> None:
    made = OLGA.post(f"{CATALOG}/{kind}", {"name": "x"})
    assert made.status == 201
    assert (made.headers["Location"], made.headers["ETag"]) == (made.body["href"], '"1"')
    told = {"name", "lastUpdate", "lifecycleStatus", "version", "validFor"}
    assert told <= made.body.keys()
    assert made.body["lifecycleStatus"] == "In study"
    assert OLGA.get(made.body["href"]).body == made.body
    assert made.body in OLGA.get(f"{CATALOG}/{kind}?limit=100").body

    changed = OLGA.patch(made.body["href"], {"description": "y"}, if_match='"1"')
    assert (changed.body["description"], changed.headers["ETag"]) == ("y", '"2"')
    assert changed.body["lastUpdate"] >= made.body["lastUpdate"]
    stale = OLGA.patch(made.body["href"], {"description": "z"}, if_match='"1"', expect=409)
    assert stale.body["details"] == {"currentVersion": "2"}
    assert OLGA.delete(made.body["href"], if_match='"1"', expect=409).body["code"] == "changedMeanwhile"

    assert OLGA.delete(made.body["href"]).status == 204
    for method, sent in (("GET", None), ("DELETE", None), ("PATCH", {"name": "z"})):
        assert OLGA.ask(method, made.body["href"], sent, expect=404).body["code"] == "notFound"
    assert made.body["id"] not in [each["id"] for each in OLGA.get(f"{CATALOG}/{kind}").body]
    changes = [event["eventType"] for event in hub.events_of(kind, made.body["id"])]
    assert changes == [f"{tmf.type_of(kind)}{what}Event" for what in ("Create", "AttributeValueChange", "Delete")]


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("person", [BEN, WEB, GUEST, Person("nova-partner", "partner")])
def test_only_an_operator_writes_publishes_and_sees_drafts(person: Person) -> None:
    made = offered(priced())
    for method, path, body, status in (
        ("POST", OFFERINGS, {"name": "x"}, 403),
        ("PATCH", made["href"], {"name": "x"}, 403),
        ("DELETE", made["href"], None, 403),
        ("POST", PUBLICATIONS, {}, 403),
        ("GET", PUBLICATIONS, None, 403),
        ("GET", made["href"], None, 404),
    ):
        person.ask(method, path, body, expect=status)
    assert made["id"] not in [each["id"] for each in person.get(OFFERINGS).body]


@pytest.mark.usefixtures("hub")
def test_a_draft_over_what_is_published_changes_nothing_for_channels_until_it_is_published() -> None:
    plan = f"{OFFERINGS}/plan-s"
    was = WEB.get(plan, accept_language="en").body["name"]
    changed = OLGA.patch(plan, {"name": "Nova Small"}, content_language="en")
    assert (changed.body["name"], changed.headers["Content-Language"]) == ("Nova Small", "en")
    assert WEB.get(plan, accept_language="en").body["name"] == was
    assert [each["name"] for each in WEB.get(f"{OFFERINGS}?id=plan-s", accept_language="en").body] == [was]

    published()

    seen = WEB.get(plan, accept_language="en")
    assert (seen.body["name"], seen.headers["ETag"]) == ("Nova Small", changed.headers["ETag"])
    assert WEB.get(plan, accept_language="de").body["name"] == was
    assert seen.body["lastUpdate"] == changed.body["lastUpdate"]


@pytest.mark.usefixtures("hub")
def test_the_version_of_a_resource_goes_on_through_its_publication(hub: Stage) -> None:
    price = priced()
    for value, version in ((1, '"2"'), (2, '"3"'), (3, '"4"')):
        changed = OLGA.patch(f"{PRICES}/{price}", {"price": {"value": value}})
        assert changed.headers["ETag"] == version
        published()
        assert OLGA.get(f"{PRICES}/{price}").headers["ETag"] == version
        assert BEN.get(f"{PRICES}/{price}").headers["ETag"] == version
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 4}}, if_match='"3"', expect=409)
    assert [event["sequence"] for event in hub.events_of("productOfferingPrice", price)] == [1, 2, 3, 4]


@pytest.mark.usefixtures("hub")
def test_nothing_unfinished_is_published_and_every_fault_is_told_at_once() -> None:
    before = live()
    bare = OLGA.post(OFFERINGS, {"name": "Nackt", "lifecycleStatus": "Active"}).body
    refused = OLGA.post(PUBLICATIONS, {}, expect=409).body
    assert refused["code"] == "notPublishable"
    assert [each for each in refused["details"]["findings"] if bare["id"] in each] == refused["details"]["findings"]
    assert len(refused["details"]["findings"]) == 2
    assert live() == before

    OLGA.patch(bare["href"], {"lifecycleStatus": "In study"})
    published()
    assert WEB.get(bare["href"], expect=404).status == 404
    assert BEN.get(bare["href"], expect=404).status == 404


@pytest.mark.usefixtures("hub")
def test_what_others_name_is_not_deleted_and_what_nobody_names_goes_with_the_next_version() -> None:
    refused = OLGA.delete(f"{OFFERINGS}/plan-m", expect=409).body
    assert refused["code"] == "stillNamed"
    assert "productOffering second-sim" in refused["details"]["namedBy"]
    price = priced()
    made = offered(price)
    published()
    OLGA.delete(made["href"])
    assert WEB.get(made["href"]).body["id"] == made["id"]
    cart = cart_of(WEB, made["id"])

    published()

    WEB.get(made["href"], expect=404)
    assert WEB.get(cart["href"]).body["cartItem"][0]["productOffering"]["name"] == made["name"]  # its version is kept
    assert OLGA.delete(f"{PRICES}/{price}").status == 204


@pytest.mark.usefixtures("hub")
def test_a_key_makes_one_resource_and_one_publication() -> None:
    first, second = (OLGA.post(OFFERINGS, {"name": "x"}, idempotency_key="offering-1") for _ in range(2))
    assert (first.body["id"], second.headers["Idempotent-Replayed"]) == (second.body["id"], "true")
    OLGA.post(OFFERINGS, {"name": "y"}, idempotency_key="offering-1", expect=422)
    told = published(idempotency_key="publication-1")
    offered(priced())
    again = OLGA.post(PUBLICATIONS, {}, idempotency_key="publication-1")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (told, "true")
    OLGA.post(PUBLICATIONS, {"@baseType": "Other"}, idempotency_key="publication-1", expect=422)


@pytest.mark.usefixtures("hub")
def test_a_publication_says_who_when_and_what_and_one_of_nothing_is_the_last() -> None:
    offered(priced())
    before = live()["version"]
    told = published(OTTO)
    assert (told["author"], told["state"], told["previousVersion"]) == ("operator-otto", "done", before)
    assert told["catalogVersion"] == live()["version"] != before
    again = OLGA.post(PUBLICATIONS, {})
    assert (again.body, again.headers["Idempotent-Replayed"]) == (told, "true")
    assert OLGA.get(told["href"]).body == told
    assert OLGA.get(f"{PUBLICATIONS}?limit=1").body == [told]
    OLGA.get(f"{PUBLICATIONS}/nobody's", expect=404)


@pytest.mark.usefixtures("hub")
def test_a_language_that_the_brand_does_not_speak_is_refused() -> None:
    assert OLGA.post(OFFERINGS, {"name": "x"}, content_language="fr", expect=400).body["code"] == "badLanguage"
    assert OLGA.post(OFFERINGS, {"name": "x"}, content_language="en-GB").body["name"] == "x"


def test_drafts_have_a_limit(hub: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    published()
    monkeypatch.setattr(drafts, "MOST", 2)
    made = [OLGA.post(f"{CATALOG}/catalog", {"name": "x"}).body for _ in range(2)]
    assert OLGA.post(f"{CATALOG}/catalog", {"name": "x"}, expect=409).body["code"] == "tooManyDrafts"
    OLGA.patch(f"{CATALOG}/catalog/nova", {"description": "x"}, expect=409)
    OLGA.patch(made[0]["href"], {"name": "y"})
    published()
    OLGA.post(f"{CATALOG}/catalog", {"name": "x"})


# --- jobs --------------------------------------------------------------------------------------------------------


def test_an_import_of_what_was_exported_leads_back_to_it(hub: Stage) -> None:
    price, lost = priced("1"), priced("1")
    published()
    job = OLGA.post(f"{CATALOG}/exportJob", {"url": "http://example.com/put-it-here"}).body
    version = live()["version"]
    assert (job["status"], job["url"]) == ("Succeeded", f"/omnihub/v1/catalogVersion/{version}")
    was = store.live("nova")
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 2}})
    OLGA.delete(f"{PRICES}/{lost}")
    extra = OLGA.post(f"{CATALOG}/category", {"name": "Danach"}).body
    published()
    OLGA.patch(f"{OFFERINGS}/plan-l", {"description": "Nur ein Entwurf."})

    back = OLGA.post(f"{CATALOG}/importJob", {"url": job["url"]}).body

    assert back["status"] == "Succeeded"
    assert {row["id"] for row in drafts.all_waiting("nova")} == {price, lost, extra["id"], "plan-l"}
    assert OLGA.get(f"{PRICES}/{lost}").body["price"]["value"] == 1
    OLGA.get(extra["href"], expect=404)
    assert BEN.get(f"{PRICES}/{price}").body["price"]["value"] == 2  # until it is published
    published()
    now = store.live("nova")
    assert {kind: now.held[kind] for kind in KINDS} == {kind: was.held[kind] for kind in KINDS}
    assert [event["sequence"] for event in hub.events_of("productOfferingPrice", lost)] == [1, 2, 3]
    assert [event["sequence"] for event in hub.events_of("productOfferingPrice", price)] == [1, 2, 3]
    OLGA.post(f"{CATALOG}/importJob", {"url": job["url"]})
    assert drafts.all_waiting("nova") == []


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "s3://catalog/nova/schedule.json",
        "/omnihub/v1/catalogVersion/0123456789abcdef",
        "/omnihub/v1/catalogVersion/../../schedule.json",
        "https://example.com/omnihub/v1/catalogVersion/0123456789abcdef",
    ],
)
def test_nothing_but_a_version_of_the_brand_itself_is_imported(hub: Stage, url: str) -> None:
    published()
    calls = hub.called(lambda: OLGA.post(f"{CATALOG}/importJob", {"url": url}))
    assert set(calls) <= {"s3.GetObject", "dynamodb.PutItem"}
    job = OLGA.get(f"{CATALOG}/importJob?limit=1").body[0]
    assert (job["status"], job["url"]) == ("Failed", url)
    assert job["errorLog"].endswith("send its url.")
    assert drafts.all_waiting("nova") == []


@pytest.mark.usefixtures("hub")
def test_a_job_is_done_once_for_a_key_and_forgotten_when_deleted() -> None:
    first, second = (OLGA.post(f"{CATALOG}/exportJob", {"url": "s3://x"}, idempotency_key="job-1") for _ in range(2))
    assert (first.body, second.headers["Idempotent-Replayed"]) == (second.body, "true")
    assert OLGA.post(f"{CATALOG}/exportJob", {"url": "s3://x", "query": "a=b"}).body["status"] == "Failed"
    OLGA.delete(first.body["href"], if_match='"7"', expect=409)
    OLGA.delete(first.body["href"])
    OLGA.get(first.body["href"], expect=404)
    WEB.get(f"{CATALOG}/exportJob", expect=403)


@pytest.mark.usefixtures("hub")
def test_an_import_that_somebody_gets_in_the_way_of_says_so() -> None:
    price = priced("1")
    published()
    url = OLGA.post(f"{CATALOG}/exportJob", {"url": "s3://x"}).body["url"]
    OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 2}})
    with stumbling(aws.dynamodb(), "PutItem", lambda: OTTO.patch(f"{PRICES}/{price}", {"price": {"value": 3}})):
        job = OLGA.post(f"{CATALOG}/importJob", {"url": url}).body
    assert (job["status"], job["errorLog"][:13]) == ("Failed", "Somebody else")
    assert OLGA.get(f"{PRICES}/{price}").body["price"]["value"] == 3


# --- two at once, and crashes ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("other", [published, lambda: store.publish({**store.live("nova").content, "market": "AT"})])
def test_of_two_publishers_one_is_told_to_look_again(other: Callable[[], Any]) -> None:
    """The other publishes just before our schedule is written: nothing of either is lost."""
    made = offered(priced())
    with stumbling(aws.s3(), "PutObject", None, other):
        refused = OTTO.post(PUBLICATIONS, {}, expect=409).body
    assert refused["code"] == "changedMeanwhile"
    assert refused["details"] == {"currentVersion": live()["version"]}
    published(OTTO)
    assert WEB.get(made["href"]).body["id"] == made["id"]
    store.publish({**store.live("nova").content, "market": "DE"})


@pytest.mark.usefixtures("hub")
def test_who_reads_the_drafts_while_they_go_into_anothers_version_is_told_of_that_and_of_no_fault() -> None:
    """An offering is read as a draft, its price no more: without the other's version the price is nowhere."""
    made = offered(priced())
    with stumbling(aws.dynamodb(), "Query", None, None, None, lambda: published(OLGA)):
        assert OTTO.post(PUBLICATIONS, {}, expect=409).body["code"] == "changedMeanwhile"
    assert WEB.get(made["href"]).body["id"] == made["id"]


@pytest.mark.usefixtures("hub")
def test_s3_may_say_that_two_wrote_at_the_same_moment() -> None:
    offered(priced())
    before = live()
    with stumbling(aws.s3(), "PutObject", None, CONFLICT):
        assert OLGA.post(PUBLICATIONS, {}, expect=409).body["code"] == "changedMeanwhile"
    assert live() == before
    published()


@pytest.mark.usefixtures("hub")
def test_another_failure_of_s3_is_no_other_publisher() -> None:
    offered(priced())
    with stumbling(aws.s3(), "PutObject", None, {"Error": {"Code": "SlowDown", "Message": "later"}}):
        OLGA.post(PUBLICATIONS, {}, expect=503)
    with stumbling(aws.s3(), "PutObject", {"Error": {"Code": "AccessDenied", "Message": "no"}}):
        OLGA.post(PUBLICATIONS, {}, expect=500)
    published()


# Every call that publishing two drafts makes, one after the other.
CALLS = [
    ("s3", "GetObject", 1),
    ("dynamodb", "Query", 6),
    ("s3", "PutObject", 2),
    ("dynamodb", "TransactWriteItems", 1),
    ("dynamodb", "PutItem", 1),
]


@pytest.mark.parametrize(("service", "operation", "at"), [(s, o, at) for s, o, count in CALLS for at in range(count)])
def test_a_crash_at_any_call_leaves_one_version_live_and_the_repeat_goes_through(
    hub: Stage, service: str, operation: str, at: int
) -> None:
    price = priced()
    made = offered(price)
    before = live()["version"]
    recorded = len(OLGA.get(PUBLICATIONS).body)

    with stumbling(getattr(aws, service)(), operation, *[None] * at, Crashed()), pytest.raises(Crashed):
        published()

    moved = live()["version"] != before
    assert moved == (operation in ("TransactWriteItems", "PutItem"))  # these come after the one moment
    seen = WEB.get(made["href"], expect=200 if moved else 404)
    assert seen.status == (200 if moved else 404)

    told = published(OTTO)

    assert told["catalogVersion"] == live()["version"]
    assert told["author"] == ("operator-olga" if moved else "operator-otto")
    assert WEB.get(made["href"]).body["productOfferingPrice"][0]["id"] == price
    assert drafts.all_waiting("nova") == []
    assert len(OLGA.get(PUBLICATIONS).body) == recorded + 1
    assert OLGA.post(PUBLICATIONS, {}).headers["Idempotent-Replayed"] == "true"


def test_publishing_calls_what_the_crashes_above_cover(hub: Stage) -> None:
    offered(priced())
    calls = hub.called(published)
    assert {call: calls.count(call) for call in calls} == {f"{s}.{o}": count for s, o, count in CALLS}


@pytest.mark.usefixtures("hub")
def test_what_is_edited_while_it_is_published_stays_a_draft() -> None:
    price = priced("1")
    made = offered(price)
    edit = lambda: OLGA.patch(f"{PRICES}/{price}", {"price": {"value": 2}})  # noqa: E731
    with stumbling(aws.dynamodb(), "TransactWriteItems", edit):
        published()
    assert BEN.get(f"{PRICES}/{price}").body["price"]["value"] == 1
    assert OLGA.get(f"{PRICES}/{price}").body["price"]["value"] == 2
    assert [row["id"] for row in drafts.all_waiting("nova")] == [price]
    assert OLGA.get(made["href"]).headers["ETag"] == '"1"'
    published()
    assert BEN.get(f"{PRICES}/{price}").body["price"]["value"] == 2


@pytest.mark.usefixtures("hub")
def test_who_read_before_a_publication_cannot_write_over_what_it_brought() -> None:
    """Read, then somebody else's change is written and published whole: the first write would undo it unseen."""
    price = priced("1")
    published()

    def meanwhile() -> None:
        OTTO.patch(f"{PRICES}/{price}", {"price": {"value": 2}})
        published(OTTO)

    with stumbling(aws.dynamodb(), "PutItem", meanwhile):
        refused = OLGA.patch(f"{PRICES}/{price}", {"name": "Neuer Name"}, expect=409).body
    assert refused["details"] == {"currentVersion": "2"}
    assert OLGA.get(f"{PRICES}/{price}").body["price"]["value"] == 2


@pytest.mark.usefixtures("hub")
def test_a_brands_first_catalog_is_published_once() -> None:
    content = {**store.live("nova").content, "brand": "lumo"}
    other = stumbling(aws.s3(), "PutObject", None, lambda: store.publish({**content, "market": "AT"}))
    with other, pytest.raises(ChangedMeanwhile):
        store.publish(content)
    assert store.live("lumo").content["market"] == "AT"
    assert store.publish({**content, "market": "AT"})["catalogVersion"] == store.newest("lumo").version


@pytest.mark.usefixtures("hub")
def test_a_version_once_written_is_never_written_again() -> None:
    version = live()["version"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        aws.s3().put_object(Bucket="catalog", Key=f"nova/versions/{version}.book", Body=b"{}", IfNoneMatch="*")
    content = store.live("nova").content
    store.publish({**content, "market": "AT"})
    store.publish(content)  # back to an older one: its object is there, the schedule alone is written
    assert live()["version"] == version


def test_rows_of_drafts_and_publications_are_rows_like_all_others(hub: Stage) -> None:
    made = OLGA.post(OFFERINGS, {"name": "x"}, x_correlation_id="j-1").body
    (row,) = [each for each in hub.held("catalog", "productOffering") if each["id"] == made["id"]]
    assert (row["version"], row["by"], row["channel"], row["correlation_id"]) == (
        1,
        "operator-olga",
        "backoffice",
        "j-1",
    )
    assert row["pk"].startswith("nova#")
    assert hub.row("catalog", "catalogPublication", published()["id"])["version"] == 1
