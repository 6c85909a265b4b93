"""How customers, parties and accounts are written: each change is one transaction with the identifiers it moves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.customer import account, grant, identifier, own_price, store
from functions.customer import customer as customers
from functions.customer.kinds import ACCOUNT, CUSTOMER, KINDS, Kind
from functions.shared import clock, grants, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import Busy, ChangedMeanwhile, Malformed, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

WRITES = 99  # of one transaction, beside a key's


@dataclass(frozen=True)
class Write:
    """One write, and the fact it runs into where its condition does not hold (given what stands there instead)."""

    operation: Operation
    refused: Callable[[Row | None], Exception]


def _save(caller: Caller, id_: str, writes: list[Write], asked: Key | None = None) -> None:
    if len(writes) > WRITES:
        raise RuleBroken("That changes too many identifiers at once; do it in two steps.", code="tooManyIdentifiers")
    try:
        keys.save(settings.customer_table, caller, asked, id_, *(write.operation for write in writes))
    except rows.Refused as refused:
        raise writes[refused.index].refused(refused.row) from None


def open_new(
    caller: Caller, kind: Kind, sent: Json, asked: Key | None = None, *, id_: str | None = None
) -> tuple[Row, bool]:
    """Puts a new resource; with a key that made one before, that one (and True) instead.

    `id_` is for who brings resources along with their ids: the sample telco, a migration.
    """
    id_ = id_ or clock.new_id()
    opening = {CUSTOMER.name: _customer, ACCOUNT.name: _account}.get(kind.name)
    if opening:
        row, beside = opening(caller, id_, sent)
    else:
        body = customers.checked(kind, customers.new(kind, sent, caller))
        row, beside = rows.new(caller, kind.name, id_, body), []
    claims = sorted(_claimed(row))
    row["identifiers"] = claims or None
    put = Write(rows.put(settings.customer_table, row), _exists(kind))
    try:
        _save(caller, id_, [put, *(_claim(caller, row, each) for each in claims), *beside], asked)
    except keys.MadeBefore as before:
        return store.load(caller, kind, before.id), True
    return row, False


def _exists(kind: Kind) -> Callable[[Row | None], Exception]:
    return lambda _: RuleBroken(f"There is a {kind.words} of this id already.", code="exists")


def _customer(caller: Caller, id_: str, sent: Json) -> tuple[Row, list[Write]]:
    """The row of a new customer, and the write that ties its party to it."""
    engaged = sent["engagedParty"]
    party = store.party(caller, engaged["id"], engaged.get("@referredType"))
    row = rows.new(caller, CUSTOMER.name, id_, customers.new_customer(sent, caller, party))
    if party is None:
        return row, []
    return {**row, "party": party["type"]}, [_tie(caller, party, id_)]


def _tie(caller: Caller, party: Row, customer: str) -> Write:
    def refused(now: Row | None) -> Exception:
        if now is None:
            return RuleBroken("This party was deleted meanwhile.", code="partyUnknown")
        whose = {"customer": now["customer"]} if caller.staff else {}
        return RuleBroken("This party is a customer already; go on with that one.", code="partyTaken", **whose)

    change = rows.update(
        settings.customer_table,
        rows.key(caller.brand, party["type"], party["id"]),
        {**rows.touched(caller), "customer": customer},
        when="attribute_exists(pk) AND attribute_not_exists(customer)",
    )
    return Write(change, refused)


def _account(caller: Caller, id_: str, sent: Json) -> tuple[Row, list[Write]]:
    """The row of a new billing account, and the writes that make it its customer's."""
    if "id" not in sent.get("customer", {}):
        raise Malformed("A billing account needs its customer: customer.id.", code="customerMissing")
    customer = store.held(caller, CUSTOMER.name, sent["customer"]["id"])
    if customer is None:
        raise RuleBroken("There is no such customer to open an account for.", code="customerUnknown")
    if customer["body"].get("status") == "closed":
        raise RuleBroken("This customer is closed; reopen it first.", code="customerClosed")
    body = customers.new_account(sent, caller, id_, customer)
    row = rows.new(caller, ACCOUNT.name, id_, body, customer=customer["id"])
    of = account.put_in(customer["body"], account.reference(id_, body))
    return row, _rewritten(caller, customer, of)[1]


def change(caller: Caller, kind: Kind, row: Row, body: Json) -> Row:
    """Writes the resource over exactly the version it was read at; raises ChangedMeanwhile."""
    after, writes = _rewritten(caller, row, body)
    if kind is ACCOUNT:
        was, is_ = account.reference(row["id"], row["body"]), account.reference(row["id"], body)
        customer = store.held(caller, CUSTOMER.name, row["customer"]) if was != is_ else None
        if customer:
            writes += _rewritten(caller, customer, account.put_in(customer["body"], is_))[1]
    _save(caller, row["id"], writes)
    return after


