"""One POST to an address that a stranger wrote: looked up once, checked, and called at exactly what was checked.

Written on sockets: a library would look the name up again, follow redirects, honour proxies, and read what it gets.
"""

import socket
import ssl
from contextlib import ExitStack
from functools import cache
from time import monotonic

from functions.shared.errors import HubError
from functions.shared.settings import settings
from functions.subscription import callback
from functions.subscription.callback import Callback

PATIENCE = 5.0  # seconds for all of one call
LINE = 1024  # bytes of an answer that are looked at: its status stands in the first few


class Unanswered(Exception):
    """The listener took the request and said nothing that HTTP knows."""


def post(to: str, body: bytes) -> str | None:
    """Posts JSON; None where the listener took it (2xx), else in a few words why it is not delivered."""
    loopback = settings.callbacks == "loopback"
    try:
        target = callback.read(to, loopback=loopback)
        addresses = _looked_up(target)
        callback.must_be_open(target, [address[0] for _, address in addresses], loopback=loopback)
        status = _exchange(target, addresses, body)
    except HubError as refused:
        return refused.sentence
    except TimeoutError:
        return "the listener took too long"
    except (OSError, Unanswered, UnicodeError) as error:  # name, network, certificate, no HTTP
        return f"{type(error).__name__}: {error}"[:200]
    return None if 200 <= status < 300 else f"the listener answered {status}"


Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]


def _looked_up(target: Callback) -> list[Address]:
    """What the name stands for now, IPv4 first: not every network of ours has the other."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return sorted({(family, address) for family, _, _, _, address in found})  # type: ignore[misc]


def _exchange(target: Callback, addresses: list[Address], body: bytes) -> int:
    """Sends the request and reads the status it is answered with; nothing behind it is read."""
    until = monotonic() + PATIENCE
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\nUser-Agent: omnihub\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with ExitStack() as stack:
        plain = stack.enter_context(_connected(addresses, until))
        plain.settimeout(_left(until))
        # The certificate must be the name's, whatever the address.
        line = stack.enter_context(_tls().wrap_socket(plain, server_hostname=target.host)) if target.secure else plain
        line.settimeout(_left(until))
        line.sendall(head.encode() + body)
        return _status(line, until)


def _connected(addresses: list[Address], until: float) -> socket.socket:
    for index, (family, address) in enumerate(addresses):
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.settimeout(_left(until) / (len(addresses) - index))
            made.connect(address)
        except OSError:
            made.close()
            if index + 1 == len(addresses):
                raise
        else:
            return made
    raise OSError("the name stands for no address")


def _status(line: socket.socket, until: float) -> int:
    """The number in `HTTP/1.1 201 Created`."""
    read = b""
    while b"\r\n" not in read and len(read) < LINE:
        line.settimeout(_left(until))
        part = line.recv(LINE - len(read))
        if not part:
            break
        read += part
    version, _, rest = read.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise Unanswered("no status")
    return int(rest[:3])


def _left(until: float) -> float:
    if (left := until - monotonic()) <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    """The system's certificates, read once."""
    return ssl.create_default_context()
