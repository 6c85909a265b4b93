"""A whole version of a catalog as JSON: how one is exported, and how one is sent to be checked or published.

It is sent gzipped, in base64: JSON of a catalog has one tenth of its size then, and API Gateway counts.
"""

import gzip
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from functions.catalog.book import written
from functions.catalog.catalog import HELD, Catalog
from functions.catalog.facts import MAY_SAY
from functions.shared import shape
from functions.shared.errors import Malformed
from functions.shared.resource import Json

LARGEST = 20_000_000  # bytes of JSON that a function reads at once; whoever has more publishes past the API
LARGEST_BODY = 5_000_000  # bytes of a request that carries them; Lambda takes 6 MB of one with its headers
FACTS = ("brand", "currency", "currencies", "timeZone", "languages", *MAY_SAY)
MOST, MOST_PLAIN = 30_000, 5_000  # resources in one answer of 6 MB: half a KB each, gzipped a tenth of it
GZIP = 31  # what zlib calls it


def told(catalog: Catalog, kinds: Iterable[str] = HELD) -> Json:
    """What a version says: the facts, and of each kind that there is its resources in the order of their ids."""
    return {**catalog.book.facts, **{kind: list(held.values()) for kind in kinds if (held := catalog.held[kind])}}


def must_be_sendable(catalog: Catalog, kinds: Iterable[str], *, packed: bool) -> None:
    """Raises Malformed where a version is more than one answer of the API can hold."""
    count, most = sum(catalog.book.count(kind) for kind in kinds), MOST if packed else MOST_PLAIN
    if count > most:
        also = "" if packed else "ask for it with Accept-Encoding: gzip, or "
        raise Malformed(
            f"This version holds {count} resources, and an answer at most {most}; {also}export it past the API: "
            "omnihub catalog export --direct.",
            code="tooLarge",
        )


def packed(content: Mapping[str, Any]) -> str:
    """Content as it is sent."""
    return b64encode(gzip.compress(written(content), mtime=0)).decode()


def read(brand: str, sent: str) -> Json:
    """The content that somebody sends, of a catalog of that brand; nothing else is known of it. Raises Malformed."""
    try:
        content = shape.parse_json(_unpacked(sent), LARGEST, of="content")
    except ValueError as wrong:
        raise Malformed(str(wrong)) from None
    if not isinstance(content, dict):
        raise Malformed("content must be a JSON object: the facts of a brand, and its resources by kind.")
    if unknown := sorted(content.keys() - {*FACTS, *HELD}):
        raise Malformed(f"content.{unknown[0][:40]} is nothing that a catalog has.")
    if odd := next((kind for kind in HELD if not isinstance(content.get(kind, []), list)), None):
        raise Malformed(f"content.{odd} must be a list.")
    if content.get("brand") != brand:
        raise Malformed(f"This is the catalog of {str(content.get('brand'))[:40]}; you publish that of {brand}.")
    return {name: pruned(value) for name, value in content.items()}


def pruned(value: Any) -> Any:
    """The same without attributes that are null: they are not there."""
    if isinstance(value, dict):
        return {name: pruned(inner) for name, inner in value.items() if inner is not None}
    return [pruned(inner) for inner in value] if isinstance(value, list) else value


def _unpacked(sent: str) -> bytes:
    reader = zlib.decompressobj(wbits=GZIP)
    try:
        raw = reader.decompress(b64decode(sent, validate=True), LARGEST + 1)
    except (ValueError, zlib.error):
        raise Malformed("content must be JSON, gzipped, in base64.") from None
    if len(raw) > LARGEST:
        raise Malformed(
            f"content has more than {LARGEST // 1_000_000} MB of JSON; publish it past the API: "
            "omnihub catalog publish --direct.",
            code="tooLarge",
        )
    if not reader.eof:
        raise Malformed("content must be JSON, gzipped, in base64; the end of it is missing.")
    return raw
