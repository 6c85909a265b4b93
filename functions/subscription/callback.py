"""Where a subscriber may be told: https and public addresses only, by a list of what is not. Pure.

An address is written by whoever subscribes, and the hub calls it from inside: it must lead to nothing of ours.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from functions.shared.errors import Malformed

LONGEST = 2000  # characters
WRITTEN = re.compile(r"[!#-;=?-\[\]_a-z~]+\Z")  # what RFC 3986 lets stand in an address
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")
HTTPS, HTTP, FREE = 443, 80, 1024  # below the free ports only the scheme's own may be named

# Python's own `is_global` says otherwise in other versions, and holds what embeds an address of ours for public.
NOT_PUBLIC = [
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link local, and the metadata of a machine
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# Of IPv6 only global unicast is public; mapped, translated, local and multicast addresses lie outside of it.
PUBLIC_6 = IPv6Network("2000::/3")
NOT_PUBLIC_6 = [
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocols: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which embeds any IPv4 address
        "3fff::/20",  # documentation
    )
]


@dataclass(frozen=True)
class Callback:
    """An address as it is called."""

    secure: bool
    host: str
    port: int
    path: str  # without a slash behind

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (HTTPS if self.secure else HTTP) else f"{host}:{self.port}"


def read(written: str, *, loopback: bool) -> Callback:
    """The address that a subscriber wrote; raises Malformed for one that is never called.

    `loopback` also lets this machine be called, without TLS, as the hub on one machine does.
    """
    if len(written) > LONGEST or not WRITTEN.match(written):
        raise _refused(f"must be an address of at most {LONGEST} characters, percent-encoded where need be")
    try:
        parts = urlsplit(written)
        port, host = parts.port, parts.hostname or ""
        literal = ip_address(host) if ":" in host or host.replace(".", "").isdigit() else None
    except ValueError:
        raise _refused("is no address that can be called") from None
    if "@" in parts.netloc or "?" in written or "#" in written:
        raise _refused("must have neither a user name nor a query nor a fragment")
    if parts.scheme not in (("https", "http") if loopback else ("https",)):
        raise _refused("must begin with https://")
    if not literal and not NAME.match(host):
        raise _refused("names no host")
    secure = parts.scheme == "https"
    found = Callback(secure, host, (HTTPS if secure else HTTP) if port is None else port, parts.path.rstrip("/"))
    if found.port < FREE and found.port != (HTTPS if secure else HTTP):
        raise _refused(f"must name the port {HTTPS} or one from {FREE} on")
    if literal:
        must_be_open(found, [str(literal)], loopback=loopback)
    return found


def must_be_open(callback: Callback, addresses: Iterable[str], *, loopback: bool) -> None:
    """Raises Malformed where any of the addresses that its name stands for may not be called."""
    for address in map(ip_address, addresses):
        if not ((loopback and address.is_loopback) or (callback.secure and public(address))):
            raise _refused("must lead to a public address")


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the internet at large."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC)
    return address in PUBLIC_6 and not any(address in network for network in NOT_PUBLIC_6)


def _refused(why: str) -> Malformed:
    return Malformed(f"callback {why}.", code="badCallback")
