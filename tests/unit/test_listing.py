"""Lists of a catalog against the plain way: read everything, filter, sort, cut."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog import draft, listing
from functions.catalog.catalog import Catalog
from functions.catalog.listing import Sight
from functions.shared import access, lists
from functions.shared.errors import Malformed
from functions.shared.incoming import Incoming, Operation
from functions.shared.query import Query
from tests.bench import catalogs
from tests.unit.test_catalog import NOW, offering, period

STEADY = settings(derandomize=True, deadline=None, max_examples=150)
Json = dict[str, Any]
PATH = "/tmf-api/productCatalogManagement/v4/productOffering"
LIST = Operation.of("GET", PATH, "catalog.read", "", takes=None, gives=None, status=None)
HUB = access.hub({"brand": "nova", "market": "DE", "correlation_id": "j"}, "test")
KIND, DAY = "productOffering", timedelta(days=1)


def content(*offerings: Json) -> Json:
    return {**catalogs.FACTS, KIND: list(offerings)}


def asked(query: str) -> Incoming:
    return Incoming({"rawPath": PATH, "rawQueryString": query, "headers": {}}, HUB, LIST)


def answer(sight: Sight, query: str, language: str = "de") -> Any:
    incoming = asked(query)
    wanted = lists.asked(incoming, also=(listing.SEARCH,))
    return listing.page(incoming, wanted, KIND, sight, language, rendered(sight, language))


def rendered(sight: Sight, language: str) -> Any:
    return lambda stored: sight.catalog.rendered(KIND, stored, language)


def pages(sight: Sight, query: str, language: str = "de") -> Iterator[list[Json]]:
    """Every page, by the links."""
    while True:
        found = answer(sight, query, language)
        yield json.loads(found.body)
        link = re.match(r"<[^?]*\?(.*)>", str(found.headers.get("Link", "")))
        assert found.status_code == 206 if link else True
        if link is None:
            return
        query = link[1]


def plainly(sight: Sight, query: str, language: str) -> list[str]:
    """The ids, by reading all of it."""
    wanted = Query.read(query, "TMF620", "ProductOffering")
    held = draft.overlaid(sight.catalog.held[KIND], sight.drafts).values()
    shown = [
        sight.catalog.rendered(KIND, each, language)
        for each in held
        if sight.channel is None or sight.catalog.shown(each, sight.channel, sight.moment, partner=sight.partner)
    ]
    found = [each for each in shown if wanted.meets(each)]
    for path, backwards in wanted.sort:
        found.sort(key=lambda each, name=path[0]: (str(each.get(name)), each["id"]), reverse=backwards)  # type: ignore[misc]
    return [each["id"] for each in found]


SOMEWHEN = st.none() | st.sampled_from([-2 * DAY, -DAY, timedelta(0), DAY, 2 * DAY])
PERIOD = st.builds(period, SOMEWHEN, SOMEWHEN)
CHANNELS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["web", "shop"])}, optional={"validFor": PERIOD}), max_size=3
)
OFFERING = st.fixed_dictionaries(
    {
        "id": st.sampled_from("abcdefghij"),
        "name": st.sampled_from([{"de": "Tarif", "en": "Plan"}, {"de": "Tarif"}, {"en": "Ä"}, "Hülle"]),
        "lifecycleStatus": st.sampled_from(["Active", "Active", "Launched", "Retired", "In study"]),
    },
    optional={
        "isBundle": st.booleans(),
        "isSellable": st.booleans(),
        "category": st.lists(st.sampled_from([{"id": "x"}, {"id": "y"}]), max_size=2),
        "channel": CHANNELS,
        "validFor": PERIOD,
        "version": st.sampled_from(["1.0", "2.0"]),
    },
)
REFS = st.lists(st.sampled_from("abcdxyz").map(lambda id_: {"id": id_}), max_size=3)
ASSORTMENT = st.fixed_dictionaries(
    {"name": st.just("P"), "lifecycleStatus": st.sampled_from(["Active", "Active", "Retired"])},
    optional={"everything": st.booleans(), "productOffering": REFS, "category": REFS, "validFor": PERIOD},
)
FILTER = st.sampled_from(
    [
        "lifecycleStatus=Active",
        "lifecycleStatus=Active,Retired",
        "isBundle=true",
        "isBundle=false",
        "isSellable=false",
        "category.id=x",
        "category.id=x;category.id=y",
        "category.id=x;isBundle=true",
        "name=Tarif",
        "name=Tarif,H%C3%BClle",
        "id=a,b,zz",
        "version=2.0",
        "version=2.0;isBundle=true",
        "name.regex=ar",
        "version.gt=1.0",
    ]
)
SORT = st.sampled_from(["", "sort=name", "sort=-name", "sort=id", "sort=-id", "sort=version"])


def rows_of(said: Sequence[Json], gone: Sequence[str]) -> list[Json]:
    """Drafts of these, and that those are to go; each once."""
    found: dict[str, Json] = {id_: {"type": KIND, "id": id_, "version": 2, "gone": True} for id_ in gone}
    for each in said:
        body = {name: value for name, value in each.items() if name != "id"}
        found[each["id"]] = {"type": KIND, "id": each["id"], "version": 2, "body": body}
    return [*found.values()]


@STEADY
@given(
    offerings=st.lists(OFFERING, max_size=10, unique_by=lambda each: str(each["id"])),
    drafts=st.builds(rows_of, st.lists(OFFERING, max_size=3), st.lists(st.sampled_from("abc"), max_size=2)),
    filters=st.lists(FILTER, max_size=3, unique=True),
    sort=SORT,
    limit=st.integers(1, 6),
    offset=st.integers(0, 4),
    channel=st.sampled_from(["web", "shop", "iptv", None]),
    partner=st.sampled_from([None, "north", "harbour", "ghost"]),
    assortments=st.lists(ASSORTMENT, max_size=2),
    language=st.sampled_from(["de", "en"]),
)
def test_a_list_says_what_reading_all_of_it_would(
    *,
    offerings: list[Json],
    drafts: list[Json],
    filters: list[str],
    sort: str,
    limit: int,
    offset: int,
    channel: str | None,
    partner: str | None,
    assortments: list[Json],
    language: str,
) -> None:
    tree = [{"id": "north"}, {"id": "harbour", "parentId": "north"}]
    sellers = [{**place, **sells} for place, sells in zip(tree, assortments, strict=False)]
    made = Catalog.of("v", {**content(*offerings), "partner": sellers})
    sight = Sight(made, channel, NOW, [] if channel else drafts, partner)
    query = "&".join(part for part in (*filters, sort) if part)
    expected = plainly(sight, query, language)
    if sort == "sort=version":  # what lacks it comes last; the order among equals is no promise
        found = [each["id"] for page in pages(sight, query, language) for each in page]
        assert sorted(found) == sorted(expected)
        return

    got = list(pages(sight, f"{query}&limit={limit}&offset={offset}", language))

    assert [each["id"] for page in got for each in page] == expected[offset:]
    assert all(len(page) <= limit for page in got)
    first = answer(sight, query, language)
    assert (first.status_code, first.headers["X-Total-Count"]) == (200, str(len(expected)))


MANY = Catalog.of("many", catalogs.content(2500))
BACKOFFICE = Sight(MANY, None, NOW)


def test_what_no_set_serves_is_looked_for_a_thousand_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every eighth offering is one; the pages together miss none."""
    read: list[int] = []
    at = MANY.book.at
    monkeypatch.setattr(MANY.book, "at", lambda kind, n: read.append(n) or at(kind, n))  # type: ignore[func-returns-value]
    counts, found = [], []
    for page in pages(BACKOFFICE, "productOfferingTerm.name=24 Monate&name.regex=^Tarif&limit=100"):
        counts.append(len(read))
        read.clear()
        found += [each["id"] for each in page]
    assert max(counts) <= lists.READ
    assert found == [each["id"] for each in catalogs.content(2500)[KIND] if each["name"]["de"].startswith("Tarif")]


