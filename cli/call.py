"""How the command line speaks to a hub: one HTTP call as somebody, and tokens of the hub of this folder."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from cli.say import STATE, refuse
from cli.story import Actor, Answer, Call, Send
from local import issuer

LANGUAGE = "en"  # in which the stories are read; customers get their messages in their own
TIMEOUT = 30  # seconds


def sender(url: str, token_of: Callable[[Actor], str]) -> Send:
    """Sends the calls of a story to the hub at that address, each with the token of who makes it."""
    place = urlsplit(url)
    connect = HTTPSConnection if place.scheme == "https" else HTTPConnection

    def send(actor: Actor, call: Call) -> Answer:
        headers = {"Authorization": f"Bearer {token_of(actor)}", "Accept-Language": LANGUAGE, **call.headers}
        headers["Accept-Encoding"] = "gzip"
        body = None if call.body is None else json.dumps(call.body, default=float).encode()
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = connect(place.netloc, timeout=TIMEOUT)
        try:
            connection.request(call.method, place.path + call.path, body, headers)
            answered = connection.getresponse()
            raw = answered.read()
            if answered.getheader("Content-Encoding") == "gzip":
                raw = gzip.decompress(raw)
        except (OSError, HTTPException):
            refuse(f"No hub answers at {url}.", "make run (in another terminal)")
        finally:
            connection.close()
        return Answer(answered.status, dict(answered.headers), json.loads(raw, parse_float=Decimal) if raw else None)

    return send


def own_url() -> str:
    """Where the hub of this folder answers, or did when it last ran."""
    try:
        return str(json.loads((STATE / issuer.HUB_FILE).read_text("utf-8"))["url"])
    except FileNotFoundError:
        refuse("No hub has run in this folder yet.", "make run (in another terminal)")


def token_of(actor: Actor) -> str:
    """A token for that actor which the hub of this folder accepts."""
    try:
        return issuer.issue(actor.client_id, actor.role, actor.subject, **actor.claims)
    except issuer.NoHub:
        refuse("No hub has run in this folder yet, so there is no key to sign a token with.", "make run")
