"""Time and chance, the two things that tests must be able to fix."""

import hashlib
import secrets
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, UTC, to the millisecond (what a row and an event can hold)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def text(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: sorts as it is written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(written: str) -> datetime:
    """The moment that an RFC 3339 text names."""
    return datetime.fromisoformat(written)


def new_id() -> str:
    """128 random bits in hexadecimal: an id that nobody guesses."""
    return secrets.token_hex(16)


def derived_id(*parts: str) -> str:
    """128 bits that follow from `parts`: whoever derives it again gets the same id."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def sortable_id(step: int = 0) -> str:
    """A short id that sorts by when it was made; `step` orders the ones of one request."""
    milliseconds = int(now().timestamp() * 1000) + step
    return f"{milliseconds:011x}{secrets.token_hex(3)}"
