"""A partner's listener on loopback: keeps what it is told, and answers as a test wants it to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Json = dict[str, Any]


def _accepts(_: Json) -> int:
    return 201


@dataclass
class Listener:
    """What it was told, in the order of arrival: (path, envelope)."""

    url: str = ""
    told: list[tuple[str, Json]] = field(default_factory=list)
    answers: Callable[[Json], int] = _accepts  # the status, by the envelope
    redirects: str = "/nowhere"  # below that path everything is elsewhere

    def events(self, kind: str = "") -> list[Json]:
        """The envelopes, or those of one type."""
        return [event for _, event in self.told if kind in ("", event["eventType"])]


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener that is there inside the block."""
    made = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.told.append((self.path, event))
            moved = self.path.startswith(made.redirects)
            self.send_response(307 if moved else made.answers(event))
            self.send_header("Location", f"{made.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
