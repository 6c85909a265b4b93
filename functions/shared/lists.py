"""Every list of every noun (TMF630): rows by an index, then filters, sort, page, counts and the link to the next.

What a list may cost is bounded whatever the size of the table: one query of an index, of at most READ keys, and the
rows of the page; where a filter or sort is not served by an index, the rows of those keys.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.shared import clock, rows, tmf
from functions.shared.access import SOLD, Caller, Thing, customer_of
from functions.shared.errors import Malformed
from functions.shared.http import answer
from functions.shared.incoming import Incoming
from functions.shared.query import FAR, Query
from functions.shared.resource import Json, Resource
from functions.shared.rows import Index, Place, Row

NO_CURSOR = "This cursor is none of ours; follow the next link of an answer."
READ = 1000  # rows that one list looks at
PART = 50  # of each index that is read at least, where several are

Render = Callable[[list[Row]], list[Json]]
Found = tuple[Place | int | None, Json]  # where it stands, and what it says


@dataclass(frozen=True)
class Window:
    """What a list looks at: the places of rows in order, whether there are more behind, and how they are read."""

    places: Sequence[Any]
    more: bool
    read: Callable[[Sequence[Any]], list[Found]]
    shown: Callable[[Sequence[Json]], None] = lambda _: None


def asked(incoming: Incoming, also: Sequence[str] = ()) -> Query:
    """The query of a list; `also` are filters on what the resource does not say itself."""
    api, definition = incoming.operation.gives or ("", "")
    return Query.read(incoming.query, api, definition, also)


def of_rows(
    incoming: Incoming,
    table: str,
    of: Resource,
    render: Render,
    index: Index | None = None,
    *,
    branch: Callable[[Caller], Sequence[str]] = lambda _: (),
) -> Response[str]:
    """The page of a table's resources that the request asks for, as far as its caller may list them.

    `index` is for who knows that all of it is the caller's to see. `branch` names the partners whose sales a partner
    may list: what of them was sold under another then is left out of the page.
    """
    wanted, caller, may = asked(incoming, also=of.customer), incoming.caller, incoming.operation.may
    ids = wanted.any_of("id")
    if ids is None and index is None and _named(of, wanted) is None:
        ids = caller.granted_ids(may, of.kind)
    if ids:
        found = rows.load_many(table, caller.brand, of.kind, [id_ for id_ in ids if rows.is_id(id_)])
        return of_bodies(incoming, wanted, render([row for row in found if caller.opens(may, row)]))
    sold = caller.may(may) in SOLD
    if sold:
        indexes = [rows.of_seller(caller.brand, of.kind, partner) for partner in branch(caller)]
    else:
        index, wanted = (index, wanted) if index else _index(incoming, of, wanted)
        indexes = [index]
    places, more, wanted = _places(table, indexes, of, wanted)
    kept = {place.pk: place for place in places}
    whose: dict[str, str | None] = {}

    def read(part: Sequence[Place]) -> list[Found]:
        found = rows.load_many(table, caller.brand, of.kind, [place.id for place in part], consistent=False)
        found = [row for row in found if caller.opens(may, row)] if sold else found
        whose.update((row["id"], customer_of(row)) for row in found)
        return [(kept[row["pk"]], body) for row, body in zip(found, render(found), strict=True)]

    def shown(part: Sequence[Json]) -> None:
        for body in part:
            caller.note(whose[body["id"]], Thing(of.kind, body["id"]))

    return page(incoming, wanted, Window(places, more, read, shown))


def _named(of: Resource, asked: Query) -> str | None:
    """The one customer whose resources are asked for."""
    return asked.only(*of.customer) if asked.only("relatedParty.role") in (None, "customer", "owner") else None


def of_bodies(
    incoming: Incoming, wanted: Query, bodies: Iterable[Json], headers: Mapping[str, str] | None = None
) -> Response[str]:
    """The page of what is held in full: it has offsets, and no cursor leads into it."""
    if wanted.cursor:
        raise Malformed(NO_CURSOR, code="badCursor")
    return page(
        incoming, wanted, Window([*bodies], more=False, read=lambda part: [(None, body) for body in part]), headers
    )


def _index(incoming: Incoming, of: Resource, asked: Query) -> tuple[Index, Query]:
    """The index that serves the list, and what of the query it leaves to be met."""
    caller, may = incoming.caller, incoming.operation.may
    named = _named(of, asked)
    customer = caller.whose(may, named)
    if customer is not None:
        served = of.customer if named is not None else ()
        return rows.of_customer(caller.brand, of.kind, customer), asked.without(*served)
    if (state := asked.only("state")) in of.open_states and state:
        return rows.of_state(caller.brand, of.kind, state), asked.without("state")
    return rows.of_kind(caller.brand, of.kind), asked


def _places(table: str, indexes: Sequence[Index], of: Resource, asked: Query) -> tuple[list[Place], bool, Query]:
    """The places that the list looks at, and what of the query is left when the index has served its order."""
    dated = ((tuple(of.dated.split(".")), False), (tuple(of.dated.split(".")), True)) if of.dated else ()
    newest_first = True
    if len(asked.sort) == 1 and asked.sort[0] in dated:
        newest_first, asked = asked.sort[0][1], asked.unsorted()
    since, until = map(_written, asked.bounds(of.dated)) if of.dated else (None, None)
    after = _place(asked.cursor)
    if after and not (since or "") <= after.created <= (until or "~"):
        raise Malformed("This cursor belongs to another list; follow the next link of this one.", code="badCursor")
    period: Any = {"newest_first": newest_first, "after": after, "since": since, "until": until}
    if len(indexes) == 1:
        return *rows.keys_in(table, indexes[0], most=READ, **period), asked
    return *_merged(table, indexes, **period), asked


def _merged(
    table: str,
    indexes: Sequence[Index],
    *,
    newest_first: bool,
    after: Place | None,
    since: str | None,
    until: str | None,
) -> tuple[list[Place], bool]:
    """The places of several indexes in one order; of each no more is read than is needed, a part at a time."""
    if after:  # which of the indexes it stands in, nobody knows: all of that very moment is read again
        since, until = (since, after.created) if newest_first else (after.created, until)
    most = max(READ // len(indexes), PART)

    def read(index: Index) -> Iterator[Place]:
        behind, more = None, True
        while more:
            part, more = rows.keys_in(
                table, index, most=most, newest_first=newest_first, after=behind, since=since, until=until
            )
            yield from part
            behind, more = part[-1] if part else None, more and bool(part)

    def in_order(places: Iterator[Place]) -> Iterator[Place]:
        for _, together in groupby(places, key=lambda place: place.created):
            yield from sorted(together, reverse=newest_first)

    merged = merge(*(in_order(read(index)) for index in indexes), reverse=newest_first)
    found = (place for place in merged if after is None or (place < after if newest_first else place > after))
    places = list(islice(found, READ + 1))
    return places[:READ], len(places) > READ


def _written(moment: datetime | None) -> str | None:
    return clock.text(moment) if moment else None


def page(incoming: Incoming, asked: Query, window: Window, headers: Mapping[str, str] | None = None) -> Response[str]:
    """The page of a window: 200 where it is all there is, else 206 with the link to what follows."""
    if asked.sort and window.more:
        raise Malformed(
            f"More than {READ} could be sorted here; filter for fewer, or sort by when they were made.", code="tooMany"
        )
    if asked.filters or asked.sort:
        found = [pair for pair in _all(window) if asked.meets(pair[1])]
        if asked.sort:
            found = [(None, body) for body in asked.in_order(body for _, body in found)]
        total, part = len(found), found[asked.offset : asked.offset + asked.limit]
    else:
        total, part = len(window.places), window.read(window.places[asked.offset : asked.offset + asked.limit])
    window.shown([body for _, body in part])
    whole = not window.more and not asked.cursor
    sent = {**(headers or {}), "X-Result-Count": str(len(part))}
    if whole:
        sent["X-Total-Count"] = str(total)
    if further := _next(asked, window, part, total):
        sent["Link"] = f'<{incoming.path}?{further}>; rel="next"'
    status = 200 if whole and len(part) == total else 206
    return answer(status, [tmf.chosen(body, incoming.query) for _, body in part], headers=sent)


def _all(window: Window) -> Iterable[Found]:
    for start in range(0, len(window.places), rows.MOST):
        yield from window.read(window.places[start : start + rows.MOST])


def _next(asked: Query, window: Window, part: Sequence[Found], total: int) -> str | None:
    """The query of the next page: behind the last entry of this one, or where the window was too small to fill it."""
    behind = asked.offset + len(part)
    if not asked.limit or (behind >= total and not window.more):
        return None
    last = part[-1][0] if part and behind < total else window.places[-1] if window.more else None
    if last is not None:
        return asked.again(cursor=_cursor(last))
    return asked.again(offset=str(behind)) if behind <= FAR else None


def after(asked: Query) -> int:
    """The first place behind the cursor of a list whose places are numbers; 0 without one."""
    if not asked.cursor:
        return 0
    try:
        place = json.loads(_decoded(asked.cursor))
        if type(place) is int and 0 <= place < 1 << 32:
            return place + 1
    except ValueError:
        pass
    raise Malformed(NO_CURSOR, code="badCursor")


def _decoded(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def _cursor(place: Place | int) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _place(cursor: str | None) -> Place | None:
    """The place that a cursor names: a row's key in the caller's own index, wherever the cursor came from."""
    if cursor is None:
        return None
    try:
        created, pk = json.loads(_decoded(cursor))
        if created and pk.count("#") >= 2 and len(f"{created}{pk}") <= rows.LONGEST_KEY // 2:
            return Place(str(created), str(pk))
    except (ValueError, TypeError, AttributeError):
        pass
    raise Malformed(NO_CURSOR, code="badCursor")
