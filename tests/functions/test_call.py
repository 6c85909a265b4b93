"""One call of a subscriber's listener, on real sockets of this machine: what is sent, and what is never done."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.events import call
from functions.shared import settings

BODY = b'{"eventId": "e1"}'
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Server:
    """What came in on each connection, and the name asked for in TLS."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)


@contextmanager
def serving(answer: bytes | Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that reads one request and sends that, or does as it is told."""
    made = Server()

    def talk(line: socket.socket) -> None:
        with line:
            try:
                if tls is not None:
                    line = tls.wrap_socket(line, server_side=True)
                made.requests.append(_request(line))
                answer(line) if callable(answer) else line.sendall(answer)
            except OSError:
                return  # the caller hung up, as it should
            finally:
                line.close()

    def accept() -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            talk(line)

    if tls is not None:
        tls.sni_callback = lambda _, name, __: made.names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        made.port = listening.getsockname()[1]
        thread = Thread(target=accept, daemon=True)
        thread.start()
        yield made
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def _request(line: socket.socket) -> bytes:
    line.settimeout(5)
    read = b""
    while b"\r\n\r\n" not in read:
        part = line.recv(4096)
        if not part:
            raise ConnectionError
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    (length,) = [int(each.split(b":")[1]) for each in head.split(b"\r\n") if each.lower().startswith(b"content-length")]
    while len(body) < length:
        body += line.recv(4096)
    return head + b"\r\n\r\n" + body


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    """This machine may be called, but where a test says otherwise."""
    token = settings.source.set({"CALLBACKS": "loopback"})
    yield
    settings.source.reset(token)


class Names:
    """What names stand for, one answer after the other; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, host: str, port: int, **_: Any) -> list[Any]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Names]:
    """Says what names stand for, at the one place where they are looked up."""

    def stand_for(*answers: list[str]) -> Names:
        made = Names(*answers)
        monkeypatch.setattr(socket, "getaddrinfo", made)
        return made

    return stand_for


