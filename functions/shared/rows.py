"""How a noun is remembered: one row, its version, who touched it, and the conditions on every write.

A row is `pk`, `sk`, `version` (the gap-free sequence of the resource's events), `at`, `by`, `channel`,
`correlation_id`, `schema`, `brand`, `market`, `type`, and `body`: the resource under its TM Forum names.
The row is the event: nobody publishes beside a write.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from functions.shared import aws, clock
from functions.shared.errors import Busy, ChangedMeanwhile

if TYPE_CHECKING:
    from functions.shared.access import Caller

Row = dict[str, Any]
T = TypeVar("T")
Operation = dict[str, Any]  # one entry of TransactItems

SCHEMA = 1  # raised when a row changes its shape; the code of both numbers runs side by side
BY_CUSTOMER = "by_customer"  # customer_key and created, keys only
NEWEST = 100  # rows of a customer that a list looks at
TRIES = 3
PATIENCE = 12  # times that a change which conflicts with nothing of its caller's is made anew
CONTENDED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
LONGEST = 256  # characters of an id; a key of DynamoDB may have 1,024 bytes
ABSENT = "attribute_not_exists(pk)"


class Refused(Exception):
    """A condition did not hold; `row` is what stands there (None: nothing), `index` which write of several."""

    def __init__(self, index: int, row: Row | None) -> None:
        super().__init__(f"condition {index} did not hold")
        self.index, self.row = index, row


def packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as DynamoDB takes it; absent values (None) are left out."""
    return {name: _write(value) for name, value in row.items() if value is not None}


def _write(value: Any) -> dict[str, Any]:
    # Ours, as is _read: boto3's own pair takes longer over a row than DynamoDB's client over the whole call.
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": {name: _write(each) for name, each in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [_write(each) for each in value]}
    if value is None:
        return {"NULL": True}
    raise TypeError(f"{type(value).__name__} is never stored; money is a Decimal")


def unpacked(item: Mapping[str, Any]) -> Row:
    """A DynamoDB item as plain values; whole numbers are ints, all others Decimals."""
    # Most values are texts: they are taken here, without a call for each.
    return {name: value["S"] if "S" in value else _read(value) for name, value in item.items()}


def _read(value: Mapping[str, Any]) -> Any:
    if "M" in value:
        return unpacked(value["M"])
    if "N" in value:
        number = value["N"]
        return int(number) if number.lstrip("-").isdigit() else Decimal(number)
    if "L" in value:
        return [_read(each) for each in value["L"]]
    ((kind, held),) = value.items()
    return None if kind == "NULL" else held


def pk(brand: str, kind: str, id_: str) -> str:
    """The partition of one resource: the brand first, always."""
    return f"{brand}#{kind}#{id_}"


def key(brand: str, kind: str, id_: str) -> dict[str, Any]:
    """The whole key of a resource that has a partition to itself."""
    return {"pk": {"S": pk(brand, kind, id_)}, "sk": {"S": kind}}


def touched(caller: Caller) -> Row:
    """Who writes, where and why: on every row."""
    return {
        "at": clock.text(clock.now()),
        "by": caller.subject,
        "role": caller.role,
        "channel": caller.channel,
        "correlation_id": caller.correlation_id,
    }


def new(caller: Caller, kind: str, id_: str, body: Mapping[str, Any], **attributes: Any) -> Row:
    """The first version of a row; `attributes` are its index keys and what the hub alone reads."""
    return {
        "pk": pk(caller.brand, kind, id_),
        "sk": kind,
        "type": kind,
        "id": id_,
        "version": 1,
        "brand": caller.brand,
        "market": caller.market,
        "schema": SCHEMA,
        **touched(caller),
        **attributes,
        "body": body,
    }


def load(table: str, brand: str, kind: str, id_: str) -> Row | None:
    """One row, as it stands now (a consistent read); none for an id that cannot be one of ours."""
    if not 0 < len(id_) <= LONGEST:
        return None
    found = aws.dynamodb().get_item(TableName=table, Key=key(brand, kind, id_), ConsistentRead=True).get("Item")
    return unpacked(found) if found else None


def load_many(table: str, brand: str, kind: str, ids: Sequence[str], *, consistent: bool = True) -> list[Row]:
    """At most 100 rows in the order of `ids`; what is missing is left out."""
    if not ids:
        return []
    keys = [key(brand, kind, id_) for id_ in dict.fromkeys(ids)]
    found: dict[str, Row] = {}
    for attempt in range(TRIES + 1):
        answer = aws.dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": consistent}})
        found |= {row["id"]: row for row in map(unpacked, answer["Responses"].get(table, []))}
        left: Any = answer.get("UnprocessedKeys", {})
        keys = left.get(table, {}).get("Keys", [])
        if not keys:
            break
        _wait(attempt)
    else:
        raise Busy("The hub is busy. Send the same request again shortly.")
    return [found[id_] for id_ in ids if id_ in found]


def of_customer(table: str, brand: str, kind: str, customer: str) -> list[Row]:
    """A customer's newest rows of a kind, at most NEWEST, newest first: ids from the index, rows from the table."""
    # The index lags by a moment anyhow: reading the rows consistently would double the price for nothing.
    return load_many(table, brand, kind, ids_of_customer(table, brand, kind, customer, most=NEWEST), consistent=False)


