"""Where customers, parties and accounts are found, and what the other nouns may know of them."""

from collections.abc import Iterable, Mapping

from functions.customer import account, identifier
from functions.customer import customer as customers
from functions.customer.customer import BuyerFacts as BuyerFacts
from functions.customer.customer import Reach as Reach
from functions.customer.kinds import ACCOUNT, CUSTOMER, KINDS, PARTIES, Kind
from functions.shared import aws, clock, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.resource import Json
from functions.shared.rows import Operation, Row
from functions.shared.settings import settings

PRIVATE = "private"
LONGEST = 400  # characters of an id, more than any has; a key has at most 2 KB


def load(caller: Caller, kind: Kind, id_: str, right: str = "read") -> Row:
    """The row of a resource; raises NotFound where there is none or it is not the caller's."""
    row = held(caller, kind.name, id_)
    if row is None or not caller.opens(f"{kind.right}.{right}", row):
        raise NotFound(kind.words)
    return row


def held(caller: Caller, kind: str, id_: str) -> Row | None:
    """The row of that kind and id in the caller's brand, whoever's it is."""
    return rows.load(settings.customer_table, caller.brand, kind, id_) if 0 < len(id_) <= LONGEST else None


def party(caller: Caller, id_: str, referred: str | None) -> Row | None:
    """The individual or organization of that id, in one call; None where it is kept elsewhere."""
    kinds = [kind for kind in PARTIES if referred in (KINDS[kind].definition, None)]
    if not kinds:
        return None
    table = settings.customer_table
    gets = [{"Get": {"TableName": table, "Key": rows.key(caller.brand, kind, id_)}} for kind in kinds]
    found = aws.dynamodb().transact_get_items(TransactItems=gets)["Responses"]  # type: ignore[arg-type]
    return next((rows.unpacked(each["Item"]) for each in found if each.get("Item")), None)


def find(caller: Caller, kind: Kind, filters: Mapping[str, str]) -> list[Row] | None:
    """What those filters name: a customer's own, or by identifier for whoever may find; None where they name none.

    At most three calls: the identifier, its customer, and what belongs to that. An identifier finds what was
    verified; for an operator, who answers to nobody at a counter, what nobody holds may still be written somewhere.
    """
    asked = identifier.asked(kind.name, filters, caller.market)
    named = filters.get("customer.id", filters.get("relatedParty.id"))
    operation = f"{kind.right}.list"
    if caller.may(operation) == "any":
        if not filters:
            return None
        customer = _holder(caller, asked[0]) if named is None else named
    elif ids := caller.granted_ids(operation, kind.name):
        return rows.load_many(settings.customer_table, caller.brand, kind.name, ids)
    else:
        customer = caller.whose(operation, named)
    of = held(caller, CUSTOMER.name, customer) if customer else None
    if of is None:
        return None if caller.role == "operator" else []
    if kind is ACCOUNT:
        return [row for row in _accounts(caller, of) if set(asked) <= _claims(row)]
    return _belonging(caller, kind, of) if set(asked) <= _claims(of) else []


def _holder(caller: Caller, identifier_: str) -> str | None:
    row = held(caller, "identifier", identifier_)
    return row["customer"] if row else None


def _claims(row: Row) -> frozenset[str]:
    return identifier.of(row["type"], row["body"], row["market"], clock.now())


def _accounts(caller: Caller, customer: Row) -> list[Row]:
    ids = account.ours(customer["body"])
    return rows.load_many(settings.customer_table, caller.brand, ACCOUNT.name, ids)


def _belonging(caller: Caller, kind: Kind, customer: Row) -> list[Row]:
    """The customer, or the party behind it where it is of the kind asked for."""
    if kind is CUSTOMER:
        return [customer]
    if customer.get("party") != kind.name:
        return []
    found = held(caller, kind.name, customer["body"]["engagedParty"]["id"])
    return [found] if found else []


def reach(caller: Caller, customer: str) -> Reach | None:
    """How to reach that customer; None where there is no such customer."""
    row = held(caller, CUSTOMER.name, customer)
    return customers.reach(row["body"], row["market"], clock.now()) if row else None


def buyer_facts(caller: Caller, customer: str) -> BuyerFacts | None:
    """What that customer's record adds to an order, in one read; None where there is no such customer."""
    row = held(caller, CUSTOMER.name, customer)
    if row is None:
        return None
    now = clock.now()
    return BuyerFacts(
        customers.billing_account(row["body"]),
        tuple(customers.places(row["body"], now)),
        tuple(account.ours(row["body"])),
        customers.known(row, now),
    )


def accounts(caller: Caller, customer: str | None, ids: Iterable[str | None]) -> dict[str | None, Json]:
    """The customer's billing accounts of these ids, in at most two calls; None asks for the usual one."""
    asked = set(ids)
    if customer is None or not asked:
        return {}
    usual = (
        customers.billing_account(row["body"])
        if None in asked and (row := held(caller, CUSTOMER.name, customer))
        else None
    )
    wanted = {id_: id_ or usual for id_ in asked}
    there = sorted({id_ for id_ in wanted.values() if id_ and len(id_) <= LONGEST})
    found = rows.load_many(settings.customer_table, caller.brand, ACCOUNT.name, there[: rows.MOST])
    theirs = {row["id"]: {"id": row["id"], **row["body"]} for row in found if row.get("customer") == customer}
    return {asked_: theirs[id_] for asked_, id_ in wanted.items() if id_ in theirs}


def address(caller: Caller, customer: str, medium_id: str) -> Json | None:
    """The contact medium of that id, in force or not: it never changes. None where the caller may not see it."""
    if not _may_see(caller, customer):
        return None
    row = held(caller, CUSTOMER.name, customer)
    media = row["body"].get("contactMedium", []) if row else []
    return next((medium for medium in media if medium["id"] == medium_id), None)


def _may_see(caller: Caller, customer: str | None) -> bool:
    """Whether what was written belongs to nobody yet, or to a customer of whom the caller may read all else."""
    if customer is None or caller.staff:
        return True
    return caller.role == "customer" and caller.opens("customer.read", {"type": PRIVATE, "customer": customer})


def keep_written(
    caller: Caller, kind: str, parts: Mapping[str, Json | None], customer: str | None
) -> tuple[str | None, list[Operation]]:
    """The id and the write of a row that holds what a person wrote on the parts of a cart or order; none for nothing.

    It goes into the transaction of what it was written on, which keeps the id alone. A guest's has no customer.
    """
    content = {part: written for part, written in parts.items() if written}
    if not content:
        return None, []
    id_ = clock.new_id()
    owned, now = rows.owned_by(caller.brand, PRIVATE, customer), clock.text(clock.now())
    row = rows.new(caller, PRIVATE, id_, {"kind": kind, "content": content}, **owned, created=now)
    return id_, [rows.put(settings.customer_table, row)]


def written(caller: Caller, ids: Iterable[str | None]) -> dict[str, Json]:
    """What was kept under these ids: id -> part -> what was written, as far as the caller may see it."""
    wanted = sorted({id_ for id_ in ids if id_})
    parts = (wanted[start : start + rows.MOST] for start in range(0, len(wanted), rows.MOST))
    found = [row for part in parts for row in rows.load_many(settings.customer_table, caller.brand, PRIVATE, part)]
    return {row["id"]: row["body"]["content"] for row in found if _may_see(caller, row.get("customer"))}
