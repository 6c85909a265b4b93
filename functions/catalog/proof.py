"""What a price answer said, signed: whoever holds the token can show what they saw, and nobody can make one up. Pure.

The hub keeps nothing of a token: it need not be looked up, and does not expire, because it says what was seen, not what
holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from functions.catalog import seal, trace
from functions.catalog.totals import Part, by_part
from functions.shared.errors import Malformed
from functions.shared.resource import Json

FORM = b"omnihub price 1 "
REFUSED = "This price proof is none that the hub gave; read the price again, and send the one that comes with it."


class Statement(NamedTuple):
    """Of what a price was told, from which version of the catalog and where, and what it came to by part.

    `as_of` says when, where that stays what it is: an order was priced at one moment, a cart is with every reading.
    """

    brand: str
    kind: str  # shoppingCart, cartItem, productOrder, …
    id: str
    version: str
    channel: str
    as_of: str | None
    total: Mapping[Part, Decimal]

    def is_of(self, brand: str, kind: str, id_: str) -> bool:
        """Whether it is about that."""
        return (self.brand, self.kind, self.id) == (brand, kind, id_)


def sign(statement: Statement, key: bytes) -> str:
    """The token of a statement; the same statement always has the same."""
    body = {
        "brand": statement.brand,
        "kind": statement.kind,
        "id": statement.id,
        "catalogVersion": statement.version,
        "channel": statement.channel,
        **({"asOf": statement.as_of} if statement.as_of else {}),
        "total": [[*part, _written(amount)] for part, amount in sorted(statement.total.items())],
    }
    return seal.sealed(FORM, body, key)


def read(token: str, key: bytes) -> Statement:
    """What a token states; raises Malformed where the hub has not signed it so."""
    body = seal.opened(FORM, token, key)
    if body is None:
        raise Malformed(REFUSED, code="badPriceProof")
    return Statement(
        brand=body["brand"],
        kind=body["kind"],
        id=body["id"],
        version=body["catalogVersion"],
        channel=body["channel"],
        as_of=body.get("asOf"),
        total={(kind, period, unit): Decimal(amount) for kind, period, unit, amount in body["total"]},
    )


def read_of(token: str, key: bytes, *of: str) -> Statement:
    """What a token states of that (brand, kind, id); raises Malformed where it is forged, or about something else."""
    statement = read(token, key)
    if not statement.is_of(*of):
        raise Malformed(
            "This price proof is of something else; send the one of what you order.", code="otherPriceProof"
        )
    return statement


@dataclass(frozen=True)
class Signer:
    """Proves the prices that are told from one version of the catalog, in one channel, as of one moment."""

    brand: str
    version: str
    channel: str
    as_of: str | None
    key: bytes = field(repr=False)

    def line(self, kind: str, id_: str, quantity: int, unit: list[Json], total: list[Json]) -> Json:
        """The proof of what so many units come to, as an attribute; none where they cost nothing."""
        return self._proved(kind, id_, total, trace.of_line(quantity, unit, total))

    def whole(self, kind: str, id_: str, lines: list[Json], named: str, total: list[Json]) -> Json:
        """The same of what lines come to, each of which tells its total under that name."""
        return self._proved(kind, id_, total, trace.of_lines(lines, named))

    def token(self, kind: str, id_: str, total: Mapping[Part, Decimal]) -> str:
        """The statement that something comes to that."""
        return sign(Statement(self.brand, kind, id_, self.version, self.channel, self.as_of, total), self.key)

    def _proved(self, kind: str, id_: str, total: list[Json], steps: list[Json]) -> Json:
        if not total:
            return {}
        when = {"asOf": self.as_of} if self.as_of else {}
        said = {"catalogVersion": self.version, "channel": self.channel, **when, "trace": steps}
        return {"priceProof": {**said, "token": self.token(kind, id_, by_part(total))}}


def _written(amount: Decimal) -> str:
    """An amount the one way it can be written: 20.00 and 2E+1 are 20."""
    return f"{amount.normalize():f}"
