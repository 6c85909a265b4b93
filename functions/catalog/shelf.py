"""The versions of the catalog: each an immutable file in S3, fetched once to this process's disk and read there."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from functions.catalog import book
from functions.catalog.book import Book
from functions.catalog.catalog import Catalog
from functions.shared import aws, clock
from functions.shared.settings import settings

# What S3 answers where a conditional write found another object there, and where it has none, to who may not list.
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
ABSENT = {"NoSuchKey", "AccessDenied"}
MOST, LARGEST = 32, 300_000_000  # versions at hand, and what they may take of the disk in bytes; the last one stays
CHUNK = 1 << 20
# bucket, brand and version -> it and its size, the one that was asked for last at the end.
_at_hand: dict[tuple[str, str, str], tuple[Catalog, int]] = {}
_lock = RLock()


class Made(NamedTuple):
    """A version that is written but published nowhere yet, and its file."""

    catalog: Catalog
    file: Path


def at_version(brand: str, version: str) -> Catalog:
    """An immutable version, kept as long as anything names it."""
    asked = settings.catalog_bucket, brand, version
    with _lock:
        _at_hand[asked] = found = _at_hand.pop(asked, None) or _fetched(*asked)
        while len(_at_hand) > MOST or (len(_at_hand) > 1 and sum(size for _, size in _at_hand.values()) > LARGEST):
            del _at_hand[next(iter(_at_hand))]
    return found[0]


def _fetched(bucket: str, brand: str, version: str) -> tuple[Catalog, int]:
    found = aws.s3().get_object(Bucket=bucket, Key=version_key(brand, version))
    # Nobody finds the file once it is open, and it is gone as soon as it is closed: the disk needs no tidying.
    with TemporaryDirectory(prefix="catalog-") as folder:
        path = Path(folder, version)
        with path.open("wb") as file:
            for chunk in found["Body"].iter_chunks(CHUNK):
                file.write(chunk)
        return Catalog(version, Book.open(path), clock.text(found["LastModified"])), found["ContentLength"]


def is_kept(brand: str, version: str) -> bool:
    """Whether there is a version of that name."""
    try:
        return bool(re.fullmatch("[0-9a-f]{16}", version) and at_version(brand, version))
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return False
        raise


@contextmanager
def made(content: Mapping[str, Any]) -> Iterator[Made]:
    """The version that some content is, named by it; its file is there meanwhile."""
    with TemporaryDirectory(prefix="catalog-") as folder:
        path = Path(folder, "book")
        version = book.write(content, path)
        yield Made(Catalog(version, Book.open(path)), path)


def put(version: Made) -> None:
    """Keeps a version for good; where there is one of that name already, it is the same."""
    with version.file.open("rb") as body:
        put_if(body, version_key(version.catalog.brand, version.catalog.version), IfNoneMatch="*")


def put_if(body: Any, key: str, **condition: str) -> bool:
    """Whether it was written: not where the condition does not hold."""
    try:
        aws.s3().put_object(Bucket=settings.catalog_bucket, Key=key, Body=body, **condition)  # type: ignore[arg-type]
    except ClientError as error:
        if error.response["Error"]["Code"] in TAKEN:
            return False
        raise
    return True


def version_key(brand: str, version: str) -> str:
    """Where a version lies in the bucket."""
    return f"{brand}/versions/{version}.book"
