"""TMF683 over HTTP: what happened between a customer and the channels, one timeline, newest first."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.interaction import interaction, store
from functions.shared import clock, tmf
from functions.shared.access import Caller
from functions.shared.errors import ChangedMeanwhile, Forbidden, Malformed, RuleBroken
from functions.shared.http import Api, answer, list_of_customer
from functions.shared.resource import Json
from functions.shared.rows import Refused, Row, same_version

INTERACTIONS = f"{tmf.BASE['TMF683']}/partyInteraction"
api = Api()


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Answers one request to the party interaction API."""
    return api.resolve(event, context)


@api.post(INTERACTIONS)
def write_interaction() -> Response[str]:
    """A channel puts on record what happened there."""
    incoming = api.incoming("interaction.create")
    caller, body = incoming.caller, incoming.body("TMF683", "PartyInteraction_Create")
    if body["direction"] not in interaction.DIRECTIONS:
        raise Malformed("direction is inbound or outbound.", code="badDirection")
    if body["status"] not in interaction.STATUS:
        raise Malformed(f"status is one of {', '.join(interaction.STATUS)}.", code="badStatus")
    made = interaction.new(body, _customer(caller, body), caller)
    customer = made["relatedParty"][0]["id"]
    row, replayed = store.save_new(caller, clock.new_id(), made, customer, incoming.key(body))
    return _answer(201, row, location=tmf.href(store.KIND, row["id"]), replayed=replayed)


def _customer(caller: Caller, body: Json) -> str:
    named = [p["id"] for p in body.get("relatedParty", []) if p.get("role", "").lower() in ("customer", "")]
    if caller.may("interaction.create") == "own":
        if named and named != [caller.customer_id]:
            raise Forbidden("A customer writes only their own interactions.")
        named = [caller.customer_id] if caller.customer_id else []
    if not named:
        raise Malformed("Name the customer: relatedParty [{id, role: customer}].", code="customerMissing")
    return str(named[0])


@api.get(f"{INTERACTIONS}/<id_>")
def read_interaction(id_: str) -> Response[str]:
    """One interaction."""
    incoming = api.incoming("interaction.read")
    return _answer(200, store.load(incoming.caller, id_), query=incoming.query)


@api.get(INTERACTIONS)
def list_interactions() -> Response[str]:
    """A customer's timeline over every channel, newest first."""
    incoming = api.incoming("interaction.read")

    def found(caller: Caller, customer: str) -> list[Json]:
        return [tmf.resource(store.KIND, row["id"], row["body"]) for row in store.timeline(caller, customer)]

    return list_of_customer(incoming, "interaction.read", ["channel.id", "reason", "direction", "status"], found)


@api.patch(f"{INTERACTIONS}/<id_>")
def change_interaction(id_: str) -> Response[str]:
    """Moves an interaction's status on, or adds to its description."""
    incoming = api.incoming("interaction.create")
    patch = incoming.body("TMF683", "PartyInteraction_Update")
    row = store.load(incoming.caller, id_)
    _must_be_changeable(row, incoming.caller)
    same_version(row, incoming.if_match())
    body = {k: v for k, v in {**row["body"], **_changes(row, patch)}.items() if v is not None}
    try:
        return _answer(200, store.save(incoming.caller, row, body))
    except Refused as refused:
        version = str((refused.row or row)["version"])
        raise ChangedMeanwhile("This changed meanwhile; read it again.", currentVersion=version) from None


def _changes(row: Row, patch: Json) -> Json:
    if fixed := sorted(set(patch) & interaction.FIXED):
        raise Malformed(f"{fixed[0]} cannot be changed; leave it out of the PATCH.")
    status, to = row["body"]["status"], patch.get("status", row["body"]["status"])
    if to not in interaction.STATUS:
        raise Malformed(f"status is one of {', '.join(interaction.STATUS)}.", code="badStatus")
    if to != status and to not in interaction.STATUS[status]:
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
