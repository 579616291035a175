"""Where messages may be sent: a public address over TLS, looked up once and then connected to.

Whoever registers a webhook chooses where this machine connects to. Without this check it could be
the database next to it, or the address from which a cloud hands out its machine's credentials.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""

_PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa")
"""RFC 6761, 6762 and 8375, and what ICANN keeps free for private use."""

_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")

_PORTS = {"https": 443, "http": 80}


class AddressRefused(Exception):
    """Nothing is sent there; the message says why."""


@dataclass(frozen=True)
class Target:
    """Where to connect to, and what to ask for there."""

    ip: str
    port: int
    host: str
    """As it was written; certificate and `Host` header are about it."""


def checked_url(url: str, *, allow_private: bool) -> SplitResult:
    """Return the parts of an address that may be registered; names are looked up when sending.

    Raises
    ------
    AddressRefused
        It is no https address, carries credentials, or names an address that is not public.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("is no address") from None
    schemes = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise AddressRefused("must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("must not hold a user or a password: the signature proves who sends")
    if parts.fragment or port == 0 or not url.isascii() or " " in url or not url.isprintable():
        raise AddressRefused(
            "must hold no fragment, blank, control character or letter beyond ASCII"
        )
    if not allow_private:
        _check_name(parts.hostname)
    return parts


def resolve(url: str, *, allow_private: bool) -> Target:
    """Return where to connect to. The name is looked up here and never again for this message.

    Raises
    ------
    AddressRefused
        The name is unknown, or any of its addresses is not public.
    """
    parts = checked_url(url, allow_private=allow_private)
    host = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        message = f"the name {host} is not known"
        raise AddressRefused(message) from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not allow_private and not all(is_public(address) for address in addresses):
        message = f"{host} is not at a public address"
        raise AddressRefused(message)
    # One address is tried. Machines without IPv6 are common, servers without IPv4 are not.
    chosen = min(addresses, key=lambda address: address.version)
    return Target(ip=str(chosen), port=port, host=host)


def is_public(address: IpAddress) -> bool:
    """Tell whether anybody on the internet could be reached there, also behind IPv6's wrappings."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            wrapped = ipaddress.IPv4Address(address.packed[-4:])
        if address.teredo is not None:
            return False
        if wrapped is not None:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _check_name(host: str) -> None:
    """Refuse what needs no lookup to be known as no public address."""
    try:
        is_private = not is_public(ipaddress.ip_address(host))
    except ValueError:
        name = host.rstrip(".").lower()
        is_private = (
            "." not in name
            or name.endswith(_PRIVATE_NAMES)
            # Old spellings of numbers, as 127.1 and 0x7f.1, which a lookup still takes.
            or _NUMBER.fullmatch(name.rpartition(".")[2]) is not None
        )
    if is_private:
        raise AddressRefused(
            "must be a public address, not one of this machine or its network;"
            " whoever runs the service may allow those: FACE_MONITOR_WEBHOOK_ALLOW_PRIVATE"
        )
