"""Where the catalog is kept: immutable versions in S3 behind one pointer per brand."""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from time import monotonic
from typing import Any

from functions.catalog.catalog import Catalog
from functions.shared import aws
from functions.shared.settings import settings

# bucket and brand -> (read at, version). A warm function trusts the pointer for `catalog_max_age` seconds.
_pointers: dict[tuple[str, str], tuple[float, str]] = {}


def current(brand: str) -> Catalog:
    """The version that is on sale now."""
    where = settings.catalog_bucket, brand
    read_at, version = _pointers.get(where, (float("-inf"), ""))
    if monotonic() - read_at >= settings.catalog_max_age:
        version = json.loads(_read(where[0], f"{brand}/current.json"))["version"]
        _pointers[where] = monotonic(), version
    return at_version(brand, version)


def at_version(brand: str, version: str) -> Catalog:
    """An immutable version, kept as long as anything names it."""
    return _version(settings.catalog_bucket, brand, version)


@lru_cache(maxsize=32)
def _version(bucket: str, brand: str, version: str) -> Catalog:
    return Catalog(version, json.loads(_read(bucket, f"{brand}/versions/{version}.json")))


def _read(bucket: str, key: str) -> bytes:
    return aws.s3().get_object(Bucket=bucket, Key=key)["Body"].read()


def publish(content: Mapping[str, Any]) -> str:
    """Puts a version under the name of its content and points its brand at it; returns the version's id."""
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    brand, version = content["brand"], sha256(body).hexdigest()[:16]
    bucket = settings.catalog_bucket
    aws.s3().put_object(Bucket=bucket, Key=f"{brand}/versions/{version}.json", Body=body)
    aws.s3().put_object(Bucket=bucket, Key=f"{brand}/current.json", Body=json.dumps({"version": version}).encode())
    return version
