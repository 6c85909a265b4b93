"""TMF683 over HTTP: what happened between a customer and the channels, one timeline, newest first."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.interaction import interaction, store
from functions.shared import audit, clock, grants, lists, tmf
from functions.shared.access import Caller
from functions.shared.errors import Forbidden, Malformed, RuleBroken
from functions.shared.http import Api, answer, nothing
from functions.shared.incoming import Incoming
from functions.shared.resource import Json, customer_named
from functions.shared.rows import Row, same_version
from functions.shared.settings import settings

INTERACTIONS = f"{tmf.BASE['TMF683']}/partyInteraction"
api = Api(grants.held, audit.keep)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the party interaction API."""
    return api.resolve(event, context)


@api.serves("POST", INTERACTIONS, "interaction.create")
def write_interaction(incoming: Incoming) -> Response[str]:
    """A channel puts on record what happened there."""
    caller, body = incoming.caller, incoming.body
    customer = _customer(caller, body)
    made = interaction.new(body, customer, caller)
    row, replayed = store.save_new(caller, clock.new_id(), made, customer, incoming.key)
    return _answer(201, row, location=tmf.href(store.KIND, row["id"]), replayed=replayed)


def _customer(caller: Caller, body: Json) -> str | None:
    """With whom it was; staff may also keep what was with nobody they know."""
    customer = caller.acts_for("interaction.create", customer_named(body, ""))
    if customer is None and not caller.staff:
        raise Malformed("Name the customer: relatedParty [{id, role: customer}].", code="customerMissing")
    return customer


@api.serves("GET", f"{INTERACTIONS}/<id_>", "interaction.read")
def read_interaction(incoming: Incoming, id_: str) -> Response[str]:
    """One interaction."""
    return _answer(200, store.load(incoming.caller, id_), query=incoming.query)


@api.serves("GET", INTERACTIONS, "interaction.list")
def list_interactions(incoming: Incoming) -> Response[str]:
    """A timeline over every channel, newest first: a customer's own, for staff anybody's."""

    def rendered(found: list[Row]) -> list[Json]:
        return [tmf.resource(store.KIND, row["id"], row["body"]) for row in found]

    return lists.of_rows(incoming, settings.interaction_table, store.LISTED, rendered)


@api.serves("PATCH", f"{INTERACTIONS}/<id_>", "interaction.change")
def change_interaction(incoming: Incoming, id_: str) -> Response[str]:
    """Moves an interaction's status on, or adds to its description."""
    patch = incoming.body
    row = store.load(incoming.caller, id_, "interaction.change")
    _must_be_changeable(row, incoming.caller)
    same_version(row, incoming.if_match())
    body = {k: v for k, v in {**row["body"], **_changes(row, patch)}.items() if v is not None}
    return _answer(200, store.save(incoming.caller, row, body))


@api.serves("DELETE", f"{INTERACTIONS}/<id_>", "interaction.delete")
def delete_interaction(incoming: Incoming, id_: str) -> Response[str]:
    """Takes an interaction off the timeline."""
    row = store.load(incoming.caller, id_, "interaction.delete")
    same_version(row, incoming.if_match())
    store.delete(row)
    return nothing()


def _changes(row: Row, patch: Json) -> Json:
    if fixed := sorted(set(patch) & interaction.FIXED):
        raise Malformed(f"{fixed[0]} cannot be changed; leave it out of the PATCH.")
    status, to = row["body"]["status"], patch.get("status", row["body"]["status"])
    if not interaction.may_become(status, to):
        raise RuleBroken(f"An interaction that is {status} cannot become {to}.", code="wrongState")
    changes = {k: v for k, v in patch.items() if k not in interaction.OURS}
    return {**changes, "statusChangeDate": clock.text(clock.now())} if to != status else changes


def _must_be_changeable(row: Row, caller: Caller) -> None:
    """Raises Forbidden for what is not the caller's to change: the hub's own entries are nobody's."""
    if row["author"] == interaction.HUB or not (caller.staff or row["author"] == caller.subject):
        raise Forbidden("This entry stays as it was written; write another one.", code="notYours")


def _answer(status: int, row: Row, query: str = "", **headers: Any) -> Response[str]:
    body = tmf.chosen(tmf.resource(store.KIND, row["id"], row["body"]), query)
    return answer(status, body, version=row["version"], **headers)
