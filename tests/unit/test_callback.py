"""Where a subscriber may be told: what an address must look like, and where it must not lead."""

from ipaddress import ip_address

import pytest

from functions.shared.errors import Malformed
from functions.subscription import callback

# Every kind of address that is not the internet at large, by its first, its last or its best known.
FORBIDDEN = """
0.0.0.0 0.255.255.255                               this network
10.0.0.0 10.255.255.255                             private
100.64.0.0 100.127.255.255                          carriers' NAT
127.0.0.1 127.255.255.254                           loopback
169.254.0.1 169.254.169.254 169.254.170.2           link local: the metadata of machines and of containers
172.16.0.1 172.31.255.255                           private
192.0.0.1 192.0.0.192                               protocols, and the metadata of other clouds
192.0.2.1 198.51.100.1 203.0.113.1                  documentation
192.88.99.1                                         6to4 relays
192.168.0.1 192.168.255.255                         private
198.18.0.1 198.19.255.255                           benchmarks
224.0.0.1 239.255.255.255                           multicast
240.0.0.1 255.255.255.255                           reserved and broadcast
:: ::1                                              unspecified and loopback
::ffff:8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254   IPv4, mapped
::127.0.0.1 ::8.8.8.8                               IPv4, compatible
64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1    IPv4, translated
100::1                                              discarded
2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2        Teredo
2001:10::1 2001:20::1 2001:1ff:ffff::1              ORCHID and other protocols
2001:db8::1 3fff::1 3fff:fff::1                     documentation
2002:7f00:1::1 2002:a9fe:a9fe::1 2002:808:808::1    6to4
5f00::1 4000::1                                     not given to anybody
fc00::1 fd00:ec2::254 fdff::1                       unique local: the metadata of machines too
fe80::1 fec0::1                                     link local and site local
ff02::1 ff0e::1                                     multicast
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255 169.255.0.0
172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2606:4700::1111 2a00:1450::1 2001:200::1 2001:4860:4860::8888 2003::1 3ffe::1
"""


def _addresses(table: str) -> list[str]:
    return [word for line in table.split("\n") for word in line.split() if _is_address(word)]


def _is_address(word: str) -> bool:
    try:
        return bool(ip_address(word)) and not word.isalpha()
    except ValueError:
        return False


def _written(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def test_the_tables_are_read() -> None:
    assert (len(_addresses(FORBIDDEN)), len(_addresses(PUBLIC))) == (58, 25)


@pytest.mark.parametrize("address", _addresses(FORBIDDEN))
def test_an_address_that_is_not_public_is_refused_written_or_looked_up(address: str) -> None:
    with pytest.raises(Malformed, match="public address"):
        callback.read(f"https://{_written(address)}/hub", loopback=False)
    named = callback.read("https://partner.example/hub", loopback=False)
    with pytest.raises(Malformed, match="public address"):
        callback.must_be_open(named, [address], loopback=False)
    with pytest.raises(Malformed, match="public address"):  # one of several is enough
        callback.must_be_open(named, ["8.8.8.8", address], loopback=False)


@pytest.mark.parametrize("address", _addresses(PUBLIC))
def test_a_public_address_may_be_called(address: str) -> None:
    assert callback.read(f"https://{_written(address)}/hub", loopback=False).host == address
    callback.must_be_open(callback.read("https://a.example", loopback=False), [address], loopback=False)


@pytest.mark.parametrize("address", _addresses(FORBIDDEN))
def test_where_this_machine_may_be_called_only_its_loopback_is_added(address: str) -> None:
    mapped = ip_address(address)
    if mapped.is_loopback and "ffff" not in address:
        assert callback.read(f"http://{_written(address)}:8080/hub", loopback=True).port == 8080
    else:
        for scheme in ("http", "https"):
            with pytest.raises(Malformed, match="public address"):
                callback.read(f"{scheme}://{_written(address)}:8080/hub", loopback=True)


@pytest.mark.parametrize("address", _addresses(PUBLIC))
def test_nobody_is_called_over_the_internet_without_tls(address: str) -> None:
    for loopback in (True, False):
        with pytest.raises(Malformed):
            callback.read(f"http://{_written(address)}:8080/hub", loopback=loopback)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "partner.example",
        "//partner.example/hub",
        "http://partner.example/hub",
        "ftp://partner.example/hub",
        "file:///etc/passwd",
        "https://",
        "https:///hub",
        "https://user@partner.example/hub",
        "https://user:secret@partner.example/hub",
        "https://partner.example@127.0.0.1/hub",
        "https://partner.example/hub?to=1",
        "https://partner.example/hub?",
        "https://partner.example/hub#here",
        "https://partner.example:0/hub",
        "https://partner.example:22/hub",
        "https://partner.example:80/hub",
        "https://partner.example:1023/hub",
        "https://partner.example:65536/hub",
        "https://partner.example:x/hub",
        "https://partner.example/a b",
        "https://partner.example/hub\r\nX-More: 1",
        "https://partner.example/hub\n",
        "https://partner.example\t/hub",
        "https://partner.example\\@elsewhere.example/hub",
        "https://pärtner.example/hub",
        "https://[::1/hub",
        "https://[fe80::1%25eth0]/hub",
        "https://-partner.example/hub",
        "https://999.1.1.1/hub",
        "https://2130706433/hub",
        "https://127.1/hub",
        f"https://partner.example/{'a' * 2000}",
    ],
)
def test_what_is_no_address_to_call_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(Malformed, match=r"^callback .+\.$") as refused:
        callback.read(written, loopback=False)
    assert refused.value.code == "badCallback"


def test_what_is_called_follows_from_what_was_written() -> None:
    plain = callback.read("https://Partner.example/omni/hub/", loopback=False)
    assert (plain.host, plain.port, plain.path, plain.authority) == (
        "partner.example",
        443,
        "/omni/hub",
        "partner.example",
    )
    other = callback.read("https://[2606:4700::1111]:8443", loopback=False)
    assert (other.host, other.port, other.path, other.authority) == (
        "2606:4700::1111",
        8443,
        "",
        "[2606:4700::1111]:8443",
    )
