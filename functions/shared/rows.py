"""How a noun is remembered: one row, its version, who touched it, and the conditions on every write.

A row is `pk`, `sk`, `version` (the gap-free sequence of the resource's events), `at`, `by`, `channel`,
`mark`, `correlation_id`, `schema`, `brand`, `market`, `type`, and `body`: the resource under its TM Forum names.
The row is the event: nobody publishes beside a write.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from functions.shared import aws, clock, tmf
from functions.shared.errors import Busy, ChangedMeanwhile, HubError, Malformed, NotFound

if TYPE_CHECKING:
    from functions.shared.access import Caller

Row = dict[str, Any]
T = TypeVar("T")
Operation = dict[str, Any]  # one entry of TransactItems

SCHEMA = 1  # raised when a row changes its shape; the code of both numbers runs side by side
MOST = 100  # rows that one call reads
TRIES = 3
PATIENCE = 12  # times that a change which conflicts with nothing of its caller's is made anew
CONTENDED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
LONGEST = 256  # characters of an id
LONGEST_KEY = 2048  # bytes of the partition key of a table or an index
ABSENT, PRESENT = "attribute_not_exists(pk)", "attribute_exists(pk)"


class Index(NamedTuple):
    """One partition of an index: keys only, sorted by `created`. What is in none of them has no such attribute."""

    name: str
    attribute: str
    value: str

    @property
    def entry(self) -> Row:
        """The attribute that puts a row there."""
        return {self.attribute: self.value}


class Place(NamedTuple):
    """Where a row stands in an index."""

    created: str
    pk: str

    @property
    def id(self) -> str:
        return self.pk.split("#", 2)[2]


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
    """Who writes, where and why, and a mark by which this write knows itself: on every row."""
    return {
        "mark": clock.new_id()[:8],
        "at": clock.text(clock.now()),
        "by": caller.subject,
        "role": caller.role,
        "channel": caller.channel,
        "correlation_id": caller.correlation_id,
        "reason": caller.reason,
    }


def new(caller: Caller, kind: str, id_: str, body: Mapping[str, Any], **attributes: Any) -> Row:
    """The first version of a row; `attributes` are its index keys and what the hub alone reads.

    A resource of an API is listed with its kind; what is technical is in no list.
    """
    written = touched(caller)
    listed = {"created": written["at"], **of_kind(caller.brand, kind).entry} if kind in tmf.API else {}
    return {
        "pk": pk(caller.brand, kind, id_),
        "sk": kind,
        "type": kind,
        "id": id_,
        "version": 1,
        "brand": caller.brand,
        "market": caller.market,
        "schema": SCHEMA,
        **written,
        **listed,
        **attributes,
        "body": body,
    }


def is_id(id_: str) -> bool:
    """Whether that can be an id of ours."""
    return 0 < len(id_) <= LONGEST


def load(table: str, brand: str, kind: str, id_: str) -> Row | None:
    """One row, as it stands now (a consistent read); none for an id that cannot be one of ours."""
    if not is_id(id_):
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


def listed(index: str, value: str) -> Index:
    """Where an index lists the rows of that value, by when they were created."""
    return Index(index, f"{index.removeprefix('by_')}_key", value)


def of_kind(brand: str, kind: str) -> Index:
    """Every row of a kind in a brand."""
    return listed("by_kind", f"{brand}#{kind}")


def of_customer(brand: str, kind: str, customer: str) -> Index:
    """A customer's rows of a kind."""
    return listed("by_customer", f"{pk(brand, 'customer', customer)}#{kind}")


def of_state(brand: str, kind: str, state: str) -> Index:
    """The rows of a kind in one of its open states."""
    return listed("by_state", f"{brand}#{kind}#{state}")


def of_seller(brand: str, kind: str, partner: str) -> Index:
    """The rows of a kind that a partner sold."""
    return listed("by_seller", f"{pk(brand, 'partner', partner)}#{kind}")


def keys_in(
    table: str,
    index: Index,
    *,
    most: int,
    newest_first: bool = True,
    after: Place | None = None,
    since: str | None = None,
    until: str | None = None,
) -> tuple[list[Place], bool]:
    """The places of at most so many rows in an index, and whether there are more; it follows the table by a moment.

    `since` and `until` (both included) bound when they were created; `after` goes on behind a place.
    """
    if len(index.value.encode()) > LONGEST_KEY:
        return [], False
    condition, values = f"{index.attribute} = :value", {":value": index.value}
    if since or until:
        condition += " AND created BETWEEN :since AND :until"
        values |= {":since": since or "0", ":until": until or "9"}
    asked: Any = {
        "TableName": table,
        "IndexName": index.name,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        "ScanIndexForward": not newest_first,
        "Limit": most,
    }
    if after:
        kind = after.pk.split("#")[1] if after.pk.count("#") > 1 else ""
        place = {"pk": after.pk, "sk": kind, index.attribute: index.value, "created": after.created}
        asked["ExclusiveStartKey"] = {name: {"S": value} for name, value in place.items()}
    found = aws.dynamodb().query(**asked)
    places = [Place(item["created"]["S"], item["pk"]["S"]) for item in found["Items"]]
    return places, "LastEvaluatedKey" in found