def test_the_request_is_the_event_as_json_to_the_path_and_host_that_were_written() -> None:
    with serving(CREATED) as server:
        assert call.post(f"http://127.0.0.1:{server.port}/omnihub/listener/e", BODY) is None
        (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /omnihub/listener/e HTTP/1.1"
    assert body == BODY
    assert {f"Host: 127.0.0.1:{server.port}", "Content-Type: application/json", "Connection: close"} <= set(lines)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_takes_it(status: int) -> None:
    with serving(b"HTTP/1.1 %d Fine\r\n\r\n" % status) as server:
        assert call.post(f"http://127.0.0.1:{server.port}", BODY) is None


@pytest.mark.parametrize("status", [100, 301, 302, 303, 307, 308, 400, 401, 404, 410, 429, 500, 503])
def test_anything_else_is_no_delivery_and_a_redirect_is_not_followed(status: int) -> None:
    with serving(CREATED) as elsewhere:
        answer = b"HTTP/1.1 %d So\r\nLocation: http://127.0.0.1:%d/x\r\n\r\n" % (status, elsewhere.port)
        with serving(answer) as server:
            why = call.post(f"http://127.0.0.1:{server.port}", BODY)
            assert why == f"the listener answered {status}"
            assert len(server.requests) == 1
        assert elsewhere.requests == []


def _endless(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        line.sendall(b"x" * 65536)


def _one_line_for_ever(line: socket.socket) -> None:
    while True:
        line.sendall(b"x" * 65536)


def test_a_body_without_an_end_is_not_read() -> None:
    with serving(_endless) as server:
        assert call.post(f"http://127.0.0.1:{server.port}", BODY) is None


@pytest.mark.parametrize(
    "answer", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 abc\r\n", b"\x00" * 50, _one_line_for_ever]
)
def test_what_is_no_http_is_no_delivery(answer: bytes | Callable[[socket.socket], None]) -> None:
    with serving(answer) as server:
        assert call.post(f"http://127.0.0.1:{server.port}", BODY) is not None


def _drip(line: socket.socket) -> None:
    for byte in b"HTTP/1.1 201 Created" * 50:
        line.sendall(bytes([byte]))
        if line.recv(1) == b"":
            return


def test_a_listener_that_says_a_little_and_then_waits_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "PATIENCE", 0.2)
    with serving(_drip) as server:
        assert call.post(f"http://127.0.0.1:{server.port}", BODY) == "the listener took too long"


def test_nobody_there_is_no_delivery() -> None:
    with serving(CREATED) as server:
        pass
    assert "Refused" in (call.post(f"http://127.0.0.1:{server.port}", BODY) or "")
    assert call.post("http://nobody.invalid:8080", BODY) is not None


def test_a_name_is_looked_up_once_and_the_address_that_was_checked_is_called(names: Callable[..., Names]) -> None:
    """A second look could be answered with another address: rebinding."""
    with serving(CREATED) as server:
        asked = names(["127.0.0.1"], ["169.254.169.254"])
        assert call.post(f"http://partner.example:{server.port}/hub", BODY) is None
        assert asked.asked == 1
        assert b"Host: partner.example:" in server.requests[0]


def test_a_name_is_checked_at_every_attempt(names: Callable[..., Names]) -> None:
    with serving(CREATED) as server:
        names(["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["127.0.0.1"])
        url = f"http://partner.example:{server.port}/hub"
        refused = "callback must lead to a public address."
        assert [call.post(url, BODY) for _ in range(4)] == [None, refused, refused, None]
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "stands_for", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:127.0.0.1"]]
)
def test_where_only_the_internet_may_be_called_nothing_else_is(
    names: Callable[..., Names], stands_for: list[str]
) -> None:
    settings.source.set({})
    with serving(CREATED) as server:
        asked = names(stands_for)
        why = call.post(f"https://partner.example:{server.port}/hub", BODY)
        assert why == "callback must lead to a public address."
        assert asked.asked == 1
        assert call.post(f"http://127.0.0.1:{server.port}/hub", BODY) == "callback must begin with https://."
    assert server.requests == []


# --- TLS -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Authority:
    """Who signs certificates, and where its own lies."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def context(self, name: str, *, days: int = 1) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for that name."""
        key, signer = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Test Authority", "Test Authority", signer, signer, days=9, is_authority=True)
        leaf = _certificate(name, "Test Authority", key, signer, days=days, is_authority=False)
        pem = serialization.Encoding.PEM
        self.file.write_bytes(root.public_bytes(pem))
        chain = self.folder / "chain.pem"
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        chain.write_bytes(private + leaf.public_bytes(pem))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context


def _certificate(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    days: int,
    is_authority: bool,
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    end = datetime.now(UTC) + timedelta(days=days)
    alternative = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    return (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=30))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The one authority that this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    call._tls.cache_clear()
    yield made
    call._tls.cache_clear()


def test_the_certificate_is_the_names_and_so_is_what_tls_asks_for(
    authority: Authority, names: Callable[..., Names]
) -> None:
    with serving(CREATED, authority.context("partner.example")) as server:
        names(["127.0.0.1"])
        assert call.post(f"https://partner.example:{server.port}/hub/listener/e", BODY) is None
        assert server.names == ["partner.example"]
        assert server.requests[0].startswith(b"POST /hub/listener/e HTTP/1.1\r\nHost: partner.example:")


@pytest.mark.parametrize(("name", "days"), [("elsewhere.example", 1), ("127.0.0.1", 1), ("partner.example", -1)])
def test_a_certificate_of_another_name_or_time_is_refused(
    authority: Authority, names: Callable[..., Names], name: str, days: int
) -> None:
    with serving(CREATED, authority.context(name, days=days)) as server:
        names(["127.0.0.1"])
        assert "SSLCertVerificationError" in (call.post(f"https://partner.example:{server.port}", BODY) or "")
    assert server.requests == []


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(
    authority: Authority, names: Callable[..., Names], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    unknown = Authority(other).context("partner.example")
    authority.context("partner.example")
    with serving(CREATED, unknown) as server:
        names(["127.0.0.1"])
        assert "SSLCertVerificationError" in (call.post(f"https://partner.example:{server.port}", BODY) or "")
    assert server.requests == []
