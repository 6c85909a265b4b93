"""Where qualifications are kept: beside the carts on the way to which they are asked, for as long as they may help."""

from datetime import timedelta

from functions.customer import private
from functions.customer import store as customers
from functions.shared import clock, keys, rows
from functions.shared.access import Caller
from functions.shared.errors import NotFound
from functions.shared.keys import Key
from functions.shared.resource import Json, Resource
from functions.shared.rows import Row
from functions.shared.settings import settings

KIND = "productOfferingQualification"
DATE = "productOfferingQualificationDate"
LISTED = Resource(KIND, "qualification", dated=DATE)
KEPT = timedelta(days=7)


def load(caller: Caller, id_: str) -> Row:
    """The row of a qualification; raises NotFound where there is none or it is not the caller's."""
    row = rows.load(settings.cart_table, caller.brand, KIND, id_)
    if row is None or not caller.opens("qualification.read", row):
        raise NotFound("qualification")
    return row


def keep(caller: Caller, body: Json, owned: Row, asked: Key | None) -> tuple[Row, bool]:
    """Puts an answered question; with a key that asked one before, that one (and True) instead.

    `owned` says whose it is, as `rows.owned_by` does.
    """
    bare, told = private.parted(body)
    written, beside = customers.keep_written(caller, KIND, {"": told}, owned.get("customer"))
    row = rows.new(
        caller,
        KIND,
        clock.new_id(),
        bare,
        **owned,
        created=body[DATE],  # by which it is found: a later moment would be another
        ttl=int((clock.now() + KEPT).timestamp()),
        written=written,
    )
    before = keys.put_new(settings.cart_table, caller, asked, row, *beside)
    return (load(caller, before), True) if before else (row, False)
