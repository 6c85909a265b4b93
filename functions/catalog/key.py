"""The key that price proofs are signed with: read when one is first asked for, and then known to the process."""

from functools import cache

from functions.shared import aws
from functions.shared.settings import settings


def key() -> bytes:
    """The key of this hub. It is not read before a request: a snapshot of the process has none in it."""
    return _read(settings.price_secret)


@cache
def _read(secret: str) -> bytes:
    found: str = aws.secrets().get_secret_value(SecretId=secret)["SecretString"]
    return found.encode()


def forget() -> None:
    """Has it read anew: whoever makes a fresh process wants that."""
    _read.cache_clear()
