"""TMF629 and TMF632 over HTTP, and our billing account: four kinds of resource, answered alike."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.customer import customer as customers
from functions.customer import save, store
from functions.customer.kinds import KINDS, Kind
from functions.shared import clock, tmf
from functions.shared.errors import Malformed
from functions.shared.http import Api, Incoming, answer, nothing
from functions.shared.resource import Json
from functions.shared.rows import Row, same_version

api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the customer, party and billing account APIs."""
    return api.resolve(event, context)


def _serve(kind: Kind) -> None:
    """Registers the five operations on a kind of resource."""
    path = f"{tmf.BASE[kind.api]}/{kind.name}"
    one = f"{path}/<id_>"

    @api.post(path)
    def open_new() -> Response[str]:
        incoming = api.incoming("customer.create")
        sent = incoming.body(kind.api, f"{kind.definition}_Create")
        for name in ("id", "href"):
            if name in sent:
                raise Malformed(f"{name} is set by the hub; leave it out.")
        row, replayed = save.open_new(incoming.caller, kind, sent, incoming.key(sent))
        return _answer(201, kind, row, incoming, location=tmf.href(kind.name, row["id"]), replayed=replayed)

    @api.get(one)
    def read(id_: str) -> Response[str]:
        incoming = api.incoming("customer.read")
        return _answer(200, kind, store.load(incoming.caller, kind, id_), incoming)

    @api.get(path)
    def find() -> Response[str]:
        incoming = api.incoming("customer.read")
        found = store.find(incoming.caller, kind, tmf.filters(incoming.query, kind.filters))
        status, entries, headers = tmf.page([_rendered(kind, row, incoming) for row in found], incoming.query)
        return answer(status, entries, headers=headers)

    @api.patch(one)
    def change(id_: str) -> Response[str]:
        incoming = api.incoming("customer.change")
        caller, patch = incoming.caller, incoming.body(kind.api, f"{kind.definition}_Update")
        row = store.load(caller, kind, id_, "customer.change")
        same_version(row, incoming.if_match())
        body = customers.changed(kind, row, patch, caller)
        return _answer(200, kind, save.change(caller, kind, row, body), incoming)

    @api.delete(one)
    def delete(id_: str) -> Response[str]:
        incoming = api.incoming("customer.delete")
        row = store.load(incoming.caller, kind, id_, "customer.delete")
        same_version(row, incoming.if_match())
        save.delete(incoming.caller, kind, row)
        return nothing()


def _rendered(kind: Kind, row: Row, incoming: Incoming) -> Json:
    return customers.render(kind, row, incoming.caller, clock.now())


def _answer(status: int, kind: Kind, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    body = tmf.chosen(_rendered(kind, row, incoming), incoming.query)
    return answer(status, body, version=row["version"], **headers)


for each in KINDS.values():
    _serve(each)
