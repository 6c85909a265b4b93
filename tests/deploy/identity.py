"""An identity provider on loopback: publishes the local issuer's key where an authorizer looks for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from local.issuer import Issuer


@contextmanager
def provider(state: Path) -> Iterator[Issuer]:
    """Answers OpenID discovery and the key set while the block runs; its key lies in the state folder."""
    pages: dict[str, object] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = json.dumps(pages.get(self.path)).encode()
            self.send_response(200 if self.path in pages else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Says nothing: the terminal shows the check's progress."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}", state)
    pages["/keys"] = issuer.jwks
    pages["/.well-known/openid-configuration"] = {"issuer": issuer.issuer, "jwks_uri": f"{issuer.issuer}/keys"}
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
