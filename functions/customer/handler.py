"""TMF629 and TMF632 over HTTP, and our billing account: four kinds of resource, answered alike."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.customer import customer as customers
from functions.customer import save, store
from functions.customer.kinds import KINDS, Kind
from functions.shared import clock, lists, tmf
from functions.shared.errors import Malformed
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the customer, party and billing account APIs."""
    return api.resolve(event, context)


def _serve(kind: Kind) -> None:
    """Registers the five operations on a kind of resource."""
    path = f"{tmf.BASE[kind.api]}/{kind.name}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, "customer.create")
    def open_new(incoming: Incoming) -> Response[str]:
        """Opens one, with an id of the hub's."""
        sent = incoming.body
        for name in ("id", "href"):
            if name in sent:
                raise Malformed(f"{name} is set by the hub; leave it out.")
        row, replayed = save.open_new(incoming.caller, kind, sent, incoming.key)
        return _answer(201, kind, row, incoming, location=tmf.href(kind.name, row["id"]), replayed=replayed)

    @api.serves("GET", one, "customer.read")
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """One of them, as this caller may see it."""
        return _answer(200, kind, store.load(incoming.caller, kind, id_), incoming)

    @api.serves("GET", path, "customer.read")
    def find(incoming: Incoming) -> Response[str]:
        """Those that the filters name; an identifier names whose it is, whatever else there is."""
        return _list(incoming, kind)

    @api.serves("PATCH", one, "customer.change")
    def change(incoming: Incoming, id_: str) -> Response[str]:
        """Merges a patch into it."""
        caller, patch = incoming.caller, incoming.body
        row = store.load(caller, kind, id_, "customer.change")
        same_version(row, incoming.if_match())
        body = customers.changed(kind, row, patch, caller)
        return _answer(200, kind, save.change(caller, kind, row, body), incoming)

    @api.serves("DELETE", one, "customer.delete")
    def delete(incoming: Incoming, id_: str) -> Response[str]:
        """Deletes it where nothing hangs on it."""
        row = store.load(incoming.caller, kind, id_, "customer.delete")
        same_version(row, incoming.if_match())
        save.delete(incoming.caller, kind, row)
        return nothing()


def _list(incoming: Incoming, kind: Kind) -> Response[str]:
    asked = lists.asked(incoming)
    named = {name: value for name in kind.filters if (value := asked.only(name)) is not None}

    def rendered(found: list[Row]) -> list[Json]:
        return [_rendered(kind, row, incoming) for row in found]

    found = store.find(incoming.caller, kind, named)
    if found is None:
        return lists.of_rows(incoming, settings.customer_table, kind.listed, rendered)
    return lists.of_bodies(incoming, asked.without(*named), rendered(found))


def _rendered(kind: Kind, row: Row, incoming: Incoming) -> Json:
    return customers.render(kind, row, incoming.caller, clock.now())


def _answer(status: int, kind: Kind, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    body = tmf.chosen(_rendered(kind, row, incoming), incoming.query)
    return answer(status, body, version=row["version"], **headers)


for each in KINDS.values():
    _serve(each)
