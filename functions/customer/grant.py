"""Grants given, changed and taken back: a household's or company's administrator, the user of one product, a payer.

One row per holder and thing. What is taken back stays as a row that opens nothing, so that a grant given again goes on
with its versions, and what was is known for as long as events are.
"""

from collections.abc import Mapping

from functions.shared import audit, clock, grants, keys, rows, tmf
from functions.shared.access import GRANTED, Caller, Thing
from functions.shared.errors import ChangedMeanwhile, Forbidden, Malformed, NotFound, RuleBroken
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource, ref
from functions.shared.rows import Index, Operation, Row
from functions.shared.settings import settings

LISTED = Resource(grants.KIND, "grant", customer=("customer.id",))
PARTS = ("product", "billingAccount")  # of a customer
WORK = ("partner", "outlet")  # whose people these are: their tokens say it
SELLER = "seller"
FIXED = ("party", "customer", *PARTS, *WORK)


def give(caller: Caller, sent: Json, asked: Key | None) -> tuple[Row, bool]:
    """Puts a new grant, over one that was taken back; with a key that made one before, that one (and True) instead."""
    table = settings.customer_table
    return keys.once(table, caller, asked, lambda: _given_now(caller, sent, asked), lambda id_: load(caller, id_))


def _given_now(caller: Caller, sent: Json, asked: Key | None) -> Row:
    row = _new(caller, sent)
    before = rows.load(settings.customer_table, caller.brand, grants.KIND, row["id"])
    if before and not before.get("revoked"):
        raise RuleBroken("They have a grant of this already; change that one.", code="exists", grant=row["id"])
    seen = before["version"] if before else None
    row["version"] = (seen or 0) + 1
    put = rows.put(settings.customer_table, row, seen=seen)
    try:
        keys.save(settings.customer_table, caller, asked, row["id"], put)
    except rows.Refused:
        raise ChangedMeanwhile("Somebody gave this grant at the same moment; look at it again.") from None
    return row


def _new(caller: Caller, sent: Json) -> Row:
    holder, thing, customer = (sent.get("party") or {}).get("id"), *_given(caller, sent)
    if not holder:
        raise Malformed("Say to whom: party.id is the subject of their token.", code="partyMissing")
    body = {"party": {"id": holder}, "role": sent.get("role"), "validFor": sent.get("validFor")}
    body |= {name: _ref(name, sent[name]["id"]) for name in (*PARTS, *WORK) if name in sent}
    if customer:
        body["customer"] = _ref("customer", customer)
    _must_be_a_role(caller, thing, body)
    return rows.new(
        caller,
        grants.KIND,
        grants.id_of(caller.brand, holder, thing),
        {name: value for name, value in body.items() if value is not None},
        **rows.owned_by(caller.brand, grants.KIND, customer),
        **grants.of_holder(caller.brand, holder).entry,
        holder=holder,
        thing=thing.kind,
        thing_id=thing.id,
    )


def _given(caller: Caller, sent: Json) -> tuple[Thing, str | None]:
    """What a grant names, and of which customer; whether a part is theirs is decided wherever it is used."""
    work, parts = [name for name in WORK if name in sent], [name for name in PARTS if name in sent]
    if len(work) + len(parts) > 1 or (work and "customer" in sent):
        raise Malformed("A grant is for one customer, product, account, partner or outlet.", code="badGrant")
    for name in work:
        return Thing(name, sent[name]["id"]), None
    customer = caller.acts_for("grant.create", (sent.get("customer") or {}).get("id"))
    if customer is None:
        raise Malformed("Say whose it is: customer.id.", code="customerMissing")
    return next((Thing(name, sent[name]["id"]) for name in parts), Thing("customer", customer)), customer


def _ref(name: str, id_: str) -> Json:
    return ref(id_, tmf.href(name, id_), tmf.type_of(name)) if name in tmf.API else {"id": id_}


def _must_be_a_role(caller: Caller, thing: Thing, body: Json) -> None:
    """Raises where that role goes with no such thing, or the caller may not give it."""
    if thing.kind in WORK:
        caller.may("grant.staff")
    roles = (SELLER,) if thing.kind in WORK else [r for r in GRANTED if r != "owner" or thing.kind == "customer"]
    if body.get("role") not in roles:
        raise Malformed(f"The role of such a grant is {' or '.join(roles)}.", code="badGrant")
    if body["role"] == "owner" and not caller.staff:
        raise Forbidden("Only staff makes somebody an owner; make them an administrator.", code="staffOnly")


def load(caller: Caller, id_: str, right: str = "read") -> Row:
    """The row of a grant; raises NotFound where there is none, or it is neither the caller's to see nor to change."""
    row = rows.load(settings.customer_table, caller.brand, grants.KIND, id_)
    if row is None or row.get("revoked"):
        raise NotFound("grant")
    if not caller.opens(f"grant.{right}", row) and not (right == "read" and row["holder"] == caller.subject):
        raise NotFound("grant")
    return row


def change(caller: Caller, row: Row, patch: Json) -> Row:
    """Gives it another role or time; to whom and for what it is stays."""
    if fixed := [name for name in FIXED if name in patch]:
        raise Malformed(f"{fixed[0]} cannot be changed; give another grant.")
    body = {name: value for name, value in tmf.merge_patch(row["body"], patch).items() if value is not None}
    _must_be_a_role(caller, Thing(row["thing"], row["thing_id"]), body)
    after, write = _over(caller, {**row, "body": body})
    rows.save_over(LISTED.words, write)
    return after


def take_back(caller: Caller, row: Row) -> None:
    """Ends it at once: it opens nothing any more and is in no list."""
    if row["thing"] in WORK:
        caller.may("grant.staff")
    rows.save_over(LISTED.words, taken_back(caller, row))


def taken_back(caller: Caller, row: Row) -> Operation:
    """The write that ends it."""
    bare = {name: value for name, value in row.items() if not name.endswith("_key")}
    return _over(caller, {**bare, "revoked": True, "ttl": int((clock.now() + audit.KEPT).timestamp())})[1]


def _over(caller: Caller, after: Row) -> tuple[Row, Operation]:
    seen = after["version"]
    after = {**after, **rows.touched(caller), "version": seen + 1}
    return after, rows.put(settings.customer_table, after, seen=seen)


def index(caller: Caller, party: str | None) -> Index | None:
    """Where the grants to one party are listed, for themselves and for staff; None: by customer."""
    own = party is None and caller.customer_id is None and not caller.staff
    if party == caller.subject or own:
        return grants.of_holder(caller.brand, caller.subject)
    return grants.of_holder(caller.brand, party) if party and caller.staff else None


def render(row: Mapping[str, Json]) -> Json:
    """The grant as the API shows it."""
    return tmf.resource(grants.KIND, str(row["id"]), row["body"])