def newest_of_customer(table: str, brand: str, kind: str, customer: str, *, most: int) -> list[str]:
    """The ids of a customer's newest rows of a kind, newest first."""
    return [place.id for place in keys_in(table, of_customer(brand, kind, customer), most=most)[0]]


def owned_by(brand: str, kind: str, customer: str | None, sellers: tuple[str, ...] = ()) -> Row:
    """The attributes by which a row is found with its customer, and with the partner who sold it, if any.

    `sellers` are that partner and all above it: whose branch a sale is of is kept as it was when it was made.
    """
    owned = {"customer": customer, **of_customer(brand, kind, customer).entry} if customer else {}
    if not sellers:
        return owned
    partner, *above = sellers
    branch = {"above": above} if above else {}
    return {**owned, "partner": partner, **branch, **of_seller(brand, kind, partner).entry}


def sellers(row: Row) -> tuple[str, ...]:
    """The partner who sold what a row holds, and those above it; nobody where the telco itself did."""
    return (row["partner"], *row.get("above", ())) if row.get("partner") else ()


def put(table: str, row: Row, *, seen: int | None = None) -> Operation:
    """Writes a row whole: absent before (`seen` None), or at exactly the version `seen`."""
    write: Operation = {"TableName": table, "Item": packed(row), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if seen is None:
        return {"Put": {**write, "ConditionExpression": ABSENT}}
    condition = {"ConditionExpression": "version = :seen", "ExpressionAttributeValues": {":seen": {"N": str(seen)}}}
    return {"Put": {**write, **condition}}


def delete(table: str, row: Row) -> Operation:
    """Takes a row away at exactly the version that was seen."""
    return {
        "Delete": {
            "TableName": table,
            "Key": key(row["brand"], row["type"], row["id"]),
            "ConditionExpression": "version = :seen",
            "ExpressionAttributeValues": {":seen": {"N": str(row["version"])}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def there(table: str, brand: str, kind: str, id_: str) -> Operation:
    """Writes nothing, and holds a transaction to it that this row is there."""
    return {"ConditionCheck": {"TableName": table, "Key": key(brand, kind, id_), "ConditionExpression": PRESENT}}


def unmoved(table: str, row: Row) -> Operation:
    """Writes nothing, and holds a transaction to it that this row is at the version that was seen."""
    seen = {
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":seen": {"N": str(row["version"])}},
    }
    return {"ConditionCheck": {"TableName": table, "Key": key(row["brand"], row["type"], row["id"]), **seen}}


def update(
    table: str,
    where: dict[str, Any],
    sets: Mapping[str, Any],
    *,
    removes: Sequence[str] = (),
    when: str,
    values: Mapping[str, Any] | None = None,
) -> Operation:
    """Changes a row in place where `when` holds; its version goes up by one. What is set to None is removed.

    Paths are written `body.state`; in `when` a name is written `#state` and a value `:state`, given in `values`.
    """
    removes = [*removes, *(path for path, value in sets.items() if value is None)]
    sets = {path: value for path, value in sets.items() if value is not None}
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


def save_over(words: str, first: Operation, *beside: Operation) -> None:
    """Writes over exactly the version that was seen, and what belongs to it, or nothing of it.

    Raises NotFound where nothing stands there any more, ChangedMeanwhile with the current version where it moved on.
    """
    try:
        save(first, *beside)
    except Refused as refused:
        raise overtaken(words, refused) from None


def overtaken(words: str, refused: Refused) -> HubError:
    """The fact that stood in the way of a write over the version that was seen."""
    gone = refused.index == 0 and refused.row is None
    return NotFound(words) if gone else moved_on(refused.row)


def moved_on(row: Row | None) -> ChangedMeanwhile:
    """The fact that a row is not at the version that was seen."""
    current = {"currentVersion": str(row["version"])} if row else {}
    return ChangedMeanwhile("This changed since you read it; read it again and repeat your change.", **current)


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
        _must_fit(code, str(error))
        if code != "ConditionalCheckFailedException":
            raise
        item: Any = error.response.get("Item")
        if item and _is_ours(write, item):
            return unpacked(item)
        raise Refused(0, unpacked(item) if item else None) from None


def _is_ours(write: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Whether what stands there is this very write: the answer to it was lost, and the SDK asked once more."""
    set_to = re.search(r"#mark = (:set\d+)", write.get("UpdateExpression", ""))
    mark = write["ExpressionAttributeValues"][set_to[1]] if set_to else write.get("Item", {}).get("mark")
    return mark is not None and item.get("mark") == mark


def _transact(operations: Sequence[Operation]) -> None:
    try:
        aws.dynamodb().transact_write_items(TransactItems=operations)  # type: ignore[arg-type]
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        for index, reason in enumerate(reasons):
            _must_fit(reason.get("Code", ""), reason.get("Message") or "")
            if reason.get("Code") == "ConditionalCheckFailed":
                item = reason.get("Item")
                raise Refused(index, unpacked(item) if item else None) from None
        if {reason.get("Code") for reason in reasons} & CONTENDED:
            raise _Contended from None
        raise


def _must_fit(code: str, message: str) -> None:
    if code.startswith("Validation") and "size" in message:  # DynamoDB's only word for it is in its sentence
        raise Malformed("This would be larger than what can be kept (400 KB).", code="tooLarge") from None


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
        raise moved_on(row)