def delete(caller: Caller, kind: Kind, row: Row) -> None:
    """Takes the resource away with its identifiers; raises RuleBroken where something still hangs on it."""
    gone = Write(rows.delete(settings.customer_table, row), _moved_on(kind.words))
    writes = [gone, *(_release(row, each) for each in sorted(_held(row)))]
    if kind is ACCOUNT:
        writes += _taken_off(caller, row)
    elif kind is CUSTOMER:
        writes += _untied(caller, row)
        writes += _taken_away(caller, row["id"], WRITES - len(writes))
        writes += _promised(caller, row, WRITES - len(writes))
    elif row.get("customer"):
        raise RuleBroken("This party is a customer; delete the customer first.", code="partyTaken")
    _save(caller, row["id"], writes)


def _taken_off(caller: Caller, row: Row) -> list[Write]:
    customer = store.held(caller, CUSTOMER.name, row["customer"])
    if customer is None:
        return []
    return _rewritten(caller, customer, account.taken_out(customer["body"], row["id"]))[1]


def _untied(caller: Caller, customer: Row) -> list[Write]:
    if accounts := account.ours(customer["body"]):
        raise RuleBroken(
            "This customer has billing accounts; delete them first, or close the customer instead.",
            code="accountsOpen",
            billingAccount=accounts,
        )
    if "party" not in customer:
        return []
    where = rows.key(caller.brand, customer["party"], customer["body"]["engagedParty"]["id"])
    change = rows.update(
        settings.customer_table,
        where,
        rows.touched(caller),
        removes=["customer"],
        when="customer = :customer",
        values={":customer": customer["id"]},
    )
    return [Write(change, _moved_on("party"))]


def _taken_away(caller: Caller, customer: str, room: int) -> list[Write]:
    """The writes that take back what opens a customer to others, and erase what was written on their carts and orders.

    They go with the customer, in one transaction. Where it has no room for all, as many as it has room for are made
    before, and Busy is raised: the same request goes on then.
    """
    table, writes = settings.customer_table, list[Write]()
    for kind in (grants.KIND, store.PRIVATE):
        places, more = rows.keys_in(table, rows.of_customer(caller.brand, kind, customer), most=room // 2)
        for each in rows.load_many(table, caller.brand, kind, [place.id for place in places]):
            ending = grant.taken_back(caller, each) if kind == grants.KIND else rows.delete(table, each)
            writes.append(Write(ending, _meanwhile))
        if more:
            _save(caller, customer, writes)
            raise Busy("More belongs to them than goes at once. Send the same request again to go on.")
    return writes


def _meanwhile(_: Row | None) -> Exception:
    return ChangedMeanwhile("What is theirs changed meanwhile; send the same request again.")


def _promised(caller: Caller, customer: Row, room: int) -> list[Write]:
    """The writes by which the prices of their own go with the customer."""

    return [Write(each, _meanwhile) for each in own_price.leaving(caller, customer["id"], room)]


def _rewritten(caller: Caller, row: Row, body: Json) -> tuple[Row, list[Write]]:
    """The row with that body, and the writes that make it so: its own, and those of identifiers gained and lost."""
    after = {**row, **rows.touched(caller), "version": row["version"] + 1, "body": body}
    held, claims = _held(row), _claimed(after)
    after["identifiers"] = sorted(claims) or None
    writes = [Write(rows.put(settings.customer_table, after, seen=row["version"]), _moved_on(KINDS[row["type"]].words))]
    writes += [_release(row, each) for each in sorted(held - claims)]
    return after, writes + [_claim(caller, after, each) for each in sorted(claims - held)]


def _moved_on(words: str) -> Callable[[Row | None], Exception]:
    def refused(now: Row | None) -> Exception:
        if now is None:
            return NotFound(words)
        return ChangedMeanwhile(
            "This changed since you read it; read it again and repeat your change.", currentVersion=str(now["version"])
        )

    return refused


def _held(row: Row) -> frozenset[str]:
    """The identifiers that are the row's until a write says otherwise, whatever has ended meanwhile."""
    return frozenset(row.get("identifiers") or ())


def _claimed(row: Row) -> frozenset[str]:
    return identifier.of(row["type"], row["body"], row["market"], clock.now())


def _claim(caller: Caller, row: Row, identifier_: str) -> Write:
    """The write that gives an identifier to a resource, where no other has it."""

    def refused(held: Row | None) -> Exception:
        whose = {"customer": held["customer"]} if held and caller.staff else {}
        word = identifier.word(identifier_)
        return RuleBroken(f"This {word} belongs to another customer already.", code="identifierTaken", **whose)

    customer = row["id"] if row["type"] == CUSTOMER.name else row["customer"]
    holder = f"{row['type']}#{row['id']}"
    put = rows.put(
        settings.customer_table, rows.new(caller, "identifier", identifier_, {}, customer=customer, holder=holder)
    )
    put["Put"]["ConditionExpression"] += " OR holder = :holder"
    put["Put"]["ExpressionAttributeValues"] = {":holder": {"S": holder}}
    return Write(put, refused)


def _release(row: Row, identifier_: str) -> Write:
    """The write that gives an identifier up; one that is gone or another's already stays as it is."""
    gone: dict[str, Any] = {
        "TableName": settings.customer_table,
        "Key": rows.key(row["brand"], "identifier", identifier_),
        "ConditionExpression": f"{rows.ABSENT} OR holder = :holder",
        "ExpressionAttributeValues": {":holder": {"S": f"{row['type']}#{row['id']}"}},
    }
    return Write({"Delete": gone}, _moved_on("identifier"))
