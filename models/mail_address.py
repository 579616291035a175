"""Where alert e-mails go: the mail server and the people, as the settings write them."""

from dataclasses import dataclass
from email.headerregistry import Address, AddressHeader, BaseHeader
from email.policy import SMTP
from typing import cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}

_SWITCH = {"true": True, "1": True, "false": False, "0": False}

_FORM = (
    "must be smtp://user:password@host:port or smtps://…; "
    "smtp://…?starttls=true encrypts after the greeting"
)


@dataclass(frozen=True)
class MailServer:
    """How the mail server is reached."""

    host: str
    port: int
    is_tls: bool
    """Encrypted from the first byte."""
    starttls: bool
    """Encrypted after the greeting."""
    user: str
    password: str


def mail_server(url: str) -> MailServer:
    """Return the mail server of an address such as `smtp://user:password@host:port`.

    Raises
    ------
    ValueError
        It cannot be used; the message says what is wrong, and repeats no password.
    """
    try:
        address = urlsplit(url)
    except ValueError:
        raise ValueError(_FORM) from None
    if address.scheme not in _PORTS or not address.hostname:
        raise ValueError(_FORM)
    _check_host(address.hostname)
    is_tls, starttls = address.scheme == "smtps", _starttls(address)
    if is_tls and starttls:
        message = "must be smtps://… or end in ?starttls=true, not both: smtps encrypts already"
        raise ValueError(message)
    return MailServer(
        host=address.hostname,
        port=_port(address),
        is_tls=is_tls,
        starttls=starttls,
        user=unquote(address.username or ""),
        password=unquote(address.password or ""),
    )


def mail_addresses(text: str) -> tuple[Address, ...]:
    """Return the people of a list with commas; none of an empty one.

    Raises
    ------
    ValueError
        One of them is no address.
    """
    if not text.strip():
        return ()
    message = "must be e-mail addresses, separated by commas: proctor@example.org"
    try:
        header: BaseHeader = SMTP.header_factory("To", text)
    except ValueError:
        raise ValueError(message) from None
    addresses = cast("AddressHeader", header).addresses
    if header.defects or not all(one.domain for one in addresses):
        raise ValueError(message)
    return addresses


def _check_host(host: str) -> None:
    try:
        host.encode("idna")
        is_name = not any(letter.isspace() for letter in host)
    except UnicodeError:
        is_name = False
    if not is_name:
        message = "must name a host after the @, as in smtp://mail.example.org:587"
        raise ValueError(message)


def _port(address: SplitResult) -> int:
    try:
        port = _PORTS[address.scheme] if address.port is None else address.port
    except ValueError:
        port = 0
    if port == 0:
        message = (
            "must have a port from 1 to 65535 after the host, or none. "
            "Percent-encode special letters of user and password"
        )
        raise ValueError(message)
    return port


def _starttls(address: SplitResult) -> bool:
    given = parse_qs(address.query, keep_blank_values=True)
    wanted = given.pop("starttls", ["false"])[-1].lower()
    # What is misspelt here would send the password unencrypted.
    if given or wanted not in _SWITCH or address.fragment or address.path not in {"", "/"}:
        message = (
            "may have nothing after the port but ?starttls=true. "
            "Percent-encode special letters of user and password"
        )
        raise ValueError(message)
    return _SWITCH[wanted]
