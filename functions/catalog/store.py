"""Where the published catalog is kept: immutable versions in S3 behind one pointer per brand."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from time import monotonic
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from functions.catalog.catalog import Catalog
from functions.shared import aws, clock
from functions.shared.errors import ChangedMeanwhile
from functions.shared.resource import Json
from functions.shared.settings import settings

# What S3 answers where a conditional write found another object there.
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
# bucket and brand -> (read at, version). A warm function trusts the pointer for `catalog_max_age` seconds.
_pointers: dict[tuple[str, str], tuple[float, str]] = {}


class Pointer(NamedTuple):
    """What a brand sells now: the version, the publication that made it so, and the tag under which S3 holds that."""

    version: str
    publication: Json
    tag: str


def current(brand: str) -> Catalog:
    """The version that is on sale now, or was within `catalog_max_age` seconds."""
    read_at, version = _pointers.get((settings.catalog_bucket, brand), (float("-inf"), ""))
    if monotonic() - read_at >= settings.catalog_max_age:
        return live(brand)
    return at_version(brand, version)


def live(brand: str) -> Catalog:
    """The version that is on sale at this very moment: what a change begins with."""
    return at_version(brand, pointer(brand).version)


def pointer(brand: str) -> Pointer:
    """The pointer as it stands now."""
    found = aws.s3().get_object(Bucket=settings.catalog_bucket, Key=_pointer_key(brand))
    said = json.loads(found["Body"].read())
    _trust(brand, said["version"])
    return Pointer(said["version"], said.get("publication", {}), found["ETag"])


def _trust(brand: str, version: str) -> None:
    _pointers[settings.catalog_bucket, brand] = monotonic(), version


def at_version(brand: str, version: str) -> Catalog:
    """An immutable version, kept as long as anything names it."""
    return _version(settings.catalog_bucket, brand, version)


@lru_cache(maxsize=32)
def _version(bucket: str, brand: str, version: str) -> Catalog:
    found = aws.s3().get_object(Bucket=bucket, Key=version_key(brand, version))
    content = json.loads(found["Body"].read(), parse_float=Decimal)
    return Catalog(version, content, clock.text(found["LastModified"]))


def publish(content: Mapping[str, Any], over: Pointer | None = None, *, author: str = "omnihub") -> Json:
    """Puts a version under the name of its content and points its brand at it; returns the publication.

    `over` is the pointer that the content was made from (None: whatever there is now). Where that sells the content
    already, its publication is returned and nothing done. Raises ChangedMeanwhile where another version was published
    since: nobody overwrites what they have not seen. A crash in between leaves the old version on sale.
    """
    brand, body = content["brand"], _written(content)
    version, over = sha256(body).hexdigest()[:16], over or _any_pointer(brand)
    if over and over.version == version:
        return over.publication
    _put_if(body, version_key(brand, version), IfNoneMatch="*")  # if it is there, it is the same
    told = _told(version, over, author)
    condition = {"IfMatch": over.tag} if over else {"IfNoneMatch": "*"}
    if not _put_if(json.dumps({"version": version, "publication": told}).encode(), _pointer_key(brand), **condition):
        now = pointer(brand)
        if now.publication != told:  # else its own first try was done, and only the answer got lost
            raise _overtaken(now)
    _trust(brand, version)
    return told


def must_still_be(brand: str, over: Pointer) -> None:
    """Raises ChangedMeanwhile where somebody published since that pointer was read."""
    if (now := pointer(brand)).tag != over.tag:
        raise _overtaken(now)


def _overtaken(now: Pointer) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        "Somebody else published meanwhile; nothing of yours is lost. Publish again to add it.",
        currentVersion=now.version,
    )


def _told(version: str, over: Pointer | None, author: str) -> Json:
    """A publication as its pointer keeps it: who and when is known as soon as the version is on sale."""
    told = {
        "id": clock.sortable_id(),
        "state": "done",
        "catalogVersion": version,
        "creationDate": clock.text(clock.now()),
        "author": author,
    }
    return {**told, "previousVersion": over.version} if over else told


def _written(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_number).encode()


def _number(value: Decimal) -> float | int:
    number = float(value)
    return int(number) if number.is_integer() else number


def _put_if(body: bytes, key: str, **condition: str) -> bool:
    """Whether it was written: not where the condition does not hold."""
    try:
        aws.s3().put_object(Bucket=settings.catalog_bucket, Key=key, Body=body, **condition)  # type: ignore[arg-type]
    except ClientError as error:
        if error.response["Error"]["Code"] in TAKEN:
            return False
        raise
    return True


def _any_pointer(brand: str) -> Pointer | None:
    try:
        return pointer(brand)
    except aws.s3().exceptions.NoSuchKey:
        return None


def version_key(brand: str, version: str) -> str:
    """Where a version lies in the bucket."""
    return f"{brand}/versions/{version}.json"


def _pointer_key(brand: str) -> str:
    return f"{brand}/current.json"
