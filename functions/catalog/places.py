"""Sets of places in an order, one bit each: how a list of 100,000 is filtered, counted and paged without reading it.

A set is a whole number whose bit n says that place n is in it, so `&`, `|` and `bit_count` are the set's own. As it is
stored it is compressed: a sparse set takes some bytes for each place, a dense one an eighth of a byte.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable

STEP = 4096  # places that are taken out of a set at once
FEW = (1 << STEP) - 1


def of(places: Iterable[int]) -> int:
    """The set of these places."""
    known = [*places]
    bits = bytearray((max(known, default=-1) >> 3) + 1)
    for place in known:
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def packed(places: int) -> bytes:
    """A set as it is stored."""
    return zlib.compress(places.to_bytes((places.bit_length() + 7) // 8, "little"))


def unpacked(stored: bytes) -> int:
    """A stored set."""
    return int.from_bytes(zlib.decompress(stored), "little")


def all_of(size: int) -> int:
    """The set of every place from 0 until `size`."""
    return (1 << size) - 1


def some(places: int, offset: int, limit: int) -> list[int]:
    """The places of a set from its `offset`th on, at most `limit`, in order."""
    last = places.bit_length()
    at = bisect_left(range(last), offset, key=lambda end: (places & all_of(end)).bit_count())
    rest = places >> at
    found: list[int] = []
    while rest and len(found) < limit:
        few = rest & FEW  # of a number as long as the catalog every step would copy all of it
        while few and len(found) < limit:
            lowest = few & -few
            found.append(at + lowest.bit_length() - 1)
            few ^= lowest
        rest, at = rest >> STEP, at + STEP
    return found
