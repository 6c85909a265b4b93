"""What an operator writes of the catalog, before it is published: resources beside and over the published ones. Pure.

A draft is a row: the resource as a version of the catalog would hold it, or, with `gone`, that it is to go. One with
`folded` has become part of a version: it counts no more and is soon cleaned away. One with `led_until` was written by
who publishes a whole catalog at that moment: it goes with that alone, and counts no more once the time is over.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from functions.catalog import kinds, words
from functions.catalog.held import Overlaid
from functions.shared import tmf
from functions.shared.errors import Malformed
from functions.shared.resource import Json

LARGEST = 300_000  # bytes of a resource; a row may have 400 KB
OURS = frozenset(
    {"id", "href", "@type", "lastUpdate", "promotion", "saleStage"}
)  # read where a client sends it, never believed
# Each is a reference to one thing: what a PATCH leaves of it still has to say which.
NAMED = ("productSpecification", "resourceCandidate", "serviceCandidate", "serviceLevelAgreement")
LASTING = ("name", "lifecycleStatus", "version")  # what no PATCH takes away
Row = Mapping[str, Any]


def new(kind: str, sent: Json, language: str, now: str) -> Json:
    """The resource that somebody writes in that language; what it does not say is In study, and its first version."""
    standing: Json = {"lifecycleStatus": "In study", "validFor": {"startDateTime": now}}
    if kind != "promotion":  # which the standard gives no version
        standing["version"] = "1.0"
    if kind == "category":
        standing["isRoot"] = "parentId" not in sent
    return _stored({**standing, **kinds.standing(kind, sent), **words.written(sent, {}, language)}, now)


def changed(held: Json, patch: Json, language: str, now: str) -> Json:
    """The stored resource with a merge patch in it, whose texts are of that language."""
    if lost := [name for name in LASTING if name in patch and patch[name] is None]:
        raise Malformed(f"{lost[0]} cannot be taken away; give it another value.")
    sent = {name: value for name, value in patch.items() if name not in OURS}
    merged: Json = tmf.merge_patch(held, words.written(sent, held, language))
    if bare := [name for name in NAMED if isinstance(merged.get(name), dict) and "id" not in merged[name]]:
        raise Malformed(f"{bare[0]} needs an id; send null in its place to take it away.")
    if "isBundle" not in patch and any(name in patch for name in kinds.PARTS):
        merged["isBundle"] = kinds.is_bundle(merged)
    return _stored(merged, now)


def _stored(body: Json, now: str) -> Json:
    kept = {name: value for name, value in body.items() if name not in OURS}
    if "value" in (kept.get("price") or {}):
        kept["price"] = {**kept["price"], "value": Decimal(kept["price"]["value"])}
    if parties := kept.get("relatedParty"):  # a person's name is kept with the customer's rows alone
        kept["relatedParty"] = [{k: v for k, v in party.items() if k != "name"} for party in parties]
    if len(json.dumps(kept, default=str, ensure_ascii=False).encode()) > LARGEST:
        raise Malformed(f"This has more than {LARGEST // 1000} KB.", code="tooLarge")
    return {**kept, "lastUpdate": now}


def waits(row: Row | None, now: str) -> bool:
    """Whether a row says something that no version of the catalog says yet."""
    return row is not None and "folded" not in row and row.get("led_until", now) >= now


def stored(row: Row) -> Json | None:
    """The resource that a waiting draft is, as a version holds it; None where it is to go."""
    if row.get("gone"):
        return None
    body = {"id": row["id"], **row["body"]}
    if "value" in (body.get("price") or {}):
        body["price"] = {**body["price"], "value": f"{Decimal(body['price']['value']):f}"}
    return body


def overlaid(published: Mapping[str, Json], drafts: Iterable[Row]) -> Overlaid:
    """The resources of one kind as they would be once these drafts of it are published, in the order of their ids."""
    return Overlaid(published, {row["id"]: stored(row) for row in drafts})


def folded(content: Mapping[str, Any], drafts: Sequence[Row]) -> Json:
    """The content of the catalog version that these drafts make of another; their order makes no difference."""
    found = dict(content)
    sequence: Json = dict(content.get("sequence", {}))
    for kind in {row["type"] for row in drafts}:
        of_kind = [row for row in drafts if row["type"] == kind]
        found[kind] = held = overlaid(content.get(kind, {}), of_kind)
        numbers = {**sequence.get(kind, {}), **{row["id"]: row["version"] for row in of_kind}}
        sequence[kind] = {id_: number for id_, number in numbers.items() if id_ in held}
    if numbered := {kind: numbers for kind, numbers in sequence.items() if numbers}:
        return {**found, "sequence": numbered}
    return {name: value for name, value in found.items() if name != "sequence"}
