"""The TMF630 matrix: each resource of the seven APIs, each rule, over HTTP; every test is a cell, `-s` counts them."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from functions.events.happened import UNTOLD
from functions.shared import tmf
from local.hub import Hub
from tests.conformance import oracle
from tests.conformance.resources import COUNT, SUBJECTS, Made, Subject
from tests.http.wire import assert_refused, send
from tests.journeys.listener import listening
from tests.tmf.client import Client, Response

Json = dict[str, Any]
CELLS: Counter[str] = Counter()
every_resource = pytest.mark.parametrize("of", SUBJECTS, ids=str)


class World:
    """Four of each resource, posted by the call centre or, where that may not, by the back office."""

    def __init__(self, hub: Hub) -> None:
        self.hub, self.made = hub, Made()
        self.token = hub.token("nova-backoffice", "operator", "olga")
        self.operator = Client(hub.url, self.token)
        self.agent = Client(hub.url, hub.token("nova-callcentre", "agent", "ben"))
        self.posted: dict[str, list[Response]] = {}
        for of in SUBJECTS:
            self.posted[of.kind] = [self.post(of, number) for number in range(COUNT)]
        hub.settle()

    def post(self, of: Subject, number: int) -> Response:
        """Posts one more and remembers its id."""
        sells = of.kind in ("shoppingCart", "productOfferingQualification", "productOrder", "cancelProductOrder")
        answer = (self.agent if sells else self.operator).post(of.path, of.body(self.made, number))
        self.made.ids.setdefault(of.kind, []).append(answer.body["id"])
        return answer

    def fresh(self, of: Subject) -> Json:
        """One more of them, for a cell that changes it."""
        if of.kind == "customer":
            self.post(next(each for each in SUBJECTS if each.kind == "individual"), 0)
        made: Json = self.post(of, COUNT).body
        self.hub.settle()
        return made

    def all(self, of: Subject) -> list[Json]:
        """Every one there is, read page by page along the links."""
        return [body for page in self.pages(f"{of.path}?limit=100") for body in page.body]

    def pages(self, path: str | None) -> Iterator[Response]:
        """The pages of a list, following each link to the next."""
        while path:
            answer = self.operator.get(path)
            yield answer
            path = next_of(answer)

    def ids(self, of: Subject, query: str) -> set[str]:
        """The ids of all that a query finds."""
        found = [body["id"] for page in self.pages(f"{of.path}?limit=100&{query}") for body in page.body]
        assert len(found) == len(set(found)), f"{query} tells one of them twice"
        CELLS["requests with a filter"] += 1
        return set(found)


def next_of(answer: Response) -> str | None:
    """Where the link to the next page leads."""
    link = answer.headers.get("Link")
    if link is None:
        return None
    target, _, relation = link.partition(">")
    assert relation.strip() == '; rel="next"'
    return target.removeprefix("<")


@pytest.fixture(scope="module")
def world(hub: Hub) -> World:
    return World(hub)


@pytest.fixture(autouse=True)
def _counted(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    CELLS["cells"] += 1


@every_resource
def test_post_answers_201_with_a_location_that_leads_to_what_it_says(world: World, of: Subject) -> None:
    for answer in world.posted[of.kind]:
        assert urlsplit(answer.headers["Location"]).path == answer.body["href"]
        read = world.operator.get(answer.headers["Location"]).body
        assert read["id"] == answer.body["id"]
        assert read["@type"] == of.definition


@every_resource
def test_what_was_posted_is_what_is_read(world: World, of: Subject) -> None:
    sent, read = of.body(world.made, 2), world.operator.get(f"{of.path}/{world.made.one(of.kind, 2)}").body
    ours = {
        "status",
        "state",
        "channel",
        *(["url"] if of.kind == "exportJob" else []),
    }  # the hub's to say, or moved on meanwhile
    for path, value in oracle.leaves({k: v for k, v in sent.items() if k not in ours}):
        held = [found for at, found in oracle.leaves(read) if at == path]
        same = [found for found in held if oracle._value(found, "string") == oracle._value(value, "string")]
        assert same or path.endswith(("DateTime", "Date")), f"{path}: {value!r} is not among {held}"


@every_resource
def test_a_list_tells_each_once_and_counts_them(world: World, of: Subject) -> None:
    everything = world.all(of)
    answer = world.operator.get(f"{of.path}?limit=100")
    assert {body["id"] for body in everything} >= set(world.made.ids[of.kind])
    assert answer.headers["X-Result-Count"] == str(len(answer.body))
    assert answer.headers["X-Total-Count"] == str(len(everything))
    assert answer.status == (200 if len(everything) <= 100 else 206)


@every_resource
def test_every_attribute_filters(world: World, of: Subject) -> None:
    """For every path that any of them has: an equal value finds all that have it, and nothing else."""
    everything = world.all(of)
    asked = {(path, oracle.shown(value)) for body in everything for path, value in oracle.leaves(body)}
    of_each: dict[str, list[str]] = {}
    for path, value in sorted(asked):
        of_each.setdefault(path, []).append(value)
    for path, values in of_each.items():
        kind = oracle.kind_of(of.api, of.definition, path)
        for value in (value for value in islice(values, 2) if len(value) < 200):
            expected = {
                body["id"]
                for body in everything
                if any(
                    at == path and (oracle.shown(held) == value or _same(held, value, kind))
                    for at, held in oracle.leaves(body)
                )
            }
            assert world.ids(of, f"{path}={quote(value, safe='')}") == expected, f"{path}={value}"
    assert len(of_each) >= 4


def _same(held: Any, value: str, kind: str) -> bool:
    return kind in ("date-time", "integer", "number") and oracle._value(held, kind) == oracle._value(value, kind)


@every_resource
@pytest.mark.parametrize("operator", ["eq", "gt", "gte", "lt", "lte"])
def test_every_operator_compares_every_type_there_is(world: World, of: Subject, operator: str) -> None:
    everything = world.all(of)
    by_kind: dict[str, tuple[str, Any]] = {}
    for body in reversed(everything):
        for path, value in oracle.leaves(body):
            kind = oracle.kind_of(of.api, of.definition, path)
            if kind in oracle.COMPARED and not isinstance(value, bool):
                by_kind.setdefault(kind, (path, value))
    for kind, (path, value) in by_kind.items():
        expected = oracle.matching(everything, path, operator, value, kind)
        written = quote(oracle.shown(value), safe="")
        assert world.ids(of, f"{path}.{operator}={written}") == expected, f"{path}.{operator}={value}"
        if operator != "eq":
            sign = {"gt": "%3E", "gte": "%3E=", "lt": "%3C", "lte": "%3C="}[operator]
            assert world.ids(of, f"{path}{sign}{written}") == expected, f"{path}{sign}{value}"


@every_resource
def test_a_regular_expression_filters(world: World, of: Subject) -> None:
    path, pattern = of.regex
    expected = oracle.matching(world.all(of), path, "regex", pattern, "string")
    assert expected
    assert world.ids(of, f"{path}.regex={quote(pattern, safe='')}") == expected
    assert world.ids(of, f"{path}*={quote(pattern, safe='')}") == expected
    assert world.ids(of, f"{path}.regex=%5Enothing-is-like-this%24") == set()
    refused = send(world.hub.url, "GET", f"{of.path}?{path}.regex=(((", world.token)
    assert_refused(refused, 400)


@every_resource
def test_or_is_a_comma_a_semicolon_or_the_name_again(world: World, of: Subject) -> None:
    one, two = world.made.ids[of.kind][:2]
    for query in (f"id={one},{two}", f"id={one};id={two}", f"id={one}&id={two}"):
        assert world.ids(of, query) == {one, two}, query
    path, value = next((p, v) for p, v in oracle.leaves(world.all(of)[0]) if p not in ("id", "href", "@type"))
    expected = oracle.matching(world.all(of), path, "eq", value, "string") | {one}
    assert world.ids(of, f"{path}={quote(oracle.shown(value), safe='')};id={one}") == expected


@every_resource
def test_and_is_an_ampersand(world: World, of: Subject) -> None:
    one, two = world.made.ids[of.kind][:2]
    kind = of.definition
    assert world.ids(of, f"id={one}&@type={kind}") == {one}
    assert world.ids(of, f"id={one}&id.gt={'~'}") == set()
    assert world.ids(of, f"id={one},{two}&href.regex={one}") == {one}


@every_resource
def test_a_filter_that_nothing_meets_is_an_empty_list(world: World, of: Subject) -> None:
    answer = world.operator.get(f"{of.path}?id=nobody-has-this-id")
    assert (answer.status, answer.body, answer.headers["X-Total-Count"]) == (200, [], "0")


@every_resource
def test_an_unknown_attribute_in_a_filter_or_sort_is_refused(world: World, of: Subject) -> None:
    for query in ("nobodyKnows=1", "id.nobodyKnows=1", "sort=nobodyKnows", "offset=-1", "limit=x", "cursor=%21"):
        assert_refused(send(world.hub.url, "GET", f"{of.path}?{query}", world.token), 400)


@every_resource
def test_fields_choose_attributes_of_one_and_of_many(world: World, of: Subject) -> None:
    always, whole = {"id", "href", "@type"}, world.all(of)[0]
    for name in sorted(set(whole) - always):
        one = world.operator.get(f"{whole['href']}?fields={quote(name)}").body
        assert set(one) == always | {name}, name
        many = world.operator.get(f"{of.path}?fields={quote(name)}&limit=5").body
        assert all(set(body) <= always | {name} for body in many)
    for nothing in ("none", "id"):
        assert set(world.operator.get(f"{whole['href']}?fields={nothing}").body) == always
        assert all(set(body) == always for body in world.operator.get(f"{of.path}?fields={nothing}&limit=5").body)


@every_resource
def test_dotted_fields_choose_within_an_attribute(world: World, of: Subject) -> None:
    bodies = world.all(of)
    dotted = {path for body in bodies for path, _ in oracle.leaves(body) if path.count(".") == 1}
    for path in sorted(dotted):
        outer, inner = path.split(".")
        for body in world.operator.get(f"{of.path}?fields={quote(path)}&limit=5").body:
            assert set(body) <= {"id", "href", "@type", outer}
            found = body.get(outer, [])
            for each in found if isinstance(found, list) else [found]:
                assert set(each) <= {"id", "href", "@type", "@referredType", inner}, path


@every_resource
def test_a_part_of_a_list_is_a_206_and_leads_to_the_next(world: World, of: Subject) -> None:
    everything = [body["id"] for body in world.all(of)]
    first = world.operator.get(f"{of.path}?limit=2")
    assert first.status == 206
    assert [body["id"] for body in first.body] == everything[:2]
    assert first.headers["X-Total-Count"] == str(len(everything))
    further = world.operator.get(f"{of.path}?offset=2&limit=2")
    assert [body["id"] for body in further.body] == everything[2:4]
    assert world.operator.get(f"{of.path}?limit=0").body == []


@every_resource
def test_the_links_lead_through_the_whole_list_once(world: World, of: Subject) -> None:
    everything = [body["id"] for body in world.all(of)]
    pages = list(world.pages(f"{of.path}?limit=3&fields=id"))
    assert [body["id"] for page in pages for body in page.body] == everything
    assert all(page.status == 206 for page in pages)
    assert all(set(body) == {"id", "href", "@type"} for page in pages for body in page.body)


@every_resource
def test_a_list_is_sorted_by_any_attribute_both_ways(world: World, of: Subject) -> None:
    everything = world.all(of)
    simple = {path for body in everything for path, _ in oracle.leaves(body) if "." not in path}
    for path in sorted(simple - {"@type"}):
        kind = oracle.kind_of(of.api, of.definition, path)
        held = [oracle._value(body[path], kind) for body in everything if path in body]
        for sign, descending in (("%2B", False), ("+", False), ("", False), ("-", True)):
            pages = world.pages(f"{of.path}?limit=100&sort={sign}{quote(path)}")
            found = [body.get(path) for page in pages for body in page.body]
            known = [oracle._value(value, kind) for value in found if value is not None]
            assert known == sorted(held, reverse=descending), f"sort={sign}{path}"
            assert found[len(known) :] == [None] * (len(everything) - len(known)), "what lacks it comes last"


@every_resource
def test_a_conforming_post_needs_no_more_than_the_standard_does(world: World, of: Subject) -> None:
    if of.required is not None:
        body = {k: v for k, v in of.body(world.made, 0).items() if k != of.required}
        assert_refused(send(world.hub.url, "POST", of.path, world.token, json.dumps(body).encode()), 400)
    assert_refused(send(world.hub.url, "POST", of.path, world.token, b'{"nobodyKnows": 1}'), 400)


@every_resource
def test_a_body_that_is_none_is_refused(world: World, of: Subject) -> None:
    for body in (b"", b"{", b"[]", b"null", b'{"a": 1, "a": 2}', b"\xff"):
        assert_refused(send(world.hub.url, "POST", of.path, world.token, body), 400)
    text = {"Content-Type": "text/plain"}
    assert_refused(send(world.hub.url, "POST", of.path, world.token, b"{}", text), 415)


@every_resource
def test_what_is_not_there_is_a_404(world: World, of: Subject) -> None:
    body = b"{}"
    assert_refused(send(world.hub.url, "GET", f"{of.path}/nobody", world.token), 404)
    if of.patch is not None:
        assert_refused(send(world.hub.url, "PATCH", f"{of.path}/nobody", world.token, body), 404)
        assert_refused(send(world.hub.url, "DELETE", f"{of.path}/nobody", world.token), 404)


@every_resource
def test_a_method_that_a_path_does_not_know_is_a_405_that_names_those_it_does(world: World, of: Subject) -> None:
    one = f"{of.path}/{world.made.one(of.kind)}"
    for method, path, knows in (("PUT", of.path, "POST"), ("DELETE", of.path, "GET"), ("PUT", one, "GET")):
        answer = send(world.hub.url, method, path, world.token, b"{}")
        assert_refused(answer, 405)
        assert knows in answer.headers["Allow"]


PATCHED = [of for of in SUBJECTS if of.patch is not None]
every_patched = pytest.mark.parametrize("of", PATCHED, ids=str)


@every_patched
@pytest.mark.parametrize("content", ["application/json", "application/merge-patch+json"])
def test_a_merge_patch_changes_what_it_names_and_nothing_else(world: World, of: Subject, content: str) -> None:
    made, patch = world.fresh(of), dict(of.patch or {})
    before = world.operator.get(made["href"])
    sells = world.agent if of.kind == "shoppingCart" else world.operator
    after = sells.patch(made["href"], patch, headers={"Content-Type": content, "If-Match": before.etag})
    assert after.etag != before.etag
    read = world.operator.get(made["href"]).body
    for name, value in patch.items():
        held = {found for path, found in oracle.leaves(read) if path.startswith(name)}
        assert {found for _, found in oracle.leaves(value)} <= held
    moved = {
        "lastUpdate",
        "statusChangeDate",
        "channel",
        "cartTotalPrice",
        "priceProof",
        "validFor",
        "state",
        "requirement",
    }
    moved |= {*patch}
    assert {k: v for k, v in read.items() if k not in moved} == {k: v for k, v in before.body.items() if k not in moved}


@pytest.mark.parametrize("of", [of for of in PATCHED if of.removable], ids=str)
def test_null_in_a_merge_patch_removes(world: World, of: Subject) -> None:
    made, name = world.fresh(of), str(of.removable)
    assert name in world.operator.get(made["href"]).body
    assert name not in world.operator.patch(made["href"], {name: None}).body
    assert name not in world.operator.get(made["href"]).body


@every_patched
@pytest.mark.parametrize("name", ["id", "href", "@type"])
def test_what_is_immutable_cannot_be_patched(world: World, of: Subject, name: str) -> None:
    one = world.operator.get(f"{of.path}/{world.made.one(of.kind)}").body
    for value in ("another", one[name], None):
        body = json.dumps({name: value}).encode()
        assert_refused(send(world.hub.url, "PATCH", one["href"], world.token, body), 400)
    assert world.operator.get(one["href"]).body[name] == one[name]


@every_patched
def test_a_stale_if_match_is_a_409_that_tells_the_current_version(world: World, of: Subject) -> None:
    made = world.fresh(of)
    body, stale = json.dumps(of.patch).encode(), {"If-Match": '"4711"'}
    for method in ("PATCH", "DELETE"):
        answer = send(world.hub.url, method, made["href"], world.token, body if method == "PATCH" else None, stale)
        assert_refused(answer, 409)
        assert answer.body["details"]["currentVersion"] == world.operator.get(made["href"]).etag.strip('"')


@every_patched
def test_a_patch_of_what_is_wrong_changes_nothing(world: World, of: Subject) -> None:
    made = world.operator.get(f"{of.path}/{world.made.one(of.kind)}")
    for body in (b"{", b"[]", b'{"nobodyKnows": 1}'):
        assert_refused(send(world.hub.url, "PATCH", made.body["href"], world.token, body), 400)
    text = {"Content-Type": "text/plain"}
    assert_refused(send(world.hub.url, "PATCH", made.body["href"], world.token, b"{}", text), 415)
    assert world.operator.get(made.body["href"]).etag == made.etag


@pytest.mark.parametrize("of", [of for of in SUBJECTS if of.deletable], ids=str)
def test_delete_answers_204_and_it_is_gone(world: World, of: Subject) -> None:
    made = world.fresh(of)
    answer = world.operator.delete(made["href"])
    assert (answer.status, answer.body) == (204, None)
    assert_refused(send(world.hub.url, "GET", made["href"], world.token), 404)
    assert world.ids(of, f"id={made['id']}") == set()
    world.made.ids[of.kind].remove(made["id"])


@pytest.mark.parametrize("of", [of for of in SUBJECTS if of.kind not in UNTOLD], ids=str)
def test_the_hub_answers_201_tells_what_happens_and_ends_with_204(world: World, of: Subject) -> None:
    path = f"{tmf.BASE[of.api]}/hub"
    query = f"eventType={of.definition}CreateEvent"
    with listening() as listener:
        made = world.operator.post(path, {"callback": listener.url, "query": query})
        assert (made.status, made.body["callback"]) == (201, listener.url)
        assert made.headers["Location"] == f"{path}/{made.body['id']}"
        world.hub.settle()
        one = world.fresh(of)
        world.hub.settle()
        told = [(where, event["event"][of.kind]["id"]) for where, event in listener.told]
        assert told == [(f"/listener/{of.kind}CreateEvent", one["id"])]
        assert world.operator.delete(made.headers["Location"]).status == 204
        world.hub.settle()
        world.fresh(of)
        world.hub.settle()
        assert len(listener.told) == 1, "it is over"
    assert_refused(send(world.hub.url, "DELETE", made.headers["Location"], world.token), 404)
    assert_refused(send(world.hub.url, "POST", path, world.token, b'{"query": "x"}'), 400)


def test_the_cells_were_all_counted(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nTMF630: {CELLS['cells']} cells, {CELLS['requests with a filter']} filters asked")  # noqa: T201
    assert CELLS["requests with a filter"] >= 10 * len(SUBJECTS)