def ids_of_customer(table: str, brand: str, kind: str, customer: str, *, most: int) -> list[str]:
    """The ids of a customer's newest rows of a kind, newest first; the index follows the table by a moment."""
    if not 0 < len(customer) <= LONGEST:
        return []
    found = aws.dynamodb().query(
        TableName=table,
        IndexName=BY_CUSTOMER,
        KeyConditionExpression="customer_key = :customer",
        ExpressionAttributeValues={":customer": {"S": _customer_key(brand, kind, customer)}},
        ScanIndexForward=False,
        Limit=most,
    )
    return [unpacked(item)["pk"].rpartition("#")[2] for item in found["Items"]]


def owned_by(brand: str, kind: str, customer: str | None) -> Row:
    """The attributes by which a row is found with its customer; none while it is nobody's."""
    return {"customer": customer, "customer_key": _customer_key(brand, kind, customer)} if customer else {}


def _customer_key(brand: str, kind: str, customer: str) -> str:
    return f"{pk(brand, 'customer', customer)}#{kind}"


def put(table: str, row: Row, *, seen: int | None = None) -> Operation:
    """Writes a row whole: absent before (`seen` None), or at exactly the version `seen`."""
    write: Operation = {"TableName": table, "Item": packed(row), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if seen is None:
        return {"Put": {**write, "ConditionExpression": ABSENT}}
    condition = {"ConditionExpression": "version = :seen", "ExpressionAttributeValues": {":seen": {"N": str(seen)}}}
    return {"Put": {**write, **condition}}


def update(
    table: str,
    where: dict[str, Any],
    sets: Mapping[str, Any],
    *,
    removes: Sequence[str] = (),
    when: str,
    values: Mapping[str, Any] | None = None,
) -> Operation:
    """Changes a row in place where `when` holds; its version goes up by one.

    Paths are written `body.state`; in `when` a name is written `#state` and a value `:state`, given in `values`.
    """
    given = {f":set{i}": value for i, value in enumerate(sets.values())}
    changes = ["version = version + :one", *(f"{_alias(path)} = :set{i}" for i, path in enumerate(sets))]
    expression = "SET " + ", ".join(changes)
    if removes:
        expression += " REMOVE " + ", ".join(map(_alias, removes))
    write: Operation = {
        "TableName": table,
        "Key": where,
        "UpdateExpression": expression,
        "ConditionExpression": when,
        "ExpressionAttributeValues": {name: _write(v) for name, v in {":one": 1, **given, **(values or {})}.items()},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if names := {f"#{word}": word for word in re.findall(r"#(\w+)", f"{expression} {when}")}:
        write["ExpressionAttributeNames"] = names
    return {"Update": write}


def _alias(path: str) -> str:
    return ".".join(f"#{word}" for word in path.split("."))


def save(*operations: Operation) -> Row | None:
    """Writes one row, or several in one transaction: all or nothing; raises Refused where a condition does not hold.

    A single Update answers with the row as it stands afterwards.
    """
    for attempt in range(TRIES):
        try:
            if len(operations) == 1:
                return _write_one(operations[0])
            _transact(operations)
            return None
        except _Contended:
            _wait(attempt)
    raise Busy("Somebody else is writing the same. Send the same request again shortly.")


class _Contended(Exception):
    """Another transaction is at the same rows, or the table is throttled: worth another try at once."""


def _wait(attempt: int) -> None:
    time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311  jitter, no secret


def _write_one(operation: Operation) -> Row | None:
    ((verb, write),) = operation.items()
    try:
        if verb == "Put":
            aws.dynamodb().put_item(**write)
            return None
        if verb == "Delete":
            aws.dynamodb().delete_item(**write)
            return None
        return unpacked(aws.dynamodb().update_item(**write, ReturnValues="ALL_NEW")["Attributes"])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "TransactionConflictException":
            raise _Contended from None
        if code != "ConditionalCheckFailedException":
            raise
        item: Any = error.response.get("Item")
        raise Refused(0, unpacked(item) if item else None) from None


def _transact(operations: Sequence[Operation]) -> None:
    try:
        aws.dynamodb().transact_write_items(TransactItems=operations)  # type: ignore[arg-type]
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        for index, reason in enumerate(reasons):
            if reason.get("Code") == "ConditionalCheckFailed":
                item = reason.get("Item")
                raise Refused(index, unpacked(item) if item else None) from None
        if {reason.get("Code") for reason in reasons} & CONTENDED:
            raise _Contended from None
        raise


def repeated(change: Callable[[], T]) -> T:
    """Makes a change that does not depend on what its caller saw, over whatever version there is by then."""
    for attempt in range(PATIENCE):
        try:
            return change()
        except ChangedMeanwhile:
            _wait(min(attempt, 2))
    return change()


def same_version(row: Row, seen: int | None) -> None:
    """Raises ChangedMeanwhile, with the current version, where the caller saw another one."""
    if seen is not None and row["version"] != seen:
        raise ChangedMeanwhile(
            "This changed since you read it; read it again and repeat your change.", currentVersion=str(row["version"])
        )
