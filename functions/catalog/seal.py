"""A statement that only the hub can have made: whoever holds the token can show it, and nobody can alter it. Pure.

A token is the statement itself, as canonical JSON in base64url, a dot, and its HMAC-SHA256 in hexadecimal digits.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from functions.shared.resource import Json

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
LONGEST = 4000  # characters of a token; the price proofs of a cart in ten currencies have less


def sealed(form: bytes, statement: Json, key: bytes) -> str:
    """The token of a statement of that form; the same statement always has the same."""
    text = _CANONICAL.encode(statement)
    said = urlsafe_b64encode(text.encode()).rstrip(b"=")
    return f"{said.decode()}.{_mark(form, said, key)}"


def opened(form: bytes, token: str, key: bytes) -> Json | None:
    """What a token states; None where the hub has not sealed it so, or under another form."""
    said, _, mark = token.encode("utf-8", "replace").partition(b".")
    if len(token) > LONGEST or not hmac.compare_digest(mark, _mark(form, said, key).encode()):
        return None
    statement: Json = json.loads(urlsafe_b64decode(said + b"=" * (-len(said) % 4)))
    return statement


def _mark(form: bytes, said: bytes, key: bytes) -> str:
    return hmac.digest(key, form + said, "sha256").hex()
