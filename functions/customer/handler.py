"""TMF629, TMF632 and our billing account over HTTP: four kinds, answered alike; grants; and what staff looked at."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.customer import customer as customers
from functions.customer import grant, save, store
from functions.customer.kinds import KINDS, Kind
from functions.shared import audit, clock, grants, lists, tmf
from functions.shared.access import Thing, customer_of
from functions.shared.errors import Malformed
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

GRANTS = f"{tmf.BASE['omnihub']}/{grants.KIND}"
RECORDS = Resource(audit.KIND, "access record", customer=("customer.id",), dated="at")
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the customer, party and billing account APIs."""
    return api.resolve(event, context)


def _serve(kind: Kind) -> None:
    """Registers the five operations on a kind of resource."""
    path = f"{tmf.BASE[kind.api]}/{kind.name}"
    one = f"{path}/<id_>"

    @api.serves("POST", path, f"{kind.right}.create")
    def open_new(incoming: Incoming) -> Response[str]:
        """Opens one, with an id of the hub's."""
        sent = incoming.body
        for name in ("id", "href"):
            if name in sent:
                raise Malformed(f"{name} is set by the hub; leave it out.")
        row, replayed = save.open_new(incoming.caller, kind, sent, incoming.key)
        return _answer(201, kind, row, incoming, location=tmf.href(kind.name, row["id"]), replayed=replayed)

    @api.serves("GET", one, f"{kind.right}.read")
    def read(incoming: Incoming, id_: str) -> Response[str]:
        """One of them, as this caller may see it."""
        return _answer(200, kind, store.load(incoming.caller, kind, id_), incoming)

    @api.serves("GET", path, f"{kind.right}.list")
    def find(incoming: Incoming) -> Response[str]:
        """Those that the filters name; an identifier names whose it is, whatever else there is."""
        return _list(incoming, kind)

    @api.serves("PATCH", one, f"{kind.right}.change")
    def change(incoming: Incoming, id_: str) -> Response[str]:
        """Merges a patch into it."""
        caller, patch = incoming.caller, incoming.body
        row = store.load(caller, kind, id_, "change")
        same_version(row, incoming.if_match())
        body = customers.changed(kind, row, patch, caller)
        return _answer(200, kind, save.change(caller, kind, row, body), incoming)

    @api.serves("DELETE", one, f"{kind.right}.delete")
    def delete(incoming: Incoming, id_: str) -> Response[str]:
        """Deletes it where nothing hangs on it."""
        row = store.load(incoming.caller, kind, id_, "delete")
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
    opened = [row for row in found if incoming.caller.opens(incoming.operation.may, row)]
    return lists.of_bodies(incoming, asked.without(*named), rendered(opened))


def _rendered(kind: Kind, row: Row, incoming: Incoming) -> Json:
    return customers.render(kind, row, incoming.caller, clock.now())


def _answer(status: int, kind: Kind, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    incoming.caller.note(customer_of(row), Thing(kind.name, row["id"]))
    body = tmf.chosen(_rendered(kind, row, incoming), incoming.query)
    return answer(status, body, version=row["version"], **headers)


for each in KINDS.values():
    _serve(each)


@api.serves("POST", GRANTS, "grant.create")
def give_grant(incoming: Incoming) -> Response[str]:
    """Lets somebody act for a customer, or use one product or account of theirs."""
    row, replayed = grant.give(incoming.caller, incoming.body, incoming.key)
    return _grant(201, row, incoming, location=tmf.href(grants.KIND, row["id"]), replayed=replayed)


@api.serves("GET", f"{GRANTS}/<id_>", "grant.read")
def read_grant(incoming: Incoming, id_: str) -> Response[str]:
    """One grant, for who gave it and who has it."""
    return _grant(200, grant.load(incoming.caller, id_), incoming)


@api.serves("GET", GRANTS, "grant.list")
def list_grants(incoming: Incoming) -> Response[str]:
    """The grants on a customer, or with `party.id` those that somebody has."""

    def rendered(found: list[Row]) -> list[Json]:
        return [grant.render(row) for row in found]

    index = grant.index(incoming.caller, lists.asked(incoming).only("party.id"))
    return lists.of_rows(incoming, settings.customer_table, grant.LISTED, rendered, index)


@api.serves("PATCH", f"{GRANTS}/<id_>", "grant.change")
def change_grant(incoming: Incoming, id_: str) -> Response[str]:
    """Gives it another role or another time."""
    row = grant.load(incoming.caller, id_, "change")
    same_version(row, incoming.if_match())
    return _grant(200, grant.change(incoming.caller, row, incoming.body), incoming)


@api.serves("DELETE", f"{GRANTS}/<id_>", "grant.delete")
def take_grant_back(incoming: Incoming, id_: str) -> Response[str]:
    """Takes it back, from this moment on."""
    row = grant.load(incoming.caller, id_, "delete")
    same_version(row, incoming.if_match())
    grant.take_back(incoming.caller, row)
    return nothing()


def _grant(status: int, row: Row, incoming: Incoming, **headers: Any) -> Response[str]:
    return answer(status, tmf.chosen(grant.render(row), incoming.query), version=row["version"], **headers)


@api.serves("GET", f"{tmf.BASE['omnihub']}/{audit.KIND}", "audit.list")
def list_access(incoming: Incoming) -> Response[str]:
    """Who of the staff touched what of a customer, why and when, newest first."""

    def rendered(found: list[Row]) -> list[Json]:
        return [audit.render(row) for row in found]

    return lists.of_rows(incoming, settings.customer_table, RECORDS, rendered)