def test_what_no_order_serves_is_not_sorted_beyond_a_thousand() -> None:
    with pytest.raises(Malformed, match="More than 1000 could be sorted"):
        answer(BACKOFFICE, "sort=version")
    few = answer(BACKOFFICE, "sort=version&category.id=category-1&limit=100")
    assert len(json.loads(few.body)) == len(plainly(BACKOFFICE, "category.id=category-1", "de")[:100])


@pytest.mark.parametrize(
    "cursor", ["e30", "WyJhIiwgImIiXQ", "%21", "LTE", "dHJ1ZQ", "MS41", "OTk5OTk5OTk5OTk5OTk5OTk5"]
)
def test_a_cursor_that_is_none_of_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Malformed, match="none of ours"):
        answer(BACKOFFICE, f"cursor={cursor}")


def test_a_cursor_behind_the_end_gives_an_empty_page() -> None:
    found = answer(Sight(Catalog.of("v", content(offering("a"))), None, NOW), "cursor=OTk5")
    assert json.loads(found.body) == []


# --- search ------------------------------------------------------------------------------------------------------

SOLD = Catalog.of(
    "s",
    content(
        offering("fibre", name={"de": "Glasfaser 500", "en": "Fibre 500"}),
        offering("fibre-xl", name={"de": "Glasfaser 1000", "en": "Fibre 1000"}, isBundle=True),
        offering("old", name={"de": "Glasfaser 50", "en": "Fibre 50"}, lifecycleStatus="Retired"),
        offering("case", name={"de": "Hülle", "en": "Case"}, channels=["shop"]),
    ),
)


@pytest.mark.parametrize(
    ("query", "channel", "language", "found"),
    [
        ("q=glassfaser", "web", "de", ["fibre", "fibre-xl"]),
        ("q=glasfaser 50", None, "de", ["old", "fibre", "fibre-xl"]),
        ("q=fiber 1000", "web", "en", ["fibre-xl", "fibre"]),
        ("q=glasfaser&isBundle=true", "web", "de", ["fibre-xl"]),
        ("q=glasfaser&version=9", "web", "de", []),
        ("q=glasfaser&sort=-id", "web", "de", ["fibre-xl", "fibre"]),
        ("q=glasfaser&limit=1&offset=1", "web", "de", ["fibre-xl"]),
        ("q=huelle", "web", "de", []),
        ("q=huelle", "shop", "de", ["case"]),
        ("q=nothing", "web", "de", []),
    ],
)
def test_a_search_finds_what_the_channel_shows_the_closest_first(
    query: str, channel: str | None, language: str, found: list[str]
) -> None:
    sight = Sight(SOLD, channel, datetime.now(UTC) if channel is None else NOW)
    assert [each["id"] for each in json.loads(answer(sight, query, language).body)] == found


def test_who_writes_finds_drafts_by_what_they_are_called_now() -> None:
    rows = rows_of(
        [offering("fibre", name={"de": "Kabel"}), offering("new", name={"de": "Glasfaser neu"})], ["fibre-xl"]
    )
    found = json.loads(answer(Sight(SOLD, None, NOW, rows), "q=glasfaser").body)
    assert {each["id"] for each in found} == {"old", "new"}
