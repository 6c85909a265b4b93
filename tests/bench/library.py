"""Catalogs of 1,000, 10,000 and 100,000 offerings: what publishing one takes, and what reading from it does.

A cold start is a fresh process with the real handler and an S3 on loopback; its times are CPU milliseconds of that
process, its memory is read where Linux tells it. All else is read from the file here, through the handler's own lists.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from functions.catalog import book, check, listing
from functions.catalog.book import Book
from functions.catalog.catalog import Catalog
from functions.catalog.listing import Sight
from functions.shared import access, lists, tmf
from functions.shared.incoming import Incoming, Operation
from infra import channels
from local.authorizer import as_context
from local.http_event import Request, event_for
from local.pretend import ENVIRONMENT
from tests.bench import catalogs, sharded
from tests.bench.budgets import Figure

SIZES = (1_000, 10_000, 100_000)
ROOT = Path(__file__).parents[2]
PATH = f"{tmf.BASE['TMF620']}/productOffering"
KIND, ISSUER, PAGE = "productOffering", "https://issuer.example.com", 20
LOOKUPS, TIMES, COLD = 2000, 7, 5
FAR = 999 * PAGE  # where page 1,000 begins
QUERIES = {
    "page 1": "",
    "page 1 by name, of a status": "lifecycleStatus=Active&sort=name",
    "page 1 by name, of a category": "category.id=category-3&sort=name",
    "page 1 of bundles": "isBundle=true&isSellable=true",
    "page 1,000 by name": "sort=name&cursor=FAR",
    "page 1,000 backwards, of a status": "lifecycleStatus=Active&sort=-name&cursor=FAR",
    "those of one name": "name=Tarif Aurora 6 S rot",
    "search": "q=glassfaser 20 L",
}
CHILD = """
import json, sys, time
from pathlib import Path
from functions.catalog import handler, shelf
event, version = json.load(sys.stdin)
answer = handler.handler(event, None)
cold = time.process_time()
from functions.shared import aws
for chunk in aws.s3().get_object(Bucket="catalog", Key=shelf.version_key("nova", version))["Body"].iter_chunks(1 << 20):
    pass
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
told = [1000 * cold, 1000 * (time.process_time() - cold), int(status["VmHWM"].split()[0]) / 1000]
print(json.dumps([answer["statusCode"], len(json.loads(answer["body"])), *told]))
"""


@dataclass(frozen=True)
class Measured:
    """Of a catalog of that size; milliseconds where nothing else is said."""

    size: int
    publish: float  # seconds to write the file
    check: float  # seconds to look for what stands in the way of publishing it
    megabytes: float
    cold: float  # CPU of a fresh process up to its first answer, a page of offerings
    transfer: float  # CPU of reading that file from S3 once more
    memory: float  # MB of that process at its largest
    lookup: float
    lists: Mapping[str, float]
    sharded: Mapping[str, float]


def measure(size: int) -> Measured:
    """Makes a catalog of that size and reads from it."""
    content = catalogs.content(size)
    with TemporaryDirectory() as folder:
        path = Path(folder, "book")
        began = perf_counter()
        version = book.write(content, path)
        publish = perf_counter() - began
        other = _sharded(content, Path(folder, "shards"))
        del content
        catalog = Catalog(version, Book.open(path), "2026-01-01T00:00:00.000Z")
        began = perf_counter()
        assert check.findings(catalog.content) == []
        checked = perf_counter() - began
        cold, transfer, memory = _cold(version, path)
        return Measured(
            size,
            publish,
            checked,
            path.stat().st_size / 1e6,
            cold,
            transfer,
            memory,
            _each(lambda id_: catalog.book._find(KIND, id_), size),
            {what: _list(catalog, query) for what, query in QUERIES.items()},
            other,
        )


def _each(get: Callable[[str], Any], size: int, times: int = LOOKUPS) -> float:
    ids = list(islice(catalogs.asked_for(size), times))
    began = perf_counter()
    for id_ in ids:
        assert get(id_)
    return 1000 * (perf_counter() - began) / times


def _list(catalog: Catalog, query: str) -> float:
    """A page of what the web shows, as its answer is made; the second time on, as of a warm function."""
    hub = access.hub({"brand": "nova", "market": "DE", "correlation_id": "bench"}, "bench")
    operation = Operation.of("GET", PATH, "catalog.read", "", takes=None, gives=None, status=None)
    wanted = f"{query}&limit={PAGE}".replace("FAR", lists._cursor(FAR - 1))
    incoming = Incoming({"rawPath": PATH, "rawQueryString": wanted, "headers": {}}, hub, operation)
    sight = Sight(catalog, "web", datetime(2026, 3, 1, tzinfo=UTC))

    def page() -> Any:
        asked = lists.asked(incoming, also=(listing.SEARCH,))
        return listing.page(incoming, asked, KIND, sight, "de", lambda each: catalog.rendered(KIND, each, "de"))

    page()
    return _median(page, TIMES)


def _median(run: Callable[[], Any], times: int) -> float:
    spent = []
    for _ in range(times):
        began = perf_counter()
        run()
        spent.append(1000 * (perf_counter() - began))
    return median(spent)


def _sharded(content: dict[str, Any], folder: Path) -> dict[str, float]:
    folder.mkdir()
    began = perf_counter()
    size = sharded.write(content, folder, "web", "de")
    written = perf_counter() - began
    opened = _median(lambda: sharded.Sharded(folder), 3)
    held = sharded.Sharded(folder)
    return {
        "publish s": written,
        "MB": size / 1e6,
        "open": opened,
        "lookup": _each(held.get, len(content[KIND]), 200),
        "page 1 by name": _median(lambda: held.page(0, PAGE), 3),
    }


# --- a fresh process ---------------------------------------------------------------------------------------------


def _cold(version: str, path: Path) -> tuple[float, float, float]:
    entry = {"from": "2026-01-01T00:00:00.000Z", "version": version, "publication": {}}
    objects = {
        "/catalog/nova/schedule.json": json.dumps({"entries": [entry]}).encode(),
        f"/catalog/nova/versions/{version}.book": path.read_bytes(),
    }
    with _s3(objects) as address:
        runs = [_child(version, address) for _ in range(COLD)]
    return median(r[0] for r in runs), median(r[1] for r in runs), max(r[2] for r in runs)


def _child(version: str, address: str) -> tuple[float, float, float]:
    claims = {"iss": ISSUER, "token_use": "access", "client_id": "nova-web", "sub": "una"}
    claims |= {"cognito:groups": "[customer]", "scope": "openid"}
    request = Request("GET", f"{PATH}?limit={PAGE}", [], b"")
    event = event_for(request, route_key="$default", parameters={}, authorizer=as_context(claims, ()))
    settings = {"CATALOG_BUCKET": "catalog", "CATALOG_TABLE": "none", "BUS_NAME": "none"}
    settings |= {"CHANNELS": channels.setting(), "ISSUERS": json.dumps([ISSUER]), "AWS_ENDPOINT_URL": address}
    settings |= {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CHILD],
        input=json.dumps([event, version]),
        env={**ENVIRONMENT, **settings, "PYTHONPATH": str(ROOT)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, count, cold, transfer, memory = json.loads(done.stdout.splitlines()[-1])
    assert (status, count) in ((200, PAGE), (206, PAGE)), done.stdout
    return cold, transfer, memory


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


# --- what it may come to -----------------------------------------------------------------------------------------

LOOKUP, LISTED, MEMORY, COLD_RATIO = 0.2, 5.0, 256.0, 1.5


def figures(found: list[Measured]) -> Iterator[Figure]:
    """The largest catalog against its budgets; only ratios and these few bounds, which leave a machine some room."""
    small, large = found[0], found[-1]
    name = f"catalog of {large.size:,}"
    ratio = (large.cold - large.transfer) / small.cold
    yield Figure(f"{name}: cold CPU less the transfer / that of {small.size:,}", ratio, COLD_RATIO, timed=True)
    yield Figure(f"{name}: MB of a fresh function", large.memory, MEMORY)
    yield Figure(f"{name}: ms of a warm look-up", large.lookup, LOOKUP, timed=True)
    for what, spent in large.lists.items():
        if what != "search":
            yield Figure(f"{name}: ms of {what}", spent, LISTED, timed=True, group=f"{name}: ms of a page")


def rows(found: list[Measured]) -> list[list[str]]:
    """A line for each figure, a column for each size."""
    lines: list[tuple[str, Callable[[Measured], float]]] = [
        ("publish: s to write it", lambda m: m.publish),
        ("publish: s to check it", lambda m: m.check),
        ("MB in S3 and on the disk", lambda m: m.megabytes),
        ("cold: CPU ms up to the first answer", lambda m: m.cold),
        ("of which S3 alone, once more", lambda m: m.transfer),
        ("MB of that process", lambda m: m.memory),
        ("look-up by id, ms", lambda m: m.lookup),
        *((f"{what}, ms", lambda m, what=what: m.lists[what]) for what in QUERIES),
        *((f"sharded JSON: {what}", lambda m, what=what: m.sharded[what]) for what in found[0].sharded),
    ]
    return [[what, *(f"{figure(each):.2f}" for each in found)] for what, figure in lines]
