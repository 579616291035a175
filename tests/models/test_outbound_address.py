"""Nothing is sent to where only this machine can reach."""

import socket

import pytest

from models.outbound_address import AddressRefused, checked_url, resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/hook",
        "ftp://lms.example/hook",
        "https:///hook",
        "https://user:password@lms.example/",
        "https://lms.example/#part",
        "https://lms.example/a b",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://lms.example:99999/",
        "https://localhost/",
        "https://LOCALHOST.:8443/",
        "https://hook.localhost/",
        "https://redis:6379/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://127.1/",
        "https://2130706433/",
        "https://10.0x7f/",
    ],
)
def test_address_that_is_not_public_or_not_plain_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url, allow_private=False)


@pytest.mark.parametrize("url", ["https://lms.example/hook?a=1", "https://8.8.8.8:8443/"])
def test_public_address_is_taken(url: str) -> None:
    assert checked_url(url, allow_private=False).geturl() == url


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1"])
def test_name_that_leads_to_this_machine_is_refused_when_it_is_looked_up(host: str) -> None:
    with pytest.raises(AddressRefused):
        resolve(f"https://{host}/", allow_private=False)


def test_one_private_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lookup(*_asked: object, **_more: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(AddressRefused, match="not at a public address"):
        resolve("https://lms.example/", allow_private=False)


def test_unknown_name_is_told() -> None:
    with pytest.raises(AddressRefused, match="not known"):
        resolve("https://nobody.invalid/", allow_private=False)


def test_operator_may_allow_private_addresses() -> None:
    target = resolve("http://localhost:8123/hook", allow_private=True)
    assert (target.port, target.host) == (8123, "localhost")
    assert target.ip == "127.0.0.1"
