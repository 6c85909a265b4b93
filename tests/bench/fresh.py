"""A fresh function process with the real handler and an S3 on loopback: what its first answer costs, and its memory.

CPU of that process in milliseconds, the least of several: no other process can make it less. Its memory is read where
Linux tells it.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from infra import channels
from local.authorizer import as_context
from local.http_event import Request, event_for
from local.pretend import ENVIRONMENT

ROOT = Path(__file__).parents[2]
ISSUER, TIMES = "https://issuer.example.com", 5
CHILD = """
import importlib, json, sys, time
from pathlib import Path
module, event, key = json.load(sys.stdin)
answer = importlib.import_module(f"functions.{module}").handler(event, None)
cold = time.process_time()
from functions.shared import aws
for chunk in aws.s3().get_object(Bucket="catalog", Key=key)["Body"].iter_chunks(1 << 20):
    pass
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
told = [1000 * cold, 1000 * (time.process_time() - cold), int(status["VmHWM"].split()[0]) / 1000]
print(json.dumps([answer["statusCode"], len(json.loads(answer["body"])), *told]))
"""


class Fresh(NamedTuple):
    """CPU up to the first answer, CPU of reading the version from S3 once more, and MB at the largest."""

    cold: float
    transfer: float
    memory: float


def first_page(module: str, path: str, entries: int, version: str, file: Path) -> Fresh:
    """What a guest's first list of that handler costs, where this is the version on sale."""
    entry = {"from": "2026-01-01T00:00:00.000Z", "version": version, "publication": {}}
    key = f"nova/versions/{version}.book"
    objects = {
        "/catalog/nova/schedule.json": json.dumps({"entries": [entry]}).encode(),
        f"/catalog/{key}": file.read_bytes(),
    }
    claims = {"iss": ISSUER, "token_use": "access", "client_id": "nova-web", "sub": "nova-web"}
    request = Request("GET", f"{path}?limit={entries}", [], b"")
    authorizer = as_context({**claims, "scope": "omnihub/guest"}, ())
    event = event_for(request, route_key="$default", parameters={}, authorizer=authorizer)
    with _s3(objects) as address:
        runs = [_child([module, event, key], address, entries) for _ in range(TIMES)]
    return Fresh(min(r.cold for r in runs), min(r.transfer for r in runs), max(r.memory for r in runs))


def _child(asked: list[Any], address: str, entries: int) -> Fresh:
    settings = {"CATALOG_BUCKET": "catalog", "CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER])}
    settings |= {"AWS_ENDPOINT_URL": address, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CHILD],
        input=json.dumps(asked),
        env={**ENVIRONMENT, **settings, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, count, *found = json.loads(done.stdout.splitlines()[-1])
    assert (status, count) in ((200, entries), (206, entries)), done.stdout
    return Fresh(*found)


@contextmanager
def _s3(objects: Mapping[str, bytes]) -> Iterator[str]:
    """The address of something that answers as S3 would where these objects are read."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = objects[self.path.partition("?")[0]]
            self.send_response(200)
            headers = {"ETag": '"1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT", "Content-Length": len(body)}
            for name, value in headers.items():
                self.send_header(name, str(value))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
